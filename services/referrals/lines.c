/* Where lines of a referral stand, and what the referral then is: it has no state of its own. */
#include "services/referrals/state.h"

#define STATE(name, words)                                                                         \
    _Static_assert((int)LINE_##name == (int)DW__LINE_STATE__LINE_STATE_##name,                     \
                   "the rows stand in the order of the message's enum");
#include "services/referrals/moves.def"

/* One number for a pair, so that two rows for the same pair are two equal cases, which do not compile. */
#define CELL(state, event) ((int)(state)*LINE_EVENTS + (int)(event))

enum line_state line_next(enum line_state state, enum line_event event)
{
    switch (CELL(state, event)) {
#define MOVE(from, event, to)                                                                      \
    case CELL(LINE_##from, LINE_EVENT_##event):                                                    \
        return LINE_##to;
#include "services/referrals/moves.def"
    }
    return LINE_UNSPECIFIED;
}

const char *line_state_words(enum line_state state)
{
    static const char *const words_of[LINE_STATES] = {
#define STATE(name, words) [LINE_##name] = words,
#include "services/referrals/moves.def"
    };
    return words_of[state];
}

/* What was stored before lines had states stands where its referral does; a line was then placed, or it waited. */
static enum line_state state_before_states(const Dw__Referral *referral, const Dw__LineRecord *line)
{
    static const enum line_state states[] = {
        [DW__REFERRAL_STATE__REFERRAL_STATE_DRAFT] = LINE_DRAFT,
        [DW__REFERRAL_STATE__REFERRAL_STATE_SUBMITTED] = LINE_SUBMITTED,
        [DW__REFERRAL_STATE__REFERRAL_STATE_ACCEPTED] = LINE_ACCEPTED,
        [DW__REFERRAL_STATE__REFERRAL_STATE_PARTLY_PLACED] = LINE_ACCEPTED,
        [DW__REFERRAL_STATE__REFERRAL_STATE_PLACED] = LINE_PLACED,
        [DW__REFERRAL_STATE__REFERRAL_STATE_CLOSED] = LINE_CLOSED,
        [DW__REFERRAL_STATE__REFERRAL_STATE_WITHDRAWN] = LINE_WITHDRAWN,
    };
    if (referral->state == DW__REFERRAL_STATE__REFERRAL_STATE_PARTLY_PLACED &&
        line->placement_id.len > 0)
        return LINE_PLACED;
    return (size_t)referral->state < sizeof states / sizeof states[0] ? states[referral->state]
                                                                      : LINE_UNSPECIFIED;
}

enum line_state referrals_line_state(const Dw__Referral *referral, uint32_t number)
{
    if (number < 1 || number > referral->n_lines)
        return LINE_UNSPECIFIED;
    const Dw__LineRecord *line = referral->lines[number - 1];
    return line->state == DW__LINE_STATE__LINE_STATE_UNSPECIFIED
               ? state_before_states(referral, line)
               : (enum line_state)line->state;
}

/* Support can start for it, and has not. */
static bool state_waits(enum line_state state)
{
    return line_next(state, LINE_EVENT_PLACE) != LINE_UNSPECIFIED;
}

bool referrals_line_waits(const Dw__Referral *referral, uint32_t number)
{
    return state_waits(referrals_line_state(referral, number));
}

bool referrals_line_can(const Dw__Referral *referral, uint32_t number, enum line_event event)
{
    return line_next(referrals_line_state(referral, number), event) != LINE_UNSPECIFIED;
}

bool referrals_any_can(const Dw__Referral *referral, enum line_event event)
{
    for (uint32_t number = 1; number <= referral->n_lines; number++)
        if (referrals_line_can(referral, number, event))
            return true;
    return false;
}

/* The first of these that any line is in; what has support or waits goes before what is over. */
static Dw__ReferralState most_telling(const uint32_t *counts)
{
    static const struct {
        enum line_state line;
        Dw__ReferralState referral;
    } rows[] = {
#define ROW(name) {LINE_##name, DW__REFERRAL_STATE__REFERRAL_STATE_##name}
        ROW(MATCHING), ROW(ACCEPTED), ROW(SUBMITTED), ROW(ON_HOLD),      ROW(DRAFT),
        ROW(PLACED),   ROW(CLOSED),   ROW(WITHDRAWN), ROW(NOT_ELIGIBLE),
#undef ROW
    };
    for (size_t at = 0; at < sizeof rows / sizeof rows[0]; at++)
        if (counts[rows[at].line] > 0)
            return rows[at].referral;
    return DW__REFERRAL_STATE__REFERRAL_STATE_UNSPECIFIED;
}

Dw__ReferralStanding referrals_standing(const enum line_state *states, size_t count)
{
    Dw__ReferralStanding standing = DW__REFERRAL_STANDING__INIT;
    uint32_t counts[LINE_STATES] = {0};
    for (size_t at = 0; at < count; at++) {
        counts[states[at]]++;
        standing.lines_waiting += state_waits(states[at]);
    }
    standing.lines_placed = counts[LINE_PLACED];
    standing.state = standing.lines_placed > 0 && standing.lines_waiting > 0
                         ? DW__REFERRAL_STATE__REFERRAL_STATE_PARTLY_PLACED
                         : most_telling(counts);
    return standing;
}

bool referrals_pick(const Dw__Referral *referral, uint32_t number, enum line_event event,
                    struct picked *ret_picked)
{
    enum line_state states[REFERRAL_LINES_MAX];
    struct picked picked = {.count = 0};
    for (uint32_t each = 1; each <= referral->n_lines; each++) {
        enum line_state *state = &states[each - 1];
        *state = referrals_line_state(referral, each);
        if ((number != 0 && number != each) || line_next(*state, event) == LINE_UNSPECIFIED)
            continue;
        *state = line_next(*state, event);
        picked.numbers[picked.count++] = each;
    }
    if (picked.count == 0)
        return false;
    picked.after = referrals_standing(states, referral->n_lines);
    *ret_picked = picked;
    return true;
}
