/* What must be seen before a report is read. */
#ifndef CUTOUT_DESK_REMARKS_H
#define CUTOUT_DESK_REMARKS_H

#include "buf.h"
#include "opener.h"
#include "result.h"

/* Appends which item it is, who vouches for it, and to whom it is sealed.
 * RC_LIMIT, RC_NOMEM, as below. */
enum rc remarks_seal(const struct opened *item, struct buf *b) MUST_USE;

/* Appends, loudly, what binds the reader of an opened report: risk to life,
 * a recipient that this desk does not know, the desk's markings (legal
 * privilege and the like), handling code 5 or C and every condition; nothing
 * when there is nothing. */
enum rc remarks_binding(const struct opened *item, struct buf *b) MUST_USE;

/* Appends what to know of any report through this gateway. */
enum rc remarks_origin(struct buf *b) MUST_USE;

/* Appends what is wrong with an item that was OPEN_INVALID: rules and places,
 * never values. */
enum rc remarks_findings(const struct findings *findings,
    struct buf *b) MUST_USE;

/* Whether a grading forbids to pass the item on freely. */
bool remarks_restricts(const struct field *grading);

#endif
