/* Call-offs and their awards, moves between placements, and money that is nobody's alone. The buyers take whatever call-off is recent,
 * whoever opened it, so that they get in each other's way. */
#include "tests/sim/folk.h"

#include "common/calendar.h"

#include <string.h>

enum {
    BROKER = DW__ROLE__ROLE_BROKER,
    COMMISSIONER = DW__ROLE__ROLE_COMMISSIONER,
    OPERATOR = DW__ROLE__ROLE_OPERATOR,
    FINANCE = DW__ROLE__ROLE_FINANCE_OFFICER,
    LATELY = 4,      /* call-offs that somebody still works on */
    OFFERS_MAX = 50, /* as a call-off takes */
    BUDGET_LINES = 2,
};

/* What a buyer does next. */
enum { ANYTHING, AWARD, MOVE };

static uint32_t recent(struct sim *sim)
{
    const uint32_t back = sim_roll(sim, LATELY);
    const uint32_t count = sim->folk->call_offs;
    return back < count ? count - 1 - back : 0;
}

/* Mostly for somebody who comes already, and could move there. */
static uint32_t somebody(struct sim *sim)
{
    const struct folk *folk = sim->folk;
    const uint32_t known =
        folk->attended_count < FOLK_KEPT ? folk->attended_count : (uint32_t)FOLK_KEPT;
    return known == 0 || sim_roll(sim, 4) == 0 ? sim_roll(sim, FOLK_PEOPLE)
                                               : folk->attended[sim_roll(sim, known)].person;
}

static void open_call_off(struct sim *sim, uint32_t actor)
{
    const uint32_t number = sim->folk->call_offs++;
    const struct id call_off_id = folk_id('O', number);
    const struct id person_id = folk_id('n', somebody(sim));
    Dw__Date from = DW__DATE__INIT;
    Dw__WantedSession wanted = DW__WANTED_SESSION__INIT, *list[] = {&wanted};
    Dw__Requirement requirement = DW__REQUIREMENT__INIT;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    Dw__OpenCallOff open = DW__OPEN_CALL_OFF__INIT;
    from.days = sim->folk->today;
    wanted.weekday = 1 + number % FOLK_WEEKDAYS;
    wanted.part =
        number % 4 == 0 ? DW__PART_OF_DAY__PART_OF_DAY_MORNING : DW__PART_OF_DAY__PART_OF_DAY_ANY;
    requirement.level = terms.level = 2;
    requirement.district = terms.district = 1;
    requirement.from = &from;
    requirement.people = 1;
    requirement.n_sessions = 1;
    requirement.sessions = list;
    terms.person_id = id_to_data(&person_id);
    terms.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    terms.ground = DW__AWARD_GROUND__AWARD_GROUND_CALLED_OFF;
    terms.from = &from;
    terms.age = 30;
    terms.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    terms.sex = DW__SEX__SEX_FEMALE;
    open.call_off_id = id_to_data(&call_off_id);
    open.kind = DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL;
    open.requirement = &requirement;
    open.terms = &terms;
    open.description = "somebody who likes gardens";
    (void)folk_send(sim, actor, SIM_PLACEMENTS, BROKER, &open.base, true);
}

/* The same provider offers again now and then, under the same id or another one. */
static void offer(struct sim *sim, uint32_t actor)
{
    const uint32_t number = recent(sim);
    const uint32_t centre = sim_roll(sim, FOLK_CENTRES);
    const uint32_t provider = centre % FOLK_PROVIDERS;
    const struct id ids[] = {folk_id('O', number),
                             folk_id('Q', 4 * number + 2 * provider + sim_roll(sim, 2)),
                             folk_id('s', centre), folk_id('p', provider),
                             folk_id('t', centre * FOLK_WEEKDAYS + number % FOLK_WEEKDAYS)};
    ProtobufCBinaryData session_id = id_to_data(&ids[4]);
    Dw__Date from = DW__DATE__INIT;
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 2);
    submit.call_off_id = id_to_data(&ids[0]);
    submit.offer_id = id_to_data(&ids[1]);
    submit.service_id = id_to_data(&ids[2]);
    submit.provider_id = id_to_data(&ids[3]);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = 1000 * (1 + (int64_t)sim_roll(sim, 6));
    submit.from = &from;
    submit.statement = "we have a garden";
    (void)folk_send(sim, actor, SIM_PLACEMENTS, OPERATOR, &submit.base, true);
}

