/* The limit of descriptors: see descriptors.h. */
#include "common/descriptors.h"

#include "common/log.h"
#include "common/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TOLD_MS = 60 * 1000 }; /* without any closed: the next one is another occurrence */

static atomic_size_t refused;
static atomic_int first_kept = INT32_MAX;

void descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    const int max = (int)limit.rlim_cur;
    atomic_store(&first_kept, max - (max / 4 < DESCRIPTORS_KEPT ? max / 4 : DESCRIPTORS_KEPT));
}

size_t descriptors_refused(void)
{
    return atomic_load(&refused);
}

/* A new descriptor has the lowest free number, so the highest ones are the last. The main thread accepts for operations. */
int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict len, int flags)
{
    const int accepted = (int)syscall(SYS_accept4, fd, address.__sockaddr__, len, flags);
    if (gettid() == getpid() || (accepted >= 0 && accepted < atomic_load(&first_kept)))
        return accepted;
    if (accepted >= 0) {
        close(accepted);
        atomic_fetch_add(&refused, 1);
    }
    if (accepted >= 0 || errno == EMFILE || errno == ENOBUFS || errno == ENOMEM)
        errno = ECONNABORTED;
    return -1;
}

bool descriptors_turn(void *context)
{
    static size_t seen;
    static int64_t seen_boot_ms;
    const size_t now = descriptors_refused();
    if (now == seen)
        return false;
    const int64_t now_ms = loop_now(context).boot_ms;
    if (seen == 0 || now_ms - seen_boot_ms >= TOLD_MS)
        log_error(CODE_DESCRIPTORS_SHORT, NULL,
                  "%zu connections were closed as soon as they came; those that are there go on",
                  now - seen);
    seen = now;
    seen_boot_ms = now_ms;
    return false;
}
