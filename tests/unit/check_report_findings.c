/* Findings and the answer they become: what stops a report is never pushed
 * out by what does not, and the answer always fits. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raise.h"
#include "wire.h"

static struct contract contract;
static struct findings *findings;
static struct buf *body;

static void
setup(void)
{
	static const struct rule rules[] = {
	    {"BR-03", SEVERITY_W, false, "warn"},
	    {"BR-07", SEVERITY_Q, false, "confirm"},
	    {"BR-22", SEVERITY_R, false, "reject"},
	    {"BR-23", SEVERITY_X, false, "advise"},
	    {"BR-53", SEVERITY_R, true, "hostile"},
	    {"XML", SEVERITY_R, true, "say \"UTF-8\" \\ \t\xc3\xa9"}};

	memset(&contract, 0, sizeof(contract));
	memcpy(contract.rules, rules, sizeof(rules));
	contract.rule_count = sizeof(rules) / sizeof(rules[0]);
	findings = findings_new();
	body = buf_new(ANSWER_MAX);
	ck_assert(findings != NULL && body != NULL);
}

static void
teardown(void)
{
	findings_free(findings);
	buf_free(body);
}

static void
raise_one(const char *rule, uint32_t offset)
{
	struct spot spot = {
	    .path = "/IntelligenceReport/Item[1]", .offset = offset};

	raise_at(findings, &contract, rule, &spot);
}

static const char *
answer(int status)
{
	static char text[ANSWER_MAX + 1];
	struct answer a = {
	    status, "ACCEPTED", "soon", "Unprocessable", "mend it"};

	buf_clear(body);
	ck_assert_int_eq(findings_json(findings, &a, body), RC_OK);
	memcpy(text, buf_data(body), buf_len(body));
	text[buf_len(body)] = '\0';
	return text;
}

START_TEST(severity_gives_the_status)
{
	ck_assert_int_eq(findings_status(findings), 201);
	raise_one("BR-03", 1);
	raise_one("BR-23", 2);
	ck_assert_int_eq(findings_status(findings), 201);
	raise_one("BR-07", 3);
	ck_assert_int_eq(findings_status(findings), 422);
	raise_one("BR-53", 4);
	ck_assert_int_eq(findings_status(findings), 400);
}
END_TEST

START_TEST(a_rejection_alone_is_422)
{
	raise_one("BR-22", 1);
	ck_assert_int_eq(findings_status(findings), 422);
}
END_TEST

START_TEST(not_xml_is_400)
{
	raise_one("XML", 1);
	ck_assert_int_eq(findings_status(findings), 400);
}
END_TEST

START_TEST(twenty_five_are_kept_and_the_rest_counted)
{
	uint32_t i;

	for (i = 0; i < 100; i++)
		raise_one("BR-22", i);
	ck_assert_uint_eq(findings_count(findings), FINDINGS_MAX);
	ck_assert_uint_eq(findings_more(findings), 100 - FINDINGS_MAX);
	ck_assert_ptr_null(findings_get(findings, FINDINGS_MAX));
}
END_TEST

START_TEST(a_warning_makes_room_for_what_stops_the_report)
{
	uint32_t i;

	for (i = 0; i < FINDINGS_MAX; i++)
		raise_one("BR-03", i);
	raise_one("BR-22", 1000);
	ck_assert_uint_eq(findings_count(findings), FINDINGS_MAX);
	ck_assert_uint_eq(findings_more(findings), 1);
	ck_assert_str_eq(findings_get(findings, FINDINGS_MAX - 1)->rule,
	    "BR-22");
	/* and no warning pushes it out again */
	for (i = 0; i < 2 * FINDINGS_MAX; i++)
		raise_one("BR-03", i);
	ck_assert_str_eq(findings_get(findings, FINDINGS_MAX - 1)->rule,
	    "BR-22");
}
END_TEST

START_TEST(they_stand_in_the_order_of_the_document)
{
	raise_one("BR-22", 30);
	raise_one("BR-03", 10);
	raise_one("BR-07", 20);
	ck_assert_uint_eq(findings_get(findings, 0)->offset, 10);
	ck_assert_uint_eq(findings_get(findings, 1)->offset, 20);
	ck_assert_uint_eq(findings_get(findings, 2)->offset, 30);
}
END_TEST

