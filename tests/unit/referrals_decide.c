/* Tests of services/referrals: recording a person, a referral from draft to closed, each refusal, and what the start of
 * a placement does to the line it answers. */
#include "services/referrals/referrals.h"
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/entities_store.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model.pb-c.h"
#include "placements.pb-c.h"
#include "tests/support/pure.h"

enum { BROKER = DW__ROLE__ROLE_BROKER, TODAY = 20780 };
static const int64_t NOW_MS = INT64_C(20780) * 86400000;

static const struct id PERSON_ID = {{1}};
static const struct id REFERRAL_ID = {{2}};
static const struct id OTHER_ID = {{3}};
static const struct id PLACEMENT_ID = {{4}};

struct world {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__Level level;
    Dw__Level *levels[1];
    Dw__District district;
    Dw__District *districts[1];
    Dw__OutcomeDomain domain;
    Dw__OutcomeDomain *domains[1];
    Dw__Date born;
    Dw__PersonDetails details;
    Dw__PersonFacts facts;
    Dw__Date from;
    Dw__LineSession session;
    Dw__LineSession *sessions[1];
    uint32_t outcomes[1];
    Dw__ReferralLine lines[2];
    Dw__ReferralLine *line_pointers[2];
    struct pure *pure;
};

static void fill_model(struct world *world)
{
    dw__commissioning_model__init(&world->model);
    dw__rules__init(&world->rules);
    dw__level__init(&world->level);
    dw__district__init(&world->district);
    dw__outcome_domain__init(&world->domain);
    world->rules.record_from_age = 18;
    world->rules.outcomes_before_submission = true;
    world->level.number = 2;
    world->district.number = 3;
    world->domain.number = 4;
    world->levels[0] = &world->level;
    world->districts[0] = &world->district;
    world->domains[0] = &world->domain;
    world->model.reference_prefix = (char *)(uintptr_t) "CE";
    world->model.rules = &world->rules;
    world->model.n_levels = world->model.n_districts = world->model.n_outcome_domains = 1;
    world->model.levels = world->levels;
    world->model.districts = world->districts;
    world->model.outcome_domains = world->domains;
}

static void fill_person(struct world *world)
{
    dw__date__init(&world->born);
    dw__person_details__init(&world->details);
    dw__person_facts__init(&world->facts);
    world->born.days = calendar_date(1990, 5, 1);
    world->details.council_id = (char *)(uintptr_t) "C-77";
    world->details.nhs_number = (char *)(uintptr_t) "9990000018";
    world->details.family_name = (char *)(uintptr_t) "Example";
    world->details.born = &world->born;
    world->facts.district = 3;
    world->facts.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    world->facts.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    world->facts.sex = DW__SEX__SEX_FEMALE;
    world->facts.age = 99; /* must not be believed */
}

static void fill_lines(struct world *world)
{
    dw__date__init(&world->from);
    dw__line_session__init(&world->session);
    world->from.days = TODAY + 14;
    world->session.weekday = 1;
    world->session.part = DW__LINE_PART__LINE_PART_MORNING;
    world->sessions[0] = &world->session;
    world->outcomes[0] = 4;
    for (size_t at = 0; at < 2; at++) {
        Dw__ReferralLine *line = &world->lines[at];
        dw__referral_line__init(line);
        line->kind = DW__LINE_KIND__LINE_KIND_RESOURCE_CENTRE;
        line->level = 2;
        line->n_sessions = 1;
        line->sessions = world->sessions;
        line->from = &world->from;
        line->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
        line->n_outcomes = 1;
        line->outcomes = world->outcomes;
        world->line_pointers[at] = line;
    }
}

static int set_up(void **ret_world)
{
    static struct world world;
    fill_model(&world);
    fill_person(&world);
    fill_lines(&world);
    world.pure = pure_create(&referrals_service, &world.model.base);
    *ret_world = &world;
    return 0;
}

static int tear_down(void **world)
{
    pure_destroy(&((struct world *)*world)->pure);
    return 0;
}

/* --- commands --------------------------------------------------------------------------------------------------- */

static struct pure_outcome tell(struct world *world, const ProtobufCMessage *command)
{
    return pure_command(world->pure, command, BROKER, NOW_MS, TODAY);
}

static struct pure_outcome record_person(struct world *world)
{
    Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
    record.person_id = id_to_data(&PERSON_ID);
    record.details = &world->details;
    record.facts = &world->facts;
    return tell(world, &record.base);
}

