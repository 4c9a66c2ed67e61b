/* What the receiver tells who runs the desk: each kind of trouble at once, then
 * at most once a minute with a number, and nothing about any one item or
 * peer. */
#ifndef CUTOUT_DESK_TELL_H
#define CUTOUT_DESK_TELL_H

#include <stdint.h>

#include "serve.h"

/* Zeroed before the first. */
struct tell {
	struct {
		int64_t again_ms;   /* not before */
		unsigned long more; /* not told yet */
	} kind[SERVE_ENDS];
};

/* now_ms: any clock that only goes forward, from above 0. */
void tell(struct tell *t, enum serve_end end, int64_t now_ms);
/* Tells what is left untold. */
void tell_rest(struct tell *t);

#endif
