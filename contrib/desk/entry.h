/* One item in a list. */
#ifndef CUTOUT_DESK_ENTRY_H
#define CUTOUT_DESK_ENTRY_H

#include "buf.h"
#include "opener.h"
#include "result.h"

enum { ENTRY_NAME = 12 }; /* digits of the short name */

/* What comes first in the list: the lowest. */
enum entry_rank {
	ENTRY_LIFE, /* immediate risk to life */
	ENTRY_HIGH,
	ENTRY_MEDIUM,
	ENTRY_LOW,
	ENTRY_COVER,
	ENTRY_CLOSED /* does not open */
};

enum entry_rank entry_rank(const struct opened *item);

/* Appends the item's two lines, and one for each warning. Nothing in it tells
 * a time. RC_LIMIT, RC_NOMEM. */
enum rc entry_text(const struct contract *c, const struct opened *item,
    struct buf *b) MUST_USE;

#endif
