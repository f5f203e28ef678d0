/* The indexes that are made from the records: called for each that is put or loaded. See state.h. */
#include <assert.h>
#include <string.h>

#include "services/capacity/closed.h"
#include "services/capacity/replace.h"
#include "services/capacity/state.h"

/* Dates stand in the heap as if London had no summer time: due asks it by date, too. */
static void index_date(struct alarms *dates, const struct id *id, bool is_awaited, int32_t date)
{
    if (is_awaited && date != INT32_MAX)
        alarms_set(dates, id, date * MS_PER_DAY);
    else
        alarms_remove(dates, id);
}

/* Called when a visit or a contract has come: a provider without either is not visited. */
static void index_visits(struct state *state, const struct id *provider_id)
{
    const Dw__VisitStanding *visits = capacity_visits(state, provider_id);
    const int32_t since = capacity_visit_since(state, provider_id);
    const bool is_told = visits != NULL && visits->told != NULL && visits->told->days == since;
    index_date(state->visits, provider_id, !is_told, since);
}

/* Puts the member into the list of its provider, its site or whatever it is of, or takes it out; what has none is in no list. */
static void index_of_owner(struct lists *lists, const ProtobufCBinaryData *owner,
                           const struct id *id, bool was_in, bool is_in)
{
    struct id owner_id;
    if (was_in == is_in || !id_from_data(owner, &owner_id))
        return;
    if (is_in)
        lists_add(lists, &owner_id, id);
    else
        lists_remove(lists, &owner_id, id);
}

static void index_site(struct state *state, const struct id *service_id, const Dw__Service *before,
                       const Dw__Service *after)
{
    if (before != NULL)
        index_of_owner(state->by_site, &before->site_id, service_id, true, false);
    index_of_owner(state->by_site, &after->site_id, service_id, false, true);
}

static void index_assurance(struct state *state, const struct id *assurance_id,
                            const Dw__Assurance *before, const Dw__Assurance *after)
{
    index_of_owner(state->assurances_of, &after->provider_id, assurance_id,
                   before != NULL && !before->replaced, !after->replaced);
    index_date(state->assurances, assurance_id, !after->expired && !after->replaced,
               capacity_date_or_never(after->expires));
}

static void index_action(struct state *state, const struct id *action_id,
                         const Dw__ImprovementAction *before, const Dw__ImprovementAction *after)
{
    index_of_owner(state->actions, &after->provider_id, action_id,
                   before != NULL && before->closed == NULL, after->closed == NULL);
}

static void index_concern(struct state *state, const struct id *concern_id,
                          const Dw__Concern *concern, bool was_in)
{
    index_of_owner(state->concerns,
                   concern->provider_ref.len > 0 ? &concern->provider_ref : &concern->provider_id,
                   concern_id, was_in, true);
}

/* A last date that was not told of is told of when it is near. */
static void index_warning(const struct state *state, const struct id *contract_id,
                          const Dw__Contract *contract)
{
    const Dw__ContractStanding standing = capacity_standing(state, contract);
    const int32_t last = capacity_contract_last(state, contract, state->frameworks);
    index_date(state->contract_warnings, contract_id,
               standing.state != DW__CONTRACT_STATE__CONTRACT_STATE_ENDED &&
                   (standing.warned == NULL || standing.warned->days != last),
               last);
}

void capacity_index_frameworks(const struct state *state, const struct framework_terms *frameworks)
{
    if (memcmp(state->frameworks, frameworks, sizeof *frameworks) == 0)
        return;
    *state->frameworks = *frameworks;
    for (size_t at = 0; at < entities_count(state->entities, KIND_CONTRACT); at++) {
        struct entity_key key;
        const Dw__Contract *contract = entities_at(state->entities, KIND_CONTRACT, at, &key);
        index_warning(state, &key.id, contract);
    }
}

