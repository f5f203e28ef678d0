/* Places: who has them, who wants them, and who races for them. */
#include "tests/sim/folk.h"

#include "common/text.h"

#include <string.h>

enum {
    BROKER = DW__ROLE__ROLE_BROKER,
    MANAGER = DW__ROLE__ROLE_PROVIDER_MANAGER,
    STAYS = 3,        /* one active placement in so many is not ended */
    FROM_BEFORE = 10, /* days before the run began on which the first placements begin */
};

/* --- what there is ------------------------------------------------------------------------------------------------- */

/* Centres sit one after the other through the day, each a little into the next. */
uint32_t folk_starts(uint32_t session)
{
    return 540 + 90 * (session / FOLK_WEEKDAYS);
}

static void set_session(struct sim *sim, uint32_t actor, uint32_t number, uint32_t places)
{
    const struct id session_id = folk_id('t', number);
    const struct id service_id = folk_id('s', number / FOLK_WEEKDAYS);
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__LimitAmount limit = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&limit};
    Dw__Session session = DW__SESSION__INIT;
    Dw__SetSession set = DW__SET_SESSION__INIT;
    from.days = sim->folk->today - 60;
    to.days = sim->folk->today + 400;
    limit.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    limit.amount = places;
    session.session_id = id_to_data(&session_id);
    session.service_id = id_to_data(&service_id);
    session.weekday = 1 + number % FOLK_WEEKDAYS;
    session.start_minutes = folk_starts(number);
    session.end_minutes = session.start_minutes + 150;
    session.n_limits = 1;
    session.limits = limits;
    session.from = &from;
    if (number % 7 == 3)
        session.to = &to;
    set.session = &session;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_QUALITY_OFFICER, &set.base, true);
}

static void register_service(struct sim *sim, uint32_t actor, uint32_t number)
{
    const struct id service_id = folk_id('s', number);
    const struct id provider_id = folk_id('p', number % FOLK_PROVIDERS);
    const struct id site_id = folk_id('i', number / 2); /* of two providers */
    char reference[16];
    Dw__SupportReason needs[] = {DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY};
    Dw__Service service = DW__SERVICE__INIT;
    Dw__RegisterService command = DW__REGISTER_SERVICE__INIT;
    (void)text_format(reference, sizeof reference, "S%u", number);
    service.service_id = id_to_data(&service_id);
    service.provider_id = id_to_data(&provider_id);
    service.site_id = id_to_data(&site_id);
    service.reference = service.name = reference;
    service.kind = DW__SERVICE_KIND__SERVICE_KIND_COMMUNITY_GROUP;
    service.level = 2;
    service.district = 1;
    service.n_needs = 1;
    service.needs = needs;
    service.mode = number < 2 ? DW__SERVICE_MODE__SERVICE_MODE_BUILDING
                              : DW__SERVICE_MODE__SERVICE_MODE_COMMUNITY;
    service.latitude_e6 = 53260000;
    service.longitude_e6 = -2125000;
    service.price_pence = 5000;
    service.price_unit = DW__PRICE_UNIT__PRICE_UNIT_SESSION;
    service.age_from = 18;
    command.service = &service;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_QUALITY_OFFICER, &command.base, true);
}

static void register_provider(struct sim *sim, uint32_t actor, uint32_t number)
{
    const struct id provider_id = folk_id('p', number);
    char reference[16];
    Dw__Provider provider = DW__PROVIDER__INIT;
    Dw__RegisterProvider command = DW__REGISTER_PROVIDER__INIT;
    (void)text_format(reference, sizeof reference, "P%u", number);
    provider.provider_id = id_to_data(&provider_id);
    provider.reference = provider.name = reference;
    provider.kind = number == 0 ? DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE
                                : DW__PROVIDER_KIND__PROVIDER_KIND_COMPANY;
    command.provider = &provider;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_COMMISSIONER, &command.base, true);
}

