/* From bytes of a stranger to a message that is safe to read, and from a message to bytes.
 *
 * protobuf-c accepts embedded NULs, invalid UTF-8, unknown enum values and unknown fields, and inflates small input; all
 * of that is refused here, before or right after unpacking into an arena with a limit. The rules are stated for
 * strangers in proto/README.md, "Limits". */
#ifndef DAYWAYS_COMMON_ENVELOPE_H
#define DAYWAYS_COMMON_ENVELOPE_H

#include "common/arena.h"
#include "common/collect.h"
#include "common/ids.h"

#include <stddef.h>
#include <stdint.h>

#include "envelope.pb-c.h"

enum {
    ENVELOPE_STRING_MAX = 4096,   /* bytes: a page of notes */
    ENVELOPE_REPEATED_MAX = 1024, /* elements: a feed part has at most 1,000 rows */
    ENVELOPE_AUTHORITY_MAX = 32,
    ENVELOPE_SCHEMA = 1,
    DEADLINE_AHEAD_MAX_MS =
        24 * 60 * 60 * 1000, /* replies are remembered for 8 days, which must be longer */
};

/* Why something was not taken: becomes the Failed message. */
struct rejection {
    Dw__ErrorCode code;
    char field[128];
    char sentence[256];
    int64_t retry_after_ms;
    const char *endpoint; /* NULL: none */
};

/* Unpacks and checks one message. 0, or -EBADMSG with ret_rejection (INVALID). The message lives in the arena. */
int message_open(const ProtobufCMessageDescriptor *type, const void *bytes, size_t len,
                 struct arena *arena, ProtobufCMessage **ret_message,
                 struct rejection *ret_rejection);

/* Unpacks an envelope the same way, then checks its own fields: id of 16 bytes, the authority's alphabet, the schema. Apart,
 * so that who sent a readable envelope that is wrong can be told under its id. */
int envelope_open(const void *bytes, size_t len, struct arena *arena, Dw__Envelope **ret_envelope,
                  struct rejection *ret_rejection);
int envelope_check(const Dw__Envelope *envelope, struct rejection *ret_rejection);

/* Short name of a message type: "HoldPlaces". */
const char *message_name(const ProtobufCMessageDescriptor *type);

/* The type of this short name ("HoldPlaces"), or NULL. */
const ProtobufCMessageDescriptor *message_find(const char *name);

/* True when text is 1 to 32 of a-z, 0-9 and -. */
bool authority_is_valid(const char *text);

void rejection_set(struct rejection *rejection, Dw__ErrorCode code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What an answer says beside its body. */
struct answer_head {
    const char *authority;
    struct id to; /* id of what is answered */
    uint64_t seq;
    int64_t recorded_ms;
};

/* Appends a packed answer envelope to ret_bytes. */
void envelope_answer(const struct answer_head *head, const char *type, const void *body,
                     size_t body_len, struct buffer *ret_bytes);

/* The same for a Failed made of a rejection. */
void envelope_failed(const struct answer_head *head, const struct rejection *rejection,
                     struct buffer *ret_bytes);

/* The same, packed body of a Refused. value must be in the enum. */
void pack_refused(const ProtobufCEnumDescriptor *refusals, int value, const char *sentence,
                  struct buffer *ret_body);

/* Packs a message at the end of a buffer. */
void buffer_pack(struct buffer *buffer, const ProtobufCMessage *message);

/* Principals as messages and back. The message points into the principal, the principal into the message. */
void principal_to_message(const struct principal *principal, Dw__Principal *ret_message);
struct principal principal_from_message(const Dw__Principal *message);

#endif
