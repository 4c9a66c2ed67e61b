/* Settings for a role: a line that is not one ends the start, and a number is
 * a number or an error. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "setup.h"

static struct setup *
parsed(const char *text)
{
	struct setup *s = NULL;

	ck_assert_int_eq(setup_parse(text, strlen(text), &s), RC_OK);
	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(values_are_found_by_their_key)
{
	struct setup *s = parsed("spare 4\nname a b  c\nempty \nlast 9\n");

	ck_assert_str_eq(setup_text(s, "spare", "x"), "4");
	ck_assert_str_eq(setup_text(s, "name", "x"), "a b  c");
	ck_assert_str_eq(setup_text(s, "empty", "x"), "");
	ck_assert_str_eq(setup_text(s, "last", "x"), "9");
	ck_assert_str_eq(setup_text(s, "missing", "x"), "x");
	/* a value is never taken for a key */
	ck_assert_ptr_null(setup_text(s, "4", NULL));
	ck_assert_ptr_null(setup_text(s, "a", NULL));
	setup_free(s);
	setup_free(NULL);
}
END_TEST

START_TEST(no_settings_are_settings)
{
	struct setup *s = NULL;

	ck_assert_int_eq(setup_parse(NULL, 0, &s), RC_OK);
	ck_assert_ptr_null(setup_text(s, "", NULL));
	setup_free(s);
}
END_TEST

START_TEST(a_malformed_line_is_bad)
{
	static const char *const lines[] = {
	    "key",
	    "key\n",
	    "key value",
	    " value\n",
	    "\n",
	    "good 1\n\n",
	    "good 1\nbad\n",
	    "good 1\nbad 2",
	};
	struct setup *s = NULL;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_int_eq(setup_parse(lines[i], strlen(lines[i]), &s),
		    RC_BAD);
	ck_assert_int_eq(setup_parse("key va\0ue\n", 10, &s), RC_BAD);
	ck_assert_int_eq(setup_parse("k\0y value\n", 10, &s), RC_BAD);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(too_much_is_refused)
{
	char *text = malloc(70000);
	struct setup *s = NULL;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', 70000);
	text[1] = ' ';
	text[65535] = '\n';
	ck_assert_int_eq(setup_parse(text, 65537, &s), RC_LIMIT);
	ck_assert_int_eq(setup_parse(text, 65536, &s), RC_OK);
	setup_free(s);
	free(text);
}
END_TEST

START_TEST(a_number_is_a_number_in_its_range)
{
	static const char *const wrong[] = {"", " 5", "5 ", "+5", "five", "5x",
	    "0x10", "1e3", "5.0", "-", "101", "-1", "99999999999999999999"};
	int64_t v = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64];
		struct setup *s;

		snprintf(line, sizeof(line), "n %s\n", wrong[i]);
		s = parsed(line);
		ck_assert_int_eq(setup_number(s, "n", 0, 100, &v), RC_CONFIG);
		ck_assert_int_eq(v, 77);
		setup_free(s);
	}
}
END_TEST

START_TEST(a_missing_number_is_no_silent_default)
{
	struct setup *s = parsed("low 0\nhigh 100\nminus -3\n");
	int64_t v = 77;

	ck_assert_int_eq(setup_number(s, "n", 0, 100, &v), RC_NOTFOUND);
	ck_assert_int_eq(v, 77);
	ck_assert_int_eq(setup_number(s, "low", 0, 100, &v), RC_OK);
	ck_assert_int_eq(v, 0);
	ck_assert_int_eq(setup_number(s, "high", 0, 100, &v), RC_OK);
	ck_assert_int_eq(v, 100);
	ck_assert_int_eq(setup_number(s, "minus", -3, 100, &v), RC_OK);
	ck_assert_int_eq(v, -3);
	setup_free(s);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct buf *b = buf_new(1000);
	struct setup *s;
	int64_t v = 0;
	int fd;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(setup_add(b, "name", "two words"), RC_OK);
	ck_assert_int_eq(setup_add_number(b, "n", INT64_MIN), RC_OK);
	ck_assert_int_eq(setup_add_number(b, "m", INT64_MAX), RC_OK);
	ck_assert_int_eq(sealed_memfd("setup", buf_data(b), buf_len(b), &fd),
	    RC_OK);
	ck_assert_int_eq(setup_read(fd, &s), RC_OK);
	ck_assert_str_eq(setup_text(s, "name", ""), "two words");
	ck_assert_int_eq(setup_number(s, "n", INT64_MIN, INT64_MAX, &v), RC_OK);
	ck_assert(v == INT64_MIN);
	ck_assert_int_eq(setup_number(s, "m", INT64_MIN, INT64_MAX, &v), RC_OK);
	ck_assert(v == INT64_MAX);
	setup_free(s);
	close(fd);
	buf_free(b);
}
END_TEST

START_TEST(a_line_that_could_not_be_read_is_not_written)
{
	struct buf *b = buf_new(1000);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(setup_add(b, "", "v"), RC_BAD);
	ck_assert_int_eq(setup_add(b, "a b", "v"), RC_BAD);
	ck_assert_int_eq(setup_add(b, "a\nb", "v"), RC_BAD);
	ck_assert_int_eq(setup_add(b, "a", "v\nspare 9"), RC_BAD);
	ck_assert_int_eq(setup_add_number(b, "a b", 1), RC_BAD);
	ck_assert_int_eq(setup_add_number(b, "", 1), RC_BAD);
	ck_assert_uint_eq(buf_len(b), 0);
	buf_free(b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("setup");
	TCase *t = tcase_create("settings");
	SRunner *r;
	int failed;

	tcase_add_test(t, values_are_found_by_their_key);
	tcase_add_test(t, no_settings_are_settings);
	tcase_add_test(t, a_malformed_line_is_bad);
	tcase_add_test(t, too_much_is_refused);
	tcase_add_test(t, a_number_is_a_number_in_its_range);
	tcase_add_test(t, a_missing_number_is_no_silent_default);
	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, a_line_that_could_not_be_read_is_not_written);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
