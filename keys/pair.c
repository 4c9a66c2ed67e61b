/* Key pairs, made and written as PEM. */
#include "pair.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

enum rc
pair_new(enum pair_kind kind, EVP_PKEY **out)
{
	EVP_PKEY *pair;

	pair = kind == PAIR_P256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
				 : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pair == NULL)
		return RC_CRYPTO;
	*out = pair;
	return RC_OK;
}

enum rc
pair_write_private(struct folder *f, const char *name, const EVP_PKEY *pair,
    int replace)
{
	BIO *bio = NULL;
	char *pem = NULL;
	long len;
	enum rc rc = RC_CRYPTO;

	/* a secure BIO cleanses what it held when it is freed */
	bio = BIO_new(BIO_s_secmem());
	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, pair, NULL, NULL,
			       0, NULL, NULL) != 1)
		goto out;
	len = BIO_get_mem_data(bio, &pem);
	if (len <= 0)
		goto out;
	if (replace)
		rc = folder_replace(f, name, 0600, pem, (size_t)len);
	else
		rc = folder_add(f, name, 0600, pem, (size_t)len);
out:
	BIO_free(bio);
	return rc;
}

enum rc
pair_write_public(struct folder *f, const char *name, const EVP_PKEY *pair)
{
	BIO *bio = NULL;
	char *pem = NULL;
	long len;
	enum rc rc = RC_CRYPTO;

	bio = BIO_new(BIO_s_mem());
	if (bio == NULL || PEM_write_bio_PUBKEY(bio, pair) != 1)
		goto out;
	len = BIO_get_mem_data(bio, &pem);
	if (len > 0)
		rc = folder_add(f, name, 0644, pem, (size_t)len);
out:
	BIO_free(bio);
	return rc;
}

/* A passphrase is never asked for: a key that wants one is not one of ours. */
static int
no_passphrase(char *text, int size, int writing, void *ctx)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static enum rc
read_key(const struct folder *f, const char *name, int private, EVP_PKEY **out)
{
	struct buf *pem = NULL;
	BIO *bio = NULL;
	EVP_PKEY *pair = NULL;
	enum rc rc;

	rc = folder_read(f, name, &pem);
	if (rc != RC_OK)
		return rc;
	rc = RC_NOMEM;
	bio = BIO_new_mem_buf(buf_data(pem), (int)buf_len(pem));
	if (bio == NULL)
		goto out;
	rc = RC_BAD;
	pair = private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
		       : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	if (pair == NULL)
		goto out;
	*out = pair;
	rc = RC_OK;
out:
	BIO_free(bio);
	buf_free_secret(pem);
	return rc;
}

enum rc
pair_read_private(const struct folder *f, const char *name, EVP_PKEY **out)
{
	return read_key(f, name, 1, out);
}

enum rc
pair_read_public(const struct folder *f, const char *name, EVP_PKEY **out)
{
	return read_key(f, name, 0, out);
}

enum rc
pair_check_p256(const EVP_PKEY *pair)
{
	char group[32] = "";
	size_t len = 0;

	if (EVP_PKEY_get_base_id(pair) != EVP_PKEY_EC)
		return RC_DENIED;
	/* the group has a name only when the key does not carry parameters of
	 * its own making */
	if (EVP_PKEY_get_group_name(pair, group, sizeof(group), &len) != 1)
		return RC_DENIED;
	return strcmp(group, SN_X9_62_prime256v1) == 0 ? RC_OK : RC_DENIED;
}
