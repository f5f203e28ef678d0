/* What support that starts, or changes, means for the lines it was asked for: the wanted parts of days it has are met, and the rest
 * of a line stays on the waiting list as a line of its own. */
#include "services/referrals/state.h"

enum { DAYS_A_WEEK = 7, PARTS_A_DAY = 3 };

_Static_assert((int)DW__LINE_PART__LINE_PART_MORNING + 1 ==
                       (int)DW__PART_OF_DAY__PART_OF_DAY_MORNING &&
                   (int)DW__LINE_PART__LINE_PART_EVENING + 1 ==
                       (int)DW__PART_OF_DAY__PART_OF_DAY_EVENING,
               "parts that are wanted and parts that are attended go in one order");

/* Parts of a week as bits: three a day. part: a Dw__LinePart. What is no such part is no bit. */
static uint32_t bit_of(uint32_t weekday, int part)
{
    return weekday < 1 || weekday > DAYS_A_WEEK || part < 1 || part > PARTS_A_DAY
               ? 0
               : UINT32_C(1) << ((weekday - 1) * PARTS_A_DAY + (uint32_t)part - 1);
}

static uint32_t day_of(uint32_t weekday)
{
    return bit_of(weekday, DW__LINE_PART__LINE_PART_MORNING) * ((1U << PARTS_A_DAY) - 1);
}

static uint32_t wanted_parts(const Dw__ReferralLine *line)
{
    uint32_t parts = 0;
    for (size_t at = 0; at < line->n_sessions; at++)
        parts |= bit_of(line->sessions[at]->weekday, (int)line->sessions[at]->part);
    return parts;
}

uint32_t referrals_attended_parts(Dw__AttendedPart *const *parts, size_t count)
{
    uint32_t bits = 0;
    for (size_t at = 0; at < count; at++)
        bits |= bit_of(parts[at]->weekday, (int)parts[at]->part - 1);
    return bits;
}

/* As many of the parts, the earliest, as others are. */
static uint32_t as_many_as(uint32_t others, uint32_t parts)
{
    uint32_t earliest = 0;
    for (; others != 0 && parts != 0; others &= others - 1) {
        earliest |= parts & -parts;
        parts &= parts - 1;
    }
    return earliest;
}

/* The first wanted day of which nothing is had. 0: none. */
static uint32_t missing_day(uint32_t left, uint32_t attended)
{
    for (uint32_t day = 1; day <= DAYS_A_WEEK; day++)
        if ((left & day_of(day)) != 0 && (attended & day_of(day)) == 0)
            return day_of(day);
    return 0;
}

/* Parts that stay wanted when support starts at those times. What nobody wanted was agreed with the person instead, part for part: other
 * parts of a wanted day, or another day instead of the first wanted one of which nothing is had. */
static uint32_t left_at_start(uint32_t wanted, uint32_t attended)
{
    uint32_t left = attended == 0 ? 0 : wanted & ~attended;
    for (uint32_t day = 1; day <= DAYS_A_WEEK; day++) {
        const uint32_t had = attended & day_of(day);
        if (had == 0 || (had & wanted) != 0)
            continue;
        const uint32_t instead =
            (wanted & day_of(day)) != 0 ? day_of(day) : missing_day(left, attended);
        left &= ~as_many_as(had, left & instead);
    }
    return left;
}

/* --- the lines, one after the other ------------------------------------------------------------------------------ */

struct course referrals_course(const Dw__Referral *referral)
{
    struct course course = {.referral = referral, .count = referral->n_lines};
    for (uint32_t number = 1; number <= referral->n_lines; number++)
        course.states[number - 1] = referrals_line_state(referral, number);
    return course;
}

Dw__ReferralStanding referrals_course_move(struct course *course, uint32_t number,
                                           enum line_event event)
{
    course->states[number - 1] = line_next(course->states[number - 1], event);
    return referrals_standing(course->states, course->count);
}

bool referrals_is_of_line(const Dw__Referral *referral, uint32_t named, uint32_t number)
{
    while (number > named)
        number = referral->lines[number - 1]->rest_of;
    return number == named;
}

static bool can_be_placed(const struct course *course, uint32_t number)
{
    return line_next(course->states[number - 1], LINE_EVENT_PLACE) != LINE_UNSPECIFIED;
}

/* --- placing ------------------------------------------------------------------------------------------------------ */

struct meeting {
    struct course course;
    const struct state *state;
    const ProtobufCBinaryData *placement_id;
    uint32_t named;    /* the line that the terms name */
    uint32_t attended; /* parts of a week */
    bool any_placed;
};

