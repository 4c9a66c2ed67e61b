/* The table of rates: what each certificate may ask for, and that no process
 * can take the table with it when it dies. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "rates.h"

enum {
	TABLE = 1024 * 1024,
	KEY = 16,
	ENTRIES = 32768,
	WINDOW = 32,
	PLACES_AT = 64, /* what follows repeats the layout in rates.c */
	ENTRIES_AT = PLACES_AT + 8 * 8192
};

#define DAY (86400 * SECOND_NS)
#define NOW (1000 * SECOND_NS)

static const struct rates_limits limits = {
    .reports_per_day = 4, .day_ns = DAY, .per_certificate = 2, .most = 8};
static struct rates *r;
static int table;
static uint64_t retry_s;

static int
table_new(uint8_t first)
{
	uint8_t key[KEY];
	int fd = memfd_create("rates", MFD_CLOEXEC);

	for (size_t i = 0; i < KEY; i++)
		key[i] = (uint8_t)(first + i);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(ftruncate(fd, TABLE), 0);
	ck_assert_int_eq(pwrite(fd, key, KEY, 0), KEY);
	return fd;
}

static void
open_with(const struct rates_limits *l)
{
	table = table_new(0);
	ck_assert_int_eq(rates_open(table, l, &r), RC_OK);
}

static void
setup(void)
{
	open_with(&limits);
}

static void
teardown(void)
{
	rates_close(r);
	close(table);
}

static struct visit
enter(uint64_t who, pid_t pid, uint64_t now)
{
	struct visit v;

	ck_assert_int_eq(rates_enter(r, who, pid, now, &v, &retry_s), RC_OK);
	return v;
}

static enum rc
try_enter(uint64_t who, uint64_t now)
{
	struct visit v;

	return rates_enter(r, who, 77, now, &v, &retry_s);
}

/* --- reports a day ---------------------------------------------------- */

/* Accepts reports until there is no more; how many. */
static uint64_t
accept_all(uint64_t who, uint64_t now)
{
	uint64_t n = 0;

	for (;;) {
		struct visit v = enter(who, 1, now);
		enum rc rc = rates_may_report(r, &v, now, &retry_s);

		if (rc == RC_OK) {
			n++;
			/* no second pledge is needed for the last one */
			(void)!rates_spend(r, &v, now);
		}
		rates_leave(r, &v, now);
		if (rc != RC_OK)
			return n;
		ck_assert_uint_lt(n, 1000);
	}
}

START_TEST(a_certificate_gets_its_reports_a_day_and_no_more)
{
	ck_assert_uint_eq(accept_all(5, NOW), 4);
	ck_assert_uint_eq(accept_all(5, NOW), 0);
	/* another is not concerned */
	ck_assert_uint_eq(accept_all(6, NOW), 4);
}
END_TEST

START_TEST(retry_after_is_when_the_next_token_has_grown)
{
	ck_assert_uint_eq(accept_all(5, NOW), 4);
	ck_assert_uint_ge(retry_s, 86400 / 4);
	ck_assert_uint_le(retry_s, 86400 / 4 + 1);
	ck_assert_uint_eq(accept_all(5, NOW + (retry_s - 2) * SECOND_NS), 0);
	ck_assert_uint_eq(accept_all(5, NOW + 86400 / 4 * SECOND_NS), 1);
}
END_TEST

START_TEST(tokens_grow_evenly_and_never_above_a_day)
{
	ck_assert_uint_eq(accept_all(5, NOW), 4);
	ck_assert_uint_eq(accept_all(5, NOW + DAY / 2), 2);
	ck_assert_uint_eq(accept_all(5, NOW + 10 * DAY), 4);
}
END_TEST

START_TEST(several_reports_on_one_connection_count_one_by_one)
{
	struct visit v = enter(5, 1, NOW);
	int n = 0;

	while (rates_may_report(r, &v, NOW, &retry_s) == RC_OK) {
		n++;
		if (rates_spend(r, &v, NOW) != RC_OK)
			break;
	}
	ck_assert_int_eq(n, 4);
	rates_leave(r, &v, NOW);
	ck_assert_uint_eq(accept_all(5, NOW), 0);
}
END_TEST

