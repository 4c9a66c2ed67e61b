/* A police desk's signed acknowledgement. The signed line starts with what it
 * is for, so that the key's signatures mean nothing else anywhere. */
#include "ack.h"

#include <string.h>

#include <openssl/err.h>

#include "hex.h"

#define ACK_WORD "cutout-ack/v1 "
enum {
	WORD_LEN = sizeof(ACK_WORD) - 1,
	LINE_LEN = WORD_LEN + 2 * HASH_LEN + 1, /* with its newline */
	SIGNATURE_MOST = 72,
	BASE64_MOST = (SIGNATURE_MOST + 2) / 3 * 4
};

static void
make_line(const uint8_t h[HASH_LEN], char line[LINE_LEN + 1])
{
	memcpy(line, ACK_WORD, WORD_LEN);
	hex_encode(h, HASH_LEN, line + WORD_LEN);
	line[LINE_LEN - 1] = '\n';
	line[LINE_LEN] = '\0';
}

enum rc
ack_sign(const uint8_t h[HASH_LEN], EVP_PKEY *key, struct buf *out)
{
	unsigned char der[SIGNATURE_MOST], text[BASE64_MOST + 1];
	char line[LINE_LEN + 1];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof(der);
	enum rc rc = RC_CRYPTO;
	int n;

	if (ctx == NULL)
		return RC_NOMEM;
	make_line(h, line);
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, der, &len, (unsigned char *)line, LINE_LEN) !=
		1)
		goto out;
	n = EVP_EncodeBlock(text, der, (int)len);
	rc = buf_add(out, line, LINE_LEN);
	if (rc == RC_OK)
		rc = buf_add(out, text, (size_t)n);
	if (rc == RC_OK)
		rc = buf_add(out, "\n", 1);
out:
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

/* Decodes base64 in its one canonical form. */
static enum rc
decode(const char *raw_text, size_t len, unsigned char *der, size_t *der_len)
{
	unsigned char again[BASE64_MOST + 1], out[BASE64_MOST];
	size_t pad = 0;
	int n;

	if (len == 0 || len > BASE64_MOST || len % 4 != 0)
		return RC_BAD;
	while (pad < 2 && raw_text[len - 1 - pad] == '=')
		pad++;
	n = EVP_DecodeBlock(out, (const unsigned char *)raw_text, (int)len);
	if (n < 0 || (size_t)n < pad)
		return RC_BAD;
	*der_len = (size_t)n - pad;
	if (*der_len > SIGNATURE_MOST)
		return RC_BAD;
	/* the decoder ignores white space and stray bits: encode it again */
	if ((size_t)EVP_EncodeBlock(again, out, (int)*der_len) != len ||
	    memcmp(again, raw_text, len) != 0)
		return RC_BAD;
	memcpy(der, out, *der_len);
	return RC_OK;
}

enum rc
ack_verify(const uint8_t h[HASH_LEN], EVP_PKEY *key, const void *raw,
    size_t len, const char **signature, size_t *signature_len)
{
	const char *raw_text = raw, *base64 = raw_text + LINE_LEN;
	unsigned char der[SIGNATURE_MOST];
	char line[LINE_LEN + 1];
	EVP_MD_CTX *ctx;
	size_t der_len;
	enum rc rc;

	if (len <= LINE_LEN + 1 || raw_text[LINE_LEN - 1] != '\n' ||
	    raw_text[len - 1] != '\n' ||
	    memcmp(raw_text, ACK_WORD, WORD_LEN) != 0)
		return RC_BAD;
	rc = decode(base64, len - LINE_LEN - 1, der, &der_len);
	if (rc != RC_OK)
		return rc;
	make_line(h, line);
	if (memcmp(raw_text, line, LINE_LEN) != 0)
		return RC_DENIED;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return RC_NOMEM;
	rc = RC_CRYPTO;
	if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, der, der_len, (unsigned char *)line,
		LINE_LEN) == 1)
		rc = RC_OK;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (rc == RC_OK && signature != NULL) {
		*signature = base64;
		*signature_len = len - LINE_LEN - 1;
	}
	return rc;
}
