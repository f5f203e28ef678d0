/* Services in rows of bits. See catalogue.h. */
#include "services/capacity/catalogue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "services/capacity/contracts.h"

_Static_assert(ROW_LEVEL + LEVEL_MAX < ROW_MODE, "levels have their rows");
_Static_assert(ROW_DAY + 7 * PARTS + PARTS - 1 < ROW_AGE, "weekdays have their rows");
_Static_assert(ROW_AGE + AGE_MAX < ROWS, "ages have their rows");

struct catalogue {
    struct table *places; /* service id -> place in entries */
    struct entry *entries;
    struct spot *spots;   /* of each entry */
    struct brief *briefs; /* of each entry */
    uint32_t count;
    uint32_t size;
    bool is_unsorted; /* entries stand out of order */
    bool is_stale;    /* grid and briefs do not show all services and contracts */
    uint64_t *bits;   /* ROWS rows of words */
    uint64_t *scratch;
    uint32_t words;
    struct contracts *contracts;
    struct grid *grid;
    struct ready *ready;
};

static void require(const void *memory)
{
    if (memory == NULL)
        abort(); /* a daemon that cannot remember must not go on */
}

struct catalogue *capacity_catalogue_create(void)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL)
        return NULL;
    catalogue->places = table_create(sizeof(struct id), sizeof(uint32_t));
    catalogue->contracts = capacity_contracts_create();
    catalogue->grid = capacity_grid_create();
    catalogue->ready = capacity_ready_create();
    if (catalogue->places == NULL || catalogue->contracts == NULL || catalogue->grid == NULL ||
        catalogue->ready == NULL)
        capacity_catalogue_destroy(&catalogue);
    return catalogue;
}

void capacity_catalogue_destroy(struct catalogue **pointer)
{
    struct catalogue *catalogue = *pointer;
    if (catalogue == NULL)
        return;
    for (uint32_t place = 0; place < catalogue->count; place++)
        free(catalogue->entries[place].offers);
    free(catalogue->entries);
    free(catalogue->spots);
    free(catalogue->briefs);
    free(catalogue->bits);
    free(catalogue->scratch);
    capacity_contracts_destroy(&catalogue->contracts);
    capacity_grid_destroy(&catalogue->grid);
    capacity_ready_destroy(&catalogue->ready);
    table_destroy(&catalogue->places);
    free(catalogue);
    *pointer = NULL;
}

void capacity_catalogue_contract(struct catalogue *catalogue, const struct id *provider_id,
                                 uint32_t levels, int32_t from, int32_t to)
{
    capacity_contracts_agree(catalogue->contracts, provider_id, levels, from, to);
    catalogue->is_stale = true;
}

bool capacity_catalogue_has_contract(const struct catalogue *catalogue,
                                     const struct id *provider_id, uint32_t level, int32_t date)
{
    return capacity_contracts_has(catalogue->contracts, provider_id, level, date);
}

bool capacity_catalogue_entry_contract(const struct catalogue *catalogue, const struct entry *entry,
                                       int32_t date)
{
    return capacity_contracts_cover(catalogue->contracts, entry->provider, entry->level, date);
}

/* --- rows of bits ------------------------------------------------------------------------------------------------- */

static void set_bit(struct catalogue *catalogue, uint32_t row, uint32_t place)
{
    catalogue->bits[(size_t)row * catalogue->words + place / 64] |= UINT64_C(1) << (place % 64);
}

static void set_day_bits(struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    for (size_t at = 0; at < entry->offers_count; at++)
        for (uint32_t part = 0; part < PARTS; part++)
            if ((entry->offers[at].parts >> part & 1) != 0)
                set_bit(catalogue, ROW_DAY + entry->offers[at].weekday * UINT32_C(4) + part, place);
}

static void set_bits(struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    for (uint32_t need = 0; need < ROW_LEVEL - ROW_NEED; need++)
        if ((entry->needs >> need & 1) != 0)
            set_bit(catalogue, ROW_NEED + need, place);
    for (uint32_t feature = 0; feature < ROW_DAY - ROW_ACCESS; feature++)
        if ((entry->access >> feature & 1) != 0)
            set_bit(catalogue, ROW_ACCESS + feature, place);
    set_bit(catalogue, ROW_LEVEL + UINT32_C(0) + entry->level, place);
    set_bit(catalogue, ROW_MODE + UINT32_C(0) + entry->mode, place);
    for (uint32_t age = entry->age_from; age <= entry->age_to; age++)
        set_bit(catalogue, ROW_AGE + age, place);
    set_day_bits(catalogue, place);
}

