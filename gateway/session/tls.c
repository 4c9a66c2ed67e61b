/* TLS as this gateway speaks it. */
#include "tls.h"

#include "cert.h"

enum { CHAIN_MAX = 4, SECURITY_LEVEL = 2, CLIENT_CHAIN_BYTES = 16384 };

/* None of these may silently not take. */
static int
settle(SSL_CTX *c)
{
	/* the macro that takes it wants it writable */
	char groups[] = "X25519:P-256";

	SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
				   SSL_OP_CLEANSE_PLAINTEXT |
				   SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* a client's is one certificate; OpenSSL would read 100 KiB */
	SSL_CTX_set_max_cert_list(c, CLIENT_CHAIN_BYTES);
	/* without it OpenSSL verifies its own chain in every handshake */
	SSL_CTX_set_mode(c, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_security_level(c, SECURITY_LEVEL);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	    NULL);
	return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
	       /* NO_TICKET alone still sends two */
	       SSL_CTX_set_num_tickets(c, 0) == 1 &&
	       SSL_CTX_set_max_early_data(c, 0) == 1 &&
	       SSL_CTX_set_recv_max_early_data(c, 0) == 1 &&
	       SSL_CTX_set1_groups_list(c, groups) == 1;
}

static enum rc
use_certificate(SSL_CTX *c, struct pem pem, EVP_PKEY *key)
{
	X509 *chain[CHAIN_MAX];
	size_t count = 0;
	enum rc rc;

	rc = cert_parse_all(pem.text, pem.len, chain, CHAIN_MAX, &count);
	if (rc != RC_OK)
		return rc;
	if (SSL_CTX_use_certificate(c, chain[0]) != 1 ||
	    SSL_CTX_use_PrivateKey(c, key) != 1)
		rc = RC_CONFIG;
	for (size_t i = 1; i < count && rc == RC_OK; i++) {
		if (SSL_CTX_add1_chain_cert(c, chain[i]) != 1)
			rc = RC_CONFIG;
	}
	for (size_t i = 0; i < count; i++)
		X509_free(chain[i]);
	return rc;
}

enum rc
tls_new(struct pem certificate, EVP_PKEY *key, const struct trust *trust,
    SSL_CTX **out)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	enum rc rc;

	if (c == NULL)
		return RC_NOMEM;
	rc = settle(c) ? use_certificate(c, certificate, key) : RC_CRYPTO;
	if (rc == RC_OK) {
		SSL_CTX_set1_cert_store(c, trust_store(trust));
		SSL_CTX_set_verify_depth(c, 0);
		*out = c;
		return RC_OK;
	}
	SSL_CTX_free(c);
	return rc;
}
