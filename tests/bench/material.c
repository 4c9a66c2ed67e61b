/* Keys and certificates made for one run. */
#include "material.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "timing.h"

enum { VALID_S = 86400 };

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (e == NULL || X509_add_ext(cert, e, -1) != 1)
		die("a certificate's extension");
	X509_EXTENSION_free(e);
}

/* A certificate that is not signed yet. */
static void
begin(struct pair *p, const char *name)
{
	static long serial = 1;
	X509_NAME *subject;

	p->key = EVP_EC_gen("P-256");
	p->cert = X509_new();
	if (p->key == NULL || p->cert == NULL)
		die("a key");
	need_ssl(X509_set_version(p->cert, X509_VERSION_3), "a certificate");
	need_ssl(ASN1_INTEGER_set(X509_get_serialNumber(p->cert), serial++),
	    "a certificate");
	if (X509_gmtime_adj(X509_getm_notBefore(p->cert), -VALID_S) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(p->cert), VALID_S) == NULL)
		die("a certificate");
	need_ssl(X509_set_pubkey(p->cert, p->key), "a certificate");
	subject = X509_get_subject_name(p->cert);
	need_ssl(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		     (const unsigned char *)name, -1, -1, 0),
	    "a certificate");
}

static void
sign(struct pair *p, const struct pair *issuer)
{
	need_ssl(X509_set_issuer_name(p->cert,
		     X509_get_subject_name(issuer->cert)),
	    "a certificate");
	if (X509_sign(p->cert, issuer->key, EVP_sha256()) == 0)
		die("a certificate's signature");
}

static void
make_authority(struct pair *p)
{
	begin(p, "benchmark authority");
	add_extension(p->cert, p->cert, NID_basic_constraints,
	    "critical,CA:TRUE,pathlen:0");
	add_extension(p->cert, p->cert, NID_key_usage,
	    "critical,keyCertSign,cRLSign");
	add_extension(p->cert, p->cert, NID_subject_key_identifier, "hash");
	sign(p, p);
}

static void
issue(struct pair *p, const struct pair *authority, const char *name,
    const char *usage, const char *purpose)
{
	begin(p, name);
	add_extension(p->cert, authority->cert, NID_basic_constraints,
	    "critical,CA:FALSE");
	add_extension(p->cert, authority->cert, NID_key_usage, usage);
	if (purpose != NULL)
		add_extension(p->cert, authority->cert, NID_ext_key_usage,
		    purpose);
	add_extension(p->cert, authority->cert, NID_subject_key_identifier,
	    "hash");
	add_extension(p->cert, authority->cert, NID_authority_key_identifier,
	    "keyid");
	sign(p, authority);
}

static void
make_crl(struct material *m)
{
	ASN1_TIME *from = X509_gmtime_adj(NULL, -VALID_S);
	ASN1_TIME *to = X509_gmtime_adj(NULL, VALID_S);

	m->crl = X509_CRL_new();
	if (m->crl == NULL || from == NULL || to == NULL)
		die("a revocation list");
	need_ssl(X509_CRL_set_version(m->crl, X509_CRL_VERSION_2),
	    "a revocation list");
	need_ssl(X509_CRL_set_issuer_name(m->crl,
		     X509_get_subject_name(m->authority.cert)),
	    "a revocation list");
	need_ssl(X509_CRL_set1_lastUpdate(m->crl, from), "a revocation list");
	need_ssl(X509_CRL_set1_nextUpdate(m->crl, to), "a revocation list");
	if (X509_CRL_sign(m->crl, m->authority.key, EVP_sha256()) == 0)
		die("a revocation list");
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
}

void
material_make(struct material *m)
{
	memset(m, 0, sizeof(*m));
	make_authority(&m->authority);
	make_crl(m);
	issue(&m->server, &m->authority, "localhost",
	    "critical,digitalSignature", "serverAuth");
	issue(&m->client, &m->authority, "partner", "critical,digitalSignature",
	    "clientAuth");
	issue(&m->recipient, &m->authority, "recipient",
	    "critical,keyAgreement", NULL);
	issue(&m->origin, &m->authority, "origin", "critical,digitalSignature",
	    NULL);
}

static void
pair_free(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}

void
material_free(struct material *m)
{
	pair_free(&m->authority);
	pair_free(&m->server);
	pair_free(&m->client);
	pair_free(&m->recipient);
	pair_free(&m->origin);
	X509_CRL_free(m->crl);
}

X509_STORE *
material_store(const struct material *m)
{
	BIO *authority = BIO_new(BIO_s_mem()), *crl = BIO_new(BIO_s_mem());
	char *authority_pem, *crl_pem;
	long authority_len, crl_len;
	X509_STORE *store = NULL;

	if (authority == NULL || crl == NULL)
		die("memory");
	need_ssl(PEM_write_bio_X509(authority, m->authority.cert), "PEM");
	need_ssl(PEM_write_bio_X509_CRL(crl, m->crl), "PEM");
	authority_len = BIO_get_mem_data(authority, &authority_pem);
	crl_len = BIO_get_mem_data(crl, &crl_pem);
	need(cert_store(authority_pem, (size_t)authority_len, crl_pem,
		 (size_t)crl_len, &store),
	    "the listener's authorities");
	BIO_free(authority);
	BIO_free(crl);
	return store;
}
