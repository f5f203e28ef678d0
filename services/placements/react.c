/* What other services tell: providers, contracts and sessions, which costs and approval need; sittings that were lost or came back; a
 * death, and that a person is erased; the end report of a placement; and the first sitting somebody attended, from which the clock of an
 * enablement place runs. */
#include "services/placements/calloffs.h"

#include "common/calendar.h"
#include "services/placements/money.h"

#include "attendance.pb-c.h"
#include "outcomes.pb-c.h"
#include "referrals.pb-c.h"

#include <stddef.h>

/* --- capacity: providers, contracts, sessions --------------------------------------------------------------------- */

PLACEMENTS_REACT(provider_registered)
{
    (void)state;
    (void)ctx;
    const Dw__Provider *provider = ((const Dw__ProviderRegistered *)event->message)->provider;
    if (provider == NULL)
        return;
    Dw__NotedProvider noted = DW__NOTED_PROVIDER__INIT;
    noted.kind = provider->kind;
    Dw__ProviderNoted told = DW__PROVIDER_NOTED__INIT;
    told.provider_id = provider->provider_id;
    told.provider = &noted;
    decision_emit(decision, &told.base);
}

static void note_contract(Dw__Contract *contract, Dw__ContractStanding *standing,
                          struct decision *decision)
{
    if (contract == NULL || contract->from == NULL)
        return;
    Dw__NotedContract noted = DW__NOTED_CONTRACT__INIT;
    noted.contract = contract;
    noted.standing = standing;
    Dw__ContractNoted told = DW__CONTRACT_NOTED__INIT;
    told.contract_id = contract->contract_id;
    told.contract = &noted;
    decision_emit(decision, &told.base);
}

PLACEMENTS_REACT(contract_agreed)
{
    (void)state;
    (void)ctx;
    note_contract(((const Dw__ContractAgreed *)event->message)->contract, NULL, decision);
}

