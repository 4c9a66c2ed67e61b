/* Keys and certificates made for one run, in memory: P-256 everywhere, as
 * cutout-keys and cutout-desk make them. */
#ifndef CUTOUT_BENCH_MATERIAL_H
#define CUTOUT_BENCH_MATERIAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

/* An authority, its revocation list, and what it issued. */
struct material {
	struct pair authority;
	X509_CRL *crl;
	struct pair server, client, recipient, origin;
};

/* Makes all of it; exits with a message when it can not. */
void material_make(struct material *m);
void material_free(struct material *m);

/* A store that verifies to the authority as the gateway's listener does: with
 * its revocation list, strictly. The caller frees it. */
X509_STORE *material_store(const struct material *m);

#endif
