/* The command line of a daemon. */
#ifndef DAYWAYS_COMMON_OPTIONS_H
#define DAYWAYS_COMMON_OPTIONS_H

#include "common/service.h"

#include <stdbool.h>
#include <stddef.h>

enum { OVERRIDES_MAX = 64 };

/* Exit codes (sysexits.h names). */
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_USAGE = 64,
    EXIT_CODE_DATA = 65,
    EXIT_CODE_UNAVAILABLE = 69,
    EXIT_CODE_TRY_LATER = 75,
    EXIT_CODE_CONFIG = 78,
};

struct options {
    const char *config;
    char *overrides[OVERRIDES_MAX]; /* "section.key=value" */
    size_t overrides_count;
    char texts[2][128]; /* of the overrides made from --log-level and --log-format */
    size_t instance;    /* which of the service's endpoints is ours, from 0 */
    const char *verify; /* authority to verify instead of serving; NULL: serve */
    bool check_config;
    bool print_config;
};

/* True: go on. False: *ret_exit_code is what to end with (help and version were printed, or the error was). */
bool options_read(const struct service *service, int argc, char **argv, struct options *ret_options,
                  int *ret_exit_code);

#endif
