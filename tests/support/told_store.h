/* A store that gives the answers a test tells it to give: for what a shard makes of them. It keeps what commits bring, whatever
 * they are answered, but no journal: its head stays at the beginning. Fakes the outside, as common/store.h allows. */
#ifndef DAYWAYS_TESTS_SUPPORT_TOLD_STORE_H
#define DAYWAYS_TESTS_SUPPORT_TOLD_STORE_H

#include "common/store.h"

/* Empty, with nothing asked of it; static memory, one at a time. */
struct store *told_store(void);
/* The same, what it keeps is forgotten: of use at the end, so that no memory is left. */
void told_store_clear(void);

/* A row as a commit would have brought it. */
void told_store_keep(enum store_part part, struct packed field, struct packed value);

/* Answers the oldest. What was asked for is given first, when it is OK: the rows kept last come first, as a store has no order
 * of its own; of the vault and of the ids of replies none. */
void told_store_answer(enum store_result result);
/* Answers all with OK, also those that come of it. */
void told_store_answer_all(void);
/* From now on commits are not noted, not kept and never answered. */
void told_store_ignore_commits(void);

#endif
