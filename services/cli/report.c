/* `dayways report dashboard`: the commissioner's position now, as reporting counts it. */
#include "services/cli/cli.h"

#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reporting.pb-c.h"

enum { MONEY_SIZE = 32 };

static void print_heading(const char *name)
{
    printf("\n%-44s %6s %8s %5s %8s %10s %9s %9s %16s\n", name, "PEOPLE", "INTERNAL", "BOTH",
           "EXTERNAL", "PLACEMENTS", "INTERNAL", "EXTERNAL", "PLANNED A YEAR");
}

static void print_figures(const char *name, const Dw__Figures *figures)
{
    char money[MONEY_SIZE];
    if (figures == NULL)
        return;
    cli_money(figures->planned_year_pence, money, sizeof money);
    printf("%-44s %6u %8u %5u %8u %10u %9u %9u %17s\n", name, figures->people,
           figures->people_internal_only, figures->people_both, figures->people_external_only,
           figures->placements, figures->placements_internal, figures->placements_external, money);
}

static void print_rows(const char *name, Dw__FiguresRow *const *rows, size_t count)
{
    print_heading(name);
    for (size_t at = 0; at < count; at++)
        print_figures(rows[at]->name, rows[at]->figures);
}

static void print_dashboard(const Dw__DashboardShown *shown)
{
    char internal[MONEY_SIZE];
    char external[MONEY_SIZE];
    print_heading("COMMISSIONED");
    print_figures("all", shown->all);
    if (shown->all != NULL) {
        cli_money(shown->all->planned_year_internal_pence, internal, sizeof internal);
        cli_money(shown->all->planned_year_external_pence, external, sizeof external);
        printf("%-44s internal %s, external %s\n", "planned a year", internal, external);
    }
    for (size_t at = 0; at < shown->n_groupings; at++)
        print_rows(shown->groupings[at]->name, shown->groupings[at]->rows,
                   shown->groupings[at]->n_rows);
    print_rows("district", shown->districts, shown->n_districts);
    print_rows("age", shown->age_bands, shown->n_age_bands);
    print_rows("ethnicity", shown->ethnicities, shown->n_ethnicities);
    printf("\nOn top: %u people with direct payments, %u who pay themselves.\n"
           "Building based: %u placements, %u.%02u %%. Referrals waiting: %u. Goals reviewed: %u, "
           "achieved: %u.\n",
           shown->people_direct_payment, shown->people_self_funded, shown->placements_building,
           shown->building_share_e4 / 100, shown->building_share_e4 % 100, shown->referrals_waiting,
           shown->goals_reviewed, shown->goals_achieved);
    for (size_t at = 0; at < shown->n_measures; at++) {
        const Dw__MeasureFigure *figure = shown->measures[at];
        printf("%s: %u", figure->name, figure->value);
        if (figure->baseline > 0)
            printf("; %u where %u is 100", figure->index, figure->baseline_year);
        if (figure->target > 0)
            printf("; the aim is %u", figure->target);
        printf(".\n");
    }
}

int cli_report(struct cli *cli)
{
    ProtobufCMessage *answer;
    char *text = NULL;
    const bool watch = cli_take_flag(cli, "--watch");
    if (!cli_left(cli, 1, 1, "report dashboard [--json | --watch]"))
        return EXIT_CODE_USAGE;
    if (strcmp(cli->argv[1], "dashboard") != 0)
        return cli_fail(EXIT_CODE_USAGE, "there is no report %s; there is: dashboard",
                        cli->argv[1]);
    const Dw__Dashboard query = DW__DASHBOARD__INIT;
    const int code = cli_query(cli, "reporting", &query.base, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    if (!cli->json)
        print_dashboard((const Dw__DashboardShown *)answer);
    else if (json_from_message(answer, true, &text) == 0)
        fputs(text, stdout);
    free(text);
    if (watch && !cli->json)
        return cli_watch_dashboard(cli, (Dw__DashboardShown *)answer);
    protobuf_c_message_free_unpacked(answer, NULL);
    return EXIT_CODE_OK;
}
