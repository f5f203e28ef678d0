/* Call-offs as they are told: to the council with everything, to a provider without whom they are for and without others' offers. */
#include "services/placements/calloffs.h"

#include "common/paging.h"

#include <string.h>

enum { CALL_OFFS_SHOWN = 20 }; /* with the texts of their offers */

static bool is_provider(const struct context *ctx)
{
    return ctx->principal->role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
           !id_is_zero(&ctx->principal->provider_id);
}

static bool has_offered(const Dw__CallOff *call_off, const struct id *provider_id)
{
    for (size_t at = 0; at < call_off->n_offers; at++) {
        const struct id id = id_or_zero(&call_off->offers[at]->provider_id);
        if (id_equal(&id, provider_id))
            return true;
    }
    return false;
}

static bool may_see(const struct state *state, const Dw__CallOff *call_off,
                    const struct context *ctx)
{
    return !is_provider(ctx) ||
           call_off_may_answer(state, call_off, &ctx->principal->provider_id, ctx->today) ||
           has_offered(call_off, &ctx->principal->provider_id);
}

static bool fits(const Dw__CallOff *call_off, const Dw__ListCallOffs *list)
{
    bool in_state = list->n_states == 0;
    for (size_t at = 0; at < list->n_states; at++)
        in_state = in_state || list->states[at] == call_off->state;
    return in_state && (list->call_off_id.len == 0 ||
                        id_data_equal(&list->call_off_id, &call_off->call_off_id));
}

static int compare_newest(const void *left, const void *right)
{
    const Dw__CallOff *one = *(Dw__CallOff *const *)left;
    const Dw__CallOff *two = *(Dw__CallOff *const *)right;
    if (one->opened_ms != two->opened_ms)
        return one->opened_ms > two->opened_ms ? -1 : 1;
    const struct id one_id = id_or_zero(&one->call_off_id);
    const struct id two_id = id_or_zero(&two->call_off_id);
    return id_compare(&two_id, &one_id);
}

/* What was written, or "" when nothing was, or when it is not yet read. */
static char *read_text(struct vault *vault, const ProtobufCBinaryData *text_id)
{
    static char nothing[] = "";
    struct id id;
    if (!id_from_data(text_id, &id))
        return nothing;
    const Dw__PlacementText *text = vault_get(vault, &id, &dw__placement_text__descriptor);
    return text == NULL ? nothing : text->text;
}

static void show_offers(const Dw__CallOff *call_off, const struct context *ctx, struct vault *vault,
                        struct answer *answer, Dw__CallOffShown *shown)
{
    shown->offers = answer_alloc(answer, (call_off->n_offers + 1) * sizeof shown->offers[0]);
    Dw__OfferShown *offers = answer_alloc(answer, (call_off->n_offers + 1) * sizeof offers[0]);
    for (size_t at = 0; at < call_off->n_offers; at++) {
        Dw__Offer *offer = call_off->offers[at];
        const struct id provider_id = id_or_zero(&offer->provider_id);
        if (offer->state == DW__OFFER_STATE__OFFER_STATE_WON && offer->scores != NULL)
            shown->winning_total = offer->scores->total;
        if (is_provider(ctx) && !id_equal(&provider_id, &ctx->principal->provider_id))
            continue;
        Dw__OfferShown *told = &offers[at];
        dw__offer_shown__init(told);
        told->offer = offer;
        told->statement = read_text(vault, &offer->statement_id);
        shown->offers[shown->n_offers++] = told;
    }
}

static Dw__CallOffShown *show(const Dw__CallOff *call_off, const struct context *ctx,
                              struct vault *vault, struct answer *answer)
{
    Dw__CallOffShown *shown = answer_alloc(answer, sizeof *shown);
    dw__call_off_shown__init(shown);
    shown->call_off_id = call_off->call_off_id;
    shown->kind = call_off->kind;
    shown->state = call_off->state;
    shown->requirement = call_off->requirement;
    shown->closes_ms = call_off->closes_ms;
    shown->weights = call_off->weights;
    shown->description = read_text(vault, &call_off->description_id);
    show_offers(call_off, ctx, vault, answer, shown);
    if (is_provider(ctx))
        return shown;
    if (call_off->terms != NULL)
        shown->person_id = call_off->terms->person_id;
    shown->placement_id = call_off->placement_id;
    shown->programme_refused = call_off->programme_refused;
    shown->programme_said = call_off->programme_said;
    return shown;
}

PLACEMENTS_QUERY(list_call_offs)
{
    const Dw__ListCallOffs *list = (const Dw__ListCallOffs *)request;
    Dw__CallOffList page = DW__CALL_OFF_LIST__INIT;
    if (!paging_read(list->page, list->per_page, CALL_OFFS_SHOWN, CALL_OFFS_SHOWN, answer,
                     &page.page, &page.per_page))
        return;
    struct pick pick =
        paging_pick(page.page, page.per_page, sizeof(Dw__CallOff *), compare_newest, answer);
    const Dw__CallOff **found = pick.items;
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_CALL_OFF);
    for (size_t at = 0; at < count; at++) {
        const Dw__CallOff *call_off =
            entities_at(state->entities, PLACEMENTS_KIND_CALL_OFF, at, NULL);
        if (fits(call_off, list) && may_see(state, call_off, ctx))
            pick_offer(&pick, &call_off);
    }
    size_t first;
    page.n_call_offs = paging_rows(&pick, page.page, page.per_page, &first);
    page.total = (uint32_t)pick.total;
    Dw__CallOffShown *shown[CALL_OFFS_SHOWN];
    page.call_offs = shown;
    for (size_t at = 0; at < page.n_call_offs; at++)
        shown[at] = show(found[first + at], ctx, vault, answer);
    answer_give(answer, &page.base);
}
