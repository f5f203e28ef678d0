/* What operations sees of a service over HTTP: readiness, status and metrics. */
#include "common/daemon.h"

#include "common/descriptors.h"
#include "common/unread.h"

#include <stddef.h>
#include <string.h>

static const char *const state_names[] = {[SHARD_STANDBY] = "standby",
                                          [SHARD_LOADING] = "loading",
                                          [SHARD_LIVE] = "live",
                                          [SHARD_FROZEN] = "frozen",
                                          [SHARD_STOPPED] = "stopped"};

static bool on_ready(void *context, struct buffer *ret_lines)
{
    const struct daemon *daemon = context;
    bool ready = !daemon->stopping;
    for (size_t at = 0; at < daemon->stores_count; at++) {
        const bool there = redis_store_is_ready(daemon->stores[at]);
        buffer_print(ret_lines, "[%c]redis %s\n", there ? '+' : '-', there ? "ok" : "away");
        ready = ready && there;
    }
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        const bool good =
            status.frozen_why == NULL &&
            (status.state == SHARD_LIVE || (status.state == SHARD_STANDBY && status.held_by_other));
        buffer_print(ret_lines, "[%c]%s %s%s%s\n", good ? '+' : '-',
                     shard_authority(daemon->door.shards[at]), state_names[status.state],
                     status.frozen_why == NULL ? "" : " ",
                     status.frozen_why == NULL ? "" : status.frozen_why);
        ready = ready && good;
    }
    return ready;
}

static void on_status(void *context, struct buffer *ret_json)
{
    const struct daemon *daemon = context;
    buffer_print(ret_json,
                 "{\"service\":\"%s\",\"version\":\"%s\",\"endpoint\":\"%s\",\"shards\":[",
                 daemon->service->name, DAYWAYS_VERSION, daemon->endpoint);
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        buffer_print(
            ret_json,
            "%s{\"authority\":\"%s\",\"state\":\"%s\",\"why\":\"%s\",\"seq\":%llu,\"epoch\":%llu,"
            "\"version\":%llu,\"entities\":%zu,\"outbox\":%zu,\"accepted\":%llu,\"refused\":%llu,"
            "\"failed\":%llu,\"repeated\":%llu,\"commits\":%llu,\"recoveries\":%llu,"
            "\"followed\":%zu,\"followedCurrent\":%zu,\"lagEvents\":%llu,\"foldedEvents\":%llu}",
            at == 0 ? "" : ",", shard_authority(daemon->door.shards[at]), state_names[status.state],
            status.frozen_why == NULL ? "" : status.frozen_why, (unsigned long long)status.head_seq,
            (unsigned long long)status.epoch, (unsigned long long)status.version, status.entities,
            status.outbox, (unsigned long long)status.accepted, (unsigned long long)status.refused,
            (unsigned long long)status.failed, (unsigned long long)status.repeated,
            (unsigned long long)status.commits, (unsigned long long)status.recoveries,
            status.followed, status.followed_current, (unsigned long long)status.lag_events,
            (unsigned long long)status.folded_events);
    }
    buffer_print(ret_json, "]}\n");
}

