/* Tests of common/arena: limits hold, memory is zeroed and aligned, and protobuf-c's unpacking fails cleanly. */
#include "common/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "envelope.pb-c.h"

/* Proves: every piece is zeroed and aligned for any type, also in memory that was used before. */
static void pieces_are_zeroed_and_aligned_after_a_reset(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 300; size++) {
            uint8_t *piece = arena_alloc(arena, size);
            assert_non_null(piece);
            assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(piece[i], 0);
            memset(piece, 0xff, size);
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_destroy(&arena);
    assert_null(arena);
    arena_destroy(&arena);
}

/* Proves: pieces do not overlap, even when they come from several blocks. */
static void pieces_do_not_overlap(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(64 << 20);
    uint8_t *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        pieces[i] = arena_alloc(arena, 1000 * (i + 1));
        assert_non_null(pieces[i]);
        memset(pieces[i], (int)i, 1000 * (i + 1));
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < 1000 * (i + 1); j++)
            assert_int_equal(pieces[i][j], i);
    arena_destroy(&arena);
}

/* Proves: nothing is given above the limit, sizes that would overflow included, and what fits still is. */
static void the_limit_is_kept(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(1024);
    assert_null(arena_alloc(arena, 1025));
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_alloc(arena, SIZE_MAX - 7));
    assert_null(arena_copy(arena, "x", SIZE_MAX));
    assert_non_null(arena_alloc(arena, 1000));
    assert_true(arena_used(arena) <= 1024);
    assert_null(arena_alloc(arena, 100));
    assert_non_null(arena_alloc(arena, 8));
    arena_reset(arena);
    assert_non_null(arena_alloc(arena, 1024));
    assert_null(arena_alloc(arena, 1));
    assert_null(arena_alloc(arena, 0));
    arena_destroy(&arena);
}

/* Proves: a copy holds the bytes, NULs included, and ends with one more NUL. */
static void a_copy_ends_with_nul(void **unused)
{
    (void)unused;
    struct arena *arena = arena_create(1024);
    char *copy = arena_copy(arena, "a\0bc", 4);
    assert_memory_equal(copy, "a\0bc", 5);
    assert_string_equal(arena_copy(arena, NULL, 0), "");
    arena_destroy(&arena);
}

/* Proves: a message that fits is unpacked from the arena; with any smaller limit unpacking gives NULL. */
static void unpacking_fails_at_every_limit_below_what_it_needs(void **unused)
{
    (void)unused;
    Dw__Event events[3];
    Dw__Event *list[3];
    for (size_t i = 0; i < 3; i++) {
        dw__event__init(&events[i]);
        events[i].type = "Something";
        events[i].body = (ProtobufCBinaryData){.len = 5, .data = (uint8_t *)"12345"};
        list[i] = &events[i];
    }
    Dw__Decision decision = DW__DECISION__INIT;
    decision.n_events = 3;
    decision.events = list;
    uint8_t bytes[256];
    size_t len = dw__decision__pack(&decision, bytes);

    struct arena *arena = arena_create(1 << 20);
    Dw__Decision *unpacked = dw__decision__unpack(arena_allocator(arena), len, bytes);
    assert_non_null(unpacked);
    assert_int_equal(unpacked->n_events, 3);
    assert_string_equal(unpacked->events[2]->type, "Something");
    size_t needed = arena_used(arena);
    arena_destroy(&arena);

    for (size_t limit = 0; limit < needed; limit++) {
        arena = arena_create(limit);
        assert_null(dw__decision__unpack(arena_allocator(arena), len, bytes));
        arena_destroy(&arena);
    }
    arena = arena_create(needed);
    assert_non_null(dw__decision__unpack(arena_allocator(arena), len, bytes));
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_and_aligned_after_a_reset),
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(a_copy_ends_with_nul),
        cmocka_unit_test(unpacking_fails_at_every_limit_below_what_it_needs),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
