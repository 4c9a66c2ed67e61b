/* One document is read once: what the scan looked at is what the parser gives,
 * or the report is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

#define BASE "council-cuckooing.xml"
#define TEXT "<Text>"

/* The example with this right behind its first <Text>. */
static void
take_with(struct taken *t, const char *more)
{
	char *xml = read_good(BASE), *tag, *changed;
	size_t n = strlen(more);

	tag = malloc(n + sizeof(TEXT));
	ck_assert_ptr_nonnull(tag);
	memcpy(tag, TEXT, sizeof(TEXT) - 1);
	memcpy(tag + sizeof(TEXT) - 1, more, n + 1);
	changed = replaced(xml, TEXT, tag);
	take_text(t, changed);
	free(changed);
	free(tag);
	free(xml);
}

/* The hidden character is within the report for whoever ends the comment as
 * XML does, and within a comment for whoever ends it early, or never. */
START_TEST(a_comment_ends_where_xml_ends_it)
{
	static const char *const hidden[] = {"<!-->-->\u200b",
	    "<!--> <![CDATA[ -->\u200b<!-- ]]> -->", "<!---->\u200b",
	    "<!--x-->\u200b<!--> -->", "<!-- - -->\u200b"};
	struct taken t;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		take_with(&t, hidden[i]);
		ck_assert_msg(t.status == 422, "%s: %d", hidden[i], t.status);
		ck_assert_str_eq(only_rule(&t), "BR-52");
		take_free(&t);
	}
}
END_TEST

START_TEST(a_comment_with_two_hyphens_is_no_xml)
{
	static const char *const broken[] = {
	    "<!--->", "<!-- -- -->", "<!-- --->", "<!-->", "<!-- -- > -->"};
	struct taken t;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		take_with(&t, broken[i]);
		ck_assert_msg(t.status == 400, "%s: %d", broken[i], t.status);
		ck_assert_str_eq(only_rule(&t), "XML");
		take_free(&t);
	}
}
END_TEST

START_TEST(a_comment_of_any_form_changes_nothing)
{
	static const char *const fine[] = {"<!---->", "<!-->-->", "<!--->-->",
	    "<!--> <Text> -->", "<!-- - > -->", "<![CDATA[]]>",
	    "<!-- <![CDATA[ -->", "<![CDATA[A]]><!-- ]]> -->"};
	struct taken t;

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		take_with(&t, fine[i]);
		ck_assert_msg(t.status == 201, "%s: %d", fine[i], t.status);
		take_free(&t);
	}
}
END_TEST

START_TEST(a_cdata_section_ends_where_xml_ends_it)
{
	static const char *const hidden[] = {"<![CDATA[]]>\u200b<!-- ]]> -->",
	    "<![CDATA[<!-- \u200b]]>", "<![CDATA[]>]]>\u200b"};
	struct taken t;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		take_with(&t, hidden[i]);
		ck_assert_msg(t.status == 422, "%s: %d", hidden[i], t.status);
		ck_assert_str_eq(only_rule(&t), "BR-52");
		take_free(&t);
	}
	take_with(&t, "]]>");
	ck_assert_int_eq(t.status, 400);
	take_free(&t);
}
END_TEST

/* The parser goes on behind a name with two colons, and calls it "b:Priority";
 * the scan calls it "Priority". */
START_TEST(an_element_has_one_name_for_both)
{
	char *xml = read_good(BASE), *one, *two;
	struct taken t;

	one = replaced(xml, "<Priority>", "<a:b:Priority xmlns:a=\"urn:x\">");
	two = replaced(one, "</Priority>", "</a:b:Priority>");
	take_text(&t, two);
	ck_assert_int_eq(t.status, 400);
	ck_assert_str_eq(only_rule(&t), "XML");
	take_free(&t);
	free(two);
	free(one);
	free(xml);
}
END_TEST

