/* `dayways feed`: a provider's register from a CSV file, in earnest or as a preview, and what became of its rows. */
#include "services/cli/feed.h"

#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "feed send|preview FILE [--provider REFERENCE|UUID] [--rejects FILE] [--json]\n"
    "       FILE is CSV with the columns person_ref, session_date, session, status, and any of\n"
    "       provider_ref, arrived, left, units, reason, row_ref. The same file again changes "
    "nothing.\n"
    "       Exit code 65: some rows were rejected; the others are in.";

/* --- for whom ------------------------------------------------------------------------------------- */

/* By number or reference, of which there is one each, or by name. */
static bool is_provider(const Dw__Provider *provider, const char *text)
{
    char number[ID_TEXT_SIZE];
    struct id id = {{0}};
    (void)id_from_data(&provider->provider_id, &id);
    id_to_text(&id, number);
    return strcasecmp(text, number) == 0 || strcasecmp(text, provider->reference) == 0;
}

/* Takes the providers of one answer that are meant out of it. The number of them that only have the name. */
static size_t take_provider(Dw__ProvidersListed *listed, const char *text, Dw__Provider **provider,
                            bool *ret_sure)
{
    size_t named = 0;
    for (size_t at = 0; at < listed->n_providers && !*ret_sure; at++) {
        *ret_sure = is_provider(listed->providers[at], text);
        const bool has_name = strcasecmp(text, listed->providers[at]->name) == 0;
        named += has_name;
        if (!*ret_sure && !has_name)
            continue;
        Dw__Provider *other = *provider;
        *provider = listed->providers[at];
        listed->providers[at] = other; /* what stays in the answer is freed with it */
    }
    return named;
}

/* Goes through the council's providers, a hundred at a time. EXIT_CODE_DATA when none is meant, or more than one. */
static int find_provider(struct cli *cli, const char *text, Dw__Provider **ret_provider)
{
    char after[64] = "";
    bool is_sure = false;
    size_t named = 0;
    size_t count;
    do {
        ProtobufCMessage *answer;
        Dw__ListProviders list = DW__LIST_PROVIDERS__INIT;
        list.after_reference = after;
        const int code = cli_query(cli, "capacity", &list.base, &answer);
        if (code != EXIT_CODE_OK)
            return code;
        Dw__ProvidersListed *listed = (Dw__ProvidersListed *)answer;
        count = listed->n_providers;
        if (count > 0)
            (void)snprintf(after, sizeof after, "%s", listed->providers[count - 1]->reference);
        named += take_provider(listed, text, ret_provider, &is_sure);
        protobuf_c_message_free_unpacked(answer, NULL);
    } while (count > 0 && !is_sure);
    if (*ret_provider == NULL)
        return cli_fail(EXIT_CODE_DATA, "there is no provider %s", text);
    if (!is_sure && named > 1)
        return cli_fail(EXIT_CODE_DATA, "%zu providers are named %s; say the reference", named,
                        text);
    return EXIT_CODE_OK;
}

/* The provider whose key is spoken with; false: council staff. */
static bool own_provider(struct cli *cli, char ret_text[ID_TEXT_SIZE])
{
    char error[256];
    struct auth *auth;
    if (auth_load(conf_text(cli->conf, "dayways", "keys_directory"), &auth, error, sizeof error) <
        0)
        return false;
    const struct allowed_key *key = auth_by_name(auth, cli->key_name);
    const bool is_own = key != NULL && !id_is_zero(&key->provider_id);
    if (is_own)
        id_to_text(&key->provider_id, ret_text);
    auth_destroy(&auth);
    return is_own;
}

/* The first row's provider; "" when no row names one. */
static void first_provider(const struct feed *feed, char *ret_text, size_t size)
{
    const int place = feed->header.places[FEED_PROVIDER_REF];
    struct csv csv = feed->csv;
    struct csv_row row;
    ret_text[0] = '\0';
    while (place >= 0 && ret_text[0] == '\0' && csv_next(&csv, &row) == CSV_ROW)
        if ((size_t)place < row.count)
            (void)csv_text(&csv, &row.cells[place], ret_text, size);
}

