/* A seam for tests: DAYWAYS_CRASH_AT=POINT:N kills the process (SIGKILL) when it passes that point for the N-th time. */
#ifndef DAYWAYS_COMMON_CRASH_H
#define DAYWAYS_COMMON_CRASH_H

enum crash_point {
    CRASH_DECIDED,            /* events in memory, nothing sent to the store */
    CRASH_SENT,               /* the commit is on its way */
    CRASH_COMMITTED,          /* the store has answered, nobody was told */
    CRASH_HALF_RELEASED,      /* the batch is published, no reply sent */
    CRASH_ANSWERED_UNSETTLED, /* an outgoing command was answered, its settlement is not decided */
    CRASH_MID_LOAD,           /* some of the live state is loaded */
    CRASH_POINTS
};

/* Reads the environment; called once at start. */
void crash_arm(void);
void crash_here(enum crash_point point);

/* "decided", … */
const char *crash_point_name(enum crash_point point);

#endif
