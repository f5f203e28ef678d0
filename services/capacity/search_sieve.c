/* The rules about properties: rows of bits. See search.h. */
#include <assert.h>

#include "services/capacity/search.h"

static void add_row(struct rule_rows *rule, const struct properties *properties, uint32_t row)
{
    assert(rule->count < RULE_ROWS_MAX);
    rule->rows[rule->count++] = capacity_properties_row(properties, row);
}

static void add_rows(struct rule_rows *rule, const struct properties *properties,
                     uint32_t first_row, uint32_t numbers)
{
    for (; numbers != 0; numbers &= numbers - 1)
        add_row(rule, properties, first_row + (uint32_t)__builtin_ctz(numbers));
}

const uint8_t capacity_search_rules[] = {
    DW__SEARCH_RULE__SEARCH_RULE_NEEDS,
    DW__SEARCH_RULE__SEARCH_RULE_LEVEL,
    DW__SEARCH_RULE__SEARCH_RULE_KIND,
    DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES,
    DW__SEARCH_RULE__SEARCH_RULE_MODE,
    DW__SEARCH_RULE__SEARCH_RULE_ACCESS,
    DW__SEARCH_RULE__SEARCH_RULE_AGE,
    DW__SEARCH_RULE__SEARCH_RULE_DAYS,
    DW__SEARCH_RULE__SEARCH_RULE_TRAVEL,
    DW__SEARCH_RULE__SEARCH_RULE_CONTRACT,
    DW__SEARCH_RULE__SEARCH_RULE_TIMES,
    DW__SEARCH_RULE__SEARCH_RULE_PLACES,
    DW__SEARCH_RULE__SEARCH_RULE_PRICE,
    DW__SEARCH_RULE__SEARCH_RULE_VIABLE_HOURS,
    DW__SEARCH_RULE__SEARCH_RULE_PERSON,
    DW__SEARCH_RULE__SEARCH_RULE_CLOSED,
    DW__SEARCH_RULE__SEARCH_RULE_PLACEMENTS_SUSPENDED,
    DW__SEARCH_RULE__SEARCH_RULE_UNBOOKED,
};

/* Adds the rows that a rule asks for. */
static void ask(struct rule_rows *rule, Dw__SearchRule asked, const struct search_request *request,
                const struct properties *properties)
{
    if (asked == DW__SEARCH_RULE__SEARCH_RULE_NEEDS)
        add_rows(rule, properties, ROW_NEED, request->needs);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_LEVEL && request->level != 0)
        add_row(rule, properties, ROW_LEVEL + request->level);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_KIND)
        add_rows(rule, properties, ROW_KIND, request->kinds);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_ACTIVITIES)
        add_rows(rule, properties, ROW_ACTIVITY, request->activities);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_MODE)
        add_rows(rule, properties, ROW_MODE, request->modes);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_ACCESS)
        add_rows(rule, properties, ROW_ACCESS, request->access);
    else if (asked == DW__SEARCH_RULE__SEARCH_RULE_AGE && request->age != 0)
        add_row(rule, properties, ROW_AGE + (request->age < AGE_MAX ? request->age : AGE_MAX));
    for (size_t at = 0; asked == DW__SEARCH_RULE__SEARCH_RULE_DAYS && at < request->wishes_count;
         at++)
        add_row(rule, properties,
                ROW_DAY + request->wishes[at].weekday * UINT32_C(4) + request->wishes[at].part - 1);
}

void capacity_sieve_prepare(struct sieve *sieve, const struct search *search)
{
    const struct properties *properties = capacity_catalogue_properties(search->catalogue);
    sieve->services = search->services;
    sieve->words = search->words;
    for (size_t at = 0; at < PROPERTY_RULES; at++) {
        struct rule_rows *rule = &sieve->rules[at];
        const Dw__SearchRule asked = (Dw__SearchRule)capacity_search_rules[at];
        rule->count = 0;
        rule->is_any = asked == DW__SEARCH_RULE__SEARCH_RULE_KIND ||
                       asked == DW__SEARCH_RULE__SEARCH_RULE_MODE;
        ask(rule, asked, search->request, properties);
    }
}

/* Who of these 64 services passes; only for a rule that has rows. */
static uint64_t pass_word(const struct rule_rows *rule, uint32_t word)
{
    uint64_t bits = rule->rows[0][word];
    if (rule->is_any)
        for (size_t at = 1; at < rule->count; at++)
            bits |= rule->rows[at][word];
    else
        for (size_t at = 1; at < rule->count; at++)
            bits &= rule->rows[at][word];
    return bits;
}

/* The 64 services of a word, fewer in the last one. */
static uint64_t all_in(const struct sieve *sieve, uint32_t word)
{
    if (word + 1 < sieve->words || sieve->services % 64 == 0)
        return UINT64_MAX;
    return (UINT64_C(1) << sieve->services % 64) - 1;
}

/* Number of bits set, by adding neighbours (the machine's own instruction is not in every machine). */
static uint32_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* Leaves in the set who passes the rule; returns their number. */
static uint32_t narrow(const struct rule_rows *rule, uint32_t words, uint64_t *set)
{
    uint32_t count = 0;
    for (uint32_t word = 0; word < words; word++) {
        set[word] &= pass_word(rule, word);
        count += count_bits(set[word]);
    }
    return count;
}

uint32_t capacity_sieve_pass(const struct sieve *sieve, uint32_t excluded[SEARCH_RULES],
                             uint64_t *ret_passing)
{
    uint32_t left = sieve->services;
    for (uint32_t word = 0; word < sieve->words; word++)
        ret_passing[word] = all_in(sieve, word);
    for (size_t at = 0; at < PROPERTY_RULES; at++) {
        if (sieve->rules[at].count == 0)
            continue;
        const uint32_t passed = narrow(&sieve->rules[at], sieve->words, ret_passing);
        excluded[capacity_search_rules[at]] = left - passed;
        left = passed;
    }
    return left;
}

void capacity_sieve_pass_but_days(const struct sieve *sieve, uint64_t *ret_passing)
{
    for (uint32_t word = 0; word < sieve->words; word++) {
        ret_passing[word] = all_in(sieve, word);
        for (size_t at = 0; at + 1 < PROPERTY_RULES; at++)
            if (sieve->rules[at].count > 0)
                ret_passing[word] &= pass_word(&sieve->rules[at], word);
    }
}

void capacity_sieve_fail_one(const struct sieve *sieve, uint32_t first_word, uint32_t end_word,
                             uint64_t *ret_failing)
{
    for (uint32_t word = first_word; word < end_word; word++) {
        uint64_t once = 0, twice = 0;
        for (size_t at = 0; at < PROPERTY_RULES; at++) {
            if (sieve->rules[at].count == 0)
                continue;
            const uint64_t bits = ~pass_word(&sieve->rules[at], word) & all_in(sieve, word);
            twice |= once & bits;
            once |= bits;
        }
        ret_failing[word] = once & ~twice;
    }
}

uint32_t capacity_sieve_rule(const struct sieve *sieve, uint32_t place)
{
    size_t at = 0;
    while (at + 1 < PROPERTY_RULES &&
           (sieve->rules[at].count == 0 ||
            (pass_word(&sieve->rules[at], place / 64) >> place % 64 & 1) != 0))
        at++;
    return capacity_search_rules[at];
}
