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

/* The key BASE.key of the keys folder, with BASE.crt, to which it belongs; the
 * caller frees both. It was complained about on failure. RC_DENIED: others may
 * read the key, or it belongs to another certificate. */
enum rc desk_key(const struct folder *keys, const char *base, X509 **cert,
    EVP_PKEY **key) MUST_USE;

#endif
