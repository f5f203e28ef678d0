/* Decisions about milestones: what they must say, and for how long work and volunteering were sustained. */
#include "services/outcomes/state.h"

enum { WEEKLY_MINUTES_MAX = 7 * 24 * 60, DAYS_A_WEEK = 7 };

static const uint32_t sustained_weeks[] = {13, 26};
enum { SUSTAINED_COUNT = sizeof sustained_weeks / sizeof sustained_weeks[0] };

static bool lasts(Dw__MilestoneKind kind)
{
    return kind == DW__MILESTONE_KIND__MILESTONE_KIND_VOLUNTEERING ||
           kind == DW__MILESTONE_KIND__MILESTONE_KIND_PAID_WORK;
}

/* The day on which so many weeks have passed. */
static int32_t day_after(const Dw__Milestone *milestone, uint32_t weeks)
{
    return milestone->date->days + DAYS_A_WEEK * (int32_t)weeks;
}

int32_t outcomes_sustained_on(const struct state *state, const Dw__MilestoneRecord *record,
                              uint32_t *ret_weeks)
{
    const Dw__Milestone *milestone = record->milestone;
    const Dw__Date *death = outcomes_death(state, &milestone->subject->person_id);
    for (size_t at = 0; at < SUSTAINED_COUNT && lasts(milestone->kind); at++) {
        if (sustained_weeks[at] <= record->sustained_weeks)
            continue;
        const int32_t day = day_after(milestone, sustained_weeks[at]);
        if ((milestone->ended != NULL && milestone->ended->days < day) ||
            (death != NULL && death->days < day))
            break;
        *ret_weeks = sustained_weeks[at];
        return day;
    }
    return INT32_MAX;
}

/* --- recording -------------------------------------------------------------------------------------------------- */

static void check_milestone_form(const Dw__Milestone *milestone, struct decision *decision)
{
    struct id id;
    if (milestone == NULL || !id_from_data(&milestone->milestone_id, &id))
        decision_invalid(decision, "milestone.milestone_id", "it must be said, and it is not");
    else if (milestone->subject == NULL || !id_from_data(&milestone->subject->person_id, &id))
        decision_invalid(decision, "milestone.subject.person_id", "it must be said, and it is not");
    else if (milestone->weekly_minutes > WEEKLY_MINUTES_MAX)
        decision_invalid(decision, "milestone.weekly_minutes", "a week has %d", WEEKLY_MINUTES_MAX);
    else if (milestone->weekly_minutes > 0 && !lasts(milestone->kind))
        decision_invalid(decision, "milestone.weekly_minutes",
                         "they are said of work and volunteering only");
    else if (milestone->weekly_minutes == 0 &&
             milestone->kind == DW__MILESTONE_KIND__MILESTONE_KIND_PAID_WORK)
        decision_invalid(decision, "milestone.weekly_minutes", "paid work says them");
}

static void check_ended(const Dw__Milestone *milestone, const Dw__Date *ended,
                        const struct context *ctx, struct decision *decision)
{
    outcomes_check_date(ended, "ended", ctx, decision);
    if (!decision_is_no(decision) && ended->days < milestone->date->days)
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_DATE_OUTSIDE,
                        "It cannot have ended before it began.");
}

OUTCOMES_DECIDE(milestone)
{
    const Dw__RecordMilestone *record = (const Dw__RecordMilestone *)command;
    const Dw__Milestone *told = record->milestone;
    check_milestone_form(told, decision);
    if (!decision_is_no(decision))
        outcomes_check_date(told->date, "milestone.date", ctx, decision);
    if (!decision_is_no(decision) && told->ended != NULL)
        check_ended(told, told->ended, ctx, decision);
    if (!decision_is_no(decision))
        outcomes_check_subject(state, told->subject, told->date->days, ctx, decision);
    if (decision_is_no(decision))
        return;
    if (outcomes_milestone(state, &told->milestone_id) != NULL) {
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_ALREADY_EXISTS,
                        "This milestone id is used already; take a fresh one.");
        return;
    }
    Dw__Milestone milestone = *told;
    struct id text_id;
    outcomes_keep_text(record->text, ctx, decision, &text_id, &milestone.text_id);
    Dw__MilestoneRecorded recorded = DW__MILESTONE_RECORDED__INIT;
    recorded.milestone = &milestone;
    decision_emit(decision, &recorded.base);
}

/* --- ending ----------------------------------------------------------------------------------------------------- */

OUTCOMES_DECIDE(end_milestone)
{
    const Dw__EndMilestone *end = (const Dw__EndMilestone *)command;
    const Dw__MilestoneRecord *record = outcomes_milestone(state, &end->milestone_id);
    if (record == NULL) {
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_MILESTONE_UNKNOWN,
                        "There is no milestone with this id; record it first.");
        return;
    }
    if (outcomes_is_anothers(record->milestone->subject, ctx)) {
        decision_refuse(decision, DW__OUTCOMES_REFUSAL__OUTCOMES_REFUSAL_NOT_YOURS,
                        "The milestone belongs to another provider's support.");
        return;
    }
    check_ended(record->milestone, end->ended, ctx, decision);
    if (decision_is_no(decision) ||
        (record->milestone->ended != NULL && record->milestone->ended->days == end->ended->days))
        return;
    Dw__Milestone milestone = *record->milestone;
    milestone.ended = end->ended;
    Dw__MilestoneEnded ended = DW__MILESTONE_ENDED__INIT;
    ended.milestone = &milestone;
    ended.sustained_weeks_before = record->sustained_weeks;
    for (size_t at = 0; at < SUSTAINED_COUNT; at++)
        if (sustained_weeks[at] <= record->sustained_weeks &&
            day_after(&milestone, sustained_weeks[at]) <= end->ended->days)
            ended.sustained_weeks = sustained_weeks[at];
    decision_emit(decision, &ended.base);
}

/* --- what time makes of it -------------------------------------------------------------------------------------- */

OUTCOMES_DECIDE(check_milestone)
{
    const Dw__CheckMilestone *check = (const Dw__CheckMilestone *)command;
    const Dw__MilestoneRecord *before = outcomes_milestone(state, &check->milestone_id);
    if (before == NULL)
        return;
    Dw__MilestoneRecord record = *before;
    uint32_t weeks = 0;
    while (outcomes_sustained_on(state, &record, &weeks) <= ctx->today) {
        Dw__MilestoneSustained sustained = DW__MILESTONE_SUSTAINED__INIT;
        sustained.milestone = record.milestone;
        sustained.weeks = record.sustained_weeks = weeks;
        decision_emit(decision, &sustained.base);
    }
}
