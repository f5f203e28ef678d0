/* What the files of the shard share: shard.c (life), shard_load.c (from the store into memory), shard_request.c (requests and
 * commands), replies.c (remembered replies), shard_query.c (queries), shard_commit.c (the one way to disk), journal.c (what
 * others read), outbox.c (commands to others), follow.c (others' journals). Nobody else includes this. */
#ifndef DAYWAYS_COMMON_SHARD_INTERNAL_H
#define DAYWAYS_COMMON_SHARD_INTERNAL_H

#include "common/entities_store.h"
#include "common/log.h"
#include "common/shard.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, REPLY_DIGEST_SIZE = 16 };

/* A request while it is looked at; what outlives the call copies what it needs. */
struct request {
    const struct bus_address *from;
    struct id id;
    const struct principal *principal;
    const Dw__Envelope *envelope;
};

/* Someone waits for a reply until the commit that made it true is on disk. */
struct waiting {
    struct waiting *next;
    struct bus_address to;
    struct packed bytes; /* the whole envelope */
};

/* A command decided and not yet on disk; the value of the pending table. */
struct pending {
    struct id command_id;
    struct principal principal;
    uint8_t request_digest[REPLY_DIGEST_SIZE];
    struct packed bytes; /* the reply's envelope */
};

/* A command answered: where the record of its reply is, and since when we know. */
struct answered {
    uint32_t day;           /* of the store's key */
    uint32_t seen_boot_day; /* days on the boot clock */
};

/* All that goes to disk together. */
struct commit {
    struct arena *arena; /* of everything below */
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t version; /* expected */
    int64_t recorded_ms;
    int64_t submitted_boot_ms;
    int64_t submitted_us;    /* 0: not measured */
    uint32_t replies_day;    /* days since 1970-01-01 UTC, of the replies' key */
    struct buffer decisions; /* Dw__Decision * */
    struct buffer
        live_set; /* struct store_pair: cursors and the model; entities come at submission */
    struct buffer live_removed;   /* struct packed */
    struct buffer outbox_set;     /* struct store_pair */
    struct buffer outbox_removed; /* struct packed */
    struct buffer replies;        /* struct store_pair */
    struct buffer vault_set;      /* struct store_pair */
    struct buffer pending;        /* struct pending * */
    struct buffer rows_new;       /* struct outbox_row *: to send when released */
    struct buffer rows_done;      /* struct outbox_row *: to forget when released */
    struct waiting *waiting;      /* newest first */
    size_t waiting_bytes;
    size_t changes;
    size_t bytes;
    int64_t followed_boot_ms; /* when a cursor moved first; 0: none did */
    bool forgets;             /* records of the vault are emptied */
    bool done;                /* the store has answered OK */
    bool told;                /* those who waited were told UNAVAILABLE because the store stalled */
    struct buffer batch;
    uint8_t digest[STORE_DIGEST_SIZE];
};

/* Another's journal. */
struct follower {
    int64_t
        back_since_boot_ms; /* when its owner first said that the journal ends before us; 0: it does not */
    int64_t folded_ms; /* when the last batch folded was recorded; 0: none since recovery */
    const char *service;
    uint64_t seq; /* folded */
    uint8_t digest[STORE_DIGEST_SIZE];
    struct id history;       /* zero: nothing folded yet */
    uint64_t head_seq;       /* the highest heard of */
    bool changed;            /* in the open commit */
    bool heard;              /* a head was heard since recovery */
    bool doubted;            /* a head behind our cursor was heard: the owner is asked */
    const char *stopped_why; /* a code: it stays stopped until an operator has looked */
    struct id fetch_id;      /* the fetch being answered; zero: none under way */
    struct id ahead_id;      /* the one behind it; zero: none */
    int64_t fetch_boot_ms;
};

struct outbox_row {
    struct outbox_row *next; /* the next about the same entity to the same service */
    struct id id;
    struct id about_id;
    char service[32];
    char field[40]; /* "<seq>-<index>" */
    uint64_t seq;
    uint32_t index;
    const ProtobufCMessageDescriptor *type;
    struct buffer body;     /* the command */
    struct buffer envelope; /* what is sent */
    char principal_name[KEY_NAME_MAX + 1];
    struct principal principal; /* its name points to the above */
    struct id correlation_id;
    int64_t recorded_ms;
    int64_t
        born_boot_ms; /* when it was recorded, by the clock that never steps; INT64_MAX: it was loaded */
    int64_t send_boot_ms; /* when to send (again); INT64_MAX: not its turn, or settled */
    int64_t back_off_ms;
    bool settled;
    bool stuck_told;
};

