/* What would have to change for a service that just misses, in a sentence. */
#include <string.h>

#include "common/calendar.h"
#include "common/text.h"
#include "services/capacity/checks.h"
#include "services/capacity/search.h"

enum { WORDS_SIZE = 48 }; /* the longest name of a kind or an activity, and to spare */

static void format_travel(const struct search_request *request, const struct near_miss *miss,
                          char *ret_text)
{
    (void)text_format(ret_text, MISS_SENTENCE_SIZE, "It is %u minutes away; the limit is %u.",
                      capacity_fit_travel_minutes(request, miss->metres_squared),
                      request->travel_minutes_max);
}

static void format_price(const struct search_request *request, const struct near_miss *miss,
                         char *ret_text)
{
    (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                      "It costs £%lld.%02lld a week; the limit is £%lld.%02lld.",
                      (long long)(miss->price_pence / 100), (long long)(miss->price_pence % 100),
                      (long long)(request->price_limit_pence / 100),
                      (long long)(request->price_limit_pence % 100));
}

/* --- full sessions ------------------------------------------------------------------------------------------------- */

/* The limit of a session that has not what is used, LIMIT_KINDS when it has all. */
static size_t full_limit(struct timetable *timetable, const struct search_request *request,
                         const struct offer *offer, struct weeks weeks)
{
    size_t limit = 0;
    while (limit < LIMIT_KINDS &&
           (request->uses[limit] <= 0 ||
            capacity_timetable_has(timetable, offer->slot, limit, weeks, request->this_week,
                                   request->uses[limit])))
        limit++;
    return limit;
}

/* The first session for the wish (any, without one) that runs over the whole range and is full; none when one of them is free. */
static const struct offer *find_full(struct timetable *timetable,
                                     const struct search_request *request,
                                     const struct entry *entry, const struct wish *wish)
{
    const struct offer *first = NULL;
    for (size_t at = 0; at < entry->offers_count; at++) {
        const struct offer *offer = &entry->offers[at];
        const struct weeks weeks = capacity_fit_weeks(
            offer, capacity_weeks_of(offer->weekday, request->from, request->to));
        if ((wish != NULL && !capacity_fit_serves(offer, wish)) || weeks.first > weeks.last ||
            weeks.first < offer->runs.first || offer->runs.last < weeks.last)
            continue;
        const bool is_free = full_limit(timetable, request, offer, weeks) == LIMIT_KINDS;
        if (is_free && wish != NULL)
            return NULL;
        if (!is_free && first == NULL)
            first = offer;
    }
    return first;
}

/* "places left on Monday 10:00, first on 2026-12-07" of a session that has not what is used. */
static void add_full(struct timetable *timetable, const struct search_request *request,
                     const struct offer *offer, char *text)
{
    const struct weeks weeks =
        capacity_fit_weeks(offer, capacity_weeks_of(offer->weekday, request->from, request->to));
    const size_t limit = full_limit(timetable, request, offer, weeks);
    const int32_t week = capacity_timetable_when(timetable, offer->slot, limit, weeks,
                                                 request->this_week, request->uses[limit] - 1);
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text(calendar_monday(week) + offer->weekday - 1, date);
    (void)text_add(text, MISS_SENTENCE_SIZE, "%s left on %s %02d:%02d, first on %s",
                   capacity_limit_name(limit), capacity_weekday_name(offer->weekday),
                   offer->start_minutes / 60, offer->start_minutes % 60, date);
}

static void format_places(struct timetable *timetable, const struct search_request *request,
                          const struct entry *entry, char *ret_text)
{
    const struct offer *told[WISHES_MAX];
    size_t told_count = 0;
    for (size_t at = 0; at == 0 || at < request->wishes_count; at++) {
        const struct wish *wish = request->wishes_count == 0 ? NULL : &request->wishes[at];
        const struct offer *offer = find_full(timetable, request, entry, wish);
        size_t before = 0;
        while (before < told_count && told[before] != offer)
            before++;
        if (offer == NULL || before < told_count)
            continue;
        (void)text_add(ret_text, MISS_SENTENCE_SIZE,
                       told_count == 0 ? "Not enough " : "; nor enough ");
        add_full(timetable, request, offer, ret_text);
        told[told_count++] = offer;
    }
    (void)text_add(ret_text, MISS_SENTENCE_SIZE,
                   told_count == 0 ? "Its sessions are full on some date, each on another." : ".");
}

/* --- names --------------------------------------------------------------------------------------------------------- */

/* "arts and crafts" of a value whose type's first value is named after it: ACTIVITY_UNSPECIFIED. */
static void write_words(const ProtobufCEnumDescriptor *type, int value, char ret_words[WORDS_SIZE])
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    const size_t prefix_len = strlen(type->values[0].name) - strlen("UNSPECIFIED");
    text_words(named == NULL ? "" : named->name + prefix_len, ret_words, WORDS_SIZE);
}

