#!lua name=dayways_2
-- The store's side of a shard: see common/store.h. A script has no rollback, so everything is checked before the first
-- write, and the first write (XADD) is the only one whose content could be refused. Numbers travel as text: a Lua
-- number is a double. unpack fails at 8,000 values, so long lists go in pieces.

local PIECE = 4000
local REPLIES_KEPT_S = 9 * 24 * 60 * 60 -- from the first of a day, so that the last is kept for 8

local function many(command, key, args, first, count)
    while count > 0 do
        local piece = count < PIECE and count or PIECE
        redis.call(command, key, unpack(args, first, first + piece - 1))
        first = first + piece
        count = count - piece
    end
    return first
end

-- keys: head live journal outbox replies vault
-- args: version, next version, epoch, seq, digest, first seq, batch, day of the replies, then how many values of: live set,
--       live removed, outbox set, outbox removed, replies, vault; then those values
local function commit(keys, args)
    local head = redis.call('HMGET', keys[1], 'version', 'epoch')
    if head[2] ~= args[3] then return 'EPOCH' end
    if head[1] ~= args[1] then return 'VERSION' end
    if args[7] ~= '' then
        redis.call('XADD', keys[3], args[6] .. '-0', 'b', args[7], 'd', args[5])
    end
    redis.call('HSET', keys[1], 'version', args[2], 'seq', args[4], 'digest', args[5], 'day', args[8])
    local at = many('HSET', keys[2], args, 15, tonumber(args[9]))
    at = many('HDEL', keys[2], args, at, tonumber(args[10]))
    at = many('HSET', keys[4], args, at, tonumber(args[11]))
    at = many('HDEL', keys[4], args, at, tonumber(args[12]))
    local replies = tonumber(args[13])
    if replies > 0 then
        at = many('HSET', keys[5], args, at, replies)
        redis.call('EXPIRE', keys[5], REPLIES_KEPT_S, 'NX')
    end
    many('HSET', keys[6], args, at, tonumber(args[14]))
    return 'OK'
end

-- keys: head owner; args: owner, lease in ms, history for a new shard
-- Raises the epoch, which fences every older connection, our own included.
local function take(keys, args)
    local owner = redis.call('GET', keys[2])
    if owner and owner ~= args[1] then
        return {'HELD', owner, tostring(redis.call('PTTL', keys[2]))}
    end
    redis.call('SET', keys[2], args[1], 'PX', args[2])
    redis.call('HINCRBY', keys[1], 'epoch', 1)
    if redis.call('HSETNX', keys[1], 'history', args[3]) == 1 then
        redis.call('HSET', keys[1], 'version', '0', 'seq', '0', 'digest', string.rep('\0', 32), 'day', '0')
    end
    return {'TAKEN', unpack(redis.call('HMGET', keys[1], 'version', 'seq', 'epoch', 'digest', 'history', 'day'))}
end

-- keys: owner; args: owner, lease in ms (0: give it up)
local function renew(keys, args)
    if redis.call('GET', keys[1]) ~= args[1] then return 'LOST' end
    if args[2] == '0' then redis.call('DEL', keys[1]) else redis.call('PEXPIRE', keys[1], args[2]) end
    return 'OK'
end

-- keys: replies; args: cursor. The ids alone: the records are read one by one, when they are asked for again.
local function reply_ids(keys, args)
    local found = redis.call('HSCAN', keys[1], args[1], 'COUNT', 2000)
    local ids = {}
    for at = 1, #found[2], 2 do ids[#ids + 1] = found[2][at] end
    return {found[1], ids}
end

redis.register_function('dw_commit_2', commit)
redis.register_function('dw_take_2', take)
redis.register_function('dw_renew_2', renew)
redis.register_function{function_name = 'dw_reply_ids_2', callback = reply_ids, flags = {'no-writes'}}
