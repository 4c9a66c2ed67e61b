/* What police receive besides the fields as they were: the gateway's own
 * values, broader codes, new numbers, and what never travels. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

#define PLAIN "council-cuckooing.xml" /* 5x5x5, E41, TOLD-BY-OTHER, WEEK */
#define SCHOOL "school-says-which-school.xml" /* confirms CT-11 to CT-15 */

static char *text;

static void
setup(void)
{
	text = read_good(PLAIN);
}

static void
teardown(void)
{
	free(text);
}

static void
change(const char *old, const char *new)
{
	char *other = replaced(text, old, new);

	free(text);
	text = other;
}

/* Whether what is written of the text has part. */
static bool
written(const char *part)
{
	struct taken t;
	bool hit;

	take_text(&t, text);
	ck_assert_msg(t.written != NULL, "%s: %s",
	    findings_get(t.findings, 0)->rule,
	    findings_get(t.findings, 0)->path);
	hit = memmem(buf_data(t.written), buf_len(t.written), part,
		  strlen(part)) != NULL;
	take_free(&t);
	return hit;
}

/* --- the converted grade --- */

/* Source, information and handling in one scheme, and in the other. */
static const struct {
	const char *scheme, *grade[3];
	const char *other, *like;
} grades[] = {
    {"5x5x5", {"A", "1", "1"}, "3x5x2",
	"<Source>1</Source>\n<Information>A</Information>\n"
	"<Handling>P</Handling>"},
    {"5x5x5", {"B", "2", "2"}, "3x5x2",
	"<Source>1</Source>\n<Information>A</Information>\n"
	"<Handling>C</Handling>"},
    {"5x5x5", {"D", "3", "3"}, "3x5x2",
	"<Source>3</Source>\n<Information>B</Information>\n"
	"<Handling>C</Handling>"},
    {"5x5x5", {"E", "4", "4"}, "3x5x2",
	"<Source>2</Source>\n<Information>D</Information>\n"
	"<Handling>C</Handling>"},
    {"5x5x5", {"E", "5", "5"}, "3x5x2",
	"<Source>2</Source>\n<Information>E</Information>\n"
	"<Handling>C</Handling>"},
    /* sometimes reliable has no like, and none is made up */
    {"5x5x5", {"C", "4", "1"}, "3x5x2",
	"<Information>D</Information>\n<Handling>P</Handling>"},
    {"3x5x2", {"1", "A", "P"}, "5x5x5",
	"<Source>B</Source>\n<Information>2</Information>\n"
	"<Handling>1</Handling>"},
    {"3x5x2", {"2", "B", "C"}, "5x5x5",
	"<Source>E</Source>\n<Information>3</Information>\n"
	"<Handling>5</Handling>"},
    {"3x5x2", {"3", "C", "P"}, "5x5x5",
	"<Source>D</Source>\n<Information>4</Information>\n"
	"<Handling>1</Handling>"},
    {"3x5x2", {"2", "D", "P"}, "5x5x5",
	"<Source>E</Source>\n<Information>4</Information>\n"
	"<Handling>1</Handling>"},
    {"3x5x2", {"2", "E", "P"}, "5x5x5",
	"<Source>E</Source>\n<Information>5</Information>\n"
	"<Handling>1</Handling>"},
};

