/* One function a part of the model, in the order of model.proto. See model_check.h. */
#include "proto/model_check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model.pb-c.h"

enum {
    LEVEL_MAX = 16,
    DISTRICT_MAX = 64,
    DOMAIN_MAX = 32,
    FRAMEWORK_MAX = 16,
    BUDGET_LINE_MAX = 64,
    AGE_MAX = 127,
    LATITUDE_MAX_E6 = 90 * 1000000,
    LONGITUDE_MAX_E6 = 180 * 1000000,
    DETOUR_PERCENT_MIN = 100, /* no road is shorter than the straight line */
    DETOUR_PERCENT_MAX = 1000,
    SPEED_METRES_MIN = 1000,
    SPEED_METRES_MAX = 200 * 1000,
    TRAVEL_MINUTES_MAX = 600,
    YEAR_MIN = 2000,
    YEAR_MAX = 2100,
    HUNDRED = 100,
    WEEKS_MAX = 520,  /* ten years */
    DAYS_MAX = 3660,  /* the same */
    MONTHS_MAX = 120, /* the same: services allow no longer extension */
    WEEK_MINUTES = 7 * 24 * 60,
    HOLD_MINUTES_MAX = 366 * 24 * 60,
};

/* Where the first wrong thing is written. */
struct check {
    char *wrong;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static bool fail(const struct check *check,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(check->wrong, check->size, format, arguments);
    va_end(arguments);
    return false;
}

/* A number of a list's entry is 1 to max. */
static bool check_number(const struct check *check, const char *list, size_t at, uint32_t number,
                         uint32_t max)
{
    return (number >= 1 && number <= max) ||
           fail(check, "%s[%zu].number: it is 1 to %u, and not %u", list, at, max, number);
}

static bool twice(const struct check *check, const char *list, size_t at, size_t before,
                  uint32_t number)
{
    return fail(check, "%s[%zu].number: %u is the number of %s[%zu], too; each has its own", list,
                at, number, list, before);
}

static bool check_name(const struct check *check, const char *list, size_t at, const char *name)
{
    return name[0] != '\0' || fail(check, "%s[%zu].name: it is missing", list, at);
}

static bool named_twice(const struct check *check, const char *list, size_t at, size_t before,
                        const char *name)
{
    return fail(check, "%s[%zu].name: %s[%zu] is named %s, too", list, at, list, before, name);
}

/* Ages are in order; to 0 has no upper bound. */
static bool check_ages(const struct check *check, const char *path, uint32_t from, uint32_t to)
{
    if (from > AGE_MAX || to > AGE_MAX)
        return fail(check, "%s: an age is 0 to %d", path, AGE_MAX);
    return to == 0 || to >= from ||
           fail(check, "%s: %u to %u is nobody; an upper age of 0 is no bound", path, from, to);
}

/* --- the council and its lists ---------------------------------------------------------------------------------------- */

static bool is_made_of(const char *text, size_t min, size_t max, const char *letters)
{
    const size_t len = strlen(text);
    return len >= min && len <= max && strspn(text, letters) == len;
}

static bool check_council(const struct check *check, const Dw__CommissioningModel *model)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char digits[] = "0123456789";
    if (model->gss_code[0] == '\0' || strchr(capitals, model->gss_code[0]) == NULL ||
        !is_made_of(model->gss_code + 1, 8, 8, digits))
        return fail(check, "gssCode: it is the council's ONS code, such as E06000049");
    if (model->name[0] == '\0')
        return fail(check, "name: it is missing");
    if (model->colour[0] != '#' || !is_made_of(model->colour + 1, 6, 6, "0123456789abcdefABCDEF"))
        return fail(check, "colour: it is written as #1d70b8");
    if (!is_made_of(model->reference_prefix, 2, 4, capitals))
        return fail(check, "referencePrefix: it is two to four capital letters");
    return true;
}

