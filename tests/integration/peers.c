/* Peers that do not behave: who asks and does not read, who subscribes and does not read, who sends more than can be taken,
 * who opens connections without end. What each costs is bounded, and nobody else notices. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "common/descriptors.h"
#include "common/text.h"
#include "common/unread.h"
#include "tests/support/raw.h"
#include "tests/support/town.h"

static const char model[] = "tests/data/model.json";

enum { KIB_A_MIB = 1024, PROMPT_MS = 1000, LEFT_KIB_MAX = 16 * KIB_A_MIB };

/* The address sanitizer keeps what was freed, so that only the other builds measure. */
#ifdef __SANITIZE_ADDRESS__
enum { MEASURES = 0 };
#else
enum { MEASURES = 1 };
#endif

static void expect_grown(long kib, long least_kib, long most_kib)
{
    if (MEASURES)
        assert_in_range(kib, least_kib, most_kib);
}

static void on_accepted(void *context, const struct client_answer *answer)
{
    (void)context;
    assert_string_equal(answer->type, "Accepted");
}

/* A journal of a megabyte, so that a small question has a large answer. */
static void fill_journal(struct rig *rig)
{
    enum { PROPOSALS = 6000, WINDOW = 256 };
    struct client *client = rig_client(rig, "operator");
    for (uint32_t number = 0; number < PROPOSALS; number++) {
        client_ask(client, rig_authority, "placements", town_proposes(number), NULL, RIG_WAIT_MS,
                   on_accepted, NULL);
        while (client_waiting(client) >= WINDOW)
            client_turn(client);
    }
    while (client_waiting(client) > 0)
        client_turn(client);
    client_destroy(&client);
}

/* --- sockets that take nothing in ------------------------------------------------------------------------------------ */

static void *open_socket(struct rig *rig, void *context, int type, const char *key_name)
{
    const int one = 1;
    const int none = 0;
    struct key_pair keys;
    assert_int_equal(key_pair_load(rig_keys(rig), key_name, &keys), 0);
    void *socket = zmq_socket(context, type);
    assert_non_null(socket);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &one, sizeof one);
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.public_key, 40);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.secret_key, 40);
    return socket;
}

static void connect_to(struct rig *rig, void *socket, const char *service, const char *name)
{
    char endpoint[600];
    struct key_pair keys;
    assert_int_equal(key_pair_load(rig_keys(rig), service, &keys), 0);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys.public_key, 40);
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/%s", rig_folder(rig), name);
    assert_int_equal(zmq_connect(socket, endpoint), 0);
}

/* What one of them wants to know. */
static struct buffer whole_journal(struct raw *raw)
{
    struct buffer bytes = {0};
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = 1;
    fetch.limit = 1000;
    fetch.replies_max = 16;
    buffer_pack(&bytes, &raw_envelope(raw, &fetch.base)->base);
    return bytes;
}

static void expect_prompt(struct raw *raw, uint32_t number)
{
    const struct id placement = town_id('m', number);
    Dw__GetPlacement get = DW__GET_PLACEMENT__INIT;
    get.placement_id = id_to_data(&placement);
    const int64_t begin_ms = loop_boot_ms_now();
    assert_string_equal(raw_ask(raw, raw_envelope(raw, &get.base)), "Placement");
    assert_in_range(loop_boot_ms_now() - begin_ms, 0, PROMPT_MS);
}

static bool has_metric(struct rig *rig, const char *service, const char *text)
{
    static char body[262144];
    (void)rig_http(rig, service, 0, "/metrics", body, sizeof body);
    return strstr(body, text) != NULL;
}

