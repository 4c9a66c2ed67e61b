/* The life of one report on the way to the gateway: attempts, and what may
 * be concluded from each. */
#ifndef CUTOUT_SUBMIT_H
#define CUTOUT_SUBMIT_H

#include "options.h"
#include "reply.h"
#include "store.h"
#include "transport.h"

/* Also the exit codes of the program. */
enum outcome {
	OUTCOME_ACCEPTED = 0,
	OUTCOME_FAILED = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_RETURNED = 3,
	OUTCOME_UNKNOWN = 4,
	OUTCOME_REFUSED = 5,
	OUTCOME_CONFLICT = 6,
	OUTCOME_URGENT = 7,
	OUTCOME_NOT_SENT = 8,
	OUTCOME_HARMFUL = 9
};

/* The one that matters more to somebody who has to act. */
enum outcome outcome_worse(enum outcome a, enum outcome b);

/* Sends a stored entry until there is a clear answer or the attempts are used
 * up, and shows what came of it. The entry is claimed and its state follows
 * every step on stable storage; an entry that the gateway certainly does not
 * have, and did not want, is removed. name: what findings are shown under.
 * said: what this machine's check said, or NULL; its advice is shown when no
 * answer gives any, at once and before any wait. */
enum outcome submit_entry(const struct options *o, struct store *s,
    struct entry *e, const char *name, const struct reply *said);

/* POST /v1/check: shows what the gateway finds. */
enum outcome submit_check(const struct options *o, const void *body, size_t len,
    const char *name);

#endif
