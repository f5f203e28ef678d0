/* What events of contracts and frameworks change. See evolve.c. */
#include "services/capacity/state.h"

void capacity_evolve_contract_agreed(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded)
{
    (void)recorded;
    const Dw__Contract *contract = ((const Dw__ContractAgreed *)event)->contract;
    const struct id id = id_or_zero(&contract->contract_id);
    entities_put(state->entities, KIND_CONTRACT, &id, 0, &contract->base);
}

/* All events that follow tell how the contract stands then, in the same fields; its state is moved here, from what it was. */
static void stand(struct state *state, const ProtobufCMessage *event, enum contract_moved moved)
{
    const Dw__ContractExtended *told = (const Dw__ContractExtended *)event;
    struct id id = {0};
    Dw__ContractStanding standing = *told->standing;
    (void)id_from_data(&told->contract->contract_id, &id);
    standing.state = capacity_standing(state, told->contract).state;
    if (!capacity_contract_move(&standing, moved)) {
        state->contract_moves_ignored[standing.state][moved]++;
        return;
    }
    entities_put(state->entities, KIND_STANDING, &id, 0, &standing.base);
}

void capacity_evolve_contract_extended(struct state *state, const ProtobufCMessage *event,
                                       const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_EXTENDED);
}

void capacity_evolve_contract_closed(struct state *state, const ProtobufCMessage *event,
                                     const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_CLOSED);
}

void capacity_evolve_contract_reopened(struct state *state, const ProtobufCMessage *event,
                                       const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_REOPENED);
}

void capacity_evolve_contract_end_set(struct state *state, const ProtobufCMessage *event,
                                      const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_END_SET);
}

void capacity_evolve_contract_nears_end(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_NEARS_END);
}

void capacity_evolve_contract_ended(struct state *state, const ProtobufCMessage *event,
                                    const struct recorded *recorded)
{
    (void)recorded;
    stand(state, event, CONTRACT_MOVED_ENDED);
}

void capacity_evolve_framework_extended(struct state *state, const ProtobufCMessage *event,
                                        const struct recorded *recorded)
{
    (void)recorded;
    const Dw__FrameworkExtended *extended = (const Dw__FrameworkExtended *)event;
    const struct id id = capacity_framework_id(extended->framework);
    Dw__FrameworkTerm term = DW__FRAMEWORK_TERM__INIT;
    term.framework = extended->framework;
    term.to = extended->to;
    term.extensions_exercised = extended->extensions_exercised;
    entities_put(state->entities, KIND_FRAMEWORK_TERM, &id, 0, &term.base);
}
