/* The published examples: each raises what its name says, and nothing else. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "report_contract.h"

/* "BR-05-no-note.xml" is about BR-05, "XSD-order.xml" about XSD. */
static void
rule_of(const char *name, char *rule, size_t size)
{
	size_t n = strcspn(name, "-._");

	if (name[n] == '-' && (n == 2))
		n += 3;
	ck_assert_uint_lt(n, size);
	memcpy(rule, name, n);
	rule[n] = '\0';
}

static size_t complaints;

static void
complain(const char *folder, const char *name, const struct taken *t)
{
	size_t i;

	complaints++;
	fprintf(stderr, "%s/%s: status %d\n", folder, name, t->status);
	for (i = 0; i < findings_count(t->findings); i++) {
		const struct finding *f = findings_get(t->findings, i);

		fprintf(stderr, "  %s %s line %u offset %u: %s%s%s\n", f->rule,
		    f->path, f->line, f->offset, f->help,
		    f->expected[0] == NULL ? "" : " Expected: ",
		    f->expected[0] == NULL ? "" : f->expected[0]);
	}
}

static bool
only_this_rule(const struct taken *t, const char *rule)
{
	size_t i;

	if (findings_count(t->findings) == 0)
		return false;
	for (i = 0; i < findings_count(t->findings); i++)
		if (strcmp(findings_get(t->findings, i)->rule, rule) != 0)
			return false;
	return true;
}

/* The sealed form is valid by its own schema, and reads back. */
static bool
seals(const struct taken *t)
{
	struct findings *findings = findings_new();
	struct fields *sealed = NULL;
	enum rc rc;

	ck_assert(t->written != NULL && findings != NULL);
	rc = sealed_read(the_contract(), buf_data(t->written),
	    buf_len(t->written), findings, &sealed);
	if (rc != RC_OK)
		fprintf(stderr, "%.*s\n", (int)buf_len(t->written),
		    (const char *)buf_data(t->written));
	fields_free(sealed);
	findings_free(findings);
	return rc == RC_OK;
}

enum wanted { NOTHING, REJECTED, WARNED };

static bool
as_wanted(const struct taken *t, const char *name, enum wanted wanted)
{
	char rule[16];
	int status = 422;

	if (wanted == NOTHING)
		return t->status == 201 && findings_count(t->findings) == 0 &&
		       seals(t);
	rule_of(name, rule, sizeof(rule));
	if (wanted == WARNED)
		status = 201;
	else if (strcmp(rule, "XML") == 0 || strcmp(rule, "BR-53") == 0)
		status = 400;
	return t->status == status && only_this_rule(t, rule) &&
	       (wanted == REJECTED || seals(t));
}

static size_t
walk(const char *folder, enum wanted wanted)
{
	struct dirent **entries;
	char path[1024], *raw;
	struct taken t;
	size_t len, count = 0;
	int i, n;

	(void)snprintf(path, sizeof(path), "%s/schema/examples/%s", SOURCE_DIR,
	    folder);
	n = scandir(path, &entries, NULL, alphasort);
	ck_assert_msg(n >= 0, "%s", path);
	for (i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (strstr(name, ".xml") != NULL) {
			(void)snprintf(path, sizeof(path),
			    "%s/schema/examples/%s/%s", SOURCE_DIR, folder,
			    name);
			raw = read_whole(path, &len);
			take(&t, raw, len);
			if (!as_wanted(&t, name, wanted))
				complain(folder, name, &t);
			take_free(&t);
			free(raw);
			count++;
		}
		free(entries[i]);
	}
	free(entries);
	return count;
}

START_TEST(good_examples_raise_nothing)
{
	complaints = 0;
	ck_assert_uint_ge(walk("good", NOTHING), 30);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

START_TEST(near_misses_raise_nothing)
{
	complaints = 0;
	ck_assert_uint_gt(walk("near", NOTHING), 0);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

START_TEST(bad_examples_raise_the_rule_they_are_named_after)
{
	complaints = 0;
	ck_assert_uint_ge(walk("bad", REJECTED), 80);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

START_TEST(warned_examples_are_accepted_with_their_rule)
{
	complaints = 0;
	ck_assert_uint_gt(walk("warn", WARNED), 0);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

/* Whether some example of the folder is named after the rule. */
static bool
has_example(const char *folder, const char *rule)
{
	size_t len = strlen(rule);
	struct dirent *entry;
	bool found = false;
	char path[1024];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/schema/examples/%s", SOURCE_DIR,
	    folder);
	dir = opendir(path);
	ck_assert_msg(dir != NULL, "%s", path);
	while ((entry = readdir(dir)) != NULL)
		found |= strncmp(entry->d_name, rule, len) == 0 &&
			 entry->d_name[len] == '-';
	closedir(dir);
	return found;
}

/* No report raises these two here: CT-16 is never raised, and BR-08 is about
 * a force that takes 3x5x2 only. */
static bool
can_be_raised(const char *rule)
{
	return strcmp(rule, "CT-16") != 0 && strcmp(rule, "BR-08") != 0;
}

START_TEST(every_rule_has_its_examples)
{
	const struct contract *c = the_contract();
	size_t i;

	for (i = 0; i < c->rule_count; i++) {
		const struct rule *rule = &c->rules[i];
		const char *folder =
		    rule->severity == SEVERITY_R || rule->severity == SEVERITY_Q
			? "bad"
			: "warn";

		ck_assert_msg(has_example("near", rule->id), "near/%s",
		    rule->id);
		ck_assert_msg(!can_be_raised(rule->id) ||
				  has_example(folder, rule->id),
		    "%s/%s", folder, rule->id);
	}
	ck_assert_uint_gt(i, 50);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_examples");
	TCase *t = tcase_create("examples");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 100);
	tcase_add_test(t, good_examples_raise_nothing);
	tcase_add_test(t, near_misses_raise_nothing);
	tcase_add_test(t, bad_examples_raise_the_rule_they_are_named_after);
	tcase_add_test(t, warned_examples_are_accepted_with_their_rule);
	tcase_add_test(t, every_rule_has_its_examples);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
