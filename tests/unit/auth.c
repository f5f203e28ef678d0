/* Tests of the allowed keys: which councils a key serves, and which keys name a provider. */
#include "common/auth.h"

#include "common/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "envelope.pb-c.h"

#define KEY_TEXT      "0123456789012345678901234567890123456789"
#define PROVIDER_TEXT "0190a5b4-7c1d-7e11-8a22-000000000001"

static char folder[] = "/tmp/dayways-auth-XXXXXX";
static char path[64];
static char message[256];

static int make_folder(void **unused)
{
    (void)unused;
    if (mkdtemp(folder) == NULL)
        return -1;
    return text_format(path, sizeof path, "%s/allowed", folder) < 0 ? -1 : 0;
}

static int remove_folder(void **unused)
{
    (void)unused;
    (void)unlink(path);
    return rmdir(folder);
}

/* What a daemon makes of a file with a comment and this line. */
static int load_line(const char *line, struct auth **ret_auth)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "# who may connect\n%s\n", line);
    assert_int_equal(fclose(file), 0);
    message[0] = '\0';
    return auth_load(folder, ret_auth, message, sizeof message);
}

/* --- councils --------------------------------------------------------------------------------------------------------- */

static bool serves(const char *authorities, const char *authority)
{
    struct allowed_key key = {.role = DW__ROLE__ROLE_BROKER};
    assert_true(text_format(key.authorities, sizeof key.authorities, "%s", authorities) >= 0);
    return allowed_for_authority(&key, authority);
}

/* Proves: the names of councils are compared whole: one that begins with another's is not it, nor the other way round, and so at
 * each place in a list. */
static void a_key_serves_no_council_whose_name_only_begins_like_its_own(void **unused)
{
    (void)unused;
    static const char *const of_east[] = {"cheshire-east", "cheshire-east,wye", "wye,cheshire-east",
                                          "wye,cheshire-east,kent"};
    static const char *const of_cheshire[] = {"cheshire", "cheshire,wye", "wye,cheshire",
                                              "wye,cheshire,kent"};
    for (size_t at = 0; at < sizeof of_east / sizeof of_east[0]; at++) {
        assert_true(serves(of_east[at], "cheshire-east"));
        assert_false(serves(of_east[at], "cheshire"));
        assert_false(serves(of_east[at], "east"));
        assert_true(serves(of_cheshire[at], "cheshire"));
        assert_false(serves(of_cheshire[at], "cheshire-east"));
    }
}

/* Proves: a list is each of its councils and nothing else; a star is all of them. */
static void a_key_serves_each_council_of_its_list(void **unused)
{
    (void)unused;
    assert_true(serves("wye,cheshire-east,cheshire", "wye"));
    assert_true(serves("wye,cheshire-east,cheshire", "cheshire-east"));
    assert_true(serves("wye,cheshire-east,cheshire", "cheshire"));
    assert_false(serves("wye,cheshire-east,cheshire", "kent"));
    assert_true(serves("*", "kent"));
}

/* --- providers -------------------------------------------------------------------------------------------------------- */

static void expect_refused(const char *line)
{
    struct auth *auth = NULL;
    assert_int_equal(load_line(line, &auth), -EINVAL);
    assert_null(auth);
    assert_string_equal(message,
                        "allowed, line 2: a provider's key, and no other, names its provider");
}

static void expect_loaded(const char *line, int role, const char *provider_text)
{
    struct auth *auth;
    struct id provider_id = {{0}};
    if (provider_text != NULL)
        assert_int_equal(id_from_text(provider_text, &provider_id), 0);
    assert_int_equal(load_line(line, &auth), 0);
    const struct allowed_key *key = auth_by_name(auth, "ada");
    assert_non_null(key);
    assert_int_equal(key->role, role);
    assert_true(id_equal(&key->provider_id, &provider_id));
    auth_destroy(&auth);
}

/* Proves: who works for a provider has a provider: with none, the key would be of the provider that has no id. */
static void a_key_of_a_provider_that_names_none_is_refused(void **unused)
{
    (void)unused;
    expect_refused(KEY_TEXT " ada provider-manager *");
    expect_refused(KEY_TEXT " ada register-taker *");
    expect_loaded(KEY_TEXT " ada provider-manager * " PROVIDER_TEXT,
                  DW__ROLE__ROLE_PROVIDER_MANAGER, PROVIDER_TEXT);
    expect_loaded(KEY_TEXT " ada register-taker * " PROVIDER_TEXT, DW__ROLE__ROLE_REGISTER_TAKER,
                  PROVIDER_TEXT);
}

/* Proves: no role but a provider's has one, whichever roles there are. */
static void a_key_of_nobody_else_names_a_provider(void **unused)
{
    (void)unused;
    char line[200];
    for (unsigned at = 0; at < dw__role__descriptor.n_values; at++) {
        const int role = dw__role__descriptor.values[at].value;
        if (role == 0 || role == DW__ROLE__ROLE_PROVIDER_MANAGER ||
            role == DW__ROLE__ROLE_REGISTER_TAKER)
            continue;
        (void)text_format(line, sizeof line, "%s ada %s * %s", KEY_TEXT, role_to_text(role),
                          PROVIDER_TEXT);
        expect_refused(line);
        (void)text_format(line, sizeof line, "%s ada %s *", KEY_TEXT, role_to_text(role));
        expect_loaded(line, role, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_serves_no_council_whose_name_only_begins_like_its_own),
        cmocka_unit_test(a_key_serves_each_council_of_its_list),
        cmocka_unit_test(a_key_of_a_provider_that_names_none_is_refused),
        cmocka_unit_test(a_key_of_nobody_else_names_a_provider),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
