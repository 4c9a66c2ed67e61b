/* Opening an object at the police desk: verify, check, decrypt. */
#ifndef CUTOUT_OPEN_H
#define CUTOUT_OPEN_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "profile.h"
#include "result.h"

/* Appends the padded canonical XML of an object to plain, which is for secrets
 * (buf_free_secret). In this order and no other: the origin signature by the
 * pinned certificate, the profile, decryption with the recipient's certificate
 * and key. *envelope, when not NULL, tells who it was sealed to. RC_CRYPTO: the
 * signature or the tag does not verify. RC_BAD: not of our form. RC_DENIED: not
 * sealed to this recipient. On failure nothing was appended. RC_LIMIT,
 * RC_NOMEM. The text is still to be validated by sealed.xsd. */
enum rc open_object(const uint8_t *raw, size_t len, X509 *origin,
    X509 *recipient, EVP_PKEY *key, struct profile *envelope,
    struct buf *plain) MUST_USE;

#endif
