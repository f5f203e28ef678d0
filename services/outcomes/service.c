/* The tables of outcomes: what it can be told, what it says, what it can be asked. */
#include "services/outcomes/outcomes.h"

#include "services/outcomes/state.h"

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "proto/model_check.h"
#include "referrals.pb-c.h"

enum {
    WRITERS = ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_BROKER) |
              ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) | ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER),
    READERS = WRITERS | ROLE_BIT(DW__ROLE__ROLE_APPROVER) |
              ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) |
              ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER),
    /* Who hears people about services, and not only about one's own. */
    LISTENERS = ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_BROKER) |
                ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) | ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) |
                ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER),
};

static const struct entity_kind kinds[] = {
    [OUTCOMES_KIND_PLAN] = {&dw__outcome_plan__descriptor},
    [OUTCOMES_KIND_SUPPORT] = {&dw__support__descriptor},
    [OUTCOMES_KIND_MILESTONE] = {&dw__milestone_record__descriptor},
    [OUTCOMES_KIND_SATISFACTION] = {&dw__satisfaction__descriptor},
    [OUTCOMES_KIND_VOICE] = {&dw__voice_record__descriptor},
    [OUTCOMES_KIND_END_REPORT] = {&dw__end_report__descriptor},
    [OUTCOMES_KIND_ERASED] = {&dw__erased_subject__descriptor},
    [OUTCOMES_KIND_DEATH] = {&dw__deceased_subject__descriptor},
    {NULL},
};

static const struct command_row commands[] = {
    {&dw__agree_outcome_plan__descriptor, outcomes_decide_agree, WRITERS},
    {&dw__review_goal__descriptor, outcomes_decide_review, WRITERS},
    {&dw__record_milestone__descriptor, outcomes_decide_milestone, WRITERS},
    {&dw__end_milestone__descriptor, outcomes_decide_end_milestone, WRITERS},
    {&dw__check_milestone__descriptor, outcomes_decide_check_milestone, 0},
    {&dw__submit_end_report__descriptor, outcomes_decide_end_report, WRITERS},
    {&dw__record_satisfaction__descriptor, outcomes_decide_satisfaction,
     WRITERS | ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER)},
    {&dw__record_provider_feedback__descriptor, outcomes_decide_feedback, LISTENERS},
    {&dw__record_survey__descriptor, outcomes_decide_survey, LISTENERS},
    {&dw__record_engagement__descriptor, outcomes_decide_engagement, LISTENERS},
    {&dw__continue_text_erasure__descriptor, outcomes_decide_continue_erasure, 0},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__outcome_plan_agreed__descriptor, outcomes_evolve_agreed},
    {&dw__goal_reviewed__descriptor, outcomes_evolve_reviewed},
    {&dw__support_began__descriptor, outcomes_evolve_support_began},
    {&dw__support_ended__descriptor, outcomes_evolve_support_ended},
    {&dw__milestone_recorded__descriptor, outcomes_evolve_milestone_recorded},
    {&dw__milestone_ended__descriptor, outcomes_evolve_milestone_ended},
    {&dw__milestone_sustained__descriptor, outcomes_evolve_milestone_sustained},
    {&dw__end_report_submitted__descriptor, outcomes_evolve_end_report_submitted},
    {&dw__satisfaction_recorded__descriptor, outcomes_evolve_satisfaction_recorded},
    {&dw__provider_feedback_recorded__descriptor, outcomes_evolve_feedback_recorded},
    {&dw__survey_recorded__descriptor, outcomes_evolve_survey_recorded},
    {&dw__engagement_recorded__descriptor, outcomes_evolve_engagement_recorded},
    {&dw__outcome_texts_erased__descriptor, outcomes_evolve_texts_erased},
    {&dw__subject_death_noted__descriptor, outcomes_evolve_death_noted},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__get_plan__descriptor, outcomes_query_plan, READERS},
    {&dw__reviews_due__descriptor, outcomes_query_due, READERS},
    {&dw__milestones__descriptor, outcomes_query_milestones, READERS},
    {&dw__end_reports__descriptor, outcomes_query_end_reports, READERS},
    {&dw__engagement__descriptor, outcomes_query_engagement, LISTENERS},
    {&dw__outcomes_held__descriptor, outcomes_query_held,
     ROLE_BIT(DW__ROLE__ROLE_DATA_PROTECTION_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR)},
    {NULL, NULL, 0},
};

static const struct reaction_row reactions[] = {
    {"placements", &dw__placement_started__descriptor, outcomes_react_started, NULL},
    {"placements", &dw__placement_ended__descriptor, outcomes_react_ended, NULL},
    {"referrals", &dw__person_erased__descriptor, outcomes_react_erased, NULL},
    {"referrals", &dw__person_died__descriptor, outcomes_react_died, NULL},
    {"referrals", &dw__death_taken_back__descriptor, outcomes_react_death_taken_back, NULL},
    {NULL, NULL, NULL, NULL},
};

const struct service outcomes_service = {
    .name = "outcomes",
    .summary = "goals agreed with people, and what came of them",
    .model = &dw__commissioning_model__descriptor,
    .check_model = model_check,
    .refusals = &dw__outcomes_refusal__descriptor,
    .kinds = kinds,
    .commands = commands,
    .events = events,
    .queries = queries,
    .reactions = reactions,
    .create = outcomes_create,
    .destroy = outcomes_destroy,
    .index = outcomes_index,
    .due = outcomes_due,
};
