/* What all queries have in common: texts of the vault. */
#include "services/outcomes/state.h"

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