START_TEST(an_empty_bucket_still_lets_in_who_sends_no_report)
{
	struct visit v;

	ck_assert_uint_eq(accept_all(5, NOW), 4);
	v = enter(5, 1, NOW);
	ck_assert_int_eq(rates_may_report(r, &v, NOW, &retry_s), RC_LIMIT);
	rates_leave(r, &v, NOW);
	ck_assert_int_eq(try_enter(5, NOW), RC_OK);
}
END_TEST

/* --- pledges ---------------------------------------------------------- */

START_TEST(a_clean_end_gives_back_place_and_pledge)
{
	for (int i = 0; i < 1000; i++) {
		struct visit v = enter(5, 1, NOW);

		ck_assert_uint_eq(rates_places(r), 1);
		ck_assert_uint_eq(rates_buckets(r), 1);
		rates_leave(r, &v, NOW);
	}
	ck_assert_uint_eq(rates_places(r), 0);
	/* the bucket is full again: nothing of it stays */
	ck_assert_uint_eq(rates_buckets(r), 0);
	ck_assert_uint_eq(accept_all(5, NOW), 4);
}
END_TEST

/* Not one byte of a visit stays, but the key. */
START_TEST(nothing_stays_of_a_full_bucket)
{
	static uint8_t bytes[TABLE];
	struct visit v = enter(0x1234567890abcdef, 1, NOW);

	rates_leave(r, &v, NOW);
	ck_assert_int_eq(pread(table, bytes, TABLE, 0), TABLE);
	for (size_t i = KEY; i < TABLE; i++)
		if (bytes[i] != 0)
			ck_abort_msg("byte %zu stays", i);
}
END_TEST

START_TEST(a_process_that_dies_loses_its_pledge_and_not_its_place)
{
	(void)enter(5, 4711, NOW);
	(void)enter(5, 4712, NOW);
	ck_assert_int_eq(try_enter(5, NOW), RC_LIMIT);
	rates_gone(r, 4711, NOW);
	ck_assert_uint_eq(rates_places(r), 1);
	rates_gone(r, 4712, NOW);
	ck_assert_uint_eq(rates_places(r), 0);
	/* two crashes cost two reports */
	ck_assert_uint_eq(accept_all(5, NOW), 2);
}
END_TEST

START_TEST(crashes_without_end_close_the_door)
{
	uint64_t wait_s;
	int n = 0;

	while (n < 100 && try_enter(5, NOW) == RC_OK) {
		rates_gone(r, 77, NOW);
		n++;
	}
	/* the day's tokens, and as many below empty as there are places */
	ck_assert_int_eq(n, 4 + 2);
	wait_s = retry_s;
	ck_assert_uint_gt(wait_s, 1);
	ck_assert_uint_eq(rates_places(r), 0);
	/* for that certificate alone, and not for ever */
	ck_assert_int_eq(try_enter(6, NOW), RC_OK);
	ck_assert_int_eq(try_enter(5, NOW + wait_s * SECOND_NS), RC_OK);
}
END_TEST

START_TEST(only_the_places_of_the_dead_are_given_back)
{
	(void)enter(5, 10, NOW);
	(void)enter(6, 1010, NOW);
	(void)enter(7, 101, NOW);
	rates_gone(r, 101, NOW);
	ck_assert_uint_eq(rates_places(r), 2);
	rates_gone(r, 1, NOW);
	ck_assert_uint_eq(rates_places(r), 2);
}
END_TEST

/* A zygote that ended could not tell of its last children. */
START_TEST(a_fresh_zygote_gives_back_what_nobody_told_of)
{
	pid_t dead = fork();

	ck_assert_int_ne(dead, -1);
	if (dead == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(dead, NULL, 0), dead);
	(void)enter(5, dead, NOW);
	(void)enter(6, getpid(), NOW);
	rates_gone_all(r);
	ck_assert_uint_eq(rates_places(r), 1);
	rates_gone(r, getpid(), NOW);
	ck_assert_uint_eq(rates_places(r), 0);
}
END_TEST

