/* Admission. The answer "stored" leaves only after COMMIT: intake_store() may
 * promise nothing, intake_answer() alone talks. */
#include "intake.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "hex.h"
#include "journal.h"
#include "log.h"
#include "slots.h"

struct intake {
	int signer;
	struct arrival now; /* the one that is coming in; object NULL: none */
	struct frame frame;
};

struct intake *
intake_new(int signer)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (in != NULL) {
		in->signer = signer;
		in->now.answer = -1;
	}
	return in;
}

static void
arrival_clear(struct arrival *a)
{
	if (a->answer != -1)
		close(a->answer);
	buf_free(a->object);
	*a = (struct arrival){.answer = -1};
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	arrival_clear(&in->now);
	free(in);
}

/* FRAME_STORE with the answer channel begins a report. */
static enum rc
begin(struct intake *in)
{
	const struct frame *f = &in->frame;
	const uint8_t *p = f->raw_data;
	struct arrival *a = &in->now;

	if (f->type != FRAME_STORE || f->len != STORE_LEN || f->fd == -1) {
		if (f->fd != -1)
			close(f->fd);
		return RC_BAD;
	}
	a->answer = f->fd;
	memcpy(a->k, p, HASH_LEN);
	memcpy(a->dup, p += HASH_LEN, HASH_LEN);
	memcpy(a->c, p += HASH_LEN, HASH_LEN);
	memcpy(a->h, p += HASH_LEN, HASH_LEN);
	p += HASH_LEN;
	a->lane = p[0];
	a->class = p[1];
	a->destination = p[2];
	a->cover = p[3];
	if (a->cover > 1 || a->lane > LANE_FAST || a->class >= CLASS_COUNT ||
	    a->destination >= MAX_DESTINATIONS)
		return RC_BAD;
	a->object = buf_new(CLASS_BYTES(a->class) + SEAL_ROOM);
	return a->object == NULL ? RC_NOMEM : RC_OK;
}

enum rc
intake_collect(struct intake *in, struct queue *q)
{
	enum rc rc;

	while (q->arrival_count < BATCH_MOST &&
	       q->arrival_bytes < BATCH_BYTES) {
		rc = frame_recv(in->signer, &in->frame, in->now.object == NULL);
		if (rc == RC_AGAIN)
			return RC_OK;
		if (rc == RC_OK && in->now.object == NULL) {
			rc = begin(in);
			if (rc == RC_OK)
				continue;
		}
		if (rc == RC_OK)
			rc = frame_body_step(&in->frame, in->now.object);
		if (rc == RC_AGAIN)
			continue;
		if (rc != RC_OK) {
			if (rc != RC_EOF)
				warnx("signer sent what is not a report");
			/* half a report is dropped, and its sender hears it */
			arrival_clear(&in->now);
			return RC_EOF;
		}
		q->arrival_bytes += buf_len(in->now.object);
		q->arrival[q->arrival_count++] = in->now;
		in->now = (struct arrival){.answer = -1};
	}
	return RC_OK;
}

int
intake_is_open(const struct queue *q)
{
	return !q->paused && !q->denied && !q->full_disk && journal_has_room(q);
}

/* One that is stored in this round is in the index already. */
static uint8_t
seen_before(const struct queue *q, const struct arrival *a)
{
	const struct receipt *r = places_find(q->places, a->k);

	if (r == NULL)
		return VERDICT_STORED;
	return memcmp(r->dup, a->dup, HASH_LEN) == 0 ? VERDICT_DUPLICATE
						     : VERDICT_CONFLICT;
}

/* The operator hears it once in a slot, and which class it is from the status:
 * no line is about one report. */
static void
note_full(struct queue *q, unsigned int what)
{
	if ((q->full_rows & what) == 0)
		warnx("ALARM: reports are turned away: no free row; see "
		      "cutoutctl status");
	q->full_rows |= what;
}

void
intake_look(struct queue *q)
{
	const struct places *p = q->places;

	for (unsigned int c = 0; c < CLASS_COUNT; c++) {
		if (p->free_items[c].count > 0 || p->done_items[c].count > 0)
			q->full_rows &= ~(1U << c);
	}
	if (p->free_receipts.count > 0)
		q->full_rows &= ~(unsigned int)FULL_RECEIPTS;
}

