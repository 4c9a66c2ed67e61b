/* One connection of the gateway: items, one after the other. */
#ifndef CUTOUT_DESK_SERVE_H
#define CUTOUT_DESK_SERVE_H

#include <openssl/ssl.h>

#include "item.h"

/* How a connection went, for who runs the desk; never which, from where, or
 * how much. What matters most has the highest number. Exit statuses of the
 * children that serve. */
enum serve_end {
	SERVE_GOOD,
	SERVE_STRANGER, /* no verified client certificate of the gateway */
	SERVE_REQUEST,  /* not a request that the gateway makes */
	SERVE_NAME,     /* items were refused: ITEM_NAME and so on */
	SERVE_SIGNATURE,
	SERVE_FORM,
	SERVE_CRL,     /* the revocation list has ended: nobody can connect */
	SERVE_FULL,    /* the disk is full */
	SERVE_TROUBLE, /* the disk, memory or a key failed us */
	SERVE_ENDS
};

/* Serves the connection fd, which is non-blocking, until either side ends it,
 * and closes it. proven gets a byte when the peer has shown the gateway's
 * certificate, and is closed too. */
enum serve_end serve(SSL_CTX *tls, int fd, int proven,
    const struct item_taker *t);

#endif
