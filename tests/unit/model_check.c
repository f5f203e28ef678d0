/* Tests of proto/model_check: which models can be worked by, and what is said of the others. */
#include "proto/model_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/authority.h"
#include "common/table.h"
#include "model.pb-c.h"
#include "tests/support/memory_file.h"

enum { MEMORY_MAX = 4 * 1024 * 1024, WRONG_SIZE = 300, FILE_MAX = 64 * 1024 };

/* What is wrong with a model file; "" when nothing is. */
static const char *look(const char *path)
{
    static char wrong[WRONG_SIZE];
    uint8_t digest[32];
    const ProtobufCMessage *model;
    struct arena *arena = arena_create(MEMORY_MAX);
    wrong[0] = '\0';
    if (authority_load_model(path, &dw__commissioning_model__descriptor, arena, &model, digest,
                             wrong, sizeof wrong) < 0)
        fail_msg("%s", wrong);
    if (model_check(model, wrong, sizeof wrong))
        assert_string_equal(wrong, "");
    arena_destroy(&arena);
    return wrong;
}

/* The same of the tests' own model in which one text, which is there, stands for another. */
static const char *look_changed(const char *from, const char *to)
{
    static char file[FILE_MAX];
    struct buffer text = {0};
    FILE *model = fopen("tests/data/model.json", "re");
    assert_non_null(model);
    file[fread(file, 1, sizeof file - 1, model)] = '\0';
    assert_int_equal(fclose(model), 0);
    const char *at = strstr(file, from);
    if (at == NULL)
        fail_msg("%s is not in the model", from);
    buffer_append(&text, file, (size_t)(at - file));
    buffer_append(&text, to, strlen(to));
    buffer_append(&text, at + strlen(from), strlen(at + strlen(from)));
    const char *wrong = look(memory_file(text.bytes, text.len));
    buffer_free(&text);
    return wrong;
}

/* Proves: the councils' models can be worked by, and so can those of the tests. */
static void a_model_that_is_shipped_is_whole(void **state)
{
    (void)state;
    static const char *const files[] = {"deploy/authorities/cheshire-east.json",
                                        "deploy/authorities/nottinghamshire.json",
                                        "deploy/authorities/sefton.json",
                                        "deploy/authorities/stockport.json",
                                        "tests/data/model.json",
                                        "tests/data/sim-model.json"};
    for (size_t at = 0; at < sizeof files / sizeof files[0]; at++)
        assert_string_equal(look(files[at]), "");
}

static void an_empty_model_is_refused(void **state)
{
    (void)state;
    assert_string_equal(look(memory_file("{}", 2)),
                        "gssCode: it is the council's ONS code, such as E06000049");
}

