/* ctl waits for a client and never misses the end of cutoutd; a client that is
 * slow, gone or silent is lost and nothing else is. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "reply.h"
#include "watch.h"

enum { SOON_MS = 30, LONG_MS = 20000, SPOOL = 64 };

static int control[2], client[2], other[2];
static struct watch w;
static struct reply r;

static void
setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
	ck_assert_int_eq(fcntl(client[0], F_SETFL, O_NONBLOCK), 0);
	log_init("ctl", open("/dev/null", O_WRONLY | O_CLOEXEC));
	w = (struct watch){.control = control[0]};
	r = (struct reply){.watch = &w,
	    .spool = buf_new(SPOOL),
	    .client = client[0],
	    .stall_ms = LONG_MS,
	    .answer_ms = LONG_MS};
}

static void
teardown(void)
{
	buf_free(r.spool);
}

static int64_t
in_ms(int ms)
{
	return watch_now_ms() + ms;
}

/* --- waiting ---------------------------------------------------------- */

START_TEST(what_is_ready_is_seen_at_once)
{
	ck_assert_int_eq(watch_for(&w, client[0], POLLOUT, -1, WATCH_NEVER),
	    RC_OK);
	ck_assert_int_eq(write(client[1], "x", 1), 1);
	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, -1, in_ms(LONG_MS)),
	    RC_OK);
	ck_assert_int_eq(write(other[1], "x", 1), 1);
	ck_assert_int_eq(watch_for(&w, -1, 0, other[0], WATCH_NEVER), RC_OK);
	ck_assert_int_eq(w.end, RC_OK);
}
END_TEST

START_TEST(a_deadline_is_kept_and_is_no_end)
{
	int64_t due = in_ms(SOON_MS);

	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, other[0], due),
	    RC_TIMEOUT);
	ck_assert_int_ge(watch_now_ms(), due);
	/* one that is over already */
	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, -1, due - 1),
	    RC_TIMEOUT);
	ck_assert_int_eq(w.end, RC_OK);
}
END_TEST

START_TEST(the_end_of_cutoutd_comes_first)
{
	ck_assert_int_eq(write(client[1], "x", 1), 1);
	close(control[1]);
	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, -1, WATCH_NEVER),
	    RC_EOF);
	ck_assert_int_eq(w.end, RC_EOF);
	/* and stays */
	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, -1, in_ms(LONG_MS)),
	    RC_EOF);
}
END_TEST

START_TEST(an_order_that_is_not_expected_changes_nothing)
{
	ck_assert_int_eq(frame_send(control[1], FRAME_DRAIN, NULL, 0, -1),
	    RC_OK);
	ck_assert_int_eq(write(control[1], "no", 2), 2);
	ck_assert_int_eq(watch_for(&w, client[0], POLLIN, -1, in_ms(SOON_MS)),
	    RC_TIMEOUT);
	ck_assert_int_eq(w.end, RC_OK);
}
END_TEST

/* --- an answer -------------------------------------------------------- */

static const char *
sent(void)
{
	static char text[4096];
	ssize_t n = recv(client[1], text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

START_TEST(nothing_leaves_before_it_is_finished)
{
	reply_begin(&r, 1);
	reply_add(&r, "{}", 2);
	reply_add(&r, "", 0);
	ck_assert_str_eq(sent(), "");
	reply_finish(&r);
	/* the newline that was missing counts */
	ck_assert_str_eq(sent(), "{\"ok\":true}\n{}\n{\"end\":3}\n");
	ck_assert_int_eq(r.lost, 0);
}
END_TEST

START_TEST(a_refusal_says_why)
{
	reply_begin(&r, 0);
	reply_error(&r, "no such verb");
	reply_finish(&r);
	ck_assert_str_eq(sent(),
	    "{\"ok\":false}\n{\"error\":\"no such verb\"}\n"
	    "{\"end\":25}\n");
}
END_TEST

START_TEST(more_than_the_spool_goes_in_pieces_and_is_counted)
{
	char line[SPOOL];
	const char *text;

	memset(line, 'x', sizeof(line));
	reply_begin(&r, 1);
	for (int i = 0; i < 10; i++)
		reply_add(&r, line, sizeof(line));
	reply_finish(&r);
	text = sent();
	ck_assert_uint_eq(strspn(text + 12, "x"), 640);
	ck_assert_str_eq(text + 12 + 640, "\n{\"end\":641}\n");
}
END_TEST

START_TEST(a_client_that_takes_nothing_is_lost_in_time)
{
	char line[SPOOL];

	memset(line, 'x', sizeof(line));
	r.stall_ms = SOON_MS;
	reply_begin(&r, 1);
	for (int i = 0; i < 100000 && !r.lost; i++)
		reply_add(&r, line, sizeof(line));
	ck_assert_int_eq(r.lost, 1);
	/* the rest goes nowhere, at once */
	for (int i = 0; i < 100000; i++)
		reply_add(&r, line, sizeof(line));
	reply_finish(&r);
	ck_assert_int_eq(w.end, RC_OK);
}
END_TEST

START_TEST(a_client_that_left_is_lost)
{
	close(client[1]);
	reply_begin(&r, 1);
	reply_finish(&r);
	ck_assert_int_eq(r.lost, 1);
	ck_assert_int_eq(w.end, RC_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl watch");
	TCase *t = tcase_create("watch");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, what_is_ready_is_seen_at_once);
	tcase_add_test(t, a_deadline_is_kept_and_is_no_end);
	tcase_add_test(t, the_end_of_cutoutd_comes_first);
	tcase_add_test(t, an_order_that_is_not_expected_changes_nothing);
	tcase_add_test(t, nothing_leaves_before_it_is_finished);
	tcase_add_test(t, a_refusal_says_why);
	tcase_add_test(t, more_than_the_spool_goes_in_pieces_and_is_counted);
	tcase_add_test(t, a_client_that_takes_nothing_is_lost_in_time);
	tcase_add_test(t, a_client_that_left_is_lost);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
