/* Delivery. A run is one forward process with one connection to one desk. It
 * asks for an object, gets one that is leased on the disk, and hands back the
 * desk's answer, which is judged here and nowhere else: an item is done when
 * the desk's signature over its own hash verifies. */
#include "runs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ack.h"
#include "frame.h"
#include "hex.h"
#include "journal.h"
#include "log.h"
#include "origin.h"
#include "outbox.h"
#include "profile.h"
#include "slots.h"

enum {
	LEASE_MOST = 16,    /* committed together */
	FRAMES_A_TURN = 64, /* so that one run can not starve the rest */
	REFUSALS_MOST = 3,
	DOUBLINGS_MOST = 16,
	RESULT_HEAD = HASH_LEN + 2,
	TO_BYTES = 1024,
	RUN_MARGIN_MS = 10000 /* forward ends by itself before */
};

enum phase {
	PHASE_NONE,    /* there is no run */
	PHASE_WANTED,  /* cutoutd was asked for one */
	PHASE_IDLE,    /* forward may ask */
	PHASE_LEASED,  /* the next object goes out after COMMIT */
	PHASE_OUT,     /* it is on its way */
	PHASE_RESULT,  /* the desk's answer is coming in */
	PHASE_SETTLED, /* NEXT or STOP goes out after COMMIT */
	PHASE_EMPTY    /* NONE goes out, and the run ends */
};

struct run {
	enum phase phase;
	int fd;
	int stop;    /* the desk fails: this run ends */
	int settled; /* an answer of the desk was of use */
	int64_t began_mono_ms;
	struct outbox outbox;
	struct buf *object, *answer;
	uint16_t status;
	uint64_t leased[LEASE_MOST]; /* places; leased[next] is out */
	size_t count, next;
	uint32_t failures; /* in a row, of the destination */
	int armed;         /* its next try is waited for */
	int64_t not_before_mono_ms;
};

struct runs {
	int look;
	struct run run[MAX_DESTINATIONS];
};

struct runs *
runs_new(void)
{
	struct runs *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	for (size_t i = 0; i < MAX_DESTINATIONS; i++)
		r->run[i].fd = -1;
	r->look = 1;
	return r;
}

static void
run_close(struct run *run)
{
	if (run->fd != -1)
		close(run->fd);
	buf_free(run->object);
	buf_free(run->answer);
	run->object = run->answer = NULL;
	run->fd = -1;
	run->phase = PHASE_NONE;
	run->stop = run->settled = 0;
	run->count = run->next = 0;
	run->outbox = (struct outbox){0};
}

void
runs_free(struct runs *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < MAX_DESTINATIONS; i++)
		run_close(&r->run[i]);
	free(r);
}

void
runs_look(struct runs *r)
{
	r->look = 1;
}

int
runs_fails(const struct runs *r, uint8_t destination)
{
	return r->run[destination].failures > 0;
}

/* --- when to try again ------------------------------------------------------
 */

/* The pause after so many failures in a row: doubled each time, capped, and
 * drawn from half to one and a half of that. */
static int64_t
pause_ms(const struct queue *q, uint32_t failures)
{
	uint32_t doublings = failures == 0                   ? 0
			     : failures - 1 > DOUBLINGS_MOST ? DOUBLINGS_MOST
							     : failures - 1;
	int64_t ms = q->config.backoff_base_ms << doublings;

	if (ms > q->config.backoff_cap_ms)
		ms = q->config.backoff_cap_ms;
	return ms / 2 + (int64_t)arc4random_uniform((uint32_t)ms + 1);
}

static void
destination_failed(struct runs *r, struct queue *q, uint8_t destination)
{
	struct run *run = &r->run[destination];

	if (run->failures == 0)
		warnx("ALARM: deliveries to a destination fail; they will be "
		      "tried again");
	if (run->failures < UINT32_MAX)
		run->failures++;
	run->not_before_mono_ms = mono_ms() + pause_ms(q, run->failures);
	run->armed = 1;
}

static void
destination_works(struct run *run)
{
	if (run->failures > 0)
		note("deliveries to a destination work again");
	run->failures = 0;
	run->armed = 0;
	run->not_before_mono_ms = 0;
}

int64_t
runs_wait_ms(const struct runs *r)
{
	int64_t now = mono_ms(), wait = -1;

	for (size_t i = 0; i < MAX_DESTINATIONS; i++) {
		const struct run *run = &r->run[i];
		int64_t w = run->not_before_mono_ms - now;

		if (!run->armed)
			continue;
		if (w < 0)
			w = 0;
		if (wait == -1 || w < wait)
			wait = w;
	}
	return wait;
}

