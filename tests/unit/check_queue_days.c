/* The log's days and slots' ticks: what is told, when, and that a cut between
 * two commits loses nothing and tells nothing twice. */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "giveup.h"
#include "journal.h"
#include "queue_audit.h"
#include "queue_site.h"
#include "slots.h"

static struct queue q;

static void
setup(void)
{
	site_make();
	site_open(&q, "");
}

static void
teardown(void)
{
	site_close(&q);
	site_remove();
}

static void
reopen(void)
{
	site_close(&q);
	site_open(&q, "");
}

/* --- the gateway's clock
 * ------------------------------------------------------- */

START_TEST(a_day_changes_at_its_hour)
{
	struct day_clock c = {.scale = 1, .epoch_hour = 3};
	char text[DAY_TEXT];

	ck_assert_int_eq(day_of(&c, INT64_C(3) * 3600), 0);
	ck_assert_int_eq(day_of(&c, 86400 + INT64_C(3) * 3600 - 1), 0);
	ck_assert_int_eq(day_of(&c, 86400 + INT64_C(3) * 3600), 1);
	ck_assert_int_eq(day_of(&c, -1000000), 0);
	c = (struct day_clock){.born_s = 1000000, .scale = 4320};
	ck_assert_int_eq(day_of(&c, 1000000), 11);
	ck_assert_int_eq(day_of(&c, 1000000 + 20), 12); /* 20 s is a day */
	day_text(0, text);
	ck_assert_str_eq(text, "1970-01-01");
	day_text(19782, text);
	ck_assert_str_eq(text, "2024-02-29");
	day_text(20782, text);
	ck_assert_str_eq(text, "2026-11-25");
	day_text(INT32_MAX, text);
	ck_assert_uint_eq(strlen(text), 10);
}
END_TEST

/* The day is what the test says: the scale stands still, the birth moves. */
static void
it_is_day(int64_t day)
{
	q.config.clock = (struct day_clock){.born_s = day * 86400, .scale = 0};
}

/* --- flushing
 * --------------------------------------------------------------------- */

static struct audit
audit(void)
{
	struct buf *b = buf_new(8 << 20);
	int64_t next = 1, last = 0;
	struct audit a;
	enum rc rc;

	ck_assert_int_eq(store_last_line(q.store, &last), RC_OK);
	do
		rc = store_lines(q.store, &next, last, b);
	while (rc == RC_OK);
	ck_assert_int_eq(rc, RC_EOF);
	audit_read(buf_data(b), buf_len(b), &a);
	buf_free(b);
	return a;
}

/* Takes in a report as intake does: its item and its entry. */
static void
accept(uint8_t number)
{
	struct head h = {.state = STATE_READY};
	uint64_t place;

	ck_assert_int_eq(places_free_item(q.places, 0, &place), RC_OK);
	memset(h.h, number, HASH_LEN);
	ck_assert_int_eq(journal_add(&q, "accepted", ",\"c\":\"%02x%062d\"",
			     number, 0),
	    RC_OK);
	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

START_TEST(entries_wait_for_the_end_of_their_day)
{
	struct audit a;

	it_is_day(q.day);
	for (uint8_t i = 1; i <= 9; i++)
		accept(i);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_uint_eq(audit().accepted, 0);
	it_is_day(q.day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	a = audit();
	ck_assert_uint_eq(a.accepted, 9);
	ck_assert_uint_eq(a.days, 1);
	ck_assert_uint_eq(a.faults, 0);
	ck_assert_uint_eq(q.places->free_entries.count,
	    q.places->sizes.entries);
	/* and once only */
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	reopen();
	it_is_day(q.day);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_uint_eq(audit().accepted, 9);
	ck_assert_uint_eq(audit().days, 1);
}
END_TEST

START_TEST(a_day_without_a_report_is_closed_too_and_a_clock_set_back_waits)
{
	int64_t day = q.day;

	it_is_day(day - 5);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.day, day);
	it_is_day(day + 3);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.day, day + 3);
	ck_assert_uint_eq(audit().days, 1);
}
END_TEST

