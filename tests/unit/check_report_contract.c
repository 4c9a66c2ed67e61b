/* The published contract against the tables of the code, both ways; and a
 * damaged contract is refused with a reason. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contract.h"
#include "report_contract.h"
#include "schema_walk.h"

/* --- the field table --- */

/* The field at a path such as "Item/Grading/@scheme". */
static enum field_id
field_at(const char *path, int document)
{
	enum field_id id = document == IN_REPORT ? FIELD_REPORT : FIELD_SEALED;
	const char *end;
	bool attribute;

	for (; *path != '\0' && id != FIELD_NONE; path = end) {
		attribute = *path == '@';
		path += attribute;
		end = strchrnul(path, '/');
		id = field_find(id, attribute, path, (size_t)(end - path),
		    document);
		end += *end == '/';
	}
	return id;
}

static const char *
kind_of(enum field_type type)
{
	static const char *const kinds[] = {[TYPE_GROUP] = "",
	    [TYPE_TEXT] = "xs:string",
	    [TYPE_LINE] = "xs:string",
	    [TYPE_INT] = "xs:int",
	    [TYPE_DECIMAL] = "xs:decimal",
	    [TYPE_BOOL] = "xs:boolean",
	    [TYPE_HEX32] = "xs:string",
	    [TYPE_ID] = "xs:ID",
	    [TYPE_REF] = "xs:IDREF",
	    [TYPE_BASE64] = "xs:base64Binary"};

	return kinds[type];
}

/* The type says what the table says. A code's type is its list, or one that
 * takes some codes of it; a date's is When. */
static bool
type_agrees(const struct declared *d, const struct field_def *def)
{
	const char *base = d->base[0] == '\0' ? d->type : d->base;

	if (def->type == TYPE_CODE)
		return strcmp(base, def->list) == 0;
	if (def->type == TYPE_DATE)
		return strcmp(d->type, "When") == 0;
	return strcmp(base, kind_of(def->type)) == 0;
}

/* The schema counts characters and the table bytes: four for each. */
static bool
room_agrees(const struct declared *d, const struct field_def *def)
{
	return d->longest == 0 || def->max == 4 * d->longest;
}

static void
schema_against_fields(const char *name, int document)
{
	struct walk *w = schema_walk(name);
	bool seen[FIELD_COUNT] = {false};
	size_t i;
	int id;

	for (i = 0; i < w->count; i++) {
		const struct declared *d = &w->list[i];
		const struct field_def *def;

		id = (int)field_at(d->path, document);
		ck_assert_msg(id != FIELD_NONE, "%s: %s has no row", name,
		    d->path);
		def = field_def((enum field_id)id);
		seen[id] = true;
		ck_assert_msg(d->many == def->many, "%s: %s how often", name,
		    d->path);
		ck_assert_msg(d->group == (def->type == TYPE_GROUP),
		    "%s: %s group", name, d->path);
		ck_assert_msg(d->group || type_agrees(d, def), "%s: %s is %s",
		    name, d->path, d->type);
		ck_assert_msg(room_agrees(d, def), "%s: %s %u", name, d->path,
		    d->longest);
		ck_assert_msg(d->documented, "%s: %s says nothing", name,
		    d->path);
	}
	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++)
		if (id != FIELD_REPORT || document == IN_REPORT)
			ck_assert_msg(seen[id] == ((field_def((enum field_id)id)
							   ->documents &
						       document) != 0),
			    "%s: row %d, %s", name, id,
			    field_def((enum field_id)id)->name);
	free(w);
}

START_TEST(report_xsd_and_the_field_table_agree)
{
	struct walk *w = schema_walk("report.xsd");

	ck_assert_str_eq(w->name, field_def(FIELD_REPORT)->name);
	free(w);
	schema_against_fields("report.xsd", IN_REPORT);
}
END_TEST

