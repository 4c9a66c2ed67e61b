/* A look at the raw bytes before the parser sees them: refuses what could
 * reach outside or cost too much (BR-53), finds characters that may not be in
 * a report (BR-51, BR-52) with their byte offset, and remembers where each
 * element lies, which libxml2 does not. */
#ifndef CUTOUT_SCAN_H
#define CUTOUT_SCAN_H

#include "contract.h"

/* SCAN_PAIRS: attributes of one element. The parser compares each with each,
 * so many of them cost their square. */
enum {
	SCAN_DEPTH = 32,
	SCAN_NODES = 50000,
	SCAN_ATTRIBUTE = 4096,
	SCAN_PAIRS = 32
};

/* One element, in the order of the document. */
struct scanned {
	uint32_t offset;  /* of its '<' */
	uint32_t content; /* of the first byte behind its start tag */
	uint32_t line;
	uint32_t name; /* offset of its local name, as it was written */
	uint32_t name_len;
	int32_t parent;    /* place in the list, -1: the root */
	uint32_t place;    /* among siblings of the same field, from 1 */
	uint16_t id;       /* enum field_id; FIELD_NONE: not on the list */
	uint16_t elements; /* children, at most 65535 counted */
};

struct scan {
	const uint8_t *raw;
	size_t len;
	struct scanned *elements;
	size_t count;
	size_t attributes; /* in the whole document, xmlns not counted */
	/* A character that XML itself forbids was found and reported: the
	 * parser would say less about it. */
	bool unparsable;
};

/* RC_OK: *out is to be freed by the caller, and findings may hold BR-51 and
 * BR-52. RC_DENIED: XML or BR-53 was raised. RC_NOMEM. */
enum rc scan_raw(const struct contract *c, const uint8_t *raw, size_t len,
    int document, struct findings *findings, struct scan **out) MUST_USE;
void scan_free(struct scan *s);

/* The path of an element, from our own names: what is not on the list is
 * named by its nearest parent that is. */
void scan_path(const struct scan *s, int32_t element, char *path, size_t size);
/* Offset of the value of an attribute (local name) of an element, or of its
 * '<' when it has none. */
uint32_t scan_attribute(const struct scan *s, const struct scanned *e,
    const char *name);
/* Offset of code point number k of the content of an element. */
uint32_t scan_character(const struct scan *s, const struct scanned *e,
    size_t k);
/* The line of an offset at or behind the start of an element. */
uint32_t scan_line(const struct scan *s, const struct scanned *e,
    uint32_t offset);

#endif
