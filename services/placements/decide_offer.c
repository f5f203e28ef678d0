/* Decisions about offers of a call-off: what they promise is what is wanted, and what is scored is what is paid. */
#include "services/placements/calloffs.h"

#include "common/calendar.h"

#include <string.h>

enum {
    PROGRAMME_SESSIONS_MAX =
        10,              /* capacity is told of each; a decision sends at most 16 commands */
    LATER_DAYS_MAX = 92, /* a quarter */
};

/* Who offers: the provider whose key it is, or the one an operator names. */
static bool find_offerer(const Dw__SubmitOffer *submit, const struct context *ctx,
                         struct decision *decision, struct id *ret_provider_id)
{
    *ret_provider_id = ctx->principal->provider_id;
    if (!id_is_zero(ret_provider_id) || id_from_data(&submit->provider_id, ret_provider_id))
        return true;
    decision_invalid(decision, "provider_id", "whoever is no provider says whose offer it is");
    return false;
}

/* --- when ---------------------------------------------------------------------------------------------------------- */

/* When in a week a session that is offered is; weekday 0: that is not known. */
struct slot {
    uint32_t weekday;
    uint32_t start_minutes;
    uint32_t end_minutes;
};

/* As a search has it: on the weekday, in the part of the day, and for all of the time that is wanted. */
static bool serves(const struct slot *slot, const Dw__WantedSession *wanted)
{
    static const unsigned parts[] = {
        [DW__PART_OF_DAY__PART_OF_DAY_MORNING] = CALENDAR_MORNING,
        [DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON] = CALENDAR_AFTERNOON,
        [DW__PART_OF_DAY__PART_OF_DAY_EVENING] = CALENDAR_EVENING,
    };
    const size_t part = (size_t)wanted->part;
    if (slot->weekday != wanted->weekday ||
        (wanted->end_minutes > 0 &&
         (slot->start_minutes > wanted->start_minutes || slot->end_minutes < wanted->end_minutes)))
        return false;
    return part >= sizeof parts / sizeof parts[0] || parts[part] == 0 ||
           (calendar_parts(slot->start_minutes, slot->end_minutes) & parts[part]) != 0;
}

/* Each serves something that is wanted, and all that is wanted is served: one session may serve two parts of a day. When one of which
 * capacity has not told is shows when it is awarded; it serves one. */
static void check_served(const Dw__Requirement *wanted, const struct slot *slots, size_t count,
                         struct decision *decision)
{
    bool served[CALL_OFF_WANTED_MAX] = {false};
    size_t unknown = 0;
    for (size_t slot = 0; slot < count; slot++) {
        bool any = slots[slot].weekday == 0;
        unknown += any;
        for (size_t at = 0; at < wanted->n_sessions; at++) {
            const bool does = serves(&slots[slot], wanted->sessions[at]);
            served[at] = served[at] || does;
            any = any || does;
        }
        if (any)
            continue;
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SERVED,
                        "Session %zu of the offer is at no time of the week that is wanted; leave "
                        "it out.",
                        slot + 1);
        return;
    }
    for (size_t at = 0; at < wanted->n_sessions; at++) {
        if (served[at])
            continue;
        if (unknown == 0) {
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SERVED,
                            "No session of the offer serves wanted session %zu; add one that does.",
                            at + 1);
            return;
        }
        unknown--;
    }
}

static void check_times(const struct state *state, const Dw__Requirement *wanted,
                        const Dw__SubmitOffer *submit, struct decision *decision)
{
    struct slot slots[CALL_OFF_WANTED_MAX];
    for (size_t at = 0; at < submit->n_session_ids; at++) {
        const struct id id = id_or_zero(&submit->session_ids[at]);
        const Dw__NotedSession *session =
            entities_get(state->entities, PLACEMENTS_KIND_SESSION, &id, 0);
        slots[at] = session == NULL ? (struct slot){0}
                                    : (struct slot){session->weekday, session->start_minutes,
                                                    session->end_minutes};
    }
    check_served(wanted, slots, submit->n_session_ids, decision);
}

