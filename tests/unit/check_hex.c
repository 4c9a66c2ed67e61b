/* Hexadecimal: exactly the digits asked for, and nothing else. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

START_TEST(every_byte_goes_there_and_back)
{
	uint8_t data[256], back[256];
	char text[513];

	for (size_t i = 0; i < 256; i++)
		data[i] = (uint8_t)i;
	memset(text, 'Z', sizeof(text));
	hex_encode(data, 256, text);
	ck_assert_uint_eq(strlen(text), 512);
	ck_assert_uint_eq(strspn(text, "0123456789abcdef"), 512);
	ck_assert_int_eq(strncmp(text, "000102", 6), 0);
	ck_assert_str_eq(text + 506, "fdfeff");
	ck_assert_int_eq(hex_decode(text, back, 256), RC_OK);
	ck_assert_mem_eq(data, back, 256);
}
END_TEST

START_TEST(both_cases_are_read)
{
	uint8_t out[4];

	ck_assert_int_eq(hex_decode("dEaDBeeF", out, 4), RC_OK);
	ck_assert_mem_eq(out, "\xde\xad\xbe\xef", 4);
	ck_assert_int_eq(hex_decode("", out, 0), RC_OK);
}
END_TEST

START_TEST(every_other_character_is_bad)
{
	uint8_t out[1];
	char text[3] = "00";

	for (int c = 1; c < 256; c++) {
		int good = strchr("0123456789abcdefABCDEF", c) != NULL;

		for (int place = 0; place < 2; place++) {
			text[0] = text[1] = '0';
			text[place] = (char)c;
			ck_assert_int_eq(hex_decode(text, out, 1),
			    good ? RC_OK : RC_BAD);
		}
	}
}
END_TEST

START_TEST(too_short_or_too_long_is_bad)
{
	uint8_t out[2];

	ck_assert_int_eq(hex_decode("", out, 2), RC_BAD);
	ck_assert_int_eq(hex_decode("a", out, 2), RC_BAD);
	ck_assert_int_eq(hex_decode("abc", out, 2), RC_BAD);
	ck_assert_int_eq(hex_decode("abcd", out, 2), RC_OK);
	ck_assert_int_eq(hex_decode("abcd ", out, 2), RC_BAD);
	ck_assert_int_eq(hex_decode("abcde", out, 2), RC_BAD);
	ck_assert_int_eq(hex_decode("0", out, 0), RC_BAD);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hex");
	TCase *t = tcase_create("hexadecimal");
	SRunner *r;
	int failed;

	tcase_add_test(t, every_byte_goes_there_and_back);
	tcase_add_test(t, both_cases_are_read);
	tcase_add_test(t, every_other_character_is_bad);
	tcase_add_test(t, too_short_or_too_long_is_bad);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
