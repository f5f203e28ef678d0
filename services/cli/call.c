/* Any command or query, as JSON from the standard input; the answer as JSON on the standard output. */
#include "services/cli/cli.h"

#include "common/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "call SERVICE MESSAGE [--id UUID] [--explain] < message.json";

static bool is_service(const char *name)
{
    for (size_t at = 0; cli_services[at] != NULL; at++)
        if (strcmp(cli_services[at], name) == 0)
            return true;
    return false;
}

/* The message from the standard input; an empty input is a message without fields. */
static int read_message(const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret_message)
{
    struct buffer text = {0};
    struct json_error wrong = {0};
    int code = EXIT_CODE_OK;
    if (cli_read(NULL, &text) < 0)
        code = cli_fail(EXIT_CODE_DATA, "the standard input cannot be read");
    const size_t blank = code == EXIT_CODE_OK ? strspn((const char *)text.bytes, " \t\r\n") : 0;
    if (code == EXIT_CODE_OK && memchr(text.bytes, '\0', text.len) != NULL)
        code = cli_fail(EXIT_CODE_DATA, "the standard input is no JSON: it has a NUL byte in it");
    if (code == EXIT_CODE_OK && blank == text.len) {
        buffer_clear(&text);
        buffer_append(&text, "{}", 3);
        text.len--;
    }
    if (code == EXIT_CODE_OK &&
        json_to_message(type, (const char *)text.bytes, text.len, NULL, ret_message, &wrong) < 0)
        code = cli_fail(EXIT_CODE_DATA, "%s%s%s", wrong.path, *wrong.path != '\0' ? ": " : "",
                        wrong.sentence);
    buffer_free(&text);
    return code;
}

int cli_call(struct cli *cli)
{
    const char *id_text = cli_take(cli, "--id");
    struct id id;
    ProtobufCMessage *message;
    ProtobufCMessage *answer;
    char *text = NULL;
    cli->explain = cli_take_flag(cli, "--explain");
    if (!cli_left(cli, 2, 2, usage))
        return EXIT_CODE_USAGE;
    const char *service = cli->argv[1];
    const ProtobufCMessageDescriptor *type = message_find(cli->argv[2]);
    if (!is_service(service))
        return cli_fail(EXIT_CODE_USAGE, "there is no service %s", service);
    if (type == NULL)
        return cli_fail(EXIT_CODE_USAGE, "there is no message %s", cli->argv[2]);
    if (id_text != NULL && id_from_text(id_text, &id) < 0)
        return cli_fail(EXIT_CODE_USAGE, "--id must be a UUID");
    int code = cli_connect(cli);
    if (code == EXIT_CODE_OK)
        code = read_message(type, &message);
    if (code != EXIT_CODE_OK)
        return code;
    if (id_text == NULL)
        id = client_new_id(cli->client);
    code = cli_ask(cli, service, message, &id, &answer);
    if (code == EXIT_CODE_OK) {
        if (json_from_message(answer, true, &text) < 0)
            code = cli_fail(EXIT_CODE_FAILED, "the answer cannot be told as JSON");
        else
            fputs(text, stdout);
        free(text);
        protobuf_c_message_free_unpacked(answer, NULL);
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return code;
}
