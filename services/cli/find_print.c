/* The answer to a search as a table: ranked services, what each rule left out, and what nearly fitted. */
#include "services/cli/find.h"

#include "common/calendar.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>

enum { SESSIONS_TEXT_SIZE = 256, MONEY_SIZE = 32, MINUTES_OF_HOUR = 60 };

static const char *const rule_words[] = {"?",
                                         "need not met",
                                         "another level",
                                         "another mode",
                                         "access not there",
                                         "not for that age",
                                         "not on those days",
                                         "too far to travel",
                                         "no live contract",
                                         "not at those times, or too few hours",
                                         "no place left",
                                         "too dear",
                                         "fewer hours than viable",
                                         "the person is elsewhere then",
                                         "closed on all those dates",
                                         "takes nobody new for now",
                                         "drop-in, never booked",
                                         "another kind",
                                         "activity not offered"};
enum { RULES = sizeof rule_words / sizeof rule_words[0] };
_Static_assert(RULES == DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES + 1, "every rule has its words");

/* Behind the one above it by this. */
static const char *const reason_words[] = {
    "?", "first", "too few hours", "farther", "dearer", "a bit farther", "equal", "mostly closed"};
enum { REASONS = sizeof reason_words / sizeof reason_words[0] };
_Static_assert(REASONS == DW__RANK_REASON__RANK_REASON_MOSTLY_CLOSED + 1,
               "every reason has its words");

static const char *const criterion_words[] = {
    "?",     "viable hours", "travel in tens of minutes",
    "price", "distance",     "what is open on most dates"};
enum { CRITERIA = sizeof criterion_words / sizeof criterion_words[0] };
_Static_assert(CRITERIA == DW__RANK_CRITERION__RANK_CRITERION_OPEN + 1,
               "every criterion has its words");

static const char *rule_text(Dw__SearchRule rule)
{
    return (size_t)rule < RULES ? rule_words[rule] : "?";
}

static void sessions_text(Dw__FreeSession *const *sessions, size_t count, char *ret_text)
{
    ret_text[0] = '\0';
    for (size_t at = 0; at < count; at++) {
        const Dw__FreeSession *session = sessions[at];
        (void)text_add(ret_text, SESSIONS_TEXT_SIZE, "%s%s %02u:%02u (%u)", at == 0 ? "" : ", ",
                       find_weekdays[session->weekday % 8],
                       session->start_minutes / MINUTES_OF_HOUR,
                       session->start_minutes % MINUTES_OF_HOUR, session->free);
        if (session->every_weeks > 1)
            (void)text_add(ret_text, SESSIONS_TEXT_SIZE, " every %u weeks", session->every_weeks);
        if (session->sittings_closed > 0)
            (void)text_add(ret_text, SESSIONS_TEXT_SIZE, " [%u of %u closed]",
                           session->sittings_closed, session->sittings);
    }
}

/* Minutes that are no estimate have a mark, and so has whatever nobody travels to. */
static const char *travel_mark(Dw__TravelSource source)
{
    return source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX ? "*"
           : source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_NONE ? "-"
                                                             : " ";
}

/* What it costs from a date of the range on. */
static void print_price_change(const Dw__PriceChange *change)
{
    char money[MONEY_SIZE], date[CALENDAR_TEXT_SIZE];
    cli_money(change->weekly_price_pence, money, sizeof money);
    calendar_to_text(change->from->days, date);
    printf("  [%s from %s]", money, date);
}

static void print_match(const Dw__FoundService *match, size_t rank)
{
    char sessions[SESSIONS_TEXT_SIZE];
    char money[MONEY_SIZE];
    sessions_text(match->sessions, match->n_sessions, sessions);
    cli_money(match->weekly_price_pence, money, sizeof money);
    char confirmed[CALENDAR_TEXT_SIZE] = "-";
    if (match->confirmed != NULL)
        calendar_to_text(match->confirmed->days, confirmed);
    printf(" %2zu  %-14s %-44s %5u min%s %11s  %-13s  %-10s  %s%s", rank, match->reference,
           match->name, match->travel_minutes, travel_mark(match->travel_source), money,
           (size_t)match->reason < REASONS ? reason_words[match->reason] : "?", confirmed, sessions,
           match->under_viable_hours ? "  [under viable hours]" : "");
    if (match->price_change != NULL)
        print_price_change(match->price_change);
    printf("\n");
}

