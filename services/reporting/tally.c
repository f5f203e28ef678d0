/* Adds up the tables of counts: each cell goes to the row of its values. A cell is a few numbers, and the cells are far
 * fewer than the people. Groups are the model's of this moment: a changed model needs no new counting. */
#include "services/reporting/tally.h"

enum { VALUES_MAX = 256 }; /* every value of a cell is a byte */

struct tally {
    const struct state *state;
    const Dw__CommissioningModel *model;
    const struct tally_by *by;
    struct answer *answer;
    Dw__FiguresRow **cells; /* by number × VALUES_MAX + second number; NULL = nothing there */
    size_t seconds;         /* VALUES_MAX, or 1 when there is no second dimension */
};

/* --- values ----------------------------------------------------------------------------------------------------- */

static bool is_in_group(const Dw__Group *group, const struct facts *facts)
{
    if (facts->age < group->age_from || (group->age_to != 0 && facts->age > group->age_to))
        return false;
    for (size_t at = 0; at < group->n_reasons; at++)
        if ((uint32_t)group->reasons[at] == facts->support_reason)
            return true;
    return group->n_reasons == 0;
}

static uint32_t group_of(const Dw__Grouping *grouping, const struct facts *facts)
{
    for (size_t at = 0; grouping != NULL && at < grouping->n_groups; at++)
        if (is_in_group(grouping->groups[at], facts))
            return (uint32_t)at + 1;
    return 0;
}

static uint32_t age_band_of(const Dw__CommissioningModel *model, uint32_t age)
{
    for (size_t at = 0; at < model->n_age_bands; at++) {
        const Dw__AgeBand *band = model->age_bands[at];
        if (age >= band->from && (band->to == 0 || age <= band->to))
            return (uint32_t)at + 1;
    }
    return 0;
}

/* level and funding are 0 for people. */
static uint32_t value_of(const struct tally *tally, Dw__Dimension dimension,
                         const struct facts *facts, uint32_t level, uint32_t funding)
{
    switch (dimension) {
    case DW__DIMENSION__DIMENSION_GROUPING:
        return group_of(tally->by->grouping, facts);
    case DW__DIMENSION__DIMENSION_AGE_BAND:
        return age_band_of(tally->model, facts->age);
    case DW__DIMENSION__DIMENSION_DISTRICT:
        return facts->district;
    case DW__DIMENSION__DIMENSION_ETHNICITY_GROUP:
        return facts->ethnicity_group;
    case DW__DIMENSION__DIMENSION_SEX:
        return facts->sex;
    case DW__DIMENSION__DIMENSION_SUPPORT_REASON:
        return facts->support_reason;
    case DW__DIMENSION__DIMENSION_LEVEL:
        return level;
    case DW__DIMENSION__DIMENSION_FUNDING:
        return funding;
    case DW__DIMENSION__DIMENSION_UNSPECIFIED:
    case _DW__DIMENSION_IS_INT_SIZE:
        break;
    }
    return 0;
}

static const char *enum_name(const ProtobufCEnumDescriptor *type, uint32_t number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, (int)number);
    return number == 0 || value == NULL ? "" : value->name;
}

static const char *district_name(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return model->districts[at]->name;
    return "";
}

static const char *level_name(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_levels; at++)
        if (model->levels[at]->number == number)
            return model->levels[at]->name;
    return "";
}

static const char *name_of(const struct tally *tally, Dw__Dimension dimension, uint32_t number)
{
    const Dw__Grouping *grouping = tally->by->grouping;
    switch (dimension) {
    case DW__DIMENSION__DIMENSION_GROUPING:
        return number == 0 || grouping == NULL ? "" : grouping->groups[number - 1]->name;
    case DW__DIMENSION__DIMENSION_AGE_BAND:
        return number == 0 ? "" : tally->model->age_bands[number - 1]->name;
    case DW__DIMENSION__DIMENSION_DISTRICT:
        return district_name(tally->model, number);
    case DW__DIMENSION__DIMENSION_ETHNICITY_GROUP:
        return enum_name(&dw__ethnicity_group__descriptor, number);
    case DW__DIMENSION__DIMENSION_SEX:
        return enum_name(&dw__sex__descriptor, number);
    case DW__DIMENSION__DIMENSION_SUPPORT_REASON:
        return enum_name(&dw__support_reason__descriptor, number);
    case DW__DIMENSION__DIMENSION_LEVEL:
        return level_name(tally->model, number);
    case DW__DIMENSION__DIMENSION_FUNDING:
        return enum_name(&dw__funding_route__descriptor, number);
    case DW__DIMENSION__DIMENSION_UNSPECIFIED:
    case _DW__DIMENSION_IS_INT_SIZE:
        break;
    }
    return "";
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

static Dw__Figures *figures_of(struct tally *tally, const struct facts *facts, uint32_t level,
                               uint32_t funding)
{
    const Dw__Dimension *dimensions = tally->by->dimensions;
    const uint32_t first = value_of(tally, dimensions[0], facts, level, funding) % VALUES_MAX;
    const uint32_t second = value_of(tally, dimensions[1], facts, level, funding) % VALUES_MAX;
    Dw__FiguresRow **cell = &tally->cells[first * tally->seconds + second];
    if (*cell == NULL) {
        Dw__FiguresRow *row = answer_alloc(tally->answer, sizeof *row);
        dw__figures_row__init(row);
        row->figures = answer_alloc(tally->answer, sizeof *row->figures);
        dw__figures__init(row->figures);
        row->number = first;
        row->second_number = second;
        row->name = (char *)(uintptr_t)name_of(tally, dimensions[0], first);
        row->second_name = (char *)(uintptr_t)name_of(tally, dimensions[1], second);
        *cell = row;
    }
    return (*cell)->figures;
}

static bool divides_by(const struct tally_by *by, Dw__Dimension dimension)
{
    return by->dimensions[0] == dimension || by->dimensions[1] == dimension;
}

static void add_placements(struct tally *tally)
{
    const bool all_funding = divides_by(tally->by, DW__DIMENSION__DIMENSION_FUNDING);
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(tally->state->placements, &position, &key, &value)) {
        const struct placement_cell *cell = key;
        const struct placement_counts *counts = value;
        if (!all_funding && !reporting_commissioned((Dw__FundingRoute)cell->funding))
            continue;
        Dw__Figures *figures = figures_of(tally, &cell->facts, cell->level, cell->funding);
        const Dw__ReportedProvider *provider = reporting_provider(tally->state, &cell->provider_id);
        figures->placements += counts->placements;
        figures->placements_without_price += counts->without_price;
        figures->planned_year_pence += counts->year_pence;
        if (provider == NULL) {
            figures->placements_provider_unknown += counts->placements;
        } else if (provider->kind == DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE) {
            figures->placements_internal += counts->placements;
            figures->planned_year_internal_pence += counts->year_pence;
        } else {
            figures->placements_external += counts->placements;
            figures->planned_year_external_pence += counts->year_pence;
        }
    }
}

