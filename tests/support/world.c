/* See world.h. */
#include "tests/support/world.h"

#include "common/calendar.h"
#include "common/entities_store.h"
#include "common/envelope.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/attendance/attendance.h"
#include "services/capacity/capacity.h"
#include "services/capacity/state.h"
#include "services/outcomes/outcomes.h"
#include "services/placements/placements.h"
#include "services/referrals/referrals.h"
#include "services/reporting/reporting.h"
#include "tests/support/pure.h"

enum {
    CAPACITY,
    PLACEMENTS,
    REFERRALS,
    ATTENDANCE,
    OUTCOMES,
    REPORTING,
    SERVICES,
    QUERIES_KEPT = 4,
    MEMORY_MAX = 64 * 1024 * 1024,
    REQUEST_MAX = 256 * 1024,
    DUE_ROUNDS_MAX = 200,
    HOUR_MS = 3600 * 1000,
};
static const int64_t DAY_MS = 24 * INT64_C(3600000);

static const struct service *const services[SERVICES] = {
    &capacity_service,   &placements_service, &referrals_service,
    &attendance_service, &outcomes_service,   &reporting_service,
};

/* What was decided, or what another's journal told. */
struct told {
    const struct event_row *row; /* NULL: another's */
    const ProtobufCMessageDescriptor *type;
    const char *service; /* another's */
    struct packed body;
    int64_t now_ms;
    struct principal principal;
};

struct asked {
    const ProtobufCMessageDescriptor *type;
    struct id about_id;
    struct packed body;
};

struct question {
    const struct query_row *row;
    struct packed body;
    int role;
    struct id provider_id;
};

struct member {
    struct world *world;
    const struct service *service;
    struct pure *pure;      /* NULL: it has not been spoken to */
    struct buffer told;     /* struct told: its journal, and what it folds of others' */
    struct buffer asked;    /* struct asked: outgoing commands without an answer */
    size_t heard[SERVICES]; /* events of each of the others that it knows of */
    struct question questions[QUERIES_KEPT];
    size_t questions_count;
    size_t yes;  /* decisions with events */
    bool reacts; /* a fact cannot be refused */
};

struct world {
    const ProtobufCMessage *model;
    struct member members[SERVICES];
    struct arena *arena; /* of all that is remembered */
    int64_t now_ms;
};

static int32_t today(const struct world *world)
{
    return calendar_london_date(world->now_ms);
}

static const struct told *told_at(const struct member *member, size_t place)
{
    return (const struct told *)(const void *)member->told.bytes + place;
}

static size_t told_count(const struct member *member)
{
    return member->told.len / sizeof(struct told);
}

static struct packed keep(struct world *world, struct packed packed)
{
    const char *copy = arena_copy(world->arena, packed.bytes, packed.len);
    assert(copy != NULL);
    return (struct packed){(const uint8_t *)copy, packed.len};
}

/* --- what a service says ---------------------------------------------------------------------------------------------- */

static void check_text(const char *text)
{
    assert(text_is_utf8(text, strlen(text)));
}

/* What leaves a service comes in at somebody's door. */
static void check_opens(struct world *world, const ProtobufCMessageDescriptor *type,
                        struct packed body)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    assert(message_open(type, body.bytes, body.len, world->arena, &message, &rejection) == 0);
}

static void check_no(const struct service *service, int refusal, const char *sentence,
                     const char *field, enum decision_outcome outcome)
{
    check_text(sentence);
    check_text(field);
    assert(sentence[0] != '\0');
    if (outcome == DECISION_REFUSED)
        assert(refusal != 0 &&
               protobuf_c_enum_descriptor_get_value(service->refusals, refusal) != NULL);
}

static void take_event(struct member *member, const struct emitted *event, int64_t now_ms,
                       const struct principal *principal)
{
    struct told told = {.row = event->row,
                        .type = event->row->type,
                        .body = keep(member->world, event->body),
                        .now_ms = now_ms,
                        .principal = *principal};
    check_opens(member->world, event->row->type, event->body);
    buffer_append(&member->told, &told, sizeof told);
}

