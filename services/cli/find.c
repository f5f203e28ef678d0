/* Which services fit a person's week: FindCapacity from a command line, and its answer as a table. */
#include "services/cli/find.h"

#include "common/authority.h"
#include "common/calendar.h"
#include "common/json.h"
#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model.pb-c.h"

enum {
    MODEL_MEMORY_MAX = 64 * 1024 * 1024,
    MINUTES_OF_HOUR = 60,
    WEEKDAYS = 7,
    MICRO_DIGITS = 6,
    LIST_MAX = 16
};

static const char usage[] =
    "find [--days tue,thu] [--need learning-disability] [--near LAT,LON|DISTRICT]\n"
    "       [--from DATE] [--weeks N] [--minutes N (of travel)] [--hours N (a week)] [--level N]\n"
    "       [--kind community-group,peer-support] [--activity cooking,music] [--access "
    "hoist,meals]\n"
    "       [--with wheelchair-spaces,transport-seats (one of each at every sitting)]\n"
    "       [--mode building] [--funding commissioned] [--limit N]\n"
    "       [--district NAME (of the home, where --near is coordinates)]\n"
    "       [--person UUID (for whom: nobody is in two places at one time)\n"
    "        [--propose RANK [--ground GROUND (why, where it is not the first)]\n"
    "         [--placement UUID] [--referral UUID [--line N]]]]\n"
    "       [--record-unmet [--referral UUID [--line N]] (when nothing fits: what was wanted, "
    "where, and why not)]";

const char *const find_weekdays[] = {"", "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

static int read_days(const char *text, uint32_t *ret_bits)
{
    uint32_t bits = 0;
    for (const char *at = text; at != NULL && *at != '\0';) {
        uint32_t found = 0;
        const size_t len = strcspn(at, ",");
        for (uint32_t day = 1; day <= WEEKDAYS; day++)
            if (len >= 3 && strncasecmp(at, find_weekdays[day], 3) == 0)
                found = UINT32_C(1) << (day - 1);
        if (found == 0)
            return -EINVAL;
        bits |= found;
        at += len + (at[len] == ',');
    }
    *ret_bits = bits;
    return 0;
}

/* "53.26" as 53,260,000, without a floating point. */
static int read_degrees(const char *text, size_t len, int32_t *ret_e6)
{
    int64_t value = 0;
    int decimals = -1;
    const bool negative = len > 0 && text[0] == '-';
    for (size_t at = negative ? 1 : 0; at < len; at++) {
        if (text[at] == '.' && decimals < 0) {
            decimals = 0;
        } else if (text[at] >= '0' && text[at] <= '9' && value < 1000000000) {
            if (decimals == MICRO_DIGITS)
                continue;
            value = value * 10 + (text[at] - '0');
            decimals += decimals >= 0;
        } else {
            return -EINVAL;
        }
    }
    for (int at = decimals < 0 ? 0 : decimals; at < MICRO_DIGITS; at++)
        value *= 10;
    if (len == 0 || value > 180000000)
        return -EINVAL;
    *ret_e6 = (int32_t)(negative ? -value : value);
    return 0;
}

/* A district of the council's model. An exit code. */
static int find_district_named(struct cli *cli, const char *name,
                               struct find_district *ret_district)
{
    char section[64];
    char error[1024] = "the model's file is not in the configuration";
    uint8_t digest[32];
    const ProtobufCMessage *message;
    int code = EXIT_CODE_USAGE;
    (void)text_format(section, sizeof section, "authority %s", cli->authority);
    const char *path = conf_text(cli->conf, section, "model");
    struct arena *arena = arena_create(MODEL_MEMORY_MAX);
    if (path == NULL || arena == NULL ||
        authority_load_model(path, &dw__commissioning_model__descriptor, arena, &message, digest,
                             error, sizeof error) < 0) {
        arena_destroy(&arena);
        return cli_fail(EXIT_CODE_CONFIG, "%s", error);
    }
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)message;
    for (size_t at = 0; at < model->n_districts; at++)
        if (strcasecmp(model->districts[at]->name, name) == 0) {
            *ret_district = (struct find_district){model->districts[at]->number, "",
                                                   model->districts[at]->latitude_e6,
                                                   model->districts[at]->longitude_e6};
            (void)text_format(ret_district->name, sizeof ret_district->name, "%s",
                              model->districts[at]->name);
            code = EXIT_CODE_OK;
        }
    if (code != EXIT_CODE_OK) {
        (void)cli_fail(EXIT_CODE_USAGE, "%s has no district %s; it has:", model->name, name);
        for (size_t at = 0; at < model->n_districts; at++)
            fprintf(stderr, "  %s\n", model->districts[at]->name);
    }
    arena_destroy(&arena);
    return code;
}

