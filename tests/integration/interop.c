/* A client in another language, written from proto/README.md alone, lives through the day. */
#include "tests/support/town.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_python_client_lives_through_the_day(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create("tests/data/model.json");
    rig_start(rig, "capacity");
    rig_start(rig, "placements");
    rig_start(rig, "referrals");
    rig_start(rig, "attendance");
    struct client *client = rig_client(rig, "operator");
    town_build(client, 2, 3);
    const pid_t python = fork();
    assert_true(python >= 0);
    if (python == 0) {
        execl("/usr/bin/python3", "python3", "tests/interop/day.py", "build/gen/python",
              rig_keys(rig), rig_folder(rig), rig_authority, NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(python, &status, 0), python);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    client_destroy(&client);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_python_client_lives_through_the_day)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