struct outbox_queue {
    struct outbox_row *first;
    struct outbox_row *last;
};

struct shard {
    struct shard_settings settings;
    uint8_t pseudonym_key[PSEUDONYM_KEY_SIZE]; /* made from the digest key */
    char authority[ENVELOPE_AUTHORITY_MAX + 1];
    char topic[80];
    enum shard_state state;
    const char *frozen_why;
    bool stopping;
    bool giving_up_lease;
    uint64_t generation; /* raised by every recovery: answers to older calls are not ours */
    char holder[300];    /* who else has the lease */

    /* memory, forgotten by a recovery */
    struct entities *entities;
    struct state *live;
    struct table *answered;       /* command id -> struct answered */
    struct table *pending;        /* command id -> struct pending * */
    struct table *outbox_by_id;   /* id -> struct outbox_row * */
    struct table *outbox_queues;  /* service and about id -> struct outbox_queue */
    struct buffer outbox_loading; /* struct outbox_row * in no order */
    int64_t outbox_next_boot_ms;  /* when to look for rows to send again */
    struct follower followers[SHARD_FOLLOWED_MAX];
    size_t followers_count;
    uint8_t adopted_digest[STORE_DIGEST_SIZE];
    struct store_head head; /* as of the last commit submitted */
    uint64_t head_seq;      /* of what is decided */
    int64_t recorded_ms;    /* of the last batch */
    struct commit *open;
    struct commit *flight[SHARD_FLIGHT_MAX]; /* oldest first */
    size_t flight_count;
    int64_t next_due_ms;
    int64_t due_hold_until_boot_ms;
    int64_t live_since_boot_ms;
    bool changed_since_due;
    int load_step;
    int64_t load_day;
    bool tail_seen; /* the head's batch is there and is what the head says */

    /* kept through recoveries */
    struct store_head released;
    bool ever_released;
    int64_t lease_until_boot_ms;
    int64_t renew_sent_boot_ms;
    bool renew_under_way;
    int64_t next_take_boot_ms;
    bool take_under_way;
    int64_t next_beacon_boot_ms;
    uint32_t reply_sweep_day;   /* since boot: when answered ids were last cleared of old ones */
    size_t fetch_batches;       /* batches to read for an answer of about 64 KiB */
    struct fetch_read *fetches; /* under way */
    struct instant last_now;
    struct instant clock_seen;
    int64_t clock_held_until_boot_ms;
    struct arena *arena;      /* of one request */
    struct decision *scratch; /* one decision at a time */
    struct buffer out;        /* a reply being made */
    struct commit *spare;     /* one released commit, to be used again */
    struct shard_status counts;
    struct measures *measures; /* NULL: none */
};

/* --- shard.c --- */
void shard_set_state(struct shard *shard, enum shard_state state);
void shard_recover(struct shard *shard, const char *why);
void shard_freeze(struct shard *shard, enum error_code code, const char *why);
bool shard_lease_is_valid(struct shard *shard);
/* The oldest commit in flight has been there for so long that people are told. */
bool shard_is_stalled(const struct shard *shard, struct instant now);
void shard_fail(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                const struct rejection *rejection);
/* The same with a code and a sentence alone. */
void shard_fail_code(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                     Dw__ErrorCode code, const char *sentence);
/* BUSY: not done, to be asked again soon. */
void shard_fail_busy(struct shard *shard, const struct bus_address *to, const struct id *request_id,
                     const char *sentence);
extern const char store_silent[];
/* A principal that lives on, its name in the room given. */
void copy_principal_to(const struct principal *principal, struct principal *ret_principal,
                       char ret_name[KEY_NAME_MAX + 1]);
void shard_context(struct shard *shard, struct instant now, const struct principal *principal,
                   struct context *ret_ctx);

/* --- shard_load.c --- */
void load_begin(struct shard *shard);

/* --- shard_commit.c --- */
struct commit *shard_open_commit(struct shard *shard);
void commit_destroy(struct commit **commit);
void *commit_copy(struct commit *commit, const void *bytes, size_t len);
struct packed commit_pack(struct commit *commit, const void *bytes, size_t len);
/* Evolves what a decision emitted and puts all of it into the open commit; the seq of the first event, or 0. */
uint64_t commit_take_decision(struct shard *shard, struct instant now,
                              const struct decision *decision, const struct id *command_id,
                              const struct principal *principal, const struct id *correlation_id);