static bool is_own(const struct meeting *meeting, uint32_t number)
{
    return id_data_equal(&meeting->course.referral->lines[number - 1]->placement_id,
                         meeting->placement_id);
}

/* What is left goes on as the line did, but for the placement that has started; then it is looked for anew. */
static void add_rest(struct meeting *meeting, uint32_t number)
{
    struct course *course = &meeting->course;
    const enum line_state state = course->states[number - 1];
    course->states[course->count++] = state == LINE_MATCHING && is_own(meeting, number)
                                          ? line_next(state, LINE_EVENT_WAIT)
                                          : state;
}

static void wait_again(const struct state *state, struct course *course, uint32_t number,
                       const ProtobufCBinaryData *placement_id, bool never_had,
                       struct decision *decision)
{
    Dw__ReferralStanding after = referrals_course_move(course, number, LINE_EVENT_WAIT);
    Dw__ReferralLineWaits waits = DW__REFERRAL_LINE_WAITS__INIT;
    REFERRALS_SAY(&waits, state, course->referral);
    waits.line_number = number;
    waits.placement_id = *placement_id;
    waits.reason = DW__WAITING_REASON__WAITING_REASON_NO_PLACE_ON_DAYS;
    waits.never_had = never_had;
    waits.after = &after;
    decision_emit(decision, &waits.base);
}

void referrals_hand_on(const struct state *state, struct course *course, uint32_t number,
                       const Dw__LineRecord *record, const ProtobufCBinaryData *placement_id,
                       struct decision *decision)
{
    for (size_t at = 0; at < record->n_others; at++) {
        const Dw__LineProposal *other = record->others[at];
        if (other->started || id_data_equal(&other->placement_id, placement_id))
            continue;
        Dw__ReferralStanding after = referrals_course_move(course, number, LINE_EVENT_MATCH);
        Dw__ReferralLineMatching matching = DW__REFERRAL_LINE_MATCHING__INIT;
        REFERRALS_SAY(&matching, state, course->referral);
        matching.line_number = number;
        matching.placement_id = other->placement_id;
        matching.reason = other->reason;
        matching.after = &after;
        decision_emit(decision, &matching.base);
        return;
    }
}

/* A referral that is full takes no line for the rest: the line stays wanted whole, and is looked for anew where it was with the
 * placement that has started. */
static void leave_whole(struct meeting *meeting, uint32_t number, struct decision *decision)
{
    struct course *course = &meeting->course;
    if (course->states[number - 1] != LINE_MATCHING || !is_own(meeting, number))
        return;
    wait_again(meeting->state, course, number, meeting->placement_id, false, decision);
    referrals_hand_on(meeting->state, course, number, course->referral->lines[number - 1],
                      meeting->placement_id, decision);
}

static void place(struct meeting *meeting, uint32_t number, uint32_t left,
                  struct decision *decision)
{
    struct course *course = &meeting->course;
    const Dw__Referral *referral = course->referral;
    const Dw__ReferralLine *line = referral->lines[number - 1]->line;
    Dw__LineSession *rest[LINE_SESSIONS_MAX];
    Dw__ReferralLinePlaced placed = DW__REFERRAL_LINE_PLACED__INIT;
    placed.rest = rest;
    for (size_t at = 0; at < line->n_sessions; at++)
        if ((bit_of(line->sessions[at]->weekday, (int)line->sessions[at]->part) & left) != 0)
            rest[placed.n_rest++] = line->sessions[at];
    if (placed.n_rest > 0 && course->count == REFERRAL_LINES_MAX) {
        leave_whole(meeting, number, decision);
        return;
    }
    const bool is_with_it = course->states[number - 1] == LINE_MATCHING && is_own(meeting, number);
    if (placed.n_rest > 0)
        add_rest(meeting, number);
    Dw__ReferralStanding after = referrals_course_move(course, number, LINE_EVENT_PLACE);
    REFERRALS_SAY(&placed, meeting->state, referral);
    placed.line_number = number;
    placed.placement_id = *meeting->placement_id;
    placed.after = &after;
    decision_emit(decision, &placed.base);
    if (placed.n_rest > 0 && is_with_it)
        referrals_hand_on(meeting->state, course, (uint32_t)course->count,
                          referral->lines[number - 1], meeting->placement_id, decision);
    meeting->any_placed = true;
}

/* The line a start is for: one that wants a part of what it has, the one it was proposed for before others, else that one, else any. 0: none
 * can be placed. */
