/* Sealing: CMS AuthEnvelopedData for the recipients of one destination. */
#ifndef CUTOUT_SEAL_H
#define CUTOUT_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "buf.h"
#include "result.h"

/* Appends to out the DER of a CMS AuthEnvelopedData (RFC 5083, RFC 5084)
 * around the plaintext: AES-256-GCM under a fresh key, which each recipient
 * gets by ECDH P-256 or RSA-OAEP with SHA-256, named by subjectKeyIdentifier;
 * no attributes. The recipients were checked by recipients_load(). Nothing is
 * appended on failure. RC_CRYPTO: a recipient can not be used, or a call
 * failed; there is no form of "fewer recipients". RC_LIMIT: out is too
 * small. RC_NOMEM. */
enum rc seal(const uint8_t *plain, size_t len, X509 *const *recipients,
    size_t count, struct buf *out) MUST_USE;

#endif
