/* What the operator asks for through ctl: one question at a time. */
#ifndef CUTOUT_ORDERS_H
#define CUTOUT_ORDERS_H

#include <poll.h>

#include "queue.h"
#include "result.h"
#include "runs.h"

struct orders;

/* Takes questions from this non-blocking socket, which stays the caller's.
 * NULL: out of memory. */
struct orders *orders_new(int ctl) MUST_USE;
void orders_free(struct orders *o);

/* Takes in a question, when there is one, and does in the round's transaction
 * what it orders. RC_OK. RC_EOF: ctl is gone, or asked what is no question.
 * RC_IO: exit. */
enum rc orders_take(struct orders *o, struct queue *q,
    const struct runs *r) MUST_USE;

/* After COMMIT: sends what ctl takes of the answer. RC_OK. RC_EOF: ctl is gone.
 * RC_IO: the log can not be read; exit. */
enum rc orders_tell(struct orders *o, struct queue *q) MUST_USE;

/* An order is not done yet, and goes on in the next round. */
int orders_goes_on(const struct orders *o);

/* What it waits for at its socket. */
short orders_events(const struct orders *o);

#endif
