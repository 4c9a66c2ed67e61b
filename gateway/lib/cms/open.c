/* Opening an object at the police desk: verify, check, decrypt. */
#include "open.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "cert.h"
#include "origin.h"
#include "wire.h"

static int
is_for(const struct profile *p, const uint8_t ski[SKI_LEN])
{
	for (size_t i = 0; i < p->recipients; i++) {
		if (memcmp(p->ski[i], ski, SKI_LEN) == 0)
			return 1;
	}
	return 0;
}

static enum rc
decrypt(const struct buf *envelope, X509 *recipient, EVP_PKEY *key,
    struct buf *plain)
{
	const unsigned char *p = buf_data(envelope);
	CMS_ContentInfo *cms =
	    d2i_CMS_ContentInfo(NULL, &p, (long)buf_len(envelope));
	BIO *out = BIO_new(BIO_s_secmem());
	char *data;
	long len;
	enum rc rc = RC_CRYPTO;

	if (cms == NULL || out == NULL)
		goto out;
	/* unverified text may be in out when this fails: it goes nowhere */
	if (CMS_decrypt(cms, key, recipient, NULL, out, CMS_BINARY) != 1)
		goto out;
	len = BIO_get_mem_data(out, &data);
	if (len > 0)
		rc = buf_add(plain, data, (size_t)len);
out:
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return rc;
}

enum rc
open_object(const uint8_t *raw, size_t len, X509 *origin, X509 *recipient,
    EVP_PKEY *key, struct profile *envelope, struct buf *plain)
{
	struct buf *inner = buf_new(CLASS_BYTES(CLASS_COUNT - 1) + SEAL_ROOM);
	uint8_t ski[SKI_LEN];
	struct profile own;
	enum rc rc;

	if (envelope == NULL)
		envelope = &own;
	if (inner == NULL)
		return RC_NOMEM;
	rc = origin_open(raw, len, origin, inner);
	if (rc == RC_OK)
		rc = profile_check(buf_data(inner), buf_len(inner), envelope);
	if (rc == RC_OK)
		rc = cert_ski(recipient, ski);
	if (rc == RC_OK && !is_for(envelope, ski))
		rc = RC_DENIED;
	if (rc == RC_OK)
		rc = decrypt(inner, recipient, key, plain);
	buf_free(inner);
	return rc;
}
