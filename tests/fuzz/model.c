/* Fuzzes council model files: a file is refused with a sentence, or services can work with what it says, which is tried with one file
 * in four, whole or not. The first byte says whether the rest is the file or fills one in, and which services are tried. */
#include "common/authority.h"
#include "common/json.h"
#include "common/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model.pb-c.h"
#include "proto/model_check.h"
#include "tests/support/form.h"
#include "tests/support/fuzz.h"
#include "tests/support/memory_file.h"
#include "tests/support/world.h"

enum {
    MODEL_MEMORY_MAX = 1024 * 1024,
    ERROR_SIZE = 300,
    LIVED_WITH = 4, /* one in so many models, by chance: it takes far longer than to read one */
};

/* One of everything, in one service or in all, and all questions. */
static void live_with(const ProtobufCMessage *model, size_t prelude)
{
    struct world *world = world_create(model);
    (void)world_prepare(world, prelude, SIZE_MAX, 0);
    world_ask_everything(world);
    world_destroy(&world);
}

static void read_model(const void *bytes, size_t len, size_t prelude)
{
    static struct arena *arena;
    char error[ERROR_SIZE] = "";
    char wrong[ERROR_SIZE] = "";
    uint8_t digest[32];
    const ProtobufCMessage *model;
    if (arena == NULL)
        arena = arena_create(MODEL_MEMORY_MAX);
    arena_reset(arena);
    if (authority_load_model(memory_file(bytes, len), &dw__commissioning_model__descriptor, arena,
                             &model, digest, error, sizeof error) < 0)
        assert(error[0] != '\0' && text_is_utf8(error, strlen(error)));
    else if (!model_check(model, wrong, sizeof wrong) && wrong[0] == '\0')
        assert(false);
    else if (digest[0] % LIVED_WITH == 0)
        live_with(model, prelude);
}

/* NULL when what the bytes say cannot be written as JSON. */
static char *make_file(struct form *form)
{
    static struct arena *arena;
    char *text = NULL;
    if (arena == NULL)
        arena = arena_create(64 * MODEL_MEMORY_MAX);
    arena_reset(arena);
    const struct packed packed = form_fill(form, &dw__commissioning_model__descriptor, arena);
    const ProtobufCMessage *model = protobuf_c_message_unpack(
        &dw__commissioning_model__descriptor, arena_allocator(arena), packed.len, packed.bytes);
    assert(model != NULL);
    if (json_from_message(model, false, &text) < 0)
        return NULL;
    form_damage(form, text, strlen(text));
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct form form = {.at = bytes, .end = bytes + len};
    const uint8_t how = form_byte(&form);
    const size_t prelude = (how >> 1) % WORLD_PRELUDES;
    if ((how & 1) != 0) {
        read_model(form.at, (size_t)(form.end - form.at), prelude);
        return 0;
    }
    char *text = make_file(&form);
    if (text != NULL)
        read_model(text, strlen(text), prelude);
    free(text);
    return 0;
}
