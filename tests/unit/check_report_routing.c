/* Where a report goes: by the gateway's destinations, and nowhere else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

#define BASE "council-cuckooing.xml"

static const struct rule_destination destinations[] = {
    {"SYP", true, true, false}, {"TEST", true, true, true}};
static const struct rule_context context = {.now_wall_s = TEST_NOW_S,
    .destinations_known = true,
    .destinations = destinations,
    .destination_count = 2,
    .operations_known = true};

/* The findings of a report at a gateway with these two. */
static struct findings *
judged(const char *xml, enum lane *lane)
{
	struct findings *f = findings_new();
	struct fields *fields = NULL;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(report_read(the_contract(), (const uint8_t *)xml,
			     strlen(xml), f, &fields),
	    RC_OK);
	ck_assert_int_eq(report_rules(the_contract(), fields, &context, f),
	    RC_OK);
	if (lane != NULL)
		*lane = report_lane(fields);
	fields_free(fields);
	return f;
}

/* xml with new in place of everything from the first to the end of the last. */
static char *
cut(const char *xml, const char *from, const char *to, const char *new)
{
	const char *start = strstr(xml, from), *end;
	char *out;

	ck_assert_ptr_nonnull(start);
	end = strstr(start, to);
	ck_assert_ptr_nonnull(end);
	out = malloc(strlen(xml) + strlen(new) + 1);
	ck_assert_ptr_nonnull(out);
	memcpy(out, xml, (size_t)(start - xml));
	(void)stpcpy(stpcpy(out + (start - xml), new), end + strlen(to));
	return out;
}

START_TEST(tests_go_to_a_test_force_and_nothing_else_does)
{
	static const struct {
		const char *force, *indicator;
		const char *path; /* NULL: it may go */
	} cases[] = {
	    {"SYP", "", NULL},
	    {"SYP", "<TestIndicator>false</TestIndicator>", NULL},
	    {"SYP", "<TestIndicator>true</TestIndicator>",
		"/IntelligenceReport/Envelope/TestIndicator"},
	    {"TEST", "", "/IntelligenceReport/Header/DestinationForce"},
	    {"TEST", "<TestIndicator>false</TestIndicator>",
		"/IntelligenceReport/Envelope/TestIndicator"},
	    {"TEST", "<TestIndicator>true</TestIndicator>", NULL},
	};
	char *xml = read_good(BASE), *at, *to, *tag;
	struct findings *f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tag = malloc(strlen(cases[i].indicator) + 32);
		ck_assert_ptr_nonnull(tag);
		(void)stpcpy(stpcpy(tag, cases[i].indicator), "<CreatedAt>");
		at = replaced(xml, "<CreatedAt>", tag);
		to = replaced(at, ">SYP<",
		    strcmp(cases[i].force, "SYP") == 0 ? ">SYP<" : ">TEST<");
		f = judged(to, NULL);
		if (cases[i].path == NULL)
			ck_assert_msg(findings_status(f) == 201, "%zu", i);
		else {
			ck_assert_msg(findings_status(f) == 422, "%zu", i);
			ck_assert_uint_eq(findings_count(f), 1);
			ck_assert_str_eq(findings_get(f, 0)->rule, "CT-02");
			ck_assert_str_eq(findings_get(f, 0)->path,
			    cases[i].path);
		}
		findings_free(f);
		free(to);
		free(at);
		free(tag);
	}
	free(xml);
}
END_TEST

/* Whoever is told that a report is urgent is told whom to call. */
START_TEST(the_fast_lane_comes_with_advice)
{
	static const struct {
		const char *priority, *flag, *made;
		const char *at; /* of BR-66, or NULL */
	} cases[] = {
	    {"HIGH", "NONE", "NOT-NEEDED",
		"/IntelligenceReport/Header/Priority"},
	    {"HIGH", "ADULT", "NO", "/IntelligenceReport/Header/Priority"},
	    {"MEDIUM", "CHILD", "NO",
		"/IntelligenceReport/Header/SafeguardingReferralMade"},
	    {"LOW", "ADULT", "NO",
		"/IntelligenceReport/Header/SafeguardingReferralMade"},
	    {"MEDIUM", "ADULT", "YES", NULL},
	    {"LOW", "NONE", "NO", NULL},
	};
	char *xml = read_good("smallest.xml"), header[512], *changed;
	struct findings *f;
	enum lane lane;
	size_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool fast = cases[i].at != NULL, raised = false;

		(void)snprintf(header, sizeof(header),
		    "<Priority>%s</Priority>"
		    "<ImmediateRiskToLife>false</ImmediateRiskToLife>"
		    "<CrimeInProgress>false</CrimeInProgress>"
		    "<SafeguardingFlag>%s</SafeguardingFlag>"
		    "<SafeguardingReferralMade>%s</SafeguardingReferralMade>"
		    "<Strand>",
		    cases[i].priority, cases[i].flag, cases[i].made);
		changed = cut(xml, "<Priority>", "<Strand>", header);
		f = judged(changed, &lane);
		ck_assert_int_eq(lane, fast ? LANE_FAST : LANE_POOL);
		ck_assert_int_eq((findings_advice(f) & ADVICE_101) != 0, fast);
		for (n = 0; n < findings_count(f); n++)
			if (strcmp(findings_get(f, n)->rule, "BR-66") == 0) {
				raised = true;
				ck_assert_str_eq(findings_get(f, n)->path,
				    cases[i].at);
			}
		ck_assert_msg(raised == fast, "%zu", i);
		findings_free(f);
		free(changed);
	}
	free(xml);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_routing");
	TCase *t = tcase_create("routing");
	SRunner *r;
	int failed;

	tcase_add_test(t, tests_go_to_a_test_force_and_nothing_else_does);
	tcase_add_test(t, the_fast_lane_comes_with_advice);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