/* Whether a list of an enum has all of another; both of ints. */
static bool has_all(const int *list, size_t count, const int *wanted, size_t wanted_count)
{
    for (size_t want = 0; want < wanted_count; want++) {
        bool has = false;
        for (size_t at = 0; at < count; at++)
            has = has || list[at] == wanted[want];
        if (!has)
            return false;
    }
    return true;
}

/* --- a programme ----------------------------------------------------------------------------------------------------- */

/* A place for everybody, all the time that is wanted. */
static void check_session(const Dw__Requirement *wanted, const Dw__SubmitOffer *submit,
                          const Dw__Session *offered, struct decision *decision)
{
    bool room = false;
    for (size_t at = 0; at < offered->n_limits; at++)
        room = room || (offered->limits[at]->kind == DW__LIMIT_KIND__LIMIT_KIND_PLACES &&
                        offered->limits[at]->amount >= wanted->people);
    if (!room)
        decision_invalid(decision, "programme_sessions", "each has places for %u people",
                         wanted->people);
    if (offered->from == NULL || offered->from->days > submit->from->days ||
        (offered->to != NULL && (wanted->to == NULL || offered->to->days < wanted->to->days)))
        decision_invalid(decision, "programme_sessions",
                         "each runs from the offer's first date to the last one that is wanted");
}

/* What is scored is what people are placed for. */
static void check_price(const Dw__SubmitOffer *submit, struct decision *decision)
{
    const Dw__Service *service = submit->programme;
    const int64_t week_pence = service->price_unit == DW__PRICE_UNIT__PRICE_UNIT_SESSION
                                   ? service->price_pence * (int64_t)submit->n_session_ids
                                   : service->price_pence;
    if (service->price_unit != DW__PRICE_UNIT__PRICE_UNIT_SESSION &&
        service->price_unit != DW__PRICE_UNIT__PRICE_UNIT_WEEK)
        decision_invalid(decision, "programme.price_unit",
                         "a programme is offered at a price a session or a week");
    else if (week_pence > submit->price_pence_per_week)
        decision_invalid(decision, "programme.price_pence",
                         "it comes to more a week than the offer says");
}

/* Of the level, for the needs, with the access and on the days that are wanted, at the price of the offer. */
static bool check_fits(const Dw__Requirement *wanted, const Dw__SubmitOffer *submit,
                       struct decision *decision)
{
    const Dw__Service *service = submit->programme;
    struct slot slots[PROGRAMME_SESSIONS_MAX];
    if (service->level != wanted->level)
        decision_invalid(decision, "programme.level", "level %u is wanted", wanted->level);
    if (!has_all((const int *)service->needs, service->n_needs, (const int *)wanted->needs,
                 wanted->n_needs))
        decision_invalid(decision, "programme.needs", "it does not meet all that is wanted");
    if (!has_all((const int *)service->access, service->n_access, (const int *)wanted->access,
                 wanted->n_access))
        decision_invalid(decision, "programme.access", "it has not all that is wanted");
    if (wanted->culturally_specific && !service->culturally_specific)
        decision_invalid(decision, "programme.culturally_specific",
                         "it is wanted for people of one culture, faith or language");
    for (size_t session = 0; session < submit->n_programme_sessions; session++) {
        const Dw__Session *offered = submit->programme_sessions[session];
        slots[session] =
            (struct slot){offered->weekday, offered->start_minutes, offered->end_minutes};
        check_session(wanted, submit, offered, decision);
    }
    check_price(submit, decision);
    if (!decision_is_no(decision))
        check_served(wanted, slots, submit->n_programme_sessions, decision);
    return !decision_is_no(decision);
}

/* What capacity asks of every service, so that nothing is awarded that it would refuse. */
static void check_registrable(const Dw__Service *service, struct decision *decision)
{
    enum { REFERENCE_MAX = 32, NAME_BYTES_MAX = 200 };
    const size_t reference_len = strlen(service->reference);
    const size_t name_len = strlen(service->name);
    if (reference_len < 1 || reference_len > REFERENCE_MAX)
        decision_invalid(decision, "programme.reference", "a reference has 1 to %d bytes",
                         REFERENCE_MAX);
    else if (name_len < 1 || name_len > NAME_BYTES_MAX)
        decision_invalid(decision, "programme.name", "a name has 1 to %d bytes", NAME_BYTES_MAX);
    else if (service->n_needs < 1)
        decision_invalid(decision, "programme.needs", "a service meets at least one need");
}