/* Called for either of a contract's two records, and the other one may not be there yet. */
static void index_contract(struct state *state, const struct id *contract_id)
{
    const Dw__Contract *contract = capacity_contract(state, contract_id);
    struct id provider_id;
    if (contract == NULL || !id_from_data(&contract->provider_id, &provider_id))
        return;
    const Dw__ContractStanding standing = capacity_standing(state, contract);
    const int32_t last = capacity_date_or_never(standing.to);
    const bool is_over = standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_ENDED;
    const bool is_live = standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_LIVE;
    struct contract_terms terms = {.framework = contract->framework,
                                   .from = contract->from->days,
                                   .to = is_live ? last : INT32_MIN};
    for (size_t at = 0; at < contract->n_levels; at++)
        terms.levels |= UINT32_C(1) << contract->levels[at];
    capacity_catalogue_contract(state->catalogue, contract_id, &provider_id, &terms);
    index_visits(state, &provider_id);
    index_date(state->contract_ends, contract_id, !is_over, last);
    index_warning(state, contract_id, contract);
}

/* Somebody who was left without room may have some now. */
static void look_again(struct state *state, const struct id *session_id)
{
    if (lists_first(state->stranded, session_id) != NULL)
        alarms_set(state->unlooked, session_id, 0);
    else
        alarms_remove(state->regained, session_id);
}

/* The catalogue's rows of ready sessions are made from what is taken and closed. */
static void spoil(struct state *state, uint32_t slot)
{
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    capacity_catalogue_taking(state->catalogue, &terms->service_id);
    look_again(state, &terms->session_id);
}

static void close_session(struct state *state, const struct id *closure_id,
                          const Dw__Closure *closure, uint32_t slot)
{
    const struct weeks weeks =
        capacity_closure_weeks(closure, capacity_timetable_terms(state->timetable, slot));
    capacity_closed_set(capacity_timetable_closed(state->timetable), slot, closure_id, &weeks);
}

/* A session that comes later is closed with its service. */
static void close_with_service(struct state *state, uint32_t slot)
{
    const struct id service_id = capacity_timetable_terms(state->timetable, slot)->service_id;
    for (const struct id *id = lists_first(state->closures, &service_id); id != NULL;
         id = lists_next(state->closures, id))
        close_session(state, id, capacity_closure(state, id), slot);
}

static void index_closure(struct state *state, const struct id *closure_id,
                          const Dw__Closure *before, const Dw__Closure *after)
{
    struct id service_id;
    const struct offer *offers = NULL;
    if (!id_from_data(&after->service_id, &service_id))
        return;
    if (before == NULL)
        lists_add(state->closures, &service_id, closure_id);
    index_of_owner(state->site_closures, &after->site_closure_id, closure_id, before != NULL, true);
    const size_t count = capacity_catalogue_offers(state->catalogue, &service_id, &offers);
    for (size_t at = 0; at < count; at++)
        close_session(state, closure_id, after, offers[at].slot);
    capacity_catalogue_taking(state->catalogue, &service_id);
}

static void index_session(struct state *state, const Dw__Session *session)
{
    struct session_terms terms = {
        .runs = capacity_session_runs(session),
        .monday_offset = (int16_t)(session->weekday - 1),
        .every_weeks = (uint16_t)session->every_weeks,
        .start_minutes = (uint16_t)session->start_minutes,
        .end_minutes = (uint16_t)session->end_minutes,
    };
    (void)id_from_data(&session->session_id, &terms.session_id);
    (void)id_from_data(&session->service_id, &terms.service_id);
    capacity_limits(session->limits, session->n_limits, terms.limits);
    const uint32_t slot = capacity_timetable_set(state->timetable, &terms);
    capacity_catalogue_session(state->catalogue, state->timetable, slot);
    close_with_service(state, slot);
    look_again(state, &terms.session_id);
}

static void index_limits(struct state *state, const struct id *session_id,
                         const Dw__LimitSchedule *schedule)
{
    struct limit_change changes[LIMIT_CHANGES_MAX];
    uint32_t slot;
    size_t count = 0;
    if (!capacity_timetable_find(state->timetable, session_id, &slot))
        return;
    const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
    for (; count < schedule->n_changes && count < LIMIT_CHANGES_MAX; count++)
        changes[count] = capacity_limit_change(terms, schedule->changes[count]);
    capacity_timetable_change(state->timetable, slot, changes, count);
    spoil(state, slot);
}

