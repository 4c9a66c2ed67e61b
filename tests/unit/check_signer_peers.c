/* signer's peers: each screen child's envelope stays its own, whoever sends
 * what is not expected loses its channel and nobody else's, and without cutoutd
 * or queue it ends. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "archive.h"
#include "frame.h"
#include "log.h"
#include "peers.h"
#include "signer_site.h"

static struct judge j;
static struct peers *peers;
/* our ends: cutoutd's, queue's and a screen zygote's */
static int control, queue, zygote;

static void
pair(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     ends),
	    0);
}

/* A pair whose one end is the descriptor that signer knows. */
static int
fixed(int fd)
{
	int ends[2];

	pair(ends);
	ck_assert_int_eq(dup2(ends[1], fd), fd);
	close(ends[1]);
	return ends[0];
}

static void
serve(enum rc want)
{
	ck_assert_int_eq(peers_serve(peers), want);
}

/* Lends a channel of this kind over sock and gives our end of it. */
static int
lend(int sock, enum channel_kind kind)
{
	uint8_t byte = (uint8_t)kind;
	int ends[2];

	pair(ends);
	ck_assert_int_eq(frame_send(sock, FRAME_CHANNEL, &byte, 1, ends[1]),
	    RC_OK);
	close(ends[1]);
	serve(RC_OK);
	return ends[0];
}

static int
new_child(void)
{
	return lend(zygote, CHANNEL_CHILD);
}

static void
setup(void)
{
	site_judge(&j);
	/* some tests have two of one child */
	peers = peers_new(&j, 1, 2);
	ck_assert_ptr_nonnull(peers);
	log_init("signer", open("/dev/null", O_WRONLY | O_CLOEXEC));
	control = fixed(FD_CONTROL);
	queue = fixed(FD_SIGNER_QUEUE);
	zygote = lend(control, CHANNEL_SCREEN);
}

static void
teardown(void)
{
	peers_free(peers);
	peers_free(NULL);
	site_judge_free(&j);
}

static void
submit(int child)
{
	uint8_t raw[SUBMIT_LEN];

	site_submit(LANE_POOL, 0, 0, raw);
	ck_assert_int_eq(frame_send(child, FRAME_SUBMIT, raw, sizeof(raw), -1),
	    RC_OK);
}

static void
data(int child, const struct buf *envelope, size_t from, size_t to)
{
	while (from < to) {
		size_t n = to - from > FRAME_MAX ? FRAME_MAX : to - from;

		ck_assert_int_eq(frame_send(child, FRAME_DATA,
				     buf_data(envelope) + from, n, -1),
		    RC_OK);
		from += n;
	}
}

static void
end(int child, uint64_t total)
{
	uint8_t raw[8];

	put_u64(raw, total);
	ck_assert_int_eq(frame_send(child, FRAME_END, raw, sizeof(raw), -1),
	    RC_OK);
}

static void
send_whole(int child, const struct buf *envelope)
{
	submit(child);
	data(child, envelope, 0, buf_len(envelope));
	end(child, buf_len(envelope));
}

/* What queue got: the object, and the way back to the child. */
static int
stored(const struct buf *envelope)
{
	struct buf *object = buf_new(CLASS_BYTES(0) + SEAL_ROOM);
	struct frame f;
	int fd;

	ck_assert_int_eq(frame_recv(queue, &f, 1), RC_OK);
	ck_assert_uint_eq(f.type, FRAME_STORE);
	ck_assert_uint_eq(f.len, STORE_LEN);
	ck_assert_int_ne(f.fd, -1);
	fd = f.fd;
	ck_assert_int_eq(frame_read_body(queue, object), RC_OK);
	ck_assert(site_holds(&j, object, envelope));
	buf_free(object);
	return fd;
}