static void take_decision(void *context, const struct decision *decision, int64_t now_ms,
                          const struct principal *principal)
{
    struct member *member = context;
    struct world *world = member->world;
    if (decision->outcome != DECISION_YES) {
        assert(!member->reacts);
        check_no(member->service, decision->refusal, decision->sentence, decision->field,
                 decision->outcome);
        return;
    }
    check_text(decision->reference);
    for (size_t at = 0; at < decision->events_count; at++)
        take_event(member, &decision->events[at], now_ms, principal);
    for (size_t at = 0; at < decision->sends_count; at++) {
        const struct outgoing *send = &decision->sends[at];
        struct asked asked = {send->type, send->about_id, keep(world, send->body)};
        check_opens(world, send->type, send->body);
        buffer_append(&member->asked, &asked, sizeof asked);
    }
    member->yes += decision->events_count > 0;
}

static struct pure *meet(struct world *world, size_t place)
{
    struct member *member = &world->members[place];
    if (member->pure == NULL) {
        member->pure = pure_create(member->service, world->model);
        pure_watch(member->pure, take_decision, member);
    }
    return member->pure;
}

/* --- steps ------------------------------------------------------------------------------------------------------------ */

static struct id known_id(void *context, uint8_t which)
{
    struct member *member = context;
    const struct entities *entities = pure_entities(member->pure);
    uint8_t kinds = 1;
    while (member->service->kinds[kinds].type != NULL)
        kinds++;
    const uint8_t kind = (uint8_t)(1 + which % (kinds - 1));
    const size_t count = entities_count(entities, kind);
    struct entity_key key = {.id = form_id(1)};
    if (count > 0)
        (void)entities_at(entities, kind, which / 8 % count, &key);
    return key.id;
}

/* A message that came through the door; NULL: it did not. */
static const ProtobufCMessage *fill(struct world *world, size_t place,
                                    const ProtobufCMessageDescriptor *type, struct form *form,
                                    struct packed *ret_body)
{
    struct rejection rejection;
    ProtobufCMessage *message;
    (void)meet(world, place);
    form->now_ms = world->now_ms;
    form->today = today(world);
    form->known_id = known_id;
    form->context = &world->members[place];
    const struct packed body = form_fill(form, type, world->arena);
    if (ret_body != NULL)
        *ret_body = body;
    if (body.len > REQUEST_MAX ||
        message_open(type, body.bytes, body.len, world->arena, &message, &rejection) < 0)
        return NULL;
    return message;
}

/* One of the roles that may; whoever works for a provider has one. */
static int choose_role(struct world *world, size_t place, uint32_t roles, uint8_t who)
{
    const bool is_bound_anyway = who >= 0xf0;
    int chosen = 0;
    for (int role = 1, left = who % 16; roles >> role != 0; role++)
        if ((roles >> role & 1) != 0 && (chosen == 0 || left-- > 0))
            chosen = role;
    if ((roles & ROLE_BIT(DW__ROLE__ROLE_OPERATOR)) != 0 && who == 0)
        chosen = DW__ROLE__ROLE_OPERATOR;
    const bool is_bound =
        chosen == DW__ROLE__ROLE_PROVIDER_MANAGER || chosen == DW__ROLE__ROLE_REGISTER_TAKER;
    const struct id provider_id = form_id((uint8_t)(1 + who / 16 % 3));
    pure_principal_provider(meet(world, place), is_bound != is_bound_anyway ? &provider_id : NULL);
    return chosen;
}

static void do_command(struct world *world, size_t place, const struct command_row *row,
                       struct form *form)
{
    const uint8_t who = form_byte(form);
    const ProtobufCMessage *message = fill(world, place, row->type, form, NULL);
    if (message == NULL)
        return;
    const int role = choose_role(world, place, row->roles, who);
    (void)pure_command(meet(world, place), message, role, world->now_ms, today(world));
}