/* Connections of one key ask for the journal again and again and read nothing; somebody else is answered meanwhile. */
static void ask_and_do_not_read(size_t connections, size_t rounds, long kib_max)
{
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    fill_journal(rig);
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    struct raw *reader = raw_create(rig, "operator", "placements", 0);
    void *context = zmq_ctx_new();
    void **sockets = calloc(connections, sizeof *sockets);
    assert_non_null(sockets);
    for (size_t at = 0; at < connections; at++) {
        sockets[at] = open_socket(rig, context, ZMQ_DEALER, "operator");
        connect_to(rig, sockets[at], "placements", "placements.router");
    }
    const struct buffer question = whole_journal(broker);
    const long before_kib = rig_resident_kib(rig, "placements", 0);
    long most_kib = before_kib;
    for (size_t round = 0; round < rounds; round++) {
        for (size_t at = 0; at < connections; at++)
            (void)zmq_send(sockets[at], question.bytes, question.len, ZMQ_DONTWAIT);
        expect_prompt(broker, (uint32_t)round);
        rig_pause_ms(10); /* some of it is read from the store */
        const long now_kib = rig_resident_kib(rig, "placements", 0);
        most_kib = now_kib > most_kib ? now_kib : most_kib;
        expect_grown(most_kib - before_kib, 0, kib_max);
    }
    /* Nor are large answers withheld from who reads. */
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = 1;
    fetch.limit = 1000;
    const int64_t until_ms = loop_boot_ms_now() + RIG_WAIT_MS;
    const char *name;
    while (strcmp(name = raw_ask(reader, raw_envelope(reader, &fetch.base)), "EventsFetched") !=
           0) {
        assert_string_equal(name, "BUSY"); /* so many are being read */
        assert_true(loop_boot_ms_now() < until_ms);
    }
    assert_true(raw_reply(reader)->body.len > 1024);
    assert_false(
        has_metric(rig, "placements", "dayways_bad_messages_total{reason=\"request-behind\"} 0\n"));
    for (size_t at = 0; at < connections; at++)
        zmq_close(sockets[at]);
    zmq_ctx_term(context);
    while (!has_metric(rig, "placements", "dayways_unread_bytes 0\n"))
        assert_true(loop_boot_ms_now() < until_ms);
    /* And memory is given back, but for some that lies among what lives longer. */
    while (MEASURES && rig_resident_kib(rig, "placements", 0) > before_kib + LEFT_KIB_MAX) {
        assert_true(loop_boot_ms_now() < until_ms);
        rig_pause_ms(10);
    }
    print_message("  %ld KiB before, %ld at most, %ld at the end\n", before_kib, most_kib,
                  rig_resident_kib(rig, "placements", 0));
    free(sockets);
    struct buffer given = question;
    buffer_free(&given);
    raw_destroy(&broker);
    raw_destroy(&reader);
    rig_destroy(&rig);
}

static void who_asks_and_does_not_read_costs_little(void **unused)
{
    (void)unused;
    ask_and_do_not_read(1, 200, 32 * KIB_A_MIB);
}

static void many_connections_of_one_key_cost_no_more_than_the_bound(void **unused)
{
    (void)unused;
    ask_and_do_not_read(60, 200, UNREAD_BYTES_MAX / 1024 + 64 * KIB_A_MIB);
}

/* --- a subscriber that does not read ---------------------------------------------------------------------------------- */

enum { BATCHES = 800, BATCH_SIZE = 256 * 1024 };

