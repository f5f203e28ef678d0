/* Configuration, connections and answers, for all subcommands. */
#include "services/cli/cli.h"

#include "common/calendar.h"
#include "common/text.h"
#include "proto/messages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ENDPOINTS_MAX = 16, AUTHORITIES_MAX = 512, FILE_SIZE_MAX = 64 * 1024 * 1024 };

const char *const cli_services[] = {"capacity", "placements", "referrals", "attendance",
                                    "outcomes", "reporting",  NULL};

int cli_fail(enum exit_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "dayways: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    return (int)code;
}

void cli_money(int64_t pence, char *ret_text, size_t size)
{
    char digits[32];
    char grouped[48] = "";
    const int64_t whole = pence < 0 ? -pence : pence;
    (void)text_format(digits, sizeof digits, "%lld", (long long)(whole / 100));
    const size_t len = strlen(digits);
    size_t to = 0;
    for (size_t at = 0; at < len; at++) {
        if (at > 0 && (len - at) % 3 == 0)
            grouped[to++] = ',';
        grouped[to++] = digits[at];
    }
    grouped[to] = '\0';
    (void)text_format(ret_text, size, "%s£%s.%02d", pence < 0 ? "-" : "", grouped,
                      (int)(whole % 100));
}

/* "learning-disability" is "_LEARNING_DISABILITY". */
static bool names_value(const char *name, const char *text)
{
    const size_t name_len = strlen(name);
    const size_t len = strlen(text);
    if (name_len <= len || name[name_len - len - 1] != '_')
        return false;
    for (size_t at = 0; at < len; at++) {
        char byte = text[at];
        if (byte >= 'a' && byte <= 'z')
            byte = (char)(byte - 'a' + 'A');
        if ((byte == '-' ? '_' : byte) != name[name_len - len + at])
            return false;
    }
    return true;
}

void cli_enum_names(const ProtobufCEnumDescriptor *type)
{
    for (unsigned at = 0; at < type->n_values; at++)
        if (type->values[at].value != 0)
            fprintf(stderr, "  %s\n", type->values[at].name);
}

int cli_enum(const ProtobufCEnumDescriptor *type, const char *text, int *ret_value)
{
    for (unsigned at = 0; at < type->n_values; at++)
        if (type->values[at].value != 0 && names_value(type->values[at].name, text)) {
            *ret_value = type->values[at].value;
            return 0;
        }
    fprintf(stderr, "dayways: there is no %s %s; there are:\n", type->short_name, text);
    cli_enum_names(type);
    return -EINVAL;
}

/* --- configuration ----------------------------------------------------------------------------- */

/* The first that is configured, unless one is named; that one must be there, or every answer about it would be a guess. */
static int settle_authority(struct cli *cli)
{
    const char *names[AUTHORITIES_MAX];
    const size_t all = conf_sections(cli->conf, "authority", names, AUTHORITIES_MAX);
    const size_t count = all < AUTHORITIES_MAX ? all : AUTHORITIES_MAX;
    if (count == 0)
        return cli_fail(EXIT_CODE_CONFIG, "%s names no authority", cli->config);
    if (cli->authority == NULL) {
        cli->authority = names[0];
        return EXIT_CODE_OK;
    }
    for (size_t at = 0; at < count; at++)
        if (strcmp(names[at], cli->authority) == 0)
            return EXIT_CODE_OK;
    (void)cli_fail(EXIT_CODE_USAGE, "%s has no authority %s; it has:", cli->config, cli->authority);
    for (size_t at = 0; at < count; at++)
        fprintf(stderr, "  %s\n", names[at]);
    return EXIT_CODE_USAGE;
}

int cli_configure(struct cli *cli)
{
    char error[512] = "";
    if (cli->conf != NULL)
        return EXIT_CODE_OK;
    if (conf_load(cli->config, NULL, 0, &cli->conf, error, sizeof error) < 0)
        return cli_fail(EXIT_CODE_CONFIG, "%s", error);
    return settle_authority(cli);
}

const char *cli_item(struct cli *cli, const char *service, const char *key, size_t number,
                     char *ret_item, size_t size)
{
    const char *at = conf_text(cli->conf, service, key);
    for (; at != NULL && number > 0; number--) {
        at = strchr(at, ',');
        at = at == NULL ? NULL : at + 1;
    }
    if (at == NULL)
        return NULL;
    at += strspn(at, " ");
    return text_copy(ret_item, size, at, strcspn(at, ", ")) == 0 ? ret_item : NULL;
}