/* What is asked for, as bits, and is not there, all of it. */
static void format_lacking(const char *begin, const ProtobufCEnumDescriptor *type, uint32_t lacking,
                           char *ret_text)
{
    char words[WORDS_SIZE];
    const char *between = begin;
    for (; lacking != 0; lacking &= lacking - 1) {
        write_words(type, __builtin_ctz(lacking), words);
        (void)text_add(ret_text, MISS_SENTENCE_SIZE, "%s%s", between, words);
        between = ", ";
    }
    (void)text_add(ret_text, MISS_SENTENCE_SIZE, ".");
}

static void format_days(const struct search_request *request, const struct entry *entry,
                        char *ret_text)
{
    char words[WORDS_SIZE];
    const char *between = "It has no session on ";
    for (size_t at = 0; at < request->wishes_count; at++) {
        const struct wish *wish = &request->wishes[at];
        if (capacity_fit_has_day(entry, wish))
            continue;
        write_words(&dw__part_of_day__descriptor, wish->part, words);
        (void)text_add(ret_text, MISS_SENTENCE_SIZE, "%s%s%s%s", between,
                       capacity_weekday_name(wish->weekday),
                       wish->part == DW__PART_OF_DAY__PART_OF_DAY_ANY ? "" : " ",
                       wish->part == DW__PART_OF_DAY__PART_OF_DAY_ANY ? "" : words);
        between = ", ";
    }
    (void)text_add(ret_text, MISS_SENTENCE_SIZE, ".");
}

/* --- all ----------------------------------------------------------------------------------------------------------- */

/* Where nothing of the service's or the request's stands in it. */
static const char *const SAME_FOR_ALL[] = {
    [DW__SEARCH_RULE__SEARCH_RULE_CONTRACT] =
        "The council has no live contract for it; a direct payment could buy it.",
    [DW__SEARCH_RULE__SEARCH_RULE_TIMES] = "Its sessions are at other times or dates, or too few.",
    [DW__SEARCH_RULE__SEARCH_RULE_PERSON] =
        "The person is elsewhere at the times of its sessions; end that first.",
    [DW__SEARCH_RULE__SEARCH_RULE_CLOSED] =
        "A session asked for is closed on all of its dates; lift the closure, or ask later.",
    [DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED] =
        "Nobody new is placed there for now; ask again when the suspension is lifted.",
    [DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED] =
        "It is a drop-in service: people come without a booking.",
};

static void format_ages(const struct entry *entry, uint32_t age, char ret_text[MISS_SENTENCE_SIZE])
{
    if (entry->age_to == AGE_MAX)
        (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                          "It is for people from %u on; the age is %u.", entry->age_from, age);
    else
        (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                          "It is for people from %u to %u; the age is %u.", entry->age_from,
                          entry->age_to, age);
}

void capacity_miss_sentence(struct timetable *timetable, const struct search_request *request,
                            const struct entry *entry, const struct near_miss *miss,
                            char ret_text[MISS_SENTENCE_SIZE])
{
    char words[WORDS_SIZE];
    ret_text[0] = '\0';
    switch ((Dw__SearchRule)miss->rule) {
    case DW__SEARCH_RULE__SEARCH_RULE_NEEDS:
        format_lacking("It does not meet these needs: ", &dw__support_reason__descriptor,
                       request->needs & ~entry->needs, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_LEVEL:
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "It is of level %u; level %u is asked for.",
                          entry->level, request->level);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_KIND:
        write_words(&dw__service_kind__descriptor, entry->kind, words);
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "Its kind is %s; another one is asked for.",
                          words);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES:
        format_lacking("It does not offer ", &dw__activity__descriptor,
                       request->activities & ~entry->activities, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_MODE:
        write_words(&dw__service_mode__descriptor, entry->mode, words);
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "Its mode is %s; another one is asked for.",
                          words);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_ACCESS:
        format_lacking("It lacks ", &dw__access_feature__descriptor,
                       request->access & ~entry->access, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_AGE:
        format_ages(entry, request->age, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_DAYS:
        format_days(request, entry, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_TRAVEL:
        format_travel(request, miss, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_PLACES:
        format_places(timetable, request, entry, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_PRICE:
        format_price(request, miss, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_VIABLE_HOURS:
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "It has %u minutes a week; %u are viable.",
                          miss->minutes, request->viable_minutes);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_CONTRACT:
    case DW__SEARCH_RULE__SEARCH_RULE_TIMES:
    case DW__SEARCH_RULE__SEARCH_RULE_PERSON:
    case DW__SEARCH_RULE__SEARCH_RULE_CLOSED:
    case DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED:
    case DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED:
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "%s", SAME_FOR_ALL[miss->rule]);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_UNSPECIFIED:
    case _DW__SEARCH_RULE_IS_INT_SIZE:
        return;
    }
}