static void agree_contract(struct sim *sim, uint32_t actor, uint32_t number)
{
    const struct id contract_id = folk_id('c', number);
    const struct id provider_id = folk_id('p', number);
    uint32_t levels[] = {1, 2, 3};
    Dw__Date from = DW__DATE__INIT;
    Dw__Contract contract = DW__CONTRACT__INIT;
    Dw__AgreeContract command = DW__AGREE_CONTRACT__INIT;
    from.days = sim->folk->today - 400;
    contract.contract_id = id_to_data(&contract_id);
    contract.provider_id = id_to_data(&provider_id);
    contract.kind = DW__CONTRACT_KIND__CONTRACT_KIND_FPS;
    contract.framework = 1;
    contract.n_levels = 3;
    contract.levels = levels;
    contract.from = &from;
    contract.payment = DW__PAYMENT_BASIS__PAYMENT_BASIS_PLAN;
    command.contract = &contract;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_COMMISSIONER, &command.base, true);
}

/* More or fewer places from a date on; every other time people may be left without one. */
static void change_limits(struct sim *sim, uint32_t actor)
{
    const struct id session_id = folk_id('t', sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS));
    Dw__Date from = DW__DATE__INIT;
    Dw__LimitAmount limit = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *limits[] = {&limit};
    Dw__ChangeLimits command = DW__CHANGE_LIMITS__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 60);
    limit.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    limit.amount = 1 + sim_roll(sim, FOLK_PLACES + 1);
    command.session_id = id_to_data(&session_id);
    command.from = &from;
    command.n_limits = 1;
    command.limits = limits;
    command.strand = sim_roll(sim, 2) == 0;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_QUALITY_OFFICER, &command.base, true);
}

/* Setting the session again, which happens often, lets it go on. */
static void end_session(struct sim *sim, uint32_t actor)
{
    const struct id session_id = folk_id('t', sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS));
    Dw__Date last = DW__DATE__INIT;
    Dw__EndSession command = DW__END_SESSION__INIT;
    last.days = sim->folk->today + (int32_t)sim_roll(sim, 60);
    command.session_id = id_to_data(&session_id);
    command.last = &last;
    command.strand = sim_roll(sim, 3) != 0;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_QUALITY_OFFICER, &command.base, true);
}

/* Others use a session, more or less of it than before. */
static void set_outside_use(struct sim *sim, uint32_t actor)
{
    const uint32_t number = sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS);
    const struct id outside_id = folk_id('x', number);
    const struct id session_id = folk_id('t', number);
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__LimitAmount use = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *uses[] = {&use};
    Dw__OutsideUse outside = DW__OUTSIDE_USE__INIT;
    Dw__SetOutsideUse command = DW__SET_OUTSIDE_USE__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 40);
    to.days = from.days + 7 + (int32_t)sim_roll(sim, 60);
    use.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    use.amount = 1;
    outside.outside_id = id_to_data(&outside_id);
    outside.session_id = id_to_data(&session_id);
    outside.user = DW__OUTSIDE_USER__OUTSIDE_USER_PROVIDER;
    outside.from = &from;
    outside.to = &to;
    outside.n_uses = sim_roll(sim, 2);
    outside.uses = uses;
    command.outside = &outside;
    (void)folk_send(sim, actor, SIM_CAPACITY, DW__ROLE__ROLE_QUALITY_OFFICER, &command.base, true);
}

/* A centre is closed on a day or two of the week, for some weeks, or a site with all that is there. */
static void close_centre(struct sim *sim, uint32_t actor)
{
    const struct id closure_id = folk_id('k', sim->folk->closures++);
    const uint32_t centre = sim_roll(sim, FOLK_CENTRES);
    const uint32_t first = sim_roll(sim, FOLK_WEEKDAYS);
    const struct id service_id = folk_id('s', centre);
    const struct id site_id = folk_id('i', centre / 2);
    const struct id ids[] = {folk_id('t', centre * FOLK_WEEKDAYS + first),
                             folk_id('t', centre * FOLK_WEEKDAYS + (first + 1) % FOLK_WEEKDAYS)};
    ProtobufCBinaryData session_ids[] = {id_to_data(&ids[0]), id_to_data(&ids[1])};
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__DeclareClosure command = DW__DECLARE_CLOSURE__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 30) - 5;
    to.days = from.days + (int32_t)sim_roll(sim, 25);
    command.closure_id = id_to_data(&closure_id);
    if (sim_roll(sim, 4) == 0) {
        command.site_id = id_to_data(&site_id);
    } else {
        command.service_id = id_to_data(&service_id);
        command.n_session_ids = 1 + sim_roll(sim, 2);
        command.session_ids = session_ids;
    }
    command.from = &from;
    command.to = &to;
    command.reason = DW__CLOSURE_REASON__CLOSURE_REASON_STAFF;
    (void)folk_send(sim, actor, SIM_CAPACITY, BROKER, &command.base, true);
}