/* --- wanting a run -----------------------------------------------------------
 */

static int
may_leave(const struct item *it, int64_t now)
{
	return !it->damaged && it->released && it->head.state == STATE_READY &&
	       it->due_mono_ms <= now;
}

enum rc
runs_want(struct runs *r, struct queue *q)
{
	const struct places *p = q->places;
	int64_t now = mono_ms();
	uint32_t some = 0;
	enum rc rc;

	for (size_t i = 0; i < MAX_DESTINATIONS; i++) {
		struct run *run = &r->run[i];

		/* once: when there is nothing then, the next slot looks */
		if (run->armed && run->not_before_mono_ms <= now) {
			run->armed = 0;
			r->look = 1;
		}
	}
	if (!r->look)
		return RC_OK;
	r->look = 0;
	for (uint64_t i = 0; i < p->item_count; i++) {
		if (may_leave(&p->item[i], now))
			some |= 1U << p->item[i].head.destination;
	}
	for (size_t i = 0; i < q->destinations->count; i++) {
		struct run *run = &r->run[i];
		uint8_t d = (uint8_t)i;

		if ((some & 1U << d) == 0 || run->phase != PHASE_NONE ||
		    run->not_before_mono_ms > now)
			continue;
		rc = frame_send(FD_CONTROL, FRAME_WANT_RUN, &d, 1, -1);
		if (rc != RC_OK)
			return RC_EOF;
		run->phase = PHASE_WANTED;
	}
	return RC_OK;
}

void
runs_open(struct runs *r, struct queue *q, uint8_t destination, int fd)
{
	struct run *run = &r->run[destination];

	if (run->phase != PHASE_WANTED) {
		if (fd != -1)
			close(fd);
		return;
	}
	run->phase = PHASE_NONE;
	if (fd == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		if (fd != -1)
			close(fd);
		destination_failed(r, q, destination);
		return;
	}
	run->object = buf_new(CLASS_BYTES(CLASS_COUNT - 1) + SEAL_ROOM);
	run->answer = buf_new(ACK_MAX);
	run->fd = fd;
	if (run->object == NULL || run->answer == NULL) {
		run_close(run);
		destination_failed(r, q, destination);
		return;
	}
	run->began_mono_ms = mono_ms();
	run->phase = PHASE_IDLE;
}

/* --- leasing
 * ------------------------------------------------------------------
 */

/* Up to most places of one lane that may leave, drawn at random. */
static size_t
choose(const struct queue *q, uint8_t destination, enum lane lane,
    uint64_t *out, size_t most)
{
	const struct places *p = q->places;
	int64_t now = mono_ms();
	size_t seen = 0;

	for (uint64_t i = 0; i < p->item_count && most > 0; i++) {
		const struct item *it = &p->item[i];
		size_t k;

		if (it->head.destination != destination ||
		    it->head.lane != lane || !may_leave(it, now))
			continue;
		k = seen < most ? seen : arc4random_uniform((uint32_t)seen + 1);
		if (k < most)
			out[k] = i;
		seen++;
	}
	return seen < most ? seen : most;
}

/* Whom an object is sealed to, read from the object itself: the recipients of
 * the configuration may be others by now. RC_BAD: it can not be told. */
static enum rc
sealed_to(struct queue *q, uint64_t place, struct buf *object,
    struct profile *out)
{
	const uint8_t *envelope = NULL;
	size_t len = 0;

	buf_clear(object);
	if (store_read_body(q->store, place, q->places->item[place].head.length,
		object) != RC_OK ||
	    origin_find(buf_data(object), buf_len(object), &envelope, &len) !=
		RC_OK ||
	    profile_check(envelope, len, out) != RC_OK)
		return RC_BAD;
	return out->others == 0 ? RC_OK : RC_BAD;
}

/* "forwarded" is told once, before the first time that it leaves. */
static enum rc
tell_forwarded(struct queue *q, const struct head *h, const struct profile *p)
{
	struct buf *to = buf_new(TO_BYTES);
	char obj[2 * HASH_LEN + 1];
	enum rc rc = RC_NOMEM;

	hex_encode(h->h, HASH_LEN, obj);
	if (to != NULL)
		rc = journal_recipients(p->ski[0], p->recipients, to);
	if (rc == RC_OK)
		rc = journal_add(q, "forwarded",
		    ",\"obj\":\"%s\",\"slot\":%llu,\"class\":%u,%.*s", obj,
		    (unsigned long long)h->slot, h->class, (int)buf_len(to),
		    (const char *)buf_data(to));
	buf_free(to);
	return rc;
}

