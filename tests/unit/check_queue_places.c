/* What is kept in memory: every free place is drawn, none that is not free, and
 * the index by k stays whole whatever is taken out of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "places.h"
#include "program.h"

static char folder[64];
static struct store *store;
static struct store_sizes sizes;
static struct places *places;

static void
setup(void)
{
	sizes = (struct store_sizes){{40, 5, 2}, 300, 50};
	program_folder(folder);
	ck_assert_int_eq(store_open(folder, &sizes, &store), RC_OK);
	ck_assert_int_eq(places_load(store, &sizes, &places), RC_OK);
}

static void
teardown(void)
{
	places_free(places);
	store_close(store);
	program_folder_remove(folder);
}

static void
set_state(uint64_t place, uint8_t class, enum state state, uint32_t day)
{
	struct head h = {.state = state, .class = class, .day = day};

	places_set_item(places, place, &h);
}

static void
set_receipt(uint64_t place, uint64_t number, int used)
{
	struct receipt r = {.used = (uint8_t)used};

	put_u64(r.k, number);
	places_set_receipt(places, place, &r);
}

static const struct receipt *
find(uint64_t number)
{
	uint8_t k[HASH_LEN] = {0};

	put_u64(k, number);
	return places_find(places, k);
}

/* --- drawing
 * ------------------------------------------------------------------ */

START_TEST(every_free_item_is_drawn_once_and_in_no_order)
{
	static const uint64_t first[] = {0, 40, 45}, count[] = {40, 5, 2};
	uint64_t place, before = 0, rising = 0;
	int seen[47] = {0};

	for (unsigned int n = 0; n < CLASS_COUNT; n++) {
		uint8_t c = (uint8_t)n;

		for (uint64_t i = 0; i < count[c]; i++) {
			ck_assert_int_eq(places_free_item(places, c, &place),
			    RC_OK);
			ck_assert_uint_ge(place, first[c]);
			ck_assert_uint_lt(place, first[c] + count[c]);
			ck_assert_int_eq(seen[place]++, 0);
			rising += place > before;
			before = place;
			set_state(place, c, STATE_READY, 0);
		}
		ck_assert_int_eq(places_free_item(places, c, &place), RC_FULL);
	}
	/* by chance once in 2^40 */
	ck_assert_uint_lt(rising, 47);
	ck_assert_uint_eq(places->count[STATE_READY], 47);
	ck_assert_uint_eq(places->count[STATE_FREE], 0);
}
END_TEST

START_TEST(a_free_place_may_be_any_of_them)
{
	int seen[40] = {0};
	uint64_t place;

	/* 40 places, 4000 draws: one is missed by chance once in 10^42 */
	for (int i = 0; i < 4000; i++) {
		ck_assert_int_eq(places_free_item(places, 0, &place), RC_OK);
		seen[place]++;
	}
	for (int i = 0; i < 40; i++)
		ck_assert_int_gt(seen[i], 0);
}
END_TEST

START_TEST(when_none_is_free_the_longest_done_goes_and_nothing_else)
{
	uint64_t place;
	uint32_t day = 10;

	/* 40: 10 ready, 10 leased, 10 dead, 10 done on two days */
	for (uint64_t i = 0; i < 40; i++) {
		enum state s = i < 10   ? STATE_READY
			       : i < 20 ? STATE_LEASED
			       : i < 30 ? STATE_DEAD
					: STATE_DONE;

		set_state(i, 0, s, i >= 35 ? 10 : i >= 30 ? 11 : 0);
	}
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(places_free_item(places, 0, &place), RC_OK);
		ck_assert_int_eq(places->item[place].head.state, STATE_DONE);
		if (i == 5)
			day = 11;
		ck_assert_uint_eq(places->item[place].head.day, day);
		set_state(place, 0, STATE_READY, 0);
	}
	ck_assert_int_eq(places_free_item(places, 0, &place), RC_FULL);
	/* one that is done later is found again */
	set_state(3, 0, STATE_DONE, 12);
	ck_assert_int_eq(places_free_item(places, 0, &place), RC_OK);
	ck_assert_uint_eq(place, 3);
}
END_TEST

START_TEST(a_free_item_goes_before_one_that_is_done)
{
	uint64_t place;

	for (uint64_t i = 0; i < 40; i++)
		set_state(i, 0, STATE_DONE, 5);
	set_state(17, 0, STATE_FREE, 0);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(places_free_item(places, 0, &place), RC_OK);
		ck_assert_uint_eq(place, 17);
	}
}
END_TEST

START_TEST(free_entries_and_receipts_run_out_and_come_back)
{
	uint64_t place;

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(places_free_entry(places, &place), RC_OK);
		places_set_entry(places, place, 1);
		places_set_entry(places, place, 1); /* twice is once */
	}
	ck_assert_int_eq(places_free_entry(places, &place), RC_FULL);
	places_set_entry(places, 33, 0);
	places_set_entry(places, 33, 0);
	ck_assert_uint_eq(places->free_entries.count, 1);
	ck_assert_int_eq(places_free_entry(places, &place), RC_OK);
	ck_assert_uint_eq(place, 33);
	for (uint64_t i = 0; i < 300; i++) {
		ck_assert_int_eq(places_free_receipt(places, &place), RC_OK);
		set_receipt(place, i + 1, 1);
	}
	ck_assert_int_eq(places_free_receipt(places, &place), RC_FULL);
	set_receipt(77, 0, 0);
	ck_assert_int_eq(places_free_receipt(places, &place), RC_OK);
	ck_assert_uint_eq(place, 77);
}
END_TEST

