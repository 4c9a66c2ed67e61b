/* The private delay and the pool: what DESIGN section 6 promises of them. */
#include <check.h>
#include <stdlib.h>

#include "mixing.h"

/* The production values, at slots of half an hour. */
static const struct mixing usual = {.delay_slots = 16,
    .minimum = 12,
    .fraction = 0.6,
    .oldest_slots = 240,
    .round_slots = 48};

enum { MOST = 4096 };

static struct waiting pool[MOST];
static struct waiting *all[MOST];

static void
fill(const struct mixing *m, size_t count, int ripe)
{
	for (size_t i = 0; i < count; i++) {
		mixing_enter(m, 1000, &pool[i]);
		pool[i].ripe = (uint8_t)ripe;
		all[i] = &pool[i];
	}
}

START_TEST(no_traffic_shortens_the_private_delay)
{
	struct mixing m = usual;
	size_t ripe = 0;

	/* thousands wait: each still has its own chance of 1 in 17 */
	m.minimum = MOST;
	fill(&m, MOST, 0);
	ck_assert_uint_eq(mixing_slot(&m, 1001, all, MOST), 0);
	for (size_t i = 0; i < MOST; i++)
		ripe += pool[i].ripe;
	/* 241 expected; six standard deviations are 90 */
	ck_assert_uint_gt(ripe, 151);
	ck_assert_uint_lt(ripe, 331);
}
END_TEST

START_TEST(the_private_delay_has_its_mean_and_no_memory)
{
	struct mixing m = usual;
	double sum = 0, late = 0, late_count = 0;

	m.minimum = MOST;
	m.oldest_slots = 100000;
	fill(&m, MOST, 0);
	for (uint64_t slot = 1; slot < 2000; slot++) {
		uint8_t before[MOST];

		for (size_t i = 0; i < MOST; i++)
			before[i] = pool[i].ripe;
		(void)mixing_slot(&m, 1000 + slot, all, MOST);
		for (size_t i = 0; i < MOST; i++) {
			if (before[i] || !pool[i].ripe)
				continue;
			sum += (double)slot;
			if (slot > 16) {
				late += (double)slot - 16;
				late_count++;
			}
		}
	}
	ck_assert_double_eq_tol(sum / MOST, 17, 1.7);
	ck_assert_double_eq_tol(late / late_count, 17, 2.6);
}
END_TEST

START_TEST(the_minimum_stays)
{
	fill(&usual, usual.minimum, 1);
	for (uint64_t slot = 1001; slot < 1100; slot++)
		ck_assert_uint_eq(mixing_slot(&usual, slot, all, usual.minimum),
		    0);
}
END_TEST

START_TEST(of_more_than_the_minimum_the_fraction_leaves_on_average)
{
	uint64_t leaving = 0;

	for (int round = 0; round < 400; round++) {
		fill(&usual, 100, 1);
		leaving += mixing_slot(&usual, 1001, all, 100);
	}
	/* 60 of 100, each by itself: 400 rounds deviate by 98 */
	ck_assert_uint_gt(leaving, 24000 - 600);
	ck_assert_uint_lt(leaving, 24000 + 600);
	leaving = 0;
	for (int round = 0; round < 4000; round++) {
		fill(&usual, 13, 1);
		leaving += mixing_slot(&usual, 1001, all, 13);
	}
	/* one of 13 */
	ck_assert_uint_gt(leaving, 4000 - 380);
	ck_assert_uint_lt(leaving, 4000 + 380);
}
END_TEST

START_TEST(how_many_leave_is_not_certain)
{
	size_t seen[101] = {0}, different = 0;

	for (int round = 0; round < 200; round++) {
		fill(&usual, 100, 1);
		seen[mixing_slot(&usual, 1001, all, 100)]++;
	}
	for (size_t i = 0; i <= 100; i++)
		different += seen[i] > 0;
	ck_assert_uint_gt(different, 8);
}
END_TEST

START_TEST(the_last_slot_is_drawn_and_tells_no_time_of_arrival)
{
	size_t early = 0;

	fill(&usual, 1000, 0);
	for (size_t i = 0; i < 1000; i++) {
		ck_assert_uint_ge(pool[i].last_slot, 1000 + 120 - 47);
		ck_assert_uint_le(pool[i].last_slot, 1000 + 240);
		ck_assert_uint_eq(pool[i].last_slot % 48, 0);
		ck_assert_uint_eq(pool[i].end_slot % 48, 0);
		ck_assert_uint_ge(pool[i].end_slot, pool[i].last_slot);
		early += pool[i].last_slot < 1000 + 156;
	}
	ck_assert_uint_gt(early, 200);
	ck_assert_uint_lt(early, 800);
}
END_TEST

START_TEST(past_its_last_slot_it_leaves_in_company_and_never_alone)
{
	fill(&usual, 3, 1);
	pool[0].last_slot = 1010;
	ck_assert_uint_eq(mixing_slot(&usual, 1009, all, 3), 0);
	/* nobody goes with it */
	ck_assert_uint_eq(mixing_slot(&usual, 1010, all, 3), 0);
	ck_assert_uint_eq(mixing_slot(&usual, 1050, all, 3), 0);
	pool[2].last_slot = 1060;
	ck_assert_uint_eq(mixing_slot(&usual, 1060, all, 3), 2);
	ck_assert(pool[0].leaves && !pool[1].leaves && pool[2].leaves);
}
END_TEST

START_TEST(nothing_stays_for_ever)
{
	fill(&usual, 1, 0);
	ck_assert_uint_eq(mixing_slot(&usual, pool[0].end_slot - 1, all, 1), 0);
	ck_assert_uint_eq(mixing_slot(&usual, pool[0].end_slot, all, 1), 1);
}
END_TEST

START_TEST(who_found_no_place_still_leaves)
{
	fill(&usual, 40, 1);
	for (size_t i = 0; i < 10; i++)
		pool[i].leaves = 1;
	ck_assert_uint_ge(mixing_slot(&usual, 1001, all, 40), 10);
	for (size_t i = 0; i < 10; i++)
		ck_assert_uint_eq(pool[i].leaves, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("queue_mixing");
	TCase *t = tcase_create("mixing");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, no_traffic_shortens_the_private_delay);
	tcase_add_test(t, the_private_delay_has_its_mean_and_no_memory);
	tcase_add_test(t, the_minimum_stays);
	tcase_add_test(t,
	    of_more_than_the_minimum_the_fraction_leaves_on_average);
	tcase_add_test(t, how_many_leave_is_not_certain);
	tcase_add_test(t, the_last_slot_is_drawn_and_tells_no_time_of_arrival);
	tcase_add_test(t,
	    past_its_last_slot_it_leaves_in_company_and_never_alone);
	tcase_add_test(t, nothing_stays_for_ever);
	tcase_add_test(t, who_found_no_place_still_leaves);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
