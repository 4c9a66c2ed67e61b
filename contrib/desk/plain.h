/* Text of a report for people's eyes: nothing in it can steer a terminal or
 * hide a word. */
#ifndef CUTOUT_DESK_PLAIN_H
#define CUTOUT_DESK_PLAIN_H

#include <stddef.h>

#include "buf.h"
#include "result.h"

/* Appends text, with newline in the place of each line feed and every other
 * character that is not plainly visible spelt out, as <U+202E>. RC_LIMIT,
 * RC_NOMEM. */
enum rc plain_text(struct buf *b, const char *text, size_t len,
    const char *newline) MUST_USE;

/* Appends valid XML as XML: such characters become references, as &#x202E;,
 * which mean the same to whoever parses it. */
enum rc plain_xml(struct buf *b, const void *xml, size_t len) MUST_USE;

#endif