/* --- places ----------------------------------------------------------- */

START_TEST(one_certificate_has_so_many_connections)
{
	struct visit a = enter(5, 1, NOW), b = enter(5, 2, NOW);

	ck_assert_int_eq(try_enter(5, NOW), RC_LIMIT);
	ck_assert_uint_eq(retry_s, 1);
	ck_assert_uint_eq(rates_places(r), 2);
	rates_leave(r, &a, NOW);
	a = enter(5, 3, NOW);
	ck_assert_int_eq(try_enter(5, NOW), RC_LIMIT);
	rates_leave(r, &a, NOW);
	rates_leave(r, &b, NOW);
}
END_TEST

START_TEST(there_are_so_many_connections_in_all)
{
	struct visit v[8];

	for (size_t i = 0; i < 8; i++)
		v[i] = enter(100 + i, (pid_t)(1 + i), NOW);
	ck_assert_int_eq(try_enter(5, NOW), RC_FULL);
	ck_assert_uint_eq(rates_places(r), 8);
	rates_leave(r, &v[3], NOW);
	ck_assert_int_eq(try_enter(5, NOW), RC_OK);
}
END_TEST

/* --- a full table ----------------------------------------------------- */

START_TEST(a_full_table_fails_closed)
{
	const struct rates_limits wide = {.reports_per_day = 4,
	    .day_ns = DAY,
	    .per_certificate = 2,
	    .most = 4096};
	struct visit v[WINDOW];

	teardown();
	open_with(&wide);
	/* names that want the same entries */
	for (uint64_t i = 0; i < WINDOW; i++)
		v[i] = enter(9 + i * ENTRIES, 1, NOW);
	ck_assert_int_eq(try_enter(9 + WINDOW * (uint64_t)ENTRIES, NOW),
	    RC_FULL);
	ck_assert_uint_eq(rates_places(r), WINDOW);
	/* those that are there are still known */
	ck_assert_int_eq(try_enter(9, NOW), RC_OK);
	rates_leave(r, &v[5], NOW);
	ck_assert_int_eq(try_enter(9 + WINDOW * (uint64_t)ENTRIES, NOW), RC_OK);
}
END_TEST

START_TEST(an_entry_that_has_filled_is_taken_by_another)
{
	for (uint64_t i = 0; i < WINDOW; i++) {
		(void)enter(9 + i * ENTRIES, 1, NOW);
		rates_gone(r, 1, NOW);
	}
	ck_assert_int_eq(try_enter(9 + WINDOW * (uint64_t)ENTRIES, NOW),
	    RC_FULL);
	ck_assert_int_eq(try_enter(9 + WINDOW * (uint64_t)ENTRIES, NOW + DAY),
	    RC_OK);
	ck_assert_uint_eq(rates_buckets(r), WINDOW);
}
END_TEST

START_TEST(buckets_that_fill_by_themselves_vanish)
{
	for (uint64_t i = 0; i < 100; i++) {
		(void)enter(i * 321 + 1, 1, NOW);
		rates_gone(r, 1, NOW);
	}
	ck_assert_uint_eq(rates_buckets(r), 100);
	for (int i = 0; i < 64; i++)
		rates_gone(r, 1, NOW);
	ck_assert_uint_eq(rates_buckets(r), 100);
	for (int i = 0; i < 64; i++)
		rates_gone(r, 1, NOW + DAY);
	ck_assert_uint_eq(rates_buckets(r), 0);
}
END_TEST

/* A pledge that has come back by time alone is not given back again. */
START_TEST(a_long_visit_gives_nothing_back_twice)
{
	struct visit v = enter(5, 1, NOW);

	rates_leave(r, &v, NOW + 10 * DAY);
	ck_assert_uint_eq(accept_all(5, NOW + 10 * DAY), 4);
	ck_assert_uint_eq(rates_places(r), 0);
}
END_TEST

/* --- processes -------------------------------------------------------- */

static _Noreturn void
come_and_go(uint64_t seed)
{
	for (uint64_t i = 0;; i++) {
		uint64_t who = 1 + (seed + i) % 3;
		struct visit v;

		if (rates_enter(r, who, getpid(), NOW, &v, &retry_s) == RC_OK)
			rates_leave(r, &v, NOW);
	}
}

