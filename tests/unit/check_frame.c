/* Frames between processes: what is cut, too long or lies is never a frame,
 * and nothing that rides along is left open. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frame.h"

static int ours, theirs;

static void
setup_pair(void)
{
	int sv[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     sv),
	    0);
	ours = sv[0];
	theirs = sv[1];
}

static void
teardown_pair(void)
{
	if (ours != -1)
		close(ours);
	if (theirs != -1)
		close(theirs);
}

static void
hang_up(void)
{
	close(theirs);
	theirs = -1;
}

/* How many descriptors this process holds now. */
static int
open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Sends raw bytes as one packet with count copies of a descriptor. */
static void
send_raw(const void *data, size_t len, size_t count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(16 * sizeof(int))];
	} control;
	struct iovec iov = {(void *)(uintptr_t)data, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fds[16];

	ck_assert_uint_le(count, 16);
	if (count > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		for (size_t i = 0; i < count; i++)
			fds[i] = STDERR_FILENO;
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	ck_assert_int_eq(sendmsg(theirs, &msg, MSG_NOSIGNAL), (ssize_t)len);
}

/* A raw frame whose header says said while the packet carries len bytes. */
static void
send_lying(uint8_t type, uint8_t second, size_t said, size_t len)
{
	uint8_t *raw = calloc(1, FRAME_HEAD + len);

	ck_assert_ptr_nonnull(raw);
	raw[0] = type;
	raw[1] = second;
	put_u16(raw + 2, (uint16_t)said);
	send_raw(raw, FRAME_HEAD + len, 0);
	free(raw);
}

START_TEST(a_frame_arrives_as_it_was_sent)
{
	static const size_t sizes[] = {0, 1, 2, 255, 256, 4095, 4096};
	uint8_t data[FRAME_MAX];
	struct frame f;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ck_assert_int_eq(frame_send(theirs, FRAME_DATA, data, sizes[i],
				     -1),
		    RC_OK);
		ck_assert_int_eq(frame_recv(ours, &f, 0), RC_OK);
		ck_assert_uint_eq(f.type, FRAME_DATA);
		ck_assert_uint_eq(f.len, sizes[i]);
		ck_assert_int_eq(f.fd, -1);
		ck_assert_mem_eq(f.raw_data, data, sizes[i]);

		ck_assert_int_eq(frame_write(theirs, FRAME_DATA, data,
				     sizes[i]),
		    RC_OK);
		ck_assert_int_eq(frame_read(ours, &f), RC_OK);
		ck_assert_uint_eq(f.len, sizes[i]);
		ck_assert_mem_eq(f.raw_data, data, sizes[i]);
	}
}
END_TEST

START_TEST(more_than_the_maximum_is_never_sent)
{
	static const uint8_t data[FRAME_MAX + 1];

	ck_assert_int_eq(frame_send(theirs, FRAME_DATA, data, sizeof(data), -1),
	    RC_LIMIT);
	ck_assert_int_eq(frame_write(theirs, FRAME_DATA, data, sizeof(data)),
	    RC_LIMIT);
}
END_TEST

START_TEST(a_cut_packet_is_not_a_frame)
{
	static const uint8_t raw[] = {FRAME_DATA, 0, 0, 4, 1, 2, 3};
	struct frame f;

	for (size_t len = 1; len <= sizeof(raw); len++) {
		send_raw(raw, len, 0);
		ck_assert_int_eq(frame_recv(ours, &f, 0), RC_BAD);
		ck_assert_uint_eq(f.len, 0);
		send_raw(raw, len, 0);
		ck_assert_int_eq(frame_read(ours, &f), RC_BAD);
		ck_assert_uint_eq(f.len, 0);
	}
}
END_TEST

