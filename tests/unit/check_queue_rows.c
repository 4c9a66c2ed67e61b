/* The rows of the database: what is written is read, and nothing else is taken
 * for a row. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static struct head
some_head(void)
{
	struct head h = {.state = STATE_LEASED,
	    .class = 2,
	    .lane = 1,
	    .destination = 15,
	    .refusals = 2,
	    .told = 1,
	    .day = 20000,
	    .length = 1048576 + 16384,
	    .slot = UINT64_C(0x0102030405060708)};

	memset(h.h, 0x5a, HASH_LEN);
	return h;
}

static struct receipt
some_receipt(void)
{
	struct receipt r = {.used = 1, .class = 1, .day = 4000000000U};

	memset(r.k, 1, HASH_LEN);
	memset(r.dup, 2, HASH_LEN);
	memset(r.c, 3, HASH_LEN);
	memset(r.h, 4, HASH_LEN);
	return r;
}

static struct entry
some_entry(size_t len)
{
	struct entry e = {.used = 1, .length = (uint16_t)len};

	memset(e.text, 'e', len);
	return e;
}

START_TEST(a_head_is_read_as_it_was_written)
{
	struct head h = some_head(), got;
	uint8_t row[HEAD_BYTES];

	head_encode(&h, 7, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 7, &got), RC_OK);
	ck_assert_int_eq(got.state, h.state);
	ck_assert_uint_eq(got.class, h.class);
	ck_assert_uint_eq(got.lane, h.lane);
	ck_assert_uint_eq(got.destination, h.destination);
	ck_assert_uint_eq(got.refusals, h.refusals);
	ck_assert_uint_eq(got.told, h.told);
	ck_assert_uint_eq(got.day, h.day);
	ck_assert_uint_eq(got.length, h.length);
	ck_assert_uint_eq(got.slot, h.slot);
	ck_assert_mem_eq(got.h, h.h, HASH_LEN);
}
END_TEST

START_TEST(a_receipt_is_read_as_it_was_written)
{
	struct receipt r = some_receipt(), got;
	uint8_t row[RECEIPT_BYTES];

	receipt_encode(&r, 7, row);
	ck_assert_int_eq(receipt_decode(row, sizeof(row), 7, &got), RC_OK);
	ck_assert_uint_eq(got.used, 1);
	ck_assert_uint_eq(got.damaged, 0);
	ck_assert_uint_eq(got.class, r.class);
	ck_assert_uint_eq(got.day, r.day);
	ck_assert_mem_eq(got.k, r.k, HASH_LEN);
	ck_assert_mem_eq(got.dup, r.dup, HASH_LEN);
	ck_assert_mem_eq(got.c, r.c, HASH_LEN);
	ck_assert_mem_eq(got.h, r.h, HASH_LEN);
}
END_TEST

START_TEST(an_entry_is_read_as_it_was_written)
{
	static const size_t lengths[] = {0, 1, 500, ENTRY_MOST};
	struct entry e = some_entry(lengths[_i]), got;
	uint8_t row[ENTRY_BYTES];

	entry_encode(&e, 7, row);
	ck_assert_int_eq(entry_decode(row, sizeof(row), 7, &got), RC_OK);
	ck_assert_uint_eq(got.used, 1);
	ck_assert_uint_eq(got.length, e.length);
	ck_assert_mem_eq(got.text, e.text, e.length);
	ck_assert_int_eq(got.text[got.length], '\0');
}
END_TEST

/* An unused row tells nothing about what was there before. */
START_TEST(an_unused_row_is_zeros_whatever_it_held)
{
	uint8_t row[ENTRY_BYTES], zero[ENTRY_BYTES] = {0};
	struct head h = some_head();
	struct receipt r = some_receipt();
	struct entry e = some_entry(300);

	h.state = STATE_FREE;
	r.used = e.used = 0;
	head_encode(&h, 1, row);
	ck_assert_mem_eq(row + 1, zero, HEAD_BYTES - 9);
	receipt_encode(&r, 1, row);
	ck_assert_mem_eq(row + 1, zero, RECEIPT_BYTES - 9);
	entry_encode(&e, 1, row);
	ck_assert_mem_eq(row + 1, zero, ENTRY_BYTES - 9);
}
END_TEST

