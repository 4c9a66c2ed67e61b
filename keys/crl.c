/* Signed revocation lists. */
#include "crl.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY_S = 86400 };

static enum rc
add_entry(X509_CRL *crl, const struct revoked_entry *from)
{
	X509_REVOKED *entry = NULL;
	BIGNUM *number = NULL;
	ASN1_INTEGER *serial = NULL;
	ASN1_TIME *when = NULL;
	enum rc rc = RC_BAD;

	entry = X509_REVOKED_new();
	when = ASN1_TIME_new();
	if (BN_hex2bn(&number, from->serial) == 0)
		goto out;
	serial = BN_to_ASN1_INTEGER(number, NULL);
	if (entry == NULL || when == NULL || serial == NULL ||
	    /* _X509 picks UTCTime before 2050, as RFC 5280 wants */
	    ASN1_TIME_set_string_X509(when, from->when) != 1)
		goto out;
	rc = RC_CRYPTO;
	if (X509_REVOKED_set_serialNumber(entry, serial) != 1 ||
	    X509_REVOKED_set_revocationDate(entry, when) != 1 ||
	    X509_CRL_add0_revoked(crl, entry) != 1)
		goto out;
	entry = NULL; /* the list owns it now */
	rc = RC_OK;
out:
	ASN1_TIME_free(when);
	ASN1_INTEGER_free(serial);
	BN_free(number);
	X509_REVOKED_free(entry);
	return rc;
}

static enum rc
set_times(X509_CRL *crl, time_t now_s, long days)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, now_s - CRL_SKEW_S);
	enum rc rc = RC_CRYPTO;

	if (t != NULL && X509_CRL_set1_lastUpdate(crl, t) == 1 &&
	    ASN1_TIME_set(t, now_s + (time_t)days * DAY_S) != NULL &&
	    X509_CRL_set1_nextUpdate(crl, t) == 1)
		rc = RC_OK;
	ASN1_TIME_free(t);
	return rc;
}

static enum rc
add_extensions(X509_CRL *crl, X509 *issuer, uint64_t number)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e = NULL;
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	enum rc rc = RC_CRYPTO;

	if (n == NULL || ASN1_INTEGER_set_uint64(n, number) != 1 ||
	    X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) != 1)
		goto out;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier,
	    "keyid:always");
	if (e != NULL && X509_CRL_add_ext(crl, e, -1) == 1)
		rc = RC_OK;
out:
	X509_EXTENSION_free(e);
	ASN1_INTEGER_free(n);
	return rc;
}

enum rc
crl_new(const struct revoked *r, X509 *issuer, EVP_PKEY *key, time_t now_s,
    long days, X509_CRL **out)
{
	X509_CRL *crl = X509_CRL_new();
	enum rc rc = RC_CRYPTO;

	if (crl == NULL || X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) != 1)
		goto out;
	rc = set_times(crl, now_s, days);
	for (size_t i = 0; rc == RC_OK && i < r->count; i++)
		rc = add_entry(crl, &r->entries[i]);
	if (rc == RC_OK)
		rc = add_extensions(crl, issuer, r->number);
	if (rc != RC_OK)
		goto out;
	rc = RC_CRYPTO;
	if (X509_CRL_sort(crl) != 1 ||
	    X509_CRL_sign(crl, key, EVP_sha256()) <= 0)
		goto out;
	*out = crl;
	crl = NULL;
	rc = RC_OK;
out:
	X509_CRL_free(crl);
	return rc;
}

enum rc
crl_write(struct folder *f, const char *name, X509_CRL *crl)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	long len;
	enum rc rc = RC_CRYPTO;

	if (bio == NULL || PEM_write_bio_X509_CRL(bio, crl) != 1)
		goto out;
	len = BIO_get_mem_data(bio, &pem);
	if (len > 0)
		rc = folder_replace(f, name, 0644, pem, (size_t)len);
out:
	BIO_free(bio);
	return rc;
}

enum rc
crl_read(const struct folder *f, const char *name, X509_CRL **out)
{
	struct buf *pem = NULL;
	BIO *bio;
	enum rc rc;

	rc = folder_read(f, name, &pem);
	if (rc != RC_OK)
		return rc;
	rc = RC_BAD;
	bio = BIO_new_mem_buf(buf_data(pem), (int)buf_len(pem));
	if (bio != NULL) {
		*out = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
		if (*out != NULL)
			rc = RC_OK;
	}
	BIO_free(bio);
	buf_free(pem);
	return rc;
}

long
crl_days_left(const X509_CRL *crl, time_t now_s)
{
	ASN1_TIME *now = ASN1_TIME_set(NULL, now_s);
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	int days = 0, seconds = 0;

	if (now == NULL || next == NULL ||
	    ASN1_TIME_diff(&days, &seconds, now, next) != 1)
		days = -1;
	else if (seconds < 0)
		days--;
	ASN1_TIME_free(now);
	return days;
}
