/* What cutoutd tells queue: runs, and new destinations. */
#include "control.h"

#include <unistd.h>

#include "desks.h"
#include "frame.h"
#include "log.h"
#include "wire.h"

/* u8 destination, u8 ok, with the run's channel when ok. */
static enum rc
take_run(struct queue *q, struct runs *r, const struct frame *f)
{
	const uint8_t *p = f->raw_data;

	if (f->len != 2 || p[0] >= q->destinations->count || p[1] > 1 ||
	    (p[1] == 1) != (f->fd != -1))
		return RC_BAD;
	runs_open(r, q, p[0], f->fd);
	return RC_OK;
}

enum rc
control_take(struct queue *q, struct runs *r)
{
	struct frame f;
	enum rc rc;

	rc = frame_recv(FD_CONTROL, &f, 1);
	if (rc == RC_EOF || rc == RC_IO)
		return RC_EOF;
	if (rc == RC_OK && f.type == FRAME_DESTINATIONS && f.fd != -1)
		return desks_change(q, f.fd, f.len == 1 && f.raw_data[0] == 1);
	if (rc == RC_OK && f.type == FRAME_DROP_OLD && f.fd == -1) {
		desks_drop_old(q);
		return RC_OK;
	}
	if (rc == RC_OK && f.type == FRAME_RUN) {
		rc = take_run(q, r, &f);
		if (rc == RC_OK)
			return RC_OK;
	}
	if (f.fd != -1)
		close(f.fd);
	warnx("cutoutd sent what is not expected");
	return RC_OK;
}