int cli_connect(struct cli *cli)
{
    char error[512] = "the client could not be made";
    char endpoint[512];
    const int code = cli_configure(cli);
    if (code != EXIT_CODE_OK || cli->client != NULL)
        return code;
    cli->client = client_create(conf_text(cli->conf, "dayways", "keys_directory"), cli->key_name,
                                error, sizeof error);
    if (cli->client == NULL)
        return cli_fail(EXIT_CODE_CONFIG, "%s", error);
    for (size_t at = 0; cli_services[at] != NULL; at++)
        for (size_t number = 0; number < ENDPOINTS_MAX; number++) {
            if (cli_item(cli, cli_services[at], "router", number, endpoint, sizeof endpoint) ==
                NULL)
                break;
            (void)client_add(cli->client, cli_services[at], endpoint);
        }
    return EXIT_CODE_OK;
}

void cli_print_time(int64_t utc_ms)
{
    char date[CALENDAR_TEXT_SIZE];
    const int minutes = calendar_london_minutes(utc_ms);
    calendar_to_text(calendar_london_date(utc_ms), date);
    printf("%s %02d:%02d:%02d ", date, minutes / 60, minutes % 60, (int)(utc_ms / 1000 % 60));
}

/* --- answers ----------------------------------------------------------------------------------- */

static void explain(const char *name)
{
    for (size_t at = 0; message_rules[at].name != NULL; at++)
        if (strcmp(message_rules[at].name, name) == 0)
            fprintf(stderr, "The rule: %s\n", message_rules[at].rule);
}

/* The rule of a field by its path, "requirement.sessions[2].part"; of one that is not known there is none. */
static void explain_field(const ProtobufCMessageDescriptor *type, const char *path)
{
    char name[128];
    while (type != NULL) {
        const size_t len = strcspn(path, ".[");
        if (text_copy(name, sizeof name, path, len) < 0)
            return;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, name);
        if (field == NULL)
            return;
        path += strcspn(path, ".");
        if (*path == '\0') {
            if (text_format(name, sizeof name, "%s.%s", type->short_name, field->name) >= 0)
                explain(name);
            return;
        }
        path++;
        type = field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
    }
}

static int tell_failed(const struct cli *cli, const Dw__Failed *failed)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&dw__error_code__descriptor, (int)failed->code);
    const char *name = value == NULL ? "?" : value->name + strlen("ERROR_CODE_");
    const bool unknown = failed->code == DW__ERROR_CODE__ERROR_CODE_UNAVAILABLE ||
                         failed->code == DW__ERROR_CODE__ERROR_CODE_FROZEN ||
                         failed->code == DW__ERROR_CODE__ERROR_CODE_BUSY;
    fprintf(stderr, "%s: %s%s%s%s\n", name, failed->sentence, *failed->field != '\0' ? " (" : "",
            failed->field, *failed->field != '\0' ? ")" : "");
    if (cli->explain && value != NULL) {
        explain(value->name);
        explain_field(cli->asked, failed->field);
    }
    if (failed->code == DW__ERROR_CODE__ERROR_CODE_INVALID)
        return EXIT_CODE_DATA;
    return unknown ? EXIT_CODE_TRY_LATER : EXIT_CODE_FAILED;
}

int cli_answer_code(const struct cli *cli, const char *type, const void *body, size_t len)
{
    int code = EXIT_CODE_OK;
    if (strcmp(type, "Refused") == 0) {
        Dw__Refused *refused = dw__refused__unpack(NULL, len, body);
        code = EXIT_CODE_FAILED;
        if (refused != NULL) {
            fprintf(stderr, "%s: %s\n", refused->code, refused->sentence);
            if (cli->explain)
                explain(refused->code);
            dw__refused__free_unpacked(refused, NULL);
        }
    } else if (strcmp(type, "Failed") == 0) {
        Dw__Failed *failed = dw__failed__unpack(NULL, len, body);
        code = failed == NULL ? EXIT_CODE_FAILED : tell_failed(cli, failed);
        if (failed != NULL)
            dw__failed__free_unpacked(failed, NULL);
    }
    return code;
}

/* What is said of silence: a question was not answered; of a command nobody knows. */
enum asked { QUESTION, COMMAND };

