/* The tables of referrals: what it can be told, what it says, whom it follows, what it can be asked. */
#include "services/referrals/referrals.h"

#include "services/referrals/state.h"

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "proto/model_check.h"

enum {
    BROKERS = ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR),
    COUNCIL = BROKERS | ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER),
    /* Who may see who a person is. */
    PERSON_READERS = COUNCIL | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |
                     ROLE_BIT(DW__ROLE__ROLE_SAFEGUARDING_LEAD) |
                     ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER),
    DATA_PROTECTION = ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER),
    ERASURE_ASKERS = COUNCIL | DATA_PROTECTION,
    SUBJECT_READERS = DATA_PROTECTION | ROLE_BIT(DW__ROLE__ROLE_OPERATOR),
    /* Notes are free text about a person. */
    REFERRAL_READERS = PERSON_READERS,
    LIST_READERS = PERSON_READERS | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |
                   ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) |
                   ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_SERVICE),
};

static const struct entity_kind kinds[] = {
    [REFERRALS_KIND_PERSON] = {&dw__person__descriptor},
    [REFERRALS_KIND_REFERRAL] = {&dw__referral__descriptor},
    [REFERRALS_KIND_COUNTER] = {&dw__reference_counter__descriptor},
    [REFERRALS_KIND_UNMET] = {&dw__unmet_need__descriptor},
    {NULL},
};

static const struct command_row commands[] = {
    {&dw__record_person__descriptor, referrals_decide_record_person, COUNCIL},
    {&dw__change_person__descriptor, referrals_decide_change_person, COUNCIL},
    {&dw__record_carer__descriptor, referrals_decide_record_carer, COUNCIL},
    {&dw__record_death__descriptor, referrals_decide_record_death, COUNCIL},
    {&dw__take_back_death__descriptor, referrals_decide_take_back_death, COUNCIL},
    {&dw__change_age_band__descriptor, referrals_decide_change_age_band, 0},
    {&dw__request_erasure__descriptor, referrals_decide_request_erasure, ERASURE_ASKERS},
    {&dw__erase_person__descriptor, referrals_decide_erase, DATA_PROTECTION},
    {&dw__continue_erasure__descriptor, referrals_decide_continue_erasure, 0},
    {&dw__create_referral__descriptor, referrals_decide_create, COUNCIL},
    {&dw__submit_referral__descriptor, referrals_decide_submit, COUNCIL},
    {&dw__amend_referral__descriptor, referrals_decide_amend, COUNCIL},
    {&dw__accept_referral__descriptor, referrals_decide_accept, BROKERS},
    {&dw__assign_referral__descriptor, referrals_decide_assign, COUNCIL},
    {&dw__withdraw_referral__descriptor, referrals_decide_withdraw, COUNCIL},
    {&dw__close_referral__descriptor, referrals_decide_close, BROKERS},
    {&dw__refuse_referral__descriptor, referrals_decide_refuse, BROKERS},
    {&dw__put_on_hold__descriptor, referrals_decide_put_on_hold, COUNCIL},
    {&dw__resume_referral__descriptor, referrals_decide_resume, COUNCIL},
    {&dw__set_waiting_reason__descriptor, referrals_decide_set_waiting_reason, BROKERS},
    {&dw__record_unmet_need__descriptor, referrals_decide_record_unmet_need, COUNCIL},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__person_recorded__descriptor, referrals_evolve_person_recorded},
    {&dw__person_changed__descriptor, referrals_evolve_person_changed},
    {&dw__carer_recorded__descriptor, referrals_evolve_carer_recorded},
    {&dw__person_died__descriptor, referrals_evolve_person_died},
    {&dw__death_taken_back__descriptor, referrals_evolve_death_taken_back},
    {&dw__age_band_changed__descriptor, referrals_evolve_age_band_changed},
    {&dw__person_placement_noted__descriptor, referrals_evolve_placement_noted},
    {&dw__erasure_requested__descriptor, referrals_evolve_erasure_requested},
    {&dw__person_erased__descriptor, referrals_evolve_person_erased},
    {&dw__referral_created__descriptor, referrals_evolve_created},
    {&dw__referral_submitted__descriptor, referrals_evolve_submitted},
    {&dw__referral_accepted__descriptor, referrals_evolve_accepted},
    {&dw__referral_assigned__descriptor, referrals_evolve_assigned},
    {&dw__referral_amended__descriptor, referrals_evolve_amended},
    {&dw__referral_line_matching__descriptor, referrals_evolve_line_matching},
    {&dw__referral_line_proposed__descriptor, referrals_evolve_line_proposed},
    {&dw__referral_line_waits__descriptor, referrals_evolve_line_waits},
    {&dw__referral_line_placed__descriptor, referrals_evolve_line_placed},
    {&dw__referral_placed__descriptor, referrals_evolve_placed},
    {&dw__referral_line_moved__descriptor, referrals_evolve_line_moved},
    {&dw__referral_withdrawn__descriptor, referrals_evolve_withdrawn},
    {&dw__referral_closed__descriptor, referrals_evolve_closed},
    {&dw__referral_refused__descriptor, referrals_evolve_refused},
    {&dw__referral_put_on_hold__descriptor, referrals_evolve_put_on_hold},
    {&dw__referral_resumed__descriptor, referrals_evolve_resumed},
    {&dw__waiting_reason_set__descriptor, referrals_evolve_waiting_reason_set},
    {&dw__unmet_need_recorded__descriptor, referrals_evolve_unmet_need_recorded},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__get_person__descriptor, referrals_query_person, PERSON_READERS},
    {&dw__subject_access__descriptor, referrals_query_subject_access, SUBJECT_READERS},
    {&dw__get_referral__descriptor, referrals_query_get, REFERRAL_READERS},
    {&dw__list_referrals__descriptor, referrals_query_list, LIST_READERS},
    {&dw__waiting_list__descriptor, referrals_query_waiting, LIST_READERS},
    {&dw__list_unmet_need__descriptor, referrals_query_unmet, LIST_READERS},
    {NULL, NULL, 0},
};

