/* Tests of services/placements: a call-off from its opening to its award. */
#include "tests/support/placing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "referrals.pb-c.h"

#include "common/entities_store.h"
#include "services/placements/calloffs.h"

static const struct id CALL_OFF_ID = {{41}};
static const struct id PROVIDERS[3] = {{{51}}, {{52}}, {{53}}};
static const struct id OFFERS[3] = {{{61}}, {{62}}, {{63}}};
static const struct id STRANGER_ID = {{54}};
static Dw__AwardWeights weights;

static struct id next_placement, next_hold; /* that are asked for by an award */
static struct id offered_session;           /* the only one of an offer */
static size_t left_out;                     /* the offer that is not judged; 3: none */

/* Three providers have a contract for level 2; price counts 40, quality 30, outcomes 20, social value 10. */
static int set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    dw__award_weights__init(&weights);
    weights.price = 40;
    weights.quality = 30;
    weights.outcomes = 20;
    weights.social_value = 10;
    placing->rules.award_weights = &weights;
    placing->rules.call_off_days = 10;
    next_placement = PLACEMENT_ID;
    next_hold = HOLD_ID;
    offered_session = MONDAY_ID;
    left_out = 3;
    for (size_t at = 0; at < 3; at++) {
        uint32_t levels[] = {2};
        Dw__Date from = DW__DATE__INIT;
        from.days = FROM - 1000;
        Dw__Contract contract = DW__CONTRACT__INIT;
        contract.contract_id = id_to_data(&OFFERS[at]);
        contract.provider_id = id_to_data(&PROVIDERS[at]);
        contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK;
        contract.levels = levels;
        contract.n_levels = 1;
        contract.from = &from;
        Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
        agreed.contract = &contract;
        (void)placing_hear(placing, "capacity", &agreed.base);
    }
    pure_principal_provider(placing->pure, NULL);
    return result;
}

static int64_t closes_ms; /* 0: after the model's days */

static struct pure_outcome open_for(struct placing *placing, Dw__CallOffKind kind,
                                    Dw__WantedSession **wanted, size_t wanted_count)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY;
    Dw__Requirement requirement = DW__REQUIREMENT__INIT;
    requirement.level = 2;
    requirement.district = 3;
    requirement.sessions = wanted;
    requirement.n_sessions = wanted_count;
    requirement.from = &from;
    requirement.people = kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ? 8 : 1;
    Dw__PlacementTerms terms = placing->terms;
    terms.service_id.len = terms.provider_id.len = 0;
    terms.n_session_ids = 0;
    Dw__OpenCallOff open = DW__OPEN_CALL_OFF__INIT;
    open.call_off_id = id_to_data(&CALL_OFF_ID);
    open.kind = kind;
    open.requirement = &requirement;
    open.terms = kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ? NULL : &terms;
    open.description = "a quiet group that cooks";
    open.closes_ms = closes_ms;
    return placing_tell(placing, "ann", BROKER, &open.base);
}

static struct pure_outcome open_as(struct placing *placing, Dw__CallOffKind kind)
{
    Dw__WantedSession wanted = DW__WANTED_SESSION__INIT, *list[] = {&wanted};
    wanted.weekday = 1;
    wanted.part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    return open_for(placing, kind, list, 1);
}

static struct pure_outcome open_individual(struct placing *placing)
{
    return open_as(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL);
}

static struct pure_outcome offer_as(struct placing *placing, const struct id *provider_id,
                                    const struct id *offer_id, int64_t pence)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY + 14;
    ProtobufCBinaryData session_id = id_to_data(&offered_session);
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(offer_id);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = pence;
    submit.from = &from;
    submit.statement = "we cook";
    pure_principal_provider(placing->pure, provider_id);
    const struct pure_outcome told = placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base);
    pure_principal_provider(placing->pure, NULL);
    return told;
}

static void offer_all(struct placing *placing)
{
    static const int64_t PENCE[] = {10000, 8000, 12500};
    for (size_t at = 0; at < 3; at++)
        assert_said(offer_as(placing, &PROVIDERS[at], &OFFERS[at], PENCE[at]),
                    &dw__offer_submitted__descriptor, 0);
}

