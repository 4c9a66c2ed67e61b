/* The TLS 1.3 handshake of a partner, in memory: both sides in this thread,
 * joined by a BIO pair, and the clock runs for the server alone. */
#include "handshake.h"

#include <stddef.h>

#include <openssl/ssl.h>

#include "timing.h"

enum { BLOCKS = 11, BLOCK = 40, STEPS_MAX = 16 };

static SSL_CTX *
context(const SSL_METHOD *method, const struct material *m,
    const struct pair *own, int verify)
{
	SSL_CTX *c = SSL_CTX_new(method);

	if (c == NULL)
		die("TLS");
	need_ssl(SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION), "TLS 1.3");
	need_ssl(SSL_CTX_use_certificate(c, own->cert), "TLS certificate");
	need_ssl(SSL_CTX_use_PrivateKey(c, own->key), "TLS key");
	SSL_CTX_set_mode(c, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_verify(c, verify, NULL);
	SSL_CTX_set_cert_store(c, material_store(m)); /* takes it */
	return c;
}

static SSL_CTX *
server_context(const struct material *m)
{
	/* OpenSSL's macro casts to char * */
	static char groups[] = "X25519:P-256";
	SSL_CTX *c = context(TLS_server_method(), m, &m->server,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);

	need_ssl(SSL_CTX_set1_groups_list(c, groups), "TLS groups");
	SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_CLEANSE_PLAINTEXT);
	need_ssl(SSL_CTX_set_num_tickets(c, 0), "TLS tickets");
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	return c;
}

/* One handshake; returns what the server's side took. */
static double
once(SSL_CTX *server, SSL_CTX *client)
{
	BIO *server_end = NULL, *client_end = NULL;
	double began, took = 0;
	SSL *s, *c;
	int done = 0;

	c = SSL_new(client);
	if (c == NULL || BIO_new_bio_pair(&server_end, 0, &client_end, 0) != 1)
		die("TLS connection");
	SSL_set_bio(c, client_end, client_end);
	began = clock_us(CLOCK_THREAD_CPUTIME_ID);
	s = SSL_new(server);
	if (s == NULL)
		die("TLS connection");
	SSL_set_bio(s, server_end, server_end);
	took += clock_us(CLOCK_THREAD_CPUTIME_ID) - began;
	for (int i = 0; i < STEPS_MAX && !done; i++) {
		(void)SSL_connect(c);
		began = clock_us(CLOCK_THREAD_CPUTIME_ID);
		done = SSL_accept(s) == 1;
		took += clock_us(CLOCK_THREAD_CPUTIME_ID) - began;
	}
	if (!done || SSL_get0_peer_certificate(s) == NULL)
		die("TLS handshake");
	began = clock_us(CLOCK_THREAD_CPUTIME_ID);
	SSL_free(s);
	took += clock_us(CLOCK_THREAD_CPUTIME_ID) - began;
	SSL_free(c);
	return took;
}

double
handshake_us(const struct material *m)
{
	SSL_CTX *server = server_context(m);
	SSL_CTX *client =
	    context(TLS_client_method(), m, &m->client, SSL_VERIFY_PEER);
	double blocks[BLOCKS];

	(void)once(server, client); /* what is made on first use */
	for (size_t b = 0; b < BLOCKS; b++) {
		double sum = 0;

		for (int i = 0; i < BLOCK; i++)
			sum += once(server, client);
		blocks[b] = sum / BLOCK;
	}
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	return median(blocks, BLOCKS);
}
