/* What all queries have in common: pages, and texts of the vault. */
#include "services/outcomes/state.h"

#include "common/pick.h"

bool outcomes_page(uint32_t page, uint32_t per_page, uint32_t usual, uint32_t max,
                   struct answer *answer, uint32_t *ret_page, uint32_t *ret_per_page)
{
    if (per_page > max) {
        answer_invalid(answer, "per_page", "a page has at most %u", max);
        return false;
    }
    *ret_page = page == 0 ? 1 : page;
    *ret_per_page = per_page == 0 ? usual : per_page;
    if ((uint64_t)*ret_page * *ret_per_page > PICK_ROWS_MAX) {
        answer_invalid(answer, "page", "pages end at row %d; ask for less", PICK_ROWS_MAX);
        return false;
    }
    return true;
}

void outcomes_add_text(const ProtobufCBinaryData *text_id, struct vault *vault,
                       struct answer *answer, Dw__PlanText **texts, size_t *count)
{
    struct id id;
    if (!id_from_data(text_id, &id))
        return;
    const Dw__OutcomeText *kept = vault_get(vault, &id, &dw__outcome_text__descriptor);
    if (kept == NULL)
        return;
    Dw__PlanText *text = answer_alloc(answer, sizeof *text);
    dw__plan_text__init(text);
    text->text_id = *text_id;
    text->text = kept->text;
    texts[(*count)++] = text;
}
