/* From a match of a search to the command that proposes it: a ProposePlacement as JSON, for `dayways call`. What reports divide
 * by is asked of referrals, so that nobody types it twice. */
#include "services/cli/find.h"

#include "common/calendar.h"
#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "referrals.pb-c.h"

enum {
    DAYS_A_WEEK = 7,
    YEAR_DAYS = 365,
    PASSED_OVER_MAX = 20,
    MINUTES_OF_HOUR = 60,
    MONEY_SIZE = 32
};

static bool read_id(const char *name, const char *text, struct id *ret_id)
{
    if (text != NULL && id_from_text(text, ret_id) == 0 && !id_is_zero(ret_id))
        return true;
    (void)cli_fail(EXIT_CODE_USAGE, "%s must be a UUID", name);
    return false;
}

/* Why a match is awarded. That it ranked first is known of the first alone; whoever passes it over says why. */
static bool read_ground(struct cli *cli, size_t rank, Dw__AwardGround *ret_ground)
{
    const char *text = cli_take(cli, "--ground");
    int ground = DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST;
    if (text != NULL && cli_enum(&dw__award_ground__descriptor, text, &ground) < 0)
        return false;
    if (ground == DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST && rank > 1) {
        (void)cli_fail(EXIT_CODE_USAGE,
                       "the match did not rank first: say why it is proposed, with --ground");
        cli_enum_names(&dw__award_ground__descriptor);
        return false;
    }
    *ret_ground = (Dw__AwardGround)ground;
    return true;
}

bool find_proposal_read(struct cli *cli, struct find_proposal *ret_proposal)
{
    enum { LINES_MAX = 64 };
    uint64_t rank, number = 1;
    struct find_proposal proposal = {0};
    proposal.records_unmet = cli_take_flag(cli, "--record-unmet");
    const char *rank_text = cli_take(cli, "--propose");
    const char *person = cli_take(cli, "--person");
    const char *placement = cli_take(cli, "--placement");
    const char *referral = cli_take(cli, "--referral");
    const char *line = cli_take(cli, "--line");
    if ((rank_text != NULL || person != NULL) && !read_id("--person", person, &proposal.person_id))
        return false;
    if (rank_text != NULL) {
        if (text_to_uint64(rank_text, 20, &rank) < 0 || rank == 0) {
            (void)cli_fail(EXIT_CODE_USAGE, "--propose is the number of a match");
            return false;
        }
        proposal.rank = (size_t)rank;
        if (!read_ground(cli, proposal.rank, &proposal.ground))
            return false;
        if (placement != NULL && !read_id("--placement", placement, &proposal.placement_id))
            return false;
    }
    if (line != NULL &&
        (referral == NULL || text_to_uint64(line, LINES_MAX, &number) < 0 || number == 0)) {
        (void)cli_fail(EXIT_CODE_USAGE, "--line is the number of a line of --referral");
        return false;
    }
    proposal.line_number = (uint32_t)number;
    if (referral != NULL && !read_id("--referral", referral, &proposal.referral_id))
        return false;
    if (rank_text != NULL && proposal.records_unmet) {
        (void)cli_fail(EXIT_CODE_USAGE, "a match is proposed, or its want recorded: say one");
        return false;
    }
    *ret_proposal = proposal;
    return true;
}

/* A session of the match, as often and as long as the service says that it is. */
struct sitter {
    int32_t from;
    int32_t to;
    int weekday;
    uint32_t every_weeks;
    uint32_t minutes;
};

static struct sitter sitter_of(const Dw__FreeSession *free, const Dw__ServiceFound *service,
                               int32_t first)
{
    struct sitter sitter = {.from = first,
                            .to = INT32_MAX,
                            .weekday = (int)free->weekday,
                            .every_weeks = free->every_weeks,
                            .minutes = free->end_minutes - free->start_minutes};
    struct id id = {0};
    struct id session_id = {0};
    (void)id_from_data(&free->session_id, &id);
    for (size_t at = 0; at < service->n_sessions; at++) {
        const Dw__Session *session = service->sessions[at]->session;
        if (!id_from_data(&session->session_id, &session_id) || !id_equal(&session_id, &id))
            continue;
        if (session->from != NULL)
            sitter.from = session->from->days;
        if (session->to != NULL)
            sitter.to = session->to->days;
    }
    return sitter;
}

