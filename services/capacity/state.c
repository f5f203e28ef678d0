/* Records and the indexes made from them. See state.h. */
#include "services/capacity/state.h"

#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"

enum {
    SCRATCH_MAX = 256 * 1024 * 1024, /* more than a session of a million bookings needs */
};

struct reference_key {
    uint8_t kind;
    char reference[REFERENCE_MAX];
};

struct state *capacity_create(struct entities *entities)
{
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->entities = entities;
    state->timetable = capacity_timetable_create();
    state->catalogue = capacity_catalogue_create();
    state->expiries = alarms_create();
    state->contract_ends = alarms_create();
    state->contract_warnings = alarms_create();
    state->frameworks = calloc(1, sizeof *state->frameworks);
    state->visits = alarms_create();
    state->assurances = alarms_create();
    state->rates = alarms_create();
    state->actions = lists_create(sizeof(struct id), sizeof(struct id));
    state->concerns = lists_create(sizeof(struct id), sizeof(struct id));
    state->assurances_of = lists_create(sizeof(struct id), sizeof(struct id));
    state->by_person = lists_create(sizeof(struct id), sizeof(struct id));
    state->outside_uses = lists_create(sizeof(struct id), sizeof(struct id));
    state->closures = lists_create(sizeof(struct id), sizeof(struct id));
    state->by_site = lists_create(sizeof(struct id), sizeof(struct id));
    state->site_closures = lists_create(sizeof(struct id), sizeof(struct id));
    state->replacing = table_create(sizeof(struct id), sizeof(struct id));
    state->references = table_create(sizeof(struct reference_key), sizeof(struct id));
    state->stranded = lists_create(sizeof(struct id), sizeof(struct stranded_key));
    state->unlooked = alarms_create();
    state->regained = alarms_create();
    state->scratch = arena_create(SCRATCH_MAX);
    if (state->timetable == NULL || state->catalogue == NULL || state->expiries == NULL ||
        state->contract_ends == NULL || state->contract_warnings == NULL ||
        state->frameworks == NULL || state->visits == NULL || state->assurances == NULL ||
        state->rates == NULL || state->actions == NULL || state->concerns == NULL ||
        state->assurances_of == NULL || state->by_person == NULL || state->outside_uses == NULL ||
        state->closures == NULL || state->references == NULL || state->replacing == NULL ||
        state->by_site == NULL || state->site_closures == NULL || state->stranded == NULL ||
        state->unlooked == NULL || state->regained == NULL || state->scratch == NULL)
        capacity_destroy(&state);
    for (size_t number = 0; state != NULL && number <= FRAMEWORKS_MAX; number++)
        state->frameworks->last[number] = INT32_MAX;
    return state;
}

void capacity_destroy(struct state **pointer)
{
    struct state *state = *pointer;
    if (state == NULL)
        return;
    capacity_timetable_destroy(&state->timetable);
    capacity_catalogue_destroy(&state->catalogue);
    alarms_destroy(&state->expiries);
    alarms_destroy(&state->contract_ends);
    alarms_destroy(&state->contract_warnings);
    free(state->frameworks);
    alarms_destroy(&state->visits);
    alarms_destroy(&state->assurances);
    alarms_destroy(&state->rates);
    lists_destroy(&state->actions);
    lists_destroy(&state->concerns);
    lists_destroy(&state->assurances_of);
    lists_destroy(&state->by_person);
    lists_destroy(&state->outside_uses);
    lists_destroy(&state->closures);
    lists_destroy(&state->by_site);
    lists_destroy(&state->site_closures);
    table_destroy(&state->references);
    table_destroy(&state->replacing);
    lists_destroy(&state->stranded);
    alarms_destroy(&state->unlooked);
    alarms_destroy(&state->regained);
    arena_destroy(&state->scratch);
    free(state);
    *pointer = NULL;
}

const Dw__Provider *capacity_provider(const struct state *state, const struct id *provider_id)
{
    return entities_get(state->entities, KIND_PROVIDER, provider_id, 0);
}

const Dw__Contract *capacity_contract(const struct state *state, const struct id *contract_id)
{
    return entities_get(state->entities, KIND_CONTRACT, contract_id, 0);
}

Dw__ContractStanding capacity_standing(const struct state *state, const Dw__Contract *contract)
{
    const struct id contract_id = id_or_zero(&contract->contract_id);
    const Dw__ContractStanding *known =
        entities_get(state->entities, KIND_STANDING, &contract_id, 0);
    if (known != NULL)
        return *known;
    Dw__ContractStanding standing = DW__CONTRACT_STANDING__INIT;
    standing.state = DW__CONTRACT_STATE__CONTRACT_STATE_LIVE;
    standing.to = contract->to;
    return standing;
}

struct id capacity_framework_id(uint32_t framework)
{
    struct id id = {{0}};
    id.bytes[sizeof id.bytes - 1] = (uint8_t)framework;
    return id;
}