static struct pure_outcome create(struct world *world, const struct id *referral_id,
                                  Dw__Urgency urgency)
{
    Dw__CreateReferral create_command = DW__CREATE_REFERRAL__INIT;
    create_command.referral_id = id_to_data(referral_id);
    create_command.person_id = id_to_data(&PERSON_ID);
    create_command.urgency = urgency;
    create_command.n_lines = 2;
    create_command.lines = world->line_pointers;
    create_command.notes = (char *)(uintptr_t) "Likes gardening.";
    return tell(world, &create_command.base);
}

static struct pure_outcome create_routine(struct world *world)
{
    return create(world, &REFERRAL_ID, DW__URGENCY__URGENCY_ROUTINE);
}

static struct pure_outcome submit(struct world *world, const struct id *referral_id)
{
    Dw__SubmitReferral submit_command = DW__SUBMIT_REFERRAL__INIT;
    submit_command.referral_id = id_to_data(referral_id);
    return tell(world, &submit_command.base);
}

static struct pure_outcome accept(struct world *world)
{
    Dw__AcceptReferral accept_command = DW__ACCEPT_REFERRAL__INIT;
    accept_command.referral_id = id_to_data(&REFERRAL_ID);
    return tell(world, &accept_command.base);
}

static struct pure_outcome withdraw(struct world *world)
{
    Dw__WithdrawReferral withdraw_command = DW__WITHDRAW_REFERRAL__INIT;
    withdraw_command.referral_id = id_to_data(&REFERRAL_ID);
    withdraw_command.reason = DW__WITHDRAW_REASON__WITHDRAW_REASON_PERSONS_CHOICE;
    return tell(world, &withdraw_command.base);
}

static struct pure_outcome close_referral(struct world *world)
{
    Dw__CloseReferral close_command = DW__CLOSE_REFERRAL__INIT;
    close_command.referral_id = id_to_data(&REFERRAL_ID);
    close_command.reason = DW__CLOSE_REASON__CLOSE_REASON_PLACED;
    return tell(world, &close_command.base);
}

static struct pure_outcome placement_of_started(struct world *world, const struct id *person_id,
                                                uint32_t line_number)
{
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(person_id);
    terms.referral_id = id_to_data(&REFERRAL_ID);
    terms.line_number = line_number;
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&PLACEMENT_ID);
    started.terms = &terms;
    const struct foreign_event event = {.service = "placements", .message = &started.base};
    return pure_react(world->pure, &event, NOW_MS, TODAY);
}

static struct pure_outcome placement_started(struct world *world, uint32_t line_number)
{
    return placement_of_started(world, &PERSON_ID, line_number);
}

static const Dw__Referral *the_referral(struct world *world)
{
    return entities_get(pure_entities(world->pure), REFERRALS_KIND_REFERRAL, &REFERRAL_ID, 0);
}

#define assert_state(world, name) assert_int_equal(the_referral(world)->state, REFERRAL_##name)
#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_##name);             \
    } while (0)
#define assert_invalid(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_INVALID);                                            \
        assert_string_equal(no.field, name);                                                       \
    } while (0)

/* --- people ----------------------------------------------------------------------------------------------------- */

/* Proves: the check digit of an NHS number is the one modulus 11 asks for. */
static void nhs_numbers_are_checked(void **unused)
{
    (void)unused;
    assert_true(
        referrals_nhs_number_is_valid("9434765919")); /* example of the NHS Data Dictionary */
    assert_true(referrals_nhs_number_is_valid("9990000018"));
    assert_false(referrals_nhs_number_is_valid("9434765918"));
    assert_false(referrals_nhs_number_is_valid("943476591"));
    assert_false(referrals_nhs_number_is_valid("94347659190"));
    assert_false(referrals_nhs_number_is_valid("943476591X"));
}

static bool holds(const struct packed packed, const char *text)
{
    return memmem(packed.bytes, packed.len, text, strlen(text)) != NULL;
}

