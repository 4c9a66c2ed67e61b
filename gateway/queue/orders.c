/* What the operator asks for. An order and its log entry are in one
 * transaction, and the answer leaves after COMMIT. Counts that depend on
 * reports are those of the end of the last day: a number that followed each
 * report would be a list of the times at which reports came. */
#include "orders.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "hex.h"
#include "intake.h"
#include "journal.h"
#include "log.h"
#include "outbox.h"
#include "wire.h"

enum {
	ANSWER_BYTES = 8 << 20, /* as much as cutoutctl takes */
	PIECE_BYTES = 65536,    /* of the log, in one round */
	DEAD_LINE = 160,
	RETRIES_MOST = 256 /* in one transaction */
};

enum phase {
	PHASE_IDLE,
	PHASE_RETRY,  /* all dead items, some in each round */
	PHASE_ANSWER, /* the answer is ready and goes out after COMMIT */
	PHASE_LOG     /* so it is, but for more pieces of the log */
};

struct orders {
	int ctl;
	enum phase phase;
	int told; /* the head of the answer is in the outbox */
	enum rc rc;
	struct buf *body, *piece;
	struct outbox outbox;
	uint64_t retry_at, retried;
	int64_t next, last; /* lines of the log */
};

struct orders *
orders_new(int ctl)
{
	struct orders *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->ctl = ctl;
	o->body = buf_new(ANSWER_BYTES);
	o->piece = buf_new(PIECE_BYTES);
	if (o->body == NULL || o->piece == NULL) {
		orders_free(o);
		return NULL;
	}
	return o;
}

void
orders_free(struct orders *o)
{
	if (o == NULL)
		return;
	buf_free(o->body);
	buf_free(o->piece);
	free(o);
}

int
orders_goes_on(const struct orders *o)
{
	return o->phase == PHASE_RETRY ||
	       (o->phase == PHASE_LOG && !outbox_waits(&o->outbox));
}

short
orders_events(const struct orders *o)
{
	return outbox_waits(&o->outbox) ? POLLOUT : POLLIN;
}

/* --- status and the list of the dead ---------------------------------------
 */

/* Which sizes have no free row. */
static enum rc
add_full_rows(const struct queue *q, struct buf *b)
{
	static const char *const sizes[CLASS_COUNT] = {
	    "32 KiB", "256 KiB", "1 MiB"};
	const char *before = "closed for ";
	enum rc rc = RC_OK;

	for (unsigned int c = 0; c < CLASS_COUNT && rc == RC_OK; c++) {
		if ((q->full_rows & 1U << c) == 0)
			continue;
		rc = buf_addf(b, "%s%s", before, sizes[c]);
		before = ", ";
	}
	return rc == RC_OK ? buf_add_text(b, ": no free row") : rc;
}

static enum rc
add_admission(const struct queue *q, struct buf *b)
{
	if (q->paused)
		return buf_add_text(b, "paused");
	if (q->denied)
		return buf_add_text(b, "closed: a recipient does not verify");
	if (q->full_disk)
		return buf_add_text(b, "closed: the disk is below its reserve");
	if (!intake_is_open(q))
		return buf_add_text(b, "closed: no room for log entries");
	if ((q->full_rows & FULL_RECEIPTS) != 0)
		return buf_add_text(b, "closed: no free row for a receipt");
	return q->full_rows != 0 ? add_full_rows(q, b)
				 : buf_add_text(b, "open");
}

/* The tally of the last day that was closed. */
static enum rc
add_last_day(struct queue *q, struct buf *b)
{
	static const char *const names[] = {"queued", "dead", "done"};
	char day[DAY_TEXT], key[32];
	int64_t n = 0;
	enum rc rc;

	rc = store_number(q->store, "last day", &n);
	if (rc != RC_OK || n == 0)
		return rc;
	day_text(n, day);
	rc = buf_addf(b, ",\"last_day\":{\"day\":\"%s\"", day);
	for (size_t i = 0; i < 3 && rc == RC_OK; i++) {
		(void)snprintf(key, sizeof(key), "last %s", names[i]);
		rc = store_number(q->store, key, &n);
		if (rc == RC_OK)
			rc =
			    buf_addf(b, ",\"%s\":%lld", names[i], (long long)n);
	}
	return rc == RC_OK ? buf_add_text(b, "}") : rc;
}

