/* Signed revocation lists (RFC 5280 section 5): version 2, numbered, with an
 * authority key identifier and the date by which the next one is out. */
#ifndef CUTOUT_CRL_H
#define CUTOUT_CRL_H

#include <time.h>

#include <openssl/x509.h>

#include "folder.h"
#include "result.h"
#include "revoked.h"

/* How far back a list is dated, so that a machine whose clock is a little
 * behind ours does not refuse it as not yet valid. */
enum { CRL_SKEW_S = 300 };

/* Makes and signs the list r says. RC_BAD: an entry is not what it should
 * be. RC_CRYPTO. The caller frees *out with X509_CRL_free. */
enum rc crl_new(const struct revoked *r, X509 *issuer, EVP_PKEY *key,
    time_t now_s, long days, X509_CRL **out) MUST_USE;

/* PEM in a folder, in place of the one there. As folder_replace(). */
enum rc crl_write(struct folder *f, const char *name, X509_CRL *crl) MUST_USE;
enum rc crl_read(const struct folder *f, const char *name,
    X509_CRL **out) MUST_USE;

/* Whole days from now_s to the date of the next list; negative when over. */
long crl_days_left(const X509_CRL *crl, time_t now_s);

#endif
