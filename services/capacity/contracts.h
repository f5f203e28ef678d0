/* Contracts: which levels the council may buy from a provider, and from when to when. A function of the records alone.
 * Providers have numbers here, in the order in which they became known, which no answer shows. */
#ifndef DAYWAYS_CAPACITY_CONTRACTS_H
#define DAYWAYS_CAPACITY_CONTRACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

enum { FRAMEWORKS_MAX = 16 }; /* numbers that a model may give them: 1 to 16 */

/* The last date of each framework's exercised term, by number; INT32_MAX: no end is known. [0] is of contracts of none. */
struct framework_terms {
    int32_t last[FRAMEWORKS_MAX + 1];
};

struct contracts;

struct contracts *capacity_contracts_create(void);
void capacity_contracts_destroy(struct contracts **contracts);

/* The number of a provider; one that is not known yet gets one. */
uint32_t capacity_contracts_provider(struct contracts *contracts, const struct id *provider_id);

/* How a contract takes people. */
struct contract_terms {
    uint32_t levels; /* bit level */
    uint32_t framework;
    int32_t from;
    int32_t to; /* INT32_MAX: no end of its own; before from: at no date */
};

/* A contract of the provider, new or changed. Its provider never changes. */
void capacity_contracts_set(struct contracts *contracts, const struct id *contract_id,
                            const struct id *provider_id, const struct contract_terms *terms);

/* True when a contract of the provider covers the level on that date: none does longer than its framework's term. */
bool capacity_contracts_cover(const struct contracts *contracts, uint32_t provider, uint32_t level,
                              const struct framework_terms *frameworks, int32_t date);
/* The same by id; a provider that is not known has no contract. */
bool capacity_contracts_has(const struct contracts *contracts, const struct id *provider_id,
                            uint32_t level, const struct framework_terms *frameworks, int32_t date);

/* First date of the provider's first contract; INT32_MAX when it has none. */
int32_t capacity_contracts_first(const struct contracts *contracts, const struct id *provider_id);

/* The dates of the contract for the level that ends last; to before from when there is none. */
void capacity_contracts_last(const struct contracts *contracts, uint32_t provider, uint32_t level,
                             const struct framework_terms *frameworks, int32_t *ret_from,
                             int32_t *ret_to);

/* Asks the machine for the provider's contracts. */
void capacity_contracts_prefetch(const struct contracts *contracts, uint32_t provider);

#endif
