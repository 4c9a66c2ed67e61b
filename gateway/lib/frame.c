/* Frames between processes: one frame is one SOCK_SEQPACKET packet. A packet
 * that is cut, too long or lies about its length is never a frame. */
#include "frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS_MAX = 4 };

void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--) {
		p[i] = (uint8_t)v;
		v >>= 8;
	}
}

uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)((p[0] << 8) | p[1]);
}

uint64_t
get_u64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = (v << 8) | p[i];
	return v;
}

static void
head_put(uint8_t head[FRAME_HEAD], uint8_t type, size_t len)
{
	head[0] = type;
	head[1] = 0;
	put_u16(head + 2, (uint16_t)len);
}

static enum rc
send_result(ssize_t n, size_t want)
{
	if (n >= 0)
		return (size_t)n == want ? RC_OK : RC_IO;
	if (errno == EPIPE || errno == ECONNRESET)
		return RC_EOF;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return RC_AGAIN;
	return RC_IO;
}

enum rc
frame_send(int sock, uint8_t type, const void *data, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	uint8_t head[FRAME_HEAD];
	struct iovec iov[2];
	struct msghdr msg;
	ssize_t n;

	if (len > FRAME_MAX)
		return RC_LIMIT;
	head_put(head, type, len);
	iov[0] = (struct iovec){head, sizeof(head)};
	iov[1] = (struct iovec){(void *)(uintptr_t)data, len};
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	if (fd != -1) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return send_result(n, sizeof(head) + len);
}

/* Checks head and length of a packet of n bytes. */
static enum rc
frame_check(struct frame *f, const uint8_t head[FRAME_HEAD], size_t n)
{
	size_t len;

	if (n < FRAME_HEAD || head[1] != 0)
		return RC_BAD;
	len = get_u16(head + 2);
	if (len > FRAME_MAX || n != FRAME_HEAD + len)
		return RC_BAD;
	f->type = head[0];
	f->len = (uint16_t)len;
	return RC_OK;
}

/* Takes the first descriptor, closes the others; returns how many came. */
static size_t
take_fds(struct msghdr *msg, int *first)
{
	size_t seen = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (seen++ == 0)
				*first = fd;
			else
				close(fd);
		}
	}
	return seen;
}

static enum rc
recv_result(ssize_t n)
{
	if (n == 0)
		return RC_EOF;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return RC_AGAIN;
	if (errno == ECONNRESET)
		return RC_EOF;
	return RC_IO;
}

/* A peer that closes with our frames unread makes the kernel report a reset
 * once, before what the peer had sent: an answer given early must still be
 * heard, so the first reset is asked again. */
static int
ask_again(ssize_t n, int *resets)
{
	if (n != -1)
		return 0;
	return errno == EINTR || (errno == ECONNRESET && (*resets)++ == 0);
}

static enum rc
recv_frame(int sock, struct frame *f, int want_fd, int interruptible)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	uint8_t head[FRAME_HEAD];
	struct iovec iov[2];
	struct msghdr msg;
	int resets = 0;
	size_t fds;
	ssize_t n;
	enum rc rc;

	f->type = 0;
	f->fd = -1;
	f->len = 0;
	iov[0] = (struct iovec){head, sizeof(head)};
	iov[1] = (struct iovec){f->raw_data, sizeof(f->raw_data)};
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	msg.msg_control = control.space;
	msg.msg_controllen = sizeof(control.space);
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (!(interruptible && n == -1 && errno == EINTR) &&
	       ask_again(n, &resets));
	if (n == -1)
		return errno == EINTR ? RC_AGAIN : recv_result(n);

	/* also when n is 0: an empty packet may carry descriptors */
	fds = take_fds(&msg, &f->fd);
	rc = n == 0 ? RC_EOF : frame_check(f, head, (size_t)n);
	if (rc == RC_OK && ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
			       fds > (want_fd ? 1U : 0U)))
		rc = RC_BAD;
	if (rc != RC_OK) {
		if (f->fd != -1)
			close(f->fd);
		f->fd = -1;
		f->len = 0;
	}
	return rc;
}

enum rc
frame_recv(int sock, struct frame *f, int want_fd)
{
	return recv_frame(sock, f, want_fd, 0);
}

enum rc
frame_recv_once(int sock, struct frame *f, int want_fd)
{
	return recv_frame(sock, f, want_fd, 1);
}

enum rc
frame_read(int sock, struct frame *f)
{
	uint8_t head[FRAME_HEAD], excess;
	struct iovec iov[3];
	int resets = 0;
	ssize_t n;

	f->type = 0;
	f->fd = -1;
	f->len = 0;
	iov[0] = (struct iovec){head, sizeof(head)};
	iov[1] = (struct iovec){f->raw_data, sizeof(f->raw_data)};
	/* readv cuts a longer packet without a word: the byte too many shows
	 * those that say they are as long as a frame may be */
	iov[2] = (struct iovec){&excess, 1};
	do
		n = readv(sock, iov, 3);
	while (ask_again(n, &resets));
	if (n <= 0)
		return recv_result(n);
	return frame_check(f, head, (size_t)n);
}

enum rc
frame_write(int sock, uint8_t type, const void *data, size_t len)
{
	uint8_t head[FRAME_HEAD];
	struct iovec iov[2];
	ssize_t n;

	if (len > FRAME_MAX)
		return RC_LIMIT;
	head_put(head, type, len);
	iov[0] = (struct iovec){head, sizeof(head)};
	iov[1] = (struct iovec){(void *)(uintptr_t)data, len};
	do
		n = writev(sock, iov, 2);
	while (n == -1 && errno == EINTR);
	return send_result(n, sizeof(head) + len);
}

enum rc
frame_write_body(int sock, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint8_t total[8];
	size_t done = 0;
	enum rc rc;

	while (done < len) {
		size_t n = len - done < FRAME_MAX ? len - done : FRAME_MAX;

		rc = frame_write(sock, FRAME_DATA, p + done, n);
		if (rc != RC_OK)
			return rc;
		done += n;
	}
	put_u64(total, len);
	return frame_write(sock, FRAME_END, total, sizeof(total));
}

enum rc
frame_body_step(const struct frame *f, struct buf *b)
{
	enum rc rc;

	if (f->type == FRAME_DATA && f->len > 0) {
		rc = buf_add(b, f->raw_data, f->len);
		return rc == RC_OK ? RC_AGAIN : rc;
	}
	if (f->type != FRAME_END || f->len != 8)
		return RC_BAD;
	return get_u64(f->raw_data) == buf_len(b) ? RC_OK : RC_BAD;
}

enum rc
frame_read_body(int sock, struct buf *b)
{
	struct frame f;
	enum rc rc;

	for (;;) {
		rc = frame_read(sock, &f);
		if (rc != RC_OK)
			break;
		rc = frame_body_step(&f, b);
		if (rc != RC_AGAIN)
			break;
	}
	explicit_bzero(f.raw_data, sizeof(f.raw_data));
	return rc;
}
