/* Many records at once: see bulk.h. */
#include "tests/support/bulk.h"

#include <string.h>

#include "attendance.pb-c.h"
#include "common/entities_store.h"
#include "tests/support/town.h"

enum {
    BATCH = 250,
    IN_FLIGHT = 5,
    KIND_PLACEMENT = 1, /* as in services/placements/state.h */
    KIND_MONTH = 2,     /* as in services/attendance/state.h */
    MARKS = 13,         /* three days a week */
    MARK_SIZE = 9,
};

/* Values and fields of one commit. */
struct rows {
    struct store_pair pairs[BATCH];
    struct buffer values[BATCH];
    uint8_t fields[BATCH][ENTITY_FIELD_MAX];
    size_t count;
};

static void add_row(struct rows *rows, const struct entity_key *key, uint64_t seq,
                    const ProtobufCMessage *message)
{
    struct buffer *value = &rows->values[rows->count];
    uint8_t *field = rows->fields[rows->count];
    buffer_clear(value);
    buffer_append(value, &seq, sizeof seq);
    const size_t len = protobuf_c_message_get_packed_size(message);
    value->len += protobuf_c_message_pack(message, buffer_reserve(value, len));
    rows->pairs[rows->count++] =
        (struct store_pair){{field, entities_field(key, field)}, {value->bytes, value->len}};
}

static void add_event(const char *type, const ProtobufCMessage *message, struct buffer *body,
                      Dw__Event *event)
{
    dw__event__init(event);
    buffer_clear(body);
    body->len = protobuf_c_message_pack(
        message, buffer_reserve(body, protobuf_c_message_get_packed_size(message)));
    event->type = (char *)(uintptr_t)type;
    event->body = (ProtobufCBinaryData){body->len, body->bytes};
}

static void add_placement(struct rows *rows, uint32_t number, uint64_t seq, struct buffer *body,
                          Dw__Event *event)
{
    const struct id placement_id = town_id('m', number);
    const struct id hold_id = town_id('h', number);
    const Dw__ProposePlacement *proposal =
        town_proposal(&placement_id, &hold_id, number, number % 1000, 1 + (int)(number % 5));
    Dw__Date date = DW__DATE__INIT;
    date.days = TOWN_STARTS;
    Dw__Placement placement = DW__PLACEMENT__INIT;
    placement.placement_id = id_to_data(&placement_id);
    placement.state = DW__PLACEMENT_STATE__PLACEMENT_STATE_ACTIVE;
    placement.terms = proposal->terms;
    placement.hold_id = id_to_data(&hold_id);
    placement.started = &date;
    const struct entity_key key = {.id = placement_id, .kind = KIND_PLACEMENT};
    add_row(rows, &key, seq, &placement.base);
    Dw__PlacementStarted started = DW__PLACEMENT_STARTED__INIT;
    started.placement_id = id_to_data(&placement_id);
    started.terms = proposal->terms;
    started.date = &date;
    add_event("PlacementStarted", &started.base, body, event);
}

void bulk_placements(struct direct *direct, uint32_t count)
{
    static struct rows rows;
    static struct buffer bodies[BATCH];
    static Dw__Event events[BATCH];
    static Dw__Event *list[BATCH];
    for (uint32_t number = 0; number < count;) {
        rows.count = 0;
        while (rows.count < BATCH && number < count) {
            const size_t at = rows.count;
            list[at] = &events[at];
            add_placement(&rows, number++, direct->head.seq + at + 1, &bodies[at], &events[at]);
        }
        struct store_commit commit = {.batch = direct_batch(direct, list, rows.count),
                                      .live_set = {rows.pairs, rows.count}};
        direct_commit(direct, &commit, rows.count, 0, IN_FLIGHT);
    }
    direct_wait(direct);
}

void bulk_months(struct direct *direct, uint32_t placements, uint32_t months)
{
    static struct rows rows;
    uint8_t marks[MARKS * MARK_SIZE];
    memset(marks, 1, sizeof marks);
    Dw__AttendanceMonth month = DW__ATTENDANCE_MONTH__INIT;
    month.marks = (ProtobufCBinaryData){sizeof marks, marks};
    rows.count = 0;
    for (uint32_t number = 0; number < placements * months; number++) {
        const struct entity_key key = {
            .id = town_id('m', number / months), .part = 600 + number % months, .kind = KIND_MONTH};
        add_row(&rows, &key, 1, &month.base);
        if (rows.count < BATCH && number + 1 < placements * months)
            continue;
        struct store_commit commit = {.live_set = {rows.pairs, rows.count}};
        direct_commit(direct, &commit, 0, 0, IN_FLIGHT);
        rows.count = 0;
    }
    direct_wait(direct);
}
