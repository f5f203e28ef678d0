/* The configuration. The only user of the INI library. Implements common/conf.h. */
#include "common/conf.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

enum {
    SETTINGS_MAX = 4096, /* 500 authorities with eight keys each */
    NAME_SIZE =
        128, /* of a section and of an environment variable; names of authorities have at most 32 */
};

enum conf_kind { CONF_TEXT, CONF_PATH, CONF_ENDPOINTS, CONF_LIST };

/* section: "dayways", "authority *" for each council, "*" for each daemon. */
static const struct known_key {
    const char *section;
    const char *key;
    const char *default_value;
    enum conf_kind kind;
    bool is_secret;
    const char *help;
} known_keys[] = {
    {"dayways", "log_level", "info", CONF_TEXT, false, "error, warn, info or debug"},
    {"dayways", "log_format", "auto", CONF_TEXT, false, "auto, logfmt or json"},
    {"dayways", "run_directory", "var/run", CONF_PATH, false, "folder of sockets and locks"},
    {"dayways", "keys_directory", "var/keys", CONF_PATH, false, "folder of CURVE keys"},
    {"authority *", "model", NULL, CONF_PATH, false, "file of the commissioning model"},
    {"authority *", "redis", NULL, CONF_TEXT, false, "path of a Unix socket, or host:port"},
    {"authority *", "redis_password", NULL, CONF_TEXT, true, "password of that Redis"},
    {"authority *", "digest_key", NULL, CONF_PATH, false, "file of the journal's digest key"},
    {"*", "router", NULL, CONF_ENDPOINTS, false,
     "endpoints for commands and queries, one a daemon of the service"},
    {"*", "publish", NULL, CONF_ENDPOINTS, false,
     "endpoints for events, one a daemon of the service"},
    {"*", "admin", NULL, CONF_LIST, false,
     "host:port for health and metrics, one a daemon of the service"},
    {"*", "authorities", "*", CONF_LIST, false, "authorities served, or * for all"},
};
enum { KNOWN_KEYS = sizeof known_keys / sizeof known_keys[0] };

struct setting {
    char *section;
    char *key;
    char *value;
    int line; /* 0: from a flag */
};

struct conf {
    char *path;
    struct setting settings[SETTINGS_MAX];
    size_t count;
};

/* What the INI library's callbacks need. */
struct loading {
    struct conf *conf;
    FILE *file;
    int line;
    char *ret_error;
    size_t error_size;
    bool failed;
};

static bool matches_section(const char *pattern, const char *section)
{
    if (strcmp(pattern, "authority *") == 0)
        return strncmp(section, "authority ", 10) == 0 && section[10] != '\0';
    if (strcmp(pattern, "*") == 0)
        return strcmp(section, "dayways") != 0 && *section != '\0' && strchr(section, ' ') == NULL;
    return strcmp(pattern, section) == 0;
}

static const struct known_key *find_known(const char *section, const char *key)
{
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        if (strcmp(known_keys[i].key, key) == 0 && matches_section(known_keys[i].section, section))
            return &known_keys[i];
    }
    return NULL;
}

static bool is_endpoint(const char *value)
{
    return strncmp(value, "tcp://", 6) == 0 || strncmp(value, "ipc://", 6) == 0 ||
           strncmp(value, "inproc://", 9) == 0;
}

/* What is wrong with a value, or NULL. */
static const char *find_fault(const struct known_key *known, const char *value)
{
    if (!text_is_utf8(value, strlen(value)))
        return "is not UTF-8";
    switch (known->kind) {
    case CONF_ENDPOINTS:
        for (const char *at = value; at != NULL; at = strchr(at, ',')) {
            at += strspn(at, ", ");
            if (!is_endpoint(at))
                return "must begin with tcp://, ipc:// or inproc://";
        }
        return NULL;
    case CONF_PATH:
    case CONF_LIST:
        return *value != '\0' ? NULL : "must not be empty";
    case CONF_TEXT:
        return NULL;
    }
    return NULL;
}

