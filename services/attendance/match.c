/* See match.h. */
#include "services/attendance/match.h"

#include "common/calendar.h"
#include "common/text.h"

#include <string.h>

enum { SENTENCE_SIZE = 257, LISTED_MAX = 6 };

/* --- what a person is expected at ------------------------------------------------------------------------------- */

static const Dw__KnownSession *find_session(const struct state *state, const struct id *session_id,
                                            const struct match_news *news)
{
    if (news != NULL && news->session_id != NULL && id_equal(news->session_id, session_id))
        return news->session;
    return entities_get(state->entities, ATTENDANCE_KIND_SESSION, session_id, 0);
}

static void add_session(const struct state *state, const struct id *placement_id,
                        const Dw__Attender *attender, const Dw__AttenderSpan *span,
                        const struct match_news *news, struct expectations *expectations)
{
    struct expected *expected = &expectations->list[expectations->count++];
    *expected = (struct expected){.placement_id = *placement_id,
                                  .session_id = id_or_zero(&attender->session_ids[span->session]),
                                  .from = attender->from->days,
                                  .to = attender->to == NULL ? INT32_MAX : attender->to->days,
                                  .number = (uint8_t)span->session};
    if (span->from != NULL)
        expected->from = calendar_later(expected->from, span->from->days);
    if (span->to != NULL)
        expected->to = calendar_earlier(expected->to, span->to->days);
    const Dw__KnownSession *session = find_session(state, &expected->session_id, news);
    if (session == NULL)
        return;
    expected->known = true;
    expected->weekday = (uint8_t)session->weekday;
    expected->start_minutes = session->start_minutes;
    expected->end_minutes = session->end_minutes;
    expected->parts = (uint8_t)calendar_parts(session->start_minutes, session->end_minutes);
    expected->every_weeks = (uint8_t)session->every_weeks;
    if (session->from != NULL) {
        expected->begins = session->from->days;
        expected->from = calendar_later(expected->from, session->from->days);
    }
    if (session->to != NULL)
        expected->to = calendar_earlier(expected->to, session->to->days);
}

static size_t expectations_of(const Dw__Attender *attender)
{
    return attender->n_spans > 0 ? attender->n_spans : attender->n_session_ids;
}

static void add_placement(const struct state *state, const struct id *placement_id,
                          const Dw__Attender *attender, const struct match_news *news,
                          struct expectations *expectations)
{
    for (size_t at = 0; at < expectations_of(attender); at++) {
        Dw__AttenderSpan always = DW__ATTENDER_SPAN__INIT;
        always.session = (uint32_t)at;
        const Dw__AttenderSpan *span = attender->n_spans > 0 ? attender->spans[at] : &always;
        if (span->session < attender->n_session_ids)
            add_session(state, placement_id, attender, span, news, expectations);
    }
}

static const Dw__Attender *attender_of(const struct state *state, const struct id *placement_id)
{
    return entities_get(state->entities, ATTENDANCE_KIND_ATTENDER, placement_id, 0);
}

static bool is_at(const struct state *state, const struct id *placement_id,
                  const struct id *provider_id)
{
    const struct id own_id = id_or_zero(&attender_of(state, placement_id)->provider_id);
    return id_equal(&own_id, provider_id);
}

struct expectations match_person(const struct state *state, const struct id *provider_id,
                                 const struct id *person_id, const struct match_news *news,
                                 struct decision *decision)
{
    const struct id *const first = attendance_placements(state, person_id);
    const bool is_new = news != NULL && news->attender != NULL;
    struct expectations expectations = {0};
    size_t size = is_new ? expectations_of(news->attender) : 0;
    for (const struct id *id = first; id != NULL; id = attendance_next_placement(state, id))
        if (is_at(state, id, provider_id))
            size += expectations_of(attender_of(state, id));
    if (size == 0)
        return expectations;
    expectations.list = decision_alloc(decision, size * sizeof expectations.list[0]);
    if (is_new)
        add_placement(state, news->placement_id, news->attender, news, &expectations);
    for (const struct id *id = first; id != NULL; id = attendance_next_placement(state, id))
        if (is_at(state, id, provider_id) && (!is_new || !id_equal(id, news->placement_id)))
            add_placement(state, id, attender_of(state, id), news, &expectations);
    return expectations;
}

/* --- which of them a row names ---------------------------------------------------------------------------------- */

static bool covers_part(unsigned parts, Dw__SittingPart part)
{
    static const unsigned bits[] = {
        [DW__SITTING_PART__SITTING_PART_MORNING] = CALENDAR_MORNING,
        [DW__SITTING_PART__SITTING_PART_AFTERNOON] = CALENDAR_AFTERNOON,
        [DW__SITTING_PART__SITTING_PART_EVENING] = CALENDAR_EVENING,
        [DW__SITTING_PART__SITTING_PART_DAY] = CALENDAR_MORNING | CALENDAR_AFTERNOON,
    };
    return (parts & bits[part]) == bits[part];
}

