/* The tables of placements: what it can be told, what it says, what it asks of capacity, what it can be asked. */
#include "services/placements/placements.h"

#include "services/placements/state.h"

#include "attendance.pb-c.h"
#include "model.pb-c.h"
#include "outcomes.pb-c.h"
#include "referrals.pb-c.h"

enum {
    OPERATOR = ROLE_BIT(DW__ROLE__ROLE_OPERATOR),
    COUNCIL = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER),
    PROVIDER = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER),
    APPROVERS =
        OPERATOR | ROLE_BIT(DW__ROLE__ROLE_APPROVER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER),
    BUYERS = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER),
    /* Whoever awards a programme registers its service with capacity in the same step, which a broker may not. */
    AWARDERS = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER),
    FINANCE = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER),
    MONEY_READERS = COUNCIL | APPROVERS | FINANCE | ROLE_BIT(DW__ROLE__ROLE_SERVICE),
    DATA_PROTECTION = OPERATOR | ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER),
    PLAN_READERS = COUNCIL | PROVIDER | ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER) |
                   ROLE_BIT(DW__ROLE__ROLE_SAFEGUARDING_LEAD) | DATA_PROTECTION,
    READERS = COUNCIL | PROVIDER | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |
              ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER) | ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) |
              ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) |
              ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_SERVICE),
};

static const struct entity_kind kinds[] = {
    [PLACEMENTS_KIND_PLACEMENT] = {&dw__placement__descriptor},
    [PLACEMENTS_KIND_DISRUPTION] = {&dw__disruption__descriptor},
    [PLACEMENTS_KIND_CONTRIBUTIONS] = {&dw__contributions__descriptor},
    [PLACEMENTS_KIND_VIREMENTS] = {&dw__virements__descriptor},
    [PLACEMENTS_KIND_PROVIDER] = {&dw__noted_provider__descriptor},
    [PLACEMENTS_KIND_CONTRACT] = {&dw__noted_contract__descriptor},
    [PLACEMENTS_KIND_FRAMEWORK] = {&dw__noted_framework__descriptor},
    [PLACEMENTS_KIND_SESSION] = {&dw__noted_session__descriptor},
    [PLACEMENTS_KIND_DEATH] = {&dw__noted_death__descriptor},
    [PLACEMENTS_KIND_MOVED_MONEY] = {&dw__moved_money__descriptor},
    [PLACEMENTS_KIND_CALL_OFF] = {&dw__call_off__descriptor},
    [PLACEMENTS_KIND_TEXTS] = {&dw__person_texts__descriptor},
    [PLACEMENTS_KINDS] = {NULL},
};

