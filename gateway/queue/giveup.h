/* What is past its time: delivered reports that were kept for a while, and
 * receipts by which a second sending is known. Their rows are overwritten. */
#ifndef CUTOUT_GIVEUP_H
#define CUTOUT_GIVEUP_H

#include "queue.h"
#include "result.h"

/* After a start and when the day changes: begins to look through all rows. */
void giveup_begin(struct queue *q);

/* Overwrites a few, in a transaction of its own, so that nobody waits long; to
 * be called while q->giving_up. RC_UNKNOWN: exit. */
enum rc giveup_turn(struct queue *q) MUST_USE;

#endif