static long own_resident_kib(void)
{
    char text[4096] = "";
    FILE *file = fopen("/proc/self/status", "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return strtol(strstr(text, "VmRSS:") + strlen("VmRSS:"), NULL, 10);
}

/* In a process of its own: two subscribers, of whom one reads, and tells of every batch. */
static void subscribe(struct rig *rig, int told)
{
    void *context = zmq_ctx_new();
    void *sockets[2];
    char frame[64];
    for (int at = 0; at < 2; at++) {
        sockets[at] = open_socket(rig, context, ZMQ_SUB, "operator");
        zmq_setsockopt(sockets[at], ZMQ_SUBSCRIBE, "", 0);
        connect_to(rig, sockets[at], "placements", "placements.events");
    }
    for (;;) {
        int more = 0;
        size_t size = sizeof more;
        do {
            if (zmq_recv(sockets[0], frame, sizeof frame, 0) < 0)
                _exit(1);
            zmq_getsockopt(sockets[0], ZMQ_RCVMORE, &more, &size);
        } while (more);
        if (write(told, "", 1) != 1)
            _exit(1);
    }
}

static bool take_request(void *context, const struct bus_address *from,
                         const struct allowed_key *key, const void *bytes, size_t len)
{
    (void)context, (void)from, (void)key, (void)bytes, (void)len;
    return true;
}

static bool wake(void *context)
{
    (void)context;
    return false;
}

static void publish(struct bus *bus)
{
    static uint8_t batch[BATCH_SIZE];
    bus_publish(bus, "test-council/placements", batch, sizeof batch, "digest", 6);
}

/* The one who reads has every batch, each before the next is published; the other one costs the bound. */
static void who_subscribes_and_does_not_read_costs_its_own_lag(void **unused)
{
    (void)unused;
    int told[2];
    char byte;
    char error[256];
    char endpoint[600];
    struct rig *rig = rig_create(model);
    struct auth *auth;
    struct key_pair keys;
    const struct bus_handlers handlers = {.request = take_request};
    assert_int_equal(pipe(told), 0);
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        subscribe(rig, told[1]);
    }
    close(told[1]);
    struct loop *loop = loop_create();
    assert_int_equal(key_pair_load(rig_keys(rig), "placements", &keys), 0);
    assert_int_equal(auth_load(rig_keys(rig), &auth, error, sizeof error), 0);
    struct bus *bus = bus_create(loop, &keys, &auth, &handlers);
    (void)text_format(endpoint, sizeof endpoint, "ipc://%s/placements.events", rig_folder(rig));
    assert_int_equal(bus_bind_events(bus, endpoint), 0);
    loop_add_turn(loop, bus_turn, bus);
    loop_add_turn(loop, wake, NULL);
    loop_add_turn(loop, bus_turn_end, bus);
    const int64_t begin_ms = loop_boot_ms_now();
    while (loop_boot_ms_now() - begin_ms < 500)
        loop_turn(loop); /* both have connected, which nothing tells */
    const long before_kib = own_resident_kib();
    for (int at = 0; at < BATCHES; at++) {
        publish(bus);
        alarm(RIG_WAIT_MS / 1000); /* a batch that does not come ends the test */
        assert_int_equal(read(told[0], &byte, 1), 1);
        alarm(0);
    }
    const long grown_kib = own_resident_kib() - before_kib;
    print_message("  %ld KiB for %d batches of %d KiB\n", grown_kib, BATCHES, BATCH_SIZE / 1024);
    expect_grown(grown_kib, 16 * KIB_A_MIB, 144 * KIB_A_MIB); /* it did not read */
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(told[0]);
    bus_destroy(&bus);
    loop_destroy(&loop);
    auth_destroy(&auth);
    rig_destroy(&rig);
}

/* --- requests that cannot be taken yet ---------------------------------------------------------------------------------- */

/* While the store is away and the shard full, nothing more is taken; what comes meanwhile waits at its senders. */
static void requests_that_are_not_taken_wait_at_their_senders(void **unused)
{
    (void)unused;
    enum { SENDERS = 2, PROPOSALS = 1000, FLOOD_MS = 700, KIB_MAX = 48 * KIB_A_MIB };
    static uint8_t large[BUS_REQUEST_MAX - 1024];
    struct rig *rig = rig_create(model);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(PROPOSALS))),
                        "Accepted");
    void *context = zmq_ctx_new();
    void *sockets[SENDERS];
    for (int at = 0; at < SENDERS; at++) {
        sockets[at] = open_socket(rig, context, ZMQ_DEALER, "provider");
        connect_to(rig, sockets[at], "placements", "placements.router");
    }
    const long before_kib = rig_resident_kib(rig, "placements", 0);
    rig_redis_signal(rig, SIGSTOP);
    for (uint32_t number = 0; number < PROPOSALS; number++)
        raw_send(broker, raw_envelope(broker, town_proposes(number)));
    const int64_t until_ms = loop_boot_ms_now() + FLOOD_MS;
    long most_kib = before_kib;
    while (loop_boot_ms_now() < until_ms) {
        for (int at = 0; at < SENDERS; at++)
            (void)zmq_send(sockets[at], large, sizeof large, ZMQ_DONTWAIT);
        const long now_kib = rig_resident_kib(rig, "placements", 0);
        most_kib = now_kib > most_kib ? now_kib : most_kib;
    }
    rig_redis_signal(rig, SIGCONT);
    print_message("  %ld KiB before, %ld at most\n", before_kib, most_kib);
    expect_grown(most_kib - before_kib, 0, KIB_MAX);
    for (int at = 0; at < SENDERS; at++)
        zmq_close(sockets[at]);
    zmq_ctx_term(context);
    while (raw_hear(broker, PROMPT_MS)[0] != '\0') {
    }
    expect_prompt(broker, PROPOSALS);
    raw_destroy(&broker);
    rig_destroy(&rig);
}

