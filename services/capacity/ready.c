/* Rows of ready sessions. See ready.h. */
#include "services/capacity/ready.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/capacity/catalogue.h"
#include "services/capacity/closed.h"

struct ready {
    uint64_t *bits;    /* READY_ROWS rows of words, and one more: who is fresh */
    uint16_t *minutes; /* READY_ROWS rows of 64 * words */
    uint32_t *slots;   /* the same */
    uint32_t words;
    uint32_t first_stale; /* no word before this one has a stale service */
    int32_t week;
};

struct ready *capacity_ready_create(void)
{
    struct ready *ready = calloc(1, sizeof *ready);
    if (ready != NULL)
        ready->week = INT32_MIN;
    return ready;
}

void capacity_ready_destroy(struct ready **pointer)
{
    struct ready *ready = *pointer;
    if (ready == NULL)
        return;
    free(ready->bits);
    free(ready->minutes);
    free(ready->slots);
    free(ready);
    *pointer = NULL;
}

static uint64_t *fresh_row(const struct ready *ready)
{
    return ready->bits + (size_t)READY_ROWS * ready->words;
}

static void spoil_all(struct ready *ready)
{
    memset(fresh_row(ready), 0, ready->words * sizeof ready->bits[0]);
    ready->first_stale = 0;
}

void capacity_ready_resize(struct ready *ready, uint32_t words)
{
    free(ready->bits);
    free(ready->minutes);
    free(ready->slots);
    ready->words = words;
    ready->bits = calloc((size_t)(READY_ROWS + 1) * words, sizeof ready->bits[0]);
    ready->minutes = calloc((size_t)READY_ROWS * words * 64, sizeof ready->minutes[0]);
    ready->slots = calloc((size_t)READY_ROWS * words * 64, sizeof ready->slots[0]);
    if (ready->bits == NULL || ready->minutes == NULL || ready->slots == NULL)
        abort(); /* a daemon that cannot remember must not go on */
    spoil_all(ready);
}

void capacity_ready_spoil(struct ready *ready, uint32_t place)
{
    assert(place / 64 < ready->words);
    fresh_row(ready)[place / 64] &= ~(UINT64_C(1) << place % 64);
    if (place / 64 < ready->first_stale)
        ready->first_stale = place / 64;
}

static bool is_ready(const struct ready *ready, const struct offer *offer,
                     struct timetable *timetable)
{
    const struct weeks ahead = {ready->week, TIMETABLE_FOREVER};
    return offer->every_weeks == 1 && offer->runs.first <= ahead.first &&
           offer->runs.last == TIMETABLE_FOREVER &&
           !capacity_closed_ahead(capacity_timetable_closed(timetable), offer->slot, ready->week) &&
           capacity_timetable_has(timetable, offer->slot, LIMIT_PLACES, ahead, ready->week, 1);
}

static void refresh(struct ready *ready, const struct entry *entry, uint32_t place,
                    struct timetable *timetable)
{
    const uint64_t bit = UINT64_C(1) << place % 64;
    uint64_t *column = ready->bits + place / 64;
    uint32_t seen = 0; /* rows whose first session was found */
    for (uint32_t row = 0; row < READY_ROWS; row++)
        column[(size_t)row * ready->words] &= ~bit;
    for (size_t at = 0; at < entry->offers_count; at++) {
        const struct offer *offer = &entry->offers[at];
        const uint32_t rows = (uint32_t)offer->parts << offer->weekday * 4;
        uint32_t firsts = rows & ~seen;
        seen |= rows;
        if (firsts == 0 || !is_ready(ready, offer, timetable))
            continue;
        for (; firsts != 0; firsts &= firsts - 1) {
            const size_t row = (size_t)__builtin_ctz(firsts);
            const size_t cell = row * ready->words * 64 + place;
            column[row * ready->words] |= bit;
            ready->minutes[cell] = (uint16_t)(offer->end_minutes - offer->start_minutes);
            ready->slots[cell] = offer->slot;
        }
    }
    fresh_row(ready)[place / 64] |= bit;
}

void capacity_ready_refresh(struct ready *ready, const struct entry *entries, uint32_t count,
                            struct timetable *timetable, int32_t this_week)
{
    if (ready->week != this_week && ready->words > 0)
        spoil_all(ready);
    ready->week = this_week;
    uint32_t left = READY_REFRESH_MAX;
    for (uint32_t word = ready->first_stale; word < (count + 63) / 64; word++) {
        ready->first_stale = word;
        uint64_t stale = ~fresh_row(ready)[word];
        if (word == count / 64)
            stale &= (UINT64_C(1) << count % 64) - 1;
        for (; stale != 0; stale &= stale - 1) {
            if (left-- == 0)
                return;
            const uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(stale);
            refresh(ready, &entries[place], place, timetable);
        }
    }
    ready->first_stale = (count + 63) / 64;
}

int32_t capacity_ready_week(const struct ready *ready)
{
    return ready->week;
}

const uint64_t *capacity_ready_fresh(const struct ready *ready)
{
    return fresh_row(ready);
}

const uint64_t *capacity_ready_row(const struct ready *ready, uint32_t row)
{
    assert(row < READY_ROWS);
    return ready->bits + (size_t)row * ready->words;
}

const uint16_t *capacity_ready_minutes(const struct ready *ready, uint32_t row)
{
    assert(row < READY_ROWS);
    return ready->minutes + (size_t)row * ready->words * 64;
}

const uint32_t *capacity_ready_slots(const struct ready *ready, uint32_t row)
{
    assert(row < READY_ROWS);
    return ready->slots + (size_t)row * ready->words * 64;
}
