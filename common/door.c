/* The door: see door.h. */
#include "common/door.h"

#include "common/envelope.h"

#include <string.h>

enum {
    NO_SHARD = DOOR_SHARDS_MAX,
    TAKEN_MAX =
        64, /* of those who wait, a turn and shard: queries never fill a commit, and others have their turn too */
};

static size_t find_shard(const struct door *door, const char *authority)
{
    for (size_t at = 0; at < door->shards_count; at++)
        if (strcmp(shard_authority(door->shards[at]), authority) == 0)
            return at;
    return NO_SHARD;
}

static void fail(struct door *door, const struct bus_address *to, const Dw__Envelope *envelope,
                 const struct rejection *rejection)
{
    struct answer_head head = {.authority = envelope == NULL ? "" : envelope->authority};
    if (envelope != NULL)
        (void)id_from_data(&envelope->id, &head.to);
    buffer_clear(&door->out);
    envelope_failed(&head, rejection, &door->out);
    (void)bus_reply(door->bus, to, door->out.bytes, door->out.len);
}

static void reject(struct door *door, const struct bus_address *to, const Dw__Envelope *envelope,
                   const struct rejection *rejection)
{
    door->invalid++;
    fail(door, to, envelope, rejection);
}

/* Who asks is the key, unless the key speaks for others. */
static struct principal principal_of(const struct allowed_key *key, const Dw__Envelope *envelope)
{
    const bool speaks_for_others =
        key->role == DW__ROLE__ROLE_SERVICE || key->role == DW__ROLE__ROLE_GATEWAY;
    if (speaks_for_others && envelope->principal != NULL)
        return principal_from_message(envelope->principal);
    return (struct principal){
        .name = key->name, .role = key->role, .provider_id = key->provider_id};
}

/* Only a daemon may send what is never too late. */
static bool lacks_deadline(const struct allowed_key *key, const Dw__Envelope *envelope)
{
    return envelope->deadline_ms == 0 && key->role != DW__ROLE__ROLE_SERVICE;
}

/* --- requests that wait for room ---------------------------------------------------------------------------------- */

struct waiting_request {
    struct bus_address from;
    char public_key[KEY_TEXT_SIZE]; /* which may be revoked in the meantime */
    size_t len;                     /* of the envelope behind it */
};

static size_t waiting_for(const struct door_queue *queue)
{
    return queue->bytes.len - queue->at;
}

/* False when too much waits already. */
static bool queue_request(struct door *door, struct door_queue *queue,
                          const struct waiting_request *request, const void *bytes)
{
    const size_t size = sizeof *request + request->len;
    if (waiting_for(queue) + size > DOOR_WAITING_SHARD_MAX ||
        door->waiting_bytes + size > DOOR_WAITING_MAX)
        return false;
    if (queue->at > waiting_for(queue)) { /* so each byte is moved once at most */
        memmove(queue->bytes.bytes, queue->bytes.bytes + queue->at, waiting_for(queue));
        queue->bytes.len -= queue->at;
        queue->at = 0;
    }
    buffer_append(&queue->bytes, request, sizeof *request);
    buffer_append(&queue->bytes, bytes, request->len);
    door->waiting_bytes += size;
    return true;
}

static void give_to_shard(struct door *door, struct shard *shard, const struct bus_address *from,
                          const struct allowed_key *key, const Dw__Envelope *envelope)
{
    const struct principal principal = principal_of(key, envelope);
    shard_request(shard, loop_now(door->loop), from, &principal,
                  key->role == DW__ROLE__ROLE_SERVICE, envelope);
}

/* --- requests ------------------------------------------------------------------------------------------------------- */

static bool may_ask(struct door *door, size_t number, const struct bus_address *from,
                    const struct allowed_key *key, const Dw__Envelope *envelope)
{
    struct rejection rejection;
    const struct principal principal = principal_of(key, envelope);
    if (number == NO_SHARD || !allowed_for_authority(key, envelope->authority)) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_WRONG_AUTHORITY,
                      "This authority is not served here, or not for you.");
        reject(door, from, envelope, &rejection);
        return false;
    }
    if (strlen(principal.name) > KEY_NAME_MAX || principal.name[0] == '\0' ||
        lacks_deadline(key, envelope)) {
        rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_INVALID,
                      "A principal has a name of 1 to 64 bytes, and a request has a deadline.");
        reject(door, from, envelope, &rejection);
        return false;
    }
    return true;
}

/* Gives a shard what has waited for it, as far as there is room. True when there was any. */
static bool take_waiting(struct door *door, size_t number)
{
    struct shard *shard = door->shards[number];
    struct door_queue *queue = &door->queues[number];
    size_t taken = 0;
    for (;
         taken < TAKEN_MAX && waiting_for(queue) > 0 && !shard_defers(shard, loop_now(door->loop));
         taken++) {
        struct waiting_request request;
        Dw__Envelope *envelope;
        struct rejection rejection;
        memcpy(&request, queue->bytes.bytes + queue->at, sizeof request);
        const struct allowed_key *key = bus_key(door->bus, request.public_key);
        arena_reset(door->arena);
        if (key != NULL &&
            envelope_open(queue->bytes.bytes + queue->at + sizeof request, request.len, door->arena,
                          &envelope, &rejection) == 0 && /* as when it came */
            may_ask(door, number, &request.from, key, envelope))
            give_to_shard(door, shard, &request.from, key, envelope);
        queue->at += sizeof request + request.len;
        door->waiting_bytes -= sizeof request + request.len;
    }
    arena_reset(door->arena);
    if (taken > 0 && waiting_for(queue) == 0) {
        buffer_free(&queue->bytes);
        queue->at = 0;
    }
    return taken > 0;
}

