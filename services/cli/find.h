/* The two halves of `dayways find`: the question and the table. */
#ifndef DAYWAYS_CLI_FIND_H
#define DAYWAYS_CLI_FIND_H

#include "services/cli/cli.h"

#include "capacity.pb-c.h"

extern const char *const find_weekdays[]; /* "mon" is 1 */

void find_print(const Dw__CapacityFound *found);

#endif
