/* Fuzzes the services: an input is a program. Its first two bytes choose the state that it begins in, every 32 bytes behind them
 * are one step: a command, a query, an event, an answer, time. Proves what world.h says, for every state that steps lead to:
 * nothing that comes through the door ends a service, and its records are the fold of its events. */
#include "common/authority.h"

#include <assert.h>
#include <string.h>

#include "model.pb-c.h"
#include "tests/support/fuzz.h"
#include "tests/support/world.h"

enum {
    HEAD = 2,
    STEP = 32,
    STEPS_MAX = 12,
    PROGRAM_MAX = HEAD + STEPS_MAX * STEP,
    MODEL_MEMORY_MAX = 1024 * 1024
};

static const ProtobufCMessage *load_model(void)
{
    char error[300] = "";
    uint8_t digest[32];
    const ProtobufCMessage *model;
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_create(MODEL_MEMORY_MAX); /* as long as the program */
    const int result =
        authority_load_model("tests/data/model.json", &dw__commissioning_model__descriptor, arena,
                             &model, digest, error, sizeof error);
    assert(result == 0);
    return model;
}

/* A prelude of which something is refused would leave states unreached. */
static void check_preludes(const ProtobufCMessage *model)
{
    for (size_t prelude = 0; prelude < WORLD_PRELUDES; prelude++)
        for (size_t steps = 0; steps <= world_prelude_steps(prelude); steps++) {
            struct world *world = world_create(model);
            for (uint8_t shift = 0; shift < 2; shift++) {
                const size_t failed = world_prepare(world, prelude, steps, shift);
                assert(failed == 0 || steps < world_prelude_steps(prelude));
                world_check(world);
            }
            world_ask_everything(world);
            world_check(world);
            world_destroy(&world);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const ProtobufCMessage *model;
    if (model == NULL) {
        model = load_model();
        check_preludes(model);
    }
    struct world *world = world_create(model);
    struct form head = {.at = bytes, .end = bytes + len};
    const uint8_t state = form_byte(&head);
    const size_t prelude = state % WORLD_PRELUDES;
    const size_t steps = form_byte(&head) % (world_prelude_steps(prelude) + 1);
    for (uint8_t shift = 0; shift <= state / WORLD_PRELUDES % 2; shift++)
        (void)world_prepare(world, prelude, steps, shift);
    world_believe(world); /* check_preludes() has seen it */
    for (size_t at = HEAD; at < len && at < PROGRAM_MAX; at += STEP) {
        struct form form = {.at = bytes + at, .end = bytes + (len - at < STEP ? len : at + STEP)};
        world_step(world, &form);
    }
    world_check(world);
    world_destroy(&world);
    return 0;
}

/* --- changing programs by their steps --------------------------------------------------------------------------------- */

/* Changes the inside of one step, which keeps its place. */
static size_t change_step(uint8_t *bytes, size_t len, size_t step)
{
    uint8_t *at = bytes + HEAD + step * STEP;
    const size_t end = HEAD + (step + 1) * STEP;
    if (len < end) {
        memset(bytes + len, 0, end - len);
        len = end;
    }
    const size_t changed = LLVMFuzzerMutate(at, STEP, STEP);
    memset(at + changed, 0, STEP - changed);
    return len;
}

/* Bytes at which a form turns to something else; see form.c. */
static const uint8_t telling[] = {0,    1,    2,    3,    0x11, 0x21, 0x29, 0x40, 0x7f,
                                  0xc0, 0xdf, 0xe0, 0xe5, 0xee, 0xf7, 0xf8, 0xff};

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t size, unsigned seed)
{
    const size_t room = size > PROGRAM_MAX ? STEPS_MAX : size < HEAD ? 0 : (size - HEAD) / STEP;
    size_t steps = len <= HEAD ? 0 : (len - HEAD + STEP - 1) / STEP;
    const unsigned how = seed % 8;
    seed /= 8;
    if (room == 0 || steps > room)
        return len;
    if (len < HEAD)
        memset(bytes + len, 0, HEAD - len);
    len = len < HEAD ? HEAD : len;
    if (how == 0) {
        bytes[seed % HEAD] = (uint8_t)(seed >> 8);
        return len;
    }
    if (steps * STEP + HEAD > len) {
        memset(bytes + len, 0, steps * STEP + HEAD - len);
        len = steps * STEP + HEAD;
    }
    const size_t at = steps == 0 ? 0 : seed % steps;
    uint8_t *step = bytes + HEAD + at * STEP;
    if (how <= 2 && steps < room) { /* one more, a copy or a plain one */
        memmove(step + STEP, step, len - HEAD - at * STEP);
        if (how == 1 || steps == 0)
            memset(step, 0, STEP);
        step[how == 1 ? 0 : 1] = (uint8_t)(seed >> 8);
        step[1] = (uint8_t)(seed >> 16);
        return len + STEP;
    }
    if (how == 3 && steps > 1) { /* one less */
        memmove(step, step + STEP, len - HEAD - (at + 1) * STEP);
        return len - STEP;
    }
    if (how <= 5 && steps > 0) { /* one byte that means something else in every field */
        step[(seed >> 4) % STEP] = telling[(seed >> 16) % sizeof telling];
        return len;
    }
    return change_step(bytes, len, at);
}

/* The beginning of one and the end of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *left, size_t left_len, const uint8_t *right,
                                 size_t right_len, uint8_t *ret_bytes, size_t size, unsigned seed)
{
    const size_t left_steps = left_len < HEAD ? 0 : (left_len - HEAD) / STEP;
    const size_t right_steps = right_len < HEAD ? 0 : (right_len - HEAD) / STEP;
    const size_t first = HEAD + (left_steps == 0 ? 0 : seed % (left_steps + 1)) * STEP;
    const size_t from = HEAD + (right_steps == 0 ? 0 : (seed >> 8) % right_steps) * STEP;
    if (left_len < HEAD || right_len < HEAD || first > size || first > PROGRAM_MAX)
        return 0;
    size = size > PROGRAM_MAX ? PROGRAM_MAX : size;
    memcpy(ret_bytes, left, first);
    const size_t rest = right_len - from < size - first ? right_len - from : size - first;
    memcpy(ret_bytes + first, right + from, rest);
    return first + rest;
}
