/* Messages out of bytes, for fuzzing: any message type is a form that the bytes fill in, field by field. Where there are no
 * bytes, and where they are 0, a field gets what makes sense in it, so that no bytes at all make a message that is mostly
 * taken; other bytes lead away from that, to other things' ids, to limits and to nonsense.
 *
 * Ids are few and the same for all kinds of things, so that messages speak of each other. */
#ifndef DAYWAYS_TESTS_FORM_H
#define DAYWAYS_TESTS_FORM_H

#include "common/arena.h"
#include "common/collect.h"
#include "common/ids.h"

/* The bytes, used up from the front; and the world that is spoken of. */
struct form {
    const uint8_t *at;
    const uint8_t *end;
    int64_t now_ms;
    int32_t today;
    /* An id that somebody has given since, of the world's choice; NULL: there is none. */
    struct id (*known_id)(void *context, uint8_t which);
    void *context;
    uint8_t shift;  /* 1: of the second of everything, 2: of the third */
    bool is_sound;  /* nothing is left out and nothing is strange */
    bool is_filter; /* of a message that asks for a list: what is left out leaves nothing out */
    bool has_large; /* a long list or text is in the message, and one is enough */
};

/* The next byte; 0 when there is none left. */
uint8_t form_byte(struct form *form);

/* A number of four bytes. */
uint32_t form_number(struct form *form);

/* The id that is number 1, 2, … everywhere. */
struct id form_id(uint8_t number);

/* The message packed; its bytes live in the arena. */
struct packed form_fill(struct form *form, const ProtobufCMessageDescriptor *type,
                        struct arena *arena);

/* Overwrites a few of the bytes, so that what is nearly a message is seen too. */
void form_damage(struct form *form, void *bytes, size_t len);

#endif
