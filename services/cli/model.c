/* Checks a council's model file the way a daemon reads it. */
#include "services/cli/cli.h"

#include "common/authority.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>

#include "model.pb-c.h"
#include "proto/model_check.h"

int cli_load_model(struct cli *cli, struct arena *arena,
                   const struct Dw__CommissioningModel **ret_model)
{
    char section[64];
    char error[1024];
    uint8_t digest[32];
    const ProtobufCMessage *message;
    (void)text_format(section, sizeof section, "authority %s", cli->authority);
    const char *path = conf_text(cli->conf, section, "model");
    if (path == NULL)
        return cli_fail(EXIT_CODE_CONFIG, "[%s] needs a model", section);
    if (arena == NULL)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "memory ends");
    if (authority_load_model(path, &dw__commissioning_model__descriptor, arena, &message, digest,
                             error, sizeof error) < 0)
        return cli_fail(EXIT_CODE_CONFIG, "%s", error);
    *ret_model = (const Dw__CommissioningModel *)message;
    return EXIT_CODE_OK;
}

int cli_model(struct cli *cli)
{
    char error[1024] = "";
    char digits[65];
    uint8_t digest[32];
    const ProtobufCMessage *message;
    if (!cli_left(cli, 2, 2, "model check FILE") || strcmp(cli->argv[1], "check") != 0)
        return EXIT_CODE_USAGE;
    struct arena *arena = arena_create(CLI_MODEL_MEMORY_MAX);
    if (arena == NULL)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "memory ends");
    int code = EXIT_CODE_OK;
    if (authority_load_model(cli->argv[2], &dw__commissioning_model__descriptor, arena, &message,
                             digest, error, sizeof error) < 0)
        code = cli_fail(EXIT_CODE_DATA, "%s", error);
    else if (!model_check(message, error, sizeof error))
        code = cli_fail(EXIT_CODE_DATA, "%s: %s", cli->argv[2], error);
    if (code == EXIT_CODE_OK) {
        const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)message;
        text_to_hex(digest, sizeof digest, digits);
        printf("%s (%s): %zu levels, %zu districts, %zu groupings, %zu outcome domains, %zu bank "
               "holidays; digest %s\n",
               model->name, model->gss_code, model->n_levels, model->n_districts,
               model->n_groupings, model->n_outcome_domains, model->n_bank_holidays, digits);
    }
    arena_destroy(&arena);
    return code;
}
