/* People, and what is wanted for them: recorded, referred, amended, held, ended. */
#include "tests/sim/folk.h"

#include "common/text.h"
#include "tests/support/somebody.h"

enum { WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, BROKER = DW__ROLE__ROLE_BROKER, LINE_DAYS_MAX = 3 };

void folk_council_id(uint32_t person, char ret_text[16])
{
    (void)text_format(ret_text, 16, "LAS-%06u", person);
}

static void record_person(struct sim *sim, uint32_t number)
{
    const uint32_t person = sim->folk->people++;
    const struct id person_id = folk_id('n', person);
    char text[16];
    folk_council_id(person, text);
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &somebody(&person_id, text)->base, true);
}

/* Their details take the place of the same ones, so that whoever reads them in between sees if they were lost. */
static void change_person(struct sim *sim, uint32_t number)
{
    const uint32_t person = sim_roll(sim, FOLK_PEOPLE);
    const struct id person_id = folk_id('n', person);
    char text[16];
    Dw__ChangePerson change = DW__CHANGE_PERSON__INIT;
    folk_council_id(person, text);
    change.person_id = id_to_data(&person_id);
    change.details = somebody(&person_id, text)->details;
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &change.base, true);
}

static void record_carer(struct sim *sim, uint32_t number)
{
    const struct id carer_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    const struct id cared_id =
        folk_id('n', FOLK_PEOPLE + sim_roll(sim, 2)); /* never recorded, or … */
    const struct id known_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE / 2));
    if (id_equal(&carer_id, &known_id))
        return;
    ProtobufCBinaryData cared_for_ids[] = {
        id_to_data(sim_roll(sim, 8) == 0 ? &cared_id : &known_id)};
    Dw__CarerFacts carer = DW__CARER_FACTS__INIT;
    Dw__RecordCarer record = DW__RECORD_CARER__INIT;
    carer.n_cared_for_ids = 1;
    carer.cared_for_ids = cared_for_ids;
    carer.hours_per_week = 1 + sim_roll(sim, 3);
    record.person_id = id_to_data(&carer_id);
    record.carer = &carer;
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &record.base, true);
}

static void record_death(struct sim *sim, uint32_t number)
{
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    Dw__Date date = DW__DATE__INIT;
    Dw__RecordDeath record = DW__RECORD_DEATH__INIT;
    date.days = sim->folk->today - (int32_t)sim_roll(sim, 3);
    record.person_id = id_to_data(&person_id);
    record.date = &date;
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &record.base, true);
}

static void take_back_death(struct sim *sim, uint32_t number)
{
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    Dw__TakeBackDeath back = DW__TAKE_BACK_DEATH__INIT;
    back.person_id = id_to_data(&person_id);
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &back.base, true);
}

/* Some ask, others decide, and some try to do both. */
static void erase_somebody(struct sim *sim, uint32_t number)
{
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE / 4));
    Dw__RequestErasure request = DW__REQUEST_ERASURE__INIT;
    Dw__ErasePerson erase = DW__ERASE_PERSON__INIT;
    request.person_id = erase.person_id = id_to_data(&person_id);
    request.reason = DW__ERASURE_REASON__ERASURE_REASON_TIME_PASSED;
    (void)folk_send(sim, number, SIM_REFERRALS, DW__ROLE__ROLE_DATA_PROTECTION_OFFICER,
                    sim_roll(sim, 2) == 0 ? &request.base : &erase.base, true);
}

static void record_unmet(struct sim *sim, uint32_t number, uint32_t referral)
{
    const struct id referral_id = folk_id('r', referral);
    const struct id unmet_id = folk_id('u', sim->folk->next_number++);
    Dw__UnmetNeed need = DW__UNMET_NEED__INIT;
    Dw__RecordUnmetNeed record = DW__RECORD_UNMET_NEED__INIT;
    need.reason = DW__UNMET_REASON__UNMET_REASON_TOO_FAR;
    need.line_number = sim_roll(sim, 3);
    if (need.line_number > 0)
        need.referral_id = id_to_data(&referral_id);
    need.district = 1;
    need.level = 2;
    record.unmet_id = id_to_data(&unmet_id);
    record.need = &need;
    (void)folk_send(sim, number, SIM_REFERRALS, BROKER, &record.base, true);
}

