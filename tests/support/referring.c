/* One person and referrals for tests: see referring.h. */
#include "tests/support/referring.h"

#include "services/referrals/referrals.h"

#include "common/calendar.h"
#include "common/entities_store.h"

#include <string.h>

/* --- what there is ---------------------------------------------------------------------------------------------- */

static void fill_model(struct referring *referring)
{
    dw__commissioning_model__init(&referring->model);
    dw__rules__init(&referring->rules);
    dw__level__init(&referring->level);
    dw__district__init(&referring->district);
    dw__outcome_domain__init(&referring->domain);
    referring->rules.record_from_age = 18;
    referring->rules.outcomes_before_submission = true;
    referring->level.number = 2;
    referring->district.number = 3;
    referring->domain.number = 4;
    referring->levels[0] = &referring->level;
    referring->districts[0] = &referring->district;
    referring->domains[0] = &referring->domain;
    referring->model.reference_prefix = (char *)(uintptr_t) "CE";
    referring->model.rules = &referring->rules;
    referring->model.n_levels = referring->model.n_districts = 1;
    referring->model.n_outcome_domains = 1;
    referring->model.levels = referring->levels;
    referring->model.districts = referring->districts;
    referring->model.outcome_domains = referring->domains;
}

static void fill_person(struct referring *referring)
{
    dw__date__init(&referring->born);
    dw__person_details__init(&referring->details);
    dw__person_facts__init(&referring->facts);
    referring->born.days = calendar_date(1990, 5, 1);
    referring->details.council_id = (char *)(uintptr_t) "C-77";
    referring->details.nhs_number = (char *)(uintptr_t) "9990000018";
    referring->details.family_name = (char *)(uintptr_t) "Example";
    referring->details.born = &referring->born;
    referring->facts.district = 3;
    referring->facts.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    referring->facts.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    referring->facts.sex = DW__SEX__SEX_FEMALE;
    referring->facts.age = 99; /* must not be believed */
}

static void fill_lines(struct referring *referring)
{
    dw__date__init(&referring->from);
    dw__line_session__init(&referring->session);
    referring->from.days = TODAY + 14;
    referring->session.weekday = 1;
    referring->session.part = DW__LINE_PART__LINE_PART_MORNING;
    referring->sessions[0] = &referring->session;
    referring->tuesday = referring->session;
    referring->tuesday.weekday = 2;
    referring->tuesdays[0] = &referring->tuesday;
    referring->outcomes[0] = 4;
    for (size_t at = 0; at < 2; at++) {
        Dw__ReferralLine *line = &referring->lines[at];
        dw__referral_line__init(line);
        line->kind = DW__LINE_KIND__LINE_KIND_RESOURCE_CENTRE;
        line->level = 2;
        line->n_sessions = 1;
        line->sessions = at == 0 ? referring->sessions : referring->tuesdays;
        line->from = &referring->from;
        line->funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
        line->n_outcomes = 1;
        line->outcomes = referring->outcomes;
        referring->line_pointers[at] = line;
    }
}

int referring_set_up(void **ret_referring)
{
    static struct referring referring;
    fill_model(&referring);
    fill_person(&referring);
    fill_lines(&referring);
    referring.today = TODAY;
    referring.not_duplicate = false;
    referring.pure = pure_create(&referrals_service, &referring.model.base);
    *ret_referring = &referring;
    return 0;
}

int referring_tear_down(void **referring)
{
    pure_destroy(&((struct referring *)*referring)->pure);
    return 0;
}

const Dw__Referral *referring_the(struct referring *referring)
{
    return entities_get(pure_entities(referring->pure), REFERRALS_KIND_REFERRAL, &REFERRAL_ID, 0);
}

const Dw__LineRecord *referring_line(struct referring *referring, uint32_t line)
{
    return referring_the(referring)->lines[line - 1];
}

bool referring_holds(struct packed packed, const char *text)
{
    return memmem(packed.bytes, packed.len, text, strlen(text)) != NULL;
}

/* --- commands --------------------------------------------------------------------------------------------------- */

static int64_t now_of(const struct referring *referring)
{
    return NOW_MS + (referring->today - TODAY) * (int64_t)DAY_MS;
}

struct pure_outcome referring_tell(struct referring *referring, const ProtobufCMessage *command)
{
    return pure_command(referring->pure, command, BROKER, now_of(referring), referring->today);
}

const void *referring_ask(struct referring *referring, const ProtobufCMessage *query)
{
    return pure_query(referring->pure, query, BROKER, now_of(referring), referring->today, NULL);
}

struct pure_outcome referring_record(struct referring *referring)
{
    Dw__RecordPerson record = DW__RECORD_PERSON__INIT;
    record.person_id = id_to_data(&PERSON_ID);
    record.details = &referring->details;
    record.facts = &referring->facts;
    return referring_tell(referring, &record.base);
}