static void lift_closure(struct sim *sim, uint32_t actor)
{
    const struct id closure_id = folk_id('k', sim_roll(sim, sim->folk->closures));
    Dw__Date from = DW__DATE__INIT;
    Dw__LiftClosure command = DW__LIFT_CLOSURE__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 40) - 5;
    command.closure_id = id_to_data(&closure_id);
    command.from = &from;
    (void)folk_send(sim, actor, SIM_CAPACITY, BROKER, &command.base, true);
}

/* First everything is registered, then limits go up and down. */
void folk_keep(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const uint32_t step = actor->step++;
    if (step < FOLK_PROVIDERS) {
        register_provider(sim, number, step);
    } else if (step < 2 * FOLK_PROVIDERS) {
        agree_contract(sim, number, step - FOLK_PROVIDERS);
    } else if (step < 2 * FOLK_PROVIDERS + FOLK_CENTRES) {
        register_service(sim, number, step - 2 * FOLK_PROVIDERS);
    } else if (step < 2 * FOLK_PROVIDERS + FOLK_CENTRES * (1 + FOLK_WEEKDAYS)) {
        set_session(sim, number, step - 2 * FOLK_PROVIDERS - FOLK_CENTRES, FOLK_PLACES);
    } else {
        sim->folk->built = true;
        if (sim_roll(sim, 3) == 0) {
            set_outside_use(sim, number);
            return;
        }
        if (sim_roll(sim, 4) == 0) {
            if (sim->folk->closures > 0 && sim_roll(sim, 2) == 0)
                lift_closure(sim, number);
            else
                close_centre(sim, number);
            return;
        }
        const uint32_t what = sim_roll(sim, 8);
        if (what == 0)
            end_session(sim, number);
        else if (what < 4)
            change_limits(sim, number);
        else
            set_session(sim, number, sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS),
                        1 + sim_roll(sim, FOLK_PLACES + 1));
    }
}

/* --- proposals ------------------------------------------------------------------------------------------------------ */

