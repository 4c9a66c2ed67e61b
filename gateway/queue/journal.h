/* The audit log: entries in the transaction of what they tell of, and the day's
 * end, when they become lines. */
#ifndef CUTOUT_JOURNAL_H
#define CUTOUT_JOURNAL_H

#include <stdint.h>

#include "queue.h"
#include "result.h"

/* Adds one entry to the open transaction (it opens one if need be); ev and the
 * formatted rest make the line: {"v":1,"ev":"ev","day":"...",rest}. RC_FULL: no
 * row is free. RC_LIMIT: too long. RC_IO. */
enum rc journal_add(struct queue *q, const char *ev, const char *fmt,
    ...) MUST_USE __attribute__((format(printf, 3, 4)));

/* "to":["ski",...] of count key identifiers one behind the other, appended to
 * b. */
enum rc journal_recipients(const uint8_t *ski, size_t count,
    struct buf *b) MUST_USE;

/* Whether there is room for the entries of one more report, and of all that
 * is not done yet. */
int journal_has_room(const struct queue *q);

/* Whether there is room for so many entries that are about no report (a start,
 * a pause, new recipients) beside those of all that is not done yet. */
int journal_has_spare(const struct queue *q, uint64_t entries);

/* After a start: finishes a flush that was cut between its two commits, so
 * that no entry is lost or told twice, and takes up the gateway's day. Before
 * anything else is written. RC_CONFIG: the two files do not belong together.
 * RC_IO, RC_UNKNOWN. */
enum rc journal_recover(struct queue *q) MUST_USE;

/* When the gateway's day has changed: appends the entries to the log in random
 * order, closed by the numbers of rows in each state. Also early, without the
 * numbers, when rows run low. Call outside a transaction. What fails is tried
 * again later, until then the day goes on. It goes on, too, and the operator is
 * alarmed, while the clock is further ahead of it than config.jump_days.
 * RC_UNKNOWN: exit. */
enum rc journal_turn(struct queue *q) MUST_USE;

#endif
