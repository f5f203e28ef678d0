/* Evolve of everything beside placements: disruptions, money, and what other services told. */
#include "services/placements/evolve.h"

#include <string.h>

static const struct id NO_ID = {{0}};

/* --- disruptions -------------------------------------------------------------------------------------------------- */

static struct id closure_of(const Dw__Disruption *disruption)
{
    return disruption->closure == NULL ? NO_ID : id_or_zero(&disruption->closure->closure_id);
}

/* What is told again of a booking and a closure takes the place of what was told before. */
static bool is_of(const Dw__Disruption *kept, const Dw__Disruption *told)
{
    const struct id kept_id = closure_of(kept), told_id = closure_of(told);
    return !id_is_zero(&told_id) && id_equal(&kept_id, &told_id) &&
           (kept->hold_id.len == 0 || id_data_equal(&kept->hold_id, &told->hold_id));
}

/* The part under which it is kept, else a free one: nothing that was lost makes room for another, since it is asked for years later. */
static uint32_t part_for(const struct state *state, const Dw__Placement *placement,
                         const Dw__Disruption *told)
{
    uint32_t unused = placements_disruption_parts(placement);
    for (uint32_t part = unused; part-- > 0;) {
        const Dw__Disruption *kept = placements_disruption(state, &placement->placement_id, part);
        if (kept == NULL)
            unused = part;
        else if (is_of(kept, told))
            return part;
    }
    return unused;
}

PLACEMENTS_EVOLVE(disrupted)
{
    (void)recorded;
    const Dw__PlacementDisrupted *disrupted = (const Dw__PlacementDisrupted *)event;
    const Dw__Placement *before = placements_get(state, &disrupted->placement_id);
    if (before == NULL)
        return;
    const struct id id = id_or_zero(&disrupted->placement_id);
    const uint32_t part = part_for(state, before, disrupted->disruption);
    Dw__Placement placement = *before;
    entities_put(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part,
                 &disrupted->disruption->base);
    if (part < placement.disruption_parts)
        return;
    placement.disruption_parts = part + 1;
    placement_put(state, &placement);
}

void placement_closure_suspends(struct state *state, const Dw__Placement *placement,
                                const ProtobufCBinaryData *closure_id, bool suspends)
{
    const struct id id = id_or_zero(&placement->placement_id);
    const struct id wanted = id_or_zero(closure_id);
    for (uint32_t part = 0; !id_is_zero(&wanted) && part < placements_disruption_parts(placement);
         part++) {
        const Dw__Disruption *kept = placements_disruption(state, &placement->placement_id, part);
        const struct id kept_id = kept == NULL ? NO_ID : closure_of(kept);
        if (kept == NULL || kept->suspends == suspends || !id_equal(&kept_id, &wanted))
            continue;
        Dw__Disruption now = *kept;
        now.suspends = suspends;
        entities_put(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part, &now.base);
    }
}

PLACEMENTS_EVOLVE(closure_began)
{
    (void)recorded;
    const Dw__ClosureBegan *began = (const Dw__ClosureBegan *)event;
    const Dw__Placement *placement = placements_get(state, &began->placement_id);
    if (placement != NULL)
        placement_closure_suspends(state, placement, &began->closure_id, false);
}

/* Whether the sitting is one of those that are there again: named, or behind the last that is, and not in what is lost still. */
static bool is_back(const Dw__DisruptionLifted *lifted, const Dw__DisruptedSitting *sitting)
{
    const int32_t date = sitting->date->days;
    if (!id_data_equal(&sitting->session_id, &lifted->session_id) || date < lifted->from->days)
        return false;
    for (size_t at = 0; at < lifted->n_sittings; at++)
        if (lifted->sittings[at]->date->days == date)
            return true;
    const bool is_left = lifted->left_from != NULL && date >= lifted->left_from->days &&
                         (lifted->left_to == NULL || date <= lifted->left_to->days);
    return !is_left &&
           (lifted->n_sittings == 0 || date > lifted->sittings[lifted->n_sittings - 1]->date->days);
}

/* The last date of what is lost of the disruption; NULL: for ever. */
static Dw__Date *last_left(const Dw__Disruption *kept, const Dw__Disruption *shorter,
                           const Dw__DisruptionLifted *lifted)
{
    Dw__Date *last = shorter->sittings[shorter->n_sittings - 1]->date;
    if (lifted->left_from == NULL || lifted->left_from->days > last->days)
        return last;
    if (lifted->left_to == NULL || (kept->to != NULL && kept->to->days <= lifted->left_to->days))
        return kept->to;
    return lifted->left_to->days > last->days ? lifted->left_to : last;
}

