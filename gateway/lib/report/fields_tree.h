/* Building the tree of fields: for the reader, and for the few places where
 * the gateway completes a report. */
#ifndef CUTOUT_FIELDS_TREE_H
#define CUTOUT_FIELDS_TREE_H

#include "fields.h"

/* What the gateway may add to a report: a handling code and its GradedBy for
 * 50 items, a marking. Nodes never move, so that pointers stay good. */
enum { FIELDS_SPARE = 256 };

struct fields {
	struct field *nodes;
	size_t count, size;
	char *text;
	size_t text_len, text_size;
	struct field *first_of[FIELD_COUNT];
	struct field *last_of[FIELD_COUNT];
	bool fast; /* takes the fast lane: set by the rules */
};

/* Chains the table; before the first field_find() of a threaded program. */
void fields_prepare(void);
/* Room for that many nodes and bytes of text (with a NUL for each value).
 * RC_NOMEM. */
enum rc fields_new(size_t nodes, size_t text, struct fields **out) MUST_USE;
/* A new last child of parent (NULL: the root). NULL: full. */
struct field *fields_add(struct fields *f, struct field *parent,
    enum field_id id);
/* A copy in the tree's own memory; NULL: full. */
const char *fields_copy(struct fields *f, const char *text, size_t len);

#endif
