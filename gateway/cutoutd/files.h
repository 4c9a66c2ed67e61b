/* Opening what the configuration names, with suspicion. */
#ifndef CUTOUT_FILES_H
#define CUTOUT_FILES_H

#include "buf.h"
#include "result.h"

/* Opens a private key for the role that will read it; this process does not.
 * It must be a plain file of this user that nobody else may read, and no
 * link. RC_DENIED: it is not, *why says what is wrong (static). RC_IO: errno
 * tells. The caller closes *out. */
enum rc file_open_key(const char *path, int *out, const char **why) MUST_USE;

/* Appends the whole of a public file: certificates, lists, schemas. RC_DENIED:
 * not a plain file, or others may write to it. RC_LIMIT: larger than what is
 * left in to. RC_IO: errno tells. RC_NOMEM. */
enum rc file_add(const char *path, struct buf *to) MUST_USE;
/* The same, and there must be a PEM block in it, else RC_BAD. */
enum rc file_add_pem(const char *path, struct buf *to) MUST_USE;

/* Makes the folder with mode 0700 when it is missing; it must belong to this
 * user and be closed to all others, else RC_DENIED. RC_IO: errno tells. */
enum rc folder_private(const char *path) MUST_USE;

#endif