static int settle_provider(struct cli *cli, struct feed *feed, const char *text)
{
    char own[ID_TEXT_SIZE];
    char first[FEED_VALUE_SIZE];
    if (text == NULL && own_provider(cli, own))
        text = own;
    if (text == NULL) {
        first_provider(feed, first, sizeof first);
        text = first;
    }
    if (text[0] == '\0')
        return cli_fail(EXIT_CODE_USAGE,
                        "whose register is it? Say --provider, or have a column provider_ref");
    return find_provider(cli, text, &feed->provider);
}

/* --- what became of it ------------------------------------------------------------------------------ */

static int print_json(Dw__FeedReceiptShown *receipt)
{
    char *text;
    if (json_from_message(&receipt->base, true, &text) < 0)
        return cli_fail(EXIT_CODE_FAILED, "the receipt cannot be told as JSON");
    fputs(text, stdout);
    free(text);
    return EXIT_CODE_OK;
}

static void print_table(const struct feed *feed, const Dw__FeedReceiptShown *receipt,
                        const char *rejects_path)
{
    const Dw__FeedCounts *counts = receipt->feed->counts;
    const bool is_preview = feed->mode == DW__FEED_MODE__FEED_MODE_PREVIEW;
    printf("%s for %s%s\n\n", feed->name, feed->provider->name,
           is_preview ? " (preview: no record was changed)" : "");
    printf("  read       %8u\n", counts->read);
    printf("  new        %8u\n", counts->added);
    printf("  updated    %8u\n", counts->updated);
    printf("  unchanged  %8u\n", counts->unchanged);
    printf("  rejected   %8u%s%s\n", counts->rejected, counts->rejected > 0 ? "  see " : "",
           counts->rejected > 0 ? rejects_path : "");
    printf("  unmatched  %8u%s\n", counts->unmatched,
           counts->unmatched > 0 ? "  wait until person and placement are known" : "");
}

static int run(struct cli *cli, struct feed *feed, const char *provider, const char *rejects)
{
    char rejects_path[CLI_PATH_SIZE] = "";
    Dw__FeedReceiptShown *receipt;
    int code = feed_open(feed, cli->argv[2]);
    if (code == EXIT_CODE_OK)
        code = cli_connect(cli);
    if (code == EXIT_CODE_OK)
        code = settle_provider(cli, feed, provider);
    if (code == EXIT_CODE_OK)
        code = feed_read_rows(feed);
    if (code == EXIT_CODE_OK)
        code = feed_send(cli, feed, &receipt);
    if (code != EXIT_CODE_OK)
        return code;
    /* Whatever becomes of the file of rejects, the rows are in, and that is told. */
    const int written =
        feed_write_rejects(feed, receipt, rejects, rejects_path, sizeof rejects_path);
    if (cli->json)
        code = print_json(receipt);
    else
        print_table(feed, receipt, rejects_path);
    if (code == EXIT_CODE_OK)
        code = written;
    if (code == EXIT_CODE_OK && receipt->feed->counts->rejected > 0)
        code = EXIT_CODE_DATA;
    dw__feed_receipt_shown__free_unpacked(receipt, NULL);
    return code;
}

int cli_feed(struct cli *cli)
{
    static struct feed feed;
    const char *provider = cli_take(cli, "--provider");
    const char *rejects = cli_take(cli, "--rejects");
    if (!cli_left(cli, 2, 2, usage))
        return EXIT_CODE_USAGE;
    const bool is_send = strcmp(cli->argv[1], "send") == 0;
    if (!is_send && strcmp(cli->argv[1], "preview") != 0)
        return cli_fail(EXIT_CODE_USAGE, "a feed is sent or previewed, not %s", cli->argv[1]);
    if (rejects != NULL && strcmp(rejects, cli->argv[2]) == 0)
        return cli_fail(EXIT_CODE_USAGE, "the rejects would stand in the place of the register");
    feed = (struct feed){.path = cli->argv[2]};
    feed.mode = is_send ? DW__FEED_MODE__FEED_MODE_COMMIT : DW__FEED_MODE__FEED_MODE_PREVIEW;
    const int code = run(cli, &feed, provider, rejects);
    feed_close(&feed);
    return code;
}
