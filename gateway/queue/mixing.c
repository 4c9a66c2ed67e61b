/* The private delay and the binomial pool. */
#include "mixing.h"

#include <stdbool.h>
#include <stdlib.h>

/* True with that probability; 32 bits of it are enough. */
static bool
happens(double chance)
{
	return (double)arc4random() < chance * 4294967296.0;
}

/* Down: the maximum age is one. */
static uint64_t
rounded(uint64_t slot, uint64_t to)
{
	return to < 2 ? slot : slot / to * to;
}

void
mixing_enter(const struct mixing *m, uint64_t slot, struct waiting *out)
{
	uint64_t half = m->oldest_slots / 2;
	uint64_t drawn = half;

	/* oldest_slots is the configuration's, well below 32 bits */
	drawn += arc4random_uniform((uint32_t)(m->oldest_slots - half) + 1);
	*out =
	    (struct waiting){.last_slot = rounded(slot + drawn, m->round_slots),
		.end_slot = rounded(slot + m->oldest_slots, m->round_slots)};
	if (m->delay_slots <= 0)
		out->ripe = 1;
}

/* The chance of the geometric delay with that mean, slot by slot: it has no
 * memory, so that nothing but one bit is kept. */
static void
ripen(const struct mixing *m, struct waiting *const w[], size_t count)
{
	double chance = 1 / (1 + m->delay_slots);

	for (size_t i = 0; i < count; i++) {
		if (!w[i]->ripe && happens(chance))
			w[i]->ripe = 1;
	}
}

/* The chance of each of those that wait to leave. */
static double
share(const struct mixing *m, uint64_t ripe)
{
	uint64_t most = (uint64_t)((double)ripe * m->fraction);

	if (ripe <= m->minimum)
		return 0;
	if (most < 1)
		most = 1;
	if (most > ripe - m->minimum)
		most = ripe - m->minimum;
	return (double)most / (double)ripe;
}

static size_t
draw(const struct mixing *m, struct waiting *const w[], size_t count)
{
	uint64_t ripe = 0;
	size_t leaving = 0;
	double chance;

	for (size_t i = 0; i < count; i++)
		ripe += w[i]->ripe && !w[i]->leaves;
	chance = share(m, ripe);
	for (size_t i = 0; i < count; i++) {
		if (w[i]->ripe && !w[i]->leaves && happens(chance))
			w[i]->leaves = 1;
		leaving += w[i]->leaves;
	}
	return leaving;
}

/* Those past their last slot: they are company for each other. */
static size_t
force(uint64_t slot, struct waiting *const w[], size_t count, size_t leaving)
{
	size_t due = 0;
	bool company;

	for (size_t i = 0; i < count; i++)
		due += !w[i]->leaves && w[i]->last_slot <= slot;
	company = leaving + due > 1;
	for (size_t i = 0; i < count; i++) {
		if (w[i]->leaves || w[i]->last_slot > slot)
			continue;
		if (company || w[i]->end_slot <= slot) {
			w[i]->leaves = 1;
			leaving++;
		}
	}
	return leaving;
}

size_t
mixing_slot(const struct mixing *m, uint64_t slot, struct waiting *const w[],
    size_t count)
{
	ripen(m, w, count);
	return force(slot, w, count, draw(m, w, count));
}
