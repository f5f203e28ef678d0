/* A provider's register from a CSV file, by the real `dayways feed` into real daemons: receipts that add up, the same file again, bad
 * rows, previews, a sending that is killed half way, another provider's key. */
#include "tests/support/town.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attendance.pb-c.h"
#include "common/calendar.h"
#include "common/text.h"

enum {
    PATH_SIZE = 512,
    TEXT_SIZE = 64 * 1024,
    PEOPLE = 40,
    FROM = 20000,   /* first date of everybody's placement, 2024-10-04 */
    MONDAYS = 1,    /* bits of weekdays */
    MONDAY = 20003, /* the first Monday of it */
    ARGUMENTS_MAX = 16,
    LARGE_WEEKS = 100,
    COPIES = 6,
};

static struct rig *rig;
static struct client *client;

/* What a run of the command line printed. */
static char out[TEXT_SIZE];
static char err[TEXT_SIZE];

static void path_in_folder(const char *name, char ret_path[PATH_SIZE])
{
    (void)text_format(ret_path, PATH_SIZE, "%s/%s", rig_folder(rig), name);
}

static void read_text(const char *name, char ret_text[TEXT_SIZE])
{
    char path[PATH_SIZE];
    path_in_folder(name, path);
    FILE *file = fopen(path, "re");
    ret_text[0] = '\0';
    if (file == NULL)
        return;
    ret_text[fread(ret_text, 1, TEXT_SIZE - 1, file)] = '\0';
    fclose(file);
}

