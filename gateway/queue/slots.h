/* When a report may leave: at the tick of its lane's slot, never when it
 * came. */
#ifndef CUTOUT_SLOTS_H
#define CUTOUT_SLOTS_H

#include <stdint.h>

#include "queue.h"

/* Sets the first ticks: a start of the daemon lets nothing go by itself. */
void slots_begin(struct queue *q);

/* Milliseconds until the next tick of any lane, at least 0. */
int64_t slots_wait_ms(const struct queue *q);

/* At a tick: lets a batch of reports go, of each destination, drawn at random
 * among those that wait. Returns whether there was one. */
int slots_turn(struct queue *q);

/* The number of the slot of a lane that it is now. */
uint64_t slots_number(const struct queue *q, enum lane lane);

#endif
