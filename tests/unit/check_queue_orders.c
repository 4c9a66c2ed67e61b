/* What the operator orders is done in the round's transaction and told after
 * it, and what can not be done is refused in a word. Room on the disk, too. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "disk.h"
#include "intake.h"
#include "journal.h"
#include "orders.h"
#include "queue_site.h"

static struct queue q;
static struct orders *orders;
static struct runs *runs;
static struct buf *body;
static int ctl, theirs;

static void
setup(void)
{
	int p[2];

	(void)signal(SIGPIPE, SIG_IGN);
	site_make();
	site_open(&q, "");
	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     p),
	    0);
	ctl = p[0];
	theirs = p[1];
	orders = orders_new(theirs);
	runs = runs_new();
	body = buf_new(1 << 20);
}

static void
teardown(void)
{
	orders_free(orders);
	runs_free(runs);
	close(ctl);
	close(theirs);
	buf_free(body);
	site_close(&q);
	site_remove();
}

/* Asks, lets rounds pass until the answer is whole, gives its rc. */
static enum rc
ask(const void *question, size_t len)
{
	struct frame f;
	enum rc rc = RC_AGAIN, told;

	ck_assert_int_eq(frame_send(ctl, FRAME_ASK, question, len, -1), RC_OK);
	do {
		ck_assert_int_eq(orders_take(orders, &q, runs), RC_OK);
		ck_assert_int_eq(queue_commit(&q), RC_OK);
		ck_assert_int_eq(orders_tell(orders, &q), RC_OK);
	} while (frame_recv(ctl, &f, 0) != RC_OK);
	ck_assert_uint_eq(f.type, FRAME_TELL);
	told = (enum rc)f.raw_data[0];
	buf_clear(body);
	while (rc == RC_AGAIN) {
		if (frame_recv(ctl, &f, 0) == RC_OK)
			rc = frame_body_step(&f, body);
		else
			ck_assert_int_eq(orders_tell(orders, &q), RC_OK);
	}
	ck_assert_int_eq(rc, RC_OK);
	return told;
}

static enum rc
ask_verb(uint8_t verb)
{
	return ask(&verb, 1);
}

static enum rc
ask_pause(uint8_t on)
{
	const uint8_t question[] = {VERB_PAUSE, on};

	return ask(question, sizeof(question));
}

