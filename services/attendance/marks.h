/* Marks: what is recorded of one sitting of a placement, nine bytes each, sorted by day and session. The layout is
 * PlacementMarks in proto/attendance.proto. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_MARKS_H
#define DAYWAYS_SERVICES_ATTENDANCE_MARKS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

enum { MARK_SIZE = 9, MARK_NO_TIME = 65535 };

struct mark {
    uint8_t day;     /* of the month, 1 to 31 */
    uint8_t session; /* number among the placement's sessions, from 0 */
    uint8_t status;
    uint16_t arrived_minutes;
    uint16_t left_minutes;
    uint16_t units_e2;
};

size_t marks_count(const ProtobufCBinaryData *marks);
struct mark marks_at(const ProtobufCBinaryData *marks, size_t position);
void marks_write(uint8_t *bytes, size_t position, const struct mark *mark);

/* By day, then session. */
int marks_compare(const struct mark *left, const struct mark *right);
bool marks_equal(const struct mark *left, const struct mark *right);

/* True, and *ret_mark set, when there is a mark of that day and session. */
bool marks_find(const ProtobufCBinaryData *marks, uint8_t day, uint8_t session,
                struct mark *ret_mark);

/* Writes the marks of both, changes winning; ret_bytes has room for both. Returns the length. */
size_t marks_merge(const ProtobufCBinaryData *before, const ProtobufCBinaryData *changes,
                   uint8_t *ret_bytes);

#endif
