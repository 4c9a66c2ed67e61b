/* When a report may leave. Slots are cut from the wall clock, so that a start
 * of the daemon moves none of them. */
#include "slots.h"

#include <stdlib.h>

uint64_t
slots_number(const struct queue *q, enum lane lane)
{
	return (uint64_t)(wall_ms() / q->config.slot_ms[lane]);
}

static void
set_tick(struct queue *q, int lane, int64_t now_mono_ms)
{
	int64_t length = q->config.slot_ms[lane];

	q->tick_mono_ms[lane] = now_mono_ms + length - wall_ms() % length;
}

void
slots_begin(struct queue *q)
{
	int64_t now = mono_ms();

	for (int lane = LANE_POOL; lane <= LANE_FAST; lane++)
		set_tick(q, lane, now);
}

int64_t
slots_wait_ms(const struct queue *q)
{
	int64_t now = mono_ms(), wait = INT64_MAX;

	for (int lane = LANE_POOL; lane <= LANE_FAST; lane++) {
		int64_t w = q->tick_mono_ms[lane] - now;

		if (w < wait)
			wait = w;
	}
	return wait < 0 ? 0 : wait;
}

static int
waits(const struct item *it, uint8_t lane, uint8_t destination)
{
	return !it->damaged && !it->released && it->head.state == STATE_READY &&
	       it->head.lane == lane && it->head.destination == destination;
}

/* Lets up to slot_batch of the n that wait go: each with the probability that
 * makes every choice of them as likely as another. */
static void
release(struct places *p, uint8_t lane, uint8_t destination, uint64_t n,
    uint64_t batch)
{
	for (uint64_t i = 0; i < p->item_count && n > 0 && batch > 0; i++) {
		struct item *it = &p->item[i];

		if (!waits(it, lane, destination))
			continue;
		if (arc4random_uniform((uint32_t)n) < batch) {
			it->released = 1;
			batch--;
		}
		n--;
	}
}

static void
tick(struct queue *q, enum lane lane)
{
	struct places *p = q->places;
	uint64_t n[MAX_DESTINATIONS] = {0};

	for (uint64_t i = 0; i < p->item_count; i++) {
		const struct item *it = &p->item[i];

		if (waits(it, (uint8_t)lane, it->head.destination))
			n[it->head.destination]++;
	}
	for (unsigned int d = 0; d < MAX_DESTINATIONS; d++)
		release(p, (uint8_t)lane, (uint8_t)d, n[d],
		    (uint64_t)q->config.slot_batch);
}

int
slots_turn(struct queue *q)
{
	int64_t now = mono_ms();
	int ticked = 0;

	for (int lane = LANE_POOL; lane <= LANE_FAST; lane++) {
		if (now < q->tick_mono_ms[lane])
			continue;
		tick(q, (enum lane)lane);
		set_tick(q, lane, now);
		ticked = 1;
	}
	return ticked;
}
