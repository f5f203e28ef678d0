/* Closures, changes of limits and ends of sessions for tests of capacity, on the council of places.h; and what is heard of them. */
#ifndef DAYWAYS_TESTS_CLOSING_H
#define DAYWAYS_TESTS_CLOSING_H

#include "tests/support/places.h"

/* A closure of a service, for all of its sessions (count 0) or some. to INT32_MAX = until lifted. */
struct pure_outcome closing_declare(struct places *places, uint32_t number, uint32_t service,
                                    const uint32_t *sessions, size_t count, int32_t from,
                                    int32_t to);
struct pure_outcome closing_lift(struct places *places, uint32_t number, int32_t from);

struct pure_outcome closing_limits(struct places *places, uint32_t session, int32_t from,
                                   const int limits[6], bool strand);
struct pure_outcome closing_end(struct places *places, uint32_t session, int32_t last, bool strand);

/* The at-th event of an outcome unpacked, valid as long as the program; NULL when it is of another type. */
const void *closing_event(const struct pure_outcome *outcome, size_t at,
                          const ProtobufCMessageDescriptor *type);

/* Places free of a session in the week of that date, as Occupancy tells it. */
uint32_t closing_free(struct places *places, uint32_t service, uint32_t session, int32_t date);

#endif
