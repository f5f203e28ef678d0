/* What the checker keeps: its own fold of the journals, made from what the store took and from nothing else. check.c and
 * check_answer.c hold what is said against it, check_fold.c and check_places.c make it, check_referrals.c does so for
 * referrals, check_buy.c for call-offs and money, check_cost.c for what places cost, check_refusal.c doubts a no, check_marks.c counts
 * who was where, check_end.c looks at the end. Shares no code with the services. */
#ifndef DAYWAYS_TESTS_SIM_CHECK_H
#define DAYWAYS_TESTS_SIM_CHECK_H

#include "tests/sim/sim.h"

#include "attendance.pb-c.h"
#include "capacity.pb-c.h"
#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"
#include "reporting.pb-c.h"

enum { CHECK_SESSIONS_MAX = 14, CHECK_LINES_MAX = 64, CHECK_TYPE_SIZE = 40 };

struct check_hold {
    struct id person;
    struct id replaces; /* a booking of theirs; zero: none */
    Dw__BookingState state;
    struct id sessions[CHECK_SESSIONS_MAX];
    size_t sessions_count;
    int32_t from;
    int32_t to;             /* INT32_MAX: for ever */
    int32_t to_planned;     /* when it was held */
    int32_t to_before;      /* before capacity's commit of the version … */
    uint64_t moved_version; /* … 1 + this one, in which it changed */
    uint32_t places;
    int64_t expires_ms;
};

struct check_session {
    struct id service;
    uint32_t weekday;
    uint32_t start_minutes;
    uint32_t end_minutes;
    uint32_t places;
    uint32_t places_least;    /* before, in and after capacity's commit of the version … */
    uint64_t set_version;     /* … 1 + this one */
    uint64_t outside_version; /* 1 + that of the commit in which others' use of it changed */
    uint64_t limits_version;  /* the same of its limits, but for the first ones */
    int32_t from;
    int32_t to;
    struct buffer holds;   /* struct id */
    struct buffer changes; /* of its limits; these two are check_limits.c's */
    struct buffer told;    /* of cuts, of its end, and that there is room again */
};

struct check_move {
    uint64_t seq;
    int state;
};

/* What a placement had before a change of it was agreed. */
struct check_before {
    int32_t from;
    int32_t booked_from;
    struct id hold;
    int64_t year_pence;
};

struct check_placement {
    struct id person;
    struct id hold;
    struct id service;
    struct id provider;
    struct id sessions[CHECK_SESSIONS_MAX]; /* of all patterns it had, in the order they came */
    size_t sessions_count;
    uint32_t sessions_now; /* bit set: those of the pattern it has now */
    int32_t first_from;    /* when it began, before any change */
    int32_t from;
    int32_t to;
    int32_t to_planned; /* before it was ended */
    bool was_released;  /* its place was given back once: there are days on which nothing is had */
    bool was_restored;  /* its end came back: nobody is booked for days that are past */
    int32_t own_end; /* its last date when a death was said to be before it; INT32_MAX: none was */
    int32_t to_agreed;   /* an end that is agreed, and still to come; INT32_MAX: none */
    int32_t booked_from; /* first date of the booking behind it now */
    Dw__FundingRoute funding;
    uint32_t district;
    int64_t year_pence;
    struct buffer moves;  /* struct check_move, oldest first */
    struct buffer before; /* struct check_before, oldest first */
};

struct check_referral {
    struct id person;
    uint8_t lines[CHECK_LINES_MAX];      /* states of its lines */
    uint32_t wanted[CHECK_LINES_MAX];    /* parts of a week they want, as bits */
    struct id proposed[CHECK_LINES_MAX]; /* the last placement that was proposed for them */
    uint32_t lines_count;
    struct buffer moves; /* struct check_move, its state that of the referral */
};

/* Everything that a person ever had. */
struct check_life {
    struct buffer placements; /* struct id */
    struct buffer holds;      /* struct id: those that were asked of capacity directly */
};

