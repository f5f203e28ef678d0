/* Tests of services/placements: a call-off for one person, from its opening to its award. */
#include "tests/support/calling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "referrals.pb-c.h"

static const struct id STRANGER_ID = {{54}};

/* Proves: providers with a contract for the lot see what is wanted and in which district, and nothing of whom it is for, nor of
 * each other's offers; others see nothing. */
static void a_call_off_is_anonymous(void **state)
{
    struct placing *placing = *state;
    assert_said(calling_open_individual(placing), &dw__call_off_opened__descriptor, 0);
    calling_offer_all(placing);
    const Dw__CallOffList *seen = calling_list(placing, &PROVIDERS[0]);
    assert_int_equal(seen->total, 1);
    const Dw__CallOffShown *shown = seen->call_offs[0];
    assert_int_equal(shown->requirement->district, 3);
    assert_int_equal(shown->person_id.len, 0);
    assert_string_equal(shown->description, "a quiet group that cooks");
    assert_int_equal(shown->n_offers, 1);
    assert_memory_equal(shown->offers[0]->offer->provider_id.data, PROVIDERS[0].bytes, 16);
    assert_int_equal(calling_list(placing, &STRANGER_ID)->total, 0);
    assert_int_equal(calling_list(placing, NULL)->call_offs[0]->n_offers, 3);
    assert_refused(calling_offer(placing, &STRANGER_ID, &OTHER_ID, 1), NOT_ELIGIBLE);
}

/* Proves: the weights decide; who scores less does not win, whoever awards it is somebody else, and the losers are told. */
static void the_highest_score_wins_and_the_others_are_told(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    assert_refused(calling_award(placing, "ben", 0, 3), WRONG_STATE);
    assert_said(calling_close(placing), &dw__call_off_closed__descriptor, 0);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OTHER_ID, 1), WRONG_STATE);
    assert_refused(calling_award(placing, "ann", 0, 3), SAME_PERSON);
    assert_refused(calling_award(placing, "ben", 0, 2), NOT_JUDGED);
    assert_refused(calling_award(placing, "ben", 1, 3), NOT_HIGHEST);
    const struct pure_outcome told = calling_award(placing, "ben", 0, 3);
    assert_told(told, &dw__call_off_awarded__descriptor, &dw__offer_lost__descriptor,
                &dw__offer_lost__descriptor, &dw__placement_proposed__descriptor, NULL);
    assert_sent(told, 0, &dw__hold_places__descriptor, &HOLD_ID);
    const Dw__CallOffShown *mine = calling_list(placing, &PROVIDERS[1])->call_offs[0];
    assert_int_equal(mine->offers[0]->offer->state, DW__OFFER_STATE__OFFER_STATE_LOST);
    assert_int_equal(mine->offers[0]->offer->scores->total, 7600);
    assert_int_equal(mine->winning_total, 8000);
}

/* Proves: an award and a call-off that are said again change nothing, and what says something else is no repetition. */
static void what_is_said_again_is_the_same(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    assert_nothing_said(calling_open_individual(placing));
    calling.closes_ms = NOW_MS + 3 * INT64_C(86400000);
    assert_refused(calling_open_individual(placing), ALREADY_EXISTS);
    calling.closes_ms = 0;
    calling_offer_all(placing);
    (void)calling_close(placing);
    assert_int_equal(calling_award(placing, "ben", 0, 3).outcome, DECISION_YES);
    assert_nothing_said(calling_award(placing, "ben", 0, 3));
    assert_refused(calling_award(placing, "ben", 1, 3), WRONG_STATE);
    assert_refused(calling_award_without(placing, "ben", 0, 3, 3, 81), WRONG_STATE);
    assert_refused(calling_close(placing), WRONG_STATE);
}