/* Proves: names go to the vault and not into the event, the age is worked out here, and both can be read. */
static void personal_details_stay_in_the_vault(void **state)
{
    struct world *world = *state;
    const struct pure_outcome told = record_person(world);
    assert_int_equal(told.events_count, 1);
    assert_int_equal(told.decision->keeps_count, 1);
    assert_false(holds(told.decision->events[0].body, "Example"));
    assert_false(holds(told.decision->events[0].body, "9990000018"));
    assert_true(holds(told.decision->keeps[0].record, "Example"));
    Dw__GetPerson get = DW__GET_PERSON__INIT;
    get.person_id = id_to_data(&PERSON_ID);
    const Dw__PersonRead *read = pure_query(world->pure, &get.base, BROKER, NOW_MS, TODAY, NULL);
    assert_non_null(read);
    assert_string_equal(read->details->family_name, "Example");
    assert_int_equal(read->facts->age, calendar_age(world->born.days, TODAY));
    assert_int_equal(read->facts->recorded->days, TODAY);
}

/* Proves: a person is not recorded twice, too young, in a strange district or with a wrong NHS number. */
static void persons_are_refused_by_name(void **state)
{
    struct world *world = *state;
    world->details.nhs_number = (char *)(uintptr_t) "9990000019";
    assert_invalid(record_person(world), "details.nhs_number");
    world->details.nhs_number = (char *)(uintptr_t) "";
    world->facts.district = 9;
    assert_refused(record_person(world), DISTRICT_UNKNOWN);
    world->facts.district = 3;
    const int32_t born = world->born.days;
    world->born.days = TODAY - 17 * 365;
    assert_refused(record_person(world), TOO_YOUNG);
    world->born.days = TODAY + 1;
    assert_invalid(record_person(world), "details.born");
    world->born.days = born;
    assert_int_equal(record_person(world).outcome, DECISION_YES);
    assert_refused(record_person(world), ALREADY_EXISTS);
}

/* --- referrals -------------------------------------------------------------------------------------------------- */

/* Proves: the whole way, and that saying a step again changes nothing. */
static void a_referral_goes_from_draft_to_closed(void **state)
{
    struct world *world = *state;
    record_person(world);
    assert_int_equal(create_routine(world).events_count, 1);
    assert_string_equal(submit(world, &REFERRAL_ID).reference, "CE-2026-000001");
    assert_string_equal(submit(world, &REFERRAL_ID).reference, "CE-2026-000001");
    assert_int_equal(submit(world, &REFERRAL_ID).events_count, 0);
    assert_int_equal(accept(world).events_count, 1);
    assert_int_equal(accept(world).events_count, 0);
    assert_int_equal(placement_started(world, 2).events_count, 1);
    assert_state(world, PARTLY_PLACED);
    assert_int_equal(placement_started(world, 1).events_count, 2);
    assert_state(world, PLACED);
    assert_refused(withdraw(world), WRONG_STATE);
    assert_int_equal(close_referral(world).events_count, 1);
    assert_int_equal(close_referral(world).events_count, 0);
    assert_state(world, CLOSED);
}

/* Proves: a start that answers no waiting line, or is of another person than the referral's, changes nothing. */
static void a_start_for_no_waiting_line_changes_nothing(void **state)
{
    struct world *world = *state;
    assert_int_equal(placement_started(world, 1).events_count, 0);
    record_person(world);
    create_routine(world);
    assert_int_equal(placement_started(world, 1).events_count, 0);
    submit(world, &REFERRAL_ID);
    assert_int_equal(placement_started(world, 0).events_count, 0);
    assert_int_equal(placement_started(world, 3).events_count, 0);
    assert_int_equal(placement_of_started(world, &OTHER_ID, 1).events_count, 0);
    assert_int_equal(placement_started(world, 1).events_count, 1);
    assert_int_equal(placement_started(world, 1).events_count, 0);
    withdraw(world);
    assert_int_equal(placement_started(world, 2).events_count, 0);
}

/* Proves: without outcomes a referral is not submitted where the model asks for them, and is where it does not. */
static void outcomes_come_before_submission_where_the_model_says_so(void **state)
{
    struct world *world = *state;
    record_person(world);
    world->lines[1].n_outcomes = 0;
    create_routine(world);
    const struct pure_outcome told = submit(world, &REFERRAL_ID);
    assert_int_equal(told.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOMES_MISSING);
    assert_non_null(strstr(told.sentence, "Line 2"));
    assert_state(world, DRAFT);
    world->rules.outcomes_before_submission = false;
    assert_int_equal(submit(world, &REFERRAL_ID).outcome, DECISION_YES);
}