static bool sits_on(const struct sitter *sitter, int32_t date)
{
    return date <= sitter->to &&
           calendar_recurrence(date, sitter->from, sitter->weekday, sitter->every_weeks) == date;
}

/* What is paid for from first to last. */
struct planned {
    int64_t sittings;
    int64_t minutes;
    int64_t days; /* with a sitting */
};

static struct planned plan(const Dw__FoundService *match, const Dw__ServiceFound *service,
                           int32_t first, int32_t last)
{
    struct sitter sitters[FIND_SESSIONS_MAX];
    struct planned planned = {0};
    size_t count = 0;
    for (; count < match->n_sessions && count < FIND_SESSIONS_MAX; count++)
        sitters[count] = sitter_of(match->sessions[count], service, first);
    for (int32_t date = first; date <= last; date++) {
        const int64_t before = planned.sittings;
        for (size_t at = 0; at < count; at++)
            if (sits_on(&sitters[at], date)) {
                planned.sittings++;
                planned.minutes += sitters[at].minutes;
            }
        planned.days += planned.sittings > before;
    }
    return planned;
}

/* What the service costs on a date: what is agreed for later takes its price's place when that has come. */
static Dw__PricePart price_on(const Dw__ServiceFound *service, int32_t date)
{
    const Dw__Rates *agreed = service->rates == NULL ? NULL : service->rates->agreed;
    Dw__PricePart part = DW__PRICE_PART__INIT;
    part.kind = DW__PRICE_PART_KIND__PRICE_PART_KIND_DAY_SUPPORT;
    part.unit = service->service->price_unit;
    part.pence = service->service->price_pence;
    if (agreed != NULL && agreed->from != NULL && agreed->from->days <= date) {
        part.unit = agreed->price_unit;
        part.pence = agreed->price_pence;
    }
    return part;
}

int64_t find_year_pence(const Dw__FoundService *match, const Dw__ServiceFound *service,
                        int32_t from, int32_t to)
{
    const int32_t year_ends = from + YEAR_DAYS - 1;
    const int64_t of_sittings = (int64_t)match->n_sessions;
    const struct planned planned = plan(match, service, from, to < year_ends ? to : year_ends);
    const Dw__PricePart part = price_on(service, from);
    switch (part.unit) {
    case DW__PRICE_UNIT__PRICE_UNIT_SESSION:
        return part.pence * planned.sittings;
    case DW__PRICE_UNIT__PRICE_UNIT_HOUR:
        return part.pence * planned.minutes / MINUTES_OF_HOUR;
    case DW__PRICE_UNIT__PRICE_UNIT_DAY:
        return part.pence * planned.days;
    case DW__PRICE_UNIT__PRICE_UNIT_WEEK: /* spread over its sittings, half a penny up */
        return of_sittings == 0
                   ? 0
                   : (2 * part.pence * planned.sittings + of_sittings) / (2 * of_sittings);
    case DW__PRICE_UNIT__PRICE_UNIT_UNSPECIFIED:
    case _DW__PRICE_UNIT_IS_INT_SIZE:
        break;
    }
    return 0;
}

bool find_change_text(const Dw__FoundService *match, char ret_text[FIND_CHANGE_SIZE])
{
    char money[MONEY_SIZE], date[CALENDAR_TEXT_SIZE];
    if (match->price_change == NULL)
        return false;
    cli_money(match->price_change->weekly_price_pence, money, sizeof money);
    calendar_to_text(match->price_change->from->days, date);
    (void)text_format(ret_text, FIND_CHANGE_SIZE,
                      "the price is %s a week from %s on: once the placement is accepted, say so "
                      "with ProposeChange",
                      money, date);
    return true;
}

