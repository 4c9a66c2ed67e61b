/* The rounds of queue's work. */
#ifndef CUTOUT_TURN_H
#define CUTOUT_TURN_H

#include "queue.h"
#include "result.h"

struct turn;

/* Everything that is needed for rounds over queue's descriptors (wire.h).
 * Borrows q. NULL: out of memory, or the descriptors are not there. */
struct turn *turn_new(struct queue *q) MUST_USE;
void turn_free(struct turn *t);

/* Waits, and does one round: takes in what is there, commits it, tells it.
 * RC_OK: call it again. RC_EOF: cutoutd wants queue to end, and what signer had
 * handed over is stored and answered. RC_UNKNOWN: exit at once, and let the
 * next start find out what holds. */
enum rc turn_once(struct turn *t) MUST_USE;

#endif
