/* HoldPlaces: a whole pattern over its whole range, or nothing. */
#include <string.h>

#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/closed.h"
#include "services/capacity/elsewhere.h"
#include "services/capacity/replace.h"
#include "services/capacity/state.h"
#include "services/capacity/tell.h"

enum {
    MS_PER_MINUTE = 60 * 1000,
    HOLD_MINUTES = 60, /* where the model is silent: long enough to ask the provider */
};

/* What a hold asks for, checked. */
struct asking {
    struct id hold_id;
    struct id service_id;
    struct id person_id;
    struct id session_ids[PATTERN_MAX];
    size_t sessions_count;
    int16_t uses[LIMIT_KINDS];
    int32_t from;
    int32_t to;                  /* INT32_MAX = for ever */
    struct id replaces_id;       /* zero: none */
    const Dw__Booking *replaced; /* the same, NULL */
    Dw__Booking booking;         /* what it would be, for what it takes */
};

static bool check_pattern(struct decision *decision, const Dw__HoldPlaces *hold,
                          struct asking *ret_asking)
{
    if (hold->n_session_ids < 1 || hold->n_session_ids > PATTERN_MAX) {
        decision_invalid(decision, "session_ids", "a pattern has 1 to 14 sessions");
        return false;
    }
    for (size_t at = 0; at < hold->n_session_ids; at++) {
        struct id *id = &ret_asking->session_ids[at];
        if (!capacity_check_id(decision, "session_ids", &hold->session_ids[at], id))
            return false;
        for (size_t other = 0; other < at; other++)
            if (id_equal(id, &ret_asking->session_ids[other])) {
                decision_invalid(decision, "session_ids", "it names a session twice");
                return false;
            }
    }
    ret_asking->sessions_count = hold->n_session_ids;
    return true;
}

static bool check_asking(struct decision *decision, const Dw__HoldPlaces *hold,
                         struct asking *ret_asking)
{
    if (!capacity_check_id(decision, "hold_id", &hold->hold_id, &ret_asking->hold_id) ||
        !capacity_check_id(decision, "service_id", &hold->service_id, &ret_asking->service_id) ||
        !capacity_check_id(decision, "person_id", &hold->person_id, &ret_asking->person_id) ||
        !check_pattern(decision, hold, ret_asking))
        return false;
    const char *fault = capacity_range_fault(hold->from, hold->to);
    if (fault != NULL) {
        decision_invalid(decision, "from", "%s", fault);
        return false;
    }
    fault = capacity_amounts_fault(hold->uses, hold->n_uses);
    if (fault != NULL) {
        decision_invalid(decision, "uses", "%s", fault);
        return false;
    }
    ret_asking->from = hold->from->days;
    ret_asking->to = capacity_date_or_never(hold->to);
    capacity_uses(hold->uses, hold->n_uses, ret_asking->uses);
    if (ret_asking->uses[LIMIT_PLACES] == 0)
        decision_invalid(decision, "uses", "whoever comes takes at least one place");
    return !decision_is_no(decision);
}

/* The command again, as the booking remembers it, with the amounts written out. */
static Dw__HoldPlaces as_command(const Dw__Booking *booking)
{
    Dw__HoldPlaces hold = DW__HOLD_PLACES__INIT;
    hold.hold_id = booking->hold_id;
    hold.service_id = booking->service_id;
    hold.person_id = booking->person_id;
    hold.n_session_ids = booking->n_session_ids;
    hold.session_ids = booking->session_ids;
    hold.from = booking->from;
    hold.to = booking->to;
    hold.n_uses = booking->n_uses;
    hold.uses = booking->uses;
    hold.funding = booking->funding;
    hold.replaces_hold_id = booking->replaces_hold_id;
    return hold;
}

static bool is_of(const ProtobufCBinaryData *provider_id, const Dw__HoldPlaces *hold)
{
    struct id own_id = {0};
    struct id named_id;
    (void)id_from_data(provider_id, &own_id);
    return !id_from_data(&hold->provider_id, &named_id) || id_equal(&own_id, &named_id);
}

static bool is_at_level(uint32_t level, const Dw__HoldPlaces *hold)
{
    return hold->level == 0 || hold->level == level;
}

