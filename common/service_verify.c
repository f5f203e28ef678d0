/* --verify: the stored journals of one authority are folded anew and compared with what is stored. Opens no socket of its own. */
#include "common/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    STORE_PATIENCE_MS = 5000,   /* until Redis answers */
    VERIFY_PATIENCE_MS = 10000, /* for one answer of another daemon */
};

static int add_asked(struct daemon *daemon, const char *service, const char *endpoint,
                     const char *server_key)
{
    (void)server_key;
    return client_add(daemon->asker, service, endpoint);
}

static void on_verified(void *context, int differences)
{
    struct daemon *daemon = context;
    daemon->exit_code = differences == 0  ? EXIT_CODE_OK
                        : differences < 0 ? EXIT_CODE_TRY_LATER
                                          : EXIT_CODE_FAILED;
    if (differences < 0)
        fprintf(stderr,
                "verify: the store went away or kept changing; try again when it is quiet\n");
    loop_stop(daemon->loop);
}

/* Asks with this service's own key; made at the first question. */
static int fetch_journal(void *context, const char *service, uint64_t from_seq,
                         struct buffer *ret_fetched)
{
    struct daemon *daemon = context;
    char error[256] = "";
    char type[64];
    if (daemon->asker == NULL)
        daemon->asker = client_create(conf_text(daemon->conf, "dayways", "keys_directory"),
                                      daemon->service->name, error, sizeof error);
    if (daemon->asker == NULL)
        return -ENOENT;
    if (once(daemon->asked, &daemon->asked_count, service) &&
        each_endpoint(daemon, service, "router", add_asked) < 0)
        return -ENOENT;
    Dw__FetchEvents fetch = DW__FETCH_EVENTS__INIT;
    fetch.from_seq = from_seq;
    fetch.limit = 1000;
    const int result = client_call(daemon->asker, daemon->verify.authority, service, &fetch.base,
                                   NULL, VERIFY_PATIENCE_MS, type, ret_fetched);
    return result == 0 && strcmp(type, "EventsFetched") != 0 ? -EPROTO : result;
}

void on_store_ready_to_verify(void *context)
{
    struct daemon *daemon = context;
    loop_timer_cancel(daemon->stop_timer);
    verify_begin(&daemon->verify);
}

void prepare_verify(struct daemon *daemon, const struct shard_settings *settings)
{
    daemon->shard_stores[0] = settings->store;
    daemon->verify = (struct verify_settings){.service = daemon->service,
                                              .authority = settings->authority,
                                              .store = settings->store,
                                              .context = daemon,
                                              .fetch = fetch_journal,
                                              .done = on_verified};
    memcpy(daemon->verify.digest_key, settings->digest_key, sizeof settings->digest_key);
}

static void give_up_waiting(void *context)
{
    struct daemon *daemon = context;
    fprintf(stderr, "verify: redis at %s does not answer\n", daemon->store_addresses[0]);
    daemon->exit_code = EXIT_CODE_UNAVAILABLE;
    loop_stop(daemon->loop);
}

int run_verify(struct daemon *daemon)
{
    daemon->stop_timer = loop_timer_create(daemon->loop, give_up_waiting, daemon);
    if (daemon->stop_timer == NULL)
        return refuse_start(EXIT_CODE_FAILED, "no memory");
    loop_timer_set(daemon->stop_timer, STORE_PATIENCE_MS);
    loop_run(daemon->loop);
    return daemon->exit_code;
}
