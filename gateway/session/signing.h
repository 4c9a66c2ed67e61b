/* The server's private key as this process has it: not at all. keyd signs. */
#ifndef CUTOUT_SIGNING_H
#define CUTOUT_SIGNING_H

#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "result.h"

/* A key with the public half of certificate whose signatures keyd makes: for
 * each one a socket is lent over the channel keyd, good for that one alone.
 * One such key a process; keyd stays the caller's, and does not block, or a
 * busy keyd could hold a handshake past its time. RC_CONFIG: not an ECDSA
 * P-256 certificate. RC_NOMEM. The caller frees *out. */
enum rc signing_key(X509 *certificate, int keyd, EVP_PKEY **out) MUST_USE;

/* When a signature must have come (deadline.h), else the handshake fails.
 * Before the first call: never waits. */
void signing_until(uint64_t by_ns);

#endif
