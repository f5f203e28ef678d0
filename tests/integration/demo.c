/* `dayways demo load` on any day: when the first term of the council's framework has passed, the demonstration has gone on with an
 * extension; when none is left, it says that trying again is in vain. */
#include "common/calendar.h"
#include "common/table.h"
#include "common/text.h"
#include "tests/support/rig.h"
#include "tests/support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 512, TEXT_SIZE = 16384, FILE_MAX = 64 * 1024 };

static char text[TEXT_SIZE];

/* Stockport's model with a framework whose first term ended half a year ago. */
static void write_model(const char *path, const char *extensions)
{
    static char model[FILE_MAX];
    static const char begins[] = "\"from\": \"2025-04-01\"", ends[] = ", \"overValue\"";
    FILE *file = fopen("deploy/authorities/stockport.json", "re");
    assert_non_null(file);
    model[fread(model, 1, sizeof model - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    char *from = strstr(model, begins);
    assert_non_null(from);
    const char *end = strstr(from, ends);
    assert_non_null(end);
    file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "%.*s\"from\": \"%s\", \"to\": \"%s\", \"extensionMonths\": [%s]%s",
            (int)(from - model), model, story_date(-730), story_date(-180), extensions, end);
    assert_int_equal(fclose(file), 0);
}

/* Loads Stockport's demonstration into a council with that model; the exit code. */
static int load(const char *extensions)
{
    static const char *const services[] = {"capacity", "placements", "referrals", "attendance",
                                           "outcomes"};
    char path[] = "/tmp/dayways-demo-XXXXXX";
    char command[2 * PATH_SIZE];
    const int model = mkstemp(path);
    assert_true(model >= 0);
    close(model);
    write_model(path, extensions);
    struct rig *rig = rig_create(path);
    for (size_t at = 0; at < sizeof services / sizeof services[0]; at++)
        rig_start(rig, services[at]);
    (void)text_format(command, sizeof command,
                      "%s/dayways --config %s/dayways.conf demo load "
                      "--file deploy/demonstrations/stockport.json 2>&1",
                      getenv("DAYWAYS_BIN"), rig_folder(rig));
    FILE *output = popen(command, "r");
    assert_non_null(output);
    const size_t len = fread(text, 1, sizeof text - 1, output);
    text[len] = '\0';
    const int code = WEXITSTATUS(pclose(output));
    rig_destroy(&rig);
    unlink(path);
    return code;
}

static void expect(const char *extensions, int code, const char *sentence)
{
    const int found = load(extensions);
    if (found != code || strstr(text, sentence) == NULL)
        fail_msg("exit code %d, not %d, or not \"%s\":\n%s", found, code, sentence, text);
}

/* Proves: the demonstration is loaded after the first term of its framework. */
static void a_framework_that_has_passed_was_extended(void **state)
{
    (void)state;
    expect("24", 0, "The demonstration is loaded: 614 people");
}

/* Proves: what will be refused for ever is not called unfinished. */
static void a_framework_without_an_extension_refuses_for_good(void **state)
{
    (void)state;
    expect("", 1, "loading it again would be refused again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_framework_that_has_passed_was_extended),
        cmocka_unit_test(a_framework_without_an_extension_refuses_for_good),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
