/* The canonical order of entities: by kind and content, then by how they hang
 * together, so that neither the order in which a client wrote them nor its id
 * names survive. */
#ifndef CUTOUT_ORDER_H
#define CUTOUT_ORDER_H

#include "buf.h"
#include "fields.h"

/* One entity with what is compared. */
struct ranked {
	const struct field *entity;
	size_t row;     /* of sealed.tsv: its kind */
	size_t content; /* its text without ids, in the buffer given */
	size_t content_len;
	uint32_t rank; /* equal ranks: not told apart yet */
	uint64_t sign; /* of what is linked to it */
};

/* One connection: a link between two entities, or a mention in an item (then
 * to is the same as from). Places are those in the array of entities. */
struct edge {
	uint32_t from, to;
	uint64_t hash; /* of type, strength, dates and items */
};

/* Sorts the entities; afterwards rank is the place. Two that the content and
 * the connections do not tell apart keep the order they came in: then they
 * are the same, up to shapes that colour refinement can not tell apart and
 * that no real report has. edges name places before sorting. RC_NOMEM. */
enum rc order_entities(struct ranked *entities, size_t count,
    const struct edge *edges, size_t edge_count,
    const uint8_t *content) MUST_USE;

#endif
