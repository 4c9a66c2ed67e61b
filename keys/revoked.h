/* The list of what an authority has revoked: a small text file that an
 * operator can read. It is the truth; the signed revocation list is made from
 * it. Form: "cutout-revoked 1", "number N" (of the last signed list), then a
 * line "SERIAL YYYYMMDDHHMMSSZ NAME" for each certificate. */
#ifndef CUTOUT_REVOKED_H
#define CUTOUT_REVOKED_H

#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "result.h"

enum { REVOKED_MAX = 512, SERIAL_TEXT = 41, WHEN_TEXT = 15, LABEL_TEXT = 64 };

struct revoked_entry {
	char serial[SERIAL_TEXT + 1]; /* upper-case hexadecimal */
	char when[WHEN_TEXT + 1];     /* UTC, YYYYMMDDHHMMSSZ */
	char label[LABEL_TEXT + 1];   /* the file's name, for people */
};

struct revoked {
	uint64_t number;
	size_t count;
	struct revoked_entry entries[REVOKED_MAX];
};

/* Reads the list; a missing file is an empty one. RC_BAD: not such a list.
 * The caller frees *out with free(). As folder_read() otherwise. */
enum rc revoked_read(const struct folder *f, const char *name,
    struct revoked **out) MUST_USE;
/* Adds one. RC_DUPLICATE: it is there already. RC_LIMIT: the list is full
 * (make a new authority). RC_BAD: not a serial number or a label. */
enum rc revoked_add(struct revoked *r, const char *serial, const char *when,
    const char *label) MUST_USE;
int revoked_has(const struct revoked *r, const char *serial);
/* Writes the list in place of the one there. As folder_replace(). */
enum rc revoked_write(struct folder *f, const char *name,
    const struct revoked *r) MUST_USE;

#endif
