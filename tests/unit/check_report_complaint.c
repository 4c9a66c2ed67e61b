/* Schema errors as findings: where, and what to do, in our words alone. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

#define BASE "council-cuckooing.xml"

/* One change of the example and the one finding it makes. at: the byte that
 * the offset must point to, as the text that stands there. */
static const struct {
	const char *old, *new;
	const char *path, *at, *help;
	const char *expected[2];
} cases[] = {
    {"<Priority>MEDIUM</Priority>", "",
	"/IntelligenceReport/Header/"
	"ImmediateRiskToLife",
	"<ImmediateRiskToLife>", "missing", {"CrossReference", "Priority"}},
    {"  <Marking>\n    <Classification>OFFICIAL-SENSITIVE</Classification>\n"
     "  </Marking>\n",
	"", "/IntelligenceReport/Header", "<Header>", "missing",
	{"Submitter", "Marking"}},
    {" profile=\"5x5x5\"", "", "/IntelligenceReport", "<IntelligenceReport",
	"attribute is missing", {"profile", NULL}},
    {" profile=\"5x5x5\"", " profile=\"4x4\"", "/IntelligenceReport/@profile",
	"4x4\"", "codes", {NULL}},
    {"schemaVersion=\"1.0\"", "schemaVersion=\"7\"",
	"/IntelligenceReport/@schemaVersion", "7\"", "1.0", {NULL}},
    {"from=\"20\"", "from=\"young\"",
	"/IntelligenceReport/Entities/UnidentifiedPerson[1]/ApproxAge/@from",
	"young", "whole number", {NULL}},
    {"<Location id=\"l1\">", "<Location id=\"u1\">",
	"/IntelligenceReport/Entities/Location[1]/@id", "u1\">",
	"a name of its own", {NULL}},
    {"<EntityRef>l1", "<EntityRef>l 1",
	"/IntelligenceReport/Item[1]/EntityRef[2]", "<EntityRef>l 1",
	"the id of another", {NULL}},
    {"<InfoTo>2026-03-16", "<InfoTo>16 March",
	"/IntelligenceReport/Header/InfoTo", "<InfoTo>", "as 2024-03-31",
	{NULL}},
    {"<Corroborated>false", "<Corroborated>no",
	"/IntelligenceReport/Item[1]/Corroborated", "<Corroborated>",
	"true or false", {NULL}},
    {"<ChainLength>1", "<ChainLength>9",
	"/IntelligenceReport/Item[1]/ChainLength", "<ChainLength>",
	"whole number", {NULL}},
    {"</CreatedAt>", "</CreatedAt><Confirm>66</Confirm>",
	"/IntelligenceReport/Envelope/Confirm[1]", "<Confirm>", "BR-66",
	{NULL}},
    {"<Id>a3", "<Id>", "/IntelligenceReport/Envelope/Id", "<Id>", "64 digits",
	{NULL}},
    {"<Subject>Possible cuckooing of a flat", "<Subject>Flat",
	"/IntelligenceReport/Header/Subject", "<Subject>", "too short", {NULL}},
    {"<Marking>", "<Marking>Look", "/IntelligenceReport/Marking", "<Marking>",
	"between elements", {NULL}},
    /* a value that speaks like the validator points nowhere else */
    {"</Entities>",
	"<Communication id=\"c1\"><Kind>PHONE</Kind><Value>x</Value>"
	"<FirstSeen>', attribute 'precision': [</FirstSeen></Communication>"
	"</Entities>",
	"/IntelligenceReport/Entities/Communication[1]/FirstSeen",
	"<FirstSeen>", "as 2024-03-31", {NULL}},
    {"<Priority>MEDIUM", "<Priority>Expected is ( {x}Subject ).",
	"/IntelligenceReport/Header/Priority", "<Priority>", "codes", {NULL}},
};

START_TEST(a_schema_error_says_where_and_what_to_do)
{
	char *text = read_good(BASE), *other;
	const struct finding *f;
	struct taken t;
	size_t i;

	other = replaced(text, cases[_i].old, cases[_i].new);
	take_text(&t, other);
	ck_assert_str_eq(only_rule(&t), "XSD");
	f = findings_get(t.findings, 0);
	ck_assert_str_eq(f->path, cases[_i].path);
	ck_assert_msg(strncmp(other + f->offset, cases[_i].at,
			  strlen(cases[_i].at)) == 0,
	    "at %.20s", other + f->offset);
	ck_assert_msg(strstr(f->help, cases[_i].help) != NULL, "%s", f->help);
	for (i = 0; i < EXPECTED_MAX; i++)
		if (i < 2 && cases[_i].expected[i] != NULL)
			ck_assert_pstr_eq(f->expected[i],
			    cases[_i].expected[i]);
		else
			ck_assert_ptr_null(f->expected[i]);
	take_free(&t);
	free(other);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_complaint");
	TCase *t = tcase_create("complaint");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, a_schema_error_says_where_and_what_to_do, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
