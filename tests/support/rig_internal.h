/* What the files of the rig share. Nobody else includes this. */
#ifndef DAYWAYS_TESTS_SUPPORT_RIG_INTERNAL_H
#define DAYWAYS_TESTS_SUPPORT_RIG_INTERNAL_H

#include "tests/support/rig.h"

enum { PATH_SIZE = 512, INSTANCES = 2, PAUSE_MS = 5 };

struct process {
    char service[32];
    size_t instance;
    pid_t pid; /* 0: not running */
};

struct rig {
    char folder[PATH_SIZE];
    char keys[PATH_SIZE];
    char data[PATH_SIZE]; /* Redis' folder */
    char conf[PATH_SIZE];
    char socket[PATH_SIZE];
    const char *model;
    uint16_t admin_base;
    struct process daemons[RIG_DAEMONS_MAX];
    pid_t redis;
    void (*prepare)(void *context, const char *service, size_t instance); /* or NULL */
    void *prepare_context;
    pid_t second_redis; /* of the second council */
};

/* In a child: its output goes to a file of the rig. */
void rig_redirect(const struct rig *rig, const char *name);
int64_t rig_now_ms(void);
/* Starts a Redis that writes to data and listens at socket, and waits until it answers. */
pid_t rig_redis_fork(const struct rig *rig, const char *data, const char *socket);
void rig_redis_wait(pid_t redis, const char *socket);

#endif
