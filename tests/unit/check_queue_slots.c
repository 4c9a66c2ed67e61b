/* Slots: how many leave, and that nothing but their number shows. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"
#include "queue.h"
#include "queue_site.h"
#include "slots.h"

static struct queue q;

/* 32 rows of 32 KiB; four leave in a slot, real or not */
static const char usual[] = "slot_batch 4\nstock 8\n";

static void
setup(void)
{
	site_make();
	site_open(&q, usual);
}

static void
teardown(void)
{
	site_close(&q);
	site_remove();
}

/* A waiting item without a body: slots look at heads alone. */
static uint64_t
put(uint8_t lane, int cover)
{
	struct head h = {
	    .state = STATE_READY, .lane = lane, .cover = cover != 0};
	uint64_t place;

	ck_assert_int_eq(places_free_item(q.places, 0, &place), RC_OK);
	if (lane == LANE_POOL && !cover)
		mixing_enter(&q.config.mixing[0], slots_number(&q, 0), &h.wait);
	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	return place;
}

static void
tick(unsigned int flow)
{
	int ticked;

	q.tick_mono_ms[flow] = 0;
	ck_assert_int_eq(slots_turn(&q, &ticked), RC_OK);
	ck_assert_int_eq(ticked, 1);
}

/* What may leave now, and how much of it is cover; it is gone afterwards. */
static size_t
leaving(size_t *cover)
{
	size_t n = 0;

	*cover = 0;
	for (uint64_t i = 0; i < q.places->item_count; i++) {
		const struct item *it = &q.places->item[i];
		struct head none = {.state = STATE_FREE};

		if (!it->released)
			continue;
		n++;
		*cover += it->head.cover;
		ck_assert_int_eq(queue_set_head(&q, i, &none), RC_OK);
	}
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	return n;
}

START_TEST(every_slot_has_the_same_number_whatever_came)
{
	/* of six slots, with none to five real ones before each */
	for (int real = 0; real < 6; real++) {
		size_t cover;

		for (int i = 0; i < real; i++)
			(void)put(LANE_POOL, 0);
		while (!slots_have_cover(&q, 0, 0))
			(void)put(LANE_POOL, 1);
		tick(0);
		ck_assert_uint_eq(leaving(&cover), 4);
		/* with the one that found no place among the five before */
		ck_assert_uint_eq(cover, real < 4 ? 4 - (size_t)real : 0);
		if (real == 5) {
			tick(0);
			ck_assert_uint_eq(leaving(&cover), 4);
			ck_assert_uint_eq(cover, 3);
		}
	}
}
END_TEST

START_TEST(the_fast_lane_always_has_one_and_three_when_more_wait)
{
	static const size_t real[] = {0, 1, 2, 3, 5};
	static const size_t out[] = {1, 1, 2, 3, 3};

	for (size_t k = 0; k < 5; k++) {
		size_t cover, n;

		for (size_t i = 0; i < real[k]; i++)
			(void)put(LANE_FAST, 0);
		while (!slots_have_cover(&q, 0, FLOW_FAST))
			(void)put(LANE_FAST, 1);
		tick(FLOW_FAST);
		n = leaving(&cover);
		ck_assert_uint_eq(n, out[k]);
		ck_assert_uint_eq(cover, real[k] == 0 ? 1 : 0);
		if (k == 4) {
			tick(FLOW_FAST);
			ck_assert_uint_eq(leaving(&cover), 2);
			ck_assert_uint_eq(cover, 0);
		}
	}
}
END_TEST

START_TEST(the_other_lane_and_size_do_not_fill_a_slot)
{
	size_t cover;

	(void)put(LANE_FAST, 1);
	tick(0);
	ck_assert_uint_eq(leaving(&cover), 0);
	(void)put(LANE_POOL, 1);
	tick(1);
	tick(FLOW_FAST);
	ck_assert_uint_eq(leaving(&cover), 1);
	ck_assert_uint_eq(cover, 1);
}
END_TEST

START_TEST(without_stock_nothing_fills_a_slot)
{
	size_t cover;

	q.config.stock = 0;
	(void)put(LANE_POOL, 1);
	(void)put(LANE_POOL, 0);
	tick(0);
	ck_assert_uint_eq(leaving(&cover), 1);
	ck_assert_uint_eq(cover, 0);
}
END_TEST

START_TEST(the_pool_keeps_its_minimum_and_a_crash_changes_nothing)
{
	struct waiting before[38];
	size_t cover;

	q.config.mixing[0] = (struct mixing){.delay_slots = 1,
	    .minimum = 6,
	    .fraction = 0.6,
	    .oldest_slots = 1000000,
	    .round_slots = 1};
	for (int i = 0; i < 6; i++)
		(void)put(LANE_POOL, 0);
	for (int i = 0; i < 3; i++) {
		tick(0);
		ck_assert_uint_eq(leaving(&cover), 0);
	}
	for (uint64_t i = 0; i < q.places->item_count; i++)
		before[i] = q.places->item[i].head.wait;
	/* a start reads what there is */
	site_close(&q);
	site_open(&q, usual);
	for (uint64_t i = 0; i < q.places->item_count; i++) {
		const struct waiting *w = &q.places->item[i].head.wait;

		ck_assert_uint_eq(w->ripe, before[i].ripe);
		ck_assert_uint_eq(w->leaves, before[i].leaves);
		ck_assert_uint_eq(w->last_slot, before[i].last_slot);
		ck_assert_uint_eq(w->end_slot, before[i].end_slot);
	}
}
END_TEST

START_TEST(nothing_is_written_between_slots)
{
	int ticked;

	(void)put(LANE_POOL, 0);
	q.config.slot_ms[0] = q.config.slot_ms[1] = q.config.slot_ms[2] =
	    q.config.slot_ms[FLOW_FAST] = 3600000;
	slots_begin(&q);
	ck_assert_int_eq(slots_turn(&q, &ticked), RC_OK);
	ck_assert_int_eq(ticked, 0);
	ck_assert_int_eq(q.in_transaction, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("queue slots");
	TCase *t = tcase_create("slots");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_slot_has_the_same_number_whatever_came);
	tcase_add_test(t,
	    the_fast_lane_always_has_one_and_three_when_more_wait);
	tcase_add_test(t, the_other_lane_and_size_do_not_fill_a_slot);
	tcase_add_test(t, without_stock_nothing_fills_a_slot);
	tcase_add_test(t,
	    the_pool_keeps_its_minimum_and_a_crash_changes_nothing);
	tcase_add_test(t, nothing_is_written_between_slots);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