static struct pure_outcome close_now(struct placing *placing)
{
    Dw__CloseCallOff close = DW__CLOSE_CALL_OFF__INIT;
    close.call_off_id = id_to_data(&CALL_OFF_ID);
    return placing_tell(placing, "ann", BROKER, &close.base);
}

/* Scores in all: the first 40 × 80 + 30 × 90 + 20 × 80 + 10 × 50 = 8,000, the second 7,600, the third 6,860. */
static struct pure_outcome award_without(struct placing *placing, const char *name, size_t winner,
                                         size_t judged_count, size_t without, uint32_t outcomes)
{
    static const uint32_t QUALITY[] = {90, 60, 70};
    Dw__OfferJudged judged[3];
    Dw__OfferJudged *list[3];
    for (size_t at = 0; at < 3; at++) {
        dw__offer_judged__init(&judged[at]);
        judged[at].offer_id = id_to_data(&OFFERS[at]);
        judged[at].quality = QUALITY[at];
        judged[at].outcomes = outcomes;
        judged[at].social_value = at == 1 ? 20 : 50;
        list[at - (at > without)] = &judged[at];
    }
    Dw__Award command = DW__AWARD__INIT;
    command.call_off_id = id_to_data(&CALL_OFF_ID);
    command.offer_id = id_to_data(&OFFERS[winner]);
    command.judged = list;
    command.n_judged = judged_count;
    command.placement_id = id_to_data(&next_placement);
    command.hold_id = id_to_data(&next_hold);
    return placing_tell(placing, name, DW__ROLE__ROLE_COMMISSIONER, &command.base);
}

static struct pure_outcome award(struct placing *placing, const char *name, size_t winner,
                                 size_t judged_count)
{
    return award_without(placing, name, winner, judged_count, left_out, 80);
}

static const Dw__CallOffList *list_as(struct placing *placing, const struct id *provider_id)
{
    Dw__ListCallOffs list = DW__LIST_CALL_OFFS__INIT;
    pure_principal_provider(placing->pure, provider_id);
    const Dw__CallOffList *found =
        pure_query(placing->pure, &list.base, provider_id == NULL ? BROKER : PROVIDER_MANAGER,
                   NOW_MS, TODAY, NULL);
    pure_principal_provider(placing->pure, NULL);
    return found;
}

/* Proves: providers with a contract for the lot see what is wanted and in which district, and nothing of whom it is for, nor of
 * each other's offers; others see nothing. */
static void a_call_off_is_anonymous(void **state)
{
    struct placing *placing = *state;
    assert_said(open_individual(placing), &dw__call_off_opened__descriptor, 0);
    offer_all(placing);
    const Dw__CallOffList *seen = list_as(placing, &PROVIDERS[0]);
    assert_int_equal(seen->total, 1);
    const Dw__CallOffShown *shown = seen->call_offs[0];
    assert_int_equal(shown->requirement->district, 3);
    assert_int_equal(shown->person_id.len, 0);
    assert_string_equal(shown->description, "a quiet group that cooks");
    assert_int_equal(shown->n_offers, 1);
    assert_memory_equal(shown->offers[0]->offer->provider_id.data, PROVIDERS[0].bytes, 16);
    assert_int_equal(list_as(placing, &STRANGER_ID)->total, 0);
    assert_int_equal(list_as(placing, NULL)->call_offs[0]->n_offers, 3);
    assert_refused(offer_as(placing, &STRANGER_ID, &OTHER_ID, 1), NOT_ELIGIBLE);
}

