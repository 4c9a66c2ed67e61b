/* A pool of children forked before their work arrives.
 *
 * A zygote warms its libraries, locks itself down and then only forks: it never
 * holds a connection or a report (a sibling would inherit it). Each child waits
 * for one piece of work on a socket that all of them share, and the kernel
 * gives it to exactly one. DESIGN section 1. */
#ifndef CUTOUT_ZYGOTE_H
#define CUTOUT_ZYGOTE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

enum { ZYGOTE_CHILDREN = 4096 };

struct zygote_plan {
	size_t spare; /* idle children to keep, from 1 */
	size_t most;  /* children at one time in all, at most ZYGOTE_CHILDREN */
	/* What one piece of work may take: a child that is at it for longer is
	 * killed, whatever has become of its own deadline. At least 1. */
	uint64_t work_ms;
	int once;  /* a child works once: that it is idle again is a lie */
	void *arg; /* handed to every call below */

	/* In the zygote, right before a fork: makes what belongs to this child
	 * alone, like its channel to signer. Failure: no child this time. */
	enum rc (*prepare)(void *arg);
	/* In the zygote, right after the fork (or when it failed): closes the
	 * child's ends of what prepare() made. */
	void (*release)(void *arg);
	/* In the child, with only what is its own still open: works, then ends
	 * the process with _exit(). status is for zygote_busy() and
	 * zygote_idle(). */
	void (*child)(void *arg, int status);
	/* In the zygote: this child is gone. May be NULL. */
	void (*reaped)(void *arg, pid_t pid);
};

/* Runs the pool until cutoutd says drain (FRAME_DRAIN on FD_CONTROL), then
 * returns 0 when the last busy child has ended and was reaped, at most work_ms
 * and a moment later: who is still there then is killed; or until cutoutd is
 * gone, then returns 1 at once. Reports children that died of a fault with
 * FRAME_CRASH. New children are made on the tick of a timer, so
 * that the time of a fork says nothing about the time of an arrival. Call after
 * sandbox_enter() and FRAME_READY. */
int zygote_run(const struct zygote_plan *plan) MUST_USE;

/* In a child: it has got its work, or waits for the next (where one process
 * serves several). Never fails: a zygote that is gone takes its children
 * along. */
void zygote_busy(int status);
void zygote_idle(int status);

/* In a child that waits: whether to end instead of waiting on. The zygote asks
 * by a signal, which ends a blocking accept() or frame_recv_once() with EINTR;
 * work that was received meanwhile is finished first, never lost. */
int zygote_drained(void);

#endif