START_TEST(sealed_xsd_and_the_field_table_agree)
{
	struct walk *w = schema_walk("sealed.xsd");

	ck_assert_str_eq(w->name, field_def(FIELD_SEALED)->name);
	free(w);
	schema_against_fields("sealed.xsd", IN_SEALED);
}
END_TEST

/* --- sealed.tsv --- */

/* Below the sealed root stand parts of the report as well. */
static enum field_id
parent_in_sealed(enum field_id id)
{
	enum field_id parent = field_def(id)->parent;

	return parent == FIELD_REPORT ? FIELD_SEALED : parent;
}

START_TEST(sealed_tsv_has_every_field_in_the_order_of_sealed_xsd)
{
	const struct contract *c = the_contract();
	struct walk *w = schema_walk("sealed.xsd");
	uint16_t next[FIELD_COUNT];
	enum field_id id, parent;
	size_t i, elements = 0;

	memcpy(next, c->row_first, sizeof(next));
	for (i = 1; i < w->count; i++) {
		id = field_at(w->list[i].path, IN_SEALED);
		parent = parent_in_sealed(id);
		/* attributes stand first in the table, last in a schema */
		if (w->list[i].attribute)
			continue;
		while (next[parent] != 0 &&
		       field_def(c->rows[next[parent] - 1].id)->attribute)
			next[parent] = c->row_next[next[parent] - 1];
		ck_assert_msg(next[parent] != 0 &&
				  c->rows[next[parent] - 1].id == id,
		    "%s is not in its place", w->list[i].path);
		if (next[parent] != 0)
			next[parent] = c->row_next[next[parent] - 1];
		elements++;
	}
	ck_assert_uint_gt(elements, 100);
	/* and nothing more, attributes included */
	ck_assert_uint_eq(c->row_count, w->count - 1);
	free(w);
}
END_TEST

START_TEST(nothing_that_identifies_the_submitter_has_a_row)
{
	const struct contract *c = the_contract();
	size_t i;

	for (i = 0; i < c->row_count; i++) {
		const struct field_def *def = field_def(c->rows[i].id);

		ck_assert_msg((def->documents & IN_SEALED) != 0, "%s",
		    def->name);
		ck_assert_msg(def->identity_class != 'S', "%s", def->name);
		/* no time of day, no reference that a client chose */
		if (def->type == TYPE_DATE)
			ck_assert_msg(c->rows[i].action == ACTION_DAY ||
					  c->rows[i].action == ACTION_DROP,
			    "%s", def->name);
		if (def->type == TYPE_ID || def->type == TYPE_REF)
			ck_assert_msg(c->rows[i].action == ACTION_NUMBER, "%s",
			    def->name);
	}
	ck_assert_uint_gt(i, 100);
}
END_TEST

/* --- codes.xsd --- */

START_TEST(every_code_has_a_meaning_and_every_list_a_field)
{
	const struct contract *c = the_contract();
	size_t i, k;
	int id;

	for (i = 0; i < c->list_count; i++) {
		const struct code_list *list = &c->lists[i];

		for (k = 0; k < list->count; k++) {
			ck_assert_msg(list->codes[k].meaning[0] != '\0',
			    "%s %s", list->name, list->codes[k].text);
			if (k > 0)
				ck_assert_str_ne(list->codes[k].text,
				    list->codes[k - 1].text);
		}
		for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++)
			if (c->list_of[id] == list)
				break;
		ck_assert_msg(id < FIELD_COUNT, "%s is for nothing",
		    list->name);
	}
	ck_assert_uint_gt(i, 40);
}
END_TEST

START_TEST(a_code_fits_its_field)
{
	const struct contract *c = the_contract();
	size_t k;
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++)
		for (k = 0; c->list_of[id] != NULL && k < c->list_of[id]->count;
		     k++)
			ck_assert_msg(strlen(c->list_of[id]->codes[k].text) <=
					  field_def((enum field_id)id)->max,
			    "%s", c->list_of[id]->codes[k].text);
}
END_TEST

