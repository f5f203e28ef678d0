/* One connection to one daemon that sends what it is told and hears every reply: no retrying, no routing. For what a client that
 * heals by itself would hide. */
#ifndef DAYWAYS_TESTS_SUPPORT_RAW_H
#define DAYWAYS_TESTS_SUPPORT_RAW_H

#include "tests/support/rig.h"

struct raw;

/* Connects with that key to instance 0 or 1 of a service. */
struct raw *raw_create(struct rig *rig, const char *key_name, const char *service, size_t instance);
void raw_destroy(struct raw **raw);

/* An envelope with a fresh id and a deadline in a minute, about that message; static memory, to be changed before it is sent. */
Dw__Envelope *raw_envelope(struct raw *raw, const ProtobufCMessage *message);

void raw_send(struct raw *raw, const Dw__Envelope *envelope);

/* Waits for the next reply. Its type, or for Failed the code's name ("BUSY"), for Refused the refusal's; "" when none came in
 * time. Static memory. */
const char *raw_hear(struct raw *raw, int64_t within_ms);

/* Sends and hears. */
const char *raw_ask(struct raw *raw, const Dw__Envelope *envelope);

/* Of the last reply. */
const Dw__Failed *raw_failed(const struct raw *raw);
const Dw__Envelope *raw_reply(const struct raw *raw);

#endif