static void close_or_drop(struct sim *sim, uint32_t actor)
{
    const uint32_t number = recent(sim);
    const struct id call_off_id = folk_id('O', number);
    const struct id offer_id = folk_id('Q', 4 * number + sim_roll(sim, 4));
    Dw__CloseCallOff close = DW__CLOSE_CALL_OFF__INIT;
    Dw__AbandonCallOff abandon = DW__ABANDON_CALL_OFF__INIT;
    Dw__WithdrawOffer withdraw = DW__WITHDRAW_OFFER__INIT;
    close.call_off_id = abandon.call_off_id = withdraw.call_off_id = id_to_data(&call_off_id);
    withdraw.offer_id = id_to_data(&offer_id);
    abandon.reason = DW__ABANDON_REASON__ABANDON_REASON_NO_LONGER_NEEDED;
    const uint32_t what = sim_roll(sim, 12);
    (void)folk_send(sim, actor, SIM_PLACEMENTS, what == 1 ? OPERATOR : BROKER,
                    what == 0   ? &abandon.base
                    : what == 1 ? &withdraw.base
                                : &close.base,
                    true);
}

static void look(struct sim *sim, uint32_t actor)
{
    Dw__CallOffState state = DW__CALL_OFF_STATE__CALL_OFF_STATE_CLOSED;
    Dw__ListCallOffs calls = DW__LIST_CALL_OFFS__INIT;
    Dw__ListPlacements placements = DW__LIST_PLACEMENTS__INIT;
    const struct id person_id = folk_id('n', somebody(sim));
    calls.n_states = 1;
    calls.states = &state;
    placements.person_id = id_to_data(&person_id);
    placements.per_page = 100;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, BROKER,
                    sim_roll(sim, 2) == 0 ? &calls.base : &placements.base, false);
}

/* --- the award ------------------------------------------------------------------------------------------------------ */

/* Scores at random; the highest wins, or now and then another one, which is refused. */
static void award(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const Dw__CallOffShown *seen = dw__call_off_shown__unpack(arena_allocator(sim->arena),
                                                              actor->terms.len, actor->terms.bytes);
    const uint32_t placement = sim->folk->placements++;
    const struct id placement_id = folk_id('m', placement);
    const struct id hold_id = folk_id('h', placement);
    Dw__OfferJudged judged[OFFERS_MAX], *list[OFFERS_MAX];
    Dw__Award command = DW__AWARD__INIT;
    uint32_t best = 0;
    for (size_t at = 0; seen != NULL && at < seen->n_offers && at < OFFERS_MAX; at++) {
        const Dw__Offer *of = seen->offers[at]->offer;
        if (of->state != DW__OFFER_STATE__OFFER_STATE_SUBMITTED)
            continue;
        Dw__OfferJudged *one = list[command.n_judged] = &judged[command.n_judged];
        dw__offer_judged__init(one);
        one->offer_id = of->offer_id;
        one->quality = sim_roll(sim, 101);
        one->outcomes = sim_roll(sim, 101);
        one->social_value = sim_roll(sim, 101);
        const uint32_t worth = one->quality * 2 + one->outcomes + one->social_value;
        if (command.n_judged++ == 0 || worth > best) {
            best = worth;
            command.offer_id = of->offer_id;
        }
    }
    if (command.n_judged == 0)
        return;
    command.call_off_id = seen->call_off_id;
    command.judged = list;
    command.placement_id = id_to_data(&placement_id);
    command.hold_id = id_to_data(&hold_id);
    (void)folk_send(sim, number, SIM_PLACEMENTS, COMMISSIONER, &command.base, true);
}

/* --- moves ---------------------------------------------------------------------------------------------------------- */

static uint32_t number_of(const ProtobufCBinaryData *data)
{
    uint32_t number;
    memcpy(&number, data->data + 8, sizeof number);
    return number;
}

