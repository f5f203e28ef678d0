/* The days and times of a search as they are typed: "tue,thu", "mon-fri", "mon:am,tue:pm", each to cover "10:00-12:00". Whatever is
 * not understood is an error: a day that is passed over would be a different search. */
#include "services/cli/find.h"

#include "common/calendar.h"
#include "common/text.h"
#include "services/cli/feed.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { WEEKDAYS = 7, ITEM_SIZE = 32, TIME_SIZE = 16 };

static const char *const day_names[WEEKDAYS + 1] = {"",         "monday", "tuesday",  "wednesday",
                                                    "thursday", "friday", "saturday", "sunday"};

static const struct {
    const char *name;
    Dw__PartOfDay part;
} part_names[] = {
    {"am", DW__PART_OF_DAY__PART_OF_DAY_MORNING},
    {"morning", DW__PART_OF_DAY__PART_OF_DAY_MORNING},
    {"pm", DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON},
    {"afternoon", DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON},
    {"evening", DW__PART_OF_DAY__PART_OF_DAY_EVENING},
};
enum { PART_NAMES = sizeof part_names / sizeof part_names[0] };

/* "tue" or "Tuesday"; 0 when it is neither. */
static uint32_t read_day(const char *text)
{
    for (uint32_t day = 1; day <= WEEKDAYS; day++)
        if (strcasecmp(text, find_weekdays[day]) == 0 || strcasecmp(text, day_names[day]) == 0)
            return day;
    return 0;
}

/* "tue", "mon-fri" or "mon-fri:am", as a bit for each day's part. */
static int read_item(char *text, uint32_t ret_days[DW__PART_OF_DAY__PART_OF_DAY_EVENING + 1])
{
    Dw__PartOfDay part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    char *colon = strchr(text, ':');
    if (colon != NULL) {
        part = DW__PART_OF_DAY__PART_OF_DAY_UNSPECIFIED;
        for (size_t at = 0; at < PART_NAMES; at++)
            if (strcasecmp(colon + 1, part_names[at].name) == 0)
                part = part_names[at].part;
        *colon = '\0';
    }
    char *dash = strchr(text, '-');
    if (dash != NULL)
        *dash = '\0';
    const uint32_t first = read_day(text);
    const uint32_t last = dash == NULL ? first : read_day(dash + 1);
    if (part == DW__PART_OF_DAY__PART_OF_DAY_UNSPECIFIED || first == 0 || last == 0)
        return -EINVAL;
    for (uint32_t day = first;; day = day % WEEKDAYS + 1) {
        ret_days[part] |= UINT32_C(1) << day;
        if (day == last)
            return 0;
    }
}

static int read_times(const char *text, uint16_t *ret_start, uint16_t *ret_end)
{
    char start[TIME_SIZE];
    const char *dash = strchr(text, '-');
    return dash != NULL && text_copy(start, sizeof start, text, (size_t)(dash - text)) == 0 &&
                   feed_read_time(start, ret_start) == NULL &&
                   feed_read_time(dash + 1, ret_end) == NULL && *ret_start < *ret_end
               ? 0
               : -EINVAL;
}

/* Day by day; those of one day by their part. */
static int add_wishes(const uint32_t *days, uint16_t start, uint16_t end,
                      struct find_wishes *wishes)
{
    for (uint32_t day = 1; day <= WEEKDAYS; day++)
        for (int part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
             part <= (int)DW__PART_OF_DAY__PART_OF_DAY_EVENING; part++) {
            if ((days[part] >> day & 1) == 0)
                continue;
            if (wishes->count == FIND_SESSIONS_MAX)
                return cli_fail(EXIT_CODE_USAGE, "--days wants at most %d sessions a week",
                                FIND_SESSIONS_MAX);
            Dw__WantedSession *wish = &wishes->wanted[wishes->count];
            dw__wanted_session__init(wish);
            wish->weekday = day;
            wish->part = (Dw__PartOfDay)part;
            wish->start_minutes = start;
            wish->end_minutes = end;
            wishes->list[wishes->count++] = wish;
        }
    return EXIT_CODE_OK;
}

int find_days_read(const char *days, const char *at, struct find_wishes *ret_wishes)
{
    char item[ITEM_SIZE];
    uint32_t read[DW__PART_OF_DAY__PART_OF_DAY_EVENING + 1] = {0};
    uint16_t start = 0, end = 0;
    ret_wishes->count = 0;
    if (at != NULL && days == NULL)
        return cli_fail(EXIT_CODE_USAGE, "--at is the time on each of --days: say which");
    if (at != NULL && read_times(at, &start, &end) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--at is a time of day that is to be covered, such as "
                                         "10:00-12:00");
    for (const char *from = days; from != NULL && *from != '\0';) {
        const size_t len = strcspn(from, ",");
        if (text_copy(item, sizeof item, from, len) < 0 || read_item(item, read) < 0)
            return cli_fail(EXIT_CODE_USAGE,
                            "\"%.*s\" is no day; --days is a list such as tue,thu or mon-fri or "
                            "mon:am,tue:pm (am, pm, evening)",
                            (int)len, from);
        from += len + (from[len] == ',');
    }
    return add_wishes(read, start, end, ret_wishes);
}

bool find_wants_part(const Dw__WantedSession *wanted, Dw__PartOfDay part)
{
    static const unsigned bits[] = {[DW__PART_OF_DAY__PART_OF_DAY_MORNING] = CALENDAR_MORNING,
                                    [DW__PART_OF_DAY__PART_OF_DAY_AFTERNOON] = CALENDAR_AFTERNOON,
                                    [DW__PART_OF_DAY__PART_OF_DAY_EVENING] = CALENDAR_EVENING};
    if (wanted->part != DW__PART_OF_DAY__PART_OF_DAY_ANY)
        return wanted->part == part;
    const unsigned parts = calendar_parts(wanted->start_minutes, wanted->end_minutes);
    return wanted->end_minutes == 0 || parts == 0 || (parts & bits[part]) != 0;
}