/* Proves: the weights decide; who scores less does not win, whoever awards it is somebody else, and the losers are told. */
static void the_highest_score_wins_and_the_others_are_told(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    offer_all(placing);
    assert_refused(award(placing, "ben", 0, 3), WRONG_STATE);
    assert_said(close_now(placing), &dw__call_off_closed__descriptor, 0);
    assert_refused(offer_as(placing, &PROVIDERS[0], &OTHER_ID, 1), WRONG_STATE);
    assert_refused(award(placing, "ann", 0, 3), SAME_PERSON);
    assert_refused(award(placing, "ben", 0, 2), NOT_JUDGED);
    assert_refused(award(placing, "ben", 1, 3), NOT_HIGHEST);
    const struct pure_outcome told = award(placing, "ben", 0, 3);
    assert_told(told, &dw__call_off_awarded__descriptor, &dw__offer_lost__descriptor,
                &dw__offer_lost__descriptor, &dw__placement_proposed__descriptor, NULL);
    assert_sent(told, 0, &dw__hold_places__descriptor, &HOLD_ID);
    const Dw__CallOffShown *mine = list_as(placing, &PROVIDERS[1])->call_offs[0];
    assert_int_equal(mine->offers[0]->offer->state, DW__OFFER_STATE__OFFER_STATE_LOST);
    assert_int_equal(mine->offers[0]->offer->scores->total, 7600);
    assert_int_equal(mine->winning_total, 8000);
}

/* Proves: an award and a call-off that are said again change nothing, and what says something else is no repetition. */
static void what_is_said_again_is_the_same(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    assert_nothing_said(open_individual(placing));
    closes_ms = NOW_MS + 3 * INT64_C(86400000);
    assert_refused(open_individual(placing), ALREADY_EXISTS);
    closes_ms = 0;
    offer_all(placing);
    (void)close_now(placing);
    assert_int_equal(award(placing, "ben", 0, 3).outcome, DECISION_YES);
    assert_nothing_said(award(placing, "ben", 0, 3));
    assert_refused(award(placing, "ben", 1, 3), WRONG_STATE);
    assert_refused(award_without(placing, "ben", 0, 3, 3, 81), WRONG_STATE);
    assert_refused(close_now(placing), WRONG_STATE);
}

/* Proves: the winner has said yes with its offer: the place is held, then confirmed, and nobody is asked again. */
static void the_winners_offer_is_its_yes(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    offer_all(placing);
    (void)close_now(placing);
    (void)award(placing, "ben", 0, 3);
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
    (void)open_individual(placing);
    offer_all(placing);
    (void)close_now(placing);
    (void)award(placing, "ben", 0, 3);
    assert_told(placing_hold_answered(placing, &HOLD_ID, ANSWER_REFUSED,
                                      DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS),
                &dw__placement_lapsed__descriptor, &dw__award_undone__descriptor, NULL);
    pure_reload(placing->pure);
    const Dw__CallOffShown *shown = list_as(placing, NULL)->call_offs[0];
    assert_int_equal(shown->state, DW__CALL_OFF_STATE__CALL_OFF_STATE_CLOSED);
    assert_int_equal(shown->placement_id.len, 0);
    assert_int_equal(shown->offers[0]->offer->state, DW__OFFER_STATE__OFFER_STATE_FAILED);
    assert_int_equal(shown->offers[1]->offer->state, DW__OFFER_STATE__OFFER_STATE_SUBMITTED);
    assert_null(shown->offers[1]->offer->scores);
    next_placement = UNUSED_ID;
    next_hold = OTHER_ID;
    assert_refused(award(placing, "ben", 0, 3), NOT_JUDGED); /* it stands no more */
    left_out = 0;
    assert_refused(award(placing, "ben", 0, 2), OFFER_UNKNOWN);
    assert_told(award(placing, "ben", 1, 2), &dw__call_off_awarded__descriptor,
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
    assert_int_equal(list_as(placing, NULL)->call_offs[0]->offers[1]->offer->state,
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
    (void)open_individual(placing);
    offer_all(placing);
    (void)close_now(placing);
    (void)award(placing, "ben", 0, 3);
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
    const Dw__CallOffShown *shown = list_as(placing, NULL)->call_offs[0];
    assert_int_equal(shown->offers[1]->offer->state, DW__OFFER_STATE__OFFER_STATE_WITHDRAWN);
    assert_int_equal(shown->offers[2]->offer->state, DW__OFFER_STATE__OFFER_STATE_SUBMITTED);
}

/* Proves: for somebody who has died nobody offers any more. */
static void a_death_abandons_what_is_called_off(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    offer_all(placing);
    Dw__Date date = DW__DATE__INIT;
    date.days = TODAY;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &date;
    assert_told(placing_hear(placing, "referrals", &died.base), &dw__death_noted__descriptor,
                &dw__call_off_abandoned__descriptor, NULL);
    assert_int_equal(list_as(placing, NULL)->call_offs[0]->state,
                     DW__CALL_OFF_STATE__CALL_OFF_STATE_ABANDONED);
}

/* Proves: a second offer of a provider takes the place of its first, and one that is taken back is out. */
static void offers_are_replaced_and_taken_back(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    offer_all(placing);
    assert_said(offer_as(placing, &PROVIDERS[0], &OTHER_ID, 7000), &dw__offer_submitted__descriptor,
                0);
    assert_nothing_said(offer_as(placing, &PROVIDERS[0], &OTHER_ID, 7000));
    assert_refused(offer_as(placing, &PROVIDERS[0], &OTHER_ID, 7001), ALREADY_EXISTS);
    assert_refused(offer_as(placing, &PROVIDERS[1], &OTHER_ID, 7000), ALREADY_EXISTS);
    assert_int_equal(list_as(placing, NULL)->call_offs[0]->n_offers, 3);
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[1]);
    pure_principal_provider(placing->pure, &PROVIDERS[2]);
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base), OFFER_UNKNOWN);
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base),
                &dw__offer_withdrawn__descriptor, 0);
    assert_nothing_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base));
    assert_refused(offer_as(placing, &PROVIDERS[1], &OFFERS[1], 8000), ALREADY_EXISTS);
    pure_principal_provider(placing->pure, NULL);
    (void)close_now(placing);
    assert_refused(award(placing, "ben", 1, 3), NOT_JUDGED);
}

