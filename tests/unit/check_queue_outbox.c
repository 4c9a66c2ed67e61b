/* One message on its way: whole, once, and without ever waiting for its
 * peer. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "frame.h"
#include "outbox.h"
#include "wire.h"

static struct outbox o;
static struct buf *body, *got;
static int ours, theirs;

static void
setup(void)
{
	int p[2];

	(void)signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     p),
	    0);
	ours = p[0];
	theirs = p[1];
	o = (struct outbox){0};
	body = buf_new(2 << 20);
	got = buf_new(2 << 20);
}

static void
teardown(void)
{
	close(ours);
	if (theirs != -1)
		close(theirs);
	buf_free(body);
	buf_free(got);
}

/* Takes what is there of a body; RC_OK: all of it. */
static enum rc
take_body(void)
{
	struct frame f;
	enum rc rc = RC_AGAIN;

	while (rc == RC_AGAIN && frame_recv(theirs, &f, 0) == RC_OK)
		rc = frame_body_step(&f, got);
	return rc;
}

static void
takes_head(uint8_t type, const void *head, size_t len)
{
	struct frame f;

	ck_assert_int_eq(frame_recv(theirs, &f, 0), RC_OK);
	ck_assert_uint_eq(f.type, type);
	ck_assert_uint_eq(f.len, len);
	ck_assert(len == 0 || memcmp(f.raw_data, head, len) == 0);
}

START_TEST(nothing_waits_in_an_empty_one)
{
	struct frame f;

	ck_assert(!outbox_waits(&o));
	ck_assert_int_eq(outbox_push(&o, ours), RC_OK);
	ck_assert_int_eq(frame_recv(theirs, &f, 0), RC_AGAIN);
}
END_TEST

START_TEST(a_frame_alone_goes_once)
{
	struct frame f;

	outbox_put(&o, FRAME_NEXT, NULL, 0, NULL, 1);
	ck_assert(outbox_waits(&o));
	ck_assert_int_eq(outbox_push(&o, ours), RC_OK);
	ck_assert(!outbox_waits(&o));
	ck_assert_int_eq(outbox_push(&o, ours), RC_OK);
	takes_head(FRAME_NEXT, NULL, 0);
	ck_assert_int_eq(frame_recv(theirs, &f, 0), RC_AGAIN);
}
END_TEST

/* More than the socket holds: it goes on where it was. */
START_TEST(a_body_arrives_whole_from_a_peer_that_is_slow)
{
	static const uint8_t head[] = {1, 2, 3};
	int waited = 0;
	enum rc rc;

	for (int i = 0; i < 150000; i++)
		ck_assert_int_eq(buf_addf(body, "%07d", i), RC_OK);
	outbox_put(&o, FRAME_ITEM, head, sizeof(head), body, 1);
	rc = outbox_push(&o, ours);
	takes_head(FRAME_ITEM, head, sizeof(head));
	while (rc == RC_AGAIN) {
		waited++;
		ck_assert(outbox_waits(&o));
		ck_assert_int_eq(take_body(), RC_AGAIN);
		rc = outbox_push(&o, ours);
	}
	ck_assert_int_eq(rc, RC_OK);
	ck_assert_int_gt(waited, 1);
	ck_assert_int_eq(take_body(), RC_OK);
	ck_assert_uint_eq(buf_len(got), buf_len(body));
	ck_assert_mem_eq(buf_data(got), buf_data(body), buf_len(body));
}
END_TEST

START_TEST(a_body_in_pieces_is_one_body)
{
	outbox_put(&o, FRAME_TELL, "r", 1, body, 0);
	ck_assert_int_eq(outbox_push(&o, ours), RC_OK);
	takes_head(FRAME_TELL, "r", 1);
	for (int i = 0; i < 3; i++) {
		ck_assert(!outbox_waits(&o));
		buf_clear(body);
		ck_assert_int_eq(buf_addf(body, "piece %d\n", i), RC_OK);
		outbox_more(&o, body, i == 2);
		ck_assert_int_eq(outbox_push(&o, ours), RC_OK);
		ck_assert_int_eq(take_body(), i == 2 ? RC_OK : RC_AGAIN);
	}
	ck_assert_uint_eq(buf_len(got), 24);
	ck_assert_mem_eq(buf_data(got), "piece 0\npiece 1\npiece 2\n", 24);
}
END_TEST

START_TEST(a_peer_that_is_gone_is_told)
{
	close(theirs);
	theirs = -1;
	outbox_put(&o, FRAME_STOP, NULL, 0, NULL, 1);
	ck_assert_int_eq(outbox_push(&o, ours), RC_EOF);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue outbox");
	TCase *t = tcase_create("outbox");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing_waits_in_an_empty_one);
	tcase_add_test(t, a_frame_alone_goes_once);
	tcase_add_test(t, a_body_arrives_whole_from_a_peer_that_is_slow);
	tcase_add_test(t, a_body_in_pieces_is_one_body);
	tcase_add_test(t, a_peer_that_is_gone_is_told);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