/* Proves: what could never be awarded is not called off: foreign covers, money of others, shares and uses that are none. */
static void what_cannot_be_placed_is_not_called_off(void **state)
{
    struct placing *placing = *state;
    placing->terms.covers_placement_id = id_to_data(&OTHER_ID);
    assert_refused(calling_open_individual(placing), OTHER_PLACEMENT);
    placing->terms.covers_placement_id.len = 0;
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT;
    assert_invalid(calling_open_individual(placing), "terms.funding");
    placing->terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    placing->terms.nhs_share = 10001;
    assert_invalid(calling_open_individual(placing), "terms.nhs_share");
    placing->terms.nhs_share = 0;
    placing->terms.line_number = 1;
    assert_invalid(calling_open_individual(placing), "terms.line_number");
    placing->terms.line_number = 0;
    placing->terms.price_pence_per_year = -1;
    assert_invalid(calling_open_individual(placing), "terms.price_pence_per_year");
    placing->terms.price_pence_per_year = 0;
    assert_said(calling_open_individual(placing), &dw__call_off_opened__descriptor, 0);
}

/* Proves: the winner has said yes with its offer: the place is held, then confirmed, and nobody is asked again. */
static void the_winners_offer_is_its_yes(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    (void)calling_close(placing);
    (void)calling_award(placing, "ben", 0, 3);
    const struct pure_outcome told = placing_hold_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_told(told, &dw__placement_offered__descriptor, &dw__offer_accepted__descriptor, NULL);
    assert_sent(told, 0, &dw__confirm_hold__descriptor, &HOLD_ID);
    (void)placing_confirm_answered(placing, &HOLD_ID, ANSWER_ACCEPTED, 0);
    assert_state(placing, ACCEPTED);
    const Dw__PlacementTerms *terms = placing_now(placing)->terms;
    assert_int_equal(terms->price_pence_per_week, 10000);
    assert_int_equal(terms->from->days, TODAY + 14);
    assert_int_equal(terms->ground, DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF);
    assert_memory_equal(terms->provider_id.data, PROVIDERS[0].bytes, 16);
}

/* Proves: an award whose placement comes to nothing is undone: who had lost stands again and may win, who had won may not. */
static void an_award_that_comes_to_nothing_is_undone(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    (void)calling_close(placing);
    (void)calling_award(placing, "ben", 0, 3);
    assert_told(placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS),
                &dw__placement_lapsed__descriptor, &dw__award_undone__descriptor, NULL);
    pure_reload(placing->pure);
    const Dw__CallOffShown *shown = calling_list(placing, NULL)->call_offs[0];
    assert_int_equal(shown->state, DW__CALL_OFF_STATE__CALL_OFF_STATE_CLOSED);
    assert_int_equal(shown->placement_id.len, 0);
    assert_int_equal(shown->offers[0]->offer->state, DW__OFFER_STATE__OFFER_STATE_FAILED);
    assert_int_equal(shown->offers[1]->offer->state, DW__OFFER_STATE__OFFER_STATE_SUBMITTED);
    assert_null(shown->offers[1]->offer->scores);
    calling.placement_id = UNUSED_ID;
    calling.hold_id = OTHER_ID;
    assert_refused(calling_award(placing, "ben", 0, 3), NOT_JUDGED); /* it stands no more */
    calling.left_out = 0;
    assert_refused(calling_award(placing, "ben", 0, 2), OFFER_UNKNOWN);
    assert_told(calling_award(placing, "ben", 1, 2), &dw__call_off_awarded__descriptor,
                &dw__offer_lost__descriptor, &dw__placement_proposed__descriptor, NULL);
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[0]);
    /* A person's no before the start undoes it as well; a death leaves it, for nobody is wanted any more. */
    Dw__CancelPlacement cancel = DW__CANCEL_PLACEMENT__INIT;
    cancel.placement_id = id_to_data(&UNUSED_ID);
    cancel.reason = DW__CANCEL_REASON__CANCEL_REASON_PERSONS_CHOICE;
    assert_told(placing_tell(placing, "ann", BROKER, &cancel.base),
                &dw__placement_cancelled__descriptor, &dw__award_undone__descriptor, NULL);
    assert_int_equal(calling_list(placing, NULL)->call_offs[0]->offers[1]->offer->state,
                     DW__OFFER_STATE__OFFER_STATE_SUBMITTED); /* it was not the provider's doing */
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base), WRONG_STATE);
    pure_principal_provider(placing->pure, NULL);
}

