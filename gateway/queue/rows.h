/* The rows of the database: fixed lengths, a version and a checksum each.
 *
 * Every row exists from the start and is overwritten in place, in a random free
 * one: nothing about a row's place or length tells when a report came (DESIGN
 * section 1, traps). */
#ifndef CUTOUT_ROWS_H
#define CUTOUT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "mixing.h"
#include "result.h"
#include "wire.h"

enum {
	HEAD_BYTES = 128,
	RECEIPT_BYTES = 192,
	ENTRY_BYTES = 1024,
	ENTRY_MOST = ENTRY_BYTES - 16 /* of text */
};

/* What becomes of a sealed report. The numbers are on the disk. */
enum state {
	STATE_FREE = 0,
	STATE_READY = 1,  /* waits for its slot */
	STATE_LEASED = 2, /* committed before its bytes leave */
	STATE_DONE = 3,   /* acknowledged by the desk, kept for a while */
	STATE_DEAD = 4    /* refused three times; the operator decides */
};

struct head {
	enum state state;
	uint8_t class, lane, destination;
	uint8_t refusals;
	uint8_t told;        /* a "forwarded" entry was written for it */
	uint8_t cover;       /* a dummy */
	uint32_t day;        /* DONE: the day it was done; else 0 */
	uint32_t length;     /* of the object */
	uint64_t slot;       /* LEASED: the slot it leaves in; else 0 */
	struct waiting wait; /* READY, in the pool; else zeros */
	uint8_t h[HASH_LEN];
};

struct receipt {
	uint8_t used;
	uint8_t damaged; /* in memory alone: its row does not decode */
	uint8_t class;
	uint32_t day; /* accepted on */
	uint8_t k[HASH_LEN], dup[HASH_LEN], c[HASH_LEN], h[HASH_LEN];
};

/* A log entry that waits for the end of its day. */
struct entry {
	uint8_t used;
	uint16_t length;
	char text[ENTRY_MOST + 1]; /* one line, without its newline */
};

/* Write a row for its place; the place is part of the checksum, so that rows
 * can not be exchanged. Unused rows are zeros but for version and checksum. */
void head_encode(const struct head *h, uint64_t place, uint8_t out[HEAD_BYTES]);
void receipt_encode(const struct receipt *r, uint64_t place,
    uint8_t out[RECEIPT_BYTES]);
void entry_encode(const struct entry *e, uint64_t place,
    uint8_t out[ENTRY_BYTES]);

/* Read a row. RC_BAD: damaged, or of another version or place; the values are
 * then undefined. */
enum rc head_decode(const uint8_t *raw, size_t len, uint64_t place,
    struct head *out) MUST_USE;
enum rc receipt_decode(const uint8_t *raw, size_t len, uint64_t place,
    struct receipt *out) MUST_USE;
enum rc entry_decode(const uint8_t *raw, size_t len, uint64_t place,
    struct entry *out) MUST_USE;

#endif
