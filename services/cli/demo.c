/* `dayways demo`: prints the figures of a council's demonstration, or loads it. */
#include "services/cli/demo.h"

#include "common/authority.h"
#include "common/calendar.h"
#include "common/text.h"
#include "services/cli/cli.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "reporting.pb-c.h"

enum {
    REPORTED_WITHIN_MS = 20000,
    LOOK_MS = 20,
    FILES_MEMORY_MAX = 64 * 1024 * 1024, /* model and description, unpacked */
};

static const char usage[] = "demo plan|load [--file FILE] [--seed N] [--day DATE] [--if-empty]";

/* --- the files ------------------------------------------------------------------------------------------------------- */

/* The description stands beside the models: deploy/authorities/NAME.json has deploy/demonstrations/NAME.json. */
static bool describe_path(const char *model_path, const char *authority, char *ret_path,
                          size_t size)
{
    const char *end = strrchr(model_path, '/');
    while (end != NULL && end > model_path && end[-1] != '/')
        end--;
    const int length = end == NULL ? 0 : (int)(end - model_path);
    return text_format(ret_path, size, "%.*sdemonstrations/%s.json", length, model_path,
                       authority) == 0;
}

/* Reads the model and the description of the council into the arena. An exit code. */
static int read_files(struct cli *cli, const char *file, struct arena *arena,
                      const Dw__CommissioningModel **ret_model,
                      const Dw__Demonstration **ret_description)
{
    char section[64];
    char path[CLI_PATH_SIZE];
    char error[1024] = "";
    uint8_t digest[32];
    const ProtobufCMessage *message;
    (void)text_format(section, sizeof section, "authority %s", cli->authority);
    const int code = cli_load_model(cli, arena, ret_model);
    if (code != EXIT_CODE_OK)
        return code;
    const char *model_path = conf_text(cli->conf, section, "model");
    if (file == NULL && !describe_path(model_path, cli->authority, path, sizeof path))
        return cli_fail(EXIT_CODE_CONFIG, "the model's path is too long");
    if (authority_load_model(file == NULL ? path : file, &dw__demonstration__descriptor, arena,
                             &message, digest, error, sizeof error) < 0)
        return cli_fail(EXIT_CODE_DATA, "%s", error);
    *ret_description = (const Dw__Demonstration *)message;
    return EXIT_CODE_OK;
}

/* --- printing -------------------------------------------------------------------------------------------------------- */

static void print_group(const struct demo_plan *plan, size_t group)
{
    size_t people = 0;
    size_t count[2] = {0};
    int64_t pence[2] = {0};
    char money[2][32];
    for (size_t at = 0; at < plan->commissioned_count; at++)
        people += plan->people[at].group == group;
    for (size_t at = 0; at < plan->placements_count; at++) {
        const struct demo_placement *placement = &plan->placements[at];
        const int side = demo_is_internal(plan, &plan->services[placement->service]) ? 0 : 1;
        if (plan->people[placement->person].group != group)
            continue;
        count[side]++;
        pence[side] += placement->price_pence_per_year;
    }
    cli_money(pence[0], money[0], sizeof money[0]);
    cli_money(pence[1], money[1], sizeof money[1]);
    printf("%-34.34s %7zu %9zu %9zu %16s %16s\n", plan->as->groups[group]->name, people, count[0],
           count[1], money[0], money[1]);
}

/* Its ceiling, counted by each term that may be exercised. */
static void print_framework(const struct demo_plan *plan, const Dw__Framework *framework)
{
    char value[32], left[32];
    int32_t months;
    cli_money(framework->value_pence, value, sizeof value);
    for (size_t extensions = 0; extensions <= framework->n_extension_months; extensions++) {
        cli_money(demo_framework_left(plan, framework, extensions, &months), left, sizeof left);
        printf("%s, %s: %d months at this cost leave %s\n", framework->name, value, months, left);
    }
}

