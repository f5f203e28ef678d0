/* What the capacity service is: its tables. */
#include "services/capacity/capacity.h"

#include "services/capacity/state.h"

#include "proto/model_check.h"

#define COUNCIL                                                                                    \
    (ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |                         \
     ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) | ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) |           \
     ROLE_BIT(DW__ROLE__ROLE_SAFEGUARDING_LEAD) | ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) |       \
     ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) | ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER) |    \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_SERVICE) |                        \
     ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR))

/* Who keeps the lists of what there is. */
#define KEEPERS                                                                                    \
    (ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |            \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR))

/* Who looks after quality. */
#define MONITORS                                                                                   \
    (ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |            \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR))

/* The council's people: whoever hears of something wrong may say it. */
#define STAFF (COUNCIL & ~(ROLE_BIT(DW__ROLE__ROLE_SERVICE) | ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR)))

/* Who holds chairs and gives holds back: brokers, and the placements daemon for whoever stands behind it. A provider never
 * asks here itself: it could give up what is not its own. */
#define PLACERS                                                                                    \
    (ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR) |                         \
     ROLE_BIT(DW__ROLE__ROLE_SERVICE))

/* Who makes bookings of holds and ends them: the placements daemon, which knows what stands behind each, and whoever sets right
 * what it left. A broker tells placements: a booking that ended behind its back would leave a placement without a chair. */
#define BOOKERS (ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_SERVICE))

/* Who says what else a provider's own sessions are used for. */
#define PROVIDER_MANAGERS ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER)

/* Who may say that sittings do not take place, or do again: a provider of its own, the council of all. */
#define CLOSERS                                                                                    \
    (PROVIDER_MANAGERS | ROLE_BIT(DW__ROLE__ROLE_BROKER) |                                         \
     ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |            \
     ROLE_BIT(DW__ROLE__ROLE_OPERATOR))

/* Who runs services; they see their own. */
#define PROVIDERS                                                                                  \
    (ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER) | ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER))

static const struct entity_kind kinds[] = {
    [KIND_PROVIDER] = {&dw__provider__descriptor},
    [KIND_CONTRACT] = {&dw__contract__descriptor},
    [KIND_SERVICE] = {&dw__service__descriptor},
    [KIND_SESSION] = {&dw__session__descriptor},
    [KIND_BOOKING] = {&dw__booking__descriptor},
    [KIND_OUTSIDE] = {&dw__outside_use__descriptor},
    [KIND_CONFIRMATION] = {&dw__confirmation__descriptor},
    [KIND_STANDING] = {&dw__contract_standing__descriptor},
    [KIND_FRAMEWORK_TERM] = {&dw__framework_term__descriptor},
    [KIND_LIMITS] = {&dw__limit_schedule__descriptor},
    [KIND_CLOSURE] = {&dw__closure__descriptor},
    [KIND_TELLING] = {&dw__telling__descriptor},
    [KIND_VISIT] = {&dw__visit__descriptor},
    [KIND_VISIT_STANDING] = {&dw__visit_standing__descriptor},
    [KIND_ACTION] = {&dw__improvement_action__descriptor},
    [KIND_CONCERN] = {&dw__concern__descriptor},
    [KIND_ASSURANCE] = {&dw__assurance__descriptor},
    [KIND_SUSPENSION] = {&dw__standing_suspension__descriptor},
    [KIND_RATES] = {&dw__rate_standing__descriptor},
    [KIND_STRANDED] = {&dw__stranded_booking__descriptor},
    {NULL},
};

