/* One partner's connection, from its first byte to its last. */
#ifndef CUTOUT_CONNECTION_H
#define CUTOUT_CONNECTION_H

#include "load.h"

/* Takes memory and page faults while nobody waits. Once a process; s lives as
 * long. Fatal when it can not be had. */
void connection_prepare(const struct session *s);

/* Seconds after which a connection is certainly over: its own time, and what
 * its last answer may take. */
unsigned connection_most_s(const struct session *s);

/* Serves fd, a connected non-blocking socket that stays the caller's, until
 * its end; then nothing of it is left in memory that this code knows of. Says
 * nothing to any log: a line would have a time. */
void connection_serve(int fd);

/* Cleanses what the connection holds. For a signal handler. */
void connection_wipe(void);

#endif
