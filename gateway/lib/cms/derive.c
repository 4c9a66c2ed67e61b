/* What is derived from a receipt, and from an object. */
#include "derive.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

/* OSSL_PARAM wants pointers to what it only reads. */
#define READ_ONLY(p) ((void *)(uintptr_t)(p))

enum rc
derive(const void *secret, size_t len, const char *info, uint8_t out[HASH_LEN])
{
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
		READ_ONLY("SHA256"), 0),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
		READ_ONLY(secret), len),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
		READ_ONLY(DERIVE_SALT), sizeof(DERIVE_SALT) - 1),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		READ_ONLY(info), strlen(info)),
	    OSSL_PARAM_construct_end()};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = NULL;
	enum rc rc = RC_CRYPTO;

	if (kdf != NULL)
		ctx = EVP_KDF_CTX_new(kdf);
	if (ctx != NULL && EVP_KDF_derive(ctx, out, HASH_LEN, params) == 1)
		rc = RC_OK;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

/* SHA-256 over up to three pieces. */
struct piece {
	const void *data;
	size_t len;
};

static enum rc
hash(const struct piece *pieces, size_t count, uint8_t out[HASH_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum rc rc = RC_CRYPTO;
	int ok;

	if (ctx == NULL)
		return RC_NOMEM;
	ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (size_t i = 0; i < count && ok == 1; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len);
	if (ok == 1 && EVP_DigestFinal_ex(ctx, out, NULL) == 1)
		rc = RC_OK;
	EVP_MD_CTX_free(ctx);
	return rc;
}

enum rc
derive_k(const uint8_t id[HASH_LEN], uint8_t k[HASH_LEN])
{
	const struct piece pieces[] = {{"status", 6}, {id, HASH_LEN}};

	return hash(pieces, 2, k);
}

enum rc
derive_b(const uint8_t blind[HASH_LEN], uint8_t b[HASH_LEN])
{
	return derive(blind, HASH_LEN, "commit", b);
}

enum rc
derive_dup(const uint8_t blind[HASH_LEN], const void *fields, size_t len,
    uint8_t dup[HASH_LEN])
{
	uint8_t key[HASH_LEN];
	unsigned int n = HASH_LEN;
	enum rc rc;

	rc = derive(blind, HASH_LEN, "dup", key);
	if (rc == RC_OK &&
	    HMAC(EVP_sha256(), key, HASH_LEN, fields, len, dup, &n) == NULL)
		rc = RC_CRYPTO;
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

enum rc
derive_h(const void *object, size_t len, uint8_t h[HASH_LEN])
{
	const struct piece pieces[] = {{object, len}};

	return hash(pieces, 1, h);
}

enum rc
derive_c(const uint8_t b[HASH_LEN], const uint8_t h[HASH_LEN],
    uint8_t c[HASH_LEN])
{
	static const uint8_t commitment = 0x10;
	const struct piece pieces[] = {
	    {&commitment, 1}, {b, HASH_LEN}, {h, HASH_LEN}};

	return hash(pieces, 3, c);
}
