/* Follows the events of all services. What is published is printed as it comes; what was missed, and with --from all that was
 * before, is fetched from the stored journal, so that each service's events come in order and none is left out. */
#include "services/cli/cli.h"

#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVICES_MAX = 8, INSTANCES_MAX = 16, FETCH_BATCHES = 500 };

struct tailed {
    const char *service;
    uint64_t next_seq; /* 0: not known, so begin with what comes */
    bool behind;       /* fetch from next_seq */
    bool begins;       /* its journal may not reach so far */
};

struct tail {
    struct cli *cli;
    const char *type;
    struct tailed services[SERVICES_MAX];
    size_t count;
};

static void print_event(const struct tail *tail, const Dw__Batch *batch, const Dw__Event *event,
                        uint64_t seq)
{
    const ProtobufCMessageDescriptor *type = message_find(event->type);
    ProtobufCMessage *message =
        type == NULL ? NULL
                     : protobuf_c_message_unpack(type, NULL, event->body.len, event->body.data);
    char *json = NULL;
    if (tail->type != NULL && strcmp(tail->type, event->type) != 0) {
        if (message != NULL)
            protobuf_c_message_free_unpacked(message, NULL);
        return;
    }
    if (message == NULL || json_from_message(message, false, &json) < 0)
        json = NULL;
    const char *body = json == NULL ? "{}" : json;
    if (tail->cli->json) {
        printf(
            "{\"service\":\"%s\",\"seq\":%llu,\"recordedMs\":%lld,\"type\":\"%s\",\"body\":%s}\n",
            batch->service, (unsigned long long)seq, (long long)batch->recorded_ms, event->type,
            body);
    } else {
        cli_print_time(batch->recorded_ms);
        printf("%-10s %7llu %-20s %s\n", batch->service, (unsigned long long)seq, event->type,
               body);
    }
    free(json);
    if (message != NULL)
        protobuf_c_message_free_unpacked(message, NULL);
}

/* Prints what is new in a batch, or finds that something before it is missing. */
static void take_batch(struct tail *tail, struct tailed *service, const Dw__Batch *batch)
{
    uint64_t seq = batch->first_seq;
    if (service->next_seq == 0)
        service->next_seq = seq;
    if (seq > service->next_seq) {
        service->behind = true;
        return;
    }
    for (size_t at = 0; at < batch->n_decisions; at++)
        for (size_t event = 0; event < batch->decisions[at]->n_events; event++, seq++)
            if (seq >= service->next_seq) {
                print_event(tail, batch, batch->decisions[at]->events[event], seq);
                service->next_seq = seq + 1;
            }
    fflush(stdout);
}

static void on_batch(void *context, const char *topic, const void *bytes, size_t len)
{
    struct tail *tail = context;
    (void)topic;
    Dw__Batch *batch = dw__batch__unpack(NULL, len, bytes);
    if (batch == NULL)
        return;
    for (size_t at = 0; at < tail->count; at++)
        if (strcmp(batch->service, tail->services[at].service) == 0 &&
            strcmp(batch->authority, tail->cli->authority) == 0 && !tail->services[at].behind)
            take_batch(tail, &tail->services[at], batch);
    dw__batch__free_unpacked(batch, NULL);
}

/* Asks for so many batches from there on; what is wrong is told with the service's name. */
static int ask_events(struct tail *tail, const char *service, uint64_t from_seq, uint32_t limit,
                      ProtobufCMessage **ret_answer)
{
    Dw__FetchEvents request = DW__FETCH_EVENTS__INIT;
    request.from_seq = from_seq;
    request.limit = limit;
    const int code = cli_query(tail->cli, service, &request.base, ret_answer);
    return code == EXIT_CODE_OK ? code : cli_fail(code, "the events of %s were not read", service);
}

