/* One client's answer on its way out, in the form that serve.h promises. */
#ifndef CUTOUT_REPLY_H
#define CUTOUT_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "watch.h"

struct reply {
	struct watch *watch;
	struct buf *spool; /* taken in, not sent yet; empty at the start */
	int client;        /* non-blocking; stays the caller's */
	int64_t stall_ms;  /* until the client takes some */
	int64_t answer_ms; /* from its first byte on, until it has all */

	int64_t due_ms; /* from here on zero at the start */
	int lost;       /* the client is given up: the rest is thrown away */
	uint64_t total; /* data, and the newline put behind it */
	uint8_t last;   /* the latest byte of it */
};

/* These never fail: a client that stalls, leaves or is too slow is lost, and
 * what is added then goes nowhere. Nothing is sent before the spool is full or
 * the reply finished. */
void reply_begin(struct reply *r, int ok);
void reply_add(struct reply *r, const void *data, size_t len);
/* Adds an object with a few words of ours, without quotes. */
void reply_error(struct reply *r, const char *why);
/* Sends what is left, and the line that says it was all. */
void reply_finish(struct reply *r);

#endif
