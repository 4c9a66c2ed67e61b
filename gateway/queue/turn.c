/* The rounds of queue's work. The order within a round is the design: all that
 * came is written in one transaction, COMMIT, and only then anybody is told
 * (no timer: what comes meanwhile is the next round's, PERF section 5). What
 * can wait comes last: the log's day, checkpoints, what is past its time. */
#include "turn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "disk.h"
#include "giveup.h"
#include "intake.h"
#include "journal.h"
#include "log.h"
#include "orders.h"
#include "runs.h"
#include "slots.h"
#include "wire.h"

enum {
	LOOK_MS = 1000,   /* at the disk, and at the day */
	WIPE_MS = 1000,   /* at least between two wipes */
	FAILED_MS = 5000, /* after a checkpoint that failed */
	WAL_PAGES = 3072  /* brought back into the database from here on */
};

struct turn {
	struct queue *q;
	struct intake *intake;
	struct runs *runs;
	struct orders *orders;
	int signer_gone, ctl_gone;
	int ending;
	int control_waits;
	int wipe_wanted; /* there was a slot */
	int failed;      /* the last checkpoint did */
	int64_t flush;   /* the last one whose log file was wiped */
	int64_t look_mono_ms, wipe_mono_ms; /* not before */
};

static int
is_ready(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1;
}

struct turn *
turn_new(struct queue *q)
{
	struct turn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->q = q;
	t->flush = q->flush;
	t->intake = intake_new(FD_QUEUE_SIGNER);
	t->runs = runs_new();
	t->orders = orders_new(FD_QUEUE_CTL);
	if (t->intake == NULL || t->runs == NULL || t->orders == NULL ||
	    !is_ready(FD_QUEUE_SIGNER) || !is_ready(FD_QUEUE_CTL)) {
		turn_free(t);
		return NULL;
	}
	return t;
}

void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	intake_free(t->intake);
	runs_free(t->runs);
	orders_free(t->orders);
	free(t);
}

/* --- waiting ------------------------------------------------------------- */

static int
how_long_ms(const struct turn *t)
{
	int64_t wait = LOOK_MS, other;

	if (t->ending || t->q->giving_up ||
	    (!t->ctl_gone && orders_goes_on(t->orders)))
		return 0;
	other = slots_wait_ms(t->q);
	if (other < wait)
		wait = other;
	other = runs_wait_ms(t->runs);
	if (other != -1 && other < wait)
		wait = other;
	return (int)wait;
}

static enum rc
wait_for_something(struct turn *t)
{
	struct pollfd wait[3 + MAX_DESTINATIONS];
	nfds_t n = 0;

	wait[n++] = (struct pollfd){
	    .fd = t->ending ? -1 : FD_CONTROL, .events = POLLIN};
	if (!t->signer_gone)
		wait[n++] =
		    (struct pollfd){.fd = FD_QUEUE_SIGNER, .events = POLLIN};
	if (!t->ctl_gone)
		wait[n++] = (struct pollfd){
		    .fd = FD_QUEUE_CTL, .events = orders_events(t->orders)};
	n += runs_poll(t->runs, wait + n);
	if (poll(wait, n, how_long_ms(t)) == -1) {
		if (errno != EINTR)
			return RC_UNKNOWN;
		wait[0].revents = 0;
	}
	t->control_waits = wait[0].revents != 0;
	return RC_OK;
}

/* --- taking in ------------------------------------------------------------ */

/* signer and ctl are nobody's to replace: cutoutd ends the daemon when one of
 * them dies, and until then everything else goes on. */
static void
hang_up(int fd, int *gone)
{
	close(fd);
	*gone = 1;
}

