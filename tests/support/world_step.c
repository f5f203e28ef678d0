/* See world.h. Steps: what is asked of a service, told to it, or done to all of them. */
#include "tests/support/world_internal.h"

#include "common/bus.h"
#include "common/entities_store.h"
#include "common/envelope.h"

#include <assert.h>
#include <string.h>

enum { DUE_ROUNDS_MAX = 200, HOUR_MS = 3600 * 1000 };
static const int64_t DAY_MS = 24 * INT64_C(3600000);

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
    (void)world_meet(world, place);
    form->now_ms = world->now_ms;
    form->today = world_today(world);
    form->known_id = known_id;
    form->context = &world->members[place];
    const struct packed body = form_fill(form, type, world->arena);
    if (ret_body != NULL)
        *ret_body = body;
    if (body.len > BUS_REQUEST_MAX ||
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
    pure_principal_provider(world_meet(world, place),
                            is_bound != is_bound_anyway ? &provider_id : NULL);
    return chosen;
}

void world_do_command(struct world *world, size_t place, const struct command_row *row,
                      struct form *form)
{
    const uint8_t who = form_byte(form);
    const ProtobufCMessage *message = fill(world, place, row->type, form, NULL);
    if (message == NULL)
        return;
    const int role = choose_role(world, place, row->roles, who);
    /* Who agrees to rates is another than who proposed them. */
    pure_principal_name(world_meet(world, place),
                        strcmp(row->type->short_name, "AgreeRates") == 0 ? "second" : "pure");
    (void)pure_command(world_meet(world, place), message, role, world->now_ms, world_today(world));
}

/* The answer packed, or what was said instead. */
struct packed world_ask(struct world *world, size_t place, const struct question *question)
{
    struct pure_outcome outcome;
    struct pure *pure = world_meet(world, place);
    struct rejection rejection;
    ProtobufCMessage *message;
    assert(message_open(question->row->type, question->body.bytes, question->body.len, world->arena,
                        &message, &rejection) == 0);
    pure_principal_provider(pure, &question->provider_id);
    const ProtobufCMessage *answer =
        pure_query(pure, message, question->role, world->now_ms, world_today(world), &outcome);
    if (answer != NULL) {
        const struct packed packed = pack_into(world->arena, answer);
        world_check_opens(world, answer->descriptor, packed);
        return packed;
    }
    world_check_no(world_services[place], outcome.refusal, outcome.sentence, outcome.field,
                   outcome.outcome);
    return world_keep(world,
                      (struct packed){(const uint8_t *)outcome.sentence, strlen(outcome.sentence)});
}

void world_do_query(struct world *world, size_t place, const struct query_row *row,
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
    (void)world_ask(world, place, &question);
    member->questions[member->questions_count++ % QUERIES_KEPT] = question;
}

/* An event of another's, real or made up. */
static void hear(struct world *world, size_t place, const struct reaction_row *row,
                 struct packed body, int64_t recorded_ms, const struct principal *principal)
{
    struct member *member = &world->members[place];
    struct pure *pure = world_meet(world, place);
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
    (void)pure_react(pure, &event, world->now_ms, world_today(world));
    member->reacts = false;
}

