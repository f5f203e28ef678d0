/* What the capacity service remembers: the records, and the indexes that are made from them.
 *
 * The timetable and the catalogue are caches as well: asking them may make rows or put services in order, which
 * changes no answer. That is why they hang on pointers that a const struct state does not freeze. */
#ifndef DAYWAYS_CAPACITY_STATE_H
#define DAYWAYS_CAPACITY_STATE_H

#include "common/alarms.h"
#include "common/arena.h"
#include "common/lists.h"
#include "common/service.h"
#include "common/table.h"
#include "services/capacity/capacity.h"
#include "services/capacity/catalogue.h"
#include "services/capacity/contract_moves.h"
#include "services/capacity/moves.h"
#include "services/capacity/timetable.h"

#include "capacity.pb-c.h"
#include "model.pb-c.h"

#define MS_PER_DAY INT64_C(86400000)

enum {
    LIMIT_CHANGES_MAX = 64, /* of one session: more than one a week of a year */
};

enum { REFERENCE_MAX = 32 }; /* bytes; feeds and letters carry it */

enum {
    SITE_SERVICES_MAX = 50,  /* of a building: more than any centre has rooms */
    SITE_CLOSURES_MAX = 100, /* of one closure of a site: two events each are less than a commit */
};

struct state {
    struct entities *entities;
    struct timetable *timetable;
    struct catalogue *catalogue;
    struct alarms *expiries;
    struct alarms *contract_ends; /* contracts that have not ended, by last date */
    struct alarms
        *contract_warnings; /* those whose nearing end is still to be told, by the last date
                                       * on which somebody can be placed under them */
    struct framework_terms *frameworks; /* as these show them; due brings them up to date */
    struct alarms *visits;     /* providers whose next visit is not told of, by the last one */
    struct alarms *assurances; /* those that may expire, by their last date */
    struct alarms *rates;      /* services whose agreed rates have not begun, by their first date */
    struct lists *actions;     /* open ones, by provider */
    struct lists *
        concerns; /* by what stands for a provider, by the provider itself those of before there was that */
    struct lists *assurances_of; /* those that nothing has replaced, by provider */
    struct lists *by_person;     /* holds and bookings that take places */
    struct lists *outside_uses;  /* by session */
    struct lists *closures;      /* by service, past ones among them */
    struct lists *by_site;       /* services, by where they are */
    struct lists *site_closures; /* those of its services, by the closure of a site */
    struct table *replacing;     /* booking id -> id of the hold or booking that replaces it */
    struct table *references;    /* kind and reference -> id, struct reference_key */
    struct lists
        *stranded; /* what bookings have lost for want of room, struct stranded_key, by session */
    /* Sessions with such bookings, in which somebody may have room again since they were looked at last: due looks, so that a change
     * need not (instant 0). Then those in which somebody has, by the last date of what is there again, the latest first: its instant is
     * less than zero. */
    struct alarms *unlooked;
    struct alarms *regained;
    struct arena *scratch; /* memory of one call */
    /* Moves that evolve was asked for and that moves.def does not have: bugs, counted by both names. */
    uint64_t moves_ignored[BOOKING_STATES][MOVED_COUNT];
    uint64_t contract_moves_ignored[CONTRACT_STATES][CONTRACT_MOVED_COUNT];
};

/* Where a StrandedBooking is kept. */
struct stranded_key {
    struct id hold_id;
    uint32_t part; /* the session's place in the booking's pattern */
};

struct state *capacity_create(struct entities *entities);
void capacity_destroy(struct state **state);
void capacity_index(struct state *state, const struct entity_key *key,
                    const ProtobufCMessage *before, const ProtobufCMessage *after);

/* Records by id; NULL when there is none. */
const Dw__Provider *capacity_provider(const struct state *state, const struct id *provider_id);
const Dw__Contract *capacity_contract(const struct state *state, const struct id *contract_id);
/* How the contract stands: as it was agreed, while nothing has happened to it. */
Dw__ContractStanding capacity_standing(const struct state *state, const Dw__Contract *contract);
/* What is exercised of a framework; NULL: its first term. */
const Dw__FrameworkTerm *capacity_framework_term(const struct state *state, uint32_t framework);
/* The last date on which somebody can be placed under the contract: of its own term or, when that is earlier, of its framework's; INT32_MAX:
 * none. */
