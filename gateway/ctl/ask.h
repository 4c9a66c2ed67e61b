/* One line of JSON from the operator, as the frame that asks queue. */
#ifndef CUTOUT_ASK_H
#define CUTOUT_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "wire.h"

enum { ASK_LINE_MAX = 4096 }; /* bytes, the newline among them */

/* The content of one FRAME_ASK: u8 enum verb and its arguments. */
struct ask {
	uint8_t payload[1 + HASH_LEN];
	size_t len;
};

/* Reads the len bytes of a line, without its newline: one JSON object with
 * "verb" and exactly what that verb takes, no key twice, nothing else:
 *   {"verb":"status"} {"verb":"dead-list"} {"verb":"log-export"}
 *   {"verb":"dead-retry","h":64 digits} {"verb":"dead-retry","all":true}
 *   {"verb":"pause","on":true or false}
 * RC_BAD: it is not that; *why is then a few fixed words for the operator,
 * without any byte of the line, and static. out is then undefined. */
enum rc ask_read(const char *raw_line, size_t len, struct ask *out,
    const char **why) MUST_USE;

/* Does once what the parser does only the first time (it opens
 * /dev/urandom to seed its tables): to be called before the lock-down.
 * RC_NOMEM. */
enum rc ask_warm(void) MUST_USE;

#endif
