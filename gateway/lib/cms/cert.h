/* Certificates, keys and revocation lists as the gateway and the desk take
 * them: PEM, checked, never with a passphrase. */
#ifndef CUTOUT_CERT_H
#define CUTOUT_CERT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "profile.h"
#include "result.h"

/* The first certificate of a PEM text. RC_CONFIG: there is none. The caller
 * frees it. */
enum rc cert_parse(const void *pem, size_t len, X509 **out) MUST_USE;
/* All certificates of a PEM text, at most most. RC_CONFIG: none, too many, or
 * one that can not be read: never the others without it. The caller frees
 * each. */
enum rc cert_parse_all(const void *pem, size_t len, X509 **out, size_t most,
    size_t *count) MUST_USE;
/* The private key of a PEM text, unencrypted. RC_CONFIG. */
enum rc cert_parse_key(const void *pem, size_t len, EVP_PKEY **out) MUST_USE;

/* The same from a descriptor, read whole from offset 0; fd stays the
 * caller's. RC_IO, RC_LIMIT (over 1 MiB). cert_read_key() also refuses with
 * RC_DENIED a file that is not a regular one of this user with mode 0600 or
 * less, and cleanses what it read. */
enum rc cert_read(int fd, X509 **out) MUST_USE;
enum rc cert_read_key(int fd, EVP_PKEY **out) MUST_USE;

/* A store that verifies to exactly this authority with its revocation lists:
 * PEM texts. Flags: X509_STRICT, CRL_CHECK, CRL_CHECK_ALL; a missing or stale
 * list fails. RC_CONFIG: no authority, no list, or a list that can not be read.
 * The caller frees it. */
enum rc cert_store(const void *authority, size_t authority_len,
    const void *crls, size_t crls_len, X509_STORE **out) MUST_USE;

/* Verifies cert to the store now. RC_DENIED: it does not; *why, when not
 * NULL, is OpenSSL's sentence in static storage. */
enum rc cert_verify(X509_STORE *store, X509 *cert, const char **why) MUST_USE;

/* The 20-byte subjectKeyIdentifier. RC_CONFIG: the certificate has none. */
enum rc cert_ski(X509 *cert, uint8_t out[SKI_LEN]) MUST_USE;

/* Whether the subject carries the organisational unit that marks keys of a
 * demonstration. Production refuses them. */
#define CERT_DEMO_UNIT "cutout DEMO - not for production"
int cert_is_demo(const X509 *cert);

#endif
