/* Questions about placements. A provider's people see the placements with their own provider that were offered to it, and no others. */
#include "services/placements/checks.h"

#include "common/paging.h"

static bool may_see(const Dw__Placement *placement, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&placement->terms->provider_id);
    return principal_sees(ctx->principal, &provider_id) &&
           (id_is_zero(&ctx->principal->provider_id) || placements_was_offered(placement));
}

/* What a change saved the council is not the provider's. */
static void leave_savings_out(Dw__Placement *seen, struct answer *answer)
{
    Dw__FormerTerms **former = answer_alloc(answer, seen->n_former * sizeof former[0] + 1);
    for (size_t at = 0; at < seen->n_former; at++) {
        former[at] = answer_alloc(answer, sizeof *former[at]);
        *former[at] = *seen->former[at];
        former[at]->saving = NULL;
    }
    seen->former = former;
}

/* Whom the council passed over, what it approved, what it saved, and where somebody has moved to, is nothing for those it chose among. */
static Dw__Placement *as_seen(const Dw__Placement *placement, const struct context *ctx,
                              struct answer *answer)
{
    if (id_is_zero(&ctx->principal->provider_id))
        return (Dw__Placement *)(uintptr_t)placement;
    Dw__Placement *seen = answer_alloc(answer, sizeof *seen);
    *seen = *placement;
    seen->n_passed_over_service_ids = 0;
    seen->moved_on = NULL;
    seen->approval = NULL;
    leave_savings_out(seen, answer);
    if (placement->last_no != NULL &&
        placement->last_no->why_case == DW__LAST_NO__WHY_REFUSE_REASON)
        seen->last_no = NULL;
    seen->change = NULL;
    if (placement->change == NULL ||
        placement->change->state != DW__CHANGE_STATE__CHANGE_STATE_CONFIRMING)
        return seen; /* the council may say no still */
    seen->change = answer_alloc(answer, sizeof *seen->change);
    *seen->change = *placement->change;
    seen->change->approval = NULL;
    seen->change->why = NULL;
    return seen;
}

PLACEMENTS_QUERY(get)
{
    (void)vault;
    const Dw__GetPlacement *get = (const Dw__GetPlacement *)request;
    struct id id;
    if (!id_from_data(&get->placement_id, &id)) {
        answer_invalid(answer, "placement_id", "it must be said, and it is not");
        return;
    }
    const Dw__Placement *placement = placements_get(state, &get->placement_id);
    if (placement == NULL)
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PLACEMENT_UNKNOWN,
                      "There is no placement with this id.");
    else if (!may_see(placement, ctx))
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                      "The placement is with another provider, or was not offered to yours.");
    else
        answer_give(answer, &as_seen(placement, ctx, answer)->base);
}

static bool has_state(const Dw__ListPlacements *list, Dw__PlacementState state)
{
    for (size_t at = 0; at < list->n_states; at++)
        if (list->states[at] == state)
            return true;
    return list->n_states == 0;
}

static bool fits(const Dw__Placement *placement, const Dw__ListPlacements *list)
{
    const Dw__PlacementTerms *terms = placement->terms;
    return has_state(list, placement->state) &&
           (list->person_id.len == 0 || id_data_equal(&list->person_id, &terms->person_id)) &&
           (list->provider_id.len == 0 || id_data_equal(&list->provider_id, &terms->provider_id)) &&
           (list->service_id.len == 0 || id_data_equal(&list->service_id, &terms->service_id));
}

/* Newest first; the id decides between two of one instant, so that pages never shift. */
static int compare_newest(const void *left, const void *right)
{
    const Dw__Placement *one = *(Dw__Placement *const *)left;
    const Dw__Placement *two = *(Dw__Placement *const *)right;
    if (one->proposed_ms != two->proposed_ms)
        return one->proposed_ms > two->proposed_ms ? -1 : 1;
    struct id one_id = {0};
    struct id two_id = {0};
    (void)id_from_data(&one->placement_id, &one_id);
    (void)id_from_data(&two->placement_id, &two_id);
    return id_compare(&two_id, &one_id);
}

static uint32_t wanted_flags(const Dw__ListPlacements *list)
{
    uint32_t wanted = 0;
    for (size_t at = 0; at < list->n_flags; at++)
        wanted |= UINT32_C(1) << list->flags[at];
    return wanted;
}

/* A provider is told nothing of what the council has not decided yet. */
static uint32_t flags_seen(const struct state *state, const Dw__Placement *placement,
                           const struct context *ctx)
{
    const uint32_t flags =
        placements_flags(state, (const Dw__CommissioningModel *)ctx->model, placement, ctx->today);
    uint32_t hidden = UINT32_C(1) << DW__PLACEMENT_FLAG__PLACEMENT_FLAG_AWAITS_APPROVAL;
    if (placements_is_coming(placement)) /* then it is a change that waits */
        hidden |= UINT32_C(1) << DW__PLACEMENT_FLAG__PLACEMENT_FLAG_PLACE_NOT_HELD;
    return id_is_zero(&ctx->principal->provider_id) ? flags : flags & ~hidden;
}

static bool has_wanted(const struct state *state, const Dw__Placement *placement, uint32_t wanted,
                       const struct context *ctx)
{
    return wanted == 0 || (flags_seen(state, placement, ctx) & wanted) != 0;
}

static void offer_fitting(const struct state *state, const Dw__ListPlacements *list,
                          const struct context *ctx, struct pick *pick)
{
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_PLACEMENT);
    const uint32_t wanted = wanted_flags(list);
    for (size_t at = 0; at < count; at++) {
        const Dw__Placement *placement =
            entities_at(state->entities, PLACEMENTS_KIND_PLACEMENT, at, NULL);
        if (fits(placement, list) && may_see(placement, ctx) &&
            has_wanted(state, placement, wanted, ctx))
            pick_offer(pick, &placement);
    }
}

