/* The one private key of a keyd. OpenSSL's secure heap keeps most of it; what
 * its decoder leaves in the ordinary heap is why this process is not dumpable
 * and does nothing else (CRYPTO section 5). */
#include "key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

enum { FILE_MAX = 8192 };

struct key {
	enum key_kind kind;
	EVP_PKEY *pkey;
};

static enum rc
check_file(int fd, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    st.st_uid != geteuid())
		return RC_DENIED;
	if (st.st_size <= 0 || st.st_size > FILE_MAX)
		return RC_CONFIG;
	*size = (size_t)st.st_size;
	return RC_OK;
}

static int
right_kind(const EVP_PKEY *pkey, enum key_kind kind)
{
	char group[32];
	size_t len;

	if (kind != KEY_TLS)
		return EVP_PKEY_is_a(pkey, "ED25519");
	return EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME,
		   group, sizeof(group), &len) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

/* No passphrase is ever asked for: nobody is there to answer. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static enum rc
parse(const char *pem, size_t len, struct key *k)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);

	if (bio == NULL)
		return RC_NOMEM;
	k->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	if (k->pkey == NULL || !right_kind(k->pkey, k->kind))
		return RC_CONFIG;
	return RC_OK;
}

static enum rc
read_whole(int fd, char *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, to + done, size - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return RC_IO;
		done += (size_t)n;
	}
	return RC_OK;
}

enum rc
key_load(int fd, enum key_kind kind, struct key **out)
{
	struct key *k = NULL;
	char *pem = NULL;
	size_t size = 0;
	enum rc rc;

	rc = check_file(fd, &size);
	if (rc != RC_OK)
		return rc;
	rc = RC_NOMEM;
	pem = OPENSSL_secure_malloc(size);
	k = calloc(1, sizeof(*k));
	if (pem == NULL || k == NULL)
		goto out;
	k->kind = kind;
	rc = read_whole(fd, pem, size);
	if (rc == RC_OK)
		rc = parse(pem, size, k);
	if (rc != RC_OK)
		goto out;

	*out = k;
	k = NULL;
out:
	OPENSSL_secure_clear_free(pem, size);
	key_free(k);
	return rc;
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

enum rc
key_sign_digest(const struct key *k, const uint8_t digest[KEY_DIGEST],
    uint8_t signature[KEY_SIGNATURE], size_t *len)
{
	EVP_PKEY_CTX *ctx;
	enum rc rc = RC_CRYPTO;

	if (k->kind != KEY_TLS)
		return RC_DENIED;
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	if (ctx == NULL)
		return RC_NOMEM;
	*len = KEY_SIGNATURE;
	if (EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_sign(ctx, signature, len, digest, KEY_DIGEST) == 1)
		rc = RC_OK;
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

enum rc
key_public(const struct key *k, uint8_t out[KEY_PUBLIC])
{
	size_t len = KEY_PUBLIC;

	if (k->kind == KEY_TLS)
		return RC_DENIED;
	if (EVP_PKEY_get_raw_public_key(k->pkey, out, &len) != 1 ||
	    len != KEY_PUBLIC)
		return RC_CRYPTO;
	return RC_OK;
}
