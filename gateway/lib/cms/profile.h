/* The strict form of a sealed envelope (CRYPTO 1.3, 1.4). */
#ifndef CUTOUT_PROFILE_H
#define CUTOUT_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

enum { SKI_LEN = 20, PROFILE_RECIPIENTS = 8 };

/* What the envelope says about itself. */
struct profile {
	size_t recipients;
	uint8_t ski[PROFILE_RECIPIENTS][SKI_LEN];
	/* recipients of a kind that is not known here ([4] of the CHOICE, RFC
	 * 5652): a later post-quantum one passes, but is counted */
	size_t others;
	size_t ciphertext; /* bytes of plaintext = bytes of ciphertext */
};

/* Checks that the len bytes are exactly one DER ContentInfo with an
 * AuthEnvelopedData of our profile: nothing behind it, definite minimal
 * lengths, version 0, no originator, 1 to 8 recipients of the two forms (ECDH
 * P-256 with SHA-256 and AES-256 wrap, RSA-3072 and up OAEP with SHA-256) named
 * by 20-byte subjectKeyIdentifier, id-data, AES-256-GCM with a 12-byte nonce
 * and a stated and actual tag of 16 bytes, no attributes. It needs no key and
 * no OpenSSL, and it must come before any decryption: stock decryption accepts
 * short tags and a relabelled cipher. RC_BAD: anything else. */
enum rc profile_check(const uint8_t *raw, size_t len,
    struct profile *out) MUST_USE;

#endif