/* Proves: who has lost may take the offer back, and is not bound when the award is undone. */
static void a_loser_may_withdraw(void **state)
{
    struct placing *placing = *state;
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    (void)calling_close(placing);
    (void)calling_award(placing, "ben", 0, 3);
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[0]);
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base), WRONG_STATE);
    withdraw.offer_id = id_to_data(&OFFERS[1]);
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base),
                &dw__offer_withdrawn__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT);
    const Dw__CallOffShown *shown = calling_list(placing, NULL)->call_offs[0];
    assert_int_equal(shown->offers[1]->offer->state, DW__OFFER_STATE__OFFER_STATE_WITHDRAWN);
    assert_int_equal(shown->offers[2]->offer->state, DW__OFFER_STATE__OFFER_STATE_SUBMITTED);
}

/* Proves: for somebody who has died nobody offers any more. */
static void a_death_abandons_what_is_called_off(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    assert_told(placing_hear(placing, "referrals", &died.base), &dw__death_noted__descriptor,
                &dw__call_off_abandoned__descriptor, NULL);
    assert_int_equal(calling_list(placing, NULL)->call_offs[0]->state,
                     DW__CALL_OFF_STATE__CALL_OFF_STATE_ABANDONED);
}

/* Proves: a second offer of a provider takes the place of its first, and one that is taken back is out. */
static void offers_are_replaced_and_taken_back(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    assert_said(calling_offer(placing, &PROVIDERS[0], &OTHER_ID, 7000),
                &dw__offer_submitted__descriptor, 0);
    assert_nothing_said(calling_offer(placing, &PROVIDERS[0], &OTHER_ID, 7000));
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OTHER_ID, 7001), ALREADY_EXISTS);
    assert_refused(calling_offer(placing, &PROVIDERS[1], &OTHER_ID, 7000), ALREADY_EXISTS);
    assert_int_equal(calling_list(placing, NULL)->call_offs[0]->n_offers, 3);
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[1]);
    pure_principal_provider(placing->pure, &PROVIDERS[2]);
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base), OFFER_UNKNOWN);
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base),
                &dw__offer_withdrawn__descriptor, 0);
    assert_nothing_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base));
    assert_refused(calling_offer(placing, &PROVIDERS[1], &OFFERS[1], 8000), ALREADY_EXISTS);
    pure_principal_provider(placing->pure, NULL);
    (void)calling_close(placing);
    assert_refused(calling_award(placing, "ben", 1, 3), NOT_JUDGED);
}

/* Proves: what is scored is what is paid, from the day and for the sessions that are wanted. */
static void an_offer_is_what_it_says(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    Dw__Date from = DW__DATE__INIT;
    Dw__PricePart part = DW__PRICE_PART__INIT, *parts[] = {&part};
    ProtobufCBinaryData session_id = id_to_data(&MONDAY_ID);
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    from.days = TODAY - 1;
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    part.pence = 50000;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(&OFFERS[0]);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.parts = parts;
    submit.n_parts = 1;
    submit.price_pence_per_week = 1;
    submit.from = &from;
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "price_pence_per_week");
    submit.price_pence_per_week = 50000;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "from");
    from.days = TODAY;
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "parts");
    part.unit = DW__PRICE_UNIT__PRICE_UNIT_WEEK;
    ProtobufCBinaryData no_ids[] = {session_id, session_id, {0}};
    submit.session_ids = no_ids;
    submit.n_session_ids = 2;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "session_ids");
    no_ids[1] = no_ids[2];
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "session_ids");
    submit.n_session_ids = 1;
    assert_int_equal(pure_command(placing->pure, &submit.base, PROVIDER_MANAGER,
                                  NOW_MS + 30 * INT64_C(86400000), TODAY)
                         .refusal,
                     DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                &dw__offer_submitted__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
}

