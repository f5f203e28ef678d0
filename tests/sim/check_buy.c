/* The checker's own fold of call-offs, of moves between placements, and of money that is nobody's alone. See check.h. */
#include "tests/sim/check.h"

#include "common/calendar.h"

#include <stdlib.h>
#include <string.h>

enum {
    WEIGHT_PRICE = 20, /* of tests/data/sim-model.json */
    WEIGHT_QUALITY = 40,
    WEIGHT_OUTCOMES = 20,
    WEIGHT_SOCIAL_VALUE = 20,
    LINES = 2,
    YEARS_FROM = 2025,
    YEARS = 3,
    DAYS_A_WEEK = 7,
};
static const int64_t agreed_pence[LINES] = {4000000, 3000000};

struct offer {
    struct id id;
    struct id provider;
    int64_t price_pence;
    bool stands;
    bool lost;
};

struct call_off {
    int state; /* Dw__CallOffState */
    struct id person;
    struct buffer offers; /* struct offer */
    struct id winner;
    uint32_t winning_total;
    struct id placement; /* that must come of it */
    bool has_come;
};

/* What a move has yet to say. */
struct move {
    int32_t date;
    struct id to;
    bool ended;
    bool started;
};

struct check_money {
    struct table *call_offs;     /* id -> struct call_off */
    struct table *placements;    /* id of one that was called off -> id of its call-off */
    struct table *moves;         /* id of the placement that was left -> struct move */
    struct table *contributions; /* person id -> struct buffer of struct assessed */
    int64_t moved_pence[YEARS];
    int64_t released_pence[YEARS];
    int64_t virements[YEARS][LINES];
};

struct assessed {
    int32_t from;
    int64_t pence;
};

struct check_money *check_create_money(void)
{
    struct check_money *money = calloc(1, sizeof *money);
    if (money == NULL)
        abort();
    money->call_offs = table_create(sizeof(struct id), sizeof(struct call_off));
    money->placements = table_create(sizeof(struct id), sizeof(struct id));
    money->moves = table_create(sizeof(struct id), sizeof(struct move));
    money->contributions = table_create(sizeof(struct id), sizeof(struct buffer));
    return money;
}

void check_destroy_money(struct check_money **money)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next((*money)->call_offs, &at, &key, &value);)
        buffer_free(&((struct call_off *)value)->offers);
    for (size_t at = 0; table_next((*money)->contributions, &at, &key, &value);)
        buffer_free(value);
    table_destroy(&(*money)->call_offs);
    table_destroy(&(*money)->placements);
    table_destroy(&(*money)->moves);
    table_destroy(&(*money)->contributions);
    free(*money);
    *money = NULL;
}

/* --- call-offs ------------------------------------------------------------------------------------------------------ */

static struct offer *offers_of(const struct call_off *call_off, size_t *ret_count)
{
    *ret_count = call_off->offers.len / sizeof(struct offer);
    return (void *)call_off->offers.bytes;
}

static uint32_t standing(const struct call_off *call_off)
{
    size_t count;
    const struct offer *offers = offers_of(call_off, &count);
    uint32_t stand = 0;
    for (size_t at = 0; at < count; at++)
        stand += offers[at].stands;
    return stand;
}

static struct offer *find_offer(const struct call_off *call_off, const ProtobufCBinaryData *data)
{
    size_t count;
    struct offer *offers = offers_of(call_off, &count);
    const struct id id = check_id(data);
    for (size_t at = 0; at < count; at++)
        if (id_equal(&offers[at].id, &id))
            return &offers[at];
    return NULL;
}

static void fold_opened(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(CallOffOpened, call_off_opened)
    call_off->person = check_id(&event->terms->person_id);
    if (event->weights->price != WEIGHT_PRICE || event->weights->quality != WEIGHT_QUALITY)
        sim_fail(sim, "a call-off is opened with other weights than the model's");
}

static void fold_offer(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(OfferSubmitted, offer_submitted)
    size_t count;
    struct offer *offers = offers_of(call_off, &count);
    const struct offer fresh = {.id = check_id(&event->offer->offer_id),
                                .provider = check_id(&event->offer->provider_id),
                                .price_pence = event->offer->price_pence_per_week,
                                .stands = true};
    for (size_t at = 0; at < count; at++)
        if (id_equal(&offers[at].provider, &fresh.provider))
            offers[at].stands = false;
    struct offer *same = find_offer(call_off, &event->offer->offer_id);
    if (same != NULL && !id_equal(&same->provider, &fresh.provider))
        sim_fail(sim, "an offer is another provider's");
    else if (same != NULL) /* it had been replaced by another one */
        *same = fresh;
    else
        buffer_append(&call_off->offers, &fresh, sizeof fresh);
}

