/* Memory of one message: taken piecewise, given back at once. Nothing in it outlives the message. */
#ifndef DAYWAYS_COMMON_ARENA_H
#define DAYWAYS_COMMON_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <setjmp.h>
#include <stddef.h>

struct arena;

/* An empty arena that will hold at most limit bytes in all. NULL: no memory. */
struct arena *arena_create(size_t limit);
void arena_destroy(struct arena **arena);

/* Zeroed memory aligned for any type, or NULL when the limit would be passed. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy with a NUL behind it; NULL when the limit would be passed. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* Forgets everything; one block is kept for the next message, of the size that messages have needed, up to 256 KiB. */
void arena_reset(struct arena *arena);

/* Where to go when memory that must be had cannot be: NULL, as at first, means that the process ends with a line in the log. */
void arena_on_full(struct arena *arena, jmp_buf *full);
_Noreturn void arena_full(struct arena *arena);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* For protobuf-c's unpack: allocates from the arena (an allocation over the limit fails and with it the unpacking), frees
 * nothing. Valid as long as the arena. */
ProtobufCAllocator *arena_allocator(struct arena *arena);

#endif
