/* A handshake in memory, with a client of a throw-away authority. */
#ifndef CUTOUT_WARM_H
#define CUTOUT_WARM_H

#include <openssl/evp.h>

#include "result.h"
#include "trust.h"

/* Makes a server context as tls_new() does for certificate and key, and lets a
 * client connect to it that was made for this, over a pair of BIOs; a request's
 * and an answer's worth of bytes go over it. RC_CRYPTO: it does not work.
 * Whatever tls_new() and trust_new() say. RC_NOMEM. */
enum rc warm_handshake(struct pem certificate, EVP_PKEY *key) MUST_USE;

#endif