/* The flags of each placement of the page. */
static void tell_flags(const struct state *state, const struct context *ctx, struct answer *answer,
                       Dw__PlacementList *page)
{
    enum { FLAGS_MAX = 16 };
    page->flags = answer_alloc(answer, (page->n_placements + 1) * sizeof page->flags[0]);
    for (size_t at = 0; at < page->n_placements; at++) {
        Dw__PlacementFlags *told = answer_alloc(answer, sizeof *told);
        dw__placement_flags__init(told);
        told->flags = answer_alloc(answer, FLAGS_MAX * sizeof told->flags[0]);
        const uint32_t flags = flags_seen(state, page->placements[at], ctx);
        for (int flag = 1; flag < FLAGS_MAX; flag++)
            if ((flags >> flag & 1) != 0)
                told->flags[told->n_flags++] = (Dw__PlacementFlag)flag;
        page->flags[page->n_flags++] = told;
    }
}

PLACEMENTS_QUERY(list)
{
    (void)vault;
    const Dw__ListPlacements *list = (const Dw__ListPlacements *)request;
    Dw__PlacementList page = DW__PLACEMENT_LIST__INIT;
    if (!paging_read(list->page, list->per_page, PER_PAGE, PER_PAGE_MAX, answer, &page.page,
                     &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(Dw__Placement *), compare_newest, answer);
    Dw__Placement **found = pick.items;
    size_t first;
    offer_fitting(state, list, ctx, &pick);
    page.n_placements = paging_rows(&pick, page.page, page.per_page, &first);
    page.placements = found + first;
    page.total = (uint32_t)pick.total;
    tell_flags(state, ctx, answer, &page);
    for (size_t at = 0; at < page.n_placements; at++)
        page.placements[at] = as_seen(page.placements[at], ctx, answer);
    answer_give(answer, &page.base);
}

/* --- what was written -------------------------------------------------------------------------------------------- */

/* The provider does, from when it has taken the person until support is over. */
static bool may_know_plan(const Dw__Placement *placement, int32_t today)
{
    return placements_is_coming(placement) ||
           placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED ||
           (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED &&
            placement->last->days >= today);
}

PLACEMENTS_QUERY(support_plan)
{
    const Dw__GetSupportPlan *get = (const Dw__GetSupportPlan *)request;
    const Dw__Placement *placement = placements_get(state, &get->placement_id);
    struct id plan_id;
    if (placement == NULL) {
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_PLACEMENT_UNKNOWN,
                      "There is no placement with this id.");
    } else if (!may_see(placement, ctx)) {
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_YOURS,
                      "The placement is with another provider.");
    } else if (placement->shared == NULL || !id_from_data(&placement->shared->plan_id, &plan_id)) {
        answer_refuse(answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SHARED,
                      "Nothing was shared yet; a social worker shares it when the person agrees.");
    } else if (!id_is_zero(&ctx->principal->provider_id) && !may_know_plan(placement, ctx->today)) {
        answer_refuse(
            answer, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SHARED,
            "Support has ended or will not be, and what was shared for it with it; ask the "
            "council.");
    } else {
        Dw__SupportPlanRead read = DW__SUPPORT_PLAN_READ__INIT;
        read.plan =
            (Dw__SupportPlan *)(uintptr_t)vault_get(vault, &plan_id, &dw__support_plan__descriptor);
        read.shared = placement->shared;
        answer_give(answer, &read.base);
    }
}

/* Those records of the list that are there still; ret_records has room for all. */
static size_t read_texts(struct vault *vault, const ProtobufCBinaryData *ids, size_t count,
                         const ProtobufCMessageDescriptor *type, const void **ret_records)
{
    size_t read = 0;
    for (size_t at = 0; at < count; at++) {
        const struct id id = id_or_zero(&ids[at]);
        const void *record = vault_get(vault, &id, type);
        if (record != NULL)
            ret_records[read++] = record;
    }
    return read;
}

PLACEMENTS_QUERY(texts_held)
{
    static const Dw__PersonTexts none = DW__PERSON_TEXTS__INIT;
    const Dw__PersonTextsHeld *held = (const Dw__PersonTextsHeld *)request;
    (void)ctx;
    struct id person_id;
    if (!id_from_data(&held->person_id, &person_id)) {
        answer_invalid(answer, "person_id", "it must be said, and it is not");
        return;
    }
    const Dw__PersonTexts *texts =
        entities_get(state->entities, PLACEMENTS_KIND_TEXTS, &person_id, 0);
    if (texts == NULL)
        texts = &none;
    const void **texts_read = answer_alloc(answer, (texts->n_text_ids + 1) * sizeof(void *));
    const void **plans_read = answer_alloc(answer, (texts->n_plan_ids + 1) * sizeof(void *));
    Dw__PersonTextsShown shown = DW__PERSON_TEXTS_SHOWN__INIT;
    shown.n_texts = read_texts(vault, texts->text_ids, texts->n_text_ids,
                               &dw__placement_text__descriptor, texts_read);
    shown.texts = (Dw__PlacementText **)texts_read;
    shown.n_plans = read_texts(vault, texts->plan_ids, texts->n_plan_ids,
                               &dw__support_plan__descriptor, plans_read);
    shown.plans = (Dw__SupportPlan **)plans_read;
    answer_give(answer, &shown.base);
}