/* Capacity tells when a session is. */
static void set_session(struct placing *placing, const struct id *session_id, uint32_t weekday,
                        uint32_t start_minutes, uint32_t end_minutes)
{
    Dw__Session session = DW__SESSION__INIT;
    Dw__SessionSet set = DW__SESSION_SET__INIT;
    session.session_id = id_to_data(session_id);
    session.weekday = weekday;
    session.start_minutes = start_minutes;
    session.end_minutes = end_minutes;
    set.session = &session;
    (void)placing_hear(placing, "capacity", &set.base);
}

/* Proves: an offer serves all that is wanted, in the part of the day and for the time it is; a whole day serves both of its parts with one
 * session. */
static void an_offer_serves_all_that_is_wanted(void **state)
{
    struct placing *placing = *state;
    Dw__WantedSession morning = DW__WANTED_SESSION__INIT, afternoon = DW__WANTED_SESSION__INIT;
    Dw__WantedSession *wanted[] = {&morning, &afternoon};
    morning.weekday = afternoon.weekday = 1;
    morning.part = DW__PART_OF_DAY__PART_OF_DAY_MORNING;
    afternoon.part = DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON;
    (void)calling_open_for(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL, wanted, 2);
    set_session(placing, &MONDAY_ID, 1, 600, 720);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    set_session(placing, &TUESDAY_ID, 2, 600, 960);
    calling.session_id = TUESDAY_ID;
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    set_session(placing, &OTHER_ID, 1, 600, 960);
    calling.session_id = OTHER_ID;
    assert_said(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1),
                &dw__offer_submitted__descriptor, 0);
}

static void tell_service(struct placing *placing, const struct id *provider_id, uint32_t level,
                         Dw__SupportReason need)
{
    Dw__Service service = DW__SERVICE__INIT;
    Dw__ServiceRegistered registered = DW__SERVICE_REGISTERED__INIT;
    service.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(provider_id);
    service.level = level;
    service.needs = &need;
    service.n_needs = 1;
    registered.service = &service;
    (void)placing_hear(placing, "capacity", &registered.base);
}

/* Proves: what is called off for people of a culture is offered by services for them, once they have said that they are. */
static void an_offer_is_of_the_culture_that_is_wanted(void **state)
{
    struct placing *placing = *state;
    Dw__SupportReason need = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    calling.culturally_specific = true;
    (void)calling_open_individual(placing);
    tell_service(placing, &PROVIDERS[0], 2, need);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    Dw__Service service = DW__SERVICE__INIT;
    Dw__ServiceRegistered registered = DW__SERVICE_REGISTERED__INIT;
    service.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(&PROVIDERS[0]);
    service.level = 2;
    service.needs = &need;
    service.n_needs = 1;
    service.culturally_specific = true;
    registered.service = &service;
    (void)placing_hear(placing, "capacity", &registered.base);
    assert_said(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1),
                &dw__offer_submitted__descriptor, 0);
}

/* Proves: what is offered is the provider's own, of the level and for the needs that are wanted, and soon. */
static void an_offer_is_of_a_service_that_serves(void **state)
{
    static const Dw__SupportReason wanted = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY,
                                   other = DW__SUPPORT_REASON__SUPPORT_REASON_MENTAL_HEALTH;
    struct placing *placing = *state;
    calling.need = wanted;
    (void)calling_open_individual(placing);
    tell_service(placing, &PROVIDERS[1], 2, wanted);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    tell_service(placing, &PROVIDERS[0], 1, wanted);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    tell_service(placing, &PROVIDERS[0], 2, other);
    assert_refused(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    tell_service(placing, &PROVIDERS[0], 2, wanted);
    calling.from = TODAY + 93;
    assert_invalid(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), "from");
    calling.from = TODAY + 92;
    pure_reload(placing->pure);
    assert_said(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1),
                &dw__offer_submitted__descriptor, 0);
}

