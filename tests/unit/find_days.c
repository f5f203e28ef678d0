/* Tests of services/cli: the days and times of a search as they are typed, and the parts of a day that a wish is recorded with. */
#include "services/cli/find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"

enum { TEXT_SIZE = 512 };

/* What is wanted, as day and part: "1a 2m" is Monday at any time and Tuesday in the morning. */
static const char *read(const char *days)
{
    static char text[TEXT_SIZE];
    static const char parts[] = "?amne";
    struct find_wishes wishes;
    if (find_days_read(days, NULL, &wishes) != EXIT_CODE_OK)
        return "no";
    text[0] = '\0';
    for (size_t at = 0; at < wishes.count; at++)
        (void)text_add(text, sizeof text, "%s%u%c", at == 0 ? "" : " ", wishes.list[at]->weekday,
                       parts[wishes.list[at]->part]);
    return text;
}

/* Proves: days are names or ranges of them, by whatever part is said of them; each is wanted once, in the order of the week. */
static void days_are_read_as_they_are_meant(void **state)
{
    (void)state;
    assert_string_equal(read("tue,thu"), "2a 4a");
    assert_string_equal(read("thu,TUE,thu"), "2a 4a");
    assert_string_equal(read("Monday"), "1a");
    assert_string_equal(read("mon-fri"), "1a 2a 3a 4a 5a");
    assert_string_equal(read("sat-mon"), "1a 6a 7a");
    assert_string_equal(read("mon:am,tue:pm,wed:evening"), "1m 2n 3e");
    assert_string_equal(read("mon:am,mon:afternoon"), "1m 1n");
    assert_string_equal(read("mon-tue:morning"), "1m 2m");
    assert_string_equal(read(NULL), "");
    assert_string_equal(read("mon-sun:am,mon-sun:pm"), "1m 1n 2m 2n 3m 3n 4m 4n 5m 5n 6m 6n 7m 7n");
    assert_string_equal(read("mon-sun:am,mon-sun:pm,sun"), "no");
}

/* Proves: nothing that is typed of days is passed over. */
static void what_is_no_day_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"mon tue", "monx",    "mond",     "mon-",        "-fri",
                                        "mon:",    "mon:xx",  "mon,,",    "mon-fri-sun", ",",
                                        "mo",      "mon;tue", "mon:am:pm"};
    for (size_t at = 0; at < sizeof wrong / sizeof wrong[0]; at++)
        if (strcmp(read(wrong[at]), "no") != 0)
            fail_msg("\"%s\" is taken as %s", wrong[at], read(wrong[at]));
}

/* Proves: a time is wanted on each of the days, and is one that ends after it starts. */
static void a_time_is_wanted_on_each_day(void **state)
{
    (void)state;
    struct find_wishes wishes;
    static const char *const wrong[] = {"10:00", "10-12", "12:00-10:00", "10:00-10:00", "x-12:00"};
    assert_int_equal(find_days_read("mon,tue", "10:00-12:30", &wishes), EXIT_CODE_OK);
    assert_int_equal(wishes.count, 2);
    assert_int_equal(wishes.list[1]->start_minutes, 600);
    assert_int_equal(wishes.list[1]->end_minutes, 750);
    assert_int_equal(find_days_read(NULL, "10:00-12:30", &wishes), EXIT_CODE_USAGE);
    for (size_t at = 0; at < sizeof wrong / sizeof wrong[0]; at++)
        assert_int_equal(find_days_read("mon", wrong[at], &wishes), EXIT_CODE_USAGE);
}

/* Proves: a wish for a part of a day is one for no other; a time belongs to the parts that it lies in. */
static void a_wish_is_for_its_parts_of_the_day(void **state)
{
    (void)state;
    static const struct {
        const char *days, *at, *parts; /* of morning, afternoon and evening */
    } cases[] = {
        {"mon", NULL, "yyy"},          {"mon:am", NULL, "ynn"},       {"mon:evening", NULL, "nny"},
        {"mon", "09:00-11:00", "ynn"}, {"mon", "10:00-15:00", "yyn"}, {"mon", "17:00-18:00", "yyy"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
        struct find_wishes wishes;
        assert_int_equal(find_days_read(cases[at].days, cases[at].at, &wishes), EXIT_CODE_OK);
        for (int part = 0; part < 3; part++)
            assert_int_equal(
                find_wants_part(wishes.list[0],
                                (Dw__PartOfDay)(DW__PART_OF_DAY__PART_OF_DAY_MORNING + part)),
                cases[at].parts[part] == 'y');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_read_as_they_are_meant),
        cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(a_time_is_wanted_on_each_day),
        cmocka_unit_test(a_wish_is_for_its_parts_of_the_day),
    };
    return cmocka_run_group_tests_name("find_days", tests, NULL, NULL);
}
