/* A register on its way: opened, its parts several at a time, closed, and the receipt. Whatever breaks off, the next sending of the
 * same bytes goes on where it stopped, for the service knows which parts it has. */
#include "services/cli/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLIGHT_MAX =
        32, /* parts on their way: what attendance decides while Redis writes, twice over */
    WITHIN_MS = 60000, /* a part is sent again for so long */
    REFERENCE_SIZE = 65,
};

struct sending {
    struct cli *cli;
    const struct feed *feed;
    struct id feed_id;
    size_t in_flight;
    int code;
};

static void on_answered(void *context, const struct client_answer *answer)
{
    struct sending *sending = context;
    sending->in_flight--;
    if (strcmp(answer->type, "Accepted") == 0 || sending->code != EXIT_CODE_OK)
        return;
    if (answer->type[0] == '\0')
        sending->code = cli_fail(EXIT_CODE_TRY_LATER, "a part was not answered in time; send the "
                                                      "same file again and it goes on from there");
    else
        sending->code =
            cli_answer_code(sending->cli, answer->type, answer->body.bytes, answer->body.len);
}

/* --- a part --------------------------------------------------------------------------------------- */

static char *text_of(const char *text)
{
    return (
        char *)(uintptr_t)text; /* generated messages take text as char *, and change none of it */
}

static void fill_fault(const struct feed *feed, const struct feed_row *row, Dw__RowFault *ret_fault)
{
    const struct feed_fault *fault =
        (const struct feed_fault *)(const void *)feed->faults.bytes + row->fault - 1;
    dw__row_fault__init(ret_fault);
    ret_fault->row_number = fault->number;
    ret_fault->column = text_of(fault->column);
    ret_fault->value = text_of(fault->value);
    ret_fault->code = fault->code;
    ret_fault->reason = text_of(fault->reason);
    ret_fault->mend = text_of(fault->mend);
}

static void fill_entry(const struct feed *feed, const struct feed_row *row, Dw__RowEntry *ret_entry)
{
    dw__row_entry__init(ret_entry);
    ret_entry->row_number = row->number;
    ret_entry->person_ref = ((struct feed_ref *)(void *)feed->refs.bytes)[row->ref].text;
    ret_entry->date_days = row->date;
    ret_entry->session_case = (Dw__RowEntry__SessionCase)row->session_kind;
    if (ret_entry->session_case == DW__ROW_ENTRY__SESSION_SESSION_ID)
        ret_entry->session_id =
            id_to_data((const struct id *)(const void *)feed->session_ids.bytes + row->session);
    else if (ret_entry->session_case == DW__ROW_ENTRY__SESSION_PART)
        ret_entry->part = (Dw__SittingPart)row->session;
    else
        ret_entry->start_minutes = row->session;
    ret_entry->status = (Dw__AttendanceStatus)row->status;
    if (row->arrived != FEED_NO_TIME) {
        ret_entry->arrival_case = DW__ROW_ENTRY__ARRIVAL_ARRIVED_MINUTES;
        ret_entry->arrived_minutes = row->arrived;
    }
    if (row->left != FEED_NO_TIME) {
        ret_entry->departure_case = DW__ROW_ENTRY__DEPARTURE_LEFT_MINUTES;
        ret_entry->left_minutes = row->left;
    }
    ret_entry->units_e2 = row->units_e2;
}

