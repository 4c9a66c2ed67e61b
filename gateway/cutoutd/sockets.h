/* Every socket and shared table the daemon makes for its roles. */
#ifndef CUTOUT_SOCKETS_H
#define CUTOUT_SOCKETS_H

#include <stdint.h>

#include "result.h"

/* A TCP listener on a numeric address. Connections inherit TCP_NODELAY.
 * RC_BAD: not an address. RC_IO: errno tells. */
enum rc socket_listen(const char *address, uint16_t port, int *out) MUST_USE;

/* A Unix stream listener that only this user can connect to; a stale socket
 * of that name is removed. RC_LIMIT: the path is too long. RC_DENIED: the name
 * is taken by something that is no socket. RC_IO: errno tells; EADDRINUSE:
 * somebody answers there, and is left alone. */
enum rc socket_listen_unix(const char *path, int *out) MUST_USE;

/* A pair of SEQPACKET sockets, one[0] and one[1]. With body set their buffers
 * are as large as the system allows: whole reports flow through. RC_IO. */
enum rc socket_pair(int pair[2], int body) MUST_USE;

/* Begins to connect and does not wait: *out is still connecting. RC_BAD: not
 * an address. RC_IO: it failed at once. */
enum rc socket_connect(const char *address, uint16_t port, int *out) MUST_USE;

/* The table of rate counters: a memfd of zeros but for a random boot key in
 * its first RATES_KEY_BYTES. It lives as long as the daemon and is never
 * written to a disk. RC_IO. */
enum { RATES_KEY_BYTES = 16, RATES_BYTES = 1024 * 1024 };
enum rc rates_make(int *out) MUST_USE;

#endif
