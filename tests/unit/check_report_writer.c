/* The new document: no trace of the program that wrote the old one, nothing
 * that is not to travel, and valid by the schema of what police receive. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"
#include "respell.h"

/* Calls visit with every good example. */
static void
each_good(void (*visit)(const char *name, const char *xml))
{
	struct dirent **entries;
	char path[1024], *raw;
	int i, n;

	(void)snprintf(path, sizeof(path), "%s/schema/examples/good",
	    SOURCE_DIR);
	n = scandir(path, &entries, NULL, alphasort);
	ck_assert_int_gt(n, 30);
	for (i = 0; i < n; i++) {
		if (strstr(entries[i]->d_name, ".xml") != NULL) {
			raw = read_good(entries[i]->d_name);
			visit(entries[i]->d_name, raw);
			free(raw);
		}
		free(entries[i]);
	}
	free(entries);
}

static void
same_by_all_writers(const char *name, const char *xml)
{
	struct taken t, other;
	char *again;
	int how;

	take_text(&t, xml);
	ck_assert_msg(t.written != NULL, "%s", name);
	for (how = 0; how < RESPELL_COUNT; how++) {
		again = respell(xml, (enum respelling)how);
		ck_assert_str_ne(again, xml);
		take_text(&other, again);
		ck_assert_msg(other.written != NULL, "%s with %s: %s %s", name,
		    respell_name((enum respelling)how),
		    findings_count(other.findings) == 0
			? ""
			: findings_get(other.findings, 0)->rule,
		    findings_count(other.findings) == 0
			? ""
			: findings_get(other.findings, 0)->path);
		ck_assert_msg(buf_len(t.written) == buf_len(other.written) &&
				  memcmp(buf_data(t.written),
				      buf_data(other.written),
				      buf_len(t.written)) == 0,
		    "%s with %s differs:\n%.*s\n%.*s", name,
		    respell_name((enum respelling)how), (int)buf_len(t.written),
		    (const char *)buf_data(t.written),
		    (int)buf_len(other.written),
		    (const char *)buf_data(other.written));
		take_free(&other);
		free(again);
	}
	take_free(&t);
}

START_TEST(every_serialiser_gives_the_same_bytes)
{
	each_good(same_by_all_writers);
}
END_TEST

/* All at once, one over the other. */
static void
same_by_all_together(const char *name, const char *xml)
{
	static const enum respelling all[] = {RESPELL_BOM, RESPELL_ORDER,
	    RESPELL_DIGITS, RESPELL_IDS, RESPELL_NUMBERS, RESPELL_PREFIX,
	    RESPELL_ATTRIBUTES, RESPELL_QUOTES, RESPELL_INDENT,
	    RESPELL_COMMENTS, RESPELL_CRLF};
	struct taken t, other;
	char *again = strdup(xml), *next;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		next = respell(again, all[i]);
		free(again);
		again = next;
	}
	take_text(&t, xml);
	take_text(&other, again);
	ck_assert_msg(t.written != NULL && other.written != NULL &&
			  buf_len(t.written) == buf_len(other.written) &&
			  memcmp(buf_data(t.written), buf_data(other.written),
			      buf_len(t.written)) == 0,
	    "%s", name);
	take_free(&t);
	take_free(&other);
	free(again);
}

START_TEST(all_habits_together_leave_nothing)
{
	each_good(same_by_all_together);
}
END_TEST

static bool
written_has(const struct taken *t, const char *text)
{
	return memmem(buf_data(t->written), buf_len(t->written), text,
		   strlen(text)) != NULL;
}

/* The value of the element, from the text of the example. */
static char *
value_of(const char *xml, const char *name)
{
	char open[64];
	const char *p, *end;

	(void)snprintf(open, sizeof(open), "<%s>", name);
	p = strstr(xml, open);
	if (p == NULL)
		return NULL;
	p += strlen(open);
	end = strchr(p, '<');
	return strndup(p, (size_t)(end - p));
}

/* Puts each spelling in place of the number of an element and looks for the
 * one form police get. */
