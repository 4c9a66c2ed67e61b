/* Admission: reports from signer, one by one, and what becomes of a batch. */
#ifndef CUTOUT_INTAKE_H
#define CUTOUT_INTAKE_H

#include "queue.h"
#include "result.h"

struct intake;

/* Takes reports from this socket, which must be non-blocking. NULL: out of
 * memory. */
struct intake *intake_new(int signer) MUST_USE;
void intake_free(struct intake *in);

/* Receives what is there, without waiting, until the batch is full: whole
 * reports go to q->arrival. RC_OK. RC_EOF: signer is gone, or sent what is not
 * a report; there is only one signer, so the daemon ends. */
enum rc intake_collect(struct intake *in, struct queue *q) MUST_USE;

/* Writes the batch into the round's transaction and decides each verdict
 * (duplicate, conflict, closed, stored); nothing is told yet. RC_UNKNOWN: a row
 * can not be written, and memory may be ahead of the disk: exit. */
enum rc intake_store(struct queue *q) MUST_USE;

/* Tells the verdicts; committed is what queue_commit() said. Empties the
 * batch. */
void intake_answer(struct queue *q, enum rc committed);

/* At a slot: forgets that rows ran out where there are free ones again. Only
 * then, so that no more than one line of the log and one change of the status
 * comes of it in a slot, whatever reports come. */
void intake_look(struct queue *q);

/* Whether new reports are taken now. */
int intake_is_open(const struct queue *q);

#endif
