/* A made-up person, as everybody who needs one records them. */
#ifndef DAYWAYS_TESTS_SUPPORT_SOMEBODY_H
#define DAYWAYS_TESTS_SUPPORT_SOMEBODY_H

#include "common/ids.h"

#include "referrals.pb-c.h"

/* Ada Example, born 1989, with the council's own id. Points into static memory until the next call. */
const Dw__RecordPerson *somebody(const struct id *person_id, const char *council_id);

#endif
