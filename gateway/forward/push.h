/* Pushing sealed objects to one police desk over one connection that somebody
 * else opened (PROTOCOL.md, "Push"). */
#ifndef CUTOUT_PUSH_H
#define CUTOUT_PUSH_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "setup.h"
#include "wire.h"

struct push;

/* Makes everything ready for the destination in setup ("host", "port",
 * "address", "deadline_seconds"), with the client certificate, key, police
 * authority and revocation lists read from their descriptors, and warms the
 * libraries: nothing is opened after this. The socket is FD_FORWARD_SOCKET,
 * still connecting. RC_CONFIG: a value or file is wrong. RC_NOMEM, RC_IO. */
enum rc push_new(const struct setup *setup, struct push **out) MUST_USE;
void push_free(struct push *p);

/* Waits until the connection has come about. RC_IO: it did not (refused,
 * unreachable). RC_TIMEOUT: not within the deadline. */
enum rc push_connected(struct push *p) MUST_USE;

/* Puts one object under its name h and collects the answer's body, at most
 * ACK_MAX bytes, into ack. RC_OK: *status is the desk's HTTP status, whatever
 * it is. Anything else is an outage of the destination and ends the run:
 * RC_EOF, the connection is gone; RC_TIMEOUT; RC_CRYPTO, the desk's
 * certificate did not verify; RC_BAD, not HTTP or a body too long. */
enum rc push_put(struct push *p, const uint8_t h[HASH_LEN],
    const struct buf *object, uint16_t *status, struct buf *ack) MUST_USE;

/* After a push_put() that was RC_OK: whether the desk takes another one on this
 * connection. It may end it in order, to read a new list say. */
int push_goes_on(const struct push *p);

#endif