static void decide_hold_again(const Dw__Booking *known, const Dw__HoldPlaces *hold,
                              struct decision *decision)
{
    Dw__HoldPlaces before = as_command(known);
    if (is_of(&known->provider_id, hold) && is_at_level(known->level, hold)) {
        before.provider_id = hold->provider_id;
        before.level = hold->level;
    }
    switch ((enum booking_state)known->state) {
    case BOOKING_HELD:
    case BOOKING_CONFIRMED:
        if (!decision_same(decision, &before.base, &hold->base))
            decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                            "A hold with this id exists and says something else; send a fresh id.");
        return;
    case BOOKING_ENDED:
        capacity_refuse_ended(decision);
        return;
    case BOOKING_RELEASED:
        capacity_refuse_released(decision);
        return;
    case BOOKING_EXPIRED:
        capacity_refuse_expired(decision);
        return;
    case BOOKING_NONE:
    case BOOKING_STATES:
        return;
    }
}

/* Only what is taken, and when. */
static void prepare_booking(const Dw__HoldPlaces *hold, struct asking *asking)
{
    asking->booking = (Dw__Booking)DW__BOOKING__INIT;
    asking->booking.hold_id = hold->hold_id;
    asking->booking.from = hold->from;
    asking->booking.to = hold->to;
    asking->booking.n_uses = hold->n_uses;
    asking->booking.uses = hold->uses;
    (void)id_from_data(&hold->replaces_hold_id, &asking->replaces_id);
}

static void refuse_full(struct decision *decision, const struct state *state, uint32_t slot,
                        size_t limit, struct weeks weeks, int32_t this_week, int16_t use)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const int32_t week =
        capacity_timetable_when(state->timetable, slot, limit, weeks, this_week, use - 1);
    const struct weeks full = {week, week};
    char date[CALENDAR_TEXT_SIZE];
    calendar_to_text(calendar_monday(week) + terms->monday_offset, date);
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_PLACE_LEFT,
                    "Not enough %s left on %s %02d:%02d on %s: %d of %d taken; another session or "
                    "a range without that date may have room.",
                    capacity_limit_name(limit),
                    capacity_weekday_name((unsigned)terms->monday_offset + 1),
                    terms->start_minutes / 60, terms->start_minutes % 60, date,
                    capacity_timetable_taken(state->timetable, slot, limit, full),
                    capacity_timetable_limit(state->timetable, slot, limit, week));
}

static void check_part_has(const struct state *state, uint32_t slot, const struct taking *part,
                           int32_t this_week, struct decision *decision)
{
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        const int16_t use = part->uses[limit];
        if (use > 0 &&
            !capacity_timetable_has(state->timetable, slot, limit, part->weeks, this_week, use))
            refuse_full(decision, state, slot, limit, part->weeks, this_week, use);
    }
}

/* Refuses when the session has not what is asked on every sitting. */
static void check_session_has(const struct state *state, uint32_t slot, const struct asking *asking,
                              int32_t this_week, struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const struct weeks weeks = capacity_sittings(terms, asking->from, asking->to);
    const bool never_sits = weeks.last < weeks.first;
    if (never_sits || weeks.first < terms->runs.first || weeks.last > terms->runs.last) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_NOT_RUNNING,
                        "The session on %s %02d:%02d %s.",
                        capacity_weekday_name((unsigned)terms->monday_offset + 1),
                        terms->start_minutes / 60, terms->start_minutes % 60,
                        never_sits ? "never sits between these dates; choose a longer range"
                                   : "does not run over the whole range; choose dates within "
                                     "those of the session");
        return;
    }
    struct taking parts[TAKING_PARTS];
    const size_t count = capacity_takings_of(terms, &asking->booking, asking->replaced, parts);
    for (size_t part = 0; part < count; part++)
        check_part_has(state, slot, &parts[part], this_week, decision);
}

static void refuse_elsewhere(const struct session_terms *terms, const struct session_terms *other,
                             struct decision *decision)
{
    decision_refuse(
        decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PERSON_ELSEWHERE,
        "The person would be in two places on a %s: at %02d:%02d here, and until %02d:%02d in a "
        "session that begins at %02d:%02d; end that one first, or choose another session or dates.",
        capacity_weekday_name((unsigned)terms->monday_offset + 1), terms->start_minutes / 60,
        terms->start_minutes % 60, other->end_minutes / 60, other->end_minutes % 60,
        other->start_minutes / 60, other->start_minutes % 60);
}

