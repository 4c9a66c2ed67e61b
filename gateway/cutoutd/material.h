/* One generation of everything that roles load: certificates, revocation
 * lists, schemas, destinations. A reload makes a new one. */
#ifndef CUTOUT_MATERIAL_H
#define CUTOUT_MATERIAL_H

#include <stdint.h>

#include "buf.h"
#include "config.h"
#include "result.h"

struct material {
	uint64_t generation;
	struct buf *certificate; /* of the listener */
	struct buf *partners, *police;
	struct buf *partner_crl, *police_crl;
	struct buf *served, *schema;
	/* destinations in the form that screen, signer and queue read */
	struct buf *destinations;
	struct buf *origin, *forward; /* certificates */
};

/* Reads every configured file anew. RC_CONFIG: one is missing or wrong, and
 * complain was told which and why. RC_NOMEM. On RC_OK the caller frees it. */
enum rc material_read(const struct config *c, uint64_t generation,
    config_complain complain, struct material **out) MUST_USE;
void material_free(struct material *m);

/* Swaps what concerns partners alone: the certificate that the listener shows
 * them, their authority and its list. */
void material_swap_trust(struct material *a, struct material *b);

/* A fresh sealed memfd of b; the caller closes it. RC_IO. */
enum rc material_fd(const struct buf *b, int *out) MUST_USE;

#endif
