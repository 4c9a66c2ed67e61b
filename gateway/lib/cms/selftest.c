/* Whether this OpenSSL may be used at all: the version, and a trial, since a
 * version number says little about what a distribution patched. */
#include "selftest.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "seal.h"

/* 3.0.22, as OPENSSL_version_num() writes it */
#define LEAST_VERSION 0x30000160UL

/* A throw-away certificate with the subjectKeyIdentifier that sealing needs. */
static X509 *
trial_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_EXTENSION *ski = NULL;
	X509V3_CTX ctx;
	int ok = 0;

	if (cert == NULL)
		return NULL;
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(cert), 0) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(cert), 60) == NULL ||
	    X509_set_pubkey(cert, key) != 1)
		goto out;
	ski =
	    X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash");
	if (ski == NULL || X509_add_ext(cert, ski, -1) != 1 ||
	    X509_sign(cert, key, EVP_sha256()) == 0)
		goto out;
	ok = 1;
out:
	X509_EXTENSION_free(ski);
	if (!ok) {
		X509_free(cert);
		cert = NULL;
	}
	return cert;
}

/* Decrypts der with key; 1 when libcrypto takes it. */
static int
opens(const uint8_t *der, size_t len, EVP_PKEY *key, X509 *cert)
{
	const unsigned char *p = der;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)len);
	BIO *out = BIO_new(BIO_s_mem());
	int ok = 0;

	if (cms != NULL && out != NULL)
		ok = CMS_decrypt(cms, key, cert, NULL, out, CMS_BINARY) == 1;
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return ok;
}

/* The length octets of the outer SEQUENCEs that enclose the tag must shrink
 * with it: 15 bytes less each. All of them use the two-byte form here. */
static void
shrink(uint8_t *at)
{
	unsigned int len = (unsigned int)at[2] << 8 | at[3];

	len -= 15;
	at[2] = (uint8_t)(len >> 8);
	at[3] = (uint8_t)len;
}

/* Cuts the 16-byte tag at the end to one byte. The plaintext is long enough
 * for every enclosing length to have the form 82 hh ll:
 * ContentInfo SEQUENCE, OID of 13 bytes, [0], AuthEnvelopedData SEQUENCE. */
static int
cut_tag(uint8_t *der, size_t *len)
{
	static const size_t heads[] = {0, 4 + 13, 4 + 13 + 4};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (heads[i] + 4 > *len || der[heads[i] + 1] != 0x82)
			return 0;
	}
	if (*len < 64 || der[*len - 18] != 0x04 || der[*len - 17] != 16)
		return 0;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		shrink(der + heads[i]);
	der[*len - 17] = 1;
	*len -= 15;
	return 1;
}

enum rc
crypto_selftest(void)
{
	uint8_t plain[1024] = {0}, der[4096];
	struct buf *sealed = NULL;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	size_t len;
	enum rc rc = RC_CRYPTO;

	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return RC_CRYPTO;
	if (OpenSSL_version_num() < LEAST_VERSION)
		return RC_CONFIG;
	key = EVP_EC_gen("P-256");
	if (key != NULL)
		cert = trial_certificate(key);
	sealed = buf_new(sizeof(der));
	if (cert == NULL || sealed == NULL)
		goto out;
	rc = seal(plain, sizeof(plain), &cert, 1, sealed);
	if (rc != RC_OK)
		goto out;
	rc = RC_CRYPTO;
	len = buf_len(sealed);
	memcpy(der, buf_data(sealed), len);
	if (!opens(der, len, key, cert) || !cut_tag(der, &len))
		goto out;
	rc = opens(der, len, key, cert) ? RC_CONFIG : RC_OK;
out:
	buf_free(sealed);
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}
