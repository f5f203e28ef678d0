/* The decision to propose a placement: what the terms must say, and what speaks against them. */
#include "services/placements/state.h"

#include "common/calendar.h"

#include <string.h>

#include "model.pb-c.h"

enum {
    SESSIONS_MAX = 14,          /* two parts of a day, seven days */
    USES_MAX = 6,               /* the limits a sitting may have */
    AMOUNT_MAX = 10000,         /* as capacity takes it */
    AGE_MAX = 130,              /* nobody was ever older */
    PRICE_PENCE_MAX = 10000000, /* £100,000 a week is a slip of the keyboard */
    YEAR_PENCE_MAX = 52 * PRICE_PENCE_MAX,
    DATE_MIN = -25567, /* 1900-01-01 and */
    DATE_MAX = 84005,  /* 2199-12-31, the dates the calendar takes */
};

static bool is_id(const ProtobufCBinaryData *data)
{
    struct id id;
    return id_from_data(data, &id);
}

static bool same_bytes(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    return left->len == right->len && memcmp(left->data, right->data, left->len) == 0;
}

static bool is_date(const Dw__Date *date)
{
    return date->days >= DATE_MIN && date->days <= DATE_MAX;
}

static void check_sessions(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (terms->n_session_ids < 1 || terms->n_session_ids > SESSIONS_MAX)
        decision_invalid(decision, "terms.session_ids", "a placement has 1 to %d sessions",
                         SESSIONS_MAX);
    for (size_t at = 0; at < terms->n_session_ids && !decision_is_no(decision); at++) {
        if (!is_id(&terms->session_ids[at]))
            decision_invalid(decision, "terms.session_ids", "an id is empty");
        for (size_t before = 0; before < at; before++)
            if (same_bytes(&terms->session_ids[before], &terms->session_ids[at]))
                decision_invalid(decision, "terms.session_ids", "a session is named twice");
    }
}

static void check_numbers(const Dw__PlacementTerms *terms, struct decision *decision)
{
    if (terms->n_uses > USES_MAX)
        decision_invalid(decision, "terms.uses", "a sitting has at most %d limits", USES_MAX);
    for (size_t at = 0; at < terms->n_uses && !decision_is_no(decision); at++)
        if (terms->uses[at]->amount > AMOUNT_MAX)
            decision_invalid(decision, "terms.uses", "an amount is at most %d", AMOUNT_MAX);
    if (terms->price_pence_per_week < 0 || terms->price_pence_per_week > PRICE_PENCE_MAX)
        decision_invalid(decision, "terms.price_pence_per_week", "it is 0 to %d", PRICE_PENCE_MAX);
    if (terms->price_pence_per_year < 0 || terms->price_pence_per_year > YEAR_PENCE_MAX)
        decision_invalid(decision, "terms.price_pence_per_year", "it is 0 to %d", YEAR_PENCE_MAX);
    if (terms->age > AGE_MAX)
        decision_invalid(decision, "terms.age", "it is at most %d", AGE_MAX);
    if ((terms->line_number > 0) != (terms->referral_id.len > 0))
        decision_invalid(decision, "terms.line_number",
                         "a referral and a line of it are named together");
}

/* What is wrong whatever the state. */
static void check_form(const Dw__ProposePlacement *propose, struct decision *decision)
{
    const Dw__PlacementTerms *terms = propose->terms;
    if (!is_id(&propose->placement_id))
        decision_invalid(decision, "placement_id", "it must be said, and it is not");
    else if (!is_id(&propose->hold_id))
        decision_invalid(decision, "hold_id", "it must be said, and it is not");
    else if (terms == NULL)
        decision_invalid(decision, "terms", "they must be said, and they are not");
    if (decision_is_no(decision))
        return;
    if (!is_id(&terms->person_id))
        decision_invalid(decision, "terms.person_id", "it must be said, and it is not");
    else if (!is_id(&terms->service_id))
        decision_invalid(decision, "terms.service_id", "it must be said, and it is not");
    else if (!is_id(&terms->provider_id))
        decision_invalid(decision, "terms.provider_id", "it must be said, and it is not");
    else if (terms->from == NULL || !is_date(terms->from))
        decision_invalid(decision, "terms.from", "the first date must be said, 1900 to 2199");
    else if (terms->to != NULL && (!is_date(terms->to) || terms->to->days < terms->from->days))
        decision_invalid(decision, "terms.to", "the last date lies before the first, or too late");
    check_sessions(terms, decision);
    check_numbers(terms, decision);
}

