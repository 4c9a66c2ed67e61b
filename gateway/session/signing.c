/* The server's private key: an EC_KEY_METHOD whose signatures keyd makes.
 * OpenSSL 3 marks these calls as of an older interface, which this file is
 * written for; the newer way is a provider, ten times the code for one call. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "signing.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "deadline.h"
#include "frame.h"
#include "wire.h"

enum { DIGEST = 32 };

/* One key and one thread a process. */
static int keyd_channel = -1;
static uint64_t until_ns;

void
signing_until(uint64_t by_ns)
{
	until_ns = by_ns;
}

/* Lends keyd one end of a new pair; *out is the other. */
static enum rc
lend(int *out)
{
	uint8_t kind = CHANNEL_ONCE;
	int pair[2];
	enum rc rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return RC_IO;
	/* all siblings send here: room may go to another of them */
	do {
		rc = deadline_wait(keyd_channel, POLLOUT, until_ns);
		if (rc == RC_OK)
			rc = frame_send(keyd_channel, FRAME_CHANNEL, &kind,
			    sizeof(kind), pair[1]);
	} while (rc == RC_AGAIN);
	close(pair[1]);
	if (rc == RC_OK)
		*out = pair[0];
	else
		close(pair[0]);
	return rc;
}

static enum rc
ask(int channel, const uint8_t digest[DIGEST], struct frame *f)
{
	enum rc rc;

	rc = frame_write(channel, FRAME_SIGN, digest, DIGEST);
	if (rc == RC_OK)
		rc = deadline_wait(channel, POLLIN, until_ns);
	if (rc == RC_OK)
		rc = frame_read(channel, f);
	if (rc == RC_OK && (f->type != FRAME_SIGNED || f->len == 0))
		rc = RC_BAD;
	return rc;
}

/* The form is OpenSSL's: 1 for success, sig has ECDSA_size() bytes. */
static int
sign(int type, const unsigned char *digest, int len, unsigned char *sig,
    unsigned int *sig_len, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
	struct frame f;
	int channel;
	enum rc rc;

	(void)type;
	(void)kinv;
	(void)r;
	if (len != DIGEST || lend(&channel) != RC_OK)
		return 0;
	rc = ask(channel, digest, &f);
	close(channel);
	if (rc != RC_OK || (int)f.len > ECDSA_size(key))
		return 0;
	memcpy(sig, f.raw_data, f.len);
	*sig_len = f.len;
	return 1;
}

/* Lives as long as the process. */
static const EC_KEY_METHOD *
method(void)
{
	static EC_KEY_METHOD *m;

	if (m == NULL) {
		m = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
		if (m != NULL)
			EC_KEY_METHOD_set_sign(m, sign, NULL, NULL);
	}
	return m;
}

/* The public half of a P-256 certificate. NULL: it is of another kind. */
static EC_KEY *
public_half(X509 *certificate)
{
	EVP_PKEY *public = X509_get0_pubkey(certificate);
	EC_KEY *key, *copy = NULL;

	if (public == NULL || EVP_PKEY_get_base_id(public) != EVP_PKEY_EC)
		return NULL;
	key = EVP_PKEY_get1_EC_KEY(public);
	if (key != NULL && EC_GROUP_get_curve_name(EC_KEY_get0_group(key)) ==
			       NID_X9_62_prime256v1)
		copy = EC_KEY_dup(key);
	EC_KEY_free(key);
	return copy;
}

enum rc
signing_key(X509 *certificate, int keyd, EVP_PKEY **out)
{
	EVP_PKEY *pkey = NULL;
	EC_KEY *key;
	enum rc rc = RC_NOMEM;

	key = public_half(certificate);
	if (key == NULL)
		return RC_CONFIG;
	if (method() == NULL || EC_KEY_set_method(key, method()) != 1)
		goto out;
	pkey = EVP_PKEY_new();
	if (pkey == NULL || EVP_PKEY_assign_EC_KEY(pkey, key) != 1)
		goto out;
	key = NULL; /* pkey owns it now */
	keyd_channel = keyd;
	*out = pkey;
	pkey = NULL;
	rc = RC_OK;
out:
	EVP_PKEY_free(pkey);
	EC_KEY_free(key);
	return rc;
}