static void fold_withdrawn(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(OfferWithdrawn, offer_withdrawn)
    struct offer *offer = find_offer(call_off, &event->offer_id);
    if (offer == NULL || (!offer->stands && !offer->lost) ||
        id_equal(&offer->id, &call_off->winner))
        sim_fail(sim, "an offer is taken back that does not stand");
    else
        offer->stands = offer->lost = false;
}

static void fold_closed(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(CallOffClosed, call_off_closed)
    if (event->offers != standing(call_off))
        sim_fail(sim, "a call-off closes with %u offers; there are %u", event->offers,
                 standing(call_off));
}

/* Prices are scored against the lowest of those that stand. */
static void check_scores(struct sim *sim, const struct call_off *call_off,
                         const struct offer *offer, const Dw__OfferScores *scores)
{
    size_t count;
    const struct offer *offers = offers_of(call_off, &count);
    int64_t lowest_pence = INT64_MAX;
    for (size_t at = 0; at < count; at++)
        if ((offers[at].stands || offers[at].lost) && offers[at].price_pence < lowest_pence)
            lowest_pence = offers[at].price_pence;
    const uint32_t price = (uint32_t)(lowest_pence * 100 / offer->price_pence);
    const uint32_t total = WEIGHT_PRICE * price + WEIGHT_QUALITY * scores->quality +
                           WEIGHT_OUTCOMES * scores->outcomes +
                           WEIGHT_SOCIAL_VALUE * scores->social_value;
    if (scores->price != price || scores->total != total)
        sim_fail(sim, "an offer scores %u for its price and %u in all; it is %u and %u",
                 scores->price, scores->total, price, total);
}

static void fold_awarded(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(CallOffAwarded, call_off_awarded)
    const struct id call_off_id = check_id(&event->call_off_id);
    const struct offer *offer = find_offer(call_off, &event->offer_id);
    if (offer == NULL || !offer->stands || event->offers != standing(call_off)) {
        sim_fail(sim, "an offer wins that does not stand, or among others than there are");
        return;
    }
    check_scores(sim, call_off, offer, event->scores);
    call_off->winner = offer->id;
    call_off->winning_total = event->scores->total;
    call_off->placement = check_id(&event->placement_id);
    *(struct id *)table_put(sim->checker->money->placements, &call_off->placement, NULL) =
        call_off_id;
}

static void fold_lost(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(OfferLost, offer_lost)
    struct offer *offer = find_offer(call_off, &event->offer_id);
    if (offer == NULL || !offer->stands || id_equal(&offer->id, &call_off->winner) ||
        event->winning_total != call_off->winning_total ||
        (event->scores->total > call_off->winning_total) != (bool)event->could_not_be_had) {
        sim_fail(sim, "an offer loses that has won, does not stand, or scored more");
        return;
    }
    check_scores(sim, call_off, offer, event->scores);
    offer->stands = false;
    offer->lost = true;
}

static void fold_abandoned(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    (void)sim;
    (void)call_off;
    (void)recorded;
}

/* Only what has come to nothing is undone; then all stand as before, but for the winner. */
static void fold_undone(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded)
{
    CHECK_OPEN(AwardUndone, award_undone)
    const struct id placement_id = check_id(&event->placement_id);
    const struct id offer_id = check_id(&event->offer_id);
    const struct check_placement *placement =
        table_get(sim->checker->placements, &call_off->placement);
    if (placement == NULL || !id_equal(&placement_id, &call_off->placement) ||
        !id_equal(&offer_id, &call_off->winner) || placement->moves.len == 0) {
        sim_fail(sim, "an award is undone that was another one");
        return;
    }
    const struct check_move *last =
        (const void *)(placement->moves.bytes + placement->moves.len - sizeof *last);
    if (last->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED &&
        last->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_REFUSED &&
        last->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED)
        sim_fail(sim, "an award is undone whose placement is in state %d", last->state);
    size_t count;
    struct offer *offers = offers_of(call_off, &count);
    for (size_t at = 0; at < count; at++) {
        if (id_equal(&offers[at].id, &offer_id))
            offers[at].stands = event->stands;
        else if (offers[at].lost)
            offers[at].stands = true;
        offers[at].lost = false;
    }
    call_off->winner = call_off->placement = (struct id){0};
    call_off->has_come = false;
}

