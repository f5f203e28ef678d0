/* What a service is told before it runs: configuration, keys, and its authorities with their models, keys and stores. */
#include "common/daemon.h"

#include "common/text.h"

#include <errno.h>
#include <string.h>

int own_item(const struct daemon *daemon, const char *key, char *ret_item, size_t size)
{
    const char *at = conf_text(daemon->conf, daemon->service->name, key);
    for (size_t skip = daemon->options.instance; at != NULL && skip > 0; skip--) {
        at = strchr(at, ',');
        at = at == NULL ? NULL : at + 1;
    }
    if (at == NULL)
        return -ENOENT;
    at += strspn(at, " ");
    return text_copy(ret_item, size, at, strcspn(at, ", "));
}

static bool in_list(const char *list, const char *item)
{
    const size_t len = strlen(item);
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, item, len) == 0 && strchr(", ", at[len]) != NULL)
            return true;
    }
    return false;
}

int read_configuration(struct daemon *daemon)
{
    char error[512] = "";
    enum log_level level;
    enum log_format format;
    if (conf_load(daemon->options.config, daemon->options.overrides,
                  daemon->options.overrides_count, &daemon->conf, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    if (log_level_from_text(conf_text(daemon->conf, "dayways", "log_level"), &level) < 0 ||
        log_format_from_text(conf_text(daemon->conf, "dayways", "log_format"), &format) < 0)
        return refuse_start(EXIT_CODE_CONFIG, "log_level or log_format has no such value");
    log_start(daemon->service->name, level, format);
    if (own_item(daemon, "router", daemon->endpoint, sizeof daemon->endpoint) < 0)
        return refuse_start(
            EXIT_CODE_CONFIG,
            "the configuration has no router endpoint for this service and instance");
    return EXIT_CODE_OK;
}

int read_keys(struct daemon *daemon)
{
    char error[512] = "the keys directory has no key of this service (dayways keys new)";
    const char *directory = conf_text(daemon->conf, "dayways", "keys_directory");
    if (key_pair_load(directory, daemon->service->name, &daemon->keys) < 0 ||
        auth_load(directory, &daemon->auth, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    return EXIT_CODE_OK;
}

/* --- authorities --------------------------------------------------------------------------------------------------- */

static void on_store_ready(void *context)
{
    (void)context;
    log_info(NULL, "redis is ready");
}

static void on_store_away(void *context)
{
    struct daemon *daemon = context;
    daemon->stores_lost++;
    log_error(CODE_STORE_UNAVAILABLE, NULL,
              "redis is away; requests are answered UNAVAILABLE, trying again");
    for (size_t at = 0; at < daemon->stores_count; at++)
        if (!redis_store_is_ready(daemon->stores[at]) &&
            redis_store_disk_is_full(daemon->stores[at]))
            log_error(CODE_STORE_UNAVAILABLE, NULL, "the disk of redis %s is full",
                      daemon->store_addresses[at]);
    for (size_t at = 0; at < daemon->door.shards_count; at++)
        shard_store_away(daemon->door.shards[at], loop_now(daemon->loop));
}

static void on_store_unfit(void *context, const char *setting)
{
    struct daemon *daemon = context;
    log_error(CODE_STORE_SETTINGS, NULL,
              "redis setting %s does not keep what is promised; see deploy/redis.conf", setting);
    daemon->exit_code = EXIT_CODE_CONFIG;
    loop_stop(daemon->loop);
}

static struct redis_store *find_store(struct daemon *daemon, const char *address,
                                      const char *password)
{
    for (size_t at = 0; at < daemon->stores_count; at++)
        if (strcmp(daemon->store_addresses[at], address) == 0)
            return daemon->stores[at];
    if (daemon->stores_count == STORES_MAX)
        return NULL;
    const struct redis_store_handlers handlers = {
        daemon, daemon->options.verify != NULL ? on_store_ready_to_verify : on_store_ready,
        on_store_away, on_store_unfit};
    struct redis_store *store = redis_store_create(daemon->loop, address, password, &handlers);
    if (store == NULL)
        return NULL;
    daemon->store_addresses[daemon->stores_count] = address;
    daemon->stores[daemon->stores_count++] = store;
    return store;
}

/* Reads a model that the service can work by; else error says what is wrong with it. */
static int load_model(struct daemon *daemon, const char *path, struct shard_settings *settings,
                      char *error, size_t size)
{
    char wrong[512];
    const int result = authority_load_model(path, daemon->service->model, daemon->models,
                                            &settings->model, settings->model_digest, error, size);
    if (result < 0 || daemon->service->check_model == NULL ||
        daemon->service->check_model(settings->model, wrong, sizeof wrong))
        return result;
    (void)text_format(error, size, "%s: %s", path, wrong);
    return -EINVAL;
}

/* Reads an authority's files; makes its shard unless only checking. */
static int add_authority(struct daemon *daemon, const char *name)
{
    char section[64];
    char error[1024] = "an authority's name is 1 to 32 of a-z, 0-9 and hyphen";
    struct shard_settings settings = {.service = daemon->service,
                                      .authority = name,
                                      .owner = daemon->owner,
                                      .ids = &daemon->ids,
                                      .metrics = daemon->metrics,
                                      .quarantine = daemon->quarantine};
    if (!authority_is_valid(name) || text_format(section, sizeof section, "authority %s", name) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    const char *model = conf_text(daemon->conf, section, "model");
    const char *redis = conf_text(daemon->conf, section, "redis");
    const char *key = conf_text(daemon->conf, section, "digest_key");
    const char *password = conf_text(daemon->conf, section, "redis_password");
    if (model == NULL || redis == NULL || key == NULL)
        return refuse_start(EXIT_CODE_CONFIG, "an authority needs model, redis and digest_key");
    if (load_model(daemon, model, &settings, error, sizeof error) < 0 ||
        authority_load_digest_key(key, settings.digest_key, error, sizeof error) < 0)
        return refuse_start(EXIT_CODE_CONFIG, error);
    if (daemon->options.check_config)
        return EXIT_CODE_OK;
    struct redis_store *store = find_store(daemon, redis, password == NULL ? "" : password);
    settings.store = store == NULL ? NULL : redis_store_shard(store, name, daemon->service->name);
    if (daemon->options.verify != NULL && settings.store != NULL) {
        prepare_verify(daemon, &settings);
        return EXIT_CODE_OK;
    }
    settings.outlet = door_outlet(&daemon->door);
    struct shard *shard = settings.store == NULL ? NULL : shard_create(&settings);
    if (shard == NULL)
        return refuse_start(EXIT_CODE_FAILED, "no memory, or too many Redis addresses");
    daemon->shard_stores[daemon->door.shards_count] = settings.store;
    daemon->door.shards[daemon->door.shards_count++] = shard;
    return EXIT_CODE_OK;
}

int add_authorities(struct daemon *daemon)
{
    static const char *names[AUTHORITIES_MAX];
    const char *served = conf_text(daemon->conf, daemon->service->name, "authorities");
    const size_t count = conf_sections(daemon->conf, "authority", names, AUTHORITIES_MAX);
    if (count == 0 || count > AUTHORITIES_MAX)
        return refuse_start(EXIT_CODE_CONFIG, "the configuration has 1 to 512 authorities");
    for (size_t at = 0; at < count; at++) {
        if (daemon->options.verify != NULL)
            served = daemon->options.verify;
        const int code =
            in_list(served, names[at]) ? add_authority(daemon, names[at]) : EXIT_CODE_OK;
        if (code != EXIT_CODE_OK)
            return code;
    }
    if (daemon->options.verify != NULL && daemon->shard_stores[0] == NULL)
        return refuse_start(EXIT_CODE_USAGE, "the configuration has no such authority to verify");
    return EXIT_CODE_OK;
}
