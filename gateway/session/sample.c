/* A throw-away authority. */
#include "sample.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { LIFE_S = 3600, SKEW_S = 300 };

struct extension {
	int nid;
	const char *value;
};

static const struct extension authority_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"}, {0, NULL}};
static const struct extension client_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "clientAuth"}, {NID_authority_key_identifier, "keyid"},
    {0, NULL}};

static int
add_extensions(X509 *c, X509 *issuer, const struct extension *e)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
	for (; e->value != NULL; e++) {
		X509_EXTENSION *x =
		    X509V3_EXT_conf_nid(NULL, &ctx, e->nid, e->value);
		int ok = x != NULL && X509_add_ext(c, x, -1) == 1;

		X509_EXTENSION_free(x);
		if (!ok)
			return 0;
	}
	return 1;
}

/* NULL issuer: signs itself. */
static X509 *
certificate(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer,
    const struct extension *extensions)
{
	X509 *c = X509_new();
	X509_NAME *subject = c == NULL ? NULL : X509_get_subject_name(c);

	if (subject != NULL && X509_set_version(c, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(c),
		issuer == NULL ? 1 : 2) == 1 &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(c,
		issuer == NULL ? subject : X509_get_subject_name(issuer)) ==
		1 &&
	    X509_gmtime_adj(X509_getm_notBefore(c), -SKEW_S) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(c), LIFE_S) != NULL &&
	    X509_set_pubkey(c, key) == 1 &&
	    add_extensions(c, issuer == NULL ? c : issuer, extensions) &&
	    X509_sign(c, signer, EVP_sha256()) != 0)
		return c;
	X509_free(c);
	return NULL;
}

static X509_CRL *
empty_list(X509 *authority, EVP_PKEY *key)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();

	if (crl != NULL && t != NULL && X509_CRL_set_version(crl, 1) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority)) ==
		1 &&
	    X509_gmtime_adj(t, -SKEW_S) != NULL &&
	    X509_CRL_set1_lastUpdate(crl, t) == 1 &&
	    X509_gmtime_adj(t, LIFE_S) != NULL &&
	    X509_CRL_set1_nextUpdate(crl, t) == 1 &&
	    X509_CRL_sign(crl, key, EVP_sha256()) != 0) {
		ASN1_TIME_free(t);
		return crl;
	}
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
	return NULL;
}

static int
write_pems(struct sample *s)
{
	s->authority_pem = BIO_new(BIO_s_mem());
	s->crl_pem = BIO_new(BIO_s_mem());
	return s->authority_pem != NULL && s->crl_pem != NULL &&
	       PEM_write_bio_X509(s->authority_pem, s->authority) == 1 &&
	       PEM_write_bio_X509_CRL(s->crl_pem, s->crl) == 1;
}

enum rc
sample_make(struct sample *s, const char *name)
{
	*s = (struct sample){.authority_key = EVP_EC_gen("P-256"),
	    .client_key = EVP_EC_gen("P-256")};
	if (s->authority_key == NULL || s->client_key == NULL)
		return RC_CRYPTO;
	s->authority = certificate(name, s->authority_key, NULL,
	    s->authority_key, authority_extensions);
	if (s->authority == NULL)
		return RC_CRYPTO;
	s->client = certificate("client", s->client_key, s->authority,
	    s->authority_key, client_extensions);
	s->crl = empty_list(s->authority, s->authority_key);
	if (s->client == NULL || s->crl == NULL || !write_pems(s))
		return RC_CRYPTO;
	return RC_OK;
}

void
sample_free(struct sample *s)
{
	EVP_PKEY_free(s->authority_key);
	EVP_PKEY_free(s->client_key);
	X509_free(s->authority);
	X509_free(s->client);
	X509_CRL_free(s->crl);
	BIO_free(s->authority_pem);
	BIO_free(s->crl_pem);
	*s = (struct sample){0};
}

struct pem
sample_pem(BIO *pem)
{
	char *text = NULL;
	long len = BIO_get_mem_data(pem, &text);

	return (struct pem){text, len < 0 ? 0 : (size_t)len};
}
