/* See calling.h. */
#include "tests/support/calling.h"

struct calling calling;

static Dw__AwardWeights weights;

int calling_set_up(void **ret_placing)
{
    const int result = placing_set_up(ret_placing);
    struct placing *placing = *ret_placing;
    dw__award_weights__init(&weights);
    weights.price = 40;
    weights.quality = 30;
    weights.outcomes = 20;
    weights.social_value = 10;
    placing->rules.award_weights = &weights;
    placing->rules.call_off_days = 10;
    calling.placement_id = PLACEMENT_ID;
    calling.hold_id = HOLD_ID;
    calling.session_id = MONDAY_ID;
    calling.left_out = 3;
    calling.closes_ms = 0;
    calling.need = DW__SUPPORT_REASON__SUPPORT_REASON_UNSPECIFIED;
    calling.from = TODAY + 14;
    calling.to = 0;
    calling.access = DW__ACCESS_FEATURE__ACCESS_FEATURE_UNSPECIFIED;
    calling.culturally_specific = false;
    for (size_t at = 0; at < 3; at++)
        placing_agree(placing, &OFFERS[at], &PROVIDERS[at],
                      DW__CONTRACT_KIND__CONTRACT_KIND_FRAMEWORK, 0);
    pure_principal_provider(placing->pure, NULL);
    return result;
}

struct pure_outcome calling_open_for(struct placing *placing, Dw__CallOffKind kind,
                                     Dw__WantedSession **wanted, size_t wanted_count)
{
    Dw__Date from = DW__DATE__INIT, to = DW__DATE__INIT;
    from.days = TODAY;
    to.days = calling.to;
    Dw__Requirement requirement = DW__REQUIREMENT__INIT;
    requirement.level = 2;
    requirement.district = 3;
    requirement.sessions = wanted;
    requirement.n_sessions = wanted_count;
    requirement.needs = &calling.need;
    requirement.n_needs = calling.need != DW__SUPPORT_REASON__SUPPORT_REASON_UNSPECIFIED;
    requirement.access = &calling.access;
    requirement.n_access = calling.access != DW__ACCESS_FEATURE__ACCESS_FEATURE_UNSPECIFIED;
    requirement.from = &from;
    requirement.to = calling.to == 0 ? NULL : &to;
    requirement.culturally_specific = calling.culturally_specific;
    requirement.people = kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ? 8 : 1;
    Dw__PlacementTerms terms = placing->terms;
    terms.service_id.len = terms.provider_id.len = 0;
    terms.n_session_ids = 0;
    Dw__OpenCallOff open = DW__OPEN_CALL_OFF__INIT;
    open.call_off_id = id_to_data(&CALL_OFF_ID);
    open.kind = kind;
    open.requirement = &requirement;
    open.terms = kind == DW__CALL_OFF_KIND__CALL_OFF_KIND_PROGRAMME ? NULL : &terms;
    open.description = "a quiet group that cooks";
    open.closes_ms = calling.closes_ms;
    return placing_tell(placing, "ann", BROKER, &open.base);
}

struct pure_outcome calling_open(struct placing *placing, Dw__CallOffKind kind)
{
    Dw__WantedSession wanted = DW__WANTED_SESSION__INIT, *list[] = {&wanted};
    wanted.weekday = 1;
    wanted.part = DW__PART_OF_DAY__PART_OF_DAY_ANY;
    return calling_open_for(placing, kind, list, 1);
}

struct pure_outcome calling_open_individual(struct placing *placing)
{
    return calling_open(placing, DW__CALL_OFF_KIND__CALL_OFF_KIND_INDIVIDUAL);
}

struct pure_outcome calling_offer(struct placing *placing, const struct id *provider_id,
                                  const struct id *offer_id, int64_t pence)
{
    Dw__Date from = DW__DATE__INIT;
    from.days = calling.from;
    ProtobufCBinaryData session_id = id_to_data(&calling.session_id);
    Dw__SubmitOffer submit = DW__SUBMIT_OFFER__INIT;
    submit.call_off_id = id_to_data(&CALL_OFF_ID);
    submit.offer_id = id_to_data(offer_id);
    submit.service_id = id_to_data(&SERVICE_ID);
    submit.session_ids = &session_id;
    submit.n_session_ids = 1;
    submit.price_pence_per_week = pence;
    submit.from = &from;
    submit.statement = "we cook";
    pure_principal_provider(placing->pure, provider_id);
    const struct pure_outcome told = placing_tell(placing, "pat", PROVIDER_MANAGER, &submit.base);
    pure_principal_provider(placing->pure, NULL);
    return told;
}

void calling_offer_all(struct placing *placing)
{
    static const int64_t PENCE[] = {10000, 8000, 12500};
    for (size_t at = 0; at < 3; at++)
        assert_said(calling_offer(placing, &PROVIDERS[at], &OFFERS[at], PENCE[at]),
                    &dw__offer_submitted__descriptor, 0);
}

struct pure_outcome calling_close(struct placing *placing)
{
    Dw__CloseCallOff close = DW__CLOSE_CALL_OFF__INIT;
    close.call_off_id = id_to_data(&CALL_OFF_ID);
    return placing_tell(placing, "ann", BROKER, &close.base);
}

struct pure_outcome calling_award_without(struct placing *placing, const char *name, size_t winner,
                                          size_t judged_count, size_t without, uint32_t outcomes)
{
    static const uint32_t QUALITY[] = {90, 60, 70};
    Dw__OfferJudged judged[3];
    Dw__OfferJudged *list[3];
    for (size_t at = 0; at < 3; at++) {
        dw__offer_judged__init(&judged[at]);
        judged[at].offer_id = id_to_data(&OFFERS[at]);
        judged[at].quality = QUALITY[at];
        judged[at].outcomes = outcomes;
        judged[at].social_value = at == 1 ? 20 : 50;
        list[at - (at > without)] = &judged[at];
    }
    Dw__Award command = DW__AWARD__INIT;
    command.call_off_id = id_to_data(&CALL_OFF_ID);
    command.offer_id = id_to_data(&OFFERS[winner]);
    command.judged = list;
    command.n_judged = judged_count;
    command.placement_id = id_to_data(&calling.placement_id);
    command.hold_id = id_to_data(&calling.hold_id);
    return placing_tell(placing, name, DW__ROLE__ROLE_COMMISSIONER, &command.base);
}

struct pure_outcome calling_award(struct placing *placing, const char *name, size_t winner,
                                  size_t judged_count)
{
    return calling_award_without(placing, name, winner, judged_count, calling.left_out, 80);
}

const Dw__CallOffList *calling_list(struct placing *placing, const struct id *provider_id)
{
    Dw__ListCallOffs list = DW__LIST_CALL_OFFS__INIT;
    pure_principal_provider(placing->pure, provider_id);
    const Dw__CallOffList *found =
        pure_query(placing->pure, &list.base, provider_id == NULL ? BROKER : PROVIDER_MANAGER,
                   NOW_MS, TODAY, NULL);
    pure_principal_provider(placing->pure, NULL);
    return found;
}
