/* Answers as they go out: one size for all but published files, and the words
 * of what session refuses by itself. */
#ifndef CUTOUT_ANSWER_H
#define CUTOUT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "wire.h"

enum problem {
	PROBLEM_REQUEST,     /* 400 */
	PROBLEM_PARTY,       /* 403 */
	PROBLEM_TARGET,      /* 404 */
	PROBLEM_METHOD,      /* 405 */
	PROBLEM_SLOW,        /* 408 */
	PROBLEM_SIZE,        /* 413 */
	PROBLEM_TARGET_SIZE, /* 414 */
	PROBLEM_TYPE,        /* 415 */
	PROBLEM_EXPECTATION, /* 417 */
	PROBLEM_CONNECTIONS, /* 429: too many at one time */
	PROBLEM_REPORTS,     /* 429: too many a day */
	PROBLEM_HEAD_SIZE,   /* 431 */
	PROBLEM_FAILED,      /* 500 */
	PROBLEM_CODING,      /* 501 */
	PROBLEM_BUSY,        /* 503: not looked at */
	PROBLEM_UNKNOWN,     /* 503: may be kept */
	PROBLEM_VERSION,     /* 505 */
	PROBLEM_COUNT
};

/* The problem that a refused request of this HTTP status is; PROBLEM_REQUEST
 * for a status that the reader of requests never gives. */
enum problem problem_of_status(int status);
int problem_status(enum problem p);

enum { ANSWER_HEAD_MAX = 1000 };

/* A whole answer. Below one record's size, so that it leaves in one. */
struct answer {
	size_t len;
	uint8_t bytes[ANSWER_HEAD_MAX + ANSWER_SIZE];
};

struct answer_frame {
	bool keep_alive;
	bool bodiless;     /* answers a HEAD: everything but the body */
	const char *allow; /* of a 405; NULL: no such line */
	uint64_t retry_s;  /* Retry-After; 0: no such line */
};

/* Makes an answer of json, at most ANSWER_SIZE bytes, and spaces up to that
 * size. RC_LIMIT: it is longer. RC_BAD: a head can not be made of this. */
enum rc answer_json(struct answer *a, int status, const void *json, size_t len,
    const struct answer_frame *frame) MUST_USE;

/* The same with the words of a problem (RFC 9457). Never fails: ours is a
 * fixed text. */
void answer_problem(struct answer *a, enum problem p,
    const struct answer_frame *frame);

/* The head alone, for a published file of len bytes. RC_BAD. */
enum rc answer_file(struct answer *a, const char *type, size_t len,
    const struct answer_frame *frame) MUST_USE;

/* When an answer may leave: the first multiple of grid_ms after start_ns, when
 * the request was whole, that is not before now_ns. A watcher of the wire sees
 * the same pause whatever the answer says. grid_ms 0: now. */
uint64_t answer_due(uint64_t start_ns, uint64_t now_ns, uint64_t grid_ms);

#endif
