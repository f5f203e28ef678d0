/* A search that found nothing, recorded as an unmet need: what was wanted, where, on which days, and why it could not be had. */
#include "services/cli/find.h"

#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAYS_A_WEEK = 7,
    PARTS = 3, /* of a day: a wish for a day at any time is one for each */
    SESSIONS_MAX = DAYS_A_WEEK * PARTS,
    NEEDS_MAX = 16,
    KINDS_MAX = 8,
    WORDS_SIZE = 64,
};

_Static_assert((int)DW__LINE_KIND__LINE_KIND_RESOURCE_CENTRE ==
                       (int)DW__SERVICE_KIND__SERVICE_KIND_RESOURCE_CENTRE &&
                   (int)DW__LINE_KIND__LINE_KIND_CARER_CLINIC ==
                       (int)DW__SERVICE_KIND__SERVICE_KIND_CARER_CLINIC,
               "lines and services have the same kinds");

/* --- why -------------------------------------------------------------------------------------------------------------- */

static bool wants_transport_only(const Dw__FindCapacity *find)
{
    return find->n_access == 1 && find->access[0] == DW__ACCESS_FEATURE__ACCESS_FEATURE_TRANSPORT;
}

static Dw__UnmetReason reason_of(const Dw__FindCapacity *find, Dw__SearchRule rule)
{
    switch (rule) {
    case DW__SEARCH_RULE__SEARCH_RULE_NEEDS:
        return DW__UNMET_REASON__UNMET_REASON_NEED_NOT_MET;
    case DW__SEARCH_RULE__SEARCH_RULE_ACCESS:
        return wants_transport_only(find) ? DW__UNMET_REASON__UNMET_REASON_NO_TRANSPORT
                                          : DW__UNMET_REASON__UNMET_REASON_NEED_NOT_MET;
    case DW__SEARCH_RULE__SEARCH_RULE_LEVEL:
    case DW__SEARCH_RULE__SEARCH_RULE_KIND:
    case DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES:
    case DW__SEARCH_RULE__SEARCH_RULE_MODE:
    case DW__SEARCH_RULE__SEARCH_RULE_AGE:
        return DW__UNMET_REASON__UNMET_REASON_NO_SUCH_SERVICE;
    case DW__SEARCH_RULE__SEARCH_RULE_DAYS:
    case DW__SEARCH_RULE__SEARCH_RULE_TIMES:
    case DW__SEARCH_RULE__SEARCH_RULE_PLACES:
    case DW__SEARCH_RULE__SEARCH_RULE_CLOSED:
        return DW__UNMET_REASON__UNMET_REASON_NO_PLACE_ON_DAYS;
    case DW__SEARCH_RULE__SEARCH_RULE_TRAVEL:
        return DW__UNMET_REASON__UNMET_REASON_TOO_FAR;
    case DW__SEARCH_RULE__SEARCH_RULE_CONTRACT:
        return DW__UNMET_REASON__UNMET_REASON_NO_CONTRACT;
    case DW__SEARCH_RULE__SEARCH_RULE_PRICE:
        return DW__UNMET_REASON__UNMET_REASON_TOO_EXPENSIVE;
    case DW__SEARCH_RULE__SEARCH_RULE_VIABLE_HOURS:
    case DW__SEARCH_RULE__SEARCH_RULE_PERSON:
    case DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED:
    case DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED:
    case DW__SEARCH_RULE__SEARCH_RULE_UNSPECIFIED:
    case _DW__SEARCH_RULE_IS_INT_SIZE:
        break;
    }
    return DW__UNMET_REASON__UNMET_REASON_OTHER;
}

Dw__UnmetReason find_unmet_reason(const Dw__FindCapacity *find, const Dw__CapacityFound *found)
{
    const Dw__Excluded *most = NULL;
    if (found->n_near_misses > 0)
        return reason_of(find, found->near_misses[0]->rule);
    for (size_t at = 0; at < found->n_excluded; at++)
        if (most == NULL || found->excluded[at]->services > most->services)
            most = found->excluded[at];
    return most == NULL ? DW__UNMET_REASON__UNMET_REASON_NO_SUCH_SERVICE
                        : reason_of(find, most->rule);
}

/* --- what ------------------------------------------------------------------------------------------------------------- */

static void add_need(Dw__UnmetNeed *need, Dw__LineNeed value)
{
    if (value == DW__LINE_NEED__LINE_NEED_UNSPECIFIED)
        return;
    for (size_t at = 0; at < need->n_needs; at++)
        if (need->needs[at] == value)
            return;
    need->needs[need->n_needs++] = value;
}

