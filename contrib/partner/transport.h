/* One request to the gateway over one TLS 1.3 connection of its own. */
#ifndef CUTOUT_TRANSPORT_H
#define CUTOUT_TRANSPORT_H

#include <stddef.h>

#include "buf.h"
#include "result.h"

struct target {
	const char *url;  /* https://host:port, without a path */
	const char *ca;   /* PEM file: what the server must verify by */
	const char *cert; /* PEM files of this agency */
	const char *key;
	long seconds; /* for the whole request */
};

enum exchange {
	EXCHANGE_ANSWERED,  /* there is an answer with a status */
	EXCHANGE_NOT_SENT,  /* no byte of the report left: no connection */
	EXCHANGE_LOST,      /* begun, and no answer: not known what happened */
	EXCHANGE_REFUSED,   /* the gateway refused our certificate: not kept */
	EXCHANGE_UNTRUSTED, /* the server's certificate does not verify or its
			     * name is another: nothing was sent */
	EXCHANGE_CONFIG     /* a file or the address can not be used */
};

struct answer_raw {
	enum exchange what;
	long status;        /* when answered */
	long retry_after_s; /* 0: the answer named none */
	struct buf *body;   /* when answered; the caller frees it */
	char why[256];      /* plain words when not answered */
};

/* Once per process, before the first request. RC_CONFIG: libcurl lacks TLS. */
enum rc transport_start(void) MUST_USE;

/* Posts body to target.url followed by path. Always fills *out; RC_NOMEM is
 * the only failure. No proxy, no cookies, no redirects, no netrc, no session
 * resumption, and only target.ca is trusted. */
enum rc transport_post(const struct target *target, const char *path,
    const void *body, size_t len, struct answer_raw *out) MUST_USE;

#endif
