/* Everything that is neither about who gets a place nor about who is referred: registers, goals, questions. */
#include "tests/sim/folk.h"

#include <string.h>

enum {
    WORKER = DW__ROLE__ROLE_SOCIAL_WORKER,
    BROKER = DW__ROLE__ROLE_BROKER,
    ROWS = 6,
    ROWS_MANY = 80,
    MILESTONE_KINDS = DW__MILESTONE_KIND__MILESTONE_KIND_JOINED_COMMUNITY,
};

/* A row and what it points to. */
struct folk_row {
    Dw__RowEntry entry;
    char ref[ID_TEXT_SIZE];
    struct id session_id;
};

/* --- registers ------------------------------------------------------------------------------------------------------ */

/* The last date up to today on which the session sits. */
static int32_t last_sitting(const struct sim *sim, uint32_t session)
{
    const uint32_t weekday = 1 + session % FOLK_WEEKDAYS;
    int32_t date = sim->folk->today;
    while ((uint32_t)((date + 3) % 7) + 1 != weekday) /* day 0 was a Thursday */
        date--;
    return date;
}

/* Which of the day's sittings a row means; mostly one that there is, by its id, its time or its part of the day. */
static void name_session(struct sim *sim, uint32_t session, struct id *ret_id, Dw__RowEntry *entry)
{
    *ret_id = folk_id('t', session);
    switch (sim_roll(sim, 4)) {
    case 0:
        entry->session_case = DW__ROW_ENTRY__SESSION_START_MINUTES;
        entry->start_minutes = folk_starts(session);
        break;
    case 1:
        entry->session_case = DW__ROW_ENTRY__SESSION_PART;
        entry->part = (Dw__SittingPart)(1 + sim_roll(sim, 4));
        break;
    default:
        entry->session_case = DW__ROW_ENTRY__SESSION_SESSION_ID;
        entry->session_id = id_to_data(ret_id);
        break;
    }
}

/* A row about somebody who has a place, or about anybody. */
static void fill_row(struct sim *sim, struct folk_row *row)
{
    const struct folk *folk = sim->folk;
    const uint32_t kept = folk->attended_count < FOLK_KEPT ? folk->attended_count : FOLK_KEPT;
    struct folk_attended about = {.person = sim_roll(sim, FOLK_PEOPLE),
                                  .session = sim_roll(sim, FOLK_WEEKDAYS)};
    if (kept > 0 && sim_roll(sim, 4) != 0)
        about = folk->attended[sim_roll(sim, kept)];
    const struct id person_id = folk_id('n', about.person);
    dw__row_entry__init(&row->entry);
    if (sim_roll(sim, 2) == 0)
        folk_council_id(about.person, row->ref);
    else
        id_to_text(&person_id, row->ref);
    row->entry.person_ref = row->ref;
    row->entry.date_days = sim_roll(sim, 8) == 0 ? folk->today - (int32_t)sim_roll(sim, 12)
                                                 : last_sitting(sim, about.session);
    name_session(sim, about.session, &row->session_id, &row->entry);
    row->entry.status = (Dw__AttendanceStatus)(1 + sim_roll(sim, 9));
    if (sim_roll(sim, 3) != 0)
        return;
    row->entry.status =
        (Dw__AttendanceStatus)(1 + sim_roll(sim, 3)); /* who was there came and went */
    row->entry.arrival_case = DW__ROW_ENTRY__ARRIVAL_ARRIVED_MINUTES;
    row->entry.arrived_minutes = folk_starts(about.session) + sim_roll(sim, 30);
    row->entry.departure_case = DW__ROW_ENTRY__DEPARTURE_LEFT_MINUTES;
    row->entry.left_minutes = row->entry.arrived_minutes + sim_roll(sim, 120);
    /* What belongs to one row says so, see check_marks.c. */
    row->entry.units_e2 =
        4 * (row->entry.left_minutes - row->entry.arrived_minutes) + (uint32_t)row->entry.status;
}

static void send_rows(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const struct id feed_id = folk_id('f', actor->number);
    struct folk_row made[ROWS_MANY];
    Dw__RowEntry *rows[ROWS_MANY];
    Dw__FeedRows command = DW__FEED_ROWS__INIT;
    const uint32_t count = 1 + sim_roll(sim, sim_roll(sim, 10) == 0 ? ROWS_MANY : ROWS);
    for (uint32_t at = 0; at < count; at++) {
        fill_row(sim, &made[at]);
        made[at].entry.row_number = actor->part * 100 + at + 1;
        rows[at] = &made[at].entry;
    }
    Dw__RowFault fault = DW__ROW_FAULT__INIT;
    Dw__RowFault *faults[] = {&fault};
    fault.row_number = actor->part * 100 + count + 1;
    fault.column = (char *)(uintptr_t) "session_date";
    fault.value = (char *)(uintptr_t) "yesterday";
    fault.code = DW__ROW_FAULT_CODE__ROW_FAULT_CODE_TYPE_ERROR;
    fault.reason = fault.mend = (char *)(uintptr_t) "It is no date.";
    command.n_faults = sim_roll(sim, 4) == 0;
    command.faults = faults;
    command.feed_id = id_to_data(&feed_id);
    command.part = actor->part;
    command.n_rows = count;
    command.rows = rows;
    (void)folk_send(sim, number, SIM_ATTENDANCE, DW__ROLE__ROLE_REGISTER_TAKER, &command.base,
                    true);
}