/* What lines have a code for, of what is asked of a service: 0 has none. */
static Dw__LineNeed need_of_reason(Dw__SupportReason reason)
{
    switch ((int)reason) {
    case DW__SUPPORT_REASON__SUPPORT_REASON_PHYSICAL_PERSONAL_CARE:
        return DW__LINE_NEED__LINE_NEED_PERSONAL_CARE;
    case DW__SUPPORT_REASON__SUPPORT_REASON_MEMORY_AND_COGNITION:
        return DW__LINE_NEED__LINE_NEED_DEMENTIA;
    case DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_VISUAL:
    case DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_DUAL:
        return DW__LINE_NEED__LINE_NEED_SIGHT;
    case DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_HEARING:
        return DW__LINE_NEED__LINE_NEED_HEARING;
    default:
        return DW__LINE_NEED__LINE_NEED_UNSPECIFIED;
    }
}

static Dw__LineNeed need_of_access(Dw__AccessFeature feature)
{
    switch ((int)feature) {
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_STEP_FREE:
        return DW__LINE_NEED__LINE_NEED_WHEELCHAIR;
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_HOIST:
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_CHANGING_PLACE:
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_BATHING:
        return DW__LINE_NEED__LINE_NEED_PERSONAL_CARE;
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_HEARING_LOOP:
        return DW__LINE_NEED__LINE_NEED_HEARING;
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_SIGN_LANGUAGE:
        return DW__LINE_NEED__LINE_NEED_COMMUNICATION;
    case DW__ACCESS_FEATURE__ACCESS_FEATURE_TRANSPORT:
        return DW__LINE_NEED__LINE_NEED_TRANSPORT;
    default:
        return DW__LINE_NEED__LINE_NEED_UNSPECIFIED;
    }
}

static Dw__LineNeed need_of_limit(Dw__LimitKind kind)
{
    switch ((int)kind) {
    case DW__LIMIT_KIND__LIMIT_KIND_TRANSPORT_SEATS:
        return DW__LINE_NEED__LINE_NEED_TRANSPORT;
    case DW__LIMIT_KIND__LIMIT_KIND_WHEELCHAIR_SPACES:
        return DW__LINE_NEED__LINE_NEED_WHEELCHAIR;
    case DW__LIMIT_KIND__LIMIT_KIND_ONE_TO_ONE_STAFF:
        return DW__LINE_NEED__LINE_NEED_ONE_TO_ONE;
    case DW__LIMIT_KIND__LIMIT_KIND_PERSONAL_CARE:
        return DW__LINE_NEED__LINE_NEED_PERSONAL_CARE;
    default:
        return DW__LINE_NEED__LINE_NEED_UNSPECIFIED;
    }
}

static void fill_needs(const Dw__FindCapacity *find, Dw__UnmetNeed *need)
{
    for (size_t at = 0; at < find->n_needs; at++) {
        add_need(need, need_of_reason(find->needs[at]));
        if (find->needs[at] == DW__SUPPORT_REASON__SUPPORT_REASON_SENSORY_DUAL)
            add_need(need, DW__LINE_NEED__LINE_NEED_HEARING);
    }
    for (size_t at = 0; at < find->n_access; at++)
        add_need(need, need_of_access(find->access[at]));
    for (size_t at = 0; at < find->n_uses; at++)
        add_need(need, need_of_limit(find->uses[at]->kind));
}

_Static_assert((int)DW__LINE_PART__LINE_PART_MORNING + 1 ==
                       (int)DW__PART_OF_DAY__PART_OF_DAY_MORNING &&
                   (int)DW__LINE_PART__LINE_PART_EVENING + 1 ==
                       (int)DW__PART_OF_DAY__PART_OF_DAY_EVENING,
               "lines and searches have the same parts of a day, searches any of them besides");

static bool wants(const Dw__FindCapacity *find, uint32_t weekday, int line_part)
{
    for (size_t at = 0; at < find->n_wanted; at++)
        if (find->wanted[at]->weekday == weekday &&
            find_wants_part(find->wanted[at], (Dw__PartOfDay)(line_part + 1)))
            return true;
    return false;
}

static void fill_sessions(const Dw__FindCapacity *find, Dw__LineSession sessions[SESSIONS_MAX],
                          Dw__UnmetNeed *need)
{
    for (uint32_t day = 1; day <= DAYS_A_WEEK; day++)
        for (int part = 1; part <= PARTS; part++) {
            if (!wants(find, day, part))
                continue;
            Dw__LineSession *session = &sessions[need->n_sessions];
            dw__line_session__init(session);
            session->weekday = day;
            session->part = (Dw__LinePart)part;
            need->sessions[need->n_sessions++] = session;
        }
}

/* --- said ------------------------------------------------------------------------------------------------------------- */

/* "no place on days" of a value whose type's first one is named after it: UNMET_REASON_UNSPECIFIED. */
static void write_words(const ProtobufCEnumDescriptor *type, int value, char ret_words[WORDS_SIZE])
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    const size_t prefix_len = strlen(type->values[0].name) - strlen("UNSPECIFIED");
    text_words(named == NULL ? "?" : named->name + prefix_len, ret_words, WORDS_SIZE);
}

