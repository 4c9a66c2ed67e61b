/* One line of the exported audit log, read strictly: the bytes of a line are
 * what a tree will hash, so there is exactly one way to write an entry. */
#ifndef CUTOUT_ENTRY_H
#define CUTOUT_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

enum entry_kind {
	ENTRY_START,
	ENTRY_RECIPIENTS,
	ENTRY_ACCEPTED,
	ENTRY_FORWARDED,
	ENTRY_DONE,
	ENTRY_DEAD,
	ENTRY_RETRY,
	ENTRY_PAUSE,
	ENTRY_DAY
};

enum {
	ENTRY_ID_LEN = 32,
	ENTRY_SKI_LEN = 20,
	ENTRY_RECIPIENTS_MAX = 8,
	ENTRY_LINE_MAX = 16384,
	ENTRY_WHY_MAX = 128
};

struct entry {
	enum entry_kind kind;
	uint32_t day;             /* 20261124: the gateway's day, 2026-11-24 */
	uint8_t id[ENTRY_ID_LEN]; /* accepted: c; forwarded to retry: obj */
	uint8_t to[ENTRY_RECIPIENTS_MAX][ENTRY_SKI_LEN];
	size_t to_count;             /* recipients and forwarded */
	uint64_t queued, dead, done; /* day */
};

/* Reads one line without its newline. RC_BAD: not an entry, and why (a
 * sentence of ours, nothing of the line's own text) says what is wrong with
 * it. RC_NOMEM. */
enum rc entry_read(const char *raw_line, size_t len, struct entry *out,
    char why[ENTRY_WHY_MAX]) MUST_USE;

#endif