int32_t capacity_contract_last(const struct state *state, const Dw__Contract *contract,
                               const struct framework_terms *frameworks);
/* index.c: warnings go by these terms from now on. */
void capacity_index_frameworks(const struct state *state, const struct framework_terms *frameworks);
/* A framework's number as the id of its record. */
struct id capacity_framework_id(uint32_t framework);
const Dw__Service *capacity_service_record(const struct state *state, const struct id *service_id);
const Dw__Session *capacity_session(const struct state *state, const struct id *session_id);
const Dw__Booking *capacity_booking(const struct state *state, const struct id *hold_id);
const Dw__OutsideUse *capacity_outside(const struct state *state, const struct id *outside_id);
const Dw__LimitSchedule *capacity_limit_schedule(const struct state *state,
                                                 const struct id *session_id);
const Dw__Closure *capacity_closure(const struct state *state, const struct id *closure_id);
const Dw__Telling *capacity_telling(const struct state *state, const struct id *subject_id,
                                    Dw__TellingWhat what);
const Dw__VisitStanding *capacity_visits(const struct state *state, const struct id *provider_id);
const Dw__ImprovementAction *capacity_action(const struct state *state, const struct id *action_id);
const Dw__Concern *capacity_concern(const struct state *state, const struct id *concern_id);

/* What stands for a provider in concerns about it: nobody but this authority's daemons can tell whose it is. */
struct id capacity_concern_ref(const struct context *ctx, const struct id *provider_id);
const Dw__Assurance *capacity_assurance(const struct state *state, const struct id *assurance_id);
/* The suspension of a service or a provider, by its id; NULL when there is none, or none any more. */
const Dw__StandingSuspension *capacity_suspension(const struct state *state,
                                                  const struct id *subject_id);
/* True when nobody new is placed in the service, by its own suspension or its provider's. */
bool capacity_is_suspended(const struct state *state, const Dw__Service *service);
/* Since when a visit to the provider is awaited: the last one, or its first contract; INT32_MAX: never. */
int32_t capacity_visit_since(const struct state *state, const struct id *provider_id);
const Dw__RateStanding *capacity_rates(const struct state *state, const struct id *service_id);
const Dw__Confirmation *capacity_confirmation(const struct state *state,
                                              const struct id *service_id);

const Dw__StrandedBooking *capacity_stranded_booking(const struct state *state,
                                                     const struct id *hold_id, uint32_t part);

/* The timetable's slot of the at-th session of the booking; false when the session is not known. */
bool capacity_booking_slot(const struct state *state, const Dw__Booking *booking, size_t at,
                           uint32_t *ret_slot);

/* True, and the id, when a provider or service (kind) has that reference. */
bool capacity_reference_find(const struct state *state, enum capacity_kind kind,
                             const char *reference, struct id *ret_id);

/* From now on that reference stands for it. */
void capacity_reference_set(struct state *state, enum capacity_kind kind, const char *reference,
                            const struct id *id);

/* No longer does it; nothing happens when it stands for something else. */
void capacity_reference_drop(struct state *state, enum capacity_kind kind, const char *reference,
                             const struct id *id);

/* The date of an optional Date; INT32_MAX when it is absent. */
int32_t capacity_date_or_never(const Dw__Date *date);

/* The limits as numbers by LimitKind - 1; those not named are 0. */
void capacity_limits(Dw__LimitAmount *const *amounts, size_t count,
                     int16_t ret_limits[LIMIT_KINDS]);

/* The weeks in which it runs, the first and the last with a sitting; none when last < first. */
struct weeks capacity_session_runs(const Dw__Session *session);

/* The weeks of a session's sittings within the dates (to INT32_MAX = for ever): it sits in the first and in the last of them. */
struct weeks capacity_sittings(const struct session_terms *terms, int32_t from, int32_t to);