/* --- rules.tsv --- */

static const char *const raised[] = {
#include "rules.def"
};

/* What a submitter confirms without having been asked. */
static const char *const never_raised[] = {"CT-16"};

static bool
among(const char *const *list, size_t count, const char *rule)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i], rule) == 0)
			return true;
	return false;
}

#define AMONG(list, rule) among(list, sizeof(list) / sizeof((list)[0]), rule)

START_TEST(every_row_of_rules_tsv_is_raised_and_the_other_way_round)
{
	const struct contract *c = the_contract();
	size_t i;

	for (i = 0; i < c->rule_count; i++)
		ck_assert_msg(AMONG(raised, c->rules[i].id) !=
				  AMONG(never_raised, c->rules[i].id),
		    "%s", c->rules[i].id);
	ck_assert_uint_eq(c->rule_count,
	    sizeof(raised) / sizeof(raised[0]) +
		sizeof(never_raised) / sizeof(never_raised[0]));
	/* contract_rule() is fatal for one without a row */
	for (i = 0; i < sizeof(raised) / sizeof(raised[0]); i++)
		ck_assert_uint_lt(contract_rule(c, raised[i]), c->rule_count);
}
END_TEST

/* The severities that were decided, by kind. */
START_TEST(each_rule_has_the_severity_that_was_decided)
{
	static const struct {
		enum severity severity;
		const char *rules;
	} decided[] = {
	    {SEVERITY_R, "BR-01 BR-02 BR-05 BR-06 BR-10 BR-15 BR-16 BR-17 "
			 "BR-19 BR-21 BR-22 BR-29 BR-41 BR-44 BR-47 BR-49 "
			 "BR-51 BR-52 BR-53 XML XSD CT-01 CT-02 CT-03 CT-05 "
			 "CT-06 CT-07 CT-08 CT-09"},
	    {SEVERITY_Q, "BR-07 BR-42 BR-66 CT-04"},
	    {SEVERITY_X, "BR-23 BR-25 BR-28"},
	    {SEVERITY_W,
		"BR-03 BR-04 BR-08 BR-09 BR-11 BR-13 BR-14 BR-18 BR-26 BR-30 "
		"BR-46 BR-48 BR-56 BR-65 CT-11 CT-12 CT-13 CT-14 CT-15 "
		"CT-16"}};
	const struct contract *c = the_contract();
	char rule[8];
	size_t i, seen = 0;
	const char *p;
	int n;

	for (i = 0; i < sizeof(decided) / sizeof(decided[0]); i++)
		for (p = decided[i].rules; sscanf(p, " %7s%n", rule, &n) == 1;
		     p += n, seen++)
			ck_assert_msg(c->rules[contract_rule(c, rule)]
					      .severity == decided[i].severity,
			    "%s", rule);
	ck_assert_uint_eq(seen, c->rule_count);
}
END_TEST

/* An answer is ASCII, and has to hold 25 of them. */
START_TEST(help_is_short_plain_and_its_own)
{
	const struct contract *c = the_contract();
	size_t i, k;

	for (i = 0; i < c->rule_count; i++) {
		const char *help = c->rules[i].help;
		size_t len = strlen(help);

		ck_assert_msg(len > 20 && len <= 260, "%s", c->rules[i].id);
		ck_assert_msg(help[len - 1] == '.' && isupper(help[0]), "%s",
		    c->rules[i].id);
		for (k = 0; k < len; k++)
			ck_assert_msg(help[k] >= ' ' && help[k] <= '~', "%s",
			    c->rules[i].id);
		for (k = 0; k < i; k++) {
			ck_assert_str_ne(help, c->rules[k].help);
			ck_assert_str_ne(c->rules[i].id, c->rules[k].id);
		}
	}
}
END_TEST