/* Proves: each other no of a referral has its name. */
static void referrals_are_refused_by_name(void **state)
{
    struct world *world = *state;
    assert_refused(create_routine(world), PERSON_UNKNOWN);
    assert_refused(submit(world, &REFERRAL_ID), REFERRAL_UNKNOWN);
    record_person(world);
    world->lines[0].level = 9;
    assert_refused(create_routine(world), LEVEL_UNKNOWN);
    world->lines[0].level = 2;
    world->outcomes[0] = 9;
    assert_refused(create_routine(world), OUTCOME_UNKNOWN);
    world->outcomes[0] = 4;
    world->session.weekday = 8;
    assert_invalid(create_routine(world), "lines[0].sessions");
    world->session.weekday = 7;
    create_routine(world);
    assert_refused(create_routine(world), ALREADY_EXISTS);
    assert_refused(accept(world), WRONG_STATE);
    assert_refused(close_referral(world), WRONG_STATE);
}

static struct pure_outcome assign(struct world *world, const char *assignee)
{
    Dw__AssignReferral assign_command = DW__ASSIGN_REFERRAL__INIT;
    assign_command.referral_id = id_to_data(&REFERRAL_ID);
    assign_command.assignee = (char *)(uintptr_t)assignee;
    return tell(world, &assign_command.base);
}