/* Refuses when the person is elsewhere at that time, by another booking or by another session of this pattern. */
static void check_person(const struct state *state, uint32_t slot, const struct asking *asking,
                         size_t place, struct decision *decision)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    const struct elsewhere question = {
        .person_id = asking->person_id,
        .terms = terms,
        .weeks = capacity_sittings(terms, asking->from, asking->to),
        .except_hold_id = asking->replaces_id,
    };
    const struct session_terms *other;
    struct id hold_id;
    if (capacity_find_elsewhere(state, &question, &hold_id, &other))
        refuse_elsewhere(terms, other, decision);
    for (size_t at = 0; at < place && !decision_is_no(decision); at++) {
        uint32_t earlier;
        if (!capacity_timetable_find(state->timetable, &asking->session_ids[at], &earlier))
            continue;
        other = capacity_timetable_terms(state->timetable, earlier);
        if (capacity_sessions_clash(terms, other))
            refuse_elsewhere(terms, other, decision);
    }
}

/* False when a session is not one of the service's. */
static bool find_slots(const struct state *state, const struct asking *asking,
                       struct decision *decision, uint32_t ret_slots[PATTERN_MAX])
{
    for (size_t at = 0; at < asking->sessions_count; at++) {
        const bool is_known =
            capacity_timetable_find(state->timetable, &asking->session_ids[at], &ret_slots[at]);
        if (is_known &&
            id_equal(&capacity_timetable_terms(state->timetable, ret_slots[at])->service_id,
                     &asking->service_id))
            continue;
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SESSION_UNKNOWN,
                        "The service has no session with the id at place %zu of the pattern.",
                        at + 1);
        return false;
    }
    return true;
}

/* A closed sitting is like a week in which the session does not run; but where there is no other, there is nothing to hold. */
static void check_opens(const struct state *state, const struct asking *asking,
                        const uint32_t *slots, struct decision *decision)
{
    const struct closed *closed = capacity_timetable_closed(state->timetable);
    for (size_t at = 0; at < asking->sessions_count; at++) {
        const struct session_terms *terms = capacity_timetable_terms(state->timetable, slots[at]);
        const struct weeks weeks = capacity_sittings(terms, asking->from, asking->to);
        int32_t week;
        if (weeks.last < weeks.first ||
            capacity_closed_opens(closed, slots[at], terms->every_weeks, weeks, &week))
            return;
    }
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CLOSED,
                    "Every sitting asked for is closed; choose other dates, or lift the closure.");
}

static void check_sessions(const struct state *state, const struct asking *asking,
                           const struct context *ctx, struct decision *decision)
{
    const int32_t this_week = calendar_week(ctx->today);
    uint32_t slots[PATTERN_MAX];
    if (!find_slots(state, asking, decision, slots))
        return;
    check_opens(state, asking, slots, decision);
    for (size_t at = 0; at < asking->sessions_count && !decision_is_no(decision); at++) {
        check_person(state, slots[at], asking, at, decision);
        if (!decision_is_no(decision))
            check_session_has(state, slots[at], asking, this_week, decision);
    }
}

static int64_t hold_minutes(const struct context *ctx)
{
    const uint32_t minutes = capacity_rules(ctx)->hold_minutes;
    return minutes == 0 ? HOLD_MINUTES : minutes;
}

static void emit_held(const Dw__HoldPlaces *hold, const Dw__Service *service,
                      const struct context *ctx, struct decision *decision)
{
    Dw__PlacesHeld held = DW__PLACES_HELD__INIT;
    held.hold_id = hold->hold_id;
    held.service_id = hold->service_id;
    held.provider_id = service->provider_id;
    held.person_id = hold->person_id;
    held.n_session_ids = hold->n_session_ids;
    held.session_ids = hold->session_ids;
    held.from = hold->from;
    held.to = hold->to;
    held.n_uses = hold->n_uses;
    held.uses = hold->uses;
    held.funding = hold->funding;
    held.expires_ms = ctx->now_ms + hold_minutes(ctx) * MS_PER_MINUTE;
    held.level = service->level;
    held.district = service->district;
    held.replaces_hold_id = hold->replaces_hold_id;
    decision_emit(decision, &held.base);
}