struct pure_outcome referring_create_as(struct referring *referring, const struct id *referral_id,
                                        Dw__Urgency urgency)
{
    Dw__CreateReferral create = DW__CREATE_REFERRAL__INIT;
    create.referral_id = id_to_data(referral_id);
    create.person_id = id_to_data(&PERSON_ID);
    create.urgency = urgency;
    create.n_lines = 2;
    create.lines = referring->line_pointers;
    create.notes = (char *)(uintptr_t) "Likes gardening.";
    return referring_tell(referring, &create.base);
}

struct pure_outcome referring_create(struct referring *referring)
{
    return referring_create_as(referring, &REFERRAL_ID, DW__URGENCY__URGENCY_ROUTINE);
}

struct pure_outcome referring_submit(struct referring *referring, const struct id *referral_id)
{
    Dw__SubmitReferral submit = DW__SUBMIT_REFERRAL__INIT;
    submit.referral_id = id_to_data(referral_id);
    Dw__NotDuplicate not_duplicate = DW__NOT_DUPLICATE__INIT;
    not_duplicate.reason = DW__NOT_DUPLICATE_REASON__NOT_DUPLICATE_REASON_MORE_WANTED;
    if (referring->not_duplicate)
        submit.not_duplicate = &not_duplicate;
    return referring_tell(referring, &submit.base);
}

struct pure_outcome referring_die(struct referring *referring, int32_t date)
{
    Dw__Date on = DW__DATE__INIT;
    Dw__RecordDeath record = DW__RECORD_DEATH__INIT;
    on.days = date;
    record.person_id = id_to_data(&PERSON_ID);
    record.date = &on;
    return referring_tell(referring, &record.base);
}

struct pure_outcome referring_accept(struct referring *referring, uint32_t line)
{
    Dw__AcceptReferral accept = DW__ACCEPT_REFERRAL__INIT;
    accept.referral_id = id_to_data(&REFERRAL_ID);
    accept.line_number = line;
    return referring_tell(referring, &accept.base);
}

struct pure_outcome referring_withdraw(struct referring *referring, uint32_t line)
{
    Dw__WithdrawReferral withdraw = DW__WITHDRAW_REFERRAL__INIT;
    withdraw.referral_id = id_to_data(&REFERRAL_ID);
    withdraw.reason = DW__WITHDRAW_REASON__WITHDRAW_REASON_PERSONS_CHOICE;
    withdraw.line_number = line;
    return referring_tell(referring, &withdraw.base);
}

struct pure_outcome referring_close(struct referring *referring, uint32_t line)
{
    Dw__CloseReferral close = DW__CLOSE_REFERRAL__INIT;
    close.referral_id = id_to_data(&REFERRAL_ID);
    close.reason = DW__CLOSE_REASON__CLOSE_REASON_PLACED;
    close.line_number = line;
    return referring_tell(referring, &close.base);
}

struct pure_outcome referring_refuse(struct referring *referring, uint32_t line)
{
    Dw__RefuseReferral refuse = DW__REFUSE_REFERRAL__INIT;
    refuse.referral_id = id_to_data(&REFERRAL_ID);
    refuse.reason = DW__REFUSE_REASON__REFUSE_REASON_NO_ELIGIBLE_NEED;
    refuse.line_number = line;
    return referring_tell(referring, &refuse.base);
}

struct pure_outcome referring_hold(struct referring *referring, uint32_t line, int32_t review)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__PutOnHold hold = DW__PUT_ON_HOLD__INIT;
    date.days = review;
    hold.referral_id = id_to_data(&REFERRAL_ID);
    hold.reason = DW__ON_HOLD_REASON__ON_HOLD_REASON_IN_HOSPITAL;
    hold.review = &date;
    hold.line_number = line;
    return referring_tell(referring, &hold.base);
}

struct pure_outcome referring_resume(struct referring *referring, uint32_t line)
{
    Dw__ResumeReferral resume = DW__RESUME_REFERRAL__INIT;
    resume.referral_id = id_to_data(&REFERRAL_ID);
    resume.line_number = line;
    return referring_tell(referring, &resume.base);
}

struct pure_outcome referring_explain(struct referring *referring, uint32_t line,
                                      Dw__WaitingReason reason)
{
    Dw__SetWaitingReason set = DW__SET_WAITING_REASON__INIT;
    set.referral_id = id_to_data(&REFERRAL_ID);
    set.line_number = line;
    set.reason = reason;
    return referring_tell(referring, &set.base);
}

void referring_all_accepted(struct referring *referring)
{
    (void)referring_record(referring);
    (void)referring_create(referring);
    (void)referring_submit(referring, &REFERRAL_ID);
    (void)referring_accept(referring, 0);
}

/* --- events of placements --------------------------------------------------------------------------------------- */