static void
put_dead(uint64_t place, uint8_t number, uint8_t destination)
{
	struct head h = {.state = STATE_DEAD,
	    .refusals = 3,
	    .told = 1,
	    .destination = destination};

	memset(h.h, number, HASH_LEN);
	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

static enum rc
ask_retry(uint8_t number)
{
	uint8_t question[1 + HASH_LEN];

	question[0] = VERB_DEAD_RETRY;
	memset(question + 1, number, HASH_LEN);
	return ask(question, sizeof(question));
}

/* Fills the log's rows but for so many. */
static void
fill_log(uint64_t left)
{
	while (q.places->free_entries.count > left)
		ck_assert_int_eq(journal_add(&q, "start", ",\"build\":\"b\""),
		    RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

START_TEST(a_retry_waits_again_as_if_never_refused)
{
	put_dead(3, 7, 0);
	ck_assert_int_eq(ask_verb(VERB_DEAD_LIST), RC_OK);
	ck_assert(site_told(body, "\"destination\":\"north\""));
	ck_assert_int_eq(ask_retry(8), RC_NOTFOUND);
	ck_assert_int_eq(ask_retry(7), RC_OK);
	ck_assert(site_told(body, "{\"retried\":1}\n"));
	ck_assert_int_eq(q.places->item[3].head.state, STATE_READY);
	ck_assert_uint_eq(q.places->item[3].head.refusals, 0);
	ck_assert_uint_eq(q.places->item[3].head.told, 1);
}
END_TEST

START_TEST(a_retry_to_a_destination_that_is_not_there_is_refused)
{
	put_dead(3, 7, 1);
	ck_assert_int_eq(ask_retry(7), RC_DENIED);
	ck_assert_int_eq(q.places->item[3].head.state, STATE_DEAD);
	/* it is still on the operator's list */
	ck_assert_int_eq(ask_verb(VERB_DEAD_LIST), RC_OK);
	ck_assert(site_told(body, "\"destination\":\"?\""));
}
END_TEST

START_TEST(without_room_in_the_log_an_order_is_refused_and_nothing_changes)
{
	put_dead(3, 7, 0);
	fill_log(0);
	ck_assert_int_eq(ask_retry(7), RC_FULL);
	ck_assert_int_eq(q.places->item[3].head.state, STATE_DEAD);
	ck_assert_int_eq(ask_pause(1), RC_FULL);
	ck_assert_int_eq(q.paused, 0);
	ck_assert_uint_eq(buf_len(body), 0);
	/* what is so already needs no entry */
	ck_assert_int_eq(ask_pause(0), RC_OK);
}
END_TEST

START_TEST(a_pause_leaves_the_room_of_deliveries)
{
	struct head h = {.state = STATE_READY};

	ck_assert_int_eq(queue_set_head(&q, 3, &h), RC_OK);
	fill_log(3);
	ck_assert_int_eq(ask_pause(1), RC_FULL);
	ck_assert_uint_eq(q.places->free_entries.count, 3);
}
END_TEST

START_TEST(all_the_dead_are_retried_in_as_many_rounds_as_it_takes)
{
	static const uint8_t all[] = {VERB_DEAD_RETRY};

	for (uint8_t i = 0; i < 30; i++)
		put_dead(i, i, 0);
	ck_assert_int_eq(ask(all, 1), RC_OK);
	ck_assert(site_told(body, "{\"retried\":30}\n"));
	ck_assert_uint_eq(q.places->count[STATE_DEAD], 0);
	ck_assert_uint_eq(q.places->count[STATE_READY], 30);
	ck_assert(!orders_goes_on(orders));
}
END_TEST

START_TEST(what_is_no_question_ends_ctl)
{
	static const uint8_t wrong[] = {99};

	ck_assert_int_eq(frame_send(ctl, FRAME_ASK, wrong, 1, -1), RC_OK);
	ck_assert_int_eq(orders_take(orders, &q, runs), RC_EOF);
}
END_TEST

START_TEST(a_disk_below_its_reserve_closes_admission_until_it_is_not)
{
	int64_t reserve = q.config.disk_reserve_bytes;

	disk_look(&q);
	ck_assert_int_eq(q.full_disk, 0);
	q.config.disk_reserve_bytes = INT64_MAX;
	disk_look(&q);
	ck_assert_int_eq(q.full_disk, 1);
	ck_assert(!intake_is_open(&q));
	ck_assert_int_eq(ask_verb(VERB_STATUS), RC_OK);
	ck_assert(site_told(body,
	    "\"admission\":\"closed: the disk is below its reserve\""));
	q.config.disk_reserve_bytes = reserve;
	disk_look(&q);
	ck_assert_int_eq(q.full_disk, 0);
	ck_assert(intake_is_open(&q));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue orders");
	TCase *t = tcase_create("orders");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_retry_waits_again_as_if_never_refused);
	tcase_add_test(t,
	    a_retry_to_a_destination_that_is_not_there_is_refused);
	tcase_add_test(t,
	    without_room_in_the_log_an_order_is_refused_and_nothing_changes);
	tcase_add_test(t, a_pause_leaves_the_room_of_deliveries);
	tcase_add_test(t,
	    all_the_dead_are_retried_in_as_many_rounds_as_it_takes);
	tcase_add_test(t, what_is_no_question_ends_ctl);
	tcase_add_test(t,
	    a_disk_below_its_reserve_closes_admission_until_it_is_not);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
