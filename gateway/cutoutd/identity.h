/* Who the daemon runs as: never root. */
#ifndef CUTOUT_IDENTITY_H
#define CUTOUT_IDENTITY_H

#include "result.h"

/* Started as root: becomes user, with its group and no other, and proves
 * that there is no way back. Started as anybody else: stays that, and user is
 * not looked at. RC_NOTFOUND: there is no such user. RC_DENIED: user is root,
 * or the way back is open. RC_IO: errno tells. Whatever is not RC_OK is fatal:
 * the process may have dropped in part. */
enum rc identity_drop(const char *user) MUST_USE;

#endif
