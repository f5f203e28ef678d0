/* What must be there before anything starts: folders, keys, digest keys, and a lock that keeps a second `dayways up` away. */
#include "services/cli/up.h"

#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { AUTHORITIES_MAX = 500, DIGEST_KEY_SIZE = 32, DISK_MIN_MB = 64 };

/* People and programs that get a key at the first start, beside one for each service. */
static const char *const first_roles[] = {"operator",
                                          "broker",
                                          "social-worker",
                                          "commissioner",
                                          "quality-officer",
                                          "approver",
                                          "finance-officer",
                                          "safeguarding-lead",
                                          "data-protection-officer",
                                          NULL};

static int fail_path(const char *path, int error)
{
    return cli_fail(EXIT_CODE_UNAVAILABLE, "%s: %s", path, strerror(error));
}

/* Makes the folder and those above it. */
static int make_folder(const char *path)
{
    char part[CLI_PATH_SIZE];
    for (size_t at = 1;; at++) {
        if (path[at] != '/' && path[at] != '\0')
            continue;
        (void)text_copy(part, sizeof part, path, at);
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return fail_path(part, errno);
        if (path[at] == '\0')
            return EXIT_CODE_OK;
    }
}

static int make_folder_of(const char *path)
{
    char folder[CLI_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return EXIT_CODE_OK;
    (void)text_copy(folder, sizeof folder, path, (size_t)(slash - path));
    return make_folder(folder);
}

static void remove_inside(const char *folder, const char *kept)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char path[CLI_PATH_SIZE];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            (kept != NULL && strcmp(entry->d_name, kept) == 0))
            continue;
        if (text_format(path, sizeof path, "%s/%s", folder, entry->d_name) < 0 ||
            lstat(path, &status) < 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            remove_inside(path, NULL);
            (void)rmdir(path);
        } else {
            (void)unlink(path);
        }
    }
    if (directory != NULL)
        closedir(directory);
}

/* The lock's descriptor stays open as long as the process lives. */
static int take_lock(const struct up *up)
{
    char path[CLI_PATH_SIZE];
    (void)text_format(path, sizeof path, "%s/up.lock", up->base);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_path(path, errno);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return cli_fail(EXIT_CODE_UNAVAILABLE,
                        "another dayways up runs on %s already; stop it first", up->base);
    }
    return EXIT_CODE_OK;
}

static int check_disk(const struct up *up)
{
    struct statvfs disk;
    if (statvfs(up->base, &disk) < 0)
        return fail_path(up->base, errno);
    if (disk.f_bavail * disk.f_frsize < (uint64_t)DISK_MIN_MB * 1024 * 1024)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the disk of %s has less than %d MB left", up->base,
                        DISK_MIN_MB);
    return EXIT_CODE_OK;
}

static int make_key(const char *directory, const char *name, const char *role)
{
    char path[CLI_PATH_SIZE];
    (void)text_format(path, sizeof path, "%s/%s.key", directory, name);
    if (access(path, R_OK) == 0)
        return EXIT_CODE_OK;
    const int result = key_pair_create(directory, name, role_from_text(role), "*", NULL);
    return result < 0 ? fail_path(path, -result) : EXIT_CODE_OK;
}

static int make_keys(struct up *up)
{
    const char *directory = conf_text(up->cli->conf, "dayways", "keys_directory");
    int code = make_folder(directory);
    for (size_t at = 0; code == EXIT_CODE_OK && cli_services[at] != NULL; at++)
        code = make_key(directory, cli_services[at], "service");
    for (size_t at = 0; code == EXIT_CODE_OK && first_roles[at] != NULL; at++)
        code = make_key(directory, first_roles[at], first_roles[at]);
    return code;
}

static int make_digest_key(const char *path)
{
    uint8_t key[DIGEST_KEY_SIZE];
    char text[DIGEST_KEY_SIZE * 2 + 2];
    if (access(path, R_OK) == 0)
        return EXIT_CODE_OK;
    const int code = make_folder_of(path);
    if (code != EXIT_CODE_OK)
        return code;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_path(path, errno);
    randombytes_buf(key, sizeof key);
    text_to_hex(key, sizeof key, text);
    text[sizeof text - 2] = '\n';
    const ssize_t written = write(fd, text, sizeof text - 1);
    const bool good = written == (ssize_t)sizeof text - 1 && fsync(fd) == 0;
    close(fd);
    return good ? EXIT_CODE_OK : fail_path(path, EIO);
}

static int make_digest_keys(struct up *up)
{
    static const char *names[AUTHORITIES_MAX];
    const size_t count = conf_sections(up->cli->conf, "authority", names, AUTHORITIES_MAX);
    int code = EXIT_CODE_OK;
    for (size_t at = 0; at < count && at < AUTHORITIES_MAX && code == EXIT_CODE_OK; at++) {
        char section[64];
        (void)text_format(section, sizeof section, "authority %s", names[at]);
        const char *path = conf_text(up->cli->conf, section, "digest_key");
        if (path == NULL)
            return cli_fail(EXIT_CODE_CONFIG, "[%s] needs a digest_key", section);
        code = make_digest_key(path);
    }
    return code;
}

/* Nobody may be where our Redis will be. */
static int check_redis(const char *path)
{
    switch (up_redis_answers(path)) {
    case UP_NOBODY:
        return EXIT_CODE_OK;
    case UP_REDIS:
        return cli_fail(EXIT_CODE_UNAVAILABLE, "another Redis answers at %s; stop it first", path);
    case UP_STRANGER:
        break;
    }
    return cli_fail(EXIT_CODE_UNAVAILABLE,
                    "another program holds %s and does not answer as Redis does; stop it first",
                    path);
}

int up_prepare(struct up *up, bool reset)
{
    char path[CLI_PATH_SIZE];
    const char *run = conf_text(up->cli->conf, "dayways", "run_directory");
    if (sodium_init() < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the cryptography library does not start");
    int code = make_folder(up->base);
    if (code == EXIT_CODE_OK)
        code = take_lock(up);
    if (code == EXIT_CODE_OK && up->redis[0] != '\0')
        code = check_redis(up->redis);
    if (code == EXIT_CODE_OK && reset)
        remove_inside(up->base, "up.lock");
    if (code == EXIT_CODE_OK)
        code = make_folder(run);
    if (code == EXIT_CODE_OK)
        code = check_disk(up);
    (void)text_format(path, sizeof path, "%s/log", up->base);
    if (code == EXIT_CODE_OK)
        code = make_folder(path);
    if (code == EXIT_CODE_OK && up->redis[0] != '\0')
        code = make_folder_of(up->redis);
    if (code == EXIT_CODE_OK)
        code = make_keys(up);
    return code == EXIT_CODE_OK ? make_digest_keys(up) : code;
}