/* --- connections without end -------------------------------------------------------------------------------------------- */

static int connect_and_say_nothing(const struct rig *rig, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)text_format(address.sun_path, sizeof address.sun_path, "%s/%s", rig_folder(rig), name);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    (void)connect(fd, (const struct sockaddr *)&address, sizeof address);
    return fd;
}

enum { FEW_DESCRIPTORS = 128 };

static void allow_few_descriptors(void *unused, const char *service, size_t instance)
{
    const struct rlimit few = {FEW_DESCRIPTORS, FEW_DESCRIPTORS};
    (void)unused, (void)service, (void)instance;
    (void)setrlimit(RLIMIT_NOFILE, &few);
}

/* More connect than there are descriptors. Who is there is served, operations too, it is said once, the processor is not
 * burnt, and when they have gone others can come. */
static void running_out_of_descriptors_is_survived(void **unused)
{
    (void)unused;
    enum { CONNECTIONS = 300, WATCHED_MS = 2000, PROCESSOR_MS_MAX = 600 };
    int connections[CONNECTIONS];
    struct rig *rig = rig_create(model);
    rig_before_start(rig, allow_few_descriptors, NULL);
    rig_start(rig, "placements");
    struct raw *broker = raw_create(rig, "broker", "placements", 0);
    assert_string_equal(raw_ask(broker, raw_envelope(broker, town_proposes(1))), "Accepted");
    const long before_ms = rig_processor_ms(rig, "placements", 0);
    const int64_t until_ms = loop_boot_ms_now() + WATCHED_MS;
    for (int at = 0; at < CONNECTIONS; at++)
        connections[at] = connect_and_say_nothing(rig, "placements.router");
    while (loop_boot_ms_now() < until_ms) {
        expect_prompt(broker, 1);
        rig_pause_ms(20);
    }
    const long used_ms = rig_processor_ms(rig, "placements", 0) - before_ms;
    print_message("  %ld ms of processor in %d ms\n", used_ms, WATCHED_MS);
    assert_in_range(used_ms, 0, PROCESSOR_MS_MAX);
    rig_wait_log(rig, "placements", 0, "DESCRIPTORS_SHORT");
    assert_false(has_metric(rig, "placements",
                            "dayways_bad_messages_total{reason=\"connection-crowd\"} 0\n"));
    for (int at = 0; at < CONNECTIONS; at++)
        close(connections[at]);
    struct raw *later = raw_create(rig, "broker", "placements", 0);
    expect_prompt(later, 1);
    raw_destroy(&broker);
    raw_destroy(&later);
    rig_destroy(&rig);
}

/* The limit is raised by the daemon, not left at the shell's 1,024. */
static void a_daemon_may_have_as_many_descriptors_as_the_machine_allows(void **unused)
{
    (void)unused;
    char line[64];
    struct rlimit limit;
    struct rig *rig = rig_create(model);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit low = {128, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    rig_start(rig, "placements");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    (void)text_format(line, sizeof line, "process_max_fds %d\n",
                      limit.rlim_max < DESCRIPTORS_MAX ? (int)limit.rlim_max : DESCRIPTORS_MAX);
    assert_true(has_metric(rig, "placements", line));
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_and_does_not_read_costs_little),
        cmocka_unit_test(many_connections_of_one_key_cost_no_more_than_the_bound),
        cmocka_unit_test(who_subscribes_and_does_not_read_costs_its_own_lag),
        cmocka_unit_test(requests_that_are_not_taken_wait_at_their_senders),
        cmocka_unit_test(running_out_of_descriptors_is_survived),
        cmocka_unit_test(a_daemon_may_have_as_many_descriptors_as_the_machine_allows),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
