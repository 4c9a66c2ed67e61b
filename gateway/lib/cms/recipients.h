/* Who may read what goes to one destination. */
#ifndef CUTOUT_RECIPIENTS_H
#define CUTOUT_RECIPIENTS_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "profile.h"
#include "result.h"
#include "wire.h"

/* The checked recipients of one destination. Owns the certificates. */
struct recipients {
	size_t count;
	X509 *cert[MAX_RECIPIENTS];
	uint8_t ski[MAX_RECIPIENTS][SKI_LEN];
};

/* Loads the recipients' certificates (PEM, 1 to MAX_RECIPIENTS) and checks each
 * as sealing does not (CRYPTO 1.6): chain to the police authority with its
 * revocation list, X509_STRICT; key usage keyAgreement for P-256 or
 * keyEncipherment for RSA of 3072 bits and up; subjectKeyIdentifier present; no
 * two the same. One that fails fails all: there is never a fallback to fewer.
 * RC_CONFIG: the texts or a key are not of that form. RC_DENIED: one does not
 * verify, or is demo material while demo is 0. *why, when not NULL, is a plain
 * sentence in static storage. RC_NOMEM. */
enum rc recipients_load(const void *pem, size_t len, X509_STORE *police,
    int demo, struct recipients **out, const char **why) MUST_USE;
void recipients_free(struct recipients *r);

/* Whether an envelope is for exactly these recipients, in any order, and for
 * nobody of a kind that is not known. */
int recipients_match(const struct recipients *r,
    const struct profile *envelope);

#endif
