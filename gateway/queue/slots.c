/* When a report may leave. Slots are cut from the wall clock, so that a start
 * of the daemon moves none of them. */
#include "slots.h"

#include <stdlib.h>
#include <string.h>

/* One destination's part of one flow at a tick: who waits. */
struct crowd {
	uint64_t *place;       /* real ones, then dummies */
	struct waiting *now;   /* of the real ones, to be drawn on */
	struct waiting **each; /* pointers to them */
	size_t real, cover;
};

unsigned int
slots_flow(uint8_t lane, uint8_t class)
{
	return lane == LANE_FAST ? FLOW_FAST : class;
}

uint64_t
slots_number(const struct queue *q, unsigned int flow)
{
	return (uint64_t)(wall_ms() / q->config.slot_ms[flow]);
}

static void
set_tick(struct queue *q, unsigned int flow, int64_t now_mono_ms)
{
	int64_t length = q->config.slot_ms[flow];

	/* both clocks are cut to milliseconds: one more, or the tick would at
	 * times come before its slot, and again in it */
	q->tick_mono_ms[flow] = now_mono_ms + length - wall_ms() % length + 1;
}

void
slots_begin(struct queue *q)
{
	int64_t now = mono_ms();

	for (unsigned int flow = 0; flow < FLOWS; flow++)
		set_tick(q, flow, now);
}

int64_t
slots_wait_ms(const struct queue *q)
{
	int64_t now = mono_ms(), wait = INT64_MAX;

	for (unsigned int flow = 0; flow < FLOWS; flow++) {
		int64_t w = q->tick_mono_ms[flow] - now;

		if (w < wait)
			wait = w;
	}
	return wait < 0 ? 0 : wait;
}

/* --- who waits --------------------------------------------------------- */

static int
waits(const struct item *it, uint8_t destination, unsigned int flow)
{
	return !it->damaged && !it->released && it->head.state == STATE_READY &&
	       it->head.destination == destination &&
	       slots_flow(it->head.lane, it->head.class) == flow;
}

int
slots_have_cover(const struct queue *q, uint8_t destination, unsigned int flow)
{
	const struct places *p = q->places;
	int64_t n = 0;

	for (uint64_t i = 0; i < p->item_count && n < q->config.stock; i++)
		n += p->item[i].head.cover &&
		     waits(&p->item[i], destination, flow);
	return n >= q->config.stock;
}

static void
crowd_free(struct crowd *c)
{
	free(c->place);
	free(c->now);
	free(c->each);
}

static enum rc
crowd_new(const struct queue *q, uint8_t destination, unsigned int flow,
    struct crowd *c)
{
	const struct places *p = q->places;
	size_t count = 0;

	*c = (struct crowd){.real = 0};
	for (uint64_t i = 0; i < p->item_count; i++)
		count += waits(&p->item[i], destination, flow) != 0;
	c->place = calloc(count + 1, sizeof(*c->place));
	c->now = calloc(count + 1, sizeof(*c->now));
	c->each = calloc(count + 1, sizeof(struct waiting *));
	if (c->place == NULL || c->now == NULL || c->each == NULL) {
		crowd_free(c);
		return RC_NOMEM;
	}
	for (uint64_t i = 0; i < p->item_count; i++) {
		const struct item *it = &p->item[i];

		if (!waits(it, destination, flow))
			continue;
		if (it->head.cover) {
			c->place[count - ++c->cover] = i;
			continue;
		}
		c->now[c->real] = it->head.wait;
		c->each[c->real] = &c->now[c->real];
		c->place[c->real++] = i;
	}
	return RC_OK;
}

/* --- who leaves -------------------------------------------------------- */

static int
same(const struct waiting *a, const struct waiting *b)
{
	return a->ripe == b->ripe && a->leaves == b->leaves &&
	       a->last_slot == b->last_slot && a->end_slot == b->end_slot;
}

/* Writes down what was drawn. */
static enum rc
keep(struct queue *q, const struct crowd *c)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < c->real && rc == RC_OK; i++) {
		struct head h = q->places->item[c->place[i]].head;

		if (same(&h.wait, &c->now[i]))
			continue;
		h.wait = c->now[i];
		rc = queue_set_head(q, c->place[i], &h);
	}
	return rc;
}

/* Lets most of the n in place go, any of them as likely as another. */
static size_t
let_go(struct queue *q, unsigned int flow, const uint64_t *place, size_t n,
    size_t most)
{
	uint64_t slot = slots_number(q, flow);
	size_t gone = 0;

	for (size_t i = 0; i < n && gone < most; i++) {
		if (arc4random_uniform((uint32_t)(n - i)) >= most - gone)
			continue;
		q->places->item[place[i]].released = 1;
		q->places->item[place[i]].slot = slot;
		gone++;
	}
	return gone;
}

/* The places of those that leave, at the front. */
static size_t
gather(const struct crowd *c, uint64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->real; i++) {
		if (c->now[i].leaves)
			out[n++] = c->place[i];
	}
	return n;
}

static size_t
batch_of(const struct queue *q, unsigned int flow, size_t leaving)
{
	if (flow != FLOW_FAST)
		return (size_t)q->config.slot_batch;
	if (leaving < 1)
		return 1;
	return leaving < FAST_MOST ? leaving : FAST_MOST;
}

static void
draw(struct queue *q, unsigned int flow, struct crowd *c)
{
	if (flow != FLOW_FAST) {
		(void)mixing_slot(&q->config.mixing[flow],
		    slots_number(q, flow), c->each, c->real);
		return;
	}
	for (size_t i = 0; i < c->real; i++)
		c->now[i].leaves = 1;
}

static enum rc
tick_one(struct queue *q, unsigned int flow, uint8_t destination)
{
	size_t leaving, batch, gone;
	struct crowd c;
	uint64_t *out;
	enum rc rc;

	rc = crowd_new(q, destination, flow, &c);
	if (rc != RC_OK)
		return rc;
	out = calloc(c.real + 1, sizeof(*out));
	if (out == NULL) {
		crowd_free(&c);
		return RC_NOMEM;
	}
	draw(q, flow, &c);
	rc = keep(q, &c);
	if (rc == RC_OK) {
		leaving = gather(&c, out);
		batch = batch_of(q, flow, leaving);
		gone = let_go(q, flow, out, leaving, batch);
		if (q->config.stock > 0)
			(void)let_go(q, flow, c.place + c.real, c.cover,
			    batch - gone);
	}
	free(out);
	crowd_free(&c);
	return rc;
}

enum rc
slots_turn(struct queue *q, int *ticked)
{
	int64_t now = mono_ms();
	enum rc rc = RC_OK;

	*ticked = 0;
	for (unsigned int flow = 0; flow < FLOWS && rc == RC_OK; flow++) {
		if (now < q->tick_mono_ms[flow])
			continue;
		for (size_t d = 0; d < q->destinations->count && rc == RC_OK;
		     d++)
			rc = tick_one(q, flow, (uint8_t)d);
		set_tick(q, flow, now);
		*ticked = 1;
	}
	return rc == RC_OK ? queue_commit(q) : rc;
}
