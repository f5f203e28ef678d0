/* The protocol document against the tables that the daemons run by: who may send what, and by which names a service says no. Where
 * they differ, the document is wrong. PROTOCOL_PRINT=1 prints the rows of roles as they should be. */
#include "services/attendance/attendance.h"
#include "services/capacity/capacity.h"
#include "services/outcomes/outcomes.h"
#include "services/placements/placements.h"
#include "services/referrals/referrals.h"
#include "services/reporting/reporting.h"

#include "common/auth.h"
#include "common/table.h"
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROW_SIZE = 512, ROLES_MAX = 32 };

static const struct service *const services[] = {&capacity_service,  &placements_service,
                                                 &referrals_service, &outcomes_service,
                                                 &reporting_service, &attendance_service};
enum { SERVICES = sizeof services / sizeof services[0] };

static char *document;

static int begin(void **state)
{
    (void)state;
    struct buffer text = {0};
    FILE *file = fopen("proto/README.md", "re");
    assert_non_null(file);
    for (size_t count = 1; count > 0; text.len += count)
        count = fread(buffer_reserve(&text, 4096), 1, 4096, file);
    fclose(file);
    buffer_append(&text, "", 1);
    document = (char *)text.bytes;
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(document);
    return 0;
}

static size_t missing;

/* "| `GetPlan` | broker, operator |" */
static void expect_row(const ProtobufCMessageDescriptor *type, uint32_t roles)
{
    char row[ROW_SIZE];
    bool is_first = true;
    (void)text_format(row, sizeof row, "| `%s` | ", type->short_name);
    for (int role = 1; role < ROLES_MAX; role++) {
        if ((roles & ROLE_BIT(role)) == 0)
            continue;
        const size_t len = strlen(row);
        assert_int_equal(text_format(row + len, sizeof row - len, "%s%s", is_first ? "" : ", ",
                                     role_to_text(role)),
                         0);
        is_first = false;
    }
    for (char *at = row + strlen("| ``") + strlen(type->short_name); *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    const size_t len = strlen(row);
    (void)text_format(row + len, sizeof row - len, "%s |\n", roles == 0 ? "time alone" : "");
    if (getenv("PROTOCOL_PRINT") != NULL) {
        printf("%s", row);
    } else if (strstr(document, row) == NULL) {
        print_message("proto/README.md does not say: %s", row);
        missing++;
    }
}

static void the_document_tells_who_may_send_what(void **state)
{
    (void)state;
    missing = 0;
    for (size_t at = 0; at < SERVICES; at++) {
        for (const struct command_row *row = services[at]->commands;
             row != NULL && row->type != NULL; row++)
            expect_row(row->type, row->roles);
        for (const struct query_row *row = services[at]->queries; row != NULL && row->type != NULL;
             row++)
            expect_row(row->type, row->roles);
    }
    assert_int_equal(missing, 0);
}

/* The section of a service: from its title to the next one. */
static char *section_of(const char *name)
{
    char title[64];
    char *begin_at = NULL;
    for (int number = 1; begin_at == NULL && number < 30; number++) {
        (void)text_format(title, sizeof title, "\n## %d. %s\n", number, name);
        begin_at = strstr(document, title);
    }
    assert_non_null(begin_at);
    const char *end_at = strstr(begin_at + 4, "\n## ");
    char *section =
        strndup(begin_at, end_at == NULL ? strlen(begin_at) : (size_t)(end_at - begin_at));
    assert_non_null(section);
    return section;
}

static bool is_refusal(const struct service *service, const char *word, size_t len)
{
    for (unsigned at = 0; at < service->refusals->n_values; at++) {
        const char *name = service->refusals->values[at].name;
        const size_t name_len = strlen(name);
        if (name_len > len && name[name_len - len - 1] == '_' &&
            memcmp(name + name_len - len, word, len) == 0)
            return true;
    }
    return false;
}

static bool is_word_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* Every NAME_WITH_UNDERSCORE in a table row of the section is one of the service's refusals. */
static void check_rows(const struct service *service, char *section)
{
    char *rest = NULL;
    for (char *line = strtok_r(section, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        for (const char *at = line; line[0] == '|' && *at != '\0';) {
            size_t len = 0;
            while (is_word_byte(at[len]))
                len++;
            if (len > 2 && memchr(at, '_', len) != NULL && !is_refusal(service, at, len)) {
                print_message("%s does not refuse with %.*s\n", service->name, (int)len, at);
                missing++;
            }
            at += len > 0 ? len : 1;
        }
}

static void the_document_names_each_refusal_and_no_other(void **state)
{
    (void)state;
    missing = 0;
    for (size_t number = 0; number < SERVICES; number++) {
        const struct service *service = services[number];
        char *section = section_of(service->name);
        const size_t prefix_len = strlen(service->refusals->values[0].name) - strlen("UNSPECIFIED");
        for (unsigned at = 1; at < service->refusals->n_values; at++) {
            const char *name = service->refusals->values[at].name + prefix_len;
            if (strstr(section, name) != NULL)
                continue;
            print_message("section %s does not name %s\n", service->name, name);
            missing++;
        }
        check_rows(service, section);
        free(section);
    }
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_tells_who_may_send_what),
        cmocka_unit_test(the_document_names_each_refusal_and_no_other),
    };
    return cmocka_run_group_tests_name("protocol", tests, begin, end);
}
