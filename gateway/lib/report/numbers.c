/* New numbers for items and entities: by what they say and how they hang
 * together, not by the order or the id names of the client. */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "order.h"
#include "rules.h"
#include "writer.h"

static int
compare_items(const void *left, const void *right)
{
	const struct field *a = *(const struct field *const *)left;
	const struct field *b = *(const struct field *const *)right;
	const struct field *x = field_child(a, FIELD_SEQUENCE);
	const struct field *y = field_child(b, FIELD_SEQUENCE);

	if (x != NULL && y != NULL && x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(field_text(a, FIELD_ITEM_TEXT),
	    field_text(b, FIELD_ITEM_TEXT));
}

/* Items by Sequence. */
static void
number_items(struct writer *w)
{
	const struct field **items, *f;
	size_t count = 0, i;

	for (f = fields_first(w->fields, FIELD_ITEM); f != NULL; f = f->same)
		count++;
	items = calloc(count + 1, sizeof(const struct field *));
	if (items == NULL) {
		w->rc = RC_NOMEM;
		return;
	}
	count = 0;
	for (f = fields_first(w->fields, FIELD_ITEM); f != NULL; f = f->same)
		items[count++] = f;
	qsort(items, count, sizeof(const struct field *), compare_items);
	for (i = 0; i < count; i++)
		w->number[writer_place(w, items[i])] = (uint32_t)i;
	free(items);
}

/* Entities with what they look like without ids. While they are collected,
 * number[] holds their place among the collected. */
static size_t
collect_entities(struct writer *w, const struct field *entities,
    struct ranked *ranked)
{
	const struct field *f;
	size_t count = 0;
	uint16_t row;

	for (row = w->c->row_first[FIELD_ENTITIES]; row != 0;
	     row = w->c->row_next[row - 1]) {
		enum field_id id = w->c->rows[row - 1].id;

		for (f = field_child(entities, id); f != NULL;
		     f = field_next(f)) {
			struct ranked *r = &ranked[count];

			r->entity = f;
			r->row = row;
			r->content = buf_len(w->b);
			write_field(w, &w->c->rows[row - 1], f);
			r->content_len = buf_len(w->b) - r->content;
			w->number[writer_place(w, f)] = (uint32_t)count++;
		}
	}
	return count;
}

static bool
is_entity(const struct field *ref)
{
	return ref != NULL && ref->target != NULL &&
	       entity_kind(ref->target) != '\0';
}

/* What a link says, its ends left out. */
static uint64_t
hash_link(struct writer *w, const struct field *link)
{
	const struct field *ref;
	size_t start = buf_len(w->b);
	uint64_t hash, items = 0;

	write_children(w, link);
	hash = hash_bytes(HASH_START, buf_data(w->b) + start,
	    buf_len(w->b) - start);
	buf_truncate(w->b, start);
	for (ref = field_child(link, FIELD_ITEM_REF); ref != NULL;
	     ref = field_next(ref))
		if (ref->target != NULL)
			items += hash_number(HASH_START,
			    w->number[writer_place(w, ref->target)]);
	return hash_number(hash, items);
}

static size_t
collect_edges(struct writer *w, struct edge *edges)
{
	const struct field *f, *from, *to;
	size_t count = 0;

	for (f = fields_first(w->fields, FIELD_LINK); f != NULL; f = f->same) {
		from = field_child(f, FIELD_LINK_FROM);
		to = field_child(f, FIELD_LINK_TO);
		if (!is_entity(from) || !is_entity(to))
			continue; /* BR-47 was raised: it does not travel */
		edges[count].from = w->number[writer_place(w, from->target)];
		edges[count].to = w->number[writer_place(w, to->target)];
		edges[count++].hash = hash_link(w, f);
	}
	for (f = fields_first(w->fields, FIELD_ENTITY_REF); f != NULL;
	     f = f->same) {
		if (!is_entity(f))
			continue;
		edges[count].from = edges[count].to =
		    w->number[writer_place(w, f->target)];
		edges[count++].hash = hash_number(HASH_START,
		    w->number[writer_place(w, f->parent)]);
	}
	return count;
}

/* Numbers count within each kind: p1, p2, v1. */
static void
give_numbers(struct writer *w, const struct ranked *ranked, size_t count,
    uint32_t *sorted)
{
	size_t i, row = 0;
	uint32_t n = 0;

	for (i = 0; i < count; i++)
		sorted[ranked[i].rank] = (uint32_t)i;
	for (i = 0; i < count; i++) {
		const struct ranked *r = &ranked[sorted[i]];

		n = r->row == row ? n + 1 : 0;
		row = r->row;
		w->number[writer_place(w, r->entity)] = n;
	}
}

static void
number_entities(struct writer *w, const struct field *entities)
{
	size_t nodes = w->fields->count, count, edge_count;
	struct ranked *ranked = calloc(nodes, sizeof(*ranked));
	struct edge *edges = calloc(nodes, sizeof(*edges));
	uint32_t *sorted = calloc(nodes, sizeof(*sorted));

	if (ranked == NULL || edges == NULL || sorted == NULL)
		w->rc = RC_NOMEM;
	else {
		count = collect_entities(w, entities, ranked);
		edge_count = collect_edges(w, edges);
		if (w->rc == RC_OK)
			w->rc = order_entities(ranked, count, edges, edge_count,
			    buf_data(w->b));
		if (w->rc == RC_OK)
			give_numbers(w, ranked, count, sorted);
	}
	free(ranked);
	free(edges);
	free(sorted);
}

void
number_all(struct writer *w)
{
	const struct field *entities = fields_first(w->fields, FIELD_ENTITIES);
	struct buf *out = w->b, *side = buf_new(SIDE_MAX);

	if (side == NULL) {
		w->rc = RC_NOMEM;
		return;
	}
	number_items(w);
	w->b = side;
	w->plain = true;
	if (entities != NULL && w->rc == RC_OK)
		number_entities(w, entities);
	w->plain = false;
	w->b = out;
	buf_free_secret(side);
}
