/* The limit of lookup: a bare ROUTER/DEALER echo with CURVE, in two processes, with the sizes of a search and its answer.
 * The best of a printed grid counts. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "tests/support/bench.h"

enum { ROUNDS = 4000, PIPELINED = 60000, WINDOW = 64, REQUEST_SIZE = 200, ANSWER_SIZE = 2900 };

static char server_public[41], server_secret[41], client_public[41], client_secret[41];

static void serve(const char *endpoint)
{
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_ROUTER);
    const int on = 1;
    static char answer[ANSWER_SIZE];
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, server_secret, 40);
    if (zmq_bind(socket, endpoint) < 0)
        exit(1);
    for (;;) {
        char peer[16];
        char request[REQUEST_SIZE * 2];
        const int len = zmq_recv(socket, peer, sizeof peer, 0);
        zmq_recv(socket, request, sizeof request, 0);
        zmq_send(socket, peer, (size_t)len, ZMQ_SNDMORE);
        zmq_send(socket, answer, sizeof answer, 0);
    }
}

static double pipelined(void *socket)
{
    char bytes[ANSWER_SIZE];
    const int64_t begin_ns = bench_now_ns();
    int sent = 0;
    for (int received = 0; received < PIPELINED; received++) {
        while (sent < PIPELINED && sent - received < WINDOW) {
            zmq_send(socket, bytes, REQUEST_SIZE, 0);
            sent++;
        }
        zmq_recv(socket, bytes, sizeof bytes, 0);
    }
    return PIPELINED * 1e9 / (double)(bench_now_ns() - begin_ns);
}

static void measure(const char *endpoint, double *best_us, double *best_rate)
{
    static int64_t rounds[ROUNDS];
    char bytes[ANSWER_SIZE] = "";
    const pid_t server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(endpoint);
    }
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_public, 40);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, client_public, 40);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, client_secret, 40);
    zmq_connect(socket, endpoint);
    for (int at = -200; at < ROUNDS; at++) {
        const int64_t begin_ns = bench_now_ns();
        zmq_send(socket, bytes, REQUEST_SIZE, 0);
        zmq_recv(socket, bytes, sizeof bytes, 0);
        if (at >= 0)
            rounds[at] = bench_now_ns() - begin_ns;
    }
    const double median_us = (double)bench_percentile(rounds, ROUNDS, 500) / 1000;
    const double rate = pipelined(socket);
    printf("  %-40s p50 %8.1f us   %10.0f /s at %d in flight\n", endpoint, median_us, rate, WINDOW);
    if (*best_us == 0 || median_us < *best_us)
        *best_us = median_us;
    if (rate > *best_rate)
        *best_rate = rate;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    const int linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close(socket);
    zmq_ctx_term(context);
}

int main(void)
{
    double best_us = 0;
    double best_rate = 0;
    char endpoint[64];
    zmq_curve_keypair(server_public, server_secret);
    zmq_curve_keypair(client_public, client_secret);
    for (int again = 0; again < 2; again++) {
        snprintf(endpoint, sizeof endpoint, "ipc:///tmp/dayways-echo-%d-%d", getpid(), again);
        measure(endpoint, &best_us, &best_rate);
        unlink(endpoint + 6);
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", 15000 + getpid() % 900 + again);
        measure(endpoint, &best_us, &best_rate);
    }
    bench_report("echo_p50", best_us, "us", 0, NULL);
    bench_report("echo_rate", best_rate, "answers/s", 0, NULL);
    return 0;
}
