/* Recording a person and changing what is known: the details go to the vault, the facts that reports divide by into the event. */
#include "services/referrals/state.h"

#include "common/calendar.h"

#include <string.h>

enum {
    CONTACTS_MAX = 10, /* family, advocate, attorney, doctor and some to spare */
    ADDRESS_LINES_MAX = 6,
    COMPANIONS_MAX = 20, /* a group is not larger */
};

const Dw__Person *referrals_find_person(const struct state *state,
                                        const ProtobufCBinaryData *person_id,
                                        struct decision *decision)
{
    struct id id;
    if (!id_from_data(person_id, &id)) {
        decision_invalid(decision, "person_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Person *person = referrals_person(state, person_id);
    if (person == NULL)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_UNKNOWN,
                        "There is no person with this number; record the person first.");
    return person;
}

bool referrals_nhs_number_is_valid(const char *number)
{
    enum { DIGITS = 10 };
    if (strlen(number) != DIGITS || strspn(number, "0123456789") != DIGITS)
        return false;
    int sum = 0;
    for (int at = 0; at < DIGITS - 1; at++)
        sum += (number[at] - '0') * (DIGITS - at);
    const int check = (11 - sum % 11) % 11;
    return check == number[DIGITS - 1] - '0';
}

static bool is_practice_code(const char *code)
{
    enum { CODE_LEN = 6 };
    return strlen(code) == CODE_LEN && code[0] >= 'A' && code[0] <= 'Z' &&
           strspn(code + 1, "0123456789") == CODE_LEN - 1;
}

static void check_care(const Dw__PersonDetails *details, const struct context *ctx,
                       struct decision *decision)
{
    const Dw__Date *eligible = details->care_act_eligible_from;
    if (details->gp_practice_code[0] != '\0' && !is_practice_code(details->gp_practice_code))
        decision_invalid(decision, "details.gp_practice_code",
                         "it is not a letter and five digits; leave it out if unknown");
    else if (details->n_wants_with_ids > COMPANIONS_MAX)
        decision_invalid(decision, "details.wants_with_ids", "at most %d are named",
                         COMPANIONS_MAX);
    else if (details->n_not_with_ids > COMPANIONS_MAX)
        decision_invalid(decision, "details.not_with_ids", "at most %d are named", COMPANIONS_MAX);
    else if (eligible != NULL && (eligible->days < CALENDAR_FIRST || eligible->days > ctx->today))
        decision_invalid(decision, "details.care_act_eligible_from",
                         "it lies between 1900 and today");
    else if (details->indicative_budget_pence < 0)
        decision_invalid(decision, "details.indicative_budget_pence",
                         "it is not less than nothing");
    else if (details->agreed_budget_pence < 0)
        decision_invalid(decision, "details.agreed_budget_pence", "it is not less than nothing");
}

static void check_details(const Dw__PersonDetails *details, const struct context *ctx,
                          struct decision *decision)
{
    if (details == NULL)
        decision_invalid(decision, "details", "they must be said, and they are not");
    else if (details->council_id[strspn(details->council_id, " \t")] == '\0')
        decision_invalid(decision, "details.council_id", "it must be said, and it is not");
    else if (details->nhs_number[0] != '\0' && !referrals_nhs_number_is_valid(details->nhs_number))
        decision_invalid(decision, "details.nhs_number",
                         "it is not ten digits with a right check digit; leave it out if unknown");
    else if (details->born == NULL || details->born->days < CALENDAR_FIRST ||
             details->born->days > ctx->today)
        decision_invalid(decision, "details.born", "a birth date lies between 1900 and today");
    else if (details->n_contacts > CONTACTS_MAX)
        decision_invalid(decision, "details.contacts", "a person has at most %d", CONTACTS_MAX);
    else if (details->n_address_lines > ADDRESS_LINES_MAX)
        decision_invalid(decision, "details.address_lines", "an address has at most %d",
                         ADDRESS_LINES_MAX);
    else
        check_care(details, ctx, decision);
}

/* One person, one number: a second record of somebody would share out what is known of them. */
static void check_council_ref(const struct state *state, const struct id *person_id,
                              const struct id *council_ref, struct decision *decision)
{
    char number[ID_TEXT_SIZE];
    const struct id *other_id = referrals_person_by_council(state, council_ref);
    if (other_id == NULL || id_equal(other_id, person_id))
        return;
    id_to_text(other_id, number);
    decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_COUNCIL_ID_IN_USE,
                    "This council id is recorded as the person with number %s; use that number, or "
                    "correct the id.",
                    number);
}

