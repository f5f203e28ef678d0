/* A whole system for a test: a private Redis and real daemons in a folder of its own, and what a test may do to them. Every
 * wait is for a condition with a deadline; a rig that cannot be had fails the test. */
#ifndef DAYWAYS_TESTS_SUPPORT_RIG_H
#define DAYWAYS_TESTS_SUPPORT_RIG_H

#include "common/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { RIG_DAEMONS_MAX = 16, RIG_WAIT_MS = 20000 };

struct rig;

/* Makes folder, keys (one a service; broker, operator, provider, social-worker), configuration and Redis. model: a file. */
struct rig *rig_create(const char *model);
/* Ends whatever still runs and removes the folder. */
void rig_destroy(struct rig **rig);

const char *rig_folder(const struct rig *rig);
const char *rig_keys(const struct rig *rig);
/* Where Redis writes. */
const char *rig_data(const struct rig *rig);
extern const char rig_authority[];

/* A second council in every daemon started from now on, with a Redis of its own that runs as long as the rig. */
void rig_add_council(struct rig *rig);
extern const char rig_second_authority[];

/* Starts instance 0 (or another) of a service; crash_at NULL, or "decided:3". Waits until it answers. */
void rig_start(struct rig *rig, const char *service);
void rig_start_instance(struct rig *rig, const char *service, size_t instance, const char *crash_at,
                        bool wait);
void rig_wait_ready(struct rig *rig, const char *service, size_t instance);

/* Called in the child before each program of the system is started, "redis" among them: it may change the environment. */
void rig_before_start(struct rig *rig,
                      void (*prepare)(void *context, const char *service, size_t instance),
                      void *context);

/* 0: it does not run. service NULL: Redis. */
pid_t rig_pid(const struct rig *rig, const char *service, size_t instance);

/* Sends a signal to it; with SIGKILL and SIGTERM also waits for its end and returns the wait status. */
int rig_signal(struct rig *rig, const char *service, size_t instance, int number);
/* True when the process has ended by itself. */
bool rig_has_ended(struct rig *rig, const char *service, size_t instance);
bool rig_is_running(const struct rig *rig, const char *service, size_t instance);

/* Waits until a line of the daemon's log holds the text. */
void rig_wait_log(struct rig *rig, const char *service, size_t instance, const char *text);

void rig_redis_start(struct rig *rig);
/* The same, waiting for nothing. */
void rig_redis_launch(struct rig *rig);
/* True when it has ended by itself, or was never started. */
bool rig_redis_has_ended(struct rig *rig);
/* Starts it where it may not start: 0 when it answers, else its wait status. */
int rig_redis_try(struct rig *rig);
void rig_redis_signal(struct rig *rig, int number);
/* Runs one command by redis-cli and returns what it prints (static memory). */
const char *rig_redis(struct rig *rig, const char *command);

/* dayways-SERVICE --verify: 0 equal, 1 different. */
int rig_verify(struct rig *rig, const char *service);
int rig_verify_council(struct rig *rig, const char *service, const char *authority);

/* GET on the daemon's admin address: the status code, 0 when nothing listens. */
int rig_http(struct rig *rig, const char *service, size_t instance, const char *path,
             char *ret_body, size_t size);

/* A client with that key, connected to every service started or to be started. */
struct client *rig_client(struct rig *rig, const char *name);

/* Asks and waits; fails the test unless the answer has this type. Returns the body (static memory until the next call). */
struct packed rig_ask(struct client *client, const char *service, const ProtobufCMessage *message,
                      const char *expected_type);
/* The same, for a refusal or failure by name: "NO_PLACE_LEFT", "INVALID". */
void rig_ask_refused(struct client *client, const char *service, const ProtobufCMessage *message,
                     const char *expected_code);

/* Memory resident (0: it has just ended), and processor time used so far, of a daemon; service NULL: of Redis. */
long rig_resident_kib(const struct rig *rig, const char *service, size_t instance);
long rig_processor_ms(const struct rig *rig, const char *service, size_t instance);

/* The first of a run of 16 ports, a multiple of 16, that nobody listens on. */
uint16_t rig_free_ports(void);

/* Between two looks at a condition. */
void rig_pause_ms(long ms);

/* The services of the system, in start order. */
extern const char *const rig_services[];

#endif
