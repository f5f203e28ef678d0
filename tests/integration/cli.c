/* The command line where it must say no: one clear sentence, at once, and nothing is changed. No daemon runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/loop.h"
#include "common/text.h"
#include "tests/support/rig.h"

enum { PATH_SIZE = 512, TEXT_SIZE = 8192, SOON_MS = 8000 };

static char folder[PATH_SIZE];
static char text[TEXT_SIZE];

/* Runs a line of shell in the folder, with both outputs in text; $D is the command line with its configuration. */
static int run(const char *line)
{
    char command[4 * PATH_SIZE];
    const int64_t before_ms = loop_boot_ms_now();
    assert_int_equal(
        text_format(command, sizeof command,
                    "D=\"timeout 6 $PWD/$DAYWAYS_BIN/dayways --config deploy/dayways.conf\"; "
                    "cd %s && { %s; } 2>&1",
                    folder, line),
        0);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    const size_t len = fread(text, 1, sizeof text - 1, output);
    text[len] = '\0';
    const int status = pclose(output);
    assert_true(loop_boot_ms_now() - before_ms < SOON_MS);
    return WEXITSTATUS(status);
}

static void expect(int code, const char *line, const char *sentence)
{
    const int found = run(line);
    if (found != code || strstr(text, sentence) == NULL)
        fail_msg("%s: exit code %d, not %d, or not \"%s\":\n%s", line, found, code, sentence, text);
}

static int begin(void **state)
{
    (void)state;
    char command[2 * PATH_SIZE];
    (void)text_format(folder, sizeof folder, "/tmp/dayways-cli-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)text_format(command, sizeof command,
                      "cp -r deploy %s/deploy && cd %s && mkdir -p var/run var/keys var/redis && "
                      "sed -i s/:910/:%u/ deploy/dayways.conf",
                      folder, folder, rig_free_ports() / 10);
    return system(command);
}

static int end(void **state)
{
    (void)state;
    char command[2 * PATH_SIZE];
    (void)text_format(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* Somebody who listens there and never says a word. */
static int hold_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_int_equal(text_format(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name),
                     0);
    (void)unlink(address.sun_path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void a_key_that_exists_is_not_replaced(void **state)
{
    (void)state;
    expect(0, "$D keys new capacity --role service", "allowed for every council");
    expect(0,
           "cp var/keys/allowed before; $D keys new care --role provider-manager --provider "
           "01a00000-0000-7000-8000-000000000001",
           "allowed for cheshire-east");
    expect(1, "$D keys new capacity --role broker", "keys revoke capacity");
    expect(1,
           "$D keys new care --role provider-manager --provider "
           "01a00000-0000-7000-8000-000000000002",
           "is allowed already");
    expect(0, "grep -c '' var/keys/allowed; $D keys revoke care", "not allowed any more");
    expect(0, "$D keys new care --role broker", "is written");
}

static void a_silent_holder_of_redis_socket_is_told(void **state)
{
    (void)state;
    const int fd = hold_socket("var/redis/redis.sock");
    expect(69, "$D up --no-demo", "another program holds");
    close(fd);
    expect(0, "rm var/redis/redis.sock", "");
}

static void a_holder_of_a_daemons_socket_is_told(void **state)
{
    (void)state;
    const int fd = hold_socket("var/run/placements.router");
    expect(69, "$D up --no-demo", "where placements should listen, is held by another program");
    close(fd);
    expect(0, "rm var/run/placements.router", "");
}

static void files_that_are_missing_are_named(void **state)
{
    (void)state;
    expect(78,
           "mkdir -p other/a/b/c/d && cp deploy/dayways.conf other/ && "
           "B=${D%% --config*}; cp -L ${B#timeout 6 } other/a/b/c/d/dayways && timeout 6 "
           "other/a/b/c/d/dayways --config other/dayways.conf up",
           "redis-start and redis.conf are missing: put both beside the configuration, in other");
}

static void a_search_without_a_home_says_so(void **state)
{
    (void)state;
    expect(0, "$D keys new operator --role operator", "is written");
    expect(64, "$D find --days tue", "--near");
}

static void a_subcommand_that_is_none_is_named(void **state)
{
    (void)state;
    expect(64, "$D fnid --days tue", "dayways: there is no subcommand fnid; dayways --help lists");
    assert_null(strstr(text, "Exit codes"));
    expect(64, "$D", "Subcommands:");
}

/* Proves: nothing is said of a council that is not configured, and those that are are named. */
static void a_council_that_is_not_there_is_refused(void **state)
{
    (void)state;
    expect(64, "$D --authority nowhere status",
           "deploy/dayways.conf has no authority nowhere; it has:");
    assert_non_null(strstr(text, "  stockport\n"));
    expect(69, "$D --authority stockport status", "no daemon answers");
}

/* Proves: a model that nobody can work by is refused where it is checked and where it would be served, by its path in the file. */
static void a_model_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    expect(65, "echo '{}' > empty.json; $D model check empty.json", "empty.json: gssCode: ");
    expect(0, "$D model check deploy/authorities/cheshire-east.json", "3 levels, 11 districts");
    expect(
        78,
        "M=deploy/authorities/cheshire-east.json; cp $M kept; "
        "sed 's/\"number\": 2, \"name\": \"Crewe\"/\"number\": 1, \"name\": \"Crewe\"/' kept > $M; "
        "B=${D%% --config*}; $B-capacity --config deploy/dayways.conf --check-config; C=$?; "
        "mv kept $M; exit $C",
        "districts[1].number: 1 is the number of districts[0], too");
}

static void what_is_no_json_is_not_sent(void **state)
{
    (void)state;
    expect(65, "printf '\\0{}' | $D call capacity ListProviders", "NUL");
    expect(65, "printf ' \\0' | $D call capacity ListProviders", "NUL");
    expect(65, "echo hello | $D call capacity ListProviders", "dayways:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_exists_is_not_replaced),
        cmocka_unit_test(a_search_without_a_home_says_so),
        cmocka_unit_test(a_subcommand_that_is_none_is_named),
        cmocka_unit_test(a_council_that_is_not_there_is_refused),
        cmocka_unit_test(a_model_that_contradicts_itself_is_refused),
        cmocka_unit_test(what_is_no_json_is_not_sent),
        cmocka_unit_test(a_silent_holder_of_redis_socket_is_told),
        cmocka_unit_test(a_holder_of_a_daemons_socket_is_told),
        cmocka_unit_test(files_that_are_missing_are_named),
    };
    return cmocka_run_group_tests_name("cli", tests, begin, end);
}
