/* The tables of the capacity service. */
#include "services/capacity/capacity.h"

#include "model.pb-c.h"
#include "services/capacity/decide.h"
#include "services/capacity/due.h"
#include "services/capacity/query.h"

/* Who places people; placements' commands carry the person behind them. */
#define ROLES_PLACING                                                                              \
    (ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |                         \
     ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) | ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER) |          \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_SERVICE))

/* Who keeps the register of providers and services. */
#define ROLES_KEEPING                                                                              \
    (ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |            \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR))

/* Everybody but the gateway, which asks in a person's name. */
#define ROLES_READING                                                                              \
    ((ROLE_BIT(DW__ROLE__ROLE_GATEWAY) - 1) & ~ROLE_BIT(DW__ROLE__ROLE_UNSPECIFIED))

/* The council and its daemons: a provider does not search among the others. */
#define ROLES_SEARCHING                                                                            \
    (ROLES_READING &                                                                               \
     ~(ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER) | ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER)))

static const struct entity_kind kinds[] = {
    [KIND_PROVIDER] = {&dw__provider__descriptor}, [KIND_CONTRACT] = {&dw__contract__descriptor},
    [KIND_SERVICE] = {&dw__service__descriptor},   [KIND_SESSION] = {&dw__session__descriptor},
    [KIND_BOOKING] = {&dw__booking__descriptor},   {NULL},
};

static const struct command_row commands[] = {
    {&dw__register_provider__descriptor, capacity_decide_register_provider, ROLES_KEEPING},
    {&dw__agree_contract__descriptor, capacity_decide_agree_contract, ROLES_KEEPING},
    {&dw__register_service__descriptor, capacity_decide_register_service, ROLES_KEEPING},
    {&dw__set_session__descriptor, capacity_decide_set_session, ROLES_KEEPING},
    {&dw__hold_places__descriptor, capacity_decide_hold_places, ROLES_PLACING},
    {&dw__extend_hold__descriptor, capacity_decide_extend_hold, ROLES_PLACING},
    {&dw__confirm_hold__descriptor, capacity_decide_confirm_hold, ROLES_PLACING},
    {&dw__release_hold__descriptor, capacity_decide_release_hold, ROLES_PLACING},
    {&dw__end_booking__descriptor, capacity_decide_end_booking, ROLES_PLACING},
    {&dw__expire_hold__descriptor, capacity_decide_expire_hold, 0},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__provider_registered__descriptor, capacity_evolve_provider_registered},
    {&dw__contract_agreed__descriptor, capacity_evolve_contract_agreed},
    {&dw__service_registered__descriptor, capacity_evolve_service_registered},
    {&dw__session_set__descriptor, capacity_evolve_session_set},
    {&dw__places_held__descriptor, capacity_evolve_places_held},
    {&dw__hold_extended__descriptor, capacity_evolve_hold_extended},
    {&dw__hold_confirmed__descriptor, capacity_evolve_hold_confirmed},
    {&dw__hold_released__descriptor, capacity_evolve_hold_released},
    {&dw__hold_expired__descriptor, capacity_evolve_hold_expired},
    {&dw__booking_ended__descriptor, capacity_evolve_booking_ended},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__find_capacity__descriptor, capacity_query_find_capacity, ROLES_SEARCHING},
    {&dw__get_service__descriptor, capacity_query_get_service, ROLES_READING},
    {&dw__list_services__descriptor, capacity_query_list_services, ROLES_READING},
    {&dw__occupancy__descriptor, capacity_query_occupancy, ROLES_READING},
    {NULL, NULL, 0},
};

const struct service capacity_service = {
    .name = "capacity",
    .summary = "providers, contracts, services, sessions and who has which chair",
    .model = &dw__commissioning_model__descriptor,
    .refusals = &dw__capacity_refusal__descriptor,
    .kinds = kinds,
    .commands = commands,
    .events = events,
    .queries = queries,
    .create = capacity_create,
    .destroy = capacity_destroy,
    .index = capacity_index,
    .due = capacity_due,
};