static Dw__PlacementTerms *terms_of(const struct id *person_id, uint32_t line)
{
    static Dw__PlacementTerms terms;
    terms = (Dw__PlacementTerms)DW__PLACEMENT_TERMS__INIT;
    terms.person_id = id_to_data(person_id);
    terms.referral_id = id_to_data(&REFERRAL_ID);
    terms.line_number = line;
    return &terms;
}

/* Tests count what is told of the line; that the person has a placement is noted besides. */
static struct pure_outcome happen(struct referring *referring, const ProtobufCMessage *message)
{
    const struct foreign_event event = {.service = "placements", .message = message};
    struct pure_outcome told =
        pure_react(referring->pure, &event, now_of(referring), referring->today);
    for (size_t at = 0; told.decision != NULL && at < told.decision->events_count; at++)
        if (told.decision->events[at].row->type == &dw__person_placement_noted__descriptor)
            told.events_count--;
    return told;
}

struct pure_outcome referring_proposed(struct referring *referring, const struct id *placement_id,
                                       uint32_t line)
{
    Dw__PlacementProposed proposed = DW__PLACEMENT_PROPOSED__INIT;
    proposed.placement_id = id_to_data(placement_id);
    proposed.terms = terms_of(&PERSON_ID, line);
    return happen(referring, &proposed.base);
}

struct pure_outcome referring_approval_requested(struct referring *referring, uint32_t line)
{
    Dw__ApprovalRequested requested = DW__APPROVAL_REQUESTED__INIT;
    requested.placement_id = id_to_data(&PLACEMENT_ID);
    requested.terms = terms_of(&PERSON_ID, line);
    return happen(referring, &requested.base);
}

struct pure_outcome referring_not_approved(struct referring *referring, uint32_t line)
{
    Dw__PlacementRefused refused = DW__PLACEMENT_REFUSED__INIT;
    refused.placement_id = id_to_data(&PLACEMENT_ID);
    refused.terms = terms_of(&PERSON_ID, line);
    return happen(referring, &refused.base);
}

/* From PLACEMENT_ID to another placement. */
struct pure_outcome referring_moved_level(struct referring *referring, const struct id *to_id,
                                          uint32_t line, uint32_t to_line)
{
    Dw__LevelMoved moved = DW__LEVEL_MOVED__INIT;
    Dw__PlacementTerms to_terms = *terms_of(&PERSON_ID, line);
    to_terms.line_number = to_line;
    moved.placement_id = id_to_data(&PLACEMENT_ID);
    moved.to_placement_id = id_to_data(to_id);
    moved.terms = terms_of(&PERSON_ID, line);
    moved.to_terms = &to_terms;
    return happen(referring, &moved.base);
}

struct pure_outcome referring_offered(struct referring *referring, const struct id *placement_id,
                                      uint32_t line)
{
    Dw__PlacementOffered offered = DW__PLACEMENT_OFFERED__INIT;
    offered.placement_id = id_to_data(placement_id);
    offered.terms = terms_of(&PERSON_ID, line);
    return happen(referring, &offered.base);
}

struct pure_outcome referring_booked(struct referring *referring, uint32_t line)
{
    Dw__PlacementAccepted booked = DW__PLACEMENT_ACCEPTED__INIT;
    booked.placement_id = id_to_data(&PLACEMENT_ID);
    booked.terms = terms_of(&PERSON_ID, line);
    return happen(referring, &booked.base);
}

struct pure_outcome referring_declined(struct referring *referring, uint32_t line,
                                       Dw__DeclineReason reason)
{
    Dw__PlacementDeclined declined = DW__PLACEMENT_DECLINED__INIT;
    declined.placement_id = id_to_data(&PLACEMENT_ID);
    declined.terms = terms_of(&PERSON_ID, line);
    declined.reason = reason;
    return happen(referring, &declined.base);
}

struct pure_outcome referring_lapsed(struct referring *referring, const struct id *placement_id,
                                     uint32_t line, Dw__LapseReason reason)
{
    Dw__PlacementLapsed lapsed = DW__PLACEMENT_LAPSED__INIT;
    lapsed.placement_id = id_to_data(placement_id);
    lapsed.terms = terms_of(&PERSON_ID, line);
    lapsed.reason = reason;
    return happen(referring, &lapsed.base);
}

struct pure_outcome referring_cancelled(struct referring *referring, uint32_t line,
                                        Dw__CancelReason reason)
{
    Dw__PlacementCancelled cancelled = DW__PLACEMENT_CANCELLED__INIT;
    cancelled.placement_id = id_to_data(&PLACEMENT_ID);
    cancelled.terms = terms_of(&PERSON_ID, line);
    cancelled.reason = reason;
    return happen(referring, &cancelled.base);
}