const Dw__FrameworkTerm *capacity_framework_term(const struct state *state, uint32_t framework)
{
    const struct id id = capacity_framework_id(framework);
    return entities_get(state->entities, KIND_FRAMEWORK_TERM, &id, 0);
}

const Dw__Service *capacity_service_record(const struct state *state, const struct id *service_id)
{
    return entities_get(state->entities, KIND_SERVICE, service_id, 0);
}

const Dw__Session *capacity_session(const struct state *state, const struct id *session_id)
{
    return entities_get(state->entities, KIND_SESSION, session_id, 0);
}

const Dw__Booking *capacity_booking(const struct state *state, const struct id *hold_id)
{
    return entities_get(state->entities, KIND_BOOKING, hold_id, 0);
}

const Dw__OutsideUse *capacity_outside(const struct state *state, const struct id *outside_id)
{
    return entities_get(state->entities, KIND_OUTSIDE, outside_id, 0);
}

const Dw__LimitSchedule *capacity_limit_schedule(const struct state *state,
                                                 const struct id *session_id)
{
    return entities_get(state->entities, KIND_LIMITS, session_id, 0);
}

const Dw__Closure *capacity_closure(const struct state *state, const struct id *closure_id)
{
    return entities_get(state->entities, KIND_CLOSURE, closure_id, 0);
}

const Dw__Telling *capacity_telling(const struct state *state, const struct id *subject_id,
                                    Dw__TellingWhat what)
{
    return entities_get(state->entities, KIND_TELLING, subject_id, (uint32_t)what);
}

const Dw__StrandedBooking *capacity_stranded_booking(const struct state *state,
                                                     const struct id *hold_id, uint32_t part)
{
    return entities_get(state->entities, KIND_STRANDED, hold_id, part);
}

const Dw__VisitStanding *capacity_visits(const struct state *state, const struct id *provider_id)
{
    return entities_get(state->entities, KIND_VISIT_STANDING, provider_id, 0);
}

const Dw__ImprovementAction *capacity_action(const struct state *state, const struct id *action_id)
{
    return entities_get(state->entities, KIND_ACTION, action_id, 0);
}

const Dw__Concern *capacity_concern(const struct state *state, const struct id *concern_id)
{
    return entities_get(state->entities, KIND_CONCERN, concern_id, 0);
}

const Dw__Assurance *capacity_assurance(const struct state *state, const struct id *assurance_id)
{
    return entities_get(state->entities, KIND_ASSURANCE, assurance_id, 0);
}

const Dw__StandingSuspension *capacity_suspension(const struct state *state,
                                                  const struct id *subject_id)
{
    const Dw__StandingSuspension *suspension =
        entities_get(state->entities, KIND_SUSPENSION, subject_id, 0);
    return suspension == NULL || suspension->lifted ? NULL : suspension;
}

bool capacity_is_suspended(const struct state *state, const Dw__Service *service)
{
    struct id service_id = {0}, provider_id = {0};
    (void)id_from_data(&service->service_id, &service_id);
    (void)id_from_data(&service->provider_id, &provider_id);
    return capacity_suspension(state, &service_id) != NULL ||
           capacity_suspension(state, &provider_id) != NULL;
}

int32_t capacity_visit_since(const struct state *state, const struct id *provider_id)
{
    const Dw__VisitStanding *visits = capacity_visits(state, provider_id);
    if (visits != NULL && visits->last != NULL)
        return visits->last->date->days;
    return capacity_catalogue_first_contract(state->catalogue, provider_id);
}

const Dw__RateStanding *capacity_rates(const struct state *state, const struct id *service_id)
{
    return entities_get(state->entities, KIND_RATES, service_id, 0);
}

const Dw__Confirmation *capacity_confirmation(const struct state *state,
                                              const struct id *service_id)
{
    return entities_get(state->entities, KIND_CONFIRMATION, service_id, 0);
}

int32_t capacity_date_or_never(const Dw__Date *date)
{
    return date == NULL ? INT32_MAX : date->days;
}

void capacity_limits(Dw__LimitAmount *const *amounts, size_t count, int16_t ret_limits[LIMIT_KINDS])
{
    for (size_t limit = 0; limit < LIMIT_KINDS; limit++)
        ret_limits[limit] = 0;
    for (size_t at = 0; at < count; at++)
        ret_limits[amounts[at]->kind - 1] = (int16_t)amounts[at]->amount;
}

struct limit_change capacity_limit_change(const struct session_terms *terms,
                                          const Dw__LimitChange *change)
{
    struct limit_change told = {.week =
                                    capacity_sittings(terms, change->from->days, INT32_MAX).first};
    capacity_limits(change->limits, change->n_limits, told.limits);
    return told;
}

