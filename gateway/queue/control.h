/* What cutoutd tells queue while it runs. */
#ifndef CUTOUT_CONTROL_H
#define CUTOUT_CONTROL_H

#include "queue.h"
#include "result.h"
#include "runs.h"

/* Takes one frame, which must be there. RC_EOF: cutoutd has closed the channel,
 * and queue ends in order. RC_IO: exit. */
enum rc control_take(struct queue *q, struct runs *r) MUST_USE;

#endif