static enum rc
status(struct queue *q, const struct runs *r, struct buf *b)
{
	const struct destinations *d = q->destinations;
	char day[DAY_TEXT];
	enum rc rc;

	day_text(q->day, day);
	rc = buf_addf(b, "{\"day\":\"%s\",\"admission\":\"", day);
	if (rc == RC_OK)
		rc = add_admission(q, b);
	if (rc != RC_OK)
		return rc;
	rc = buf_addf(b,
	    "\",\"paused\":%s,"
	    "\"dead_items\":%s,\"damaged_rows\":%llu,\"build\":\"%s\","
	    "\"destinations\":[",
	    q->paused ? "true" : "false",
	    q->places->count[STATE_DEAD] > 0 ? "true" : "false",
	    (unsigned long long)q->places->damaged, q->config.build);
	for (size_t i = 0; i < d->count && rc == RC_OK; i++)
		rc = buf_addf(b, "%s{\"name\":\"%s\",\"delivery\":\"%s\"}",
		    i == 0 ? "" : ",", d->place[i].name,
		    runs_fails(r, (uint8_t)i) ? "fails" : "works");
	if (rc == RC_OK)
		rc = buf_add_text(b, "]");
	if (rc == RC_OK)
		rc = add_last_day(q, b);
	return rc == RC_OK ? buf_add_text(b, "}\n") : rc;
}

static enum rc
dead_list(const struct queue *q, struct buf *b)
{
	const struct places *p = q->places;
	char h[2 * HASH_LEN + 1];
	const char *comma = "";
	enum rc rc;

	rc = buf_add_text(b, "{\"dead\":[");
	for (uint64_t i = 0; i < p->item_count && rc == RC_OK; i++) {
		const struct head *head = &p->item[i].head;
		const char *name = "?"; /* it left the configuration */

		if (p->item[i].damaged || head->state != STATE_DEAD)
			continue;
		/* what does not fit is listed when these are dealt with */
		if (buf_room(b) < DEAD_LINE)
			break;
		if (head->destination < q->destinations->count)
			name = q->destinations->place[head->destination].name;
		hex_encode(head->h, HASH_LEN, h);
		rc = buf_addf(b, "%s{\"h\":\"%s\",\"destination\":\"%s\"}",
		    comma, h, name);
		comma = ",";
	}
	return rc == RC_OK ? buf_add_text(b, "]}\n") : rc;
}

/* --- retry ------------------------------------------------------------------
 */

/* It waits again, as if it had never been refused. RC_FULL: not now, there is
 * no room for what the log must say about it. RC_DENIED: its destination is not
 * there (start_queue() would have said so). */
static enum rc
retry(struct queue *q, uint64_t place)
{
	struct head h = q->places->item[place].head;
	char obj[2 * HASH_LEN + 1];
	enum rc rc;

	if (h.destination >= q->destinations->count)
		return RC_DENIED;
	if (!journal_has_room(q))
		return RC_FULL;
	hex_encode(h.h, HASH_LEN, obj);
	rc = journal_add(q, "retry", ",\"obj\":\"%s\"", obj);
	if (rc != RC_OK)
		return rc;
	h.state = STATE_READY;
	h.refusals = 0;
	h.slot = 0;
	rc = queue_set_head(q, place, &h);
	return rc == RC_OK ? RC_OK : RC_IO;
}

static int
is_dead(const struct item *it)
{
	return !it->damaged && it->head.state == STATE_DEAD;
}

static enum rc
retry_one(struct orders *o, struct queue *q, const uint8_t *raw_h)
{
	const struct places *p = q->places;

	for (uint64_t i = 0; i < p->item_count; i++) {
		if (is_dead(&p->item[i]) &&
		    memcmp(p->item[i].head.h, raw_h, HASH_LEN) == 0) {
			o->retried = 1;
			return retry(q, i);
		}
	}
	return RC_NOTFOUND;
}

/* Some of them; the answer comes when all had their turn. */
static enum rc
retry_some(struct orders *o, struct queue *q)
{
	const struct places *p = q->places;
	uint64_t most = o->retried + RETRIES_MOST;
	enum rc rc = RC_OK;

	for (; o->retry_at < p->item_count && o->retried < most && rc == RC_OK;
	     o->retry_at++) {
		if (!is_dead(&p->item[o->retry_at]))
			continue;
		rc = retry(q, o->retry_at);
		if (rc == RC_OK)
			o->retried++;
	}
	return rc;
}

/* --- questions ---------------------------------------------------------------
 */

static enum rc
pause_admission(struct queue *q, int on, struct buf *b)
{
	enum rc rc = RC_OK;

	if (on != (q->paused != 0)) {
		if (!journal_has_spare(q, 1))
			return RC_FULL;
		rc = journal_add(q, "pause", ",\"on\":%s",
		    on ? "true" : "false");
		if (rc == RC_OK)
			rc = store_set_number(q->store, "paused", on);
		if (rc == RC_OK)
			q->paused = on;
	}
	if (rc == RC_OK)
		rc = buf_addf(b, "{\"paused\":%s}\n", on ? "true" : "false");
	return rc;
}

static void
finish(struct orders *o, enum rc rc)
{
	o->rc = rc;
	o->phase = PHASE_ANSWER;
	o->told = 0;
	if (rc != RC_OK)
		buf_clear(o->body);
}

