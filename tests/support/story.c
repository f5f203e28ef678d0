/* See story.h. */
#include "tests/support/story.h"

#include "tests/support/rig_internal.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/auth.h"
#include "common/calendar.h"
#include "common/json.h"
#include "common/text.h"
#include "proto/messages.h"

enum {
    TEXTS = 64,
    CLIENTS_MAX = 40,
    MESSAGE_SIZE = 16384,
    PENDING_MAX = 256,
    SERVICES_MAX = 200,
    COUNCILS = 4
};

static const char *const councils[COUNCILS] = {"cheshire-east", "nottinghamshire", "sefton",
                                               "stockport"};

/* What is known of a service, so that its placements can be told in a line. */
struct known_service {
    unsigned provider;
    unsigned level;
    unsigned price_pence;
};

static struct story {
    struct rig *rig;
    const char *council;
    struct {
        char name[32];
        struct client *client;
    } clients[CLIENTS_MAX];
    size_t clients_count;
    char texts[TEXTS][ID_TEXT_SIZE];
    size_t texts_next;
    ProtobufCMessage *answer;
    char sentence[1024];
    struct known_service services[COUNCILS][SERVICES_MAX];
    size_t pending;
} story;

/* --- beginning and end --------------------------------------------------------------------------------------------- */

static void make_key(const char *name, const char *role, const struct id *provider_id)
{
    const int result =
        key_pair_create(rig_keys(story.rig), name, role_from_text(role), "*", provider_id);
    assert_true(result == 0 || result == -EEXIST);
}

static void make_keys(void)
{
    static const char *const roles[] = {"approver",          "finance-officer", "quality-officer",
                                        "safeguarding-lead", "commissioner-2",  "approver-2"};
    for (size_t at = 0; at < sizeof roles / sizeof roles[0]; at++) {
        char role[32];
        (void)text_format(role, sizeof role, "%s", roles[at]);
        char *number = strrchr(role, '-');
        if (number != NULL && number[1] == '2')
            *number = '\0';
        make_key(roles[at], role, NULL);
    }
    for (unsigned number = 1; number <= STORY_PROVIDERS; number++) {
        char name[32];
        const struct id id = story_bytes('p', number);
        (void)text_format(name, sizeof name, "provider-%u", number);
        make_key(name, "provider-manager", &id);
    }
}

static void add_councils(void)
{
    FILE *file = fopen(story.rig->conf, "ae");
    assert_non_null(file);
    for (size_t at = 0; at < COUNCILS; at++)
        fprintf(file,
                "[authority %s]\nmodel=deploy/authorities/%s.json\nredis=%s\n"
                "digest_key=%s/digest\n",
                councils[at], councils[at], story.rig->socket, story.rig->folder);
    fclose(file);
}

static void start_daemons(void)
{
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_start_instance(story.rig, rig_services[at], 0, NULL, false);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        rig_wait_ready(story.rig, rig_services[at], 0);
}

int story_begin(void **unused)
{
    (void)unused;
    memset(&story, 0, sizeof story);
    story.rig = rig_create("tests/data/model.json");
    make_keys();
    add_councils();
    start_daemons();
    story.council = councils[0];
    return 0;
}

int story_end(void **unused)
{
    (void)unused;
    for (size_t at = 0; at < story.clients_count; at++)
        client_destroy(&story.clients[at].client);
    if (story.answer != NULL)
        protobuf_c_message_free_unpacked(story.answer, NULL);
    rig_destroy(&story.rig);
    return 0;
}

void story_in(const char *council)
{
    story.council = council;
}

void story_load_demonstration(void)
{
    char command[1024];
    char text[1024] = "";
    assert_int_equal(
        text_format(command, sizeof command,
                    "%s/dayways --config %s --authority %s --as operator demo load 2>&1",
                    getenv("DAYWAYS_BIN"), story.rig->conf, story.council),
        0);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    while (fgets(text, sizeof text, output) != NULL)
        continue;
    if (pclose(output) != 0)
        fail_msg("%s", text);
}

/* --- ids and dates -------------------------------------------------------------------------------------------------- */

struct id story_bytes(char kind, unsigned number)
{
    return (struct id){{0x01, 0xa0, (uint8_t)kind, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0,
                        (uint8_t)(number >> 8), (uint8_t)number}};
}

static char *next_text(void)
{
    return story.texts[story.texts_next++ % TEXTS];
}

const char *story_id(char kind, unsigned number)
{
    const struct id id = story_bytes(kind, number);
    char *text = next_text();
    id_to_text(&id, text);
    return text;
}

int32_t story_today(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return calendar_london_date((int64_t)now.tv_sec * 1000);
}