/* The answer packed, or what was said instead. */
static struct packed ask(struct world *world, size_t place, const struct question *question)
{
    struct pure_outcome outcome;
    struct pure *pure = meet(world, place);
    struct rejection rejection;
    ProtobufCMessage *message;
    assert(message_open(question->row->type, question->body.bytes, question->body.len, world->arena,
                        &message, &rejection) == 0);
    pure_principal_provider(pure, &question->provider_id);
    const ProtobufCMessage *answer =
        pure_query(pure, message, question->role, world->now_ms, today(world), &outcome);
    if (answer != NULL) {
        const struct packed packed = pack_into(world->arena, answer);
        check_opens(world, answer->descriptor, packed);
        return packed;
    }
    check_no(services[place], outcome.refusal, outcome.sentence, outcome.field, outcome.outcome);
    return keep(world,
                (struct packed){(const uint8_t *)outcome.sentence, strlen(outcome.sentence)});
}

static void do_query(struct world *world, size_t place, const struct query_row *row,
                     struct form *form)
{
    struct member *member = &world->members[place];
    struct question question = {.row = row};
    const uint8_t who = form_byte(form);
    if (fill(world, place, row->type, form, &question.body) == NULL)
        return;
    question.role = choose_role(world, place, row->roles, who);
    if (question.role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
        question.role == DW__ROLE__ROLE_REGISTER_TAKER)
        question.provider_id = form_id((uint8_t)(1 + who / 16 % 3));
    (void)ask(world, place, &question);
    member->questions[member->questions_count++ % QUERIES_KEPT] = question;
}

/* An event of another's, real or made up. */
static void hear(struct world *world, size_t place, const struct reaction_row *row,
                 struct packed body, int64_t recorded_ms, const struct principal *principal)
{
    struct member *member = &world->members[place];
    struct pure *pure = meet(world, place);
    struct told told = {.type = row->type,
                        .service = row->service,
                        .body = body,
                        .now_ms = recorded_ms,
                        .principal = *principal};
    ProtobufCMessage *message =
        protobuf_c_message_unpack(row->type, arena_allocator(world->arena), body.len, body.bytes);
    assert(message != NULL);
    const struct foreign_event event = {.service = row->service,
                                        .seq = 1,
                                        .recorded_ms = recorded_ms,
                                        .command_id = form_id(1),
                                        .principal = principal,
                                        .message = message};
    if (row->fold != NULL)
        buffer_append(&member->told, &told, sizeof told);
    member->reacts = true;
    (void)pure_react(pure, &event, world->now_ms, today(world));
    member->reacts = false;
}

static void do_made_up(struct world *world, size_t place, const struct reaction_row *row,
                       struct form *form)
{
    static const struct principal principal = {.name = "pure"};
    struct packed body;
    form->is_sound = true; /* as a service would have written it */
    const ProtobufCMessage *message = fill(world, place, row->type, form, &body);
    form->is_sound = false;
    if (message != NULL)
        hear(world, place, row, body, world->now_ms, &principal);
}

/* Up to max events that it has not heard of, of one of those it follows. */
static void do_deliver(struct world *world, size_t place, size_t from, size_t max)
{
    const struct reaction_row *row = services[place]->reactions;
    const struct member *source = &world->members[from];
    size_t *heard = &world->members[place].heard[from];
    for (; *heard < told_count(source) && max > 0; ++*heard, max--) {
        const struct told told = *told_at(source, *heard);
        for (row = services[place]->reactions; row != NULL && row->type != NULL; row++)
            if (told.row != NULL && row->type == told.type &&
                strcmp(row->service, services[from]->name) == 0)
                hear(world, place, row, told.body, told.now_ms, &told.principal);
    }
}

/* What capacity really says. */
static struct answer_received really(struct world *world, const ProtobufCMessage *command)
{
    struct pure *capacity = meet(world, CAPACITY);
    pure_principal_provider(capacity, NULL);
    const struct pure_outcome outcome =
        pure_command(capacity, command, DW__ROLE__ROLE_SERVICE, world->now_ms, today(world));
    if (outcome.outcome == DECISION_YES)
        return (struct answer_received){ANSWER_ACCEPTED, 0, ""};
    if (outcome.outcome == DECISION_REFUSED)
        return (struct answer_received){ANSWER_REFUSED, outcome.refusal, outcome.sentence};
    return (struct answer_received){ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_INVALID,
                                    outcome.sentence};
}