void world_do_made_up(struct world *world, size_t place, const struct reaction_row *row,
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
void world_do_deliver(struct world *world, size_t place, size_t from, size_t max)
{
    const struct reaction_row *row = world_services[place]->reactions;
    const struct member *source = &world->members[from];
    size_t *heard = &world->members[place].heard[from];
    for (; *heard < world_told_count(source) && max > 0; ++*heard, max--) {
        const struct told told = *world_told_at(source, *heard);
        for (row = world_services[place]->reactions; row != NULL && row->type != NULL; row++)
            if (told.row != NULL && row->type == told.type &&
                strcmp(row->service, world_services[from]->name) == 0)
                hear(world, place, row, told.body, told.now_ms, &told.principal);
    }
}

/* What capacity really says. */
static struct answer_received really(struct world *world, const ProtobufCMessage *command)
{
    struct pure *capacity = world_meet(world, CAPACITY);
    pure_principal_provider(capacity, NULL);
    const struct pure_outcome outcome =
        pure_command(capacity, command, DW__ROLE__ROLE_SERVICE, world->now_ms, world_today(world));
    if (outcome.outcome == DECISION_YES)
        return (struct answer_received){ANSWER_ACCEPTED, 0, ""};
    if (outcome.outcome == DECISION_REFUSED)
        return (struct answer_received){ANSWER_REFUSED, outcome.refusal, outcome.sentence};
    return (struct answer_received){ANSWER_FAILED, DW__ERROR_CODE__ERROR_CODE_INVALID,
                                    outcome.sentence};
}

/* Answers the which-th outgoing command, or the one that must be answered before it. */
void world_do_settle(struct world *world, uint8_t which, uint8_t kind, uint8_t value)
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
    (void)pure_settle(member->pure, command, &answer, world->now_ms, world_today(world));
    member->reacts = false;
}

void world_do_time(struct world *world, uint8_t how)
{
    static const int64_t leaps_ms[] = {
        60000, HOUR_MS, 11 * HOUR_MS, 24 * HOUR_MS, -HOUR_MS,    0,   7, 30, 91, 400,
        1,     2,       59 * 60000,   60 * 60000,   601 * 60000, 3600};
    const int64_t leap_ms = leaps_ms[how % 16];
    world->now_ms += leap_ms > 0 && leap_ms <= 400 ? leap_ms * DAY_MS : leap_ms;
    for (size_t place = 0; place < SERVICES; place++) {
        size_t count = 1;
        int64_t next_ms = INT64_MAX;
        if (world_services[place]->due == NULL || world->members[place].pure == NULL)
            continue;
        pure_principal_provider(world->members[place].pure, NULL);
        for (size_t round = 0; count > 0; round++) {
            assert(round < DUE_ROUNDS_MAX); /* what was due is done, else a daemon never rests */
            next_ms = pure_due(world->members[place].pure, 1 + how / 16, world->now_ms,
                               world_today(world), &count);
        }
        assert(next_ms > world->now_ms);
    }
}

/* --- steps by number -------------------------------------------------------------------------------------------------- */

/* The row-th of all rows of all services. False: there are no more; *row is what is left of it then. */
bool world_do_row(struct world *world, enum what what, size_t *row, struct form *form)
{
    for (size_t place = 0; place < SERVICES; place++) {
        const struct service *service = world_services[place];
        if (what == COMMAND)
            for (const struct command_row *at = service->commands; at && at->type; at++)
                if ((*row)-- == 0) {
                    world_do_command(world, place, at, form);
                    return true;
                }
        if (what == QUERY)
            for (const struct query_row *at = service->queries; at && at->type; at++)
                if ((*row)-- == 0) {
                    world_do_query(world, place, at, form);
                    return true;
                }
        if (what == MADE_UP)
            for (const struct reaction_row *at = service->reactions; at && at->type; at++)
                if ((*row)-- == 0) {
                    world_do_made_up(world, place, at, form);
                    return true;
                }
    }
    return false;
}

size_t world_count_rows(enum what what)
{
    size_t count = 0;
    for (size_t place = 0; place < SERVICES; place++) {
        const struct service *service = world_services[place];
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
        size_t row = which % world_count_rows(what);
        (void)world_do_row(world, what, &row, form);
    } else if (what == DELIVER) {
        world_do_deliver(world, which % SERVICES, which / SERVICES % SERVICES,
                         form_byte(form) == 0 ? SIZE_MAX : 1);
    } else if (what == SETTLE) {
        const uint8_t kind = form_byte(form);
        world_do_settle(world, which, kind, form_byte(form));
    } else if (what == TIME) {
        world_do_time(world, which);
    } else if (world->members[which % SERVICES].pure != NULL) {
        pure_reload(world->members[which % SERVICES].pure);
    }
}
