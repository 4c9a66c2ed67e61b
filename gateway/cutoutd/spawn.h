/* Starting one role with exactly the descriptors it is meant to have. */
#ifndef CUTOUT_SPAWN_H
#define CUTOUT_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "result.h"

enum { SPAWN_FDS = 16 };

/* Runs path with the name as its only argument, an empty environment, no
 * blocked signals, SIGPIPE, SIGINT and SIGHUP ignored, umask 077, descriptor i
 * being fds[i] (-1: closed) for i < count, and no other. fds stay the caller's.
 * RC_LIMIT: too many. RC_IO: errno tells. When path can not be run the child
 * ends with 127 and says so on descriptor 2. */
enum rc spawn(const char *path, const char *name, const int *fds, size_t count,
    pid_t *out) MUST_USE;

#endif