Dw__Session capacity_session_on(const struct state *state, const Dw__Session *session, int32_t date)
{
    const struct id id = id_or_zero(&session->session_id);
    const Dw__LimitSchedule *schedule = capacity_limit_schedule(state, &id);
    Dw__Session then = *session;
    for (size_t at = 0; schedule != NULL && at < schedule->n_changes; at++)
        if (schedule->changes[at]->from->days <= date) {
            then.n_limits = schedule->changes[at]->n_limits;
            then.limits = schedule->changes[at]->limits;
        }
    return then;
}

int32_t capacity_closure_last(const Dw__Closure *closure)
{
    const int32_t to = capacity_date_or_never(closure->to);
    return closure->lifted != NULL && closure->lifted->days <= to ? closure->lifted->days - 1 : to;
}

bool capacity_closure_touches(const Dw__Closure *closure, const struct id *session_id)
{
    struct id id;
    for (size_t at = 0; at < closure->n_session_ids; at++)
        if (id_from_data(&closure->session_ids[at], &id) && id_equal(&id, session_id))
            return true;
    return closure->n_session_ids == 0;
}

struct weeks capacity_closure_weeks(const Dw__Closure *closure, const struct session_terms *terms)
{
    static const struct weeks none = {0, -1};
    const int32_t last = capacity_closure_last(closure);
    if (last < closure->from->days || !capacity_closure_touches(closure, &terms->session_id))
        return none;
    return capacity_sittings(terms, closure->from->days, last);
}

struct weeks capacity_session_runs(const Dw__Session *session)
{
    const struct weeks weeks = capacity_weeks_of((int)session->weekday, session->from->days,
                                                 capacity_date_or_never(session->to));
    return capacity_weeks_every(session->every_weeks, weeks.first, weeks);
}

struct weeks capacity_sittings(const struct session_terms *terms, int32_t from, int32_t to)
{
    return capacity_weeks_sitting(terms, capacity_weeks_of(terms->monday_offset + 1, from, to));
}

const Dw__Rules *capacity_rules(const struct context *ctx)
{
    static const Dw__Rules silent = DW__RULES__INIT;
    const Dw__Rules *rules = ((const Dw__CommissioningModel *)ctx->model)->rules;
    return rules == NULL ? &silent : rules;
}

const Dw__Framework *capacity_framework(const struct context *ctx, uint32_t framework)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    for (size_t at = 0; at < model->n_frameworks; at++)
        if (model->frameworks[at]->number == framework)
            return model->frameworks[at];
    return NULL;
}

struct framework_terms capacity_framework_terms(const struct state *state,
                                                const struct context *ctx)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    struct framework_terms terms;
    for (size_t number = 0; number <= FRAMEWORKS_MAX; number++)
        terms.last[number] = INT32_MAX;
    for (size_t at = 0; at < model->n_frameworks; at++) {
        const Dw__Framework *framework = model->frameworks[at];
        const Dw__FrameworkTerm *term = capacity_framework_term(state, framework->number);
        if (framework->number >= 1 && framework->number <= FRAMEWORKS_MAX)
            terms.last[framework->number] =
                capacity_date_or_never(term == NULL ? framework->to : term->to);
    }
    return terms;
}

int32_t capacity_contract_last(const struct state *state, const Dw__Contract *contract,
                               const struct framework_terms *frameworks)
{
    const Dw__ContractStanding standing = capacity_standing(state, contract);
    const int32_t own = capacity_date_or_never(standing.to);
    const int32_t last =
        contract->framework > FRAMEWORKS_MAX ? INT32_MAX : frameworks->last[contract->framework];
    return last < own ? last : own;
}

/* --- references --------------------------------------------------------------------------------------------------- */

/* False when the text is too long to be anybody's reference. */
static bool make_reference_key(enum capacity_kind kind, const char *reference,
                               struct reference_key *ret_key)
{
    const size_t len = strlen(reference);
    if (len > REFERENCE_MAX)
        return false;
    *ret_key = (struct reference_key){.kind = (uint8_t)kind};
    memcpy(ret_key->reference, reference, len);
    return true;
}

bool capacity_reference_find(const struct state *state, enum capacity_kind kind,
                             const char *reference, struct id *ret_id)
{
    struct reference_key key;
    if (!make_reference_key(kind, reference, &key))
        return false;
    const struct id *id = table_get(state->references, &key);
    if (id == NULL)
        return false;
    *ret_id = *id;
    return true;
}

void capacity_reference_drop(struct state *state, enum capacity_kind kind, const char *reference,
                             const struct id *id)
{
    struct reference_key key;
    struct id known_id;
    if (capacity_reference_find(state, kind, reference, &known_id) && id_equal(&known_id, id) &&
        make_reference_key(kind, reference, &key))
        (void)table_remove(state->references, &key);
}

void capacity_reference_set(struct state *state, enum capacity_kind kind, const char *reference,
                            const struct id *id)
{
    struct reference_key key;
    if (!make_reference_key(kind, reference, &key))
        return;
    struct id *place = table_put(state->references, &key, NULL);
    *place = *id;
}