static void
nothing_stored(void)
{
	char byte;

	ck_assert_int_eq(recv(queue, &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
}

static int
is_closed(int fd)
{
	struct frame f;

	return frame_recv(fd, &f, 0) == RC_EOF;
}

static uint8_t
verdict(int child)
{
	struct frame f;

	ck_assert_int_eq(frame_recv(child, &f, 0), RC_OK);
	ck_assert_uint_eq(f.type, FRAME_VERDICT);
	ck_assert_uint_eq(f.len, 1);
	return f.raw_data[0];
}

START_TEST(a_signed_report_goes_to_queue_with_the_way_back)
{
	struct buf *envelope = site_good();
	uint8_t word = VERDICT_STORED;
	int child = new_child(), back;

	send_whole(child, envelope);
	serve(RC_OK);
	back = stored(envelope);
	ck_assert_int_eq(frame_send(back, FRAME_VERDICT, &word, 1, -1), RC_OK);
	ck_assert_uint_eq(verdict(child), VERDICT_STORED);
	close(back);
	/* a child that has ended is forgotten */
	close(child);
	serve(RC_OK);
	nothing_stored();
	buf_free(envelope);
}
END_TEST

START_TEST(what_is_refused_never_reaches_queue)
{
	static const int other[] = {READER_A, READER_C};
	struct buf *envelope = site_envelope(CLASS_BYTES(0), other, 2);
	int child = new_child();

	send_whole(child, envelope);
	serve(RC_OK);
	ck_assert_uint_eq(verdict(child), VERDICT_REFUSED);
	nothing_stored();
	buf_free(envelope);
	/* and the next of that child is judged for itself */
	envelope = site_good();
	send_whole(child, envelope);
	serve(RC_OK);
	close(stored(envelope));
	buf_free(envelope);
}
END_TEST

START_TEST(envelopes_of_two_children_do_not_mix)
{
	struct buf *one = site_good(), *two = site_good();
	int first = new_child(), second = new_child();
	size_t half = buf_len(one) / 2;

	submit(first);
	data(first, one, 0, half);
	submit(second);
	data(second, two, 0, half);
	serve(RC_OK);
	data(second, two, half, buf_len(two));
	data(first, one, half, buf_len(one));
	end(second, buf_len(two));
	serve(RC_OK);
	close(stored(two));
	end(first, buf_len(one));
	serve(RC_OK);
	close(stored(one));
	buf_free(one);
	buf_free(two);
}
END_TEST

/* What a child must not send, each as far as it gets. */
static void
no_submission(int child, const struct buf *envelope)
{
	data(child, envelope, 0, 100);
}

static void
two_submissions(int child, const struct buf *envelope)
{
	submit(child);
	data(child, envelope, 0, 100);
	submit(child);
}

static void
wrong_total(int child, const struct buf *envelope)
{
	submit(child);
	data(child, envelope, 0, buf_len(envelope));
	end(child, buf_len(envelope) - 1);
}

static void
too_much(int child, const struct buf *envelope)
{
	submit(child);
	data(child, envelope, 0, buf_len(envelope));
	data(child, envelope, 0, SEAL_ROOM);
}

static void
no_destination(int child, const struct buf *envelope)
{
	uint8_t raw[SUBMIT_LEN];

	site_submit(LANE_POOL, 0, MAX_DESTINATIONS, raw);
	ck_assert_int_eq(frame_send(child, FRAME_SUBMIT, raw, sizeof(raw), -1),
	    RC_OK);
	(void)envelope;
}

static void
no_frame(int child, const struct buf *envelope)
{
	ck_assert_int_eq(write(child, buf_data(envelope), 3), 3);
}

static void
a_descriptor(int child, const struct buf *envelope)
{
	uint8_t raw[SUBMIT_LEN];

	site_submit(LANE_POOL, 0, 0, raw);
	ck_assert_int_eq(frame_send(child, FRAME_SUBMIT, raw, sizeof(raw),
			     STDIN_FILENO),
	    RC_OK);
	(void)envelope;
}

static void
a_verdict(int child, const struct buf *envelope)
{
	ck_assert_int_eq(frame_send(child, FRAME_VERDICT, buf_data(envelope), 1,
			     -1),
	    RC_OK);
}

START_TEST(who_sends_what_is_not_expected_loses_its_own_channel)
{
	static void (*const sends[])(int, const struct buf *) = {no_submission,
	    two_submissions, wrong_total, too_much, no_destination, no_frame,
	    a_descriptor, a_verdict};
	struct buf *envelope = site_good();
	int other = new_child();

	submit(other);
	serve(RC_OK);
	for (size_t i = 0; i < sizeof(sends) / sizeof(sends[0]); i++) {
		int child = new_child();

		sends[i](child, envelope);
		serve(RC_OK);
		ck_assert_msg(is_closed(child), "%zu", i);
		close(child);
		nothing_stored();
	}
	data(other, envelope, 0, buf_len(envelope));
	end(other, buf_len(envelope));
	serve(RC_OK);
	close(stored(envelope));
	buf_free(envelope);
}
END_TEST

START_TEST(a_child_that_dies_half_way_leaves_nothing)
{
	struct buf *envelope = site_good();
	int child = new_child();

	submit(child);
	data(child, envelope, 0, 5000);
	close(child);
	serve(RC_OK);
	nothing_stored();
	buf_free(envelope);
}
END_TEST

START_TEST(a_zygote_may_lend_children_and_nothing_else)
{
	static const enum channel_kind kinds[] = {
	    CHANNEL_SCREEN, CHANNEL_COVER, CHANNEL_ONCE};
	struct buf *envelope = site_good();
	int child = new_child();
	uint8_t byte = CHANNEL_CHILD;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = lend(zygote, kinds[i]);

		ck_assert(is_closed(fd));
		ck_assert(is_closed(zygote));
		close(fd);
		close(zygote);
		zygote = lend(control, CHANNEL_SCREEN);
	}
	/* one that is no descriptor */
	ck_assert_int_eq(frame_send(zygote, FRAME_CHANNEL, &byte, 1, -1),
	    RC_OK);
	serve(RC_OK);
	ck_assert(is_closed(zygote));
	/* a child of it goes on */
	send_whole(child, envelope);
	serve(RC_OK);
	close(stored(envelope));
	buf_free(envelope);
}
END_TEST

START_TEST(a_bad_set_of_destinations_changes_nothing)
{
	const struct destinations *before = j.current;
	struct buf *envelope = site_good();
	int child = new_child(), fd;

	ck_assert_int_eq(sealed_memfd("bad", "no archive", 10, &fd), RC_OK);
	ck_assert_int_eq(frame_send(control, FRAME_DESTINATIONS, NULL, 0, fd),
	    RC_OK);
	close(fd);
	serve(RC_OK);
	ck_assert_ptr_eq(j.current, before);
	ck_assert_ptr_null(j.old);
	send_whole(child, envelope);
	serve(RC_OK);
	close(stored(envelope));
	buf_free(envelope);
}
END_TEST

START_TEST(the_old_set_is_forgotten_when_cutoutd_says_so)
{
	struct buf *envelope = site_good();
	int child = new_child();

	/* the current one has gone on to other readers */
	j.old = j.current;
	j.current = calloc(1, sizeof(*j.current));
	ck_assert_ptr_nonnull(j.current);
	send_whole(child, envelope);
	serve(RC_OK);
	close(stored(envelope));
	ck_assert_int_eq(frame_send(control, FRAME_DROP_OLD, NULL, 0, -1),
	    RC_OK);
	serve(RC_OK);
	ck_assert_ptr_null(j.old);
	send_whole(child, envelope);
	serve(RC_OK);
	ck_assert_uint_eq(verdict(child), VERDICT_REFUSED);
	nothing_stored();
	buf_free(envelope);
}
END_TEST

START_TEST(it_ends_with_cutoutd)
{
	close(control);
	serve(RC_EOF);
}
END_TEST

START_TEST(it_ends_with_queue)
{
	struct buf *envelope = site_good();
	int child = new_child();

	close(queue);
	send_whole(child, envelope);
	serve(RC_EOF);
	buf_free(envelope);
}
END_TEST

/* The descriptors that signer knows by number are taken before Check opens
 * any of its own. */
static void
reserve(void)
{
	for (int fd = FD_LOG + 1; fd <= FD_SIGNER_DESTINATIONS; fd++) {
		if (dup2(STDERR_FILENO, fd) == -1)
			abort();
	}
}

int
main(void)
{
	Suite *suite = suite_create("signer peers");
	TCase *t = tcase_create("peers");
	SRunner *runner;
	int failed;

	reserve();
	tcase_add_unchecked_fixture(t, site_make, NULL);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_signed_report_goes_to_queue_with_the_way_back);
	tcase_add_test(t, what_is_refused_never_reaches_queue);
	tcase_add_test(t, envelopes_of_two_children_do_not_mix);
	tcase_add_test(t, who_sends_what_is_not_expected_loses_its_own_channel);
	tcase_add_test(t, a_child_that_dies_half_way_leaves_nothing);
	tcase_add_test(t, a_zygote_may_lend_children_and_nothing_else);
	tcase_add_test(t, a_bad_set_of_destinations_changes_nothing);
	tcase_add_test(t, the_old_set_is_forgotten_when_cutoutd_says_so);
	tcase_add_test(t, it_ends_with_cutoutd);
	tcase_add_test(t, it_ends_with_queue);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
