/* The rig's own network: see chaos.h. Nothing leaves it: both namespaces are new, and a cable joins them to each other only. */
#include "tests/chaos/chaos.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/text.h"

static pid_t holder; /* a process that lives at the far end, and does nothing */

int run_program(const char *const *arguments)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    (void)waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void must(const char *const *arguments)
{
    if (run_program(arguments) != 0) {
        fprintf(stderr, "chaos: %s %s failed; it needs root and iproute2\n", arguments[0],
                arguments[1]);
        exit(EXIT_FAILURE);
    }
}

static void hold(int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET) != 0 || write(ready, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

void network_begin(void)
{
    int ends[2];
    char byte;
    char number[16];
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || pipe(ends) != 0) {
        perror("chaos: namespaces of its own (only root may)");
        exit(EXIT_FAILURE);
    }
    holder = fork();
    if (holder == 0)
        hold(ends[1]);
    (void)close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        exit(EXIT_FAILURE);
    (void)close(ends[0]);
    (void)text_format(number, sizeof number, "%d", (int)holder);
#define DO(...) must((const char *const[]){__VA_ARGS__, NULL})
    DO("ip", "link", "set", "lo", "up");
    DO("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", number);
    DO("ip", "addr", "add", "10.177.0.1/30", "dev", "near");
    DO("ip", "link", "set", "near", "up");
    DO("nsenter", "-t", number, "-n", "ip", "link", "set", "lo", "up");
    DO("nsenter", "-t", number, "-n", "ip", "addr", "add", NETWORK_FAR_ADDRESS "/30", "dev", "far");
    DO("nsenter", "-t", number, "-n", "ip", "link", "set", "far", "up");
#undef DO
}

void network_end(void)
{
    (void)kill(holder, SIGKILL);
    (void)waitpid(holder, NULL, 0);
}

void network_go_far(void)
{
    char path[64];
    (void)text_format(path, sizeof path, "/proc/%d/ns/net", (int)holder);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
        _exit(127);
    (void)close(fd);
}

void network_set_cable(bool up)
{
    must((const char *const[]){"ip", "link", "set", "near", up ? "up" : "down", NULL});
}