bool referrals_has_district(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return true;
    return false;
}

static void check_model(const Dw__PersonFacts *facts, int age, const Dw__CommissioningModel *model,
                        struct decision *decision)
{
    if (!referrals_has_district(model, facts->district))
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_DISTRICT_UNKNOWN,
                        "The council has no district %u; take one of its model's.",
                        facts->district);
    else if (model->rules != NULL && age < (int)model->rules->record_from_age)
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_TOO_YOUNG,
                        "The council records people from the age of %u.",
                        model->rules->record_from_age);
}

/* The first date on which somebody is of that age. */
static int32_t date_of_age(int32_t born, uint32_t age)
{
    int32_t date = calendar_month_first(calendar_month(born) + 12 * (int32_t)age);
    while (calendar_age(born, date) < (int)age)
        date++;
    return date;
}

/* What stands outside the vault for the details inside it. */
struct known {
    Dw__PersonFacts facts;
    Dw__Date today;
    Dw__NextAgeBand next;
    bool has_next;
    struct id council_ref;
    struct id support_ref;
    bool is_too_young;
};

static void work_out(const struct context *ctx, const struct id *person_id,
                     const Dw__PersonDetails *details, const Dw__PersonFacts *facts,
                     struct known *ret_known)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const uint32_t from_age = model->rules == NULL ? 0 : model->rules->support_from_age;
    const int32_t born = details->born->days;
    *ret_known =
        (struct known){.facts = *facts, .today = DW__DATE__INIT, .next = DW__NEXT_AGE_BAND__INIT};
    ret_known->today.days = ctx->today;
    ret_known->facts.age = (uint32_t)calendar_age(born, ctx->today);
    ret_known->facts.recorded = &ret_known->today;
    ret_known->has_next =
        referrals_next_band(model, calendar_month(born), ret_known->facts.age, &ret_known->next);
    ret_known->council_ref = context_pseudonym(ctx, details->council_id);
    ret_known->support_ref = referrals_date_ref(ctx, person_id, date_of_age(born, from_age));
    ret_known->is_too_young = ret_known->facts.age < from_age;
}

static void check_known(const struct state *state, const struct context *ctx,
                        const struct id *person_id, const struct known *known,
                        struct decision *decision)
{
    check_council_ref(state, person_id, &known->council_ref, decision);
    check_model(&known->facts, (int)known->facts.age, (const Dw__CommissioningModel *)ctx->model,
                decision);
}

REFERRALS_DECIDE(record_person)
{
    const Dw__RecordPerson *record = (const Dw__RecordPerson *)command;
    struct id person_id;
    if (!id_from_data(&record->person_id, &person_id))
        decision_invalid(decision, "person_id", "it must be said, and it is not");
    if (record->facts == NULL)
        decision_invalid(decision, "facts", "they must be said, and they are not");
    check_details(record->details, ctx, decision);
    if (decision_is_no(decision))
        return;
    const struct id said_ref = decision_pseudonym(decision, ctx, "", &record->base);
    const Dw__Person *person = referrals_person(state, &record->person_id);
    if (person != NULL) {
        struct id known_ref;
        if (id_from_data(&person->said_ref, &known_ref) && id_equal(&known_ref, &said_ref))
            return; /* it is so already */
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ALREADY_EXISTS,
                        "This person number is used already; choose a fresh one at random.");
        return;
    }
    struct known known;
    work_out(ctx, &person_id, record->details, record->facts, &known);
    check_known(state, ctx, &person_id, &known, decision);
    if (decision_is_no(decision))
        return;
    const struct id vault_id = context_new_id(ctx);
    Dw__PersonRecorded recorded = DW__PERSON_RECORDED__INIT;
    recorded.person_id = record->person_id;
    recorded.vault_id = id_to_data(&vault_id);
    recorded.facts = &known.facts;
    recorded.council_ref = id_to_data(&known.council_ref);
    recorded.said_ref = id_to_data(&said_ref);
    if (known.has_next)
        recorded.next_band = &known.next;
    if (known.is_too_young)
        recorded.support_from_ref = id_to_data(&known.support_ref);
    decision_emit(decision, &recorded.base);
    decision_keep(decision, &vault_id, &record->details->base);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