static const struct reaction_row reactions[] = {
    {"placements", &dw__placement_proposed__descriptor, referrals_react_proposed, NULL},
    {"placements", &dw__approval_requested__descriptor, referrals_react_approval_requested, NULL},
    {"placements", &dw__placement_refused__descriptor, referrals_react_not_approved, NULL},
    {"placements", &dw__placement_offered__descriptor, referrals_react_offered, NULL},
    {"placements", &dw__placement_accepted__descriptor, referrals_react_booked, NULL},
    {"placements", &dw__placement_declined__descriptor, referrals_react_declined, NULL},
    {"placements", &dw__placement_lapsed__descriptor, referrals_react_lapsed, NULL},
    {"placements", &dw__placement_cancelled__descriptor, referrals_react_cancelled, NULL},
    {"placements", &dw__placement_started__descriptor, referrals_react_started, NULL},
    {"placements", &dw__change_made__descriptor, referrals_react_change_made, NULL},
    {"placements", &dw__end_agreed__descriptor, referrals_react_end_agreed, NULL},
    {"placements", &dw__level_moved__descriptor, referrals_react_level_moved, NULL},
    {"placements", &dw__placement_ended__descriptor, referrals_react_ended, NULL},
    {NULL, NULL, NULL, NULL},
};

const struct service referrals_service = {
    .name = "referrals",
    .summary = "people, and what is wanted for them until support starts",
    .model = &dw__commissioning_model__descriptor,
    .check_model = model_check,
    .refusals = &dw__referrals_refusal__descriptor,
    .kinds = kinds,
    .commands = commands,
    .events = events,
    .queries = queries,
    .reactions = reactions,
    .create = referrals_create,
    .destroy = referrals_destroy,
    .index = referrals_index,
    .due = referrals_due,
};