static void write_file(const char *name, const char *text, size_t len)
{
    char path[PATH_SIZE];
    path_in_folder(name, path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static bool exists(const char *name)
{
    char path[PATH_SIZE];
    path_in_folder(name, path);
    return access(path, F_OK) == 0;
}

/* Starts dayways with this key and these words ("feed send FILE", a name without a slash being a file of the rig). */
static pid_t start(const char *key, const char *words)
{
    char program[PATH_SIZE];
    char conf[PATH_SIZE];
    char path[PATH_SIZE];
    char copy[PATH_SIZE];
    char *arguments[ARGUMENTS_MAX] = {program, (char *)(uintptr_t) "--config", conf,
                                      (char *)(uintptr_t) "--as", (char *)(uintptr_t)key};
    size_t count = 5;
    char *rest = NULL;
    (void)text_format(program, sizeof program, "%s/dayways", getenv("DAYWAYS_BIN"));
    path_in_folder("dayways.conf", conf);
    (void)text_format(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (strstr(word, ".csv") != NULL) {
            path_in_folder(word, path);
            word = path;
        }
        assert_true(count + 1 < ARGUMENTS_MAX);
        arguments[count++] = word;
    }
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char print[PATH_SIZE];
        path_in_folder("out", print);
        dup2(open(print, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        path_in_folder("err", print);
        dup2(open(print, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        execv(program, arguments);
        _exit(127);
    }
    return pid;
}

/* The exit code; out and err hold what was printed. */
static int run(const char *key, const char *words)
{
    int status;
    const pid_t pid = start(key, words);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    read_text("out", out);
    read_text("err", err);
    return WEXITSTATUS(status);
}

static void expect_run(int code, const char *key, const char *words)
{
    const int got = run(key, words);
    if (got != code)
        fail_msg("%s: exit code %d and not %d\n%s%s", words, got, code, out, err);
}

static void expect_in(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static uint64_t head(void)
{
    return strtoull(rig_redis(rig, "HGET 'dw:{test-council:attendance}:head' seq"), NULL, 10);
}

/* Status of the only mark of a person's placement on that date; 0 when there is none. */
static int status_of(uint32_t person, int32_t date)
{
    const struct id provider = town_id('p', 0);
    const struct id placement = town_id('m', person);
    int status = 0;
    Dw__Date day = DW__DATE__INIT;
    Dw__GetRegister ask = DW__GET_REGISTER__INIT;
    day.days = date;
    ask.provider_id = id_to_data(&provider);
    ask.date = &day;
    const struct packed body = rig_ask(client, "attendance", &ask.base, "RegisterShown");
    Dw__RegisterShown *shown = dw__register_shown__unpack(NULL, body.len, body.bytes);
    assert_non_null(shown);
    for (size_t at = 0; at < shown->n_rows; at++)
        for (size_t mark = 0; mark < shown->rows[at]->n_marks; mark++)
            if (memcmp(shown->rows[at]->placement_id.data, placement.bytes, 16) == 0 &&
                shown->rows[at]->marks[mark]->date->days == date)
                status = (int)shown->rows[at]->marks[mark]->status;
    dw__register_shown__free_unpacked(shown, NULL);
    return status;
}

/* Runs words until the text is printed: what other services tell arrives a little later. */
static void run_until(const char *words, const char *text)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    do {
        (void)run("operator", words);
        if (loop_boot_ms_now() > until_ms)
            fail_msg("\"%s\" does not come:\n%s%s", text, out, err);
    } while (strstr(out, text) == NULL);
}

static int begin(void **state)
{
    (void)state;
    const struct id rival = {.bytes = {0x22}};
    rig = rig_create("tests/data/model.json");
    assert_int_equal(
        key_pair_create(rig_keys(rig), "rival", role_from_text("register-taker"), "*", &rival), 0);
    for (size_t at = 0; at < 4; at++)
        rig_start(rig, rig_services[at]);
    client = rig_client(rig, "operator");
    town_build(client, 1, PEOPLE);
    town_record(client, 0, PEOPLE - 1);
    town_place(client, 0, PEOPLE - 1, MONDAYS, FROM);
    static const char first[] =
        "person_ref,session_date,session,status\nLAS-000038,2024-10-07,am,ill\n";
    write_file("first.csv", first, sizeof first - 1);
    run_until("feed preview first.csv --provider TOWN", "new               1"); /* all is known */
    return 0;
}

static int end(void **state)
{
    (void)state;
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}

/* --- the day ------------------------------------------------------------------------------------------------------ */

static const char register_csv[] =
    "Provider;ignored,Person Ref,Date,AM/PM,Status,Reason,Time In,Note\r\n"
    "x,LAS-000000,07/10/2024,am,Present,,10:05,came by bus\r\n"
    "x,las-000001,2024-10-07,10:00,absent,ill,,\r\n"
    "x,LAS-000002,10/07/24,am,Present,,,\"He said \"\"no\"\"\"\r\n"
    "x,LAS-000003,2024-10-08,am,Present,,,\r\n"
    "x,LAS-000039,2024-10-07,am,Present,,,\r\n";

/* Proves: good rows go in, bad rows come back with row, column and reason, counts add up, who is not known waits; and the same
 * file again is the same receipt and no event. */
static void a_register_goes_in_once(void **state)
{
    (void)state;
    static char first[TEXT_SIZE];
    static char rejects[TEXT_SIZE];
    write_file("register.csv", register_csv, sizeof register_csv - 1);
    expect_run(65, "operator", "feed send register.csv --provider TOWN");
    expect_in(err, "the column provider_ignored is not known");
    expect_in(err, "1 cells were not taken in");
    expect_in(out, "read              5\n");
    expect_in(out, "new               2\n");
    expect_in(out, "rejected          2");
    expect_in(out, "unmatched         1");
    assert_int_equal(status_of(0, MONDAY), DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
    assert_int_equal(status_of(1, MONDAY), DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
    read_text("register.rejects.csv", rejects);
    assert_string_equal(
        rejects,
        "Provider;ignored,Person Ref,Date,AM/PM,Status,Reason,Time In,Note,error_code,error_column,"
        "error_reason\r\n"
        "x,LAS-000002,10/07/24,am,Present,,,\"He said \"\"no\"\"\",type-error,\"Date\",\"The year "
        "has "
        "two digits. Write all four, for example 23/11/2026.\"\r\n"
        "x,LAS-000003,2024-10-08,am,Present,,,,constraint-error,\"AM/PM\",\"The person is not "
        "expected "
        "then, but on Monday 10:00 to 15:00. Correct the date or the session.\"\r\n");
    memcpy(first, out, sizeof first);
    const uint64_t before = head();
    expect_run(65, "operator", "feed send register.csv --provider town");
    assert_string_equal(out, first);
    expect_in(err, "was sent before");
    assert_int_equal(head(), before);
}

/* Proves: a row whose person was not known takes effect by itself when person and placement appear. */
static void a_row_that_waits_is_matched_later(void **state)
{
    (void)state;
    assert_int_equal(status_of(PEOPLE - 1, MONDAY), 0);
    town_place(client, PEOPLE - 1, 1, MONDAYS, FROM);
    town_record(client, PEOPLE - 1, 1);
    run_until("feed send register.csv --provider TOWN", "unmatched         0");
    expect_in(out, "new               3\n");
    assert_int_equal(status_of(PEOPLE - 1, MONDAY),
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ATTENDED);
}

/* Proves: a preview tells what would become of each row and changes no register, as often as it is asked. */
static void a_preview_changes_no_register(void **state)
{
    (void)state;
    static const char csv[] = "person_ref,session_date,session,status\n"
                              "LAS-000005,2024-10-07,day,holiday\n"
                              "LAS-000005,2024-10-08,pm,holiday\n";
    write_file("preview.csv", csv, sizeof csv - 1);
    for (int round = 0; round < 2; round++) {
        expect_run(65, "provider", "feed preview preview.csv");
        expect_in(out, "preview: no record was changed");
        expect_in(out, "new               1\n");
        expect_in(out, "rejected          1");
        assert_int_equal(status_of(5, MONDAY), 0);
    }
    expect_run(65, "provider", "feed send preview.csv --json");
    expect_in(out, "\"rejects\": [");
    expect_in(out, "\"added\": 1");
    assert_int_equal(status_of(5, MONDAY), DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
}

/* Proves: the row further down wins when there are more rows for a sitting than a part holds. */
static void the_later_row_of_a_file_wins(void **state)
{
    (void)state;
    enum { ROWS = 2500 };
    static char csv[ROWS * 48];
    size_t len = (size_t)snprintf(csv, sizeof csv, "person_ref,session_date,session,status\n");
    for (size_t row = 0; row < ROWS; row++)
        len += (size_t)snprintf(csv + len, sizeof csv - len, "LAS-000007,2024-10-07,%s,%s\n",
                                row % 2 == 0 ? "am" : "10:00", row % 2 == 0 ? "ill" : "holiday");
    write_file("long.csv", csv, len);
    expect_run(0, "operator", "feed send long.csv --provider TOWN");
    expect_in(out, "read           2500\n");
    expect_in(out, "new               1\n");
    expect_in(out, "updated        2499\n");
    assert_int_equal(status_of(7, MONDAY), DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOLIDAY);
}

/* Proves: the same when a person is named in two ways and other people's rows fill the parts between. */
static void the_later_row_wins_by_whatever_name(void **state)
{
    (void)state;
    enum { ROWS = 2400 };
    static char csv[ROWS * 48];
    char number[ID_TEXT_SIZE];
    const struct id person_id = town_id('n', 11);
    id_to_text(&person_id, number);
    size_t len = (size_t)snprintf(csv, sizeof csv,
                                  "person_ref,session_date,session,status\n"
                                  "%s,2024-10-07,am,late\n",
                                  number);
    for (unsigned row = 0; row < ROWS; row++) {
        char date[CALENDAR_TEXT_SIZE]; /* before anybody's placement: these rows wait */
        calendar_to_text(MONDAY - 7 - 7 * (int32_t)(row / 24), date);
        len +=
            (size_t)snprintf(csv + len, sizeof csv - len, "LAS-%06u,%s,am,ill\n", row % 24, date);
    }
    len += (size_t)snprintf(csv + len, sizeof csv - len,
                            "las-000011,2024-10-07,10:00,ill\n"
                            "%s,2024-10-07,pm,hospital\n",
                            number);
    write_file("mixed.csv", csv, len);
    expect_run(0, "operator", "feed send mixed.csv --provider TOWN");
    expect_in(out, "new               1\n");
    expect_in(out, "updated           2\n");
    expect_in(out, "unmatched      2400");
    assert_int_equal(status_of(11, MONDAY),
                     DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOSPITAL);
}

/* Proves: another provider's key sends nothing for this one, and its own rows name nobody else. */
static void another_providers_key_is_refused(void **state)
{
    (void)state;
    static const char csv[] = "provider_ref,person_ref,session_date,session,status\n"
                              "TOWN,LAS-000008,2024-10-07,am,ill\n"
                              "ELSEWHERE,LAS-000009,2024-10-07,am,ill\n";
    write_file("whose.csv", csv, sizeof csv - 1);
    const uint64_t before = head();
    /* Another provider is nobody that a provider is told of. */
    expect_run(65, "rival", "feed send whose.csv --provider TOWN");
    expect_in(err, "there is no provider TOWN");
    expect_run(65, "operator", "feed send whose.csv --provider ELSEWHERE");
    expect_in(err, "there is no provider ELSEWHERE");
    assert_int_equal(head(), before);
    expect_run(65, "operator", "feed send whose.csv");
    expect_in(out, "rejected          1");
    static char rejects[TEXT_SIZE];
    read_text("whose.rejects.csv", rejects);
    expect_in(rejects, "ELSEWHERE,LAS-000009,2024-10-07,am,ill,foreign-key,\"provider_ref\",");
    assert_int_equal(status_of(8, MONDAY), DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_ILL);
}

/* Proves: no cell of a file of rejects is calculated by who opens it, ours stand under their names whatever a row has, and the
 * file can be sent again as it is: what is wrong with it is the same. */
static void rejects_calculate_nothing_and_come_back(void **state)
{
    (void)state;
    static const char csv[] = "person_ref,session_date,session,status,note\n"
                              "=1+1,2024-10-07,am,ill,x\n"
                              "\"-2,\"\"3\",nonsense,am,ill,\"@SUM(A1)\"\n"
                              "LAS-000008,2024-10-07,am,ill,x,+4,5\n"
                              "LAS-000008,nonsense\n";
    write_file("guard.csv", csv, sizeof csv - 1);
    expect_run(65, "operator", "feed preview guard.csv --provider TOWN");
    expect_in(out, "rejected          3");
    expect_in(out, "unmatched         1");
    static char rejects[TEXT_SIZE];
    read_text("guard.rejects.csv", rejects);
    expect_in(rejects,
              "\n\"'-2,\"\"3\",nonsense,am,ill,\"'@SUM(A1)\",type-error,\"session_date\",");
    expect_in(rejects, "\nLAS-000008,2024-10-07,am,ill,x,extra-cell,");
    expect_in(rejects, "\",'+4,5\n");
    expect_in(rejects, "\nLAS-000008,nonsense,,,,");
    expect_run(65, "operator", "feed preview guard.rejects.csv --provider TOWN");
    expect_in(out, "rejected          3");
}

/* Proves: what is no register is told in one sentence, and nothing is sent. */
static void a_file_that_is_no_register_sends_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *sentence;
    } files[] = {
        {"", 0, "is empty"},
        {"\n\n", 2, "is empty"},
        {"PK\3\4\0\0", 6, "is a spreadsheet"},
        {"\xff\xfe"
         "a\0",
         4, "is not a text file"},
        {"person_ref,session_date,session\n", 32, "no column status"},
        {"person_ref;session_date;session;status\nx;y;z;w\n", 47, "with commas between"},
        {"person_ref,session_date,session,status,date\n", 44, "two columns"},
        {"person_ref,session_date,session,status\n,,,\n", 43, "no rows"},
        {"person_ref,session_date,session,status\na,\"b,c,d\n", 48, "never closed"},
        {"person_ref,session_date,session,status\na,2024-10-07,am,ill\n", 59, "whose register"},
    };
    const uint64_t before = head();
    for (size_t at = 0; at < sizeof files / sizeof files[0]; at++) {
        write_file("no.csv", files[at].text, files[at].len);
        const bool says_provider = strcmp(files[at].sentence, "whose register") != 0;
        const int code = run("operator", says_provider ? "feed send no.csv --provider TOWN"
                                                       : "feed send no.csv");
        assert_int_equal(code, says_provider ? 65 : 64);
        expect_in(err, files[at].sentence);
        assert_string_equal(out, "");
    }
    expect_run(65, "operator", "feed send absent.csv --provider TOWN");
    expect_in(err, "No such file");
    assert_false(exists("no.rejects.csv"));
    assert_int_equal(head(), before);
}

/* --- broken off ------------------------------------------------------------------------------------------------------ */

/* Each Monday of each person in every copy; in every second copy the status is another one. */
static void write_large(void)
{
    char path[PATH_SIZE];
    path_in_folder("large.csv", path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("note,status,person_ref,session,session_date\n", file);
    for (int copy = 0; copy < COPIES; copy++)
        for (uint32_t at = 0; at < LARGE_WEEKS * PEOPLE; at++) {
            /* 1699 is prime to all of them: in no order. */
            const uint32_t row = at * 1699 % (LARGE_WEEKS * PEOPLE);
            char council_id[TOWN_COUNCIL_ID_SIZE];
            char date[CALENDAR_TEXT_SIZE];
            town_council_id(row % PEOPLE, council_id);
            calendar_to_text(MONDAY + 7 + 7 * (int32_t)(row / PEOPLE), date);
            fprintf(file, ",%s,%s,am,%s\n", copy % 2 == 0 ? "present" : "hospital", council_id,
                    date);
        }
    fclose(file);
}

/* Proves: when the service dies at each point of its work with parts on their way, and the sender with it, the same command goes
 * on; a sender that lives goes on by itself; and in the end each row has had one effect. */
static void a_sending_that_is_killed_goes_on(void **state)
{
    (void)state;
    static const char *const crashes[] = {"decided:4", "half-released:1", "committed-unanswered:2",
                                          "sent:2"};
    enum { CRASHES = sizeof crashes / sizeof crashes[0] };
    int status;
    write_large();
    for (size_t at = 0; at < CRASHES; at++) {
        (void)rig_signal(rig, "attendance", 0, SIGTERM);
        rig_start_instance(rig, "attendance", 0, crashes[at], true);
        const pid_t pid = start("operator", "feed send large.csv --provider TOWN");
        const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
        while (!rig_has_ended(rig, "attendance", 0))
            assert_true(loop_boot_ms_now() < until_ms);
        if (at + 1 < CRASHES)
            kill(pid, SIGKILL);
        else
            rig_start(rig, "attendance");
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (at + 1 < CRASHES) {
            assert_true(WIFSIGNALED(status));
            rig_start(rig, "attendance");
        } else {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
            read_text("err", err);
            expect_in(err, "was broken off");
        }
    }
    expect_run(0, "operator", "feed send large.csv --provider TOWN");
    expect_in(out, "read          24000\n");
    expect_in(out, "new            4000\n");
    expect_in(out, "updated       20000\n");
    expect_in(out, "unchanged         0\n");
    for (uint32_t person = 0; person < PEOPLE; person += 13)
        for (int32_t week = 1; week <= LARGE_WEEKS; week += 33)
            assert_int_equal(status_of(person, MONDAY + 7 * week),
                             DW__ATTENDANCE_STATUS__ATTENDANCE_STATUS_ABSENT_HOSPITAL);
}

/* Proves: all that stands in the journals gives the stored state again. */
static void everything_verifies(void **state)
{
    (void)state;
    static const char *const services[] = {"attendance", "referrals", "capacity", "placements"};
    for (size_t at = 0; at < 4; at++)
        assert_int_equal(rig_verify(rig, services[at]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_goes_in_once),
        cmocka_unit_test(a_row_that_waits_is_matched_later),
        cmocka_unit_test(a_preview_changes_no_register),
        cmocka_unit_test(the_later_row_of_a_file_wins),
        cmocka_unit_test(the_later_row_wins_by_whatever_name),
        cmocka_unit_test(another_providers_key_is_refused),
        cmocka_unit_test(rejects_calculate_nothing_and_come_back),
        cmocka_unit_test(a_file_that_is_no_register_sends_nothing),
        cmocka_unit_test(a_sending_that_is_killed_goes_on),
        cmocka_unit_test(everything_verifies),
    };
    return cmocka_run_group_tests_name("feed", tests, begin, end);
}
