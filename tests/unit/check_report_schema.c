/* report.xsd as anybody's validator reads it, against report_read(): what the
 * published schema refuses the gateway refuses, and what it lets through is
 * not refused for its form. */
#include <check.h>
#include <dirent.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

#define BASE "council-cuckooing.xml"
#define TEN(x) x x x x x x x x x x

static xmlSchemaPtr schema;

static void
quiet(void *context, const char *message, ...)
{
	(void)context;
	(void)message;
}

/* As xmllint does it. Before the_contract(): that one keeps libxml2 from
 * reading files ever again. */
static void
setup(void)
{
	xmlSchemaParserCtxtPtr parser =
	    xmlSchemaNewParserCtxt(SOURCE_DIR "/schema/report.xsd");

	schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	ck_assert_ptr_nonnull(schema);
	xmlSetGenericErrorFunc(NULL, quiet);
	(void)the_contract();
}

static void
teardown(void)
{
	xmlSchemaFree(schema);
}

/* Whether a validator takes the document. */
static bool
is_valid(const char *xml)
{
	xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
	xmlDoc *doc;
	int answer = -1;

	doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	ck_assert_ptr_nonnull(context);
	xmlSchemaSetValidErrors(context, quiet, quiet, NULL);
	if (doc != NULL)
		answer = xmlSchemaValidateDoc(context, doc);
	xmlFreeDoc(doc);
	xmlSchemaFreeValidCtxt(context);
	return answer == 0;
}

static bool
raised(const struct taken *t, const char *rule)
{
	size_t i;

	for (i = 0; i < findings_count(t->findings); i++)
		if (strcmp(findings_get(t->findings, i)->rule, rule) == 0)
			return true;
	return false;
}

/* A change to the example: the first old becomes new. */
struct change {
	const char *old, *new;
};

static void
try(const struct change *change, bool valid)
{
	char *text = read_good(BASE), *other;
	struct taken t;

	other = replaced(text, change->old, change->new);
	ck_assert_msg(is_valid(other) == valid, "validator: %s", change->new);
	take_text(&t, other);
	ck_assert_msg((t.rc == RC_OK) == valid, "reader, rc %d: %s", t.rc,
	    change->new);
	ck_assert_msg(raised(&t, "XSD") == !valid, "finding: %s", change->new);
	if (!valid)
		ck_assert_int_eq(t.status, 422);
	take_free(&t);
	free(other);
	free(text);
}

