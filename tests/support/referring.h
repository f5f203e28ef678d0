/* One person and referrals for tests of referrals: a council whose model knows their terms, and one call a command or an event of
 * placements. Where nothing else is named they are about PERSON_ID, REFERRAL_ID and PLACEMENT_ID. Nobody but these tests includes
 * this, so that ids, dates and assertions have short names. */
#ifndef DAYWAYS_TESTS_SUPPORT_REFERRING_H
#define DAYWAYS_TESTS_SUPPORT_REFERRING_H

#include "services/referrals/state.h"
#include "tests/support/pure.h"

#include "model.pb-c.h"
#include "placements.pb-c.h"

enum { BROKER = DW__ROLE__ROLE_BROKER, WORKER = DW__ROLE__ROLE_SOCIAL_WORKER, TODAY = 20780 };
enum { DAY_MS = 86400000 };
static const int64_t NOW_MS = INT64_C(20780) * DAY_MS;

static const struct id PERSON_ID = {{1}};
static const struct id REFERRAL_ID = {{2}};
static const struct id OTHER_ID = {{3}};
static const struct id PLACEMENT_ID = {{4}};

/* A test changes the model, the person and the lines before it tells of them. */
struct referring {
    Dw__CommissioningModel model;
    Dw__Rules rules;
    Dw__Level level;
    Dw__Level *levels[1];
    Dw__District district;
    Dw__District *districts[1];
    Dw__OutcomeDomain domain;
    Dw__OutcomeDomain *domains[1];
    Dw__Date born;
    Dw__PersonDetails details;
    Dw__PersonFacts facts;
    Dw__Date from;
    Dw__LineSession session;
    Dw__LineSession *sessions[1];
    Dw__LineSession tuesday; /* of the second line, which would else be a duplicate */
    Dw__LineSession *tuesdays[1];
    uint32_t outcomes[1];
    Dw__LineSession week[21]; /* what referring_want has said of the first line */
    Dw__LineSession *week_pointers[21];
    Dw__ReferralLine lines[2];
    Dw__ReferralLine *line_pointers[2];
    int32_t today;      /* of what comes next */
    bool not_duplicate; /* the broker says so, whatever else is submitted */
    struct pure *pure;
};

/* For cmocka: nobody is recorded yet. One at a time. */
int referring_set_up(void **ret_referring);
int referring_tear_down(void **referring);

struct pure_outcome referring_tell(struct referring *referring, const ProtobufCMessage *command);
/* The answer, or NULL. */
const void *referring_ask(struct referring *referring, const ProtobufCMessage *query);

/* Before it is created: the first line wants these parts of a week. */
void referring_want(struct referring *referring, const char *parts);
/* The line wants these parts of a week, in that order. */
bool referring_wants(struct referring *referring, uint32_t line, const char *parts);

/* The commands, all by a broker. A referral has two lines; line 0 is all of them. */
struct pure_outcome referring_record(struct referring *referring);
struct pure_outcome referring_create(struct referring *referring);
struct pure_outcome referring_create_as(struct referring *referring, const struct id *referral_id,
                                        Dw__Urgency urgency);
struct pure_outcome referring_submit(struct referring *referring, const struct id *referral_id);
struct pure_outcome referring_die(struct referring *referring, int32_t date);
struct pure_outcome referring_accept(struct referring *referring, uint32_t line);
struct pure_outcome referring_withdraw(struct referring *referring, uint32_t line);
struct pure_outcome referring_close(struct referring *referring, uint32_t line);
struct pure_outcome referring_refuse(struct referring *referring, uint32_t line);
struct pure_outcome referring_hold(struct referring *referring, uint32_t line, int32_t review);
struct pure_outcome referring_resume(struct referring *referring, uint32_t line);
struct pure_outcome referring_explain(struct referring *referring, uint32_t line,
                                      Dw__WaitingReason reason);

/* Recorded, created, submitted and accepted. */
void referring_all_accepted(struct referring *referring);

/* Events of placements, about a line of REFERRAL_ID. */
struct pure_outcome referring_proposed(struct referring *referring, const struct id *placement_id,
                                       uint32_t line);
struct pure_outcome referring_approval_requested(struct referring *referring, uint32_t line);
struct pure_outcome referring_not_approved(struct referring *referring, uint32_t line);
struct pure_outcome referring_moved_level(struct referring *referring, const struct id *to_id,
                                          uint32_t line, uint32_t to_line);
struct pure_outcome referring_offered(struct referring *referring, const struct id *placement_id,
                                      uint32_t line);
struct pure_outcome referring_booked(struct referring *referring, uint32_t line);
struct pure_outcome referring_declined(struct referring *referring, uint32_t line,
                                       Dw__DeclineReason reason);
struct pure_outcome referring_lapsed(struct referring *referring, const struct id *placement_id,
                                     uint32_t line, Dw__LapseReason reason);
struct pure_outcome referring_cancelled(struct referring *referring, uint32_t line,
                                        Dw__CancelReason reason);
struct pure_outcome referring_started(struct referring *referring, uint32_t line);
struct pure_outcome referring_started_as(struct referring *referring, const struct id *placement_id,
                                         const struct id *person_id, uint32_t line);
/* Parts of a week as text, weekday and part each: "1m3a" is Monday morning and Wednesday afternoon, e the evening. */
struct pure_outcome referring_started_on(struct referring *referring, const struct id *placement_id,
                                         uint32_t line, const char *parts);
/* never: what was agreed ahead before, and this stands in its stead; "": nothing. */
struct pure_outcome referring_changed_from(struct referring *referring,
                                           const struct id *placement_id, uint32_t line,
                                           const char *never, const char *parts);
struct pure_outcome referring_changed_to(struct referring *referring, const struct id *placement_id,
                                         uint32_t line, const char *parts);
struct pure_outcome referring_ended(struct referring *referring, uint32_t line,
                                    Dw__EndReason reason);
/* never: of what was agreed ahead, which falls away; parts: of what was had. */
struct pure_outcome referring_ended_before(struct referring *referring, uint32_t line,
                                           Dw__EndReason reason, const char *never,
                                           const char *parts);

const Dw__Referral *referring_the(struct referring *referring);
const Dw__LineRecord *referring_line(struct referring *referring, uint32_t line);
bool referring_holds(struct packed packed, const char *text);

#define assert_state(referring, name)                                                              \
    assert_int_equal(referring_the(referring)->state, DW__REFERRAL_STATE__REFERRAL_STATE_##name)
#define assert_line(referring, line, name)                                                         \
    assert_int_equal(referring_line(referring, line)->state, DW__LINE_STATE__LINE_STATE_##name)
#define assert_waits_for(referring, line, name)                                                    \
    assert_int_equal(referring_line(referring, line)->wait->reason,                                \
                     DW__WAITING_REASON__WAITING_REASON_##name)
#define assert_told(outcome_told, count)                                                           \
    do {                                                                                           \
        const struct pure_outcome yes = (outcome_told);                                            \
        assert_int_equal(yes.outcome, DECISION_YES);                                               \
        assert_int_equal(yes.events_count, count);                                                 \
    } while (0)
#define assert_refused(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_REFUSED);                                            \
        assert_int_equal(no.refusal, DW__REFERRALS_REFUSAL__REFERRALS_REFUSAL_##name);             \
    } while (0)
#define assert_invalid(told, name)                                                                 \
    do {                                                                                           \
        const struct pure_outcome no = (told);                                                     \
        assert_int_equal(no.outcome, DECISION_INVALID);                                            \
        assert_string_equal(no.field, name);                                                       \
    } while (0)

#endif
