/* Tests of what time makes necessary: it is held back while the wall clock is not believed, and until the journals that a service
 * follows have been heard. The service does nothing but count how often it is asked what is due. */
#include "common/shard_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "placements.pb-c.h"
#include "tests/support/told_journal.h"
#include "tests/support/told_shard.h"
#include "tests/support/told_store.h"

enum {
    STEP_MS = 5000,            /* a wall clock that jumps further is not believed … */
    HOLD_MS = 60 * 1000,       /* … for so long */
    HEARD_WAIT_MS = 10 * 1000, /* a journal that is silent is waited for so long */
};

/* --- the service ------------------------------------------------------------------------------------------------------ */

struct state {
    struct entities *entities;
};

static unsigned asked;

static struct state *create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    assert_non_null(state);
    state->entities = entities;
    return state;
}

static void destroy(struct state **state)
{
    free(*state);
    *state = NULL;
}

/* Nothing is due, and it wants to be asked again at once. */
static int64_t count_due(const struct state *state, const struct context *ctx, size_t max,
                         struct due *due)
{
    (void)state, (void)ctx, (void)max, (void)due;
    asked++;
    return 0;
}

static void fold_nothing(struct state *state, const struct foreign_event *event)
{
    (void)state, (void)event;
}

static const struct entity_kind kinds[] = {{NULL}, {NULL}};
static const struct command_row commands[] = {{NULL, NULL, 0}};
static const struct event_row events[] = {{NULL, NULL}};
static const struct query_row queries[] = {{NULL, NULL, 0}};
static const struct reaction_row reactions[] = {
    {"placements", &dw__placement_accepted__descriptor, NULL, fold_nothing},
    {NULL, NULL, NULL, NULL}};
static const struct service alone = {.name = "test",
                                     .kinds = kinds,
                                     .commands = commands,
                                     .events = events,
                                     .queries = queries,
                                     .create = create,
                                     .destroy = destroy,
                                     .due = count_due};
static const struct service following = {.name = "test",
                                         .kinds = kinds,
                                         .commands = commands,
                                         .events = events,
                                         .queries = queries,
                                         .reactions = reactions,
                                         .create = create,
                                         .destroy = destroy,
                                         .due = count_due};

/* --- its shard -------------------------------------------------------------------------------------------------------- */

static struct told_shard told;
static struct told_journal journal;

static int open_alone(void **unused)
{
    (void)unused;
    told_shard_open(&told, &alone);
    return 0;
}

static int open_following(void **unused)
{
    (void)unused;
    asked = 0;
    told_shard_open(&told, &following);
    journal = (struct told_journal){
        .authority = told_authority, .service = "placements", .history = {{3}}};
    return 0;
}

static int close_shard(void **unused)
{
    (void)unused;
    told_shard_close(&told);
    return 0;
}

/* Whether the service is asked in a turn, after this time. */
static bool is_asked_after(int64_t ms)
{
    const unsigned before = asked;
    told_shard_pass(&told, ms);
    return asked > before;
}

/* --- the wall clock --------------------------------------------------------------------------------------------------- */

static void expect_held_over(int64_t step_ms)
{
    assert_true(is_asked_after(0));
    told.now.wall_ms += step_ms;
    assert_false(is_asked_after(0));
    assert_false(is_asked_after(HOLD_MS - 1));
    assert_true(is_asked_after(1));
}

/* Proves: a clock that steps forward does not make everything due at once: it may step back. */
static void what_is_due_is_held_when_the_clock_steps_forward(void **unused)
{
    (void)unused;
    expect_held_over(STEP_MS + 1);
}

/* Proves: one that steps backward is not believed either: it may have been right before. */
static void what_is_due_is_held_when_the_clock_steps_backward(void **unused)
{
    (void)unused;
    expect_held_over(-STEP_MS - 1);
}

/* Proves: a clock that is set a little is believed, in either direction, or it would be held each time it is steered. */
static void what_is_due_is_not_held_when_the_clock_is_set_a_little(void **unused)
{
    (void)unused;
    told.now.wall_ms += STEP_MS;
    assert_true(is_asked_after(0));
    told.now.wall_ms -= STEP_MS;
    assert_true(is_asked_after(0));
}

/* --- followed journals ------------------------------------------------------------------------------------------------ */

/* Proves: time does nothing with what others have changed in the meantime: who follows a journal reads it to its head first. */
static void what_is_due_waits_for_the_journal_that_is_followed(void **unused)
{
    (void)unused;
    assert_int_equal(asked, 0);
    assert_false(is_asked_after(0));
    told_journal_head(&journal, &told, 1); /* there is more to read */
    assert_false(is_asked_after(HEARD_WAIT_MS / 2));
    told_journal_event(&journal, &told);
    assert_true(is_asked_after(0));
}

/* Proves: a journal without anything in it is read when its head has been heard. */
static void what_is_due_does_not_wait_for_an_empty_journal(void **unused)
{
    (void)unused;
    told_journal_head(&journal, &told, 0);
    assert_true(is_asked_after(0));
}

/* Proves: a service that is away does not hold up another's work for ever. */
static void what_is_due_waits_ten_seconds_for_a_silent_service(void **unused)
{
    (void)unused;
    assert_false(is_asked_after(HEARD_WAIT_MS - 1));
    assert_true(is_asked_after(1));
}

int main(void)
{
#define DUE_TEST(name, open) cmocka_unit_test_setup_teardown(name, open, close_shard)
    const struct CMUnitTest tests[] = {
        DUE_TEST(what_is_due_is_held_when_the_clock_steps_forward, open_alone),
        DUE_TEST(what_is_due_is_held_when_the_clock_steps_backward, open_alone),
        DUE_TEST(what_is_due_is_not_held_when_the_clock_is_set_a_little, open_alone),
        DUE_TEST(what_is_due_waits_for_the_journal_that_is_followed, open_following),
        DUE_TEST(what_is_due_does_not_wait_for_an_empty_journal, open_following),
        DUE_TEST(what_is_due_waits_ten_seconds_for_a_silent_service, open_following),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
