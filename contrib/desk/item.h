/* Taking in one item: judged, kept, and only then acknowledged. */
#ifndef CUTOUT_DESK_ITEM_H
#define CUTOUT_DESK_ITEM_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "buf.h"
#include "origins.h"
#include "result.h"
#include "store.h"

/* What taking needs. Borrowed. */
struct item_taker {
	struct store *store;
	const struct origins *origins;
	EVP_PKEY *ack;
};

/* What became of an item, in the order of how much it matters. */
enum item_end {
	ITEM_KEPT,      /* 201, or 200: it was here before */
	ITEM_NAME,      /* 422: its name is not its SHA-256 */
	ITEM_SIGNATURE, /* 422: not signed by a pinned origin key */
	ITEM_FORM,      /* 422: not an envelope of the gateway */
	ITEM_FULL,      /* 503: the disk is full */
	ITEM_TROUBLE,   /* 503: the disk, memory or a key failed us */
	ITEM_ENDS
};

/* Takes the item that was sent under the name h. Gives the HTTP status of the
 * answer and appends its body to answer, which has room for ACK_MAX: the
 * acknowledgement when *end is ITEM_KEPT, else one plain line. The item is on
 * stable storage before its acknowledgement is signed. Our own trouble is never
 * told as the item's fault: three of those and the gateway gives it up. */
int item_take(const struct item_taker *t, const uint8_t h[HASH_LEN],
    const uint8_t *raw, size_t len, struct buf *answer, enum item_end *end);

#endif
