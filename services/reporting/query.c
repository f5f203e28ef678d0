/* Questions to reporting. The figures are true values for staff; nothing here is suppressed for publication. */
#include "services/reporting/tally.h"

#include <stdlib.h>

enum { SHARE_WHOLE_E4 = 10000 };

/* --- the dashboard ---------------------------------------------------------------------------------------------- */

struct asked {
    const struct state *state;
    const Dw__CommissioningModel *model;
    struct answer *answer;
};

static size_t rows_by(const struct asked *asked, Dw__Dimension dimension,
                      const Dw__Grouping *grouping, Dw__FiguresRow ***ret_rows)
{
    const struct tally_by by = {{dimension, DW__DIMENSION__DIMENSION_UNSPECIFIED}, grouping};
    return tally_rows(asked->state, asked->model, &by, asked->answer, ret_rows);
}

static void add_groupings(const struct asked *asked, Dw__DashboardShown *shown)
{
    const size_t count = asked->model->n_groupings;
    shown->groupings = answer_alloc(asked->answer, (count + 1) * sizeof shown->groupings[0]);
    for (size_t at = 0; at < count; at++) {
        const Dw__Grouping *grouping = asked->model->groupings[at];
        Dw__FiguresTable *table = answer_alloc(asked->answer, sizeof *table);
        dw__figures_table__init(table);
        table->name = grouping->name;
        table->n_rows = rows_by(asked, DW__DIMENSION__DIMENSION_GROUPING, grouping, &table->rows);
        shown->groupings[shown->n_groupings++] = table;
    }
}

static void add_people_besides(const struct state *state, Dw__DashboardShown *shown)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(state->people, &position, &key, &value)) {
        const struct person_cell *cell = key;
        const uint32_t people = *(const uint32_t *)value;
        if (cell->set == 0 && (cell->routes & ROUTE_DIRECT_PAYMENT) != 0)
            shown->people_direct_payment += people;
        if (cell->set == 0 && (cell->routes & ROUTE_SELF_FUNDED) != 0)
            shown->people_self_funded += people;
    }
}

static void add_building_share(const struct state *state, Dw__DashboardShown *shown)
{
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(state->services, &position, &key, &value)) {
        const Dw__ReportedService *service =
            entities_get(state->entities, REPORTING_KIND_SERVICE, key, 0);
        const uint32_t placements = *(const uint32_t *)value;
        if (service == NULL)
            shown->placements_mode_unknown += placements;
        else if (service->mode == DW__SERVICE_MODE__SERVICE_MODE_BUILDING)
            shown->placements_building += placements;
    }
    if (shown->all->placements > 0)
        shown->building_share_e4 = (uint32_t)((uint64_t)shown->placements_building *
                                              SHARE_WHOLE_E4 / shown->all->placements);
}

/* One record a month: a council's fifty years are six hundred. */
static void add_goals(const struct state *state, Dw__DashboardShown *shown)
{
    const size_t count = entities_count(state->entities, REPORTING_KIND_MONTH);
    for (size_t at = 0; at < count; at++) {
        const Dw__ReportedMonth *month =
            entities_at(state->entities, REPORTING_KIND_MONTH, at, NULL);
        shown->goals_reviewed += month->goals_reviewed;
        shown->goals_achieved += month->goals_achieved;
    }
}

