/* Commands about contracts and frameworks: agreed, extended, closed to new people, ended. None of them touches a booking: who is
 * placed under a contract stays when it ends. */
#include "common/calendar.h"
#include "services/capacity/checks.h"
#include "services/capacity/state.h"

enum {
    EXTENSIONS_MAX = 8,          /* of one contract: no procurement has half as many */
    EXTENSION_MONTHS_MAX = 120,  /* ten years */
    WARNING_DAYS_MAX = 10 * 366, /* what a model says above that is a slip of the pen */
};
#define VALUE_MAX_PENCE INT64_C(100000000000) /* a thousand million pounds a year */

static bool check_extensions(struct decision *decision, const Dw__Contract *contract)
{
    if (contract->n_extension_months > EXTENSIONS_MAX)
        decision_invalid(decision, "contract.extension_months",
                         "a contract has at most 8 extensions");
    for (size_t at = 0; at < contract->n_extension_months; at++)
        if (contract->extension_months[at] < 1 ||
            contract->extension_months[at] > EXTENSION_MONTHS_MAX)
            decision_invalid(decision, "contract.extension_months",
                             "an extension is 1 to 120 months");
    return !decision_is_no(decision);
}

static bool check_contract(struct decision *decision, const Dw__Contract *contract)
{
    const char *fault = capacity_range_fault(contract->from, contract->to);
    if (fault != NULL)
        decision_invalid(decision, "contract.from", "%s", fault);
    else if (contract->n_levels < 1 || contract->n_levels > LEVEL_MAX)
        decision_invalid(decision, "contract.levels", "a contract covers 1 to 16 levels");
    else if (contract->ceiling_pence < 0 || contract->ceiling_pence > PRICE_MAX_PENCE)
        decision_invalid(decision, "contract.ceiling.price_pence",
                         "a ceiling is 0 to 10000000 pence");
    else if (contract->ceiling != NULL && (contract->ceiling->price_pence < 1 ||
                                           contract->ceiling->price_pence > PRICE_MAX_PENCE))
        decision_invalid(decision, "contract.ceiling.price_pence",
                         "it is 1 to 10000000 pence a unit");
    else if (contract->value_pence_per_year < 0 || contract->value_pence_per_year > VALUE_MAX_PENCE)
        decision_invalid(decision, "contract.value_pence_per_year",
                         "a value is 0 to 100000000000 pence");
    for (size_t at = 0; at < contract->n_levels; at++)
        if (contract->levels[at] < 1 || contract->levels[at] > LEVEL_MAX)
            decision_invalid(decision, "contract.levels", "a level is 1 to 16");
    return check_extensions(decision, contract) && !decision_is_no(decision);
}

static void refuse_framework(struct decision *decision, uint32_t framework)
{
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_FRAMEWORK_UNKNOWN,
                    "The council's model has no framework %u; name one of the model's, or none.",
                    framework);
}

void capacity_decide_agree_contract(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision)
{
    Dw__Contract *contract = ((const Dw__AgreeContract *)command)->contract;
    struct id contract_id, provider_id;
    if (contract == NULL) {
        decision_invalid(decision, "contract", "it must be said, and it is not");
        return;
    }
    if (!capacity_check_id(decision, "contract.contract_id", &contract->contract_id,
                           &contract_id) ||
        !capacity_check_id(decision, "contract.provider_id", &contract->provider_id,
                           &provider_id) ||
        !check_contract(decision, contract))
        return;
    const Dw__Contract *known = capacity_contract(state, &contract_id);
    if (!capacity_check_is_new(known == NULL ? NULL : &known->base, &contract->base, "contract",
                               decision) ||
        !capacity_check_provider(state, &provider_id, decision))
        return;
    if (contract->framework != 0 && capacity_framework(ctx, contract->framework) == NULL) {
        refuse_framework(decision, contract->framework);
        return;
    }
    Dw__ContractAgreed agreed = DW__CONTRACT_AGREED__INIT;
    agreed.contract = contract;
    decision_emit(decision, &agreed.base);
}

/* --- what becomes of it --------------------------------------------------------------------------------------------- */

/* A contract and how it stands, which the deciding function changes and tells. */
struct told {
    Dw__Contract *contract;
    Dw__ContractStanding standing;
};

/* False after saying that there is no such contract. */
static bool find_contract(const struct state *state, const ProtobufCBinaryData *data,
                          struct decision *decision, struct told *ret_told)
{
    struct id contract_id;
    if (!capacity_check_id(decision, "contract_id", data, &contract_id))
        return false;
    const Dw__Contract *contract = capacity_contract(state, &contract_id);
    if (contract == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_UNKNOWN,
                        "There is no contract with this id; agree it first.");
        return false;
    }
    ret_told->contract = (Dw__Contract *)(uintptr_t)contract;
    ret_told->standing = capacity_standing(state, contract);
    return true;
}

