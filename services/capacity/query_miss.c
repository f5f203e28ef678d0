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

static void format_places(struct timetable *timetable, const struct search_request *request,
                          const struct entry *entry, char *ret_text)
{
    const struct offer *offer = NULL;
    if (request->wishes_count == 0)
        offer = find_full(timetable, request, entry, NULL);
    for (size_t at = 0; at < request->wishes_count && offer == NULL; at++)
        offer = find_full(timetable, request, entry, &request->wishes[at]);
    if (offer == NULL) {
        (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                          "Its sessions are full on some date, each on another.");
        return;
    }
    const struct weeks weeks =
        capacity_fit_weeks(offer, capacity_weeks_of(offer->weekday, request->from, request->to));
    const size_t limit = full_limit(timetable, request, offer, weeks);
    const int32_t week = capacity_timetable_when(timetable, offer->slot, limit, weeks,
                                                 request->this_week, request->uses[limit] - 1);
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text(calendar_monday(week) + offer->weekday - 1, date);
    (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                      "Not enough %s left on %s %02d:%02d, first on %s.",
                      capacity_limit_name(limit), capacity_weekday_name(offer->weekday),
                      offer->start_minutes / 60, offer->start_minutes % 60, date);
}

/* --- names --------------------------------------------------------------------------------------------------------- */

/* "arts and crafts" of a value whose type's first value is named after it: ACTIVITY_UNSPECIFIED. */
static void write_words(const ProtobufCEnumDescriptor *type, int value, char ret_words[WORDS_SIZE])
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    const size_t prefix_len = strlen(type->values[0].name) - strlen("UNSPECIFIED");
    text_words(named == NULL ? "" : named->name + prefix_len, ret_words, WORDS_SIZE);
}

/* --- all ----------------------------------------------------------------------------------------------------------- */

void capacity_miss_sentence(struct timetable *timetable, const struct search_request *request,
                            const struct entry *entry, const struct near_miss *miss,
                            char ret_text[MISS_SENTENCE_SIZE])
{
    char words[WORDS_SIZE];
    const char *text = "";
    switch ((Dw__SearchRule)miss->rule) {
    case DW__SEARCH_RULE__SEARCH_RULE_NEEDS:
        text = "It does not meet all the needs asked for.";
        break;
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
        write_words(&dw__activity__descriptor,
                    __builtin_ctz(request->activities & ~entry->activities), words);
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "It does not offer %s.", words);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_MODE:
        text = "It is offered in another mode than those asked for.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_ACCESS:
        text = "It lacks an access feature asked for.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_AGE:
        (void)text_format(ret_text, MISS_SENTENCE_SIZE,
                          "It is for people from %u to %u; the age is %u.", entry->age_from,
                          entry->age_to, request->age);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_DAYS:
        text = "It has no session on one of the days and parts of day asked for.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_TRAVEL:
        format_travel(request, miss, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_CONTRACT:
        text = "The council has no live contract for it; a direct payment could buy it.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_TIMES:
        text = "Its sessions are at other times or dates, or too few.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_PLACES:
        format_places(timetable, request, entry, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_PERSON:
        text = "The person is elsewhere at the times of its sessions; end that first.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_CLOSED:
        text = "A session asked for is closed on all of its dates; lift the closure, or ask later.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED:
        text = "Nobody new is placed there for now; ask again when the suspension is lifted.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED:
        text = "It is a drop-in service: people come without a booking.";
        break;
    case DW__SEARCH_RULE__SEARCH_RULE_PRICE:
        format_price(request, miss, ret_text);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_VIABLE_HOURS:
        (void)text_format(ret_text, MISS_SENTENCE_SIZE, "It has %u minutes a week; %u are viable.",
                          miss->minutes, request->viable_minutes);
        return;
    case DW__SEARCH_RULE__SEARCH_RULE_UNSPECIFIED:
    case _DW__SEARCH_RULE_IS_INT_SIZE:
        break;
    }
    (void)text_format(ret_text, MISS_SENTENCE_SIZE, "%s", text);
}
