/* Services by place. See catalogue.h. */
#include "services/capacity/catalogue.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "common/table.h"
#include "services/capacity/contracts.h"

struct catalogue {
    struct table *places;    /* service id -> place */
    struct table *suspended; /* ids of services and providers, each with a byte that says nothing */
    struct entry *entries;
    struct spot *spots;   /* of each entry */
    uint8_t *districts;   /* of each entry */
    struct brief *briefs; /* of each entry */
    uint32_t *by_id;      /* places in the order of ids */
    uint32_t count;
    uint32_t size;
    uint32_t gridded;        /* services in the grid; the others stand behind them */
    bool is_unordered;       /* by_id and rank are not what ids say */
    bool is_stale;           /* briefs do not show all contracts */
    uint64_t *sets;          /* memory of a search, as long as it needs */
    struct near_by *near_by; /* the same */
    struct contracts *contracts;
    struct framework_terms frameworks; /* as the briefs show them */
    struct properties *properties;
    struct grid *grid;
    struct ready *ready;
};

struct catalogue *capacity_catalogue_create(void)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL)
        return NULL;
    catalogue->places = table_create(sizeof(struct id), sizeof(uint32_t));
    catalogue->suspended = table_create(sizeof(struct id), sizeof(uint8_t));
    catalogue->contracts = capacity_contracts_create();
    catalogue->properties = capacity_properties_create();
    catalogue->grid = capacity_grid_create();
    catalogue->ready = capacity_ready_create();
    if (catalogue->places == NULL || catalogue->suspended == NULL || catalogue->contracts == NULL ||
        catalogue->properties == NULL || catalogue->grid == NULL || catalogue->ready == NULL)
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
    free(catalogue->districts);
    free(catalogue->briefs);
    free(catalogue->by_id);
    free(catalogue->sets);
    free(catalogue->near_by);
    capacity_contracts_destroy(&catalogue->contracts);
    capacity_properties_destroy(&catalogue->properties);
    capacity_grid_destroy(&catalogue->grid);
    capacity_ready_destroy(&catalogue->ready);
    table_destroy(&catalogue->places);
    table_destroy(&catalogue->suspended);
    free(catalogue);
    *pointer = NULL;
}

void capacity_catalogue_contract(struct catalogue *catalogue, const struct id *contract_id,
                                 const struct id *provider_id, const struct contract_terms *terms)
{
    capacity_contracts_set(catalogue->contracts, contract_id, provider_id, terms);
    catalogue->is_stale = true;
}

void capacity_catalogue_suspend(struct catalogue *catalogue, const struct id *id, bool is_suspended)
{
    if (is_suspended)
        (void)table_put(catalogue->suspended, id, NULL);
    else
        (void)table_remove(catalogue->suspended, id);
    catalogue->is_stale = true;
}

int32_t capacity_catalogue_first_contract(const struct catalogue *catalogue,
                                          const struct id *provider_id)
{
    return capacity_contracts_first(catalogue->contracts, provider_id);
}

bool capacity_catalogue_has_contract(const struct catalogue *catalogue,
                                     const struct id *provider_id, uint32_t level,
                                     const struct framework_terms *frameworks, int32_t date)
{
    return capacity_contracts_has(catalogue->contracts, provider_id, level, frameworks, date);
}

