/* Records of reporting and the tables of counts over them. */
#include "services/reporting/state.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct facts) == 5 && sizeof(struct placement_cell) == 23 &&
                   sizeof(struct person_cell) == 12,
               "keys of tables have no padding");

struct state *reporting_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->placements =
        table_create(sizeof(struct placement_cell), sizeof(struct placement_counts));
    state->services = table_create(sizeof(struct id), sizeof(uint32_t));
    state->people = table_create(sizeof(struct person_cell), sizeof(uint32_t));
    state->sets = table_create(sizeof(struct provider_set), sizeof(uint32_t));
    if (state->placements == NULL || state->services == NULL || state->people == NULL ||
        state->sets == NULL)
        reporting_destroy(&state);
    return state;
}

void reporting_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    table_destroy(&state->placements);
    table_destroy(&state->services);
    table_destroy(&state->people);
    table_destroy(&state->sets);
    buffer_free(&state->set_list);
    free(state);
    *pointer = NULL;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

bool reporting_commissioned(Dw__FundingRoute funding)
{
    return funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT &&
           funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_SELF_FUNDED;
}

const Dw__ReportedProvider *reporting_provider(const struct state *state, const struct id *id)
{
    return entities_get(state->entities, REPORTING_KIND_PROVIDER, id, 0);
}

uint32_t reporting_sets(const struct state *state)
{
    return (uint32_t)(state->set_list.len / sizeof(struct provider_set));
}

const struct provider_set *reporting_set(const struct state *state, uint32_t number)
{
    return (const struct provider_set *)(const void *)state->set_list.bytes + (number - 1);
}

/* --- counting --------------------------------------------------------------------------------------------------- */

static uint8_t clamp(uint32_t number)
{
    return number > UINT8_MAX ? UINT8_MAX : (uint8_t)number;
}

static struct facts facts_of(const Dw__ReportedPlacement *placement)
{
    return (struct facts){.support_reason = clamp((uint32_t)placement->support_reason),
                          .age = clamp(placement->age),
                          .district = clamp(placement->district),
                          .ethnicity_group = clamp((uint32_t)placement->ethnicity_group),
                          .sex = clamp((uint32_t)placement->sex)};
}

/* Adds to a count that is gone from its table when it comes to nothing. */
static void add_to_count(struct table *table, const void *key, bool more)
{
    uint32_t *count = table_put(table, key, NULL);
    *count = more ? *count + 1 : *count - 1;
    if (*count == 0)
        (void)table_remove(table, key);
}

static void count_placement(struct state *state, const Dw__ReportedPlacement *placement, bool more)
{
    const struct placement_cell cell = {.provider_id = id_or_zero(&placement->provider_id),
                                        .facts = facts_of(placement),
                                        .level = clamp(placement->level),
                                        .funding = clamp((uint32_t)placement->funding)};
    struct placement_counts *counts = table_put(state->placements, &cell, NULL);
    const uint32_t without_price = placement->price_pence_per_year == 0;
    counts->placements = more ? counts->placements + 1 : counts->placements - 1;
    counts->without_price =
        more ? counts->without_price + without_price : counts->without_price - without_price;
    counts->year_pence += more ? placement->price_pence_per_year : -placement->price_pence_per_year;
    if (counts->placements == 0)
        (void)table_remove(state->placements, &cell);
    if (reporting_commissioned(placement->funding)) {
        const struct id service_id = id_or_zero(&placement->service_id);
        add_to_count(state->services, &service_id, more);
    }
}

static void add_provider(struct provider_set *set, struct id id)
{
    for (size_t at = 0; at < PROVIDER_SET_MAX; at++) {
        const int order = id_is_zero(&set->ids[at]) ? -1 : id_compare(&id, &set->ids[at]);
        if (order == 0)
            return;
        if (order > 0)
            continue;
        const struct id moved = set->ids[at];
        set->ids[at] = id;
        if (id_is_zero(&moved))
            return;
        id = moved; /* is smaller than all behind it, and goes on to the next position */
    }
}

/* Numbers are never given back: there are far fewer sets of providers than people. */
static uint32_t number_of(struct state *state, const struct provider_set *set)
{
    bool is_new;
    uint32_t *number = table_put(state->sets, set, &is_new);
    if (is_new) {
        buffer_append(&state->set_list, set, sizeof *set);
        *number = reporting_sets(state);
    }
    return *number;
}

static void count_person(struct state *state, const Dw__ReportedPerson *person, bool more)
{
    if (person == NULL || person->n_placements == 0)
        return;
    struct person_cell cell = {.facts = facts_of(person->placements[person->n_placements - 1])};
    struct provider_set set = {0};
    for (size_t at = 0; at < person->n_placements; at++) {
        const Dw__ReportedPlacement *placement = person->placements[at];
        if (reporting_commissioned(placement->funding))
            add_provider(&set, id_or_zero(&placement->provider_id));
        else if (placement->funding == DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT)
            cell.routes |= ROUTE_DIRECT_PAYMENT;
        else
            cell.routes |= ROUTE_SELF_FUNDED;
        count_placement(state, placement, more);
    }
    if (!id_is_zero(&set.ids[0]))
        cell.set = number_of(state, &set);
    add_to_count(state->people, &cell, more);
}

void reporting_index(struct state *state, const struct entity_key *key,
                     const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    if (key->kind != REPORTING_KIND_PERSON)
        return;
    count_person(state, (const Dw__ReportedPerson *)before, false);
    count_person(state, (const Dw__ReportedPerson *)after, true);
}