static bool check_programme(const Dw__CallOff *call_off, const Dw__SubmitOffer *submit,
                            const struct id *provider_id, struct decision *decision)
{
    struct id id;
    const Dw__Service *service = submit->programme;
    if (service == NULL || submit->n_programme_sessions < 1 ||
        submit->n_programme_sessions > PROGRAMME_SESSIONS_MAX ||
        submit->n_programme_sessions != submit->n_session_ids) {
        decision_invalid(decision, "programme",
                         "an offer of a programme says the service and its 1 to %d sessions",
                         PROGRAMME_SESSIONS_MAX);
        return false;
    }
    if (!id_from_data(&service->provider_id, &id) || !id_equal(&id, provider_id) ||
        !id_data_equal(&service->service_id, &submit->service_id)) {
        decision_invalid(decision, "programme", "it is the service of that id and provider");
        return false;
    }
    for (size_t at = 0; at < submit->n_programme_sessions; at++)
        if (!id_data_equal(&submit->programme_sessions[at]->session_id, &submit->session_ids[at]) ||
            !id_data_equal(&submit->programme_sessions[at]->service_id, &submit->service_id)) {
            decision_invalid(decision, "programme_sessions",
                             "they are the sessions of session_ids, in that order");
            return false;
        }
    check_registrable(service, decision);
    return !decision_is_no(decision) && check_fits(call_off->requirement, submit, decision);
}

/* --- what it costs ---------------------------------------------------------------------------------------------------- */

/* What is scored is what is paid, from the day and for the sessions that are wanted. */
static bool check_promise(const struct state *state, const Dw__CallOff *call_off,
                          const Dw__SubmitOffer *submit, struct decision *decision)
{
    const Dw__Requirement *wanted = call_off->requirement;
    int64_t week_pence = 0;
    for (size_t at = 0; at < submit->n_parts; at++) {
        const Dw__PricePart *part = submit->parts[at];
        if (part->unit != DW__PRICE_UNIT__PRICE_UNIT_SESSION &&
            part->unit != DW__PRICE_UNIT__PRICE_UNIT_WEEK)
            decision_invalid(decision, "parts",
                             "a part of an offer is a price a session or a week");
        week_pence += part->unit == DW__PRICE_UNIT__PRICE_UNIT_SESSION
                          ? part->pence * (int64_t)submit->n_session_ids
                          : part->pence;
    }
    if (submit->n_parts > 0 && week_pence != submit->price_pence_per_week)
        decision_invalid(decision, "price_pence_per_week",
                         "the parts come to %lld pence a week, and this is what is scored",
                         (long long)week_pence);
    else if (submit->from->days < wanted->from->days)
        decision_invalid(decision, "from", "it lies before the first date that is wanted");
    else if (wanted->to != NULL && submit->from->days > wanted->to->days)
        decision_invalid(decision, "from", "it lies after the last date that is wanted");
    else if (submit->from->days > wanted->from->days + LATER_DAYS_MAX)
        decision_invalid(decision, "from", "it lies more than %d days after the first one wanted",
                         LATER_DAYS_MAX);
    else if (call_off->kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL &&
             !decision_is_no(decision))
        check_times(state, wanted, submit, decision);
    return !decision_is_no(decision);
}