/* A home is told by its coordinates and perhaps its district, or by its district alone: then it is the centre of that. */
static int read_home(struct cli *cli, const char *near, const char *district_name,
                     Dw__FindCapacity *find, struct find_district *district)
{
    const char *comma = near == NULL ? NULL : strchr(near, ',');
    const char *name = district_name == NULL && comma == NULL ? near : district_name;
    const int code = name == NULL ? EXIT_CODE_OK : find_district_named(cli, name, district);
    if (code != EXIT_CODE_OK)
        return code;
    find->district = district->number;
    if (near != NULL && comma == NULL) {
        if (strcasecmp(near, district->name) != 0)
            return cli_fail(EXIT_CODE_USAGE, "--near and --district are two districts; say one");
        find->latitude_e6 = district->latitude_e6;
        find->longitude_e6 = district->longitude_e6;
    }
    if (comma != NULL && (read_degrees(near, (size_t)(comma - near), &find->latitude_e6) < 0 ||
                          read_degrees(comma + 1, strlen(comma + 1), &find->longitude_e6) < 0))
        return cli_fail(EXIT_CODE_USAGE, "--near is LATITUDE,LONGITUDE in degrees, or a district");
    return EXIT_CODE_OK;
}

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
    uint32_t hours;
    if (!read_number(cli, "--minutes", 600, &find->travel_minutes_max) ||
        !read_number(cli, "--hours", 168, &hours) ||
        !read_number(cli, "--level", 16, &find->level) ||
        !read_number(cli, "--weeks", 520, &find->weeks) ||
        !read_number(cli, "--limit", 20, &find->results_max))
        return EXIT_CODE_USAGE;
    find->minutes_per_week = hours * MINUTES_OF_HOUR;
    return EXIT_CODE_OK;
}

/* A session at any time on each of the days. */
static void wish_for(uint32_t bits, Dw__FindCapacity *find)
{
    static Dw__WantedSession wanted[WEEKDAYS];
    static Dw__WantedSession *list[WEEKDAYS];
    for (uint32_t day = 1; day <= WEEKDAYS; day++) {
        if ((bits >> (day - 1) & 1) == 0)
            continue;
        Dw__WantedSession *wish = &wanted[find->n_wanted];
        dw__wanted_session__init(wish);
        wish->weekday = day;
        wish->part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
        list[find->n_wanted++] = wish;
    }
    find->wanted = list;
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
    uint32_t bits;
    int value;
    const char *days = cli_take(cli, "--days");
    const char *funding = cli_take(cli, "--funding");
    if (read_days(days, &bits) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--days is a list such as tue,thu");
    wish_for(bits, find); /* none: any sessions that make up the hours */
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
    int code = cli_ask(cli, "capacity", &find->base, NULL, &answer);
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
    struct find_district district = {0};
    const char *from_text = cli_take(cli, "--from");
    const char *near = cli_take(cli, "--near");
    const char *district_name = cli_take(cli, "--district");
    int code = read_words(cli, find);
    if (code == EXIT_CODE_OK)
        code = read_numbers(cli, find);
    if (code != EXIT_CODE_OK)
        return code;
    if (!cli_left(cli, 0, 0, usage))
        return EXIT_CODE_USAGE;
    if (from_text != NULL && calendar_from_text(from_text, &from->days) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--from is a date such as 2026-11-23");
    find->from = from;
    if (near == NULL && is_travelled_to(find))
        return cli_fail(EXIT_CODE_USAGE,
                        "travel is from a home: add --near LATITUDE,LONGITUDE or a "
                        "district such as --near Crewe; without one only what "
                        "comes to people is found (--mode outreach or virtual)");
    code = read_home(cli, near, district_name, find, &district);
    *ret_district = district;
    return code;
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
        code = cli_fail(EXIT_CODE_USAGE, "unmet need is counted by district: say the home's, such "
                                         "as --near Crewe or --district Crewe");
    if (!id_is_zero(&proposal.person_id))
        find.person_id = id_to_data(&proposal.person_id);
    return code != EXIT_CODE_OK ? code : ask_and_print(cli, &find, &district, &proposal);
}
