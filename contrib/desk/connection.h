/* One TLS connection from the gateway, with deadlines. */
#ifndef CUTOUT_DESK_CONNECTION_H
#define CUTOUT_DESK_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

#include "result.h"

struct connection;

/* fd, which is non-blocking, is the connection's from here on, also on
 * failure. RC_NOMEM. The caller frees *out. */
enum rc connection_new(SSL_CTX *tls, int fd, struct connection **out) MUST_USE;
/* Says goodbye when the handshake was finished, and lets the peer take the
 * last answer before the socket is closed. */
void connection_free(struct connection *c);

/* SIGTERM: connections end as soon as no request is half done. Call once in
 * the process that serves them; the signal must be blocked before and is
 * looked at only while waiting. RC_IO. */
enum rc connection_stops_on_sigterm(void) MUST_USE;
bool connection_must_stop(void);

/* The handshake. RC_TIMEOUT; RC_EOF: the peer went away or speaks no TLS 1.3;
 * RC_DENIED: it showed no certificate that verifies as a TLS client's;
 * RC_CONFIG: our revocation list has ended, so that nobody's does. */
enum rc connection_handshake(struct connection *c, int seconds) MUST_USE;

/* From now on reading and writing have this long in all. idle: nothing is half
 * done until the next byte comes, so SIGTERM may end it. */
void connection_deadline(struct connection *c, int seconds, bool idle);

/* Of http.h's types, for a struct connection. */
ssize_t connection_pull(void *c, uint8_t *raw, size_t size);
bool connection_push(void *c, const void *bytes, size_t len);

#endif
