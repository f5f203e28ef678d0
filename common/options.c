/* The command line of a daemon: see options.h. */
#include "common/options.h"

#include "common/text.h"

#include <getopt.h>
#include <stdio.h>

static void print_help(const struct service *service, FILE *file)
{
    fprintf(file,
            "dayways-%s: %s\n\n"
            "Examples:\n"
            "  dayways-%s --config deploy/dayways.conf\n"
            "  dayways-%s --config deploy/dayways.conf --check-config\n"
            "  dayways-%s --config deploy/dayways.conf --set %s.admin=127.0.0.1:9200\n\n"
            "Options:\n"
            "  --config FILE       the deployment's configuration\n"
            "  --set SECTION.KEY=VALUE  one value instead of the file's; may be repeated\n"
            "  --instance N        which of the service's endpoints is ours, from 0\n"
            "  --verify AUTHORITY  fold the stored journal and compare with the stored state, then "
            "exit\n"
            "  --check-config      read and check everything, then exit\n"
            "  --print-config      print every value with where it came from, then exit\n"
            "  --log-level LEVEL   error, warn, info or debug\n"
            "  --log-format FORMAT auto, logfmt or json\n"
            "  --version, --help\n",
            service->name, service->summary, service->name, service->name, service->name,
            service->name);
}

enum option_key {
    OPTION_CONFIG = 256,
    OPTION_SET,
    OPTION_INSTANCE,
    OPTION_VERIFY,
    OPTION_CHECK,
    OPTION_PRINT,
    OPTION_LEVEL,
    OPTION_FORMAT,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct option known[] = {{"config", required_argument, NULL, OPTION_CONFIG},
                                      {"set", required_argument, NULL, OPTION_SET},
                                      {"instance", required_argument, NULL, OPTION_INSTANCE},
                                      {"verify", required_argument, NULL, OPTION_VERIFY},
                                      {"check-config", no_argument, NULL, OPTION_CHECK},
                                      {"print-config", no_argument, NULL, OPTION_PRINT},
                                      {"log-level", required_argument, NULL, OPTION_LEVEL},
                                      {"log-format", required_argument, NULL, OPTION_FORMAT},
                                      {"version", no_argument, NULL, OPTION_VERSION},
                                      {"help", no_argument, NULL, OPTION_HELP},
                                      {0}};

static bool add_override(struct options *options, char *text)
{
    if (options->overrides_count == OVERRIDES_MAX)
        return false;
    options->overrides[options->overrides_count++] = text;
    return true;
}

/* Returns 0 to go on, else 1 + the exit code. */
static int take_option(const struct service *service, int key, struct options *options)
{
    int64_t number;
    char *text;
    switch (key) {
    case OPTION_CONFIG:
        options->config = optarg;
        return 0;
    case OPTION_SET:
        return add_override(options, optarg) ? 0 : 1 + EXIT_CODE_USAGE;
    case OPTION_INSTANCE:
        if (text_to_int64(optarg, 0, 15, &number) < 0)
            return 1 + EXIT_CODE_USAGE;
        options->instance = (size_t)number;
        return 0;
    case OPTION_VERIFY:
        options->verify = optarg;
        return 0;
    case OPTION_CHECK:
        options->check_config = true;
        return 0;
    case OPTION_PRINT:
        options->print_config = true;
        return 0;
    case OPTION_LEVEL:
    case OPTION_FORMAT:
        text = options->texts[key == OPTION_FORMAT];
        if (text_format(text, sizeof options->texts[0], "dayways.log_%s=%s",
                        key == OPTION_LEVEL ? "level" : "format", optarg) < 0 ||
            !add_override(options, text))
            return 1 + EXIT_CODE_USAGE;
        return 0;
    case OPTION_VERSION:
        printf("dayways-%s %s\n", service->name, DAYWAYS_VERSION);
        return 1 + EXIT_CODE_OK;
    case OPTION_HELP:
        print_help(service, stdout);
        return 1 + EXIT_CODE_OK;
    default: /* getopt's '?', it has said why */
        return 1 + EXIT_CODE_USAGE;
    }
}

bool options_read(const struct service *service, int argc, char **argv, struct options *ret_options,
                  int *ret_exit_code)
{
    *ret_options = (struct options){0};
    for (;;) {
        const int key = getopt_long(argc, argv, "", known, NULL);
        if (key < 0)
            break;
        const int outcome = take_option(service, key, ret_options);
        if (outcome > 0) {
            *ret_exit_code = outcome - 1;
            return false;
        }
    }
    if (optind < argc || ret_options->config == NULL) {
        print_help(service, stderr);
        *ret_exit_code = EXIT_CODE_USAGE;
        return false;
    }
    return true;
}
