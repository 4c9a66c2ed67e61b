/* One question to a running gateway, over its control socket. */
#ifndef CUTOUT_DAEMON_H
#define CUTOUT_DAEMON_H

#include "answer.h"
#include "result.h"

/* Sends line, which ends in a newline, and feeds all that comes back to a,
 * to its end. RC_NOTFOUND: nothing listens at path (errno). RC_DENIED: this
 * user may not. RC_TIMEOUT: silence for wait_ms. RC_EOF: closed without an
 * answer. RC_LIMIT: path is too long. RC_BAD: a cut answer, or none. RC_IO:
 * errno. RC_NOMEM, and what the sink of a said. */
enum rc daemon_ask(const char *path, const char *line, int wait_ms,
    struct answer *a) MUST_USE;

#endif