/* Opens a feed of up to three parts, sends them, closes it, and reads the receipt and the register. */
void folk_register(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    /* Now and then a part is sent once more, as another command. */
    if (actor->step % 7 > 1 && sim_roll(sim, 5) == 0)
        actor->step--;
    const uint32_t step = actor->step++ % 7;
    if (step == 0) {
        actor->number = sim->folk->next_number++;
        actor->part = 0;
    }
    const struct id feed_id = folk_id('f', actor->number);
    const struct id provider_id = folk_id('p', 0);
    uint8_t hash[32] = {0};
    memcpy(hash, feed_id.bytes, sizeof feed_id.bytes);
    Dw__Date date = DW__DATE__INIT;
    Dw__OpenFeed open = DW__OPEN_FEED__INIT;
    Dw__CloseFeed close = DW__CLOSE_FEED__INIT;
    Dw__FeedReceipt receipt = DW__FEED_RECEIPT__INIT;
    Dw__GetRegister shown = DW__GET_REGISTER__INIT;
    open.feed_id = close.feed_id = receipt.feed_id = id_to_data(&feed_id);
    open.provider_id = shown.provider_id = id_to_data(&provider_id);
    open.content_hash = (ProtobufCBinaryData){sizeof hash, hash};
    open.file_reference = (char *)(uintptr_t) "week.csv";
    open.dialect = DW__FEED_DIALECT__FEED_DIALECT_DAYWAYS;
    open.mode =
        actor->number % 5 == 4 ? DW__FEED_MODE__FEED_MODE_PREVIEW : DW__FEED_MODE__FEED_MODE_COMMIT;
    open.parts_total = 3;
    date.days = sim->folk->today;
    shown.date = &date;
    const int role = DW__ROLE__ROLE_REGISTER_TAKER;
    if (step == 0) {
        (void)folk_send(sim, number, SIM_ATTENDANCE, role, &open.base, true);
    } else if (step < 4) {
        actor->part = step;
        send_rows(sim, number);
    } else if (step == 4) {
        (void)folk_send(sim, number, SIM_ATTENDANCE, role, &close.base, true);
    } else if (step == 5) {
        (void)folk_send(sim, number, SIM_ATTENDANCE, role, &receipt.base, false);
    } else {
        (void)folk_send(sim, number, SIM_ATTENDANCE, role, &shown.base, false);
    }
}

/* --- goals ---------------------------------------------------------------------------------------------------------- */

static void review_goal(struct sim *sim, uint32_t number)
{
    const uint32_t plan = sim_roll(sim, sim->folk->plans);
    const struct id plan_id = folk_id('o', plan);
    const struct id goal_id = folk_id('g', plan);
    Dw__Date date = DW__DATE__INIT;
    Dw__Score score = DW__SCORE__INIT;
    Dw__ReviewGoal review = DW__REVIEW_GOAL__INIT;
    date.days = sim->folk->today;
    score.points = sim_roll(sim, 5);
    review.plan_id = id_to_data(&plan_id);
    review.goal_id = id_to_data(&goal_id);
    review.date = &date;
    review.score = &score;
    review.result = sim_roll(sim, 12) == 0 ? DW__REVIEW_RESULT__REVIEW_RESULT_ACHIEVED
                                           : DW__REVIEW_RESULT__REVIEW_RESULT_PARTLY;
    review.by = DW__REVIEWED_BY__REVIEWED_BY_PERSON;
    review.notes = (char *)(uintptr_t)(sim_roll(sim, 2) == 0 ? "" : "went well");
    (void)folk_send(sim, number, SIM_OUTCOMES, WORKER, &review.base, true);
}

static void agree_plan(struct sim *sim, uint32_t number, uint32_t plan)
{
    const struct id plan_id = folk_id('o', plan);
    const struct id goal_id = folk_id('g', plan);
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    Dw__Date agreed = DW__DATE__INIT;
    Dw__Score score = DW__SCORE__INIT;
    Dw__OutcomeGoal goal = DW__OUTCOME_GOAL__INIT;
    Dw__GoalWanted wanted = DW__GOAL_WANTED__INIT;
    Dw__GoalWanted *goals[] = {&wanted};
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    Dw__AgreeOutcomePlan agree = DW__AGREE_OUTCOME_PLAN__INIT;
    agreed.days = sim->folk->today - 1;
    goal.goal_id = id_to_data(&goal_id);
    goal.domain = 1;
    goal.baseline = &score;
    goal.by = &agreed;
    goal.pathway = DW__PATHWAY__PATHWAY_ENABLING;
    wanted.goal = &goal;
    wanted.text = (char *)(uintptr_t) "cook a meal";
    subject.person_id = id_to_data(&person_id);
    agree.plan_id = id_to_data(&plan_id);
    agree.subject = &subject;
    agree.agreed = &agreed;
    agree.n_goals = 1;
    agree.goals = goals;
    (void)folk_send(sim, number, SIM_OUTCOMES, WORKER, &agree.base, true);
}

