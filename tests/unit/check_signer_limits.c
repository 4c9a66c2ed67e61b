/* What one peer may have of signer, and what its log tells of it. Its control
 * socket and the way to queue are the test's; a screen child is whoever holds
 * the other end of a channel. No envelope here is one, so that no key is
 * needed. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "peers.h"
#include "wire.h"

enum { WAIT_MS = 10000 };

static int control, queue, log_pipe;
static pid_t signer;

/* --- the role ----------------------------------------------------------- */

static _Noreturn void
be_signer(const int from[3], int64_t per_child)
{
	static const int to[3] = {FD_LOG, FD_CONTROL, FD_SIGNER_QUEUE};
	static struct judge judge_of_none;
	struct peers *peers;
	int high[3];
	enum rc rc;

	/* Check's handler would pass it on to the whole test */
	(void)signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < 3; i++)
		high[i] = fcntl(from[i], F_DUPFD, 100);
	for (int i = 0; i < 3; i++) {
		if (dup2(high[i], to[i]) == -1)
			_exit(90);
	}
	/* the test's ends are not this process's */
	close(FD_SETUP);
	close_range(FD_SIGNER_QUEUE + 1, ~0U, 0);
	peers = peers_new(&judge_of_none, 1, per_child);
	if (peers == NULL)
		_exit(91);
	do
		rc = peers_serve(peers);
	while (rc == RC_OK);
	peers_free(peers);
	_exit(rc == RC_EOF ? 0 : 92);
}

static void
start(int64_t per_child)
{
	int c[2], q[2], l[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, c), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q), 0);
	ck_assert_int_eq(pipe(l), 0);
	signer = fork();
	ck_assert_int_ne(signer, -1);
	if (signer == 0)
		be_signer((const int[3]){l[1], c[1], q[1]}, per_child);
	close(c[1]);
	close(q[1]);
	close(l[1]);
	control = c[0];
	queue = q[0];
	log_pipe = l[0];
}

/* In order: cutoutd is gone. */
static void
stop(void)
{
	int status;

	close(control);
	ck_assert_int_eq(waitpid(signer, &status, 0), signer);
	ck_assert_int_eq(status, 0);
	close(queue);
	close(log_pipe);
}

/* --- its peers ---------------------------------------------------------- */

/* Gives signer one end of a pair over fd; the other is returned. */
static int
channel(int fd, enum channel_kind kind)
{
	uint8_t byte = (uint8_t)kind;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_eq(frame_send(fd, FRAME_CHANNEL, &byte, 1, pair[1]),
	    RC_OK);
	close(pair[1]);
	return pair[0];
}

static int
comes(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static enum rc
next(int fd, struct frame *f)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_int_eq(poll(&p, 1, WAIT_MS), 1);
	return frame_recv(fd, f, 0);
}

static void
is_refused(int child)
{
	struct frame f;

	ck_assert_int_eq(next(child, &f), RC_OK);
	ck_assert_int_eq(f.type, FRAME_VERDICT);
	ck_assert_int_eq(f.len, 1);
	ck_assert_int_eq(f.raw_data[0], VERDICT_REFUSED);
}

/* --- a child ------------------------------------------------------------ */

/* An envelope that is none. */
static enum rc
submit(int child)
{
	static const uint8_t head[SUBMIT_LEN];
	enum rc rc;

	rc = frame_send(child, FRAME_SUBMIT, head, sizeof(head), -1);
	return rc == RC_OK ? frame_write_body(child, "no envelope", 11) : rc;
}

START_TEST(a_child_has_one_envelope_judged_and_no_more)
{
	int zygote, child;
	struct frame f;

	start(1);
	zygote = channel(control, CHANNEL_SCREEN);
	child = channel(zygote, CHANNEL_CHILD);
	/* both at once, as one that was taken over would */
	ck_assert_int_eq(submit(child), RC_OK);
	ck_assert_int_eq(submit(child), RC_OK);
	is_refused(child);
	ck_assert_int_eq(next(child, &f), RC_EOF);
	ck_assert(!comes(queue));
	/* the next child has its own */
	child = channel(zygote, CHANNEL_CHILD);
	ck_assert_int_eq(submit(child), RC_OK);
	is_refused(child);
	stop();
}
END_TEST

START_TEST(as_many_as_it_is_told_where_isolation_is_reduced)
{
	int child;
	struct frame f;

	start(3);
	child = channel(channel(control, CHANNEL_SCREEN), CHANNEL_CHILD);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(submit(child), RC_OK);
		is_refused(child);
	}
	ck_assert_int_eq(next(child, &f), RC_EOF);
	stop();
}
END_TEST

START_TEST(no_line_is_about_one_report)
{
	int zygote, child;
	struct frame f;

	start(1);
	zygote = channel(control, CHANNEL_SCREEN);
	child = channel(zygote, CHANNEL_CHILD);
	ck_assert_int_eq(submit(child), RC_OK);
	is_refused(child);
	/* and one that breaks the protocol */
	child = channel(zygote, CHANNEL_CHILD);
	ck_assert_int_eq(frame_send(child, FRAME_DATA, "x", 1, -1), RC_OK);
	ck_assert_int_eq(next(child, &f), RC_EOF);
	ck_assert(!comes(log_pipe));
	stop();
}
END_TEST

/* --- zygotes ------------------------------------------------------------ */

START_TEST(a_zygote_too_many_is_its_own_loss)
{
	int zygotes[PEERS_ZYGOTES], child;
	struct frame f;

	start(1);
	for (size_t i = 0; i < PEERS_ZYGOTES; i++)
		zygotes[i] = channel(control, CHANNEL_SCREEN);
	ck_assert_int_eq(next(channel(control, CHANNEL_SCREEN), &f), RC_EOF);
	/* all others serve on, and when one has gone there is room again */
	for (size_t i = 0; i < PEERS_ZYGOTES; i++)
		ck_assert(!comes(zygotes[i]));
	close(zygotes[3]);
	zygotes[3] = channel(control, CHANNEL_SCREEN);
	child = channel(zygotes[3], CHANNEL_CHILD);
	ck_assert_int_eq(submit(child), RC_OK);
	is_refused(child);
	stop();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("signer_limits");
	TCase *t = tcase_create("peers");
	SRunner *sr;
	int failed;

	/* what has gone must not end the test */
	(void)signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_child_has_one_envelope_judged_and_no_more);
	tcase_add_test(t, as_many_as_it_is_told_where_isolation_is_reduced);
	tcase_add_test(t, no_line_is_about_one_report);
	tcase_add_test(t, a_zygote_too_many_is_its_own_loss);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
