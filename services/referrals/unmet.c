/* Unmet need: what was wanted and could not be had, why, where and on which days. Councils plan their markets by it. */
#include "services/referrals/state.h"

#include <string.h>

static const struct id NO_ID = {{0}};
enum { NEEDS_MAX = 16, KINDS_MAX = 8 };

static void check_form(const Dw__RecordUnmetNeed *record, struct decision *decision)
{
    struct id id;
    const Dw__UnmetNeed *need = record->need;
    if (!id_from_data(&record->unmet_id, &id))
        decision_invalid(decision, "unmet_id", "it must be said, and it is not");
    if (need == NULL) {
        decision_invalid(decision, "need", "it must be said, and it is not");
        return;
    }
    referrals_check_sessions((const Dw__LineSession *const *)need->sessions, need->n_sessions,
                             "need", decision);
    if (need->n_needs > NEEDS_MAX)
        decision_invalid(decision, "need.needs", "at most %d are named", NEEDS_MAX);
    if (need->n_support_reasons > NEEDS_MAX)
        decision_invalid(decision, "need.support_reasons", "at most %d are named", NEEDS_MAX);
    if (need->n_kinds > KINDS_MAX)
        decision_invalid(decision, "need.kinds", "at most %d are named", KINDS_MAX);
    if ((need->line_number > 0) != (need->referral_id.len > 0))
        decision_invalid(decision, "need.line_number",
                         "a referral and a line of it are named together");
}

/* The line that is named, or NULL: there is none, or it was answered with a no. */
static const Dw__Referral *find_line(const struct state *state, const Dw__UnmetNeed *need,
                                     struct decision *decision)
{
    if (need->line_number == 0)
        return NULL;
    const Dw__Referral *referral = referrals_find(state, &need->referral_id, decision);
    if (referral == NULL)
        return NULL;
    if (need->line_number > referral->n_lines) {
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_LINE_UNKNOWN,
                        "The referral has no line %u; name one of 1 to %zu.", need->line_number,
                        referral->n_lines);
        return NULL;
    }
    return referral;
}

/* What is not said is what the line wants. */
static void take_from_line(const Dw__Referral *referral, Dw__UnmetNeed *need)
{
    Dw__ReferralLine *line = referral->lines[need->line_number - 1]->line;
    need->person_id = referral->person_id;
    if (need->n_sessions == 0) {
        need->n_sessions = line->n_sessions;
        need->sessions = line->sessions;
    }
    if (need->n_needs == 0) {
        need->n_needs = line->n_needs;
        need->needs = line->needs;
    }
    if (need->n_kinds == 0) {
        need->n_kinds = 1;
        need->kinds = &line->kind;
    }
    if (need->level == 0)
        need->level = line->level;
}

static bool same_person(const ProtobufCBinaryData *left, const ProtobufCBinaryData *right)
{
    return left->len == right->len && memcmp(left->data, right->data, left->len) == 0;
}

/* What is recorded already under the id, said as it was said then: what was not said is as it was found then. */
static bool is_said_again(const Dw__UnmetNeed *known, const Dw__UnmetNeed *said,
                          struct decision *decision)
{
    Dw__UnmetNeed need = *said;
    need.unmet_id = known->unmet_id;
    need.recorded_ms = known->recorded_ms;
    need.by = known->by;
    need.number = known->number;
    if (need.district == 0)
        need.district = known->district;
    if (need.line_number > 0) {
        if (need.person_id.len == 0)
            need.person_id = known->person_id;
        if (need.level == 0)
            need.level = known->level;
        if (need.n_sessions == 0) {
            need.n_sessions = known->n_sessions;
            need.sessions = known->sessions;
        }
        if (need.n_needs == 0) {
            need.n_needs = known->n_needs;
            need.needs = known->needs;
        }
        if (need.n_kinds == 0) {
            need.n_kinds = known->n_kinds;
            need.kinds = known->kinds;
        }
    }
    const size_t len = dw__unmet_need__get_packed_size(known);
    if (dw__unmet_need__get_packed_size(&need) != len)
        return false;
    uint8_t *known_bytes = decision_alloc(decision, len + 1);
    uint8_t *bytes = decision_alloc(decision, len + 1);
    (void)dw__unmet_need__pack(known, known_bytes);
    (void)dw__unmet_need__pack(&need, bytes);
    return memcmp(known_bytes, bytes, len) == 0;
}

static void check_model(const Dw__UnmetNeed *need, const Dw__CommissioningModel *model,
                        struct decision *decision)
{
    if (need->level != 0 && !referrals_has_level(model, need->level))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_LEVEL_UNKNOWN,
                        "The council has no level %u; take one of its model's.", need->level);
    if (need->district != 0 && !referrals_has_district(model, need->district))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DISTRICT_UNKNOWN,
                        "The council has no district %u; take one of its model's.", need->district);
}

/* A market is planned by where something is wanted, and what. */
static void check_whole(const Dw__UnmetNeed *need, struct decision *decision)
{
    if (need->district == 0)
        decision_invalid(decision, "need.district",
                         "say the district of the home, or whose need it is");
    else if (need->n_sessions + need->n_needs + need->n_kinds + need->n_support_reasons == 0 &&
             need->level == 0)
        decision_invalid(decision, "need",
                         "say what was wanted: a kind, a level, a need, whom for, or when");
}

REFERRALS_DECIDE(record_unmet_need)
{
    const Dw__RecordUnmetNeed *record = (const Dw__RecordUnmetNeed *)command;
    struct id unmet_id;
    check_form(record, decision);
    if (decision_is_no(decision))
        return;
    (void)id_from_data(&record->unmet_id, &unmet_id);
    const uint32_t *number = table_get(state->unmet, &unmet_id);
    if (number != NULL) {
        const Dw__UnmetNeed *known =
            entities_get(state->entities, REFERRALS_KIND_UNMET, &NO_ID, *number % UNMET_MAX);
        if (!is_said_again(known, record->need, decision))
            decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ALREADY_EXISTS,
                            "This id is used already; take a fresh one.");
        return;
    }
    Dw__UnmetNeed need = *record->need;
    const Dw__Referral *referral = find_line(state, &need, decision);
    if (referral != NULL && need.person_id.len > 0 &&
        !same_person(&need.person_id, &referral->person_id))
        decision_invalid(decision, "need.person_id",
                         "the referral is another person's; leave it out, or name theirs");
    if (decision_is_no(decision))
        return;
    if (referral != NULL)
        take_from_line(referral, &need);
    const Dw__Person *person =
        need.person_id.len == 0 ? NULL : referrals_find_person(state, &need.person_id, decision);
    if (person != NULL && need.district == 0)
        need.district = person->facts->district;
    check_model(&need, (const Dw__CommissioningModel *)ctx->model, decision);
    check_whole(&need, decision);
    if (decision_is_no(decision))
        return;
    need.unmet_id = record->unmet_id;
    need.recorded_ms = ctx->now_ms;
    need.by = (char *)(uintptr_t)ctx->principal->name;
    need.number = state->unmet_last + 1;
    Dw__UnmetNeedRecorded recorded = DW__UNMET_NEED_RECORDED__INIT;
    recorded.need = &need;
    recorded.facts = person == NULL ? NULL : person->facts;
    decision_emit(decision, &recorded.base);
}

REFERRALS_EVOLVE(unmet_need_recorded)
{
    (void)recorded;
    const Dw__UnmetNeed *need = ((const Dw__UnmetNeedRecorded *)event)->need;
    if (need != NULL)
        entities_put(state->entities, REFERRALS_KIND_UNMET, &NO_ID, need->number % UNMET_MAX,
                     &need->base);
}