START_TEST(a_lying_length_is_not_a_frame)
{
	static const struct {
		size_t said, len;
	} lies[] = {
	    {0, 1},
	    {1, 0},
	    {3, 4},
	    {5, 4},
	    {FRAME_MAX, 100},
	    {65535, 100},
	    {FRAME_MAX + 1, FRAME_MAX + 1}, /* over-long and honest */
	    {FRAME_MAX, FRAME_MAX + 1},     /* over-long, says the maximum */
	    {FRAME_MAX, (size_t)3 * FRAME_MAX},
	    {65535, 65535},
	};
	struct frame f;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		send_lying(FRAME_DATA, 0, lies[i].said, lies[i].len);
		ck_assert_int_eq(frame_recv(ours, &f, 0), RC_BAD);
		ck_assert_uint_eq(f.len, 0);
		send_lying(FRAME_DATA, 0, lies[i].said, lies[i].len);
		ck_assert_int_eq(frame_read(ours, &f), RC_BAD);
		ck_assert_uint_eq(f.len, 0);
	}
	/* and the next packet is a frame again */
	send_lying(FRAME_DATA, 0, 4, 4);
	ck_assert_int_eq(frame_recv(ours, &f, 0), RC_OK);
}
END_TEST

START_TEST(the_second_byte_is_nought)
{
	struct frame f;

	send_lying(FRAME_DATA, 1, 4, 4);
	ck_assert_int_eq(frame_recv(ours, &f, 0), RC_BAD);
	send_lying(FRAME_DATA, 128, 4, 4);
	ck_assert_int_eq(frame_read(ours, &f), RC_BAD);
}
END_TEST

