/* Waiting for one descriptor and never missing the end of cutoutd. */
#ifndef CUTOUT_WATCH_H
#define CUTOUT_WATCH_H

#include <stdint.h>

#include "result.h"

struct watch {
	int control;
	enum rc end; /* why this role ends; RC_OK: it does not */
};

#define WATCH_NEVER INT64_MAX

/* Monotonic milliseconds. */
int64_t watch_now_ms(void);

/* Waits until fd is ready for events, or other (-1: none) can be read, at most
 * until due_ms. RC_TIMEOUT: it has come. RC_EOF: w->end says why this role
 * ends. */
enum rc watch_for(struct watch *w, int fd, short events, int other,
    int64_t due_ms) MUST_USE;

#endif
