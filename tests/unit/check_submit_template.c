/* The template that people fill in, by the published schema: what must be
 * there stands open, and nothing that a first draft has no use for. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "template.h"

/* The template without its comments: what is sent when nothing is changed. */
static char *
open_part(const char *scheme)
{
	uint8_t id[RECEIPT_KEY] = {1}, blind[RECEIPT_KEY] = {2};
	char *text = NULL, *from, *to;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(template_write(f, SOURCE_DIR "/schema", scheme, id,
			     blind),
	    RC_OK);
	ck_assert_int_eq(fclose(f), 0);
	while ((from = strstr(text, "<!--")) != NULL) {
		to = strstr(from, "-->");
		ck_assert_ptr_nonnull(to);
		memmove(from, to + 3, strlen(to + 3) + 1);
	}
	return text;
}

START_TEST(what_a_rule_asks_for_stands_open)
{
	static const char *const asked[] = {"<Grading scheme=\"3x5x2\">",
	    "<GradedBy>SUBMITTER</GradedBy>", "<Declarations>",
	    "<NotAnEmergency></NotAnEmergency>",
	    "<ReferralConsidered></ReferralConsidered>",
	    "<SourceNotNamedInText></SourceNotNamedInText>",
	    "<BestOfKnowledge></BestOfKnowledge>",
	    "<LawfulBasisConfirmed></LawfulBasisConfirmed>"};
	char *text = open_part("3x5x2");
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		ck_assert_msg(strstr(text, asked[i]) != NULL, "%s", asked[i]);
	free(text);
}
END_TEST

START_TEST(what_must_be_there_stands_open_and_nothing_else)
{
	static const char *const must[] = {
	    "<SubmissionKind>NEW</SubmissionKind>", "profile=\"5x5x5\"",
	    "<Classification>", "<Subject>", "<InfoFrom>", "<Basis>",
	    "<Item id=\"i1\">", "<Sequence>1</Sequence>", "<RiskToSource>"};
	static const char *const must_not[] = {"<Submitter>", "<Redact>",
	    "<Attachment>", "<Entities>", "<Link", "<ClientSoftware>",
	    "<Source>", "<InfoTo>"};
	char *text = open_part("5x5x5");
	size_t i;

	for (i = 0; i < sizeof(must) / sizeof(must[0]); i++)
		ck_assert_msg(strstr(text, must[i]) != NULL, "%s", must[i]);
	for (i = 0; i < sizeof(must_not) / sizeof(must_not[0]); i++)
		ck_assert_msg(strstr(text, must_not[i]) == NULL, "%s",
		    must_not[i]);
	free(text);
}
END_TEST

/* Nobody is invited to ask for what this version does not do. */
START_TEST(no_screening_is_promised)
{
	uint8_t key[RECEIPT_KEY] = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(template_write(f, SOURCE_DIR "/schema", "5x5x5", key,
			     key),
	    RC_OK);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ptr_null(strstr(text, "Redact"));
	ck_assert_ptr_null(strstr(text, "can be searched for"));
	ck_assert_ptr_nonnull(strstr(text, "does not do yet"));
	free(text);
}
END_TEST

START_TEST(a_folder_without_a_schema_is_told)
{
	uint8_t key[RECEIPT_KEY] = {0};
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(template_write(f, SOURCE_DIR "/tests", "5x5x5", key,
			     key),
	    RC_CONFIG);
	ck_assert_int_eq(fclose(f), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_template");
	TCase *t = tcase_create("template");
	SRunner *r;
	int failed;

	tcase_add_test(t, what_a_rule_asks_for_stands_open);
	tcase_add_test(t, what_must_be_there_stands_open_and_nothing_else);
	tcase_add_test(t, no_screening_is_promised);
	tcase_add_test(t, a_folder_without_a_schema_is_told);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