/* again: the person whom it proposed last, for the same time. */
static void propose(struct sim *sim, uint32_t number, bool again)
{
    struct folk *folk = sim->folk;
    struct folk_actor *actor = &folk->actors[number];
    actor->number = folk->placements++;
    const uint32_t back = sim_roll(sim, FOLK_RECENT);
    const bool is_referred = back < folk->referrals && sim_roll(sim, 2) == 0 && !again;
    const uint32_t referral = is_referred ? folk->referrals - 1 - back : 0;
    const uint32_t anybody = sim_roll(sim, FOLK_PEOPLE);
    const uint32_t any = sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS);
    const uint32_t sessions = 1 + sim_roll(sim, 2);
    actor->person = is_referred ? folk->referred[referral % FOLK_KEPT]
                    : again     ? actor->person
                                : anybody;
    actor->first = again ? actor->first : any;
    const uint32_t person = actor->person;
    const uint32_t centre = actor->first / FOLK_WEEKDAYS;
    const uint32_t first = actor->first % FOLK_WEEKDAYS;
    struct id ids[8] = {folk_id('m', actor->number), folk_id('h', actor->number),
                        folk_id('n', person), folk_id('s', centre),
                        folk_id('p', centre % FOLK_PROVIDERS)};
    ProtobufCBinaryData session_ids[2];
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__PlacementTerms terms = DW__PLACEMENT_TERMS__INIT;
    Dw__ProposePlacement command = DW__PROPOSE_PLACEMENT__INIT;
    for (uint32_t at = 0; at < sessions; at++) {
        ids[5 + at] = folk_id('t', centre * FOLK_WEEKDAYS + (first + at) % FOLK_WEEKDAYS);
        session_ids[at] = id_to_data(&ids[5 + at]);
    }
    actor->part = sim_roll(sim, sim_roll(sim, 3) == 0 ? 30 : FROM_BEFORE);
    from.days = folk->today + (int32_t)actor->part - FROM_BEFORE;
    to.days = from.days + 7 + (int32_t)sim_roll(sim, 90);
    terms.person_id = id_to_data(&ids[2]);
    terms.service_id = id_to_data(&ids[3]);
    terms.provider_id = id_to_data(&ids[4]);
    terms.n_session_ids = sessions;
    terms.session_ids = session_ids;
    terms.from = &from;
    if (sim_roll(sim, 3) == 0)
        terms.to = &to;
    terms.funding = sim_roll(sim, 6) == 0 ? DW__FUNDING_ROUTE__FUNDING_ROUTE_DIRECT_PAYMENT
                                          : DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    terms.level = 2;
    terms.price_pence_per_week = 5000;
    terms.price_pence_per_year = 5000 * (1 + (int64_t)sim_roll(sim, 52));
    terms.ground = DW__AWARD_GROUND__AWARD_GROUND_RANKED_FIRST;
    terms.district = 1 + person % 2;
    terms.support_reason = DW__SUPPORT_REASON__SUPPORT_REASON_LEARNING_DISABILITY;
    terms.age = 30;
    terms.ethnicity_group = DW__ETHNICITY_GROUP__ETHNICITY_GROUP_WHITE;
    terms.sex = DW__SEX__SEX_FEMALE;
    if (is_referred) {
        ids[7] = folk_id('r', referral);
        terms.referral_id = id_to_data(&ids[7]);
        terms.line_number = 1 + sim_roll(sim, 2);
    }
    command.placement_id = id_to_data(&ids[0]);
    command.hold_id = id_to_data(&ids[1]);
    command.terms = &terms;
    (void)folk_send(sim, number, SIM_PLACEMENTS, BROKER, &command.base, true);
}

static void cancel(struct sim *sim, uint32_t actor, uint32_t placement)
{
    const struct id placement_id = folk_id('m', placement);
    Dw__CancelPlacement command = DW__CANCEL_PLACEMENT__INIT;
    command.placement_id = id_to_data(&placement_id);
    command.reason = DW__CANCEL_REASON__CANCEL_REASON_OTHER;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, BROKER, &command.base, true);
}

static void answer_offer(struct sim *sim, uint32_t actor, uint32_t placement, int role)
{
    const struct id placement_id = folk_id('m', placement);
    Dw__AcceptOffer accept = DW__ACCEPT_OFFER__INIT;
    Dw__DeclineOffer decline = DW__DECLINE_OFFER__INIT;
    accept.placement_id = decline.placement_id = id_to_data(&placement_id);
    decline.reason = DW__DECLINE_REASON__DECLINE_REASON_STAFFING;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, role,
                    sim_roll(sim, 6) == 0 ? &decline.base : &accept.base, true);
}

static void start_or_end(struct sim *sim, uint32_t actor, uint32_t placement, bool starts)
{
    const struct id placement_id = folk_id('m', placement);
    Dw__Date date = DW__DATE__INIT;
    Dw__StartPlacement start = DW__START_PLACEMENT__INIT;
    Dw__EndPlacement end = DW__END_PLACEMENT__INIT;
    date.days = sim->folk->today + (int32_t)sim->folk->actors[actor].part - FROM_BEFORE +
                (int32_t)sim_roll(sim, starts ? 2 : 20);
    start.placement_id = end.placement_id = id_to_data(&placement_id);
    start.date = end.last = &date;
    end.reason = DW__END_REASON__END_REASON_OTHER;
    (void)folk_send(sim, actor, SIM_PLACEMENTS, BROKER, starts ? &start.base : &end.base, true);
}

