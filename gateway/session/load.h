/* What a session zygote loads before it is locked down. */
#ifndef CUTOUT_LOAD_H
#define CUTOUT_LOAD_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "archive.h"
#include "rates.h"
#include "trust.h"

struct session {
	SSL_CTX *tls;
	EVP_PKEY *key; /* its private half is keyd's */
	struct trust *trust;
	struct rates *rates;
	struct archive *served;
	int jobs; /* the socket that all screens wait on */
	int64_t spare, max_connections;
	int64_t reports_per_connection, request_seconds, connection_seconds;
	int64_t screen_seconds, answer_grid_ms, body_max;
};

/* Reads setup, certificates, lists, table and files from their descriptors,
 * checks them, and closes them; and makes a whole handshake in memory, so that
 * every algorithm is fetched and keyd is known to have the certificate's key.
 * What is wrong is fatal and says so. */
void load_session(struct session *s);

#endif
