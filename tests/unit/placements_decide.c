/* Tests of services/placements: the whole way of a placement with capacity's answers, each refusal, and what lists show. The
 * ways that fail are in placements_settle.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/placing.h"

/* --- the ordinary way ------------------------------------------------------------------------------------------- */

/* Proves: each step says its event and asks capacity for what it needs, about the one hold; the place is free from the day
 * after the last one. */
static void a_placement_goes_from_proposal_to_end(void **state)
{
    struct placing *placing = *state;
    struct pure_outcome told = placing_propose(placing);
    assert_said(told, &dw__placement_proposed__descriptor, 1);
    assert_sent(told, 0, &dw__hold_places__descriptor, &HOLD_ID);
    told = placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__placement_offered__descriptor, 0);
    told = placing_accept_offer(placing);
    assert_said(told, &dw__offer_accepted__descriptor, 1);
    assert_sent(told, 0, &dw__confirm_hold__descriptor, &HOLD_ID);
    told = placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_said(told, &dw__placement_accepted__descriptor, 0);
    told = placing_start(placing, FROM + 3);
    assert_said(told, &dw__placement_started__descriptor, 0);
    told = placing_end(placing, FROM + 30);
    assert_said(told, &dw__placement_ended__descriptor, 1);
    assert_sent(told, 0, &dw__end_booking__descriptor, &HOLD_ID);
    assert_int_equal(placing_last_of_booking(told, 0), FROM + 30);
    assert_state(placing, ENDED);
    assert_int_equal(placing_now(placing)->started->days, FROM + 3);
    assert_int_equal(placing_now(placing)->last->days, FROM + 30);
}

/* Proves: HoldPlaces asks for exactly what the terms say. */
static void the_hold_asks_for_what_the_terms_say(void **state)
{
    struct placing *placing = *state;
    placing->terms.to = &placing->to;
    const struct pure_outcome told = placing_propose(placing);
    const struct outgoing *sent = &told.decision->sends[0];
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, sent->body.len, sent->body.bytes);
    assert_non_null(hold);
    assert_memory_equal(hold->hold_id.data, HOLD_ID.bytes, 16);
    assert_memory_equal(hold->person_id.data, PERSON_ID.bytes, 16);
    assert_memory_equal(hold->service_id.data, SERVICE_ID.bytes, 16);
    assert_int_equal(hold->n_session_ids, 2);
    assert_memory_equal(hold->session_ids[1].data, TUESDAY_ID.bytes, 16);
    assert_int_equal(hold->from->days, FROM);
    assert_int_equal(hold->to->days, FROM + 90);
    assert_int_equal(hold->funding, DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED);
    dw__hold_places__free_unpacked(hold, NULL);
}

/* Proves: saying again what is true already is accepted and changes nothing, at every step. */
static void saying_it_again_changes_nothing(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_CONFIRMING);
    assert_nothing_said(placing_propose(placing));
    assert_nothing_said(placing_accept_offer(placing));
    placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_nothing_said(placing_accept_offer(placing));
    placing_start(placing, FROM);
    assert_nothing_said(placing_start(placing, FROM));
    placing_end(placing, FROM + 7);
    assert_nothing_said(placing_end(placing, FROM + 7));
    assert_refused(placing_end(placing, FROM + 8), WRONG_STATE);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

/* Proves: commands about a placement nobody proposed are refused by name. */
static void an_unknown_placement_is_refused(void **state)
{
    struct placing *placing = *state;
    assert_refused(placing_accept_offer(placing), PLACEMENT_UNKNOWN);
    assert_refused(placing_decline_offer(placing, 1), PLACEMENT_UNKNOWN);
    assert_refused(placing_start(placing, FROM), PLACEMENT_UNKNOWN);
    assert_refused(placing_end(placing, FROM), PLACEMENT_UNKNOWN);
    assert_refused(placing_cancel(placing), PLACEMENT_UNKNOWN);
}