/* Answers the which-th outgoing command, or the one that must be answered before it. */
static void do_settle(struct world *world, uint8_t which, uint8_t kind, uint8_t value)
{
    struct member *member = &world->members[PLACEMENTS];
    struct asked *list = (struct asked *)(void *)member->asked.bytes;
    const size_t count = member->asked.len / sizeof *list;
    if (count == 0)
        return;
    size_t place = 0;
    while (!id_equal(&list[place].about_id, &list[which % count].about_id))
        place++;
    const struct asked asked = list[place];
    memmove(&list[place], &list[place + 1], (count - place - 1) * sizeof *list);
    member->asked.len -= sizeof *list;
    ProtobufCMessage *command = protobuf_c_message_unpack(asked.type, arena_allocator(world->arena),
                                                          asked.body.len, asked.body.bytes);
    assert(command != NULL);
    struct answer_received answer = {ANSWER_ACCEPTED, 0, ""};
    if (kind % 4 == 1)
        answer = (struct answer_received){ANSWER_REFUSED, 1 + value % 17, "No."};
    else if (kind % 4 == 2)
        answer = (struct answer_received){ANSWER_FAILED, 1 + value % 13, "It failed."};
    else if (kind % 4 == 3)
        answer = really(world, command);
    member->reacts = true; /* neither can an answer */
    (void)pure_settle(member->pure, command, &answer, world->now_ms, today(world));
    member->reacts = false;
}

static void do_time(struct world *world, uint8_t how)
{
    static const int64_t leaps_ms[] = {
        60000, HOUR_MS, 11 * HOUR_MS, 24 * HOUR_MS, -HOUR_MS,    0,   7, 30, 91, 400,
        1,     2,       59 * 60000,   60 * 60000,   601 * 60000, 3600};
    const int64_t leap_ms = leaps_ms[how % 16];
    world->now_ms += leap_ms > 0 && leap_ms <= 400 ? leap_ms * DAY_MS : leap_ms;
    for (size_t place = 0; place < SERVICES; place++) {
        size_t count = 1;
        int64_t next_ms = INT64_MAX;
        if (services[place]->due == NULL || world->members[place].pure == NULL)
            continue;
        pure_principal_provider(world->members[place].pure, NULL);
        for (size_t round = 0; count > 0; round++) {
            assert(round < DUE_ROUNDS_MAX); /* what was due is done, else a daemon never rests */
            next_ms = pure_due(world->members[place].pure, 1 + how / 16, world->now_ms,
                               today(world), &count);
        }
        assert(next_ms > world->now_ms);
    }
}

/* --- steps by number -------------------------------------------------------------------------------------------------- */

enum what { COMMAND, QUERY, MADE_UP, DELIVER, SETTLE, TIME, RELOAD };

/* The row-th of all rows of all services. False: there are no more; *row is what is left of it then. */
static bool do_row(struct world *world, enum what what, size_t *row, struct form *form)
{
    for (size_t place = 0; place < SERVICES; place++) {
        const struct service *service = services[place];
        if (what == COMMAND)
            for (const struct command_row *at = service->commands; at && at->type; at++)
                if ((*row)-- == 0) {
                    do_command(world, place, at, form);
                    return true;
                }
        if (what == QUERY)
            for (const struct query_row *at = service->queries; at && at->type; at++)
                if ((*row)-- == 0) {
                    do_query(world, place, at, form);
                    return true;
                }
        if (what == MADE_UP)
            for (const struct reaction_row *at = service->reactions; at && at->type; at++)
                if ((*row)-- == 0) {
                    do_made_up(world, place, at, form);
                    return true;
                }
    }
    return false;
}

