/* A shard over a store that is told what to answer, on a clock that the test moves; what the shard says is noted. Fakes the
 * outside: store, bus and clock. */
#ifndef DAYWAYS_TESTS_SUPPORT_TOLD_SHARD_H
#define DAYWAYS_TESTS_SUPPORT_TOLD_SHARD_H

#include "common/shard.h"

enum { TOLD_FAILED_MAX = 32, TOLD_REPLIES_MAX = 512, TOLD_SENT_MAX = 32 };

struct told_shard {
    struct shard *shard;
    struct instant now;                  /* moved by the test */
    unsigned accepted;                   /* replies that say so */
    unsigned failed;                     /* replies that say so … */
    unsigned failures[TOLD_FAILED_MAX];  /* … by code */
    unsigned published;                  /* batches with events */
    struct id replied[TOLD_REPLIES_MAX]; /* ids of the requests that were replied to, in order */
    size_t replied_count;
    Dw__Envelope *sent[TOLD_SENT_MAX]; /* to other services, in order */
    size_t sent_count;
    bool
        forgets_fetches; /* what it asks of whom it follows is no matter of the test, and not in sent */
    struct shard_settings settings;
    struct arena *arena;
    struct ids ids;
};

extern const char told_authority[];

/* The service's shard, live, with nothing under way. The store is empty. One at a time; told->shard may not be moved. */
void told_shard_open(struct told_shard *told, const struct service *service);
/* The same, and it is that time. */
void told_shard_open_at(struct told_shard *told, const struct service *service, struct instant now);
void told_shard_close(struct told_shard *told);
/* The daemon is another one: nothing is left but what the store keeps. */
void told_shard_restart(struct told_shard *told);

void told_shard_turn(struct told_shard *told);
/* Time passes, and the store answers all it was asked. */
void told_shard_pass(struct told_shard *told, int64_t ms);

/* A person is recorded, which is one event and one commit; its id and the command's are made from the number. */
struct id told_command_id(unsigned number);
void told_shard_pack(const struct told_shard *told, unsigned number, struct buffer *ret_bytes);
void told_shard_ask(struct told_shard *told, unsigned number, const struct principal *principal);

/* What comes back to something that was sent. */
void told_shard_answer(struct told_shard *told, const Dw__Envelope *sent,
                       const ProtobufCMessage *answer);

#endif
