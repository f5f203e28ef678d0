/* Contracts by provider. See contracts.h. */
#include "services/capacity/contracts.h"

#include <stdlib.h>

#include "common/table.h"

struct contract {
    struct id contract_id;
    struct contract_terms terms;
};

struct contracted_provider {
    struct contract *contracts;
    uint32_t count;
    size_t size;
};

struct contracts {
    struct table *numbers; /* provider id -> place in providers */
    struct contracted_provider *providers;
    uint32_t count;
    size_t size;
};

struct contracts *capacity_contracts_create(void)
{
    struct contracts *contracts = calloc(1, sizeof *contracts);
    if (contracts == NULL)
        return NULL;
    contracts->numbers = table_create(sizeof(struct id), sizeof(uint32_t));
    if (contracts->numbers == NULL)
        capacity_contracts_destroy(&contracts);
    return contracts;
}

void capacity_contracts_destroy(struct contracts **pointer)
{
    struct contracts *contracts = *pointer;
    if (contracts == NULL)
        return;
    for (uint32_t provider = 0; provider < contracts->count; provider++)
        free(contracts->providers[provider].contracts);
    free(contracts->providers);
    table_destroy(&contracts->numbers);
    free(contracts);
    *pointer = NULL;
}

uint32_t capacity_contracts_provider(struct contracts *contracts, const struct id *provider_id)
{
    bool is_new;
    uint32_t *number = table_put(contracts->numbers, provider_id, &is_new);
    if (!is_new)
        return *number;
    if (contracts->count == contracts->size)
        contracts->providers =
            array_grow(contracts->providers, &contracts->size, sizeof contracts->providers[0]);
    *number = contracts->count++;
    contracts->providers[*number] = (struct contracted_provider){0};
    return *number;
}

void capacity_contracts_set(struct contracts *contracts, const struct id *contract_id,
                            const struct id *provider_id, const struct contract_terms *terms)
{
    const uint32_t number = capacity_contracts_provider(contracts, provider_id);
    struct contracted_provider *provider = &contracts->providers[number];
    const struct contract contract = {*contract_id, *terms};
    for (uint32_t at = 0; at < provider->count; at++)
        if (id_equal(&provider->contracts[at].contract_id, contract_id)) {
            provider->contracts[at] = contract;
            return;
        }
    if (provider->count == provider->size)
        provider->contracts =
            array_grow(provider->contracts, &provider->size, sizeof provider->contracts[0]);
    provider->contracts[provider->count++] = contract;
}

static int32_t last_of(const struct contract_terms *terms, const struct framework_terms *frameworks)
{
    const int32_t framework_last =
        terms->framework > FRAMEWORKS_MAX ? INT32_MAX : frameworks->last[terms->framework];
    return framework_last < terms->to ? framework_last : terms->to;
}

bool capacity_contracts_cover(const struct contracts *contracts, uint32_t provider, uint32_t level,
                              const struct framework_terms *frameworks, int32_t date)
{
    const struct contracted_provider *asked = &contracts->providers[provider];
    for (uint32_t at = 0; at < asked->count; at++) {
        const struct contract_terms *terms = &asked->contracts[at].terms;
        if ((terms->levels >> level & 1) != 0 && terms->from <= date &&
            date <= last_of(terms, frameworks))
            return true;
    }
    return false;
}

bool capacity_contracts_has(const struct contracts *contracts, const struct id *provider_id,
                            uint32_t level, const struct framework_terms *frameworks, int32_t date)
{
    const uint32_t *number = table_get(contracts->numbers, provider_id);
    return number != NULL && capacity_contracts_cover(contracts, *number, level, frameworks, date);
}

int32_t capacity_contracts_first(const struct contracts *contracts, const struct id *provider_id)
{
    const uint32_t *number = table_get(contracts->numbers, provider_id);
    int32_t first = INT32_MAX;
    if (number == NULL)
        return first;
    for (uint32_t at = 0; at < contracts->providers[*number].count; at++)
        if (contracts->providers[*number].contracts[at].terms.from < first)
            first = contracts->providers[*number].contracts[at].terms.from;
    return first;
}

void capacity_contracts_last(const struct contracts *contracts, uint32_t provider, uint32_t level,
                             const struct framework_terms *frameworks, int32_t *ret_from,
                             int32_t *ret_to)
{
    const struct contracted_provider *asked = &contracts->providers[provider];
    int32_t from = INT32_MAX, to = INT32_MIN;
    for (uint32_t at = 0; at < asked->count; at++) {
        const struct contract_terms *terms = &asked->contracts[at].terms;
        const int32_t last = last_of(terms, frameworks);
        if ((terms->levels >> level & 1) == 0 || last < to || (last == to && terms->from >= from))
            continue;
        from = terms->from;
        to = last;
    }
    *ret_from = from;
    *ret_to = to;
}

void capacity_contracts_prefetch(const struct contracts *contracts, uint32_t provider)
{
    __builtin_prefetch(contracts->providers[provider].contracts);
}
