/* Fuzzes what is typed: the arguments of `dayways find` and of every daemon, and the texts that become numbers, dates, ids and
 * names. What is taken is within its limits and, written out again, is what was typed. Arguments are lines; the first byte
 * chooses who reads them. */
#include "common/authority.h"
#include "common/calendar.h"
#include "common/envelope.h"
#include "common/text.h"
#include "services/cli/find.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/capacity/capacity.h"
#include "tests/support/form.h"
#include "tests/support/fuzz.h"
#include "tests/support/memory_file.h"

enum { ARGUMENTS_MAX = 24, READERS = 4 };

/* --- texts ------------------------------------------------------------------------------------------------------------ */

static void read_numbers(const char *text)
{
    int64_t number;
    uint64_t positive;
    char again[24];
    if (text_to_int64(text, INT32_MIN, INT32_MAX, &number) == 0)
        assert(number >= INT32_MIN && number <= INT32_MAX);
    if (text_to_int64(text, INT64_MIN, INT64_MAX, &number) == 0) {
        assert(text_format(again, sizeof again, "%lld", (long long)number) == 0);
        const bool is_negative = text[0] == '-';
        const char *digits = text + is_negative;
        digits += strspn(digits, "0");
        assert(number == 0 ? *digits == '\0' : strcmp(again + is_negative, digits) == 0);
        cli_money(number, again, sizeof again);
    }
    if (text_to_uint64(text, UINT64_MAX, &positive) == 0) {
        assert(text_format(again, sizeof again, "%llu", (unsigned long long)positive) == 0);
        assert(positive == 0 || strcmp(again, text + strspn(text, "0")) == 0);
    }
}

static void read_names(const char *text)
{
    struct id id;
    struct id again;
    int32_t date;
    char written[CALENDAR_TEXT_SIZE];
    char id_text[ID_TEXT_SIZE];
    char copy[16];
    if (id_from_text(text, &id) == 0) {
        id_to_text(&id, id_text);
        assert(strcasecmp(id_text, text) == 0);
        assert(id_from_text(id_text, &again) == 0 && id_equal(&id, &again));
    }
    if (calendar_from_text(text, &date) == 0) {
        calendar_to_text(date, written);
        assert(strcmp(written, text) == 0);
        assert(calendar_weekday(date) >= 1 && calendar_weekday(date) <= 7);
        assert(calendar_london_date(calendar_london_to_utc(date, 12 * 60)) == date);
    }
    const int role = role_from_text(text);
    assert(role == 0 || role_from_text(role_to_text(role)) == role);
    const ProtobufCMessageDescriptor *type = message_find(text);
    assert(type == NULL || strcmp(type->short_name, text) == 0);
    assert(!authority_is_valid(text) || strlen(text) <= ENVELOPE_AUTHORITY_MAX);
    (void)text_copy(copy, sizeof copy, text, strlen(text));
    assert(!text_is_utf8(text, strlen(text)) || text_is_utf8(copy, strlen(copy)));
}

/* --- arguments -------------------------------------------------------------------------------------------------------- */

static void read_find(struct cli *cli)
{
    Dw__FindCapacity find = DW__FIND_CAPACITY__INIT;
    Dw__Date from = DW__DATE__INIT;
    struct find_district district;
    struct find_proposal proposal;
    if (find_proposal_read(cli, &proposal) && proposal.rank > 0)
        assert(proposal.rank <= 20 && !id_is_zero(&proposal.person_id));
    if (find_read(cli, &find, &from, &district) != EXIT_CODE_OK)
        return;
    assert(district.number <= 64 && (district.number == 0) == (district.name[0] == '\0'));
    assert(cli->argc == 1 && find.n_wanted <= FIND_SESSIONS_MAX && find.funding != 0);
    assert(find.minutes_per_week <= 7 * 24 * 60 && find.results_max <= 20);
    assert(abs(find.latitude_e6) <= 180000000 && abs(find.longitude_e6) <= 180000000);
    struct buffer packed = {0};
    buffer_pack(&packed, &find.base); /* what it points to is there */
    buffer_free(&packed);
}

static void read_daemon(int argc, char **argv)
{
    struct options options;
    int code = -1;
    optind = 0; /* getopt begins anew */
    if (!options_read(&capacity_service, argc, argv, &options, &code)) {
        assert(code == EXIT_CODE_OK || code == EXIT_CODE_USAGE);
        return;
    }
    assert(options.overrides_count <= OVERRIDES_MAX);
    for (size_t at = 0; at < options.overrides_count; at++)
        assert(strlen(options.overrides[at]) < 8192);
}

/* A district is looked up in the model that the configuration names. */
static struct conf *load_conf(void)
{
    static const char file[] = "[authority test]\nmodel = tests/data/model.json\n";
    static struct conf *conf;
    char error[200];
    if (conf == NULL) {
        const int result =
            conf_load(memory_file(file, strlen(file)), NULL, 0, &conf, error, sizeof error);
        assert(result == 0);
    }
    return conf;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *arguments[ARGUMENTS_MAX + 1] = {(char *)(uintptr_t) "find"};
    int count = 1;
    char *rest = NULL;
    const uint8_t reader = len > 0 ? bytes[0] % READERS : 0;
    char *text = calloc(len + 1, 1);
    assert(text != NULL);
    if (len > 1)
        memcpy(text, bytes + 1, len - 1);
    struct cli cli = {.program = "dayways", .authority = "test", .conf = load_conf()};
    for (char *at = strtok_r(text, "\n", &rest); at != NULL && count < ARGUMENTS_MAX;
         at = strtok_r(NULL, "\n", &rest))
        arguments[count++] = at;
    cli.argc = count;
    cli.argv = arguments;
    if (reader <= 1) {
        read_find(&cli);
    } else if (reader == 2) {
        read_daemon(count, arguments);
    } else {
        for (int at = 1; at < count; at++) {
            read_numbers(arguments[at]);
            read_names(arguments[at]);
        }
    }
    free(text);
    return 0;
}
