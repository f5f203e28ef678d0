/* Rows a second: a register of a million rows, 1,400 people on three days a week, shuffled, by the real `dayways feed send` into
 * durable, journalled state; from the start of the command to its receipt, reading, sorting and the receipt included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/calendar.h"
#include "common/text.h"
#include "tests/support/bench.h"
#include "tests/support/town.h"

enum {
    PEOPLE = 1400,
    DAYS = 3, /* a week: Monday, Wednesday, Friday */
    WEEKDAYS = 1 | 4 | 16,
    ROWS = 1000000,
    WEEKS = ROWS / (PEOPLE * DAYS) + 1,
    PLACES = 2000,
    PATH_SIZE = 512,
    TEXT_SIZE = 4096,
};

static void path_in(const struct rig *rig, const char *name, char ret_path[PATH_SIZE])
{
    (void)text_format(ret_path, PATH_SIZE, "%s/%s", rig_folder(rig), name);
}

/* Rows of the weeks before monday, in an order that a seed gives; one person in ten was late, one was ill. */
static void write_register(const char *path, int32_t monday)
{
    static const int32_t day_of[DAYS] = {0, 2, 4};
    static uint32_t order[WEEKS * PEOPLE * DAYS];
    const uint32_t count = WEEKS * PEOPLE * DAYS;
    uint64_t seed = 1;
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (uint32_t at = 0; at < count; at++)
        order[at] = at;
    for (uint32_t at = count - 1; at > 0; at--) {
        const uint32_t other = bench_roll(&seed, at + 1);
        const uint32_t moved = order[at];
        order[at] = order[other];
        order[other] = moved;
    }
    fputs("person_ref,session_date,session,status,arrived,left\n", file);
    for (uint32_t at = 0; at < ROWS; at++) {
        char council_id[TOWN_COUNCIL_ID_SIZE];
        char date[CALENDAR_TEXT_SIZE];
        const uint32_t row = order[at];
        const int32_t week = (int32_t)(row / DAYS / PEOPLE);
        const uint32_t luck = bench_roll(&seed, 10);
        town_council_id(row / DAYS % PEOPLE, council_id);
        calendar_to_text(monday - 7 * (week + 1) + day_of[row % DAYS], date);
        if (luck == 0)
            fprintf(file, "%s,%s,am,ill,,\n", council_id, date);
        else
            fprintf(file, "%s,%s,am,%s,10:%02u,15:00\n", council_id, date,
                    luck == 1 ? "late" : "attended", luck * 3);
    }
    fclose(file);
}

/* Runs dayways feed and gives the seconds it took; what it prints goes to ret_text. */
static double run_feed(const struct rig *rig, const char *verb, const char *name,
                       char ret_text[TEXT_SIZE])
{
    char program[PATH_SIZE];
    char conf[PATH_SIZE];
    char path[PATH_SIZE];
    int ends[2];
    int status;
    size_t len = 0;
    ssize_t count;
    (void)text_format(program, sizeof program, "%s/dayways", getenv("DAYWAYS_BIN"));
    path_in(rig, "dayways.conf", conf);
    path_in(rig, name, path);
    assert_int_equal(pipe(ends), 0);
    const int64_t begin_ns = bench_now_ns();
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "--config", conf, "feed", verb, path, "--provider", "TOWN", NULL);
        _exit(127);
    }
    close(ends[1]);
    while (len + 1 < TEXT_SIZE && (count = read(ends[0], ret_text + len, TEXT_SIZE - 1 - len)) > 0)
        len += (size_t)count;
    ret_text[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return (double)(bench_now_ns() - begin_ns) / 1e9;
}

static uint64_t count_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    assert_non_null(at);
    return strtoull(at + strlen(name), NULL, 10);
}

/* One row for each person, sent until all are matched: then attendance has heard of everybody. */
static void wait_known(const struct rig *rig, int32_t monday)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    char date[CALENDAR_TEXT_SIZE];
    path_in(rig, "known.csv", path);
    calendar_to_text(monday - 7, date);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("person_ref,session_date,session,status\n", file);
    for (uint32_t person = 0; person < PEOPLE; person++) {
        char council_id[TOWN_COUNCIL_ID_SIZE];
        town_council_id(person, council_id);
        fprintf(file, "%s,%s,am,ill\n", council_id, date);
    }
    fclose(file);
    do
        (void)run_feed(rig, "preview", "known.csv", text);
    while (count_of(text, "new") != PEOPLE);
}

int main(void)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    struct rig *rig = rig_create("tests/data/model.json");
    for (size_t at = 0; at < 4; at++)
        rig_start(rig, rig_services[at]);
    struct client *client = rig_client(rig, "operator");
    const int32_t today = calendar_london_date(client_now_ms(client));
    const int32_t monday = calendar_monday(calendar_week(today));
    town_build(client, 1, PLACES);
    town_record(client, 0, PEOPLE);
    town_place(client, 0, PEOPLE, WEEKDAYS, monday - 7 * WEEKS);
    wait_known(rig, monday);
    path_in(rig, "register.csv", path);
    write_register(path, monday);
    const double seconds = run_feed(rig, "send", "register.csv", text);
    assert_int_equal(count_of(text, "read"), ROWS);
    assert_int_equal(count_of(text, "new"), ROWS);
    assert_int_equal(count_of(text, "rejected"), 0);
    assert_int_equal(count_of(text, "unmatched"), 0);
    bench_report("ingest", ROWS / seconds, "rows/s", bench_earlier("commit"), "commit");
    bench_report("ingest_again", ROWS / run_feed(rig, "send", "register.csv", text), "rows/s", 0,
                 NULL);
    assert_int_equal(rig_verify(rig, "attendance"), 0);
    client_destroy(&client);
    rig_destroy(&rig);
    return 0;
}
