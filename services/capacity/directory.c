/* Building the directory from records, one at a time. See directory.h. */
#include "services/capacity/directory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "services/capacity/timetable.h"

static void *resize(void *memory, size_t size)
{
    void *grown = realloc(memory, size);
    if (grown == NULL)
        abort();
    return grown;
}

struct directory *directory_create(void)
{
    struct directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return NULL;
    directory->live_on = INT32_MIN;
    directory->numbers = table_create(sizeof(struct id), sizeof(uint32_t));
    directory->provider_numbers = table_create(sizeof(struct id), sizeof(uint32_t));
    if (directory->numbers == NULL || directory->provider_numbers == NULL)
        directory_destroy(&directory);
    return directory;
}

void directory_destroy(struct directory **pointer)
{
    struct directory *directory = *pointer;
    if (directory == NULL)
        return;
    for (size_t at = 0; at < directory->count; at++)
        free(directory->offers[at].slots);
    for (size_t set = 0; set < BITS_COUNT; set++)
        free(directory->bits[set]);
    for (size_t at = 0; at < directory->providers_count; at++)
        free(directory->providers[at].terms);
    free(directory->offers);
    free(directory->latitude_e6);
    free(directory->longitude_e6);
    free(directory->provider);
    free(directory->level);
    free(directory->by_reference);
    free(directory->references);
    free(directory->providers);
    table_destroy(&directory->numbers);
    table_destroy(&directory->provider_numbers);
    free(directory);
    *pointer = NULL;
}

/* --- providers and contracts ------------------------------------------------------------------------------------- */

static uint32_t provider_number(struct directory *directory, const struct id *provider_id)
{
    bool is_new;
    uint32_t *number = table_put(directory->provider_numbers, provider_id, &is_new);
    if (!is_new)
        return *number;
    *number = (uint32_t)directory->providers_count++;
    if (directory->providers_count > directory->providers_size) {
        directory->providers_size = directory->providers_count * 2;
        directory->providers = resize(directory->providers,
                                      directory->providers_size * sizeof directory->providers[0]);
    }
    directory->providers[*number] = (struct terms){0};
    return *number;
}

void directory_add_contract(struct directory *directory, const struct id *contract_id,
                            const Dw__Contract *contract)
{
    struct id provider_id;
    if (!id_from_data(&contract->provider_id, &provider_id))
        return;
    const uint32_t number = provider_number(directory, &provider_id); /* may move the array */
    struct terms *terms = &directory->providers[number];
    if (terms->count == terms->size) {
        terms->size = terms->size == 0 ? 2 : terms->size * 2;
        terms->terms = resize(terms->terms, terms->size * sizeof terms->terms[0]);
    }
    struct term term = {.contract_id = *contract_id,
                        .from = contract->from->days,
                        .to = contract->to == NULL ? DATE_OPEN : contract->to->days};
    for (size_t at = 0; at < contract->n_levels; at++)
        term.levels |= UINT32_C(1) << contract->levels[at];
    terms->terms[terms->count++] = term;
    directory->live_on = INT32_MIN;
}

static uint32_t live_levels(const struct terms *terms, int32_t date)
{
    uint32_t levels = 0;
    for (size_t at = 0; at < terms->count; at++)
        if (terms->terms[at].from <= date && date <= terms->terms[at].to)
            levels |= terms->terms[at].levels;
    return levels;
}

bool directory_contract_live(const struct directory *directory, const struct id *provider_id,
                             uint32_t level, int32_t date)
{
    const uint32_t *number = table_get(directory->provider_numbers, provider_id);
    return number != NULL && (live_levels(&directory->providers[*number], date) >> level & 1) != 0;
}

void directory_live_on(struct directory *directory, int32_t date)
{
    if (directory->live_on == date)
        return;
    for (size_t at = 0; at < directory->providers_count; at++)
        directory->providers[at].live_levels = live_levels(&directory->providers[at], date);
    directory->live_on = date;
}

/* --- services ---------------------------------------------------------------------------------------------------- */

static void make_room(struct directory *directory)
{
    if (directory->count < directory->size)
        return;
    const size_t size = directory->size == 0 ? 256 : directory->size * 2;
    const size_t words = size / 64;
    for (size_t set = 0; set < BITS_COUNT; set++) {
        directory->bits[set] = resize(directory->bits[set], words * sizeof(uint64_t));
        memset(directory->bits[set] + directory->words, 0,
               (words - directory->words) * sizeof(uint64_t));
    }
    directory->offers = resize(directory->offers, size * sizeof directory->offers[0]);
    directory->latitude_e6 = resize(directory->latitude_e6, size * sizeof(int32_t));
    directory->longitude_e6 = resize(directory->longitude_e6, size * sizeof(int32_t));
    directory->provider = resize(directory->provider, size * sizeof(uint32_t));
    directory->level = resize(directory->level, size);
    directory->by_reference = resize(directory->by_reference, size * sizeof(uint32_t));
    directory->references = resize(directory->references, size * sizeof directory->references[0]);
    directory->size = size;
    directory->words = words;
}

