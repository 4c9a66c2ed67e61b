/* The reader of DER: there is one way to write a thing, and what is not there
 * is not read. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "der.h"

/* A reader of a copy of its own, so that a sanitizer sees one byte too far. */
static uint8_t *copy;

static struct der
over(const void *bytes, size_t len)
{
	free(copy);
	copy = malloc(len + (len == 0));
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	return (struct der){copy, copy + len};
}
#define OVER(...)                                                              \
	over((const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}))

static void
forget(void)
{
	free(copy);
	copy = NULL;
}

START_TEST(an_element_is_taken_with_its_content)
{
	struct der d = OVER(0x30, 3, 0x02, 1, 7, 0x04, 0), in;

	ck_assert_int_eq(der_take(&d, TAG_SEQUENCE, &in), RC_OK);
	ck_assert_uint_eq(der_left(&in), 3);
	ck_assert_uint_eq(der_left(&d), 2);
	ck_assert_int_eq(der_number(&in, 7), RC_OK);
	ck_assert_int_eq(der_done(&in), RC_OK);
	ck_assert_int_eq(der_done(&d), RC_BAD);
	ck_assert_int_eq(der_take(&d, TAG_OCTETS, &in), RC_OK);
	ck_assert_uint_eq(der_left(&in), 0);
	ck_assert_int_eq(der_done(&d), RC_OK);
	ck_assert_int_eq(der_take(&d, TAG_OCTETS, &in), RC_BAD);
}
END_TEST

START_TEST(another_tag_is_refused)
{
	struct der d, in;

	d = OVER(0x31, 0);
	ck_assert_int_eq(der_take(&d, TAG_SEQUENCE, &in), RC_BAD);
	/* primitive and constructed are two things */
	d = OVER(0x24, 0);
	ck_assert_int_eq(der_take(&d, TAG_OCTETS, &in), RC_BAD);
	d = OVER(0x30);
	ck_assert_int_eq(der_take(&d, TAG_SEQUENCE, &in), RC_BAD);
}
END_TEST

/* A header followed by len bytes. */
static enum rc
long_form(const uint8_t *head, size_t head_len, size_t len)
{
	uint8_t *bytes = calloc(1, head_len + len);
	struct der d, in;
	enum rc rc;

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, head, head_len);
	d = over(bytes, head_len + len);
	free(bytes);
	rc = der_take(&d, TAG_OCTETS, &in);
	if (rc == RC_OK)
		ck_assert_uint_eq(der_left(&in), len);
	return rc;
}
#define LONG(len, ...)                                                         \
	long_form((const uint8_t[]){__VA_ARGS__},                              \
	    sizeof((uint8_t[]){__VA_ARGS__}), len)

START_TEST(a_length_is_written_as_short_as_it_can_be)
{
	ck_assert_int_eq(LONG(127, 0x04, 127), RC_OK);
	ck_assert_int_eq(LONG(128, 0x04, 0x81, 128), RC_OK);
	ck_assert_int_eq(LONG(255, 0x04, 0x81, 255), RC_OK);
	ck_assert_int_eq(LONG(256, 0x04, 0x82, 1, 0), RC_OK);
	ck_assert_int_eq(LONG(65535, 0x04, 0x82, 255, 255), RC_OK);
	ck_assert_int_eq(LONG(65536, 0x04, 0x83, 1, 0, 0), RC_OK);
	/* longer than needed */
	ck_assert_int_eq(LONG(127, 0x04, 0x81, 127), RC_BAD);
	ck_assert_int_eq(LONG(128, 0x04, 0x82, 0, 128), RC_BAD);
	ck_assert_int_eq(LONG(256, 0x04, 0x83, 0, 1, 0), RC_BAD);
	/* without end, and reserved */
	ck_assert_int_eq(LONG(2, 0x04, 0x80), RC_BAD);
	ck_assert_int_eq(LONG(2, 0x04, 0xff), RC_BAD);
}
END_TEST

START_TEST(a_length_beyond_the_end_is_refused)
{
	ck_assert_int_eq(LONG(4, 0x04, 5), RC_BAD);
	ck_assert_int_eq(LONG(127, 0x04, 0x81, 128), RC_BAD);
	ck_assert_int_eq(LONG(0, 0x04, 0x82, 1), RC_BAD);
	ck_assert_int_eq(LONG(0, 0x04, 0x81), RC_BAD);
	/* one that wraps an address */
	ck_assert_int_eq(LONG(9, 0x04, 0x88, 255, 255, 255, 255, 255, 255, 255,
			     255),
	    RC_BAD);
	ck_assert_int_eq(LONG(9, 0x04, 0x84, 255, 255, 255, 255), RC_BAD);
}
END_TEST

START_TEST(fixed_bytes_numbers_and_sizes_are_exact)
{
	static const uint8_t want[] = {0x06, 1, 9};
	const uint8_t *content;
	struct der d;

	d = OVER(0x06, 1, 9, 5);
	ck_assert_int_eq(DER_FIXED(&d, want), RC_OK);
	ck_assert_uint_eq(der_left(&d), 1);
	d = OVER(0x06, 1, 8);
	ck_assert_int_eq(DER_FIXED(&d, want), RC_BAD);
	d = OVER(0x06, 1);
	ck_assert_int_eq(DER_FIXED(&d, want), RC_BAD);
	d = OVER(0x02, 1, 3);
	ck_assert_int_eq(der_number(&d, 2), RC_BAD);
	d = OVER(0x02, 2, 0, 3);
	ck_assert_int_eq(der_number(&d, 3), RC_BAD);
	d = OVER(0x04, 2, 7, 8);
	ck_assert_int_eq(der_sized(&d, TAG_OCTETS, 2, &content), RC_OK);
	ck_assert_uint_eq(content[1], 8);
	ck_assert_int_eq(der_done(&d), RC_OK);
	d = OVER(0x04, 2, 7, 8);
	ck_assert_int_eq(der_sized(&d, TAG_OCTETS, 1, &content), RC_BAD);
	d = OVER(0x04, 2, 7, 8);
	ck_assert_int_eq(der_sized(&d, TAG_OCTETS, 3, &content), RC_BAD);
	d = OVER(0x02, 2, 7, 8);
	ck_assert_int_eq(der_sized(&d, TAG_OCTETS, 2, &content), RC_BAD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cms der");
	TCase *t = tcase_create("der");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, NULL, forget);
	tcase_add_test(t, an_element_is_taken_with_its_content);
	tcase_add_test(t, another_tag_is_refused);
	tcase_add_test(t, a_length_is_written_as_short_as_it_can_be);
	tcase_add_test(t, a_length_beyond_the_end_is_refused);
	tcase_add_test(t, fixed_bytes_numbers_and_sizes_are_exact);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
