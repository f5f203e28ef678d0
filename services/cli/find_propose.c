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

enum { DAYS_A_WEEK = 7, YEAR_DAYS = 365, PASSED_OVER_MAX = 20 };

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

/* How often a session sits from first to last, inside the service's own dates of it. */
static int64_t sittings(const Dw__FreeSession *free, const Dw__ServiceFound *service, int32_t first,
                        int32_t last)
{
    struct id id = {0};
    struct id session_id = {0};
    int32_t begins = first;
    (void)id_from_data(&free->session_id, &id);
    for (size_t at = 0; at < service->n_sessions; at++) {
        const Dw__Session *session = service->sessions[at]->session;
        if (!id_from_data(&session->session_id, &session_id) || !id_equal(&session_id, &id))
            continue;
        if (session->from != NULL)
            begins = session->from->days;
        if (session->to != NULL && session->to->days < last)
            last = session->to->days;
    }
    const int32_t step = DAYS_A_WEEK * (free->every_weeks > 1 ? (int32_t)free->every_weeks : 1);
    first = calendar_recurrence(first, begins, (int)free->weekday, free->every_weeks);
    return first > last ? 0 : (last - first) / step + 1;
}

int64_t find_year_pence(const Dw__FoundService *match, const Dw__ServiceFound *service,
                        int32_t from, int32_t to)
{
    const int32_t year_ends = from + YEAR_DAYS - 1;
    const int32_t last = to < year_ends ? to : year_ends;
    const Dw__PriceChange *change = match->price_change;
    const bool changes = change != NULL && change->from->days <= last;
    int64_t count = 0, before = 0;
    for (size_t at = 0; at < match->n_sessions; at++) {
        count += sittings(match->sessions[at], service, from, last);
        if (changes)
            before += sittings(match->sessions[at], service, from, change->from->days - 1);
    }
    if (match->n_sessions == 0)
        return 0;
    if (!changes)
        return match->weekly_price_pence * count / (int64_t)match->n_sessions;
    return (match->weekly_price_pence * before + change->weekly_price_pence * (count - before)) /
           (int64_t)match->n_sessions;
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
    int code = cli_ask(cli, "referrals", &get_person.base, NULL, &person);
    if (code != EXIT_CODE_OK)
        return code;
    code = cli_ask(cli, "capacity", &get_service.base, NULL, &service);
    if (code == EXIT_CODE_OK) {
        code = print_proposal(cli, proposal, find, found, match, (const Dw__ServiceFound *)service,
                              ((const Dw__PersonRead *)person)->facts);
        protobuf_c_message_free_unpacked(service, NULL);
    }
    protobuf_c_message_free_unpacked(person, NULL);
    return code;
}