START_TEST(words_are_folded_and_of_lists_that_are_asked)
{
	const struct contract *c = the_contract();
	size_t i, k;

	for (i = 0; i < c->word_count; i++) {
		const struct word *w = &c->words[i];

		ck_assert_msg(strcmp(w->list, "threat") == 0 ||
				  code_find(list_find(c, "DeskMarking"),
				      w->list, strlen(w->list)) != NULL,
		    "%s", w->list);
		for (k = 0; w->text[k] != '\0'; k++)
			ck_assert_msg(w->text[k] == ' ' ||
					  (w->text[k] >= 'a' &&
					      w->text[k] <= 'z'),
			    "%s", w->text);
	}
	ck_assert_uint_gt(i, 20);
}
END_TEST

/* --- damage --- */

static const char *const files[] = {"report.xsd", "codes.xsd", "sealed.xsd",
    "sealed.tsv", "rules.tsv", "words.tsv"};

static struct archive *
pack(const char *changed, const char *text)
{
	struct buf *b = buf_new((size_t)8 * 1024 * 1024);
	struct archive *archive = NULL;
	char path[512], *whole;
	size_t i, len;
	int fd;

	ck_assert_ptr_nonnull(b);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		bool other = strcmp(files[i], changed) == 0;

		if (other && text == NULL)
			continue; /* left out */
		(void)snprintf(path, sizeof(path), "%s/schema/%s", SOURCE_DIR,
		    files[i]);
		whole = other ? strdup(text) : read_whole(path, &len);
		ck_assert_ptr_nonnull(whole);
		ck_assert_int_eq(archive_add(b, files[i], whole, strlen(whole)),
		    RC_OK);
		free(whole);
	}
	ck_assert_int_eq(sealed_memfd("schema", buf_data(b), buf_len(b), &fd),
	    RC_OK);
	ck_assert_int_eq(archive_read(fd, &archive), RC_OK);
	close(fd);
	buf_free(b);
	return archive;
}

/* Loads the contract with one file changed; it must be refused, and why. */
static void
refused(const char *changed, const char *text, const char *why_part)
{
	struct archive *archive = pack(changed, text);
	struct contract *c = NULL;
	const char *why = NULL;

	ck_assert_msg(contract_load(archive, &c, &why) == RC_CONFIG,
	    "%s was taken, want: %s", changed, why_part);
	ck_assert_ptr_null(c);
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, why_part) != NULL, "%s: \"%s\", want \"%s\"",
	    changed, why, why_part);
	/* a caller may not ask why */
	ck_assert_int_eq(contract_load(archive, &c, NULL), RC_CONFIG);
	archive_free(archive);
}

/* The same after replacing old by new in that file. */
static void
refused_with(const char *name, const char *old, const char *new,
    const char *why_part)
{
	char path[512], *whole, *other;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/schema/%s", SOURCE_DIR, name);
	whole = read_whole(path, &len);
	other = replaced(whole, old, new);
	refused(name, other, why_part);
	free(other);
	free(whole);
}

START_TEST(a_missing_file_is_refused)
{
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		refused(files[i], NULL, "is missing");
}
END_TEST

START_TEST(a_broken_schema_is_refused)
{
	refused("report.xsd", "<xs:schema", "report.xsd");
	refused("sealed.xsd", "", "sealed.xsd");
	refused("codes.xsd", "<x/>", "codes.xsd");
	refused_with("report.xsd", "type=\"Priority\"", "type=\"Priorities\"",
	    "report.xsd");
	refused_with("sealed.xsd", "type=\"Priority\"", "type=\"Priorities\"",
	    "sealed.xsd");
	/* nothing is read from a disk, whatever a schema says */
	refused_with("report.xsd", "schemaLocation=\"codes.xsd\"",
	    "schemaLocation=\"/etc/passwd\"", "report.xsd");
	refused_with("report.xsd", "schemaLocation=\"codes.xsd\"",
	    "schemaLocation=\"" SOURCE_DIR "/schema/codes.xsd\"", "report.xsd");
}
END_TEST