/* Dummies never take what reports need: there are few enough of them, and at
 * least half of the rows are left. */
static int
wants_cover(const struct queue *q, const struct arrival *a)
{
	const struct places *p = q->places;
	uint64_t left =
	    p->free_items[a->class].count + p->done_items[a->class].count;

	return 2 * left >= p->sizes.items[a->class] &&
	       2 * p->free_entries.count >= p->sizes.entries &&
	       !slots_have_cover(q, a->destination,
		   slots_flow(a->lane, a->class));
}

/* Rows for one more report of a class. RC_FULL: there are none, and that is
 * noted. A dummy needs no receipt: nobody sends it again. */
static enum rc
draw_rows(struct queue *q, const struct arrival *a, uint64_t *item,
    uint64_t *receipt)
{
	enum rc rc;

	rc = places_free_item(q->places, a->class, item);
	if (rc == RC_FULL)
		note_full(q, 1U << a->class);
	if (rc != RC_OK || a->cover)
		return rc;
	rc = places_free_receipt(q->places, receipt);
	if (rc == RC_FULL)
		note_full(q, FULL_RECEIPTS);
	return rc;
}

/* Overwrites the rows of one report: body, head, receipt, entry. RC_FULL: no
 * row is free; nothing was written. */
static enum rc
write_rows(struct queue *q, const struct arrival *a)
{
	struct head head = {.state = STATE_READY,
	    .class = a->class,
	    .lane = a->lane,
	    .destination = a->destination,
	    .cover = a->cover,
	    .length = (uint32_t)buf_len(a->object)};
	struct receipt receipt = {
	    .used = 1, .class = a->class, .day = (uint32_t)q->day};
	char c[2 * HASH_LEN + 1];
	uint64_t item, place = 0;
	enum rc rc;

	rc = draw_rows(q, a, &item, &place);
	if (rc != RC_OK)
		return rc;
	if (a->lane == LANE_POOL && !a->cover)
		mixing_enter(&q->config.mixing[a->class],
		    slots_number(q, a->class), &head.wait);
	memcpy(head.h, a->h, HASH_LEN);
	memcpy(receipt.k, a->k, HASH_LEN);
	memcpy(receipt.dup, a->dup, HASH_LEN);
	memcpy(receipt.c, a->c, HASH_LEN);
	memcpy(receipt.h, a->h, HASH_LEN);
	hex_encode(a->c, HASH_LEN, c);
	rc = journal_add(q, "accepted", ",\"c\":\"%s\"", c);
	if (rc == RC_OK)
		rc = store_body(q->store, item, a->class, a->object);
	if (rc == RC_OK)
		rc = queue_set_head(q, item, &head);
	if (rc == RC_OK && !a->cover) {
		rc = store_receipt(q->store, place, &receipt);
		if (rc == RC_OK)
			places_set_receipt(q->places, place, &receipt);
	}
	return rc == RC_OK || rc == RC_FULL ? rc : RC_IO;
}

enum rc
intake_store(struct queue *q)
{
	for (size_t i = 0; i < q->arrival_count; i++) {
		struct arrival *a = &q->arrival[i];
		enum rc rc;

		a->verdict = seen_before(q, a);
		if (a->verdict != VERDICT_STORED)
			continue;
		if (!intake_is_open(q) ||
		    a->destination >= q->destinations->count ||
		    (a->cover && !wants_cover(q, a))) {
			a->verdict = VERDICT_CLOSED;
			continue;
		}
		rc = write_rows(q, a);
		if (rc == RC_FULL)
			a->verdict = VERDICT_CLOSED;
		else if (rc != RC_OK) {
			/* what memory holds was not written: start anew */
			q->fatal = 1;
			return RC_UNKNOWN;
		}
	}
	return RC_OK;
}

void
intake_answer(struct queue *q, enum rc committed)
{
	for (size_t i = 0; i < q->arrival_count; i++) {
		struct arrival *a = &q->arrival[i];
		uint8_t verdict = a->verdict;

		if (committed != RC_OK)
			verdict = VERDICT_UNKNOWN;
		/* a child that is gone has nobody to tell */
		if (frame_send(a->answer, FRAME_VERDICT, &verdict, 1, -1) !=
		    RC_OK)
			verdict = 0;
		arrival_clear(a);
	}
	q->arrival_count = 0;
	q->arrival_bytes = 0;
}
