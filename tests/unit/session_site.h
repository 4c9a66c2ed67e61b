/* For tests of session: two authorities, a server of a third, a table of rates
 * and a stand-in for screen, all in this process and its children. */
#ifndef CUTOUT_TEST_SESSION_SITE_H
#define CUTOUT_TEST_SESSION_SITE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "load.h"
#include "sample.h"

/* What the stand-in saw; shared with it. */
struct site_seen {
	_Atomic unsigned whole; /* bodies with their end */
	_Atomic unsigned cut;   /* bodies without */
	_Atomic size_t bytes;   /* of the last whole one */
};

struct site {
	struct sample partners, police, gateway;
	struct session s;
	struct site_seen *seen;
	int jobs;  /* the screens' end */
	int table; /* memfd */
	pid_t screen;
};

/* Everything with generous limits; change site.s before the first
 * site_ask(). The stand-in does what the body says: "die" ends before it hands
 * over, "lost" after, "returned" is 422, "broken" 500, "silent" nothing at
 * all; anything else is 201. */
void site_make(struct site *site);
void site_rates(struct site *site, const struct rates_limits *limits);
void site_free(struct site *site);

/* A connection served by a child process, and a client's end of it. */
struct visitor {
	SSL *ssl;
	SSL_CTX *ctx;
	int fd;
	pid_t server;
	uint64_t before; /* bytes that came with the handshake */
};

/* who: whose client this is. Ends with a handshake that the client takes for
 * good; whether the server does shows with the first answer. */
void visitor_come(struct visitor *v, const struct site *site,
    const struct sample *who);
void visitor_send(struct visitor *v, const void *bytes, size_t len);
/* Reads until the end; what came stands in out with a NUL. -1: not an orderly
 * end. */
ssize_t visitor_read(struct visitor *v, char *out, size_t size);
/* Bytes on the wire since the handshake, record heads and all. */
uint64_t visitor_wire(const struct visitor *v);
/* Closes, and gives the exit status of the server; 128 and the signal. */
int visitor_leave(struct visitor *v);

#endif
