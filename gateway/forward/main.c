/* One delivery run: carries what queue leases to one police desk, over the
 * socket that cutoutd connected, and hands back the desk's answers. It judges
 * none of them: whether an acknowledgement is one is seen in queue. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "buf.h"
#include "frame.h"
#include "log.h"
#include "push.h"
#include "result.h"
#include "sandbox.h"
#include "setup.h"
#include "wire.h"

enum { ITEM_HEAD = HASH_LEN + 1, RESULT_HEAD = HASH_LEN + 2 };

/* Gets the next item. RC_NOTFOUND: there is nothing to carry. */
static enum rc
lease(uint8_t h[HASH_LEN], struct buf *object)
{
	struct frame f;
	enum rc rc;

	buf_clear(object);
	rc = frame_write(FD_FORWARD_QUEUE, FRAME_LEASE, NULL, 0);
	if (rc == RC_OK)
		rc = frame_read(FD_FORWARD_QUEUE, &f);
	if (rc != RC_OK)
		return rc;
	if (f.type == FRAME_NONE)
		return RC_NOTFOUND;
	if (f.type != FRAME_ITEM || f.len != ITEM_HEAD ||
	    f.raw_data[HASH_LEN] >= CLASS_COUNT)
		return RC_BAD;
	memcpy(h, f.raw_data, HASH_LEN); /* can not overflow: both HASH_LEN */
	return frame_read_body(FD_FORWARD_QUEUE, object);
}

/* Hands the desk's answer to queue. RC_NOTFOUND: queue ends the run. */
static enum rc
result(const uint8_t h[HASH_LEN], uint16_t status, const struct buf *ack)
{
	uint8_t head[RESULT_HEAD];
	struct frame f;
	enum rc rc;

	memcpy(head, h, HASH_LEN);
	put_u16(head + HASH_LEN, status);
	rc = frame_write(FD_FORWARD_QUEUE, FRAME_RESULT, head, sizeof(head));
	if (rc == RC_OK)
		rc = frame_write_body(FD_FORWARD_QUEUE, buf_data(ack),
		    buf_len(ack));
	if (rc == RC_OK)
		rc = frame_read(FD_FORWARD_QUEUE, &f);
	if (rc != RC_OK)
		return rc;
	if (f.type == FRAME_STOP)
		return RC_NOTFOUND;
	return f.type == FRAME_NEXT ? RC_OK : RC_BAD;
}

/* Carries item after item. RC_NOTFOUND: done, in order. Status 0 tells queue
 * that the destination failed, not the item. */
static enum rc
carry(struct push *p, struct buf *object, struct buf *ack)
{
	uint8_t h[HASH_LEN];
	uint16_t status;
	enum rc rc, told;

	for (;;) {
		rc = lease(h, object);
		if (rc != RC_OK)
			return rc;
		buf_clear(ack);
		rc = push_put(p, h, object, &status, ack);
		if (rc != RC_OK) {
			buf_clear(ack);
			told = result(h, 0, ack);
			return told == RC_OK ? rc : told;
		}
		rc = result(h, status, ack);
		if (rc != RC_OK)
			return rc;
		if (!push_goes_on(p))
			return RC_NOTFOUND;
	}
}

int
main(void)
{
	struct setup *setup = NULL;
	struct buf *object, *ack;
	struct push *push;
	enum rc rc;

	log_init("forward", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	rc = setup_read(FD_SETUP, &setup);
	if (rc != RC_OK)
		fatal("setup: %s", rc_text(rc));
	rc = push_new(setup, &push);
	if (rc != RC_OK)
		fatal("can not make ready for the desk: %s", rc_text(rc));
	setup_free(setup);
	object = buf_new(CLASS_BYTES(CLASS_COUNT - 1) + SEAL_ROOM);
	ack = buf_new(ACK_MAX);
	if (object == NULL || ack == NULL)
		fatal("out of memory");
	rc = sandbox_enter(ROLE_FORWARD);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	rc = push_connected(push);
	if (rc == RC_OK)
		rc = carry(push, object, ack);
	if (rc != RC_NOTFOUND)
		warnx("the run ended early: %s", rc_text(rc));
	push_free(push);
	buf_free(object);
	buf_free(ack);
	return rc == RC_NOTFOUND ? 0 : 1;
}