/* Other details take the place of those of before, which are emptied: what is wrong or over is no longer held. */
static void change_details(const Dw__Person *person, const Dw__PersonDetails *details,
                           const struct known *known, const struct context *ctx,
                           Dw__PersonChanged *changed, struct decision *decision)
{
    const struct id vault_id = context_new_id(ctx);
    struct id before_id;
    uint8_t *bytes = decision_alloc(decision, sizeof vault_id.bytes);
    memcpy(bytes, vault_id.bytes, sizeof vault_id.bytes);
    changed->vault_id = (ProtobufCBinaryData){sizeof vault_id.bytes, bytes};
    changed->council_ref = id_to_data(&known->council_ref);
    changed->next_band = known->has_next ? (Dw__NextAgeBand *)(uintptr_t)&known->next : NULL;
    changed->support_from_ref =
        known->is_too_young ? id_to_data(&known->support_ref) : (ProtobufCBinaryData){0, NULL};
    decision_keep(decision, &vault_id, &details->base);
    if (id_from_data(&person->vault_id, &before_id))
        decision_forget(decision, &before_id);
}

/* Facts alone leave the age and whatever else comes of the birth date as they are. */
static void keep_age(const Dw__Person *person, const Dw__PersonFacts *facts,
                     struct known *ret_known)
{
    *ret_known = (struct known){.facts = *facts};
    ret_known->facts.age = person->facts->age;
    ret_known->facts.recorded = person->facts->recorded;
    (void)id_from_data(&person->council_ref, &ret_known->council_ref);
}

REFERRALS_DECIDE(change_person)
{
    const Dw__ChangePerson *change = (const Dw__ChangePerson *)command;
    const Dw__Person *person = referrals_find_person(state, &change->person_id, decision);
    if (change->details == NULL && change->facts == NULL)
        decision_invalid(decision, "details", "nothing is named that would change");
    else if (change->details != NULL)
        check_details(change->details, ctx, decision);
    if (decision_is_no(decision))
        return;
    if (person->erasure != NULL && person->erasure->erased_ms != 0) {
        decision_refuse(
            decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_PERSON_ERASED,
            "What was known of this person is erased; record them with a fresh number.");
        return;
    }
    struct id person_id;
    struct known known;
    const Dw__PersonFacts *facts = change->facts != NULL ? change->facts : person->facts;
    (void)id_from_data(&person->person_id, &person_id);
    if (change->details != NULL)
        work_out(ctx, &person_id, change->details, facts, &known);
    else
        keep_age(person, facts, &known);
    check_known(state, ctx, &person_id, &known, decision);
    if (decision_is_no(decision) ||
        (change->details != NULL && !referrals_check_death(&known.facts, person->died, decision)))
        return;
    Dw__PersonChanged changed = DW__PERSON_CHANGED__INIT;
    changed.person_id = person->person_id;
    changed.vault_id = person->vault_id;
    changed.facts = &known.facts;
    changed.council_ref = person->council_ref;
    changed.next_band = person->next_band;
    changed.support_from_ref = person->support_from_ref;
    if (change->details != NULL)
        change_details(person, change->details, &known, ctx, &changed, decision);
    decision_emit(decision, &changed.base);
}
