/* Canonical order by colour refinement: entities start with their content as
 * colour; again and again each takes the colours of its neighbours in, until
 * nothing new is told apart; then one of a tied group is set apart and it
 * goes on. */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* A report made of hundreds of identical, linked entities is no report; its
 * order within the ties is then the one it came in. */
enum { SPLITS_MAX = 32, ROUNDS_MAX = 64 };

struct order {
	struct ranked *entities;
	size_t count;
	struct ranked **sorted;
	const struct edge *edges;
	size_t edge_count;
	const uint8_t *content;
};

/* qsort() has no argument for the content; one process, one report. */
static _Thread_local const uint8_t *compared;

static int
compare_content(const void *left, const void *right)
{
	const struct ranked *a = *(struct ranked *const *)left;
	const struct ranked *b = *(struct ranked *const *)right;
	size_t len =
	    a->content_len < b->content_len ? a->content_len : b->content_len;
	int order;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	order = memcmp(compared + a->content, compared + b->content, len);
	if (order != 0)
		return order;
	return (a->content_len > b->content_len) -
	       (a->content_len < b->content_len);
}

/* By rank, then by what is linked, then as they came. */
static int
compare_signs(const void *left, const void *right)
{
	const struct ranked *a = *(struct ranked *const *)left;
	const struct ranked *b = *(struct ranked *const *)right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	return (a > b) - (a < b);
}

/* Equal ranks for those that compare equal; the number of different ones. */
static size_t
rank_by_content(struct order *o)
{
	size_t i, classes = 0;
	uint32_t rank = 0;

	compared = o->content;
	qsort(o->sorted, o->count, sizeof(struct ranked *), compare_content);
	for (i = 0; i < o->count; i++) {
		if (i == 0 ||
		    compare_content(&o->sorted[i - 1], &o->sorted[i]) != 0) {
			rank = (uint32_t)i;
			classes++;
		}
		o->sorted[i]->rank = rank;
	}
	return classes;
}

static size_t
rank_by_signs(struct order *o)
{
	size_t i, classes = 0;
	uint32_t rank = 0, before = 0;
	uint64_t sign = 0;

	qsort(o->sorted, o->count, sizeof(struct ranked *), compare_signs);
	for (i = 0; i < o->count; i++) {
		struct ranked *e = o->sorted[i];

		if (i == 0 || e->rank != before || e->sign != sign) {
			rank = (uint32_t)i;
			classes++;
		}
		before = e->rank;
		sign = e->sign;
		e->rank = rank;
	}
	return classes;
}

/* Sums do not depend on the order of the edges. */
static void
take_neighbours(struct order *o)
{
	const struct edge *edge;
	struct ranked *from, *to;
	size_t i;

	for (i = 0; i < o->count; i++)
		o->entities[i].sign = 0;
	for (i = 0; i < o->edge_count; i++) {
		edge = &o->edges[i];
		from = &o->entities[edge->from];
		to = &o->entities[edge->to];
		if (from == to) {
			from->sign += hash_number(edge->hash, 1);
			continue;
		}
		from->sign += hash_number(hash_number(edge->hash, 2), to->rank);
		to->sign += hash_number(hash_number(edge->hash, 3), from->rank);
	}
}

static size_t
refine(struct order *o, size_t classes)
{
	size_t next, rounds;

	for (rounds = 0; classes < o->count && rounds < ROUNDS_MAX; rounds++) {
		take_neighbours(o);
		next = rank_by_signs(o);
		if (next == classes)
			break;
		classes = next;
	}
	return classes;
}

/* Sets the first of the first tied group apart from the rest of it. A group
 * that nothing is linked to can be told apart in any way: it looks the same
 * afterwards. */
static size_t
split_first_tie(struct order *o, size_t classes)
{
	uint32_t rank;
	size_t i, k;

	for (i = 0; i + 1 < o->count; i++) {
		rank = o->sorted[i]->rank;
		if (rank != o->sorted[i + 1]->rank)
			continue;
		for (k = i + 1; k < o->count && o->sorted[k]->rank == rank; k++)
			o->sorted[k]->rank =
			    (uint32_t)(o->sorted[k]->sign == 0 ? k : i + 1);
		return classes + (o->sorted[i]->sign == 0 ? k - i - 1 : 1);
	}
	return classes;
}

enum rc
order_entities(struct ranked *entities, size_t count, const struct edge *edges,
    size_t edge_count, const uint8_t *content)
{
	struct order o = {entities, count, NULL, edges, edge_count, content};
	size_t classes, splits, i;

	o.sorted = calloc(count + 1, sizeof(struct ranked *));
	if (o.sorted == NULL)
		return RC_NOMEM;
	for (i = 0; i < count; i++)
		o.sorted[i] = &entities[i];
	classes = refine(&o, rank_by_content(&o));
	for (splits = 0; classes < count && splits < SPLITS_MAX; splits++)
		classes = refine(&o, split_first_tie(&o, classes));
	for (i = 0; i < count; i++)
		o.sorted[i]->rank = (uint32_t)i;
	free(o.sorted);
	return RC_OK;
}
