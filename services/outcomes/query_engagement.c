/* Whom the council has heard in a period: totals, and what was said, the latest first. */
#include "services/outcomes/state.h"

#include "common/paging.h"

enum {
    VOICES_SHOWN = 10,
    VOICES_SHOWN_MAX = 20, /* of up to 23 KiB, a survey of many answers */
    KINDS_MAX = 16,
    POINTS_MAX = 6,
    WHO_MAX = 3, /* the person or the carer */
};

/* One thing that was said: the one or the other. */
struct voice {
    const Dw__VoiceRecord *record;
    const Dw__Satisfaction *satisfaction;
};

struct totals {
    Dw__EngagementTotal engagements[KINDS_MAX];
    uint32_t themes[KINDS_MAX];
    uint32_t feedback[KINDS_MAX];
    uint32_t satisfaction[WHO_MAX][POINTS_MAX];
};

static const Dw__Date *date_of(const struct voice *voice)
{
    return voice->satisfaction != NULL       ? voice->satisfaction->date
           : voice->record->feedback != NULL ? voice->record->feedback->date
           : voice->record->survey != NULL   ? voice->record->survey->date
                                             : voice->record->engagement->date;
}

static const ProtobufCBinaryData *id_of(const struct voice *voice)
{
    return voice->satisfaction != NULL       ? &voice->satisfaction->satisfaction_id
           : voice->record->feedback != NULL ? &voice->record->feedback->feedback_id
           : voice->record->survey != NULL   ? &voice->record->survey->survey_id
                                             : &voice->record->engagement->engagement_id;
}

static int compare_latest(const void *left, const void *right)
{
    const int32_t one = date_of(left)->days;
    const int32_t two = date_of(right)->days;
    if (one != two)
        return one > two ? -1 : 1;
    return id_data_compare(id_of(left), id_of(right));
}

static bool is_asked_for(const struct voice *voice, const Dw__Engagement *asked)
{
    static const ProtobufCBinaryData nobody = {0, NULL};
    const ProtobufCBinaryData *provider_id =
        voice->satisfaction != NULL       ? &voice->satisfaction->subject->provider_id
        : voice->record->feedback != NULL ? &voice->record->feedback->provider_id
                                          : &nobody;
    const int32_t days = date_of(voice)->days;
    return (asked->from == NULL || days >= asked->from->days) &&
           (asked->to == NULL || days <= asked->to->days) &&
           (asked->provider_id.len == 0 || id_data_equal(provider_id, &asked->provider_id));
}

static void add(const struct voice *voice, struct totals *totals, Dw__EngagementFound *found)
{
    if (voice->satisfaction != NULL) {
        totals->satisfaction[voice->satisfaction->by][voice->satisfaction->score->points]++;
    } else if (voice->record->feedback != NULL) {
        totals->feedback[voice->record->feedback->kind]++;
    } else if (voice->record->survey != NULL) {
        found->surveys++;
        found->survey_answers += voice->record->survey->answered;
    } else {
        const Dw__EngagementFacts *facts = voice->record->engagement;
        Dw__EngagementTotal *total = &totals->engagements[facts->kind];
        total->times++;
        total->people += facts->people;
        total->carers += facts->carers;
        total->providers += facts->providers;
        total->others += facts->others;
        found->engaged += facts->people + facts->carers + facts->providers + facts->others;
        for (size_t at = 0; at < facts->n_themes; at++)
            totals->themes[facts->themes[at]]++;
    }
}

static void gather(const struct state *state, const Dw__Engagement *asked, struct pick *pick,
                   struct totals *totals, Dw__EngagementFound *found)
{
    static const uint8_t kinds[] = {OUTCOMES_KIND_VOICE, OUTCOMES_KIND_SATISFACTION};
    for (size_t kind = 0; kind < 2; kind++) {
        const size_t count = entities_count(state->entities, kinds[kind]);
        for (size_t at = 0; at < count; at++) {
            const void *record = entities_at(state->entities, kinds[kind], at, NULL);
            const struct voice voice =
                kind == 0 ? (struct voice){record, NULL} : (struct voice){NULL, record};
            if (!is_asked_for(&voice, asked))
                continue;
            pick_offer(pick, &voice);
            add(&voice, totals, found);
        }
    }
}

/* --- the answer ----------------------------------------------------------------------------------------------------- */

static void tell_engagements(struct totals *totals, struct answer *answer,
                             Dw__EngagementFound *found)
{
    Dw__ThemeTotal *themes = answer_alloc(answer, KINDS_MAX * sizeof themes[0]);
    found->engagements = answer_alloc(answer, KINDS_MAX * sizeof found->engagements[0]);
    found->themes = answer_alloc(answer, KINDS_MAX * sizeof found->themes[0]);
    for (size_t at = 0; at < KINDS_MAX; at++) {
        totals->engagements[at].kind = (Dw__EngagementKind)at;
        if (totals->engagements[at].times > 0)
            found->engagements[found->n_engagements++] = &totals->engagements[at];
        dw__theme_total__init(&themes[at]);
        themes[at].theme = (Dw__EngagementTheme)at;
        themes[at].times = totals->themes[at];
        if (themes[at].times > 0)
            found->themes[found->n_themes++] = &themes[at];
    }
}

