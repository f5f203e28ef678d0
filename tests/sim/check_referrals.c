/* The checker's own fold of referrals: where each line stands, and what the referral then is. Every line is in exactly one state
 * and leaves it only as the design's domain says, and what an event says of the whole is what its lines make it. See check.h. */
#include "tests/sim/check.h"

#include <string.h>

/* Which event leads where, and from which states. */
static const struct line_move {
    const ProtobufCMessageDescriptor *type;
    int to;
    uint32_t from;
} line_moves[] = {
#define FROM(name) (UINT32_C(1) << DW__LINE_STATE__LINE_STATE_##name)
#define TO(name)   DW__LINE_STATE__LINE_STATE_##name
#define WAITING    (FROM(SUBMITTED) | FROM(ACCEPTED) | FROM(MATCHING) | FROM(ON_HOLD))
    {&dw__referral_submitted__descriptor, TO(SUBMITTED), FROM(DRAFT)},
    {&dw__referral_accepted__descriptor, TO(ACCEPTED), FROM(SUBMITTED)},
    {&dw__referral_line_matching__descriptor, TO(MATCHING),
     FROM(SUBMITTED) | FROM(ACCEPTED) | FROM(ON_HOLD)},
    {&dw__referral_line_waits__descriptor, TO(ACCEPTED), FROM(MATCHING) | FROM(PLACED)},
    {&dw__referral_line_placed__descriptor, TO(PLACED), WAITING},
    {&dw__referral_line_moved__descriptor, TO(PLACED), FROM(PLACED) | FROM(CLOSED)},
    {&dw__referral_withdrawn__descriptor, TO(WITHDRAWN), FROM(DRAFT) | (WAITING & ~FROM(MATCHING))},
    {&dw__referral_closed__descriptor, TO(CLOSED), FROM(PLACED) | WAITING},
    {&dw__referral_refused__descriptor, TO(NOT_ELIGIBLE),
     FROM(SUBMITTED) | FROM(ACCEPTED) | FROM(ON_HOLD)},
    {&dw__referral_put_on_hold__descriptor, TO(ON_HOLD), FROM(ACCEPTED)},
    {&dw__referral_resumed__descriptor, TO(ACCEPTED), FROM(ON_HOLD)},
};

/* --- the whole, of its lines -------------------------------------------------------------------------------------- */

static uint32_t count_lines(const struct check_referral *referral, uint32_t states)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < referral->lines_count; at++)
        count += states >> referral->lines[at] & 1;
    return count;
}

static int state_of(const struct check_referral *referral)
{
#define REFERRAL(name) DW__REFERRAL_STATE__REFERRAL_STATE_##name
    if (count_lines(referral, WAITING) > 0 && count_lines(referral, FROM(PLACED)) > 0)
        return REFERRAL(PARTLY_PLACED);
    if (count_lines(referral, FROM(MATCHING)) > 0)
        return REFERRAL(MATCHING);
    if (count_lines(referral, FROM(ACCEPTED)) > 0)
        return REFERRAL(ACCEPTED);
    if (count_lines(referral, FROM(SUBMITTED)) > 0)
        return REFERRAL(SUBMITTED);
    if (count_lines(referral, FROM(ON_HOLD)) > 0)
        return REFERRAL(ON_HOLD);
    if (count_lines(referral, FROM(DRAFT)) > 0)
        return REFERRAL(DRAFT);
    if (count_lines(referral, FROM(PLACED)) > 0)
        return REFERRAL(PLACED);
    if (count_lines(referral, FROM(CLOSED)) > 0)
        return REFERRAL(CLOSED);
    return count_lines(referral, FROM(WITHDRAWN)) > 0 ? REFERRAL(WITHDRAWN)
                                                      : REFERRAL(NOT_ELIGIBLE);
}

static void note_state(struct sim *sim, uint64_t seq, const struct id *id,
                       struct check_referral *referral)
{
    const struct check_move move = {seq, state_of(referral)};
    buffer_append(&referral->moves, &move, sizeof move);
    bool *waits = table_put(sim->checker->waiting, id, NULL);
    *waits = count_lines(referral, WAITING) > 0;
}

