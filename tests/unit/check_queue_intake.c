/* Admission: a verdict leaves after COMMIT and not before, a second sending is
 * known, and what the operator hears of full rows follows no single report. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "intake.h"
#include "log.h"
#include "orders.h"
#include "queue_site.h"

static struct queue q;
static struct intake *intake;
static int log_pipe[2];

static void
setup(void)
{
	int p[2];

	(void)signal(SIGPIPE, SIG_IGN);
	site_make();
	site_open(&q, "");
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	ck_assert_int_eq(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
	site.signer = p[0];
	intake = intake_new(p[1]);
	ck_assert_ptr_nonnull(intake);
	ck_assert_int_eq(pipe2(log_pipe, O_NONBLOCK | O_CLOEXEC), 0);
	log_init("queue", log_pipe[1]);
}

static void
teardown(void)
{
	log_init("queue", STDERR_FILENO);
	close(log_pipe[0]);
	close(log_pipe[1]);
	intake_free(intake);
	close(site.signer);
	site_close(&q);
	site_remove();
}

/* How many lines the log got since the last time. */
static size_t
log_lines(void)
{
	char text[4096];
	ssize_t n = read(log_pipe[0], text, sizeof(text));
	size_t lines = 0;

	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
collect(void)
{
	ck_assert_int_eq(intake_collect(intake, &q), RC_OK);
}

/* The rest of a round: COMMIT, and the answers. */
static void
finish(void)
{
	ck_assert_int_eq(intake_store(&q), RC_OK);
	intake_answer(&q, queue_commit(&q));
}

/* Whether an answer has something to read. */
static int
is_told(int answer)
{
	uint8_t byte;

	return recv(answer, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Sends a report of a class in a round of its own; gives the verdict. */
static uint8_t
send_any(uint64_t number, uint8_t class, uint8_t destination, uint8_t cover)
{
	struct buf *object = buf_new(64);
	uint8_t head[STORE_LEN];
	int answer;

	ck_assert_int_eq(buf_fill(object, 'o', 64), RC_OK);
	site_head(number, LANE_POOL, head);
	head[(size_t)4 * HASH_LEN + 1] = class;
	head[(size_t)4 * HASH_LEN + 2] = destination;
	head[(size_t)4 * HASH_LEN + 3] = cover;
	answer = site_store_head(head, object);
	buf_free(object);
	collect();
	finish();
	return site_verdict(answer);
}

static uint8_t
send_one(uint64_t number, uint8_t class, uint8_t destination)
{
	return send_any(number, class, destination, 0);
}

static uint8_t
send_cover(uint64_t number)
{
	return send_any(number, 0, 0, 1);
}

/* --- verdicts --------------------------------------------------------------
 */

START_TEST(no_verdict_leaves_before_commit)
{
	int answer = site_store(1, LANE_POOL, SITE_OBJECT);

	collect();
	ck_assert_uint_eq(q.arrival_count, 1);
	ck_assert_int_eq(intake_store(&q), RC_OK);
	ck_assert(!is_told(answer));
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	ck_assert(!is_told(answer));
	intake_answer(&q, RC_OK);
	ck_assert_uint_eq(q.arrival_count, 0);
	ck_assert_uint_eq(site_verdict(answer), VERDICT_STORED);
	ck_assert_uint_eq(q.places->count[STATE_READY], 1);
}
END_TEST

START_TEST(a_commit_that_may_have_failed_is_told_as_unknown)
{
	int answer = site_store(1, LANE_POOL, SITE_OBJECT);

	collect();
	ck_assert_int_eq(intake_store(&q), RC_OK);
	intake_answer(&q, RC_UNKNOWN);
	ck_assert_uint_eq(site_verdict(answer), VERDICT_UNKNOWN);
}
END_TEST

START_TEST(of_one_batch_only_the_first_is_stored)
{
	struct buf *object = site_object(1, SITE_OBJECT);
	uint8_t head[STORE_LEN];
	int first, same, other;

	site_head(1, LANE_POOL, head);
	first = site_store_head(head, object);
	collect();
	same = site_store_head(head, object);
	collect();
	head[HASH_LEN] ^= 1; /* dup */
	other = site_store_head(head, object);
	collect();
	ck_assert_uint_eq(q.arrival_count, 3);
	finish();
	ck_assert_uint_eq(site_verdict(first), VERDICT_STORED);
	ck_assert_uint_eq(site_verdict(same), VERDICT_DUPLICATE);
	ck_assert_uint_eq(site_verdict(other), VERDICT_CONFLICT);
	ck_assert_uint_eq(q.places->count[STATE_READY], 1);
	buf_free(object);
}
END_TEST

START_TEST(a_batch_ends_and_the_rest_waits_for_the_next)
{
	int answer[BATCH_MOST + 1];
	struct buf *object = buf_new(64);
	uint8_t head[STORE_LEN];

	ck_assert_int_eq(buf_fill(object, 'o', 64), RC_OK);
	for (uint64_t i = 0; i <= BATCH_MOST; i++) {
		/* one report, sent again and again */
		site_head(1, LANE_POOL, head);
		answer[i] = site_store_head(head, object);
		if (i < BATCH_MOST)
			collect();
	}
	collect();
	ck_assert_uint_eq(q.arrival_count, BATCH_MOST);
	finish();
	ck_assert(!is_told(answer[BATCH_MOST]));
	collect();
	ck_assert_uint_eq(q.arrival_count, 1);
	finish();
	ck_assert_uint_eq(site_verdict(answer[0]), VERDICT_STORED);
	for (size_t i = 1; i <= BATCH_MOST; i++)
		ck_assert_uint_eq(site_verdict(answer[i]), VERDICT_DUPLICATE);
	buf_free(object);
}
END_TEST

START_TEST(a_child_that_is_gone_costs_nothing)
{
	close(site_store(1, LANE_POOL, SITE_OBJECT));
	collect();
	finish();
	ck_assert_uint_eq(send_one(1, 0, 0), VERDICT_DUPLICATE);
}
END_TEST

/* --- closed ----------------------------------------------------------------
 */

START_TEST(what_closes_admission_closes_it_for_new_reports_alone)
{
	ck_assert_uint_eq(send_one(1, 0, 0), VERDICT_STORED);
	ck_assert(intake_is_open(&q));
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			q.paused = 1;
		else
			q.full_disk = 1;
		ck_assert(!intake_is_open(&q));
		ck_assert_uint_eq(send_one(2, 0, 0), VERDICT_CLOSED);
		ck_assert_uint_eq(send_one(1, 0, 0), VERDICT_DUPLICATE);
		q.paused = 0;
		q.full_disk = 0;
	}
	/* a destination that queue does not have yet */
	ck_assert_uint_eq(send_one(2, 0, 1), VERDICT_CLOSED);
	ck_assert_uint_eq(send_one(2, 0, 0), VERDICT_STORED);
	ck_assert_uint_eq(log_lines(), 0);
}
END_TEST

/* Asks as ctl, and looks whether the answer has this text in it. */
static int
status_has(const char *text)
{
	static const uint8_t ask[] = {VERB_STATUS};
	struct runs *r = runs_new();
	struct buf *body = buf_new(4096);
	struct orders *o;
	struct frame f;
	int p[2], has;
	enum rc rc;

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     p),
	    0);
	o = orders_new(p[1]);
	ck_assert_int_eq(frame_send(p[0], FRAME_ASK, ask, sizeof(ask), -1),
	    RC_OK);
	ck_assert_int_eq(orders_take(o, &q, r), RC_OK);
	ck_assert_int_eq(orders_tell(o, &q), RC_OK);
	site_hears(p[0], &f, FRAME_TELL);
	do {
		ck_assert_int_eq(frame_recv(p[0], &f, 0), RC_OK);
		rc = frame_body_step(&f, body);
	} while (rc == RC_AGAIN);
	ck_assert_int_eq(rc, RC_OK);
	has = site_told(body, text);
	orders_free(o);
	runs_free(r);
	buf_free(body);
	close(p[0]);
	close(p[1]);
	return has;
}