/* Which event leads where, and from which states it may come. */
static const struct call_off_move {
    const char *type;
    Dw__CallOffState to;
    uint32_t from;
    void (*fold)(struct sim *sim, struct call_off *call_off, const Dw__Event *recorded);
} call_off_moves[] = {
#define FROM(name) (UINT32_C(1) << DW__CALL_OFF_STATE__CALL_OFF_STATE_##name)
#define TO(name)   DW__CALL_OFF_STATE__CALL_OFF_STATE_##name
    {"CallOffOpened", TO(OPEN), FROM(UNSPECIFIED), fold_opened},
    {"OfferSubmitted", TO(OPEN), FROM(OPEN), fold_offer},
    {"OfferWithdrawn", TO(UNSPECIFIED), FROM(OPEN) | FROM(CLOSED) | FROM(AWARDED),
     fold_withdrawn}, /* it stays */
    {"CallOffClosed", TO(CLOSED), FROM(OPEN), fold_closed},
    {"CallOffAwarded", TO(AWARDED), FROM(CLOSED), fold_awarded},
    {"OfferLost", TO(AWARDED), FROM(AWARDED), fold_lost},
    {"AwardUndone", TO(CLOSED), FROM(AWARDED), fold_undone},
    {"CallOffAbandoned", TO(ABANDONED), FROM(OPEN) | FROM(CLOSED), fold_abandoned},
#undef FROM
#undef TO
};

static void fold_call_off(struct sim *sim, const struct call_off_move *row,
                          const Dw__Event *recorded)
{
    CHECK_OPEN(CloseCallOff, close_call_off) /* the id is the first field of all of them */
    const struct id id = check_id(&event->call_off_id);
    struct call_off *call_off = table_put(sim->checker->money->call_offs, &id, NULL);
    if ((row->from >> call_off->state & 1) == 0)
        sim_fail(sim, "%s in state %d", row->type, call_off->state);
    row->fold(sim, call_off, recorded);
    if (row->to != DW__CALL_OFF_STATE__CALL_OFF_STATE_UNSPECIFIED)
        call_off->state = (int)row->to;
}

/* What is called off comes of an award, once, and as it was offered. */
static void check_proposed(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacementProposed, placement_proposed)
    const struct id id = check_id(&event->placement_id);
    const struct id call_off_id = check_id(&event->terms->call_off_id);
    const struct id person = check_id(&event->terms->person_id);
    const struct id provider = check_id(&event->terms->provider_id);
    struct call_off *call_off = table_get(sim->checker->money->call_offs, &call_off_id);
    if (id_is_zero(&call_off_id))
        return;
    const ProtobufCBinaryData winner =
        call_off == NULL ? (ProtobufCBinaryData){0} : id_to_data(&call_off->winner);
    const struct offer *offer = call_off == NULL ? NULL : find_offer(call_off, &winner);
    if (offer == NULL || call_off->has_come || !id_equal(&call_off->placement, &id) ||
        !id_equal(&call_off->person, &person) || !id_equal(&offer->provider, &provider) ||
        event->terms->price_pence_per_week != offer->price_pence)
        sim_fail(sim, "a placement is called off that was not won, or not as it was offered");
    else
        call_off->has_come = true;
}

/* --- moves ---------------------------------------------------------------------------------------------------------- */

static void fold_level_moved(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(LevelMoved, level_moved)
    const struct id id = check_id(&event->placement_id);
    const struct id to = check_id(&event->to_placement_id);
    const struct check_placement *left = table_get(sim->checker->placements, &id);
    const struct check_placement *entered = table_get(sim->checker->placements, &to);
    const int year = calendar_financial_year(event->date->days) - YEARS_FROM;
    /* All that is released without an end: nobody here has a fixed contract, or pays alone. */
    const bool is_open = event->terms->to == NULL && left != NULL && left->to_agreed == INT32_MAX;
    bool is_new;
    struct move *move = table_put(sim->checker->money->moves, &id, &is_new);
    *move = (struct move){.date = event->date->days, .to = to};
    move->ended = left != NULL &&
                  check_state_at(left, UINT64_MAX) == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED;
    if (!is_new || left == NULL || entered == NULL || !id_equal(&left->person, &entered->person))
        sim_fail(sim, "somebody moves twice from one place, or to another person's");
    else if (event->cost_released_pence < 0 ||
             event->cost_released_pence > event->money_moved_pence ||
             (is_open && event->cost_released_pence != event->money_moved_pence))
        sim_fail(sim, "%lld pence move, and %lld are released", (long long)event->money_moved_pence,
                 (long long)event->cost_released_pence);
    if (year >= 0 && year < YEARS) {
        sim->checker->money->moved_pence[year] += event->money_moved_pence;
        sim->checker->money->released_pence[year] += event->cost_released_pence;
    }
}

