/* A throw-away authority with one client and an empty revocation list: for the
 * warm-up, and for tests. Nothing of it is ever trusted with a connection. */
#ifndef CUTOUT_SAMPLE_H
#define CUTOUT_SAMPLE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "result.h"
#include "trust.h"

struct sample {
	EVP_PKEY *authority_key, *client_key;
	X509 *authority, *client;
	X509_CRL *crl;
	/* the same as PEM */
	BIO *authority_pem, *crl_pem;
};

/* Makes one; name is its authority's common name. ECDSA P-256, valid for an
 * hour. RC_CRYPTO. sample_free() whatever it says. */
enum rc sample_make(struct sample *s, const char *name) MUST_USE;
void sample_free(struct sample *s);

/* Borrowed until sample_free(). */
struct pem sample_pem(BIO *pem);

#endif