START_TEST(a_damaged_code_list_is_refused)
{
	refused_with("codes.xsd", "name=\"Priority\"", "name=\"Urgency\"",
	    "codes.xsd");
	/* what stands for a code must be one */
	refused_with("codes.xsd", "source=\"coarse\">FIRST-HAND",
	    "source=\"coarse\">SECOND-HAND", "codes.xsd");
	refused_with("codes.xsd", "source=\"converted\">1",
	    "source=\"converted\">9", "codes.xsd");
}
END_TEST

START_TEST(a_contract_without_versions_is_refused)
{
	refused_with("report.xsd", "\"unqualified\" version=\"1.0\"",
	    "\"unqualified\"", "version");
	refused_with("codes.xsd", "XMLSchema\" version=\"1.0\"", "XMLSchema\"",
	    "version");
	refused_with("rules.tsv", "# version 1.0\n", "", "version");
}
END_TEST

START_TEST(a_damaged_rule_table_is_refused)
{
	refused_with("rules.tsv", "BR-47\tR\t", "BR-99\tR\t", "rules.tsv");
	refused_with("rules.tsv", "BR-47\tR\t", "BR-47\tZ\t", "rules.tsv");
	refused_with("rules.tsv", "BR-47\tR\tbusiness\t", "BR-47\tR business ",
	    "rules.tsv");
	refused_with("rules.tsv", "BR-47\tR\t", "BR-47-OF-9\tR\t", "rules.tsv");
}
END_TEST

START_TEST(a_damaged_word_list_is_refused)
{
	refused_with("words.tsv", "threat\tgun\n", "threat\n", "words.tsv");
	refused_with("words.tsv", "threat\tgun\n", "\tgun\n", "words.tsv");
}
END_TEST

START_TEST(a_damaged_sealed_table_is_refused)
{
	static const char why[] = "sealed.tsv";

	refused_with("sealed.tsv", "Risk\tkeep", "Risks\tkeep", why);
	refused_with("sealed.tsv", "Risk\tkeep", "Risk\tcopy", why);
	refused_with("sealed.tsv", "Risk\tkeep", "Risk\tkeeper", why);
	refused_with("sealed.tsv", "Risk\tkeep", "Risk\tkeep CT-11", why);
	refused_with("sealed.tsv", "Risk\tkeep", "Risk\tkeep\nRisk\tkeep", why);
	refused_with("sealed.tsv", "\tchoice CT-15", "\tchoice", why);
	refused_with("sealed.tsv", "\tchoice CT-15", "\tchoice CT-150000", why);
	refused_with("sealed.tsv", "Risk\tkeep", "Risk", why);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_contract");
	TCase *t = tcase_create("contract");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 100);
	tcase_add_test(t, report_xsd_and_the_field_table_agree);
	tcase_add_test(t, sealed_xsd_and_the_field_table_agree);
	tcase_add_test(t,
	    sealed_tsv_has_every_field_in_the_order_of_sealed_xsd);
	tcase_add_test(t, nothing_that_identifies_the_submitter_has_a_row);
	tcase_add_test(t, every_code_has_a_meaning_and_every_list_a_field);
	tcase_add_test(t, a_code_fits_its_field);
	tcase_add_test(t,
	    every_row_of_rules_tsv_is_raised_and_the_other_way_round);
	tcase_add_test(t, each_rule_has_the_severity_that_was_decided);
	tcase_add_test(t, help_is_short_plain_and_its_own);
	tcase_add_test(t, words_are_folded_and_of_lists_that_are_asked);
	tcase_add_test(t, a_missing_file_is_refused);
	tcase_add_test(t, a_broken_schema_is_refused);
	tcase_add_test(t, a_damaged_code_list_is_refused);
	tcase_add_test(t, a_contract_without_versions_is_refused);
	tcase_add_test(t, a_damaged_rule_table_is_refused);
	tcase_add_test(t, a_damaged_word_list_is_refused);
	tcase_add_test(t, a_damaged_sealed_table_is_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
