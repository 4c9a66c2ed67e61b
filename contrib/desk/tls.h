/* What the desk's TLS server is made of: its certificate, and who may
 * connect. */
#ifndef CUTOUT_DESK_TLS_H
#define CUTOUT_DESK_TLS_H

#include <openssl/ssl.h>

#include "folder.h"
#include "result.h"

/* A TLS 1.3 server with server.crt and server.key of the keys folder, which
 * takes clients that verify to the authority with its revocation list, and no
 * others. No session is ever resumed: that would pass by the list. On failure
 * it was complained about. The caller frees *out with SSL_CTX_free(). */
enum rc desk_tls(const struct folder *keys, const char *authority_path,
    const char *crl_path, SSL_CTX **out) MUST_USE;

/* A certificate of the keys folder, and with the key of this name, to which it
 * belongs; the caller frees both. It was complained about on failure.
 * RC_DENIED: others may read the key, or it belongs to another certificate.
 * RC_NOTFOUND, RC_BAD, RC_IO, RC_NOMEM. */
enum rc desk_certificate(const struct folder *keys, const char *name,
    X509 **cert) MUST_USE;
enum rc desk_key(const struct folder *keys, const char *cert_name,
    const char *key_name, X509 **cert, EVP_PKEY **key) MUST_USE;

#endif