/* Has the reply sent when what it was computed from is on disk; at once when it is. */
void commit_wait(struct shard *shard, const struct bus_address *to, struct packed bytes);
void commit_turn(struct shard *shard, struct instant now);
/* Sends the open commit now when there is room: somebody who only asks would wait for the end of the turn. */
void commit_hurry(struct shard *shard, struct instant now);
void commit_tell_unavailable(struct shard *shard, struct commit *commit);
bool commit_is_empty(const struct commit *commit);
/* What the journal says of a record of the vault. */
enum { VAULT_SALT_SIZE = 32 };
void vault_digest(const uint8_t salt[VAULT_SALT_SIZE], const void *record, size_t len,
                  uint8_t ret_digest[STORE_DIGEST_SIZE]);
/* A cursor has moved; folded: with it, records did too. */
void commit_note_cursor(struct commit *commit, struct instant now, bool folded);
/* Bytes of the replies that wait for commits not yet released. */
size_t commit_waiting_bytes(const struct shard *shard);

/* --- outbox.c --- */
void outbox_add(struct shard *shard, struct commit *commit, const struct outgoing *outgoing,
                uint64_t seq, uint32_t index, const struct principal *principal,
                const struct id *correlation_id);
int outbox_load(struct shard *shard, struct packed field, struct packed value);
void outbox_loaded(struct shard *shard);
void outbox_released(struct shard *shard, struct commit *commit, struct instant now);
bool outbox_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope);
void outbox_turn(struct shard *shard, struct instant now);
void outbox_forget(struct shard *shard);
void outbox_row_destroy(struct outbox_row *row);

/* --- follow.c --- */
void follow_begin(struct shard *shard);
int follow_load(struct shard *shard, const char *service, size_t service_len, struct packed value);
bool follow_answer(struct shard *shard, struct instant now, const Dw__Envelope *envelope);
void follow_turn(struct shard *shard, struct instant now);
void follow_commit(struct shard *shard, struct commit *commit);
bool follow_is_current(const struct shard *shard);

/* --- measures.c: nothing happens where nothing is measured --- */
enum measured_result { MEASURED_ACCEPTED, MEASURED_REFUSED, MEASURED_INVALID, MEASURED_RESULTS };
struct measures *measures_create(struct metrics *metrics, const struct service *service);
int64_t measures_now_us(const struct shard *shard);
void measures_command(const struct shard *shard, const struct command_row *row,
                      enum measured_result result, int64_t since_us);
void measures_commit(const struct shard *shard, int64_t since_us);

/* --- shard_request.c --- */
/* True when those who wait for the store fill memory: then the asker was told to come again. */
bool shard_is_busy(struct shard *shard, const struct request *request);
void request_due(struct shard *shard, struct instant now);

/* --- replies.c --- */
/* What of a request must be the same for it to be the same: type and body, keyed. */
void replies_digest(const struct shard *shard, const Dw__Envelope *envelope,
                    uint8_t ret_digest[REPLY_DIGEST_SIZE]);
/* True when the id is answered or in flight: then the request has been dealt with. */
bool replies_repeat(struct shard *shard, const struct request *request,
                    const uint8_t digest[REPLY_DIGEST_SIZE]);
/* The reply goes to the asker and, as a record, into the open commit. */
void replies_remember(struct shard *shard, struct instant now, const struct request *request,
                      const uint8_t digest[REPLY_DIGEST_SIZE], const char *type,
                      struct packed body);
/* The id is answered; its record is in the store under that day. */
void replies_note(struct shard *shard, const struct id *id, uint32_t day);
void replies_sweep(struct shard *shard, struct instant now);

/* --- shard_query.c --- */
void query_take(struct shard *shard, struct instant now, const struct request *request,
                const struct query_row *row);

/* --- journal.c --- */
void journal_fetch(struct shard *shard, const struct request *request);
void journal_publish_head(struct shard *shard, struct instant now);
/* BLAKE2b-256 keyed over the previous digest and a batch. */
void shard_digest(const uint8_t key[STORE_DIGEST_SIZE], const uint8_t previous[STORE_DIGEST_SIZE],
                  const void *batch, size_t len, uint8_t ret_digest[STORE_DIGEST_SIZE]);

#endif
