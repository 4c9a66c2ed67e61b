/* Key pairs: made, and written to and read from a folder as PEM. */
#ifndef CUTOUT_PAIR_H
#define CUTOUT_PAIR_H

#include <openssl/evp.h>

#include "folder.h"
#include "result.h"

enum pair_kind {
	PAIR_P256,   /* certificates: ECDSA and ECDH, named curve */
	PAIR_ED25519 /* the log and the promises */
};

/* Makes a fresh pair. RC_CRYPTO. The caller frees *out with EVP_PKEY_free. */
enum rc pair_new(enum pair_kind kind, EVP_PKEY **out) MUST_USE;

/* Writes the private key as PKCS #8 PEM, mode 0600, as a new file; with
 * replace set it takes the place of the one there. As folder_add(). */
enum rc pair_write_private(struct folder *f, const char *name,
    const EVP_PKEY *pair, int replace) MUST_USE;
/* Writes the public key as SubjectPublicKeyInfo PEM, mode 0644, new. */
enum rc pair_write_public(struct folder *f, const char *name,
    const EVP_PKEY *pair) MUST_USE;

/* Reads a private (public) key. RC_BAD: not one. As folder_read(). */
enum rc pair_read_private(const struct folder *f, const char *name,
    EVP_PKEY **out) MUST_USE;
enum rc pair_read_public(const struct folder *f, const char *name,
    EVP_PKEY **out) MUST_USE;

/* RC_OK: a P-256 key on the named curve. RC_DENIED: anything else. */
enum rc pair_check_p256(const EVP_PKEY *pair) MUST_USE;

#endif
