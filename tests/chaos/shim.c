/* Loaded in front of libc into daemons and Redis (LD_PRELOAD): their wall clock steps and their disk is slow when the rig
 * says so. With -DSHIM_MALLOC their memory runs out, too: for daemons only, since Redis brings an allocator of its own.
 * Knows only the mapped file of control.h. */
#include "tests/chaos/control.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct control *control;
static struct control_process *self;
static int (*real_clock_gettime)(clockid_t clock, struct timespec *ret_now);
static int (*real_fsync)(int fd);
static int (*real_fdatasync)(int fd);

/* dlsym gives an object pointer, which ISO C does not turn into a function's. */
static void find(const char *name, void *ret_function)
{
    *(void **)ret_function = dlsym(RTLD_NEXT, name);
}

static void find_all(void)
{
    find("clock_gettime", (void *)&real_clock_gettime);
    find("fsync", (void *)&real_fsync);
    find("fdatasync", (void *)&real_fdatasync);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv(CONTROL_FILE);
    const char *number = getenv(CONTROL_PROCESS);
    find_all();
    const int fd = path == NULL || number == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        return;
    self = &((struct control *)mapped)->processes[strtoul(number, NULL, 10) % CONTROL_PROCESSES];
    control = mapped;
}

/* --- the wall clock -------------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    if (real_clock_gettime == NULL)
        find_all();
    const int result = real_clock_gettime(clock, ret_now);
    if (result != 0 || self == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return result;
    const int64_t ns =
        ret_now->tv_sec * INT64_C(1000000000) + ret_now->tv_nsec + self->wall_ms * INT64_C(1000000);
    *ret_now = (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    return 0;
}

int gettimeofday(struct timeval *restrict ret_now, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *ret_now = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret_now)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now != NULL)
        *ret_now = now.tv_sec;
    return now.tv_sec;
}

/* --- the disk ---------------------------------------------------------------------------------------------------------- */

static void be_slow(void)
{
    const int64_t us = self == NULL ? 0 : self->fsync_us;
    const struct timespec wait = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    if (us > 0)
        nanosleep(&wait, NULL);
}

int fsync(int fd)
{
    be_slow();
    return real_fsync(fd);
}

int fdatasync(int fd)
{
    be_slow();
    return real_fdatasync(fd);
}

/* --- memory ------------------------------------------------------------------------------------------------------------ */

#ifdef SHIM_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static _Atomic uint64_t allocations;

static int runs_out(void)
{
    const uint32_t one_in = self == NULL ? 0 : self->malloc_one_in;
    if (one_in == 0)
        return 0;
    const uint64_t mixed = ++allocations * UINT64_C(0x9e3779b97f4a7c15);
    if ((uint32_t)(mixed >> 32) % one_in != 0)
        return 0;
    control->failed_allocations++;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return runs_out() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return runs_out() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return runs_out() ? NULL : __libc_realloc(memory, size);
}
#endif
