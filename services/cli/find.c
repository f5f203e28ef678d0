/* Which services fit a person's week: FindCapacity from a command line, and its answer as a table. */
#include "services/cli/find.h"

#include "common/calendar.h"
#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MINUTES_OF_HOUR = 60,
    LIST_MAX = 16,
    PRICE_PENCE_MAX = 100000000, /* a million pounds a week is a slip of the pen */
};

const char find_usage[] =
    "find [--days tue,thu|mon-fri|mon:am,tue:pm] [--at 10:00-12:00 (to be covered on each)]\n"
    "       [--need learning-disability] [--age YEARS] [--near LAT,LON|DISTRICT]\n"
    "       [--from DATE] [--weeks N] [--minutes N (of travel)] [--hours N (a week)] [--level N]\n"
    "       [--kind community-group,peer-support] [--activity cooking,music] [--access "
    "hoist,meals]\n"
    "       [--with wheelchair-spaces,transport-seats (one of each at every sitting)]\n"
    "       [--mode building] [--funding commissioned] [--price PENCE (a week, at most)]\n"
    "       [--limit N]\n"
    "       [--district NAME (of the home, where --near is coordinates)]\n"
    "       [--person UUID (for whom: nobody is in two places at one time)\n"
    "        [--propose RANK [--ground GROUND (why, where it is not the first)]\n"
    "         [--placement UUID] [--referral UUID [--line N]]]]\n"
    "       [--record-unmet [--referral UUID [--line N]] (when nothing fits: what was wanted, "
    "where, and why not)]";

