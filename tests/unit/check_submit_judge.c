/* What this machine says of a report, and the gateway's answer read: nothing
 * is taken for accepted that is not, and what is sent is what was judged. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checker.h"
#include "draft.h"
#include "judge.h"
#include "program.h"
#include "reply.h"
#include "report_contract.h"

#define SCHEMA SOURCE_DIR "/schema"
#define EXAMPLES SCHEMA "/examples/"

static struct checker *checker;
static char dir[64], printed[16384];

static void
load(void)
{
	const char *why = "";

	ck_assert_msg(checker_new(SCHEMA, &checker, &why) == RC_OK, "%s", why);
}

static void
unload(void)
{
	checker_free(checker);
}

static void
setup(void)
{
	program_folder(dir);
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_ptr_nonnull(freopen("said", "w+", stderr));
	ck_assert_ptr_nonnull(freopen("printed", "w+", stdout));
}

static void
teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	program_folder_remove(dir);
}

static const char *
text_of(FILE *from)
{
	size_t n;

	ck_assert_int_eq(fflush(from), 0);
	rewind(from);
	n = fread(printed, 1, sizeof(printed) - 1, from);
	printed[n] = '\0';
	return printed;
}

/* --- the gateway's answer --------------------------------------------- */

static struct reply *
reply(const char *json)
{
	struct reply *r = NULL;

	ck_assert_int_eq(reply_parse(json, strlen(json), &r), RC_OK);
	return r;
}

START_TEST(an_answer_is_one_json_object)
{
	static const char *const bad[] = {
	    "", "[]", "\"x\"", "7", "{", "{\"a\":1,\"a\":2}", "{} x", "<html>"};
	struct reply *r = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(reply_parse(bad[i], strlen(bad[i]), &r) == RC_BAD,
		    "%s", bad[i]);
	ck_assert_int_eq(reply_parse("{\"a\":\"\0\"}", 9, &r), RC_BAD);
	ck_assert_ptr_null(r);
	/* the padding */
	r = reply("{\"status\":\"ACCEPTED\",\"forwarding\":\"soon\"}    \n");
	ck_assert_str_eq(reply_word(r), "ACCEPTED");
	ck_assert_str_eq(reply_forwarding(r), "soon");
	reply_free(r);
	reply_free(NULL);
}
END_TEST

START_TEST(what_is_missing_or_of_another_type_is_empty)
{
	struct reply *r = reply("{\"status\":201,\"detail\":{},\"findings\":7,"
				"\"advice\":\"CALL-999\",\"more\":-1}");

	ck_assert_str_eq(reply_word(r), "");
	ck_assert_str_eq(reply_detail(r), "");
	ck_assert_str_eq(reply_forwarding(r), "");
	ck_assert_int_eq(reply_returns(r), 0);
	ck_assert_int_eq(reply_has_advice(r), 0);
	ck_assert_int_eq(reply_show(r, "a.xml"), 0);
	reply_free(r);
	ck_assert_str_eq(reply_word(NULL), "");
	ck_assert_int_eq(reply_returns(NULL), 0);
	ck_assert_int_eq(reply_has_advice(NULL), 0);
	ck_assert_int_eq(reply_show(NULL, "a.xml"), 0);
	ck_assert_str_eq(text_of(stdout), "");
}
END_TEST

START_TEST(findings_of_any_form_are_shown_and_steer_nothing)
{
	struct reply *r =
	    reply("{\"findings\":[{\"rule\":\"BR-01\",\"severity\":\"W\","
		  "\"path\":"
		  "\"/A\",\"line\":3,\"help\":\"red\\u001b[31m\"},7,{},"
		  "{\"line\":99999999999}],\"more\":4}");

	ck_assert_int_eq(reply_returns(r), 0);
	(void)reply_show(r, "a.xml");
	(void)text_of(stdout);
	(void)text_of(stderr);
	ck_assert_ptr_null(strchr(text_of(stdout), '\033'));
	ck_assert_ptr_nonnull(strstr(printed, "BR-01"));
	ck_assert_ptr_nonnull(strstr(printed, "a.xml"));
	reply_free(r);
	r = reply("{\"findings\":[{\"severity\":\"W\"},{\"severity\":\"R\"}]}");
	ck_assert_int_eq(reply_returns(r), 1);
	reply_free(r);
	r = reply("{\"findings\":[{\"severity\":\"Q\"}]}");
	ck_assert_int_eq(reply_returns(r), 1);
	reply_free(r);
}
END_TEST

/* --- this machine's own ----------------------------------------------- */

START_TEST(a_folder_that_is_no_contract_is_named)
{
	struct options o = {.schema = dir};
	struct checker *c = NULL;
	const char *why = NULL;

	ck_assert_int_eq(checker_new(dir, &c, &why), RC_CONFIG);
	ck_assert_str_eq(why, "report.xsd");
	ck_assert_ptr_null(judge_load(&o));
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "--schema"));
	checker_free(NULL);
}
END_TEST

static enum outcome
judged(const char *path)
{
	enum outcome outcome;
	struct draft d;
	enum rc rc;

	ck_assert_int_eq(draft_read(&d, path), RC_OK);
	rc = draft_prepare(&d);
	ck_assert(rc == RC_OK || rc == RC_BAD);
	outcome = judge(checker, &d, NULL);
	draft_free(&d);
	return outcome;
}

