/* What cannot be folded is checked by rule: a record of the vault is what the journal has the digest of, and is empty when the journal
 * says that it was emptied; a remembered reply of a command that was done names the event it is about. */
#include "common/verify_internal.h"

#include "common/envelope.h"

#include <string.h>

void rules_note(struct verify *verify, const Dw__Decision *decision, uint64_t first_seq)
{
    struct id id;
    if (id_from_data(&decision->command_id, &id))
        *(uint64_t *)table_put(verify->decided, &id, NULL) = first_seq;
    for (size_t at = 0; at < decision->n_kept; at++) {
        const Dw__Kept *kept = decision->kept[at];
        if (!id_from_data(&kept->vault_id, &id) || kept->digest.len != STORE_DIGEST_SIZE)
            continue;
        struct kept_record *record = table_put(verify->vault, &id, NULL);
        memcpy(record->digest, kept->digest.data, STORE_DIGEST_SIZE);
        record->forgotten = false;
    }
    for (size_t at = 0; at < decision->n_forgotten_ids; at++)
        if (id_from_data(&decision->forgotten_ids[at], &id))
            ((struct kept_record *)table_put(verify->vault, &id, NULL))->forgotten = true;
}

/* --- the vault ------------------------------------------------------------------------------------------------------ */

static void on_vault_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct verify *verify = context;
    uint8_t digest[STORE_DIGEST_SIZE] = {0};
    struct kept_record *kept =
        field.len == sizeof(struct id) ? table_get(verify->vault, field.bytes) : NULL;
    if (kept == NULL || kept->found)
        return; /* written after the head was read, or given twice */
    Dw__VaultRecord *record = dw__vault_record__unpack(NULL, value.len, value.bytes);
    if (record != NULL && record->salt.len == VAULT_SALT_SIZE)
        vault_digest(record->salt.data, record->record.data, record->record.len, digest);
    if (record == NULL || (record->salt.len == 0) != kept->forgotten ||
        (!kept->forgotten && memcmp(digest, kept->digest, sizeof digest) != 0))
        verify_differ(verify, "a record of the vault is not what was written:", field.bytes,
                      field.len);
    dw__vault_record__free_unpacked(record, NULL);
    kept->found = true;
    verify->vault_records++;
}

static void check_replies(struct verify *verify);

static void on_vault_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct verify *verify = context;
    size_t position = 0;
    const void *key;
    void *value;
    if (result != STORE_OK) {
        verify_rules_done(verify, result);
        return;
    }
    while (table_next(verify->vault, &position, &key, &value))
        if (!((const struct kept_record *)value)->found)
            verify_differ(verify, "a record of the vault is not there:", key, sizeof(struct id));
    verify->replies_day = verify->head.replies_day - STORE_REPLY_DAYS;
    check_replies(verify);
}

/* --- replies -------------------------------------------------------------------------------------------------------- */

static bool is_right(const struct verify *verify, struct packed command_id,
                     const Dw__ReplyRecord *record)
{
    if (record == NULL || record->principal == NULL ||
        record->request_digest.len != REPLY_DIGEST_SIZE || command_id.len != sizeof(struct id))
        return false;
    if (strcmp(record->type, "Accepted") != 0)
        return strcmp(record->type, "Refused") == 0;
    Dw__Accepted *accepted = dw__accepted__unpack(NULL, record->body.len, record->body.data);
    const uint64_t *first_seq = table_get(verify->decided, command_id.bytes);
    const bool is_good =
        accepted != NULL && (accepted->events == 0 || accepted->first_seq > verify->head.seq ||
                             (first_seq != NULL && *first_seq == accepted->first_seq));
    dw__accepted__free_unpacked(accepted, NULL);
    return is_good;
}

static void on_reply_row(void *context, uint64_t ticket, struct packed field, struct packed value)
{
    (void)ticket;
    struct verify *verify = context;
    Dw__ReplyRecord *record = dw__reply_record__unpack(NULL, value.len, value.bytes);
    if (!is_right(verify, field, record))
        verify_differ(verify, "a remembered reply is not what was decided:", field.bytes,
                      field.len);
    dw__reply_record__free_unpacked(record, NULL);
    verify->replies++;
}

static void on_replies_done(void *context, uint64_t ticket, enum store_result result)
{
    (void)ticket;
    struct verify *verify = context;
    verify->replies_day++;
    if (result != STORE_OK)
        verify_rules_done(verify, result);
    else
        check_replies(verify);
}

static void check_replies(struct verify *verify)
{
    if (verify->replies_day > verify->head.replies_day)
        verify_rules_done(verify, STORE_OK);
    else
        verify->settings.store->operations->load(verify->settings.store, STORE_REPLIES,
                                                 verify->replies_day, on_reply_row, on_replies_done,
                                                 verify, 0);
}

void rules_check(struct verify *verify)
{
    verify->settings.store->operations->load(verify->settings.store, STORE_VAULT, 0, on_vault_row,
                                             on_vault_done, verify, 0);
}