static size_t count_rows(enum what what)
{
    size_t count = 0;
    for (size_t place = 0; place < SERVICES; place++) {
        const struct service *service = services[place];
        for (const struct command_row *at = service->commands; at && at->type; at++)
            count += what == COMMAND;
        for (const struct query_row *at = service->queries; at && at->type; at++)
            count += what == QUERY;
        for (const struct reaction_row *at = service->reactions; at && at->type; at++)
            count += what == MADE_UP;
    }
    return count;
}

void world_step(struct world *world, struct form *form)
{
    static const enum what whats[16] = {COMMAND, COMMAND, COMMAND, COMMAND, COMMAND, COMMAND,
                                        COMMAND, QUERY,   QUERY,   QUERY,   MADE_UP, DELIVER,
                                        SETTLE,  SETTLE,  TIME,    RELOAD};
    const uint8_t first = form_byte(form);
    const enum what what = whats[first % 16];
    form->shift = first / 16 % 3;
    const uint8_t which = form_byte(form);
    if (what == COMMAND || what == QUERY || what == MADE_UP) {
        size_t row = which % count_rows(what);
        (void)do_row(world, what, &row, form);
    } else if (what == DELIVER) {
        do_deliver(world, which % SERVICES, which / SERVICES % SERVICES,
                   form_byte(form) == 0 ? SIZE_MAX : 1);
    } else if (what == SETTLE) {
        const uint8_t kind = form_byte(form);
        do_settle(world, which, kind, form_byte(form));
    } else if (what == TIME) {
        do_time(world, which);
    } else if (world->members[which % SERVICES].pure != NULL) {
        pure_reload(world->members[which % SERVICES].pure);
    }
}

/* --- preludes --------------------------------------------------------------------------------------------------------- */

static const struct prelude_step {
    enum what what;
    size_t place;
    const char *type; /* of a row; NULL: the next prelude */
} preludes[] = {
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "AgreeContract"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "SetSession"},
    {COMMAND, CAPACITY, "HoldPlaces"},
    {COMMAND, CAPACITY, "ConfirmHold"},
    {COMMAND, CAPACITY, "EndBooking"},
    {RELOAD, 0, NULL},
    {COMMAND, PLACEMENTS, "ProposePlacement"},
    {SETTLE, PLACEMENTS, "HoldPlaces"},
    {COMMAND, PLACEMENTS, "AcceptOffer"},
    {SETTLE, PLACEMENTS, "ConfirmHold"},
    {COMMAND, PLACEMENTS, "StartPlacement"},
    {COMMAND, PLACEMENTS, "EndPlacement"},
    {SETTLE, PLACEMENTS, "EndBooking"},
    {RELOAD, 0, NULL},
    {COMMAND, REFERRALS, "RecordPerson"},
    {COMMAND, REFERRALS, "CreateReferral"},
    {COMMAND, REFERRALS, "SubmitReferral"},
    {COMMAND, REFERRALS, "AcceptReferral"},
    {MADE_UP, REFERRALS, "PlacementStarted"},
    {COMMAND, REFERRALS, "CloseReferral"},
    {RELOAD, 0, NULL},
    {COMMAND, ATTENDANCE, "OpenFeed"},
    {COMMAND, ATTENDANCE, "FeedRows"},
    {MADE_UP, ATTENDANCE, "SessionSet"},
    {MADE_UP, ATTENDANCE, "PlacementStarted"},
    {MADE_UP, ATTENDANCE, "PersonRecorded"},
    {TIME, ATTENDANCE, ""},
    {COMMAND, ATTENDANCE, "CloseFeed"},
    {MADE_UP, ATTENDANCE, "PlacementEnded"},
    {RELOAD, 0, NULL},
    {MADE_UP, OUTCOMES, "PlacementStarted"},
    {COMMAND, OUTCOMES, "AgreeOutcomePlan"},
    {COMMAND, OUTCOMES, "ReviewGoal"},
    {MADE_UP, OUTCOMES, "PlacementEnded"},
    {RELOAD, 0, NULL},
    {MADE_UP, REPORTING, "ProviderRegistered"},
    {MADE_UP, REPORTING, "ServiceRegistered"},
    {MADE_UP, REPORTING, "PlacementStarted"},
    {MADE_UP, REPORTING, "ReferralSubmitted"},
    {MADE_UP, REPORTING, "GoalReviewed"},
    {MADE_UP, REPORTING, "ReferralPlaced"},
    {MADE_UP, REPORTING, "PlacementEnded"},
    {RELOAD, 0, NULL},
    /* A day of all. */
    {COMMAND, CAPACITY, "RegisterProvider"},
    {COMMAND, CAPACITY, "AgreeContract"},
    {COMMAND, CAPACITY, "RegisterService"},
    {COMMAND, CAPACITY, "SetSession"},
    {COMMAND, REFERRALS, "RecordPerson"},
    {COMMAND, REFERRALS, "CreateReferral"},
    {COMMAND, REFERRALS, "SubmitReferral"},
    {COMMAND, REFERRALS, "AcceptReferral"},
    {COMMAND, PLACEMENTS, "ProposePlacement"},
    {SETTLE, PLACEMENTS, "HoldPlaces"},
    {COMMAND, PLACEMENTS, "AcceptOffer"},
    {SETTLE, PLACEMENTS, "ConfirmHold"},
    {COMMAND, PLACEMENTS, "StartPlacement"},
    {DELIVER, REFERRALS, ""},
    {DELIVER, ATTENDANCE, ""},
    {DELIVER, OUTCOMES, ""},
    {COMMAND, ATTENDANCE, "OpenFeed"},
    {COMMAND, ATTENDANCE, "FeedRows"},
    {COMMAND, OUTCOMES, "AgreeOutcomePlan"},
    {COMMAND, OUTCOMES, "ReviewGoal"},
    {DELIVER, REPORTING, ""},
    {COMMAND, PLACEMENTS, "EndPlacement"},
    {SETTLE, PLACEMENTS, "EndBooking"},
    {RELOAD, 0, NULL},
};