START_TEST(a_grade_travels_with_its_like_in_the_other_scheme)
{
	char part[256], *graded;

	graded = replaced_all(text, "5x5x5", grades[_i].scheme);
	free(text);
	text = graded;
	(void)snprintf(part, sizeof(part), "<Source>%s</Source>",
	    grades[_i].grade[0]);
	change("<Source>E</Source>", part);
	(void)snprintf(part, sizeof(part), "<Information>%s</Information>",
	    grades[_i].grade[1]);
	change("<Information>4</Information>", part);
	(void)snprintf(part, sizeof(part), "<Handling>%s</Handling>",
	    grades[_i].grade[2]);
	change("<Handling>1</Handling>", part);
	/* what the rules ask for beside such grades */
	change("</GradedBy>",
	    "</GradedBy><Condition><Text>For the unit only</Text>"
	    "</Condition><ReviewBy>2027-01-31</ReviewBy>");
	change("</Grading>",
	    "</Grading><SuspectedFalseReason>A quarrel between neighbours"
	    "</SuspectedFalseReason>");
	change("<Corroborated>false</Corroborated>",
	    "<Corroborated>true</Corroborated><CorroborationNote>Noise was "
	    "heard next door</CorroborationNote>");
	(void)snprintf(part, sizeof(part),
	    "<Converted scheme=\"%s\">%s\n</Converted>", grades[_i].other,
	    grades[_i].like);
	ck_assert_msg(written(part), "%s", part);
	/* the original stands beside it (BR-12) */
	(void)snprintf(part, sizeof(part),
	    "<Grading scheme=\"%s\"><Source>%s</Source>\n<Information>%s<",
	    grades[_i].scheme, grades[_i].grade[0], grades[_i].grade[1]);
	ck_assert_msg(written(part), "%s", part);
}
END_TEST

/* BR-12: a partner has no way to send one, alone or not. */
START_TEST(a_partner_can_not_send_a_converted_grade)
{
	struct taken t;

	change("</Grading>",
	    "</Grading><Converted scheme=\"3x5x2\"><Source>1</Source>"
	    "</Converted>");
	take_text(&t, text);
	ck_assert_str_eq(only_rule(&t), "XSD");
	ck_assert_int_eq(t.status, 422);
	take_free(&t);
}
END_TEST

START_TEST(the_gateways_handling_is_converted_as_well)
{
	change("<Handling>1</Handling>", "");
	ck_assert(written("<Handling>5</Handling>\n"
			  "<GradedBy>GATEWAY-DEFAULT</GradedBy>"));
	ck_assert(written("<Information>D</Information>\n"
			  "<Handling>C</Handling>\n</Converted>"));
}
END_TEST

/* --- BR-46 --- */

START_TEST(what_is_protected_is_marked_for_the_desk)
{
	struct taken t;

	ck_assert(!written("DeskMarking"));
	change("</RiskToOperation>",
	    "</RiskToOperation>"
	    "<EthicalOrLegalIssue>MEDICAL</EthicalOrLegalIssue>");
	ck_assert(written("<DeskMarking>MEDICAL</DeskMarking>"));
	/* by a word, besides; each marking once, in the order of the list */
	change("Many people call",
	    "His solicitor and another SOLICITOR wrote. Many people call");
	ck_assert(written("<DeskMarking>LPP</DeskMarking>\n"
			  "<DeskMarking>MEDICAL</DeskMarking>\n<"));
	take_text(&t, text);
	ck_assert_str_eq(only_rule(&t), "BR-46");
	ck_assert_int_eq(t.status, 201);
	take_free(&t);
	/* it is no warning that travels: police see the marking itself */
	ck_assert(!written("<Warning>"));
}
END_TEST

START_TEST(no_issue_is_no_marking)
{
	change("</RiskToOperation>",
	    "</RiskToOperation>"
	    "<EthicalOrLegalIssue>NONE</EthicalOrLegalIssue>");
	ck_assert(!written("DeskMarking"));
}
END_TEST

/* --- broader codes --- */

START_TEST(how_it_is_known_travels_in_broad_terms)
{
	static const struct {
		const char *fine, *broad;
	} kinds[] = {{"OBSERVED", "FIRST-HAND"}, {"TECHNICAL", "FIRST-HAND"},
	    {"TOLD-BY-SUBJECT", "TOLD"}, {"TOLD-BY-OTHER", "TOLD"},
	    {"ANONYMOUS", "TOLD"}, {"RECORD", "WRITTEN"},
	    {"DOCUMENT", "WRITTEN"}, {"OPEN-SOURCE", "WRITTEN"},
	    {"UNKNOWN", "UNKNOWN"}};
	char part[64];
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		free(text);
		text = read_good(PLAIN);
		change("TOLD-BY-OTHER", kinds[i].fine);
		(void)snprintf(part, sizeof(part), "<HowKnown>%s</HowKnown>",
		    kinds[i].broad);
		ck_assert_msg(written(part), "%s", kinds[i].fine);
		change("</CreatedAt>", "</CreatedAt><Confirm>CT-16</Confirm>");
		(void)snprintf(part, sizeof(part), "<HowKnown>%s</HowKnown>",
		    kinds[i].fine);
		ck_assert_msg(written(part), "%s", kinds[i].fine);
	}
}
END_TEST