static bool has_level(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_levels; at++)
        if (model->levels[at]->number == number)
            return true;
    return false;
}

static bool has_district(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return true;
    return false;
}

static void check_model(const Dw__PlacementTerms *terms, const Dw__CommissioningModel *model,
                        struct decision *decision)
{
    if (!has_level(model, terms->level))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_LEVEL_UNKNOWN,
                        "The council has no level %u; take one of its model's.", terms->level);
    else if (!has_district(model, terms->district))
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_DISTRICT_UNKNOWN,
                        "The council has no district %u; take one of its model's.",
                        terms->district);
    else if (model->rules != NULL && terms->age < model->rules->record_from_age)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_YOUNG,
                        "The council places people from the age of %u.",
                        model->rules->record_from_age);
}

static bool same_terms(const Dw__PlacementTerms *left, const Dw__PlacementTerms *right,
                       struct decision *decision)
{
    const size_t len = protobuf_c_message_get_packed_size(&left->base);
    if (protobuf_c_message_get_packed_size(&right->base) != len)
        return false;
    uint8_t *bytes = decision_alloc(decision, len * 2);
    (void)protobuf_c_message_pack(&left->base, bytes);
    (void)protobuf_c_message_pack(&right->base, bytes + len);
    return memcmp(bytes, bytes + len, len) == 0;
}

/* True when the very same was proposed before, so that there is nothing to do; refuses when one of the ids is used. */
static bool is_known(const struct state *state, const Dw__ProposePlacement *propose,
                     struct decision *decision)
{
    const Dw__Placement *same = placements_get(state, &propose->placement_id);
    if (same != NULL && same_terms(same->terms, propose->terms, decision) &&
        (same->hold_replaced || same_bytes(&same->hold_id, &propose->hold_id)))
        return true;
    if (same != NULL || placements_by_hold(state, &propose->hold_id) != NULL)
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                        "This %s id is used by a placement that says something else; take a "
                        "fresh one.",
                        same != NULL ? "placement" : "hold");
    return false;
}

static void check_overlap(const struct state *state, const Dw__PlacementTerms *terms,
                          struct decision *decision)
{
    const Dw__Placement *other = placements_overlapping(state, terms);
    if (other == NULL)
        return;
    struct id id = {0};
    (void)id_from_data(&other->placement_id, &id);
    char text[ID_TEXT_SIZE];
    id_to_text(&id, text);
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OVERLAPPING_SESSIONS,
                    "The person has one of these sessions in these dates by placement %s, which "
                    "%s; end or cancel that one, or leave the session out.",
                    text, placement_state_words((enum placement_state)other->state));
}

PLACEMENTS_DECIDE(propose)
{
    const Dw__ProposePlacement *propose = (const Dw__ProposePlacement *)command;
    check_form(propose, decision);
    if (decision_is_no(decision) || is_known(state, propose, decision))
        return;
    check_model(propose->terms, (const Dw__CommissioningModel *)ctx->model, decision);
    check_overlap(state, propose->terms, decision);
    if (decision_is_no(decision))
        return;
    Dw__PlacementProposed proposed = DW__PLACEMENT_PROPOSED__INIT;
    proposed.placement_id = propose->placement_id;
    proposed.hold_id = propose->hold_id;
    proposed.terms = propose->terms;
    decision_emit(decision, &proposed.base);
    placements_send_hold(decision, propose->terms, &propose->hold_id);
}
