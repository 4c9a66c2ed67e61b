/* Sealing. CMS_encrypt() writes AuthEnvelopedData by itself for a GCM cipher;
 * two of its defaults are wrong and are set here: RSA PKCS #1 v1.5, and SHA-1
 * in the ECDH key derivation. */
#include "seal.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

enum { SEAL_FLAGS = CMS_BINARY | CMS_PARTIAL | CMS_USE_KEYID };

static enum rc
add_recipient(CMS_ContentInfo *cms, X509 *recipient)
{
	CMS_RecipientInfo *info;
	EVP_PKEY_CTX *ctx;
	int ok;

	info = CMS_add1_recipient_cert(cms, recipient,
	    CMS_USE_KEYID | CMS_KEY_PARAM);
	ctx = info == NULL ? NULL : CMS_RecipientInfo_get0_pkey_ctx(info);
	if (ctx == NULL)
		return RC_CRYPTO;
	switch (CMS_RecipientInfo_type(info)) {
	case CMS_RECIPINFO_TRANS:
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) >
			 0 &&
		     EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
		break;
	case CMS_RECIPINFO_AGREE:
		ok = EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) > 0;
		break;
	default:
		ok = 0;
	}
	return ok ? RC_OK : RC_CRYPTO;
}

/* Definite lengths only: i2d writes DER, a stream would be BER. */
static enum rc
write_der(CMS_ContentInfo *cms, struct buf *out)
{
	unsigned char *der = NULL;
	int len;
	enum rc rc;

	len = i2d_CMS_ContentInfo(cms, &der);
	if (len <= 0)
		return RC_CRYPTO;
	rc = buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return rc;
}

enum rc
seal(const uint8_t *plain, size_t len, X509 *const *recipients, size_t count,
    struct buf *out)
{
	CMS_ContentInfo *cms = NULL;
	BIO *in = NULL;
	enum rc rc = RC_CRYPTO;

	if (count == 0 || len == 0 || len > INT32_MAX)
		goto out;
	cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), SEAL_FLAGS);
	in = BIO_new_mem_buf(plain, (int)len);
	if (cms == NULL || in == NULL)
		goto out;
	for (size_t i = 0; i < count; i++) {
		rc = add_recipient(cms, recipients[i]);
		if (rc != RC_OK)
			goto out;
	}
	rc = CMS_final(cms, in, NULL, SEAL_FLAGS) == 1 ? write_der(cms, out)
						       : RC_CRYPTO;
out:
	BIO_free(in);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return rc;
}