/* One that can not be read is alarmed and left alone until the next start: it
 * may not block the rest. */
static void
leave_alone(struct queue *q, uint64_t place)
{
	warnx("ALARM: a report in the database can not be read");
	q->places->item[place].damaged = 1;
	q->places->damaged++;
}

/* RC_BAD: it was left alone. RC_FULL: the log has no room. */
static enum rc
lease_one(struct queue *q, uint64_t place, struct buf *object)
{
	struct head h = q->places->item[place].head;
	struct profile profile;
	enum rc rc = RC_OK;

	h.state = STATE_LEASED;
	h.slot = q->places->item[place].slot;
	if (!h.told) {
		rc = sealed_to(q, place, object, &profile);
		if (rc != RC_OK) {
			leave_alone(q, place);
			return rc;
		}
		rc = tell_forwarded(q, &h, &profile);
	}
	h.told = 1;
	return rc == RC_OK ? queue_set_head(q, place, &h) : rc;
}

/* Leases the next few in the round's transaction. A destination that failed
 * gets one: a probe. */
static enum rc
lease(struct queue *q, uint8_t destination, struct run *run)
{
	size_t most = run->failures > 0 ? 1 : LEASE_MOST, count;
	enum rc rc = RC_OK;

	run->next = 0;
	count = choose(q, destination, LANE_FAST, run->leased, most);
	count += choose(q, destination, LANE_POOL, run->leased + count,
	    most - count);
	run->count = 0;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		rc = lease_one(q, run->leased[i], run->object);
		if (rc == RC_OK)
			run->leased[run->count++] = run->leased[i];
		else if (rc == RC_BAD)
			rc = RC_OK;
	}
	/* no room in the log: what was leased goes */
	return rc == RC_OK || rc == RC_FULL ? RC_OK : RC_IO;
}

/* The leased ones that nobody carries any more wait again. */
static enum rc
give_back(struct queue *q, struct run *run)
{
	enum rc rc = RC_OK;

	for (; run->next < run->count && rc == RC_OK; run->next++) {
		uint64_t place = run->leased[run->next];
		struct head h = q->places->item[place].head;

		h.state = STATE_READY;
		h.slot = 0;
		rc = queue_set_head(q, place, &h);
	}
	return rc == RC_OK ? RC_OK : RC_IO;
}

/* --- results
 * ------------------------------------------------------------------
 */

/* What is wrong with this one item, whatever the desk's own state. Only the
 * third of these makes it dead; everything else is an outage. */
static int
is_refusal(uint16_t status)
{
	return status == 409 || status == 413 || status == 415 || status == 422;
}

static int
is_acknowledged(struct queue *q, const struct head *h, const struct buf *raw,
    const char **text, size_t *len)
{
	const struct destinations *sets[] = {q->destinations, q->old};

	for (size_t i = 0; i < 2; i++) {
		if (sets[i] == NULL || h->destination >= sets[i]->count)
			continue;
		if (ack_verify(h->h,
			X509_get0_pubkey(sets[i]->place[h->destination].ack),
			buf_data(raw), buf_len(raw), text, len) == RC_OK)
			return 1;
	}
	return 0;
}

static enum rc
item_done(struct queue *q, uint64_t place, struct head *h, const char *ack,
    size_t len)
{
	char obj[2 * HASH_LEN + 1];
	enum rc rc;

	hex_encode(h->h, HASH_LEN, obj);
	rc = journal_add(q, "done",
	    ",\"obj\":\"%s\",\"slot\":%llu,\"ack\":\"%.*s\"", obj,
	    (unsigned long long)h->slot, (int)len, ack);
	h->state = STATE_DONE;
	h->wait = (struct waiting){0};
	h->day = (uint32_t)q->day;
	h->slot = 0;
	h->refusals = 0;
	return rc == RC_OK ? queue_set_head(q, place, h) : rc;
}