static void check_standing(struct sim *sim, const struct check_referral *referral,
                           const Dw__ReferralStanding *after, const char *type)
{
    if (after == NULL || (int)after->state != state_of(referral) ||
        after->lines_waiting != count_lines(referral, WAITING) ||
        after->lines_placed != count_lines(referral, FROM(PLACED)))
        sim_fail(sim, "a %s says of the referral what its lines do not make it", type);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static const void *member(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    return field == NULL ? NULL : (const uint8_t *)message + field->offset;
}

/* The lines an event is about: one, those it names, or all. */
static size_t lines_of(const ProtobufCMessage *message, const struct check_referral *referral,
                       uint32_t ret_numbers[CHECK_LINES_MAX])
{
    const uint32_t *one = member(message, "line_number");
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "line_numbers");
    size_t count = 0;
    if (one != NULL) {
        ret_numbers[count++] = *one;
    } else if (field != NULL) {
        const size_t named =
            *(const size_t *)(const void *)((const uint8_t *)message + field->quantifier_offset);
        const uint32_t *numbers = *(uint32_t *const *)member(message, "line_numbers");
        for (; count < named && count < CHECK_LINES_MAX; count++)
            ret_numbers[count] = numbers[count];
    } else { /* a submission takes what is a draft still */
        for (uint32_t at = 0; at < referral->lines_count; at++)
            if (referral->lines[at] == TO(DRAFT))
                ret_numbers[count++] = at + 1;
    }
    return count;
}

static uint32_t parts_of(Dw__LineSession *const *sessions, size_t count)
{
    uint32_t parts = 0;
    for (size_t at = 0; at < count; at++)
        parts |= UINT32_C(1) << (sessions[at]->weekday * 4 + (uint32_t)sessions[at]->part);
    return parts;
}

/* What is left of a line that is placed becomes a line: no session is lost, none is wanted twice, and something was met. It stays where
 * the line stood, or is looked for anew. */
static void fold_rest(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(ReferralLinePlaced, referral_line_placed)
    const struct id id = check_id(&event->referral_id);
    struct check_referral *referral = table_put(sim->checker->referrals, &id, NULL);
    if (event->n_rest == 0 || event->line_number < 1 || event->line_number > referral->lines_count)
        return;
    const uint32_t rest = parts_of(event->rest, event->n_rest);
    uint32_t *wanted = &referral->wanted[event->line_number - 1];
    if ((rest & ~*wanted) != 0 || rest == *wanted || referral->lines_count == CHECK_LINES_MAX) {
        sim_fail(sim, "what is left of a line is not a part of what it wants");
        return;
    }
    *wanted &= ~rest;
    const uint8_t state = referral->lines[event->line_number - 1];
    const uint32_t waiting = referral->lines_count++;
    referral->wanted[waiting] = rest;
    referral->proposed[waiting] = referral->proposed[event->line_number - 1];
    const struct id placement_id = check_id(&event->placement_id);
    const bool is_its_own = id_equal(&referral->proposed[waiting], &placement_id);
    referral->lines[waiting] = state == TO(MATCHING) && is_its_own ? TO(ACCEPTED) : state;
    if (event->after != NULL && event->after->lines_waiting == 0)
        sim_fail(sim, "what is left of a line is not waited for");
}

static void fold_move(struct sim *sim, uint64_t seq, const struct line_move *row,
                      const Dw__Event *recorded)
{
    const ProtobufCMessage *message = protobuf_c_message_unpack(
        row->type, arena_allocator(sim->checker->arena), recorded->body.len, recorded->body.data);
    uint32_t numbers[CHECK_LINES_MAX];
    if (message == NULL) {
        sim_fail(sim, "a %s cannot be read", row->type->short_name);
        return;
    }
    const struct id id = check_id(member(message, "referral_id"));
    struct check_referral *referral = table_put(sim->checker->referrals, &id, NULL);
    const size_t count = lines_of(message, referral, numbers);
    if (count == 0)
        sim_fail(sim, "a %s is about no line", row->type->short_name);
    if (row->to != TO(CLOSED) && row->to != TO(WITHDRAWN) &&
        table_get(sim->checker->dead, &referral->person) != NULL)
        sim_fail(sim, "a %s is about somebody who has died", row->type->short_name);
    for (size_t at = 0; at < count; at++) {
        if (numbers[at] < 1 || numbers[at] > referral->lines_count) {
            sim_fail(sim, "a %s is about a line that is not there", row->type->short_name);
            return;
        }
        uint8_t *state = &referral->lines[numbers[at] - 1];
        if ((row->from >> *state & 1) == 0)
            sim_fail(sim, "%s in state %d", row->type->short_name, (int)*state);
        if (row->to == TO(CLOSED) && *state == TO(MATCHING) &&
            table_get(sim->checker->dead, &referral->person) == NULL)
            sim_fail(sim, "a line is closed while a placement is proposed for it");
        *state = (uint8_t)row->to;
        if (row->to == TO(MATCHING))
            referral->proposed[numbers[at] - 1] = check_id(member(message, "placement_id"));
    }
    check_standing(sim, referral, *(Dw__ReferralStanding *const *)member(message, "after"),
                   row->type->short_name);
    note_state(sim, seq, &id, referral);
}

