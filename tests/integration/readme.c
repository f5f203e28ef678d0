/* The README's day, as it is printed there: its commands are taken out of the file and run, one after the other, against a fresh
 * `dayways up` with the demonstration; what a newcomer should see must be seen. Then a second start, for another council, which keeps
 * everything. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/loop.h"
#include "common/table.h"
#include "common/text.h"
#include "tests/support/rig.h"

enum { PATH_SIZE = 512, START_MS = 60000, DAY_MS = 120000, LOOK_MS = 20 };

static char folder[PATH_SIZE];
static char repository[PATH_SIZE];

/* --- files ---------------------------------------------------------------------------------------------------------- */

static const char *in_folder(const char *name)
{
    static char path[2][PATH_SIZE * 2];
    static int turn;
    turn = !turn;
    assert_int_equal(text_format(path[turn], sizeof path[turn], "%s/%s", folder, name), 0);
    return path[turn];
}

static char *read_text(const char *path)
{
    struct buffer text = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    for (size_t count = 1; count > 0; text.len += count)
        count = fread(buffer_reserve(&text, 4096), 1, 4096, file);
    fclose(file);
    buffer_append(&text, "", 1);
    return (char *)text.bytes;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void link_file(const char *name)
{
    char target[PATH_SIZE * 2];
    (void)text_format(target, sizeof target, "%s/%s", repository, name);
    assert_int_equal(symlink(target, in_folder(name)), 0);
}

static char *replace(char *text, const char *old, const char *new)
{
    struct buffer out = {0};
    const char *from = text;
    for (const char *at; (at = strstr(from, old)) != NULL; from = at + strlen(old)) {
        buffer_append(&out, from, (size_t)(at - from));
        buffer_append(&out, new, strlen(new));
    }
    buffer_append(&out, from, strlen(from) + 1);
    free(text);
    return (char *)out.bytes;
}

/* A checkout as the commands see it: the real binaries and files, a configuration with ports nobody has. */
static void make_checkout(void)
{
    char binaries[PATH_SIZE];
    char port[8];
    const char *bin = getenv("DAYWAYS_BIN");
    assert_non_null(getcwd(repository, sizeof repository));
    (void)text_format(folder, sizeof folder, "/tmp/dayways-readme-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(in_folder("deploy"), 0700), 0);
    assert_int_equal(mkdir(in_folder("build"), 0700), 0);
    assert_int_equal(mkdir(in_folder("build/release"), 0700), 0);
    link_file("deploy/authorities");
    link_file("deploy/demonstrations");
    link_file("deploy/redis.conf");
    link_file("deploy/redis-start");
    (void)text_format(binaries, sizeof binaries, "%s/%s", repository,
                      bin == NULL ? "build/release/bin" : bin);
    assert_int_equal(symlink(binaries, in_folder("build/release/bin")), 0);
    (void)text_format(port, sizeof port, ":%u", rig_free_ports() / 10);
    char *conf = replace(read_text("deploy/dayways.conf"), ":910", port);
    write_text(in_folder("deploy/dayways.conf"), conf);
    free(conf);
}

/* --- the README ----------------------------------------------------------------------------------------------------- */

/* The shell blocks of the day, its files in our folder instead of /tmp. */
static void write_day(void)
{
    char *readme = read_text("README.md");
    struct buffer script = {0};
    char *day = strstr(readme, "\n## A day with Dayways");
    assert_non_null(day);
    char *end = strstr(day + 4, "\n## ");
    assert_non_null(end);
    *end = '\0';
    int blocks = 0;
    for (char *at = day; (at = strstr(at, "\n```sh\n")) != NULL; blocks++) {
        at += strlen("\n```sh\n");
        char *close = strstr(at, "\n```");
        assert_non_null(close);
        buffer_append(&script, at, (size_t)(close + 1 - at));
        at = close;
    }
    assert_true(blocks > 6);
    buffer_append(&script, "", 1);
    char in_tmp[PATH_SIZE + 2];
    (void)text_format(in_tmp, sizeof in_tmp, "%s/", folder);
    char *text = replace((char *)script.bytes, "/tmp/", in_tmp);
    write_text(in_folder("day.sh"), text);
    free(text);
    free(readme);
}

/* --- processes ------------------------------------------------------------------------------------------------------ */

static pid_t start(const char *output, const char *const arguments[])
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (chdir(folder) < 0 || freopen(output, "w", stdout) == NULL || dup2(1, 2) < 0)
        _exit(127);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static int wait_end(pid_t child, int64_t within_ms)
{
    int status;
    const int64_t until_ms = loop_boot_ms_now() + within_ms;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (loop_boot_ms_now() > until_ms)
            fail_msg("it has not ended in time");
        rig_pause_ms(LOOK_MS);
    }
    return status;
}

/* For that council; NULL: for the first of the configuration. */
static pid_t start_up(const char *authority)
{
    const char *const arguments[] = {"build/release/bin/dayways", "up",
                                     authority == NULL ? NULL : "--authority", authority, NULL};
    const int64_t begin_ms = loop_boot_ms_now();
    (void)unlink(in_folder("up.out"));
    const pid_t child = start("up.out", arguments);
    for (bool ready = false; !ready; rig_pause_ms(LOOK_MS)) {
        int status;
        if (waitpid(child, &status, WNOHANG) != 0 || loop_boot_ms_now() - begin_ms > START_MS) {
            fprintf(stderr, "%s", read_text(in_folder("up.out")));
            fail_msg("dayways up did not start");
        }
        if (access(in_folder("up.out"), R_OK) == 0) {
            char *text = read_text(in_folder("up.out"));
            ready = strstr(text, "Three things to try") != NULL;
            free(text);
        }
    }
    print_message("  up after %lld ms\n", (long long)(loop_boot_ms_now() - begin_ms));
    return child;
}

static void stop_up(pid_t child)
{
    kill(child, SIGINT);
    const int status = wait_end(child, START_MS);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static char *run(const char *script)
{
    const char *const arguments[] = {"bash", "-u", script, NULL};
    (void)wait_end(start("day.out", arguments), DAY_MS);
    return read_text(in_folder("day.out"));
}

/* Each in its turn. */
static void expect_in_order(const char *text, const char *const wanted[])
{
    const char *at = text;
    for (size_t number = 0; wanted[number] != NULL; number++) {
        const char *found = strstr(at, wanted[number]);
        if (found == NULL) {
            fprintf(stderr, "%s", text);
            fail_msg("\"%s\" was not said, or not where it should", wanted[number]);
        }
        at = found + strlen(wanted[number]);
    }
}

/* Until support starts no command was misused, or had to say that something is wrong. */
static void expect_no_complaint(const char *text)
{
    static const char *const words[] = {"dayways: ", "usage:"};
    const char *end = strstr(text, "PLACEMENT_STATE_ACTIVE");
    assert_non_null(end);
    for (const char *line = text; line != NULL && line < end; line = strchr(line, '\n')) {
        line += *line == '\n';
        for (size_t at = 0; at < sizeof words / sizeof words[0]; at++)
            if (strncmp(line, words[at], strlen(words[at])) == 0)
                fail_msg("%.*s", (int)strcspn(line, "\n"), line);
    }
}

/* Somebody looks at the dashboard meanwhile. */
static pid_t start_watch(void)
{
    static const char *const arguments[] = {"build/release/bin/dayways",
                                            "--as",
                                            "commissioner",
                                            "report",
                                            "dashboard",
                                            "--watch",
                                            NULL};
    const int64_t until_ms = loop_boot_ms_now() + START_MS;
    const pid_t watch = start("watch.out", arguments);
    for (bool shown = false; !shown; rig_pause_ms(LOOK_MS)) {
        assert_true(loop_boot_ms_now() < until_ms);
        if (access(in_folder("watch.out"), R_OK) == 0) {
            char *text = read_text(in_folder("watch.out"));
            shown = strstr(text, "Goals reviewed") != NULL;
            free(text);
        }
    }
    return watch;
}

static void stop_watch(pid_t watch)
{
    static const char *const changes[] = {"Crewe people 108 (+1)", "goals reviewed 1 (+1)", NULL};
    const int64_t until_ms = loop_boot_ms_now() + START_MS;
    char *text = read_text(in_folder("watch.out"));
    while (strstr(text, "goals reviewed") == NULL && loop_boot_ms_now() < until_ms) {
        free(text);
        rig_pause_ms(LOOK_MS);
        text = read_text(in_folder("watch.out"));
    }
    expect_in_order(text, changes);
    free(text);
    kill(watch, SIGTERM);
    (void)wait_end(watch, START_MS);
}

/* What the day prints, step by step, in this order. */
static const char *const day[] = {
    "OUTCOMES_MISSING", /* 1. refused by name with its rule, then taken with its reference */
    "The rule: A line names no outcome",
    "-000001",
    "COPPENHALL-17 ", /* 2. a ranked answer with what is free on each day, and what was left out */
    "  first  ",
    "tue 10:00 (4), thu 10:00 (2)",
    "Ranked by what is open on most dates, then by viable hours, then by travel in tens of "
    "minutes, "
    "then by price, then by distance.",
    "4 of 32 services fit. Left out: ",
    "Near misses:",
    "OPENDOOR-19 ", /* by what people do, and what cannot be had is recorded */
    "4 of 32 services fit. Left out: another kind ",
    "0 of 32 services fit. Left out: another kind ",
    "Recorded as unmet need ",
    "why       no place on days",
    "PLACEMENT_STATE_ACTIVE", /* 3. proposed, held, accepted, started; the referral's line is placed */
    "REFERRAL_STATE_PLACED",
    "preview: no record was changed", /* 4. a receipt that adds up, a reject file, the same receipt again */
    "read              4\n  new               2\n",
    "rejected          1",
    "unmatched         1",
    "type-error,\"Date\",",
    "sent before; nothing changes",
    "read              4\n  new               2\n",
    "\"events\": 1", /* 5. a goal is agreed and reviewed */
    "\"events\": 1",
    " 500 ", /* 6. one person and one placement above the published position */
    " 578 ",
    "£4,714,628.00",
    "Learning disability                             342 ",
    "Macclesfield                                    158 ",
    "Crewe                                           108 ",
    "PlacementStarted", /* 7. */
    "01a00000-0000-7000-8000-000000000003",
    "reporting    127.0.0.1:",
    "capacity     the same", /* 8. */
    "placements   the same",
    "referrals    the same",
    "attendance   the same",
    "outcomes     the same",
    "reporting    the same",
    NULL};

static void the_day_of_the_readme_works_as_it_is_written(void **unused)
{
    (void)unused;
    make_checkout();
    write_day();
    pid_t up = start_up(NULL);
    const pid_t watch = start_watch();
    char *text = run("day.sh");
    expect_no_complaint(text);
    expect_in_order(text, day);
    free(text);
    stop_watch(watch);
    stop_up(up);
    write_text(in_folder("again.sh"),
               "PATH=$PWD/build/release/bin:$PATH\n"
               "dayways --as commissioner report dashboard\n"
               "for council in nottinghamshire sefton stockport; do\n"
               "  dayways --authority $council demo load\n"
               "  dayways --authority $council --as commissioner report dashboard\n"
               "done\n"
               "dayways --authority stockport verify\n");
    /* What was there is there still; and the other councils' demonstrations give their published figures. */
    static const char *const kept[] = {"500",
                                       "578",
                                       "1475 people",
                                       " 1400 ",
                                       "internal £12,500,000.00",
                                       "£5,900,000.00",
                                       "21 providers",
                                       " 520 ",
                                       " 600 ",
                                       " 557 ",
                                       " 644 ",
                                       "£5,255,459.00",
                                       "capacity     the same",
                                       "placements   the same",
                                       "reporting    the same",
                                       NULL};
    up = start_up("sefton");
    text = read_text(in_folder("up.out"));
    static const char *const hints[] = {"running for sefton", "--authority sefton status",
                                        "--authority sefton find", "--near Southport", NULL};
    expect_in_order(text, hints);
    free(text);
    write_text(in_folder("sefton.sh"),
               "build/release/bin/dayways --authority sefton report dashboard\n");
    text = run("sefton.sh");
    static const char *const of_sefton[] = {" 520 ", " 600 ", NULL};
    expect_in_order(text, of_sefton);
    free(text);
    text = run("again.sh");
    expect_in_order(text, kept);
    free(text);
    /* One service's journal is damaged: at the next start it alone stands still, and says why. */
    write_text(in_folder("break.sh"),
               "journal='dw:{cheshire-east:outcomes}:journal'\n"
               "redis() { redis-cli -s var/redis/redis.sock \"$@\"; }\n"
               "redis XDEL $journal $(redis XREVRANGE $journal + - COUNT 1 | head -n 1)\n");
    text = run("break.sh");
    assert_string_equal(text, "1\n");
    free(text);
    stop_up(up);
    up = start_up(NULL);
    text = read_text(in_folder("up.out"));
    static const char *const told[] = {"outcomes is not whole", "frozen STORE_WENT_BACK", NULL};
    expect_in_order(text, told);
    free(text);
    text = run("again.sh");
    expect_in_order(text, kept);
    free(text);
    stop_up(up);
    const char *const arguments[] = {"rm", "-rf", folder, NULL};
    (void)wait_end(start("/dev/null", arguments), START_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_day_of_the_readme_works_as_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
