/* What every daemon is doing, read from its admin address. */
#include "services/cli/cli.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

enum { INSTANCES_MAX = 16, BODY_SIZE = 256 * 1024, FIELD_SIZE = 64 };

/* The plain value behind "name": in JSON written by our own daemons; "-" when it is not there. Stops at end. */
static void find_field(const char *json, const char *end, const char *name, char *ret_value)
{
    char wanted[64];
    (void)text_format(ret_value, FIELD_SIZE, "-");
    (void)text_format(wanted, sizeof wanted, "\"%s\":", name);
    const char *at = strstr(json, wanted);
    if (at == NULL || (end != NULL && at > end))
        return;
    at += strlen(wanted);
    if (*at == '"')
        (void)text_copy(ret_value, FIELD_SIZE, at + 1, strcspn(at + 1, "\""));
    else
        (void)text_copy(ret_value, FIELD_SIZE, at, strcspn(at, ",}]"));
}

static void print_shards(const char *service, const char *address, const char *body)
{
    static const char *const names[] = {"authority", "state",   "seq",    "entities",
                                        "accepted",  "refused", "outbox", "lagEvents"};
    enum { NAMES = sizeof names / sizeof names[0] };
    const char *at = strstr(body, "{\"authority\":");
    if (at == NULL)
        printf("%-12s %-16s serves no authority\n", service, address);
    while (at != NULL) {
        char values[NAMES][FIELD_SIZE];
        const char *next = strstr(at + 1, "{\"authority\":");
        for (size_t name = 0; name < NAMES; name++)
            find_field(at, next, names[name], values[name]);
        printf("%-12s %-16s %-16s %-8s %9s %9s %9s %8s %6s %5s\n", service, address, values[0],
               values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
        at = next;
    }
}

static bool show_daemon(struct cli *cli, const char *service, const char *address)
{
    static char body[BODY_SIZE];
    const int status = cli_http(address, "/statusz", body, sizeof body);
    if (cli->json && status == 200)
        fputs(body, stdout);
    else if (cli->json)
        printf("{\"service\":\"%s\",\"admin\":\"%s\",\"state\":\"away\"}\n", service, address);
    else if (status == 200)
        print_shards(service, address, body);
    else
        printf("%-12s %-16s %-16s %-8s\n", service, address, "-", "away");
    return status == 200;
}

int cli_status(struct cli *cli)
{
    char address[128];
    size_t here = 0;
    size_t away = 0;
    if (!cli_left(cli, 0, 0, "status [--json]"))
        return EXIT_CODE_USAGE;
    const int code = cli_configure(cli);
    if (code != EXIT_CODE_OK)
        return code;
    if (!cli->json)
        printf("%-12s %-16s %-16s %-8s %9s %9s %9s %8s %6s %5s\n", "SERVICE", "ADMIN", "AUTHORITY",
               "STATE", "SEQ", "ENTITIES", "ACCEPTED", "REFUSED", "OUTBOX", "LAG");
    for (size_t at = 0; cli_services[at] != NULL; at++)
        for (size_t number = 0; number < INSTANCES_MAX; number++) {
            if (cli_item(cli, cli_services[at], "admin", number, address, sizeof address) == NULL)
                break;
            if (show_daemon(cli, cli_services[at], address))
                here++;
            else
                away++;
        }
    if (here == 0)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "no daemon answers; start them with dayways up");
    return away == 0 ? EXIT_CODE_OK : EXIT_CODE_UNAVAILABLE;
}
