/* What verify.c (folding and comparing) and verify_rules.c (vault and replies) share. Nobody else includes this. */
#ifndef DAYWAYS_COMMON_VERIFY_INTERNAL_H
#define DAYWAYS_COMMON_VERIFY_INTERNAL_H

#include "common/entities_store.h"
#include "common/shard_internal.h"
#include "common/verify.h"

/* What the journal says of a record of the vault. */
struct kept_record {
    uint8_t digest[STORE_DIGEST_SIZE];
    bool forgotten; /* it was emptied since */
    bool found;
};

/* How far another's journal was folded. */
struct cursor_row {
    char service[32];
    uint64_t seq;
    uint8_t digest[STORE_DIGEST_SIZE];
};

struct verify {
    struct verify_settings settings;
    struct entities *entities;
    struct state *state;
    struct arena *arena;
    struct store_head head;
    uint64_t seq;
    uint64_t asked_seq;
    uint64_t batches;
    uint8_t digest[STORE_DIGEST_SIZE];
    size_t records;
    size_t cursors;
    size_t outbox;
    int differences;
    size_t newer;          /* stored records that changed after the head was read */
    struct table *vault;   /* vault id -> struct kept_record, the last one told */
    struct table *decided; /* command id -> seq of its first event */
    size_t vault_records;  /* found in the store */
    size_t replies;
    int64_t replies_day;       /* being read */
    struct buffer said;        /* lines about differences, told when the try counts */
    struct buffer cursor_rows; /* struct cursor_row: of the journals that are folded */
    bool broken;               /* the journal cannot be folded on */
    bool comparing;            /* the fold is done: stored rows are compared with it */
    int tries;
};

/* Notes a difference: what, then these bytes in hex. */
void verify_differ(struct verify *verify, const char *what, const void *bytes, size_t len);

/* --- verify_rules.c --- */
void rules_note(struct verify *verify, const Dw__Decision *decision, uint64_t first_seq);
/* Reads vault and replies, then calls back verify_rules_done. */
void rules_check(struct verify *verify);
void verify_rules_done(struct verify *verify, enum store_result result);

#endif
