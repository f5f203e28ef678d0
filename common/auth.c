/* Keys and roles: see auth.h. Knows files and names, no sockets: the bus asks it for every new connection. */
#include "common/auth.h"

#include "common/bus.h"
#include "common/table.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope.pb-c.h"

enum { ALLOWED_MAX = 4096, LINE_SIZE = 512 };

struct auth {
    struct allowed_key *keys;
    size_t count;
};

int role_from_text(const char *text)
{
    char name[64];
    if (text_format(name, sizeof name, "ROLE_%s", text) < 0)
        return 0;
    for (char *at = name; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
        if (*at == '-' || *at == ' ')
            *at = '_';
    }
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(&dw__role__descriptor, name);
    return value == NULL ? 0 : value->value;
}

const char *role_to_text(int role)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&dw__role__descriptor, role);
    return value == NULL ? "?" : value->name + strlen("ROLE_");
}

/* The line's fields, cut in place. Returns how many (at most max). */
static size_t split_fields(char *line, char **ret_fields, size_t max)
{
    size_t count = 0;
    char *rest = NULL;
    for (char *field = strtok_r(line, " \t\r\n", &rest); field != NULL && count < max;
         field = strtok_r(NULL, " \t\r\n", &rest))
        ret_fields[count++] = field;
    return count;
}

static const char *parse_line(char *line, struct allowed_key *ret_key)
{
    char *fields[6];
    const size_t count = split_fields(line, fields, 6);
    if (count < 4 || count > 5)
        return "a line is: public key, name, role, authorities and, for providers, their id";
    if (strlen(fields[0]) != KEY_TEXT_SIZE - 1)
        return "a public key is 40 characters of Z85";
    *ret_key = (struct allowed_key){.role = role_from_text(fields[2])};
    if (ret_key->role == 0)
        return "there is no such role";
    if (text_format(ret_key->public_key, sizeof ret_key->public_key, "%s", fields[0]) < 0 ||
        text_format(ret_key->name, sizeof ret_key->name, "%s", fields[1]) < 0 ||
        text_format(ret_key->authorities, sizeof ret_key->authorities, "%s", fields[3]) < 0)
        return "the name or the list of authorities is too long";
    if (count == 5 && id_from_text(fields[4], &ret_key->provider_id) < 0)
        return "the provider's id is a UUID";
    const bool of_provider = ret_key->role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
                             ret_key->role == DW__ROLE__ROLE_REGISTER_TAKER;
    if (of_provider != (count == 5))
        return "a provider's key, and no other, names its provider";
    return NULL;
}

static int read_lines(FILE *file, struct auth *auth, char *ret_error, size_t error_size)
{
    char line[LINE_SIZE];
    for (size_t number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
            continue;
        if (auth->count == ALLOWED_MAX) {
            (void)text_format(ret_error, error_size, "more than %d keys", ALLOWED_MAX);
            return -EINVAL;
        }
        const char *wrong = parse_line(line, &auth->keys[auth->count]);
        if (wrong != NULL) {
            (void)text_format(ret_error, error_size, "allowed, line %zu: %s", number, wrong);
            return -EINVAL;
        }
        auth->count++;
    }
    return 0;
}

int auth_load(const char *directory, struct auth **ret_auth, char *ret_error, size_t error_size)
{
    char path[4096];
    if (text_format(path, sizeof path, "%s/allowed", directory) < 0)
        return -ENAMETOOLONG;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        const int error = errno;
        (void)text_format(ret_error, error_size, "%s: %s", path, strerror(error));
        return -error;
    }
    struct auth *auth = calloc(1, sizeof *auth);
    if (auth != NULL)
        auth->keys = calloc(ALLOWED_MAX, sizeof auth->keys[0]);
    int result = auth == NULL || auth->keys == NULL ? -ENOMEM
                                                    : read_lines(file, auth, ret_error, error_size);
    fclose(file);
    if (result < 0)
        auth_destroy(&auth);
    else
        *ret_auth = auth;
    return result;
}

void auth_destroy(struct auth **auth)
{
    if (*auth == NULL)
        return;
    free((*auth)->keys);
    free(*auth);
    *auth = NULL;
}