/* Proves: nothing is offered from a date on which it is wanted no more. */
static void an_offer_begins_while_it_is_wanted(void **state)
{
    struct placing *placing = *state;
    calling.to = TODAY + 20;
    (void)calling_open_individual(placing);
    calling.from = TODAY + 21;
    assert_invalid(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1), "from");
    calling.from = TODAY + 20;
    assert_said(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 1),
                &dw__offer_submitted__descriptor, 0);
}

/* Proves: an offer that cannot be had, since the person is there already, does not stand in the way of the next one, and is told so. */
static void the_highest_that_can_be_had_wins(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    assert_said(calling_offer(placing, &PROVIDERS[0], &OFFERS[0], 10000),
                &dw__offer_submitted__descriptor, 0);
    calling.session_id = OTHER_ID;
    assert_said(calling_offer(placing, &PROVIDERS[1], &OFFERS[1], 8000),
                &dw__offer_submitted__descriptor, 0);
    assert_said(calling_offer(placing, &PROVIDERS[2], &OFFERS[2], 12500),
                &dw__offer_submitted__descriptor, 0);
    (void)calling_close(placing);
    (void)placing_propose_as(placing, &UNUSED_ID, &CALL_OFF_ID); /* on Mondays */
    assert_refused(calling_award(placing, "ben", 0, 3), OVERLAPPING_SESSIONS);
    assert_refused(calling_award(placing, "ben", 2, 3), NOT_HIGHEST);
    assert_int_equal(calling_award(placing, "ben", 1, 3).outcome, DECISION_YES);
    const Dw__CallOffShown *mine = calling_list(placing, &PROVIDERS[0])->call_offs[0];
    assert_true(mine->offers[0]->offer->could_not_be_had);
    assert_true(mine->offers[0]->offer->scores->total > mine->winning_total);
    assert_false(
        calling_list(placing, &PROVIDERS[2])->call_offs[0]->offers[0]->offer->could_not_be_had);
}

/* What is kept of the person's in words, for whoever answers for data protection. */
static size_t texts_of_person(struct placing *placing)
{
    Dw__PersonTextsHeld held = DW__PERSON_TEXTS_HELD__INIT;
    held.person_id = id_to_data(&PERSON_ID);
    const Dw__PersonTextsShown *shown = pure_query(
        placing->pure, &held.base, DW__ROLE__ROLE_DATA_PROTECTION_OFFICER, NOW_MS, TODAY, NULL);
    return shown->n_texts;
}

/* Proves: what the winner of a call-off said is the person's from then on, once, and goes with them; what the losers said is nobody's. */
static void the_winning_offer_is_the_persons(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    (void)calling_close(placing);
    assert_int_equal(texts_of_person(placing), 1); /* the call-off itself */
    assert_int_equal(calling_award(placing, "ben", 0, 3).outcome, DECISION_YES);
    assert_int_equal(texts_of_person(placing), 2);
    (void)placing_hold_answered(placing, &HOLD_ID, ANSWER_FAILED, 0); /* undone, and it stands */
    calling.placement_id = UNUSED_ID;
    calling.hold_id = OTHER_ID;
    assert_int_equal(calling_award(placing, "ben", 0, 3).outcome, DECISION_YES);
    assert_int_equal(texts_of_person(placing), 2);
}

/* Proves: when a person is erased, nobody is asked about them any more, and what was written is gone. */
static void an_erasure_ends_what_is_called_off(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    assert_string_equal(calling_list(placing, NULL)->call_offs[0]->description,
                        "a quiet group that cooks");
    Dw__PersonErased erased = DW__PERSON_ERASED__INIT;
    erased.person_id = id_to_data(&PERSON_ID);
    assert_told(placing_hear(placing, "referrals", &erased.base),
                &dw__call_off_abandoned__descriptor, &dw__texts_erased__descriptor, NULL);
    const Dw__CallOffShown *shown = calling_list(placing, NULL)->call_offs[0];
    assert_int_equal(shown->state, DW__CALL_OFF_STATE__CALL_OFF_STATE_ABANDONED);
    assert_string_equal(shown->description, "");
}

