/* The tables of placements: what it can be told, what it says, what it asks of capacity, what it can be asked. */
#include "services/placements/placements.h"

#include "services/placements/state.h"

#include "model.pb-c.h"

enum {
    OPERATOR = ROLE_BIT(DW__ROLE__ROLE_OPERATOR),
    COUNCIL = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER),
    PROVIDER = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER),
    READERS = COUNCIL | PROVIDER | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |
              ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER) | ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) |
              ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |
              ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_SERVICE),
};

static const struct entity_kind kinds[] = {
    [PLACEMENTS_KIND_PLACEMENT] = {&dw__placement__descriptor},
    {NULL},
};

static const struct command_row commands[] = {
    {&dw__propose_placement__descriptor, placements_decide_propose, COUNCIL},
    {&dw__accept_offer__descriptor, placements_decide_accept_offer, PROVIDER},
    {&dw__decline_offer__descriptor, placements_decide_decline_offer, PROVIDER},
    {&dw__start_placement__descriptor, placements_decide_start, COUNCIL | PROVIDER},
    {&dw__end_placement__descriptor, placements_decide_end, COUNCIL | PROVIDER},
    {&dw__cancel_placement__descriptor, placements_decide_cancel, COUNCIL},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__placement_proposed__descriptor, placements_evolve_proposed},
    {&dw__placement_offered__descriptor, placements_evolve_offered},
    {&dw__offer_accepted__descriptor, placements_evolve_offer_accepted},
    {&dw__hold_replaced__descriptor, placements_evolve_hold_replaced},
    {&dw__placement_accepted__descriptor, placements_evolve_accepted},
    {&dw__placement_declined__descriptor, placements_evolve_declined},
    {&dw__placement_lapsed__descriptor, placements_evolve_lapsed},
    {&dw__placement_started__descriptor, placements_evolve_started},
    {&dw__placement_ended__descriptor, placements_evolve_ended},
    {&dw__placement_cancelled__descriptor, placements_evolve_cancelled},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__get_placement__descriptor, placements_query_get, READERS},
    {&dw__list_placements__descriptor, placements_query_list, READERS},
    {NULL, NULL, 0},
};

static const struct settlement_row settlements[] = {
    {&dw__hold_places__descriptor, placements_settle_hold_places},
    {&dw__confirm_hold__descriptor, placements_settle_confirm_hold},
    {&dw__release_hold__descriptor, placements_settle_giving_back},
    {&dw__end_booking__descriptor, placements_settle_giving_back},
    {NULL, NULL},
};

static const char *const asks[] = {"capacity", NULL};

const struct service placements_service = {
    .name = "placements",
    .summary = "places for people, from the proposal to the end of support",
    .model = &dw__commissioning_model__descriptor,
    .refusals = &dw__placements_refusal__descriptor,
    .kinds = kinds,
    .commands = commands,
    .events = events,
    .queries = queries,
    .settlements = settlements,
    .asks = asks,
    .create = placements_create,
    .destroy = placements_destroy,
    .index = placements_index,
};
