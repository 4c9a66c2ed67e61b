/* Identifiers: a right one passes, one with a wrong digit does not. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "shapes.h"

struct sample {
	bool (*shape)(const char *);
	const char *text;
};

/* Published examples, or numbers that a standard names as examples. */
static const struct sample right[] = {
    {shape_vrm, "AB12CDE"},
    {shape_vrm, "AB12 CDE"},
    {shape_vrm, "A123BCD"},
    {shape_vrm, "ABC123D"},
    {shape_vrm, "ABC1"},
    {shape_vrm, "1234AB"},
    {shape_vrm, "AIZ1234"},
    {shape_vrm_partial, "YS*4"},
    {shape_vrm_partial, "AB12*"},
    {shape_vin, "1M8GDM9AXKP042788"},
    {shape_phone, "+447700900123"}, /* Ofcom's for drama */
    {shape_phone, "+441144960123"},
    {shape_phone, "+15005550006"},
    {shape_nino, "AB123456C"},
    {shape_imei, "490154203237518"}, /* 3GPP TS 23.003 Annex B style */
    {shape_imsi, "234150999999999"},
    {shape_iban, "GB29NWBK60161331926819"}, /* ISO 13616 registry */
    {shape_iban, "GB29 NWBK 6016 1331 9268 19"},
    {shape_iban, "DE89370400440532013000"},
    {shape_pnc, "2004/0046583U"},
    {shape_cro, "265416/21G"},
    {shape_cro, "SF39/83404C"},
    {shape_postcode, "S1 2HH"},
    {shape_postcode, "SW1A 1AA"},
    {shape_postcode, "GIR 0AA"},
    {shape_outward, "S70"},
    {shape_uprn, "100050612345"},
    {shape_email, "a.b+c@example.co.uk"},
    {shape_ip, "192.0.2.7"},
    {shape_ip, "2001:db8::1"},
    {shape_url, "https://example.com/x?y=z"},
    {shape_sort_code, "60-16-13"},
    {shape_sort_code, "601613"},
    {shape_account, "31926819"},
    {shape_company, "01234567"},
    {shape_company, "SC123456"},
    {shape_passport, "123456789"},
    {shape_driving, "MORGA657054SM9IJ"},
    {shape_prison, "A1234BC"},
    {shape_what3words, "///filled.count.soap"},
    {shape_what3words, "filled.count.soap"},
};

static const struct sample wrong[] = {
    {shape_vrm, "AB12CD"},
    {shape_vrm, "ab12cde"},
    {shape_vrm, "YS*4"},
    {shape_vrm, ""},
    {shape_vrm_partial, "***"},
    {shape_vrm_partial, "AB12*-E"},
    {shape_vrm_partial, "ABCDEFGHI"},
    {shape_vin, "1M8GDM9AXKP04278"},
    {shape_vin, "1M8GDM9AXKPO42788"},
    {shape_phone, "07700900123"},
    {shape_phone, "+4407700900123"},
    {shape_phone, "+4477009001"},
    {shape_phone, "+44 7700 900123"},
    {shape_nino, "BG123456C"},
    {shape_nino, "DA123456C"},
    {shape_nino, "AO123456C"},
    {shape_nino, "AB123456E"},
    {shape_nino, "AB12345C"},
    {shape_imei, "490154203237519"},
    {shape_imei, "49015420323751"},
    {shape_iban, "GB29NWBK60161331926818"},
    {shape_iban, "GB29NWBK6016133192681"},
    {shape_iban, "2929NWBK60161331926819"},
    {shape_pnc, "2004/0046583V"},
    {shape_pnc, "04/46583U"},
    {shape_cro, "265416/21H"},
    {shape_cro, "SF39/C"},
    {shape_postcode, "S1 2HC"},
    {shape_postcode, "S12HH"},
    {shape_postcode, "SHEFFIELD 1AA"},
    {shape_outward, "SHEFF"},
    {shape_uprn, "000"},
    {shape_uprn, "1234567890123"},
    {shape_email, "a@b"},
    {shape_email, "a..b@example.com"},
    {shape_email, "@example.com"},
    {shape_email, "a b@example.com"},
    {shape_email, "a@-example.com"},
    {shape_ip, "192.0.2.256"},
    {shape_ip, "192.0.2"},
    {shape_url, "example.com"},
    {shape_url, "https://"},
    {shape_sort_code, "60-1613"},
    {shape_account, "12345"},
    {shape_company, "1234567"},
    {shape_driving, "MORGA699054SM9IJ"},
    {shape_driving, "MORGAN57054SM9IJ"},
    {shape_prison, "12345AB"},
    {shape_what3words, "filled.count"},
    {shape_what3words, "filled..soap"},
};

START_TEST(a_right_number_passes)
{
	ck_assert_msg(right[_i].shape(right[_i].text), "%s", right[_i].text);
}
END_TEST

START_TEST(a_wrong_number_does_not)
{
	ck_assert_msg(!wrong[_i].shape(wrong[_i].text), "%s", wrong[_i].text);
}
END_TEST

/* Every single-digit slip of a number with a check digit is caught. */
START_TEST(one_wrong_digit_is_caught)
{
	static const struct sample checked[] = {{shape_imei, "490154203237518"},
	    {shape_iban, "GB29NWBK60161331926819"},
	    {shape_pnc, "2004/0046583U"}, {shape_cro, "265416/21G"}};
	char text[40];
	size_t i, k;
	int d;

	for (i = 0; i < sizeof(checked) / sizeof(checked[0]); i++)
		for (k = 0; checked[i].text[k] != '\0'; k++) {
			/* PNC: the century is not in the check */
			if (checked[i].text[k] < '0' ||
			    checked[i].text[k] > '9' ||
			    (checked[i].shape == shape_pnc && k < 2))
				continue;
			for (d = '0'; d <= '9'; d++) {
				(void)snprintf(text, sizeof(text), "%s",
				    checked[i].text);
				if (text[k] == d)
					continue;
				text[k] = (char)d;
				ck_assert_msg(!checked[i].shape(text), "%s",
				    text);
			}
		}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_shapes");
	TCase *t = tcase_create("shapes");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, a_right_number_passes, 0,
	    (int)(sizeof(right) / sizeof(right[0])));
	tcase_add_loop_test(t, a_wrong_number_does_not, 0,
	    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, one_wrong_digit_is_caught);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