bool capacity_booking_slot(const struct state *state, const Dw__Booking *booking, size_t at,
                           uint32_t *ret_slot)
{
    struct id session_id;
    return id_from_data(&booking->session_ids[at], &session_id) &&
           capacity_timetable_find(state->timetable, &session_id, ret_slot);
}

static void take(struct state *state, const Dw__Booking *booking)
{
    const Dw__Booking *replaced = capacity_replaced(state, booking);
    struct taking parts[TAKING_PARTS];
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        const struct session_terms *terms = capacity_timetable_terms(state->timetable, slot);
        const size_t count = capacity_takings_of(terms, booking, replaced, parts);
        for (size_t part = 0; part < count; part++)
            capacity_timetable_take(state->timetable, slot, &parts[part]);
        spoil(state, slot);
    }
}

static void give_back(struct state *state, const struct id *hold_id, const Dw__Booking *booking)
{
    for (size_t at = 0; at < booking->n_session_ids; at++) {
        uint32_t slot;
        if (!capacity_booking_slot(state, booking, at, &slot))
            continue;
        capacity_timetable_give_back(state->timetable, slot, hold_id);
        spoil(state, slot);
    }
}

static bool takes(const Dw__Booking *booking)
{
    return booking != NULL && capacity_state_takes((enum booking_state)booking->state);
}

static void index_person(struct state *state, const struct id *hold_id, const Dw__Booking *before,
                         const Dw__Booking *after)
{
    struct id person_id;
    if (takes(before) == takes(after) || !id_from_data(&after->person_id, &person_id))
        return;
    if (takes(after))
        lists_add(state->by_person, &person_id, hold_id);
    else
        lists_remove(state->by_person, &person_id, hold_id);
}

static bool is_held(const Dw__Booking *booking)
{
    return booking != NULL && booking->state == DW__BOOKING_STATE__BOOKING_STATE_HELD;
}

/* Remembers which booking this one replaces, as long as it takes places. Who has replaced a booking shares no week with it any more,
 * so a hold that still may comes before it. */
static void index_replacing(struct state *state, const struct id *hold_id, const Dw__Booking *after)
{
    struct id replaced_id;
    if (!id_from_data(&after->replaces_hold_id, &replaced_id))
        return;
    struct id *by = table_get(state->replacing, &replaced_id);
    if (takes(after) && (by == NULL || is_held(after) || !is_held(capacity_booking(state, by)))) {
        by = table_put(state->replacing, &replaced_id, NULL);
        *by = *hold_id;
    } else if (!takes(after) && by != NULL && id_equal(by, hold_id)) {
        (void)table_remove(state->replacing, &replaced_id);
    }
}

/* What the replacing one takes depends on what this one takes. */
static void take_anew(struct state *state, const struct id *replaced_id)
{
    const struct id *by = table_get(state->replacing, replaced_id);
    const Dw__Booking *booking = by == NULL ? NULL : capacity_booking(state, by);
    if (!takes(booking))
        return;
    give_back(state, by, booking);
    take(state, booking);
}

/* Sessions, uses and the first date of a booking never change, its last date may. */
static void index_booking(struct state *state, const struct id *hold_id, const Dw__Booking *before,
                          const Dw__Booking *after)
{
    const bool stays = takes(before) && takes(after) &&
                       capacity_date_or_never(before->to) == capacity_date_or_never(after->to);
    if (takes(before) && !stays)
        give_back(state, hold_id, before);
    if (takes(after) && !stays)
        take(state, after);
    index_person(state, hold_id, before, after);
    index_replacing(state, hold_id, after);
    if (!stays)
        take_anew(state, hold_id);
    if (after != NULL && after->state == DW__BOOKING_STATE__BOOKING_STATE_HELD)
        alarms_set(state->expiries, hold_id, after->expires_ms);
    else
        alarms_remove(state->expiries, hold_id);
}