/* The framework of the council's model; NULL when it has none with that number. */
const Dw__Framework *capacity_framework(const struct context *ctx, uint32_t framework);

/* When the exercised terms of all of the model's frameworks end. */
struct framework_terms capacity_framework_terms(const struct state *state,
                                                const struct context *ctx);

/* A change of limits in the weeks of a session. */
struct limit_change capacity_limit_change(const struct session_terms *terms,
                                          const Dw__LimitChange *change);

/* The session with the limits that it has on a date; it shares its parts with the records. */
Dw__Session capacity_session_on(const struct state *state, const Dw__Session *session,
                                int32_t date);

/* A session's changes with one more, which takes the place of one from the same date, in the order of their dates; returns how
 * many. */
size_t capacity_limits_merged(const Dw__LimitSchedule *known, Dw__LimitChange *change,
                              Dw__LimitChange *ret_changes[LIMIT_CHANGES_MAX + 1]);

/* evolve.c: stores a session's changes of limits. */
void capacity_put_limits(struct state *state, const Dw__Session *session,
                         Dw__LimitSchedule *schedule);

/* When there is one change too many the oldest gives way: the session had those limits all the time before. */
void capacity_limits_fold(Dw__LimitSchedule *schedule, Dw__Session *session);

/* The last date on which the closure closes, before it was lifted or after; before its first: none. INT32_MAX = no end. */
int32_t capacity_closure_last(const Dw__Closure *closure);
/* True when it is one of the closure's sessions. */
bool capacity_closure_touches(const Dw__Closure *closure, const struct id *session_id);
/* The sittings of a session that it closes, by its last date. */
struct weeks capacity_closure_weeks(const Dw__Closure *closure, const struct session_terms *terms);

/* The rules of this council's model; a model that has none says nothing in each of them. Never NULL. */
const Dw__Rules *capacity_rules(const struct context *ctx);

/* A visit is due so many days after the last one, by the model; 0: never. */
uint32_t capacity_visit_days(const struct context *ctx);

/* So many days before its last date a contract nears its end, by the model; 0: nobody is told. */
uint32_t capacity_warning_days(const struct context *ctx);

/* Somebody has said how much room the service has; for evolve. */
void capacity_confirm(struct state *state, const ProtobufCBinaryData *service_id,
                      const struct recorded *recorded);

/* What a booking that has become shorter, or takes no place any more, was told to have lost, as far as it still would; and what passes
 * from the booking that was replaced to the one that is there in its place. For evolve. */
void capacity_strand_trim(struct state *state, const struct id *hold_id);
void capacity_strand_pass_on(struct state *state, const struct id *hold_id);

/* evolve.c, evolve_<what>.c: one function an event. */
#define CAPACITY_EVOLVE(name)                                                                      \
    void capacity_evolve_##name(struct state *state, const ProtobufCMessage *event,                \
                                const struct recorded *recorded)
CAPACITY_EVOLVE(provider_registered);
CAPACITY_EVOLVE(contract_agreed);
CAPACITY_EVOLVE(contract_extended);
CAPACITY_EVOLVE(contract_closed);
CAPACITY_EVOLVE(contract_reopened);
CAPACITY_EVOLVE(contract_end_set);
CAPACITY_EVOLVE(contract_nears_end);
CAPACITY_EVOLVE(contract_ended);
CAPACITY_EVOLVE(framework_extended);
CAPACITY_EVOLVE(service_registered);
CAPACITY_EVOLVE(service_changed);
CAPACITY_EVOLVE(rates_proposed);
CAPACITY_EVOLVE(rates_agreed);
CAPACITY_EVOLVE(rates_begun);
CAPACITY_EVOLVE(session_set);
CAPACITY_EVOLVE(outside_use_set);
CAPACITY_EVOLVE(closure_declared);
CAPACITY_EVOLVE(closure_lifted);
CAPACITY_EVOLVE(limits_changed);
CAPACITY_EVOLVE(session_ended);
CAPACITY_EVOLVE(sittings_disrupted);
CAPACITY_EVOLVE(sittings_restored);
CAPACITY_EVOLVE(telling_left);
CAPACITY_EVOLVE(telling_done);
CAPACITY_EVOLVE(capacity_confirmed);
CAPACITY_EVOLVE(monitoring_visit_recorded);
CAPACITY_EVOLVE(improvement_action_raised);
CAPACITY_EVOLVE(improvement_action_closed);
CAPACITY_EVOLVE(concern_recorded);
CAPACITY_EVOLVE(assurance_recorded);
CAPACITY_EVOLVE(assurance_expired);
CAPACITY_EVOLVE(visit_due);
CAPACITY_EVOLVE(placements_suspended);
CAPACITY_EVOLVE(suspension_lifted);
CAPACITY_EVOLVE(places_held);
CAPACITY_EVOLVE(hold_extended);
CAPACITY_EVOLVE(hold_confirmed);
CAPACITY_EVOLVE(hold_released);
CAPACITY_EVOLVE(hold_expired);
CAPACITY_EVOLVE(booking_ended);

