/* Named points where a test may have the process die: see crash.h. */
#include "common/crash.h"

#include "common/text.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[CRASH_POINTS] = {
    [CRASH_DECIDED] = "decided",
    [CRASH_SENT] = "sent",
    [CRASH_COMMITTED] = "committed-unanswered",
    [CRASH_HALF_RELEASED] = "half-released",
    [CRASH_ANSWERED_UNSETTLED] = "answered-unsettled",
    [CRASH_MID_LOAD] = "mid-load",
};

static int64_t passes_left[CRASH_POINTS]; /* 0: not armed */

const char *crash_point_name(enum crash_point point)
{
    return names[point];
}

void crash_arm(void)
{
    const char *wish = getenv("DAYWAYS_CRASH_AT");
    if (wish == NULL)
        return;
    for (int point = 0; point < CRASH_POINTS; point++) {
        const size_t len = strlen(names[point]);
        if (strncmp(wish, names[point], len) == 0 && wish[len] == ':')
            (void)text_to_int64(wish + len + 1, 1, INT64_MAX, &passes_left[point]);
    }
}

void crash_here(enum crash_point point)
{
    if (passes_left[point] != 0 && --passes_left[point] == 0)
        raise(SIGKILL);
}
