/* Queries about contracts and frameworks. A provider sees its own contracts only. */
#include "services/capacity/state.h"

enum { LIST_MAX = 100 };

static bool may_see(const Dw__Contract *contract, const struct context *ctx)
{
    const struct id provider_id = id_or_zero(&contract->provider_id);
    return principal_sees(ctx->principal, &provider_id);
}

/* The answer about one contract. */
static Dw__ContractFound *tell(const struct state *state, const Dw__Contract *contract,
                               const struct framework_terms *frameworks, struct answer *answer)
{
    Dw__ContractFound *found = answer_alloc(answer, sizeof *found);
    const int32_t last = capacity_contract_last(state, contract, frameworks);
    *found = (Dw__ContractFound)DW__CONTRACT_FOUND__INIT;
    found->contract = (Dw__Contract *)(uintptr_t)contract;
    found->standing = answer_alloc(answer, sizeof *found->standing);
    *found->standing = capacity_standing(state, contract);
    if (last == INT32_MAX)
        return found;
    found->last = answer_alloc(answer, sizeof *found->last);
    *found->last = (Dw__Date)DW__DATE__INIT;
    found->last->days = last;
    return found;
}

void capacity_query_get_contract(const struct state *state, const ProtobufCMessage *request,
                                 const struct context *ctx, struct vault *vault,
                                 struct answer *answer)
{
    (void)vault;
    struct id contract_id;
    if (!id_from_data(&((const Dw__GetContract *)request)->contract_id, &contract_id)) {
        answer_invalid(answer, "contract_id", "an id has 16 bytes, not all zero");
        return;
    }
    const Dw__Contract *contract = capacity_contract(state, &contract_id);
    if (contract == NULL || !may_see(contract, ctx)) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_UNKNOWN,
                      "There is no such contract, or it is another provider's.");
        return;
    }
    const struct framework_terms frameworks = capacity_framework_terms(state, ctx);
    answer_give(answer, &tell(state, contract, &frameworks, answer)->base);
}

/* The contracts with the smallest ids behind one; at most as many as are wanted. */
struct page {
    struct id after; /* zero: from the first */
    size_t max;
    struct id ids[LIST_MAX];
    size_t count;
};

static void page_offer(struct page *page, const struct id *id)
{
    if (id_compare(id, &page->after) <= 0)
        return;
    if (page->count == page->max) {
        if (id_compare(id, &page->ids[page->count - 1]) > 0)
            return;
        page->count--;
    }
    size_t at = page->count++;
    for (; at > 0 && id_compare(id, &page->ids[at - 1]) < 0; at--)
        page->ids[at] = page->ids[at - 1];
    page->ids[at] = *id;
}

static bool is_wanted(const Dw__ListContracts *list, const Dw__Contract *contract)
{
    struct id wanted_id, provider_id = {0};
    (void)id_from_data(&contract->provider_id, &provider_id);
    return (!id_from_data(&list->provider_id, &wanted_id) || id_equal(&wanted_id, &provider_id)) &&
           (list->framework == 0 || list->framework == contract->framework);
}

void capacity_query_list_contracts(const struct state *state, const ProtobufCMessage *request,
                                   const struct context *ctx, struct vault *vault,
                                   struct answer *answer)
{
    (void)vault;
    const Dw__ListContracts *list = (const Dw__ListContracts *)request;
    struct page page = {.max = list->limit == 0 ? LIST_MAX : list->limit};
    if (list->limit > LIST_MAX) {
        answer_invalid(answer, "limit", "a page has at most 100 entries");
        return;
    }
    (void)id_from_data(&list->after_contract_id, &page.after);
    Dw__ContractsListed listed = DW__CONTRACTS_LISTED__INIT;
    for (size_t at = 0; at < entities_count(state->entities, KIND_CONTRACT); at++) {
        struct entity_key key;
        const Dw__Contract *contract = entities_at(state->entities, KIND_CONTRACT, at, &key);
        if (!may_see(contract, ctx) || !is_wanted(list, contract))
            continue;
        listed.total++;
        page_offer(&page, &key.id);
    }
    const struct framework_terms frameworks = capacity_framework_terms(state, ctx);
    listed.contracts = answer_alloc(answer, page.count * sizeof listed.contracts[0] + 1);
    for (size_t at = 0; at < page.count; at++)
        listed.contracts[listed.n_contracts++] =
            tell(state, capacity_contract(state, &page.ids[at]), &frameworks, answer);
    answer_give(answer, &listed.base);
}

void capacity_query_get_framework_term(const struct state *state, const ProtobufCMessage *request,
                                       const struct context *ctx, struct vault *vault,
                                       struct answer *answer)
{
    (void)vault;
    const uint32_t number = ((const Dw__GetFrameworkTerm *)request)->framework;
    const Dw__Framework *framework = capacity_framework(ctx, number);
    if (framework == NULL) {
        answer_refuse(answer, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_FRAMEWORK_UNKNOWN,
                      "The council's model has no framework %u.", number);
        return;
    }
    const Dw__FrameworkTerm *term = capacity_framework_term(state, number);
    Dw__Framework shown = *framework;
    Dw__FrameworkTermFound found = DW__FRAMEWORK_TERM_FOUND__INIT;
    if (shown.over_value == DW__RULE_EFFECT__RULE_EFFECT_UNSPECIFIED)
        shown.over_value = DW__RULE_EFFECT__RULE_EFFECT_OFF; /* what is not said does nothing */
    found.framework = &shown;
    found.to = term == NULL ? framework->to : term->to;
    found.extensions_exercised = term == NULL ? 0 : term->extensions_exercised;
    for (size_t at = 0; at < entities_count(state->entities, KIND_CONTRACT); at++) {
        const Dw__Contract *contract = entities_at(state->entities, KIND_CONTRACT, at, NULL);
        if (contract->framework != number)
            continue;
        found.contracts++;
        found.contracts_open +=
            capacity_standing(state, contract).state != DW__CONTRACT_STATE__CONTRACT_STATE_ENDED;
    }
    answer_give(answer, &found.base);
}