/* True when it was taken. */
static bool prelude_step(struct world *world, const struct prelude_step *step, bool is_real,
                         uint8_t shift)
{
    struct form form = {.shift = shift};
    struct member *member = &world->members[step->place];
    const size_t yes = member->yes;
    const size_t told = told_count(member);
    if (step->what == COMMAND) {
        const struct command_row *row = member->service->commands;
        while (strcmp(row->type->short_name, step->type) != 0)
            row++;
        do_command(world, step->place, row, &form);
    } else if (step->what == MADE_UP) {
        const struct reaction_row *row = member->service->reactions;
        while (strcmp(row->type->short_name, step->type) != 0)
            row++;
        do_made_up(world, step->place, row, &form);
    } else if (step->what == SETTLE) {
        do_settle(world, 0, is_real ? 3 : 0, 0);
        return step->type[0] == 'E' || member->yes > yes; /* an end that was heard is no news */
    } else if (step->what == TIME) {
        do_time(world, 0);
        return true;
    } else {
        for (size_t from = 0; from < SERVICES; from++)
            do_deliver(world, step->place, from, SIZE_MAX);
    }
    return member->yes > yes || told_count(member) > told;
}

static const struct prelude_step *first_step(size_t prelude)
{
    const struct prelude_step *step = preludes;
    for (; prelude > 0; step++)
        prelude -= step->type == NULL;
    return step;
}

size_t world_prelude_steps(size_t prelude)
{
    size_t count = 0;
    for (const struct prelude_step *step = first_step(prelude); step->type != NULL; step++)
        count++;
    return count;
}

size_t world_prepare(struct world *world, size_t prelude, size_t steps, uint8_t shift)
{
    const bool is_real = prelude == WORLD_PRELUDES - 1;
    size_t failed = 0;
    for (const struct prelude_step *step = first_step(prelude); step->type != NULL && steps > 0;
         step++, steps--)
        failed += !prelude_step(world, step, is_real, shift);
    return failed;
}

/* --- questions and the fold ------------------------------------------------------------------------------------------- */

void world_ask_everything(struct world *world)
{
    for (size_t row = 0; row < count_rows(QUERY); row++) {
        struct form form = {0};
        size_t left = row;
        (void)do_row(world, QUERY, &left, &form);
    }
}