const struct allowed_key *auth_by_key(const struct auth *auth, const char *public_key)
{
    for (size_t at = 0; at < auth->count; at++)
        if (strcmp(auth->keys[at].public_key, public_key) == 0)
            return &auth->keys[at];
    return NULL;
}

const struct allowed_key *auth_by_name(const struct auth *auth, const char *name)
{
    for (size_t at = 0; at < auth->count; at++)
        if (strcmp(auth->keys[at].name, name) == 0)
            return &auth->keys[at];
    return NULL;
}

bool allowed_for_authority(const struct allowed_key *key, const char *authority)
{
    if (strcmp(key->authorities, "*") == 0)
        return true;
    const size_t len = strlen(authority);
    for (const char *at = key->authorities; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, authority, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return false;
}

int key_pair_load(const char *directory, const char *name, struct key_pair *ret_pair)
{
    char path[4096];
    if (text_format(path, sizeof path, "%s/%s.key", directory, name) < 0)
        return -ENAMETOOLONG;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    struct key_pair pair;
    const int count = fscanf(file, "%40s %40s", pair.public_key, pair.secret_key);
    fclose(file);
    if (count != 2 || strlen(pair.public_key) != 40 || strlen(pair.secret_key) != 40)
        return -EINVAL;
    *ret_pair = pair;
    return 0;
}

static int write_file(const char *path, mode_t mode, const void *bytes, size_t len)
{
    char temporary[4096];
    if (text_format(temporary, sizeof temporary, "%s.new", path) < 0)
        return -ENAMETOOLONG;
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    const ssize_t written = write(fd, bytes, len);
    const int error = written == (ssize_t)len && fsync(fd) == 0 ? 0 : -EIO;
    close(fd);
    if (error == 0 && rename(temporary, path) == 0)
        return 0;
    unlink(temporary);
    return error == 0 ? -errno : error;
}

/* Copies DIRECTORY/allowed without the name's line; true in *ret_found when it had one. */
static int copy_without(const char *path, const char *name, struct buffer *ret_lines,
                        bool *ret_found)
{
    *ret_found = false;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? 0 : -errno;
    char line[LINE_SIZE];
    while (fgets(line, sizeof line, file) != NULL) {
        char copy[LINE_SIZE];
        memcpy(copy, line, sizeof copy);
        char *fields[2];
        if (split_fields(copy, fields, 2) == 2 && strcmp(fields[1], name) == 0)
            *ret_found = true;
        else
            buffer_append(ret_lines, line, strlen(line));
    }
    fclose(file);
    return 0;
}

int key_pair_create(const char *directory, const char *name, int role, const char *authorities,
                    const struct id *provider_id)
{
    struct key_pair pair;
    char path[4096];
    char text[LINE_SIZE];
    if (bus_make_keys(&pair) < 0)
        return -ENOTSUP;
    if (text_format(path, sizeof path, "%s/%s.key", directory, name) < 0 ||
        text_format(text, sizeof text, "%s\n%s\n", pair.public_key, pair.secret_key) < 0)
        return -ENAMETOOLONG;
    int result = write_file(path, 0600, text, strlen(text));
    if (result < 0)
        return result;
    char provider[ID_TEXT_SIZE] = "";
    if (provider_id != NULL && !id_is_zero(provider_id))
        id_to_text(provider_id, provider);
    struct buffer lines = {0};
    bool found;
    if (text_format(path, sizeof path, "%s/allowed", directory) < 0 ||
        text_format(text, sizeof text, "%s %s %s %s%s%s\n", pair.public_key, name,
                    role_to_text(role), authorities, provider[0] == '\0' ? "" : " ", provider) < 0)
        result = -ENAMETOOLONG;
    if (result == 0)
        result = copy_without(path, name, &lines, &found);
    if (result == 0) {
        buffer_append(&lines, text, strlen(text));
        result = write_file(path, 0644, lines.bytes, lines.len);
    }
    buffer_free(&lines);
    return result;
}

int key_revoke(const char *directory, const char *name)
{
    char path[4096];
    if (text_format(path, sizeof path, "%s/allowed", directory) < 0)
        return -ENAMETOOLONG;
    struct buffer lines = {0};
    bool found;
    int result = copy_without(path, name, &lines, &found);
    if (result == 0)
        result = found ? write_file(path, 0644, lines.bytes, lines.len) : -ENOENT;
    buffer_free(&lines);
    return result;
}