/* One whose journal ends before what was asked for is followed from its end. */
static int begin(struct tail *tail, struct tailed *service)
{
    ProtobufCMessage *answer;
    const int code = ask_events(tail, service->service, 1, 1, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    const uint64_t head_seq = ((const Dw__EventsFetched *)answer)->head_seq;
    if (service->next_seq > head_seq + 1)
        service->next_seq = head_seq + 1;
    service->begins = false;
    protobuf_c_message_free_unpacked(answer, NULL);
    return EXIT_CODE_OK;
}

static int fetch(struct tail *tail, struct tailed *service)
{
    bool more = true;
    if (service->begins) {
        const int code = begin(tail, service);
        if (code != EXIT_CODE_OK)
            return code;
    }
    while (more) {
        ProtobufCMessage *answer;
        const int code =
            ask_events(tail, service->service, service->next_seq, FETCH_BATCHES, &answer);
        if (code != EXIT_CODE_OK)
            return code;
        const Dw__EventsFetched *fetched = (const Dw__EventsFetched *)answer;
        const uint64_t before = service->next_seq;
        for (size_t at = 0; at < fetched->n_batches; at++) {
            const ProtobufCBinaryData bytes = fetched->batches[at]->batch;
            Dw__Batch *batch = dw__batch__unpack(NULL, bytes.len, bytes.data);
            if (batch != NULL)
                take_batch(tail, service, batch);
            if (batch != NULL)
                dw__batch__free_unpacked(batch, NULL);
        }
        more = service->next_seq <= fetched->head_seq && service->next_seq > before;
        protobuf_c_message_free_unpacked(answer, NULL);
    }
    service->behind = false;
    return EXIT_CODE_OK;
}

static int follow_services(struct tail *tail, uint64_t from_seq, const char *only)
{
    char endpoint[512];
    char address[128];
    char body[1024];
    for (size_t at = 0; cli_services[at] != NULL; at++) {
        if (only != NULL && strcmp(only, cli_services[at]) != 0)
            continue;
        /* One that does not run would only be waited for. */
        if (cli_item(tail->cli, cli_services[at], "admin", 0, address, sizeof address) == NULL ||
            cli_http(address, "/livez", body, sizeof body) != 200)
            continue;
        for (size_t number = 0; number < INSTANCES_MAX; number++) {
            if (cli_item(tail->cli, cli_services[at], "publish", number, endpoint,
                         sizeof endpoint) == NULL)
                break;
            (void)client_follow(tail->cli->client, cli_services[at], endpoint);
        }
        tail->services[tail->count++] =
            (struct tailed){cli_services[at], from_seq, from_seq > 0, from_seq > 0};
    }
    if (tail->count == 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "no daemon answers; start them with dayways up");
    return EXIT_CODE_OK;
}

int cli_tail(struct cli *cli)
{
    const char *from = cli_take(cli, "--from");
    const char *only = cli_take(cli, "--service");
    const bool no_follow = cli_take_flag(cli, "--no-follow");
    struct tail tail = {.cli = cli, .type = cli_take(cli, "--type")};
    uint64_t from_seq = 0;
    if (!cli_left(cli, 0, 0,
                  "tail [--from SEQ] [--service NAME] [--type EVENT] [--no-follow] [--json]"))
        return EXIT_CODE_USAGE;
    if (from != NULL && (text_to_uint64(from, UINT64_MAX, &from_seq) < 0 || from_seq == 0))
        return cli_fail(EXIT_CODE_USAGE, "--from is a sequence number, 1 or above");
    if (tail.type != NULL && message_find(tail.type) == NULL)
        return cli_fail(EXIT_CODE_USAGE, "there is no event %s", tail.type);
    int code = cli_connect(cli);
    if (code == EXIT_CODE_OK)
        code = follow_services(&tail, from_seq, only);
    if (code == EXIT_CODE_OK)
        client_on_batch(cli->client, on_batch, &tail);
    while (code == EXIT_CODE_OK) {
        for (size_t at = 0; at < tail.count && code == EXIT_CODE_OK; at++)
            if (tail.services[at].behind)
                code = fetch(&tail, &tail.services[at]);
        if (no_follow)
            break;
        if (code == EXIT_CODE_OK)
            client_turn(cli->client);
    }
    return code;
}