static void
one_form(const char *example, const char *name, const char *const *spellings,
    const char *form)
{
	char *xml = read_good(example), *value = value_of(xml, name), *again;
	char old[96], new[96], want[96];
	struct taken t;

	ck_assert_msg(value != NULL, "%s has no %s", example, name);
	(void)snprintf(old, sizeof(old), ">%s</%s>", value, name);
	(void)snprintf(want, sizeof(want), ">%s</%s>", form, name);
	for (; *spellings != NULL; spellings++) {
		(void)snprintf(new, sizeof(new), ">%s</%s>", *spellings, name);
		again = replaced(xml, old, new);
		take_text(&t, again);
		ck_assert_msg(t.written != NULL && written_has(&t, want),
		    "%s %s: %d", name, *spellings, t.status);
		take_free(&t);
		free(again);
	}
	free(value);
	free(xml);
}

START_TEST(a_number_has_one_form)
{
	static const char *const place[] = {"53.5601", "+053.5601000",
	    "53.56010", "53.56019999", "0053.5601", NULL};
	static const char *const south[] = {
	    "-0.5", "-.50", "-00.5000000", "-0.50001", NULL};
	static const char *const zero[] = {
	    "0", "-0", "+0.0", "-0.00001", ".0", "0.", "-.0", NULL};
	static const char *const metres[] = {"50", "0050", "000050", NULL};
	static const char *const whole[] = {
	    "1000", "1000.00", "1000.", "+1000", "0001000", NULL};
	static const char *const half[] = {"0.5", ".5", "+.50", "00.500", NULL};
	static const char *const exact[] = {"0.12345678", ".123456780", NULL};

	one_form("animal-dog-fighting.xml", "Lat", place, "53.5601");
	one_form("animal-dog-fighting.xml", "Lon", south, "-0.5");
	one_form("animal-dog-fighting.xml", "Lon", zero, "0");
	one_form("animal-dog-fighting.xml", "PrecisionMetres", metres, "50");
	one_form("revenues-money-laundering.xml", "Amount", whole, "1000");
	one_form("revenues-money-laundering.xml", "Amount", half, "0.5");
	one_form("revenues-money-laundering.xml", "Amount", exact,
	    "0.12345678");
}
END_TEST

/* To write a code twice is a habit, and says nothing. */
START_TEST(what_is_said_twice_is_written_once)
{
	static const char *const doubled[] = {"<Strand>PROTECT</Strand>",
	    "<ThreatType>CUCK</ThreatType>", "<EntityRef>u1</EntityRef>",
	    "<ItemRef>i1</ItemRef>"};
	char *xml = read_good("council-cuckooing.xml"), *twice, pair[128];
	struct taken t, other;
	size_t i;

	take_text(&t, xml);
	ck_assert_ptr_nonnull(t.written);
	for (i = 0; i < sizeof(doubled) / sizeof(doubled[0]); i++) {
		(void)snprintf(pair, sizeof(pair), "%s%s", doubled[i],
		    doubled[i]);
		twice = replaced(xml, doubled[i], pair);
		take_text(&other, twice);
		ck_assert_msg(other.written != NULL, "%s", pair);
		ck_assert_msg(buf_len(t.written) == buf_len(other.written) &&
				  memcmp(buf_data(t.written),
				      buf_data(other.written),
				      buf_len(t.written)) == 0,
		    "%s", pair);
		take_free(&other);
		free(twice);
	}
	take_free(&t);
	free(xml);
}
END_TEST

static size_t submitters;

static void
no_submitter(const char *name, const char *xml)
{
	static const char *const never[] = {"Id", "Blind", "CreatedAt",
	    "ClientSoftware", "PersonName", "JobTitle", "StaffNumber", "Email",
	    "OtherNamesToScan", "OrganisationName", "Department",
	    "OrganisationClass", "Basis", "Necessity"};
	struct taken t;
	char *value;
	size_t i;

	take_text(&t, xml);
	ck_assert_msg(t.written != NULL, "%s", name);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		value = value_of(xml, never[i]);
		if (value != NULL)
			ck_assert_msg(!written_has(&t, value), "%s: %s", name,
			    never[i]);
		submitters += value != NULL && i > 3;
		free(value);
	}
	ck_assert(!written_has(&t, "Submitter"));
	ck_assert(!written_has(&t, "Declarations"));
	ck_assert(!written_has(&t, "<!--"));
	take_free(&t);
}

