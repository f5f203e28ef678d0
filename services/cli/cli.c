/* What the command line begins with: flags common to all, help, and the table of subcommands. */
#include "services/cli/cli.h"

#include "common/text.h"
#include "services/cli/find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct subcommand {
    const char *name;
    int (*run)(struct cli *cli);
    const char *summary;
    const char *usage; /* what its --help prints; NULL: the help of all */
} subcommands[] = {
    {"up", cli_up, "start Redis and every daemon here, with the demonstration; Ctrl-C stops all",
     NULL},
    {"status", cli_status, "what every daemon is doing", NULL},
    {"find", cli_find, "which services fit: days, need, kind, activity, level, home", find_usage},
    {"call", cli_call, "send any command or query, as JSON; --explain tells the rule behind a no",
     NULL},
    {"feed", cli_feed, "send a provider's register, a CSV file, or preview it", NULL},
    {"tail", cli_tail, "follow the events of all services", NULL},
    {"report", cli_report, "the dashboard: people, placements and planned spend", NULL},
    {"person", cli_person, "tell all that is held of a person, or have it erased", NULL},
    {"verify", cli_verify, "fold the stored journals and compare with the stored state", NULL},
    {"model", cli_model, "check a council's model file", NULL},
    {"demo", cli_demo, "print or load the demonstration's data", NULL},
    {"keys", cli_keys, "make, revoke and list keys", NULL},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static void print_help(FILE *file)
{
    fprintf(file, "dayways: day opportunities of a council, from the command line\n\n"
                  "Examples:\n"
                  "  dayways up\n"
                  "  dayways status\n"
                  "  dayways find --days tue,thu --need learning-disability --near DISTRICT\n"
                  "  dayways --as social-worker call referrals SubmitReferral < submit.json\n"
                  "  dayways feed send register.csv --provider REFERENCE\n"
                  "  dayways tail --from 1 --type PlacementStarted\n"
                  "  dayways verify\n\n"
                  "Subcommands:\n");
    for (size_t at = 0; at < SUBCOMMANDS; at++)
        fprintf(file, "  %-8s %s\n", subcommands[at].name, subcommands[at].summary);
    fprintf(file, "\nOptions, before or after the subcommand:\n"
                  "  --config FILE     the configuration; else $DAYWAYS_CONFIG, else "
                  "deploy/dayways.conf\n"
                  "  --authority NAME  the council; else the configuration's first\n"
                  "  --as KEYNAME      the key to speak with; else operator\n"
                  "  --json            JSON instead of tables\n"
                  "  --version, --help\n\n"
                  "Exit codes: 0 done, 1 refused or different, 64 usage, 65 bad data, 69 "
                  "unavailable,\n75 outcome unknown: ask again with the same id, 78 bad "
                  "configuration.\n");
}

/* --- arguments --------------------------------------------------------------------------------- */

static void drop_arguments(struct cli *cli, int at, int count)
{
    for (int from = at + count; from <= cli->argc; from++)
        cli->argv[from - count] = cli->argv[from];
    cli->argc -= count;
}

const char *cli_take(struct cli *cli, const char *name)
{
    const size_t len = strlen(name);
    for (int at = 0; at < cli->argc; at++) {
        const char *argument = cli->argv[at];
        if (strncmp(argument, name, len) != 0)
            continue;
        if (argument[len] == '=') {
            drop_arguments(cli, at, 1);
            return argument + len + 1;
        }
        if (argument[len] == '\0' && at + 1 < cli->argc) {
            const char *value = cli->argv[at + 1];
            drop_arguments(cli, at, 2);
            return value;
        }
        if (argument[len] == '\0')
            cli->wrong = true;
    }
    return NULL;
}

bool cli_take_flag(struct cli *cli, const char *name)
{
    for (int at = 0; at < cli->argc; at++)
        if (strcmp(cli->argv[at], name) == 0) {
            drop_arguments(cli, at, 1);
            return true;
        }
    return false;
}

bool cli_left(struct cli *cli, int min, int max, const char *usage)
{
    bool good = !cli->wrong && cli->argc - 1 >= min && cli->argc - 1 <= max;
    for (int at = 1; at < cli->argc; at++)
        if (cli->argv[at][0] == '-' && cli->argv[at][1] != '\0')
            good = false;
    if (!good)
        fprintf(stderr, "usage: dayways %s\n", usage);
    return good;
}

static const struct subcommand *find_subcommand(const char *name)
{
    for (size_t at = 0; at < SUBCOMMANDS; at++)
        if (strcmp(subcommands[at].name, name) == 0)
            return &subcommands[at];
    return NULL;
}

static void take_common(struct cli *cli)
{
    const char *environment = getenv("DAYWAYS_CONFIG");
    cli->config = cli_take(cli, "--config");
    cli->is_config_given = cli->config != NULL;
    if (cli->config == NULL)
        cli->config = environment != NULL ? environment : "deploy/dayways.conf";
    cli->authority = cli_take(cli, "--authority");
    cli->is_authority_given = cli->authority != NULL;
    cli->key_name = cli_take(cli, "--as");
    if (cli->key_name == NULL)
        cli->key_name = "operator";
    cli->json = cli_take_flag(cli, "--json");
}

int cli_run(int argc, char **argv)
{
    struct cli cli = {.program = argv[0], .argc = argc - 1, .argv = argv + 1};
    take_common(&cli);
    const bool wants_help = cli_take_flag(&cli, "--help");
    const struct subcommand *subcommand = cli.argc > 0 ? find_subcommand(cli.argv[0]) : NULL;
    if (wants_help) {
        if (subcommand != NULL && subcommand->usage != NULL)
            printf("usage: dayways %s\n", subcommand->usage);
        else
            print_help(stdout);
        return EXIT_CODE_OK;
    }
    if (cli_take_flag(&cli, "--version")) {
        printf("dayways %s\n", DAYWAYS_VERSION);
        return EXIT_CODE_OK;
    }
    if (subcommand == NULL && cli.argc > 0)
        return cli_fail(EXIT_CODE_USAGE, "there is no subcommand %s; dayways --help lists them",
                        cli.argv[0]);
    if (subcommand == NULL || cli.wrong) {
        print_help(stderr);
        return EXIT_CODE_USAGE;
    }
    const int code = subcommand->run(&cli);
    client_destroy(&cli.client);
    conf_destroy(&cli.conf);
    return code;
}