/* Outside use takes what a booking would; a hold and an outside use never share an id. */
static void index_outside(struct state *state, const struct id *outside_id,
                          const Dw__OutsideUse *before, const Dw__OutsideUse *after)
{
    struct taking taking = {.hold_id = *outside_id};
    struct id session_id;
    uint32_t slot;
    if (!id_from_data(&after->session_id, &session_id) ||
        !capacity_timetable_find(state->timetable, &session_id, &slot))
        return;
    if (before == NULL)
        lists_add(state->outside_uses, &session_id, outside_id);
    if (before != NULL)
        capacity_timetable_give_back(state->timetable, slot, outside_id);
    capacity_limits(after->uses, after->n_uses, taking.uses);
    taking.weeks = capacity_sittings(capacity_timetable_terms(state->timetable, slot),
                                     after->from->days, capacity_date_or_never(after->to));
    if (after->n_uses > 0)
        capacity_timetable_take(state->timetable, slot, &taking);
    spoil(state, slot);
}

static void index_stranded(struct state *state, const struct entity_key *key,
                           const Dw__StrandedBooking *before, const Dw__StrandedBooking *after)
{
    const struct id session_id =
        id_or_zero(after == NULL ? &before->session_id : &after->session_id);
    const struct stranded_key own = {key->id, key->part};
    if (before == NULL)
        lists_add(state->stranded, &session_id, &own);
    if (after == NULL)
        lists_remove(state->stranded, &session_id, &own);
    look_again(state, &session_id);
}

/* Providers never change once they are known, and only what is told, or there again, is ever removed. */
void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    assert(after != NULL || key->kind == KIND_TELLING || key->kind == KIND_STRANDED);
    switch ((enum capacity_kind)key->kind) {
    case KIND_PROVIDER:
        capacity_reference_set(state, KIND_PROVIDER, ((const Dw__Provider *)after)->reference,
                               &key->id);
        break;
    case KIND_CONTRACT:
    case KIND_STANDING:
        index_contract(state, &key->id);
        break;
    case KIND_SERVICE:
        if (before != NULL)
            capacity_reference_drop(state, KIND_SERVICE, ((const Dw__Service *)before)->reference,
                                    &key->id);
        capacity_reference_set(state, KIND_SERVICE, ((const Dw__Service *)after)->reference,
                               &key->id);
        capacity_catalogue_service(state->catalogue, (const Dw__Service *)after);
        index_site(state, &key->id, (const Dw__Service *)before, (const Dw__Service *)after);
        break;
    case KIND_SESSION:
        index_session(state, (const Dw__Session *)after);
        break;
    case KIND_BOOKING:
        index_booking(state, &key->id, (const Dw__Booking *)before, (const Dw__Booking *)after);
        break;
    case KIND_OUTSIDE:
        index_outside(state, &key->id, (const Dw__OutsideUse *)before,
                      (const Dw__OutsideUse *)after);
        break;
    case KIND_LIMITS:
        index_limits(state, &key->id, (const Dw__LimitSchedule *)after);
        break;
    case KIND_CLOSURE:
        index_closure(state, &key->id, (const Dw__Closure *)before, (const Dw__Closure *)after);
        break;
    case KIND_VISIT_STANDING:
        index_visits(state, &key->id);
        break;
    case KIND_ACTION:
        index_action(state, &key->id, (const Dw__ImprovementAction *)before,
                     (const Dw__ImprovementAction *)after);
        break;
    case KIND_CONCERN:
        index_concern(state, &key->id, (const Dw__Concern *)after, before != NULL);
        break;
    case KIND_ASSURANCE:
        index_assurance(state, &key->id, (const Dw__Assurance *)before,
                        (const Dw__Assurance *)after);
        break;
    case KIND_SUSPENSION:
        capacity_catalogue_suspend(state->catalogue, &key->id,
                                   !((const Dw__StandingSuspension *)after)->lifted);
        break;
    case KIND_RATES: {
        const Dw__RateStanding *rates = (const Dw__RateStanding *)after;
        index_date(state->rates, &key->id, rates->agreed != NULL,
                   rates->agreed == NULL ? 0 : rates->agreed->from->days);
        capacity_catalogue_rates(state->catalogue, &key->id, rates->agreed);
        break;
    }
    case KIND_STRANDED:
        index_stranded(state, key, (const Dw__StrandedBooking *)before,
                       (const Dw__StrandedBooking *)after);
        break;
    case KIND_VISIT:
    case KIND_CONFIRMATION:
    case KIND_FRAMEWORK_TERM:
    case KIND_TELLING:
        break;
    }
}
