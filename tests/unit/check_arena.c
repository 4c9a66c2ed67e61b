/* Memory for reports: blocks, what freeing cleanses, and what the last wipe
 * reaches. */
#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { SPACE = 16 << 20, BLOCK = 200, LARGE = 5000 };

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

/* A few thousand blocks that come, change and go at random. */
enum { SLOTS = 64, TURNS = 20000 };
struct slot {
	uint8_t *p;
	size_t size;
	uint8_t byte;
};

static void
check_slot(const struct slot *s)
{
	ck_assert_uint_eq((uintptr_t)s->p % 16, 0);
	ck_assert_uint_ge(arena_size(s->p), s->size);
	ck_assert(all_are(s->p, s->byte, s->size));
}

static size_t
some_size(void)
{
	/* mostly small, as libxml2's are */
	return random() % 8 == 0 ? (size_t)random() % 70000
				 : (size_t)random() % 2000;
}

static void
change(struct slot *s)
{
	size_t size = some_size(), kept = size < s->size ? size : s->size;
	uint8_t byte = (uint8_t)(1 + random() % 255);

	check_slot(s);
	if (s->p == NULL || random() % 3 != 0) {
		arena_free(s->p);
		s->p = arena_alloc(size);
		kept = 0;
	} else {
		s->p = arena_realloc(s->p, size);
	}
	ck_assert_ptr_nonnull(s->p);
	ck_assert(all_are(s->p, s->byte, kept));
	s->size = size;
	s->byte = byte;
	memset(s->p, byte, arena_size(s->p));
}

START_TEST(blocks_keep_their_bytes_and_never_overlap)
{
	struct slot slots[SLOTS] = {{NULL, 0, 0}};

	srandom(1);
	for (int i = 0; i < TURNS; i++) {
		/* as after warming up: some blocks are older than the seal */
		if (i == TURNS / 2)
			arena_seal();
		change(&slots[random() % SLOTS]);
	}
	for (int i = 0; i < SLOTS; i++)
		check_slot(&slots[i]);
}
END_TEST

START_TEST(the_space_ends_and_comes_back)
{
	enum { PIECE = 4096, MOST = SPACE / PIECE };
	static void *all[MOST];
	size_t n = 0, again = 0;

	while (n < MOST && (all[n] = arena_alloc(PIECE)) != NULL)
		n++;
	ck_assert_uint_gt(n, MOST - MOST / 100 - 16);
	ck_assert_uint_lt(n, MOST);
	for (size_t i = 0; i < n; i++)
		arena_free(all[i]);
	while (again < MOST && arena_alloc(PIECE) != NULL)
		again++;
	ck_assert_uint_eq(again, n);
}
END_TEST

static void
on_alarm(int number)
{
	(void)number;
	// NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c) its promise
	arena_wipe();
}

START_TEST(a_deadline_can_wipe)
{
	uint8_t *p = arena_alloc(LARGE);

	memset(p, 's', LARGE);
	ck_assert(signal(SIGALRM, on_alarm) != SIG_ERR);
	ck_assert_int_eq(raise(SIGALRM), 0);
	ck_assert(all_are(p, 0, LARGE));
}
END_TEST

/* The VmFlags of the mapping that p is in. */
static void
flags_of(const void *p, char *out, size_t size)
{
	uintptr_t at = (uintptr_t)p;
	char line[512], *end;
	int inside = 0;
	FILE *f = fopen("/proc/self/smaps", "re");

	ck_assert_ptr_nonnull(f);
	*out = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		uintptr_t from = strtoull(line, &end, 16);

		if (*end == '-')
			inside = from <= at && at < strtoull(end + 1, NULL, 16);
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			(void)snprintf(out, size, "%s", line);
	}
	(void)fclose(f);
}

START_TEST(its_memory_is_never_dumped)
{
	char flags[512];

	flags_of(arena_alloc(1), flags, sizeof(flags));
	ck_assert_msg(strstr(flags, " dd ") != NULL, "%s", flags);
}
END_TEST

START_TEST(there_is_nothing_before_it_is_opened)
{
	ck_assert_ptr_null(arena_alloc(1));
	ck_assert_ptr_null(arena_alloc(0));
	ck_assert_ptr_null(arena_realloc(NULL, 1));
	arena_free(NULL);
	arena_wipe();
	ck_assert_uint_eq(arena_size(NULL), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("arena");
	TCase *before = tcase_create("before"), *t = tcase_create("arena");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, open_arena, NULL);
	tcase_add_test(t, blocks_are_aligned_and_as_large_as_asked);
	tcase_add_test(t, there_is_no_more_than_the_maximum);
	tcase_add_test(t, a_freed_block_is_cleansed);
	tcase_add_test(t, the_place_that_realloc_left_is_cleansed);
	tcase_add_test(t, wipe_cleanses_every_block_since_the_seal);
	tcase_add_test(t, a_warm_block_takes_nothing_new);
	tcase_add_test(t, blocks_keep_their_bytes_and_never_overlap);
	tcase_add_test(t, the_space_ends_and_comes_back);
	tcase_add_test(t, a_deadline_can_wipe);
	tcase_add_test(t, its_memory_is_never_dumped);
	tcase_set_timeout(t, 30);
	tcase_add_test(before, there_is_nothing_before_it_is_opened);
	suite_add_tcase(s, before);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