/* The step says what to do next: 0 propose, 1 look, else 10 + the state that was seen. */
void folk_see_through(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const struct id placement_id = folk_id('m', actor->number);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    const uint32_t step = actor->step;
    get.placement_id = id_to_data(&placement_id);
    actor->step = 1;
    actor->asked = step == 1;
    if (step == 0)
        propose(sim, number, false);
    else if (step < 10)
        (void)folk_send(sim, number, SIM_PLACEMENTS, BROKER, &get.base, false);
    else if (sim_roll(sim, 8) == 0)
        cancel(sim, number, actor->number);
    else if (step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED)
        answer_offer(sim, number, actor->number, DW__ROLE__ROLE_OPERATOR);
    else if (step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL)
        folk_approve(sim, number, actor->number);
    else if (step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED ||
             (step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE && sim_roll(sim, 3) != 0))
        folk_go_on(sim, number, actor->number,
                   step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED);
    else
        start_or_end(sim, number, actor->number,
                     step == 10 + DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
}

/* Now and then somebody turns to something else; a few are left alone, and looked after late. */
static bool leave(struct sim *sim, uint32_t number)
{
    struct folk *folk = sim->folk;
    const struct folk_actor *actor = &folk->actors[number];
    if (folk->left_count == FOLK_LEFT_MAX || sim_roll(sim, 20) != 0)
        return false;
    folk->left[folk->left_count++] =
        (struct folk_left){.number = actor->number, .part = actor->part};
    return true;
}

/* One of those left alone is cancelled, and ended if it was too late for that. */
static void look_after(struct sim *sim, uint32_t number)
{
    struct folk *folk = sim->folk;
    struct folk_left *left = &folk->left[sim_roll(sim, folk->left_count)];
    const uint32_t placement = left->number;
    folk->actors[number].part = left->part;
    if (!left->cancelled) {
        left->cancelled = true;
        cancel(sim, number, placement);
    } else {
        *left = folk->left[--folk->left_count];
        start_or_end(sim, number, placement, false);
    }
}

static uint32_t number_of(const ProtobufCBinaryData *data)
{
    uint32_t number;
    memcpy(&number, data->data + 8, sizeof number);
    return number;
}

/* Whoever keeps the in-house provider's register hears of it. */
static void tell_takers(struct folk *folk, const Dw__PlacementTerms *terms)
{
    const struct id provider_id = folk_id('p', 0);
    if (memcmp(terms->provider_id.data, provider_id.bytes, sizeof provider_id.bytes) == 0)
        folk->attended[folk->attended_count++ % FOLK_KEPT] =
            (struct folk_attended){number_of(&terms->person_id), number_of(&terms->session_ids[0])};
}

void folk_seen(struct sim *sim, uint32_t number, const Dw__Envelope *answer)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    if (answer != NULL && strcmp(answer->type, "Refused") == 0 && actor->asked)
        actor->step = 0; /* there is no such placement: it was not proposed */
    if (answer == NULL || strcmp(answer->type, "Placement") != 0)
        return;
    const Dw__Placement *placement =
        dw__placement__unpack(arena_allocator(sim->arena), answer->body.len, answer->body.data);
    if (placement == NULL)
        return;
    if (placement->state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE || sim_roll(sim, 16) == 0)
        tell_takers(sim->folk, placement->terms);
    buffer_clear(&actor->terms);
    buffer_pack(&actor->terms, &placement->terms->base);
    switch ((int)placement->state) {
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_PROPOSED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_CONFIRMING:
        actor->step = leave(sim, number) ? 0 : 1;
        break;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE:
        if (sim_roll(sim, STAYS) == 0) /* and is in the reports at the end */
            actor->step = 0;
        else
            actor->step = leave(sim, number) ? 0 : 10 + placement->state;
        break;
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_AWAITING_APPROVAL:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_TRIAL:
    case DW__PLACEMENT_STATE__PLACEMENT_STATE_SUSPENDED:
        actor->step = leave(sim, number) ? 0 : 10 + placement->state;
        break;
    default:
        actor->step = 0;
        break;
    }
}