/* All events of a contract have the same two fields; only their types differ. */
static void emit(struct decision *decision, const ProtobufCMessageDescriptor *type,
                 const struct told *told, enum contract_moved event)
{
    Dw__ContractStanding standing = told->standing;
    Dw__ContractExtended message = DW__CONTRACT_EXTENDED__INIT;
    if (!capacity_contract_move(&standing, event))
        return; /* its state allows no such thing, and the caller has looked */
    message.base.descriptor = type;
    message.contract = told->contract;
    message.standing = &standing;
    decision_emit(decision, &message.base);
}

static bool has_passed(const struct told *told, const struct context *ctx)
{
    return told->standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_ENDED ||
           (told->standing.to != NULL && told->standing.to->days < ctx->today);
}

/* Refuses what can only be done while the contract goes on. */
static bool check_goes_on(const struct told *told, const struct context *ctx,
                          struct decision *decision)
{
    if (!has_passed(told, ctx))
        return true;
    decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_ENDED,
                    "This contract has ended; agree a new one, under a fresh id.");
    return false;
}

/* The last date of a term that goes on for so many months: it began on the day after the one before. */
static int32_t term_end(int32_t last, uint32_t months)
{
    return calendar_add_months(last + 1, (int32_t)months) - 1;
}

/* False where the extension that is meant (0: the next) is exercised already, which is no event, or is not the next one. */
static bool is_next(uint32_t meant, uint32_t done, struct decision *decision)
{
    if (meant > done + 1)
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_EXTENSION_LEFT,
                        "Extension %u is the next; exercise them in their order.", done + 1);
    return meant == 0 || meant == done + 1;
}

void capacity_decide_exercise_extension(const struct state *state, const ProtobufCMessage *command,
                                        const struct context *ctx, struct decision *decision)
{
    const Dw__ExerciseExtension *wish = (const Dw__ExerciseExtension *)command;
    struct told told;
    if (!find_contract(state, &wish->contract_id, decision, &told))
        return;
    const uint32_t done = told.standing.extensions_exercised;
    if (!is_next(wish->extension, done, decision) || !check_goes_on(&told, ctx, decision))
        return;
    if (told.standing.ending != NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_ENDED,
                        "The end of this contract is set; agree a new one to go on.");
        return;
    }
    if (done >= told.contract->n_extension_months || told.standing.to == NULL) {
        decision_refuse(
            decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_EXTENSION_LEFT,
            "%u of %zu extensions of this contract are exercised, and there is no other "
            "end to put off; agree a new contract to go on.",
            done, told.contract->n_extension_months);
        return;
    }
    Dw__Date to = DW__DATE__INIT;
    to.days = term_end(told.standing.to->days, told.contract->extension_months[done]);
    told.standing.extensions_exercised = done + 1;
    told.standing.to = &to;
    emit(decision, &dw__contract_extended__descriptor, &told, CONTRACT_MOVED_EXTENDED);
}

void capacity_decide_close_contract(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision)
{
    struct told told;
    if (!find_contract(state, &((const Dw__CloseContract *)command)->contract_id, decision,
                       &told) ||
        !check_goes_on(&told, ctx, decision))
        return;
    if (told.standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_LIVE)
        emit(decision, &dw__contract_closed__descriptor, &told, CONTRACT_MOVED_CLOSED);
}

void capacity_decide_reopen_contract(const struct state *state, const ProtobufCMessage *command,
                                     const struct context *ctx, struct decision *decision)
{
    struct told told;
    if (!find_contract(state, &((const Dw__ReopenContract *)command)->contract_id, decision,
                       &told) ||
        !check_goes_on(&told, ctx, decision))
        return;
    if (told.standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_CLOSED_TO_NEW)
        emit(decision, &dw__contract_reopened__descriptor, &told, CONTRACT_MOVED_REOPENED);
}

/* A contract only ever becomes shorter by this; longer it becomes by what was agreed to extend. */
static bool check_last(const struct told *told, const Dw__EndContract *wish,
                       struct decision *decision)
{
    char date[CALENDAR_TEXT_SIZE];
    const int32_t known = capacity_date_or_never(told->standing.to);
    if (wish->last->days < told->contract->from->days) {
        calendar_to_text(told->contract->from->days, date);
        decision_invalid(decision, "last", "the contract begins on %s only", date);
    } else if (wish->last->days > known) {
        calendar_to_text(known, date);
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_CONTRACT_ENDED,
                        "This contract ends on %s already; exercise an extension to go on.", date);
    }
    return !decision_is_no(decision);
}