START_TEST(any_flipped_bit_is_damage)
{
	struct head h = some_head();
	struct receipt r = some_receipt();
	struct entry e = some_entry(100);
	uint8_t row[ENTRY_BYTES];

	head_encode(&h, 9, row);
	for (size_t i = 0; i < (size_t)HEAD_BYTES * 8; i++) {
		row[i / 8] ^= (uint8_t)(1U << i % 8);
		ck_assert_int_eq(head_decode(row, HEAD_BYTES, 9, &h), RC_BAD);
		row[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	receipt_encode(&r, 9, row);
	for (size_t i = 0; i < (size_t)RECEIPT_BYTES * 8; i++) {
		row[i / 8] ^= (uint8_t)(1U << i % 8);
		ck_assert_int_eq(receipt_decode(row, RECEIPT_BYTES, 9, &r),
		    RC_BAD);
		row[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	entry_encode(&e, 9, row);
	for (size_t i = 0; i < (size_t)ENTRY_BYTES * 8; i++) {
		row[i / 8] ^= (uint8_t)(1U << i % 8);
		ck_assert_int_eq(entry_decode(row, ENTRY_BYTES, 9, &e), RC_BAD);
		row[i / 8] ^= (uint8_t)(1U << i % 8);
	}
}
END_TEST

START_TEST(a_row_of_another_place_or_kind_or_length_is_damage)
{
	struct head h = some_head();
	struct receipt r = some_receipt();
	struct entry e = some_entry(100);
	uint8_t row[ENTRY_BYTES] = {0};

	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, HEAD_BYTES, 10, &h), RC_BAD);
	ck_assert_int_eq(head_decode(row, HEAD_BYTES - 1, 9, &h), RC_BAD);
	ck_assert_int_eq(head_decode(row, HEAD_BYTES + 1, 9, &h), RC_BAD);
	ck_assert_int_eq(head_decode(NULL, 0, 9, &h), RC_BAD);
	ck_assert_int_eq(receipt_decode(row, RECEIPT_BYTES, 9, &r), RC_BAD);
	receipt_encode(&r, 9, row);
	ck_assert_int_eq(receipt_decode(row, RECEIPT_BYTES, 8, &r), RC_BAD);
	ck_assert_int_eq(receipt_decode(row, RECEIPT_BYTES - 8, 9, &r), RC_BAD);
	ck_assert_int_eq(receipt_decode(NULL, 0, 9, &r), RC_BAD);
	entry_encode(&e, 9, row);
	ck_assert_int_eq(entry_decode(row, ENTRY_BYTES, 0, &e), RC_BAD);
	ck_assert_int_eq(entry_decode(row, ENTRY_BYTES - 1, 9, &e), RC_BAD);
	ck_assert_int_eq(entry_decode(NULL, 0, 9, &e), RC_BAD);
}
END_TEST

/* A right checksum over a wrong value: written by another version of us. */
START_TEST(values_that_can_not_be_are_damage)
{
	uint8_t row[HEAD_BYTES];
	struct head h, got;

	h = some_head();
	h.state = (enum state)(STATE_DEAD + 1);
	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 9, &got), RC_BAD);
	h = some_head();
	h.class = CLASS_COUNT;
	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 9, &got), RC_BAD);
	h = some_head();
	h.lane = LANE_FAST + 1;
	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 9, &got), RC_BAD);
	h = some_head();
	h.destination = MAX_DESTINATIONS;
	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 9, &got), RC_BAD);
	h = some_head();
	h.length++;
	head_encode(&h, 9, row);
	ck_assert_int_eq(head_decode(row, sizeof(row), 9, &got), RC_BAD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue rows");
	TCase *t = tcase_create("rows");
	SRunner *runner;
	int failed;

	tcase_add_test(t, a_head_is_read_as_it_was_written);
	tcase_add_test(t, a_receipt_is_read_as_it_was_written);
	tcase_add_loop_test(t, an_entry_is_read_as_it_was_written, 0, 4);
	tcase_add_test(t, an_unused_row_is_zeros_whatever_it_held);
	tcase_add_test(t, any_flipped_bit_is_damage);
	tcase_add_test(t, a_row_of_another_place_or_kind_or_length_is_damage);
	tcase_add_test(t, values_that_can_not_be_are_damage);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