/* Proves: what is scored is what is paid, from the day and for the sessions that are wanted. */
static void an_offer_is_what_it_says(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
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
    (void)open_for(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL, wanted, 2);
    set_session(placing, &MONDAY_ID, 1, 600, 720);
    assert_refused(offer_as(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    set_session(placing, &TUESDAY_ID, 2, 600, 960);
    offered_session = TUESDAY_ID;
    assert_refused(offer_as(placing, &PROVIDERS[0], &OFFERS[0], 1), NOT_SERVED);
    set_session(placing, &OTHER_ID, 1, 600, 960);
    offered_session = OTHER_ID;
    assert_said(offer_as(placing, &PROVIDERS[0], &OFFERS[0], 1), &dw__offer_submitted__descriptor,
                0);
}

/* Proves: an offer that was taken back is judged by nobody, and what it would have cost makes no other one dear. */
static void what_was_taken_back_sets_no_price(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    offer_all(placing);
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    withdraw.call_off_id = id_to_data(&CALL_OFF_ID);
    withdraw.offer_id = id_to_data(&OFFERS[1]);
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    (void)placing_tell(placing, "pat", PROVIDER_MANAGER, &withdraw.base);
    pure_principal_provider(placing->pure, NULL);
    (void)close_now(placing);
    assert_refused(award(placing, "ben", 0, 3), NOT_JUDGED);
    assert_int_equal(award_without(placing, "ben", 0, 2, 1, 80).outcome, DECISION_YES);
    const Dw__CallOffShown *mine = list_as(placing, &PROVIDERS[2])->call_offs[0];
    assert_int_equal(mine->winning_total, 8800); /* the lowest price of those that stand */
}

/* Proves: a call-off closes by itself when its days are over, and can be abandoned, with a reason. */
static void time_closes_and_nobody_need_win(void **state)
{
    struct placing *placing = *state;
    (void)open_individual(placing);
    assert_int_equal(placing_wait_until(placing, TODAY + 9), 0);
    pure_reload(placing->pure);
    assert_int_equal(placing_wait_until(placing, TODAY + 10), 1);
    Dw__AbandonCallOff abandon = DW__ABANDON_CALL_OFF__INIT;
    abandon.call_off_id = id_to_data(&CALL_OFF_ID);
    abandon.reason = DW__ABANDON_REASON__ABANDON_REASON_NO_OFFERS;
    assert_said(placing_tell(placing, "ann", BROKER, &abandon.base),
                &dw__call_off_abandoned__descriptor, 0);
    assert_nothing_said(placing_tell(placing, "ann", BROKER, &abandon.base));
    assert_refused(close_now(placing), WRONG_STATE);
}

static Dw__Framework framework;
static Dw__Framework *frameworks[1] = {&framework};
static Dw__Date framework_last;

/* The first provider's contract is of a framework of that value, with fifty weeks from the offers' first date on. */
static void agree_framework(struct placing *placing, int64_t value_pence)
{
    static const struct id contract_id = {{1}}; /* of two the one with the smaller id is taken */
    uint32_t levels[] = {2};
    Dw__Date from = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    dw__date__init(&framework_last);
    dw__framework__init(&framework);
    framework_last.days = TODAY + 14 + 50 * 7 - 1;
    framework.number = 1;
    framework.to = &framework_last;
    framework.value_pence = value_pence;
    framework.over_value = DW__RULE_EFFECT__RULE_EFFECT_EXCLUDE;
    placing->model.frameworks = frameworks;
    placing->model.n_frameworks = 1;
    from.days = FROM - 1000;
    contract.contract_id = id_to_data(&contract_id);
    contract.provider_id = id_to_data(&PROVIDERS[0]);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK;
    contract.levels = levels;
    contract.n_levels = 1;
    contract.from = &from;
    contract.framework = 1;
    agreed.contract = &contract;
    (void)placing_hear(placing, "capacity", &agreed.base);
}

static int64_t committed(struct placing *placing)
{
    Dw__Budgets budgets = DW__BUDGETS__INIT;
    budgets.year = 2026;
    const Dw__BudgetsFound *found =
        pure_query(placing->pure, &budgets.base, DW__ROLE__ROLE_COMMISSIONER, NOW_MS, TODAY, NULL);
    return found->frameworks[0]->committed_pence;
}

/* Proves: a programme commits what it comes to for all its people to the end of the framework's term, and is not awarded beyond the value. */
static void a_programme_takes_of_the_frameworks_value(void **state)
{
    enum { WHOLE = 8 * 9000 * 50 };
    struct placing *placing = *state;
    Dw__Service service = DW__SERVICE__INIT;
    Dw__Session session = DW__SESSION__INIT, *sessions[] = {&session};
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT, *limits[] = {&places};
    Dw__Date from = DW__DATE__INIT;
    ProtobufCBinaryData session_id = id_to_data(&MONDAY_ID);
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    agree_framework(placing, WHOLE - 1);
    (void)open_as(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    from.days = TODAY + 14;
    service.service_id = session.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(&PROVIDERS[0]);
    service.level = 2;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    session.session_id = session_id;
    session.weekday = 1;
    session.limits = limits;
    session.n_limits = 1;
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = 8;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(&OFFERS[0]);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = 9000;
    submit.from = &from;
    submit.programme = &service;
    submit.programme_sessions = sessions;
    submit.n_programme_sessions = 1;
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                &dw__offer_submitted__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
    (void)close_now(placing);
    assert_refused(award(placing, "ben", 0, 1), FRAMEWORK_SPENT);
    assert_int_equal(committed(placing), 0);
    framework.value_pence = WHOLE;
    assert_said(award(placing, "ben", 0, 1), &dw__call_off_awarded__descriptor, 2);
    assert_int_equal(committed(placing), WHOLE);
}

/* Proves: a programme is for nobody yet, and what wins is registered with capacity. */
static void a_programme_is_registered_when_it_wins(void **state)
{
    struct placing *placing = *state;
    (void)open_as(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME);
    assert_invalid(offer_as(placing, &PROVIDERS[0], &OFFERS[0], 9000), "programme");
    Dw__Date from = DW__DATE__INIT;
    from.days = TODAY + 14;
    ProtobufCBinaryData session_id = id_to_data(&MONDAY_ID);
    Dw__Service service = DW__SERVICE__INIT;
    Dw__Session session = DW__SESSION__INIT;
    Dw__Session *sessions[] = {&session};
    service.service_id = session.service_id = id_to_data(&SERVICE_ID);
    service.provider_id = id_to_data(&PROVIDERS[0]);
    session.session_id = session_id;
    Dw__LimitAmount places = DW__LIMIT_AMOUNT__INIT, *limits[] = {&places};
    places.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    places.amount = 8;
    session.limits = limits;
    session.n_limits = 1;
    session.weekday = 1;
    service.level = 2;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(&OFFERS[0]);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = 9000;
    submit.from = &from;
    submit.programme = &service;
    submit.programme_sessions = sessions;
    submit.n_programme_sessions = 1;
    pure_principal_provider(placing->pure, &PROVIDERS[1]);
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "programme");
    pure_principal_provider(placing->pure, &PROVIDERS[0]);
    /* It is what is wanted, at the price that is scored. */
    service.level = 1;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), "programme.level");
    service.level = 2;
    session.weekday = 7;
    assert_refused(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base), NOT_SERVED);
    session.weekday = 1;
    places.amount = 7;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme_sessions");
    places.amount = 8;
    service.price_pence = 9001;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme.price_pence");
    service.price_pence = 3000;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_HOUR;
    assert_invalid(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                   "programme.price_unit");
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.price_pence = 9000;
    assert_said(placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base),
                &dw__offer_submitted__descriptor, 0);
    pure_principal_provider(placing->pure, NULL);
    (void)close_now(placing);
    const struct pure_outcome told = award(placing, "ben", 0, 1);
    assert_said(told, &dw__call_off_awarded__descriptor, 2);
    assert_ptr_equal(told.decision->sends[0].type, &dw__register_service__descriptor);
    assert_ptr_equal(told.decision->sends[1].type, &dw__set_session__descriptor);
    Dw__RegisterService asked = DW__REGISTER_SERVICE__INIT;
    asked.service = &service;
    const struct answer_received no = {ANSWER_REFUSED, 1, ""};
    assert_told(pure_settle(placing->pure, &asked.base, &no, NOW_MS, TODAY),
                &dw__programme_refused__descriptor, &dw__award_undone__descriptor, NULL);
    pure_reload(placing->pure);
    assert_int_equal(list_as(placing, NULL)->call_offs[0]->offers[0]->offer->state,
                     DW__OFFER_STATE__OFFER_STATE_FAILED); /* another one may win */
    assert_true(list_as(placing, NULL)->call_offs[0]->programme_refused);
    assert_false(list_as(placing, &PROVIDERS[0])->call_offs[0]->programme_refused);
}

