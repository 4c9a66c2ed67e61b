/* The settings cutoutd hands to a role: "key value" lines in a memfd. */
#ifndef CUTOUT_SETUP_H
#define CUTOUT_SETUP_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"

struct setup;

/* Reads fd (stays the caller's) from offset 0. RC_BAD: a line without a key or
 * without the space behind it (the value may be empty). RC_LIMIT: over 64 KiB.
 * RC_IO, RC_NOMEM. */
enum rc setup_read(int fd, struct setup **out) MUST_USE;
/* The same from memory; text is copied. */
enum rc setup_parse(const void *text, size_t len, struct setup **out) MUST_USE;
void setup_free(struct setup *s);

/* The value of key, borrowed, or fallback when it is not there. Of two lines
 * with one key the first counts. */
const char *setup_text(const struct setup *s, const char *key,
    const char *fallback);
/* The value of key as a whole number from low to high. A missing key gives
 * RC_NOTFOUND, anything else that is not such a number RC_CONFIG: there are
 * no silent defaults below cutoutd. */
enum rc setup_number(const struct setup *s, const char *key, int64_t low,
    int64_t high, int64_t *out) MUST_USE;

/* Appends one line to b, for the writing side. RC_BAD: key is empty or has a
 * space, or either has a newline. RC_LIMIT: over 4095 bytes, or b is full.
 * RC_NOMEM. */
enum rc setup_add(struct buf *b, const char *key, const char *value) MUST_USE;
enum rc setup_add_number(struct buf *b, const char *key,
    int64_t value) MUST_USE;

#endif