/* decide_<what>.c: one function a command. */
#define CAPACITY_DECIDE(name)                                                                      \
    void capacity_decide_##name(const struct state *state, const ProtobufCMessage *command,        \
                                const struct context *ctx, struct decision *decision)
CAPACITY_DECIDE(register_provider);
CAPACITY_DECIDE(agree_contract);
CAPACITY_DECIDE(exercise_extension);
CAPACITY_DECIDE(close_contract);
CAPACITY_DECIDE(reopen_contract);
CAPACITY_DECIDE(end_contract);
CAPACITY_DECIDE(check_contract);
CAPACITY_DECIDE(extend_framework);
CAPACITY_DECIDE(register_service);
CAPACITY_DECIDE(change_service);
CAPACITY_DECIDE(propose_rates);
CAPACITY_DECIDE(agree_rates);
CAPACITY_DECIDE(check_rates);
CAPACITY_DECIDE(set_session);
CAPACITY_DECIDE(set_outside_use);
CAPACITY_DECIDE(confirm_capacity);
CAPACITY_DECIDE(declare_closure);
CAPACITY_DECIDE(lift_closure);
CAPACITY_DECIDE(change_limits);
CAPACITY_DECIDE(end_session);
CAPACITY_DECIDE(tell_disruptions);
CAPACITY_DECIDE(restore_sittings);
CAPACITY_DECIDE(record_monitoring_visit);
CAPACITY_DECIDE(raise_improvement_action);
CAPACITY_DECIDE(close_improvement_action);
CAPACITY_DECIDE(record_concern);
CAPACITY_DECIDE(record_assurance);
CAPACITY_DECIDE(check_assurance);
CAPACITY_DECIDE(check_visit);
CAPACITY_DECIDE(suspend_new_placements);
CAPACITY_DECIDE(lift_suspension);
CAPACITY_DECIDE(hold_places);
CAPACITY_DECIDE(extend_hold);
CAPACITY_DECIDE(confirm_hold);
CAPACITY_DECIDE(release_hold);
CAPACITY_DECIDE(end_booking);
CAPACITY_DECIDE(expire_hold);

/* query.c, query_<what>.c: one function a query. */
#define CAPACITY_QUERY(name)                                                                       \
    void capacity_query_##name(const struct state *state, const ProtobufCMessage *request,         \
                               const struct context *ctx, struct vault *vault,                     \
                               struct answer *answer)
CAPACITY_QUERY(find_capacity);
CAPACITY_QUERY(get_service);
CAPACITY_QUERY(list_providers);
CAPACITY_QUERY(list_services);
CAPACITY_QUERY(occupancy);
CAPACITY_QUERY(get_contract);
CAPACITY_QUERY(list_contracts);
CAPACITY_QUERY(get_framework_term);
CAPACITY_QUERY(provider_quality);
CAPACITY_QUERY(timetable);
CAPACITY_QUERY(directory);

/* due.c */
int64_t capacity_due(const struct state *state, const struct context *ctx, size_t max,
                     struct due *due);

#endif