START_TEST(a_killed_process_wedges_nothing)
{
	const struct rates_limits wide = {.reports_per_day = 1000000,
	    .day_ns = DAY,
	    .per_certificate = 4096,
	    .most = 4096};
	enum { ROUNDS = 30, AT_ONCE = 4 };

	teardown();
	open_with(&wide);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pids[AT_ONCE];

		for (int j = 0; j < AT_ONCE; j++) {
			pids[j] = fork();
			ck_assert_int_ne(pids[j], -1);
			if (pids[j] == 0)
				come_and_go((uint64_t)j);
		}
		/* somewhere in the middle of it: that is the point */
		usleep(1000 + (useconds_t)arc4random_uniform(3000));
		for (int j = 0; j < AT_ONCE; j++) {
			ck_assert_int_eq(kill(pids[j], SIGKILL), 0);
			ck_assert_int_eq(waitpid(pids[j], NULL, 0), pids[j]);
			rates_gone(r, pids[j], NOW);
		}
	}
	ck_assert_uint_eq(rates_places(r), 0);
	for (uint64_t who = 1; who <= 3; who++) {
		struct visit v = enter(who, 1, NOW);

		ck_assert_int_eq(rates_may_report(r, &v, NOW, &retry_s), RC_OK);
		rates_leave(r, &v, NOW);
	}
	/* each death cost a token at most: a day later all is as new */
	for (int i = 0; i < 64; i++)
		rates_gone(r, 1, NOW + DAY);
	ck_assert_uint_eq(rates_buckets(r), 0);
}
END_TEST

START_TEST(together_they_never_get_more_than_there_is)
{
	const struct rates_limits some = {.reports_per_day = 500,
	    .day_ns = DAY,
	    .per_certificate = 64,
	    .most = 64};
	enum { AT_ONCE = 4 };
	pid_t pids[AT_ONCE];
	uint64_t sum = 0;

	teardown();
	open_with(&some);
	for (int j = 0; j < AT_ONCE; j++) {
		pids[j] = fork();
		ck_assert_int_ne(pids[j], -1);
		if (pids[j] == 0) {
			uint64_t n = 0;

			for (int i = 0; i < 250; i++) {
				struct visit v;

				if (rates_enter(r, 5, getpid(), NOW, &v,
					&retry_s) != RC_OK)
					continue;
				if (rates_may_report(r, &v, NOW, &retry_s) ==
				    RC_OK) {
					n++;
					(void)!rates_spend(r, &v, NOW);
				}
				rates_leave(r, &v, NOW);
			}
			_exit((int)n);
		}
	}
	for (int j = 0; j < AT_ONCE; j++) {
		int status;

		ck_assert_int_eq(waitpid(pids[j], &status, 0), pids[j]);
		ck_assert(WIFEXITED(status));
		sum += (uint64_t)WEXITSTATUS(status);
	}
	ck_assert_uint_le(sum, 500);
	sum += accept_all(5, NOW);
	ck_assert_uint_eq(sum, 500);
	ck_assert_uint_eq(rates_places(r), 0);
}
END_TEST

/* --- nonsense --------------------------------------------------------- */

/* A process that was taken over writes what it likes: what can not be is an
 * empty bucket, and a day later it is over. */
START_TEST(nonsense_in_the_table_is_over_in_a_day)
{
	uint64_t bad[] = {5, UINT64_MAX};
	struct visit v;

	ck_assert_int_eq(pwrite(table, bad, sizeof(bad), ENTRIES_AT + 16 * 5),
	    sizeof(bad));
	v = enter(5, 1, NOW);
	ck_assert_int_eq(rates_may_report(r, &v, NOW, &retry_s), RC_LIMIT);
	rates_leave(r, &v, NOW);
	ck_assert_uint_eq(accept_all(5, NOW + DAY), 4);
}
END_TEST