static void copy_setting(struct conf *conf, const char *section, const char *key, const char *value,
                         int line)
{
    struct setting *setting = &conf->settings[conf->count++];
    *setting = (struct setting){strdup(section), strdup(key), strdup(value), line};
    if (setting->section == NULL || setting->key == NULL || setting->value == NULL)
        abort();
}

static const struct setting *find_setting(const struct conf *conf, const char *section,
                                          const char *key)
{
    /* The last one wins: flags come after the file. */
    for (size_t i = conf->count; i-- > 0;) {
        if (strcmp(conf->settings[i].section, section) == 0 &&
            strcmp(conf->settings[i].key, key) == 0)
            return &conf->settings[i];
    }
    return NULL;
}

static char *read_line(char *text, int size, void *stream)
{
    struct loading *loading = stream;
    loading->line++;
    return fgets(text, size, loading->file);
}

static int take_setting(void *user, const char *section, const char *key, const char *value)
{
    struct loading *loading = user;
    const struct known_key *known = find_known(section, key);
    const char *fault = known == NULL                               ? "is not a known key"
                        : loading->conf->count >= SETTINGS_MAX      ? "is one setting too many"
                        : find_setting(loading->conf, section, key) ? "is given twice"
                                                                    : find_fault(known, value);
    if (fault == NULL) {
        copy_setting(loading->conf, section, key, value, loading->line);
        return 1;
    }
    if (!loading->failed)
        text_format(loading->ret_error, loading->error_size, "%s:%d: [%s] %s %s",
                    loading->conf->path, loading->line, section, key, fault);
    loading->failed = true;
    return 0;
}

static int load_file(struct conf *conf, const char *path, char *ret_error, size_t error_size)
{
    struct loading loading = {.conf = conf, .ret_error = ret_error, .error_size = error_size};
    conf->path = strdup(path);
    if (conf->path == NULL)
        abort();
    loading.file = fopen(path, "re");
    if (loading.file == NULL) {
        int error = -errno;
        text_format(ret_error, error_size, "%s: %s", path, strerror(errno));
        return error;
    }
    int line = ini_parse_stream(read_line, &loading, take_setting, &loading);
    fclose(loading.file);
    if (line != 0 && !loading.failed)
        text_format(ret_error, error_size, "%s:%d: this is neither [section] nor key = value", path,
                    line);
    return line != 0 ? -EINVAL : 0;
}

static int take_override(struct conf *conf, const char *text, char *ret_error, size_t error_size)
{
    char section[NAME_SIZE], key[NAME_SIZE];
    const char *equals = strchr(text, '=');
    const char *dot = strchr(text, '.');
    if (equals == NULL || dot == NULL || dot > equals ||
        text_copy(section, sizeof section, text, (size_t)(dot - text)) != 0 ||
        text_copy(key, sizeof key, dot + 1, (size_t)(equals - dot - 1)) != 0) {
        text_format(ret_error, error_size, "--set %s must be section.key=value", text);
        return -EINVAL;
    }
    const struct known_key *known = find_known(section, key);
    const char *fault = known == NULL                 ? "is not a known key"
                        : conf->count >= SETTINGS_MAX ? "is one setting too many"
                                                      : find_fault(known, equals + 1);
    if (fault != NULL) {
        text_format(ret_error, error_size, "--set: [%s] %s %s", section, key, fault);
        return -EINVAL;
    }
    copy_setting(conf, section, key, equals + 1, 0);
    return 0;
}

static const char *find_environment(const char *section, const char *key)
{
    char name[2 * NAME_SIZE];
    if (text_format(name, sizeof name, "DAYWAYS_%s_%s", section, key) != 0)
        return NULL;
    for (char *at = name; *at != '\0'; at++) {
        if (*at == ' ' || *at == '-')
            *at = '_';
        else if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    }
    return getenv(name);
}