static const struct change refused[] = {
    /* elements: missing, twice, in the wrong place, unknown */
    {"<Priority>MEDIUM</Priority>", ""},
    {"<Priority>MEDIUM</Priority>",
	"<Priority>LOW</Priority><Priority>LOW</Priority>"},
    {"<Subject>", "<Frequency>ONCE</Frequency><Subject>"},
    {"<Subject>", "<Author>x</Author><Subject>"},
    {"<SubmissionKind>NEW</SubmissionKind>", ""},
    {"<Marking>", "text<Marking>"},
    {"<Strand>PROTECT</Strand>", TEN("<Strand>PROTECT</Strand>")},
    {"<EntityRef>u1</EntityRef>", "<EntityRef/>"},
    {"<ItemRef>i1</ItemRef>", ""},
    {"xmlns=\"urn:cutout:report:1\"", "xmlns=\"urn:cutout:report:2\""},
    {"xmlns=\"urn:cutout:report:1\"", ""},
    /* attributes */
    {" profile=\"5x5x5\"", ""},
    {" profile=\"5x5x5\"", " profile=\"4x4\""},
    {" schemaVersion=\"1.0\"", " schemaVersion=\"2.0\""},
    {"<Item id=\"i1\">", "<Item id=\"i1\" name=\"x\">"},
    {"<Item id=\"i1\">", "<Item>"},
    {"<Link from=\"u1\"", "<Link"},
    /* codes */
    {"<Priority>MEDIUM", "<Priority>medium"},
    {"<Priority>MEDIUM", "<Priority>URGENT"},
    {"<Classification>OFFICIAL-SENSITIVE", "<Classification>SECRET"},
    {"<SubmissionKind>NEW", "<SubmissionKind>CORRECTION"},
    {"<GradedBy>SUBMITTER", "<GradedBy>POLICE"},
    {"<GradedBy>SUBMITTER", "<GradedBy>GATEWAY-DEFAULT"},
    {"<HowKnown>TOLD-BY-OTHER", "<HowKnown>TOLD"},
    /* numbers, truths, dates */
    {"<Sequence>1<", "<Sequence>0<"},
    {"<Sequence>1<", "<Sequence>51<"},
    {"<Sequence>1<", "<Sequence>+1<"},
    {"<Sequence>1<", "<Sequence>0000000000001<"},
    {"<ChainLength>1<", "<ChainLength>6<"},
    {"<Corroborated>false", "<Corroborated>no"},
    {"<Corroborated>false", "<Corroborated>FALSE"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-02-30"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>09/03/2026"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>12026-03-09"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>-2026-03-09"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>0026-03-09"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T24:00:00Z"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00Z"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00:00+15:00"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00:00.1234567Z"},
    {"<AddressLine>", "<Lat>1e2</Lat><AddressLine>"},
    {"<Postcode>S99 9ZZ</Postcode>", "<Lat>.</Lat>"},
    {"<Postcode>S99 9ZZ</Postcode>", "<Lat></Lat>"},
    /* how long */
    {"<Subject>Possible cuckooing of a flat", "<Subject>Flat"},
    {"<Subject>Possible cuckooing of a flat", "<Subject>"},
    {"<Subject>", "<Subject>" TEN(TEN("\xc3\xa9"))},
    {"<AddressLine>Flat 3", "<AddressLine>"},
    {"<Id>a3cc1b8e", "<Id>a3cc1b8"},
    {"<Id>a3cc1b8e", "<Id>x3cc1b8e"},
    {"<CreatedAt>", "<Confirm>BR-1</Confirm><CreatedAt>"},
    {"</CreatedAt>", "</CreatedAt><Confirm>BR-1</Confirm>"},
    /* names within the report */
    {"<Location id=\"l1\">", "<Location id=\"u1\">"},
    {"<Location id=\"l1\">", "<Location id=\"1l\">"},
    {"<Location id=\"l1\">", "<Location id=\"a:l1\">"},
    {"<EntityRef>u1", "<EntityRef>u 1"},
};

START_TEST(what_the_schema_refuses_is_refused)
{
	try(&refused[_i], false);
}
END_TEST

/* Values at the limits, and forms that differ from the usual ones. */
static const struct change taken[] = {
    {"<Corroborated>false", "<Corroborated>0"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00:00Z"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00:00.123456-13:59"},
    /* wrong, but a rule can say better what to do (BR-17, BR-19) */
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09T10:00:00"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>2026-03-09Z"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>1753-01-01"},
    {"<InfoFrom>2026-03-09", "<InfoFrom>9999-12-31"},
    {"<ApproxAge from=\"20\"", "<ApproxAge from=\"999\""},
    {"<Sequence>1<", "<Sequence>50<"},
    {"<Sequence>1<", "<Sequence>01<"},
    {"<ChainLength>1</ChainLength>", ""},
    {"<Id>a3cc1b8e", "<Id>A3CC1B8E"},
    {"<CreatedAt>2026-03-18T10:00:00Z</CreatedAt>", ""},
    {"<Subject>Possible cuckooing of a flat",
	"<Subject>" TEN("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
			"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9")},
    {"<AddressLine>Flat 3", "<AddressLine>" TEN(TEN("\xf0\x9f\x8f\xa0"))},
    {"<Postcode>S99 9ZZ</Postcode>", "<Lat>-.5</Lat><Lon>+1.</Lon>"},
    {"<Postcode>S99 9ZZ</Postcode>", "<Lat>991234567890123.123456789</Lat>"},
    {"<Location id=\"l1\">", "<Location id=\"_l.1-x\">"},
    {"<EntityRef>u1", "<EntityRef>nobody"},
    {"<Location id=\"l1\">",
	"<Vehicle id=\"v1\"/><Organisation id=\"o1\"><Kind>OCG</Kind>"
	"</Organisation><Vehicle id=\"v2\"/><Location id=\"l1\">"},
    {"<Entities>", "<Entities><!-- x -->"},
};

START_TEST(what_the_schema_takes_is_not_refused_for_its_form)
{
	try(&taken[_i], true);
}
END_TEST

/* The rule asks for them, in words that help more than the schema's. */
START_TEST(what_a_rule_asks_for_the_schema_lets_be_absent)
{
	static const struct {
		const char *name, *rule;
	} asked[] = {{"Grading", "BR-02"}, {"Declarations", "BR-29"},
	    {"NotAnEmergency", "BR-29"}, {"ReferralConsidered", "BR-29"},
	    {"SourceNotNamedInText", "BR-29"}, {"BestOfKnowledge", "BR-29"},
	    {"LawfulBasisConfirmed", "BR-29"}};
	char *text = read_good(BASE), *from, *to, mark[64];
	struct taken t;
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char *other = strdup(text);

		(void)snprintf(mark, sizeof(mark), "<%s", asked[i].name);
		from = strstr(other, mark);
		(void)snprintf(mark, sizeof(mark), "</%s>", asked[i].name);
		to = strstr(other, mark);
		ck_assert(from != NULL && to != NULL);
		to += strlen(mark);
		memmove(from, to, strlen(to) + 1);
		ck_assert_msg(is_valid(other), "%s", asked[i].name);
		take_text(&t, other);
		ck_assert_str_eq(only_rule(&t), asked[i].rule);
		ck_assert_int_eq(t.status, 422);
		take_free(&t);
		free(other);
	}
	free(text);
}
END_TEST

/* Every published example, good and bad: the two never differ. */
static size_t
compare_folder(const char *folder)
{
	struct dirent **entries;
	char path[1024], *raw;
	size_t len, count = 0;
	struct taken t;
	int i, n;

	(void)snprintf(path, sizeof(path), "%s/schema/examples/%s", SOURCE_DIR,
	    folder);
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/schema/examples/%s/%s",
		    SOURCE_DIR, folder, entries[i]->d_name);
		if (strstr(entries[i]->d_name, ".xml") != NULL) {
			raw = read_whole(path, &len);
			take(&t, raw, len);
			/* of what the reader takes, it takes no more */
			if (t.rc == RC_OK)
				ck_assert_msg(is_valid(raw), "%s", path);
			/* and no less: not for its form alone */
			if (raised(&t, "XSD"))
				ck_assert_msg(!is_valid(raw), "%s", path);
			take_free(&t);
			free(raw);
			count++;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return count;
}

START_TEST(validator_and_reader_agree_on_every_example)
{
	ck_assert_uint_gt(compare_folder("good"), 30);
	(void)compare_folder("bad");
	(void)compare_folder("near");
	(void)compare_folder("warn");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_schema");
	TCase *t = tcase_create("schema");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 100);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_the_schema_refuses_is_refused, 0,
	    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_loop_test(t,
	    what_the_schema_takes_is_not_refused_for_its_form, 0,
	    (int)(sizeof(taken) / sizeof(taken[0])));
	tcase_add_test(t, what_a_rule_asks_for_the_schema_lets_be_absent);
	tcase_add_test(t, validator_and_reader_agree_on_every_example);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
