/* When a report may leave: at the tick of its flow's slot, never when it came.
 * At each tick the same number of objects leaves for each destination: real
 * ones that the pool has drawn, and dummies for the rest. */
#ifndef CUTOUT_SLOTS_H
#define CUTOUT_SLOTS_H

#include <stdint.h>

#include "queue.h"
#include "result.h"

enum { FAST_MOST = 3 }; /* of the fast lane in one slot, when more wait */

/* The flow of an item. */
unsigned int slots_flow(uint8_t lane, uint8_t class);

/* Sets the first ticks: a start of the daemon lets nothing go by itself. */
void slots_begin(struct queue *q);

/* Milliseconds until the next tick of any flow, at least 0. */
int64_t slots_wait_ms(const struct queue *q);

/* At a tick: draws who leaves and writes down what has to survive a crash, in
 * a transaction of its own. *ticked: whether there was one. RC_IO, RC_UNKNOWN:
 * exit. */
enum rc slots_turn(struct queue *q, int *ticked) MUST_USE;

/* The number of the slot of a flow that it is now. */
uint64_t slots_number(const struct queue *q, unsigned int flow);

/* Whether so many dummies wait already that another one is not needed. */
int slots_have_cover(const struct queue *q, uint8_t destination,
    unsigned int flow);

#endif
