/* Subject access: everything that outcomes holds of a person, in pages. */
#include "services/outcomes/state.h"

#include "common/paging.h"

enum {
    PIECES_SHOWN_MAX = 3, /* a goal's texts are up to 250 KB, and an answer is at most 1 MiB */
    TEXTS_OF_PIECE_MAX = 2 + OUTCOMES_REVIEWS_MAX,
};

/* Of a plan each goal is a piece. */
struct piece {
    struct held held;
    uint32_t goal;
};

static int compare_pieces(const void *left, const void *right)
{
    const struct piece *one = left;
    const struct piece *two = right;
    if (one->held.kind != two->held.kind)
        return one->held.kind < two->held.kind ? -1 : 1;
    const int order = id_compare(&one->held.id, &two->held.id);
    return order != 0 ? order : one->goal < two->goal ? -1 : 1;
}

static void offer(const struct state *state, const struct held *held, struct pick *pick)
{
    size_t count = 1;
    if (held->kind == OUTCOMES_KIND_PLAN)
        count = ((const Dw__OutcomePlan *)entities_get(state->entities, OUTCOMES_KIND_PLAN,
                                                       &held->id, 0))
                    ->n_goals;
    for (uint32_t at = 0; at < count; at++)
        pick_offer(pick, &(struct piece){*held, at});
}

static void show_goal(const Dw__OutcomePlan *plan, uint32_t number, struct vault *vault,
                      struct answer *answer, Dw__HeldPiece *shown)
{
    const Dw__GoalRecord *goal = plan->goals[number];
    shown->plan_id = plan->plan_id;
    shown->subject = plan->subject;
    shown->agreed = plan->agreed;
    shown->goal = plan->goals[number];
    outcomes_add_text(&goal->goal->text_id, vault, answer, shown->texts, &shown->n_texts);
    for (size_t at = 0; at < goal->n_reviews; at++)
        outcomes_add_text(&goal->reviews[at]->notes_id, vault, answer, shown->texts,
                          &shown->n_texts);
}

static void show(const struct state *state, const struct piece *piece, struct vault *vault,
                 struct answer *answer, Dw__HeldPiece *shown)
{
    static const ProtobufCBinaryData nothing = {0, NULL};
    const ProtobufCBinaryData *text_id = &nothing;
    const ProtobufCBinaryData id = id_to_data(&piece->held.id);
    const uint8_t kind = (uint8_t)piece->held.kind;
    void *record = (void *)(uintptr_t)entities_get(state->entities, kind, &piece->held.id, 0);
    dw__held_piece__init(shown);
    shown->texts = answer_alloc(answer, TEXTS_OF_PIECE_MAX * sizeof shown->texts[0]);
    switch (kind) {
    case OUTCOMES_KIND_PLAN:
        show_goal(record, piece->goal, vault, answer, shown);
        break;
    case OUTCOMES_KIND_SUPPORT: {
        struct id *placement_id = answer_alloc(answer, sizeof *placement_id);
        *placement_id = piece->held.id;
        shown->placement_id = id_to_data(placement_id);
        shown->support = record;
        break;
    }
    case OUTCOMES_KIND_MILESTONE:
        shown->milestone = record;
        text_id = &shown->milestone->milestone->text_id;
        break;
    case OUTCOMES_KIND_SATISFACTION:
        shown->satisfaction = record;
        text_id = &shown->satisfaction->text_id;
        break;
    case OUTCOMES_KIND_END_REPORT:
        shown->end_report = record;
        text_id = &shown->end_report->text_id;
        break;
    case OUTCOMES_KIND_VOICE:
        shown->feedback = outcomes_voice(state, OUTCOMES_FEEDBACK, &id)->feedback;
        text_id = &shown->feedback->text_id;
        break;
    case OUTCOMES_KIND_DEATH:
        shown->deceased = record;
        break;
    default:
        break;
    }
    outcomes_add_text(text_id, vault, answer, shown->texts, &shown->n_texts);
}

OUTCOMES_QUERY(held)
{
    (void)ctx;
    const Dw__OutcomesHeld *asked = (const Dw__OutcomesHeld *)request;
    struct id person_id;
    Dw__OutcomesHeldShown found = DW__OUTCOMES_HELD_SHOWN__INIT;
    if (!id_from_data(&asked->person_id, &person_id)) {
        answer_invalid(answer, "person_id", "it must be said, and it is not");
        return;
    }
    if (!paging_read(asked->page, asked->per_page, PIECES_SHOWN_MAX, PIECES_SHOWN_MAX, answer,
                     &found.page, &found.per_page))
        return;
    struct pick pick =
        paging_pick(found.page, found.per_page, sizeof(struct piece), compare_pieces, answer);
    const struct piece *pieces = pick.items;
    for (const struct held *at = lists_first(state->by_person, &person_id); at != NULL;
         at = lists_next(state->by_person, at))
        offer(state, at, &pick);
    size_t first;
    const size_t rows = paging_rows(&pick, found.page, found.per_page, &first);
    Dw__HeldPiece *shown = answer_alloc(answer, PIECES_SHOWN_MAX * sizeof shown[0]);
    found.pieces = answer_alloc(answer, PIECES_SHOWN_MAX * sizeof found.pieces[0]);
    for (size_t at = 0; at < rows; at++) {
        show(state, &pieces[first + at], vault, answer, &shown[found.n_pieces]);
        found.pieces[found.n_pieces] = &shown[found.n_pieces];
        found.n_pieces++;
    }
    found.total = (uint32_t)pick.total;
    found.erased = outcomes_is_erased(state, &asked->person_id);
    answer_give(answer, &found.base);
}
