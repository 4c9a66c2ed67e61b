/* Whose certificates are let in, and who they speak for. */
#ifndef CUTOUT_TRUST_H
#define CUTOUT_TRUST_H

#include <stddef.h>

#include <openssl/x509.h>

#include "result.h"
#include "routes.h"

enum { TRUST_AUTHORITIES = 8 }; /* of each party: old and new, while renewed */

/* PEM text, borrowed. */
struct pem {
	const void *text;
	size_t len;
};

struct trust;

/* Both parties' authorities and the revocation lists of all of them. Every
 * authority must have a list that it signed; a list that has run out lets
 * nobody of that authority in, and a warning says so. demo false: refuses
 * authorities that are marked as a demonstration's. RC_CONFIG: *why is the
 * reason, in static storage. RC_NOMEM. */
enum rc trust_new(struct pem partners, struct pem police, struct pem crls,
    int demo, struct trust **out, const char **why) MUST_USE;
void trust_free(struct trust *t);

/* Verifies a client to exactly these authorities, without intermediates:
 * signature, dates, purpose, and the revocation list of its issuer. Borrowed.
 */
X509_STORE *trust_store(const struct trust *t);

/* The party that the authority at the end of a verified chain issues for.
 * RC_DENIED: none, or the chain is not client and authority. */
enum rc trust_party(const struct trust *t, const STACK_OF(X509) * chain,
    enum party *out) MUST_USE;

#endif