static uint32_t first_line(const struct meeting *meeting)
{
    const Dw__Referral *referral = meeting->course.referral;
    uint32_t best = 0;
    int best_claim = 0;
    for (uint32_t number = meeting->named; number <= referral->n_lines; number++) {
        if (!referrals_is_of_line(referral, meeting->named, number) ||
            !can_be_placed(&meeting->course, number))
            continue;
        const bool wants =
            (wanted_parts(referral->lines[number - 1]->line) & meeting->attended) != 0;
        const int claim = 1 + (is_own(meeting, number) ? 1 : 0) + (wants ? 2 : 0);
        if (claim > best_claim) {
            best_claim = claim;
            best = number;
        }
    }
    return best;
}

void referrals_put_back(const struct state *state, struct course *course, uint32_t named,
                        const ProtobufCBinaryData *placement_id, uint32_t attended,
                        uint32_t never_had, struct decision *decision)
{
    const Dw__Referral *referral = course->referral;
    for (uint32_t number = named; number <= referral->n_lines; number++) {
        const uint32_t wanted = wanted_parts(referral->lines[number - 1]->line);
        /* What is no rest was met by the start, by other days perhaps. */
        if (course->states[number - 1] != LINE_PLACED ||
            referral->lines[number - 1]->rest_of == 0 ||
            !id_data_equal(&referral->lines[number - 1]->placement_id, placement_id) ||
            !referrals_is_of_line(referral, named, number) || (wanted & never_had & ~attended) == 0)
            continue;
        wait_again(state, course, number, placement_id, true, decision);
        referrals_hand_on(state, course, number, referral->lines[number - 1], placement_id,
                          decision);
    }
}

/* What else waits of the line that the terms name, but for that one of it. */
static uint32_t wanted_beside(const struct meeting *meeting, uint32_t but)
{
    const Dw__Referral *referral = meeting->course.referral;
    uint32_t wanted = 0;
    for (uint32_t number = meeting->named; number <= referral->n_lines; number++)
        if (number != but && referrals_is_of_line(referral, meeting->named, number) &&
            can_be_placed(&meeting->course, number))
            wanted |= wanted_parts(referral->lines[number - 1]->line);
    return wanted;
}

/* Nothing is agreed instead of a wanted day on a day that another line wants. */
static void place_first(struct meeting *meeting, uint32_t first, struct decision *decision)
{
    const uint32_t wanted = wanted_parts(meeting->course.referral->lines[first - 1]->line);
    const uint32_t others = wanted_beside(meeting, first) & ~wanted;
    place(meeting, first,
          meeting->attended == 0 ? 0 : left_at_start(wanted, meeting->attended & ~others),
          decision);
}

/* What the placement was proposed for and has nothing of is looked for anew. */
static void leave_rest(struct meeting *meeting, struct decision *decision)
{
    const Dw__Referral *referral = meeting->course.referral;
    for (uint32_t number = meeting->named; number <= referral->n_lines; number++)
        if (referrals_is_of_line(referral, meeting->named, number))
            leave_whole(meeting, number, decision);
}

static bool has_line(const struct meeting *meeting)
{
    for (uint32_t number = 1; number <= meeting->course.referral->n_lines; number++)
        if (meeting->course.states[number - 1] == LINE_PLACED && is_own(meeting, number) &&
            referrals_is_of_line(meeting->course.referral, meeting->named, number))
            return true;
    return false;
}

void referrals_meet(const struct state *state, const Dw__Referral *referral, uint32_t named,
                    const ProtobufCBinaryData *placement_id, uint32_t attended, uint32_t never_had,
                    bool starts, struct decision *decision)
{
    struct meeting meeting = {.course = referrals_course(referral),
                              .state = state,
                              .placement_id = placement_id,
                              .named = named,
                              .attended = attended};
    bool is_placed = has_line(&meeting);
    referrals_put_back(state, &meeting.course, named, placement_id, attended, never_had, decision);
    if (!is_placed && starts) {
        const uint32_t first = first_line(&meeting);
        is_placed = first > 0;
        if (is_placed)
            place_first(&meeting, first, decision);
    }
    for (uint32_t number = named; is_placed && number <= referral->n_lines; number++) {
        const uint32_t wanted = wanted_parts(referral->lines[number - 1]->line);
        if (referrals_is_of_line(referral, named, number) &&
            can_be_placed(&meeting.course, number) && (wanted & attended) != 0)
            place(&meeting, number, wanted & ~attended, decision);
    }
    if (starts)
        leave_rest(&meeting, decision);
    if (!meeting.any_placed ||
        referrals_standing(meeting.course.states, meeting.course.count).lines_waiting > 0)
        return;
    Dw__ReferralPlaced placed = DW__REFERRAL_PLACED__INIT;
    REFERRALS_SAY(&placed, state, referral);
    decision_emit(decision, &placed.base);
}
