/* Tests of common/conf: what overrides what, and that mistakes are named with their place. */
#include "common/conf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/dayways-conf-XXXXXX";
static char message[256];

static int load(const char *text, char *const *overrides, size_t count, struct conf **ret_conf)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return conf_load(path, overrides, count, ret_conf, message, sizeof message);
}

static int make_file(void **unused)
{
    (void)unused;
    int descriptor = mkstemp(path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_file(void **unused)
{
    (void)unused;
    return unlink(path);
}

static const char sample[] = "[dayways]\nlog_level = warn\n\n[authority ce-east]\nmodel = m.json\n"
                             "redis_password = hush\n[authority wye]\nmodel = n.json\n"
                             "[capacity]\npublish = ipc://x\n";

/* Proves: flag beats environment beats file beats default, and the print says which it was. */
static void flags_beat_environment_beats_file_beats_default(void **unused)
{
    (void)unused;
    char *overrides[] = {"authority wye.model=flag.json"};
    setenv("DAYWAYS_AUTHORITY_WYE_MODEL", "env.json", 1);
    setenv("DAYWAYS_AUTHORITY_CE_EAST_MODEL", "env.json", 1);
    struct conf *conf;
    assert_int_equal(load(sample, overrides, 1, &conf), 0);
    assert_string_equal(conf_text(conf, "authority wye", "model"), "flag.json");
    assert_string_equal(conf_text(conf, "authority ce-east", "model"), "env.json");
    assert_string_equal(conf_text(conf, "dayways", "log_level"), "warn");
    assert_string_equal(conf_text(conf, "dayways", "log_format"), "auto");
    assert_null(conf_text(conf, "capacity", "router"));
    const char *names[1];
    assert_int_equal(conf_sections(conf, "authority", names, 1), 2);
    assert_string_equal(names[0], "ce-east");
    char *text;
    size_t len;
    FILE *file = open_memstream(&text, &len);
    conf_print(conf, file);
    fclose(file);
    assert_non_null(strstr(text, "model = flag.json    ; flag;"));
    assert_non_null(strstr(text, "model = env.json    ; environment;"));
    assert_non_null(strstr(text, "log_format = auto    ; default;"));
    assert_non_null(strstr(text, ":2; error, warn"));
    assert_non_null(strstr(text, "redis_password = ********"));
    assert_null(strstr(text, "hush"));
    free(text);
    conf_destroy(&conf);
    unsetenv("DAYWAYS_AUTHORITY_WYE_MODEL");
    unsetenv("DAYWAYS_AUTHORITY_CE_EAST_MODEL");
}

/* Proves: each mistake in the file is refused with its line. */
static void mistakes_are_named_with_their_line(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"[dayways]\n\ncolour = red\n", ":3: [dayways] colour is not a known key"},
        {"[authority a]\nmodel =\n", ":2: [authority a] model must not be empty"},
        {"[capacity]\npublish = x:1\n", ":2: [capacity] publish must begin with tcp://"},
        {"[dayways]\nlog_level=info\nlog_level=warn\n", ":3: [dayways] log_level is given twice"},
        {"[dayways]\nnonsense\n", ":2: this is neither"},
        {"[authority ]\nmodel = x\n", ":2: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf *conf = NULL;
        assert_int_equal(load(cases[i].text, NULL, 0, &conf), -EINVAL);
        assert_null(conf);
        if (strstr(message, cases[i].part) == NULL)
            fail_msg("%s", message);
    }
}

/* Proves: wrong flags, a wrong environment and a missing file are refused too. */
static void other_mistakes_are_refused(void **unused)
{
    (void)unused;
    static const char *const flags[] = {"x", "dayways.log_level", "a=b.c", "dayways.colour=red",
                                        "authority a.colour=x"};
    struct conf *conf = NULL;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        char flag[64];
        memcpy(flag, flags[i], strlen(flags[i]) + 1);
        char *overrides[] = {flag};
        assert_int_equal(load(sample, overrides, 1, &conf), -EINVAL);
    }
    setenv("DAYWAYS_AUTHORITY_WYE_MODEL", "", 1);
    assert_int_equal(load(sample, NULL, 0, &conf), -EINVAL);
    unsetenv("DAYWAYS_AUTHORITY_WYE_MODEL");
    assert_int_equal(conf_load("/nowhere/at/all", NULL, 0, &conf, message, sizeof message),
                     -ENOENT);
    assert_null(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_beat_environment_beats_file_beats_default),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(other_mistakes_are_refused),
    };
    return cmocka_run_group_tests_name("conf", tests, make_file, remove_file);
}
