/* The command line tool for people: one function a subcommand, and what they share. Asks services through the same client and
 * messages as anybody else; knows no rule of theirs. Implements the design's conventions, "Commands". */
#ifndef DAYWAYS_CLI_CLI_H
#define DAYWAYS_CLI_CLI_H

#include "common/arena.h"
#include "common/client.h"
#include "common/conf.h"
#include "common/options.h"

#include <stdbool.h>

enum {
    CLI_ANSWER_WITHIN_MS = 10000,
    CLI_PATH_SIZE = 1024,
    CLI_MODEL_MEMORY_MAX = 64 * 1024 * 1024, /* a model, unpacked */
};

struct cli {
    const char *program;  /* as it was called */
    const char *config;   /* the configuration's file */
    bool is_config_given; /* by --config, so that it must be given again */
    struct conf *conf;    /* NULL until cli_configure */
    const char *authority;
    bool is_authority_given; /* by --authority, in the same way */
    const char *key_name;    /* --as */
    bool json;
    bool explain; /* a refusal is told with the rule behind it */
    bool wrong;   /* an option without its value was met */
    int argc;     /* what is left: argv[0] is the subcommand */
    char **argv;
    struct client *client;                   /* NULL until cli_connect */
    const ProtobufCMessageDescriptor *asked; /* what was asked last */
};

/* All services there may be, in the order they are shown; ends with NULL. */
extern const char *const cli_services[];

/* Reads the flags common to all, runs the subcommand, returns the exit code. */
int cli_run(int argc, char **argv);

/* --- subcommands: each returns an exit code -------------------------------------------------------------------------- */
int cli_keys(struct cli *cli);
int cli_call(struct cli *cli);
int cli_status(struct cli *cli);
int cli_tail(struct cli *cli);
int cli_find(struct cli *cli);
int cli_up(struct cli *cli);
int cli_verify(struct cli *cli);
int cli_model(struct cli *cli);
int cli_report(struct cli *cli);
int cli_person(struct cli *cli);
int cli_demo(struct cli *cli);

/* Goes on from a dashboard, which it frees, until it is interrupted or the service is away. An exit code. */
struct Dw__DashboardShown;
int cli_watch_dashboard(struct cli *cli, struct Dw__DashboardShown *shown);
int cli_feed(struct cli *cli);

/* --- arguments ---------------------------------------------------------------------------------------------------------- */

/* Takes "--name VALUE" or "--name=VALUE" out of the arguments; NULL when it is not there. */
const char *cli_take(struct cli *cli, const char *name);
bool cli_take_flag(struct cli *cli, const char *name);

/* True when min to max arguments are left behind the subcommand and no option among them; else says how it is used. */
bool cli_left(struct cli *cli, int min, int max, const char *usage);

/* The value whose name ends with text ("learning-disability"), in any case. 0; -EINVAL after saying which there are. */
int cli_enum(const ProtobufCEnumDescriptor *type, const char *text, int *ret_value);

/* Prints the names of all its values on stderr. */
void cli_enum_names(const ProtobufCEnumDescriptor *type);

/* --- saying ------------------------------------------------------------------------------------------------------------- */

/* Prints one sentence on stderr and returns the code. */
int cli_fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "2026-11-23 09:05:00 ", London time. */
void cli_print_time(int64_t utc_ms);

/* Pence as "£1,234.56". */
void cli_money(int64_t pence, char *ret_text, size_t size);

/* --- configuration and services ----------------------------------------------------------------------------------------- */

/* Reads the configuration and settles the authority, which is one of it. An exit code. */
int cli_configure(struct cli *cli);

/* Reads the council's model into the arena (NULL: there is no memory). An exit code, after saying what is wrong. */
struct Dw__CommissioningModel;
int cli_load_model(struct cli *cli, struct arena *arena,
                   const struct Dw__CommissioningModel **ret_model);

/* Connects to every service of the configuration. An exit code. */
int cli_connect(struct cli *cli);

/* One item of a service's comma list, such as its admin address; NULL when it has none. */
const char *cli_item(struct cli *cli, const char *service, const char *key, size_t number,
                     char *ret_item, size_t size);

/* Asks and waits; a refusal, failure or silence is told on stderr. EXIT_CODE_OK: *ret_answer holds the answer, freed with
 * protobuf_c_message_free_unpacked. After silence nobody knows whether it was done; id is what it can be asked again with, NULL: it
 * cannot. */
int cli_ask(struct cli *cli, const char *service, const ProtobufCMessage *message,
            const struct id *id, ProtobufCMessage **ret_answer);

/* The same of a query, of which nothing can have been done. */
int cli_query(struct cli *cli, const char *service, const ProtobufCMessage *message,
              ProtobufCMessage **ret_answer);

/* Tells what a Refused or Failed says on stderr; the exit code it means. Any other type: EXIT_CODE_OK. */
int cli_answer_code(const struct cli *cli, const char *type, const void *body, size_t len);

/* Folder of the running binary. 0 or negative errno. */
int cli_binary_folder(char *ret_path, size_t size);

/* Asks a daemon's admin address (host:port) for a path. The HTTP status, 0 when nobody answers; the body NUL-terminated. */
int cli_http(const char *address, const char *path, char *ret_body, size_t size);

/* Reads a whole file, or stdin when path is NULL; NUL behind it. 0 or negative errno. */
int cli_read(const char *path, struct buffer *ret_bytes);

#endif