/* RC_BAD: not a question. Other failures are told; RC_IO ends the daemon. */
static enum rc
ask(struct orders *o, struct queue *q, const struct runs *r, const uint8_t *raw,
    size_t len)
{
	switch (raw[0]) {
	case VERB_STATUS:
		return len == 1 ? status(q, r, o->body) : RC_BAD;
	case VERB_DEAD_LIST:
		return len == 1 ? dead_list(q, o->body) : RC_BAD;
	case VERB_DEAD_RETRY:
		if (len == 1 + HASH_LEN)
			return retry_one(o, q, raw + 1);
		if (len == 1)
			o->phase = PHASE_RETRY;
		return len == 1 ? RC_OK : RC_BAD;
	case VERB_PAUSE:
		return len == 2 && raw[1] <= 1
			   ? pause_admission(q, raw[1], o->body)
			   : RC_BAD;
	case VERB_LOG_EXPORT:
		if (len != 1)
			return RC_BAD;
		/* what the log holds now, whatever is added meanwhile */
		o->next = 1;
		o->phase = PHASE_LOG;
		o->rc = RC_OK;
		return store_last_line(q->store, &o->last);
	default:
		return RC_BAD;
	}
}

/* The answer to a retry, of one or of all. */
static enum rc
say_retried(struct orders *o)
{
	return buf_addf(o->body, "{\"retried\":%llu}\n",
	    (unsigned long long)o->retried);
}

static enum rc
go_on(struct orders *o, struct queue *q)
{
	enum rc rc = retry_some(o, q);

	if (rc == RC_IO)
		return rc;
	/* what was done stays done: with some retried it is no failure */
	if (rc == RC_FULL && o->retried > 0)
		rc = RC_OK;
	else if (rc == RC_OK && o->retry_at < q->places->item_count)
		return RC_OK;
	if (rc == RC_OK)
		rc = say_retried(o);
	finish(o, rc);
	return RC_OK;
}

enum rc
orders_take(struct orders *o, struct queue *q, const struct runs *r)
{
	struct frame f;
	enum rc rc;

	if (o->phase == PHASE_RETRY)
		return go_on(o, q);
	if (o->phase != PHASE_IDLE)
		return RC_OK;
	rc = frame_recv(o->ctl, &f, 0);
	if (rc == RC_AGAIN)
		return RC_OK;
	if (rc != RC_OK || f.type != FRAME_ASK || f.len == 0)
		return RC_EOF;
	o->retry_at = o->retried = 0;
	o->told = 0;
	buf_clear(o->body);
	rc = ask(o, q, r, f.raw_data, f.len);
	if (rc == RC_BAD) {
		warnx("ctl asked what is not a question");
		return RC_EOF;
	}
	if (rc == RC_IO || rc == RC_UNKNOWN)
		return RC_IO;
	if (o->phase == PHASE_RETRY)
		return go_on(o, q);
	if (rc == RC_OK && o->phase == PHASE_LOG)
		return RC_OK;
	if (rc == RC_OK && f.raw_data[0] == VERB_DEAD_RETRY)
		rc = say_retried(o);
	finish(o, rc);
	return RC_OK;
}

/* --- answers ----------------------------------------------------------------
 */

/* The next piece of the log. RC_EOF: that was the last. */
static enum rc
next_piece(struct orders *o, struct queue *q)
{
	enum rc rc;

	buf_clear(o->piece);
	rc = store_lines(q->store, &o->next, o->last, o->piece);
	if (rc == RC_OK || rc == RC_EOF)
		outbox_more(&o->outbox, o->piece, rc == RC_EOF);
	return rc;
}

static void
begin(struct orders *o)
{
	uint8_t told = (uint8_t)o->rc;
	int whole = o->phase == PHASE_ANSWER;

	buf_clear(o->piece);
	outbox_put(&o->outbox, FRAME_TELL, &told, sizeof(told),
	    whole ? o->body : o->piece, whole);
	o->told = 1;
}

enum rc
orders_tell(struct orders *o, struct queue *q)
{
	enum rc rc, more;

	if (o->phase != PHASE_ANSWER && o->phase != PHASE_LOG)
		return RC_OK;
	if (!o->told)
		begin(o);
	else if (o->phase == PHASE_LOG && !outbox_waits(&o->outbox)) {
		more = next_piece(o, q);
		if (more != RC_OK && more != RC_EOF)
			return RC_IO;
		if (more == RC_EOF)
			o->phase = PHASE_ANSWER;
	}
	rc = outbox_push(&o->outbox, o->ctl);
	if (rc == RC_EOF)
		return RC_EOF;
	if (rc == RC_OK && o->phase == PHASE_ANSWER) {
		o->phase = PHASE_IDLE;
		buf_clear(o->body);
	}
	return RC_OK;
}