/* Whose shard is full waits for it, behind those who do; the other councils' go on. */
static void take_envelope(struct door *door, const struct bus_address *from,
                          const struct allowed_key *key, const Dw__Envelope *envelope,
                          const void *bytes, size_t len)
{
    const size_t number = find_shard(door, envelope->authority);
    if (!may_ask(door, number, from, key, envelope))
        return;
    struct door_queue *queue = &door->queues[number];
    if (waiting_for(queue) == 0 && !shard_defers(door->shards[number], loop_now(door->loop))) {
        give_to_shard(door, door->shards[number], from, key, envelope);
        return;
    }
    struct waiting_request request = {.from = *from, .len = len};
    memcpy(request.public_key, key->public_key, sizeof request.public_key);
    if (queue_request(door, queue, &request, bytes))
        return;
    struct rejection rejection;
    rejection_set(&rejection, DW__ERROR_CODE__ERROR_CODE_BUSY,
                  "Too many wait for this council's service; it was not done, ask again.");
    rejection.retry_after_ms = SHARD_TAKE_MS;
    door->busy++;
    fail(door, from, envelope, &rejection);
}

/* With nobody to go on with, leaving the rest at the senders costs least. */
static bool all_defer(const struct door *door)
{
    size_t at = 0;
    while (at < door->shards_count && shard_defers(door->shards[at], loop_now(door->loop)))
        at++;
    return at == door->shards_count;
}

bool door_request(void *context, const struct bus_address *from, const struct allowed_key *key,
                  const void *bytes, size_t len)
{
    struct door *door = context;
    Dw__Envelope *envelope;
    struct rejection rejection;
    arena_reset(door->arena);
    if (envelope_open(bytes, len, door->arena, &envelope, &rejection) < 0)
        reject(door, from, NULL, &rejection);
    else if (envelope_check(envelope, &rejection) < 0)
        reject(door, from, envelope, &rejection);
    else
        take_envelope(door, from, key, envelope, bytes, len);
    arena_reset(door->arena);
    return !all_defer(door);
}

static bool read_failure(struct door *door, const Dw__Envelope *envelope, bool *ret_not_owner,
                         const char **ret_endpoint)
{
    *ret_not_owner = false;
    *ret_endpoint = "";
    if (strcmp(envelope->type, "Failed") != 0)
        return false;
    const Dw__Failed *failed =
        dw__failed__unpack(arena_allocator(door->arena), envelope->body.len, envelope->body.data);
    if (failed == NULL)
        return false;
    *ret_not_owner = failed->code == DW__ERROR_CODE__ERROR_CODE_NOT_OWNER;
    *ret_endpoint = failed->endpoint;
    return true;
}

void door_answer(void *context, struct bus_peer *peer, const void *bytes, size_t len)
{
    struct door *door = context;
    arena_reset(door->arena);
    const Dw__Envelope *envelope = dw__envelope__unpack(arena_allocator(door->arena), len, bytes);
    if (envelope == NULL)
        return;
    bool not_owner;
    const char *endpoint;
    (void)read_failure(door, envelope, &not_owner, &endpoint);
    routes_heard(door->routes, envelope->authority, peer, not_owner, endpoint);
    const size_t number = find_shard(door, envelope->authority);
    if (number != NO_SHARD)
        (void)shard_answer(door->shards[number], loop_now(door->loop), envelope);
    arena_reset(door->arena);
}

void door_batch(void *context, const char *topic, const void *bytes, size_t len, const void *digest,
                size_t digest_len)
{
    struct door *door = context;
    const char *slash = strchr(topic, '/');
    if (slash == NULL)
        return;
    for (size_t at = 0; at < door->shards_count; at++) {
        const char *authority = shard_authority(door->shards[at]);
        if (strlen(authority) == (size_t)(slash - topic) &&
            strncmp(authority, topic, (size_t)(slash - topic)) == 0)
            shard_batch(door->shards[at], loop_now(door->loop), slash + 1, bytes, len, digest,
                        digest_len);
    }
}

static void reply(void *context, const struct bus_address *to, const void *bytes, size_t len)
{
    struct door *door = context;
    (void)bus_reply(door->bus, to, bytes, len); /* what is lost is asked for again */
}

static void publish(void *context, const char *topic, const void *bytes, size_t len,
                    const void *digest, size_t digest_len)
{
    struct door *door = context;
    bus_publish(door->bus, topic, bytes, len, digest, digest_len);
}

static bool send_to(void *context, const char *authority, const char *service, const void *bytes,
                    size_t len)
{
    struct door *door = context;
    return routes_send(door->routes, loop_now(door->loop).boot_ms, authority, service, bytes, len);
}

static int64_t boot_ms_now(void *context)
{
    (void)context;
    return loop_boot_ms_now();
}

struct outlet door_outlet(struct door *door)
{
    return (struct outlet){.context = door,
                           .reply = reply,
                           .publish = publish,
                           .send = send_to,
                           .boot_ms_now = boot_ms_now};
}

bool door_turn(void *context)
{
    struct door *door = context;
    bool more = false;
    for (size_t at = 0; at < door->shards_count; at++) {
        const size_t number = (door->first + at) % door->shards_count;
        more = shard_turn(door->shards[number], loop_now(door->loop)) || more;
        more = take_waiting(door, number) || more; /* what it decided goes to disk in the next */
    }
    door->first++;
    return more;
}