static void check_same(const struct member *member, struct pure *again)
{
    const struct entities *entities = pure_entities(member->pure);
    const struct entities *others = pure_entities(again);
    struct buffer one = {0};
    struct buffer other = {0};
    assert(entities_total(entities) == entities_total(others));
    for (uint8_t kind = 1; member->service->kinds[kind].type != NULL; kind++)
        for (size_t at = 0; at < entities_count(entities, kind); at++) {
            struct entity_key key;
            (void)entities_at(entities, kind, at, &key);
            assert(entities_get(others, kind, &key.id, key.part) != NULL);
            buffer_clear(&one);
            buffer_clear(&other);
            entities_value(entities, &key, &one);
            entities_value(others, &key, &other);
            assert(one.len == other.len && memcmp(one.bytes, other.bytes, one.len) == 0);
        }
    buffer_free(&one);
    buffer_free(&other);
}

static void check_fold(struct world *world, const struct member *member)
{
    struct pure *again = pure_create(member->service, world->model);
    for (size_t at = 0; at < told_count(member); at++) {
        const struct told *told = told_at(member, at);
        if (told->row != NULL) {
            pure_evolve(again, told->row, told->body, told->now_ms, &told->principal);
            continue;
        }
        ProtobufCMessage *message = protobuf_c_message_unpack(
            told->type, arena_allocator(world->arena), told->body.len, told->body.bytes);
        assert(message != NULL);
        const struct foreign_event event = {.service = told->service,
                                            .seq = 1,
                                            .recorded_ms = told->now_ms,
                                            .command_id = form_id(1),
                                            .principal = &told->principal,
                                            .message = message};
        (void)pure_react(again, &event, told->now_ms, calendar_london_date(told->now_ms));
    }
    check_same(member, again);
    pure_destroy(&again);
}

static void check_answers(struct world *world, size_t place)
{
    struct member *member = &world->members[place];
    struct packed answers[QUERIES_KEPT];
    const size_t count =
        member->questions_count < QUERIES_KEPT ? member->questions_count : QUERIES_KEPT;
    for (size_t at = 0; at < count; at++)
        answers[at] = ask(world, place, &member->questions[at]);
    if (count > 0)
        pure_reload(member->pure);
    for (size_t at = 0; at < count; at++) {
        const struct packed again = ask(world, place, &member->questions[at]);
        assert(again.len == answers[at].len &&
               memcmp(again.bytes, answers[at].bytes, again.len) == 0);
    }
}

void world_check(struct world *world)
{
    const struct member *capacity = &world->members[CAPACITY];
    if (capacity->pure != NULL)
        for (size_t state = 0; state < BOOKING_STATES; state++)
            for (size_t moved = 0; moved < MOVED_COUNT; moved++)
                assert(pure_state(capacity->pure)->moves_ignored[state][moved] == 0);
    for (size_t place = 0; place < SERVICES; place++)
        if (world->members[place].pure != NULL) {
            check_fold(world, &world->members[place]);
            check_answers(world, place);
        }
}

/* --- life ------------------------------------------------------------------------------------------------------------- */

struct world *world_create(const ProtobufCMessage *model)
{
    struct world *world = calloc(1, sizeof *world);
    assert(world != NULL);
    world->model = model;
    world->arena = arena_create(MEMORY_MAX);
    assert(world->arena != NULL);
    world->now_ms = calendar_london_to_utc(calendar_date(2026, 11, 23), 9 * 60);
    for (size_t place = 0; place < SERVICES; place++) {
        world->members[place].world = world;
        world->members[place].service = services[place];
    }
    return world;
}

void world_destroy(struct world **pointer)
{
    struct world *world = *pointer;
    if (world == NULL)
        return;
    for (size_t place = 0; place < SERVICES; place++) {
        pure_destroy(&world->members[place].pure);
        buffer_free(&world->members[place].told);
        buffer_free(&world->members[place].asked);
    }
    arena_destroy(&world->arena);
    free(world);
    *pointer = NULL;
}
