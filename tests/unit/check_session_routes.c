/* The table of routes: everything that is not a row is denied. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "routes.h"

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE",
    "OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "post", "", "GETS"};
static const enum party parties[] = {PARTY_PARTNER, PARTY_POLICE};

/* What DESIGN section 4 grants, written down a second time. */
static const struct {
	const char *target, *method;
	int partner, police;
} granted[] = {
    {"/v1/reports", "POST", 1, 0},
    {"/v1/check", "POST", 1, 0},
    {"/v1/schema/report.xsd", "GET", 1, 1},
    {"/v1/schema/codes.xsd", "GET", 1, 1},
    {"/v1/schema/sealed.xsd", "GET", 1, 1},
    {"/v1/schema/sealed.tsv", "GET", 1, 1},
    {"/v1/schema/rules.tsv", "GET", 1, 1},
    {"/v1/schema/words.tsv", "GET", 1, 1},
    {"/v1/openapi.yaml", "GET", 1, 1},
};
enum { GRANTED = sizeof(granted) / sizeof(granted[0]) };

static enum rc
expected(size_t i, const char *method, enum party party)
{
	int may =
	    party == PARTY_PARTNER ? granted[i].partner : granted[i].police;

	if (strcmp(granted[i].method, method) != 0)
		return RC_BAD;
	return may ? RC_OK : RC_DENIED;
}

START_TEST(each_party_gets_what_it_is_granted_and_nothing_else)
{
	for (size_t i = 0; i < GRANTED; i++) {
		for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]);
		     m++) {
			for (size_t p = 0; p < 2; p++) {
				const struct route *r = NULL;

				ck_assert_int_eq(routes_find(methods[m],
						     granted[i].target,
						     parties[p], &r),
				    expected(i, methods[m], parties[p]));
				ck_assert_ptr_nonnull(r);
				ck_assert_str_eq(r->method, granted[i].method);
			}
		}
	}
}
END_TEST

START_TEST(the_table_grants_no_more_than_that)
{
	size_t rows = 0;

	while (routes_row(rows) != NULL)
		rows++;
	ck_assert_uint_eq(rows, GRANTED);
}
END_TEST

START_TEST(a_target_has_one_row)
{
	for (size_t i = 0; routes_row(i) != NULL; i++) {
		for (size_t j = i + 1; routes_row(j) != NULL; j++)
			ck_assert_str_ne(routes_row(i)->target,
			    routes_row(j)->target);
	}
}
END_TEST

START_TEST(every_other_target_is_unknown)
{
	static const char *const unknown[] = {"/", "", "/v1", "/v1/",
	    "/v1/report", "/v1/reports/", "/v1/reports/1", "/v1/reports?x=1",
	    "/v1/Reports", "/V1/reports", "v1/reports", "/v2/reports",
	    "/v1/schema", "/v1/schema/", "/v1/schema/origin.key",
	    "/v1/schema/report.xsd/", "/v1/schema/report.xsd?", "/v1/openapi",
	    "/v1/queue", "/v1/queue/ack", "/v1/log/checkpoint",
	    "/v1/bundle/2026-11-24", "/metrics", "/favicon.ico"};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]);
		     m++) {
			const struct route *r;

			ck_assert_int_eq(routes_find(methods[m], unknown[i],
					     PARTY_PARTNER, &r),
			    RC_NOTFOUND);
		}
	}
}
END_TEST

/* Every beginning of a target, and every target with a byte more or another
 * byte. */
START_TEST(a_target_is_compared_whole)
{
	const struct route *row, *r;

	for (size_t i = 0; (row = routes_row(i)) != NULL; i++) {
		char target[64];
		size_t len = strlen(row->target);

		ck_assert_uint_lt(len + 1, sizeof(target));
		for (size_t n = 0; n < len; n++) {
			memcpy(target, row->target, len + 1);
			target[n] = '\0';
			ck_assert_int_eq(routes_find(row->method, target,
					     PARTY_PARTNER, &r),
			    RC_NOTFOUND);
			memcpy(target, row->target, len + 1);
			target[n] = (char)(target[n] ^ 1);
			ck_assert_int_eq(routes_find(row->method, target,
					     PARTY_PARTNER, &r),
			    RC_NOTFOUND);
		}
		memcpy(target, row->target, len + 1);
		target[len] = '/';
		target[len + 1] = '\0';
		ck_assert_int_eq(routes_find(row->method, target, PARTY_PARTNER,
				     &r),
		    RC_NOTFOUND);
	}
}
END_TEST

