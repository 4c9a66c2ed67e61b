/* The one private key of a keyd, and the one kind of signature it makes. */
#ifndef CUTOUT_KEY_H
#define CUTOUT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

enum key_kind {
	KEY_TLS,    /* ECDSA P-256: the partner listener's certificate */
	KEY_LOG,    /* Ed25519: checkpoints of the log */
	KEY_PROMISE /* Ed25519: promises to submitters */
};

enum {
	KEY_DIGEST = 32,    /* SHA-256, what a TLS handshake signs */
	KEY_SIGNATURE = 80, /* room for a DER ECDSA P-256 signature */
	KEY_PUBLIC = 32     /* a raw Ed25519 public key */
};

struct key;

/* Reads the PEM key of this kind from fd, which stays the caller's to close.
 * RC_DENIED: the file is not a regular file of ours with mode 0600 or less
 * (DESIGN section 1: a key others can read is no key). RC_CONFIG: not a key of
 * this kind. RC_IO, RC_NOMEM. */
enum rc key_load(int fd, enum key_kind kind, struct key **out) MUST_USE;
void key_free(struct key *k);

/* KEY_TLS alone: signs the digest (RFC 8446 section 4.4.3, ECDSA with
 * SHA-256). *len is the length of the DER signature. RC_DENIED: a key of
 * another kind. RC_CRYPTO. */
enum rc key_sign_digest(const struct key *k, const uint8_t digest[KEY_DIGEST],
    uint8_t signature[KEY_SIGNATURE], size_t *len) MUST_USE;

/* KEY_LOG and KEY_PROMISE: the public key (RFC 8032). RC_DENIED: KEY_TLS. */
enum rc key_public(const struct key *k, uint8_t out[KEY_PUBLIC]) MUST_USE;

#endif