/* All events about how a contract stands have one shape. */
#define SAME_SHAPE(type)                                                                           \
    _Static_assert(offsetof(Dw__##type, contract) == offsetof(Dw__ContractExtended, contract) &&   \
                       offsetof(Dw__##type, standing) == offsetof(Dw__ContractExtended, standing), \
                   "it is read as a ContractExtended")
SAME_SHAPE(ContractClosed);
SAME_SHAPE(ContractReopened);
SAME_SHAPE(ContractEndSet);
SAME_SHAPE(ContractNearsEnd);
SAME_SHAPE(ContractEnded);

PLACEMENTS_REACT(contract_stands)
{
    (void)state;
    (void)ctx;
    const Dw__ContractExtended *stands = (const Dw__ContractExtended *)event->message;
    note_contract(stands->contract, stands->standing, decision);
}

PLACEMENTS_REACT(framework_extended)
{
    (void)state;
    (void)ctx;
    const Dw__FrameworkExtended *extended = (const Dw__FrameworkExtended *)event->message;
    Dw__NotedFramework noted = DW__NOTED_FRAMEWORK__INIT;
    noted.to = extended->to;
    Dw__FrameworkNoted told = DW__FRAMEWORK_NOTED__INIT;
    told.framework = extended->framework;
    told.noted = &noted;
    decision_emit(decision, &told.base);
}

_Static_assert(offsetof(Dw__ServiceChanged, service) == offsetof(Dw__ServiceRegistered, service),
               "it is read as a ServiceRegistered");

PLACEMENTS_REACT(service_registered)
{
    (void)ctx;
    const Dw__Service *service = ((const Dw__ServiceRegistered *)event->message)->service;
    if (service == NULL)
        return;
    Dw__NotedService noted = DW__NOTED_SERVICE__INIT;
    Dw__ServiceNoted told = DW__SERVICE_NOTED__INIT;
    noted.provider_id = service->provider_id;
    noted.level = service->level;
    noted.n_needs = service->n_needs;
    noted.needs = service->needs;
    noted.n_access = service->n_access;
    noted.access = service->access;
    noted.culturally_specific = service->culturally_specific;
    const struct id id = id_or_zero(&service->service_id);
    const Dw__NotedService *before = entities_get(state->entities, PLACEMENTS_KIND_SERVICE, &id, 0);
    if (before != NULL && decision_same(decision, &before->base, &noted.base))
        return; /* what is asked here is as it was */
    told.service_id = service->service_id;
    told.service = &noted;
    decision_emit(decision, &told.base);
}

/* Of a service where one is named, else of a provider; noted NULL: it is lifted. */
static void note_suspension(const ProtobufCBinaryData *provider_id,
                            const ProtobufCBinaryData *service_id, Dw__NotedSuspension *noted,
                            struct decision *decision)
{
    Dw__SuspensionNoted told = DW__SUSPENSION_NOTED__INIT;
    told.subject_id = service_id->len > 0 ? *service_id : *provider_id;
    told.noted = noted;
    decision_emit(decision, &told.base);
}

PLACEMENTS_REACT(placements_suspended)
{
    (void)state;
    (void)ctx;
    const Dw__StandingSuspension *suspension =
        ((const Dw__PlacementsSuspended *)event->message)->suspension;
    Dw__NotedSuspension noted = DW__NOTED_SUSPENSION__INIT;
    if (suspension == NULL)
        return;
    noted.from = suspension->from;
    note_suspension(&suspension->provider_id, &suspension->service_id, &noted, decision);
}

PLACEMENTS_REACT(suspension_lifted)
{
    (void)state;
    (void)ctx;
    const Dw__SuspensionLifted *lifted = (const Dw__SuspensionLifted *)event->message;
    note_suspension(&lifted->provider_id, &lifted->service_id, NULL, decision);
}

static bool same_date(const Dw__Date *left, const Dw__Date *right)
{
    return left == right || (left != NULL && right != NULL && left->days == right->days);
}

static void note_session(const struct state *state, const Dw__Session *session,
                         struct decision *decision)
{
    if (session == NULL)
        return;
    const struct id id = id_or_zero(&session->session_id);
    const Dw__NotedSession *before = entities_get(state->entities, PLACEMENTS_KIND_SESSION, &id, 0);
    if (before != NULL && same_date(before->from, session->from) &&
        same_date(before->to, session->to) && before->every_weeks == session->every_weeks)
        return; /* only its limits are others */
    Dw__NotedSession noted = DW__NOTED_SESSION__INIT;
    noted.weekday = session->weekday;
    noted.start_minutes = session->start_minutes;
    noted.end_minutes = session->end_minutes;
    noted.from = session->from;
    noted.to = session->to;
    noted.every_weeks = session->every_weeks;
    Dw__SessionNoted told = DW__SESSION_NOTED__INIT;
    told.session_id = session->session_id;
    told.session = &noted;
    decision_emit(decision, &told.base);
}

PLACEMENTS_REACT(session_set)
{
    (void)ctx;
    note_session(state, ((const Dw__SessionSet *)event->message)->session, decision);
}

PLACEMENTS_REACT(session_ended)
{
    (void)ctx;
    note_session(state, ((const Dw__SessionEnded *)event->message)->session, decision);
}

/* --- capacity: lost sittings -------------------------------------------------------------------------------------- */

/* A closure that takes many sittings suspends the placement until it is over, where the model says so. One that begins more than a week
 * ahead, or of somebody who does not come yet or for now, does when it begins and they come (due.c). */
static bool is_long(const struct state *state, const Dw__SittingsDisrupted *disrupted,
                    const struct context *ctx)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    const uint32_t enough = model->rules == NULL ? 0 : model->rules->closure_suspends_sittings;
    uint32_t count = 0;
    for (size_t at = 0; at < disrupted->n_sittings; at++)
        count += placements_runs_on(state, &disrupted->sittings[at]->session_id,
                                    disrupted->sittings[at]->date->days);
    return enough > 0 && count >= enough && disrupted->closure != NULL;
}

PLACEMENTS_REACT(sittings_disrupted)
{
    enum { SOON_DAYS = 7 }; /* everybody of the week has a sitting within them */
    const Dw__SittingsDisrupted *disrupted = (const Dw__SittingsDisrupted *)event->message;
    const Dw__Placement *placement = placements_by_hold(state, &disrupted->hold_id);
    if (placement == NULL || disrupted->from == NULL)
        return;
    Dw__Disruption disruption = DW__DISRUPTION__INIT;
    disruption.cause = disrupted->cause;
    disruption.closure = disrupted->closure;
    disruption.n_sittings = disrupted->n_sittings;
    disruption.sittings = disrupted->sittings;
    disruption.from = disrupted->from;
    disruption.to = disrupted->to;
    disruption.hold_id = disrupted->hold_id;
    const bool is_enough = is_long(state, disrupted, ctx);
    const bool now = is_enough && disrupted->from->days <= ctx->today + SOON_DAYS &&
                     placements_has_booking(placement, &disrupted->hold_id) &&
                     placements_is_there(placement);
    disruption.suspends = is_enough && !now;
    Dw__PlacementDisrupted told = DW__PLACEMENT_DISRUPTED__INIT;
    told.placement_id = placement->placement_id;
    told.terms = placement->terms;
    told.disruption = &disruption;
    decision_emit(decision, &told.base);
    if (now)
        placements_suspend_for(placement, &disruption, decision);
}

static bool is_suspended_by(const Dw__Placement *placement, const Dw__SittingsRestored *restored)
{
    const Dw__Suspension *suspension = placement->suspension;
    return suspension != NULL && !suspension->released && restored->closure_id.len > 0 &&
           id_data_equal(&suspension->closure_id, &restored->closure_id);
}

PLACEMENTS_REACT(sittings_restored)
{
    const Dw__SittingsRestored *restored = (const Dw__SittingsRestored *)event->message;
    const Dw__Placement *placement = placements_by_hold(state, &restored->hold_id);
    if (placement == NULL || restored->from == NULL)
        return;
    Dw__DisruptionLifted lifted = DW__DISRUPTION_LIFTED__INIT;
    lifted.placement_id = placement->placement_id;
    lifted.closure_id = restored->closure_id;
    lifted.from = restored->from;
    lifted.session_id = restored->session_id;
    lifted.n_sittings = restored->n_sittings;
    lifted.sittings = restored->sittings;
    lifted.left_from = restored->left_from;
    lifted.left_to = restored->left_to;
    const bool comes_again = is_suspended_by(placement, restored);
    if (comes_again && placements_is_away_before(state, placement, restored, ctx->today))
        lifted.resumes = restored->from; /* by itself, on that day (due.c) */
    decision_emit(decision, &lifted.base);
    if (restored->session_id.len > 0)
        return; /* a cut suspends nobody, and who is looked after elsewhere for it is brought back by people */
    if (comes_again || placement->suspension == NULL)
        placements_restore_covered(state, placement, restored, ctx, decision);
    /* Whom another closure keeps away still is suspended by that one in the next moment (due.c), if it is long enough. */
    if (comes_again && lifted.resumes == NULL)
        placements_resume(state, placement, placement->terms, restored->from->days,
                          &placement->hold_id, ctx, decision);
}

/* --- referrals ---------------------------------------------------------------------------------------------------- */

/* What was agreed at the end stays, and nothing is payable beyond the death. How it had ended by itself is kept beside. */
static void finish_sooner(const struct state *state, const Dw__Placement *placement,
                          Dw__Date *death, struct decision *decision)
{
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    Dw__AgreedEnd end = DW__AGREED_END__INIT, own_end = DW__AGREED_END__INIT;
    if (placement->end != NULL)
        details = *placement->end;
    if (details.last_payable == NULL || details.last_payable->days > death->days)
        details.last_payable = death;
    end.reason = DW__END_REASON__END_REASON_DIED;
    end.last = death;
    end.details = &details;
    own_end.reason = placement->end_reason;
    own_end.last = placement->last;
    own_end.details = placement->end;
    placements_correct_end(
        state, placement, &end,
        placement->end_reason == DW__END_REASON__END_REASON_DIED ? placement->own_end : &own_end,
        decision);
}

/* The last date that was paid for by the end that it had by itself; INT32_MAX: it had none. */
static int32_t last_of_own(const Dw__AgreedEnd *own_end)
{
    if (own_end == NULL)
        return INT32_MAX;
    return own_end->details != NULL && own_end->details->last_payable != NULL
               ? own_end->details->last_payable->days
               : own_end->last->days;
}

static int32_t last_alive(const Dw__Placement *placement, int32_t death)
{
    const Dw__Date *to = placement->terms->to;
    return calendar_earlier(calendar_earlier(death, last_of_own(placement->own_end)),
                            to == NULL ? INT32_MAX : to->days);
}

/* The death was later than it was said to be: the place has been given back, and what the person had until then is paid. */
static void pay_longer(const struct state *state, const Dw__Placement *placement, int32_t death,
                       struct decision *decision)
{
    Dw__Date last_payable = DW__DATE__INIT;
    Dw__EndDetails details = DW__END_DETAILS__INIT;
    Dw__AgreedEnd end = DW__AGREED_END__INIT;
    if (placement->end != NULL)
        details = *placement->end;
    last_payable.days = last_alive(placement, death);
    details.last_payable = &last_payable;
    end.reason = DW__END_REASON__END_REASON_DIED;
    end.last = placement->last;
    end.details = &details;
    placements_correct_end(state, placement, &end, placement->own_end, decision);
}

/* Of the 16 commands that a decision sends: a person is hardly in more than two places. */
enum { BOOKINGS_ENDED_MAX = 13 };

/* Of a placement that has ended. before: the death as it was known, or NULL. Returns how many bookings it ends. */
static size_t end_by_death(const struct state *state, const Dw__Placement *placement,
                           Dw__Date *death, const Dw__Date *before, size_t ends_max,
                           struct decision *decision)
{
    const Dw__AgreedEnd *own_end = placement->own_end;
    if (own_end != NULL && own_end->last->days <= death->days) {
        placements_correct_end(state, placement, own_end, NULL, decision);
        return 0;
    }
    if (placement->last->days <= death->days) {
        if (before != NULL && placement->end_reason == DW__END_REASON__END_REASON_DIED &&
            placements_last_payable(placement) != last_alive(placement, death->days))
            pay_longer(state, placement, death->days, decision);
        return 0;
    }
    const size_t ends = placements_ends(placement, death->days);
    if (ends > ends_max)
        return 0;
    finish_sooner(state, placement, death, decision);
    return ends;
}

/* What was to end later, after a notice or by a death that was said to be later, ends with the death, and what had ended by itself before
 * it did so; what goes on still is ended by time (due.c). death NULL: it is taken back. */
static void correct_ends(const struct state *state, const ProtobufCBinaryData *person_id,
                         Dw__Date *death, const Dw__Date *before, struct decision *decision)
{
    const struct id id_of_person = id_or_zero(person_id);
    size_t sends = 0;
    for (const struct id *id = lists_first(state->by_person, &id_of_person); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *placement =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (placement->state != DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED)
            continue;
        if (death != NULL && placement->started->days <= death->days)
            sends +=
                end_by_death(state, placement, death, before, BOOKINGS_ENDED_MAX - sends, decision);
        else if (death == NULL && placement->own_end != NULL)
            placements_correct_end(state, placement, placement->own_end, NULL, decision);
    }
}

/* Nobody is asked to offer for somebody who has died, or of whom nothing is to be known any more. */
static void abandon_call_offs(const struct state *state, const ProtobufCBinaryData *person_id,
                              Dw__AbandonReason reason, struct decision *decision)
{
    enum { ABANDONED_MAX = 32 }; /* more than anybody has */
    const size_t count = entities_count(state->entities, PLACEMENTS_KIND_CALL_OFF);
    size_t abandoned_count = 0;
    for (size_t at = 0; at < count && abandoned_count < ABANDONED_MAX; at++) {
        const Dw__CallOff *call_off =
            entities_at(state->entities, PLACEMENTS_KIND_CALL_OFF, at, NULL);
        if (call_off->terms == NULL || !id_data_equal(&call_off->terms->person_id, person_id) ||
            (call_off->state != DW__CALL_OFF_STATE__CALL_OFF_STATE_OPEN &&
             call_off->state != DW__CALL_OFF_STATE__CALL_OFF_STATE_CLOSED))
            continue;
        Dw__CallOffAbandoned abandoned = DW__CALL_OFF_ABANDONED__INIT;
        abandoned.call_off_id = call_off->call_off_id;
        abandoned.reason = reason;
        decision_emit(decision, &abandoned.base);
        abandoned_count++;
    }
}

/* Said again with another date, it is corrected. */
PLACEMENTS_REACT(person_died)
{
    (void)ctx;
    const Dw__PersonDied *died = (const Dw__PersonDied *)event->message;
    const Dw__Date *before = placements_death(state, &died->person_id);
    if (died->date == NULL || (before != NULL && before->days == died->date->days))
        return;
    Dw__DeathNoted noted = DW__DEATH_NOTED__INIT;
    noted.person_id = died->person_id;
    noted.date = died->date;
    decision_emit(decision, &noted.base);
    correct_ends(state, &died->person_id, died->date, before, decision);
    abandon_call_offs(state, &died->person_id, DW__ABANDON_REASON__ABANDON_REASON_DIED, decision);
}

PLACEMENTS_REACT(death_taken_back)
{
    (void)ctx;
    const Dw__DeathTakenBack *back = (const Dw__DeathTakenBack *)event->message;
    if (placements_death(state, &back->person_id) == NULL)
        return;
    Dw__DeathNoted noted = DW__DEATH_NOTED__INIT;
    noted.person_id = back->person_id;
    decision_emit(decision, &noted.base);
    correct_ends(state, &back->person_id, NULL, NULL, decision);
}

static void forget_all(const ProtobufCBinaryData *ids, size_t count, struct decision *decision)
{
    for (size_t at = 0; at < count; at++) {
        const struct id id = id_or_zero(&ids[at]);
        decision_forget(decision, &id);
    }
}

/* What was written about them is emptied in the same step; coded facts stay, pseudonymous. */
PLACEMENTS_REACT(person_erased)
{
    (void)ctx;
    const Dw__PersonErased *erased = (const Dw__PersonErased *)event->message;
    abandon_call_offs(state, &erased->person_id,
                      DW__ABANDON_REASON__ABANDON_REASON_NO_LONGER_NEEDED, decision);
    const struct id id = id_or_zero(&erased->person_id);
    const Dw__PersonTexts *texts = entities_get(state->entities, PLACEMENTS_KIND_TEXTS, &id, 0);
    if (texts == NULL)
        return;
    Dw__TextsErased told = DW__TEXTS_ERASED__INIT;
    told.person_id = erased->person_id;
    told.texts = (uint32_t)(texts->n_text_ids + texts->n_plan_ids);
    decision_emit(decision, &told.base);
    forget_all(texts->text_ids, texts->n_text_ids, decision);
    forget_all(texts->plan_ids, texts->n_plan_ids, decision);
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

/* A report that names no placement is about all that the person has. */
PLACEMENTS_REACT(end_report_submitted)
{
    (void)ctx;
    const Dw__EndReport *report = ((const Dw__EndReportSubmitted *)event->message)->report;
    if (report == NULL || report->subject == NULL)
        return;
    const Dw__PlanSubject *subject = report->subject;
    const struct id person_id = id_or_zero(&subject->person_id);
    for (const struct id *id = lists_first(state->by_person, &person_id); id != NULL;
         id = lists_next(state->by_person, id)) {
        const Dw__Placement *placement =
            entities_get(state->entities, PLACEMENTS_KIND_PLACEMENT, id, 0);
        if (!placements_is_coming(placement) || placement->end_reported ||
            (subject->placement_id.len > 0 &&
             !id_data_equal(&subject->placement_id, &placement->placement_id)))
            continue;
        Dw__EndReportNoted noted = DW__END_REPORT_NOTED__INIT;
        noted.placement_id = placement->placement_id;
        noted.date = report->date;
        decision_emit(decision, &noted.base);
    }
}

/* --- attendance --------------------------------------------------------------------------------------------------- */

/* True when the placement of a month has had its turn. */
static bool was_heard(Dw__PlacementMarks *const *months, size_t at)
{
    for (size_t before = 0; before < at; before++)
        if (id_data_equal(&months[before]->placement_id, &months[at]->placement_id))
            return true;
    return false;
}

static void look_at_marks(const struct state *state, Dw__PlacementMarks *const *months,
                          size_t count, const struct context *ctx, struct decision *decision)
{
    enum { CLOCKS_MAX = 200 }; /* of one part; a decision has room for 256 events */
    size_t clocks = 0;
    for (size_t at = 0; at < count && clocks < CLOCKS_MAX; at++) {
        const Dw__Placement *placement = placements_get(state, &months[at]->placement_id);
        if (placement != NULL && placement->clock != NULL && !was_heard(months, at))
            clocks += placements_hear_register(state, placement, months, count, ctx, decision);
    }
}

PLACEMENTS_REACT(feed_part_taken)
{
    const Dw__FeedPartTaken *taken = (const Dw__FeedPartTaken *)event->message;
    look_at_marks(state, taken->months, taken->n_months, ctx, decision);
}

PLACEMENTS_REACT(rows_matched)
{
    const Dw__RowsMatched *matched = (const Dw__RowsMatched *)event->message;
    look_at_marks(state, matched->months, matched->n_months, ctx, decision);
}