static void check_ended(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacementEnded, placement_ended)
    const struct id id = check_id(&event->placement_id);
    struct move *move = table_get(sim->checker->money->moves, &id);
    if (move != NULL && !move->ended) {
        const struct check_placement *left = table_get(sim->checker->placements, &id);
        const int32_t before = left->to_agreed < move->date - 1 ? left->to_agreed : move->date - 1;
        const int32_t last = left->to_planned < before ? left->to_planned : before;
        move->ended = true;
        /* What was agreed ahead may have left days between, too. */
        const bool has_gap = left->was_released || event->fell_away != NULL;
        if (has_gap ? event->last->days > last : event->last->days != last)
            sim_fail(sim, "who moves on day %d leaves on day %d", move->date, event->last->days);
    } else if (event->reason == DW__END_REASON__END_REASON_MOVED_LEVEL) {
        sim_fail(sim, "somebody has moved, and not to anywhere");
    }
}

static void check_started(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PlacementStarted, placement_started)
    const struct id id = check_id(&event->placement_id);
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->money->moves, &at, &key, &value);) {
        struct move *move = value;
        if (!id_equal(&move->to, &id))
            continue;
        if (move->started || event->date->days != move->date)
            sim_fail(sim, "who moves on day %d starts on day %d, or twice", move->date,
                     event->date->days);
        move->started = true;
    }
}

/* --- budgets and contributions -------------------------------------------------------------------------------------- */

static void fold_budget_moved(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(BudgetMoved, budget_moved)
    const uint32_t year = event->year - YEARS_FROM;
    const uint32_t from = event->from_number - 1;
    const uint32_t to = event->to_number - 1;
    if (year >= YEARS || from >= LINES || to >= LINES || from == to) {
        sim_fail(sim, "money moves between lines that there are not");
        return;
    }
    sim->checker->money->virements[year][from] -= event->pence;
    sim->checker->money->virements[year][to] += event->pence;
    if (agreed_pence[from] + sim->checker->money->virements[year][from] < 0)
        sim_fail(sim, "more is moved out of a budget line than it has");
}

static void fold_contribution(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(ContributionAssessed, contribution_assessed)
    const struct id person = check_id(&event->person_id);
    struct buffer *list = table_put(sim->checker->money->contributions, &person, NULL);
    struct assessed *assessed = (void *)list->bytes;
    const struct assessed fresh = {event->contribution->from->days,
                                   event->contribution->pence_per_week};
    for (size_t at = 0; at < list->len / sizeof fresh; at++)
        if (assessed[at].from == fresh.from) {
            assessed[at] = fresh;
            return;
        }
    buffer_append(list, &fresh, sizeof fresh);
}

void check_fold_money(struct sim *sim, const Dw__Event *recorded)
{
    check_fold_costs(sim, recorded);
    for (size_t at = 0; at < sizeof call_off_moves / sizeof call_off_moves[0]; at++)
        if (strcmp(call_off_moves[at].type, recorded->type) == 0)
            fold_call_off(sim, &call_off_moves[at], recorded);
    if (strcmp(recorded->type, "PlacementProposed") == 0)
        check_proposed(sim, recorded);
    else if (strcmp(recorded->type, "LevelMoved") == 0)
        fold_level_moved(sim, recorded);
    else if (strcmp(recorded->type, "PlacementEnded") == 0)
        check_ended(sim, recorded);
    else if (strcmp(recorded->type, "PlacementStarted") == 0)
        check_started(sim, recorded);
    else if (strcmp(recorded->type, "BudgetMoved") == 0)
        fold_budget_moved(sim, recorded);
    else if (strcmp(recorded->type, "ContributionAssessed") == 0)
        fold_contribution(sim, recorded);
}

/* --- what is shown -------------------------------------------------------------------------------------------------- */

static int64_t per_week_on(const struct buffer *list, int32_t date)
{
    const struct assessed *assessed = (const void *)list->bytes;
    const struct assessed *last = NULL;
    for (size_t at = 0; at < list->len / sizeof *assessed; at++)
        if (assessed[at].from <= date && (last == NULL || assessed[at].from > last->from))
            last = &assessed[at];
    return last == NULL ? 0 : last->pence;
}

