/* `dayways report dashboard --watch`: after the table, one line for each change of its figures, as they happen. */
#include "services/cli/cli.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

#include "reporting.pb-c.h"

enum { LOOK_MS = 500, MONEY_SIZE = 32, PLACE_SIZE = 160 };

static bool said; /* something in this look */

static void begin_line(struct cli *cli)
{
    if (!said)
        cli_print_time(client_now_ms(cli->client));
    else
        printf(", ");
    said = true;
}

static void say_count(struct cli *cli, const char *what, uint32_t before, uint32_t after)
{
    if (before == after)
        return;
    begin_line(cli);
    printf("%s %u (%+lld)", what, after, (long long)after - (long long)before);
}

static void say_money(struct cli *cli, int64_t before, int64_t after)
{
    char text[MONEY_SIZE];
    if (before == after)
        return;
    begin_line(cli);
    cli_money(after, text, sizeof text);
    printf("planned a year %s", text);
}

static const Dw__Figures *find_row(Dw__FiguresRow *const *rows, size_t count, const char *name)
{
    static const Dw__Figures none = DW__FIGURES__INIT;
    for (size_t at = 0; at < count; at++)
        if (strcmp(rows[at]->name, name) == 0 && rows[at]->figures != NULL)
            return rows[at]->figures;
    return &none;
}

static void say_rows(struct cli *cli, Dw__FiguresRow *const *before, size_t before_count,
                     Dw__FiguresRow *const *after, size_t after_count)
{
    char what[PLACE_SIZE];
    for (size_t at = 0; at < after_count; at++) {
        const Dw__Figures *old = find_row(before, before_count, after[at]->name);
        const Dw__Figures *new = find_row(after, after_count, after[at]->name);
        (void)text_format(what, sizeof what, "%s people", after[at]->name);
        say_count(cli, what, old->people, new->people);
        (void)text_format(what, sizeof what, "%s placements", after[at]->name);
        say_count(cli, what, old->placements, new->placements);
    }
}

static void say_changes(struct cli *cli, const Dw__DashboardShown *before,
                        const Dw__DashboardShown *after)
{
    said = false;
    say_count(cli, "people", before->all->people, after->all->people);
    say_count(cli, "placements", before->all->placements, after->all->placements);
    say_money(cli, before->all->planned_year_pence, after->all->planned_year_pence);
    if (before->n_groupings > 0 && after->n_groupings > 0)
        say_rows(cli, before->groupings[0]->rows, before->groupings[0]->n_rows,
                 after->groupings[0]->rows, after->groupings[0]->n_rows);
    say_rows(cli, before->districts, before->n_districts, after->districts, after->n_districts);
    say_count(cli, "people with direct payments", before->people_direct_payment,
              after->people_direct_payment);
    say_count(cli, "people who pay themselves", before->people_self_funded,
              after->people_self_funded);
    say_count(cli, "referrals waiting", before->referrals_waiting, after->referrals_waiting);
    say_count(cli, "goals reviewed", before->goals_reviewed, after->goals_reviewed);
    say_count(cli, "goals achieved", before->goals_achieved, after->goals_achieved);
    if (said)
        printf("\n");
    fflush(stdout);
}

int cli_watch_dashboard(struct cli *cli, Dw__DashboardShown *shown)
{
    const Dw__Dashboard query = DW__DASHBOARD__INIT;
    int code = EXIT_CODE_OK;
    printf("\n");
    fflush(stdout);
    while (code == EXIT_CODE_OK) {
        ProtobufCMessage *answer;
        const int64_t next_ms = client_now_ms(cli->client) + LOOK_MS;
        while (client_now_ms(cli->client) < next_ms)
            client_turn(cli->client);
        code = cli_query(cli, "reporting", &query.base, &answer);
        if (code != EXIT_CODE_OK)
            break;
        say_changes(cli, shown, (const Dw__DashboardShown *)answer);
        dw__dashboard_shown__free_unpacked(shown, NULL);
        shown = (Dw__DashboardShown *)answer;
    }
    dw__dashboard_shown__free_unpacked(shown, NULL);
    return code;
}