/* Proves: what does not fit the state is refused, and the sentence says which state it is. */
static void the_wrong_state_is_told(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    assert_refused(placing_accept_offer(placing), NOT_YOURS);
    assert_refused(placing_decline_offer(placing, 1), NOT_YOURS); /* it was not offered yet */
    assert_refused(placing_end(placing, FROM), WRONG_STATE);
    const struct pure_outcome told = placing_start(placing, FROM);
    assert_int_equal(told.outcome, DECISION_REFUSED);
    assert_non_null(strstr(told.sentence, "is proposed and waits for capacity"));
    placing_bring_to(placing, PLACEMENT_ACTIVE);
    assert_refused(placing_cancel(placing), WRONG_STATE);
}

/* Proves: an id that says something else already is not taken, be it the placement's or the hold's. */
static void a_used_id_is_refused(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    assert_refused(placing_propose_as(placing, &PLACEMENT_ID, &OTHER_ID), ALREADY_EXISTS);
    assert_refused(placing_propose_as(placing, &OTHER_ID, &HOLD_ID), ALREADY_EXISTS);
    placing->terms.price_pence_per_week++;
    assert_refused(placing_propose(placing), ALREADY_EXISTS);
}

/* Proves: a person has a session once on a date; other dates, other sessions and other people are free. */
static void a_session_is_had_once_on_a_date(void **state)
{
    struct placing *placing = *state;
    placing->terms.to = &placing->to;
    placing_bring_to(placing, PLACEMENT_PROPOSED);
    placing->terms.n_session_ids = 1;
    placing->from.days = FROM + 90;
    placing->to.days = FROM + 100;
    assert_refused(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    pure_reload(placing->pure);
    assert_refused(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    placing->terms.person_id = id_to_data(&SERVICE_ID);
    assert_int_equal(placing_propose_as(placing, &TUESDAY_ID, &MONDAY_ID).outcome, DECISION_YES);
    placing->terms.person_id = id_to_data(&PERSON_ID);
    placing->from.days = FROM + 91;
    assert_int_equal(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
}

/* Proves: a place that was given back is free at once, and one that ended is free from the day after its last. */
static void a_session_is_free_again_after_the_end(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ENDED);
    placing->from.days = FROM + 30;
    assert_refused(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID), OVERLAPPING_SESSIONS);
    placing->from.days = FROM + 31;
    assert_int_equal(placing_propose_as(placing, &OTHER_ID, &UNUSED_ID).outcome, DECISION_YES);
}

/* Proves: a provider's people act on their own placements only. */
static void another_providers_placement_is_refused(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    pure_principal_provider(placing->pure, &OTHER_ID);
    assert_refused(placing_accept_offer(placing), NOT_YOURS);
    assert_refused(placing_decline_offer(placing, 1), NOT_YOURS);
    assert_refused(placing_start(placing, FROM), NOT_YOURS);
    assert_refused(placing_end(placing, FROM), NOT_YOURS);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_said(placing_accept_offer(placing), &dw__offer_accepted__descriptor, 1);
}

/* Proves: dates outside the placement are refused at its start and at its end. */
static void dates_outside_are_refused(void **state)
{
    struct placing *placing = *state;
    placing->terms.to = &placing->to;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    assert_refused(placing_start(placing, FROM - 1), DATE_OUTSIDE);
    assert_refused(placing_start(placing, FROM + 91), DATE_OUTSIDE);
    placing_start(placing, FROM + 5);
    assert_refused(placing_end(placing, FROM + 4), DATE_OUTSIDE);
    assert_refused(placing_end(placing, FROM + 91), DATE_OUTSIDE);
    assert_said(placing_end(placing, FROM + 90), &dw__end_agreed__descriptor, 1);
}

/* Proves: support that starts tomorrow is not active today, whatever is booked. */
static void a_start_that_has_not_come_is_refused(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_ACCEPTED);
    assert_refused(placing_start(placing, TODAY + 1), DATE_OUTSIDE);
    assert_refused(placing_start(placing, TODAY + 20000), DATE_OUTSIDE);
    assert_state(placing, ACCEPTED);
    assert_said(placing_start(placing, TODAY), &dw__placement_started__descriptor, 0);
}

/* Proves: what the council's model does not know is refused. */
static void the_model_is_kept(void **state)
{
    struct placing *placing = *state;
    placing->terms.level = 9;
    assert_refused(placing_propose(placing), LEVEL_UNKNOWN);
    placing->terms.level = 2;
    placing->terms.district = 9;
    assert_refused(placing_propose(placing), DISTRICT_UNKNOWN);
    placing->terms.district = 3;
    placing->terms.age = 17;
    assert_refused(placing_propose(placing), TOO_YOUNG);
}