/* A sitting of a placement. */
struct check_mark {
    struct id placement_id;
    int32_t date;
    uint32_t session; /* number among the placement's */
};

struct check_feed {
    bool is_preview;
    uint32_t parts; /* bit set */
    bool closed;
};

struct check_journal {
    uint64_t version;
    uint64_t seq;
    int64_t recorded_ms;
    int64_t recorded_before_ms; /* of the batch before */
    uint8_t digest[STORE_DIGEST_SIZE];
    struct table *decisions; /* command id -> uint32_t */
    struct table *replied;   /* command id -> bool: its reply was ever on disk */
};

struct checker {
    struct arena *arena;
    struct check_journal journals[SIM_SERVICES];
    struct table *closures;   /* id -> what check_closed.c keeps of it */
    struct table *holds;      /* id -> struct check_hold */
    struct table *sessions;   /* id -> struct check_session */
    struct table *placements; /* id -> struct check_placement */
    struct table *people;     /* id -> struct buffer of placement ids */
    struct table *occupied;   /* person id -> struct buffer of ids of holds that take places */
    struct table *lives;      /* person id -> struct check_life */
    struct table *
        wishes; /* command id -> struct check_hold: what capacity was asked by placements to hold */
    struct buffer
        dropped;         /* struct id: holds that gave up their places in capacity's last commit */
    struct table *feeds; /* id -> struct check_feed */
    struct table *waiting;   /* referral id -> bool */
    struct table *referrals; /* id -> struct check_referral */
    struct table *dead;      /* person id -> bool */
    struct table *erased; /* person and referral id -> uint64_t seq of the event that erased it */
    struct check_money *money; /* check_buy.c's */
    struct table *costs;       /* check_cost.c's */
    struct table *types;       /* name, filled up with zeros -> uint64_t */
    struct table *marks; /* struct check_mark -> struct buffer of what was recorded, oldest first */
    uint64_t rows_added; /* told by feeds, at once or later */
    uint64_t rows_updated;
    uint64_t marks_made;
    uint64_t marks_changed;
    uint32_t goals_reviewed;
    uint32_t goals_achieved;
};

