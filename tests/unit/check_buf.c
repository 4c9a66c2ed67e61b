/* A buffer never passes its maximum, and a refused append changes nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

START_TEST(a_buffer_always_has_a_maximum)
{
	ck_assert_ptr_null(buf_new(0));
}
END_TEST

START_TEST(nothing_passes_the_maximum)
{
	static const size_t maxima[] = {1, 2, 255, 256, 257, 1000, 65536};

	for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		size_t max = maxima[i];
		struct buf *b = buf_new(max);

		ck_assert_ptr_nonnull(b);
		for (size_t n = 0; n < max; n++) {
			ck_assert_uint_eq(buf_room(b), max - n);
			ck_assert_int_eq(buf_add(b, "x", 1), RC_OK);
		}
		ck_assert_uint_eq(buf_len(b), max);
		ck_assert_uint_eq(buf_room(b), 0);
		ck_assert_int_eq(buf_add(b, "y", 1), RC_LIMIT);
		ck_assert_int_eq(buf_add_text(b, "y"), RC_LIMIT);
		ck_assert_int_eq(buf_addf(b, "%d", 1), RC_LIMIT);
		ck_assert_int_eq(buf_fill(b, 'y', 1), RC_LIMIT);
		ck_assert_int_eq(buf_fill(b, 'y', SIZE_MAX), RC_LIMIT);
		ck_assert_uint_eq(buf_len(b), max);
		ck_assert_ptr_null(memchr(buf_data(b), 'y', max));
		/* nothing is always room for nothing */
		ck_assert_int_eq(buf_add(b, NULL, 0), RC_OK);
		buf_free(b);
	}
}
END_TEST

START_TEST(a_refused_append_adds_nothing)
{
	struct buf *b = buf_new(10);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(buf_add_text(b, "12345678"), RC_OK);
	ck_assert_int_eq(buf_add_text(b, "abc"), RC_LIMIT);
	ck_assert_uint_eq(buf_len(b), 8);
	ck_assert_int_eq(buf_add_text(b, "90"), RC_OK);
	ck_assert_mem_eq(buf_data(b), "1234567890", 10);
	buf_free_secret(b);
}
END_TEST

START_TEST(content_survives_growing)
{
	struct buf *b = buf_new(100000);

	ck_assert_ptr_nonnull(b);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(buf_addf(b, "%05d,", i), RC_OK);
	ck_assert_uint_eq(buf_len(b), 60000);
	ck_assert_mem_eq(buf_data(b), "00000,00001,", 12);
	ck_assert_mem_eq(buf_data(b) + 59994, "09999,", 6);
	buf_free(b);
}
END_TEST

START_TEST(printing_has_a_limit_of_its_own)
{
	char text[4097];
	struct buf *b = buf_new(10000);

	ck_assert_ptr_nonnull(b);
	memset(text, 'a', sizeof(text));
	text[4096] = '\0';
	ck_assert_int_eq(buf_addf(b, "%s", text), RC_LIMIT);
	ck_assert_uint_eq(buf_len(b), 0);
	text[4095] = '\0';
	ck_assert_int_eq(buf_addf(b, "%s", text), RC_OK);
	ck_assert_uint_eq(buf_len(b), 4095);
	ck_assert_int_eq(buf_addf(b, "%s", ""), RC_OK);
	buf_free(b);
}
END_TEST

START_TEST(what_is_cut_off_is_cleansed)
{
	struct buf *b = buf_new(100);
	const uint8_t *p;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(buf_add_text(b, "secret words"), RC_OK);
	p = buf_data(b);
	buf_truncate(b, 100); /* beyond the content: nothing */
	ck_assert_uint_eq(buf_len(b), 12);
	buf_truncate(b, 6);
	ck_assert_uint_eq(buf_len(b), 6);
	ck_assert_mem_eq(p, "secret\0\0\0\0\0\0", 12);
	buf_clear(b);
	ck_assert_uint_eq(buf_len(b), 0);
	ck_assert_mem_eq(p, "\0\0\0\0\0\0", 6);
	ck_assert_int_eq(buf_add_text(b, "new"), RC_OK);
	ck_assert_mem_eq(buf_data(b), "new", 3);
	buf_free(b);
}
END_TEST

START_TEST(an_empty_buffer_has_data_to_point_at)
{
	struct buf *b = buf_new(1);

	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(buf_data(b));
	ck_assert_uint_eq(buf_len(b), 0);
	buf_clear(b);
	buf_truncate(b, 0);
	buf_free(b);
	buf_free(NULL);
	buf_free_secret(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("buf");
	TCase *t = tcase_create("buffers");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_buffer_always_has_a_maximum);
	tcase_add_test(t, nothing_passes_the_maximum);
	tcase_add_test(t, a_refused_append_adds_nothing);
	tcase_add_test(t, content_survives_growing);
	tcase_add_test(t, printing_has_a_limit_of_its_own);
	tcase_add_test(t, what_is_cut_off_is_cleansed);
	tcase_add_test(t, an_empty_buffer_has_data_to_point_at);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
