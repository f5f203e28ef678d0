/* See changing.h. */
#include "tests/support/changing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "referrals.pb-c.h"

Dw__PlacementTerms changing_terms(struct placing *placing, Dw__Date *from,
                                  ProtobufCBinaryData session_ids[2])
{
    Dw__PlacementTerms terms = placing->terms;
    dw__date__init(from);
    from->days = TODAY + 7;
    terms.from = from;
    session_ids[0] = id_to_data(&MONDAY_ID);
    session_ids[1] = id_to_data(&CHANGE_SESSION_ID);
    terms.session_ids = session_ids;
    terms.n_session_ids = 2;
    return terms;
}

struct pure_outcome changing_propose(struct placing *placing, Dw__PlacementTerms *terms,
                                     const struct id *hold_id)
{
    Dw__ProposeChange propose = DW__PROPOSE_CHANGE__INIT;
    propose.placement_id = id_to_data(&PLACEMENT_ID);
    propose.terms = terms;
    if (hold_id != NULL)
        propose.hold_id = id_to_data(hold_id);
    return placing_tell(placing, "ann", BROKER, &propose.base);
}

void changing_make(struct placing *placing, Dw__PlacementTerms *terms, const struct id *hold_id)
{
    (void)changing_propose(placing, terms, hold_id);
    (void)placing_hold_answered(placing, hold_id, ANSWER_ACCEPTED, 0);
    (void)placing_confirm_answered(placing, hold_id, ANSWER_ACCEPTED, 0);
}

void assert_replaces(struct pure_outcome told, const struct id *hold_id)
{
    const struct packed body = told.decision->sends[0].body;
    Dw__HoldPlaces *hold = dw__hold_places__unpack(NULL, body.len, body.bytes);
    assert_memory_equal(hold->replaces_hold_id.data, hold_id->bytes, 16);
    dw__hold_places__free_unpacked(hold, NULL);
}

void changing_often(struct placing *placing, int32_t count, int32_t first)
{
    for (int32_t at = 0; at < count; at++) {
        Dw__Date from;
        ProtobufCBinaryData session_ids[2];
        const struct id hold_id = {{(uint8_t)(100 + at)}};
        Dw__PlacementTerms terms = changing_terms(placing, &from, session_ids);
        terms.n_session_ids = 1 + (size_t)at % 2;
        from.days = first + at;
        assert_said(changing_propose(placing, &terms, &hold_id), &dw__change_proposed__descriptor,
                    1);
        (void)placing_hold_answered(placing, &hold_id, ANSWER_ACCEPTED, 0);
        assert_said(placing_confirm_answered(placing, &hold_id, ANSWER_ACCEPTED, 0),
                    &dw__change_made__descriptor, 0);
    }
}

struct pure_outcome changing_suspend(struct placing *placing, int32_t from)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__SuspendPlacement command = DW__SUSPEND_PLACEMENT__INIT;
    date.days = from;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.from = &date;
    command.reason = DW__SUSPEND_REASON__SUSPEND_REASON_HOSPITAL;
    return placing_tell(placing, "ann", BROKER, &command.base);
}

struct pure_outcome changing_resume(struct placing *placing, int32_t from, const struct id *hold_id)
{
    Dw__Date date = DW__DATE__INIT;
    Dw__ResumePlacement command = DW__RESUME_PLACEMENT__INIT;
    date.days = from;
    command.placement_id = id_to_data(&PLACEMENT_ID);
    command.from = &date;
    if (hold_id != NULL)
        command.hold_id = id_to_data(hold_id);
    return placing_tell(placing, "ann", BROKER, &command.base);
}

struct pure_outcome changing_die(struct placing *placing, int32_t date)
{
    Dw__Date died_on = DW__DATE__INIT;
    Dw__PersonDied died = DW__PERSON_DIED__INIT;
    died_on.days = date;
    died.person_id = id_to_data(&PERSON_ID);
    died.date = &died_on;
    return placing_hear(placing, "referrals", &died.base);
}
