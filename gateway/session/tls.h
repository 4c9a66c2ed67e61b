/* TLS as this gateway speaks it: 1.3 with a client certificate, every
 * handshake a full one. */
#ifndef CUTOUT_TLS_H
#define CUTOUT_TLS_H

#include <openssl/ssl.h>

#include "result.h"
#include "trust.h"

/* A server context for the certificate (and what follows it in its PEM) whose
 * key is key, letting in whom trust knows. No tickets, no resumption, no early
 * data, no renegotiation: each would skip the revocation list or link two
 * visits. Takes nothing over. RC_CONFIG: certificate and key do not fit, or
 * the certificate can not be read. RC_CRYPTO, RC_NOMEM. */
enum rc tls_new(struct pem certificate, EVP_PKEY *key,
    const struct trust *trust, SSL_CTX **out) MUST_USE;

#endif
