/* Has every daemon's binary fold the stored journal anew and compare the outcome with the stored state. */
#include "services/cli/up.h"

#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* An exit code of the daemon, or -1 when there is no such binary. */
static int run_verify(struct cli *cli, const char *folder, const char *service)
{
    char binary[CLI_PATH_SIZE];
    int status;
    (void)text_format(binary, sizeof binary, "%s/dayways-%s", folder, service);
    if (access(binary, X_OK) < 0)
        return -1;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        execl(binary, binary, "--config", cli->config, "--verify", cli->authority, "--log-level",
              "error", (char *)NULL);
        _exit(127);
    }
    while (child < 0 || waitpid(child, &status, 0) < 0)
        if (child < 0 || errno != EINTR)
            return EXIT_CODE_UNAVAILABLE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CODE_FAILED;
}

int cli_verify(struct cli *cli)
{
    char folder[CLI_PATH_SIZE];
    char section[64];
    size_t verified = 0;
    int worst = EXIT_CODE_OK;
    if (!cli_left(cli, 0, 1, "verify [SERVICE]"))
        return EXIT_CODE_USAGE;
    const int code = cli_configure(cli);
    if (code != EXIT_CODE_OK)
        return code;
    (void)text_format(section, sizeof section, "authority %s", cli->authority);
    const char *redis = conf_text(cli->conf, section, "redis");
    if (redis != NULL && strchr(redis, '/') != NULL && !up_redis_answers(redis))
        return cli_fail(EXIT_CODE_UNAVAILABLE, "no Redis answers at %s; start it with dayways up",
                        redis);
    if (cli_binary_folder(folder, sizeof folder) < 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "the folder of the binaries cannot be found");
    for (size_t at = 0; cli_services[at] != NULL; at++) {
        if (cli->argc > 1 && strcmp(cli->argv[1], cli_services[at]) != 0)
            continue;
        const int outcome = run_verify(cli, folder, cli_services[at]);
        if (outcome < 0)
            continue;
        verified++;
        printf("%-12s %s\n", cli_services[at],
               outcome == EXIT_CODE_OK          ? "the same"
               : outcome == EXIT_CODE_TRY_LATER ? "could not be compared now"
               : outcome == EXIT_CODE_FAILED    ? "DIFFERENT"
                                                : "could not be compared");
        if (worst != EXIT_CODE_FAILED && outcome != EXIT_CODE_OK)
            worst = outcome;
    }
    if (verified == 0)
        return cli_fail(EXIT_CODE_USAGE, "there is no such daemon beside this program");
    return worst;
}
