/* ProviderQuality. A provider sees itself; concerns are for the safeguarding lead alone. */
#include <stdlib.h>

#include "services/capacity/state.h"

enum {
    SHOWN_MAX = 20, /* actions, concerns, assurances: each with what was written of it */
    SUSPENSIONS_SHOWN_MAX = 100,
    DAY_MS = 86400000,
};

/* What one answer is made with. */
struct showing {
    const struct state *state;
    const struct context *ctx;
    struct vault *vault;
    struct answer *answer;
    struct id provider_id;
};

static char *read_text(const struct showing *showing, const struct id *id)
{
    static char nothing[] = "";
    const Dw__QualityText *text = vault_get(showing->vault, id, &dw__quality_text__descriptor);
    return text == NULL ? nothing : text->text;
}

/* Ids of a list in some order by a date, as many as are shown. */
struct picked {
    struct id ids[SHOWN_MAX];
    int32_t dates[SHOWN_MAX];
    size_t count;
};

/* The earliest dates first; equal ones by id. */
static void pick(struct picked *picked, const struct id *id, int32_t date)
{
    size_t at = picked->count;
    if (at == SHOWN_MAX) {
        at--;
        if (date > picked->dates[at] ||
            (date == picked->dates[at] && id_compare(id, &picked->ids[at]) > 0))
            return;
    } else {
        picked->count++;
    }
    for (; at > 0 && (date < picked->dates[at - 1] ||
                      (date == picked->dates[at - 1] && id_compare(id, &picked->ids[at - 1]) < 0));
         at--) {
        picked->ids[at] = picked->ids[at - 1];
        picked->dates[at] = picked->dates[at - 1];
    }
    picked->ids[at] = *id;
    picked->dates[at] = date;
}

static void show_actions(const struct showing *showing, Dw__ProviderQualityFound *found)
{
    struct picked picked = {.count = 0};
    for (const struct id *id = lists_first(showing->state->actions, &showing->provider_id);
         id != NULL; id = lists_next(showing->state->actions, id)) {
        const Dw__ImprovementAction *action = capacity_action(showing->state, id);
        found->actions_open++;
        found->actions_overdue += action->due->days < showing->ctx->today;
        pick(&picked, id, action->due->days);
    }
    Dw__ActionShown *shown = answer_alloc(showing->answer, picked.count * sizeof shown[0] + 1);
    found->actions = answer_alloc(showing->answer, picked.count * sizeof found->actions[0] + 1);
    for (size_t at = 0; at < picked.count; at++) {
        const Dw__ImprovementAction *action = capacity_action(showing->state, &picked.ids[at]);
        shown[at] = (Dw__ActionShown)DW__ACTION_SHOWN__INIT;
        shown[at].action = (Dw__ImprovementAction *)(uintptr_t)action;
        shown[at].overdue = action->due->days < showing->ctx->today;
        shown[at].text = read_text(showing, &picked.ids[at]);
        found->actions[found->n_actions++] = &shown[at];
    }
}

static void show_assurances(const struct showing *showing, Dw__ProviderQualityFound *found)
{
    struct picked picked = {.count = 0};
    for (const struct id *id = lists_first(showing->state->assurances_of, &showing->provider_id);
         id != NULL; id = lists_next(showing->state->assurances_of, id)) {
        const Dw__Assurance *assurance = capacity_assurance(showing->state, id);
        found->assurances_expired +=
            capacity_date_or_never(assurance->expires) < showing->ctx->today;
        pick(&picked, id, (int32_t)assurance->kind);
    }
    found->assurances =
        answer_alloc(showing->answer, picked.count * sizeof found->assurances[0] + 1);
    for (size_t at = 0; at < picked.count; at++)
        found->assurances[found->n_assurances++] =
            (Dw__Assurance *)(uintptr_t)capacity_assurance(showing->state, &picked.ids[at]);
}

static bool may_see_concerns(const struct context *ctx)
{
    return ctx->principal->role == DW__ROLE__ROLE_SAFEGUARDING_LEAD;
}

/* The last recorded first; what was recorded before concerns said when, by its own date. */
static void pick_concerns(const struct showing *showing, const struct id *under,
                          struct picked *picked, Dw__ProviderQualityFound *found)
{
    for (const struct id *id = lists_first(showing->state->concerns, under); id != NULL;
         id = lists_next(showing->state->concerns, id)) {
        const Dw__Concern *concern = capacity_concern(showing->state, id);
        found->concerns_total++;
        pick(picked, id,
             concern->date != NULL ? -concern->date->days
                                   : -(int32_t)(concern->recorded_ms / DAY_MS));
    }
}

