/* Opening and closing feeds; their parts are in decide_rows.c. */
#include "services/attendance/state.h"

#include <string.h>

enum {
    PARTS_MAX = 2000, /* a million rows, a county's year, in parts that are not quite full */
    REFERENCE_MAX = 64,
    HASH_SIZE = 32,
};

static void refuse_not_yours(struct decision *decision)
{
    decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_NOT_YOURS,
                    "The feed is another provider's; send and read your own.");
}

const Dw__Feed *attendance_own_feed(const struct state *state, const ProtobufCBinaryData *feed_id,
                                    const struct context *ctx, struct decision *decision)
{
    struct id id;
    if (!id_from_data(feed_id, &id)) {
        decision_invalid(decision, "feed_id", "it must be said, and it is not");
        return NULL;
    }
    const Dw__Feed *feed = attendance_feed(state, &id);
    if (feed == NULL)
        decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_FEED_UNKNOWN,
                        "There is no feed with this id; open it first.");
    else if (!attendance_may_use(ctx, &feed->provider_id))
        refuse_not_yours(decision);
    return decision_is_no(decision) ? NULL : feed;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

static bool is_form_right(const Dw__OpenFeed *open, struct decision *decision)
{
    struct id id;
    if (!id_from_data(&open->feed_id, &id))
        decision_invalid(decision, "feed_id", "it must be said, and it is not");
    else if (!id_from_data(&open->provider_id, &id))
        decision_invalid(decision, "provider_id", "it must be said, and it is not");
    else if (open->content_hash.len != HASH_SIZE)
        decision_invalid(decision, "content_hash", "it has %d bytes", HASH_SIZE);
    else if (strlen(open->file_reference) > REFERENCE_MAX)
        decision_invalid(decision, "file_reference", "it has at most %d bytes", REFERENCE_MAX);
    else if (open->parts_total < 1 || open->parts_total > PARTS_MAX)
        decision_invalid(decision, "parts_total", "it is 1 to %d", PARTS_MAX);
    return !decision_is_no(decision);
}

static bool is_known_file(const struct state *state, const Dw__OpenFeed *open)
{
    struct file_key key = {.provider_id = id_or_zero(&open->provider_id)};
    if (open->mode != DW__FEED_MODE__FEED_MODE_COMMIT)
        return false;
    memcpy(key.content_hash, open->content_hash.data, sizeof key.content_hash);
    return table_get(state->files, &key) != NULL;
}

ATTENDANCE_DECIDE(open_feed)
{
    const Dw__OpenFeed *open = (const Dw__OpenFeed *)command;
    if (!is_form_right(open, decision))
        return;
    const struct id feed_id = id_or_zero(&open->feed_id);
    if (!attendance_may_use(ctx, &open->provider_id)) {
        refuse_not_yours(decision);
        return;
    }
    if (is_known_file(state, open))
        return; /* its receipt is found by its hash */
    if (attendance_feed(state, &feed_id) != NULL) {
        decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_ALREADY_EXISTS,
                        "Another file was sent under this feed id; choose a fresh one.");
        return;
    }
    Dw__FeedOpened opened = DW__FEED_OPENED__INIT;
    opened.feed_id = open->feed_id;
    opened.content_hash = open->content_hash;
    opened.provider_id = open->provider_id;
    opened.dialect = open->dialect;
    opened.mode = open->mode;
    opened.parts_total = open->parts_total;
    const struct id reference_id = context_new_id(ctx);
    if (open->file_reference[0] != '\0') {
        Dw__FeedReference reference = DW__FEED_REFERENCE__INIT;
        reference.file_reference = open->file_reference;
        opened.reference_id = id_to_data(&reference_id);
        decision_keep(decision, &reference_id, &reference.base);
    }
    decision_emit(decision, &opened.base);
}

/* --- closing ---------------------------------------------------------------------------------------------------- */

ATTENDANCE_DECIDE(close_feed)
{
    const Dw__CloseFeed *close = (const Dw__CloseFeed *)command;
    const Dw__Feed *feed = attendance_own_feed(state, &close->feed_id, ctx, decision);
    if (feed == NULL || feed->closed)
        return;
    for (uint32_t part = 1; part <= feed->parts_total; part++)
        if (!attendance_part_taken(feed, part)) {
            decision_refuse(decision, DW__ATTENDANCE_REFUSAL__ATTENDANCE_REFUSAL_PARTS_MISSING,
                            "Part %u of %u has not been sent.", part, feed->parts_total);
            return;
        }
    Dw__FeedClosed closed = DW__FEED_CLOSED__INIT;
    closed.feed_id = close->feed_id;
    decision_emit(decision, &closed.base);
}
