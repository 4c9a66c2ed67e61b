/* The origin signature around a sealed envelope (CRYPTO section 2). */
#ifndef CUTOUT_ORIGIN_H
#define CUTOUT_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "result.h"

/* Appends to out the DER of a CMS SignedData (RFC 5652) around the envelope:
 * attached, ECDSA P-256 with SHA-256, subjectKeyIdentifier, no attributes, no
 * certificates, no time. It is signed again until the signature has 71 bytes,
 * so that all objects of a class have one length. RC_CRYPTO: a call failed, or
 * key and certificate do not belong together. RC_LIMIT: out is too small. */
enum rc origin_sign(const uint8_t *envelope, size_t len, X509 *cert,
    EVP_PKEY *key, struct buf *out) MUST_USE;

/* Verifies an object with the pinned certificate (no chain: it is known by
 * itself) and appends the envelope inside it to out. The object must be DER of
 * exactly the form that origin_sign() writes. RC_BAD: it is not. RC_CRYPTO: the
 * signature does not verify; out is as before. RC_LIMIT, RC_NOMEM. */
enum rc origin_open(const uint8_t *raw, size_t len, X509 *cert,
    struct buf *out) MUST_USE;

/* Finds the envelope inside an object of that form and verifies nothing: for
 * who keeps objects that were verified before. *envelope points into raw.
 * RC_BAD: it is not of that form. */
enum rc origin_find(const uint8_t *raw, size_t len, const uint8_t **envelope,
    size_t *envelope_len) MUST_USE;

#endif