START_TEST(an_accepted_answer_has_its_form)
{
	raise_one("BR-03", 7);
	findings_advise(findings, ADVICE_999);
	ck_assert_str_eq(answer(201),
	    "{\"status\":\"ACCEPTED\",\"findings\":[{\"rule\":\"BR-03\","
	    "\"severity\":\"W\",\"class\":\"business\",\"path\":"
	    "\"/IntelligenceReport/Item[1]\",\"line\":0,\"offset\":7,"
	    "\"help\":\"warn\"}],\"more\":0,\"advice\":[\"999: Call 999 now. "
	    "This gateway is not watched and police may read a report hours "
	    "later.\"],\"forwarding\":\"soon\"}");
}
END_TEST

START_TEST(a_problem_has_the_form_of_rfc_9457)
{
	struct spot spot = {.path = "/",
	    .line = 3,
	    .offset = 9,
	    .has_codepoint = true,
	    .codepoint = 0xb};

	raise_at(findings, &contract, "BR-22", &spot);
	ck_assert_str_eq(answer(422),
	    "{\"type\":\"about:blank\",\"title\":\"Unprocessable\","
	    "\"status\":422,\"detail\":\"mend it\",\"findings\":[{\"rule\":"
	    "\"BR-22\",\"severity\":\"R\",\"class\":\"business\",\"path\":\"/"
	    "\",\"line\":3,\"offset\":9,\"codePoint\":\"U+000B\",\"help\":"
	    "\"reject\"}],\"more\":0,\"advice\":[]}");
}
END_TEST

START_TEST(the_answer_is_ascii_whatever_the_table_says)
{
	const char *text, *p;

	raise_one("XML", 1);
	text = answer(400);
	for (p = text; *p != '\0'; p++)
		ck_assert(*p >= 0x20 && *p < 0x7f);
	ck_assert_ptr_nonnull(strstr(text, "say \\\"UTF-8\\\" \\\\ ???"));
}
END_TEST

START_TEST(names_that_would_be_right_are_told)
{
	struct spot spot = {.path = "/", .expected = {"Priority", "Strand"}};

	raise_at(findings, &contract, "BR-22", &spot);
	ck_assert_ptr_nonnull(strstr(answer(422),
	    "\"help\":\"reject Expected: Priority, Strand\"}"));
}
END_TEST

START_TEST(too_many_for_the_answer_are_counted)
{
	static char help[1000];
	const char *text;
	uint32_t i;

	memset(help, 'x', sizeof(help) - 1);
	contract.rules[2].help = help;
	for (i = 0; i < 40; i++)
		raise_one("BR-22", i);
	findings_advise(findings, ADVICE_999 | ADVICE_101 |
				      ADVICE_SAFEGUARDING | ADVICE_PREVENT |
				      ADVICE_CRIME);
	text = answer(422);
	ck_assert_uint_le(strlen(text), ANSWER_MAX);
	ck_assert_ptr_nonnull(strstr(text, "],\"more\":34,\"advice\":[\"999"));
	ck_assert_str_eq(text + strlen(text) - 3, "\"]}");
}
END_TEST

START_TEST(no_findings_at_all_is_an_answer_too)
{
	findings_free(findings);
	findings = NULL;
	ck_assert_str_eq(answer(503),
	    "{\"type\":\"about:blank\",\"title\":\"Unprocessable\","
	    "\"status\":503,\"detail\":\"mend it\",\"findings\":[],"
	    "\"more\":0,\"advice\":[]}");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_findings");
	TCase *t = tcase_create("findings");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, severity_gives_the_status);
	tcase_add_test(t, a_rejection_alone_is_422);
	tcase_add_test(t, not_xml_is_400);
	tcase_add_test(t, twenty_five_are_kept_and_the_rest_counted);
	tcase_add_test(t, a_warning_makes_room_for_what_stops_the_report);
	tcase_add_test(t, they_stand_in_the_order_of_the_document);
	tcase_add_test(t, an_accepted_answer_has_its_form);
	tcase_add_test(t, a_problem_has_the_form_of_rfc_9457);
	tcase_add_test(t, the_answer_is_ascii_whatever_the_table_says);
	tcase_add_test(t, names_that_would_be_right_are_told);
	tcase_add_test(t, too_many_for_the_answer_are_counted);
	tcase_add_test(t, no_findings_at_all_is_an_answer_too);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
