/* Decisions about money that belongs to no single placement: what a person pays, and what is moved between budget lines. */
#include "services/placements/checks.h"
#include "services/placements/money.h"

enum {
    WEEK_PENCE_MAX = 10000000,       /* as of a placement's weekly price */
    VIREMENT_PENCE_MAX = 2000000000, /* twenty million pounds; more goes in several steps */
};

static const Dw__Contribution *find_from(const Dw__Contributions *contributions, int32_t from)
{
    for (size_t at = 0; contributions != NULL && at < contributions->n_contributions; at++)
        if (contributions->contributions[at]->from->days == from)
            return contributions->contributions[at];
    return NULL;
}

PLACEMENTS_DECIDE(assess_contribution)
{
    const Dw__AssessContribution *assess = (const Dw__AssessContribution *)command;
    const Dw__Contribution *contribution = assess->contribution;
    (void)ctx;
    struct id id;
    if (!id_from_data(&assess->person_id, &id)) {
        decision_invalid(decision, "person_id", "it must be said, and it is not");
        return;
    }
    if (contribution == NULL) {
        decision_invalid(decision, "contribution", "it must be said, and it is not");
        return;
    }
    if (!placements_has_date(contribution->from, "contribution.from", decision))
        return;
    if (contribution->pence_per_week < 0 || contribution->pence_per_week > WEEK_PENCE_MAX ||
        (contribution->section_117 && contribution->pence_per_week > 0)) {
        decision_invalid(decision, "contribution.pence_per_week",
                         "it is 0 to %d, and 0 under section 117", WEEK_PENCE_MAX);
        return;
    }
    const Dw__Contributions *before =
        entities_get(state->entities, PLACEMENTS_KIND_CONTRIBUTIONS, &id, 0);
    const Dw__Contribution *same = find_from(before, contribution->from->days);
    if (same != NULL && same->pence_per_week == contribution->pence_per_week &&
        same->section_117 == contribution->section_117)
        return;
    if (same == NULL && before != NULL && before->n_contributions == PLACEMENTS_CONTRIBUTIONS_MAX) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                        "At most %d assessments are kept of a person, since all of them are asked "
                        "for; correct one by its date, or leave this one out.",
                        PLACEMENTS_CONTRIBUTIONS_MAX);
        return;
    }
    Dw__ContributionAssessed assessed = DW__CONTRIBUTION_ASSESSED__INIT;
    assessed.person_id = assess->person_id;
    assessed.contribution = assess->contribution;
    decision_emit(decision, &assessed.base);
}

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static const Dw__Virements *virements_of(const struct state *state, uint32_t year)
{
    static const struct id no_id = {{0}};
    return entities_get(state->entities, PLACEMENTS_KIND_VIREMENTS, &no_id, year);
}

int64_t placements_moved(const struct state *state, uint32_t year, uint32_t number)
{
    const Dw__Virements *virements = virements_of(state, year);
    int64_t pence = 0;
    for (size_t at = 0; virements != NULL && at < virements->n_virements; at++) {
        const Dw__Virement *virement = virements->virements[at];
        if (virement->to_number == number)
            pence += virement->pence;
        if (virement->from_number == number)
            pence -= virement->pence;
    }
    return pence;
}

static const Dw__BudgetLine *find_line(const Dw__CommissioningModel *model, uint32_t year,
                                       uint32_t number, struct decision *decision)
{
    for (size_t at = 0; number > 0 && at < model->n_budget_lines; at++)
        if (model->budget_lines[at]->year == year && model->budget_lines[at]->number == number)
            return model->budget_lines[at];
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_BUDGET_UNKNOWN,
                    "The council's model has no budget line %u for the year %u; take one that it "
                    "has.",
                    number, year);
    return NULL;
}

static const Dw__Virement *find_virement(const Dw__Virements *virements,
                                         const ProtobufCBinaryData *virement_id)
{
    for (size_t at = 0; virements != NULL && at < virements->n_virements; at++)
        if (id_data_equal(&virements->virements[at]->virement_id, virement_id))
            return virements->virements[at];
    return NULL;
}

static bool is_well_formed(const Dw__MoveBudget *move, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&move->virement_id, &id))
        decision_invalid(decision, "virement_id", "it must be said, and it is not");
    else if (move->pence <= 0 || move->pence > VIREMENT_PENCE_MAX)
        decision_invalid(decision, "pence", "it is more than 0, and no slip of the keyboard");
    else if (move->from_number == move->to_number)
        decision_invalid(decision, "to_number", "it is another line than it comes from");
    return !decision_is_no(decision);
}

PLACEMENTS_DECIDE(move_budget)
{
    const Dw__MoveBudget *move = (const Dw__MoveBudget *)command;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (!is_well_formed(move, decision))
        return;
    const Dw__Virements *virements = virements_of(state, move->year);
    const Dw__Virement *same = find_virement(virements, &move->virement_id);
    if (same != NULL) {
        if (same->pence != move->pence || same->from_number != move->from_number ||
            same->to_number != move->to_number)
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                            "This virement id is used and says something else; take a fresh one.");
        return;
    }
    const Dw__BudgetLine *from = find_line(model, move->year, move->from_number, decision);
    if (from == NULL || find_line(model, move->year, move->to_number, decision) == NULL)
        return;
    if (from->amount_pence + placements_moved(state, move->year, from->number) < move->pence) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_BUDGET_SPENT,
                        "The line \"%s\" has not so much; move less of it.", from->name);
        return;
    }
    if (virements != NULL && virements->n_virements == PLACEMENTS_VIREMENTS_MAX) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                        "Money is moved at most %d times a year; move more at once.",
                        PLACEMENTS_VIREMENTS_MAX);
        return;
    }
    Dw__BudgetMoved moved = DW__BUDGET_MOVED__INIT;
    moved.virement_id = move->virement_id;
    moved.year = move->year;
    moved.from_number = move->from_number;
    moved.to_number = move->to_number;
    moved.pence = move->pence;
    decision_emit(decision, &moved.base);
}