/* The day moves on by itself as far as a weekend or a repair takes. */
START_TEST(a_clock_that_jumps_moves_no_day_without_the_operators_word)
{
	int64_t day = q.day;

	accept(1);
	it_is_day(day + 8);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.day, day);
	ck_assert_int_eq(q.clock_fault, 1);
	ck_assert_uint_eq(audit().days, 0);
	/* reports come and go under the day that it was */
	accept(2);
	/* the clock was wrong */
	it_is_day(day);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.clock_fault, 0);
	/* the clock was right, and the operator says so */
	it_is_day(day + 8);
	q.config.jump_days = 8;
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.day, day + 8);
	ck_assert_uint_eq(audit().accepted, 2);
	ck_assert_uint_eq(audit().days, 1);
	ck_assert_uint_eq(audit().faults, 0);
	/* set back: the day stays, and that is told */
	it_is_day(day + 7);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.clock_fault, 0);
	it_is_day(day + 6);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.clock_fault, 1);
	ck_assert_int_eq(q.day, day + 8);
}
END_TEST

START_TEST(on_a_full_disk_the_day_goes_on)
{
	int64_t day = q.day, reserve = q.config.disk_reserve_bytes;

	it_is_day(day);
	accept(1);
	q.config.disk_reserve_bytes = INT64_MAX;
	it_is_day(day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.full_disk, 1);
	ck_assert_int_eq(q.day, day);
	ck_assert_uint_eq(audit().accepted, 0);
	/* and is closed when there is room */
	q.config.disk_reserve_bytes = reserve;
	q.flush_not_before_ms = 0;
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(q.day, day + 1);
	ck_assert_uint_eq(audit().accepted, 1);
	ck_assert_uint_eq(audit().days, 1);
}
END_TEST