/* Proves: a referral is somebody's, it can be handed on, and who had it before is not forgotten. */
static void a_referral_is_handed_on(void **state)
{
    struct world *world = *state;
    char longest[66] = "";
    memset(longest, 'a', 65);
    record_person(world);
    create_routine(world);
    create(world, &OTHER_ID, DW__URGENCY__URGENCY_ROUTINE);
    assert_int_equal(assign(world, "").events_count, 0);
    assert_int_equal(assign(world, "ada").events_count, 1);
    assert_int_equal(assign(world, "ada").events_count, 0);
    assert_invalid(assign(world, longest), "assignee");
    assert_invalid(assign(world, "Robin Example, mother"), "assignee");
    Dw__ListReferrals list = DW__LIST_REFERRALS__INIT;
    list.assignee = (char *)(uintptr_t) "ada";
    const Dw__ReferralList *adas = pure_query(world->pure, &list.base, BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(adas->n_referrals, 1);
    assert_int_equal(assign(world, "ben").events_count, 1);
    adas = pure_query(world->pure, &list.base, BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(adas->n_referrals, 0);
    pure_reload(world->pure);
    assert_int_equal(the_referral(world)->n_assignments, 2);
    assert_string_equal(the_referral(world)->assignments[0]->assignee, "ada");
    assert_string_equal(the_referral(world)->assignments[1]->assignee, "ben");
    assert_string_equal(the_referral(world)->assignments[1]->by, "pure");
    assert_int_equal(the_referral(world)->assignments[1]->assigned_ms, NOW_MS);
    for (int turn = 2; turn < REFERRAL_ASSIGNMENTS_MAX; turn++)
        assert_int_equal(assign(world, turn % 2 == 0 ? "ada" : "ben").events_count, 1);
    assert_invalid(assign(world, "eve"), "assignee");
    withdraw(world);
    assert_refused(assign(world, ""), WRONG_STATE);
}

static struct pure_outcome submit_on(struct world *world, const struct id *referral_id, int32_t day)
{
    Dw__SubmitReferral submit_command = DW__SUBMIT_REFERRAL__INIT;
    submit_command.referral_id = id_to_data(referral_id);
    assert_int_equal(create(world, referral_id, DW__URGENCY__URGENCY_ROUTINE).outcome,
                     DECISION_YES);
    return pure_command(world->pure, &submit_command.base, BROKER, NOW_MS, day);
}

/* Proves: on whatever days of the week, no number is left out and none is given twice, after a reload too. */
static void references_have_no_gap_and_none_is_given_twice(void **state)
{
    struct world *world = *state;
    char expected[32];
    record_person(world);
    for (uint8_t at = 0; at < 28; at++) { /* two a day, for two weeks */
        const struct id referral_id = {{0x78, at}};
        (void)text_format(expected, sizeof expected, "CE-2026-%06u", at + 1U);
        assert_string_equal(submit_on(world, &referral_id, TODAY + at / 2).reference, expected);
        if (at % 5 == 4)
            pure_reload(world->pure);
    }
}

/* Proves: a reference names the financial year, which begins on 1 April, and its numbers begin anew. */
static void references_count_from_one_every_april(void **state)
{
    struct world *world = *state;
    const int32_t new_year = calendar_date(2027, 4, 1);
    const int32_t days[] = {TODAY, new_year - 1, new_year, new_year + 1};
    static const char *const references[] = {"CE-2026-000001", "CE-2026-000002", "CE-2027-000001",
                                             "CE-2027-000002"};
    record_person(world);
    for (uint8_t at = 0; at < 4; at++) {
        const struct id referral_id = {{0x77, at}};
        assert_string_equal(submit_on(world, &referral_id, days[at]).reference, references[at]);
    }
}

/* Proves: urgency goes before waiting longer, and a placed line no longer waits. */
static void the_waiting_list_goes_by_urgency_then_date(void **state)
{
    struct world *world = *state;
    record_person(world);
    create_routine(world);
    submit(world, &REFERRAL_ID);
    create(world, &OTHER_ID, DW__URGENCY__URGENCY_CARER_BREAKDOWN);
    assert_string_equal(submit(world, &OTHER_ID).reference, "CE-2026-000002");
    placement_started(world, 1);
    Dw__WaitingList list = DW__WAITING_LIST__INIT;
    const Dw__WaitingLines *lines =
        pure_query(world->pure, &list.base, BROKER, NOW_MS, TODAY + 3, NULL);
    assert_int_equal(lines->total, 3);
    assert_memory_equal(lines->lines[0]->referral_id.data, OTHER_ID.bytes, 16);
    assert_int_equal(lines->lines[1]->line_number, 2);
    assert_memory_equal(lines->lines[2]->referral_id.data, REFERRAL_ID.bytes, 16);
    assert_int_equal(lines->lines[2]->line_number, 2);
    assert_int_equal(lines->lines[2]->days_waited, 3);
}

/* Proves: notes are read from the vault, and lists are cut by state. */
static void referrals_are_read_and_listed(void **state)
{
    struct world *world = *state;
    record_person(world);
    const struct pure_outcome told = create_routine(world);
    assert_false(holds(told.decision->events[0].body, "gardening"));
    Dw__GetReferral get = DW__GET_REFERRAL__INIT;
    get.referral_id = id_to_data(&REFERRAL_ID);
    const Dw__ReferralRead *read = pure_query(world->pure, &get.base, BROKER, NOW_MS, TODAY, NULL);
    assert_string_equal(read->notes, "Likes gardening.");
    Dw__ListReferrals list = DW__LIST_REFERRALS__INIT;
    Dw__ReferralState draft = DW__REFERRAL_STATE__REFERRAL_STATE_DRAFT;
    list.n_states = 1;
    list.states = &draft;
    const Dw__ReferralList *found =
        pure_query(world->pure, &list.base, BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 1);
    submit(world, &REFERRAL_ID);
    found = pure_query(world->pure, &list.base, BROKER, NOW_MS, TODAY, NULL);
    assert_int_equal(found->total, 0);
}

/* Proves: a second record under the same council id is refused and names the first, after a reload too; the id itself
 * is in no event, only what stands for it. */
static void one_council_id_is_one_person(void **state)
{
    struct world *world = *state;
    char number[ID_TEXT_SIZE];
    const struct pure_outcome told = record_person(world);
    assert_false(holds(told.decision->events[0].body, "C-77"));
    id_to_text(&PERSON_ID, number);
    pure_reload(world->pure);
    for (unsigned round = 0; round < 2; round++) {
        Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
        world->details.council_id = (char *)(uintptr_t)(round == 0 ? " c-77" : "C-78");
        record.person_id = id_to_data(&OTHER_ID);
        record.details = &world->details;
        record.facts = &world->facts;
        const struct pure_outcome outcome = tell(world, &record.base);
        if (round == 0) {
            assert_refused(outcome, COUNCIL_ID_IN_USE);
            assert_non_null(strstr(outcome.sentence, number));
        } else {
            assert_int_equal(outcome.outcome, DECISION_YES);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nhs_numbers_are_checked),
        TEST(personal_details_stay_in_the_vault),
        TEST(persons_are_refused_by_name),
        TEST(one_council_id_is_one_person),
        TEST(a_referral_goes_from_draft_to_closed),
        TEST(a_start_for_no_waiting_line_changes_nothing),
        TEST(outcomes_come_before_submission_where_the_model_says_so),
        TEST(referrals_are_refused_by_name),
        TEST(a_referral_is_handed_on),
        TEST(references_count_from_one_every_april),
        TEST(references_have_no_gap_and_none_is_given_twice),
        TEST(the_waiting_list_goes_by_urgency_then_date),
        TEST(referrals_are_read_and_listed),
    };
    return cmocka_run_group_tests_name("referrals_decide", tests, NULL, NULL);
}
