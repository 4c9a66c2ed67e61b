/* The gateway's origin certificates that this desk pinned. While the gateway
 * changes its key the file holds two. */
#ifndef CUTOUT_DESK_ORIGINS_H
#define CUTOUT_DESK_ORIGINS_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "buf.h"
#include "profile.h"
#include "result.h"

enum { ORIGINS_MAX = 8 };

/* Owns the certificates. */
struct origins {
	size_t count;
	X509 *cert[ORIGINS_MAX];
};

/* Reads a PEM file. On failure it was complained about: RC_NOTFOUND, RC_IO,
 * RC_LIMIT, RC_NOMEM; RC_CONFIG: no certificate, or one that can not verify
 * an item. */
enum rc origins_load(const char *path, struct origins *out) MUST_USE;
void origins_clear(struct origins *o);

/* Verifies an item's signature with one of them, then checks the form of the
 * envelope inside, and gives what it says about itself; no byte of it is
 * decrypted. *by, when not NULL, is the certificate that verified it, borrowed.
 * RC_CRYPTO: the signature verifies with none of them. RC_BAD: not of our form.
 * RC_NOMEM: nothing is known about the item. */
enum rc origins_check(const struct origins *o, const uint8_t *raw, size_t len,
    struct profile *envelope, X509 **by) MUST_USE;

#endif