START_TEST(nothing_of_the_submitter_travels)
{
	submitters = 0;
	each_good(no_submitter);
	/* the examples have submitters, or this showed nothing */
	ck_assert_uint_gt(submitters, 30);
}
END_TEST

static void
padded_is_valid(const char *name, const char *xml)
{
	struct findings *f = findings_new();
	struct fields *sealed = NULL;
	struct taken t;
	uint8_t class;
	struct buf *text = buf_new(CLASS_BYTES(2) * 4);

	ck_assert(f != NULL && text != NULL);
	take_text(&t, xml);
	ck_assert_msg(t.written != NULL, "%s", name);
	ck_assert_int_eq(report_class(buf_len(t.written), &class), RC_OK);
	ck_assert_int_eq(report_pad(t.written, class), RC_OK);
	ck_assert_uint_eq(buf_len(t.written), CLASS_BYTES(class));
	ck_assert_msg(sealed_read(the_contract(), buf_data(t.written),
			  buf_len(t.written), f, &sealed) == RC_OK,
	    "%s", name);
	ck_assert(!sealed_is_cover(sealed));
	ck_assert_int_eq(report_text(the_contract(), sealed, text), RC_OK);
	ck_assert_uint_gt(buf_len(text), 0);
	fields_free(sealed);
	findings_free(f);
	buf_free(text);
	take_free(&t);
}

START_TEST(the_padded_form_is_valid_and_reads_back)
{
	each_good(padded_is_valid);
}
END_TEST

/* What includes no parser's header can not copy from a parser. */
START_TEST(the_writer_knows_no_parser)
{
	static const char *const files[] = {"writer.c", "writer.h", "forms.c",
	    "numbers.c", "order.c", "fields.h", "fields_tree.h", "contract.h",
	    "report.h", "rules.h"};
	char path[512], *text;
	size_t i, len;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/gateway/lib/report/%s",
		    SOURCE_DIR, files[i]);
		text = read_whole(path, &len);
		ck_assert_msg(strstr(text, "libxml/") == NULL, "%s", files[i]);
		free(text);
	}
}
END_TEST

START_TEST(padding_never_cuts)
{
	struct buf *b = buf_new(CLASS_BYTES(2));
	uint8_t class;

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(report_class(0, &class), RC_OK);
	ck_assert_uint_eq(class, 0);
	ck_assert_int_eq(report_class(CLASS_BYTES(0), &class), RC_OK);
	ck_assert_uint_eq(class, 0);
	ck_assert_int_eq(report_class(CLASS_BYTES(0) + 1, &class), RC_OK);
	ck_assert_uint_eq(class, 1);
	ck_assert_int_eq(report_class(CLASS_BYTES(1) + 1, &class), RC_OK);
	ck_assert_uint_eq(class, 2);
	ck_assert_int_eq(report_class(CLASS_BYTES(2) + 1, &class), RC_LIMIT);
	ck_assert_int_eq(buf_fill(b, 'x', CLASS_BYTES(0) + 1), RC_OK);
	ck_assert_int_eq(report_pad(b, 0), RC_LIMIT);
	ck_assert_uint_eq(buf_len(b), CLASS_BYTES(0) + 1);
	ck_assert_int_eq(report_pad(b, 3), RC_LIMIT);
	ck_assert_int_eq(report_pad(b, 1), RC_OK);
	ck_assert_uint_eq(buf_len(b), CLASS_BYTES(1));
	buf_free(b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_writer");
	TCase *t = tcase_create("writer");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 100);
	tcase_add_test(t, every_serialiser_gives_the_same_bytes);
	tcase_add_test(t, all_habits_together_leave_nothing);
	tcase_add_test(t, a_number_has_one_form);
	tcase_add_test(t, what_is_said_twice_is_written_once);
	tcase_add_test(t, nothing_of_the_submitter_travels);
	tcase_add_test(t, the_padded_form_is_valid_and_reads_back);
	tcase_add_test(t, the_writer_knows_no_parser);
	tcase_add_test(t, padding_never_cuts);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