const char *story_date(int32_t days)
{
    char *text = next_text();
    calendar_to_text(story_today() + days, text);
    return text;
}

/* --- saying and asking ------------------------------------------------------------------------------------------------ */

static struct client *client_of(const char *who)
{
    for (size_t at = 0; at < story.clients_count; at++)
        if (strcmp(story.clients[at].name, who) == 0)
            return story.clients[at].client;
    assert_true(story.clients_count < CLIENTS_MAX);
    (void)text_format(story.clients[story.clients_count].name,
                      sizeof story.clients[story.clients_count].name, "%s", who);
    return story.clients[story.clients_count++].client = rig_client(story.rig, who);
}

static const ProtobufCMessageDescriptor *type_of(const char *name)
{
    for (size_t at = 0; messages_all[at] != NULL; at++)
        if (strcmp(messages_all[at]->short_name, name) == 0)
            return messages_all[at];
    fail_msg("there is no message %s", name);
    return NULL;
}

__attribute__((format(printf, 2, 0))) static ProtobufCMessage *
read_message(const char *name, const char *format, va_list arguments)
{
    char text[MESSAGE_SIZE];
    struct json_error error = {{0}, {0}};
    ProtobufCMessage *message = NULL;
    const int len = vsnprintf(text, sizeof text, format, arguments);
    assert_in_range(len, 0, sizeof text - 1);
    for (int at = 0; at < len; at++)
        if (text[at] == '\'')
            text[at] = '"';
    if (json_to_message(type_of(name), text, (size_t)len, NULL, &message, &error) < 0)
        fail_msg("%s: %s: %s in %s", name, error.path, error.sentence, text);
    return message;
}

/* Asks, and gives the answer's body (the caller frees it). */
static void call(const char *who, const char *service, const ProtobufCMessage *message,
                 char ret_type[64], struct buffer *ret_body)
{
    const char *name = message->descriptor->short_name;
    if (client_call(client_of(who), story.council, service, message, NULL, RIG_WAIT_MS, ret_type,
                    ret_body) < 0)
        fail_msg("%s was not answered", name);
}

static const char *say_no(const char *type, const struct buffer *body)
{
    static const char *code;
    story.sentence[0] = '\0';
    code = "";
    if (strcmp(type, "Refused") == 0) {
        Dw__Refused *refused = dw__refused__unpack(NULL, body->len, body->bytes);
        static char name[128];
        (void)text_format(name, sizeof name, "%s", refused->code);
        (void)text_format(story.sentence, sizeof story.sentence, "%s", refused->sentence);
        code = name;
        dw__refused__free_unpacked(refused, NULL);
    } else if (strcmp(type, "Failed") == 0) {
        Dw__Failed *failed = dw__failed__unpack(NULL, body->len, body->bytes);
        (void)text_format(story.sentence, sizeof story.sentence, "%s: %s", failed->field,
                          failed->sentence);
        code = protobuf_c_enum_descriptor_get_value(&dw__error_code__descriptor, (int)failed->code)
                   ->name;
        dw__failed__free_unpacked(failed, NULL);
    }
    return code;
}