static void fold_created(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    CHECK_OPEN(ReferralCreated, referral_created)
    const struct id id = check_id(&event->referral_id);
    struct check_referral *referral = table_put(sim->checker->referrals, &id, NULL);
    if (referral->lines_count > 0 || event->n_lines > CHECK_LINES_MAX)
        sim_fail(sim, "a referral is created twice, or has too many lines");
    referral->person = check_id(&event->person_id);
    if (table_get(sim->checker->dead, &referral->person) != NULL)
        sim_fail(sim, "somebody is referred who has died");
    referral->lines_count = (uint32_t)event->n_lines;
    memset(referral->lines, TO(DRAFT), event->n_lines);
    for (size_t at = 0; at < event->n_lines; at++)
        referral->wanted[at] = parts_of(event->lines[at]->sessions, event->lines[at]->n_sessions);
    note_state(sim, seq, &id, referral);
}

/* What has started is amended no more. */
static void fold_amended(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(ReferralAmended, referral_amended)
    const struct id id = check_id(&event->referral_id);
    struct check_referral *referral = table_put(sim->checker->referrals, &id, NULL);
    const uint32_t open = FROM(DRAFT) | WAITING;
    const bool can = event->line_number == 0
                         ? count_lines(referral, open) > 0
                         : event->line_number <= referral->lines_count &&
                               (open >> referral->lines[event->line_number - 1] & 1) != 0;
    if (!can || event->n_fields == 0) {
        sim_fail(sim, "an amendment changes nothing, or what has started");
        return;
    }
    if (event->line != NULL)
        referral->wanted[event->line_number - 1] =
            parts_of(event->line->sessions, event->line->n_sessions);
}

static void fold_died(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(PersonDied, person_died)
    const struct id id = check_id(&event->person_id);
    (void)table_put(sim->checker->dead, &id, NULL);
}

static void fold_death_taken_back(struct sim *sim, const Dw__Event *recorded)
{
    CHECK_OPEN(DeathTakenBack, death_taken_back)
    const struct id id = check_id(&event->person_id);
    (void)table_remove(sim->checker->dead, &id);
}

static void fold_erased(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    CHECK_OPEN(PersonErased, person_erased)
    const struct id id = check_id(&event->person_id);
    bool is_new;
    uint64_t *slot = table_put(sim->checker->erased, &id, &is_new);
    if (is_new)
        *slot = seq;
    for (size_t at = 0; at < event->n_referral_ids; at++) {
        const struct id referral_id = check_id(&event->referral_ids[at]);
        *(uint64_t *)table_put(sim->checker->erased, &referral_id, NULL) = seq;
    }
}

bool check_shown_text(const struct checker *checker, const struct id *id, uint64_t seq,
                      bool is_shown)
{
    const uint64_t *erased = table_get(checker->erased, id);
    return is_shown == (erased == NULL || *erased > seq);
}

void check_dead(struct sim *sim)
{
    const void *key;
    void *value;
    for (size_t at = 0; table_next(sim->checker->referrals, &at, &key, &value);) {
        const struct check_referral *referral = value;
        if (table_get(sim->checker->dead, &referral->person) != NULL &&
            count_lines(referral, FROM(DRAFT) | WAITING | FROM(PLACED)) > 0)
            sim_fail(sim, "something is wanted for somebody who has died");
    }
}

void check_fold_referrals(struct sim *sim, uint64_t seq, const Dw__Event *recorded)
{
    if (strcmp(recorded->type, "ReferralCreated") == 0)
        fold_created(sim, seq, recorded);
    else if (strcmp(recorded->type, "ReferralAmended") == 0)
        fold_amended(sim, recorded);
    else if (strcmp(recorded->type, "PersonDied") == 0)
        fold_died(sim, recorded);
    else if (strcmp(recorded->type, "DeathTakenBack") == 0)
        fold_death_taken_back(sim, recorded);
    else if (strcmp(recorded->type, "PersonErased") == 0)
        fold_erased(sim, seq, recorded);
    else if (strcmp(recorded->type, "ReferralLinePlaced") == 0)
        fold_rest(sim, recorded);
    for (size_t at = 0; at < sizeof line_moves / sizeof line_moves[0]; at++)
        if (strcmp(line_moves[at].type->short_name, recorded->type) == 0)
            fold_move(sim, seq, &line_moves[at], recorded);
}