/* One line of openapi.yaml, without its end. false: there is no more. */
static bool
next_line(const char **p, char *line, size_t size)
{
	size_t n = strcspn(*p, "\n");

	if (**p == '\0')
		return false;
	snprintf(line, size, "%.*s", (int)n, *p);
	*p += n + ((*p)[n] == '\n');
	return true;
}

/* Whether the table has this row, counted in *seen. */
static void
expect_row(const char *method, const char *target, size_t *seen)
{
	const struct route *r;

	ck_assert_msg(routes_find(method, target, PARTY_PARTNER, &r) == RC_OK,
	    "%s %s is described and not served", method, target);
	(*seen)++;
}

/* Each of "enum: [a, b]" in place of {name}. */
static void
expect_names(const char *method, const char *path, const char *line,
    size_t *seen)
{
	const char *p = strchr(line, '[') + 1;
	char target[128];

	while (*p != '\0' && *p != ']') {
		size_t n = strcspn(p, ",]");

		snprintf(target, sizeof(target), "%.*s%.*s",
		    (int)strcspn(path, "{"), path, (int)n, p);
		expect_row(method, target, seen);
		p += n;
		p += strspn(p, ", ");
	}
}

/* The published description says what is served, no more and no less. */
START_TEST(openapi_describes_every_row_and_no_other)
{
	char line[256], path[128] = "", *text = NULL;
	FILE *f = fopen(SOURCE_DIR "/schema/openapi.yaml", "re");
	size_t size = 0, seen = 0, rows = 0;
	const char *p, *method = "";

	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(getdelim(&text, &size, '\0', f), 0);
	(void)fclose(f);
	p = strstr(text, "\npaths:\n");
	ck_assert_ptr_nonnull(p);
	p += strlen("\npaths:\n");
	while (next_line(&p, line, sizeof(line)) && line[0] == ' ') {
		if (strncmp(line, "  /", 3) == 0)
			snprintf(path, sizeof(path), "%.*s",
			    (int)strcspn(line + 2, ":"), line + 2);
		if (strncmp(line, "    ", 4) == 0 && line[4] != ' ') {
			ck_assert_msg(strcmp(line, "    get:") == 0 ||
					  strcmp(line, "    post:") == 0,
			    "%s", line);
			method = line[4] == 'g' ? "GET" : "POST";
			if (strchr(path, '{') == NULL)
				expect_row(method, path, &seen);
		}
		if (strstr(line, " enum: [") != NULL)
			expect_names(method, path, line, &seen);
	}
	while (routes_row(rows) != NULL)
		rows++;
	ck_assert_uint_eq(seen, rows);
	free(text);
}
END_TEST

START_TEST(nobody_without_a_party_gets_anything)
{
	const struct route *row, *r;

	for (size_t i = 0; (row = routes_row(i)) != NULL; i++)
		ck_assert_int_eq(routes_find(row->method, row->target,
				     (enum party)0, &r),
		    RC_DENIED);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_routes");
	TCase *t = tcase_create("routes");
	SRunner *sr;
	int failed;

	tcase_add_test(t, each_party_gets_what_it_is_granted_and_nothing_else);
	tcase_add_test(t, the_table_grants_no_more_than_that);
	tcase_add_test(t, a_target_has_one_row);
	tcase_add_test(t, every_other_target_is_unknown);
	tcase_add_test(t, a_target_is_compared_whole);
	tcase_add_test(t, openapi_describes_every_row_and_no_other);
	tcase_add_test(t, nobody_without_a_party_gets_anything);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
