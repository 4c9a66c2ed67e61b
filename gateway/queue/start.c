/* From the disk to a queue that can begin. */
#include "start.h"

#include <unistd.h>

#include "desks.h"
#include "disk.h"
#include "frame.h"
#include "giveup.h"
#include "hex.h"
#include "journal.h"
#include "log.h"
#include "slots.h"
#include "wire.h"

/* of the report as police get it; the log tells which one was in force */
#define SCHEMA "urn:cutout:report:1"
enum { PUBLIC_LEN = 32 };

/* --- what was there ---------------------------------------------------------
 */

/* A leased report may or may not have reached its desk, which takes it once:
 * it goes again. */
static enum rc
end_leases(struct queue *q)
{
	const struct places *p = q->places;
	enum rc rc = RC_OK;

	for (uint64_t i = 0; i < p->item_count && rc == RC_OK; i++) {
		struct head h = p->item[i].head;

		if (p->item[i].damaged || h.state != STATE_LEASED)
			continue;
		h.state = STATE_READY;
		h.slot = 0;
		rc = queue_set_head(q, i, &h);
	}
	return rc;
}

/* When this gateway began, which its days are counted from. */
static enum rc
find_birth(struct queue *q)
{
	int64_t *born_s = &q->config.clock.born_s;
	enum rc rc;

	rc = store_number(q->store, "born", born_s);
	if (rc != RC_OK || *born_s != 0)
		return rc;
	*born_s = wall_s();
	rc = queue_begin(q);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "born", *born_s);
	return rc;
}

static enum rc
recover(struct queue *q)
{
	enum rc rc;

	rc = journal_recover(q);
	if (rc == RC_OK)
		rc = store_number(q->store, "paused", &q->paused);
	if (rc == RC_OK)
		rc = find_birth(q);
	if (rc == RC_OK)
		rc = end_leases(q);
	return rc == RC_OK ? queue_commit(q) : rc;
}

/* --- the start's entries ----------------------------------------------------
 */

static enum rc
public_key(int keyd, const char *name, char out[2 * PUBLIC_LEN + 1])
{
	struct frame f;
	enum rc rc;

	rc = frame_write(keyd, FRAME_WHO, NULL, 0);
	if (rc == RC_OK)
		rc = frame_read(keyd, &f);
	if (rc == RC_OK && (f.type != FRAME_KEY || f.len != PUBLIC_LEN))
		rc = RC_BAD;
	if (rc != RC_OK) {
		warnx("keyd %s does not tell its key", name);
		return rc;
	}
	hex_encode(f.raw_data, PUBLIC_LEN, out);
	return RC_OK;
}

static enum rc
tell_start(struct queue *q)
{
	char log[2 * PUBLIC_LEN + 1], promise[2 * PUBLIC_LEN + 1];
	enum rc rc = RC_OK;

	/* what waits can be delivered after a start that has room again, and
	 * not without its entries */
	if (!journal_has_spare(q, 1 + q->destinations->count))
		rc = RC_FULL;
	if (rc == RC_OK)
		rc = public_key(FD_QUEUE_LOG, "log", log);
	if (rc == RC_OK)
		rc = public_key(FD_QUEUE_PROMISE, "promise", promise);
	if (rc == RC_OK)
		rc = journal_add(q, "start",
		    ",\"build\":\"%s\",\"schema\":\"%s\",\"log_key\":\"%s\","
		    "\"promise_key\":\"%s\"",
		    q->config.build, SCHEMA, log, promise);
	if (rc == RC_OK)
		rc = desks_tell(q);
	if (rc == RC_FULL)
		warnx("no room for the log entries of a start: the disk is "
		      "full");
	return rc == RC_OK ? queue_commit(q) : rc;
}

static enum rc
open_all(struct queue *q)
{
	enum rc rc;

	rc = store_open(q->config.data, &q->config.sizes, &q->store);
	if (rc == RC_OK)
		rc = places_load(q->store, &q->config.sizes, &q->places);
	if (rc == RC_OK)
		rc = recover(q);
	/* the day may have changed while nobody was here */
	if (rc == RC_OK)
		rc = journal_turn(q);
	if (rc == RC_OK)
		rc = desks_load(q, FD_QUEUE_DESKS);
	return rc == RC_OK ? desks_cover(q) : rc;
}

/* What the last run left in the log files goes, and the room of their files
 * with it for a moment; not on a full disk, where somebody else may take it. */
static enum rc
wipe_logs(struct queue *q)
{
	enum rc rc;

	disk_look(q);
	if (q->full_disk)
		return RC_OK;
	rc = store_wipe(q->store);
	if (rc == RC_FULL) /* of the room for the next time alone */
		rc = RC_OK;
	return rc == RC_OK ? store_wipe_log(q->store) : rc;
}

enum rc
start_queue(struct queue *q)
{
	enum rc rc;

	rc = open_all(q);
	close(FD_QUEUE_DESKS);
	if (rc == RC_OK)
		rc = tell_start(q);
	if (rc == RC_OK)
		rc = wipe_logs(q);
	if (rc != RC_OK)
		return rc;
	giveup_begin(q);
	slots_begin(q);
	return RC_OK;
}

enum rc
start_end(struct queue *q)
{
	enum rc rc = RC_OK;

	if (q->store != NULL && !q->fatal)
		rc = wipe_logs(q);
	places_free(q->places);
	destinations_free(q->destinations);
	destinations_free(q->old);
	store_close(q->store);
	q->places = NULL;
	q->destinations = q->old = NULL;
	q->store = NULL;
	return rc;
}
