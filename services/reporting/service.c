/* The tables of reporting: whose journals it folds and what it can be asked. It has no commands and no events of its own. */
#include "services/reporting/reporting.h"

#include "services/reporting/state.h"

#include "model.pb-c.h"
#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "proto/model_check.h"
#include "referrals.pb-c.h"

enum {
    READERS = ROLE_BIT(DW__ROLE__ROLE_COMMISSIONER) | ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) |
              ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_OPERATOR) |
              ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_SERVICE) |
              ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR),
};

static const struct entity_kind kinds[] = {
    [REPORTING_KIND_PROVIDER] = {&dw__reported_provider__descriptor},
    [REPORTING_KIND_SERVICE] = {&dw__reported_service__descriptor},
    [REPORTING_KIND_PERSON] = {&dw__reported_person__descriptor},
    [REPORTING_KIND_REFERRAL] = {&dw__reported_referral__descriptor},
    [REPORTING_KIND_MONTH] = {&dw__reported_month__descriptor},
    {NULL},
};

static const struct query_row queries[] = {
    {&dw__dashboard__descriptor, reporting_query_dashboard, READERS},
    {&dw__breakdown__descriptor, reporting_query_breakdown, READERS},
    {&dw__provider_report__descriptor, reporting_query_provider_report, READERS},
    {NULL, NULL, 0},
};

#define FOLD(service, type, name)                                                                  \
    {                                                                                              \
        service, &dw__##type##__descriptor, NULL, reporting_fold_##name                            \
    }

static const struct reaction_row reactions[] = {
    FOLD("capacity", provider_registered, provider_registered),
    FOLD("capacity", service_registered, service_registered),
    FOLD("placements", placement_started, placement_started),
    FOLD("placements", change_made, change_made),
    FOLD("placements", end_agreed, end_agreed),
    FOLD("placements", placement_ended, placement_ended),
    FOLD("referrals", referral_submitted, referral_submitted),
    FOLD("referrals", referral_line_waits, referral_line_waits),
    FOLD("referrals", referral_placed, referral_placed),
    FOLD("referrals", referral_withdrawn, referral_withdrawn),
    FOLD("referrals", referral_closed, referral_closed),
    FOLD("referrals", referral_refused, referral_refused),
    FOLD("outcomes", goal_reviewed, goal_reviewed),
    {NULL, NULL, NULL, NULL},
};

const struct service reporting_service = {
    .name = "reporting",
    .summary = "figures about people, placements and spend, from the other services' journals",
    .model = &dw__commissioning_model__descriptor,
    .check_model = model_check,
    .refusals = &dw__reporting_refusal__descriptor,
    .kinds = kinds,
    .queries = queries,
    .reactions = reactions,
    .create = reporting_create,
    .destroy = reporting_destroy,
    .index = reporting_index,
};
