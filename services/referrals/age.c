/* What must be known of a birth date outside the vault, and no more: the month of the next age band, which is told when the month
 * is over, and for who is too young a pseudonym of the date from which support may start. */
#include "services/referrals/state.h"

#include "common/calendar.h"
#include "common/text.h"

enum {
    MONTHS_BACK = 120, /* however long no daemon ran, or old the copy is that was restored */
};

bool referrals_next_band(const Dw__CommissioningModel *model, int32_t born_month, uint32_t age,
                         Dw__NextAgeBand *ret_next)
{
    uint32_t next = UINT32_MAX;
    for (size_t at = 0; at < model->n_age_bands; at++)
        if (model->age_bands[at]->from > age && model->age_bands[at]->from < next)
            next = model->age_bands[at]->from;
    if (next > INT16_MAX || born_month + 12 * (int32_t)next < 0)
        return false;
    ret_next->month = (uint32_t)(born_month + 12 * (int32_t)next);
    ret_next->age = next;
    return true;
}

struct id referrals_date_ref(const struct context *ctx, const struct id *person_id, int32_t date)
{
    char number[ID_TEXT_SIZE];
    char text[ID_TEXT_SIZE + 16];
    id_to_text(person_id, number);
    (void)text_format(text, sizeof text, "%s %d", number, (int)date);
    return context_pseudonym(ctx, text);
}

/* A few years of days at most, and only of people who were too young. */
bool referrals_date_reached(const struct context *ctx, const Dw__Person *person, int32_t last)
{
    enum { DAYS_MAX = 20 * 366 }; /* from the day of recording to any age at which support starts */
    const struct id person_id = id_or_zero(&person->person_id);
    const struct id wanted = id_or_zero(&person->support_from_ref);
    const int32_t first = person->facts->recorded->days;
    for (int32_t date = first; date <= last && date < first + DAYS_MAX; date++) {
        const struct id ref = referrals_date_ref(ctx, &person_id, date);
        if (id_equal(&ref, &wanted))
            return true;
    }
    return last >= first + DAYS_MAX;
}

/* --- age bands ---------------------------------------------------------------------------------------------------- */

static bool is_over(uint32_t month, const struct context *ctx)
{
    return (int32_t)month < calendar_month(ctx->today);
}

REFERRALS_DECIDE(change_age_band)
{
    const Dw__ChangeAgeBand *change = (const Dw__ChangeAgeBand *)command;
    const Dw__Person *person = referrals_person(state, &change->person_id);
    if (person == NULL || person->next_band == NULL || person->died != NULL ||
        !is_over(person->next_band->month, ctx))
        return;
    Dw__AgeBandChanged changed = DW__AGE_BAND_CHANGED__INIT;
    Dw__PersonFacts facts = *person->facts;
    Dw__NextAgeBand next = DW__NEXT_AGE_BAND__INIT;
    Dw__Date date = DW__DATE__INIT;
    const int32_t month = (int32_t)person->next_band->month;
    date.days = calendar_month_first(month + 1);
    facts.age = person->next_band->age;
    facts.recorded = &date;
    changed.person_id = person->person_id;
    changed.facts = &facts;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (referrals_next_band(model, month - 12 * (int32_t)facts.age, facts.age, &next))
        changed.next_band = &next;
    if (model->rules != NULL && facts.age < model->rules->support_from_age)
        changed.support_from_ref = person->support_from_ref;
    decision_emit(decision, &changed.base);
}

int64_t referrals_due_bands(const struct state *state, const struct context *ctx, size_t max,
                            struct due *due)
{
    const int32_t now = calendar_month(ctx->today);
    size_t count = 0;
    for (int32_t back = 1; back <= MONTHS_BACK && back <= now; back++) {
        const uint32_t month = (uint32_t)(now - back);
        for (const struct id *at = lists_first(state->by_band, &month); at != NULL;
             at = lists_next(state->by_band, at)) {
            if (count++ == max)
                return ctx->now_ms;
            Dw__ChangeAgeBand change = DW__CHANGE_AGE_BAND__INIT;
            change.person_id = id_to_data(at);
            due_command(due, &change.base);
        }
    }
    return calendar_london_to_utc(calendar_month_first(now + 1), 0);
}
