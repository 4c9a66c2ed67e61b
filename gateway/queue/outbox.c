/* One message on its way to a peer that may not be listening. */
#include "outbox.h"

#include <string.h>

#include "frame.h"
#include "log.h"
#include "wire.h"

void
outbox_put(struct outbox *o, uint8_t type, const void *head, size_t len,
    const struct buf *body, int last)
{
	if (len > sizeof(o->head))
		bug("a frame's head is too long");
	*o = (struct outbox){.type = type,
	    .head_len = len,
	    .head_waits = 1,
	    .body_waits = body != NULL,
	    .last = last,
	    .body = body};
	if (len > 0)
		memcpy(o->head, head, len);
}

void
outbox_more(struct outbox *o, const struct buf *body, int last)
{
	o->body = body;
	o->at = 0;
	o->body_waits = 1;
	o->last = last;
}

int
outbox_waits(const struct outbox *o)
{
	return o->head_waits || o->body_waits;
}

static enum rc
answer_of(enum rc rc)
{
	return rc == RC_OK || rc == RC_AGAIN ? rc : RC_EOF;
}

static enum rc
push_body(struct outbox *o, int sock)
{
	uint8_t total[8];
	enum rc rc;

	while (o->at < buf_len(o->body)) {
		size_t n = buf_len(o->body) - o->at;

		if (n > FRAME_MAX)
			n = FRAME_MAX;
		rc = frame_send(sock, FRAME_DATA, buf_data(o->body) + o->at, n,
		    -1);
		if (rc != RC_OK)
			return answer_of(rc);
		o->at += n;
		o->total += n;
	}
	if (o->last) {
		put_u64(total, o->total);
		rc = frame_send(sock, FRAME_END, total, sizeof(total), -1);
		if (rc != RC_OK)
			return answer_of(rc);
	}
	o->body_waits = 0;
	return RC_OK;
}

enum rc
outbox_push(struct outbox *o, int sock)
{
	enum rc rc;

	if (o->head_waits) {
		rc = frame_send(sock, o->type, o->head, o->head_len, -1);
		if (rc != RC_OK)
			return answer_of(rc);
		o->head_waits = 0;
	}
	return o->body_waits ? push_body(o, sock) : RC_OK;
}