/* A line and what it points to. */
struct folk_line {
    Dw__Date from;
    Dw__LineSession days[LINE_DAYS_MAX];
    Dw__LineSession *sessions[LINE_DAYS_MAX];
    uint32_t outcomes[1];
    Dw__ReferralLine line;
};

/* Mornings of one to three days, one after the other from a weekday on: more than a placement may have of them. */
static void fill_days(struct sim *sim, uint32_t weekday, struct folk_line *made)
{
    made->line.n_sessions = 1 + sim_roll(sim, LINE_DAYS_MAX);
    made->line.sessions = made->sessions;
    for (uint32_t at = 0; at < LINE_DAYS_MAX; at++) {
        dw__line_session__init(&made->days[at]);
        made->days[at].weekday = 1 + (weekday + at) % FOLK_WEEKDAYS;
        made->days[at].part = DW__LINE_PART__LINE_PART_MORNING;
        made->sessions[at] = &made->days[at];
    }
}

/* Of a kind that goes by the referral, so that an amendment can keep it. */
static void fill_line(struct sim *sim, uint32_t referral, struct folk_line *made)
{
    dw__date__init(&made->from);
    dw__referral_line__init(&made->line);
    made->from.days = sim->folk->today;
    made->outcomes[0] = 1;
    made->line.kind = (Dw__LineKind)(1 + referral % 4);
    made->line.level = 2;
    fill_days(sim, sim_roll(sim, FOLK_WEEKDAYS), made);
    made->line.from = &made->from;
    made->line.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    made->line.n_outcomes = 1;
    made->line.outcomes = made->outcomes;
}

static void create_referral(struct sim *sim, uint32_t number, uint32_t referral)
{
    const struct id referral_id = folk_id('r', referral);
    const uint32_t person = sim_roll(sim, FOLK_PEOPLE);
    const struct id person_id = folk_id('n', person);
    sim->folk->referred[referral % FOLK_KEPT] = person;
    struct folk_line made;
    fill_line(sim, referral, &made);
    struct folk_line other = made; /* a twin now and then, which is refused when it is submitted */
    fill_days(sim, made.days[0].weekday + sim_roll(sim, 3), &other);
    Dw__ReferralLine *lines[] = {&made.line, &other.line};
    Dw__CreateReferral create = DW__CREATE_REFERRAL__INIT;
    create.referral_id = id_to_data(&referral_id);
    create.person_id = id_to_data(&person_id);
    create.urgency = DW__URGENCY__URGENCY_ROUTINE;
    create.n_lines = 1 + sim_roll(sim, 2);
    create.lines = lines;
    create.notes = (char *)(uintptr_t) "likes gardens";
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &create.base, true);
}

/* The notes always say the same, for whoever reads a referral must find them: see check_answer.c. */
static void amend_referral(struct sim *sim, uint32_t number, uint32_t referral)
{
    const struct id referral_id = folk_id('r', referral);
    struct folk_line made;
    fill_line(sim, referral, &made);
    Dw__UrgencyWanted urgency = DW__URGENCY_WANTED__INIT;
    Dw__ReferralNotes notes = DW__REFERRAL_NOTES__INIT;
    Dw__AmendReferral amend = DW__AMEND_REFERRAL__INIT;
    urgency.urgency = (Dw__Urgency)(1 + sim_roll(sim, 5));
    notes.notes = (char *)(uintptr_t) "likes gardens";
    amend.referral_id = id_to_data(&referral_id);
    switch (sim_roll(sim, 3)) {
    case 0:
        amend.urgency = &urgency;
        break;
    case 1:
        amend.notes = &notes;
        break;
    default:
        amend.line_number = 1 + sim_roll(sim, 2);
        amend.line = &made.line;
        break;
    }
    (void)folk_send(sim, number, SIM_REFERRALS, WORKER, &amend.base, true);
}

