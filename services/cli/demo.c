/* `dayways demo`: prints the figures of the demonstration's plan, or loads it. */
#include "services/cli/demo.h"

#include "common/calendar.h"
#include "common/text.h"
#include "services/cli/cli.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "reporting.pb-c.h"

enum { DEFAULT_SEED = 20210401, REPORTED_WITHIN_MS = 10000, LOOK_MS = 20 };

static const char usage[] = "demo plan|load [--seed N] [--day DATE] [--if-empty]";

static void print_plan(const struct demo_plan *plan)
{
    static const char *const groups[] = {"learning disability", "older people", "mental health",
                                         "physical and sensory"};
    printf("%-22s %10s %10s %16s %16s\n", "COST GROUP", "INTERNAL", "EXTERNAL", "INTERNAL A YEAR",
           "EXTERNAL A YEAR");
    for (int group = 0; group < DEMO_COST_GROUPS; group++) {
        size_t count[2] = {0};
        int64_t pence[2] = {0};
        char money[2][32];
        for (size_t at = 0; at < plan->placements_count; at++) {
            const struct demo_placement *placement = &plan->placements[at];
            const struct demo_person *person = &plan->people[placement->person];
            const int side = plan->services[placement->service].provider == 0 ? 0 : 1;
            if (person->funding != DW__FUNDING_ROUTE__FUNDING_ROUTE_COMMISSIONED ||
                (int)person->cost_group != group)
                continue;
            count[side]++;
            pence[side] += placement->price_pence_per_year;
        }
        cli_money(pence[0], money[0], sizeof money[0]);
        cli_money(pence[1], money[1], sizeof money[1]);
        printf("%-22s %10zu %10zu %17s %17s\n", groups[group], count[0], count[1], money[0],
               money[1]);
    }
    printf("%d people with a commissioned place; on top %d with direct payments and %d who pay "
           "themselves (illustrative)\n",
           DEMO_PEOPLE, DEMO_DIRECT_PAYMENTS, DEMO_SELF_FUNDED);
}

/* EXIT_CODE_OK and *ret_empty. */
static int look_empty(struct cli *cli, bool *ret_empty)
{
    ProtobufCMessage *answer;
    Dw__ListServices query = DW__LIST_SERVICES__INIT;
    query.limit = 1;
    const int code = cli_ask(cli, "capacity", &query.base, NULL, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    *ret_empty = ((const Dw__ServicesListed *)answer)->n_services == 0;
    protobuf_c_message_free_unpacked(answer, NULL);
    return EXIT_CODE_OK;
}

/* Reporting follows by itself; waiting here spares a newcomer an empty dashboard. Without reporting there is no wait. */
static void wait_reported(struct cli *cli)
{
    char address[128];
    char body[1024];
    bool reported = false;
    const int64_t until_ms = loop_boot_ms_now() + REPORTED_WITHIN_MS;
    if (cli_item(cli, "reporting", "admin", 0, address, sizeof address) == NULL ||
        cli_http(address, "/livez", body, sizeof body) != 200)
        return;
    while (!reported && loop_boot_ms_now() < until_ms) {
        ProtobufCMessage *answer;
        const Dw__Dashboard query = DW__DASHBOARD__INIT;
        if (cli_ask(cli, "reporting", &query.base, NULL, &answer) != EXIT_CODE_OK)
            return;
        const Dw__Figures *all = ((const Dw__DashboardShown *)answer)->all;
        reported = all != NULL && all->placements >= DEMO_PLACEMENTS &&
                   all->placements_provider_unknown == 0;
        protobuf_c_message_free_unpacked(answer, NULL);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

static int load(struct cli *cli, struct demo_plan *plan, bool if_empty)
{
    bool empty = true;
    int code = cli_connect(cli);
    if (code == EXIT_CODE_OK && if_empty)
        code = look_empty(cli, &empty);
    if (code != EXIT_CODE_OK || !empty)
        return code;
    const int64_t from_ms = loop_boot_ms_now();
    code = demo_send(cli, plan);
    if (code == EXIT_CODE_OK)
        wait_reported(cli);
    if (code == EXIT_CODE_OK)
        printf("The demonstration is loaded: %zu people, %zu placements, %d providers, in %lld ms. "
               "Nobody in it is real.\n",
               plan->people_count, plan->placements_count, DEMO_PROVIDERS,
               (long long)(loop_boot_ms_now() - from_ms));
    return code;
}

int cli_demo(struct cli *cli)
{
    static struct demo_plan plan;
    uint64_t seed = DEFAULT_SEED;
    int32_t day = 0;
    const char *seed_text = cli_take(cli, "--seed");
    const char *day_text = cli_take(cli, "--day");
    const bool if_empty = cli_take_flag(cli, "--if-empty");
    if (!cli_left(cli, 1, 1, usage))
        return EXIT_CODE_USAGE;
    if (seed_text != NULL && text_to_uint64(seed_text, UINT32_MAX, &seed) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--seed is a number");
    int code = cli_connect(cli);
    if (code != EXIT_CODE_OK)
        return code;
    day = calendar_london_date(client_now_ms(cli->client));
    if (day_text != NULL && calendar_from_text(day_text, &day) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--day is a date such as 2026-11-23");
    demo_plan_make(&plan, seed, day);
    if (strcmp(cli->argv[1], "plan") == 0)
        print_plan(&plan);
    else if (strcmp(cli->argv[1], "load") == 0)
        code = load(cli, &plan, if_empty);
    else
        code = cli_left(cli, 9, 9, usage) ? EXIT_CODE_OK : EXIT_CODE_USAGE;
    return code;
}