static const struct command_row commands[] = {
    {&dw__propose_placement__descriptor, placements_decide_propose, COUNCIL},
    {&dw__approve_placement__descriptor, placements_decide_approve, APPROVERS},
    {&dw__refuse_placement__descriptor, placements_decide_refuse, APPROVERS},
    {&dw__accept_offer__descriptor, placements_decide_accept_offer, PROVIDER},
    {&dw__decline_offer__descriptor, placements_decide_decline_offer, PROVIDER},
    {&dw__record_provider_assessment__descriptor, placements_decide_assess, PROVIDER},
    {&dw__book_taster__descriptor, placements_decide_book_taster, COUNCIL | PROVIDER},
    {&dw__record_person_decision__descriptor, placements_decide_person_decision, COUNCIL},
    {&dw__share_support_plan__descriptor, placements_decide_share_plan, COUNCIL},
    {&dw__start_placement__descriptor, placements_decide_start, COUNCIL | PROVIDER},
    {&dw__pass_trial__descriptor, placements_decide_pass_trial, COUNCIL},
    {&dw__suspend_placement__descriptor, placements_decide_suspend, COUNCIL | PROVIDER},
    {&dw__resume_placement__descriptor, placements_decide_resume, COUNCIL | PROVIDER},
    {&dw__propose_change__descriptor, placements_decide_propose_change, COUNCIL},
    {&dw__approve_change__descriptor, placements_decide_approve_change, APPROVERS},
    {&dw__refuse_change__descriptor, placements_decide_refuse_change, COUNCIL | APPROVERS},
    {&dw__move_level__descriptor, placements_decide_move_level, COUNCIL},
    {&dw__extend_enablement__descriptor, placements_decide_extend_enablement, APPROVERS},
    {&dw__record_review__descriptor, placements_decide_review, COUNCIL | PROVIDER},
    {&dw__end_placement__descriptor, placements_decide_end, COUNCIL | PROVIDER},
    {&dw__cancel_placement__descriptor, placements_decide_cancel, COUNCIL},
    {&dw__assess_contribution__descriptor, placements_decide_assess_contribution, FINANCE},
    {&dw__move_budget__descriptor, placements_decide_move_budget, FINANCE},
    {&dw__reach_placement_date__descriptor, placements_decide_reach_date, 0},
    {&dw__open_call_off__descriptor, placements_decide_open_call_off, BUYERS},
    {&dw__submit_offer__descriptor, placements_decide_submit_offer, PROVIDER},
    {&dw__withdraw_offer__descriptor, placements_decide_withdraw_offer, PROVIDER},
    {&dw__close_call_off__descriptor, placements_decide_close_call_off, BUYERS},
    {&dw__award__descriptor, placements_decide_award, AWARDERS},
    {&dw__abandon_call_off__descriptor, placements_decide_abandon_call_off, BUYERS},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__placement_proposed__descriptor, placements_evolve_proposed},
    {&dw__placement_offered__descriptor, placements_evolve_offered},
    {&dw__approval_requested__descriptor, placements_evolve_approval_requested},
    {&dw__placement_approved__descriptor, placements_evolve_approved},
    {&dw__placement_refused__descriptor, placements_evolve_refused},
    {&dw__hold_kept__descriptor, placements_evolve_hold_kept},
    {&dw__offer_accepted__descriptor, placements_evolve_offer_accepted},
    {&dw__hold_replaced__descriptor, placements_evolve_hold_replaced},
    {&dw__placement_accepted__descriptor, placements_evolve_accepted},
    {&dw__placement_declined__descriptor, placements_evolve_declined},
    {&dw__placement_lapsed__descriptor, placements_evolve_lapsed},
    {&dw__provider_assessment_recorded__descriptor, placements_evolve_assessed},
    {&dw__taster_booked__descriptor, placements_evolve_taster_booked},
    {&dw__person_decision_recorded__descriptor, placements_evolve_person_decided},
    {&dw__support_plan_shared__descriptor, placements_evolve_plan_shared},
    {&dw__end_report_noted__descriptor, placements_evolve_end_report_noted},
    {&dw__texts_erased__descriptor, placements_evolve_texts_erased},
    {&dw__placement_started__descriptor, placements_evolve_started},
    {&dw__trial_started__descriptor, placements_evolve_trial_started},
    {&dw__trial_passed__descriptor, placements_evolve_trial_passed},
    {&dw__placement_ended__descriptor, placements_evolve_ended},
    {&dw__placement_cancelled__descriptor, placements_evolve_cancelled},
    {&dw__enablement_clock_set__descriptor, placements_evolve_clock_set},
    {&dw__enablement_warned__descriptor, placements_evolve_warned},
    {&dw__enablement_limit_reached__descriptor, placements_evolve_limit_reached},
    {&dw__enablement_extended__descriptor, placements_evolve_extended},
    {&dw__review_scheduled__descriptor, placements_evolve_review_scheduled},
    {&dw__review_fell_due__descriptor, placements_evolve_review_fell_due},
    {&dw__review_recorded__descriptor, placements_evolve_reviewed},
    {&dw__placement_suspended__descriptor, placements_evolve_suspended},
    {&dw__place_released__descriptor, placements_evolve_place_released},
    {&dw__resumption_requested__descriptor, placements_evolve_resumption_requested},
    {&dw__resumption_refused__descriptor, placements_evolve_resumption_refused},
    {&dw__placement_resumed__descriptor, placements_evolve_resumed},
    {&dw__change_proposed__descriptor, placements_evolve_change_proposed},
    {&dw__change_approval_requested__descriptor, placements_evolve_change_approval_requested},
    {&dw__change_approved__descriptor, placements_evolve_change_approved},
    {&dw__change_dropped__descriptor, placements_evolve_change_dropped},
    {&dw__change_made__descriptor, placements_evolve_change_made},
    {&dw__level_moved__descriptor, placements_evolve_level_moved},
    {&dw__placement_disrupted__descriptor, placements_evolve_disrupted},
    {&dw__closure_began__descriptor, placements_evolve_closure_began},
    {&dw__disruption_lifted__descriptor, placements_evolve_disruption_lifted},
    {&dw__contribution_assessed__descriptor, placements_evolve_contribution_assessed},
    {&dw__budget_moved__descriptor, placements_evolve_budget_moved},
    {&dw__provider_noted__descriptor, placements_evolve_provider_noted},
    {&dw__contract_noted__descriptor, placements_evolve_contract_noted},
    {&dw__framework_noted__descriptor, placements_evolve_framework_noted},
    {&dw__session_noted__descriptor, placements_evolve_session_noted},
    {&dw__death_noted__descriptor, placements_evolve_death_noted},
    {&dw__call_off_opened__descriptor, placements_evolve_call_off_opened},
    {&dw__offer_submitted__descriptor, placements_evolve_offer_submitted},
    {&dw__offer_withdrawn__descriptor, placements_evolve_offer_withdrawn},
    {&dw__call_off_closed__descriptor, placements_evolve_call_off_closed},
    {&dw__call_off_awarded__descriptor, placements_evolve_call_off_awarded},
    {&dw__offer_lost__descriptor, placements_evolve_offer_lost},
    {&dw__call_off_abandoned__descriptor, placements_evolve_call_off_abandoned},
    {&dw__end_agreed__descriptor, placements_evolve_end_agreed},
    {&dw__award_undone__descriptor, placements_evolve_award_undone},
    {&dw__programme_refused__descriptor, placements_evolve_programme_refused},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__get_placement__descriptor, placements_query_get, READERS},
    {&dw__list_placements__descriptor, placements_query_list, READERS},
    {&dw__get_support_plan__descriptor, placements_query_support_plan, PLAN_READERS},
    {&dw__person_texts_held__descriptor, placements_query_texts_held, DATA_PROTECTION},
    {&dw__costs__descriptor, placements_query_costs, MONEY_READERS | PROVIDER},
    {&dw__budgets__descriptor, placements_query_budgets, MONEY_READERS},
    {&dw__list_call_offs__descriptor, placements_query_list_call_offs, READERS},
    {NULL, NULL, 0},
};