static bool check_offer(const struct state *state, const Dw__CallOff *call_off,
                        const Dw__SubmitOffer *submit, const struct id *provider_id,
                        struct decision *decision)
{
    struct id id;
    if (!id_from_data(&submit->offer_id, &id))
        decision_invalid(decision, "offer_id", "it must be said, and it is not");
    else if (!id_from_data(&submit->service_id, &id))
        decision_invalid(decision, "service_id", "it must be said, and it is not");
    else if (submit->n_session_ids < 1 || submit->n_session_ids > CALL_OFF_WANTED_MAX)
        decision_invalid(decision, "session_ids", "1 to %d are offered", CALL_OFF_WANTED_MAX);
    else if (!placements_check_ids(submit->session_ids, submit->n_session_ids, "session_ids",
                                   decision))
        return false;
    else if (submit->n_parts > PLACEMENTS_PARTS_MAX || submit->price_pence_per_week < 0 ||
             submit->price_pence_per_week > PLACEMENTS_PRICE_PENCE_MAX)
        decision_invalid(decision, "price_pence_per_week",
                         "it is 0 to %d, and has at most %d parts", PLACEMENTS_PRICE_PENCE_MAX,
                         PLACEMENTS_PARTS_MAX);
    for (size_t at = 0; at < submit->n_parts && !decision_is_no(decision); at++)
        if (submit->parts[at]->pence < 0 || submit->parts[at]->pence > PLACEMENTS_PRICE_PENCE_MAX)
            decision_invalid(decision, "parts", "a price is 0 to %d", PLACEMENTS_PRICE_PENCE_MAX);
    if (decision_is_no(decision) || !placements_has_date(submit->from, "from", decision) ||
        !check_promise(state, call_off, submit, decision))
        return false;
    return call_off->kind != DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ||
           check_programme(call_off, submit, provider_id, decision);
}

/* Of a service that capacity has told of; what another one is shows when it is awarded. */
static bool check_service(const struct state *state, const Dw__Requirement *wanted,
                          const Dw__SubmitOffer *submit, const struct id *provider_id,
                          struct decision *decision)
{
    const struct id id = id_or_zero(&submit->service_id);
    const Dw__NotedService *service =
        entities_get(state->entities, PLACEMENTS_KIND_SERVICE, &id, 0);
    const char *lack = NULL;
    if (service == NULL)
        return true;
    const struct id whose = id_or_zero(&service->provider_id);
    if (!id_equal(&whose, provider_id))
        lack = "is another provider's";
    else if (service->level != wanted->level)
        lack = "is of another level";
    else if (!has_all((const int *)service->needs, service->n_needs, (const int *)wanted->needs,
                      wanted->n_needs))
        lack = "does not meet all the needs";
    else if (!has_all((const int *)service->access, service->n_access, (const int *)wanted->access,
                      wanted->n_access))
        lack = "has not all the access features";
    else if (wanted->culturally_specific && !service->culturally_specific)
        lack = "is not for people of one culture, faith or language";
    if (lack == NULL)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_SERVED,
                    "The service %s; offer one of yours that serves what is wanted.", lack);
    return false;
}

static bool may_offer(const struct state *state, const Dw__CallOff *call_off,
                      const Dw__SubmitOffer *submit, const struct id *provider_id,
                      const struct context *ctx, struct decision *decision)
{
    if (!call_off_may_answer(state, call_off, provider_id, ctx->today)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_NOT_ELIGIBLE,
                        "The provider has no live contract for level %u; ask the council to be "
                        "admitted to it.",
                        call_off->requirement->level);
        return false;
    }
    if (call_off->kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL &&
        !check_service(state, call_off->requirement, submit, provider_id, decision))
        return false;
    size_t others = 0;
    for (size_t at = 0; at < call_off->n_offers; at++) {
        const struct id id = id_or_zero(&call_off->offers[at]->provider_id);
        others += !id_equal(&id, provider_id);
    }
    if (others < CALL_OFF_OFFERS_MAX)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_TOO_MANY,
                    "A call-off takes at most %d offers; ask the council to open another one.",
                    CALL_OFF_OFFERS_MAX);
    return false;
}

static void fill_offer(const Dw__SubmitOffer *submit, const struct id *provider_id,
                       Dw__Offer *ret_offer)
{
    dw__offer__init(ret_offer);
    ret_offer->offer_id = submit->offer_id;
    ret_offer->provider_id = id_to_data(provider_id);
    ret_offer->service_id = submit->service_id;
    ret_offer->session_ids = submit->session_ids;
    ret_offer->n_session_ids = submit->n_session_ids;
    ret_offer->parts = submit->parts;
    ret_offer->n_parts = submit->n_parts;
    ret_offer->price_pence_per_week = submit->price_pence_per_week;
    ret_offer->from = submit->from;
    ret_offer->state = DW__OFFER_STATE__OFFER_STATE_SUBMITTED;
    ret_offer->programme = submit->programme;
    ret_offer->programme_sessions = submit->programme_sessions;
    ret_offer->n_programme_sessions = submit->n_programme_sessions;
}

