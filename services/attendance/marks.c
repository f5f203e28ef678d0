/* See marks.h. */
#include "services/attendance/marks.h"

size_t marks_count(const ProtobufCBinaryData *marks)
{
    return marks->len / MARK_SIZE;
}

static uint16_t read_two(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void write_two(uint8_t *bytes, uint16_t number)
{
    bytes[0] = (uint8_t)(number & 0xff);
    bytes[1] = (uint8_t)(number >> 8);
}

struct mark marks_at(const ProtobufCBinaryData *marks, size_t position)
{
    const uint8_t *bytes = marks->data + position * MARK_SIZE;
    return (struct mark){.day = bytes[0],
                         .session = bytes[1],
                         .status = bytes[2],
                         .arrived_minutes = read_two(bytes + 3),
                         .left_minutes = read_two(bytes + 5),
                         .units_e2 = read_two(bytes + 7)};
}

void marks_write(uint8_t *start, size_t position, const struct mark *mark)
{
    uint8_t *bytes = start + position * MARK_SIZE;
    bytes[0] = mark->day;
    bytes[1] = mark->session;
    bytes[2] = mark->status;
    write_two(bytes + 3, mark->arrived_minutes);
    write_two(bytes + 5, mark->left_minutes);
    write_two(bytes + 7, mark->units_e2);
}

int marks_compare(const struct mark *left, const struct mark *right)
{
    if (left->day != right->day)
        return left->day - right->day;
    return left->session - right->session;
}

bool marks_equal(const struct mark *left, const struct mark *right)
{
    return marks_compare(left, right) == 0 && left->status == right->status &&
           left->arrived_minutes == right->arrived_minutes &&
           left->left_minutes == right->left_minutes && left->units_e2 == right->units_e2;
}

bool marks_find(const ProtobufCBinaryData *marks, uint8_t day, uint8_t session,
                struct mark *ret_mark)
{
    const struct mark wanted = {.day = day, .session = session};
    size_t low = 0;
    size_t high = marks_count(marks);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct mark mark = marks_at(marks, middle);
        const int order = marks_compare(&mark, &wanted);
        if (order == 0) {
            *ret_mark = mark;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

size_t marks_merge(const ProtobufCBinaryData *before, const ProtobufCBinaryData *changes,
                   uint8_t *ret_bytes)
{
    size_t old = 0;
    size_t new = 0;
    size_t count = 0;
    while (old < marks_count(before) || new < marks_count(changes)) {
        int order = old == marks_count(before) ? 1 : -1;
        const struct mark kept = order < 0 ? marks_at(before, old) : (struct mark){0};
        const struct mark change =
            new < marks_count(changes) ? marks_at(changes, new) : (struct mark){0};
        if (order < 0 && new < marks_count(changes))
            order = marks_compare(&kept, &change);
        marks_write(ret_bytes, count++, order < 0 ? &kept : &change);
        old += order <= 0;
        new += order >= 0;
    }
    return count * MARK_SIZE;
}
