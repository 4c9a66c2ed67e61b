/* Whose certificates are let in, and who they speak for. */
#include "trust.h"

#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "log.h"

enum { CRLS_MAX = 2 * TRUST_AUTHORITIES, BOTH = 2 };

struct authorities {
	X509 *cert[TRUST_AUTHORITIES];
	size_t count;
	enum party party;
};

struct trust {
	struct authorities of[BOTH];
	X509_CRL *crl[CRLS_MAX];
	size_t crl_count;
	X509_STORE *store;
};

static enum rc
parse_crls(struct trust *t, struct pem pem)
{
	BIO *bio = BIO_new_mem_buf(pem.text, (int)pem.len);
	X509_CRL *crl;

	if (bio == NULL)
		return RC_NOMEM;
	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
		if (t->crl_count == CRLS_MAX) {
			X509_CRL_free(crl);
			break;
		}
		t->crl[t->crl_count++] = crl;
	}
	BIO_free(bio);
	/* NULL at a clean end of the text, and nowhere else */
	if (crl != NULL ||
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return RC_CONFIG;
	ERR_clear_error();
	return RC_OK;
}

/* Takes in one party's authorities. The cached extensions are computed here,
 * once, and not in every child. */
static enum rc
parse_authorities(struct authorities *a, struct pem pem, enum party party,
    int demo, const char **why)
{
	enum rc rc;

	a->party = party;
	rc = cert_parse_all(pem.text, pem.len, a->cert, TRUST_AUTHORITIES,
	    &a->count);
	if (rc != RC_OK) {
		*why = "an authority can not be read";
		return rc;
	}
	for (size_t i = 0; i < a->count; i++) {
		*why = "an authority may not issue certificates";
		if (X509_check_ca(a->cert[i]) == 0)
			return RC_CONFIG;
		*why = "an authority is a demonstration's";
		if (!demo && cert_is_demo(a->cert[i]))
			return RC_CONFIG;
	}
	return RC_OK;
}

/* Two certificates may be of one authority, which issues in a name and with a
 * key: whoever has either of the other's can pass for it. */
static int
same_authority(const X509 *a, const X509 *b)
{
	return X509_NAME_cmp(X509_get_subject_name(a),
		   X509_get_subject_name(b)) == 0 ||
	       EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1;
}

static enum rc
is_apart(const struct trust *t, const char **why)
{
	const struct authorities *a = &t->of[0], *b = &t->of[1];

	*why = "one authority can not issue for both partners and police";
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (same_authority(a->cert[i], b->cert[j]))
				return RC_CONFIG;
		}
	}
	return RC_OK;
}

/* Whether cert signed a list; warns when all of them have run out. */
static enum rc
has_list(const struct trust *t, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	int lists = 0, current = 0;

	for (size_t i = 0; i < t->crl_count; i++) {
		X509_CRL *crl = t->crl[i];
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl),
			X509_get_subject_name(cert)) != 0 ||
		    X509_CRL_verify(crl, key) != 1)
			continue;
		lists++;
		if (next != NULL && X509_cmp_current_time(next) > 0)
			current++;
	}
	if (lists > 0 && current == 0)
		warnx("a revocation list has run out: nobody of its authority "
		      "is let in");
	return lists > 0 ? RC_OK : RC_CONFIG;
}

static enum rc
all_have_lists(const struct trust *t, const char **why)
{
	*why = "an authority has no revocation list";
	for (size_t p = 0; p < BOTH; p++) {
		for (size_t i = 0; i < t->of[p].count; i++) {
			if (has_list(t, t->of[p].cert[i]) != RC_OK)
				return RC_CONFIG;
		}
	}
	return RC_OK;
}

static enum rc
fill_store(struct trust *t)
{
	X509_STORE *store = X509_STORE_new();

	t->store = store;
	if (store == NULL)
		return RC_NOMEM;
	for (size_t p = 0; p < BOTH; p++) {
		for (size_t i = 0; i < t->of[p].count; i++) {
			if (X509_STORE_add_cert(store, t->of[p].cert[i]) != 1)
				return RC_NOMEM;
		}
	}
	for (size_t i = 0; i < t->crl_count; i++) {
		X509_REVOKED *found;

		if (X509_STORE_add_crl(store, t->crl[i]) != 1)
			return RC_NOMEM;
		/* sorts the list: once here, not in every child */
		(void)X509_CRL_get0_by_serial(t->crl[i], &found,
		    X509_get0_serialNumber(t->of[0].cert[0]));
	}
	/* the pinned authority is the anchor, whoever signed it */
	if (X509_STORE_set_flags(store,
		X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN) != 1 ||
	    X509_STORE_set_purpose(store, X509_PURPOSE_SSL_CLIENT) != 1 ||
	    X509_STORE_set_depth(store, 0) != 1)
		return RC_CRYPTO;
	return RC_OK;
}

enum rc
trust_new(struct pem partners, struct pem police, struct pem crls, int demo,
    struct trust **out, const char **why)
{
	struct trust *t = calloc(1, sizeof(*t));
	enum rc rc;

	if (t == NULL)
		return RC_NOMEM;
	rc = parse_authorities(&t->of[0], partners, PARTY_PARTNER, demo, why);
	if (rc == RC_OK)
		rc = parse_authorities(&t->of[1], police, PARTY_POLICE, demo,
		    why);
	if (rc == RC_OK)
		rc = is_apart(t, why);
	if (rc == RC_OK) {
		*why = "a revocation list can not be read";
		rc = parse_crls(t, crls);
	}
	if (rc == RC_OK)
		rc = all_have_lists(t, why);
	if (rc == RC_OK) {
		*why = "the authorities can not be put together";
		rc = fill_store(t);
	}
	if (rc != RC_OK) {
		trust_free(t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

void
trust_free(struct trust *t)
{
	if (t == NULL)
		return;
	for (size_t p = 0; p < BOTH; p++) {
		for (size_t i = 0; i < t->of[p].count; i++)
			X509_free(t->of[p].cert[i]);
	}
	for (size_t i = 0; i < t->crl_count; i++)
		X509_CRL_free(t->crl[i]);
	X509_STORE_free(t->store);
	free(t);
}

X509_STORE *
trust_store(const struct trust *t)
{
	return t->store;
}

enum rc
trust_party(const struct trust *t, const STACK_OF(X509) * chain,
    enum party *out)
{
	const X509 *anchor;

	if (chain == NULL || sk_X509_num(chain) != 2)
		return RC_DENIED;
	anchor = sk_X509_value(chain, 1);
	for (size_t p = 0; p < BOTH; p++) {
		for (size_t i = 0; i < t->of[p].count; i++) {
			if (X509_cmp(anchor, t->of[p].cert[i]) == 0) {
				*out = t->of[p].party;
				return RC_OK;
			}
		}
	}
	return RC_DENIED;
}