/* Some are told long after, so that time has something to say of them; some end. */
static void tell_milestone(struct sim *sim, uint32_t number)
{
    struct folk *folk = sim->folk;
    const struct id milestone_id = folk_id('v', folk->milestones);
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    Dw__Date date = DW__DATE__INIT;
    Dw__PlanSubject subject = DW__PLAN_SUBJECT__INIT;
    Dw__Milestone milestone = DW__MILESTONE__INIT;
    Dw__RecordMilestone record = DW__RECORD_MILESTONE__INIT;
    date.days = folk->today - (int32_t)sim_roll(sim, 200);
    subject.person_id = id_to_data(&person_id);
    milestone.milestone_id = id_to_data(&milestone_id);
    milestone.subject = &subject;
    milestone.kind = (Dw__MilestoneKind)(1 + sim_roll(sim, MILESTONE_KINDS));
    milestone.date = &date;
    if (milestone.kind == DW__MILESTONE_KIND__MILESTONE_KIND_PAID_WORK)
        milestone.weekly_minutes = 60 * (1 + sim_roll(sim, 16));
    record.milestone = &milestone;
    record.text = (char *)(uintptr_t)(sim_roll(sim, 2) == 0 ? "" : "a shop");
    folk->milestones++;
    (void)folk_send(sim, number, SIM_OUTCOMES, WORKER, &record.base, true);
}

static void end_milestone(struct sim *sim, uint32_t number)
{
    const struct id milestone_id = folk_id('v', sim_roll(sim, sim->folk->milestones));
    Dw__Date ended = DW__DATE__INIT;
    Dw__EndMilestone end = DW__END_MILESTONE__INIT;
    ended.days = sim->folk->today;
    end.milestone_id = id_to_data(&milestone_id);
    end.ended = &ended;
    (void)folk_send(sim, number, SIM_OUTCOMES, WORKER, &end.base, true);
}

void folk_plan(struct sim *sim, uint32_t number)
{
    struct folk *folk = sim->folk;
    const struct id plan_id = folk_id('o', folk->plans == 0 ? 0 : sim_roll(sim, folk->plans));
    Dw__GetPlan get = DW__GET_PLAN__INIT;
    get.plan_id = id_to_data(&plan_id);
    if (folk->plans == 0 || sim_roll(sim, 4) == 0)
        agree_plan(sim, number, folk->plans++);
    else if (sim_roll(sim, 5) == 0)
        tell_milestone(sim, number);
    else if (folk->milestones > 0 && sim_roll(sim, 8) == 0)
        end_milestone(sim, number);
    else if (sim_roll(sim, 4) == 0)
        (void)folk_send(sim, number, SIM_OUTCOMES, WORKER, &get.base, false);
    else
        review_goal(sim, number);
}

/* --- questions ------------------------------------------------------------------------------------------------------ */

void folk_read(struct sim *sim, uint32_t number)
{
    const struct id service_id = folk_id('s', sim_roll(sim, FOLK_CENTRES));
    Dw__SupportReason needs[] = {DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY};
    Dw__Date from = DW__DATE__INIT;
    Dw__WantedSession wanted = DW__WANTED_SESSION__INIT;
    Dw__WantedSession *sessions[] = {&wanted};
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Occupancy occupancy = DW__OCCUPANCY__INIT;
    Dw__Dashboard dashboard = DW__DASHBOARD__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 30);
    wanted.weekday = 1 + sim_roll(sim, FOLK_WEEKDAYS);
    wanted.part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    find.n_wanted = 1;
    find.wanted = sessions;
    find.from = occupancy.from = &from;
    find.latitude_e6 = 53260000;
    find.longitude_e6 = -2125000;
    find.n_needs = 1;
    find.needs = needs;
    find.level = 2;
    find.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    find.age = 30;
    occupancy.service_id = id_to_data(&service_id);
    occupancy.weeks = 8;
    switch (sim_roll(sim, 3)) {
    case 0:
        (void)folk_send(sim, number, SIM_CAPACITY, BROKER, &find.base, false);
        break;
    case 1:
        (void)folk_send(sim, number, SIM_CAPACITY, BROKER, &occupancy.base, false);
        break;
    default:
        (void)folk_send(sim, number, SIM_REPORTING, BROKER, &dashboard.base, false);
        break;
    }
}