const char *const find_weekdays[] = {"", "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/* A number option; 0 when it is not there. False after saying what is wrong. */
static bool read_number(struct cli *cli, const char *name, uint64_t max, uint32_t *ret_number)
{
    uint64_t number = 0;
    const char *text = cli_take(cli, name);
    if (text != NULL && text_to_uint64(text, max, &number) < 0) {
        (void)cli_fail(EXIT_CODE_USAGE, "%s is a number up to %llu", name, (unsigned long long)max);
        return false;
    }
    *ret_number = (uint32_t)number;
    return true;
}

static int read_numbers(struct cli *cli, Dw__FindCapacity *find)
{
    uint32_t hours, pence;
    if (!read_number(cli, "--minutes", 600, &find->travel_minutes_max) ||
        !read_number(cli, "--hours", 168, &hours) ||
        !read_number(cli, "--level", 16, &find->level) ||
        !read_number(cli, "--weeks", 520, &find->weeks) ||
        !read_number(cli, "--age", 127, &find->age) ||
        !read_number(cli, "--price", PRICE_PENCE_MAX, &pence) ||
        !read_number(cli, "--limit", 20, &find->results_max))
        return EXIT_CODE_USAGE;
    find->price_limit_pence = pence;
    find->minutes_per_week = hours * MINUTES_OF_HOUR;
    return EXIT_CODE_OK;
}

_Static_assert(sizeof(Dw__SupportReason) == sizeof(int) && sizeof(Dw__ServiceKind) == sizeof(int) &&
                   sizeof(Dw__Activity) == sizeof(int) && sizeof(Dw__ServiceMode) == sizeof(int) &&
                   sizeof(Dw__AccessFeature) == sizeof(int),
               "lists of enums are lists of int");

/* A list option such as "cooking,music"; empty when it is not there. An exit code, after saying what is wrong. */
static int read_list(struct cli *cli, const char *name, const ProtobufCEnumDescriptor *type,
                     int ret_values[LIST_MAX], size_t *ret_count)
{
    char word[64];
    size_t count = 0;
    for (const char *at = cli_take(cli, name); at != NULL && *at != '\0';) {
        const size_t len = strcspn(at, ",");
        if (count == LIST_MAX || text_format(word, sizeof word, "%.*s", (int)len, at) < 0)
            return cli_fail(EXIT_CODE_USAGE, "%s is a list of at most %d words", name, LIST_MAX);
        if (cli_enum(type, word, &ret_values[count++]) < 0)
            return EXIT_CODE_USAGE;
        at += len + (at[len] == ',');
    }
    *ret_count = count;
    return EXIT_CODE_OK;
}

/* One of each limit at every sitting, besides the place. */
static int read_uses(struct cli *cli, Dw__FindCapacity *find)
{
    static int kinds[LIST_MAX];
    static Dw__LimitAmount uses[LIST_MAX], *list[LIST_MAX];
    size_t count;
    if (read_list(cli, "--with", &dw__limit_kind__descriptor, kinds, &count) != 0)
        return EXIT_CODE_USAGE;
    for (size_t at = 0; at < count; at++) {
        dw__limit_amount__init(&uses[at]);
        uses[at].kind = (Dw__LimitKind)kinds[at];
        uses[at].amount = 1;
        list[at] = &uses[at];
    }
    find->uses = list;
    find->n_uses = count;
    return EXIT_CODE_OK;
}

/* What a service is and has. */
static int read_properties(struct cli *cli, Dw__FindCapacity *find)
{
    static int needs[LIST_MAX], kinds[LIST_MAX], activities[LIST_MAX];
    static int modes[LIST_MAX], access[LIST_MAX];
    if (read_list(cli, "--need", &dw__support_reason__descriptor, needs, &find->n_needs) != 0 ||
        read_list(cli, "--kind", &dw__service_kind__descriptor, kinds, &find->n_kinds) != 0 ||
        read_list(cli, "--activity", &dw__activity__descriptor, activities, &find->n_activities) !=
            0 ||
        read_list(cli, "--mode", &dw__service_mode__descriptor, modes, &find->n_modes) != 0 ||
        read_list(cli, "--access", &dw__access_feature__descriptor, access, &find->n_access) != 0)
        return EXIT_CODE_USAGE;
    find->needs = (Dw__SupportReason *)needs;
    find->kinds = (Dw__ServiceKind *)kinds;
    find->activities = (Dw__Activity *)activities;
    find->modes = (Dw__ServiceMode *)modes;
    find->access = (Dw__AccessFeature *)access;
    return EXIT_CODE_OK;
}

static int read_words(struct cli *cli, Dw__FindCapacity *find)
{
    static struct find_wishes wishes;
    int value;
    const char *days = cli_take(cli, "--days");
    const char *at = cli_take(cli, "--at");
    const char *funding = cli_take(cli, "--funding");
    if (find_days_read(days, at, &wishes) != EXIT_CODE_OK)
        return EXIT_CODE_USAGE;
    find->wanted = wishes.list;
    find->n_wanted = wishes.count; /* none: any sessions that make up the hours */
    if (cli_enum(&dw__funding_route__descriptor, funding == NULL ? "commissioned" : funding,
                 &value) < 0)
        return EXIT_CODE_USAGE;
    find->funding = (Dw__FundingRoute)value;
    return read_properties(cli, find) != EXIT_CODE_OK ? EXIT_CODE_USAGE : read_uses(cli, find);
}

static int ask_and_print(struct cli *cli, const Dw__FindCapacity *find,
                         const struct find_district *district, const struct find_proposal *proposal)
{
    ProtobufCMessage *answer;
    char *text = NULL;
    int code = cli_query(cli, "capacity", &find->base, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    const Dw__CapacityFound *found = (const Dw__CapacityFound *)answer;
    if (proposal->rank > 0)
        code = find_propose(cli, proposal, find, found);
    else if (!cli->json)
        find_print(found);
    else if (!proposal->records_unmet && json_from_message(answer, true, &text) == 0)
        fputs(text, stdout);
    if (proposal->records_unmet)
        code = find_record_unmet(cli, proposal, find, district, found);
    free(text);
    protobuf_c_message_free_unpacked(answer, NULL);
    return code;
}

static bool is_travelled_to(const Dw__FindCapacity *find)
{
    for (size_t at = 0; at < find->n_modes; at++)
        if (find->modes[at] == DW__SERVICE_MODE__SERVICE_MODE_BUILDING ||
            find->modes[at] == DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY)
            return true;
    return find->n_modes == 0;
}

int find_read(struct cli *cli, Dw__FindCapacity *find, Dw__Date *from,
              struct find_district *ret_district)
{
    const char *from_text = cli_take(cli, "--from");
    const char *near = cli_take(cli, "--near");
    const char *district_name = cli_take(cli, "--district");
    int code = read_words(cli, find);
    if (code == EXIT_CODE_OK)
        code = read_numbers(cli, find);
    if (code != EXIT_CODE_OK)
        return code;
    if (!cli_left(cli, 0, 0, find_usage))
        return EXIT_CODE_USAGE;
    if (from_text != NULL && calendar_from_text(from_text, &from->days) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--from is a date such as 2026-11-23");
    find->from = from;
    if (near == NULL && is_travelled_to(find))
        return cli_fail(EXIT_CODE_USAGE,
                        "travel is from a home: add --near LATITUDE,LONGITUDE or --near DISTRICT, "
                        "one of the council's; without one only what comes to people is found "
                        "(--mode outreach or virtual)");
    return find_home_read(cli, near, district_name, find, ret_district);
}

int cli_find(struct cli *cli)
{
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Date from = DW__DATE__INIT;
    struct find_district district;
    struct find_proposal proposal;
    int code = cli_connect(cli);
    if (code != EXIT_CODE_OK)
        return code;
    if (!find_proposal_read(cli, &proposal))
        return EXIT_CODE_USAGE;
    if (proposal.rank > 0 && id_is_zero(&proposal.placement_id))
        proposal.placement_id = client_new_id(cli->client);
    from.days = calendar_london_date(client_now_ms(cli->client)) + 1;
    code = find_read(cli, &find, &from, &district);
    if (code == EXIT_CODE_OK && proposal.records_unmet && district.number == 0)
        code = cli_fail(EXIT_CODE_USAGE, "unmet need is counted by district: say the home's, "
                                         "with --near DISTRICT or --district DISTRICT");
    if (!id_is_zero(&proposal.person_id))
        find.person_id = id_to_data(&proposal.person_id);
    return code != EXIT_CODE_OK ? code : ask_and_print(cli, &find, &district, &proposal);
}
