/* What is derived from a receipt, and from an object (PROTOCOL.md,
 * section 2). */
#ifndef CUTOUT_DERIVE_H
#define CUTOUT_DERIVE_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "wire.h"

#define DERIVE_SALT "cutout-receipt-v1"

/* HKDF-SHA256 (RFC 5869) with DERIVE_SALT: 32 bytes for this purpose.
 * RC_CRYPTO. */
enum rc derive(const void *secret, size_t len, const char *info,
    uint8_t out[HASH_LEN]) MUST_USE;

/* k = SHA-256("status" ‖ id). */
enum rc derive_k(const uint8_t id[HASH_LEN], uint8_t k[HASH_LEN]) MUST_USE;
/* b = HKDF(blind, "commit"). */
enum rc derive_b(const uint8_t blind[HASH_LEN], uint8_t b[HASH_LEN]) MUST_USE;
/* dup = HMAC-SHA256(HKDF(blind, "dup"), fields). */
enum rc derive_dup(const uint8_t blind[HASH_LEN], const void *fields,
    size_t len, uint8_t dup[HASH_LEN]) MUST_USE;
/* h = SHA-256(object). */
enum rc derive_h(const void *object, size_t len, uint8_t h[HASH_LEN]) MUST_USE;
/* c = SHA-256(0x10 ‖ b ‖ h). */
enum rc derive_c(const uint8_t b[HASH_LEN], const uint8_t h[HASH_LEN],
    uint8_t c[HASH_LEN]) MUST_USE;

#endif
