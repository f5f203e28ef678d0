/* Children of `dayways up`: started, watched and stopped with fork, exec and signals alone. */
#include "services/cli/up.h"

#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_LINES = 5, LOOK_MS = 20 };

static void fill_signals(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGINT);
    sigaddset(ret_signals, SIGTERM);
    sigaddset(ret_signals, SIGHUP);
    sigaddset(ret_signals, SIGCHLD);
}

void up_block_signals(void)
{
    sigset_t signals;
    fill_signals(&signals);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

int up_wait_signal(int64_t within_ms)
{
    sigset_t signals;
    const struct timespec patience = {.tv_sec = within_ms / 1000,
                                      .tv_nsec = within_ms % 1000 * 1000000};
    fill_signals(&signals);
    const int number = sigtimedwait(&signals, NULL, &patience);
    return number < 0 ? 0 : number;
}

void process_argument(struct process *process, const char *text)
{
    const size_t at = process->arguments_count++;
    (void)text_format(process->texts[at], CLI_PATH_SIZE, "%s", text);
}

/* In the child. A daemon must not hear the terminal's Ctrl-C: it is stopped in order by its parent, and with it. */
static void become(struct process *process)
{
    sigset_t none;
    const int log = open(process->log, O_WRONLY | O_CREAT | O_APPEND, 0640);
    const int nothing = open("/dev/null", O_RDONLY);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)dup2(nothing, STDIN_FILENO);
    if (process->log[0] != '\0') {
        (void)dup2(log, STDOUT_FILENO);
        (void)dup2(log, STDERR_FILENO);
    }
    for (size_t at = 0; at < process->arguments_count; at++)
        process->arguments[at] = process->texts[at];
    process->arguments[process->arguments_count] = NULL;
    execvp(process->arguments[0], process->arguments);
    _exit(127);
}

int process_start(struct process *process)
{
    fflush(NULL);
    process->start_boot_ms = loop_boot_ms_now();
    process->pid = fork();
    if (process->pid == 0)
        become(process);
    if (process->pid > 0)
        return 0;
    process->pid = 0;
    return -errno;
}

bool process_has_ended(struct process *process, int *ret_status)
{
    if (process->pid == 0 || waitpid(process->pid, ret_status, WNOHANG) != process->pid)
        return false;
    process->pid = 0;
    return true;
}

void process_stop(struct process *process, int64_t patience_ms)
{
    int status;
    const int64_t until_ms = loop_boot_ms_now() + patience_ms;
    if (process->pid == 0)
        return;
    (void)kill(process->pid, SIGTERM);
    while (!process_has_ended(process, &status)) {
        if (loop_boot_ms_now() > until_ms) {
            (void)kill(process->pid, SIGKILL);
            (void)waitpid(process->pid, &status, 0);
            process->pid = 0;
            return;
        }
        (void)up_wait_signal(LOOK_MS);
    }
}

void process_show_log(const struct process *process)
{
    struct buffer text = {0};
    if (cli_read(process->log, &text) == 0) {
        size_t from = text.len;
        for (int lines = 0; from > 0 && lines <= SHOWN_LINES; from--)
            lines += text.bytes[from - 1] == '\n';
        fwrite(text.bytes + from, 1, text.len - from, stderr);
    }
    buffer_free(&text);
}

/* A connection to the socket, or -1 when nobody listens. Never waits for longer than a second. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 1};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (text_format(address.sun_path, sizeof address.sun_path, "%s", path) < 0 ||
        (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 && errno != EAGAIN)) {
        close(fd);
        return -1;
    }
    return fd;
}

enum up_answer up_redis_answers(const char *path)
{
    char answer[64] = "";
    const int fd = connect_to(path);
    if (fd < 0)
        return UP_NOBODY;
    if (send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6) {
        const ssize_t count = read(fd, answer, sizeof answer - 1);
        answer[count > 0 ? count : 0] = '\0';
    }
    close(fd);
    return strncmp(answer, "+PONG", 5) == 0 ? UP_REDIS : UP_STRANGER;
}

bool up_is_taken(const char *path)
{
    const int fd = connect_to(path);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}