void find_terms_fill(const struct find_proposal *proposal, const Dw__FindCapacity *find,
                     const Dw__FoundService *match, const Dw__ServiceFound *service,
                     const Dw__PersonFacts *facts, struct find_terms *ret_terms)
{
    Dw__PlacementTerms *terms = &ret_terms->terms;
    dw__placement_terms__init(terms);
    dw__date__init(&ret_terms->to);
    terms->person_id = id_to_data(&proposal->person_id);
    if (!id_is_zero(&proposal->referral_id)) {
        terms->referral_id = id_to_data(&proposal->referral_id);
        terms->line_number = proposal->line_number;
    }
    terms->service_id = match->service_id;
    terms->provider_id = match->provider_id;
    for (size_t at = 0; at < match->n_sessions && at < FIND_SESSIONS_MAX; at++)
        ret_terms->session_ids[terms->n_session_ids++] = match->sessions[at]->session_id;
    terms->session_ids = ret_terms->session_ids;
    terms->from = find->from;
    ret_terms->to.days = INT32_MAX;
    if (find->weeks > 0) {
        ret_terms->to.days = find->from->days + DAYS_A_WEEK * (int32_t)find->weeks - 1;
        terms->to = &ret_terms->to;
    }
    terms->level = service->service->level;
    terms->funding = find->funding;
    terms->uses = find->uses;
    terms->n_uses = find->n_uses;
    terms->price_pence_per_week = match->weekly_price_pence;
    terms->price_pence_per_year =
        find_year_pence(match, service, find->from->days, ret_terms->to.days);
    ret_terms->part = price_on(service, find->from->days);
    ret_terms->parts[0] = &ret_terms->part;
    terms->parts = ret_terms->parts;
    terms->n_parts = 1;
    terms->ground = proposal->ground;
    terms->district = facts->district;
    terms->support_reason = facts->support_reason;
    terms->age = facts->age;
    terms->ethnicity_group = facts->ethnicity_group;
    terms->sex = facts->sex;
}

static int print_proposal(struct cli *cli, const struct find_proposal *proposal,
                          const Dw__FindCapacity *find, const Dw__CapacityFound *found,
                          const Dw__FoundService *match, const Dw__ServiceFound *service,
                          const Dw__PersonFacts *facts)
{
    char *text = NULL;
    struct find_terms terms;
    Dw__ProposePlacement command = DW__PROPOSE_PLACEMENT__INIT;
    const struct id hold_id = client_new_id(cli->client);
    find_terms_fill(proposal, find, match, service, facts, &terms);
    command.placement_id = id_to_data(&proposal->placement_id);
    command.hold_id = id_to_data(&hold_id);
    command.terms = &terms.terms;
    ProtobufCBinaryData passed_over[PASSED_OVER_MAX];
    command.passed_over_service_ids = passed_over;
    for (size_t at = 0;
         at < found->n_services && command.n_passed_over_service_ids < PASSED_OVER_MAX; at++)
        if (found->services[at] != match)
            passed_over[command.n_passed_over_service_ids++] = found->services[at]->service_id;
    if (json_from_message(&command.base, true, &text) < 0)
        return cli_fail(EXIT_CODE_FAILED, "the proposal cannot be told as JSON");
    fputs(text, stdout);
    free(text);
    char change[FIND_CHANGE_SIZE];
    if (find_change_text(match, change))
        fprintf(stderr, "dayways: %s\n", change);
    return EXIT_CODE_OK;
}

int find_propose(struct cli *cli, const struct find_proposal *proposal,
                 const Dw__FindCapacity *find, const Dw__CapacityFound *found)
{
    ProtobufCMessage *person;
    ProtobufCMessage *service;
    Dw__GetPerson get_person = DW__GET_PERSON__INIT;
    Dw__GetService get_service = DW__GET_SERVICE__INIT;
    if (proposal->rank > found->n_services)
        return cli_fail(EXIT_CODE_FAILED, "there are %zu matches", found->n_services);
    const Dw__FoundService *match = found->services[proposal->rank - 1];
    get_person.person_id = id_to_data(&proposal->person_id);
    get_service.service_id = match->service_id;
    int code = cli_query(cli, "referrals", &get_person.base, &person);
    if (code != EXIT_CODE_OK)
        return code;
    code = cli_query(cli, "capacity", &get_service.base, &service);
    if (code == EXIT_CODE_OK) {
        code = print_proposal(cli, proposal, find, found, match, (const Dw__ServiceFound *)service,
                              ((const Dw__PersonRead *)person)->facts);
        protobuf_c_message_free_unpacked(service, NULL);
    }
    protobuf_c_message_free_unpacked(person, NULL);
    return code;
}