START_TEST(full_rows_are_told_once_in_a_slot_whatever_reports_come)
{
	struct head done = {.state = STATE_DONE, .class = 1};
	uint64_t number = 1, first = store_first(q.store, 1);

	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(send_one(number++, 1, 0), VERDICT_STORED);
	ck_assert(status_has("\"admission\":\"open\""));
	ck_assert_uint_eq(log_lines(), 0);
	/* one class is full; reports of the others come and go */
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_eq(send_one(number++, 1, 0), VERDICT_CLOSED);
		ck_assert_uint_eq(send_one(number++, 0, 0), VERDICT_STORED);
		ck_assert(status_has("\"closed for 256 KiB: no free row\""));
		intake_look(&q);
	}
	ck_assert_uint_eq(log_lines(), 1);
	/* a row may be used again: known from the next slot on */
	ck_assert_int_eq(queue_set_head(&q, first, &done), RC_OK);
	ck_assert_uint_eq(send_one(number++, 1, 0), VERDICT_STORED);
	ck_assert_int_eq(queue_set_head(&q, first + 1, &done), RC_OK);
	ck_assert(status_has("\"closed for 256 KiB: no free row\""));
	intake_look(&q);
	ck_assert(status_has("\"admission\":\"open\""));
	/* and a second class that fills is told for itself */
	ck_assert_uint_eq(send_one(number++, 1, 0), VERDICT_STORED);
	for (int i = 0; i < 3; i++)
		(void)send_one(number++, 2, 0);
	ck_assert_uint_eq(send_one(number++, 1, 0), VERDICT_CLOSED);
	ck_assert(status_has("\"closed for 256 KiB, 1 MiB: no free row\""));
	ck_assert_uint_eq(log_lines(), 2);
}
END_TEST

/* 32 rows of this class, 256 receipts. */
START_TEST(dummies_leave_reports_their_rows)
{
	uint64_t number = 1, receipts = q.places->free_receipts.count;
	unsigned int taken = 0;

	q.config.stock = 1000;
	while (send_cover(number++) == VERDICT_STORED)
		taken++;
	ck_assert_uint_eq(taken, 17);
	/* and a receipt, which stays for sixty days, they never take */
	ck_assert_uint_eq(q.places->free_receipts.count, receipts);
	for (int i = 0; i < 15; i++)
		ck_assert_uint_eq(send_one(number++, 0, 0), VERDICT_STORED);
	ck_assert_uint_eq(q.places->free_receipts.count, receipts - 15);
	ck_assert_uint_eq(log_lines(), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue intake");
	TCase *t = tcase_create("intake");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, no_verdict_leaves_before_commit);
	tcase_add_test(t, a_commit_that_may_have_failed_is_told_as_unknown);
	tcase_add_test(t, of_one_batch_only_the_first_is_stored);
	tcase_add_test(t, a_batch_ends_and_the_rest_waits_for_the_next);
	tcase_add_test(t, a_child_that_is_gone_costs_nothing);
	tcase_add_test(t,
	    what_closes_admission_closes_it_for_new_reports_alone);
	tcase_add_test(t,
	    full_rows_are_told_once_in_a_slot_whatever_reports_come);
	tcase_add_test(t, dummies_leave_reports_their_rows);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
