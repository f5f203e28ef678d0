/* `dayways person export|erase`: what is held of a person as JSON, and having it erased: one asks, another decides. */
#include "services/cli/cli.h"

#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outcomes.pb-c.h"
#include "placements.pb-c.h"
#include "referrals.pb-c.h"

static const char usage[] = "person export PERSON | person erase PERSON [--ask REASON]";

/* Prints an answer as a document of its own. */
static int print_answer(const struct cli *cli, const ProtobufCMessage *answer)
{
    char *text = NULL;
    int code = EXIT_CODE_OK;
    if (json_from_message(answer, !cli->json, &text) == 0)
        printf("%s%s", text, cli->json ? "\n" : "");
    else
        code = cli_fail(EXIT_CODE_FAILED, "the answer cannot be written as JSON");
    free(text);
    return code;
}

/* What placements holds: the placements themselves, a document a page, and what was written about them. */
static int export_placements(struct cli *cli, const struct id *person_id)
{
    ProtobufCMessage *answer;
    Dw__ListPlacements list = DW__LIST_PLACEMENTS__INIT;
    Dw__PersonTextsHeld held = DW__PERSON_TEXTS_HELD__INIT;
    uint32_t shown = 0;
    uint32_t total = 1;
    int code = EXIT_CODE_OK;
    list.person_id = held.person_id = id_to_data(person_id);
    list.per_page = 100;
    for (list.page = 1; code == EXIT_CODE_OK && shown < total; list.page++) {
        code = cli_query(cli, "placements", &list.base, &answer);
        if (code != EXIT_CODE_OK)
            return code;
        shown += (uint32_t)((const Dw__PlacementList *)answer)->n_placements;
        total = ((const Dw__PlacementList *)answer)->total;
        code = print_answer(cli, answer);
        protobuf_c_message_free_unpacked(answer, NULL);
    }
    if (code == EXIT_CODE_OK)
        code = cli_query(cli, "placements", &held.base, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    code = print_answer(cli, answer);
    protobuf_c_message_free_unpacked(answer, NULL);
    return code;
}

/* What outcomes holds, a document a page. */
static int export_outcomes(struct cli *cli, const struct id *person_id)
{
    ProtobufCMessage *answer;
    Dw__OutcomesHeld held = DW__OUTCOMES_HELD__INIT;
    size_t shown = 0;
    uint32_t total = 1;
    int code = EXIT_CODE_OK;
    held.person_id = id_to_data(person_id);
    for (held.page = 1; code == EXIT_CODE_OK && shown < total; held.page++) {
        code = cli_query(cli, "outcomes", &held.base, &answer);
        if (code != EXIT_CODE_OK)
            return code;
        const Dw__OutcomesHeldShown *page = (const Dw__OutcomesHeldShown *)answer;
        shown += page->n_pieces;
        total = page->n_pieces == 0 ? 0 : page->total;
        code = print_answer(cli, answer);
        protobuf_c_message_free_unpacked(answer, NULL);
    }
    return code;
}

/* What a service cannot tell now makes the whole fail: half of what is held is no answer to who asks for all of it.
 * A document a page; there is one more while what was shown is less than there is. */
static int export_person(struct cli *cli, const struct id *person_id)
{
    Dw__SubjectAccess query = DW__SUBJECT_ACCESS__INIT;
    uint32_t shown = 0;
    uint32_t total = 1;
    int code = EXIT_CODE_OK;
    query.person_id = id_to_data(person_id);
    for (query.page = 1; code == EXIT_CODE_OK && shown < total; query.page++) {
        ProtobufCMessage *answer;
        code = cli_query(cli, "referrals", &query.base, &answer);
        if (code != EXIT_CODE_OK)
            return code;
        const Dw__SubjectAccessShown *page = (const Dw__SubjectAccessShown *)answer;
        shown += (uint32_t)page->n_referrals;
        total = page->n_referrals == 0 ? shown : page->total;
        code = print_answer(cli, answer);
        protobuf_c_message_free_unpacked(answer, NULL);
    }
    if (code == EXIT_CODE_OK)
        code = export_placements(cli, person_id);
    return code == EXIT_CODE_OK ? export_outcomes(cli, person_id) : code;
}

static int erase_person(struct cli *cli, const struct id *person_id, const char *reason)
{
    Dw__RequestErasure request = DW__REQUEST_ERASURE__INIT;
    Dw__ErasePerson erase = DW__ERASE_PERSON__INIT;
    ProtobufCMessage *answer;
    int value;
    request.person_id = erase.person_id = id_to_data(person_id);
    if (reason != NULL) {
        if (cli_enum(&dw__erasure_reason__descriptor, reason, &value) < 0)
            return EXIT_CODE_USAGE;
        request.reason = (Dw__ErasureReason)value;
    }
    const int code =
        cli_ask(cli, "referrals", reason != NULL ? &request.base : &erase.base, NULL, &answer);
    if (code != EXIT_CODE_OK)
        return code;
    protobuf_c_message_free_unpacked(answer, NULL);
    puts(reason != NULL
             ? "Asked for. A data protection officer decides: person erase PERSON."
             : "Erased. It leaves the store's file within ten minutes; backups that were made "
               "before hold the person still.");
    return EXIT_CODE_OK;
}

int cli_person(struct cli *cli)
{
    struct id person_id;
    const char *reason = cli_take(cli, "--ask");
    if (!cli_left(cli, 2, 2, usage))
        return EXIT_CODE_USAGE;
    const bool is_export = strcmp(cli->argv[1], "export") == 0;
    if (!is_export && strcmp(cli->argv[1], "erase") != 0)
        return cli_fail(EXIT_CODE_USAGE, "usage: dayways %s", usage);
    if (id_from_text(cli->argv[2], &person_id) < 0)
        return cli_fail(EXIT_CODE_USAGE, "%s is no person number (UUID)", cli->argv[2]);
    return is_export ? export_person(cli, &person_id) : erase_person(cli, &person_id, reason);
}
