/* Where a home is: coordinates, or a district of the council's model. */
#include "services/cli/find.h"

#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model.pb-c.h"

enum { MICRO_DIGITS = 6 };

/* "53.26" as 53,260,000, without a floating point. */
static int read_degrees(const char *text, size_t len, int32_t *ret_e6)
{
    int64_t value = 0;
    int decimals = -1;
    const bool negative = len > 0 && text[0] == '-';
    for (size_t at = negative ? 1 : 0; at < len; at++) {
        if (text[at] == '.' && decimals < 0) {
            decimals = 0;
        } else if (text[at] >= '0' && text[at] <= '9' && value < 1000000000) {
            if (decimals == MICRO_DIGITS)
                continue;
            value = value * 10 + (text[at] - '0');
            decimals += decimals >= 0;
        } else {
            return -EINVAL;
        }
    }
    for (int at = decimals < 0 ? 0 : decimals; at < MICRO_DIGITS; at++)
        value *= 10;
    if (len == 0 || value > 180000000)
        return -EINVAL;
    *ret_e6 = (int32_t)(negative ? -value : value);
    return 0;
}

/* A district of the council's model. An exit code. */
static int find_district_named(struct cli *cli, const char *name,
                               struct find_district *ret_district)
{
    const Dw__CommissioningModel *model;
    struct arena *arena = arena_create(CLI_MODEL_MEMORY_MAX);
    int code = cli_load_model(cli, arena, &model);
    if (code != EXIT_CODE_OK) {
        arena_destroy(&arena);
        return code;
    }
    code = EXIT_CODE_USAGE;
    for (size_t at = 0; at < model->n_districts; at++)
        if (strcasecmp(model->districts[at]->name, name) == 0) {
            *ret_district = (struct find_district){model->districts[at]->number, "",
                                                   model->districts[at]->latitude_e6,
                                                   model->districts[at]->longitude_e6};
            (void)text_format(ret_district->name, sizeof ret_district->name, "%s",
                              model->districts[at]->name);
            code = EXIT_CODE_OK;
        }
    if (code != EXIT_CODE_OK) {
        (void)cli_fail(EXIT_CODE_USAGE, "%s has no district %s; it has:", model->name, name);
        for (size_t at = 0; at < model->n_districts; at++)
            fprintf(stderr, "  %s\n", model->districts[at]->name);
    }
    arena_destroy(&arena);
    return code;
}

int find_home_read(struct cli *cli, const char *near, const char *district_name,
                   Dw__FindCapacity *find, struct find_district *ret_district)
{
    struct find_district district = {0};
    const char *comma = near == NULL ? NULL : strchr(near, ',');
    const char *name = district_name == NULL && comma == NULL ? near : district_name;
    const int code = name == NULL ? EXIT_CODE_OK : find_district_named(cli, name, &district);
    if (code != EXIT_CODE_OK)
        return code;
    find->district = district.number;
    if (near != NULL && comma == NULL) {
        if (strcasecmp(near, district.name) != 0)
            return cli_fail(EXIT_CODE_USAGE, "--near and --district are two districts; say one");
        find->latitude_e6 = district.latitude_e6;
        find->longitude_e6 = district.longitude_e6;
    }
    if (comma != NULL && (read_degrees(near, (size_t)(comma - near), &find->latitude_e6) < 0 ||
                          read_degrees(comma + 1, strlen(comma + 1), &find->longitude_e6) < 0))
        return cli_fail(EXIT_CODE_USAGE, "--near is LATITUDE,LONGITUDE in degrees, or a district");
    *ret_district = district;
    return EXIT_CODE_OK;
}
