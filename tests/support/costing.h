/* What placements cost, for tests of placements: sessions on Mondays and Tuesdays, costs, budgets. Nobody but these tests includes this. */
#ifndef DAYWAYS_TESTS_SUPPORT_COSTING_H
#define DAYWAYS_TESTS_SUPPORT_COSTING_H

#include "tests/support/placing.h"

static const struct id COSTING_CLOSURE_ID = {{32}};
static const struct id COSTING_CONTRACT_ID = {{21}};

/* For cmocka: placing_set_up, with MONDAY_ID and TUESDAY_ID known, at 4500 each. */
int costing_set_up(void **ret_placing);

/* Capacity tells of a session of three hours, since long before FROM. */
void costing_note_session(struct placing *placing, const struct id *session_id, uint32_t weekday,
                          uint32_t start_minutes);

/* On FROM or after it. */
int32_t costing_first_monday(void);

/* Support starts on FROM. */
void costing_begin(struct placing *placing);

/* The answer to Costs of the person, of the council's or a provider's people; and of the council's, when it is one. */
void *costing_ask(struct placing *placing, const struct id *provider_id, int32_t first,
                  int32_t last);
const Dw__CostsFound *costing_costs(struct placing *placing, int32_t first, int32_t last);

/* A planned closure of that date, which is not paid, takes the first of MONDAY_ID and OTHER_ID, or both. */
void costing_lose(struct placing *placing, const struct id *closure_id, int32_t day, size_t count);

/* The person is assessed to contribute so much a week from the date on; said twice, which is once. */
void costing_assess(struct placing *placing, int32_t from, int64_t pence, bool section_117);

/* The provider has a contract of framework 1, which ends two years after FROM. */
void costing_framework(struct placing *placing);

/* Lines of the year of FROM that count everything, for a test to say more of; and what stands against them. */
extern Dw__BudgetLine costing_lines[3];
void costing_set_budgets(struct placing *placing, size_t count);
const Dw__BudgetsFound *costing_budgets(struct placing *placing);

/* OTHER_ID, another placement of the person from a date on, as the terms are now, up to ACCEPTED. */
void costing_accept_other(struct placing *placing, int32_t from);

/* A broker ends support with that last date, and a notice that is paid until the other. */
struct pure_outcome costing_end(struct placing *placing, int32_t last, int32_t payable);

/* The person moves to OTHER_ID on that date. */
struct pure_outcome costing_move(struct placing *placing, int32_t date);

/* The contract that is in force today has that last date. */
void costing_end_contract(struct placing *placing, int32_t last);

#endif
