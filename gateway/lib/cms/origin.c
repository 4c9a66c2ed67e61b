/* The origin signature around a sealed envelope. It is outside, so that it is
 * checked before any decrypting code sees a hostile byte, by anyone. */
#include "origin.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "cert.h"
#include "der.h"

enum {
	SIGN_FLAGS = CMS_BINARY | CMS_NOATTR | CMS_NOCERTS | CMS_USE_KEYID |
		     CMS_NOSMIMECAP | CMS_PARTIAL,
	SIGNATURE_LEN = 71,
	TRIES = 200, /* about every second signature has 71 bytes */
};

/* Signs once. The signature's bytes stand at the very end of the DER, in an
 * OCTET STRING. RC_AGAIN: it has another length. */
static enum rc
sign_once(const uint8_t *envelope, size_t len, X509 *cert, EVP_PKEY *key,
    struct buf *out)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, SIGN_FLAGS);
	BIO *in = BIO_new_mem_buf(envelope, (int)len);
	CMS_SignerInfo *info = NULL;
	unsigned char *der = NULL;
	const ASN1_OCTET_STRING *signature;
	enum rc rc = RC_CRYPTO;
	int n;

	if (cms == NULL || in == NULL)
		goto out;
	info = CMS_add1_signer(cms, cert, key, EVP_sha256(), SIGN_FLAGS);
	if (info == NULL || CMS_final(cms, in, NULL, SIGN_FLAGS) != 1)
		goto out;
	signature = CMS_SignerInfo_get0_signature(info);
	if (ASN1_STRING_length(signature) != SIGNATURE_LEN) {
		rc = RC_AGAIN;
		goto out;
	}
	n = i2d_CMS_ContentInfo(cms, &der);
	if (n > 0)
		rc = buf_add(out, der, (size_t)n);
out:
	OPENSSL_free(der);
	BIO_free(in);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return rc;
}

enum rc
origin_sign(const uint8_t *envelope, size_t len, X509 *cert, EVP_PKEY *key,
    struct buf *out)
{
	enum rc rc = RC_AGAIN;

	if (len == 0 || len > INT32_MAX)
		return RC_LIMIT;
	for (int i = 0; i < TRIES && rc == RC_AGAIN; i++)
		rc = sign_once(envelope, len, cert, key, out);
	return rc == RC_AGAIN ? RC_CRYPTO : rc;
}

/* Whole elements whose every byte is fixed. */
static const uint8_t oid_signed[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
static const uint8_t oid_data[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t digests[] = {0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
/* SHA-256, then ecdsa-with-SHA256 */
static const uint8_t algorithms[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

struct parts {
	struct der content;
	const uint8_t *ski;
	const uint8_t *signature;
};

/* encapContentInfo: id-data and the envelope. */
static enum rc
read_content(struct der *body, struct parts *out)
{
	struct der info, explicit;
	enum rc rc;

	rc = der_take(body, TAG_SEQUENCE, &info);
	if (rc == RC_OK)
		rc = DER_FIXED(&info, oid_data);
	if (rc == RC_OK)
		rc = der_take(&info, TAG_0, &explicit);
	if (rc == RC_OK)
		rc = der_done(&info);
	if (rc == RC_OK)
		rc = der_take(&explicit, TAG_OCTETS, &out->content);
	return rc == RC_OK ? der_done(&explicit) : rc;
}

/* signerInfos: one, without attributes. */
static enum rc
read_signer(struct der *body, struct parts *out)
{
	struct der set, info;
	enum rc rc;

	rc = der_take(body, TAG_SET, &set);
	if (rc == RC_OK)
		rc = der_take(&set, TAG_SEQUENCE, &info);
	if (rc == RC_OK)
		rc = der_done(&set);
	if (rc == RC_OK)
		rc = der_number(&info, 3);
	if (rc == RC_OK)
		rc = der_sized(&info, TAG_0_PRIMITIVE, SKI_LEN, &out->ski);
	if (rc == RC_OK)
		rc = DER_FIXED(&info, algorithms);
	if (rc == RC_OK)
		rc = der_sized(&info, TAG_OCTETS, SIGNATURE_LEN,
		    &out->signature);
	return rc == RC_OK ? der_done(&info) : rc;
}

/* The one form that origin_sign() writes, to the last byte. CMS_verify() would
 * overlook some: the version, the algorithm parameters. */
static enum rc
read_object(const uint8_t *raw, size_t len, struct parts *out)
{
	struct der all = {raw, raw + len}, info, explicit, body;
	enum rc rc;

	rc = der_take(&all, TAG_SEQUENCE, &info);
	if (rc == RC_OK)
		rc = der_done(&all);
	if (rc == RC_OK)
		rc = DER_FIXED(&info, oid_signed);
	if (rc == RC_OK)
		rc = der_take(&info, TAG_0, &explicit);
	if (rc == RC_OK)
		rc = der_done(&info);
	if (rc == RC_OK)
		rc = der_take(&explicit, TAG_SEQUENCE, &body);
	if (rc == RC_OK)
		rc = der_done(&explicit);
	if (rc == RC_OK)
		rc = der_number(&body, 3);
	if (rc == RC_OK)
		rc = DER_FIXED(&body, digests);
	if (rc == RC_OK)
		rc = read_content(&body, out);
	if (rc == RC_OK)
		rc = read_signer(&body, out);
	return rc == RC_OK ? der_done(&body) : rc;
}

/* Without attributes the signature is over the content itself. */
static enum rc
verify(const struct parts *p, X509 *cert)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = X509_get0_pubkey(cert);
	enum rc rc = RC_CRYPTO;

	if (ctx == NULL)
		return RC_NOMEM;
	if (key != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, p->signature, SIGNATURE_LEN, p->content.p,
		der_left(&p->content)) == 1)
		rc = RC_OK;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

enum rc
origin_open(const uint8_t *raw, size_t len, X509 *cert, struct buf *out)
{
	uint8_t ski[SKI_LEN];
	struct parts parts;
	enum rc rc;

	rc = read_object(raw, len, &parts);
	if (rc != RC_OK)
		return rc;
	if (cert_ski(cert, ski) != RC_OK ||
	    memcmp(ski, parts.ski, SKI_LEN) != 0)
		return RC_CRYPTO;
	rc = verify(&parts, cert);
	if (rc == RC_OK)
		rc = buf_add(out, parts.content.p, der_left(&parts.content));
	return rc;
}

enum rc
origin_find(const uint8_t *raw, size_t len, const uint8_t **envelope,
    size_t *envelope_len)
{
	struct parts parts;
	enum rc rc;

	rc = read_object(raw, len, &parts);
	if (rc != RC_OK)
		return rc;
	*envelope = parts.content.p;
	*envelope_len = der_left(&parts.content);
	return RC_OK;
}