static bool check_level(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    const Dw__Level *level = model->levels[at];
    if (!check_number(check, "levels", at, level->number, LEVEL_MAX) ||
        !check_name(check, "levels", at, level->name))
        return false;
    for (size_t before = 0; before < at; before++)
        if (model->levels[before]->number == level->number)
            return twice(check, "levels", at, before, level->number);
    for (size_t before = 0; before < at; before++)
        if (strcasecmp(model->levels[before]->name, level->name) == 0)
            return named_twice(check, "levels", at, before, level->name);
    if (level->limit_weeks > WEEKS_MAX || level->extension_weeks_max > WEEKS_MAX ||
        level->free_weeks > WEEKS_MAX)
        return fail(check, "levels[%zu]: limitWeeks, extensionWeeksMax and freeWeeks are 0 to %d",
                    at, WEEKS_MAX);
    if (level->kind == DW__LEVEL_KIND__LEVEL_KIND_UNSPECIFIED)
        return fail(check, "levels[%zu].kind: it is missing", at);
    for (size_t week = 0; week < level->n_warning_weeks; week++)
        if (level->warning_weeks[week] == 0 || level->warning_weeks[week] > level->limit_weeks)
            return fail(check, "levels[%zu].warningWeeks[%zu]: it lies within limitWeeks", at,
                        week);
    for (size_t week = 1; week < level->n_warning_weeks; week++)
        if (level->warning_weeks[week] <= level->warning_weeks[week - 1])
            return fail(check, "levels[%zu].warningWeeks[%zu]: it is later than the one before it",
                        at, week);
    return true;
}

static bool check_district(const struct check *check, const Dw__CommissioningModel *model,
                           size_t at)
{
    const Dw__District *district = model->districts[at];
    if (!check_number(check, "districts", at, district->number, DISTRICT_MAX) ||
        !check_name(check, "districts", at, district->name))
        return false;
    for (size_t before = 0; before < at; before++) {
        if (model->districts[before]->number == district->number)
            return twice(check, "districts", at, before, district->number);
        if (strcasecmp(model->districts[before]->name, district->name) == 0)
            return named_twice(check, "districts", at, before, district->name);
    }
    if (district->latitude_e6 < -LATITUDE_MAX_E6 || district->latitude_e6 > LATITUDE_MAX_E6)
        return fail(check,
                    "districts[%zu].latitudeE6: it is degrees × 1,000,000, from -90 to 90 degrees",
                    at);
    if (district->longitude_e6 < -LONGITUDE_MAX_E6 || district->longitude_e6 > LONGITUDE_MAX_E6)
        return fail(
            check,
            "districts[%zu].longitudeE6: it is degrees × 1,000,000, from -180 to 180 degrees", at);
    return district->latitude_e6 != 0 || district->longitude_e6 != 0 ||
           fail(check, "districts[%zu]: latitudeE6 and longitudeE6 of its centre are missing", at);
}

static bool check_grouping(const struct check *check, const Dw__CommissioningModel *model,
                           size_t at)
{
    char path[64];
    const Dw__Grouping *grouping = model->groupings[at];
    if (!check_name(check, "groupings", at, grouping->name))
        return false;
    for (size_t before = 0; before < at; before++)
        if (strcasecmp(model->groupings[before]->name, grouping->name) == 0)
            return named_twice(check, "groupings", at, before, grouping->name);
    for (size_t group = 0; group < grouping->n_groups; group++) {
        (void)snprintf(path, sizeof path, "groupings[%zu].groups[%zu]", at, group);
        if (grouping->groups[group]->name[0] == '\0')
            return fail(check, "%s.name: it is missing", path);
        for (size_t before = 0; before < group; before++)
            if (strcasecmp(grouping->groups[before]->name, grouping->groups[group]->name) == 0)
                return fail(check, "%s.name: groups[%zu] is named %s, too", path, before,
                            grouping->groups[group]->name);
        if (!check_ages(check, path, grouping->groups[group]->age_from,
                        grouping->groups[group]->age_to))
            return false;
    }
    return grouping->n_groups > 0 || fail(check, "groupings[%zu].groups: there is none", at);
}

