/* The rig's private Redis. */
#include "tests/support/rig_internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"

static bool redis_answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[64] = "";
    (void)text_format(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (connected && write(fd, "PING\r\n", 6) == 6) {
        const ssize_t count = read(fd, answer, sizeof answer - 1);
        answer[count > 0 ? count : 0] = '\0';
    }
    close(fd);
    return strncmp(answer, "+PONG", 5) == 0;
}

pid_t rig_redis_fork(const struct rig *rig, const char *data, const char *socket_path)
{
    const pid_t redis = fork();
    assert_true(redis >= 0);
    if (redis == 0) {
        rig_redirect(rig, "redis.log");
        if (rig->prepare != NULL)
            rig->prepare(rig->prepare_context, "redis", 0);
        execl("deploy/redis-start", "redis-start", data, "deploy/redis.conf", "--unixsocket",
              socket_path, NULL);
        _exit(127);
    }
    return redis;
}

void rig_redis_wait(pid_t redis, const char *socket_path)
{
    const int64_t until_ms = rig_now_ms() + RIG_WAIT_MS;
    while (!redis_answers(socket_path)) {
        if (rig_now_ms() > until_ms || waitpid(redis, NULL, WNOHANG) != 0)
            fail_msg("redis-server did not start; it is needed, see deploy/install-deps");
        rig_pause_ms(PAUSE_MS);
    }
}

void rig_redis_launch(struct rig *rig)
{
    rig->redis = rig_redis_fork(rig, rig->data, rig->socket);
}

bool rig_redis_has_ended(struct rig *rig)
{
    if (rig->redis != 0 && waitpid(rig->redis, NULL, WNOHANG) == rig->redis)
        rig->redis = 0;
    return rig->redis == 0;
}

int rig_redis_try(struct rig *rig)
{
    int status;
    const int64_t until_ms = rig_now_ms() + RIG_WAIT_MS;
    rig_redis_launch(rig);
    while (waitpid(rig->redis, &status, WNOHANG) == 0) {
        if (redis_answers(rig->socket))
            return 0;
        if (rig_now_ms() > until_ms)
            fail_msg("redis-server neither answers nor ends");
        rig_pause_ms(PAUSE_MS);
    }
    rig->redis = 0;
    return status;
}

void rig_redis_start(struct rig *rig)
{
    rig_redis_launch(rig);
    rig_redis_wait(rig->redis, rig->socket);
}

void rig_redis_signal(struct rig *rig, int number)
{
    kill(rig->redis, number);
    if (number == SIGKILL || number == SIGTERM) {
        waitpid(rig->redis, NULL, 0);
        rig->redis = 0;
    }
}

const char *rig_redis(struct rig *rig, const char *command)
{
    static char output[65536];
    char line[1024];
    (void)text_format(line, sizeof line, "redis-cli -s %s %s", rig->socket, command);
    FILE *pipe = popen(line, "re");
    assert_non_null(pipe);
    const size_t count = fread(output, 1, sizeof output - 1, pipe);
    output[count] = '\0';
    pclose(pipe);
    return output;
}