/* What of the tests' model is changed into what, and how the answer begins. */
static const struct {
    const char *from, *to, *wrong;
} cases[] = {
    {"\"E06000049\"", "\"E0600004\"", "gssCode: "},
    {"\"Test Council\"", "\"\"", "name: it is missing"},
    {"#1d70b8", "1d70b8", "colour: "},
    {"\"TC\"", "\"tc\"", "referencePrefix: "},
    {"{\"number\": 2, \"name\": \"Personalised\"", "{\"number\": 1, \"name\": \"Personalised\"",
     "levels[1].number: 1 is the number of levels[0], too"},
    {"{\"number\": 2, \"name\": \"Personalised\"", "{\"number\": 17, \"name\": \"P\"",
     "levels[1].number: it is 1 to 16, and not 17"},
    {", \"kind\": \"LEVEL_KIND_SPECIALIST\"", "", "levels[0].kind: "},
    {"\"limitWeeks\": 12", "\"limitWeeks\": 9", "levels[2].warningWeeks[1]: "},
    {"\"limitWeeks\": 12", "\"limitWeeks\": 100000", "levels[2]: limitWeeks"},
    {"[8, 10]", "[10, 8]", "levels[2].warningWeeks[1]: it is later"},
    {"[8, 10]", "[8, 8]", "levels[2].warningWeeks[1]: it is later"},
    {"\"Personalised\"", "\"SPECIALIST\"", "levels[1].name: levels[0] is named SPECIALIST, too"},
    {"{\"number\": 2, \"name\": \"Crewe\"", "{\"number\": 1, \"name\": \"Crewe\"",
     "districts[1].number: 1 is the number of districts[0], too"},
    {"\"Crewe\"", "\"MACCLESFIELD\"", "districts[1].name: districts[0] is named MACCLESFIELD, too"},
    {"53099000", "530990000", "districts[1].latitudeE6: "},
    {"-2440000", "-244000000", "districts[1].longitudeE6: "},
    {", \"latitudeE6\": 53099000, \"longitudeE6\": -2440000", "", "districts[1]: "},
    {"\"learning disability\"", "\"\"", "groupings[0].groups[0].name: "},
    {"[{\"name\": \"learning disability\", \"reasons\": "
     "[\"SUPPORT_REASON_LEARNING_DISABILITY\"]}]",
     "[]", "groupings[0].groups: "},
    {"\"from\": 18, \"to\": 64", "\"from\": 64, \"to\": 18", "ageBands[0]: 64 to 18"},
    {"\"from\": 65", "\"from\": 64", "ageBands[1].from: "},
    {"\"careActOutcome\": \"i\"", "\"careActOutcome\": \"k\"",
     "outcomeDomains[0].careActOutcome: "},
    {"[{\"number\": 1, \"name\": \"independence\", \"careActOutcome\": \"i\"}]", "[]",
     "outcomeDomains: "},
    {"\"from\": \"2020-04-01\", \"to\": \"2040-03-31\"",
     "\"from\": \"2040-04-01\", \"to\": \"2040-03-31\"", "frameworks[0].to: "},
    {"\"to\": \"2040-03-31\"", "\"valuePence\": \"5\"", "frameworks[0].overValue: "},
    {", \"to\": \"2040-03-31\"", "", "frameworks[0]: from and to"},
    {"[24, 24]", "[24, 0]", "frameworks[0].extensionMonths[1]: "},
    {"[24, 24]", "[24, 1000000000]", "frameworks[0].extensionMonths[1]: it is 1 to 120"},
    {"\"groupings\": [",
     "\"groupings\": [{\"name\": \"Client group\", \"groups\": [{\"name\": \"a\"}]},",
     "groupings[1].name: groupings[0] is named client group, too"},
    {"\"groups\": [", "\"groups\": [{\"name\": \"Learning disability\"}, ",
     "groupings[0].groups[1].name: groups[0] is named learning disability, too"},
    {"\"outcomeDomains\": [",
     "\"outcomeDomains\": [{\"number\": 2, \"name\": \"Independence\", \"careActOutcome\": "
     "\"i\"}, ",
     "outcomeDomains[1].name: outcomeDomains[0] is named independence, too"},
    {"{\"number\": 2, \"name\": \"Travel", "{\"number\": 1, \"name\": \"Travel",
     "frameworks[1].number: "},
    {"\"detourPercent\": 130", "\"detourPercent\": 13", "rules.travel.detourPercent: "},
    {"35000", "350", "rules.travel.speedMetresPerHour: "},
    {"\"limitMinutes\": 30", "\"limitMinutes\": 30, \"matrix\": [{\"from\": 1, \"to\": 3}]",
     "rules.travel.matrix[0]: from and to are numbers of districts; there is none with 3"},
    {"\"limitMinutes\": 30", "\"limitMinutes\": 30, \"matrix\": [{\"from\": 1, \"to\": 2}]",
     "rules.travel.matrix[0].minutes: "},
    {"\"viableEffect\": \"RULE_EFFECT_WARN\",", "", "rules.viableEffect: "},
    {"\"holdMinutes\": 60,", "", "rules.holdMinutes: "},
    {"\"holdMinutesMax\": 600", "\"holdMinutesMax\": 6", "rules.holdMinutesMax: "},
    {"\"holdMinutesMax\": 600", "\"holdMinutesMax\": 4000000000",
     "rules.holdMinutesMax: it is at most 527040"},
    {"\"reviewDays\": 182", "\"reviewDays\": 4000000000", "rules.reviewDays: it is at most 3660"},
    {"\"reviewDays\": 182", "\"callOffDays\": 3661", "rules.callOffDays: it is at most 3660"},
    {"\"reviewDays\": 182\n  }",
     "\"reviewDays\": 182}, \"savingsTargets\": [{\"year\": 2026}, {\"year\": 2026}]",
     "savingsTargets[1].year: savingsTargets[0] is of 2026, too"},
    {"\"reviewDays\": 182", "\"awardWeights\": {\"price\": 40, \"quality\": 50}",
     "rules.awardWeights: they add up to 100, and not to 90"},
    {"\"reviewDays\": 182",
     "\"approvalBands\": [{\"role\": \"ROLE_APPROVER\"}, {\"role\": \"ROLE_BROKER\", "
     "\"upToPence\": \"5\"}]",
     "rules.approvalBands[1].upToPence: "},
    {"\"reviewDays\": 182", "\"ranking\": [\"RANK_CRITERION_PRICE\", \"RANK_CRITERION_PRICE\"]",
     "rules.ranking[1]: "},
    {"\"reviewDays\": 182", "\"excludedReasons\": [{\"reason\": \"SUPPORT_REASON_MENTAL_HEALTH\"}]",
     "rules.excludedReasons[0].instead: "},
    {"\"reviewDays\": 182\n  }",
     "\"reviewDays\": 182}, \"budgetLines\": [{\"name\": \"a\", \"year\": 2026, \"number\": "
     "1}, "
     "{\"name\": \"b\", \"year\": 2026, \"number\": 1}]",
     "budgetLines[1].number: 1 is the number of budgetLines[0] of 2026, too"},
    {"\"reviewDays\": 182\n  }",
     "\"reviewDays\": 182}, \"contractTerms\": [{\"kind\": \"CONTRACT_KIND_SPOT\"}]",
     "contractTerms[0].approval: "},
    {"\"reviewDays\": 182\n  }",
     "\"reviewDays\": 182}, \"bankHolidays\": [\"2026-12-25\", \"2026-01-01\"]",
     "bankHolidays[1]: "},
};

/* Proves: whatever is missing, out of its bounds, twice, or at odds with another part is named by its path in the file. */
static void what_is_wrong_is_named_by_its_path(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        const char *wrong = look_changed(cases[at].from, cases[at].to);
        if (strncmp(wrong, cases[at].wrong, strlen(cases[at].wrong)) != 0)
            fail_msg("%s: \"%s\", and not \"%s\"", cases[at].to, wrong, cases[at].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_that_is_shipped_is_whole),
        cmocka_unit_test(an_empty_model_is_refused),
        cmocka_unit_test(what_is_wrong_is_named_by_its_path),
    };
    return cmocka_run_group_tests_name("model_check", tests, NULL, NULL);
}
