/* Dates: London time by rule agrees with the time zone database, and a date
 * without a time is never shifted. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "calendar.h"

START_TEST(day_numbers_go_there_and_back)
{
	struct date d;
	int64_t day;

	ck_assert_int_eq(calendar_day(1970, 1, 1), 0);
	ck_assert_int_eq(calendar_day(2000, 3, 1), 11017);
	for (day = calendar_day(1750, 1, 1); day < calendar_day(2300, 1, 1);
	     day++) {
		calendar_date(day, &d);
		ck_assert_int_eq(calendar_day(d.year, d.month, d.day), day);
	}
}
END_TEST

/* Against the C library, which reads the zone's file: what we say it is in
 * London at t is t when the library reads it back. */
START_TEST(london_is_what_the_zone_file_says)
{
	struct date d;
	struct tm tm;
	int64_t t, there;

	ck_assert_int_eq(setenv("TZ", "Europe/London", 1), 0);
	tzset();
	for (t = 852076800; t < 2145916800; t += 5000) { /* 1997 to 2037 */
		there = t + london_offset_s(t);
		calendar_date(there / 86400, &d);
		tm = (struct tm){.tm_year = d.year - 1900,
		    .tm_mon = d.month - 1,
		    .tm_mday = d.day,
		    .tm_sec = (int)(there % 86400),
		    .tm_isdst = there != t};
		ck_assert_int_eq(mktime(&tm), t);
	}
}
END_TEST

START_TEST(a_date_without_time_is_never_shifted)
{
	struct date d = {.year = 2026, .month = 7, .day = 1};

	ck_assert_int_eq(date_day(&d), calendar_day(2026, 7, 1));
}
END_TEST

START_TEST(a_summer_evening_in_utc_is_the_next_day_in_london)
{
	struct date d = {.year = 2026,
	    .month = 7,
	    .day = 1,
	    .hour = 23,
	    .minute = 30,
	    .has_time = true,
	    .has_zone = true};

	ck_assert_int_eq(date_day(&d), calendar_day(2026, 7, 2));
	d.month = 1;
	ck_assert_int_eq(date_day(&d), calendar_day(2026, 1, 1));
}
END_TEST

START_TEST(zones_are_counted_east)
{
	struct date d = {.year = 2026,
	    .month = 1,
	    .day = 1,
	    .hour = 2,
	    .has_time = true,
	    .has_zone = true,
	    .zone_minutes = 120};

	ck_assert_int_eq(date_moment_s(&d), calendar_day(2026, 1, 1) * 86400);
}
END_TEST

START_TEST(a_birthday_counts_from_the_day_itself)
{
	struct date birth = {.year = 2016, .month = 11, .day = 24};

	ck_assert_int_eq(years_between(&birth, calendar_day(2026, 11, 23)), 9);
	ck_assert_int_eq(years_between(&birth, calendar_day(2026, 11, 24)), 10);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_calendar");
	TCase *t = tcase_create("calendar");
	SRunner *r;
	int failed;

	tcase_add_test(t, day_numbers_go_there_and_back);
	tcase_add_test(t, london_is_what_the_zone_file_says);
	tcase_add_test(t, a_date_without_time_is_never_shifted);
	tcase_add_test(t, a_summer_evening_in_utc_is_the_next_day_in_london);
	tcase_add_test(t, zones_are_counted_east);
	tcase_add_test(t, a_birthday_counts_from_the_day_itself);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