/* A day is no exact time, and must not claim to be. */
START_TEST(a_precision_is_no_finer_than_the_day)
{
	change("<InfoFrom>2026-03-09<", "<InfoFrom>2026-03-09T23:30:00-01:00<");
	change("<InfoTo>2026-03-16</InfoTo>", "");
	change("<InfoPrecision>WEEK<", "<InfoPrecision>EXACT<");
	ck_assert(written("<InfoFrom>2026-03-10</InfoFrom>"));
	ck_assert(written("<InfoPrecision>DAY</InfoPrecision>"));
	change("<InfoPrecision>EXACT<", "<InfoPrecision>HOUR<");
	ck_assert(written("<InfoPrecision>DAY</InfoPrecision>"));
	change("<InfoPrecision>HOUR<", "<InfoPrecision>MONTH<");
	ck_assert(written("<InfoPrecision>MONTH</InfoPrecision>"));
}
END_TEST

/* --- new numbers --- */

START_TEST(a_sequence_is_numbered_anew)
{
	char *item, *end;

	change("<Sequence>1<", "<Sequence>40<");
	ck_assert(written("<Item id=\"i1\"><Sequence>1</Sequence>"));
	/* a second item that comes first */
	item = strdup(strstr(text, "<Item id="));
	end = strstr(item, "</Item>");
	end[strlen("</Item>")] = '\0';
	change("<Risk>", "@<Risk>");
	change("@", item);
	change("<Item id=\"i1\"", "<Item id=\"later\"");
	change("<Sequence>40<", "<Sequence>9<");
	ck_assert(written("<Item id=\"i1\"><Sequence>1</Sequence>"));
	ck_assert(written("<Item id=\"i2\"><Sequence>2</Sequence>"));
	free(item);
}
END_TEST

START_TEST(two_items_of_one_sequence_are_told_so)
{
	struct taken t;
	char *item = strdup(strstr(text, "<Item id=")), *end;

	end = strstr(item, "</Item>");
	end[strlen("</Item>")] = '\0';
	change("<Risk>", "@<Risk>");
	change("@", item);
	change("<Item id=\"i1\"", "<Item id=\"other\"");
	take_text(&t, text);
	ck_assert_str_eq(only_rule(&t), "XSD");
	ck_assert_ptr_nonnull(strstr(findings_get(t.findings, 0)->help,
	    "same Sequence"));
	take_free(&t);
	free(item);
}
END_TEST

/* --- what never travels --- */

START_TEST(a_receipt_of_an_earlier_report_never_travels)
{
	free(text);
	text = read_good(SCHOOL);
	ck_assert(written("<PreviouslyReported>"));
	change("</BodyClass>", "</BodyClass><Receipt>AB12-CD34</Receipt>");
	ck_assert(written("<PreviouslyReported>"));
	ck_assert(!written("AB12-CD34"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_stamps");
	TCase *t = tcase_create("stamps");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t,
	    a_grade_travels_with_its_like_in_the_other_scheme, 0,
	    (int)(sizeof(grades) / sizeof(grades[0])));
	tcase_add_test(t, a_partner_can_not_send_a_converted_grade);
	tcase_add_test(t, the_gateways_handling_is_converted_as_well);
	tcase_add_test(t, what_is_protected_is_marked_for_the_desk);
	tcase_add_test(t, no_issue_is_no_marking);
	tcase_add_test(t, how_it_is_known_travels_in_broad_terms);
	tcase_add_test(t, a_precision_is_no_finer_than_the_day);
	tcase_add_test(t, a_sequence_is_numbered_anew);
	tcase_add_test(t, two_items_of_one_sequence_are_told_so);
	tcase_add_test(t, a_receipt_of_an_earlier_report_never_travels);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
