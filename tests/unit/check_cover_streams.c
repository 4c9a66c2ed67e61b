/* When dummies are made: at times of their own. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "streams.h"

static struct streams streams;

static enum rc
read_them(const char *text)
{
	struct setup *s = NULL;
	enum rc rc;

	ck_assert_int_eq(setup_parse(text, strlen(text), &s), RC_OK);
	rc = streams_read(s, 1000, &streams);
	setup_free(s);
	return rc;
}

#define PACE                                                                   \
	"stock 2\nslot_ms 8000\nfast_slot_ms 1000\nlarge_slot_ms 80000\n"      \
	"slot_batch 4\n"
#define TWO                                                                    \
	"destination_0 SYP\nscheme_0 5x5x5\ntest_0 0\ndestination_1 TST\n"     \
	"scheme_1 3x5x2\ntest_1 1\n"

START_TEST(each_destination_lane_and_size_is_a_stream)
{
	ck_assert_int_eq(read_them(PACE TWO), RC_OK);
	ck_assert_uint_eq(streams.count, 2 * (size_t)STREAM_KINDS);
	ck_assert_str_eq(streams.stream[0].destination, "SYP");
	ck_assert_str_eq(streams.stream[STREAM_KINDS].destination, "TST");
	ck_assert_str_eq(streams.stream[STREAM_KINDS].scheme, "3x5x2");
	ck_assert_int_eq(streams.stream[0].test, 0);
	ck_assert_int_eq(streams.stream[STREAM_KINDS].test, 1);
	ck_assert_int_eq(streams.stream[0].mean_ms, 1000);
	ck_assert_int_eq(streams.stream[1].mean_ms, 10000);
	ck_assert_int_eq(streams.stream[3].lane, LANE_FAST);
	ck_assert_int_eq(streams.stream[3].mean_ms, 500);
}
END_TEST

START_TEST(without_stock_there_are_none)
{
	ck_assert_int_eq(read_them("stock 0\nslot_ms 8000\nfast_slot_ms 1000\n"
				   "large_slot_ms 80000\nslot_batch 4\n" TWO),
	    RC_OK);
	ck_assert_uint_eq(streams.count, 0);
	ck_assert_ptr_null(streams_next(&streams));
}
END_TEST

START_TEST(what_is_missing_is_an_error)
{
	ck_assert_int_eq(read_them(TWO), RC_CONFIG);
	ck_assert_int_eq(read_them(PACE "destination_0 SYP\n"), RC_CONFIG);
	ck_assert_int_eq(read_them(PACE "destination_0 SYP\ntest_0 0\n"),
	    RC_CONFIG);
	ck_assert_int_eq(read_them(PACE
			     "destination_0 SYP\nscheme_0 9x9\ntest_0 0\n"),
	    RC_CONFIG);
}
END_TEST

START_TEST(the_stock_comes_first_then_random_pauses_with_the_mean)
{
	struct stream *s;
	int64_t sum = 0, least = INT64_MAX, most = 0;

	ck_assert_int_eq(read_them(PACE TWO), RC_OK);
	s = &streams.stream[0];
	for (int i = 0; i < 2; i++) {
		stream_again(s, 5000);
		ck_assert_int_eq(s->next_ms, 5000);
	}
	for (int i = 0; i < 2000; i++) {
		int64_t pause;

		stream_again(s, 5000);
		pause = s->next_ms - 5000;
		sum += pause;
		if (pause < least)
			least = pause;
		if (pause > most)
			most = pause;
	}
	ck_assert_int_ge(least, 1);
	ck_assert_int_lt(least, 100);
	ck_assert_int_gt(most, 1900);
	ck_assert_int_le(most, 2001);
	/* 26 would be two standard deviations */
	ck_assert_int_gt(sum / 2000, 1000 - 80);
	ck_assert_int_lt(sum / 2000, 1000 + 80);
}
END_TEST

START_TEST(the_earliest_comes_next)
{
	ck_assert_int_eq(read_them(PACE TWO), RC_OK);
	for (size_t i = 0; i < streams.count; i++)
		streams.stream[i].next_ms = 5000 - (int64_t)i;
	ck_assert_ptr_eq(streams_next(&streams),
	    &streams.stream[streams.count - 1]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cover_streams");
	TCase *t = tcase_create("streams");
	SRunner *runner;
	int failed;

	tcase_add_test(t, each_destination_lane_and_size_is_a_stream);
	tcase_add_test(t, without_stock_there_are_none);
	tcase_add_test(t, what_is_missing_is_an_error);
	tcase_add_test(t,
	    the_stock_comes_first_then_random_pauses_with_the_mean);
	tcase_add_test(t, the_earliest_comes_next);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
