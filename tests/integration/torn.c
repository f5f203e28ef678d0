/* A torn append-only file: the end of Redis' last write is missing. Whatever byte it was cut at, deploy/redis-start cuts in
 * front of the transaction, so that nothing written afterwards is lost at a later start; damage that is no torn end is left as
 * it is. */
#include "tests/support/rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/collect.h"
#include "common/text.h"

static const char first[] =
    "EVAL \"redis.call('XADD','j','1-0','b','one') redis.call('HSET','h','seq','1')\" 0";
static const char second[] =
    "EVAL \"redis.call('XADD','j','2-0','b','two') redis.call('HSET','h','seq','2')\" 0";
static const char other[] =
    "EVAL \"redis.call('XADD','j','2-0','b','new') redis.call('HSET','h','seq','2')\" 0";
static const char *const both = "XRANGE j - +";

struct file {
    char folder[300];
    char path[400];
};

static void name_file(struct file *file, const char *folder)
{
    (void)text_format(file->folder, sizeof file->folder, "%s/appendonlydir", folder);
    (void)text_format(file->path, sizeof file->path, "%s/appendonly.aof.1.incr.aof", file->folder);
}

static off_t size_of(const struct file *file)
{
    struct stat status;
    assert_int_equal(stat(file->path, &status), 0);
    return status.st_size;
}

static struct buffer read_file(const char *path)
{
    struct buffer bytes = {0};
    uint8_t part[4096];
    size_t count;
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while ((count = fread(part, 1, sizeof part, in)) > 0)
        buffer_append(&bytes, part, count);
    fclose(in);
    return bytes;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static void mend(const char *folder)
{
    int status;
    const pid_t child = fork();
    if (child == 0) {
        execl("deploy/redis-start", "redis-start", "--mend", folder, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A file with two transactions; where the first and where the second ends. */
static struct rig *make_file(struct file *file, off_t *ret_one, off_t *ret_two)
{
    struct rig *rig = rig_create("tests/data/model.json");
    name_file(file, rig_data(rig));
    (void)rig_redis(rig, first);
    *ret_one = size_of(file);
    (void)rig_redis(rig, second);
    *ret_two = size_of(file);
    assert_true(*ret_two > *ret_one);
    rig_redis_signal(rig, SIGKILL);
    return rig;
}

/* Every byte at which a kill can cut. What is cut away is kept. */
static void any_torn_end_is_cut_in_front_of_its_transaction(void **unused)
{
    (void)unused;
    struct file file;
    off_t one;
    off_t two;
    struct rig *rig = make_file(&file, &one, &two);
    struct buffer whole = read_file(file.path);
    for (off_t cut = one; cut <= two; cut++) {
        char torn[440];
        write_file(file.path, whole.bytes, (size_t)cut);
        mend(rig_data(rig));
        const off_t expected = cut == two ? two : one;
        if (size_of(&file) != expected)
            fail_msg("cut at %ld of %ld to %ld: mended to %ld", (long)cut, (long)one, (long)two,
                     (long)size_of(&file));
        if (cut == one || cut == two)
            continue;
        (void)text_format(torn, sizeof torn, "%s.torn-%ld", file.path, (long)one);
        struct buffer kept = read_file(torn);
        assert_int_equal(kept.len, (size_t)(cut - one));
        assert_memory_equal(kept.bytes, whole.bytes + one, kept.len);
        buffer_free(&kept);
    }
    buffer_free(&whole);
    rig_destroy(&rig);
}

/* What Redis 7.0.15 gets wrong by itself: the write after a torn one is still there at the start after the next. */
static void what_is_written_after_a_torn_end_survives_further_starts(void **unused)
{
    (void)unused;
    struct file file;
    off_t one;
    off_t two;
    struct rig *rig = make_file(&file, &one, &two);
    assert_int_equal(truncate(file.path, two - 20), 0);
    rig_redis_start(rig);
    assert_string_equal(rig_redis(rig, both), "1-0\nb\none\n");
    (void)rig_redis(rig, other);
    for (int start = 0; start < 2; start++) {
        rig_redis_signal(rig, SIGKILL);
        rig_redis_start(rig);
        assert_string_equal(rig_redis(rig, both), "1-0\nb\none\n2-0\nb\nnew\n");
    }
    rig_destroy(&rig);
}

/* A byte changed in the middle is not a torn end: nothing is cut, and Redis says so rather than start on half of it. */
static void damage_in_the_middle_is_left_alone(void **unused)
{
    (void)unused;
    struct file file;
    off_t one;
    off_t two;
    struct rig *rig = make_file(&file, &one, &two);
    struct buffer whole = read_file(file.path);
    uint8_t *star = memchr(whole.bytes + 1, '*', whole.len - 1);
    assert_non_null(star);
    *star = '!';
    write_file(file.path, whole.bytes, whole.len);
    mend(rig_data(rig));
    assert_int_equal(size_of(&file), two);
    assert_int_not_equal(rig_redis_try(rig), 0);
    buffer_free(&whole);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_torn_end_is_cut_in_front_of_its_transaction),
        cmocka_unit_test(what_is_written_after_a_torn_end_survives_further_starts),
        cmocka_unit_test(damage_in_the_middle_is_left_alone),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