/* Takes what is there again out of what a cut or the end of the session has taken. Sittings are those of one person, so that it does not
 * matter by which of the placement's bookings they were lost. */
static void give_back(struct state *state, const Dw__DisruptionLifted *lifted, uint32_t part)
{
    const struct id id = id_or_zero(&lifted->placement_id);
    const Dw__Disruption *kept = placements_disruption(state, &lifted->placement_id, part);
    Dw__DisruptedSitting *left[PLACEMENTS_SITTINGS_MAX];
    if (kept == NULL || kept->closure != NULL)
        return;
    Dw__Disruption shorter = *kept;
    shorter.sittings = left;
    shorter.n_sittings = 0;
    for (size_t at = 0; at < kept->n_sittings && shorter.n_sittings < PLACEMENTS_SITTINGS_MAX; at++)
        if (!is_back(lifted, kept->sittings[at]))
            left[shorter.n_sittings++] = kept->sittings[at];
    if (shorter.n_sittings == kept->n_sittings)
        return;
    if (shorter.n_sittings == 0) {
        entities_remove(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part);
        return;
    }
    shorter.from = left[0]->date;
    shorter.to = last_left(kept, &shorter, lifted);
    entities_put(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part, &shorter.base);
}

/* Whoever is suspended comes again on another date. */
static void set_resumption(struct state *state, const Dw__DisruptionLifted *lifted)
{
    const Dw__Placement *before = placements_get(state, &lifted->placement_id);
    if (lifted->resumes == NULL || before == NULL || before->suspension == NULL)
        return;
    Dw__Placement placement = *before;
    Dw__Suspension suspension = *before->suspension;
    suspension.resumes = lifted->resumes;
    placement.suspension = &suspension;
    placement_put(state, &placement);
}

PLACEMENTS_EVOLVE(disruption_lifted)
{
    (void)recorded;
    const Dw__DisruptionLifted *lifted = (const Dw__DisruptionLifted *)event;
    set_resumption(state, lifted);
    const struct id id = id_or_zero(&lifted->placement_id);
    const struct id closure_id = id_or_zero(&lifted->closure_id);
    const Dw__Placement *placement = placements_get(state, &lifted->placement_id);
    for (uint32_t part = 0; placement != NULL && part < placements_disruption_parts(placement);
         part++) {
        if (lifted->session_id.len > 0) {
            give_back(state, lifted, part);
            continue;
        }
        const Dw__Disruption *kept = placements_disruption(state, &lifted->placement_id, part);
        if (kept == NULL)
            continue;
        const struct id kept_id = closure_of(kept);
        if (!id_equal(&kept_id, &closure_id))
            continue;
        Dw__Disruption shorter = *kept;
        Dw__Date to = DW__DATE__INIT;
        to.days = lifted->from->days - 1;
        shorter.to = &to;
        shorter.n_sittings = 0; /* they are by date: what is before it stays */
        while (shorter.n_sittings < kept->n_sittings &&
               kept->sittings[shorter.n_sittings]->date->days < lifted->from->days)
            shorter.n_sittings++;
        if (shorter.n_sittings == 0)
            entities_remove(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part);
        else
            entities_put(state->entities, PLACEMENTS_KIND_DISRUPTION, &id, part, &shorter.base);
    }
}

/* --- money -------------------------------------------------------------------------------------------------------- */

/* Oldest first; what was assessed for the same date before is replaced. */
PLACEMENTS_EVOLVE(contribution_assessed)
{
    (void)recorded;
    const Dw__ContributionAssessed *assessed = (const Dw__ContributionAssessed *)event;
    const struct id id = id_or_zero(&assessed->person_id);
    const Dw__Contributions *before =
        entities_get(state->entities, PLACEMENTS_KIND_CONTRIBUTIONS, &id, 0);
    Dw__Contribution *all[PLACEMENTS_CONTRIBUTIONS_MAX + 1];
    size_t count = 0;
    const int32_t from = assessed->contribution->from->days;
    size_t at = 0;
    const size_t kept = before == NULL ? 0 : before->n_contributions;
    for (; at < kept && before->contributions[at]->from->days < from; at++)
        all[count++] = before->contributions[at];
    all[count++] = assessed->contribution;
    for (; at < kept; at++)
        if (before->contributions[at]->from->days > from)
            all[count++] = before->contributions[at];
    const size_t skipped = count > PLACEMENTS_CONTRIBUTIONS_MAX ? 1 : 0;
    Dw__Contributions after = DW__CONTRIBUTIONS__INIT;
    after.contributions = all + skipped;
    after.n_contributions = count - skipped;
    entities_put(state->entities, PLACEMENTS_KIND_CONTRIBUTIONS, &id, 0, &after.base);
}

