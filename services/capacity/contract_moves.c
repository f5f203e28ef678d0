/* The table of a contract's moves, made from contract_moves.def. */
#include "services/capacity/contract_moves.h"

/* 0 is NONE, to which nothing leads, so an empty cell means: no such move. */
#define MOVE(from, event, to) [CONTRACT_##from][CONTRACT_MOVED_##event] = CONTRACT_##to,
static const uint8_t moves[CONTRACT_STATES][CONTRACT_MOVED_COUNT] = {
#include "services/capacity/contract_moves.def"
};

#define STATE(name, value, word) [CONTRACT_##name] = word,
static const char *const state_names[CONTRACT_STATES] = {
#include "services/capacity/contract_moves.def"
};

#define MOVED(name, word) [CONTRACT_MOVED_##name] = word,
static const char *const moved_names[CONTRACT_MOVED_COUNT] = {
#include "services/capacity/contract_moves.def"
};

_Static_assert((int)CONTRACT_NONE == 0, "an empty cell must mean that there is no move");

bool capacity_contract_move_find(enum contract_state from, enum contract_moved event,
                                 enum contract_state *ret_to)
{
    if (from >= CONTRACT_STATES || event >= CONTRACT_MOVED_COUNT ||
        moves[from][event] == CONTRACT_NONE)
        return false;
    *ret_to = (enum contract_state)moves[from][event];
    return true;
}

bool capacity_contract_move(Dw__ContractStanding *standing, enum contract_moved event)
{
    enum contract_state to;
    if (!capacity_contract_move_find((enum contract_state)standing->state, event, &to))
        return false;
    standing->state = (Dw__ContractState)to;
    return true;
}

const char *capacity_contract_state_name(enum contract_state state)
{
    return state_names[state];
}

const char *capacity_contract_moved_name(enum contract_moved event)
{
    return moved_names[event];
}
