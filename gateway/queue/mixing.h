/* Who leaves at a slot: the private delay and the binomial pool of DESIGN
 * section 6, for the reports of one destination, lane and size that wait.
 *
 * No clock and no storage: a slot number comes in, and what has to survive a
 * crash stands in struct waiting, which the caller keeps. The delay is
 * exponential, so a report that has waited is like one that has just come: one
 * bit is kept for it, and no time. Nothing in a struct waiting tells when a
 * report came more closely than half the maximum age. */
#ifndef CUTOUT_MIXING_H
#define CUTOUT_MIXING_H

#include <stddef.h>
#include <stdint.h>

struct mixing {
	double delay_slots;    /* mean of the private delay, at least 0 */
	uint64_t minimum;      /* of the pool: this many stay */
	double fraction;       /* of those above it, 0 to 1 */
	uint64_t oldest_slots; /* maximum age */
	uint64_t round_slots;  /* last slots are multiples of it, at least 1 */
};

struct waiting {
	uint8_t ripe;       /* its private delay is over */
	uint8_t leaves;     /* drawn: it takes the next place in a slot */
	uint64_t last_slot; /* from then on it leaves, when it has company */
	uint64_t end_slot; /* from then on alone: the slot's cover is with it */
};

/* Draws for a report that has just come, at this slot: neither ripe nor
 * leaving; its last slot is from half to all of the maximum age away, its end
 * the maximum age. */
void mixing_enter(const struct mixing *m, uint64_t slot, struct waiting *out);

/* One slot. Delays end; then, when M ripe ones wait and M is more than the
 * minimum, each leaves with the chance min(M - minimum, max(1, fraction M)) /
 * M. Whoever is past its last slot leaves as well, ripe or not, when another
 * one leaves with it, and past its end in any case. Returns how many are marked
 * to leave, with those that were marked before and found no place. */
size_t mixing_slot(const struct mixing *m, uint64_t slot,
    struct waiting *const w[], size_t count);

#endif