static void show_concerns(const struct showing *showing, Dw__ProviderQualityFound *found)
{
    const struct id ref = capacity_concern_ref(showing->ctx, &showing->provider_id);
    struct picked picked = {.count = 0};
    if (!may_see_concerns(showing->ctx))
        return;
    pick_concerns(showing, &ref, &picked, found);
    pick_concerns(showing, &showing->provider_id, &picked, found);
    Dw__ConcernShown *shown = answer_alloc(showing->answer, picked.count * sizeof shown[0] + 1);
    found->concerns = answer_alloc(showing->answer, picked.count * sizeof found->concerns[0] + 1);
    for (size_t at = 0; at < picked.count; at++) {
        const struct id *id = &picked.ids[at];
        const Dw__QualityText *kept = vault_get(showing->vault, id, &dw__quality_text__descriptor);
        shown[at] = (Dw__ConcernShown)DW__CONCERN_SHOWN__INIT;
        shown[at].concern = kept != NULL && kept->concern != NULL
                                ? kept->concern
                                : (Dw__Concern *)(uintptr_t)capacity_concern(showing->state, id);
        if (kept != NULL)
            shown[at].text = kept->text;
        found->concerns[found->n_concerns++] = &shown[at];
    }
}

static int compare_suspensions(const void *left, const void *right)
{
    const Dw__StandingSuspension *const *one = left;
    const Dw__StandingSuspension *const *other = right;
    struct id one_id = {0}, other_id = {0};
    (void)id_from_data(&(*one)->service_id, &one_id);
    (void)id_from_data(&(*other)->service_id, &other_id);
    return id_compare(&one_id, &other_id);
}

/* The provider's own first, then its services' by id. */
static void show_suspensions(const struct showing *showing, Dw__ProviderQualityFound *found)
{
    found->suspensions =
        answer_alloc(showing->answer, SUSPENSIONS_SHOWN_MAX * sizeof found->suspensions[0]);
    for (size_t at = 0; at < entities_count(showing->state->entities, KIND_SUSPENSION); at++) {
        const Dw__StandingSuspension *suspension =
            entities_at(showing->state->entities, KIND_SUSPENSION, at, NULL);
        const struct id provider_id = id_or_zero(&suspension->provider_id);
        if (!suspension->lifted && id_equal(&provider_id, &showing->provider_id) &&
            found->n_suspensions < SUSPENSIONS_SHOWN_MAX)
            found->suspensions[found->n_suspensions++] =
                (Dw__StandingSuspension *)(uintptr_t)suspension;
    }
    if (found->n_suspensions > 0)
        qsort(found->suspensions, found->n_suspensions, sizeof found->suspensions[0],
              compare_suspensions);
}

static void show_visits(const struct showing *showing, Dw__Date *next,
                        Dw__ProviderQualityFound *found)
{
    const Dw__VisitStanding *visits = capacity_visits(showing->state, &showing->provider_id);
    const int32_t since = capacity_visit_since(showing->state, &showing->provider_id);
    const uint32_t days = capacity_visit_days(showing->ctx);
    struct id visit_id;
    if (visits != NULL)
        found->last_visit = visits->last;
    if (found->last_visit != NULL && id_from_data(&found->last_visit->visit_id, &visit_id))
        found->visit_notes = read_text(showing, &visit_id);
    if (days == 0 || since == INT32_MAX)
        return;
    next->days = since + (int32_t)days;
    found->next_visit = next;
}

void capacity_query_provider_quality(const struct state *state, const ProtobufCMessage *request,
                                     const struct context *ctx, struct vault *vault,
                                     struct answer *answer)
{
    struct showing showing = {.state = state, .ctx = ctx, .vault = vault, .answer = answer};
    Dw__Date next = DW__DATE__INIT;
    if (!id_from_data(&((const Dw__ProviderQuality *)request)->provider_id, &showing.provider_id)) {
        answer_invalid(answer, "provider_id", "an id has 16 bytes, not all zero");
        return;
    }
    const Dw__Provider *provider = capacity_provider(state, &showing.provider_id);
    if (provider == NULL || !principal_sees(ctx->principal, &showing.provider_id)) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_UNKNOWN,
                      "There is no such provider, or it is another one than yours.");
        return;
    }
    Dw__ProviderQualityFound found = DW__PROVIDER_QUALITY_FOUND__INIT;
    found.provider = (Dw__Provider *)(uintptr_t)provider;
    show_visits(&showing, &next, &found);
    show_actions(&showing, &found);
    show_assurances(&showing, &found);
    show_suspensions(&showing, &found);
    show_concerns(&showing, &found);
    answer_give(answer, &found.base);
}
