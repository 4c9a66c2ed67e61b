/* A report that says nothing, for cover: it goes the way of a real one, and
 * only who decrypts it sees which it is. */
#ifndef CUTOUT_DUMMY_H
#define CUTOUT_DUMMY_H

#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

struct dummy {
	const char *destination; /* its name */
	const char *scheme;      /* "5x5x5" or "3x5x2": one that it takes */
	int test;                /* it takes test reports alone */
	enum lane lane;
	uint8_t class; /* of its canonical form; 0 in the fast lane */
	int64_t now_wall_s;
};

/* Writes one, with an Id and a Blind of its own. RC_LIMIT, RC_NOMEM: as
 * buf_add(). RC_IO: no random bytes. */
enum rc dummy_write(const struct dummy *d, struct buf *to) MUST_USE;

#endif
