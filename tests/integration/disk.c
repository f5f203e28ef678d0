/* Redis' disk is full: told by name, nothing acknowledged is lost, and work goes on when there is room again. Runs in a mount
 * namespace of its own, on a small tmpfs. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"
#include "tests/support/raw.h"
#include "tests/support/town.h"

enum { FILL_BYTES = 64 * 1024 };

/* Writes until the disk takes no more. */
static void fill_disk(struct rig *rig, char *ret_path, size_t size)
{
    static char bytes[FILL_BYTES];
    (void)text_format(ret_path, size, "%s/filler", rig_data(rig));
    FILE *file = fopen(ret_path, "we");
    assert_non_null(file);
    while (fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes)
        continue;
    (void)fclose(file);
}

/* Redis begins anew on a disk of eight megabytes, which only we and our children see. */
static void move_to_small_disk(struct rig *rig)
{
    rig_redis_signal(rig, SIGTERM);
    if (unshare(CLONE_NEWNS) < 0)
        assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
    assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("tmpfs", rig_data(rig), "tmpfs", 0, "size=8m"), 0);
    rig_redis_start(rig);
}

static void a_full_disk_is_told_by_name_and_loses_nothing(void **unused)
{
    (void)unused;
    char path[600];
    struct rig *rig = rig_create("tests/data/model.json");
    move_to_small_disk(rig);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    uint32_t number = 0;
    for (; number < 50; number++)
        assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(number))),
                            "Accepted");
    fill_disk(rig, path, sizeof path);
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    uint32_t acknowledged = number;
    while (strcmp(raw_ask(broker, raw_envelope(broker, town_proposes(number))), "Accepted") == 0) {
        acknowledged = ++number;
        assert_true(loop_boot_ms_now() < until_ms);
    }
    rig_wait_log(rig, "placements", 0, "is full");
    assert_int_equal(unlink(path), 0);
    rig_redis_signal(rig, SIGKILL); /* what has not ended by itself */
    rig_redis_start(rig);
    const char *name;
    while (strcmp(name = raw_ask(broker, raw_envelope(broker, town_proposes(number + 1))),
                  "Accepted") != 0)
        assert_string_equal(name, "UNAVAILABLE");
    for (uint32_t at = 0; at < acknowledged; at++) {
        const struct id placement = town_id('m', at);
        Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
        get.placement_id = id_to_data(&placement);
        assert_string_equal(raw_ask(broker, raw_envelope(broker, &get.base)), "Placement");
    }
    assert_int_equal(rig_verify(rig, "placements"), 0);
    raw_destroy(&broker);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_told_by_name_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
