/* What `dayways up` is made of: the folders and keys it prepares, and the processes it watches. */
#ifndef DAYWAYS_CLI_UP_H
#define DAYWAYS_CLI_UP_H

#include "services/cli/cli.h"

#include <sys/types.h>

enum { UP_PROCESSES_MAX = 16, UP_ARGUMENTS_MAX = 12 };

/* One child. */
struct process {
    char name[32];
    char admin[128]; /* of a daemon; "" for others */
    char log[CLI_PATH_SIZE];
    char texts[UP_ARGUMENTS_MAX][CLI_PATH_SIZE];
    char *arguments[UP_ARGUMENTS_MAX + 1]; /* point into texts */
    size_t arguments_count;
    pid_t pid;             /* 0: not running */
    int64_t back_off_ms;   /* wait before the next start */
    int64_t start_boot_ms; /* when it was started, or is to be again */
};

/* Everything that is here. */
struct up {
    struct cli *cli;
    char base[CLI_PATH_SIZE];  /* var */
    char redis[CLI_PATH_SIZE]; /* socket, "" when Redis runs elsewhere */
    char binaries[CLI_PATH_SIZE];
    struct process processes[UP_PROCESSES_MAX]; /* Redis first when it is ours, then the daemons */
    size_t count;
    bool stopping;
};

/* --- prepare.c: exit codes ------------------------------------------------------------------------------------------ */

/* Makes folders, keys and digest keys that are not there; takes the lock that keeps a second one away. reset: removes
 * everything under base first. */
int up_prepare(struct up *up, bool reset);

/* --- process.c -------------------------------------------------------------------------------------------------------- */

void process_argument(struct process *process, const char *text);
/* 0 or negative errno. The output goes to its log. */
int process_start(struct process *process);
/* True when it has ended; *ret_status is what waitpid said. */
bool process_has_ended(struct process *process, int *ret_status);
/* Asks it to end and waits, then makes it. */
void process_stop(struct process *process, int64_t patience_ms);
/* Prints the last lines of its log on stderr. */
void process_show_log(const struct process *process);

/* Waits for one of the signals the supervisor blocks; its number, or 0 when the time has passed. */
int up_wait_signal(int64_t within_ms);
void up_block_signals(void);

/* Who is at the socket: nobody, a Redis, or somebody who does not answer as one within a second. */
enum up_answer { UP_NOBODY, UP_REDIS, UP_STRANGER };
enum up_answer up_redis_answers(const char *path);

/* True when somebody listens at the socket. */
bool up_is_taken(const char *path);

#endif
