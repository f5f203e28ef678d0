/* Memory of one message: blocks filled from the front, all but one given back on reset.
 *
 * Knows nothing of what is stored. Implements common/arena.h. */
#include "common/arena.h"

#include "common/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BLOCK_SIZE = 64 * 1024, /* most messages are far smaller, so one block serves them all */
    ARENA_KEPT_MAX = 256 * 1024,  /* a reply of 64 KiB unpacked; more is given back */
    ARENA_ALIGNMENT = _Alignof(max_align_t),
};

struct arena_block {
    struct arena_block *next; /* the block filled before this one */
    size_t size;              /* bytes behind the header */
    size_t used;              /* bytes of them handed out */
    _Alignas(max_align_t) uint8_t bytes[];
};

struct arena {
    struct arena_block
        *newest; /* the block being filled; the chain ends with the one that is kept */
    size_t limit;
    size_t used;
    jmp_buf *full; /* NULL: abort */
    ProtobufCAllocator allocator;
};

static struct arena_block *create_block(size_t size)
{
    struct arena_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

static void *take_piece(struct arena *arena, size_t size);

/* protobuf-c writes all that it allocates, so nothing need be zeroed for it. */
static void *allocate_for_protobuf(void *data, size_t size)
{
    return take_piece(data, size);
}

static void free_for_protobuf(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

struct arena *arena_create(size_t limit)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        return NULL;
    arena->limit = limit;
    arena->newest = create_block(ARENA_BLOCK_SIZE);
    if (arena->newest == NULL) {
        free(arena);
        return NULL;
    }
    arena->allocator.alloc = allocate_for_protobuf;
    arena->allocator.free = free_for_protobuf;
    arena->allocator.allocator_data = arena;
    return arena;
}

void arena_destroy(struct arena **arena)
{
    if (*arena == NULL)
        return;
    for (struct arena_block *block = (*arena)->newest; block != NULL;) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    free(*arena);
    *arena = NULL;
}

/* Puts a fresh block in front, twice as large as the last one, so that what comes often soon fits into one. A larger piece
 * gets a block of its own size, so that the limit bounds memory too. */
static void add_block(struct arena *arena, size_t size)
{
    const size_t last = arena->newest->size;
    size_t wanted = last < ARENA_KEPT_MAX / 2 ? last * 2 : ARENA_KEPT_MAX;
    struct arena_block *block = create_block(size > wanted ? size : wanted);
    if (block == NULL)
        abort();
    block->next = arena->newest;
    arena->newest = block;
}

static void *take_piece(struct arena *arena, size_t size)
{
    size_t left = arena->limit - arena->used;
    if (size > left)
        return NULL;
    /* An empty piece still takes room, so that every piece has an address of its own. */
    size_t wanted = size == 0 ? 1 : size;
    if (wanted > SIZE_MAX - ARENA_ALIGNMENT)
        return NULL;
    wanted = (wanted + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (wanted > left)
        return NULL;
    if (wanted > arena->newest->size - arena->newest->used)
        add_block(arena, wanted);
    struct arena_block *block = arena->newest;
    void *piece = block->bytes + block->used;
    block->used += wanted;
    arena->used += wanted;
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *piece = take_piece(arena, size);
    if (piece != NULL)
        memset(piece, 0, size);
    return piece;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = take_piece(arena, len + 1);
    if (copy != NULL && len > 0)
        memcpy(copy, bytes, len);
    if (copy != NULL)
        copy[len] = '\0';
    return copy;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->newest;
    for (struct arena_block *block = kept->next; block != NULL;) {
        struct arena_block *next = block->next;
        if (block->size <= ARENA_KEPT_MAX &&
            (block->size > kept->size || kept->size > ARENA_KEPT_MAX)) {
            free(kept);
            kept = block;
        } else {
            free(block);
        }
        block = next;
    }
    kept->next = NULL;
    kept->used = 0;
    arena->newest = kept;
    arena->used = 0;
}

void arena_on_full(struct arena *arena, jmp_buf *full)
{
    arena->full = full;
}

void arena_full(struct arena *arena)
{
    if (arena->full != NULL)
        longjmp(*arena->full, 1);
    log_error(CODE_MEMORY_BOUND, NULL, "more than %zu bytes for one message; ending", arena->limit);
    abort();
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

ProtobufCAllocator *arena_allocator(struct arena *arena)
{
    return &arena->allocator;
}