static void move_level(struct sim *sim, uint32_t number)
{
    const struct folk_actor *actor = &sim->folk->actors[number];
    const struct id placement_id = folk_id('m', actor->first);
    const struct id to_id = folk_id('m', actor->number);
    Dw__Date date = DW__DATE__INIT;
    Dw__MoveLevel move = DW__MOVE_LEVEL__INIT;
    date.days = (int32_t)(sim_now(sim).wall_ms / INT64_C(86400000)) - (int32_t)sim_roll(sim, 3);
    move.placement_id = id_to_data(&placement_id);
    move.to_placement_id = id_to_data(&to_id);
    move.date = &date;
    move.reason = DW__MOVE_REASON__MOVE_REASON_PERSONS_CHOICE;
    (void)folk_send(sim, number, SIM_PLACEMENTS, BROKER, &move.base, true);
}

/* Somebody who comes or came somewhere, and has been accepted elsewhere. */
static void see_placements(struct folk_actor *actor, const Dw__PlacementList *list)
{
    bool comes = false, goes = false;
    for (size_t at = 0; at < list->n_placements; at++) {
        const Dw__Placement *placement = list->placements[at];
        if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED) {
            actor->number = number_of(&placement->placement_id);
            goes = true;
        } else if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE ||
                   placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED ||
                   placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED) {
            actor->first = number_of(&placement->placement_id);
            comes = true;
        }
    }
    if (comes && goes)
        actor->step = MOVE;
}

void folk_looked(struct sim *sim, uint32_t number, const Dw__Envelope *answer)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    ProtobufCAllocator *allocator = arena_allocator(sim->arena);
    if (answer != NULL && strcmp(answer->type, "PlacementList") == 0) {
        const Dw__PlacementList *list =
            dw__placement_list__unpack(allocator, answer->body.len, answer->body.data);
        if (list != NULL)
            see_placements(actor, list);
    } else if (answer != NULL && strcmp(answer->type, "CallOffList") == 0) {
        const Dw__CallOffList *list =
            dw__call_off_list__unpack(allocator, answer->body.len, answer->body.data);
        if (list == NULL || list->n_call_offs == 0)
            return;
        buffer_clear(&actor->terms);
        buffer_pack(&actor->terms,
                    &list->call_offs[sim_roll(sim, (uint32_t)list->n_call_offs)]->base);
        actor->step = AWARD;
    }
}

/* --- money ---------------------------------------------------------------------------------------------------------- */

static void assess(struct sim *sim, uint32_t actor)
{
    const struct id person_id = folk_id('n', somebody(sim));
    Dw__Date from = DW__DATE__INIT;
    Dw__Contribution contribution = DW__CONTRIBUTION__INIT;
    Dw__AssessContribution command = DW__ASSESS_CONTRIBUTION__INIT;
    from.days = sim->folk->today - 10 + (int32_t)sim_roll(sim, 60);
    contribution.from = &from;
    contribution.section_117 = sim_roll(sim, 8) == 0;
    contribution.pence_per_week = contribution.section_117 ? 0 : (int64_t)sim_roll(sim, 9000);
    command.person_id = id_to_data(&person_id);
    command.contribution = &contribution;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, FINANCE, &command.base, true);
}

static void move_budget(struct sim *sim, uint32_t actor)
{
    const struct id virement_id = folk_id('v', sim->folk->virements++);
    Dw__MoveBudget command = DW__MOVE_BUDGET__INIT;
    command.virement_id = id_to_data(&virement_id);
    command.year = (uint32_t)calendar_financial_year(sim->folk->today);
    command.from_number = 1 + sim_roll(sim, BUDGET_LINES);
    command.to_number =
        sim_roll(sim, 8) == 0 ? BUDGET_LINES + 1 : BUDGET_LINES + 1 - command.from_number;
    command.pence = 1 + sim_roll(sim, 500000);
    (void)folk_send(sim, actor, SIM_PLACEMENTS, FINANCE, &command.base, true);
}

void folk_buy(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const uint32_t step = actor->step;
    actor->step = ANYTHING;
    if (step == AWARD) {
        award(sim, number);
        return;
    }
    if (step == MOVE) {
        move_level(sim, number);
        return;
    }
    const uint32_t what = sim_roll(sim, 16);
    if (what < 2 || sim->folk->call_offs == 0)
        open_call_off(sim, number);
    else if (what < 6)
        offer(sim, number);
    else if (what < 8)
        close_or_drop(sim, number);
    else if (what < 14)
        look(sim, number);
    else if (what < 15)
        assess(sim, number);
    else
        move_budget(sim, number);
}