static uint32_t measured(const Dw__DashboardShown *shown, Dw__MeasureKind kind)
{
    switch (kind) {
    case DW__MEASURE_KIND__MEASURE_KIND_PEOPLE:
        return shown->all->people;
    case DW__MEASURE_KIND__MEASURE_KIND_PEOPLE_INTERNAL:
        return shown->all->people_internal_only + shown->all->people_both;
    case DW__MEASURE_KIND__MEASURE_KIND_PEOPLE_DIRECT_PAYMENT:
        return shown->people_direct_payment;
    case DW__MEASURE_KIND__MEASURE_KIND_UNSPECIFIED:
    case _DW__MEASURE_KIND_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* Made from figures that the answer has by now. */
static void add_measures(const struct asked *asked, Dw__DashboardShown *shown)
{
    const size_t count = asked->model->n_measures;
    shown->measures = answer_alloc(asked->answer, (count + 1) * sizeof shown->measures[0]);
    for (size_t at = 0; at < count; at++) {
        const Dw__Measure *measure = asked->model->measures[at];
        Dw__MeasureFigure *figure = answer_alloc(asked->answer, sizeof *figure);
        dw__measure_figure__init(figure);
        figure->name = measure->name;
        figure->value = measured(shown, measure->kind);
        figure->baseline = measure->baseline;
        figure->baseline_year = measure->baseline_year;
        figure->target = measure->target;
        if (measure->baseline > 0)
            figure->index = (uint32_t)(((uint64_t)figure->value * 100 + measure->baseline / 2) /
                                       measure->baseline);
        shown->measures[shown->n_measures++] = figure;
    }
}

REPORTING_QUERY(dashboard)
{
    (void)request;
    (void)vault;
    const struct asked asked = {state, (const Dw__CommissioningModel *)ctx->model, answer};
    Dw__DashboardShown shown = DW__DASHBOARD_SHOWN__INIT;
    shown.all = tally_all(state, asked.model, answer);
    add_groupings(&asked, &shown);
    shown.n_districts = rows_by(&asked, DW__DIMENSION__DIMENSION_DISTRICT, NULL, &shown.districts);
    shown.n_age_bands = rows_by(&asked, DW__DIMENSION__DIMENSION_AGE_BAND, NULL, &shown.age_bands);
    shown.n_ethnicities =
        rows_by(&asked, DW__DIMENSION__DIMENSION_ETHNICITY_GROUP, NULL, &shown.ethnicities);
    add_people_besides(state, &shown);
    add_building_share(state, &shown);
    add_goals(state, &shown);
    add_measures(&asked, &shown);
    shown.referrals_waiting = (uint32_t)entities_count(state->entities, REPORTING_KIND_REFERRAL);
    answer_give(answer, &shown.base);
}

/* --- breakdowns ------------------------------------------------------------------------------------------------- */

REPORTING_QUERY(breakdown)
{
    (void)vault;
    const Dw__Breakdown *asked = (const Dw__Breakdown *)request;
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)ctx->model;
    if (asked->n_dimensions < 1 || asked->n_dimensions > 2) {
        answer_invalid(answer, "dimensions", "one or two are named");
        return;
    }
    struct tally_by by = {{asked->dimensions[0], DW__DIMENSION__DIMENSION_UNSPECIFIED}, NULL};
    if (asked->n_dimensions == 2)
        by.dimensions[1] = asked->dimensions[1];
    const size_t grouping = asked->grouping == 0 ? 0 : asked->grouping - 1;
    if (by.dimensions[0] == DW__DIMENSION__DIMENSION_GROUPING ||
        by.dimensions[1] == DW__DIMENSION__DIMENSION_GROUPING) {
        if (grouping >= model->n_groupings) {
            answer_refuse(answer, DW__REPORTING_REFUSAL__REPORTING_REFUSAL_GROUPING_UNKNOWN,
                          "The council's model has %zu groupings; name one of these.",
                          model->n_groupings);
            return;
        }
        by.grouping = model->groupings[grouping];
    }
    Dw__BreakdownShown shown = DW__BREAKDOWN_SHOWN__INIT;
    shown.n_rows = tally_rows(state, model, &by, answer, &shown.rows);
    answer_give(answer, &shown.base);
}

/* --- providers -------------------------------------------------------------------------------------------------- */

static int compare_providers(const void *left, const void *right)
{
    const Dw__ProviderFigures *one = *(Dw__ProviderFigures *const *)left;
    const Dw__ProviderFigures *two = *(Dw__ProviderFigures *const *)right;
    struct id one_id = {0};
    struct id two_id = {0};
    (void)id_from_data(&one->provider_id, &one_id);
    (void)id_from_data(&two->provider_id, &two_id);
    return id_compare(&one_id, &two_id);
}

static bool is_in_set(const struct provider_set *set, const struct id *id)
{
    for (size_t at = 0; at < PROVIDER_SET_MAX; at++)
        if (id_equal(&set->ids[at], id))
            return true;
    return false;
}

/* People of all sets the provider is in. Sets are few beside cells, so a row of flags is made first. */
static uint32_t people_at(const struct state *state, const struct id *id, struct answer *answer)
{
    const uint32_t sets = reporting_sets(state);
    bool *is_in = answer_alloc(answer, sets + 1);
    for (uint32_t number = 1; number <= sets; number++)
        is_in[number] = is_in_set(reporting_set(state, number), id);
    uint32_t people = 0;
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(state->people, &position, &key, &value))
        if (is_in[((const struct person_cell *)key)->set])
            people += *(const uint32_t *)value;
    return people;
}

static Dw__ProviderFigures *provider_figures(const struct state *state, const struct id *id,
                                             const Dw__ReportedProvider *provider,
                                             struct answer *answer)
{
    Dw__ProviderFigures *figures = answer_alloc(answer, sizeof *figures);
    struct id *own_id = answer_alloc(answer, sizeof *own_id);
    *own_id = *id;
    dw__provider_figures__init(figures);
    figures->provider_id = id_to_data(own_id);
    figures->reference = provider->reference;
    figures->name = provider->name;
    figures->kind = provider->kind;
    figures->people = people_at(state, id, answer);
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(state->placements, &position, &key, &value)) {
        const struct placement_cell *cell = key;
        const struct placement_counts *counts = value;
        if (!id_equal(&cell->provider_id, id) ||
            !reporting_commissioned((Dw__FundingRoute)cell->funding))
            continue;
        figures->placements += counts->placements;
        figures->planned_year_pence += counts->year_pence;
    }
    return figures;
}

REPORTING_QUERY(provider_report)
{
    (void)ctx;
    (void)vault;
    const Dw__ProviderReport *asked = (const Dw__ProviderReport *)request;
    struct id only = {0};
    const bool is_one = id_from_data(&asked->provider_id, &only);
    const size_t count = entities_count(state->entities, REPORTING_KIND_PROVIDER);
    Dw__ProvidersReported reported = DW__PROVIDERS_REPORTED__INIT;
    reported.providers = answer_alloc(answer, (count + 1) * sizeof reported.providers[0]);
    for (size_t at = 0; at < count; at++) {
        struct entity_key key;
        const Dw__ReportedProvider *provider =
            entities_at(state->entities, REPORTING_KIND_PROVIDER, at, &key);
        if (!is_one || id_equal(&key.id, &only))
            reported.providers[reported.n_providers++] =
                provider_figures(state, &key.id, provider, answer);
    }
    if (is_one && reported.n_providers == 0) {
        answer_refuse(answer, DW__REPORTING_REFUSAL__REPORTING_REFUSAL_PROVIDER_UNKNOWN,
                      "Capacity has not told of a provider with this id.");
        return;
    }
    qsort(reported.providers, reported.n_providers, sizeof reported.providers[0],
          compare_providers);
    answer_give(answer, &reported.base);
}