static void tell_closures(const struct state *state, const Dw__HoldPlaces *hold,
                          const Dw__Service *service, struct decision *decision)
{
    Dw__Booking booking = DW__BOOKING__INIT;
    booking.hold_id = hold->hold_id;
    booking.service_id = hold->service_id;
    booking.provider_id = service->provider_id;
    booking.person_id = hold->person_id;
    booking.n_session_ids = hold->n_session_ids;
    booking.session_ids = hold->session_ids;
    booking.from = hold->from;
    booking.to = hold->to;
    capacity_tell_held(state, &booking, decision);
}

/* Writes the one place out when it is not named, so that records and events say what is taken. */
static void write_uses(Dw__HoldPlaces *hold, const int16_t uses[LIMIT_KINDS],
                       Dw__LimitAmount amounts[LIMIT_KINDS], Dw__LimitAmount *list[LIMIT_KINDS])
{
    size_t count = 0;
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++) {
        if (uses[limit] == 0)
            continue;
        amounts[count] = (Dw__LimitAmount)DW__LIMIT_AMOUNT__INIT;
        amounts[count].kind = (Dw__LimitKind)(limit + 1);
        amounts[count].amount = (uint32_t)uses[limit];
        list[count] = &amounts[count];
        count++;
    }
    hold->n_uses = count;
    hold->uses = list;
}

/* Whoever was told wrong whose service it is must not be answered by somebody else, nor counted under another level. */
static void check_service(const Dw__Service *service, const Dw__HoldPlaces *hold,
                          struct decision *decision)
{
    if (!is_of(&service->provider_id, hold))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_PROVIDER_DIFFERS,
                        "The service is another provider's than the one named; search again.");
    else if (!is_at_level(service->level, hold))
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_LEVEL_DIFFERS,
                        "The service is of level %u and not %u; name its level, or choose a "
                        "service of the other.",
                        service->level, hold->level);
}

/* Refuses where nobody new is placed; who is there may change days. */
static bool check_takes_people(const struct state *state, const Dw__Service *service,
                               const struct asking *asking, struct decision *decision)
{
    if (service->unbooked)
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_UNBOOKED,
                        "This is a drop-in service: people come without a booking.");
    else if (asking->replaced == NULL && capacity_is_suspended(state, service))
        capacity_refuse_suspended(decision);
    return !decision_is_no(decision);
}

void capacity_decide_hold_places(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision)
{
    Dw__HoldPlaces hold = *(const Dw__HoldPlaces *)command;
    struct asking asking = {0};
    if (!check_asking(decision, &hold, &asking))
        return;
    Dw__LimitAmount amounts[LIMIT_KINDS];
    Dw__LimitAmount *list[LIMIT_KINDS];
    write_uses(&hold, asking.uses, amounts, list);
    const Dw__Booking *known = capacity_booking(state, &asking.hold_id);
    if (known != NULL) {
        decide_hold_again(known, &hold, decision);
        return;
    }
    if (capacity_outside(state, &asking.hold_id) != NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_ALREADY_EXISTS,
                        "This id stands for the outside use of a session; send a fresh id.");
        return;
    }
    const Dw__Service *service = capacity_service_record(state, &asking.service_id);
    if (service == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_SERVICE_UNKNOWN,
                        "There is no service with this id; search again.");
        return;
    }
    check_service(service, &hold, decision);
    if (decision_is_no(decision))
        return;
    prepare_booking(&hold, &asking);
    if (!capacity_check_replaces(state, &hold, decision, &asking.replaced) ||
        !check_takes_people(state, service, &asking, decision) ||
        (!capacity_was_bought(asking.replaced) &&
         !capacity_check_contract(state, service, hold.funding, asking.from, ctx, decision)))
        return;
    check_sessions(state, &asking, ctx, decision);
    if (decision_is_no(decision))
        return;
    emit_held(&hold, service, ctx, decision);
    tell_closures(state, &hold, service, decision);
}