/* Which of the figures of people those with this set of providers belong to: counted once a set, not once a person. */
enum people_kind { PEOPLE_UNKNOWN, PEOPLE_INTERNAL, PEOPLE_EXTERNAL, PEOPLE_BOTH };

static enum people_kind kind_of(const struct state *state, const struct provider_set *set)
{
    bool internal = false;
    bool external = false;
    for (size_t at = 0; at < PROVIDER_SET_MAX && !id_is_zero(&set->ids[at]); at++) {
        const Dw__ReportedProvider *provider = reporting_provider(state, &set->ids[at]);
        if (provider == NULL)
            return PEOPLE_UNKNOWN;
        if (provider->kind == DW__PROVIDER_KIND__PROVIDER_KIND_IN_HOUSE)
            internal = true;
        else
            external = true;
    }
    if (internal)
        return external ? PEOPLE_BOTH : PEOPLE_INTERNAL;
    return PEOPLE_EXTERNAL;
}

static void add_people(struct tally *tally)
{
    const uint32_t sets = reporting_sets(tally->state);
    enum people_kind *kinds = answer_alloc(tally->answer, (sets + 1) * sizeof kinds[0]);
    for (uint32_t number = 1; number <= sets; number++)
        kinds[number] = kind_of(tally->state, reporting_set(tally->state, number));
    size_t position = 0;
    const void *key;
    void *value;
    while (table_next(tally->state->people, &position, &key, &value)) {
        const struct person_cell *cell = key;
        const uint32_t people = *(const uint32_t *)value;
        if (cell->set == 0)
            continue;
        Dw__Figures *figures = figures_of(tally, &cell->facts, 0, 0);
        figures->people += people;
        switch (kinds[cell->set]) {
        case PEOPLE_UNKNOWN:
            figures->people_provider_unknown += people;
            break;
        case PEOPLE_INTERNAL:
            figures->people_internal_only += people;
            break;
        case PEOPLE_EXTERNAL:
            figures->people_external_only += people;
            break;
        case PEOPLE_BOTH:
            figures->people_both += people;
            break;
        }
    }
}

size_t tally_rows(const struct state *state, const Dw__CommissioningModel *model,
                  const struct tally_by *by, struct answer *answer, Dw__FiguresRow ***ret_rows)
{
    const bool is_one = by->dimensions[1] == DW__DIMENSION__DIMENSION_UNSPECIFIED;
    struct tally tally = {.state = state,
                          .model = model,
                          .by = by,
                          .answer = answer,
                          .seconds = is_one ? 1 : VALUES_MAX};
    const size_t cells = VALUES_MAX * tally.seconds;
    tally.cells = answer_alloc(answer, cells * sizeof tally.cells[0]);
    add_placements(&tally);
    if (!divides_by(by, DW__DIMENSION__DIMENSION_LEVEL) &&
        !divides_by(by, DW__DIMENSION__DIMENSION_FUNDING))
        add_people(&tally);
    size_t count = 0;
    for (size_t at = 0; at < cells; at++)
        if (tally.cells[at] != NULL)
            tally.cells[count++] = tally.cells[at];
    *ret_rows = tally.cells;
    return count;
}

Dw__Figures *tally_all(const struct state *state, const Dw__CommissioningModel *model,
                       struct answer *answer)
{
    static const struct tally_by by_nothing = {{0}, NULL};
    Dw__FiguresRow **rows;
    if (tally_rows(state, model, &by_nothing, answer, &rows) > 0)
        return rows[0]->figures;
    Dw__Figures *nothing = answer_alloc(answer, sizeof *nothing);
    dw__figures__init(nothing);
    return nothing;
}
