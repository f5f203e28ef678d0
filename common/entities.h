/* Live state: the protobuf records of one shard, each whole under its key.
 *
 * Records are immutable: a change puts a new whole record. What is in memory is what unpacking the stored bytes
 * gives, so a shard that recovered and one that never stopped cannot differ. Only evolve (and fold) may put and
 * remove; deciding and answering see a const struct entities. */
#ifndef DAYWAYS_COMMON_ENTITIES_H
#define DAYWAYS_COMMON_ENTITIES_H

#include "common/ids.h"

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/* kind: index in the service's table of kinds, 1 to 31. part: 0, or what divides a record by (a month number). */
struct entity_key {
    struct id id;
    uint32_t part;
    uint8_t kind;
};

struct entities;

/* The record, or NULL. Valid until the next put or remove of the same key. */
const void *entities_get(const struct entities *entities, uint8_t kind, const struct id *id,
                         uint32_t part);

/* Sequence number of the event that last changed the record; 0 when there is none. */
uint64_t entities_changed_seq(const struct entities *entities, uint8_t kind, const struct id *id,
                              uint32_t part);

/* Stores a copy of the record (its type must be the kind's), replacing any before it. */
void entities_put(struct entities *entities, uint8_t kind, const struct id *id, uint32_t part,
                  const ProtobufCMessage *record);

/* Removes the record; nothing happens when there is none. */
void entities_remove(struct entities *entities, uint8_t kind, const struct id *id, uint32_t part);

/* Number of records of a kind, and the position-th of them (0 to count - 1) with its key.
 * The order means nothing and changes whenever a record is put or removed. */
size_t entities_count(const struct entities *entities, uint8_t kind);
const void *entities_at(const struct entities *entities, uint8_t kind, size_t position,
                        struct entity_key *ret_key);

#endif
