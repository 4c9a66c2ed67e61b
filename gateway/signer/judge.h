/* What signer puts the origin signature on, and nothing else. */
#ifndef CUTOUT_JUDGE_H
#define CUTOUT_JUDGE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "destinations.h"
#include "result.h"
#include "wire.h"

/* The origin key and the sets of destinations that hold now: the current one,
 * and while old screen children drain the one before. */
struct judge {
	X509 *certificate;
	EVP_PKEY *key;
	struct destinations *current;
	struct destinations *old; /* or NULL */
};

/* The header of a submission (FRAME_SUBMIT), parsed. */
struct submission {
	uint8_t k[HASH_LEN], dup[HASH_LEN], b[HASH_LEN];
	uint8_t lane, class, destination;
	uint8_t cover; /* set by the channel it came on, never by screen */
};

/* Reads a FRAME_SUBMIT payload. RC_BAD: not of its length, or a lane, class or
 * destination number that can not be. */
enum rc submission_read(const uint8_t *raw, size_t len,
    struct submission *out) MUST_USE;

/* Judges an envelope: the profile, exactly the configured recipients of its
 * destination, and the length of its class. RC_OK: it was signed, the object is
 * appended to object, and head is the payload of FRAME_STORE (k, dup, c, h,
 * lane, class, destination, cover). RC_DENIED: it is not what a sound screen
 * makes; nothing was signed. RC_CRYPTO, RC_LIMIT, RC_NOMEM. b of the submission
 * is cleansed in every case. */
enum rc judge(const struct judge *j, struct submission *s,
    const struct buf *envelope, struct buf *object,
    uint8_t head[STORE_LEN]) MUST_USE;

#endif