static int tell_silence(enum asked asked, const char *service, const struct id *id)
{
    char id_text[ID_TEXT_SIZE];
    if (asked == QUESTION)
        return cli_fail(EXIT_CODE_UNAVAILABLE, "%s does not answer; see dayways status", service);
    if (id == NULL)
        return cli_fail(EXIT_CODE_TRY_LATER,
                        "%s gave no answer in time; whether it was done is not known", service);
    id_to_text(id, id_text);
    return cli_fail(EXIT_CODE_TRY_LATER,
                    "%s gave no answer in time; whether it was done is not known: ask again with "
                    "--id %s",
                    service, id_text);
}

static int ask(struct cli *cli, const char *service, const ProtobufCMessage *message,
               enum asked asked, const struct id *id, ProtobufCMessage **ret_answer)
{
    char type[64];
    struct buffer body = {0};
    int code = cli_connect(cli);
    if (code != EXIT_CODE_OK)
        return code;
    cli->asked = message->descriptor;
    const struct id used = id != NULL ? *id : client_new_id(cli->client);
    if (client_call(cli->client, cli->authority, service, message, &used, CLI_ANSWER_WITHIN_MS,
                    type, &body) < 0) {
        buffer_free(&body);
        return tell_silence(asked, service, id);
    }
    code = cli_answer_code(cli, type, body.bytes, body.len);
    const ProtobufCMessageDescriptor *descriptor = message_find(type);
    if (code == EXIT_CODE_OK) {
        *ret_answer = descriptor == NULL
                          ? NULL
                          : protobuf_c_message_unpack(descriptor, NULL, body.len, body.bytes);
        if (*ret_answer == NULL)
            code = cli_fail(EXIT_CODE_FAILED, "%s answered %s, which is not known here", service,
                            type);
    }
    buffer_free(&body);
    return code;
}

int cli_ask(struct cli *cli, const char *service, const ProtobufCMessage *message,
            const struct id *id, ProtobufCMessage **ret_answer)
{
    return ask(cli, service, message, COMMAND, id, ret_answer);
}

int cli_query(struct cli *cli, const char *service, const ProtobufCMessage *message,
              ProtobufCMessage **ret_answer)
{
    return ask(cli, service, message, QUESTION, NULL, ret_answer);
}

/* --- the machine ------------------------------------------------------------------------------- */

int cli_binary_folder(char *ret_path, size_t size)
{
    const ssize_t len = readlink("/proc/self/exe", ret_path, size - 1);
    if (len < 0)
        return -errno;
    ret_path[len] = '\0';
    char *slash = strrchr(ret_path, '/');
    if (slash == NULL)
        return -EINVAL;
    *slash = '\0';
    return 0;
}

static int open_connection(const char *address)
{
    char host[64];
    int64_t port;
    struct sockaddr_in to = {.sin_family = AF_INET};
    const char *colon = strrchr(address, ':');
    if (colon == NULL || text_copy(host, sizeof host, address, (size_t)(colon - address)) < 0 ||
        text_to_int64(colon + 1, 1, 65535, &port) < 0 ||
        inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return -EINVAL;
    to.sin_port = htons((uint16_t)port);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec = 2};
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    const int error = -errno;
    close(fd);
    return error;
}

int cli_http(const char *address, const char *path, char *ret_body, size_t size)
{
    char request[256];
    int status = 0;
    size_t len = 0;
    ssize_t count = 1;
    ret_body[0] = '\0';
    const int fd = open_connection(address);
    if (fd < 0)
        return 0;
    (void)text_format(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", path);
    if (write(fd, request, strlen(request)) > 0)
        while (len + 1 < size && (count = read(fd, ret_body + len, size - 1 - len)) > 0)
            len += (size_t)count;
    close(fd);
    ret_body[len] = '\0';
    (void)sscanf(ret_body, "HTTP/%*s %d", &status);
    const char *body = strstr(ret_body, "\r\n\r\n");
    if (body != NULL)
        memmove(ret_body, body + 4, strlen(body + 4) + 1);
    return status;
}

int cli_read(const char *path, struct buffer *ret_bytes)
{
    FILE *file = path == NULL ? stdin : fopen(path, "re");
    size_t count;
    if (file == NULL)
        return -errno;
    do {
        count = fread(buffer_reserve(ret_bytes, 4096), 1, 4096, file);
        ret_bytes->len += count;
    } while (count > 0 && ret_bytes->len < FILE_SIZE_MAX);
    const int result = ferror(file) != 0 ? -EIO : 0;
    if (path != NULL)
        fclose(file);
    buffer_append(ret_bytes, "", 1);
    ret_bytes->len--;
    return result;
}