bool capacity_catalogue_entry_contract(const struct catalogue *catalogue, const struct entry *entry,
                                       int32_t date)
{
    return capacity_contracts_cover(catalogue->contracts, entry->provider, entry->level,
                                    &catalogue->frameworks, date);
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static int compare_entries(const void *left, const void *right)
{
    return id_compare(&((const struct entry *)left)->service_id,
                      &((const struct entry *)right)->service_id);
}

static bool is_suspended(const struct catalogue *catalogue, const struct entry *entry)
{
    struct id provider_id = {0};
    if (table_count(catalogue->suspended) == 0)
        return false;
    (void)id_from_data(&entry->record->provider_id, &provider_id);
    return table_get(catalogue->suspended, &entry->service_id) != NULL ||
           table_get(catalogue->suspended, &provider_id) != NULL;
}

static void make_brief(struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    struct brief *brief = &catalogue->briefs[place];
    brief->price_pence = (uint32_t)entry->price_pence & UINT32_C(0xffffff);
    brief->price_unit = entry->price_unit & UINT32_C(0x1f);
    brief->is_changing = entry->rates.from != INT32_MAX;
    brief->is_suspended = is_suspended(catalogue, entry);
    brief->is_unbooked = entry->record->unbooked ? 1 : 0;
    capacity_contracts_last(catalogue->contracts, entry->provider, entry->level,
                            &catalogue->frameworks, &brief->contract_from, &brief->contract_to);
}

/* Writes down what stands at the place in all rows. */
static void settle(struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    uint32_t *where = table_put(catalogue->places, &entry->service_id, NULL);
    *where = place;
    catalogue->spots[place] = entry->spot;
    catalogue->districts[place] = (uint8_t)entry->record->district;
    make_brief(catalogue, place);
    capacity_properties_add(catalogue->properties, entry, place);
    capacity_ready_spoil(catalogue->ready, place);
}

static void make_rows(struct catalogue *catalogue)
{
    capacity_properties_resize(catalogue->properties, catalogue->size / 64);
    capacity_ready_resize(catalogue->ready, catalogue->size / 64);
    for (uint32_t place = 0; place < catalogue->count; place++)
        settle(catalogue, place);
}

/* Puts all services into the grid: first in the order of ids, which is rank, then to their places. */
static void make_order(struct catalogue *catalogue)
{
    struct entry *sorted = calloc(catalogue->size, sizeof sorted[0]);
    if (sorted == NULL)
        abort(); /* a daemon that cannot remember must not go on */
    qsort(catalogue->entries, catalogue->count, sizeof catalogue->entries[0], compare_entries);
    for (uint32_t rank = 0; rank < catalogue->count; rank++)
        catalogue->spots[rank] = catalogue->entries[rank].spot;
    capacity_grid_make(catalogue->grid, catalogue->spots, catalogue->count, catalogue->by_id);
    for (uint32_t rank = 0; rank < catalogue->count; rank++) {
        sorted[catalogue->by_id[rank]] = catalogue->entries[rank];
        catalogue->briefs[catalogue->by_id[rank]].rank = rank;
    }
    free(catalogue->entries);
    catalogue->entries = sorted;
    catalogue->gridded = catalogue->count;
    catalogue->is_unordered = false;
    make_rows(catalogue);
}

uint32_t capacity_catalogue_open(struct catalogue *catalogue, struct timetable *timetable,
                                 const struct framework_terms *frameworks, int32_t this_week)
{
    if (memcmp(&catalogue->frameworks, frameworks, sizeof *frameworks) != 0) {
        catalogue->frameworks = *frameworks;
        catalogue->is_stale = true;
    }
    if (catalogue->is_unordered || catalogue->count - catalogue->gridded > NEWCOMERS_MAX)
        make_order(catalogue);
    for (uint32_t place = 0; catalogue->is_stale && place < catalogue->count; place++)
        make_brief(catalogue, place);
    catalogue->is_stale = false;
    capacity_ready_refresh(catalogue->ready, catalogue->entries, catalogue->count, timetable,
                           this_week);
    return catalogue->count;
}

const struct entry *capacity_catalogue_entry(const struct catalogue *catalogue, uint32_t place)
{
    assert(place < catalogue->count);
    return &catalogue->entries[place];
}

const struct spot *capacity_catalogue_spots(const struct catalogue *catalogue)
{
    return catalogue->spots;
}

const uint8_t *capacity_catalogue_districts(const struct catalogue *catalogue)
{
    return catalogue->districts;
}

const struct brief *capacity_catalogue_briefs(const struct catalogue *catalogue)
{
    return catalogue->briefs;
}

const struct properties *capacity_catalogue_properties(const struct catalogue *catalogue)
{
    return catalogue->properties;
}

const struct ready *capacity_catalogue_ready(const struct catalogue *catalogue)
{
    return catalogue->ready;
}

const struct grid *capacity_catalogue_grid(const struct catalogue *catalogue)
{
    return catalogue->grid;
}

const uint32_t *capacity_catalogue_by_id(const struct catalogue *catalogue)
{
    return catalogue->by_id;
}

struct scratch capacity_catalogue_scratch(struct catalogue *catalogue)
{
    const uint32_t words = catalogue->size / 64;
    return (struct scratch){.ready = catalogue->sets,
                            .passing = catalogue->sets + words,
                            .others = catalogue->sets + 2 * words,
                            .near_by = catalogue->near_by,
                            .size = catalogue->size};
}

static void prefetch(const void *memory, size_t size)
{
    enum { CACHE_LINE = 64 };
    const char *bytes = memory;
    for (size_t at = 0; at < size; at += CACHE_LINE)
        __builtin_prefetch(bytes + at);
}

void capacity_catalogue_prefetch_entry(const struct catalogue *catalogue, uint32_t place)
{
    prefetch(&catalogue->entries[place], sizeof catalogue->entries[place]);
}

void capacity_catalogue_prefetch_offers(const struct catalogue *catalogue, uint32_t place)
{
    const struct entry *entry = &catalogue->entries[place];
    prefetch(entry->offers, entry->offers_count * sizeof entry->offers[0]);
}

void capacity_catalogue_prefetch_record(const struct catalogue *catalogue, uint32_t place)
{
    enum { BEHIND = 160 }; /* two ids, a reference and a name */
    const Dw__Service *record = catalogue->entries[place].record;
    prefetch(record, offsetof(Dw__Service, kind));
    prefetch(record + 1, BEHIND);
}

/* --- services and sessions ---------------------------------------------------------------------------------------- */

static struct entry make_entry(struct catalogue *catalogue, const Dw__Service *service)
{
    struct entry entry = {
        .spot = {service->latitude_e6, service->longitude_e6},
        .price_pence = service->price_pence,
        .rates = {.from = INT32_MAX},
        .price_unit = (uint8_t)service->price_unit,
        .record = service,
        .level = (uint8_t)service->level,
        .mode = (uint8_t)service->mode,
        .kind = (uint8_t)service->kind,
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
    for (size_t at = 0; at < service->n_activities; at++)
        entry.activities |= UINT32_C(1) << service->activities[at];
    return entry;
}

static void *resize(const struct catalogue *catalogue, void *memory, size_t element)
{
    memory = realloc(memory, catalogue->size * element);
    if (memory == NULL)
        abort(); /* a daemon that cannot remember must not go on */
    return memory;
}

/* Room for a quarter more; the size stays a multiple of 64. */
static void grow(struct catalogue *catalogue)
{
    catalogue->size += catalogue->size == 0 ? 256 : catalogue->size / 256 * 64;
    catalogue->entries = resize(catalogue, catalogue->entries, sizeof catalogue->entries[0]);
    catalogue->spots = resize(catalogue, catalogue->spots, sizeof catalogue->spots[0]);
    catalogue->districts = resize(catalogue, catalogue->districts, sizeof catalogue->districts[0]);
    catalogue->briefs = resize(catalogue, catalogue->briefs, sizeof catalogue->briefs[0]);
    catalogue->by_id = resize(catalogue, catalogue->by_id, sizeof catalogue->by_id[0]);
    catalogue->near_by = resize(catalogue, catalogue->near_by, 2 * sizeof catalogue->near_by[0]);
    catalogue->sets = resize(catalogue, catalogue->sets, 1); /* three sets of bits need less */
    make_rows(catalogue);
}

/* Its sessions and rates stay; all is put in order anew before the next search, for it may stand somewhere else. */
static void change_entry(struct catalogue *catalogue, uint32_t place, const struct entry *changed)
{
    struct entry *entry = &catalogue->entries[place];
    const struct entry before = *entry;
    *entry = *changed;
    entry->offers = before.offers;
    entry->offers_count = before.offers_count;
    entry->offers_size = before.offers_size;
    entry->rates = before.rates;
    catalogue->is_unordered = true;
}

void capacity_catalogue_service(struct catalogue *catalogue, const Dw__Service *service)
{
    const struct entry entry = make_entry(catalogue, service);
    const uint32_t *known = table_get(catalogue->places, &entry.service_id);
    if (known != NULL) {
        change_entry(catalogue, *known, &entry);
        return;
    }
    if (catalogue->count == catalogue->size)
        grow(catalogue);
    const uint32_t place = catalogue->count++;
    catalogue->entries[place] = entry;
    catalogue->by_id[place] = place;
    catalogue->briefs[place].rank = place;
    if (place > 0 &&
        (catalogue->is_unordered ||
         compare_entries(&catalogue->entries[catalogue->by_id[place - 1]], &entry) > 0))
        catalogue->is_unordered = true;
    settle(catalogue, place);
}

void capacity_catalogue_rates(struct catalogue *catalogue, const struct id *service_id,
                              const Dw__Rates *agreed)
{
    const uint32_t *place = table_get(catalogue->places, service_id);
    assert(place != NULL); /* services are indexed before their rates */
    struct rates_to_come *rates = &catalogue->entries[*place].rates;
    *rates = (struct rates_to_come){.from = INT32_MAX};
    if (agreed != NULL)
        *rates = (struct rates_to_come){agreed->from->days, (uint32_t)agreed->price_pence,
                                        (uint8_t)agreed->price_unit};
    make_brief(catalogue, *place);
}

static uint8_t parts_of(const struct session_terms *terms)
{
    const unsigned covered = calendar_parts(terms->start_minutes, terms->end_minutes);
    unsigned parts = 1U << (DW__PART_OF_DAY__PART_OF_DAY_ANY - 1);
    if ((covered & CALENDAR_MORNING) != 0)
        parts |= 1U << (DW__PART_OF_DAY__PART_OF_DAY_MORNING - 1);
    if ((covered & CALENDAR_AFTERNOON) != 0)
        parts |= 1U << (DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON - 1);
    if ((covered & CALENDAR_EVENING) != 0)
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
        size_t size = entry->offers_size;
        entry->offers = array_grow(entry->offers, &size, sizeof entry->offers[0]);
        entry->offers_size = (uint16_t)size;
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
        .every_weeks = (uint8_t)(terms->every_weeks > 1 ? terms->every_weeks : 1),
    };
    capacity_ready_spoil(catalogue->ready, *place);
    for (size_t at = 0; at < entry->offers_count; at++)
        if (entry->offers[at].slot == slot) {
            entry->offers[at] = offer; /* weekday and times of a session never change */
            return;
        }
    insert_offer(entry, timetable, &offer);
    capacity_properties_add_days(catalogue->properties, entry, *place);
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
