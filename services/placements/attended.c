/* When in a week a placement is, told with its start and its changes: referrals knows wanted parts of days, and no sessions. */
#include "services/placements/money.h"

#include "common/calendar.h"

/* Bits of calendar_parts, as the message names them. */
static const struct {
    unsigned bit;
    Dw__PartOfDay part;
} parts_of_day[] = {
    {CALENDAR_MORNING, DW__PART_OF_DAY__PART_OF_DAY_MORNING},
    {CALENDAR_AFTERNOON, DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON},
    {CALENDAR_EVENING, DW__PART_OF_DAY__PART_OF_DAY_EVENING},
};

/* By weekday, parts as bits; false: one of its sessions has not been heard of. */
static bool add_days(const struct state *state, const Dw__PlacementTerms *terms,
                     unsigned days[ATTENDED_DAYS + 1])
{
    for (size_t at = 0; at < terms->n_session_ids; at++) {
        const Dw__NotedSession *session = placements_session(state, &terms->session_ids[at]);
        if (session == NULL || session->weekday > ATTENDED_DAYS)
            return false;
        days[session->weekday] |= calendar_parts(session->start_minutes, session->end_minutes);
    }
    return true;
}

static void tell(const unsigned days[ATTENDED_DAYS + 1], struct attended *ret_attended)
{
    ret_attended->count = 0;
    for (uint32_t weekday = 1; weekday <= ATTENDED_DAYS; weekday++)
        for (size_t at = 0; at < sizeof parts_of_day / sizeof parts_of_day[0]; at++) {
            if ((days[weekday] & parts_of_day[at].bit) == 0)
                continue;
            Dw__AttendedPart *part = &ret_attended->parts[ret_attended->count];
            dw__attended_part__init(part);
            part->weekday = weekday;
            part->part = parts_of_day[at].part;
            ret_attended->list[ret_attended->count++] = part;
        }
}

void placements_tell_attended(const struct state *state, const Dw__PlacementTerms *terms,
                              struct attended *ret_attended)
{
    unsigned days[ATTENDED_DAYS + 1] = {0};
    ret_attended->count = 0;
    /* A part of the truth would leave somebody waiting for what they have. */
    if (add_days(state, terms, days))
        tell(days, ret_attended);
}

void placements_tell_never_had(const struct state *state, const Dw__Placement *placement,
                               int32_t from, struct attended *ret_attended)
{
    unsigned days[ATTENDED_DAYS + 1] = {0};
    for (size_t at = 0; placement->n_former > 0 && at <= placement->n_former; at++) {
        const struct stretch stretch = placements_stretch(placement, at);
        if (stretch.first >= from && stretch.first <= stretch.last)
            (void)add_days(state, stretch.terms, days);
    }
    tell(days, ret_attended);
}
