/* Memory for reports: blocks, what freeing cleanses, and what the last wipe
 * reaches. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { SPACE = 1 << 20, BLOCK = 200, LARGE = 5000 };

static void
open_arena(void)
{
	ck_assert_int_eq(arena_open(SPACE), RC_OK);
}

static int
all_are(const uint8_t *p, uint8_t byte, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != byte)
			return 0;
	}
	return 1;
}

START_TEST(blocks_are_aligned_and_as_large_as_asked)
{
	for (size_t size = 0; size < LARGE; size += 7) {
		void *p = arena_alloc(size);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		ck_assert_uint_ge(arena_size(p), size);
		arena_free(p);
	}
}
END_TEST

START_TEST(there_is_no_more_than_the_maximum)
{
	ck_assert_ptr_null(arena_alloc(SPACE + 1));
	ck_assert_ptr_null(arena_alloc(SIZE_MAX));
	ck_assert_ptr_nonnull(arena_alloc(SPACE / 4));
	ck_assert_ptr_null(arena_alloc(SPACE - SPACE / 8));
}
END_TEST

START_TEST(a_freed_block_is_cleansed)
{
	uint8_t *p = arena_alloc(BLOCK);

	memset(p, 's', BLOCK);
	arena_free(p);
	ck_assert_ptr_eq(arena_alloc(BLOCK), p);
	ck_assert(all_are(p, 0, BLOCK));
}
END_TEST

START_TEST(the_place_that_realloc_left_is_cleansed)
{
	uint8_t *p = arena_alloc(BLOCK), *q;

	memset(p, 's', BLOCK);
	q = arena_realloc(p, LARGE);
	ck_assert_ptr_ne(q, p);
	ck_assert(all_are(q, 's', BLOCK));
	ck_assert(all_are(p, 0, BLOCK));
}
END_TEST

START_TEST(wipe_cleanses_every_block_since_the_seal)
{
	uint8_t *warm = arena_alloc(BLOCK), *left = arena_alloc(BLOCK), *p, *q;

	memset(warm, 'w', BLOCK);
	arena_free(left);
	arena_seal();
	p = arena_alloc(BLOCK);
	q = arena_alloc(LARGE);
	/* not among the warm ones, though one of them is free */
	ck_assert_ptr_ne(p, left);
	memset(p, 's', BLOCK);
	memset(q, 's', LARGE);
	arena_wipe();
	ck_assert(all_are(p, 0, BLOCK));
	ck_assert(all_are(q, 0, LARGE));
	ck_assert(all_are(warm, 'w', BLOCK));
}
END_TEST

START_TEST(a_warm_block_takes_nothing_new)
{
	uint8_t *warm = arena_alloc(BLOCK), *moved = arena_alloc(BLOCK), *p;

	memset(warm, 'w', BLOCK);
	memset(moved, 'm', BLOCK);
	arena_seal();
	arena_free(warm);
	ck_assert(all_are(warm, 0, BLOCK));
	ck_assert_ptr_ne(arena_alloc(BLOCK), warm);
	p = arena_realloc(moved, BLOCK / 2);
	ck_assert_ptr_ne(p, moved);
	ck_assert(all_are(p, 'm', BLOCK / 2));
	ck_assert(all_are(moved, 0, BLOCK));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("arena");
	TCase *t = tcase_create("arena");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, open_arena, NULL);
	tcase_add_test(t, blocks_are_aligned_and_as_large_as_asked);
	tcase_add_test(t, there_is_no_more_than_the_maximum);
	tcase_add_test(t, a_freed_block_is_cleansed);
	tcase_add_test(t, the_place_that_realloc_left_is_cleansed);
	tcase_add_test(t, wipe_cleanses_every_block_since_the_seal);
	tcase_add_test(t, a_warm_block_takes_nothing_new);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
