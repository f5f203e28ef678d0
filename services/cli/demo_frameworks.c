/* A model's frameworks have dates, and a demonstration lies around today: once a first term has passed, the council must have gone on
 * with an extension, or nobody could be placed under it. */
#include "services/cli/demo.h"

#include "common/calendar.h"
#include "services/cli/cli.h"

static bool is_used(const struct demo_plan *plan, uint32_t framework)
{
    for (size_t at = 0; at < plan->providers_count; at++)
        if (plan->providers[at].as->framework == framework)
            return true;
    return false;
}

/* Records the extension after those that are exercised. An exit code. */
static int extend(struct cli *cli, const Dw__FrameworkTermFound *term)
{
    ProtobufCMessage *answer;
    Dw__ExtendFramework command = DW__EXTEND_FRAMEWORK__INIT;
    command.framework = term->framework->number;
    command.extension = term->extensions_exercised + 1;
    command.exercised = term->to;
    const int code = cli_ask(cli, "capacity", &command.base, NULL, &answer);
    if (code == EXIT_CODE_OK)
        protobuf_c_message_free_unpacked(answer, NULL);
    return code;
}

/* Records the next extension where the term has passed and there is one. An exit code; *ret_is_done: there is nothing more to do. */
static int extend_past(struct cli *cli, uint32_t framework, int32_t today, bool *ret_is_done)
{
    ProtobufCMessage *answer;
    Dw__GetFrameworkTerm query = DW__GET_FRAMEWORK_TERM__INIT;
    query.framework = framework;
    int code = cli_query(cli, "capacity", &query.base, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    const Dw__FrameworkTermFound *term = (const Dw__FrameworkTermFound *)answer;
    *ret_is_done = term->to == NULL || term->to->days >= today ||
                   term->extensions_exercised >= term->framework->n_extension_months;
    if (!*ret_is_done)
        code = extend(cli, term);
    protobuf_c_message_free_unpacked(answer, NULL);
    return code;
}

int demo_extend_frameworks(struct cli *cli, const struct demo_plan *plan)
{
    const int32_t today = calendar_london_date(client_now_ms(cli->client));
    int code = EXIT_CODE_OK;
    for (size_t at = 0; at < plan->model->n_frameworks && code == EXIT_CODE_OK; at++) {
        const uint32_t number = plan->model->frameworks[at]->number;
        for (bool is_done = !is_used(plan, number); !is_done && code == EXIT_CODE_OK;)
            code = extend_past(cli, number, today, &is_done);
    }
    return code;
}
