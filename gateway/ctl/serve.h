/* The operator's socket: one client at a time, one question each.
 *
 * A client sends one line of JSON (ask.h). It gets
 *
 *     {"ok":true}        or {"ok":false}
 *     the answer's bytes, ended by a newline when there are any
 *     {"end":TOTAL}      TOTAL: how many bytes stand between the two lines
 *
 * and then the connection is closed. Without the last line, or with another
 * total, the answer was cut and is to be dropped. When ok is false the
 * answer is {"error":words}, or what queue said. */
#ifndef CUTOUT_SERVE_H
#define CUTOUT_SERVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

struct serve;

/* What a client may cost. */
struct serve_limits {
	int64_t question_ms; /* for its whole line */
	int64_t stall_ms;    /* until it takes some of the answer */
	int64_t answer_ms;   /* until it has taken all of it */
	/* So much of an answer is taken off queue before the client has to
	 * take any: queue does not wait for a slow client sooner. At least
	 * FRAME_MAX. */
	size_t spool_bytes;
};
extern const struct serve_limits serve_limits_usual;

/* The descriptors and limits stay the caller's. own: the user whose questions
 * are answered, besides root's. NULL: out of memory. */
struct serve *serve_new(int control, int listener, int queue, uid_t own,
    const struct serve_limits *limits) MUST_USE;
void serve_free(struct serve *s);

/* Waits for one client and serves it to its end. RC_OK: go on; the client may
 * have failed in any way. RC_EOF: cutoutd or queue is gone. RC_BAD: queue broke
 * its protocol, which leaves nobody to ask. RC_IO: errno tells. After
 * anything but RC_OK it is to be called no more. */
enum rc serve_once(struct serve *s) MUST_USE;

/* Whether the user of a connection may ask: own and root. */
int serve_may_ask(uid_t peer, uid_t own);

#endif