void story_do(const char *who, const char *service, const char *command, const char *format, ...)
{
    char type[64];
    struct buffer body = {0};
    va_list arguments;
    va_start(arguments, format);
    ProtobufCMessage *message = read_message(command, format, arguments);
    va_end(arguments);
    call(who, service, message, type, &body);
    if (strcmp(type, "Accepted") != 0) {
        const char *code = say_no(type, &body);
        fail_msg("%s of %s in %s was answered %s %s: %s", command, who, story.council, type, code,
                 story.sentence);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    buffer_free(&body);
}

const char *story_no(const char *who, const char *service, const char *command, const char *refusal,
                     const char *format, ...)
{
    char type[64];
    struct buffer body = {0};
    va_list arguments;
    va_start(arguments, format);
    ProtobufCMessage *message = read_message(command, format, arguments);
    va_end(arguments);
    call(who, service, message, type, &body);
    const char *code = say_no(type, &body);
    const size_t len = strlen(code);
    if (len < strlen(refusal) || strcmp(code + len - strlen(refusal), refusal) != 0)
        fail_msg("%s of %s was answered %s %s (%s), not %s", command, who, type, code,
                 story.sentence, refusal);
    protobuf_c_message_free_unpacked(message, NULL);
    buffer_free(&body);
    return story.sentence;
}

const void *story_ask(const char *who, const char *service, const char *query,
                      const ProtobufCMessageDescriptor *type, const char *format, ...)
{
    char name[64];
    struct buffer body = {0};
    va_list arguments;
    va_start(arguments, format);
    ProtobufCMessage *message = read_message(query, format, arguments);
    va_end(arguments);
    call(who, service, message, name, &body);
    if (strcmp(name, type->short_name) != 0) {
        const char *code = say_no(name, &body);
        fail_msg("%s of %s was answered %s %s: %s", query, who, name, code, story.sentence);
    }
    if (story.answer != NULL)
        protobuf_c_message_free_unpacked(story.answer, NULL);
    story.answer = protobuf_c_message_unpack(type, NULL, body.len, body.bytes);
    assert_non_null(story.answer);
    protobuf_c_message_free_unpacked(message, NULL);
    buffer_free(&body);
    return story.answer;
}

/* --- at the same time ------------------------------------------------------------------------------------------------ */

static void heard(void *context, const struct client_answer *answer)
{
    (void)context;
    assert_string_equal(answer->type, "Accepted");
    story.pending--;
}

void story_send(const char *who, const char *service, const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ProtobufCMessage *message = read_message(command, format, arguments);
    va_end(arguments);
    assert_true(story.pending < PENDING_MAX);
    story.pending++;
    (void)client_ask(client_of(who), story.council, service, message, NULL, RIG_WAIT_MS, heard,
                     NULL);
    protobuf_c_message_free_unpacked(message, NULL);
}

void story_hear(void)
{
    while (story.pending > 0)
        for (size_t at = 0; at < story.clients_count; at++)
            client_poll(story.clients[at].client);
}

/* --- what became of it ----------------------------------------------------------------------------------------------- */

const Dw__Placement *story_placement(unsigned number)
{
    return story_ask("operator", "placements", "GetPlacement", &dw__placement__descriptor,
                     "{'placementId': '%s'}", story_id('m', number));
}

Dw__PlacementState story_state(unsigned placement)
{
    return story_placement(placement)->state;
}

static bool is_over(Dw__PlacementState state)
{
    return state == DW__PLACEMENT_STATE__PLACEMENT_STATE_LAPSED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_DECLINED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_REFUSED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_CANCELLED ||
           state == DW__PLACEMENT_STATE__PLACEMENT_STATE_ENDED;
}

void story_wait(unsigned placement, Dw__PlacementState state)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    for (;;) {
        const Dw__Placement *now = story_placement(placement);
        if (now->state == state)
            return;
        if (is_over(now->state) || loop_boot_ms_now() > until_ms)
            fail_msg("placement %u is in state %d (reason %d), not %d", placement, (int)now->state,
                     (int)now->lapse_reason, (int)state);
        rig_pause_ms(PAUSE_MS);
    }
}

size_t story_events(const char *service, const char *type)
{
    size_t found = 0;
    uint64_t next = 1;
    bool more = true;
    while (more) {
        const Dw__EventsFetched *fetched =
            story_ask("operator", service, "FetchEvents", &dw__events_fetched__descriptor,
                      "{'fromSeq': %llu, 'limit': 1000}", (unsigned long long)next);
        more = fetched->n_batches > 0;
        for (size_t at = 0; at < fetched->n_batches; at++) {
            Dw__Batch *batch = dw__batch__unpack(NULL, fetched->batches[at]->batch.len,
                                                 fetched->batches[at]->batch.data);
            assert_non_null(batch);
            next = batch->first_seq;
            for (size_t which = 0; which < batch->n_decisions; which++)
                for (size_t event = 0; event < batch->decisions[which]->n_events; event++) {
                    next++;
                    found += strcmp(batch->decisions[which]->events[event]->type, type) == 0;
                }
            dw__batch__free_unpacked(batch, NULL);
        }
    }
    return found;
}

void story_wait_events(const char *service, const char *type, size_t count)
{
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    size_t found;
    while ((found = story_events(service, type)) < count) {
        if (loop_boot_ms_now() > until_ms)
            fail_msg("%s has said %s %zu times, not %zu", service, type, found, count);
        rig_pause_ms(PAUSE_MS);
    }
    assert_int_equal(found, count);
}

static void verify(const char *service)
{
    for (size_t council = 0; council < COUNCILS; council++)
        assert_int_equal(rig_verify_council(story.rig, service, councils[council]), 0);
}

/* Reporting is the fold of others' journals, and they are asked for them. */
void story_kill_and_verify(void)
{
    for (size_t at = 0; rig_services[at] != NULL; at++)
        (void)rig_signal(story.rig, rig_services[at], 0, SIGKILL);
    for (size_t at = 0; rig_services[at] != NULL; at++)
        if (strcmp(rig_services[at], "reporting") != 0)
            verify(rig_services[at]);
    start_daemons();
    verify("reporting");
}

