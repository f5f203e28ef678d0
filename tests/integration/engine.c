/* The engine with real daemons and a real Redis. */
#include "tests/support/rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "placements.pb-c.h"

static const char model[] = "tests/data/model.json";

/* A proposal is on disk before it is answered: killing the daemon at once loses nothing. */
static void a_daemon_starts_answers_and_stops(void **unused)
{
    (void)unused;
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct client *client = rig_client(rig, "broker");
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    (void)rig_ask(client, "placements", &list.base, "PlacementList");
    const int status = rig_signal(rig, "placements", 0, SIGTERM);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    client_destroy(&client);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_daemon_starts_answers_and_stops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
