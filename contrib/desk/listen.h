/* The socket that the gateway connects to. */
#ifndef CUTOUT_DESK_LISTEN_H
#define CUTOUT_DESK_LISTEN_H

#include "result.h"

/* Listens on "ADDRESS:PORT": 127.0.0.1:8443 or [::1]:8443; numbers only,
 * nothing is looked up. *out is non-blocking; the caller closes it. RC_BAD: not
 * of that form. RC_IO: errno. */
enum rc listen_on(const char *text, int *out) MUST_USE;

#endif