static void print_split_part(const Dw__SplitPart *part)
{
    char sessions[SESSIONS_TEXT_SIZE];
    char money[MONEY_SIZE];
    sessions_text(part->sessions, part->n_sessions, sessions);
    cli_money(part->weekly_price_pence, money, sizeof money);
    printf("     %-14s %-44s %5u min%s %11s  %s", part->reference, part->name, part->travel_minutes,
           travel_mark(part->travel_source), money, sessions);
    if (part->price_change != NULL)
        print_price_change(part->price_change);
    printf("\n");
}

static void print_splits(const Dw__CapacityFound *found)
{
    char money[MONEY_SIZE];
    for (size_t at = 0; at < found->n_splits; at++) {
        const Dw__Split *split = found->splits[at];
        cli_money(split->weekly_price_pence, money, sizeof money);
        printf("%s, for %s a week:\n",
               at > 0                ? "  or"
               : found->n_splits > 1 ? "No single service fits; two together do, the cheapest first"
                                     : "No single service fits; two together do",
               money);
        print_split_part(split->first);
        print_split_part(split->second);
    }
}

static bool has_matrix(const Dw__CapacityFound *found)
{
    for (size_t at = 0; at < found->n_services; at++)
        if (found->services[at]->travel_source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX)
            return true;
    for (size_t at = 0; at < found->n_splits; at++)
        if (found->splits[at]->first->travel_source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX ||
            found->splits[at]->second->travel_source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX)
            return true;
    for (size_t at = 0; at < found->n_near_misses; at++)
        if (found->near_misses[at]->travel_source == DW__TRAVEL_SOURCE__TRAVEL_SOURCE_MATRIX)
            return true;
    return false;
}

/* The order that the reasons go by. */
static void print_ranking(const Dw__CapacityFound *found)
{
    for (size_t at = 0; at < found->n_ranking && found->n_services > 1; at++)
        printf("%s%s", at == 0 ? "\nRanked by " : ", then by ",
               (size_t)found->ranking[at] < CRITERIA ? criterion_words[found->ranking[at]] : "?");
    printf("%s", found->n_services > 1 ? ".\n" : "");
}

static void print_exclusions(const Dw__CapacityFound *found)
{
    printf("\n%u of %u services fit.", found->services_fitting, found->services_total);
    const char *separator = " Left out: ";
    for (size_t at = 0; at < found->n_excluded; at++)
        if (found->excluded[at]->services > 0) {
            printf("%s%s %u", separator, rule_text(found->excluded[at]->rule),
                   found->excluded[at]->services);
            separator = ", ";
        }
    printf("\n");
}

static void print_near_misses(const Dw__CapacityFound *found)
{
    if (found->n_near_misses > 0)
        printf("\nNear misses:\n");
    for (size_t at = 0; at < found->n_near_misses; at++) {
        const Dw__NearMiss *miss = found->near_misses[at];
        printf("    %-44s %5u min%s %s\n", miss->name, miss->travel_minutes,
               travel_mark(miss->travel_source), miss->sentence);
    }
}

void find_print(const Dw__CapacityFound *found)
{
    if (found->n_services > 0)
        printf("     %-14s %-44s %9s  %10s  %-13s  %-10s  %s\n", "REFERENCE", "SERVICE", "TRAVEL",
               "A WEEK", "WHY HERE", "CONFIRMED", "SESSIONS (FREE)");
    for (size_t at = 0; at < found->n_services; at++)
        print_match(found->services[at], at + 1);
    print_splits(found);
    print_ranking(found);
    print_exclusions(found);
    print_near_misses(found);
    if (has_matrix(found))
        printf("\n* from the council's matrix of travel; other minutes are estimated.\n");
}