static void make_bits(struct catalogue *catalogue, uint32_t words)
{
    free(catalogue->bits);
    free(catalogue->scratch);
    catalogue->words = words;
    catalogue->bits = calloc((size_t)ROWS * words, sizeof catalogue->bits[0]);
    catalogue->scratch = calloc((size_t)(2 + 32) * words, sizeof catalogue->scratch[0]);
    require(catalogue->bits);
    require(catalogue->scratch);
    for (uint32_t place = 0; place < catalogue->count; place++)
        set_bits(catalogue, place);
    capacity_ready_resize(catalogue->ready, words);
}

static int compare_entries(const void *left, const void *right)
{
    return id_compare(&((const struct entry *)left)->service_id,
                      &((const struct entry *)right)->service_id);
}

static void sort_entries(struct catalogue *catalogue)
{
    qsort(catalogue->entries, catalogue->count, sizeof catalogue->entries[0], compare_entries);
    for (uint32_t place = 0; place < catalogue->count; place++) {
        uint32_t *where = table_put(catalogue->places, &catalogue->entries[place].service_id, NULL);
        *where = place;
        catalogue->spots[place] = catalogue->entries[place].spot;
    }
    make_bits(catalogue, catalogue->words);
    catalogue->is_unsorted = false;
    catalogue->is_stale = true;
}

static void make_briefs(struct catalogue *catalogue)
{
    for (uint32_t place = 0; place < catalogue->count; place++) {
        const struct entry *entry = &catalogue->entries[place];
        struct brief *brief = &catalogue->briefs[place];
        brief->price_pence = (int32_t)entry->price_pence;
        brief->price_unit = entry->price_unit;
        capacity_contracts_last(catalogue->contracts, entry->provider, entry->level,
                                &brief->contract_from, &brief->contract_to);
    }
}

uint32_t capacity_catalogue_open(struct catalogue *catalogue, struct timetable *timetable,
                                 int32_t this_week, uint32_t *ret_words)
{
    if (catalogue->is_unsorted)
        sort_entries(catalogue);
    if (catalogue->is_stale) {
        capacity_grid_make(catalogue->grid, catalogue->spots, catalogue->count);
        make_briefs(catalogue);
        catalogue->is_stale = false;
    }
    capacity_ready_refresh(catalogue->ready, catalogue->entries, catalogue->count, timetable,
                           this_week);
    *ret_words = (catalogue->count + 63) / 64;
    return catalogue->count;
}

const struct spot *capacity_catalogue_spots(const struct catalogue *catalogue)
{
    return catalogue->spots;
}

const struct brief *capacity_catalogue_briefs(const struct catalogue *catalogue)
{
    return catalogue->briefs;
}

const struct grid *capacity_catalogue_grid(const struct catalogue *catalogue)
{
    return catalogue->grid;
}

const struct ready *capacity_catalogue_ready(const struct catalogue *catalogue)
{
    return catalogue->ready;
}

const struct entry *capacity_catalogue_entry(const struct catalogue *catalogue, uint32_t place)
{
    assert(place < catalogue->count);
    return &catalogue->entries[place];
}

const uint64_t *capacity_catalogue_row(const struct catalogue *catalogue, uint32_t row)
{
    assert(row < ROWS);
    return catalogue->bits + (size_t)row * catalogue->words;
}

uint64_t *capacity_catalogue_scratch(struct catalogue *catalogue)
{
    return catalogue->scratch;
}

void capacity_catalogue_prefetch(const struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    const char *offers = (const char *)entry->offers;
    for (size_t at = 0; at < entry->offers_count * sizeof entry->offers[0]; at += 64)
        __builtin_prefetch(offers + at);
    capacity_contracts_prefetch(catalogue->contracts, entry->provider);
}

/* --- services and sessions ---------------------------------------------------------------------------------------- */

static struct entry make_entry(struct catalogue *catalogue, const Dw__Service *service)
{
    struct entry entry = {
        .spot = {service->latitude_e6, service->longitude_e6},
        .price_pence = service->price_pence,
        .price_unit = (uint8_t)service->price_unit,
        .record = service,
        .level = (uint8_t)service->level,
        .mode = (uint8_t)service->mode,
        .age_from = (uint8_t)service->age_from,
        .age_to = service->age_to == 0 ? AGE_MAX : (uint8_t)service->age_to,
    };
    if (service->mode == DW__SERVICE_MODE__SERVICE_MODE_OUTREACH ||
        service->mode == DW__SERVICE_MODE__SERVICE_MODE_VIRTUAL)
        entry.spot.latitude_e6 = SPOT_ANYWHERE;
    struct id provider_id = {0};
    (void)id_from_data(&service->service_id, &entry.service_id);
    (void)id_from_data(&service->provider_id, &provider_id);
    entry.provider = capacity_contracts_provider(catalogue->contracts, &provider_id);
    for (size_t at = 0; at < service->n_needs; at++)
        entry.needs |= UINT32_C(1) << service->needs[at];
    for (size_t at = 0; at < service->n_access; at++)
        entry.access |= UINT32_C(1) << service->access[at];
    return entry;
}

