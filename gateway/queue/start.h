/* From the disk to a queue that can begin: open, recover, write the start
 * down. */
#ifndef CUTOUT_START_H
#define CUTOUT_START_H

#include "queue.h"
#include "result.h"

/* Opens the databases in q->config.data, loads everything, the destinations
 * from FD_QUEUE_DESKS, and asks both keyds for their public keys; writes the
 * start's log entries. Leased reports are ready again. To be called before the
 * lock-down. A line in the log says what was wrong. RC_CONFIG; RC_FULL:
 * the log has no room for the entries of a start beside those of what waits;
 * RC_NOMEM, RC_IO, RC_UNKNOWN. */
enum rc start_queue(struct queue *q) MUST_USE;

/* Closes what start_queue() opened, after a last checkpoint. RC_IO, RC_UNKNOWN:
 * that failed; nothing that was promised is lost by it. */
enum rc start_end(struct queue *q) MUST_USE;

#endif