/* Killed at any moment of a day's end, in a process of its own. */
START_TEST(a_cut_in_a_days_end_loses_nothing_and_tells_nothing_twice)
{
	int64_t day = q.day;
	struct audit a;

	it_is_day(day);
	for (uint8_t i = 1; i <= 30; i++)
		accept(i);
	for (useconds_t us = 0; us < 30000; us += 1000) {
		pid_t child;

		site_close(&q);
		child = fork();
		ck_assert_int_ne(child, -1);
		if (child == 0) {
			site_open(&q, "");
			it_is_day(day + 1);
			_exit(journal_turn(&q) == RC_OK ? 0 : 1);
		}
		usleep(us);
		(void)kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
		site_open(&q, "epoch_hour 23\n");
		if (q.day == day + 1)
			break;
	}
	it_is_day(day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	a = audit();
	ck_assert_uint_eq(a.accepted, 30);
	ck_assert_uint_eq(a.days, 1);
	ck_assert_uint_eq(a.faults, 0);
}
END_TEST

/* The cut between the two commits itself: the first one is made by hand. */
START_TEST(a_cut_between_the_two_commits_is_made_good)
{
	struct entry e, last = {.used = 1};
	const struct entry *lines[] = {&e, &last};
	int64_t day = q.day;
	uint64_t at = 0;
	struct audit a;

	it_is_day(day);
	accept(1);
	while (!q.places->entry_used[at])
		at++;
	ck_assert_int_eq(store_read_entry(q.store, at, &e), RC_OK);
	{
		char text[DAY_TEXT];

		day_text(day, text);
		last.length = (uint16_t)snprintf(last.text, sizeof(last.text),
		    "{\"v\":1,\"ev\":\"day\",\"day\":\"%s\",\"queued\":1,"
		    "\"dead\":0,\"done\":0}",
		    text);
	}
	ck_assert_int_eq(store_append(q.store, lines, 2, q.flush + 1, day + 1),
	    RC_OK);
	reopen();
	ck_assert_int_eq(q.day, day + 1);
	ck_assert_uint_eq(q.places->free_entries.count,
	    q.places->sizes.entries);
	it_is_day(day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	a = audit();
	ck_assert_uint_eq(a.accepted, 1);
	ck_assert_uint_eq(a.days, 1);
	ck_assert_uint_eq(a.faults, 0);
}
END_TEST

START_TEST(two_files_that_do_not_belong_together_are_refused)
{
	ck_assert_int_eq(store_append(q.store, NULL, 0, q.flush + 2, q.day),
	    RC_OK);
	ck_assert_int_eq(journal_recover(&q), RC_CONFIG);
}
END_TEST

START_TEST(rows_that_run_low_are_told_early_without_numbers)
{
	uint64_t entries = q.places->sizes.entries;

	it_is_day(q.day);
	while (journal_has_room(&q) &&
	       q.places->free_entries.count > entries / 8) {
		ck_assert_int_eq(journal_add(&q, "pause", ",\"on\":true"),
		    RC_OK);
	}
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_uint_eq(q.places->free_entries.count, entries);
	ck_assert(journal_has_room(&q));
	ck_assert_uint_eq(audit().days, 0);
	/* the day goes on, and is closed once */
	it_is_day(q.day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_uint_eq(audit().days, 1);
}
END_TEST

/* In what order lines stand must not tell in what order they came: of 64 that
 * would be the same by chance once in 10^89. */
START_TEST(the_lines_of_a_day_are_in_no_order)
{
	struct buf *b = buf_new(1 << 20);
	int64_t next = 1, last = 0;
	int rising = 1, before = 0;
	const char *p;

	it_is_day(q.day);
	for (int i = 1; i <= 64; i++)
		ck_assert_int_eq(journal_add(&q, "accepted", ",\"c\":\"%064d\"",
				     i),
		    RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	it_is_day(q.day + 1);
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(store_last_line(q.store, &last), RC_OK);
	ck_assert_int_eq(last, 65);
	ck_assert_int_eq(store_lines(q.store, &next, last, b), RC_OK);
	ck_assert_int_eq(buf_add(b, "", 1), RC_OK);
	p = (const char *)buf_data(b);
	for (int i = 0; i < 64; i++) {
		int n;

		p = strstr(p, "\"c\":\"") + 5;
		n = (int)strtol(p, NULL, 10);
		rising = rising && n > before;
		before = n;
	}
	ck_assert(!rising);
	ck_assert_ptr_nonnull(strstr(p, "\"ev\":\"day\""));
	buf_free(b);
}
END_TEST

START_TEST(an_entry_that_is_too_long_is_refused)
{
	ck_assert_int_eq(journal_add(&q, "start", ",\"build\":\"%01000d\"", 1),
	    RC_LIMIT);
	ck_assert_int_eq(journal_add(&q, "start", ",\"build\":\"%0940d\"", 1),
	    RC_OK);
}
END_TEST

/* --- what is past its time
 * ---------------------------------------------------------- */

static void
done_on(uint64_t place, int64_t day)
{
	struct head h = {
	    .state = STATE_DONE, .day = (uint32_t)day, .length = 10};
	struct receipt r = {.used = 1, .day = (uint32_t)day};
	struct buf *b = buf_new(16);

	put_u64(r.k, place + 1);
	ck_assert_int_eq(buf_add_text(b, "SEALEDMARK"), RC_OK);
	ck_assert_int_eq(queue_begin(&q), RC_OK);
	ck_assert_int_eq(store_body(q.store, place, 0, b), RC_OK);
	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(store_receipt(q.store, place, &r), RC_OK);
	places_set_receipt(q.places, place, &r);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	buf_free(b);
}

static int
body_is_there(uint64_t place)
{
	struct buf *b = buf_new(16);
	int is;

	ck_assert_int_eq(store_read_body(q.store, place, 10, b), RC_OK);
	is = memcmp(buf_data(b), "SEALEDMARK", 10) == 0;
	buf_free(b);
	return is;
}

static void
give_up_all(void)
{
	giveup_begin(&q);
	while (q.giving_up)
		ck_assert_int_eq(giveup_turn(&q), RC_OK);
}

START_TEST(what_is_past_its_time_is_overwritten_and_nothing_before)
{
	int64_t day = q.day;

	for (uint64_t i = 0; i < 30; i++)
		done_on(i, day);
	q.day = day + 7; /* kept for seven days */
	give_up_all();
	ck_assert_uint_eq(q.places->count[STATE_DONE], 30);
	q.day = day + 8;
	give_up_all();
	ck_assert_uint_eq(q.places->count[STATE_DONE], 0);
	ck_assert_uint_eq(q.places->count[STATE_FREE], 38);
	for (uint64_t i = 0; i < 30; i++)
		ck_assert(!body_is_there(i));
	ck_assert_uint_eq(q.places->free_receipts.count, 226);
	q.day = day + 60;
	give_up_all();
	ck_assert_uint_eq(q.places->free_receipts.count, 226);
	q.day = day + 61;
	give_up_all();
	ck_assert_uint_eq(q.places->free_receipts.count, 256);
}
END_TEST

START_TEST(what_waits_is_never_given_up)
{
	static const enum state states[] = {
	    STATE_READY, STATE_LEASED, STATE_DEAD};

	for (uint64_t i = 0; i < 3; i++) {
		struct head h = {.state = states[i], .day = 0};

		done_on(i, q.day);
		ck_assert_int_eq(queue_set_head(&q, i, &h), RC_OK);
		ck_assert_int_eq(queue_commit(&q), RC_OK);
	}
	q.day += 10000;
	give_up_all();
	for (uint64_t i = 0; i < 3; i++) {
		ck_assert_int_eq(q.places->item[i].head.state, states[i]);
		ck_assert(body_is_there(i));
	}
}
END_TEST

/* --- slots
 * ---------------------------------------------------------------------------
 */

static size_t
released(void)
{
	size_t n = 0;

	for (uint64_t i = 0; i < q.places->item_count; i++)
		n += q.places->item[i].released != 0;
	return n;
}

static int
turn(void)
{
	int ticked;

	ck_assert_int_eq(slots_turn(&q, &ticked), RC_OK);
	return ticked;
}

START_TEST(nothing_leaves_before_its_slot)
{
	for (uint8_t i = 1; i <= 20; i++)
		accept(i);
	q.config.slot_ms[0] = 3600000;
	q.config.slot_ms[FLOW_FAST] = 1000;
	slots_begin(&q);
	ck_assert_int_eq(turn(), 0);
	ck_assert_int_le(slots_wait_ms(&q), 1001);
	/* the other lane's tick lets none of these go */
	q.tick_mono_ms[FLOW_FAST] = 0;
	ck_assert_int_eq(turn(), 1);
	ck_assert_uint_eq(released(), 0);
	ck_assert_int_gt(q.tick_mono_ms[FLOW_FAST], mono_ms() - 1);
}
END_TEST

START_TEST(a_slot_lets_a_batch_go_and_any_may_be_in_it)
{
	int seen[38] = {0};

	for (uint8_t i = 1; i <= 20; i++)
		accept(i);
	q.config.slot_batch = 4;
	q.config.slot_ms[FLOW_FAST] = q.config.slot_ms[0] = 3600000;
	slots_begin(&q);
	/* one of 20 is missed by chance once in 10^38 */
	for (int i = 0; i < 400; i++) {
		q.tick_mono_ms[0] = 0;
		ck_assert_int_eq(turn(), 1);
		ck_assert_uint_eq(released(), 4);
		for (uint64_t k = 0; k < q.places->item_count; k++) {
			seen[k] += q.places->item[k].released;
			q.places->item[k].released = 0;
		}
	}
	for (uint64_t k = 0; k < q.places->item_count; k++)
		ck_assert((seen[k] > 0) ==
			  (q.places->item[k].head.state == STATE_READY));
}
END_TEST

START_TEST(fewer_than_a_batch_all_go)
{
	for (uint8_t i = 1; i <= 3; i++)
		accept(i);
	q.tick_mono_ms[0] = 0;
	ck_assert_int_eq(turn(), 1);
	ck_assert_uint_eq(released(), 3);
	/* and one in the next */
	accept(4);
	ck_assert_uint_eq(released(), 3);
	q.tick_mono_ms[0] = 0;
	ck_assert_int_eq(turn(), 1);
	ck_assert_uint_eq(released(), 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue days");
	TCase *t = tcase_create("days");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_day_changes_at_its_hour);
	tcase_add_test(t, entries_wait_for_the_end_of_their_day);
	tcase_add_test(t,
	    a_clock_that_jumps_moves_no_day_without_the_operators_word);
	tcase_add_test(t, on_a_full_disk_the_day_goes_on);
	tcase_add_test(t,
	    a_day_without_a_report_is_closed_too_and_a_clock_set_back_waits);
	tcase_add_test(t,
	    a_cut_in_a_days_end_loses_nothing_and_tells_nothing_twice);
	tcase_add_test(t, a_cut_between_the_two_commits_is_made_good);
	tcase_add_test(t, two_files_that_do_not_belong_together_are_refused);
	tcase_add_test(t, rows_that_run_low_are_told_early_without_numbers);
	tcase_add_test(t, the_lines_of_a_day_are_in_no_order);
	tcase_add_test(t, an_entry_that_is_too_long_is_refused);
	tcase_add_test(t,
	    what_is_past_its_time_is_overwritten_and_nothing_before);
	tcase_add_test(t, what_waits_is_never_given_up);
	tcase_add_test(t, nothing_leaves_before_its_slot);
	tcase_add_test(t, a_slot_lets_a_batch_go_and_any_may_be_in_it);
	tcase_add_test(t, fewer_than_a_batch_all_go);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