START_TEST(places_of_nobody_are_given_back_by_the_next_zygote)
{
	static uint8_t bytes[8 * 8192];
	/* above every pid that this kernel gives */
	memset(bytes, 0xff, sizeof(bytes));
	ck_assert_int_eq(pwrite(table, bytes, sizeof(bytes), PLACES_AT),
	    sizeof(bytes));
	ck_assert_int_eq(try_enter(5, NOW), RC_FULL);
	rates_gone_all(r);
	ck_assert_int_eq(try_enter(5, NOW), RC_OK);
}
END_TEST

/* --- names ------------------------------------------------------------ */

/* The published vector of SipHash-2-4: key 00..0f, message 00..0e. */
START_TEST(names_are_siphash_2_4)
{
	static const uint8_t want[8] = {
	    0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1};
	uint8_t message[15];
	uint64_t who;

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	ck_assert_int_eq(rates_who(r, message, sizeof(message), &who), RC_OK);
	ck_assert_int_eq(memcmp(&who, want, sizeof(want)), 0);
}
END_TEST

START_TEST(names_differ_at_each_start)
{
	struct rates *other;
	int fd = table_new(1);
	uint64_t a, b;

	ck_assert_int_eq(rates_open(fd, &limits, &other), RC_OK);
	ck_assert_int_eq(rates_who(r, "key", 3, &a), RC_OK);
	ck_assert_int_eq(rates_who(other, "key", 3, &b), RC_OK);
	ck_assert_uint_ne(a, b);
	ck_assert_int_eq(rates_who(other, "key", 3, &a), RC_OK);
	ck_assert_uint_eq(a, b);
	rates_close(other);
	close(fd);
}
END_TEST

START_TEST(a_table_that_is_too_small_is_refused)
{
	int fd = memfd_create("rates", MFD_CLOEXEC);
	struct rates *other;

	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert_int_eq(rates_open(fd, &limits, &other), RC_CONFIG);
	close(fd);
}
END_TEST

START_TEST(limits_out_of_range_are_refused)
{
	static const struct rates_limits bad[] = {
	    {0, DAY, 2, 8}, {4, DAY, 0, 8}, {4, DAY, 2, 4097}, {4, 3, 2, 8}};
	struct rates *other;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(rates_open(table, &bad[i], &other), RC_CONFIG);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_rates");
	TCase *t = tcase_create("rates");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_certificate_gets_its_reports_a_day_and_no_more);
	tcase_add_test(t, retry_after_is_when_the_next_token_has_grown);
	tcase_add_test(t, tokens_grow_evenly_and_never_above_a_day);
	tcase_add_test(t, several_reports_on_one_connection_count_one_by_one);
	tcase_add_test(t, an_empty_bucket_still_lets_in_who_sends_no_report);
	tcase_add_test(t, a_clean_end_gives_back_place_and_pledge);
	tcase_add_test(t, nothing_stays_of_a_full_bucket);
	tcase_add_test(t,
	    a_process_that_dies_loses_its_pledge_and_not_its_place);
	tcase_add_test(t, crashes_without_end_close_the_door);
	tcase_add_test(t, only_the_places_of_the_dead_are_given_back);
	tcase_add_test(t, a_fresh_zygote_gives_back_what_nobody_told_of);
	tcase_add_test(t, one_certificate_has_so_many_connections);
	tcase_add_test(t, there_are_so_many_connections_in_all);
	tcase_add_test(t, a_full_table_fails_closed);
	tcase_add_test(t, an_entry_that_has_filled_is_taken_by_another);
	tcase_add_test(t, buckets_that_fill_by_themselves_vanish);
	tcase_add_test(t, a_long_visit_gives_nothing_back_twice);
	tcase_add_test(t, a_killed_process_wedges_nothing);
	tcase_add_test(t, together_they_never_get_more_than_there_is);
	tcase_add_test(t, nonsense_in_the_table_is_over_in_a_day);
	tcase_add_test(t, places_of_nobody_are_given_back_by_the_next_zygote);
	tcase_add_test(t, names_are_siphash_2_4);
	tcase_add_test(t, names_differ_at_each_start);
	tcase_add_test(t, a_table_that_is_too_small_is_refused);
	tcase_add_test(t, limits_out_of_range_are_refused);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