static void move_referral(struct sim *sim, uint32_t number, uint32_t referral)
{
    const struct id referral_id = folk_id('r', referral);
    Dw__Date review = DW__DATE__INIT;
    Dw__NotDuplicate not_duplicate = DW__NOT_DUPLICATE__INIT;
    Dw__SubmitReferral submit = DW__SUBMIT_REFERRAL__INIT;
    Dw__AcceptReferral accept = DW__ACCEPT_REFERRAL__INIT;
    Dw__WithdrawReferral withdraw = DW__WITHDRAW_REFERRAL__INIT;
    Dw__CloseReferral close = DW__CLOSE_REFERRAL__INIT;
    Dw__AssignReferral assign = DW__ASSIGN_REFERRAL__INIT;
    Dw__PutOnHold hold = DW__PUT_ON_HOLD__INIT;
    Dw__ResumeReferral resume = DW__RESUME_REFERRAL__INIT;
    Dw__SetWaitingReason explain = DW__SET_WAITING_REASON__INIT;
    Dw__RefuseReferral refuse = DW__REFUSE_REFERRAL__INIT;
    const ProtobufCMessage *messages[] = {&submit.base,   &submit.base, &accept.base, &accept.base,
                                          &assign.base,   &hold.base,   &resume.base, &explain.base,
                                          &withdraw.base, &close.base,  &refuse.base};
    submit.referral_id = accept.referral_id = withdraw.referral_id = close.referral_id =
        assign.referral_id = hold.referral_id = resume.referral_id = explain.referral_id =
            refuse.referral_id = id_to_data(&referral_id);
    accept.line_number = withdraw.line_number = close.line_number = hold.line_number =
        resume.line_number = explain.line_number = refuse.line_number = sim_roll(sim, 3);
    not_duplicate.reason = DW__NOT_DUPLICATE_REASON__NOT_DUPLICATE_REASON_OTHER;
    submit.not_duplicate = sim_roll(sim, 2) == 0 ? &not_duplicate : NULL;
    assign.assignee = (char *)(uintptr_t)client_name(sim_roll(sim, 3));
    withdraw.reason = DW__WITHDRAW_REASON__WITHDRAW_REASON_OTHER;
    close.reason = DW__CLOSE_REASON__CLOSE_REASON_OTHER;
    refuse.reason = DW__REFUSE_REASON__REFUSE_REASON_NEED_MET;
    hold.reason = DW__ON_HOLD_REASON__ON_HOLD_REASON_IN_HOSPITAL;
    review.days = sim->folk->today + 30 + (int32_t)sim_roll(sim, 2);
    hold.review = &review;
    explain.reason = DW__WAITING_REASON__WAITING_REASON_TOO_FAR;
    const uint32_t most = sim_roll(sim, 3) == 0 ? 11 : 8;
    (void)folk_send(sim, number, SIM_REFERRALS, BROKER, messages[sim_roll(sim, most)], true);
}

void folk_refer(struct sim *sim, uint32_t number)
{
    struct folk *folk = sim->folk;
    const uint32_t back = sim_roll(sim, 6);
    const uint32_t some = back < folk->referrals ? folk->referrals - 1 - back : 0;
    const struct id referral_id = folk_id('r', some);
    Dw__GetReferral get = DW__GET_REFERRAL__INIT;
    get.referral_id = id_to_data(&referral_id);
    const uint32_t seen = sim_roll(sim, 2) == 0 && folk->people > 0 ? folk->people : 1;
    const struct id person_id = folk_id('n', sim_roll(sim, seen));
    Dw__GetPerson person = DW__GET_PERSON__INIT;
    person.person_id = id_to_data(&person_id);
    if (sim_roll(sim, 8) == 0)
        (void)folk_send(sim, number, SIM_REFERRALS, BROKER, &person.base, false);
    else if (folk->people < FOLK_PEOPLE && sim_roll(sim, 3) == 0)
        record_person(sim, number);
    else if (folk->referrals == 0 || sim_roll(sim, 4) == 0)
        create_referral(sim, number, folk->referrals++);
    else if (sim_roll(sim, 4) == 0)
        (void)folk_send(sim, number, SIM_REFERRALS, BROKER, &get.base, false);
    else if (sim_roll(sim, 6) == 0)
        amend_referral(sim, number, some);
    else if (sim_roll(sim, 12) == 0)
        record_carer(sim, number);
    else if (sim_roll(sim, 12) == 0)
        change_person(sim, number);
    else if (sim_roll(sim, 24) == 0)
        record_death(sim, number);
    else if (sim_roll(sim, 24) == 0)
        take_back_death(sim, number);
    else if (sim_roll(sim, 10) == 0)
        erase_somebody(sim, number);
    else if (sim_roll(sim, 10) == 0)
        record_unmet(sim, number, some);
    else
        move_referral(sim, number, some);
}