static enum rc
item_refused(struct queue *q, uint64_t place, struct head *h)
{
	char obj[2 * HASH_LEN + 1];
	enum rc rc = RC_OK;

	h->refusals++;
	h->slot = 0;
	h->state = h->refusals >= REFUSALS_MOST ? STATE_DEAD : STATE_READY;
	if (h->state == STATE_DEAD) {
		h->wait = (struct waiting){0};
		warnx("ALARM: a desk refused an item three times: cutoutctl "
		      "dead list");
		hex_encode(h->h, HASH_LEN, obj);
		rc = journal_add(q, "dead", ",\"obj\":\"%s\"", obj);
	}
	if (rc == RC_OK)
		rc = queue_set_head(q, place, h);
	if (rc == RC_OK && h->state == STATE_READY)
		q->places->item[place].due_mono_ms =
		    mono_ms() + pause_ms(q, h->refusals);
	return rc;
}

/* What the desk's answer makes of the item that is out. RC_FULL: the log has no
 * room for it, and nothing was written. RC_TIMEOUT: the answer says nothing
 * about the item, the desk failed. */
static enum rc
outcome(struct queue *q, struct run *run, uint64_t place)
{
	struct head h = q->places->item[place].head;
	const char *ack = NULL;
	size_t len = 0;

	if (is_refusal(run->status))
		return item_refused(q, place, &h);
	if ((run->status == 200 || run->status == 201) &&
	    is_acknowledged(q, &h, run->answer, &ack, &len))
		return item_done(q, place, &h, ack, len);
	return RC_TIMEOUT;
}

/* A desk's answer is whole. */
static enum rc
settle(struct runs *r, struct queue *q, uint8_t destination)
{
	struct run *run = &r->run[destination];
	uint64_t place = run->leased[run->next];
	enum rc rc;

	run->phase = PHASE_SETTLED;
	rc = outcome(q, run, place);
	if (rc != RC_FULL && rc != RC_TIMEOUT) {
		run->next++;
		run->settled = 1;
		destination_works(run);
		return rc;
	}
	/* an outage; the item stands back, so that another one is the next
	 * probe, in case it is this item that brings the desk down */
	run->stop = 1;
	rc = give_back(q, run);
	destination_failed(r, q, destination);
	q->places->item[place].due_mono_ms =
	    run->not_before_mono_ms + pause_ms(q, 1);
	return rc;
}

/* A run may last for slots.deadline_seconds. In its second half nothing more
 * is begun: what is on its way then has the other half. */
static int
is_late(const struct queue *q, const struct run *run)
{
	return mono_ms() - run->began_mono_ms > q->config.run_ms / 2;
}

static int
is_overdue(const struct queue *q, const struct run *run)
{
	return mono_ms() - run->began_mono_ms >
	       q->config.run_ms + RUN_MARGIN_MS;
}

/* Something to carry, when there is any. */
static enum rc
next_lease(struct queue *q, uint8_t destination, struct run *run)
{
	enum rc rc = RC_OK;

	if (is_late(q, run)) {
		rc = give_back(q, run);
		run->phase = PHASE_EMPTY;
		return rc;
	}
	if (run->next == run->count)
		rc = lease(q, destination, run);
	run->phase = run->count == 0 ? PHASE_EMPTY : PHASE_LEASED;
	return rc;
}

/* --- frames
 * -------------------------------------------------------------------
 */

static enum rc
take_frame(struct runs *r, struct queue *q, uint8_t destination,
    const struct frame *f)
{
	struct run *run = &r->run[destination];
	enum rc rc;

	if (run->phase == PHASE_IDLE && f->type == FRAME_LEASE && f->len == 0)
		return next_lease(q, destination, run);
	if (run->phase == PHASE_OUT && !outbox_waits(&run->outbox) &&
	    f->type == FRAME_RESULT && f->len == RESULT_HEAD) {
		uint64_t place = run->leased[run->next];

		if (memcmp(f->raw_data, q->places->item[place].head.h,
			HASH_LEN) != 0)
			return RC_BAD;
		run->status = get_u16(f->raw_data + HASH_LEN);
		buf_clear(run->answer);
		run->phase = PHASE_RESULT;
		return RC_OK;
	}
	if (run->phase == PHASE_RESULT) {
		rc = frame_body_step(f, run->answer);
		if (rc == RC_AGAIN)
			return RC_OK;
		return rc == RC_OK ? settle(r, q, destination) : RC_BAD;
	}
	return RC_BAD;
}

/* The run is over without our saying so: the desk, or forward, failed; unless
 * nothing was under way after an answer: the desk may end a connection. */
static enum rc
ended(struct runs *r, struct queue *q, uint8_t destination)
{
	struct run *run = &r->run[destination];
	int in_order = run->settled && run->phase == PHASE_IDLE;
	enum rc rc = give_back(q, run);

	if (!run->stop && !in_order)
		destination_failed(r, q, destination);
	run_close(run);
	r->look = 1;
	return rc;
}

