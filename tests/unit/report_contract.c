/* The real contract for tests, and a report taken through it. */
#include "report_contract.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct contract *contract;

char *
read_whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long size;

	ck_assert_msg(f != NULL, "%s", path);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	ck_assert_int_ge(size, 0);
	rewind(f);
	text = malloc((size_t)size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(fread(text, 1, (size_t)size, f), (size_t)size);
	text[size] = '\0';
	(void)fclose(f);
	*len = (size_t)size;
	return text;
}

char *
read_good(const char *name)
{
	char path[512];
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/schema/examples/good/%s",
	    SOURCE_DIR, name);
	return read_whole(path, &len);
}

const struct contract *
the_contract(void)
{
	static const char *const names[] = {"report.xsd", "codes.xsd",
	    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};
	struct archive *archive = NULL;
	const char *why = "";
	char path[512], *text;
	struct buf *b;
	size_t i, len;
	int fd;

	if (contract != NULL)
		return contract;
	b = buf_new((size_t)8 * 1024 * 1024);
	ck_assert_ptr_nonnull(b);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/schema/%s", SOURCE_DIR,
		    names[i]);
		text = read_whole(path, &len);
		ck_assert_int_eq(archive_add(b, names[i], text, len), RC_OK);
		free(text);
	}
	ck_assert_int_eq(sealed_memfd("schema", buf_data(b), buf_len(b), &fd),
	    RC_OK);
	ck_assert_int_eq(archive_read(fd, &archive), RC_OK);
	close(fd);
	buf_free(b);
	ck_assert_msg(contract_load(archive, &contract, &why) == RC_OK, "%s",
	    why);
	archive_free(archive);
	return contract;
}

const struct rule_context *
test_context(void)
{
	static const struct rule_destination destinations[] = {
	    {"SYP", true, true, false}};
	static const struct rule_context context = {.now_wall_s = TEST_NOW_S,
	    .destinations_known = true,
	    .destinations = destinations,
	    .destination_count = sizeof(destinations) / sizeof(destinations[0]),
	    .operations_known = true};

	return &context;
}

void
take(struct taken *t, const char *raw, size_t len)
{
	const struct contract *c = the_contract();

	memset(t, 0, sizeof(*t));
	t->findings = findings_new();
	ck_assert_ptr_nonnull(t->findings);
	t->rc =
	    report_read(c, (const uint8_t *)raw, len, t->findings, &t->fields);
	if (t->rc == RC_OK)
		ck_assert_int_eq(report_rules(c, t->fields, test_context(),
				     t->findings),
		    RC_OK);
	t->status = findings_status(t->findings);
	if (t->rc != RC_OK || t->status != 201)
		return;
	t->written = buf_new(CLASS_BYTES(2));
	ck_assert_ptr_nonnull(t->written);
	if (report_write(c, t->fields, t->findings, KIND_REPORT, t->written) ==
	    RC_LIMIT)
		report_check_size(c, SIZE_MAX, LANE_POOL, t->findings);
	else
		report_check_size(c, buf_len(t->written),
		    report_lane(t->fields), t->findings);
	t->status = findings_status(t->findings);
}

void
take_text(struct taken *t, const char *raw)
{
	take(t, raw, strlen(raw));
}

void
take_free(struct taken *t)
{
	fields_free(t->fields);
	findings_free(t->findings);
	buf_free(t->written);
}

const char *
only_rule(const struct taken *t)
{
	const char *rule;
	size_t i;

	ck_assert_uint_gt(findings_count(t->findings), 0);
	rule = findings_get(t->findings, 0)->rule;
	for (i = 1; i < findings_count(t->findings); i++)
		ck_assert_str_eq(findings_get(t->findings, i)->rule, rule);
	return rule;
}

static char *
replace_some(const char *text, const char *old, const char *new, bool all)
{
	size_t old_len = strlen(old), new_len = strlen(new), used = 0;
	const char *hit;
	char *out;

	hit = strstr(text, old);
	ck_assert_msg(hit != NULL, "not there: %s", old);
	out = malloc(strlen(text) * (new_len / old_len + 2) + new_len + 1);
	ck_assert_ptr_nonnull(out);
	while (hit != NULL) {
		memcpy(out + used, text, (size_t)(hit - text));
		used += (size_t)(hit - text);
		// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
		memcpy(out + used, new, new_len);
		used += new_len;
		text = hit + old_len;
		hit = all ? strstr(text, old) : NULL;
	}
	memcpy(out + used, text, strlen(text) + 1);
	return out;
}

char *
replaced(const char *text, const char *old, const char *new)
{
	return replace_some(text, old, new, false);
}

char *
replaced_all(const char *text, const char *old, const char *new)
{
	return replace_some(text, old, new, true);
}
