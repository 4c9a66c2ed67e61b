/* One message on its way to a peer that may not be listening: sent without
 * ever blocking, so that no peer can hold up the queue. */
#ifndef CUTOUT_OUTBOX_H
#define CUTOUT_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"

enum { OUTBOX_HEAD = 64 };

/* A frame, and perhaps a body behind it. Zeroed: nothing is waiting. */
struct outbox {
	uint8_t type, head[OUTBOX_HEAD];
	size_t head_len;
	int head_waits;
	int body_waits;
	int last; /* END follows when the body is out */
	const struct buf *body;
	size_t at; /* of body, sent so far */
	uint64_t total;
};

/* Puts a frame in; body NULL: nothing follows. The body stays the caller's and
 * may not change until it is out. With last 0 the caller goes on with
 * outbox_more() when outbox_push() says RC_OK. */
void outbox_put(struct outbox *o, uint8_t type, const void *head, size_t len,
    const struct buf *body, int last);
/* The next piece of such a body. */
void outbox_more(struct outbox *o, const struct buf *body, int last);

/* Sends what the non-blocking socket takes. RC_OK: all is out. RC_AGAIN: wait
 * for POLLOUT. RC_EOF: the peer is gone. */
enum rc outbox_push(struct outbox *o, int sock) MUST_USE;

int outbox_waits(const struct outbox *o);

#endif