static void send_part(struct sending *sending, uint32_t part)
{
    static Dw__RowEntry entries[FEED_PART_ROWS];
    static Dw__RowEntry *entry_list[FEED_PART_ROWS];
    static Dw__RowFault faults[FEED_PART_ROWS];
    static Dw__RowFault *fault_list[FEED_PART_ROWS];
    const struct feed *feed = sending->feed;
    const uint32_t *bounds = (const uint32_t *)(const void *)feed->parts.bytes;
    const uint32_t *order = (const uint32_t *)(const void *)feed->order.bytes;
    const struct feed_row *rows = (const struct feed_row *)(const void *)feed->rows.bytes;
    Dw__FeedRows message = DW__FEED_ROWS__INIT;
    message.feed_id = id_to_data(&sending->feed_id);
    message.part = part;
    message.rows = entry_list;
    message.faults = fault_list;
    for (uint32_t at = bounds[part - 1]; at < bounds[part]; at++) {
        const struct feed_row *row = &rows[order[at]];
        if (row->fault != 0) {
            fill_fault(feed, row, &faults[message.n_faults]);
            fault_list[message.n_faults] = &faults[message.n_faults];
            message.n_faults++;
        } else {
            fill_entry(feed, row, &entries[message.n_rows]);
            entry_list[message.n_rows] = &entries[message.n_rows];
            message.n_rows++;
        }
    }
    sending->in_flight++;
    (void)client_ask(sending->cli->client, sending->cli->authority, "attendance", &message.base,
                     NULL, WITHIN_MS, on_answered, sending);
}

static int send_parts(struct sending *sending, const Dw__FeedReceiptShown *receipt)
{
    const size_t flight_max = sending->feed->one_by_one ? 1 : FLIGHT_MAX;
    for (size_t at = 0; at < receipt->n_parts_missing && sending->code == EXIT_CODE_OK; at++) {
        while (sending->in_flight >= flight_max)
            client_turn(sending->cli->client);
        if (sending->code == EXIT_CODE_OK)
            send_part(sending, receipt->parts_missing[at]);
    }
    while (sending->in_flight > 0)
        client_turn(sending->cli->client);
    return sending->code;
}

/* --- the whole -------------------------------------------------------------------------------------- */

static int ask_accepted(struct cli *cli, const ProtobufCMessage *message)
{
    ProtobufCMessage *answer;
    const int code = cli_ask(cli, "attendance", message, NULL, &answer);
    if (code == EXIT_CODE_OK)
        protobuf_c_message_free_unpacked(answer, NULL);
    return code;
}

static int open_feed(struct sending *sending)
{
    const struct feed *feed = sending->feed;
    char reference[REFERENCE_SIZE];
    const struct csv utf8 = {.is_utf8 = true};
    const struct csv_cell name = {.bytes = feed->name, .len = (uint32_t)strlen(feed->name)};
    Dw__OpenFeed open = DW__OPEN_FEED__INIT;
    (void)csv_text(&utf8, &name, reference, sizeof reference);
    open.feed_id = id_to_data(&sending->feed_id);
    open.file_reference = reference;
    open.content_hash = (ProtobufCBinaryData){sizeof feed->hash, (uint8_t *)(uintptr_t)feed->hash};
    open.provider_id = feed->provider->provider_id;
    open.dialect = DW__FEED_DIALECT__FEED_DIALECT_DAYWAYS;
    open.mode = feed->mode;
    open.parts_total = (uint32_t)feed_parts_count(feed);
    return ask_accepted(sending->cli, &open.base);
}

/* A preview is known by its id, a file that counts by its bytes: it may have been sent before. */
static int ask_receipt(struct sending *sending, uint32_t page, Dw__FeedReceiptShown **ret_receipt)
{
    const struct feed *feed = sending->feed;
    Dw__FeedReceipt ask = DW__FEED_RECEIPT__INIT;
    ask.rejects_page = page;
    if (feed->mode == DW__FEED_MODE__FEED_MODE_PREVIEW) {
        ask.feed_id = id_to_data(&sending->feed_id);
    } else {
        ask.provider_id = feed->provider->provider_id;
        ask.content_hash =
            (ProtobufCBinaryData){sizeof feed->hash, (uint8_t *)(uintptr_t)feed->hash};
    }
    return cli_query(sending->cli, "attendance", &ask.base, (ProtobufCMessage **)ret_receipt);
}

