/* The deployment's configuration: an INI file, overridden by environment variables, overridden by flags.
 *
 * A key of a section is found as DAYWAYS_<SECTION>_<KEY> in the environment (upper case, spaces and hyphens as
 * underscores; [dayways] keys too: DAYWAYS_DAYWAYS_LOG_LEVEL). Sections: [dayways], [authority NAME], and one a daemon,
 * under its name. Relative paths stay as given. */
#ifndef DAYWAYS_COMMON_CONF_H
#define DAYWAYS_COMMON_CONF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct conf;

/* Reads the file and checks it, the environment and the overrides ("section.key=value"; all must outlive the conf).
 * path NULL: no file. 0; -ENOENT and others when the file cannot be read; -EINVAL with a sentence in ret_error that begins
 * with file:line where there is one. */
int conf_load(const char *path, char *const *overrides, size_t overrides_count,
              struct conf **ret_conf, char *ret_error, size_t error_size);
void conf_destroy(struct conf **conf);

/* The value, or its default, or NULL when it has none. Valid as long as the conf. The key must be a known one. */
const char *conf_text(const struct conf *conf, const char *section, const char *key);

/* Number of sections in the file whose name begins with prefix and a space; up to max of the names behind it. */
size_t conf_sections(const struct conf *conf, const char *prefix, const char **ret_names,
                     size_t max);

/* Every value of [dayways] and of the sections in the file with its origin; secrets masked. */
void conf_print(const struct conf *conf, FILE *file);

#endif