struct pure_outcome referring_started_as(struct referring *referring, const struct id *placement_id,
                                         const struct id *person_id, uint32_t line)
{
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(placement_id);
    started.terms = terms_of(person_id, line);
    return happen(referring, &started.base);
}

struct pure_outcome referring_started(struct referring *referring, uint32_t line)
{
    return referring_started_as(referring, &PLACEMENT_ID, &PERSON_ID, line);
}

/* In the order of parts of a day. */
static const char letters[] = "mae";

static size_t attended_of(const char *parts, Dw__AttendedPart ret_parts[21],
                          Dw__AttendedPart *ret_list[21])
{
    size_t count = 0;
    for (; parts[0] != '\0'; parts += 2) {
        dw__attended_part__init(&ret_parts[count]);
        ret_parts[count].weekday = (uint32_t)(parts[0] - '0');
        ret_parts[count].part = (Dw__PartOfDay)(DW__PART_OF_DAY__PART_OF_DAY_MORNING +
                                                (strchr(letters, parts[1]) - letters));
        ret_list[count] = &ret_parts[count];
        count++;
    }
    return count;
}

struct pure_outcome referring_started_on(struct referring *referring, const struct id *placement_id,
                                         uint32_t line, const char *parts)
{
    Dw__AttendedPart attended[21];
    Dw__AttendedPart *list[21];
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(placement_id);
    started.terms = terms_of(&PERSON_ID, line);
    started.n_attended = attended_of(parts, attended, list);
    started.attended = list;
    return happen(referring, &started.base);
}

struct pure_outcome referring_changed_to(struct referring *referring, const struct id *placement_id,
                                         uint32_t line, const char *parts)
{
    return referring_changed_from(referring, placement_id, line, "", parts);
}

struct pure_outcome referring_changed_from(struct referring *referring,
                                           const struct id *placement_id, uint32_t line,
                                           const char *never, const char *parts)
{
    Dw__AttendedPart attended[21], never_had[21];
    Dw__AttendedPart *list[21], *never_list[21];
    Dw__ChangeMade made = DW__CHANGE_MADE__INIT;
    made.placement_id = id_to_data(placement_id);
    made.terms = terms_of(&PERSON_ID, line);
    made.n_attended = attended_of(parts, attended, list);
    made.attended = list;
    made.n_never_had = attended_of(never, never_had, never_list);
    made.never_had = never_list;
    return happen(referring, &made.base);
}

void referring_want(struct referring *referring, const char *parts)
{
    referring->lines[1].kind =
        DW__LINE_KIND__LINE_KIND_COMMUNITY_GROUP; /* at any time of the week */
    size_t count = 0;
    for (; parts[0] != '\0'; parts += 2) {
        Dw__LineSession *session = &referring->week[count];
        dw__line_session__init(session);
        session->weekday = (uint32_t)(parts[0] - '0');
        session->part = (Dw__LinePart)(DW__LINE_PART__LINE_PART_MORNING +
                                       (strchr(letters, parts[1]) - letters));
        referring->week_pointers[count++] = session;
    }
    referring->lines[0].n_sessions = count;
    referring->lines[0].sessions = referring->week_pointers;
}

bool referring_wants(struct referring *referring, uint32_t line, const char *parts)
{
    const Dw__ReferralLine *wanted = referring_line(referring, line)->line;
    if (wanted->n_sessions * 2 != strlen(parts))
        return false;
    for (size_t at = 0; at < wanted->n_sessions; at++)
        if (wanted->sessions[at]->weekday != (uint32_t)(parts[at * 2] - '0') ||
            letters[wanted->sessions[at]->part - DW__LINE_PART__LINE_PART_MORNING] !=
                parts[at * 2 + 1])
            return false;
    return true;
}

struct pure_outcome referring_ended(struct referring *referring, uint32_t line,
                                    Dw__EndReason reason)
{
    return referring_ended_before(referring, line, reason, "", "");
}

struct pure_outcome referring_ended_before(struct referring *referring, uint32_t line,
                                           Dw__EndReason reason, const char *never,
                                           const char *parts)
{
    Dw__AttendedPart attended[21], never_had[21];
    Dw__AttendedPart *list[21], *never_list[21];
    Dw__FellAway fell_away = DW__FELL_AWAY__INIT;
    Dw__PlacementEnded ended = DW__PLACEMENT_ENDED__INIT;
    fell_away.n_attended = attended_of(parts, attended, list);
    fell_away.attended = list;
    fell_away.n_never_had = attended_of(never, never_had, never_list);
    fell_away.never_had = never_list;
    ended.fell_away = fell_away.n_never_had > 0 ? &fell_away : NULL;
    ended.placement_id = id_to_data(&PLACEMENT_ID);
    ended.terms = terms_of(&PERSON_ID, line);
    ended.reason = reason;
    return happen(referring, &ended.base);
}