START_TEST(one_descriptor_rides_when_it_is_expected)
{
	struct frame f;
	int pipes[2], before;
	char c = 0;

	ck_assert_int_eq(pipe(pipes), 0);
	before = open_descriptors();
	ck_assert_int_eq(frame_send(theirs, FRAME_CHANNEL, "\1", 1, pipes[1]),
	    RC_OK);
	ck_assert_int_eq(frame_recv(ours, &f, 1), RC_OK);
	ck_assert_int_ne(f.fd, -1);
	ck_assert_int_eq(open_descriptors(), before + 1);
	/* it is what was sent, and does not survive an exec */
	ck_assert_int_eq(write(f.fd, "x", 1), 1);
	ck_assert_int_eq(read(pipes[0], &c, 1), 1);
	ck_assert_int_eq(c, 'x');
	ck_assert_int_eq(fcntl(f.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(f.fd);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

START_TEST(descriptors_nobody_asked_for_are_closed)
{
	static const uint8_t good[] = {FRAME_CHANNEL, 0, 0, 1, 7};
	static const uint8_t bad[] = {FRAME_CHANNEL, 9, 0, 1, 7};
	int before = open_descriptors();
	struct frame f;

	for (size_t count = 1; count <= 16; count++) {
		send_raw(good, sizeof(good), count);
		ck_assert_int_eq(frame_recv(ours, &f, 0), RC_BAD);
		ck_assert_int_eq(f.fd, -1);
		ck_assert_int_eq(open_descriptors(), before);
	}
	for (size_t count = 2; count <= 16; count++) {
		send_raw(good, sizeof(good), count);
		ck_assert_int_eq(frame_recv(ours, &f, 1), RC_BAD);
		ck_assert_int_eq(f.fd, -1);
		ck_assert_int_eq(open_descriptors(), before);
	}
	/* a bad frame keeps no descriptor, though one was expected */
	send_raw(bad, sizeof(bad), 1);
	ck_assert_int_eq(frame_recv(ours, &f, 1), RC_BAD);
	ck_assert_int_eq(f.fd, -1);
	ck_assert_int_eq(open_descriptors(), before);
	/* and read() drops them in the kernel */
	send_raw(good, sizeof(good), 3);
	ck_assert_int_eq(frame_read(ours, &f), RC_OK);
	ck_assert_int_eq(f.fd, -1);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

/* An empty packet reads like the end of the connection; descriptors on it
 * would stay open for ever. */
START_TEST(descriptors_on_an_empty_packet_are_closed)
{
	int before = open_descriptors();
	struct frame f;

	send_raw("", 0, 3);
	ck_assert_int_eq(frame_recv(ours, &f, 1), RC_EOF);
	ck_assert_int_eq(f.fd, -1);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_gone_peer_is_eof_without_a_signal)
{
	struct frame f;

	hang_up();
	ck_assert_int_eq(frame_recv(ours, &f, 1), RC_EOF);
	ck_assert_int_eq(frame_read(ours, &f), RC_EOF);
	/* SIGPIPE would end this test */
	ck_assert_int_eq(frame_send(ours, FRAME_DATA, "x", 1, -1), RC_EOF);
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(frame_write(ours, FRAME_DATA, "x", 1), RC_EOF);
}
END_TEST

/* A child that answers early and exits with our body unread: the kernel then
 * reports a reset once, but the answer is still there. */
START_TEST(the_last_word_of_a_gone_peer_is_heard)
{
	struct frame f;

	for (int way = 0; way < 2; way++) {
		teardown_pair();
		setup_pair();
		ck_assert_int_eq(frame_send(ours, FRAME_DATA, "unread", 6, -1),
		    RC_OK);
		ck_assert_int_eq(frame_send(theirs, FRAME_ANSWER, "\1\220", 2,
				     -1),
		    RC_OK);
		hang_up();
		ck_assert_int_eq(way == 0 ? frame_recv(ours, &f, 0)
					  : frame_read(ours, &f),
		    RC_OK);
		ck_assert_uint_eq(f.type, FRAME_ANSWER);
		ck_assert_int_eq(frame_recv(ours, &f, 0), RC_EOF);
	}
}
END_TEST

START_TEST(nothing_there_is_again)
{
	struct buf *b = buf_new(100);
	struct frame f;
	enum rc rc;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(fcntl(ours, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(frame_recv(ours, &f, 0), RC_AGAIN);
	ck_assert_int_eq(frame_read(ours, &f), RC_AGAIN);
	/* would spin for ever if it took "nothing there" for "more to come" */
	ck_assert_int_eq(frame_read_body(ours, b), RC_AGAIN);
	do
		rc = frame_send(ours, FRAME_DATA, "x", 1, -1);
	while (rc == RC_OK);
	ck_assert_int_eq(rc, RC_AGAIN);
	buf_free(b);
}
END_TEST

START_TEST(a_body_arrives_whole)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 50000};
	uint8_t *data = malloc(50000);

	ck_assert_ptr_nonnull(data);
	for (size_t i = 0; i < 50000; i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf *b = buf_new(50000);

		ck_assert_ptr_nonnull(b);
		ck_assert_int_eq(frame_write_body(theirs, data, sizes[i]),
		    RC_OK);
		ck_assert_int_eq(frame_read_body(ours, b), RC_OK);
		ck_assert_uint_eq(buf_len(b), sizes[i]);
		ck_assert_mem_eq(buf_data(b), data, sizes[i]);
		buf_free(b);
	}
	free(data);
}
END_TEST

static void
send_end(uint64_t total)
{
	uint8_t raw[8];

	put_u64(raw, total);
	ck_assert_int_eq(frame_send(theirs, FRAME_END, raw, sizeof(raw), -1),
	    RC_OK);
}

START_TEST(eof_before_end_drops_the_body)
{
	struct buf *b = buf_new(100);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(frame_send(theirs, FRAME_DATA, "half", 4, -1), RC_OK);
	hang_up();
	ck_assert_int_eq(frame_read_body(ours, b), RC_EOF);
	buf_free(b);
}
END_TEST

START_TEST(a_wrong_total_is_bad)
{
	static const uint64_t totals[] = {
	    0, 3, 5, UINT64_MAX, (uint64_t)1 << 32 | 4};

	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		struct buf *b = buf_new(100);

		ck_assert_ptr_nonnull(b);
		ck_assert_int_eq(frame_send(theirs, FRAME_DATA, "four", 4, -1),
		    RC_OK);
		send_end(totals[i]);
		ck_assert_int_eq(frame_read_body(ours, b), RC_BAD);
		buf_free(b);
	}
}
END_TEST

START_TEST(a_body_never_passes_its_maximum)
{
	struct buf *b = buf_new(6);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(frame_send(theirs, FRAME_DATA, "four", 4, -1), RC_OK);
	ck_assert_int_eq(frame_send(theirs, FRAME_DATA, "four", 4, -1), RC_OK);
	ck_assert_int_eq(frame_read_body(ours, b), RC_LIMIT);
	ck_assert_uint_eq(buf_len(b), 4);
	buf_free(b);
}
END_TEST

START_TEST(anything_else_in_a_body_is_bad)
{
	static const struct {
		uint8_t type;
		size_t len;
	} wrong[] = {
	    {FRAME_DATA, 0}, /* an endless body of nothing */
	    {FRAME_END, 0},
	    {FRAME_END, 7},
	    {FRAME_END, 9},
	    {FRAME_JOB, 1},
	    {0, 0},
	    {255, 3},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf *b = buf_new(100);

		ck_assert_ptr_nonnull(b);
		ck_assert_int_eq(frame_send(theirs, wrong[i].type,
				     "\0\0\0\0\0\0\0\0\0", wrong[i].len, -1),
		    RC_OK);
		ck_assert_int_eq(frame_read_body(ours, b), RC_BAD);
		buf_free(b);
	}
}
END_TEST

START_TEST(a_body_can_be_taken_step_by_step)
{
	struct buf *b = buf_new(10);
	struct frame f;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(frame_write_body(theirs, "abc", 3), RC_OK);
	ck_assert_int_eq(frame_recv(ours, &f, 0), RC_OK);
	ck_assert_int_eq(frame_body_step(&f, b), RC_AGAIN);
	ck_assert_int_eq(frame_recv(ours, &f, 0), RC_OK);
	ck_assert_int_eq(frame_body_step(&f, b), RC_OK);
	ck_assert_mem_eq(buf_data(b), "abc", 3);
	buf_free(b);
}
END_TEST

START_TEST(numbers_are_big_endian)
{
	uint8_t p[8];

	put_u16(p, 0x1234);
	ck_assert_mem_eq(p, "\x12\x34", 2);
	ck_assert_uint_eq(get_u16(p), 0x1234);
	put_u16(p, 65535);
	ck_assert_uint_eq(get_u16(p), 65535);
	put_u64(p, 0x0123456789abcdefULL);
	ck_assert_mem_eq(p, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
	ck_assert(get_u64(p) == 0x0123456789abcdefULL);
	put_u64(p, UINT64_MAX);
	ck_assert(get_u64(p) == UINT64_MAX);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("frame");
	TCase *t = tcase_create("frames");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup_pair, teardown_pair);
	tcase_add_test(t, a_frame_arrives_as_it_was_sent);
	tcase_add_test(t, more_than_the_maximum_is_never_sent);
	tcase_add_test(t, a_cut_packet_is_not_a_frame);
	tcase_add_test(t, a_lying_length_is_not_a_frame);
	tcase_add_test(t, the_second_byte_is_nought);
	tcase_add_test(t, one_descriptor_rides_when_it_is_expected);
	tcase_add_test(t, descriptors_nobody_asked_for_are_closed);
	tcase_add_test(t, descriptors_on_an_empty_packet_are_closed);
	tcase_add_test(t, a_gone_peer_is_eof_without_a_signal);
	tcase_add_test(t, the_last_word_of_a_gone_peer_is_heard);
	tcase_add_test(t, nothing_there_is_again);
	tcase_add_test(t, a_body_arrives_whole);
	tcase_add_test(t, eof_before_end_drops_the_body);
	tcase_add_test(t, a_wrong_total_is_bad);
	tcase_add_test(t, a_body_never_passes_its_maximum);
	tcase_add_test(t, anything_else_in_a_body_is_bad);
	tcase_add_test(t, a_body_can_be_taken_step_by_step);
	tcase_add_test(t, numbers_are_big_endian);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
