/* Tests of what peers have not read: whose connection is gone is charged for nothing, whoever has its descriptor now. */
#include "common/unread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { LEN = 1000, LATER_MS = 10000 };

static void open_pair(int ends[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[0], "unread", 6), 6);
}

static void say(struct unread *unread, const struct bus_address *peer)
{
    struct unread_reply *reply = unread_charge(unread, peer, LEN);
    assert_non_null(reply);
    unread_free(reply->bytes, reply); /* ZeroMQ has handed it to the kernel */
}

static void who_does_not_read_stays_charged_until_the_connection_is_gone(void **unused)
{
    (void)unused;
    int ends[2];
    int others[2];
    struct unread *unread = unread_create();
    open_pair(ends);
    const struct bus_address peer = {.bytes = {1}, .len = 1, .descriptor = ends[0]};
    say(unread, &peer);
    unread_turn(unread, LATER_MS);
    assert_int_equal(unread_peers(unread), 1);
    assert_true(unread_bytes(unread) >= LEN);
    close(ends[0]);
    open_pair(others); /* somebody else gets the descriptor, and does not read either */
    assert_int_equal(others[0], peer.descriptor);
    unread_turn(unread, 2 * LATER_MS);
    assert_int_equal(unread_peers(unread), 0);
    assert_int_equal(unread_bytes(unread), 0);
    close(ends[1]);
    close(others[0]);
    close(others[1]);
    unread_destroy(&unread);
}

static void who_comes_back_on_another_connection_is_charged_there(void **unused)
{
    (void)unused;
    int ends[2];
    int others[2];
    struct unread *unread = unread_create();
    open_pair(ends);
    open_pair(others);
    struct bus_address peer = {.bytes = {1}, .len = 1, .descriptor = ends[0]};
    say(unread, &peer);
    peer.descriptor = others[0];
    say(unread, &peer);
    close(ends[0]);
    unread_turn(unread, LATER_MS);
    assert_int_equal(unread_peers(unread), 1);
    assert_true(unread_bytes(unread) >= LEN);
    close(ends[1]);
    close(others[0]);
    close(others[1]);
    unread_turn(unread, 2 * LATER_MS);
    assert_int_equal(unread_peers(unread), 0);
    unread_destroy(&unread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_read_stays_charged_until_the_connection_is_gone),
        cmocka_unit_test(who_comes_back_on_another_connection_is_charged_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