/* Proves: malformed terms are told by the field. */
static void malformed_terms_are_told_by_field(void **state)
{
    struct placing *placing = *state;
    placing->terms.line_number = 1;
    assert_invalid(placing_propose(placing), "terms.line_number");
    placing->terms.line_number = 0;
    placing->session_ids[1] = placing->session_ids[0];
    assert_invalid(placing_propose(placing), "terms.session_ids");
    placing->terms.n_session_ids = 0;
    assert_invalid(placing_propose(placing), "terms.session_ids");
    placing->terms.n_session_ids = 1;
    placing->to.days = FROM - 1;
    placing->terms.to = &placing->to;
    assert_invalid(placing_propose(placing), "terms.to");
    placing->terms.to = NULL;
    placing->terms.price_pence_per_week = -1;
    assert_invalid(placing_propose(placing), "terms.price_pence_per_week");
    placing->terms.person_id.len = 0;
    assert_invalid(placing_propose(placing), "terms.person_id");
    assert_null(placing_now(placing));
}

/* --- queries ---------------------------------------------------------------------------------------------------- */

static const Dw__PlacementList *list_as(struct placing *placing, Dw__ListPlacements *request,
                                        int role)
{
    return pure_query(placing->pure, &request->base, role, NOW_MS, TODAY, NULL);
}

static const Dw__PlacementList *list(struct placing *placing, Dw__ListPlacements *request)
{
    return list_as(placing, request, BROKER);
}

/* Proves: lists are cut by person, state and page, and a provider sees its own placements only. */
static void lists_show_what_is_asked_and_allowed(void **state)
{
    struct placing *placing = *state;
    placing_bring_to(placing, PLACEMENT_OFFERED);
    placing->terms.person_id = id_to_data(&OTHER_ID);
    placing->terms.provider_id = id_to_data(&OTHER_ID);
    placing_propose_as(placing, &OTHER_ID, &UNUSED_ID);
    Dw__ListPlacements request = DW__LIST_PLACEMENTS__INIT;
    pure_principal_provider(placing->pure, NULL);
    assert_int_equal(list(placing, &request)->total, 2);
    assert_int_equal(list_as(placing, &request, PROVIDER_MANAGER)->total, 0); /* of no provider */
    Dw__PlacementState offered = DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED;
    request.states = &offered;
    request.n_states = 1;
    assert_int_equal(list(placing, &request)->total, 1);
    request.n_states = 0;
    request.person_id = id_to_data(&OTHER_ID);
    assert_int_equal(list(placing, &request)->total, 1);
    assert_memory_equal(list(placing, &request)->placements[0]->placement_id.data, OTHER_ID.bytes,
                        16);
    request.person_id.len = 0;
    request.per_page = 1;
    request.page = 2;
    assert_int_equal(list(placing, &request)->n_placements, 1);
    request.page = 3;
    assert_int_equal(list(placing, &request)->n_placements, 0);
    pure_principal_provider(placing->pure, &PROVIDER_ID);
    assert_int_equal(list_as(placing, &request, PROVIDER_MANAGER)->total, 1);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&OTHER_ID);
    struct pure_outcome no;
    assert_null(pure_query(placing->pure, &get.base, PROVIDER_MANAGER, NOW_MS, TODAY, &no));
    assert_int_equal(no.refusal, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, placing_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_placement_goes_from_proposal_to_end),
        TEST(the_hold_asks_for_what_the_terms_say),
        TEST(saying_it_again_changes_nothing),
        TEST(an_unknown_placement_is_refused),
        TEST(the_wrong_state_is_told),
        TEST(a_used_id_is_refused),
        TEST(a_session_is_had_once_on_a_date),
        TEST(a_session_is_free_again_after_the_end),
        TEST(another_providers_placement_is_refused),
        TEST(dates_outside_are_refused),
        TEST(a_start_that_has_not_come_is_refused),
        TEST(the_model_is_kept),
        TEST(malformed_terms_are_told_by_field),
        TEST(lists_show_what_is_asked_and_allowed),
    };
    return cmocka_run_group_tests_name("placements_decide", tests, NULL, NULL);
}