static void print_plan(const struct demo_plan *plan)
{
    printf("%-34s %7s %9s %9s %16s %16s\n", "GROUP", "PEOPLE", "INTERNAL", "EXTERNAL",
           "INTERNAL A YEAR", "EXTERNAL A YEAR");
    for (size_t group = 0; group < plan->as->n_groups; group++)
        print_group(plan, group);
    for (size_t at = 0; at < plan->model->n_frameworks; at++)
        if (plan->model->frameworks[at]->value_pence > 0)
            print_framework(plan, plan->model->frameworks[at]);
    printf("%zu people with a commissioned place; on top %zu with money of their own or a direct "
           "payment (illustrative)\n%s\n",
           plan->commissioned_count, plan->people_count - plan->commissioned_count,
           plan->as->about);
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

/* EXIT_CODE_OK and *ret_empty. */
static int look_empty(struct cli *cli, bool *ret_empty)
{
    ProtobufCMessage *answer;
    Dw__ListServices query = DW__LIST_SERVICES__INIT;
    query.limit = 1;
    const int code = cli_query(cli, "capacity", &query.base, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    *ret_empty = ((const Dw__ServicesListed *)answer)->n_services == 0;
    protobuf_c_message_free_unpacked(answer, NULL);
    return EXIT_CODE_OK;
}

/* Reporting follows by itself; waiting here spares a newcomer an empty dashboard. Without reporting there is no wait. */
static void wait_reported(struct cli *cli, const struct demo_plan *plan)
{
    char address[128];
    char body[1024];
    bool reported = false;
    const int64_t until_ms = loop_boot_ms_now() + REPORTED_WITHIN_MS;
    if (cli_item(cli, "reporting", "admin", 0, address, sizeof address) == NULL ||
        cli_http(address, "/livez", body, sizeof body) != 200)
        return;
    const size_t commissioned =
        plan->placements_count - (plan->people_count - plan->commissioned_count);
    while (!reported && loop_boot_ms_now() < until_ms) {
        ProtobufCMessage *answer;
        const Dw__Dashboard query = DW__DASHBOARD__INIT;
        if (cli_query(cli, "reporting", &query.base, &answer) != EXIT_CODE_OK)
            return;
        const Dw__Figures *all = ((const Dw__DashboardShown *)answer)->all;
        reported =
            all != NULL && all->placements >= commissioned && all->placements_provider_unknown == 0;
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
        wait_reported(cli, plan);
    if (code == EXIT_CODE_OK)
        printf(
            "The demonstration is loaded: %zu people, %zu placements, %zu providers, in %lld ms. "
            "Nobody in it is real.\n",
            plan->people_count, plan->placements_count, plan->providers_count,
            (long long)(loop_boot_ms_now() - from_ms));
    return code;
}

static int run(struct cli *cli, struct demo_plan *plan, bool if_empty)
{
    if (strcmp(cli->argv[1], "plan") == 0) {
        print_plan(plan);
        return EXIT_CODE_OK;
    }
    if (strcmp(cli->argv[1], "load") == 0)
        return load(cli, plan, if_empty);
    return cli_left(cli, 9, 9, usage) ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

int cli_demo(struct cli *cli)
{
    static struct demo_plan plan;
    uint64_t seed = 0;
    int32_t day = 0;
    const Dw__CommissioningModel *model;
    const Dw__Demonstration *description;
    const char *file = cli_take(cli, "--file");
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
    struct arena *arena = arena_create(FILES_MEMORY_MAX);
    if (arena == NULL)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "memory ends");
    code = read_files(cli, file, arena, &model, &description);
    if (code == EXIT_CODE_OK) {
        const char *wrong = demo_plan_make(&plan, description, model,
                                           seed_text == NULL ? description->seed : seed, day);
        code = wrong != NULL
                   ? cli_fail(EXIT_CODE_DATA, "the demonstration does not hold: %s", wrong)
                   : run(cli, &plan, if_empty);
    }
    arena_destroy(&arena);
    return code;
}
