/* The answer to a search as a table: ranked services, what each rule left out, and what nearly fitted. */
#include "services/cli/find.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

enum { SESSIONS_TEXT_SIZE = 256, MONEY_SIZE = 32, MINUTES_OF_HOUR = 60 };

static const char *const rule_words[] = {"?",
                                         "another level",
                                         "need not met",
                                         "access not there",
                                         "another mode",
                                         "no live contract",
                                         "too far to travel",
                                         "not on those days",
                                         "too few hours",
                                         "no place left",
                                         "too dear"};
enum { RULES = sizeof rule_words / sizeof rule_words[0] };

static const char *rule_text(Dw__ExclusionRule rule)
{
    return (size_t)rule < RULES ? rule_words[rule] : "?";
}

static void sessions_text(const Dw__Match *match, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (size_t at = 0; at < match->n_sessions && len < SESSIONS_TEXT_SIZE; at++) {
        const Dw__SessionFree *session = match->sessions[at];
        (void)text_format(ret_text + len, SESSIONS_TEXT_SIZE - len, "%s%s %02u:%02u (%u)",
                          at == 0 ? "" : ", ", find_weekdays[session->weekday % 8],
                          session->start_minute / MINUTES_OF_HOUR,
                          session->start_minute % MINUTES_OF_HOUR, session->free);
        len += strlen(ret_text + len);
    }
}

static void print_match(const Dw__Match *match, const char *prefix, size_t rank)
{
    char sessions[SESSIONS_TEXT_SIZE];
    char money[MONEY_SIZE];
    char reasons[96];
    size_t len = 0;
    static const char *const words[] = {"", "nearest", "cheapest", "under viable hours"};
    reasons[0] = '\0';
    for (size_t at = 0; at < match->n_reasons; at++) {
        (void)text_format(reasons + len, sizeof reasons - len, "%s%s", at == 0 ? "" : ", ",
                          (size_t)match->reasons[at] < 4 ? words[match->reasons[at]] : "?");
        len += strlen(reasons + len);
    }
    sessions_text(match, sessions);
    cli_money(match->weekly_price_pence, money, sizeof money);
    printf("%s%2zu  %-14s %-44s %5u min %11s  %s%s%s%s\n", prefix, rank, match->reference,
           match->name, match->travel_minutes, money, sessions, *reasons != '\0' ? "  [" : "",
           reasons, *reasons != '\0' ? "]" : "");
}

static void print_exclusions(const Dw__CapacityFound *found)
{
    printf("\n%u of %u services fit.", found->matched, found->services);
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
        printf("    %-14s %-44s %5u min  %s\n", miss->reference, miss->name, miss->travel_minutes,
               miss->change);
    }
}

void find_print(const Dw__CapacityFound *found)
{
    if (found->n_matches > 0)
        printf("     %-14s %-44s %9s %10s  %s\n", "REFERENCE", "SERVICE", "TRAVEL", "A WEEK",
               "SESSIONS (FREE)");
    for (size_t at = 0; at < found->n_matches; at++)
        print_match(found->matches[at], " ", at + 1);
    for (size_t at = 0; at < found->n_splits; at++) {
        printf("%s\n", at == 0 ? "No single service fits; two together do:" : "  or");
        print_match(found->splits[at]->first, "  ", 1);
        print_match(found->splits[at]->second, "  ", 2);
    }
    print_exclusions(found);
    print_near_misses(found);
}
