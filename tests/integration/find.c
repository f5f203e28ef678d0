/* `dayways find` against real daemons: what is typed is what is searched; with --record-unmet what a search wanted and could not have
 * is recorded in one go, with why, where and on which days; what does fit, and what nobody can count, is not. */
#include "common/calendar.h"
#include "common/text.h"
#include "tests/support/rig.h"
#include "tests/support/somebody.h"
#include "tests/support/town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "referrals.pb-c.h"

enum { COMMAND_SIZE = 1024, TEXT_SIZE = 16384, PERSON = 7 };

static struct rig *rig;
static struct client *client; /* a broker's */
static char text[TEXT_SIZE];
static uint32_t recorded; /* so far */

/* Runs a subcommand of dayways as somebody; what it prints is in text. */
static int run_as(const char *name, const char *words)
{
    char command[COMMAND_SIZE];
    assert_int_equal(text_format(command, sizeof command,
                                 "%s/dayways --config %s/dayways.conf --as %s %s 2>&1",
                                 getenv("DAYWAYS_BIN"), rig_folder(rig), name, words),
                     0);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    const size_t len = fread(text, 1, sizeof text - 1, output);
    text[len] = '\0';
    return WEXITSTATUS(pclose(output));
}

/* The same of find, as a broker. */
static int run(const char *words)
{
    char find[COMMAND_SIZE];
    assert_int_equal(text_format(find, sizeof find, "find %s", words), 0);
    return run_as("broker", find);
}

static void expect(int code, const char *words, const char *sentence)
{
    const int found = run(words);
    if (found != code || strstr(text, sentence) == NULL)
        fail_msg("%s: exit code %d, not %d, or not \"%s\":\n%s", words, found, code, sentence,
                 text);
}

/* The unmet needs of the council, freed by the caller; the newest comes first. */
static Dw__UnmetNeeds *list(void)
{
    const Dw__ListUnmetNeed query = DW__LIST_UNMET_NEED__INIT;
    const struct packed body = rig_ask(client, "referrals", &query.base, "UnmetNeeds");
    Dw__UnmetNeeds *needs = dw__unmet_needs__unpack(NULL, body.len, body.bytes);
    assert_non_null(needs);
    return needs;
}

static void expect_recorded(uint32_t more)
{
    Dw__UnmetNeeds *needs = list();
    recorded += more;
    assert_int_equal(needs->total, recorded);
    dw__unmet_needs__free_unpacked(needs, NULL);
}

static void hold(uint32_t service, int weekday)
{
    const struct id hold_id = town_id('h', service);
    const struct id service_id = town_id('s', service);
    const struct id person_id = town_id('n', 100 + service);
    const struct id session_id = town_session(service, weekday);
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__Date from = DW__DATE__INIT;
    Dw__HoldPlaces command = DW__HOLD_PLACES__INIT;
    from.days = TOWN_STARTS;
    command.hold_id = id_to_data(&hold_id);
    command.service_id = id_to_data(&service_id);
    command.person_id = id_to_data(&person_id);
    command.session_ids = sessions;
    command.n_session_ids = 1;
    command.from = &from;
    command.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    (void)rig_ask(client, "capacity", &command.base, "Accepted");
}

/* Two services in Macclesfield with one place each weekday; the first is full on Tuesdays, the other on Thursdays. */
static int begin(void **state)
{
    (void)state;
    rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    rig_start(rig, "referrals");
    struct client *operator_client = rig_client(rig, "operator");
    town_build(operator_client, 2, 1);
    const struct id person_id = town_id('n', PERSON);
    (void)rig_ask(operator_client, "referrals", &somebody(&person_id, "LAS-7")->base, "Accepted");
    client_destroy(&operator_client);
    client = rig_client(rig, "broker");
    hold(0, 2);
    hold(1, 4);
    return 0;
}

static int end(void **state)
{
    (void)state;
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}

static void what_fits_is_not_recorded(void **state)
{
    (void)state;
    expect(1, "--near Macclesfield --days mon --record-unmet", "2 of 2 services fit");
    expect(1, "--near Macclesfield --days tue,thu --record-unmet", "two services together");
    expect_recorded(0);
}

/* Proves: a price, an age, parts of days and times reach the search, and a day that is none is refused. */
static void what_is_typed_is_what_is_searched(void **state)
{
    (void)state;
    expect(0, "--near Macclesfield --days mon", "2 of 2 services fit");
    expect(0, "--near Macclesfield --days mon --price 1", "too dear 2");
    expect(0, "--near Macclesfield --days mon --price 100000", "2 of 2 services fit");
    expect(0, "--near Macclesfield --days mon --age 17", "not for that age 2");
    expect(0, "--near Macclesfield --days mon:evening", "not on those days 2");
    expect(0, "--near Macclesfield --days mon --at 05:00-12:00", "not at those times");
    expect(64, "--near Macclesfield --days 'mon tue'", "\"mon tue\" is no day");
    expect(64, "--near Macclesfield --age x", "--age is a number up to 127");
    expect(0, "--help", "usage: dayways find [--days");
}

