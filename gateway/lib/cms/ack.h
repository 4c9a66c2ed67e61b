/* A police desk's signed acknowledgement of one object (PROTOCOL.md,
 * section 5). */
#ifndef CUTOUT_ACK_H
#define CUTOUT_ACK_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

/* Appends the two lines of the acknowledgement of h, signed by key (ECDSA
 * P-256). RC_CRYPTO, RC_LIMIT, RC_NOMEM. */
enum rc ack_sign(const uint8_t h[HASH_LEN], EVP_PKEY *key,
    struct buf *out) MUST_USE;

/* Whether these bytes are an acknowledgement of exactly this h by this public
 * key. RC_BAD: not of the form. RC_DENIED: of another object. RC_CRYPTO: the
 * signature does not verify. On RC_OK *signature, when not NULL, points at the
 * base64 text inside raw and *signature_len is its length. */
enum rc ack_verify(const uint8_t h[HASH_LEN], EVP_PKEY *key, const void *raw,
    size_t len, const char **signature, size_t *signature_len) MUST_USE;

#endif
