/* Recording a person: the details go to the vault, the facts that reports divide by into the event. */
#include "services/referrals/state.h"

#include "common/calendar.h"

#include <string.h>

enum {
    CONTACTS_MAX = 10, /* family, advocate, attorney, doctor and some to spare */
    ADDRESS_LINES_MAX = 6,
    DATE_MIN = -25567, /* 1900-01-01, the first date the calendar takes */
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
    else if (details->born == NULL || details->born->days < DATE_MIN ||
             details->born->days > ctx->today)
        decision_invalid(decision, "details.born", "a birth date lies between 1900 and today");
    else if (details->n_contacts > CONTACTS_MAX)
        decision_invalid(decision, "details.contacts", "a person has at most %d", CONTACTS_MAX);
    else if (details->n_address_lines > ADDRESS_LINES_MAX)
        decision_invalid(decision, "details.address_lines", "an address has at most %d",
                         ADDRESS_LINES_MAX);
}

/* One person, one number: a second record of somebody would share out what is known of them. */
static void check_council_ref(const struct state *state, const struct id *council_ref,
                              struct decision *decision)
{
    char number[ID_TEXT_SIZE];
    const struct id *other_id = referrals_person_by_council(state, council_ref);
    if (other_id == NULL)
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
    if (referrals_person(state, &record->person_id) != NULL) {
        decision_refuse(decision, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_ALREADY_EXISTS,
                        "This person number is used already; choose a fresh one at random.");
        return;
    }
    const struct id council_ref = context_pseudonym(ctx, record->details->council_id);
    check_council_ref(state, &council_ref, decision);
    const int age = calendar_age(record->details->born->days, ctx->today);
    check_model(record->facts, age, (const Dw__CommissioningModel *)ctx->model, decision);
    if (decision_is_no(decision))
        return;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const int32_t born = record->details->born->days;
    Dw__Date today = DW__DATE__INIT;
    today.days = ctx->today;
    Dw__PersonFacts facts = *record->facts;
    facts.age = (uint32_t)age;
    facts.recorded = &today;
    const struct id vault_id = context_new_id(ctx);
    Dw__PersonRecorded recorded = DW__PERSON_RECORDED__INIT;
    Dw__NextAgeBand next = DW__NEXT_AGE_BAND__INIT;
    if (referrals_next_band(model, calendar_month(born), facts.age, &next))
        recorded.next_band = &next;
    const uint32_t from_age = model->rules == NULL ? 0 : model->rules->support_from_age;
    const struct id support_ref = referrals_date_ref(ctx, &person_id, date_of_age(born, from_age));
    if (facts.age < from_age)
        recorded.support_from_ref = id_to_data(&support_ref);
    recorded.person_id = record->person_id;
    recorded.vault_id = id_to_data(&vault_id);
    recorded.facts = &facts;
    recorded.council_ref = id_to_data(&council_ref);
    decision_emit(decision, &recorded.base);
    decision_keep(decision, &vault_id, &record->details->base);
}