/* Proves: what two services have together is told once, with the name, the days and the price of each. */
static void a_split_names_its_services(void **state)
{
    (void)state;
    expect(0, "--near Macclesfield --days tue,thu", "two together do, for £100.00 a week");
    assert_null(strstr(text, "  or, for"));
    const char *first = strstr(text, "     S0  ");
    assert_non_null(first);
    assert_non_null(strstr(first, "£50.00  thu 10:00 (1)"));
    const char *second = strstr(first, "     S1  ");
    assert_non_null(second);
    assert_non_null(strstr(second, "£50.00  tue 10:00 (1)"));
}

static void what_nobody_can_count_is_not_recorded(void **state)
{
    (void)state;
    expect(64, "--near 53.26,-2.125 --days sat --record-unmet", "counted by district");
    expect(64, "--near 53.26,-2.125 --district Atlantis --days sat --record-unmet",
           "no district Atlantis");
    expect(64, "--near Crewe --district Macclesfield --days sat", "two districts");
    expect(64, "--near Crewe --days sat --record-unmet --propose 1 --person 1", "UUID");
    expect(64,
           "--near Crewe --days sat --record-unmet --propose 1 --person "
           "01a00000-0000-7000-8000-000000000001",
           "say one");
    expect_recorded(0);
}

/* A line of a referral is named by its number, and there is one. */
static void what_a_line_wants_is_recorded_of_that_line(void **state)
{
    (void)state;
    char words[COMMAND_SIZE], referral[ID_TEXT_SIZE];
    const struct id referral_id = town_id('r', 1), person_id = town_id('n', PERSON);
    Dw__CreateReferral create = DW__CREATE_REFERRAL__INIT;
    Dw__ReferralLine lines[2], *list_of_lines[] = {&lines[0], &lines[1]};
    Dw__LineSession monday = DW__LINE_SESSION__INIT, *sessions[] = {&monday};
    Dw__Date from = DW__DATE__INIT;
    from.days = TOWN_STARTS;
    monday.weekday = 1;
    monday.part = DW__LINE_PART__LINE_PART_MORNING;
    for (size_t at = 0; at < 2; at++) {
        dw__referral_line__init(&lines[at]);
        lines[at].n_sessions = 1;
        lines[at].sessions = sessions;
        lines[at].from = &from;
        lines[at].kind = DW__LINE_KIND__LINE_KIND_COMMUNITY_GROUP;
        lines[at].funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
        lines[at].level = at == 0 ? 1 : 2;
    }
    create.referral_id = id_to_data(&referral_id);
    create.person_id = id_to_data(&person_id);
    create.urgency = DW__URGENCY__URGENCY_ROUTINE;
    create.lines = list_of_lines;
    create.n_lines = 2;
    (void)rig_ask(client, "referrals", &create.base, "Accepted");
    id_to_text(&referral_id, referral);
    expect(64, "--near Macclesfield --days sat --record-unmet --line 2", "of --referral");
    (void)text_format(words, sizeof words,
                      "--near Macclesfield --days sat --record-unmet --referral %s --line ",
                      referral);
    const size_t len = strlen(words);
    (void)text_format(words + len, sizeof words - len, "0");
    expect(64, words, "--line is the number of a line");
    (void)text_format(words + len, sizeof words - len, "3");
    expect(1, words, "has no line 3");
    (void)text_format(words + len, sizeof words - len, "2 --json");
    expect(0, words, "\"lineNumber\": 2");
    expect_recorded(1);
}

/* Proves what is recorded of a search, field by field, and that nothing is when it is only asked. */
static void a_search_that_found_nothing_is_recorded_as_it_was_asked(void **state)
{
    (void)state;
    char words[COMMAND_SIZE];
    char person[ID_TEXT_SIZE];
    const struct id person_id = town_id('n', PERSON);
    id_to_text(&person_id, person);
    (void)text_format(words, sizeof words,
                      "--near Macclesfield --days sat,sun --level 2 --kind community-group,hub "
                      "--need learning-disability --access transport --with wheelchair-spaces "
                      "--person %s",
                      person);
    expect(0, words, "0 of 2 services fit");
    expect_recorded(0);
    (void)text_format(words + strlen(words), sizeof words - strlen(words), " --record-unmet");
    expect(0, words, "days      sat, sun");
    assert_non_null(strstr(text, "district  Macclesfield"));
    assert_non_null(strstr(text, "kinds     community group, carer hub"));
    assert_non_null(strstr(text, "for       learning disability"));
    assert_non_null(strstr(text, "needs     transport, wheelchair"));
    expect_recorded(1);
    Dw__UnmetNeeds *needs = list();
    const Dw__UnmetNeed *need = needs->needs[0];
    assert_true(need->from_search);
    assert_string_equal(need->by, "broker");
    assert_int_equal(need->district, 1);
    assert_int_equal(need->level, 2);
    assert_int_equal(need->n_kinds, 2);
    assert_int_equal(need->kinds[1], DW__LINE_KIND__LINE_KIND_CARER_HUB);
    assert_int_equal(need->n_needs, 2);
    assert_int_equal(need->needs[0], DW__LINE_NEED__LINE_NEED_TRANSPORT);
    assert_int_equal(need->needs[1], DW__LINE_NEED__LINE_NEED_WHEELCHAIR);
    assert_int_equal(need->n_support_reasons, 1);
    assert_int_equal(need->support_reasons[0],
                     DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY);
    assert_int_equal(need->n_sessions, 6); /* the parts of two days */
    assert_int_equal(need->sessions[0]->weekday, 6);
    assert_int_equal(need->sessions[5]->weekday, 7);
    const ProtobufCBinaryData whom = id_to_data(&person_id);
    assert_true(id_data_equal(&need->person_id, &whom));
    dw__unmet_needs__free_unpacked(needs, NULL);
}

