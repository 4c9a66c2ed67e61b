/* Archives: what is not one is refused whole, and sealed bytes stay. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"

static enum rc
read_bytes(const void *data, size_t len, struct archive **out)
{
	enum rc rc;
	int fd;

	*out = NULL;
	ck_assert_int_eq(sealed_memfd("archive", data, len, &fd), RC_OK);
	rc = archive_read(fd, out);
	close(fd);
	if (rc != RC_OK)
		ck_assert_ptr_null(*out);
	return rc;
}

START_TEST(what_is_added_is_found)
{
	static const uint8_t binary[] = {0, '\n', 255, ' ', 0};
	struct buf *b = buf_new(1000);
	const uint8_t *data;
	struct archive *a;
	size_t len;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(archive_add(b, "one/two.pem", "text", 4), RC_OK);
	ck_assert_int_eq(archive_add(b, "empty", "", 0), RC_OK);
	ck_assert_int_eq(archive_add(b, "b_3-x", binary, sizeof(binary)),
	    RC_OK);
	ck_assert_int_eq(read_bytes(buf_data(b), buf_len(b), &a), RC_OK);
	ck_assert_uint_eq(archive_count(a), 3);
	ck_assert_str_eq(archive_name(a, 0), "one/two.pem");
	ck_assert_str_eq(archive_name(a, 2), "b_3-x");
	ck_assert_int_eq(archive_get(a, "b_3-x", &data, &len), RC_OK);
	ck_assert_uint_eq(len, sizeof(binary));
	ck_assert_mem_eq(data, binary, sizeof(binary));
	ck_assert_int_eq(data[len], 0);
	ck_assert_int_eq(archive_get(a, "empty", &data, &len), RC_OK);
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq((const char *)archive_data(a, 0, &len), "text");
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(archive_get(a, "one", &data, &len), RC_NOTFOUND);
	ck_assert_int_eq(archive_get(a, "", &data, &len), RC_NOTFOUND);
	archive_free(a);
	archive_free(NULL);
	buf_free(b);
}
END_TEST

START_TEST(nothing_is_an_archive_of_nothing)
{
	struct archive *a;

	ck_assert_int_eq(read_bytes("", 0, &a), RC_OK);
	ck_assert_uint_eq(archive_count(a), 0);
	archive_free(a);
}
END_TEST

START_TEST(what_is_malformed_is_bad)
{
	static const char *const wrong[] = {
	    "\n", " 1\nx\n", "a\n", "a 1", "a 1\n",
	    "a 1\nx",            /* no closing newline */
	    "a 1\nxx",           /* nor here */
	    "a 2\nx\n",          /* longer than the rest */
	    "a 0\n", "a 0\nx\n", /* shorter than what is there */
	    "a 999999999\nx\n", "a 1000000000\nx\n",
	    "a 18446744073709551617\nx\n", "a -1\nx\n", "a +1\nx\n",
	    "a  1\nx\n", "a 1 \nx\n", "a \nx\n", "a b 1\nx\n", "a* 1\nx\n",
	    "a 1\nx\ntrail", "a 1\nx\na 1\ny\n", /* which of them? */
	};
	struct archive *a;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(read_bytes(wrong[i], strlen(wrong[i]), &a) ==
				  RC_BAD,
		    "number %zu was taken", i);
	ck_assert_int_eq(read_bytes("a\0b 1\nx\n", 8, &a), RC_BAD);
}
END_TEST

START_TEST(every_cut_archive_is_bad)
{
	static const char whole[] = "one 3\nabc\ntwo 5\n12345\n";
	struct archive *a;

	for (size_t len = 1; len < sizeof(whole) - 1; len++) {
		/* cut between the two entries it is an archive of one */
		ck_assert_int_eq(read_bytes(whole, len, &a),
		    len == 10 ? RC_OK : RC_BAD);
		archive_free(a);
	}
	ck_assert_int_eq(read_bytes(whole, sizeof(whole) - 1, &a), RC_OK);
	archive_free(a);
}
END_TEST

START_TEST(names_have_their_alphabet_and_length)
{
	struct buf *b = buf_new(1000);
	char name[65];

	ck_assert_ptr_nonnull(b);
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	ck_assert_int_eq(archive_add(b, name, "x", 1), RC_BAD);
	ck_assert_int_eq(archive_add(b, "", "x", 1), RC_BAD);
	ck_assert_int_eq(archive_add(b, "a b", "x", 1), RC_BAD);
	ck_assert_int_eq(archive_add(b, "a\n", "x", 1), RC_BAD);
	ck_assert_uint_eq(buf_len(b), 0);
	name[63] = '\0';
	ck_assert_int_eq(archive_add(b, name, "x", 1), RC_OK);
	buf_free(b);
}
END_TEST

START_TEST(an_entry_without_room_leaves_no_half)
{
	struct buf *b = buf_new(20);
	struct archive *a;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(archive_add(b, "a", "12345", 5), RC_OK);
	for (size_t len = 6; len < 20; len++)
		ck_assert_int_eq(archive_add(b, "b", "12345678901234567890",
				     len),
		    RC_LIMIT);
	ck_assert_int_eq(read_bytes(buf_data(b), buf_len(b), &a), RC_OK);
	ck_assert_uint_eq(archive_count(a), 1);
	archive_free(a);
	buf_free(b);
}
END_TEST

START_TEST(too_many_or_too_much_is_refused)
{
	struct buf *b = buf_new((size_t)17 * 1024 * 1024);
	struct archive *a;

	ck_assert_ptr_nonnull(b);
	for (int i = 0; i < 256; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		ck_assert_int_eq(archive_add(b, name, "x", 1), RC_OK);
	}
	ck_assert_int_eq(read_bytes(buf_data(b), buf_len(b), &a), RC_OK);
	ck_assert_uint_eq(archive_count(a), 256);
	archive_free(a);
	ck_assert_int_eq(archive_add(b, "more", "x", 1), RC_OK);
	ck_assert_int_eq(read_bytes(buf_data(b), buf_len(b), &a), RC_LIMIT);
	buf_clear(b);
	ck_assert_int_eq(buf_fill(b, 'x', 16 * 1024 * 1024 + 1), RC_OK);
	ck_assert_int_eq(read_bytes(buf_data(b), buf_len(b), &a), RC_LIMIT);
	buf_free(b);
}
END_TEST

START_TEST(sealed_bytes_stay_as_they_are)
{
	char text[5] = "";
	int fd;

	ck_assert_int_eq(sealed_memfd("sealed", "text", 4, &fd), RC_OK);
	ck_assert_int_eq(pwrite(fd, "x", 1, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	ck_assert_int_eq(ftruncate(fd, 10), -1);
	ck_assert_int_eq(pread(fd, text, 5, 0), 4);
	ck_assert_str_eq(text, "text");
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("archive");
	TCase *t = tcase_create("archives");
	SRunner *r;
	int failed;

	tcase_add_test(t, what_is_added_is_found);
	tcase_add_test(t, nothing_is_an_archive_of_nothing);
	tcase_add_test(t, what_is_malformed_is_bad);
	tcase_add_test(t, every_cut_archive_is_bad);
	tcase_add_test(t, names_have_their_alphabet_and_length);
	tcase_add_test(t, an_entry_without_room_leaves_no_half);
	tcase_add_test(t, too_many_or_too_much_is_refused);
	tcase_add_test(t, sealed_bytes_stay_as_they_are);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
