/* Fuzzes the configuration: a file and flags are either refused with a sentence, or every value can be asked for and printed.
 * The first line is a flag when the first byte is odd. */
#include "common/conf.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/form.h"
#include "tests/support/fuzz.h"
#include "tests/support/memory_file.h"

enum { NAMES_MAX = 4, ERROR_SIZE = 200 };

static void ask(const struct conf *conf)
{
    const char *names[NAMES_MAX];
    char section[64];
    const size_t count = conf_sections(conf, "authority", names, NAMES_MAX);
    assert(conf_text(conf, "dayways", "log_level") != NULL);
    assert(conf_text(conf, "capacity", "authorities") != NULL);
    (void)conf_text(conf, "capacity", "router");
    for (size_t at = 0; at < count && at < NAMES_MAX; at++)
        if (text_format(section, sizeof section, "authority %s", names[at]) == 0 &&
            names[at][0] != '\0')
            (void)conf_text(conf, section, "redis_password");
    FILE *file = memory_file_out();
    conf_print(conf, file);
    fflush(file);
    rewind(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct form form = {.at = bytes, .end = bytes + len};
    struct conf *conf = NULL;
    char error[ERROR_SIZE] = "";
    char *flag = NULL; /* to the byte */
    const bool has_flag = (form_byte(&form) & 1) != 0;
    if (has_flag) {
        const size_t left = (size_t)(form.end - form.at);
        const uint8_t *end = left > 0 ? memchr(form.at, '\n', left) : NULL;
        const size_t flag_len = end == NULL ? left : (size_t)(end - form.at);
        flag = strndup((const char *)form.at, flag_len);
        assert(flag != NULL);
        form.at += end == NULL ? left : flag_len + 1;
    }
    const char *path = memory_file(form.at, (size_t)(form.end - form.at));
    if (conf_load(path, &flag, has_flag, &conf, error, sizeof error) < 0) {
        assert(conf == NULL && error[0] != '\0');
        assert(memchr(error, '\0', sizeof error) != NULL);
    } else {
        ask(conf);
        conf_destroy(&conf);
    }
    free(flag);
    return 0;
}