/* Proves: an offer that was taken back is judged by nobody, and what it would have cost makes no other one dear. */
static void what_was_taken_back_sets_no_price(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    calling_offer_all(placing);
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[1]);
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    (void)placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base);
    pure_principal_provider(placing->pure, NULL);
    (void)calling_close(placing);
    assert_refused(calling_award(placing, "ben", 0, 3), NOT_JUDGED);
    assert_int_equal(calling_award_without(placing, "ben", 0, 2, 1, 80).outcome, DECISION_YES);
    const Dw__CallOffShown *mine = calling_list(placing, &PROVIDERS[2])->call_offs[0];
    assert_int_equal(mine->winning_total, 8800); /* the lowest price of those that stand */
}

/* Proves: a call-off closes by itself when its days are over, and can be abandoned, with a reason. */
static void time_closes_and_nobody_need_win(void **state)
{
    struct placing *placing = *state;
    (void)calling_open_individual(placing);
    assert_int_equal(placing_wait_until(placing, TODAY + 9), 0);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY + 10), 1);
    Dw__AbandonCallOff abandon = DW__ABANDON_CALL_OFF__INIT;
    abandon.call_off_id = id_to_data(&CALL_OFF_ID);
    abandon.reason = DW__ABANDON_REASON__ABANDON_REASON_NO_OFFERS;
    assert_said(placing_tell(placing, "ann", BROKER, &abandon.base),
                &dw__call_off_abandoned__descriptor, 0);
    assert_nothing_said(placing_tell(placing, "ann", BROKER, &abandon.base));
    assert_refused(calling_close(placing), WRONG_STATE);
}

/* Proves: each event leads from each state where this list says, and nowhere else. */
static void a_call_off_moves_as_the_list_says(void **state)
{
    (void)state;
    static const char *const EXPECTED[CALL_OFF_STATES] = {
        /* open offer withdraw close award abandon undo */
        [CALL_OFF_UNSPECIFIED] = "o......", [CALL_OFF_OPEN] = ".ooc.a.",
        [CALL_OFF_CLOSED] = "..c.wa.",      [CALL_OFF_AWARDED] = "..w..ac",
        [CALL_OFF_ABANDONED] = ".......",
    };
    static const char LETTERS[] = {'.', 'o', 'c', 'w', 'a'};
    for (int from = 0; from < CALL_OFF_STATES; from++)
        for (int event = 0; event < CALL_OFF_EVENTS; event++)
            assert_int_equal(
                LETTERS[call_off_next((enum call_off_state)from, (enum call_off_event)event)],
                EXPECTED[from][event]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, calling_set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_off_is_anonymous),
        TEST(the_highest_score_wins_and_the_others_are_told),
        TEST(what_is_said_again_is_the_same),
        TEST(what_cannot_be_placed_is_not_called_off),
        TEST(the_winners_offer_is_its_yes),
        TEST(an_award_that_comes_to_nothing_is_undone),
        TEST(a_loser_may_withdraw),
        TEST(a_death_abandons_what_is_called_off),
        TEST(offers_are_replaced_and_taken_back),
        TEST(what_was_taken_back_sets_no_price),
        TEST(an_offer_is_what_it_says),
        TEST(an_offer_serves_all_that_is_wanted),
        TEST(an_offer_is_of_a_service_that_serves),
        TEST(an_offer_is_of_the_culture_that_is_wanted),
        TEST(an_offer_begins_while_it_is_wanted),
        TEST(the_highest_that_can_be_had_wins),
        TEST(the_winning_offer_is_the_persons),
        TEST(an_erasure_ends_what_is_called_off),
        TEST(time_closes_and_nobody_need_win),
        cmocka_unit_test(a_call_off_moves_as_the_list_says),
    };
    return cmocka_run_group_tests_name("placements_calloff", tests, NULL, NULL);
}
