/* The tables of attendance: what it can be told, whom it follows, what it says and what it can be asked. */
#include "services/attendance/attendance.h"

#include "services/attendance/state.h"

#include "capacity.pb-c.h"
#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "proto/model_check.h"
#include "referrals.pb-c.h"

enum {
    SENDERS = ROLE_BIT(DW__ROLE__ROLE_PROVIDER_MANAGER) | ROLE_BIT(DW__ROLE__ROLE_REGISTER_TAKER) |
              ROLE_BIT(DW__ROLE__ROLE_OPERATOR) | ROLE_BIT(DW__ROLE__ROLE_INTEGRATOR),
    READERS = SENDERS | ROLE_BIT(DW__ROLE__ROLE_BROKER) | ROLE_BIT(DW__ROLE__ROLE_SOCIAL_WORKER) |
              ROLE_BIT(DW__ROLE__ROLE_QUALITY_OFFICER) | ROLE_BIT(DW__ROLE__ROLE_FINANCE_OFFICER) |
              ROLE_BIT(DW__ROLE__ROLE_SERVICE),
};

static const struct entity_kind kinds[] = {
    [ATTENDANCE_KIND_ATTENDER] = {&dw__attender__descriptor},
    [ATTENDANCE_KIND_MONTH] = {&dw__attendance_month__descriptor},
    [ATTENDANCE_KIND_FEED] = {&dw__feed__descriptor},
    [ATTENDANCE_KIND_UNMATCHED] = {&dw__unmatched_row__descriptor},
    [ATTENDANCE_KIND_PERSON] = {&dw__known_person__descriptor},
    [ATTENDANCE_KIND_SESSION] = {&dw__known_session__descriptor},
    [ATTENDANCE_KIND_MATCHING] = {&dw__matching__descriptor},
    {NULL},
};

static const struct command_row commands[] = {
    {&dw__open_feed__descriptor, attendance_decide_open_feed, SENDERS},
    {&dw__feed_rows__descriptor, attendance_decide_feed_rows, SENDERS},
    {&dw__close_feed__descriptor, attendance_decide_close_feed, SENDERS},
    {&dw__match_rows__descriptor, attendance_decide_match_rows, 0},
    {NULL, NULL, 0},
};

static const struct event_row events[] = {
    {&dw__attender_expected__descriptor, attendance_evolve_attender_expected},
    {&dw__attender_left__descriptor, attendance_evolve_attender_left},
    {&dw__person_known__descriptor, attendance_evolve_person_known},
    {&dw__session_known__descriptor, attendance_evolve_session_known},
    {&dw__rows_matched__descriptor, attendance_evolve_rows_matched},
    {&dw__matching_left__descriptor, attendance_evolve_matching_left},
    {&dw__matching_done__descriptor, attendance_evolve_matching_done},
    {&dw__feed_opened__descriptor, attendance_evolve_feed_opened},
    {&dw__feed_part_taken__descriptor, attendance_evolve_feed_part_taken},
    {&dw__feed_closed__descriptor, attendance_evolve_feed_closed},
    {NULL, NULL},
};

static const struct query_row queries[] = {
    {&dw__feed_receipt__descriptor, attendance_query_feed_receipt, READERS},
    {&dw__get_register__descriptor, attendance_query_get_register, READERS},
    {&dw__unmatched_rows__descriptor, attendance_query_unmatched_rows, READERS},
    {NULL, NULL, 0},
};

static const struct reaction_row reactions[] = {
    {"placements", &dw__placement_started__descriptor, attendance_react_placement_started, NULL},
    {"placements", &dw__change_made__descriptor, attendance_react_change_made, NULL},
    {"placements", &dw__placement_ended__descriptor, attendance_react_placement_ended, NULL},
    {"referrals", &dw__person_recorded__descriptor, attendance_react_person_recorded, NULL},
    {"referrals", &dw__person_changed__descriptor, attendance_react_person_changed, NULL},
    {"capacity", &dw__session_set__descriptor, attendance_react_session_set, NULL},
    {"capacity", &dw__session_ended__descriptor, attendance_react_session_ended, NULL},
    {NULL, NULL, NULL, NULL},
};

const struct service attendance_service = {
    .name = "attendance",
    .summary = "registers: who was where, from the files that providers send",
    .model = &dw__commissioning_model__descriptor,
    .check_model = model_check,
    .refusals = &dw__attendance_refusal__descriptor,
    .kinds = kinds,
    .commands = commands,
    .events = events,
    .queries = queries,
    .reactions = reactions,
    .create = attendance_create,
    .destroy = attendance_destroy,
    .index = attendance_index,
    .due = attendance_due,
};