static const struct command_row commands[] = {
    {&dw__register_provider__descriptor, capacity_decide_register_provider, KEEPERS},
    {&dw__agree_contract__descriptor, capacity_decide_agree_contract, KEEPERS},
    {&dw__exercise_extension__descriptor, capacity_decide_exercise_extension, KEEPERS},
    {&dw__close_contract__descriptor, capacity_decide_close_contract, KEEPERS},
    {&dw__reopen_contract__descriptor, capacity_decide_reopen_contract, KEEPERS},
    {&dw__end_contract__descriptor, capacity_decide_end_contract, KEEPERS},
    {&dw__check_contract__descriptor, capacity_decide_check_contract, 0},
    {&dw__extend_framework__descriptor, capacity_decide_extend_framework, KEEPERS},
    {&dw__register_service__descriptor, capacity_decide_register_service, KEEPERS},
    {&dw__change_service__descriptor, capacity_decide_change_service, KEEPERS},
    {&dw__propose_rates__descriptor, capacity_decide_propose_rates, KEEPERS | PROVIDER_MANAGERS},
    {&dw__agree_rates__descriptor, capacity_decide_agree_rates, KEEPERS},
    {&dw__check_rates__descriptor, capacity_decide_check_rates, 0},
    {&dw__set_session__descriptor, capacity_decide_set_session, KEEPERS},
    {&dw__set_outside_use__descriptor, capacity_decide_set_outside_use,
     KEEPERS | PROVIDER_MANAGERS},
    {&dw__confirm_capacity__descriptor, capacity_decide_confirm_capacity,
     KEEPERS | PROVIDER_MANAGERS},
    {&dw__declare_closure__descriptor, capacity_decide_declare_closure, CLOSERS},
    {&dw__lift_closure__descriptor, capacity_decide_lift_closure, CLOSERS},
    {&dw__change_limits__descriptor, capacity_decide_change_limits, KEEPERS | PROVIDER_MANAGERS},
    {&dw__end_session__descriptor, capacity_decide_end_session, KEEPERS | PROVIDER_MANAGERS},
    {&dw__tell_disruptions__descriptor, capacity_decide_tell_disruptions, 0},
    {&dw__restore_sittings__descriptor, capacity_decide_restore_sittings, 0},
    {&dw__record_monitoring_visit__descriptor, capacity_decide_record_monitoring_visit, MONITORS},
    {&dw__raise_improvement_action__descriptor, capacity_decide_raise_improvement_action, MONITORS},
    {&dw__close_improvement_action__descriptor, capacity_decide_close_improvement_action, MONITORS},
    {&dw__record_concern__descriptor, capacity_decide_record_concern, STAFF},
    {&dw__record_assurance__descriptor, capacity_decide_record_assurance, KEEPERS},
    {&dw__check_assurance__descriptor, capacity_decide_check_assurance, 0},
    {&dw__check_visit__descriptor, capacity_decide_check_visit, 0},
    {&dw__suspend_new_placements__descriptor, capacity_decide_suspend_new_placements,
     MONITORS | ROLE_BIT(DW__ROLE__ROLE_SAFEGUARDING_LEAD)},
    {&dw__lift_suspension__descriptor, capacity_decide_lift_suspension,
     MONITORS | ROLE_BIT(DW__ROLE__ROLE_SAFEGUARDING_LEAD)},
    {&dw__hold_places__descriptor, capacity_decide_hold_places, PLACERS},
    {&dw__extend_hold__descriptor, capacity_decide_extend_hold, PLACERS},
    {&dw__confirm_hold__descriptor, capacity_decide_confirm_hold, BOOKERS},
    {&dw__release_hold__descriptor, capacity_decide_release_hold, PLACERS},
    {&dw__end_booking__descriptor, capacity_decide_end_booking, BOOKERS},
    {&dw__expire_hold__descriptor, capacity_decide_expire_hold, 0},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__provider_registered__descriptor, capacity_evolve_provider_registered},
    {&dw__contract_agreed__descriptor, capacity_evolve_contract_agreed},
    {&dw__contract_extended__descriptor, capacity_evolve_contract_extended},
    {&dw__contract_closed__descriptor, capacity_evolve_contract_closed},
    {&dw__contract_reopened__descriptor, capacity_evolve_contract_reopened},
    {&dw__contract_end_set__descriptor, capacity_evolve_contract_end_set},
    {&dw__contract_nears_end__descriptor, capacity_evolve_contract_nears_end},
    {&dw__contract_ended__descriptor, capacity_evolve_contract_ended},
    {&dw__framework_extended__descriptor, capacity_evolve_framework_extended},
    {&dw__service_registered__descriptor, capacity_evolve_service_registered},
    {&dw__service_changed__descriptor, capacity_evolve_service_changed},
    {&dw__rates_proposed__descriptor, capacity_evolve_rates_proposed},
    {&dw__rates_agreed__descriptor, capacity_evolve_rates_agreed},
    {&dw__rates_begun__descriptor, capacity_evolve_rates_begun},
    {&dw__session_set__descriptor, capacity_evolve_session_set},
    {&dw__outside_use_set__descriptor, capacity_evolve_outside_use_set},
    {&dw__capacity_confirmed__descriptor, capacity_evolve_capacity_confirmed},
    {&dw__closure_declared__descriptor, capacity_evolve_closure_declared},
    {&dw__closure_lifted__descriptor, capacity_evolve_closure_lifted},
    {&dw__limits_changed__descriptor, capacity_evolve_limits_changed},
    {&dw__session_ended__descriptor, capacity_evolve_session_ended},
    {&dw__sittings_disrupted__descriptor, capacity_evolve_sittings_disrupted},
    {&dw__sittings_restored__descriptor, capacity_evolve_sittings_restored},
    {&dw__telling_left__descriptor, capacity_evolve_telling_left},
    {&dw__telling_done__descriptor, capacity_evolve_telling_done},
    {&dw__monitoring_visit_recorded__descriptor, capacity_evolve_monitoring_visit_recorded},
    {&dw__improvement_action_raised__descriptor, capacity_evolve_improvement_action_raised},
    {&dw__improvement_action_closed__descriptor, capacity_evolve_improvement_action_closed},
    {&dw__concern_recorded__descriptor, capacity_evolve_concern_recorded},
    {&dw__assurance_recorded__descriptor, capacity_evolve_assurance_recorded},
    {&dw__assurance_expired__descriptor, capacity_evolve_assurance_expired},
    {&dw__visit_due__descriptor, capacity_evolve_visit_due},
    {&dw__placements_suspended__descriptor, capacity_evolve_placements_suspended},
    {&dw__suspension_lifted__descriptor, capacity_evolve_suspension_lifted},
    {&dw__places_held__descriptor, capacity_evolve_places_held},
    {&dw__hold_extended__descriptor, capacity_evolve_hold_extended},
    {&dw__hold_confirmed__descriptor, capacity_evolve_hold_confirmed},
    {&dw__hold_released__descriptor, capacity_evolve_hold_released},
    {&dw__hold_expired__descriptor, capacity_evolve_hold_expired},
    {&dw__booking_ended__descriptor, capacity_evolve_booking_ended},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__find_capacity__descriptor, capacity_query_find_capacity, COUNCIL},
    {&dw__get_service__descriptor, capacity_query_get_service, COUNCIL | PROVIDERS},
    {&dw__list_providers__descriptor, capacity_query_list_providers, COUNCIL | PROVIDERS},
    {&dw__list_services__descriptor, capacity_query_list_services, COUNCIL | PROVIDERS},
    {&dw__occupancy__descriptor, capacity_query_occupancy, COUNCIL | PROVIDERS},
    {&dw__get_contract__descriptor, capacity_query_get_contract, COUNCIL | PROVIDERS},
    {&dw__list_contracts__descriptor, capacity_query_list_contracts, COUNCIL | PROVIDERS},
    {&dw__get_framework_term__descriptor, capacity_query_get_framework_term, COUNCIL},
    {&dw__timetable__descriptor, capacity_query_timetable, COUNCIL | PROVIDERS},
    {&dw__directory__descriptor, capacity_query_directory, COUNCIL | PROVIDERS},
    {&dw__provider_quality__descriptor, capacity_query_provider_quality, COUNCIL | PROVIDERS},
    {NULL, NULL, 0},
};

const struct service capacity_service = {
    .name = "capacity",
    .summary = "providers, contracts, services, sessions and who has which place",
    .model = &dw__commissioning_model__descriptor,
    .check_model = model_check,
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
