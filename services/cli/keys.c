/* Keys: who may connect, under which name and role. Works on the keys directory alone; daemons read it when they are told to
 * (SIGHUP) or start. */
#include "services/cli/cli.h"

#include "common/auth.h"
#include "common/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char usage[] = "keys new NAME --role ROLE [--authorities LIST] [--provider UUID]\n"
                            "       dayways keys revoke NAME\n"
                            "       dayways keys list";

static bool is_key_name(const char *name)
{
    const size_t len = strlen(name);
    return len >= 1 && len <= KEY_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@") ==
               len &&
           name[0] != '.';
}

/* A name that is in use is somebody's: a second key under it would lock them out. */
static int check_free(const char *directory, const char *name)
{
    char error[256] = "";
    struct auth *auth = NULL;
    const int result = auth_load(directory, &auth, error, sizeof error);
    if (result == -ENOENT)
        return EXIT_CODE_OK;
    if (result < 0)
        return cli_fail(EXIT_CODE_CONFIG, "%s", error);
    const bool is_used = auth_by_name(auth, name) != NULL;
    auth_destroy(&auth);
    return is_used ? cli_fail(EXIT_CODE_FAILED,
                              "a key %s is allowed already; revoke it first (keys revoke %s), or "
                              "take another name",
                              name, name)
                   : EXIT_CODE_OK;
}

static int make_key(struct cli *cli, const char *directory, const char *name)
{
    const char *role_text = cli_take(cli, "--role");
    const char *authorities = cli_take(cli, "--authorities");
    const char *provider_text = cli_take(cli, "--provider");
    struct id provider = {0};
    if (!cli_left(cli, 2, 2, usage) || role_text == NULL) {
        if (role_text == NULL)
            (void)cli_fail(EXIT_CODE_USAGE, "a key needs --role, such as broker");
        return EXIT_CODE_USAGE;
    }
    const int role = role_from_text(role_text);
    if (role == 0)
        return cli_fail(EXIT_CODE_USAGE, "there is no role %s", role_text);
    if (!is_key_name(name))
        return cli_fail(EXIT_CODE_USAGE,
                        "a name is 1 to 64 letters, digits, hyphens, dots, underscores or @");
    if (provider_text != NULL && id_from_text(provider_text, &provider) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--provider must be a UUID");
    const bool of_provider =
        role == DW__ROLE__ROLE_PROVIDER_MANAGER || role == DW__ROLE__ROLE_REGISTER_TAKER;
    if (of_provider != (provider_text != NULL))
        return cli_fail(EXIT_CODE_USAGE, "a provider's key, and no other, needs --provider");
    const int code = check_free(directory, name);
    if (code != EXIT_CODE_OK)
        return code;
    /* A provider works for the council that made its key, unless it is said otherwise. */
    if (authorities == NULL)
        authorities = of_provider ? cli->authority : "*";
    const int result = key_pair_create(directory, name, role, authorities, &provider);
    if (result < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the key could not be written to %s: %s", directory,
                        strerror(-result));
    printf("%s/%s.key is written and allowed for %s; running daemons know it after SIGHUP\n",
           directory, name, strcmp(authorities, "*") == 0 ? "every council" : authorities);
    return EXIT_CODE_OK;
}

static int revoke_key(struct cli *cli, const char *directory, const char *name)
{
    if (!cli_left(cli, 2, 2, usage))
        return EXIT_CODE_USAGE;
    const int result = key_revoke(directory, name);
    if (result == -ENOENT)
        return cli_fail(EXIT_CODE_FAILED, "no key %s is allowed", name);
    if (result < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "%s: %s", directory, strerror(-result));
    printf(
        "%s is not allowed any more; running daemons know it after SIGHUP (an operator's key hears "
        "events until they are started again)\n",
        name);
    return EXIT_CODE_OK;
}

/* The lines of `allowed` are a table already: name, role and authorities, without the key itself. */
static int list_keys(struct cli *cli, const char *directory)
{
    char path[CLI_PATH_SIZE];
    struct buffer text = {0};
    char *rest = NULL;
    if (!cli_left(cli, 1, 1, usage))
        return EXIT_CODE_USAGE;
    (void)snprintf(path, sizeof path, "%s/allowed", directory);
    const int result = cli_read(path, &text);
    if (result < 0) {
        buffer_free(&text);
        return cli_fail(EXIT_CODE_CONFIG, "%s: %s", path, strerror(-result));
    }
    if (!cli->json)
        printf("%-28s %-24s %s\n", "NAME", "ROLE", "AUTHORITIES");
    for (char *line = strtok_r((char *)text.bytes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char key[64];
        char name[80];
        char role[48];
        char authorities[256];
        if (line[0] == '#' ||
            sscanf(line, "%63s %79s %47s %255s", key, name, role, authorities) != 4)
            continue;
        if (cli->json)
            printf(
                "{\"name\":\"%s\",\"role\":\"%s\",\"authorities\":\"%s\",\"publicKey\":\"%s\"}\n",
                name, role, authorities, key);
        else
            printf("%-28s %-24s %s\n", name, role, authorities);
    }
    buffer_free(&text);
    return EXIT_CODE_OK;
}

int cli_keys(struct cli *cli)
{
    const int code = cli_configure(cli);
    if (code != EXIT_CODE_OK)
        return code;
    const char *directory = conf_text(cli->conf, "dayways", "keys_directory");
    const char *verb = cli->argc > 1 ? cli->argv[1] : "";
    const char *name = cli->argc > 2 ? cli->argv[2] : NULL;
    if (strcmp(verb, "new") == 0 && name != NULL)
        return make_key(cli, directory, name);
    if (strcmp(verb, "revoke") == 0 && name != NULL)
        return revoke_key(cli, directory, name);
    if (strcmp(verb, "list") == 0)
        return list_keys(cli, directory);
    fprintf(stderr, "usage: dayways %s\n", usage);
    return EXIT_CODE_USAGE;
}
