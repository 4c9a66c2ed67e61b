/* The destinations as queue knows them: their numbers, names, keys of
 * acknowledgement and recipients. */
#ifndef CUTOUT_DESKS_H
#define CUTOUT_DESKS_H

#include "archive.h"
#include "queue.h"
#include "result.h"

/* Loads the first set and compares it with what the database was used with: a
 * destination's number is in every row, so its name may never change.
 * RC_CONFIG and a line in the log: it did. Others as destinations_load(). */
enum rc desks_load(struct queue *q, int fd) MUST_USE;

/* Whether every report that is kept and not delivered has its destination in
 * the configuration. RC_CONFIG and a line in the log: one was taken out, and
 * its reports would lie there for ever. */
enum rc desks_cover(const struct queue *q) MUST_USE;

/* Writes the start's entries ("recipients" of each). RC_IO, RC_FULL. */
enum rc desks_tell(struct queue *q) MUST_USE;

/* A new set while running; takes fd. A bad one leaves the old in place, and
 * when that is because a certificate in it does not verify, admission is
 * closed until a set verifies that is not the old one again. What changed
 * becomes entries of the round. RC_OK, or RC_IO: exit. */
enum rc desks_change(struct queue *q, int fd, int again) MUST_USE;
void desks_drop_old(struct queue *q);

#endif