/* Bands follow on, so that nobody is in two. */
static bool check_band(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    char path[64];
    const Dw__AgeBand *band = model->age_bands[at];
    const Dw__AgeBand *before = at == 0 ? NULL : model->age_bands[at - 1];
    (void)snprintf(path, sizeof path, "ageBands[%zu]", at);
    if (!check_name(check, "ageBands", at, band->name) ||
        !check_ages(check, path, band->from, band->to))
        return false;
    return before == NULL || (before->to != 0 && before->to < band->from) ||
           fail(check, "%s.from: it lies above the band before it, which has an end", path);
}

static bool check_domain(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    const Dw__OutcomeDomain *domain = model->outcome_domains[at];
    if (!check_number(check, "outcomeDomains", at, domain->number, DOMAIN_MAX) ||
        !check_name(check, "outcomeDomains", at, domain->name))
        return false;
    for (size_t before = 0; before < at; before++)
        if (model->outcome_domains[before]->number == domain->number)
            return twice(check, "outcomeDomains", at, before, domain->number);
    for (size_t before = 0; before < at; before++)
        if (strcasecmp(model->outcome_domains[before]->name, domain->name) == 0)
            return named_twice(check, "outcomeDomains", at, before, domain->name);
    return is_made_of(domain->care_act_outcome, 1, 1, "abcdefghij") ||
           fail(check, "outcomeDomains[%zu].careActOutcome: it is a letter, a to j", at);
}