static const struct reaction_row reactions[] = {
    {"capacity", &dw__provider_registered__descriptor, placements_react_provider_registered, NULL},
    {"capacity", &dw__contract_agreed__descriptor, placements_react_contract_agreed, NULL},
    {"capacity", &dw__contract_extended__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__contract_closed__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__contract_reopened__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__contract_end_set__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__contract_nears_end__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__contract_ended__descriptor, placements_react_contract_stands, NULL},
    {"capacity", &dw__framework_extended__descriptor, placements_react_framework_extended, NULL},
    {"capacity", &dw__session_set__descriptor, placements_react_session_set, NULL},
    {"capacity", &dw__session_ended__descriptor, placements_react_session_ended, NULL},
    {"capacity", &dw__sittings_disrupted__descriptor, placements_react_sittings_disrupted, NULL},
    {"capacity", &dw__sittings_restored__descriptor, placements_react_sittings_restored, NULL},
    {"referrals", &dw__person_died__descriptor, placements_react_person_died, NULL},
    {"referrals", &dw__person_erased__descriptor, placements_react_person_erased, NULL},
    {"outcomes", &dw__end_report_submitted__descriptor, placements_react_end_report_submitted,
     NULL},
    {"attendance", &dw__feed_part_taken__descriptor, placements_react_feed_part_taken, NULL},
    {"attendance", &dw__rows_matched__descriptor, placements_react_rows_matched, NULL},
    {NULL, NULL, NULL, NULL},
};

static const struct settlement_row settlements[] = {
    {&dw__hold_places__descriptor, placements_settle_hold_places},
    {&dw__confirm_hold__descriptor, placements_settle_confirm_hold},
    {&dw__extend_hold__descriptor, placements_settle_extend_hold},
    {&dw__release_hold__descriptor, placements_settle_giving_back},
    {&dw__end_booking__descriptor, placements_settle_giving_back},
    {&dw__register_service__descriptor, placements_settle_register_service},
    {&dw__set_session__descriptor, placements_settle_set_session},
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
    .reactions = reactions,
    .settlements = settlements,
    .asks = asks,
    .create = placements_create,
    .destroy = placements_destroy,
    .index = placements_index,
    .due = placements_due,
};