void capacity_decide_end_contract(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision)
{
    const Dw__EndContract *wish = (const Dw__EndContract *)command;
    struct told told;
    if (capacity_range_fault(wish->last, NULL) != NULL) {
        decision_invalid(decision, "last", "the last date must be said, in the years 1900 to 2199");
        return;
    }
    if (!find_contract(state, &wish->contract_id, decision, &told))
        return;
    const Dw__ContractEnding *known = told.standing.ending;
    if (known != NULL && known->reason == wish->reason &&
        told.standing.to->days == wish->last->days)
        return; /* it is so already */
    if (!check_goes_on(&told, ctx, decision) || !check_last(&told, wish, decision))
        return;
    Dw__ContractEnding ending = DW__CONTRACT_ENDING__INIT;
    ending.reason = wish->reason;
    told.standing.ending = &ending;
    told.standing.to = wish->last;
    emit(decision, &dw__contract_end_set__descriptor, &told, CONTRACT_MOVED_END_SET);
    if (has_passed(&told, ctx))
        emit(decision, &dw__contract_ended__descriptor, &told, CONTRACT_MOVED_ENDED);
}

uint32_t capacity_warning_days(const struct context *ctx)
{
    const uint32_t days = capacity_rules(ctx)->contract_warning_days;
    return days < WARNING_DAYS_MAX ? days : WARNING_DAYS_MAX;
}

void capacity_decide_check_contract(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision)
{
    struct told told;
    if (!find_contract(state, &((const Dw__CheckContract *)command)->contract_id, decision,
                       &told) ||
        told.standing.state == DW__CONTRACT_STATE__CONTRACT_STATE_ENDED)
        return; /* it was ended in the same turn */
    const struct framework_terms frameworks = capacity_framework_terms(state, ctx);
    Dw__Date last = DW__DATE__INIT;
    last.days = capacity_contract_last(state, told.contract, &frameworks);
    const bool is_told = told.standing.warned != NULL && told.standing.warned->days == last.days;
    if (has_passed(&told, ctx)) {
        emit(decision, &dw__contract_ended__descriptor, &told, CONTRACT_MOVED_ENDED);
    } else if (!is_told && last.days - (int32_t)capacity_warning_days(ctx) <= ctx->today) {
        told.standing.warned = &last;
        emit(decision, &dw__contract_nears_end__descriptor, &told, CONTRACT_MOVED_NEARS_END);
    }
}

/* --- frameworks ------------------------------------------------------------------------------------------------------ */

void capacity_decide_extend_framework(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision)
{
    const Dw__ExtendFramework *wish = (const Dw__ExtendFramework *)command;
    const uint32_t number = wish->framework;
    const Dw__Framework *framework = capacity_framework(ctx, number);
    if (framework == NULL) {
        refuse_framework(decision, number);
        return;
    }
    if (wish->exercised != NULL && (capacity_range_fault(wish->exercised, NULL) != NULL ||
                                    wish->exercised->days > ctx->today)) {
        decision_invalid(decision, "exercised",
                         "it is the day on which it was exercised: a past "
                         "one, or today");
        return;
    }
    const int32_t exercised = wish->exercised == NULL ? ctx->today : wish->exercised->days;
    const Dw__FrameworkTerm *known = capacity_framework_term(state, number);
    const Dw__Date *last = known == NULL ? framework->to : known->to;
    const uint32_t done = known == NULL ? 0 : known->extensions_exercised;
    if (!is_next(wish->extension, done, decision))
        return;
    if (done >= framework->n_extension_months || last == NULL) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_NO_EXTENSION_LEFT,
                        "All %zu extensions of framework %u are exercised; a new framework has to "
                        "be bought.",
                        framework->n_extension_months, number);
        return;
    }
    if (last->days < exercised) {
        decision_refuse(decision, DW__CAPACITY_REFUSAL__CAPACITY_REFUSAL_FRAMEWORK_ENDED,
                        "The term of framework %u had passed; say when the extension was exercised "
                        "if that was before, else a new framework has to be bought.",
                        number);
        return;
    }
    Dw__Date to = DW__DATE__INIT;
    Dw__FrameworkExtended extended = DW__FRAMEWORK_EXTENDED__INIT;
    to.days = term_end(last->days, framework->extension_months[done]);
    extended.framework = number;
    extended.to = &to;
    extended.extensions_exercised = done + 1;
    extended.exercised = wish->exercised;
    decision_emit(decision, &extended.base);
}