static bool check_lists(const struct check *check, const Dw__CommissioningModel *model)
{
    if (model->n_levels == 0)
        return fail(check, "levels: there is none; services are of a level");
    if (model->n_districts == 0)
        return fail(check, "districts: there is none; people live in one");
    for (size_t at = 0; at < model->n_levels; at++)
        if (!check_level(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_districts; at++)
        if (!check_district(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_groupings; at++)
        if (!check_grouping(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_age_bands; at++)
        if (!check_band(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_outcome_domains; at++)
        if (!check_domain(check, model, at))
            return false;
    for (size_t at = 1; at < model->n_bank_holidays; at++)
        if (model->bank_holidays[at]->days <= model->bank_holidays[at - 1]->days)
            return fail(check, "bankHolidays[%zu]: they stand in the order of their dates", at);
    return true;
}

/* --- rules ------------------------------------------------------------------------------------------------------------ */

static bool has_district(const Dw__CommissioningModel *model, uint32_t number)
{
    for (size_t at = 0; at < model->n_districts; at++)
        if (model->districts[at]->number == number)
            return true;
    return false;
}

static bool check_cell(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    const Dw__TravelCell *cell = model->rules->travel->matrix[at];
    if (!has_district(model, cell->from) || !has_district(model, cell->to))
        return fail(check,
                    "rules.travel.matrix[%zu]: from and to are numbers of districts; there "
                    "is none with %u",
                    at, has_district(model, cell->from) ? cell->to : cell->from);
    if (cell->minutes == 0 || cell->minutes > TRAVEL_MINUTES_MAX)
        return fail(check, "rules.travel.matrix[%zu].minutes: it is 1 to %d", at,
                    TRAVEL_MINUTES_MAX);
    for (size_t before = 0; before < at; before++) {
        const Dw__TravelCell *other = model->rules->travel->matrix[before];
        if (other->from == cell->from && other->to == cell->to)
            return fail(check,
                        "rules.travel.matrix[%zu]: the way from %u to %u is in matrix[%zu], too",
                        at, cell->from, cell->to, before);
    }
    return true;
}

/* What is 0 is as usual. */
static bool check_travel(const struct check *check, const Dw__CommissioningModel *model)
{
    const Dw__Travel *travel = model->rules->travel;
    if (travel->detour_percent != 0 && (travel->detour_percent < DETOUR_PERCENT_MIN ||
                                        travel->detour_percent > DETOUR_PERCENT_MAX))
        return fail(check, "rules.travel.detourPercent: it is %d to %d", DETOUR_PERCENT_MIN,
                    DETOUR_PERCENT_MAX);
    if (travel->speed_metres_per_hour != 0 && (travel->speed_metres_per_hour < SPEED_METRES_MIN ||
                                               travel->speed_metres_per_hour > SPEED_METRES_MAX))
        return fail(check, "rules.travel.speedMetresPerHour: it is %d to %d", SPEED_METRES_MIN,
                    SPEED_METRES_MAX);
    if (travel->limit_minutes > TRAVEL_MINUTES_MAX)
        return fail(check, "rules.travel.limitMinutes: it is at most %d", TRAVEL_MINUTES_MAX);
    for (size_t at = 0; at < travel->n_matrix; at++)
        if (!check_cell(check, model, at))
            return false;
    return true;
}

/* Each value of an enum is named at most once, and none is missing. */
static bool check_order(const struct check *check, const char *path, const int *values,
                        size_t count)
{
    for (size_t at = 0; at < count; at++)
        for (size_t before = 0; before <= at; before++)
            if (values[at] == 0 || (before < at && values[before] == values[at]))
                return fail(check, "rules.%s[%zu]: each is named once", path, at);
    return true;
}

static bool check_excluded(const struct check *check, const Dw__Rules *rules)
{
    for (size_t at = 0; at < rules->n_excluded_reasons; at++) {
        const Dw__ExcludedReason *excluded = rules->excluded_reasons[at];
        if (excluded->reason == DW__SUPPORT_REASON__SUPPORT_REASON_UNSPECIFIED)
            return fail(check, "rules.excludedReasons[%zu].reason: it is missing", at);
        if (excluded->instead[0] == '\0')
            return fail(check, "rules.excludedReasons[%zu].instead: it says where to go", at);
        for (size_t before = 0; before < at; before++)
            if (rules->excluded_reasons[before]->reason == excluded->reason)
                return fail(check, "rules.excludedReasons[%zu].reason: it is named once", at);
    }
    return true;
}

/* Values rise, and after a band for any value there is nothing left. */
static bool check_approval(const struct check *check, const Dw__Rules *rules)
{
    for (size_t at = 0; at < rules->n_approval_bands; at++) {
        const Dw__ApprovalBand *band = rules->approval_bands[at];
        const Dw__ApprovalBand *before = at == 0 ? NULL : rules->approval_bands[at - 1];
        if (band->role == DW__ROLE__ROLE_UNSPECIFIED)
            return fail(check, "rules.approvalBands[%zu].role: it is missing", at);
        if (band->up_to_pence < 0 ||
            (before != NULL &&
             (before->up_to_pence == 0 ||
              (band->up_to_pence != 0 && band->up_to_pence <= before->up_to_pence))))
            return fail(check,
                        "rules.approvalBands[%zu].upToPence: bands stand in the order of their "
                        "values, and 0, for any value, comes last",
                        at);
    }
    return true;
}

static bool check_weights(const struct check *check, const Dw__AwardWeights *weights)
{
    const uint64_t sum =
        (uint64_t)weights->price + weights->quality + weights->outcomes + weights->social_value;
    return sum == HUNDRED || fail(check, "rules.awardWeights: they add up to %d, and not to %llu",
                                  HUNDRED, (unsigned long long)sum);
}

/* A date so many days or minutes from another one is a date still. */
static bool check_lengths(const struct check *check, const Dw__Rules *rules)
{
    const struct {
        const char *name;
        uint32_t value, max;
    } lengths[] = {{"viableMinutesPerWeek", rules->viable_minutes_per_week, WEEK_MINUTES},
                   {"holdMinutes", rules->hold_minutes, HOLD_MINUTES_MAX},
                   {"holdMinutesMax", rules->hold_minutes_max, HOLD_MINUTES_MAX},
                   {"reviewDays", rules->review_days, DAYS_MAX},
                   {"escalateDays", rules->escalate_days, DAYS_MAX},
                   {"callOffDays", rules->call_off_days, DAYS_MAX},
                   {"firstReviewDays", rules->first_review_days, DAYS_MAX},
                   {"placementReviewDays", rules->placement_review_days, DAYS_MAX},
                   {"keepPlaceDays", rules->keep_place_days, DAYS_MAX},
                   {"contractWarningDays", rules->contract_warning_days, DAYS_MAX},
                   {"visitDays", rules->visit_days, DAYS_MAX}};
    for (size_t at = 0; at < sizeof lengths / sizeof lengths[0]; at++)
        if (lengths[at].value > lengths[at].max)
            return fail(check, "rules.%s: it is at most %u", lengths[at].name, lengths[at].max);
    return true;
}

static bool check_rules(const struct check *check, const Dw__CommissioningModel *model)
{
    const Dw__Rules *rules = model->rules;
    if (rules == NULL)
        return fail(check, "rules: they are missing");
    if (rules->outcomes_before_submission && model->n_outcome_domains == 0)
        return fail(check, "outcomeDomains: there is none, and rules.outcomesBeforeSubmission "
                           "wants one of them");
    if (rules->viable_minutes_per_week > 0 &&
        rules->viable_effect == DW__RULE_EFFECT__RULE_EFFECT_UNSPECIFIED)
        return fail(check, "rules.viableEffect: it is missing beside viableMinutesPerWeek");
    if (rules->hold_minutes == 0)
        return fail(check, "rules.holdMinutes: it is missing; a hold lapses some time");
    if (rules->hold_minutes_max < rules->hold_minutes)
        return fail(check, "rules.holdMinutesMax: it is not below holdMinutes, %u",
                    rules->hold_minutes);
    if (rules->record_from_age > AGE_MAX || rules->support_from_age > AGE_MAX)
        return fail(check, "rules: recordFromAge and supportFromAge are 0 to %d", AGE_MAX);
    return check_lengths(check, rules) && (rules->travel == NULL || check_travel(check, model)) &&
           check_excluded(check, rules) &&
           check_order(check, "waitingOrder", (const int *)rules->waiting_order,
                       rules->n_waiting_order) &&
           check_approval(check, rules) &&
           (rules->award_weights == NULL || check_weights(check, rules->award_weights)) &&
           check_order(check, "ranking", (const int *)rules->ranking, rules->n_ranking);
}

/* --- money ------------------------------------------------------------------------------------------------------------ */

static bool check_year(const struct check *check, const char *list, size_t at, uint32_t year,
                       int64_t amount_pence)
{
    if (year < YEAR_MIN || year > YEAR_MAX)
        return fail(check, "%s[%zu].year: it is the year that the financial year begins in", list,
                    at);
    return amount_pence >= 0 || fail(check, "%s[%zu].amountPence: it is not below 0", list, at);
}

static bool check_budget_line(const struct check *check, const Dw__CommissioningModel *model,
                              size_t at)
{
    const Dw__BudgetLine *line = model->budget_lines[at];
    if (!check_name(check, "budgetLines", at, line->name) ||
        !check_year(check, "budgetLines", at, line->year, line->amount_pence))
        return false;
    if (line->number > BUDGET_LINE_MAX)
        return fail(check, "budgetLines[%zu].number: it is 1 to %d, or 0", at, BUDGET_LINE_MAX);
    for (size_t before = 0; before < at && line->number != 0; before++)
        if (model->budget_lines[before]->number == line->number &&
            model->budget_lines[before]->year == line->year)
            return fail(check,
                        "budgetLines[%zu].number: %u is the number of budgetLines[%zu] of %u, too",
                        at, line->number, before, line->year);
    return true;
}

static bool check_framework(const struct check *check, const Dw__CommissioningModel *model,
                            size_t at)
{
    const Dw__Framework *framework = model->frameworks[at];
    if (!check_number(check, "frameworks", at, framework->number, FRAMEWORK_MAX) ||
        !check_name(check, "frameworks", at, framework->name))
        return false;
    for (size_t before = 0; before < at; before++)
        if (model->frameworks[before]->number == framework->number)
            return twice(check, "frameworks", at, before, framework->number);
    if (framework->value_pence < 0)
        return fail(check, "frameworks[%zu].valuePence: it is not below 0", at);
    if (framework->value_pence > 0 &&
        framework->over_value == DW__RULE_EFFECT__RULE_EFFECT_UNSPECIFIED)
        return fail(check, "frameworks[%zu].overValue: it is missing beside valuePence", at);
    if (framework->from == NULL || framework->to == NULL)
        return fail(check, "frameworks[%zu]: from and to of its first term are missing", at);
    if (framework->to->days < framework->from->days)
        return fail(check, "frameworks[%zu].to: it is not before from", at);
    for (size_t extension = 0; extension < framework->n_extension_months; extension++)
        if (framework->extension_months[extension] == 0 ||
            framework->extension_months[extension] > MONTHS_MAX)
            return fail(check, "frameworks[%zu].extensionMonths[%zu]: it is 1 to %d", at, extension,
                        MONTHS_MAX);
    return true;
}

static bool check_terms(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    const Dw__ContractTerms *terms = model->contract_terms[at];
    if (terms->kind == DW__CONTRACT_KIND__CONTRACT_KIND_UNSPECIFIED)
        return fail(check, "contractTerms[%zu].kind: it is missing", at);
    if (terms->approval == DW__APPROVAL_BASIS__APPROVAL_BASIS_UNSPECIFIED)
        return fail(check, "contractTerms[%zu].approval: it is missing", at);
    for (size_t before = 0; before < at; before++)
        if (model->contract_terms[before]->kind == terms->kind)
            return fail(check, "contractTerms[%zu].kind: contractTerms[%zu] has it, too", at,
                        before);
    return true;
}

static bool check_target(const struct check *check, const Dw__CommissioningModel *model, size_t at)
{
    const Dw__SavingsTarget *target = model->savings_targets[at];
    if (!check_year(check, "savingsTargets", at, target->year, target->amount_pence))
        return false;
    for (size_t before = 0; before < at; before++)
        if (model->savings_targets[before]->year == target->year)
            return fail(check, "savingsTargets[%zu].year: savingsTargets[%zu] is of %u, too", at,
                        before, target->year);
    return true;
}

static bool check_money(const struct check *check, const Dw__CommissioningModel *model)
{
    for (size_t at = 0; at < model->n_budget_lines; at++)
        if (!check_budget_line(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_savings_targets; at++)
        if (!check_target(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_frameworks; at++)
        if (!check_framework(check, model, at))
            return false;
    for (size_t at = 0; at < model->n_contract_terms; at++)
        if (!check_terms(check, model, at))
            return false;
    return true;
}

/* --- the strategy ----------------------------------------------------------------------------------------------------- */

static bool check_strategy(const struct check *check, const Dw__CommissioningModel *model)
{
    for (size_t at = 0; at < model->n_delivery_actions; at++) {
        const Dw__DeliveryAction *action = model->delivery_actions[at];
        if (!check_name(check, "deliveryActions", at, action->name))
            return false;
        for (size_t before = 0; before < at; before++)
            if (model->delivery_actions[before]->number == action->number)
                return twice(check, "deliveryActions", at, before, action->number);
    }
    for (size_t at = 0; at < model->n_measures; at++) {
        const Dw__Measure *measure = model->measures[at];
        if (!check_name(check, "measures", at, measure->name))
            return false;
        if (measure->kind == DW__MEASURE_KIND__MEASURE_KIND_UNSPECIFIED)
            return fail(check, "measures[%zu].kind: it is missing", at);
        if (measure->baseline > 0 && measure->baseline_year == 0)
            return fail(check, "measures[%zu].baselineYear: it is missing beside baseline", at);
    }
    return true;
}

bool model_check(const ProtobufCMessage *message, char *ret_wrong, size_t size)
{
    const Dw__CommissioningModel *model = (const Dw__CommissioningModel *)message;
    const struct check check = {ret_wrong, size};
    return check_council(&check, model) && check_lists(&check, model) &&
           check_rules(&check, model) && check_money(&check, model) &&
           check_strategy(&check, model);
}
