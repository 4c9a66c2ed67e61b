/* The one transaction of each round, and the clocks. */
#include "queue.h"

#include <time.h>

#include "log.h"

static int64_t
clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t
wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
wall_s(void)
{
	return wall_ms() / 1000;
}

enum rc
queue_begin(struct queue *q)
{
	enum rc rc;

	if (q->in_transaction)
		return RC_OK;
	rc = store_begin(q->store);
	q->in_transaction = rc == RC_OK;
	return rc;
}

enum rc
queue_commit(struct queue *q)
{
	enum rc rc;

	if (!q->in_transaction)
		return RC_OK;
	q->in_transaction = 0;
	rc = store_commit(q->store);
	if (rc != RC_OK) {
		/* not no: unknown. Memory may be ahead of the disk now, so this
		 * process may not go on; the next one reads what there is. */
		warnx("ALARM: a commit failed; starting again from the disk");
		q->fatal = 1;
	}
	return rc;
}

enum rc
queue_set_head(struct queue *q, uint64_t place, const struct head *h)
{
	enum rc rc;

	rc = queue_begin(q);
	if (rc == RC_OK)
		rc = store_head(q->store, place, h);
	if (rc == RC_OK)
		places_set_item(q->places, place, h);
	return rc;
}
