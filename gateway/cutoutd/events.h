/* What happens to the gateway: signals, frames, log lines, deaths. */
#ifndef CUTOUT_EVENTS_H
#define CUTOUT_EVENTS_H

#include "gateway.h"

/* Waits up to timeout_ms for something to happen and takes it in: sets the
 * wishes and marks in g (crashed, run_wanted, reload_wanted, stop_wanted,
 * failed) for others to act upon. RC_IO: the wait itself failed. */
enum rc events_step(struct gateway *g, int timeout_ms) MUST_USE;

#endif
