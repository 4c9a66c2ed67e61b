/* Frames between processes: one frame is one SOCK_SEQPACKET packet. */
#ifndef CUTOUT_FRAME_H
#define CUTOUT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

enum { FRAME_MAX = 4096, FRAME_HEAD = 4 };

/* One received frame. fd is -1 or a descriptor that now belongs to the
 * caller, who closes it. */
struct frame {
	uint8_t type;
	uint16_t len;
	int fd;
	uint8_t raw_data[FRAME_MAX];
};

/* Sends one frame, blocking; len is at most FRAME_MAX. fd, when not -1, rides
 * along and stays the caller's. RC_EOF: the peer is gone. RC_AGAIN: fd is
 * non-blocking and the pipe is full; nothing was sent. RC_IO: errno. Never
 * raises SIGPIPE. */
enum rc frame_send(int sock, uint8_t type, const void *data, size_t len,
    int fd) MUST_USE;

/* Receives one frame with recvmsg. With want_fd false any descriptor that
 * came along is closed and the frame is RC_BAD; with it true more than one is
 * closed and RC_BAD. RC_EOF: peer closed. RC_AGAIN: non-blocking socket and
 * nothing there. RC_BAD: not a frame. RC_IO: errno. After anything but RC_OK
 * f->fd is -1 and f->len 0. */
enum rc frame_recv(int sock, struct frame *f, int want_fd) MUST_USE;

/* As frame_recv(), but a signal that was handled while it waited ends it with
 * RC_AGAIN and errno EINTR; nothing was received then. */
enum rc frame_recv_once(int sock, struct frame *f, int want_fd) MUST_USE;

/* As frame_recv() without descriptors, by read(2) alone: for processes whose
 * filter no longer lets recvmsg through. The kernel drops descriptors sent
 * to a reader that uses read(). */
enum rc frame_read(int sock, struct frame *f) MUST_USE;

/* As frame_send() without a descriptor, by write(2) alone. The caller
 * ignores SIGPIPE. */
enum rc frame_write(int sock, uint8_t type, const void *data,
    size_t len) MUST_USE;

/* Sends a whole body: DATA frames and END. By write(2). */
enum rc frame_write_body(int sock, const void *data, size_t len) MUST_USE;

/* Collects a body into b, which is empty and gives the maximum: reads DATA
 * frames until END and compares its total. RC_EOF: closed before END, the body
 * is to be dropped. RC_LIMIT: more than b may hold. RC_BAD: any other frame, or
 * a wrong total. RC_AGAIN: non-blocking socket and nothing there; what came so
 * far is lost, so use frame_body_step() on such sockets. RC_IO: errno. */
enum rc frame_read_body(int sock, struct buf *b) MUST_USE;

/* The same, a frame at a time, for processes that poll: hand it each frame
 * of the body. RC_OK: END came and the total is right. RC_AGAIN: more to
 * come. RC_LIMIT, RC_BAD as above. */
enum rc frame_body_step(const struct frame *f, struct buf *b) MUST_USE;

/* Big-endian numbers in headers. */
void put_u16(uint8_t *p, uint16_t v);
void put_u64(uint8_t *p, uint64_t v);
uint16_t get_u16(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);

#endif