static enum rc
take_in(struct turn *t)
{
	enum rc rc;

	if (t->control_waits) {
		rc = control_take(t->q, t->runs);
		if (rc == RC_EOF)
			t->ending = 1;
		else if (rc != RC_OK)
			return rc;
	}
	if (!t->signer_gone) {
		rc = intake_collect(t->intake, t->q);
		if (rc == RC_EOF)
			hang_up(FD_QUEUE_SIGNER, &t->signer_gone);
	}
	rc = runs_take(t->runs, t->q);
	if (rc == RC_OK && !t->ctl_gone) {
		rc = orders_take(t->orders, t->q, t->runs);
		if (rc == RC_EOF) {
			hang_up(FD_QUEUE_CTL, &t->ctl_gone);
			rc = RC_OK;
		}
	}
	return rc == RC_OK ? intake_store(t->q) : rc;
}

/* --- afterwards ------------------------------------------------------------
 */

static enum rc
tell(struct turn *t)
{
	enum rc rc;

	runs_tell(t->runs, t->q);
	if (t->ctl_gone)
		return RC_OK;
	rc = orders_tell(t->orders, t->q);
	if (rc == RC_EOF) {
		hang_up(FD_QUEUE_CTL, &t->ctl_gone);
		return RC_OK;
	}
	return rc;
}

/* Nothing is lost when it fails: all of it is in the write-ahead log, which
 * grows until it is tried again. */
static enum rc
checkpoint(struct turn *t)
{
	struct queue *q = t->q;
	int64_t now = mono_ms();
	enum rc rc = RC_OK;

	if (t->failed && now < t->wipe_mono_ms)
		return RC_OK;
	/* the room that a wipe gives back for a moment may be taken */
	if (t->wipe_wanted && now >= t->wipe_mono_ms && !q->full_disk) {
		rc = store_wipe(q->store);
		t->wipe_wanted = 0;
		t->wipe_mono_ms = now + WIPE_MS;
	} else
		rc = store_checkpoint(q->store, WAL_PAGES);
	if (rc == RC_OK && t->flush != q->flush) {
		rc = store_wipe_log(q->store);
		t->flush = q->flush;
	}
	if (rc == RC_UNKNOWN)
		return rc;
	if (rc != RC_OK && !t->failed)
		warnx("ALARM: the database can not take in its write-ahead "
		      "log: %s",
		    rc_text(rc));
	t->failed = rc != RC_OK;
	if (t->failed)
		t->wipe_mono_ms = now + FAILED_MS;
	return RC_OK;
}

static enum rc
keep_house(struct turn *t)
{
	struct queue *q = t->q;
	int64_t now = mono_ms(), day = q->day;
	enum rc rc;

	if (now >= t->look_mono_ms) {
		disk_look(q);
		t->look_mono_ms = now + LOOK_MS;
	}
	rc = journal_turn(q);
	if (rc != RC_OK)
		return rc;
	if (q->day != day)
		giveup_begin(q);
	if (q->giving_up) {
		rc = giveup_turn(q);
		if (rc != RC_OK)
			return rc;
	}
	return checkpoint(t);
}

static enum rc
send_out(struct turn *t)
{
	int ticked;
	enum rc rc;

	rc = slots_turn(t->q, &ticked);
	if (rc != RC_OK)
		return rc;
	if (ticked) {
		runs_look(t->runs);
		intake_look(t->q);
		t->wipe_wanted = 1;
	}
	if (!t->ending && runs_want(t->runs, t->q) != RC_OK)
		t->ending = 1;
	return RC_OK;
}

enum rc
turn_once(struct turn *t)
{
	struct queue *q = t->q;
	size_t arrived;
	enum rc rc;

	rc = wait_for_something(t);
	if (rc == RC_OK)
		rc = take_in(t);
	if (rc == RC_OK)
		rc = queue_commit(q);
	else
		q->fatal = 1;
	arrived = q->arrival_count;
	intake_answer(q, rc);
	if (rc == RC_OK)
		rc = tell(t);
	if (rc == RC_OK) {
		rc = send_out(t);
		if (rc == RC_OK)
			rc = keep_house(t);
	}
	if (rc != RC_OK || q->fatal)
		return RC_UNKNOWN;
	return t->ending && arrived == 0 ? RC_EOF : RC_OK;
}