static int check_environment(const struct conf *conf, char *ret_error, size_t error_size)
{
    for (size_t i = 0; i <= conf->count; i++) {
        const char *section = i < conf->count ? conf->settings[i].section : "dayways";
        for (size_t j = 0; j < KNOWN_KEYS; j++) {
            if (!matches_section(known_keys[j].section, section))
                continue;
            const char *value = find_environment(section, known_keys[j].key);
            const char *fault = value != NULL ? find_fault(&known_keys[j], value) : NULL;
            if (fault == NULL)
                continue;
            text_format(ret_error, error_size, "environment: [%s] %s %s", section,
                        known_keys[j].key, fault);
            return -EINVAL;
        }
    }
    return 0;
}

int conf_load(const char *path, char *const *overrides, size_t overrides_count,
              struct conf **ret_conf, char *ret_error, size_t error_size)
{
    struct conf *conf = calloc(1, sizeof *conf);
    if (conf == NULL)
        abort();
    int error = path != NULL ? load_file(conf, path, ret_error, error_size) : 0;
    for (size_t i = 0; error == 0 && i < overrides_count; i++)
        error = take_override(conf, overrides[i], ret_error, error_size);
    if (error == 0)
        error = check_environment(conf, ret_error, error_size);
    if (error != 0)
        conf_destroy(&conf);
    else
        *ret_conf = conf;
    return error;
}

void conf_destroy(struct conf **conf)
{
    if (*conf == NULL)
        return;
    for (size_t i = 0; i < (*conf)->count; i++) {
        free((*conf)->settings[i].section);
        free((*conf)->settings[i].key);
        free((*conf)->settings[i].value);
    }
    free((*conf)->path);
    free(*conf);
    *conf = NULL;
}

/* The value and where it comes from. */
static const char *find_value(const struct conf *conf, const char *section,
                              const struct known_key *known, char *ret_origin, size_t size)
{
    const struct setting *setting = find_setting(conf, section, known->key);
    const char *environment = find_environment(section, known->key);
    if (setting != NULL && setting->line == 0) {
        text_format(ret_origin, size, "flag");
        return setting->value;
    }
    if (environment != NULL) {
        text_format(ret_origin, size, "environment");
        return environment;
    }
    if (setting != NULL) {
        text_format(ret_origin, size, "%s:%d", conf->path, setting->line);
        return setting->value;
    }
    text_format(ret_origin, size, "default");
    return known->default_value;
}

const char *conf_text(const struct conf *conf, const char *section, const char *key)
{
    char origin[16];
    const struct known_key *known = find_known(section, key);
    assert(known != NULL);
    return find_value(conf, section, known, origin, sizeof origin);
}

static bool is_first_of_section(const struct conf *conf, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(conf->settings[i].section, conf->settings[index].section) == 0)
            return false;
    }
    return true;
}

size_t conf_sections(const struct conf *conf, const char *prefix, const char **ret_names,
                     size_t max)
{
    size_t found = 0;
    size_t len = strlen(prefix);
    for (size_t i = 0; i < conf->count; i++) {
        const char *section = conf->settings[i].section;
        if (strncmp(section, prefix, len) != 0 || section[len] != ' ' ||
            !is_first_of_section(conf, i))
            continue;
        if (found < max)
            ret_names[found] = section + len + 1;
        found++;
    }
    return found;
}

static void print_section(const struct conf *conf, const char *section, FILE *file)
{
    fprintf(file, "[%s]\n", section);
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        if (!matches_section(known_keys[i].section, section))
            continue;
        char origin[512];
        const char *value = find_value(conf, section, &known_keys[i], origin, sizeof origin);
        const char *shown = value == NULL ? "" : known_keys[i].is_secret ? "********" : value;
        fprintf(file, "%s = %s    ; %s; %s\n", known_keys[i].key, shown, origin,
                known_keys[i].help);
    }
}

void conf_print(const struct conf *conf, FILE *file)
{
    print_section(conf, "dayways", file);
    for (size_t i = 0; i < conf->count; i++) {
        const char *section = conf->settings[i].section;
        if (strcmp(section, "dayways") != 0 && is_first_of_section(conf, i))
            print_section(conf, section, file);
    }
}
