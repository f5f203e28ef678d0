/* Tests of common/authority: which model files are read, and what is said of the others. */
#include "common/authority.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/table.h"
#include "model.pb-c.h"
#include "tests/support/memory_file.h"

enum { MEMORY_MAX = 4 * 1024 * 1024, LIST_MAX = 512 };

/* A model with so many groupings, the first of which has so many groups. */
static int load(size_t groupings, size_t groups, char ret_error[300])
{
    uint8_t digest[32];
    const ProtobufCMessage *model;
    struct buffer text = {0};
    struct arena *arena = arena_create(MEMORY_MAX);
    static const char begin[] = "{\"groupings\": [{\"groups\": [";
    buffer_append(&text, begin, strlen(begin));
    for (size_t at = 0; at < groups; at++)
        buffer_append(&text, ",{}" + (at == 0), at == 0 ? 2 : 3);
    buffer_append(&text, "]}", 2);
    for (size_t at = 1; at < groupings; at++)
        buffer_append(&text, ",{}", 3);
    buffer_append(&text, "]}", 2);
    const int result = authority_load_model(memory_file(text.bytes, text.len),
                                            &dw__commissioning_model__descriptor, arena, &model,
                                            digest, ret_error, 300);
    buffer_free(&text);
    arena_destroy(&arena);
    return result;
}

/* Proves: a list of a model is no longer than what is told of it may be, wherever it stands; else its reports could never be read. */
static void a_list_of_a_model_can_be_told(void **unused)
{
    (void)unused;
    char error[300] = "";
    assert_int_equal(load(LIST_MAX, LIST_MAX, error), 0);
    assert_int_equal(load(LIST_MAX + 1, 1, error), -EINVAL);
    assert_non_null(strstr(error, "groupings: a list in a model has at most 512 entries"));
    assert_int_equal(load(1, LIST_MAX + 1, error), -EINVAL);
    assert_non_null(strstr(error, "groups: a list in a model has at most 512 entries"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_a_model_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