static void print_words(const char *title, const ProtobufCEnumDescriptor *type, const int *values,
                        size_t count)
{
    char words[WORDS_SIZE];
    for (size_t at = 0; at < count; at++) {
        write_words(type, values[at], words);
        printf("%s%s", at == 0 ? title : ", ", words);
    }
    printf("%s", count == 0 ? "" : "\n");
}

/* "days tue, thu morning 10:00-12:00". */
static void print_wanted(const Dw__FindCapacity *find)
{
    char part[WORDS_SIZE];
    for (size_t at = 0; at < find->n_wanted; at++) {
        const Dw__WantedSession *wanted = find->wanted[at];
        printf("%s%s", at == 0 ? "  days      " : ", ", find_weekdays[wanted->weekday % 8]);
        write_words(&dw__part_of_day__descriptor, (int)wanted->part, part);
        if (wanted->part != DW__PART_OF_DAY__PART_OF_DAY_ANY)
            printf(" %s", part);
        if (wanted->end_minutes > 0)
            printf(" %02u:%02u-%02u:%02u", wanted->start_minutes / 60, wanted->start_minutes % 60,
                   wanted->end_minutes / 60, wanted->end_minutes % 60);
    }
    printf("%s", find->n_wanted == 0 ? "" : "\n");
}

static void print_recorded(const Dw__FindCapacity *find, const struct find_district *district,
                           const Dw__RecordUnmetNeed *record)
{
    struct id id = {0};
    char id_text[ID_TEXT_SIZE];
    char reason[WORDS_SIZE];
    const Dw__UnmetNeed *need = record->need;
    (void)id_from_data(&record->unmet_id, &id);
    id_to_text(&id, id_text);
    write_words(&dw__unmet_reason__descriptor, (int)need->reason, reason);
    printf("\nRecorded as unmet need %s\n  why       %s\n  district  %s\n", id_text, reason,
           district->name);
    if (need->level != 0)
        printf("  level     %u\n", need->level);
    print_wanted(find);
    print_words("  kinds     ", &dw__line_kind__descriptor, (const int *)need->kinds,
                need->n_kinds);
    print_words("  for       ", &dw__support_reason__descriptor, (const int *)need->support_reasons,
                need->n_support_reasons);
    print_words("  needs     ", &dw__line_need__descriptor, (const int *)need->needs,
                need->n_needs);
}

static int send(struct cli *cli, const Dw__FindCapacity *find, const struct find_district *district,
                const Dw__RecordUnmetNeed *record)
{
    ProtobufCMessage *answer;
    char *text = NULL;
    const int code = cli_ask(cli, "referrals", &record->base, NULL, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    protobuf_c_message_free_unpacked(answer, NULL);
    if (!cli->json)
        print_recorded(find, district, record);
    else if (json_from_message(&record->base, true, &text) == 0)
        fputs(text, stdout);
    free(text);
    return EXIT_CODE_OK;
}

int find_record_unmet(struct cli *cli, const struct find_proposal *proposal,
                      const Dw__FindCapacity *find, const struct find_district *district,
                      const Dw__CapacityFound *found)
{
    Dw__LineSession sessions[SESSIONS_MAX];
    Dw__LineSession *list[SESSIONS_MAX];
    Dw__LineNeed needs[NEEDS_MAX];
    Dw__UnmetNeed need = DW__UNMET_NEED__INIT;
    Dw__RecordUnmetNeed record = DW__RECORD_UNMET_NEED__INIT;
    const struct id unmet_id = client_new_id(cli->client);
    if (found->services_fitting > 0)
        return cli_fail(EXIT_CODE_FAILED, "%u of %u services fit, so nothing is recorded as unmet",
                        found->services_fitting, found->services_total);
    if (found->n_splits > 0)
        return cli_fail(EXIT_CODE_FAILED,
                        "two services together have all that is wanted, so nothing is recorded");
    if (find->n_kinds > KINDS_MAX)
        return cli_fail(EXIT_CODE_USAGE, "an unmet need names at most %d kinds", KINDS_MAX);
    need.reason = find_unmet_reason(find, found);
    need.sessions = list;
    need.needs = needs;
    need.kinds = (Dw__LineKind *)find->kinds;
    need.n_kinds = find->n_kinds;
    need.support_reasons = find->needs;
    need.n_support_reasons = find->n_needs;
    need.level = find->level;
    need.district = district->number;
    need.person_id = find->person_id;
    need.from_search = true;
    fill_sessions(find, sessions, &need);
    fill_needs(find, &need);
    if (!id_is_zero(&proposal->referral_id)) {
        need.referral_id = id_to_data(&proposal->referral_id);
        need.line_number = proposal->line_number;
    }
    record.unmet_id = id_to_data(&unmet_id);
    record.need = &need;
    return send(cli, find, district, &record);
}