START_TEST(no_processing_instruction_but_the_declaration)
{
	static const char *const denied[] = {
	    "<?x?>", "<?xml version=\"1.0\"?>", "<?xml?>", "<?>"};
	struct taken t;

	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
		take_with(&t, denied[i]);
		ck_assert_int_eq(t.status, 400);
		ck_assert_str_eq(only_rule(&t), "BR-53");
		take_free(&t);
	}
	take_text(&t, "<?xml version=\"1.0\" encoding=\"?>\"?><a/>");
	ck_assert_int_eq(t.status, 400);
	ck_assert_str_eq(only_rule(&t), "XML");
	take_free(&t);
}
END_TEST

/* The character is named as what it is, however it was written. */
START_TEST(a_space_at_the_end_is_named)
{
	static const struct {
		const char *written;
		uint32_t codepoint;
	} spaces[] = {{" ", ' '}, {"&#32;", ' '}, {"&#xA0;", 0xa0},
	    {"&#x3000;", 0x3000}, {"\u00a0", 0xa0}, {"<![CDATA[ ]]>", ' '},
	    {"&#10;", '\n'}};
	char *xml = read_good(BASE), *changed, tag[64];
	const struct finding *f;
	struct taken t;

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		(void)snprintf(tag, sizeof(tag), "%s</Text>",
		    spaces[i].written);
		changed = replaced(xml, "</Text>", tag);
		take_text(&t, changed);
		ck_assert_str_eq(only_rule(&t), "BR-52");
		ck_assert_uint_eq(findings_count(t.findings), 1);
		f = findings_get(t.findings, 0);
		ck_assert(f->has_codepoint);
		ck_assert_msg(f->codepoint == spaces[i].codepoint, "%s: U+%04X",
		    spaces[i].written, f->codepoint);
		take_free(&t);
		free(changed);
	}
	free(xml);
}
END_TEST

/* A finding about a character points at it, behind whatever comment. */
START_TEST(a_place_is_found_behind_a_comment)
{
	static const char more[] = "<!--> e\u0301 -->Cafe\u0301 ";
	struct taken t;
	char *xml = read_good(BASE);
	size_t at = (size_t)(strstr(xml, TEXT) - xml) + strlen(TEXT);

	take_with(&t, more);
	ck_assert_str_eq(only_rule(&t), "BR-51");
	/* of the letter, or of its accent */
	ck_assert_uint_ge(findings_get(t.findings, 0)->offset,
	    at + (size_t)(strstr(more, "Caf") - more));
	take_free(&t);
	free(xml);
}
END_TEST

START_TEST(a_document_without_an_envelope_has_no_id)
{
	struct findings *findings = findings_new();
	struct fields *sealed = NULL;
	char *xml = read_good(BASE);
	struct taken t;

	take_text(&t, xml);
	ck_assert_ptr_nonnull(t.written);
	ck_assert_ptr_nonnull(report_id(t.fields));
	ck_assert_ptr_nonnull(report_blind(t.fields));
	ck_assert_int_eq(sealed_read(the_contract(), buf_data(t.written),
			     buf_len(t.written), findings, &sealed),
	    RC_OK);
	ck_assert_ptr_null(report_id(sealed));
	ck_assert_ptr_null(report_blind(sealed));
	fields_free(sealed);
	findings_free(findings);
	take_free(&t);
	free(xml);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report_reader");
	TCase *t = tcase_create("reader");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_comment_ends_where_xml_ends_it);
	tcase_add_test(t, a_comment_with_two_hyphens_is_no_xml);
	tcase_add_test(t, a_comment_of_any_form_changes_nothing);
	tcase_add_test(t, a_cdata_section_ends_where_xml_ends_it);
	tcase_add_test(t, an_element_has_one_name_for_both);
	tcase_add_test(t, no_processing_instruction_but_the_declaration);
	tcase_add_test(t, a_space_at_the_end_is_named);
	tcase_add_test(t, a_place_is_found_behind_a_comment);
	tcase_add_test(t, a_document_without_an_envelope_has_no_id);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
