/* An authority: a certificate that signs others, its key, what it revoked and
 * the signed revocation list, which is there from the first day on. Files:
 * BASE.crt, BASE.key, BASE.revoked, BASE.crl. */
#ifndef CUTOUT_AUTHORITY_H
#define CUTOUT_AUTHORITY_H

#include <time.h>

#include <openssl/x509.h>

#include "certificate.h"
#include "folder.h"
#include "result.h"

struct authority;

enum { AUTHORITY_BASE_MAX = 48 };

struct authority_order {
	const char *base; /* "partner-authority", borrowed for ever */
	const char *organisation, *common;
	int demo;
	long days;     /* how long the certificate lives */
	long crl_days; /* how long its revocation list counts */
};

/* Makes one and leaves it open. RC_DUPLICATE: one of its files is there, and
 * nothing was made. Otherwise as pair_new(), certificate_new(),
 * folder_add(). The caller frees *out. */
enum rc authority_make(struct folder *f, const struct authority_order *o,
    time_t now_s, struct authority **out) MUST_USE;
/* Opens one with its private key. RC_NOTFOUND, RC_BAD, RC_IO; RC_DENIED:
 * key and certificate do not belong together. */
enum rc authority_open(struct folder *f, const char *base,
    struct authority **out) MUST_USE;
void authority_free(struct authority *a);

/* Borrowed. */
X509 *authority_certificate(const struct authority *a);
EVP_PKEY *authority_key(const struct authority *a);
const char *authority_base(const struct authority *a);
int authority_is_demo(const struct authority *a);

/* Fills in by and by_key, and demo when the authority is one: what a
 * demonstration's authority issues is marked as such. */
void authority_signs(const struct authority *a, struct certificate_order *o);

/* Puts c on the list and signs a new revocation list. RC_DENIED: this
 * authority did not issue it. RC_DUPLICATE: revoked before; a new list is
 * signed all the same. */
enum rc authority_revoke(struct folder *f, struct authority *a, const X509 *c,
    const char *label, time_t now_s, long crl_days) MUST_USE;
/* Signs a fresh revocation list, one number higher. */
enum rc authority_list(struct folder *f, struct authority *a, time_t now_s,
    long crl_days) MUST_USE;

#endif