static enum rc
take(struct runs *r, struct queue *q, uint8_t destination)
{
	struct run *run = &r->run[destination];
	struct frame f;
	enum rc rc = RC_OK;

	if (outbox_waits(&run->outbox)) {
		rc = outbox_push(&run->outbox, run->fd);
		if (rc == RC_EOF)
			return ended(r, q, destination);
		if (rc == RC_AGAIN)
			return RC_OK;
	}
	for (int i = 0; i < FRAMES_A_TURN; i++) {
		/* what goes out after COMMIT comes first */
		if (run->phase == PHASE_LEASED || run->phase == PHASE_SETTLED ||
		    run->phase == PHASE_EMPTY)
			return RC_OK;
		rc = frame_recv(run->fd, &f, 0);
		if (rc == RC_AGAIN)
			return RC_OK;
		if (rc == RC_OK)
			rc = take_frame(r, q, destination, &f);
		if (rc == RC_BAD)
			warnx("forward sent what is not expected");
		if (rc == RC_IO || rc == RC_NOMEM || rc == RC_UNKNOWN)
			return RC_IO;
		if (rc != RC_OK)
			return ended(r, q, destination);
	}
	return RC_OK;
}

enum rc
runs_take(struct runs *r, struct queue *q)
{
	enum rc rc = RC_OK;

	for (uint8_t d = 0; d < MAX_DESTINATIONS && rc == RC_OK; d++) {
		if (r->run[d].fd == -1)
			continue;
		/* a peer that neither speaks nor ends may not hold reports */
		rc = is_overdue(q, &r->run[d]) ? ended(r, q, d) : take(r, q, d);
	}
	return rc;
}

/* Reads the next leased object that can be read. RC_NOTFOUND: none is left. */
static enum rc
read_next(struct queue *q, struct run *run)
{
	for (; run->next < run->count; run->next++) {
		uint64_t place = run->leased[run->next];

		buf_clear(run->object);
		if (store_read_body(q->store, place,
			q->places->item[place].head.length,
			run->object) == RC_OK)
			return RC_OK;
		leave_alone(q, place);
	}
	return RC_NOTFOUND;
}

static void
put_item(struct queue *q, struct run *run)
{
	const struct item *it;
	uint8_t head[HASH_LEN + 1];

	if (read_next(q, run) != RC_OK) {
		run->phase = PHASE_EMPTY;
		return;
	}
	it = &q->places->item[run->leased[run->next]];
	memcpy(head, it->head.h, HASH_LEN);
	head[HASH_LEN] = it->head.class;
	outbox_put(&run->outbox, FRAME_ITEM, head, sizeof(head), run->object,
	    1);
	run->phase = PHASE_OUT;
}

static void
tell(struct runs *r, struct queue *q, uint8_t destination)
{
	struct run *run = &r->run[destination];
	int over = 0;

	if (run->phase == PHASE_LEASED)
		put_item(q, run);
	if (run->phase == PHASE_SETTLED) {
		outbox_put(&run->outbox, run->stop ? FRAME_STOP : FRAME_NEXT,
		    NULL, 0, NULL, 1);
		over = run->stop;
		run->phase = PHASE_IDLE;
	} else if (run->phase == PHASE_EMPTY) {
		outbox_put(&run->outbox, FRAME_NONE, NULL, 0, NULL, 1);
		over = 1;
	} else if (run->phase != PHASE_OUT || !outbox_waits(&run->outbox))
		return;
	/* what does not go now goes when there is room; an end is seen when
	 * the run is read next */
	if (outbox_push(&run->outbox, run->fd) == RC_OK && !over)
		return;
	if (over) {
		run_close(run);
		r->look = 1;
	}
}

void
runs_tell(struct runs *r, struct queue *q)
{
	for (unsigned int d = 0; d < MAX_DESTINATIONS; d++) {
		if (r->run[d].fd != -1)
			tell(r, q, (uint8_t)d);
	}
}

nfds_t
runs_poll(const struct runs *r, struct pollfd *wait)
{
	nfds_t n = 0;

	for (size_t i = 0; i < MAX_DESTINATIONS; i++) {
		const struct run *run = &r->run[i];

		if (run->fd == -1)
			continue;
		wait[n++] = (struct pollfd){.fd = run->fd,
		    .events = outbox_waits(&run->outbox) ? POLLOUT : POLLIN};
	}
	return n;
}
