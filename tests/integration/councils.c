/* Two councils in one daemon: what one of them has too much of is no matter of the other. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/raw.h"
#include "tests/support/town.h"

static const char model[] = "tests/data/model.json";

enum { QUIET_MS = 1500 };

static Dw__Envelope *about(struct raw *raw, uint32_t number, const char *authority)
{
    Dw__Envelope *envelope = raw_envelope(raw, town_proposes(number));
    envelope->authority = (char *)(uintptr_t)authority;
    return envelope;
}

/* The first council's store stands still and its shard is full. The second one's commands are done meanwhile; the first one's
 * wait, as many as may, the others are told BUSY, and all that waited are answered. */
static void a_full_shard_stops_no_other_council(void **unused)
{
    (void)unused;
    enum { SENT = 5000, OTHERS = 20, STALL_MS = 800 };
    struct rig *rig = rig_create(model);
    rig_add_council(rig);
    rig_start(rig, "placements");
    struct raw *first = raw_create(rig, "broker", "placements", 0);
    struct raw *second = raw_create(rig, "broker-2", "placements", 0);
    assert_string_equal(raw_ask(first, about(first, SENT, rig_authority)), "Accepted");
    assert_string_equal(raw_ask(second, about(second, SENT, rig_second_authority)), "Accepted");
    rig_redis_signal(rig, SIGSTOP);
    const int64_t begin_ms = loop_boot_ms_now();
    for (uint32_t number = 0; number < SENT; number++)
        raw_send(first, about(first, number, rig_authority));
    for (uint32_t number = 0; number < OTHERS; number++)
        assert_string_equal(raw_ask(second, about(second, number, rig_second_authority)),
                            "Accepted");
    assert_in_range(loop_boot_ms_now() - begin_ms, 0, STALL_MS); /* not because it was given up */
    rig_redis_signal(rig, SIGCONT);
    size_t busy = 0;
    size_t answered = 0;
    const char *name;
    while ((name = raw_hear(first, QUIET_MS))[0] != '\0') {
        if (strcmp(name, "BUSY") == 0) {
            assert_true(raw_failed(first)->retry_after_ms > 0);
            busy++;
        } else {
            assert_string_equal(name, "Accepted");
            answered++;
        }
    }
    print_message("  %zu answered, %zu busy\n", answered, busy);
    assert_true(answered > 1000);
    assert_true(busy > 0);
    assert_int_equal(answered + busy, SENT);
    raw_destroy(&first);
    raw_destroy(&second);
    rig_destroy(&rig);
}

/* A store that stands still for longer: what waits for room is told within about a second that it is away. */
static void who_waits_for_room_is_told_that_the_store_is_away(void **unused)
{
    (void)unused;
    enum { SENT = 1000, SOON_MS = 2500 };
    size_t unavailable = 0;
    struct rig *rig = rig_create(model);
    rig_add_council(rig);
    rig_start(rig, "placements");
    struct raw *first = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(first, about(first, SENT, rig_authority)), "Accepted");
    rig_redis_signal(rig, SIGSTOP);
    const int64_t begin_ms = loop_boot_ms_now();
    for (uint32_t number = 0; number < SENT; number++)
        raw_send(first, about(first, number, rig_authority));
    while (unavailable < SENT) {
        assert_string_equal(raw_hear(first, SOON_MS), "UNAVAILABLE");
        unavailable++;
    }
    assert_in_range(loop_boot_ms_now() - begin_ms, 0, SOON_MS);
    raw_destroy(&first);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_shard_stops_no_other_council),
        cmocka_unit_test(who_waits_for_room_is_told_that_the_store_is_away),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