static bool is_named(const struct expected *expected, const struct row *row)
{
    switch (row->wanted) {
    case DW__ROW_ENTRY__SESSION_SESSION_ID:
        return id_equal(&expected->session_id, &row->session_id);
    case DW__ROW_ENTRY__SESSION_PART:
        return covers_part(expected->parts, row->part);
    case DW__ROW_ENTRY__SESSION_START_MINUTES:
        return expected->start_minutes == row->start_minutes;
    case DW__ROW_ENTRY__SESSION__NOT_SET:
    case _DW__ROW_ENTRY__SESSION__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

static bool sits_on(const struct expected *expected, int32_t date)
{
    return calendar_weekday(date) == expected->weekday &&
           calendar_recurrence(date, expected->begins, expected->weekday, expected->every_weeks) ==
               date;
}

enum match match_row(const struct expectations *expectations, const struct row *row,
                     const struct expected **ret_expected)
{
    const struct expected *found = NULL;
    bool is_expected = false;
    bool is_unsure = false;
    bool is_several = false;
    for (size_t at = 0; at < expectations->count; at++) {
        const struct expected *expected = &expectations->list[at];
        if (row->date < expected->from || row->date > expected->to)
            continue;
        is_expected = true;
        is_unsure = is_unsure || !expected->known;
        if (!expected->known || !sits_on(expected, row->date) || !is_named(expected, row))
            continue;
        /* The same session twice: of two placements the one with the smaller id, whatever the order. */
        if (found == NULL || (id_equal(&found->session_id, &expected->session_id) &&
                              id_compare(&expected->placement_id, &found->placement_id) < 0))
            found = expected;
        else if (!id_equal(&found->session_id, &expected->session_id))
            is_several = true;
    }
    if (!is_expected || (is_unsure && found == NULL))
        return MATCH_WAIT;
    if (found == NULL)
        return MATCH_NONE;
    if (is_several)
        return MATCH_SEVERAL;
    *ret_expected = found;
    return MATCH_ONE;
}

/* --- why not ---------------------------------------------------------------------------------------------------- */

static int compare_times(const struct expected *left, const struct expected *right)
{
    if (left->weekday != right->weekday)
        return left->weekday - right->weekday;
    return (left->start_minutes > right->start_minutes) -
           (left->start_minutes < right->start_minutes);
}

/* The next session of that date's placements behind the last one told, by weekday and time; NULL: none. */
static const struct expected *next_told(const struct expectations *expectations, int32_t date,
                                        const struct expected *last)
{
    const struct expected *next = NULL;
    for (size_t at = 0; at < expectations->count; at++) {
        const struct expected *expected = &expectations->list[at];
        if (date >= expected->from && date <= expected->to &&
            (last == NULL || compare_times(expected, last) > 0) &&
            (next == NULL || compare_times(expected, next) < 0))
            next = expected;
    }
    return next;
}

/* " every 2 weeks, next on 2026-12-08" */
static void tell_rhythm(const struct expected *expected, int32_t date, char *text)
{
    char next[CALENDAR_TEXT_SIZE];
    calendar_to_text(
        calendar_recurrence(date, expected->begins, expected->weekday, expected->every_weeks),
        next);
    (void)text_add(text, SENTENCE_SIZE, " every %u weeks, next on %s", expected->every_weeks, next);
}

static const char *tell_expected(const struct expectations *expectations, int32_t date,
                                 struct decision *decision)
{
    static const char *const weekdays[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                           "Thursday", "Friday", "Saturday", "Sunday"};
    char *text = decision_alloc(decision, SENTENCE_SIZE);
    const struct expected *expected = NULL;
    (void)text_format(text, SENTENCE_SIZE, "The person is not expected then, but on");
    for (int told = 0; told < LISTED_MAX; told++) {
        expected = next_told(expectations, date, expected);
        if (expected == NULL)
            break;
        (void)text_add(text, SENTENCE_SIZE, "%s %s %02u:%02u to %02u:%02u", told == 0 ? "" : ",",
                       weekdays[expected->weekday % 8], expected->start_minutes / 60,
                       expected->start_minutes % 60, expected->end_minutes / 60,
                       expected->end_minutes % 60);
        if (expected->every_weeks > 1)
            tell_rhythm(expected, date, text);
    }
    (void)text_add(text, SENTENCE_SIZE, ".");
    return text;
}

static const char *tell_wanted(const struct row *row, struct decision *decision)
{
    static const char *const parts[] = {
        [DW__SITTING_PART__SITTING_PART_UNSPECIFIED] = "",
        [DW__SITTING_PART__SITTING_PART_MORNING] = "morning",
        [DW__SITTING_PART__SITTING_PART_AFTERNOON] = "afternoon",
        [DW__SITTING_PART__SITTING_PART_EVENING] = "evening",
        [DW__SITTING_PART__SITTING_PART_DAY] = "day",
    };
    char *text = decision_alloc(decision, ID_TEXT_SIZE);
    if (row->wanted == DW__ROW_ENTRY__SESSION_PART)
        return parts[row->part];
    if (row->wanted == DW__ROW_ENTRY__SESSION_SESSION_ID)
        id_to_text(&row->session_id, text);
    else
        (void)text_format(text, ID_TEXT_SIZE, "%02u:%02u", row->start_minutes / 60 % 24,
                          row->start_minutes % 60);
    return text;
}

Dw__RowFault *match_fault(const struct expectations *expectations, const struct row *row,
                          enum match match, struct decision *decision)
{
    Dw__RowFault *fault;
    if (match == MATCH_SEVERAL)
        fault = rows_impossible(decision, "session",
                                "The person has more than one such session that day.",
                                "Name the session by the time it starts, for example 10:00.");
    else if (row->wanted == DW__ROW_ENTRY__SESSION_PART &&
             row->part == DW__SITTING_PART__SITTING_PART_DAY)
        fault =
            rows_impossible(decision, "session", tell_expected(expectations, row->date, decision),
                            "No one session is the whole day: write a row for each session.");
    else
        fault =
            rows_impossible(decision, "session", tell_expected(expectations, row->date, decision),
                            "Correct the date or the session.");
    fault->value = (char *)(uintptr_t)tell_wanted(row, decision);
    return fault;
}
