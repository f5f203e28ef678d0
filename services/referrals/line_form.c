/* What a line of a referral must say, whether it is created or amended. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/text.h"

#include <string.h>

enum {
    NEEDS_MAX = 16,
    OUTCOMES_MAX = 16,
    WEEKS_MAX = 520,
    FIELD_SIZE = 64,
};

static void say_invalid(struct decision *decision, const char *line, const char *field,
                        const char *why)
{
    char path[FIELD_SIZE];
    (void)text_format(path, sizeof path, "%s.%s", line, field);
    decision_invalid(decision, path, "%s", why);
}

void referrals_check_sessions(const Dw__LineSession *const *sessions, size_t count,
                              const char *path, struct decision *decision)
{
    if (count > LINE_SESSIONS_MAX)
        say_invalid(decision, path, "sessions", "a week has at most 21 sessions");
    for (size_t at = 0; at < count && !decision_is_no(decision); at++) {
        const Dw__LineSession *session = sessions[at];
        if (session->weekday < 1 || session->weekday > 7)
            say_invalid(decision, path, "sessions", "a weekday is 1 (Monday) to 7 (Sunday)");
        for (size_t before = 0; before < at; before++)
            if (sessions[before]->weekday == session->weekday &&
                sessions[before]->part == session->part)
                say_invalid(decision, path, "sessions", "a session is named twice");
    }
}

static bool is_twice(const int *values, size_t count)
{
    for (size_t at = 1; at < count; at++)
        for (size_t before = 0; before < at; before++)
            if (values[before] == values[at])
                return true;
    return false;
}

/* ISO 639, small letters; empty is English. */
static bool is_language(const char *text)
{
    const size_t len = strlen(text);
    for (size_t at = 0; at < len; at++)
        if (text[at] < 'a' || text[at] > 'z')
            return false;
    return len == 0 || len == 2 || len == 3;
}

void referrals_check_line(const Dw__ReferralLine *line, const char *path, struct decision *decision)
{
    if (line->n_sessions == 0)
        say_invalid(decision, path, "sessions", "a line wants 1 to 21 sessions a week");
    referrals_check_sessions((const Dw__LineSession *const *)line->sessions, line->n_sessions, path,
                             decision);
    if (line->from == NULL || !calendar_has(line->from->days))
        say_invalid(decision, path, "from", "the first date must be said, 1900 to 2199");
    if (line->n_needs > NEEDS_MAX)
        say_invalid(decision, path, "needs", "a line names at most 16 needs");
    if (line->n_outcomes > OUTCOMES_MAX)
        say_invalid(decision, path, "outcomes", "a line names at most 16 outcomes");
    if (line->weeks > WEEKS_MAX)
        say_invalid(decision, path, "weeks", "a line is wanted for at most 520 weeks");
    if (is_twice((const int *)line->access, line->n_access))
        say_invalid(decision, path, "access", "an access feature is named twice");
    if (is_twice((const int *)line->modes, line->n_modes))
        say_invalid(decision, path, "modes", "a mode is named twice");
    if (!is_language(line->language))
        say_invalid(decision, path, "language", "a language is two or three letters, such as pl");
}

bool referrals_has_level(const Dw__CommissioningModel *model, uint32_t number)
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

/* Who is recorded to prepare for being an adult is referred for the time from when support may start. */
static bool starts_too_early(const Dw__ReferralLine *line, const Dw__Person *person,
                             const struct context *ctx)
{
    return person->support_from_ref.len > 0 &&
           !referrals_date_reached(ctx, person, line->from->days);
}

void referrals_check_rules(const Dw__ReferralLine *line, uint32_t number, const Dw__Person *person,
                           const struct context *ctx, struct decision *decision)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (!referrals_has_level(model, line->level))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_LEVEL_UNKNOWN,
                        "The council has no level %u; take one of its model's.", line->level);
    for (size_t at = 0; at < line->n_outcomes; at++)
        if (!has_outcome(model, line->outcomes[at]))
            decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_OUTCOME_UNKNOWN,
                            "The council has no outcome domain %u; take one of its model's.",
                            line->outcomes[at]);
    if (starts_too_early(line, person, ctx))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_FROM_TOO_EARLY,
                        "Line %u would start before the person is old enough for the council's "
                        "support; give a later first date.",
                        number);
}

bool referrals_lacks_outcomes(const Dw__ReferralLine *line, const Dw__CommissioningModel *model)
{
    return model->rules != NULL && model->rules->outcomes_before_submission &&
           line->n_outcomes == 0;
}