static void *resize(const struct catalogue *catalogue, void *memory, size_t element)
{
    memory = realloc(memory, catalogue->size * element);
    require(memory);
    return memory;
}

void capacity_catalogue_service(struct catalogue *catalogue, const Dw__Service *service)
{
    const struct entry entry = make_entry(catalogue, service);
    if (catalogue->count == catalogue->size) {
        catalogue->size = catalogue->size == 0 ? 256 : catalogue->size * 2;
        catalogue->entries = resize(catalogue, catalogue->entries, sizeof catalogue->entries[0]);
        catalogue->spots = resize(catalogue, catalogue->spots, sizeof catalogue->spots[0]);
        catalogue->briefs = resize(catalogue, catalogue->briefs, sizeof catalogue->briefs[0]);
        make_bits(catalogue, catalogue->size / 64);
    }
    const uint32_t place = catalogue->count;
    if (place > 0 && compare_entries(&catalogue->entries[place - 1], &entry) > 0)
        catalogue->is_unsorted = true;
    uint32_t *where = table_put(catalogue->places, &entry.service_id, NULL);
    *where = place;
    catalogue->entries[place] = entry;
    catalogue->spots[place] = entry.spot;
    catalogue->count++;
    catalogue->is_stale = true;
    set_bits(catalogue, place);
    capacity_ready_spoil(catalogue->ready, place);
}

static uint8_t parts_of(const struct session_terms *terms)
{
    enum { NOON = 12 * 60, ONE = 13 * 60, FIVE = 17 * 60, SIX = 18 * 60 };
    unsigned parts = 1U << (DW__PART_OF_DAY__PART_OF_DAY_ANY - 1);
    if (terms->start_minutes < NOON)
        parts |= 1U << (DW__PART_OF_DAY__PART_OF_DAY_MORNING - 1);
    if (terms->start_minutes < FIVE && terms->end_minutes > ONE)
        parts |= 1U << (DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON - 1);
    if (terms->end_minutes > SIX)
        parts |= 1U << (DW__PART_OF_DAY__PART_OF_DAY_EVENING - 1);
    return (uint8_t)parts;
}

static bool stands_before(const struct timetable *timetable, const struct offer *left,
                          const struct offer *right)
{
    if (left->weekday != right->weekday)
        return left->weekday < right->weekday;
    if (left->start_minutes != right->start_minutes)
        return left->start_minutes < right->start_minutes;
    return id_compare(&capacity_timetable_terms(timetable, left->slot)->session_id,
                      &capacity_timetable_terms(timetable, right->slot)->session_id) < 0;
}

static void insert_offer(struct entry *entry, const struct timetable *timetable,
                         const struct offer *offer)
{
    assert(entry->offers_count < OFFERS_MAX);
    if (entry->offers_count == entry->offers_size) {
        entry->offers_size = (uint16_t)(entry->offers_size == 0 ? 8 : entry->offers_size * 2);
        entry->offers = realloc(entry->offers, entry->offers_size * sizeof entry->offers[0]);
        require(entry->offers);
    }
    size_t at = entry->offers_count++;
    for (; at > 0 && stands_before(timetable, offer, &entry->offers[at - 1]); at--)
        entry->offers[at] = entry->offers[at - 1];
    entry->offers[at] = *offer;
}

void capacity_catalogue_session(struct catalogue *catalogue, const struct timetable *timetable,
                                uint32_t slot)
{
    const struct session_terms *terms = capacity_timetable_terms(timetable, slot);
    const uint32_t *place = table_get(catalogue->places, &terms->service_id);
    assert(place != NULL); /* services are indexed before their sessions */
    struct entry *entry = &catalogue->entries[*place];
    const struct offer offer = {
        .runs = terms->runs,
        .slot = slot,
        .start_minutes = terms->start_minutes,
        .end_minutes = terms->end_minutes,
        .weekday = (uint8_t)(terms->monday_offset + 1),
        .parts = parts_of(terms),
    };
    capacity_ready_spoil(catalogue->ready, *place);
    for (size_t at = 0; at < entry->offers_count; at++)
        if (entry->offers[at].slot == slot) {
            entry->offers[at] = offer; /* weekday and times of a session never change */
            return;
        }
    insert_offer(entry, timetable, &offer);
    set_day_bits(catalogue, *place);
}

void capacity_catalogue_taking(struct catalogue *catalogue, const struct id *service_id)
{
    const uint32_t *place = table_get(catalogue->places, service_id);
    assert(place != NULL); /* a session's service is known */
    capacity_ready_spoil(catalogue->ready, *place);
}

size_t capacity_catalogue_offers(const struct catalogue *catalogue, const struct id *service_id,
                                 const struct offer **ret_offers)
{
    const uint32_t *place = table_get(catalogue->places, service_id);
    if (place == NULL)
        return 0;
    *ret_offers = catalogue->entries[*place].offers;
    return catalogue->entries[*place].offers_count;
}
