/* A handshake in memory. */
#include "warm.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "buf.h"
#include "sample.h"
#include "tls.h"
#include "wire.h"

enum { STEPS = 16, PAIR_BYTES = 32768 };

struct both {
	SSL *server, *client;
};

/* The client believes everybody: it only makes the server work. */
static SSL_CTX *
client_context(const struct sample *s)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	if (c != NULL && SSL_CTX_use_certificate(c, s->client) == 1 &&
	    SSL_CTX_use_PrivateKey(c, s->client_key) == 1)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

static enum rc
join(struct both *b)
{
	BIO *one = NULL, *other = NULL;

	if (BIO_new_bio_pair(&one, PAIR_BYTES, &other, PAIR_BYTES) != 1)
		return RC_NOMEM;
	SSL_set_bio(b->server, one, one);
	SSL_set_bio(b->client, other, other);
	SSL_set_accept_state(b->server);
	SSL_set_connect_state(b->client);
	return RC_OK;
}

static int
goes_on(SSL *ssl, int got)
{
	int why = SSL_get_error(ssl, got);

	return got == 1 || why == SSL_ERROR_WANT_READ ||
	       why == SSL_ERROR_WANT_WRITE;
}

static enum rc
shake_hands(const struct both *b)
{
	for (int i = 0; i < STEPS; i++) {
		int c = SSL_do_handshake(b->client);
		int s = SSL_do_handshake(b->server);

		if (c == 1 && s == 1)
			return RC_OK;
		if (!goes_on(b->client, c) || !goes_on(b->server, s))
			return RC_CRYPTO;
	}
	return RC_CRYPTO;
}

/* One answer's worth of bytes each way. */
static enum rc
talk(const struct both *b)
{
	static uint8_t bytes[ANSWER_SIZE];
	size_t n;

	if (SSL_write_ex(b->client, bytes, sizeof(bytes), &n) != 1 ||
	    SSL_read_ex(b->server, bytes, sizeof(bytes), &n) != 1 ||
	    SSL_write_ex(b->server, bytes, sizeof(bytes), &n) != 1 ||
	    SSL_read_ex(b->client, bytes, sizeof(bytes), &n) != 1 ||
	    SSL_shutdown(b->client) < 0 || SSL_shutdown(b->server) < 0)
		return RC_CRYPTO;
	return RC_OK;
}

static enum rc
meet(SSL_CTX *server, SSL_CTX *client, const struct trust *trust)
{
	struct both b = {SSL_new(server), SSL_new(client)};
	enum party party;
	enum rc rc = RC_NOMEM;

	if (b.server != NULL && b.client != NULL)
		rc = join(&b);
	if (rc == RC_OK)
		rc = shake_hands(&b);
	if (rc == RC_OK)
		rc = trust_party(trust, SSL_get0_verified_chain(b.server),
		    &party);
	if (rc == RC_OK)
		rc = party == PARTY_PARTNER ? talk(&b) : RC_CRYPTO;
	SSL_free(b.server);
	SSL_free(b.client);
	return rc;
}

static enum rc
make_trust(const struct sample *partners, const struct sample *police,
    struct trust **out)
{
	struct pem a = sample_pem(partners->crl_pem);
	struct pem b = sample_pem(police->crl_pem);
	struct buf *crls = buf_new(a.len + b.len);
	const char *why;
	enum rc rc;

	if (crls == NULL)
		return RC_NOMEM;
	rc = buf_add(crls, a.text, a.len);
	if (rc == RC_OK)
		rc = buf_add(crls, b.text, b.len);
	if (rc == RC_OK)
		rc = trust_new(sample_pem(partners->authority_pem),
		    sample_pem(police->authority_pem),
		    (struct pem){buf_data(crls), buf_len(crls)}, 1, out, &why);
	buf_free(crls);
	return rc;
}

enum rc
warm_handshake(struct pem certificate, EVP_PKEY *key)
{
	struct sample partners, police;
	struct trust *trust = NULL;
	SSL_CTX *server = NULL, *client = NULL;
	enum rc rc, other;

	rc = sample_make(&partners, "partners");
	other = sample_make(&police, "police");
	if (rc == RC_OK)
		rc = other;
	if (rc == RC_OK)
		rc = make_trust(&partners, &police, &trust);
	if (rc == RC_OK)
		rc = tls_new(certificate, key, trust, &server);
	if (rc == RC_OK) {
		client = client_context(&partners);
		rc = client == NULL ? RC_CRYPTO : meet(server, client, trust);
	}
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	trust_free(trust);
	sample_free(&partners);
	sample_free(&police);
	return rc;
}
