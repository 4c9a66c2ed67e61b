/* The receipt code: made, checked, and the values derived from it. */
#include "receipt.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "derive.h"

/* Crockford's: no I, L, O and U. */
static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char check_label[] = "receipt-check:";

/* The two check symbols: the first ten bits of a hash of the others. */
static enum rc
check_symbols(const char *random, char out[2])
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum rc rc = RC_CRYPTO;

	if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, check_label, sizeof(check_label) - 1) == 1 &&
	    EVP_DigestUpdate(ctx, random, RECEIPT_RANDOM) == 1 &&
	    EVP_DigestFinal_ex(ctx, hash, NULL) == 1) {
		out[0] = symbols[hash[0] >> 3];
		out[1] = symbols[(hash[0] & 7) << 2 | hash[1] >> 6];
		rc = RC_OK;
	}
	EVP_MD_CTX_free(ctx);
	explicit_bzero(hash, sizeof(hash));
	return rc;
}

enum rc
receipt_make(struct receipt *out)
{
	uint8_t random[RECEIPT_RANDOM];

	if (RAND_priv_bytes(random, sizeof(random)) != 1)
		return RC_CRYPTO;
	/* 256 is a multiple of 32: no symbol is likelier than another */
	for (size_t i = 0; i < RECEIPT_RANDOM; i++)
		out->symbols[i] = symbols[random[i] & 31];
	explicit_bzero(random, sizeof(random));
	out->symbols[RECEIPT_SYMBOLS] = '\0';
	return check_symbols(out->symbols, out->symbols + RECEIPT_RANDOM);
}

/* The symbol that somebody meant by c, or NUL. */
static char
meant(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	if (strchr(symbols, c) == NULL)
		return '\0';
	return c; /* the NUL is found, too */
}

enum rc
receipt_parse(const char *raw_text, struct receipt *out)
{
	char check[2];
	size_t n = 0;
	enum rc rc;

	for (const char *p = raw_text; *p != '\0'; p++) {
		char c = meant(*p);

		if (c == '\0')
			continue;
		if (n == RECEIPT_SYMBOLS)
			return RC_BAD;
		out->symbols[n++] = c;
	}
	if (n != RECEIPT_SYMBOLS)
		return RC_BAD;
	out->symbols[n] = '\0';
	rc = check_symbols(out->symbols, check);
	if (rc != RC_OK)
		return rc;
	return memcmp(check, out->symbols + RECEIPT_RANDOM, 2) == 0 ? RC_OK
								    : RC_BAD;
}

void
receipt_text(const struct receipt *r, char out[RECEIPT_TEXT])
{
	char *p = out;

	for (size_t i = 0; i < RECEIPT_SYMBOLS; i++) {
		if (i > 0 && i % 4 == 0)
			*p++ = '-';
		*p++ = r->symbols[i];
	}
	*p = '\0';
}

enum rc
receipt_derive(const struct receipt *r, const char *info,
    uint8_t out[RECEIPT_KEY])
{
	_Static_assert((int)RECEIPT_KEY == (int)HASH_LEN,
	    "one derivation for both");
	return derive(r->symbols, RECEIPT_RANDOM, info, out);
}

void
receipt_wipe(struct receipt *r)
{
	explicit_bzero(r, sizeof(*r));
}
