/* The engine's side of live state: creating, loading, and collecting what a commit must write. Services never include
 * this; they see common/entities.h. */
#ifndef DAYWAYS_COMMON_ENTITIES_STORE_H
#define DAYWAYS_COMMON_ENTITIES_STORE_H

#include "common/entities.h"
#include "common/service.h"
#include "common/table.h"

/* Field of a record in Redis: kind (1 byte), id (16), and part (4, big endian) when it is not 0. */
enum { ENTITY_FIELD_MAX = 21 };
/* Value of a record in Redis: the seq that last changed it (8 bytes, little endian), then the packed message. */
enum { ENTITY_VALUE_HEAD = 8 };

struct entities *entities_create(const struct service *service);
void entities_destroy(struct entities **entities);

/* Whose index function is told of changes; set once, right after the service's state was created. */
void entities_bind(struct entities *entities, struct state *state);

/* The seq written into records put from now on. */
void entities_set_seq(struct entities *entities, uint64_t seq);

/* Takes one stored record without indexing it. 0; -EBADMSG when field or value is not of the form above. */
int entities_load(struct entities *entities, const void *field, size_t field_len, const void *value,
                  size_t value_len);

/* Indexes all loaded records, in the order of kinds. */
void entities_index_all(struct entities *entities);

/* Number of records changed since the last drain. */
size_t entities_changed(const struct entities *entities);

/* Calls back for each record changed since the last drain, in the order of first change: value NULL = removed.
 * Field and value are valid during the call. */
void entities_drain(struct entities *entities,
                    void (*changed)(void *context, const void *field, size_t field_len,
                                    const void *value, size_t value_len),
                    void *context);

/* Packs one record as stored: appends its value to ret_value. */
void entities_value(const struct entities *entities, const struct entity_key *key,
                    struct buffer *ret_value);

/* Writes the field of a key, returns its length. */
size_t entities_field(const struct entity_key *key, uint8_t ret_field[ENTITY_FIELD_MAX]);

/* Number of records of all kinds. */
size_t entities_total(const struct entities *entities);

#endif
