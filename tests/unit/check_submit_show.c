/* Nothing from the network reaches a terminal raw. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

static char *
shown_as(void (*show)(FILE *, const char *), const char *text)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(f);
	show(f, text);
	ck_assert_int_eq(fclose(f), 0);
	return out;
}

START_TEST(text_of_a_gateway_is_ascii)
{
	char every[256], *out, cut[4];

	for (int c = 1; c < 256; c++)
		every[c - 1] = (char)c;
	every[255] = '\0';
	out = shown_as(show_text, every);
	ck_assert_uint_eq(strlen(out), 255);
	for (int c = 1; c < 256; c++)
		ck_assert_int_eq(out[c - 1], c >= 32 && c < 127 ? c : '?');
	free(out);
	/* U+009B in UTF-8 begins a sequence as ESC [ does */
	out = shown_as(show_text, "\xc2\x9b"
				  "2Jgone");
	ck_assert_str_eq(out, "??2Jgone");
	free(out);
	show_plain(cut, sizeof(cut),
	    "a\x9b"
	    "bcd");
	ck_assert_str_eq(cut, "a?b");
}
END_TEST

START_TEST(names_of_files_stay_readable_and_harmless)
{
	static const char *const names[][2] = {{"Zo\u00eb.xml", "Zo\u00eb.xml"},
	    {"a\xc2\x9b"
	     "2J",
		"a?2J"},
	    {"a\x9b"
	     "2J",
		"a?2J"},
	    {"a\x1b[2J", "a?[2J"}, {"a\nb\x7f", "a?b?"},
	    {"\u202etxt.exe", "?txt.exe"}, {"\xe2\x82", "??"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *out = shown_as(show_name, names[i][0]);

		ck_assert_str_eq(out, names[i][1]);
		free(out);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_show");
	TCase *t = tcase_create("show");
	SRunner *r;
	int failed;

	tcase_add_test(t, text_of_a_gateway_is_ascii);
	tcase_add_test(t, names_of_files_stay_readable_and_harmless);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
