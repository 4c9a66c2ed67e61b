/* UTF-8: what RFC 3629 forbids is found, and no character hides. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

START_TEST(every_code_point_reads_back)
{
	uint8_t p[4];
	uint32_t v, got;
	size_t n;

	for (v = 0; v <= 0x10ffff; v++) {
		if (v >= 0xd800 && v <= 0xdfff)
			continue;
		if (v < 0x80)
			p[0] = (uint8_t)v, n = 1;
		else if (v < 0x800)
			p[0] = (uint8_t)(0xc0 | v >> 6),
			p[1] = (uint8_t)(0x80 | (v & 0x3f)), n = 2;
		else if (v < 0x10000)
			p[0] = (uint8_t)(0xe0 | v >> 12),
			p[1] = (uint8_t)(0x80 | (v >> 6 & 0x3f)),
			p[2] = (uint8_t)(0x80 | (v & 0x3f)), n = 3;
		else
			p[0] = (uint8_t)(0xf0 | v >> 18),
			p[1] = (uint8_t)(0x80 | (v >> 12 & 0x3f)),
			p[2] = (uint8_t)(0x80 | (v >> 6 & 0x3f)),
			p[3] = (uint8_t)(0x80 | (v & 0x3f)), n = 4;
		/* each assertion of Check costs a write to a file */
		if (utf8_next(p, n, &got) != n || got != v ||
		    utf8_next(p, n - 1, &got) != 0)
			ck_abort_msg("U+%04X", v);
	}
}
END_TEST

START_TEST(what_is_not_utf8_is_found_where_it_is)
{
	static const struct {
		const char *bytes;
		size_t bad;
	} samples[] = {{"abc\xff", 3}, {"\xc0\x80", 0},
	    {"ab\xc1\xbf", 2},                                /* overlong */
	    {"\xe0\x80\x80", 0}, {"\xed\xa0\x80", 0},         /* surrogate */
	    {"\xf0\x80\x80\x80", 0}, {"\xf4\x90\x80\x80", 0}, /* too large */
	    {"\xf5\x80\x80\x80", 0}, {"12345678\x80", 8},
	    {"1234567890123456\xe2\x82", 16}, /* cut */
	    {"\xe2\x28\xa1", 0}};
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		ck_assert_uint_eq(utf8_check((const uint8_t *)samples[i].bytes,
				      strlen(samples[i].bytes)),
		    samples[i].bad);
	ck_assert_uint_eq(utf8_check((const uint8_t *)"d\xc3\xa9j\xc3\xa0 vu "
						      "\xf0\x9f\x9a\x93",
			      14),
	    14);
}
END_TEST

START_TEST(hidden_characters_are_hidden)
{
	static const uint32_t hidden[] = {0x09, 0x0d, 0x200b, 0x200c, 0x200d,
	    0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xad,
	    0xe0041};
	static const uint32_t forbidden[] = {0x7f, 0x80, 0x9f, 0xe000, 0xf8ff,
	    0xfdd0, 0x1ffff, 0x10fffd, 0x2028, 0xfffd};
	static const uint32_t fine[] = {
	    ' ', 'A', '\n', 0xa0, 0xe9, 0x2019, 0x2013, 0x20ac, 0x1f693};
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		ck_assert_int_eq(character_kind(hidden[i]), CHARACTER_HIDDEN);
	for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		ck_assert_int_eq(character_kind(forbidden[i]),
		    CHARACTER_FORBIDDEN);
	for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		ck_assert_int_eq(character_kind(fine[i]), CHARACTER_FINE);
}
END_TEST

/* Unicode 15, Default_Ignorable_Code_Point: what is not drawn can carry
 * anything. */
START_TEST(nothing_that_is_not_drawn_is_fine)
{
	static const uint32_t ranges[][2] = {{0xad, 0xad}, {0x34f, 0x34f},
	    {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	    {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e},
	    {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},
	    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfff8},
	    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
	static const uint32_t beside[] = {
	    0xfdff, 0xfe10, 0x1bc9f, 0x1bca4, 0x1d172, 0x1d17b};
	uint32_t v;
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (v = ranges[i][0]; v <= ranges[i][1]; v++)
			if (character_kind(v) == CHARACTER_FINE)
				ck_abort_msg("U+%04X", v);
	for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		ck_assert_int_eq(character_kind(beside[i]), CHARACTER_FINE);
}
END_TEST

/* XML 1.0, 2.2 Char. */
START_TEST(what_xml_forbids_is_told_apart)
{
	uint32_t v;

	for (v = 0; v < 0x20; v++)
		ck_assert_int_eq(character_kind(v) == CHARACTER_NO_XML,
		    v != 0x09 && v != 0x0a && v != 0x0d);
	ck_assert_int_eq(character_kind(0xfffe), CHARACTER_NO_XML);
	ck_assert_int_eq(character_kind(0xffff), CHARACTER_NO_XML);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_utf8");
	TCase *t = tcase_create("utf8");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_code_point_reads_back);
	tcase_add_test(t, what_is_not_utf8_is_found_where_it_is);
	tcase_add_test(t, hidden_characters_are_hidden);
	tcase_add_test(t, nothing_that_is_not_drawn_is_fine);
	tcase_add_test(t, what_xml_forbids_is_told_apart);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