PLACEMENTS_EVOLVE(budget_moved)
{
    const Dw__BudgetMoved *moved = (const Dw__BudgetMoved *)event;
    const Dw__Virements *before =
        entities_get(state->entities, PLACEMENTS_KIND_VIREMENTS, &NO_ID, moved->year);
    Dw__Virement *all[PLACEMENTS_VIREMENTS_MAX];
    size_t count = before == NULL ? 0 : before->n_virements;
    if (count == PLACEMENTS_VIREMENTS_MAX)
        return;
    if (count > 0)
        memcpy(all, before->virements, count * sizeof all[0]);
    Dw__Virement virement = DW__VIREMENT__INIT;
    virement.virement_id = moved->virement_id;
    virement.from_number = moved->from_number;
    virement.to_number = moved->to_number;
    virement.pence = moved->pence;
    virement.moved_ms = recorded->at_ms;
    virement.by = (char *)recorded->principal->name;
    all[count++] = &virement;
    Dw__Virements after = DW__VIREMENTS__INIT;
    after.virements = all;
    after.n_virements = count;
    entities_put(state->entities, PLACEMENTS_KIND_VIREMENTS, &NO_ID, moved->year, &after.base);
}

/* --- what other services told ------------------------------------------------------------------------------------- */

PLACEMENTS_EVOLVE(provider_noted)
{
    (void)recorded;
    const Dw__ProviderNoted *noted = (const Dw__ProviderNoted *)event;
    const struct id id = id_or_zero(&noted->provider_id);
    entities_put(state->entities, PLACEMENTS_KIND_PROVIDER, &id, 0, &noted->provider->base);
}

PLACEMENTS_EVOLVE(contract_noted)
{
    (void)recorded;
    const Dw__ContractNoted *noted = (const Dw__ContractNoted *)event;
    const struct id id = id_or_zero(&noted->contract_id);
    entities_put(state->entities, PLACEMENTS_KIND_CONTRACT, &id, 0, &noted->contract->base);
}

PLACEMENTS_EVOLVE(framework_noted)
{
    (void)recorded;
    const Dw__FrameworkNoted *noted = (const Dw__FrameworkNoted *)event;
    entities_put(state->entities, PLACEMENTS_KIND_FRAMEWORK, &NO_ID, noted->framework,
                 &noted->noted->base);
}

PLACEMENTS_EVOLVE(session_noted)
{
    (void)recorded;
    const Dw__SessionNoted *noted = (const Dw__SessionNoted *)event;
    const struct id id = id_or_zero(&noted->session_id);
    entities_put(state->entities, PLACEMENTS_KIND_SESSION, &id, 0, &noted->session->base);
}

PLACEMENTS_EVOLVE(death_noted)
{
    (void)recorded;
    const Dw__DeathNoted *noted = (const Dw__DeathNoted *)event;
    const struct id id = id_or_zero(&noted->person_id);
    Dw__NotedDeath death = DW__NOTED_DEATH__INIT;
    death.date = noted->date;
    if (noted->date != NULL)
        entities_put(state->entities, PLACEMENTS_KIND_DEATH, &id, 0, &death.base);
    else
        entities_remove(state->entities, PLACEMENTS_KIND_DEATH, &id, 0);
}

PLACEMENTS_EVOLVE(suspension_noted)
{
    (void)recorded;
    const Dw__SuspensionNoted *noted = (const Dw__SuspensionNoted *)event;
    const struct id id = id_or_zero(&noted->subject_id);
    if (noted->noted == NULL)
        entities_remove(state->entities, PLACEMENTS_KIND_SUSPENSION, &id, 0);
    else
        entities_put(state->entities, PLACEMENTS_KIND_SUSPENSION, &id, 0, &noted->noted->base);
}

PLACEMENTS_EVOLVE(service_noted)
{
    (void)recorded;
    const Dw__ServiceNoted *noted = (const Dw__ServiceNoted *)event;
    const struct id id = id_or_zero(&noted->service_id);
    entities_put(state->entities, PLACEMENTS_KIND_SERVICE, &id, 0, &noted->service->base);
}