/* --- the same again and again ----------------------------------------------------------------------------------------- */

static struct known_service *known_service(unsigned number)
{
    size_t at = 0;
    while (strcmp(councils[at], story.council) != 0)
        at++;
    return &story.services[at][number];
}

void story_provider(unsigned number, const char *kind, const char *contract, const char *levels)
{
    story_do("operator", "capacity", "RegisterProvider",
             "{'provider': {'providerId': '%s', 'reference': 'P%u', 'name': 'Provider %u', "
             "'kind': '%s'}}",
             story_id('p', number), number, number, kind);
    story_do("operator", "capacity", "AgreeContract",
             "{'contract': {'contractId': '%s', 'providerId': '%s', 'kind': '%s', 'levels': [%s], "
             "'from': '%s', 'payment': 'plan'}}",
             story_id('c', number), story_id('p', number), contract, levels, story_date(-400));
}

void story_know_service(unsigned number, unsigned provider, unsigned level, unsigned price_pence)
{
    assert_true(number < SERVICES_MAX);
    *known_service(number) = (struct known_service){provider, level, price_pence};
}

void story_service(unsigned number, unsigned provider, unsigned level, unsigned district,
                   unsigned price_pence, unsigned weekdays, unsigned places)
{
    story_know_service(number, provider, level, price_pence);
    story_do(
        "operator", "capacity", "RegisterService",
        "{'service': {'serviceId': '%s', 'providerId': '%s', 'reference': 'S%u', 'name': "
        "'Service %u', 'kind': 'resource_centre', 'level': %u, 'needs': "
        "['learning_disability', 'memory_and_cognition', 'mental_health'], 'mode': 'building', "
        "'district': %u, 'latitudeE6': 53258700, 'longitudeE6': -2125400, 'pricePence': %u, "
        "'priceUnit': 'session', 'ageFrom': 18}}",
        story_id('s', number), story_id('p', provider), number, number, level, district,
        price_pence);
    for (unsigned weekday = 1; weekday <= 7; weekday++)
        if ((weekdays >> (weekday - 1) & 1) != 0)
            story_do("operator", "capacity", "SetSession",
                     "{'session': {'sessionId': '%s', 'serviceId': '%s', 'weekday': %u, "
                     "'startMinutes': 600, 'endMinutes': 900, 'limits': [{'kind': 'places', "
                     "'amount': %u}], 'from': '%s'}}",
                     story_id('t', number * 10 + weekday), story_id('s', number), weekday, places,
                     story_date(-400));
}

static void write_sessions(unsigned service, unsigned weekdays, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    for (unsigned weekday = 1; weekday <= 7; weekday++)
        if ((weekdays >> (weekday - 1) & 1) != 0) {
            const size_t len = strlen(ret_text);
            (void)text_format(ret_text + len, size - len, "%s'%s'", len == 0 ? "" : ", ",
                              story_id('t', service * 10 + weekday));
        }
}

void story_propose(unsigned number, unsigned service, unsigned weekdays, int32_t from)
{
    char sessions[512];
    const struct known_service *known = known_service(service);
    write_sessions(service, weekdays, sessions, sizeof sessions);
    story_do("broker", "placements", "ProposePlacement",
             "{'placementId': '%s', 'holdId': '%s', 'terms': {'personId': '%s', 'serviceId': '%s', "
             "'providerId': '%s', 'sessionIds': [%s], 'from': '%s', 'funding': 'commissioned', "
             "'level': %u, 'pricePencePerWeek': %u, 'ground': 'ranked_first', 'district': 1, "
             "'supportReason': 'learning_disability', 'age': 40, 'ethnicityGroup': 'white', "
             "'sex': 'female'}}",
             story_id('m', number), story_id('h', number), story_id('n', number),
             story_id('s', service), story_id('p', known->provider), sessions, story_date(from),
             known->level, known->price_pence * (unsigned)__builtin_popcount(weekdays));
}

void story_place(unsigned number, unsigned service, unsigned weekdays, int32_t from)
{
    story_propose(number, service, weekdays, from);
    story_wait(number, DW__PLACEMENT_STATE__PLACEMENT_STATE_OFFERED);
    story_do("operator", "placements", "AcceptOffer", "{'placementId': '%s'}",
             story_id('m', number));
    story_wait(number, DW__PLACEMENT_STATE__PLACEMENT_STATE_ACCEPTED);
    story_do("broker", "placements", "StartPlacement", "{'placementId': '%s', 'date': '%s'}",
             story_id('m', number), story_date(from));
}