static void print_metric(struct buffer *text, const char *name, const char *type, const char *help)
{
    buffer_print(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_bad_messages(const struct daemon *daemon, struct buffer *text)
{
    static const char *const reasons[] = {
        [BUS_DROP_FRAMES] = "frames",         [BUS_DROP_KEY] = "key",
        [BUS_DROP_HANDSHAKE] = "handshake",   [BUS_DROP_REPLY] = "reply-not-sent",
        [BUS_DROP_UNREAD] = "reply-unread",   [BUS_DROP_BEHIND] = "request-behind",
        [BUS_DROP_SEND] = "request-not-sent",
    };
    static const char name[] = "dayways_bad_messages_total";
    print_metric(text, name, "counter", "Messages dropped or refused before they reached a shard.");
    for (int why = 0; why < BUS_DROPS; why++)
        buffer_print(text, "%s{reason=\"%s\"} %llu\n", name, reasons[why],
                     (unsigned long long)bus_dropped(daemon->bus, (enum bus_drop)why));
    buffer_print(text, "%s{reason=\"invalid\"} %llu\n", name,
                 (unsigned long long)daemon->door.invalid);
    buffer_print(text, "%s{reason=\"shard-busy\"} %llu\n", name,
                 (unsigned long long)daemon->door.busy);
    buffer_print(text, "%s{reason=\"connection-crowd\"} %zu\n", name, descriptors_refused());
}

static void print_gauge(struct buffer *text, const char *name, const char *help, size_t value)
{
    print_metric(text, name, "gauge", help);
    buffer_print(text, "%s %zu\n", name, value);
}

static void print_unread(const struct daemon *daemon, struct buffer *text)
{
    print_gauge(text, "dayways_unread_bytes", "Answers that peers have not read.",
                bus_unread_bytes(daemon->bus));
    print_gauge(text, "dayways_unread_bytes_max",
                "What they may be; one peer may have a sixteenth of what is free.",
                UNREAD_BYTES_MAX);
    print_gauge(text, "dayways_unread_peers", "Peers with answers not read, or just read.",
                bus_unread_peers(daemon->bus));
}

/* Figures the shards already count, one series an authority. */
static void on_metrics(void *context, struct buffer *ret_text)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
    } figures[] = {
        {"dayways_commands_accepted_total", "counter", "Commands done.",
         offsetof(struct shard_status, accepted)},
        {"dayways_commands_refused_total", "counter", "Commands the domain refused.",
         offsetof(struct shard_status, refused)},
        {"dayways_requests_failed_total", "counter", "Requests answered with an error.",
         offsetof(struct shard_status, failed)},
        {"dayways_commands_repeated_total", "counter", "Commands answered from memory.",
         offsetof(struct shard_status, repeated)},
        {"dayways_commits_total", "counter", "Commits sent to Redis.",
         offsetof(struct shard_status, commits)},
        {"dayways_recoveries_total", "counter", "Times a shard forgot its memory and loaded anew.",
         offsetof(struct shard_status, recoveries)},
        {"dayways_journal_head_seq", "gauge", "Sequence number of the last released event.",
         offsetof(struct shard_status, head_seq)},
        {"dayways_commits_in_flight", "gauge", "Commits that Redis has not answered.",
         offsetof(struct shard_status, in_flight)},
        {"dayways_outbox_rows", "gauge", "Commands to other services not settled yet.",
         offsetof(struct shard_status, outbox)},
        {"dayways_follower_lag_events", "gauge", "Events of followed journals not folded yet.",
         offsetof(struct shard_status, lag_events)},
    };
    const struct daemon *daemon = context;
    for (size_t figure = 0; figure < sizeof figures / sizeof figures[0]; figure++) {
        print_metric(ret_text, figures[figure].name, figures[figure].type, figures[figure].help);
        for (size_t at = 0; at < daemon->door.shards_count; at++) {
            struct shard_status status;
            uint64_t value;
            shard_status(daemon->door.shards[at], &status);
            memcpy(&value, (const char *)&status + figures[figure].offset, sizeof value);
            buffer_print(ret_text, "%s{authority=\"%s\"} %llu\n", figures[figure].name,
                         shard_authority(daemon->door.shards[at]), (unsigned long long)value);
        }
    }
    print_metric(
        ret_text, "dayways_follower_lag_seconds", "gauge",
        "Age of what was folded last, of the journal furthest behind; 0 when all are current.");
    for (size_t at = 0; at < daemon->door.shards_count; at++) {
        struct shard_status status;
        shard_status(daemon->door.shards[at], &status);
        buffer_print(ret_text, "dayways_follower_lag_seconds{authority=\"%s\"} %lld.%03lld\n",
                     shard_authority(daemon->door.shards[at]), (long long)status.lag_ms / 1000,
                     (long long)status.lag_ms % 1000);
    }
    print_bad_messages(daemon, ret_text);
    print_unread(daemon, ret_text);
    print_gauge(ret_text, "dayways_waiting_request_bytes",
                "Requests that wait for room in their shard.", daemon->door.waiting_bytes);
    print_gauge(ret_text, "dayways_waiting_request_bytes_max",
                "What they may be; those of one shard a mebibyte.", DOOR_WAITING_MAX);
    print_metric(ret_text, "dayways_redis_lost_total", "counter", "Times a Redis went away.");
    buffer_print(ret_text, "dayways_redis_lost_total %llu\n",
                 (unsigned long long)daemon->stores_lost);
    metrics_write(daemon->metrics, ret_text);
}

int start_ops(struct daemon *daemon)
{
    char address[256];
    const struct ops_handlers handlers = {daemon, on_ready, on_metrics, on_status};
    if (own_item(daemon, "admin", address, sizeof address) < 0)
        return EXIT_CODE_OK; /* none wanted */
    daemon->ops = ops_create(daemon->loop, address, &handlers);
    if (daemon->ops != NULL)
        return EXIT_CODE_OK;
    log_error(CODE_ENDPOINT_IN_USE, NULL, "admin address %s cannot be listened on", address);
    return EXIT_CODE_UNAVAILABLE;
}