START_TEST(a_good_report_passes_and_a_bad_one_is_returned)
{
	struct options o = {.schema = SCHEMA};
	static char good[] = EXAMPLES "good/smallest.xml", none[] = "none";
	char *words[] = {good, none};

	ck_assert_int_eq(judged(good), OUTCOME_ACCEPTED);
	ck_assert_str_eq(text_of(stdout), "");
	ck_assert_int_eq(program_run(printed, sizeof(printed),
			     "printf '<a/>' >a.xml; printf 'no xml' >b.xml; "
			     ": >c.xml"),
	    0);
	ck_assert_int_eq(judged("a.xml"), OUTCOME_RETURNED);
	ck_assert_int_eq(judged("b.xml"), OUTCOME_RETURNED);
	ck_assert_int_eq(judged("c.xml"), OUTCOME_RETURNED);
	/* one that can not be read decides */
	o.words = words;
	o.word_count = 2;
	ck_assert_int_eq(command_check(&o), OUTCOME_FAILED);
	ck_assert_ptr_nonnull(strstr(text_of(stdout),
	    "smallest.xml: nothing stands against it"));
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "can not read none"));
}
END_TEST

START_TEST(what_there_is_to_say_is_kept_for_later_when_asked)
{
	struct reply *said = NULL;
	struct draft d;

	ck_assert_int_eq(draft_read(&d, EXAMPLES "good/smallest.xml"), RC_OK);
	ck_assert_int_eq(draft_prepare(&d), RC_OK);
	ck_assert_int_eq(judge(checker, &d, &said), OUTCOME_ACCEPTED);
	ck_assert_ptr_nonnull(said);
	ck_assert_str_eq(text_of(stdout), "");
	reply_free(said);
	draft_free(&d);
}
END_TEST

START_TEST(a_draft_has_a_fresh_receipt_each_time)
{
	struct draft a, b;

	ck_assert_int_eq(draft_read(&a, EXAMPLES "good/smallest.xml"), RC_OK);
	ck_assert_int_eq(draft_read(&b, EXAMPLES "good/smallest.xml"), RC_OK);
	/* by chance the same once in 2^130 */
	ck_assert_int_ne(memcmp(a.id, b.id, RECEIPT_KEY), 0);
	ck_assert_int_ne(memcmp(a.blind, b.blind, RECEIPT_KEY), 0);
	ck_assert_int_ne(memcmp(a.id, a.blind, RECEIPT_KEY), 0);
	draft_free(&a);
	draft_free(&b);
}
END_TEST

START_TEST(what_is_sent_has_its_id_and_no_submitter)
{
	uint8_t other[RECEIPT_KEY] = {0};
	struct draft d;

	ck_assert_int_eq(draft_read(&d, EXAMPLES "good/smallest.xml"), RC_OK);
	ck_assert_int_eq(draft_prepare(&d), RC_OK);
	ck_assert_int_eq(checker_confirm(checker, buf_data(d.body),
			     buf_len(d.body), d.id, d.blind),
	    RC_OK);
	ck_assert_int_eq(checker_confirm(checker, buf_data(d.body),
			     buf_len(d.body), other, d.blind),
	    RC_BAD);
	ck_assert_int_eq(checker_confirm(checker, buf_data(d.body),
			     buf_len(d.body), d.id, other),
	    RC_BAD);
	/* cut, it is no report */
	ck_assert_int_eq(checker_confirm(checker, buf_data(d.body),
			     buf_len(d.body) - 3, d.id, d.blind),
	    RC_BAD);
	draft_free(&d);
}
END_TEST

START_TEST(a_file_that_is_no_document_is_judged_as_it_is)
{
	struct draft d;

	ck_assert_int_eq(program_run(printed, sizeof(printed),
			     "printf 'no xml' >b.xml; "
			     "head -c 4194305 /dev/zero >huge"),
	    0);
	ck_assert_int_eq(draft_read(&d, "b.xml"), RC_OK);
	ck_assert_int_eq(draft_prepare(&d), RC_BAD);
	ck_assert_uint_eq(buf_len(d.judged), 6);
	ck_assert_uint_eq(buf_len(d.body), 0);
	draft_free(&d);
	ck_assert_int_eq(draft_read(&d, "huge"), RC_BAD);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "over a limit"));
	draft_free(&d);
	ck_assert_int_eq(draft_read(&d, "."), RC_BAD);
	draft_free(&d);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("submit judge");
	TCase *t = tcase_create("judge");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(t, load, unload);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_answer_is_one_json_object);
	tcase_add_test(t, what_is_missing_or_of_another_type_is_empty);
	tcase_add_test(t, findings_of_any_form_are_shown_and_steer_nothing);
	tcase_add_test(t, a_folder_that_is_no_contract_is_named);
	tcase_add_test(t, a_good_report_passes_and_a_bad_one_is_returned);
	tcase_add_test(t, what_there_is_to_say_is_kept_for_later_when_asked);
	tcase_add_test(t, a_draft_has_a_fresh_receipt_each_time);
	tcase_add_test(t, what_is_sent_has_its_id_and_no_submitter);
	tcase_add_test(t, a_file_that_is_no_document_is_judged_as_it_is);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
