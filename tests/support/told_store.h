/* A store that holds nothing and gives the answers a test tells it to give: for what a shard makes of them. Fakes the outside, as
 * common/store.h allows. */
#ifndef DAYWAYS_TESTS_SUPPORT_TOLD_STORE_H
#define DAYWAYS_TESTS_SUPPORT_TOLD_STORE_H

#include "common/store.h"

/* Empty, with nothing asked of it; static memory, one at a time. */
struct store *told_store(void);

/* Answers the oldest, without a row. */
void told_store_answer(enum store_result result);
/* Answers all with OK, also those that come of it. */
void told_store_answer_all(void);
/* From now on commits are not noted, and never answered. */
void told_store_ignore_commits(void);

#endif
