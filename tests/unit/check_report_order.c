/* The canonical order of entities: no trace of the order they came in. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

enum { MOST = 40 };

/* Builds the same graph with its entities in another order, and tells which
 * entity got which number. */
struct graph {
	size_t count;
	const char *content[MOST];
	size_t edge_count;
	struct edge edges[MOST];
};

static void
number(const struct graph *g, const uint32_t *shuffle, uint32_t *out)
{
	struct ranked ranked[MOST];
	struct edge edges[MOST];
	char text[4096];
	size_t i, used = 0;

	memset(ranked, 0, sizeof(ranked));
	for (i = 0; i < g->count; i++) {
		struct ranked *r = &ranked[shuffle[i]];

		r->content = used;
		r->content_len = strlen(g->content[i]);
		memcpy(text + used, g->content[i], r->content_len);
		used += r->content_len;
	}
	for (i = 0; i < g->edge_count; i++) {
		edges[i] = g->edges[g->edge_count - 1 - i];
		edges[i].from = shuffle[edges[i].from];
		edges[i].to = shuffle[edges[i].to];
	}
	ck_assert_int_eq(order_entities(ranked, g->count, edges, g->edge_count,
			     (const uint8_t *)text),
	    RC_OK);
	for (i = 0; i < g->count; i++)
		out[i] = ranked[shuffle[i]].rank;
}

static void
shuffle_some(uint32_t *shuffle, size_t count, uint32_t seed)
{
	size_t i, k;
	uint32_t other;

	for (i = 0; i < count; i++)
		shuffle[i] = (uint32_t)i;
	for (i = count; i > 1; i--) {
		seed = seed * 1103515245u + 12345u;
		k = (seed >> 16) % i;
		other = shuffle[i - 1];
		shuffle[i - 1] = shuffle[k];
		shuffle[k] = other;
	}
}

/* The graph as numbered, as text: what a reader of the report would see. */
static void
draw(const struct graph *g, const uint32_t *numbers, char *out)
{
	char matrix[MOST][MOST];
	size_t i, k, used = 0;

	memset(matrix, '.', sizeof(matrix));
	for (i = 0; i < g->edge_count; i++)
		matrix[numbers[g->edges[i].from]][numbers[g->edges[i].to]] =
		    (char)('a' + g->edges[i].hash);
	for (i = 0; i < g->count; i++)
		for (k = 0; k < g->count; k++)
			out[used++] = matrix[i][k];
	for (i = 0; i < g->count; i++)
		for (k = 0; k < g->count; k++)
			if (numbers[k] == i)
				out[used++] = g->content[k][0];
	out[used] = '\0';
}

static void
same_for_every_shuffle(const struct graph *g)
{
	uint32_t shuffle[MOST], numbers[MOST], seed;
	static char first[MOST * MOST + MOST + 1];
	static char other[MOST * MOST + MOST + 1];

	shuffle_some(shuffle, g->count, 1);
	number(g, shuffle, numbers);
	draw(g, numbers, first);
	for (seed = 2; seed < 200; seed++) {
		shuffle_some(shuffle, g->count, seed);
		number(g, shuffle, numbers);
		draw(g, numbers, other);
		ck_assert_str_eq(first, other);
	}
}

START_TEST(content_decides)
{
	struct graph g = {4, {"d", "a", "c", "b"}, 0, {{0, 0, 0}}};
	uint32_t shuffle[] = {2, 0, 3, 1}, numbers[4];

	number(&g, shuffle, numbers);
	ck_assert_uint_eq(numbers[0], 3);
	ck_assert_uint_eq(numbers[1], 0);
	ck_assert_uint_eq(numbers[2], 2);
	ck_assert_uint_eq(numbers[3], 1);
}
END_TEST

/* Three men of one description; one drives, one is seen with him. */
START_TEST(links_tell_twins_apart)
{
	struct graph g = {
	    5, {"m", "m", "m", "v", "w"}, 3, {{0, 3, 1}, {1, 4, 1}, {1, 0, 2}}};

	same_for_every_shuffle(&g);
}
END_TEST

/* A ring of equals has no first: any is as good, and it looks the same. */
START_TEST(a_ring_of_equals_looks_the_same)
{
	struct graph g = {6, {"m", "m", "m", "m", "m", "m"}, 6,
	    {{0, 1, 1}, {1, 2, 1}, {2, 3, 1}, {3, 4, 1}, {4, 5, 1}, {5, 0, 1}}};

	same_for_every_shuffle(&g);
}
END_TEST

START_TEST(equal_pairs_look_the_same)
{
	struct graph g = {8, {"m", "m", "m", "m", "v", "v", "v", "v"}, 4,
	    {{0, 4, 1}, {1, 5, 1}, {2, 6, 1}, {3, 7, 1}}};

	same_for_every_shuffle(&g);
}
END_TEST

START_TEST(equals_that_nothing_mentions_look_the_same)
{
	struct graph g = {6, {"m", "m", "m", "m", "v", "w"}, 1, {{4, 5, 1}}};

	same_for_every_shuffle(&g);
}
END_TEST

/* A report made to cost time: thousands of equals in a ring. */
START_TEST(a_hostile_graph_ends)
{
	enum { MANY = 20000 };
	struct ranked *ranked = calloc(MANY, sizeof(*ranked));
	struct edge *edges = calloc(MANY, sizeof(*edges));
	bool *seen = calloc(MANY, sizeof(*seen));
	uint32_t i;

	ck_assert(ranked != NULL && edges != NULL && seen != NULL);
	for (i = 0; i < MANY; i++)
		edges[i] = (struct edge){i, (i + 1) % MANY, 1};
	ck_assert_int_eq(order_entities(ranked, MANY, edges, MANY,
			     (const uint8_t *)""),
	    RC_OK);
	for (i = 0; i < MANY; i++) {
		ck_assert_uint_lt(ranked[i].rank, MANY);
		ck_assert(!seen[ranked[i].rank]);
		seen[ranked[i].rank] = true;
	}
	free(ranked);
	free(edges);
	free(seen);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_order");
	TCase *t = tcase_create("order");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, content_decides);
	tcase_add_test(t, links_tell_twins_apart);
	tcase_add_test(t, a_ring_of_equals_looks_the_same);
	tcase_add_test(t, equal_pairs_look_the_same);
	tcase_add_test(t, equals_that_nothing_mentions_look_the_same);
	tcase_add_test(t, a_hostile_graph_ends);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
