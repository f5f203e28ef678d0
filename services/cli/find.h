/* The parts of `dayways find`: the question, the table, and the proposal made of a match. */
#ifndef DAYWAYS_CLI_FIND_H
#define DAYWAYS_CLI_FIND_H

#include "services/cli/cli.h"

#include "capacity.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

enum { FIND_SESSIONS_MAX = 14 /* of a match: one for each that can be wanted */ };

extern const char find_usage[];
extern const char *const find_weekdays[]; /* "mon" is 1 */

/* Sessions that are wanted, by day and part of it; list points to wanted. */
struct find_wishes {
    Dw__WantedSession wanted[FIND_SESSIONS_MAX];
    Dw__WantedSession *list[FIND_SESSIONS_MAX];
    size_t count;
};

/* What is to be done with the answer: a match is proposed (rank 0: none is), or that nothing fits is recorded. */
struct find_proposal {
    size_t rank;
    bool records_unmet;
    struct id person_id;
    struct id placement_id; /* zero: a fresh one is wanted */
    struct id referral_id;  /* zero: none */
    uint32_t line_number;   /* of it, counted from 1 */
    Dw__AwardGround ground;
};

/* The terms of a proposal, and what they point to besides what they are made of. */
struct find_terms {
    Dw__PlacementTerms terms;
    Dw__Date to;
    ProtobufCBinaryData session_ids[FIND_SESSIONS_MAX];
    Dw__PricePart part;
    Dw__PricePart *parts[1];
};

/* The district a home is in, as the council's model has it; number 0: it was not said. */
struct find_district {
    uint32_t number;
    char name[64];
    int32_t latitude_e6; /* its centre */
    int32_t longitude_e6;
};

/* Reads the question from the arguments, of which none may be left. from is where its first date goes, which stays as it is
 * when none is said. An exit code, after saying what is wrong. */
int find_read(struct cli *cli, Dw__FindCapacity *find, Dw__Date *from,
              struct find_district *ret_district);

/* Reads days such as "tue,thu", "mon-fri" and "mon:am,tue:pm" (NULL: none), and the time that each must cover, such as
 * "10:00-12:00" (NULL: any). An exit code, after saying what is wrong. */
int find_days_read(const char *days, const char *at, struct find_wishes *ret_wishes);

/* True when a wish can be served in that part of its day. */
bool find_wants_part(const Dw__WantedSession *wanted, Dw__PartOfDay part);

/* Where a home is, of which near is the coordinates or the district (NULL: not said) and district_name the district beside
 * coordinates; a district alone stands for its centre. An exit code, after saying what is wrong. */
int find_home_read(struct cli *cli, const char *near, const char *district_name,
                   Dw__FindCapacity *find, struct find_district *ret_district);

/* Takes the options of a proposal; false after saying what is wrong. */
bool find_proposal_read(struct cli *cli, struct find_proposal *ret_proposal);

/* Prints the command that proposes the match. An exit code. */
int find_propose(struct cli *cli, const struct find_proposal *proposal,
                 const Dw__FindCapacity *find, const Dw__CapacityFound *found);

/* Records that nothing fits as an unmet need, and prints what was recorded; fails when something does fit. An exit code. */
int find_record_unmet(struct cli *cli, const struct find_proposal *proposal,
                      const Dw__FindCapacity *find, const struct find_district *district,
                      const Dw__CapacityFound *found);

/* Why nothing fits, in the words of referrals: by the one thing that the nearest service lacks, else by what most lack. */
Dw__UnmetReason find_unmet_reason(const Dw__FindCapacity *find, const Dw__CapacityFound *found);

/* What a match costs from a date to another, at most in twelve months, at the price of its first date: the sittings, hours, days or weeks
 * that are planned, as placements counts them. */
int64_t find_year_pence(const Dw__FoundService *match, const Dw__ServiceFound *service,
                        int32_t from, int32_t to);

/* That a match costs something else from a date on, of which a proposal says nothing; false: it does not. */
enum { FIND_CHANGE_SIZE = 160 };
bool find_change_text(const Dw__FoundService *match, char ret_text[FIND_CHANGE_SIZE]);

/* What is proposed: the match for the weeks that were searched, and without an end where none was. */
void find_terms_fill(const struct find_proposal *proposal, const Dw__FindCapacity *find,
                     const Dw__FoundService *match, const Dw__ServiceFound *service,
                     const Dw__PersonFacts *facts, struct find_terms *ret_terms);

void find_print(const Dw__CapacityFound *found);

#endif
