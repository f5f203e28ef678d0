/* Creating a referral: what its lines must say. */
#include "services/referrals/state.h"

#include "common/text.h"

#include "model.pb-c.h"

enum {
    SESSIONS_MAX = 21, /* three parts of seven days */
    NEEDS_MAX = 16,
    OUTCOMES_MAX = 16,
    DATE_MIN = -25567, /* 1900-01-01 and */
    DATE_MAX = 84005,  /* 2199-12-31, the dates the calendar takes */
    FIELD_SIZE = 64,
};

static void say_invalid(struct decision *decision, size_t line, const char *field, const char *why)
{
    char path[FIELD_SIZE];
    (void)text_format(path, sizeof path, "lines[%zu].%s", line, field);
    decision_invalid(decision, path, "%s", why);
}

static void check_sessions(const Dw__ReferralLine *line, size_t number, struct decision *decision)
{
    if (line->n_sessions < 1 || line->n_sessions > SESSIONS_MAX)
        say_invalid(decision, number, "sessions", "a line wants 1 to 21 sessions a week");
    for (size_t at = 0; at < line->n_sessions && !decision_is_no(decision); at++) {
        const Dw__LineSession *session = line->sessions[at];
        if (session->weekday < 1 || session->weekday > 7)
            say_invalid(decision, number, "sessions", "a weekday is 1 (Monday) to 7 (Sunday)");
        for (size_t before = 0; before < at; before++)
            if (line->sessions[before]->weekday == session->weekday &&
                line->sessions[before]->part == session->part)
                say_invalid(decision, number, "sessions", "a session is named twice");
    }
}

static void check_line(const Dw__ReferralLine *line, size_t number, struct decision *decision)
{
    check_sessions(line, number, decision);
    if (line->from == NULL || line->from->days < DATE_MIN || line->from->days > DATE_MAX)
        say_invalid(decision, number, "from", "the first date must be said, 1900 to 2199");
    if (line->n_needs > NEEDS_MAX)
        say_invalid(decision, number, "needs", "a line names at most 16 needs");
    if (line->n_outcomes > OUTCOMES_MAX)
        say_invalid(decision, number, "outcomes", "a line names at most 16 outcomes");
}

static void check_form(const Dw__CreateReferral *create, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&create->referral_id, &id))
        decision_invalid(decision, "referral_id", "it must be said, and it is not");
    if (!id_from_data(&create->person_id, &id))
        decision_invalid(decision, "person_id", "it must be said, and it is not");
    if (create->n_lines < 1 || create->n_lines > REFERRAL_LINES_MAX)
        decision_invalid(decision, "lines", "a referral has 1 to %d lines", REFERRAL_LINES_MAX);
    for (size_t at = 0; at < create->n_lines && !decision_is_no(decision); at++)
        check_line(create->lines[at], at, decision);
}

static bool has_level(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_levels; at++)
        if (model->levels[at]->number == number)
            return true;
    return false;
}

static bool has_outcome(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_outcome_domains; at++)
        if (model->outcome_domains[at]->number == number)
            return true;
    return false;
}

static void check_model(const Dw__ReferralLine *line, const Dw__CommissioningModel *model,
                        struct decision *decision)
{
    if (!has_level(model, line->level))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_LEVEL_UNKNOWN,
                        "The council has no level %u; take one of its model's.", line->level);
    for (size_t at = 0; at < line->n_outcomes; at++)
        if (!has_outcome(model, line->outcomes[at]))
            decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOME_UNKNOWN,
                            "The council has no outcome domain %u; take one of its model's.",
                            line->outcomes[at]);
}

static void check_state(const struct state *state, const Dw__CreateReferral *create,
                        struct decision *decision)
{
    if (referrals_person(state, &create->person_id) == NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                        "There is no person with this number; record the person first.");
    else if (referrals_get(state, &create->referral_id) != NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ALREADY_EXISTS,
                        "This referral id is used already; take a fresh one.");
}

REFERRALS_DECIDE(create)
{
    const Dw__CreateReferral *create = (const Dw__CreateReferral *)command;
    check_form(create, decision);
    if (decision_is_no(decision))
        return;
    check_state(state, create, decision);
    for (size_t at = 0; at < create->n_lines; at++)
        check_model(create->lines[at], (const Dw__CommissioningModel *)ctx->model, decision);
    if (decision_is_no(decision))
        return;
    const struct id notes_id = context_new_id(ctx);
    Dw__ReferralCreated created = DW__REFERRAL_CREATED__INIT;
    created.referral_id = create->referral_id;
    created.person_id = create->person_id;
    created.urgency = create->urgency;
    created.n_lines = create->n_lines;
    created.lines = create->lines;
    if (create->notes[0] != '\0')
        created.notes_id = id_to_data(&notes_id);
    decision_emit(decision, &created.base);
    if (create->notes[0] == '\0')
        return;
    Dw__ReferralNotes notes = DW__REFERRAL_NOTES__INIT;
    notes.notes = create->notes;
    decision_keep(decision, &notes_id, &notes.base);
}