void folk_hurry(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const uint32_t step = actor->step++;
    if (step % 2 == 0)
        propose(sim, number, step % 4 == 2);
    else
        cancel(sim, number, actor->number);
}

/* A manager answers offers at random, also those that are none. */
void folk_manage(struct sim *sim, uint32_t number)
{
    const struct folk *folk = sim->folk;
    const uint32_t count = folk->placements;
    const uint32_t back = sim_roll(sim, 30);
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    list.per_page = 20;
    if (folk->left_count > FOLK_LEFT_MAX / 2 && sim_roll(sim, 2) == 0) {
        look_after(sim, number);
        return;
    }
    if (back < count && sim_roll(sim, 3) != 0)
        answer_offer(sim, number, count - 1 - back, MANAGER);
    else
        (void)folk_send(sim, number, SIM_PLACEMENTS, MANAGER, &list.base, false);
}

/* --- asking capacity itself ------------------------------------------------------------------------------------------ */

static void hold_places(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const uint32_t session = sim_roll(sim, FOLK_CENTRES * FOLK_WEEKDAYS);
    const struct id hold_id = folk_id('H', actor->number);
    const struct id service_id = folk_id('s', session / FOLK_WEEKDAYS);
    const struct id person_id = folk_id('n', sim_roll(sim, FOLK_PEOPLE));
    const struct id session_id = folk_id('t', session);
    ProtobufCBinaryData sessions[] = {id_to_data(&session_id)};
    Dw__Date from = DW__DATE__INIT;
    Dw__Date to = DW__DATE__INIT;
    Dw__LimitAmount use = DW__LIMIT_AMOUNT__INIT;
    Dw__LimitAmount *uses[] = {&use};
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    from.days = sim->folk->today + (int32_t)sim_roll(sim, 20);
    to.days = from.days + (int32_t)sim_roll(sim, 20);
    hold.to = sim_roll(sim, 4) == 0 ? NULL : &to;
    use.kind = DW__LIMIT_KIND__LIMIT_KIND_PLACES;
    use.amount = 1 + sim_roll(sim, 2);
    hold.hold_id = id_to_data(&hold_id);
    hold.service_id = id_to_data(&service_id);
    hold.person_id = id_to_data(&person_id);
    hold.n_session_ids = 1;
    hold.session_ids = sessions;
    hold.from = &from;
    hold.n_uses = 1;
    hold.uses = uses;
    hold.funding = DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED;
    (void)folk_send(sim, number, SIM_CAPACITY, BROKER, &hold.base, true);
}

/* Holds, then extends, confirms, releases or ends it, in an order that makes little sense. */
void folk_hold(struct sim *sim, uint32_t number)
{
    struct folk_actor *actor = &sim->folk->actors[number];
    const struct id hold_id = folk_id('H', actor->number);
    Dw__Date last = DW__DATE__INIT;
    Dw__ExtendHold extend = DW__EXTEND_HOLD__INIT;
    Dw__ConfirmHold confirm = DW__CONFIRM_HOLD__INIT;
    Dw__ReleaseHold release = DW__RELEASE_HOLD__INIT;
    Dw__EndBooking end = DW__END_BOOKING__INIT;
    const ProtobufCMessage *messages[] = {&extend.base, &confirm.base, &release.base, &end.base};
    const uint32_t step = actor->step++ % 5;
    extend.hold_id = confirm.hold_id = release.hold_id = end.hold_id = id_to_data(&hold_id);
    extend.until_ms = sim_now(sim).wall_ms + (int64_t)sim_roll(sim, 300) * 60000;
    last.days = sim->folk->today + (int32_t)sim_roll(sim, 10) - 5;
    end.last = &last;
    if (step == 0 && sim_roll(sim, 12) != 0) {
        actor->number = sim->folk->next_number++;
        hold_places(sim, number);
    } else {
        const uint32_t which = step == 3 ? 3 : step == 4 ? 2 : sim_roll(sim, 3);
        const int role = which == 1 || which == 3 ? DW__ROLE__ROLE_OPERATOR : BROKER;
        (void)folk_send(sim, number, SIM_CAPACITY, role, messages[which], true);
    }
}