/* The answer's body, unpacked; NULL when there is none of that type. */
static void *read_answer(struct sim *sim, const struct sim_request *request,
                         const ProtobufCMessageDescriptor *type)
{
    ProtobufCAllocator *allocator = arena_allocator(sim->arena);
    const Dw__Envelope *answer =
        dw__envelope__unpack(allocator, request->reply.len, request->reply.bytes);
    return answer == NULL || strcmp(answer->type, type->short_name) != 0
               ? NULL
               : protobuf_c_message_unpack(type, allocator, answer->body.len, answer->body.data);
}

static void check_line(struct sim *sim, const Dw__PlacementCost *line)
{
    if (line->contribution_pence < 0 || line->net_pence < 0 ||
        line->payable_sittings > line->planned_sittings ||
        line->net_pence != line->payable_pence - line->nhs_pence - line->contribution_pence)
        sim_fail(sim, "a placement costs %lld gross and %lld net, of which %lld is paid for",
                 (long long)line->payable_pence, (long long)line->net_pence,
                 (long long)line->contribution_pence);
}

/* Nobody pays more than was assessed, or than a place costs; net is what is left of gross. */
void check_shown_costs(struct sim *sim, const struct sim_request *request)
{
    arena_reset(sim->arena);
    const Dw__Costs *asked =
        dw__costs__unpack(arena_allocator(sim->arena), request->body.len, request->body.bytes);
    const Dw__CostsFound *found = read_answer(sim, request, &dw__costs_found__descriptor);
    if (asked == NULL || found == NULL) {
        sim_fail(sim, "nobody says what a person costs");
        return;
    }
    const struct id person = check_id(&asked->person_id);
    const struct buffer *list = table_get(sim->checker->money->contributions, &person);
    int64_t assessed_sevenths = 0, paid_pence = 0, net_pence = 0;
    for (int32_t date = asked->from->days; list != NULL && date <= asked->to->days; date++)
        assessed_sevenths += per_week_on(list, date);
    for (size_t at = 0; at < found->n_lines; at++) {
        check_line(sim, found->lines[at]);
        check_shown_cost(sim, found->lines[at], asked->from->days, asked->to->days);
        paid_pence += found->lines[at]->contribution_pence;
        net_pence += found->lines[at]->net_pence;
    }
    if (net_pence != found->net_pence || paid_pence > assessed_sevenths / DAYS_A_WEEK)
        sim_fail(sim, "a person pays %lld and was assessed to pay %lld", (long long)paid_pence,
                 (long long)(assessed_sevenths / DAYS_A_WEEK));
}

void check_shown_budgets(struct sim *sim, const struct sim_request *request)
{
    arena_reset(sim->arena);
    const struct check_money *money = sim->checker->money;
    const Dw__Budgets *asked =
        dw__budgets__unpack(arena_allocator(sim->arena), request->body.len, request->body.bytes);
    const Dw__BudgetsFound *found = read_answer(sim, request, &dw__budgets_found__descriptor);
    const uint32_t which = asked == NULL ? YEARS : asked->year - YEARS_FROM;
    if (which >= YEARS)
        return; /* the model knows of none */
    if (found == NULL || found->n_lines != LINES ||
        found->money_moved_pence != money->moved_pence[which] ||
        found->cost_released_pence != money->released_pence[which]) {
        sim_fail(sim, "%lld pence are shown as moved; it is %lld",
                 found == NULL ? -1LL : (long long)found->money_moved_pence,
                 (long long)money->moved_pence[which]);
        return;
    }
    for (size_t at = 0; at < LINES; at++)
        if (found->lines[at]->moved_pence != money->virements[which][at] ||
            found->lines[at]->budget_pence != agreed_pence[at] + money->virements[which][at])
            sim_fail(sim, "a budget line is shown with %lld moved into it; it is %lld",
                     (long long)found->lines[at]->moved_pence,
                     (long long)money->virements[which][at]);
}

/* Every award has led to a placement, every move to an end and a start, and every offer that stood was told. */
void check_money_at_end(struct sim *sim)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->money->call_offs, &at, &key, &value);) {
        const struct call_off *call_off = value;
        if (call_off->state == DW__CALL_OFF_STATE__CALL_OFF_STATE_AWARDED &&
            (!call_off->has_come || standing(call_off) != 1))
            sim_fail(sim, "an award led to no placement, or somebody who lost was not told");
    }
    for (size_t at = 0; table_next(sim->checker->money->moves, &at, &key, &value);)
        if (!((const struct move *)value)->ended || !((const struct move *)value)->started)
            sim_fail(sim, "somebody has moved, and has not left, or not begun");
}