static int compare_rejects(const void *left, const void *right)
{
    const uint32_t one = (*(Dw__RowFault *const *)left)->row_number;
    const uint32_t two = (*(Dw__RowFault *const *)right)->row_number;
    return (one > two) - (one < two);
}

/* Moves the rejects of another page into the receipt. */
static void add_page(Dw__FeedReceiptShown *receipt, Dw__FeedReceiptShown *page)
{
    const size_t count = receipt->n_rejects + page->n_rejects;
    receipt->rejects = realloc(receipt->rejects, (count + 1) * sizeof receipt->rejects[0]);
    if (receipt->rejects == NULL)
        abort();
    if (page->n_rejects > 0)
        memcpy(receipt->rejects + receipt->n_rejects, page->rejects,
               page->n_rejects * sizeof page->rejects[0]);
    receipt->n_rejects = count;
    page->n_rejects = 0;
}

static int fetch_receipt(struct sending *sending, Dw__FeedReceiptShown **ret_receipt)
{
    Dw__FeedReceiptShown *receipt;
    int code = ask_receipt(sending, 1, &receipt);
    if (code != EXIT_CODE_OK)
        return code;
    for (uint32_t number = 2; number <= receipt->rejects_pages && code == EXIT_CODE_OK; number++) {
        Dw__FeedReceiptShown *page;
        code = ask_receipt(sending, number, &page);
        if (code != EXIT_CODE_OK)
            break;
        add_page(receipt, page);
        dw__feed_receipt_shown__free_unpacked(page, NULL);
    }
    if (code != EXIT_CODE_OK) {
        dw__feed_receipt_shown__free_unpacked(receipt, NULL);
        return code;
    }
    if (receipt->n_rejects > 0)
        qsort(receipt->rejects, receipt->n_rejects, sizeof receipt->rejects[0], compare_rejects);
    *ret_receipt = receipt;
    return EXIT_CODE_OK;
}

/* What was found before anything was sent, when it is not a first sending. */
static int tell_known(const struct sending *sending, const Dw__FeedReceiptShown *receipt)
{
    const size_t total = feed_parts_count(sending->feed);
    if (receipt->feed->parts_total != total)
        return cli_fail(
            EXIT_CODE_FAILED,
            "%s was begun by another version of Dayways, in other parts; end it with that",
            sending->feed->name);
    if (receipt->feed->closed)
        fprintf(stderr, "dayways: %s was sent before; nothing changes, and this is its receipt\n",
                sending->feed->name);
    else if (receipt->n_parts_missing < total)
        fprintf(stderr, "dayways: %s was broken off; %zu of %zu parts are there already\n",
                sending->feed->name, total - receipt->n_parts_missing, total);
    return EXIT_CODE_OK;
}

int feed_send(struct cli *cli, struct feed *feed, Dw__FeedReceiptShown **ret_receipt)
{
    struct sending sending = {.cli = cli, .feed = feed, .feed_id = client_new_id(cli->client)};
    Dw__FeedReceiptShown *receipt;
    int code = open_feed(&sending);
    if (code == EXIT_CODE_OK)
        code = ask_receipt(&sending, 1, &receipt);
    if (code != EXIT_CODE_OK)
        return code;
    if (!id_from_data(&receipt->feed_id, &sending.feed_id))
        code = cli_fail(EXIT_CODE_FAILED, "attendance told a receipt without an id");
    if (code == EXIT_CODE_OK)
        code = tell_known(&sending, receipt);
    if (code == EXIT_CODE_OK)
        code = send_parts(&sending, receipt);
    if (code == EXIT_CODE_OK && !receipt->feed->closed) {
        Dw__CloseFeed close = DW__CLOSE_FEED__INIT;
        close.feed_id = id_to_data(&sending.feed_id);
        code = ask_accepted(cli, &close.base);
    }
    dw__feed_receipt_shown__free_unpacked(receipt, NULL);
    return code == EXIT_CODE_OK ? fetch_receipt(&sending, ret_receipt) : code;
}