/* How often a kind of event or refusal was seen. */
void check_count_type(struct checker *checker, const char *name);
struct id check_id(const ProtobufCBinaryData *data);
/* Unpacks what was recorded into event, in the checker's arena, or fails the run and returns. */
#define CHECK_OPEN(type, name)                                                                     \
    const Dw__##type *event = dw__##name##__unpack(arena_allocator(sim->checker->arena),           \
                                                   recorded->body.len, recorded->body.data);       \
    if (event == NULL) {                                                                           \
        sim_fail(sim, "a %s cannot be read", #type);                                               \
        return;                                                                                    \
    }

/* Takes an id out of a list. */
void check_drop_id(struct buffer *list, const struct id *id);
void check_fold_capacity(struct sim *sim, const Dw__Batch *batch, const Dw__Event *recorded);
void check_fold(struct sim *sim, enum sim_service service, const Dw__Batch *batch, uint64_t seq,
                const Dw__Event *event);
/* Whether one hold's sittings are at the same time as one of the other's. */
bool check_clash(const struct checker *checker, const struct check_hold *one,
                 const struct check_hold *other);
int32_t check_first_sitting(const struct check_session *session, int32_t date);
bool check_takes_places(const struct check_hold *hold);

/* check_closed.c */
struct table *check_create_closures(void);
void check_forget_closures(struct checker *checker);
bool check_is_closed(const struct checker *checker, const struct id *session_id, int32_t date);
void check_fold_closure_declared(struct sim *sim, const Dw__Event *recorded);
void check_hold_is_told(struct sim *sim, const struct id *hold_id, const struct check_hold *hold);
void check_fold_closure_lifted(struct sim *sim, const Dw__Event *recorded);
void check_fold_disrupted(struct sim *sim, const Dw__Event *recorded);
void check_fold_restored(struct sim *sim, const Dw__Event *recorded);
/* Whom the closure of a site touches is told by time, a minute after a clock has stepped. */
bool check_is_closure_untold(const struct sim *sim);
void check_everybody_was_told(struct sim *sim);

/* check_limits.c: places of a session on a date, and the date after that one on which they change next, INT32_MAX: never. */
uint32_t check_places_on(const struct check_session *session, int32_t date);
int32_t check_next_change(const struct check_session *session, int32_t date);
/* The fewest it has on any date. */
uint32_t check_places_least(const struct check_session *session);
/* It has so many from that date on (INT32_MIN: on all dates), and what was to change later does not. */
void check_set_places(struct check_session *session, uint32_t places, int32_t from);
void check_fold_limits(struct sim *sim, const Dw__Event *recorded);
void check_fold_session_ended(struct sim *sim, const Dw__Event *recorded);
void check_fold_cut(struct sim *sim, const Dw__SittingsDisrupted *event);
void check_fold_regained(struct sim *sim, const Dw__SittingsRestored *event);
/* Whether the booking was told that there is no room for it on that date, and was not told that there is again. */
bool check_is_cut(const struct checker *checker, const struct check_session *session,
                  const struct id *hold_id, int32_t date);
/* Somebody has room again and is to be told so still: time does, a minute after a clock has stepped. */
bool check_is_room_untold(const struct sim *sim);
void check_cuts_were_told(struct sim *sim);

/* check_referrals.c: where each line of a referral stands. */
void check_fold_referrals(struct sim *sim, uint64_t seq, const Dw__Event *recorded);
void check_dead(struct sim *sim);
/* What was written of a person or a referral is shown until it is erased, and never afterwards. */
bool check_shown_text(const struct checker *checker, const struct id *id, uint64_t seq,
                      bool is_shown);

/* check_buy.c */
struct check_money *check_create_money(void);
void check_destroy_money(struct check_money **money);
void check_fold_money(struct sim *sim, const Dw__Event *recorded);
void check_money_at_end(struct sim *sim);
struct table *check_create_costs(void);
void check_destroy_costs(struct table **costs);
void check_fold_costs(struct sim *sim, const Dw__Event *recorded);
void check_shown_cost(struct sim *sim, const Dw__PlacementCost *line, int32_t from, int32_t to);
void check_shown_budgets(struct sim *sim, const struct sim_request *request);
void check_shown_costs(struct sim *sim, const struct sim_request *request);

/* check_refusal.c: a no must be true. What placements asks of capacity; what capacity's commit, which is folded by now, says no
 * to; and a placement that lapses for the reason that the person is elsewhere. */
void check_wish(struct sim *sim, const Dw__OutboxRow *row);
void check_refusals(struct sim *sim, const struct store_commit *commit);
void check_lapsed_elsewhere(struct sim *sim, const struct id *id,
                            const struct check_placement *placement);

/* check_marks.c: what an event records, what a register shows of it, and whether the feeds' counts agree with it. */
void check_fold_marks(struct sim *sim, uint64_t seq, size_t count,
                      Dw__PlacementMarks *const *months);
void check_shown_register(struct sim *sim, const Dw__Envelope *answer);
void check_marks_add_up(struct sim *sim);

/* Places of the session taken on that date. */
uint32_t check_taken(const struct checker *checker, const struct id *session_id, int32_t date);
/* State after that seq, of a list of moves; 0: there was none. */
void check_free_placement(struct check_placement *placement);

int check_move_at(const struct buffer *moves, uint64_t seq);
bool check_is_over(Dw__PlacementState state);
Dw__PlacementState check_state_at(const struct check_placement *placement, uint64_t seq);
/* check_verify.c: stored live state against the fold of the stored journal, by common/verify.c. */
void check_verify(struct sim *sim);

#endif
