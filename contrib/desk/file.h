/* Reading and writing whole files. */
#ifndef CUTOUT_DESK_FILE_H
#define CUTOUT_DESK_FILE_H

#include <stddef.h>

#include "buf.h"
#include "result.h"

/* Reads fd up to its end, wherever it stands; fd stays the caller's. RC_LIMIT:
 * there are more than max bytes. RC_IO: errno. RC_NOMEM. The caller frees
 * *out. */
enum rc file_read_fd(int fd, size_t max, struct buf **out) MUST_USE;
/* The same of a regular file. RC_NOTFOUND: there is none. RC_IO also for what
 * is not a regular file. */
enum rc file_read(const char *path, size_t max, struct buf **out) MUST_USE;

/* Writes all of b. RC_IO: errno. */
enum rc file_write_fd(int fd, const struct buf *b) MUST_USE;

#endif