static void tell_feedback(const struct totals *totals, struct answer *answer,
                          Dw__EngagementFound *found)
{
    Dw__FeedbackTotal *feedback = answer_alloc(answer, KINDS_MAX * sizeof feedback[0]);
    found->feedback = answer_alloc(answer, KINDS_MAX * sizeof found->feedback[0]);
    for (size_t at = 0; at < KINDS_MAX; at++) {
        dw__feedback_total__init(&feedback[at]);
        feedback[at].kind = (Dw__FeedbackKind)at;
        feedback[at].count = totals->feedback[at];
        if (feedback[at].count > 0)
            found->feedback[found->n_feedback++] = &feedback[at];
    }
}

static void tell_satisfaction(const struct totals *totals, struct answer *answer,
                              Dw__EngagementFound *found)
{
    enum { MAX = WHO_MAX * POINTS_MAX };
    Dw__SatisfactionTotal *rows = answer_alloc(answer, MAX * sizeof rows[0]);
    Dw__Score *scores = answer_alloc(answer, MAX * sizeof scores[0]);
    found->satisfaction = answer_alloc(answer, MAX * sizeof found->satisfaction[0]);
    for (size_t at = 0; at < MAX; at++) {
        const uint32_t count = totals->satisfaction[at / POINTS_MAX][at % POINTS_MAX];
        if (count == 0)
            continue;
        dw__score__init(&scores[at]);
        dw__satisfaction_total__init(&rows[at]);
        scores[at].points = (uint32_t)(at % POINTS_MAX);
        rows[at].by = (Dw__ReviewedBy)(at / POINTS_MAX);
        rows[at].score = &scores[at];
        rows[at].count = count;
        found->satisfaction[found->n_satisfaction++] = &rows[at];
    }
}

static void show(const struct voice *voice, Dw__VoiceShown *ret_shown)
{
    dw__voice_shown__init(ret_shown);
    ret_shown->satisfaction = (Dw__Satisfaction *)(uintptr_t)voice->satisfaction;
    if (voice->record == NULL)
        return;
    ret_shown->feedback = voice->record->feedback;
    ret_shown->survey = voice->record->survey;
    ret_shown->engagement = voice->record->engagement;
}

static void tell_voices(const struct voice *voices, size_t count, const struct context *ctx,
                        struct vault *vault, struct answer *answer, Dw__EngagementFound *found)
{
    Dw__VoiceShown *shown = answer_alloc(answer, VOICES_SHOWN_MAX * sizeof shown[0]);
    found->voices = answer_alloc(answer, VOICES_SHOWN_MAX * sizeof found->voices[0]);
    found->texts = answer_alloc(answer, VOICES_SHOWN_MAX * sizeof found->texts[0]);
    for (size_t at = 0; at < count; at++) {
        show(&voices[at], &shown[at]);
        found->voices[found->n_voices++] = &shown[at];
        if (ctx->principal->role != DW__ROLE__ROLE_COMMISSIONER)
            outcomes_add_text(voices[at].satisfaction != NULL
                                  ? &voices[at].satisfaction->text_id
                                  : outcomes_voice_text(voices[at].record),
                              vault, answer, found->texts, &found->n_texts);
    }
}

OUTCOMES_QUERY(engagement)
{
    const Dw__Engagement *asked = (const Dw__Engagement *)request;
    Dw__EngagementFound found = DW__ENGAGEMENT_FOUND__INIT;
    if (!paging_read(asked->page, asked->per_page, VOICES_SHOWN, VOICES_SHOWN_MAX, answer,
                     &found.page, &found.per_page))
        return;
    struct totals *totals = answer_alloc(answer, sizeof *totals);
    for (size_t at = 0; at < KINDS_MAX; at++)
        dw__engagement_total__init(&totals->engagements[at]);
    struct pick pick =
        paging_pick(found.page, found.per_page, sizeof(struct voice), compare_latest, answer);
    const struct voice *voices = pick.items;
    gather(state, asked, &pick, totals, &found);
    size_t first;
    const size_t rows = paging_rows(&pick, found.page, found.per_page, &first);
    tell_voices(voices + first, rows, ctx, vault, answer, &found);
    tell_engagements(totals, answer, &found);
    tell_feedback(totals, answer, &found);
    tell_satisfaction(totals, answer, &found);
    found.total = (uint32_t)pick.total;
    answer_give(answer, &found.base);
}
