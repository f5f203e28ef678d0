/* See memory_file.h. */
#include "tests/support/memory_file.h"

#include <assert.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

const char *memory_file(const void *bytes, size_t len)
{
    static int fd = -1;
    static char path[32];
    if (fd < 0) {
        fd = memfd_create("dayways", MFD_CLOEXEC);
        assert(fd >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    const bool is_written = ftruncate(fd, 0) == 0 && pwrite(fd, bytes, len, 0) == (ssize_t)len;
    assert(is_written);
    return path;
}

FILE *memory_file_out(void)
{
    static FILE *file;
    if (file == NULL)
        file = fopen("/dev/null", "we");
    assert(file != NULL);
    return file;
}
