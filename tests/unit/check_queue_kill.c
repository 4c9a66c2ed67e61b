/* queue killed at any moment: what it said is stored is stored, nothing is
 * handed out twice as done, and the log adds up. */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue_audit.h"
#include "queue_site.h"

static struct buf *body;

static void
setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	site_make();
	body = buf_new(1 << 20);
}

static void
teardown(void)
{
	buf_free(body);
	site_remove();
}

/* --- what was said is stored is stored ------------------------------------ */

enum { KILLS = 12, IN_FLIGHT = 24, KEPT_MOST = 4096 };

static uint64_t kept[KEPT_MOST];
static size_t kept_count;

/* Sends reports and takes verdicts until some were stored; leaves others on
 * their way, and kills the role in the middle. */
static void
store_and_die(uint64_t first, size_t enough)
{
	int answer[IN_FLIGHT];

	for (uint64_t i = 0; i < IN_FLIGHT; i++)
		answer[i] = site_store(first + i, LANE_POOL, SITE_OBJECT);
	for (size_t i = 0; i < IN_FLIGHT; i++) {
		if (i == enough)
			site_kill();
		if (site_verdict(answer[i]) == VERDICT_STORED)
			kept[kept_count++] = first + i;
	}
}

static const char many[] = "rows32 320\nreceipts 512\n";

START_TEST(what_was_answered_stored_is_there_after_a_kill)
{
	uint64_t number = 1;

	for (int i = 0; i < KILLS; i++, number += IN_FLIGHT) {
		site_start(many);
		store_and_die(number, arc4random_uniform(IN_FLIGHT));
	}
	site_start(many);
	for (size_t i = 0; i < kept_count; i++)
		ck_assert_uint_eq(site_again(kept[i]), VERDICT_DUPLICATE);
	ck_assert_uint_gt(kept_count, KILLS);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(what_was_stored_is_handed_out_after_a_kill)
{
	size_t stored = 0;
	uint64_t i;

	site_start(many);
	for (i = 1; i <= 40; i++)
		stored += site_again(i) == VERDICT_STORED;
	ck_assert_uint_eq(stored, 40);
	site_kill();
	site_start(many);
	ck_assert_uint_eq(site_deliver(40), 40);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(a_leased_report_is_ready_again_after_a_kill)
{
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN];
	int run;

	site_start("");
	ck_assert_uint_eq(site_again(7), VERDICT_STORED);
	run = site_run();
	ck_assert_int_eq(site_lease(run, h, got), RC_OK);
	site_kill();
	close(run);
	site_start("");
	ck_assert_uint_eq(site_deliver(1), 1);
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
}
END_TEST

/* --- the log -----------------------------------------------------------------
 */

/* Days of a second. */
#define FAST_DAYS                                                              \
	"time_scale 86400\nretain_done_days 3650\nreceipt_days 36500\n"        \
	"rows32 320\nreceipts 512\n"

/* Asks for the log until so many reports of a kind are in it and one more day
 * was closed. */
static void
audited(struct audit *a, size_t accepted, size_t done)
{
	static const uint8_t export[] = {VERB_LOG_EXPORT};
	struct buf *log = buf_new(8 << 20);
	size_t days = 0;

	do {
		poll(NULL, 0, 50);
		ck_assert_int_eq(site_ask(export, 1, log), RC_OK);
		audit_read(buf_data(log), buf_len(log), a);
		if (days == 0)
			days = a->days + 1;
	} while (a->accepted < accepted || a->done < done || a->days < days);
	buf_free(log);
}

START_TEST(the_exported_log_adds_up_over_kills_and_days)
{
	struct audit a;
	uint8_t h[HASH_LEN];
	uint64_t number = 1;

	for (int i = 0; i < 6; i++, number += IN_FLIGHT) {
		site_start(FAST_DAYS);
		if (i % 2 == 0)
			audited(&a, 0, 0);
		store_and_die(number, arc4random_uniform(IN_FLIGHT));
	}
	site_start(FAST_DAYS);
	for (size_t i = 0; i < kept_count; i++)
		ck_assert_uint_eq(site_again(kept[i]), VERDICT_DUPLICATE);
	site_make_dead(h, body);
	ck_assert_int_eq(site_stop(), 0);
	site_start(FAST_DAYS);
	audited(&a, kept_count, 0);
	ck_assert_uint_eq(a.faults, 0);
	ck_assert_uint_ge(a.dead, 1);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(the_exported_log_tells_a_report_from_end_to_end)
{
	static const uint8_t all[] = {VERB_DEAD_RETRY};
	struct audit a;
	uint8_t h[HASH_LEN];

	site_start(FAST_DAYS);
	for (uint64_t i = 1; i <= 5; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	ck_assert_uint_eq(site_again(5), VERDICT_DUPLICATE);
	site_make_dead(h, body);
	ck_assert_int_eq(site_ask(all, 1, body), RC_OK);
	ck_assert_int_eq(site_pause(1), RC_OK);
	ck_assert_int_eq(site_pause(0), RC_OK);
	ck_assert_uint_eq(site_deliver(5), 5);
	audited(&a, 5, 5);
	ck_assert_uint_eq(a.faults, 0);
	ck_assert_uint_eq(a.accepted, 5);
	ck_assert_uint_eq(a.forwarded, 5);
	ck_assert_uint_eq(a.done, 5);
	ck_assert_uint_ge(a.dead, 1);
	ck_assert_uint_eq(a.dead, a.retries);
	ck_assert_int_eq(site_stop(), 0);
	/* the second start of a database: its first line is written behind
	 * the lock-down */
	site_start(FAST_DAYS);
	audited(&a, 5, 5);
	ck_assert_uint_eq(a.faults, 0);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue kill");
	TCase *t = tcase_create("kill");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_was_answered_stored_is_there_after_a_kill);
	tcase_add_test(t, what_was_stored_is_handed_out_after_a_kill);
	tcase_add_test(t, a_leased_report_is_ready_again_after_a_kill);
	tcase_add_test(t, the_exported_log_tells_a_report_from_end_to_end);
	tcase_add_test(t, the_exported_log_adds_up_over_kills_and_days);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
