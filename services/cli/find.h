/* The parts of `dayways find`: the question, the table, and the proposal made of a match. */
#ifndef DAYWAYS_CLI_FIND_H
#define DAYWAYS_CLI_FIND_H

#include "services/cli/cli.h"

#include "capacity.pb-c.h"

extern const char *const find_weekdays[]; /* "mon" is 1 */

/* A match that is to be proposed: rank 0 when none is. */
struct find_proposal {
    size_t rank;
    struct id person_id;
    struct id placement_id; /* zero: a fresh one is wanted */
    struct id referral_id;  /* zero: none */
};

/* Reads the question from the arguments, of which none may be left. from is where its first date goes, which stays as it is
 * when none is said. An exit code, after saying what is wrong. */
int find_read(struct cli *cli, Dw__FindCapacity *find, Dw__Date *from);

/* Takes the options of a proposal; false after saying what is wrong. */
bool find_proposal_read(struct cli *cli, struct find_proposal *ret_proposal);

/* Prints the command that proposes the match. An exit code. */
int find_propose(struct cli *cli, const struct find_proposal *proposal,
                 const Dw__FindCapacity *find, const Dw__CapacityFound *found);

/* What a match costs in twelve months from a date: its planned sittings, each at its part of the weekly price, as placements counts. */
int64_t find_year_pence(const Dw__FoundService *match, const Dw__ServiceFound *service,
                        int32_t from);

void find_print(const Dw__CapacityFound *found);

#endif