/* --- the index
 * ------------------------------------------------------------------ */

/* Against a model: numbers by place, 0 for none. */
START_TEST(the_index_finds_what_is_there_and_nothing_else)
{
	uint64_t model[300] = {0}, next = 1;

	for (int round = 0; round < 20000; round++) {
		uint64_t place = arc4random_uniform(300);
		uint64_t gone = model[place];

		if (gone != 0 && arc4random_uniform(2) == 0) {
			set_receipt(place, 0, 0);
			model[place] = 0;
			ck_assert_ptr_null(find(gone));
		} else {
			model[place] = next;
			set_receipt(place, next++, 1);
			if (gone != 0)
				ck_assert_ptr_null(find(gone));
		}
		if (round % 500 != 0)
			continue;
		for (uint64_t i = 0; i < 300; i++) {
			if (model[i] != 0)
				ck_assert_ptr_eq(find(model[i]),
				    &places->receipt[i]);
		}
		ck_assert_ptr_null(find(next));
	}
}
END_TEST

/* --- from the disk
 * ---------------------------------------------------------------- */

static void
reload(void)
{
	places_free(places);
	places = NULL;
	ck_assert_int_eq(places_load(store, &sizes, &places), RC_OK);
}

START_TEST(what_is_on_the_disk_is_there_after_a_load)
{
	struct head h = {.state = STATE_DONE, .class = 1, .day = 9};
	struct receipt r = {.used = 1, .day = 3};
	struct entry e = {.used = 1, .length = 1, .text = "x"};
	uint64_t place;

	put_u64(r.k, 55);
	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_head(store, 41, &h), RC_OK);
	ck_assert_int_eq(store_receipt(store, 299, &r), RC_OK);
	ck_assert_int_eq(store_entry(store, 49, &e), RC_OK);
	ck_assert_int_eq(store_commit(store), RC_OK);
	reload();
	ck_assert_uint_eq(places->count[STATE_DONE], 1);
	ck_assert_uint_eq(places->count[STATE_FREE], 46);
	ck_assert_int_eq(places->item[41].head.state, STATE_DONE);
	ck_assert_ptr_eq(find(55), &places->receipt[299]);
	ck_assert_uint_eq(places->free_entries.count, 49);
	ck_assert_uint_eq(places->free_receipts.count, 299);
	for (uint64_t i = 40; i < 45; i++) {
		if (i != 41)
			set_state(i, 1, STATE_READY, 0);
	}
	ck_assert_int_eq(places_free_item(places, 1, &place), RC_OK);
	ck_assert_uint_eq(place, 41);
}
END_TEST

START_TEST(damaged_rows_are_counted_and_never_overwritten)
{
	char out[256];
	uint64_t place;

	store_close(store);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "sqlite3 %s/queue.db "
			     "\"UPDATE head SET row=x'00' WHERE place=3;"
			     "UPDATE receipt SET row=zeroblob(192) "
			     "WHERE place=4;"
			     "UPDATE entry SET row=zeroblob(1024) "
			     "WHERE place=5;\"",
			     folder),
	    0);
	ck_assert_int_eq(store_open(folder, &sizes, &store), RC_OK);
	reload();
	ck_assert_uint_eq(places->damaged, 3);
	for (int i = 0; i < 39; i++) {
		ck_assert_int_eq(places_free_item(places, 0, &place), RC_OK);
		ck_assert_uint_ne(place, 3);
		set_state(place, 0, STATE_READY, 0);
	}
	ck_assert_int_eq(places_free_item(places, 0, &place), RC_FULL);
	for (int i = 0; i < 299; i++) {
		ck_assert_int_eq(places_free_receipt(places, &place), RC_OK);
		ck_assert_uint_ne(place, 4);
		set_receipt(place, (uint64_t)i + 1, 1);
	}
	ck_assert_int_eq(places_free_receipt(places, &place), RC_FULL);
	ck_assert_ptr_null(find(0)); /* it is no receipt of k zero */
	ck_assert_uint_eq(places->free_entries.count, 49);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue places");
	TCase *t = tcase_create("places");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_free_item_is_drawn_once_and_in_no_order);
	tcase_add_test(t, a_free_place_may_be_any_of_them);
	tcase_add_test(t,
	    when_none_is_free_the_longest_done_goes_and_nothing_else);
	tcase_add_test(t, a_free_item_goes_before_one_that_is_done);
	tcase_add_test(t, free_entries_and_receipts_run_out_and_come_back);
	tcase_add_test(t, the_index_finds_what_is_there_and_nothing_else);
	tcase_add_test(t, what_is_on_the_disk_is_there_after_a_load);
	tcase_add_test(t, damaged_rows_are_counted_and_never_overwritten);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