/* Proves: each event leads from each state where this list says, and nowhere else. */
static void a_call_off_moves_as_the_list_says(void **state)
{
    (void)state;
    static const char *const EXPECTED[CALL_OFF_STATES] = {
        /* open offer withdraw close award abandon undo */
        [CALL_OFF_UNSPECIFIED] = "o......", [CALL_OFF_OPEN] = ".ooc.a.",
        [CALL_OFF_CLOSED] = "..c.wa.",      [CALL_OFF_AWARDED] = "..w...c",
        [CALL_OFF_ABANDONED] = ".......",
    };
    static const char LETTERS[] = {'.', 'o', 'c', 'w', 'a'};
    for (int from = 0; from < CALL_OFF_STATES; from++)
        for (int event = 0; event < CALL_OFF_EVENTS; event++)
            assert_int_equal(
                LETTERS[call_off_next((enum call_off_state)from, (enum call_off_event)event)],
                EXPECTED[from][event]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, placing_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_off_is_anonymous),
        TEST(the_highest_score_wins_and_the_others_are_told),
        TEST(what_is_said_again_is_the_same),
        TEST(the_winners_offer_is_its_yes),
        TEST(an_award_that_comes_to_nothing_is_undone),
        TEST(a_loser_may_withdraw),
        TEST(a_death_abandons_what_is_called_off),
        TEST(offers_are_replaced_and_taken_back),
        TEST(what_was_taken_back_sets_no_price),
        TEST(an_offer_is_what_it_says),
        TEST(an_offer_serves_all_that_is_wanted),
        TEST(time_closes_and_nobody_need_win),
        TEST(a_programme_takes_of_the_frameworks_value),
        TEST(a_programme_is_registered_when_it_wins),
        cmocka_unit_test(a_call_off_moves_as_the_list_says),
    };
    return cmocka_run_group_tests_name("placements_calloff", tests, NULL, NULL);
}
