/* How a contract may move from state to state; the rows are in contract_moves.def. */
#ifndef DAYWAYS_CAPACITY_CONTRACT_MOVES_H
#define DAYWAYS_CAPACITY_CONTRACT_MOVES_H

#include <stdbool.h>
#include <stdint.h>

#include "capacity.pb-c.h"

#define STATE(name, value, word) CONTRACT_##name = DW__CONTRACT_STATE__CONTRACT_STATE_##value,
enum contract_state {
#include "services/capacity/contract_moves.def"
    CONTRACT_STATES,
};

#define MOVED(name, word) CONTRACT_MOVED_##name,
enum contract_moved {
#include "services/capacity/contract_moves.def"
    CONTRACT_MOVED_COUNT,
};

/* The state an event leads to; false when it leads nowhere from there. */
bool capacity_contract_move_find(enum contract_state from, enum contract_moved event,
                                 enum contract_state *ret_to);

/* Moves the contract, the only place that assigns its state. False, and nothing is changed, when there is no such move. */
bool capacity_contract_move(Dw__ContractStanding *standing, enum contract_moved event);

/* The words of contract_moves.def: "live", "ContractExtended". */
const char *capacity_contract_state_name(enum contract_state state);
const char *capacity_contract_moved_name(enum contract_moved event);

#endif
