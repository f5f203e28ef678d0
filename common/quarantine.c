/* The mapped file of commands under decision: see quarantine.h. */
#include "common/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SUSPECTS_MAX = 64, DEATHS_MAX = 2 };

struct suspect {
    struct id command_id;
    uint32_t deaths;
};

/* The file, as it lies in memory. */
struct quarantine_file {
    struct id deciding; /* zero: nothing */
    struct suspect suspects[SUSPECTS_MAX];
    uint32_t next; /* place of the next suspect, going round */
};

struct quarantine {
    struct quarantine_file *file;
};

static struct suspect *find_suspect(struct quarantine_file *file, const struct id *command_id)
{
    for (size_t at = 0; at < SUSPECTS_MAX; at++)
        if (id_equal(&file->suspects[at].command_id, command_id))
            return &file->suspects[at];
    return NULL;
}

static void count_death(struct quarantine_file *file)
{
    struct suspect *suspect = find_suspect(file, &file->deciding);
    if (suspect == NULL) {
        suspect = &file->suspects[file->next % SUSPECTS_MAX];
        file->next = (file->next + 1) % SUSPECTS_MAX;
        *suspect = (struct suspect){.command_id = file->deciding};
    }
    suspect->deaths++;
    file->deciding = (struct id){0};
}

int quarantine_open(const char *path, struct quarantine **ret_quarantine)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    struct quarantine *quarantine = calloc(1, sizeof *quarantine);
    int result = quarantine == NULL ? -ENOMEM : 0;
    if (result == 0 && ftruncate(fd, sizeof(struct quarantine_file)) < 0)
        result = -errno;
    void *mapped = MAP_FAILED;
    if (result == 0)
        mapped =
            mmap(NULL, sizeof(struct quarantine_file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (result == 0 && mapped == MAP_FAILED)
        result = -errno;
    close(fd);
    if (result < 0) {
        free(quarantine);
        return result;
    }
    quarantine->file = mapped;
    if (!id_is_zero(&quarantine->file->deciding))
        count_death(quarantine->file);
    *ret_quarantine = quarantine;
    return 0;
}

void quarantine_close(struct quarantine **quarantine)
{
    if (*quarantine == NULL)
        return;
    munmap((*quarantine)->file, sizeof(struct quarantine_file));
    free(*quarantine);
    *quarantine = NULL;
}

bool quarantine_has(const struct quarantine *quarantine, const struct id *command_id)
{
    const struct suspect *suspect = find_suspect(quarantine->file, command_id);
    return suspect != NULL && suspect->deaths >= DEATHS_MAX;
}

void quarantine_begin(struct quarantine *quarantine, const struct id *command_id)
{
    quarantine->file->deciding = *command_id;
}

void quarantine_end(struct quarantine *quarantine)
{
    quarantine->file->deciding = (struct id){0};
}
