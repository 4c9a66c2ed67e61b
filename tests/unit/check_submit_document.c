/* What is sent: Id and Blind of the receipt are in it, the submitter is not,
 * and every line stays where its author knows it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"

#define IDS                                                                    \
	"<Id>"                                                                 \
	"1111111111111111111111111111111111111111111111111111111111111111"     \
	"</Id><Blind>"                                                         \
	"2222222222222222222222222222222222222222222222222222222222222222"     \
	"</Blind>"

static uint8_t id[RECEIPT_KEY], blind[RECEIPT_KEY];

static enum rc
prepare(const char *xml, int keep, char *out, size_t size)
{
	struct buf *b = buf_new(size - 1);
	enum rc rc;

	ck_assert_ptr_nonnull(b);
	memset(id, 0x11, sizeof(id));
	memset(blind, 0x22, sizeof(blind));
	rc = document_prepare(xml, strlen(xml), id, blind, keep, b);
	memcpy(out, buf_data(b), buf_len(b));
	out[buf_len(b)] = '\0';
	buf_free(b);
	return rc;
}

static void
expect(const char *xml, int keep, const char *wanted)
{
	char out[4096];

	ck_assert_int_eq(prepare(xml, keep, out, sizeof(out)), RC_OK);
	ck_assert_str_eq(out, wanted);
}

START_TEST(id_and_blind_are_put_in)
{
	expect("<R><Envelope><K>NEW</K></Envelope></R>", 0,
	    "<R><Envelope>" IDS "<K>NEW</K></Envelope></R>");
	expect("<R><Envelope/></R>", 0, "<R><Envelope>" IDS "</Envelope></R>");
	expect("<R><Envelope a='b>c' /></R>", 0,
	    "<R><Envelope a='b>c' >" IDS "</Envelope></R>");
}
END_TEST

START_TEST(an_id_that_was_there_goes)
{
	expect("<R><Envelope><Id>old</Id><Blind>old</Blind><K/></Envelope>"
	       "</R>",
	    0, "<R><Envelope>" IDS "<K/></Envelope></R>");
	expect("<R><Envelope>\n<Blind/>\n<Id>a<b/>\n</Id></Envelope></R>", 0,
	    "<R><Envelope>" IDS "\n\n\n</Envelope></R>");
	/* elsewhere the same names mean something else */
	expect("<R><Envelope/><Id>x</Id><P><Id>y</Id></P></R>", 0,
	    "<R><Envelope>" IDS "</Envelope><Id>x</Id><P><Id>y</Id></P></R>");
}
END_TEST

START_TEST(the_prefix_of_the_envelope_is_kept)
{
	char out[4096];

	ck_assert_int_eq(
	    prepare("<c:R xmlns:c='u'><c:Envelope><c:Id>x</c:Id></c:Envelope>"
		    "<c:Submitter/></c:R>",
		0, out, sizeof(out)),
	    RC_OK);
	ck_assert_ptr_nonnull(strstr(out, "<c:Envelope><c:Id>1111"));
	ck_assert_ptr_nonnull(strstr(out, "1</c:Id><c:Blind>2222"));
	ck_assert_ptr_nonnull(strstr(out, "2</c:Blind></c:Envelope></c:R>"));
}
END_TEST

START_TEST(no_trace_of_the_submitter_is_sent)
{
	static const char xml[] =
	    "<?xml version=\"1.0\"?>\n"
	    "<!-- filled in by Jo Smith -->\n"
	    "<R>\n"
	    "<Envelope><ClientSoftware>Smith 1</ClientSoftware></Envelope>\n"
	    "<Submitter>\n <PersonName>Smith</PersonName>\n"
	    " <!-- Smith --><![CDATA[Smith]]><Submitter>Smith</Submitter>\n"
	    "</Submitter>\n"
	    "<Item><!-- as Smith\n said --><Text>words</Text></Item>\n"
	    "</R>\n";
	char out[4096];

	ck_assert_int_eq(prepare(xml, 0, out, sizeof(out)), RC_OK);
	ck_assert_ptr_null(strstr(out, "Smith"));
	ck_assert_ptr_null(strstr(out, "Submitter"));
	ck_assert_ptr_null(strstr(out, "ClientSoftware"));
	ck_assert_ptr_nonnull(strstr(out, "<Text>words</Text>"));
	/* the check on this machine wants the names, not the comments */
	ck_assert_int_eq(prepare(xml, 1, out, sizeof(out)), RC_OK);
	ck_assert_ptr_nonnull(strstr(out, "<PersonName>Smith</PersonName>"));
	ck_assert_ptr_null(strstr(out, "filled in by"));
	ck_assert_ptr_null(strstr(out, "ClientSoftware"));
}
END_TEST

static unsigned
line_of(const char *text, const char *what)
{
	const char *hit = strstr(text, what);
	unsigned line = 1;

	ck_assert_ptr_nonnull(hit);
	for (const char *p = text; p < hit; p++)
		line += *p == '\n';
	return line;
}

START_TEST(lines_stay_where_they_were)
{
	static const char xml[] =
	    "<R>\n<Envelope>\n<Id>\nx\n</Id>\n</Envelope>\n"
	    "<Submitter>\n\n\n</Submitter><!--\n\n-->\n<Here/>\n</R>";
	char out[4096];

	ck_assert_int_eq(prepare(xml, 0, out, sizeof(out)), RC_OK);
	ck_assert_uint_eq(line_of(out, "<Here/>"), line_of(xml, "<Here/>"));
	ck_assert_uint_eq(line_of(out, "</R>"), line_of(xml, "</R>"));
}
END_TEST

START_TEST(markup_in_text_is_not_markup)
{
	expect("<R><Envelope/><T><![CDATA[</R><Submitter>]]></T></R>", 0,
	    "<R><Envelope>" IDS
	    "</Envelope><T><![CDATA[</R><Submitter>]]></T></R>");
}
END_TEST

START_TEST(what_can_not_be_read_is_refused)
{
	static const char *const wrong[] = {
	    "",
	    "<R>",
	    "<R><Envelope></R>",
	    "</R>",
	    "<R><Envelope/></R></R>",
	    "<R><Envelope/><!-- </R>",
	    "<R><Envelope/><![CDATA[ </R>",
	    "<R><Envelope",
	    "<R><Envelope a='></R>",
	    "<!DOCTYPE R><R><Envelope/></R>",
	    "<R><Envelope/><?pi </R>",
	    "<R <Envelope/></R>",
	};
	char out[4096];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(prepare(wrong[i], 0, out, sizeof(out)) == RC_BAD,
		    "number %zu was taken", i);
	ck_assert_int_eq(prepare("<R/>", 0, out, sizeof(out)), RC_NOTFOUND);
	ck_assert_int_eq(prepare("<R><X><Envelope/></X></R>", 0, out,
			     sizeof(out)),
	    RC_NOTFOUND);
	ck_assert_int_eq(prepare("<R><Envelope/></R>", 0, out, 100), RC_LIMIT);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_document");
	TCase *t = tcase_create("documents");
	SRunner *r;
	int failed;

	tcase_add_test(t, id_and_blind_are_put_in);
	tcase_add_test(t, an_id_that_was_there_goes);
	tcase_add_test(t, the_prefix_of_the_envelope_is_kept);
	tcase_add_test(t, no_trace_of_the_submitter_is_sent);
	tcase_add_test(t, lines_stay_where_they_were);
	tcase_add_test(t, markup_in_text_is_not_markup);
	tcase_add_test(t, what_can_not_be_read_is_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