static void the_reason_is_what_the_nearest_service_lacks(void **state)
{
    (void)state;
    const struct {
        const char *words, *reason;
    } cases[] = {
        {"--near Macclesfield --days sat", "UNMET_REASON_NO_PLACE_ON_DAYS"},
        {"--near Macclesfield --days mon --activity cooking", "UNMET_REASON_NO_SUCH_SERVICE"},
        {"--near Macclesfield --days mon --need sensory-visual", "UNMET_REASON_NEED_NOT_MET"},
        {"--near Macclesfield --days mon --access transport", "UNMET_REASON_NO_TRANSPORT"},
        {"--near Crewe --days mon --minutes 10", "UNMET_REASON_TOO_FAR"},
        {"--near Crewe --days sat --minutes 10", "UNMET_REASON_NO_PLACE_ON_DAYS"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        char words[COMMAND_SIZE];
        char reason[COMMAND_SIZE];
        (void)text_format(words, sizeof words, "%s --record-unmet --json", cases[at].words);
        (void)text_format(reason, sizeof reason, "\"reason\": \"%s\"", cases[at].reason);
        expect(0, words, reason);
    }
    expect_recorded(sizeof cases / sizeof cases[0]);
    expect(0, "--near 53.0,-2.44 --district crewe --days mon --minutes 10 --record-unmet",
           "district  Crewe");
    expect_recorded(1);
}

/* Proves: what one of two services is to cost from a date on stands beside it. */
static void a_split_says_what_a_part_is_going_to_cost(void **state)
{
    (void)state;
    const struct id service_id = town_id('s', 1);
    struct client *operator_client = rig_client(rig, "operator");
    struct client *commissioner = rig_client(rig, "commissioner");
    Dw__Date from = DW__DATE__INIT;
    Dw__Rates rates = DW__RATES__INIT;
    Dw__ProposeRates propose = DW__PROPOSE_RATES__INIT;
    Dw__AgreeRates agree = DW__AGREE_RATES__INIT;
    from.days = calendar_london_date((int64_t)time(NULL) * 1000) + 40;
    rates.price_pence = 6000;
    rates.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    rates.from = &from;
    propose.service_id = agree.service_id = id_to_data(&service_id);
    propose.rates = agree.rates = &rates;
    (void)rig_ask(operator_client, "capacity", &propose.base, "Accepted");
    (void)rig_ask(commissioner, "capacity", &agree.base, "Accepted");
    client_destroy(&operator_client);
    client_destroy(&commissioner);
    char date[CALENDAR_TEXT_SIZE], words[64];
    calendar_to_text(from.days, date);
    (void)text_format(words, sizeof words, "tue 10:00 (1)  [£60.00 from %s]", date);
    expect(0, "--near Macclesfield --days tue,thu", words);
}

/* Proves: of a journal that is shorter than what is asked for nothing is told, and of the others what there is; and a service that is not
 * there is named, as one that may be asked again. */
static void what_is_not_there_is_told_by_name(void **state)
{
    (void)state;
    assert_int_equal(run_as("operator", "tail --from 3 --no-follow"), 0);
    assert_non_null(strstr(text, "capacity "));
    assert_int_equal(run_as("operator", "tail --from 1000000 --no-follow"), 0);
    assert_string_equal(text, "");
    assert_int_equal(rig_signal(rig, "capacity", 0, SIGTERM), 0);
    expect(69, "--near Macclesfield --days mon",
           "dayways: capacity does not answer; see dayways status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_not_recorded),
        cmocka_unit_test(a_split_names_its_services),
        cmocka_unit_test(what_is_typed_is_what_is_searched),
        cmocka_unit_test(what_nobody_can_count_is_not_recorded),
        cmocka_unit_test(a_search_that_found_nothing_is_recorded_as_it_was_asked),
        cmocka_unit_test(what_a_line_wants_is_recorded_of_that_line),
        cmocka_unit_test(the_reason_is_what_the_nearest_service_lacks),
        cmocka_unit_test(a_split_says_what_a_part_is_going_to_cost),
        cmocka_unit_test(what_is_not_there_is_told_by_name),
    };
    return cmocka_run_group_tests_name("find", tests, begin, end);
}