/* The very same, standing. Words cannot be compared: who has others takes a fresh id. */
static bool is_same_offer(const Dw__Offer *same, const Dw__SubmitOffer *submit,
                          const struct id *provider_id, struct decision *decision)
{
    Dw__Offer offer, known = *same;
    fill_offer(submit, provider_id, &offer);
    known.statement_id = (ProtobufCBinaryData){0};
    known.submitted_ms = 0;
    known.scores = NULL;
    known.state = offer.state;
    return same->state != DW__OFFER_STATE__OFFER_STATE_WITHDRAWN &&
           (same->statement_id.len > 0) == (submit->statement[0] != '\0') &&
           decision_same(decision, &known.base, &offer.base);
}

/* Its days may be over a moment before it is closed. */
static bool is_in_time(const Dw__CallOff *call_off, const struct context *ctx,
                       struct decision *decision)
{
    if (call_off->closes_ms == 0 || ctx->now_ms < call_off->closes_ms)
        return true;
    decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                    "The days in which offers are taken are over; ask the council whether it calls "
                    "off again.");
    return false;
}

PLACEMENTS_DECIDE(submit_offer)
{
    const Dw__SubmitOffer *submit = (const Dw__SubmitOffer *)command;
    struct id provider_id;
    const Dw__CallOff *call_off = call_off_find(state, &submit->call_off_id, decision);
    if (call_off == NULL || !find_offerer(submit, ctx, decision, &provider_id))
        return;
    const Dw__Offer *same = call_off_offer(call_off, &submit->offer_id);
    if (same != NULL) {
        if (!is_same_offer(same, submit, &provider_id, decision))
            decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_ALREADY_EXISTS,
                            "This id is used by an offer that says something else, or was "
                            "withdrawn; take a fresh one.");
        return;
    }
    if (!call_off_may(call_off, CALL_OFF_EVENT_OFFER, decision) ||
        !is_in_time(call_off, ctx, decision) ||
        !check_offer(state, call_off, submit, &provider_id, decision) ||
        !may_offer(state, call_off, submit, &provider_id, ctx, decision))
        return;
    struct id statement_id;
    Dw__Offer offer;
    fill_offer(submit, &provider_id, &offer);
    placements_keep_text(state, NULL, submit->statement, ctx, decision, &statement_id,
                         &offer.statement_id);
    Dw__OfferSubmitted submitted = DW__OFFER_SUBMITTED__INIT;
    submitted.call_off_id = call_off->call_off_id;
    submitted.offer = &offer;
    decision_emit(decision, &submitted.base);
}

PLACEMENTS_DECIDE(withdraw_offer)
{
    const Dw__WithdrawOffer *withdraw = (const Dw__WithdrawOffer *)command;
    const Dw__CallOff *call_off = call_off_find(state, &withdraw->call_off_id, decision);
    if (call_off == NULL)
        return;
    const Dw__Offer *offer = call_off_offer(call_off, &withdraw->offer_id);
    struct id provider_id = {0};
    if (offer != NULL)
        (void)id_from_data(&offer->provider_id, &provider_id);
    if (offer == NULL || !principal_sees(ctx->principal, &provider_id)) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_OFFER_UNKNOWN,
                        "The provider has made no offer with this id; name one of its own.");
        return;
    }
    if (offer->state == DW__OFFER_STATE__OFFER_STATE_WITHDRAWN ||
        !call_off_may(call_off, CALL_OFF_EVENT_WITHDRAW, decision))
        return;
    if (offer->state != DW__OFFER_STATE__OFFER_STATE_SUBMITTED &&
        offer->state != DW__OFFER_STATE__OFFER_STATE_LOST) {
        decision_refuse(decision, DW__PLACEMENTS_REFUSAL__PLACEMENTS_REFUSAL_WRONG_STATE,
                        "The offer has won; what comes of it is declined, or does not stand any "
                        "more.");
        return;
    }
    Dw__OfferWithdrawn withdrawn = DW__OFFER_WITHDRAWN__INIT;
    withdrawn.call_off_id = call_off->call_off_id;
    withdrawn.offer_id = offer->offer_id;
    decision_emit(decision, &withdrawn.base);
}