static void set_bit(struct directory *directory, uint32_t set, uint32_t number)
{
    directory->bits[set][number / 64] |= UINT64_C(1) << (number % 64);
}

static void set_bits(struct directory *directory, const Dw__Service *service, uint32_t number)
{
    set_bit(directory, BITS_ALL, number);
    set_bit(directory, BITS_LEVEL + service->level, number);
    for (size_t at = 0; at < service->n_needs; at++)
        set_bit(directory, BITS_NEED + (uint32_t)service->needs[at], number);
    for (size_t at = 0; at < service->n_access; at++)
        set_bit(directory, BITS_ACCESS + (uint32_t)service->access[at], number);
    set_bit(directory, BITS_MODE + (uint32_t)service->mode, number);
}

size_t directory_after(const struct directory *directory, const char *reference)
{
    size_t low = 0;
    size_t high = directory->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (strcmp(directory->references[directory->by_reference[middle]], reference) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_reference(struct directory *directory, const char *reference, uint32_t number)
{
    const size_t len = strlen(reference);
    assert(len < sizeof directory->references[0]);
    memcpy(directory->references[number], reference, len + 1);
    const size_t at = directory_after(directory, reference);
    memmove(directory->by_reference + at + 1, directory->by_reference + at,
            (directory->count - at) * sizeof directory->by_reference[0]);
    directory->by_reference[at] = number;
}

uint32_t directory_find(const struct directory *directory, const struct id *service_id)
{
    const uint32_t *number = table_get(directory->numbers, service_id);
    return number == NULL ? NO_OFFER : *number;
}

void directory_add_service(struct directory *directory, const Dw__Service *service)
{
    struct id service_id;
    struct id provider_id;
    if (!id_from_data(&service->service_id, &service_id) ||
        !id_from_data(&service->provider_id, &provider_id))
        return;
    make_room(directory);
    bool is_new;
    uint32_t *slot = table_put(directory->numbers, &service_id, &is_new);
    if (!is_new)
        return;
    const uint32_t number = *slot = (uint32_t)directory->count;
    insert_reference(directory, service->reference, number);
    directory->count++;
    directory->offers[number] = (struct offer){.service_id = service_id,
                                               .price_pence = service->price_pence,
                                               .unit = service->unit,
                                               .mode = service->mode};
    const bool visited = service->mode == DW__SERVICE_MODE__SERVICE_MODE_BUILDING ||
                         service->mode == DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY;
    directory->latitude_e6[number] = visited ? service->latitude_e6 : DIRECTORY_NO_PLACE;
    directory->longitude_e6[number] = service->longitude_e6;
    directory->provider[number] = provider_number(directory, &provider_id);
    directory->level[number] = (uint8_t)service->level;
    directory->live_on = INT32_MIN;
    set_bits(directory, service, number);
}

/* --- sessions ---------------------------------------------------------------------------------------------------- */

static int compare_slots(const void *left, const void *right)
{
    const struct slot *one = left;
    const struct slot *other = right;
    if (one->weekday != other->weekday)
        return one->weekday - other->weekday;
    if (one->start_minute != other->start_minute)
        return one->start_minute - other->start_minute;
    if (one->end_minute != other->end_minute)
        return other->end_minute - one->end_minute;
    return id_compare(&one->session_id, &other->session_id);
}

void directory_set_session(struct directory *directory, const Dw__Session *session, uint32_t row)
{
    struct id service_id;
    struct id session_id;
    if (!id_from_data(&session->service_id, &service_id) ||
        !id_from_data(&session->session_id, &session_id))
        return;
    const uint32_t number = directory_find(directory, &service_id);
    assert(number != NO_OFFER);
    struct offer *offer = &directory->offers[number];
    for (size_t at = 0; at < offer->slots_count; at++)
        if (offer->slots[at].row == row)
            return; /* only limits change, and those stand in the timetable */
    if (offer->slots_count == offer->slots_size) {
        offer->slots_size = offer->slots_size == 0 ? 8 : offer->slots_size * 2;
        offer->slots = resize(offer->slots, offer->slots_size * sizeof offer->slots[0]);
    }
    offer->slots[offer->slots_count++] =
        (struct slot){.session_id = session_id,
                      .row = row,
                      .from = session->from->days,
                      .to = session->to == NULL ? DATE_OPEN : session->to->days,
                      .start_minute = (uint16_t)session->start_minute,
                      .end_minute = (uint16_t)session->end_minute,
                      .weekday = (uint8_t)session->weekday};
    qsort(offer->slots, offer->slots_count, sizeof offer->slots[0], compare_slots);
    set_bit(directory, BITS_WEEKDAY + session->weekday, number);
}
