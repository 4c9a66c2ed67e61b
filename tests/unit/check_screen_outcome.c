/* What is said about a report: each verdict has its answer, and only an answer
 * that says kept may make a partner believe it. */
#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "outcome.h"

static int ends[2];
static json_t *said;

static void
setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	said = NULL;
}

static void
teardown(void)
{
	json_decref(said);
	close(ends[0]);
	close(ends[1]);
}

/* The status that session gets; the body becomes said. */
static uint16_t
answer(enum outcome outcome, enum lane lane)
{
	struct buf *body = buf_new(ANSWER_MAX);
	uint16_t status;
	struct frame f;

	ck_assert_int_eq(outcome_send(ends[0], outcome, lane, NULL), RC_OK);
	ck_assert_int_eq(frame_recv(ends[1], &f, 0), RC_OK);
	ck_assert_uint_eq(f.type, FRAME_ANSWER);
	ck_assert_uint_eq(f.len, 2);
	status = get_u16(f.raw_data);
	ck_assert_int_eq(frame_read_body(ends[1], body), RC_OK);
	json_decref(said);
	said = json_loadb((const char *)buf_data(body), buf_len(body), 0, NULL);
	ck_assert_ptr_nonnull(said);
	buf_free(body);
	return status;
}

static const char *
text(const char *name)
{
	const char *s = json_string_value(json_object_get(said, name));

	return s == NULL ? "" : s;
}

START_TEST(only_a_commit_is_acceptance)
{
	int kept = 0;

	for (unsigned int v = 0; v < 256; v++)
		kept += outcome_of_verdict((uint8_t)v) == OUTCOME_ACCEPTED ||
			outcome_of_verdict((uint8_t)v) == OUTCOME_DUPLICATE;
	ck_assert_int_eq(kept, 2);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_STORED), OUTCOME_ACCEPTED);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_DUPLICATE),
	    OUTCOME_DUPLICATE);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_CONFLICT),
	    OUTCOME_CONFLICT);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_CLOSED), OUTCOME_CLOSED);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_REFUSED), OUTCOME_FAILED);
	ck_assert_int_eq(outcome_of_verdict(VERDICT_UNKNOWN), OUTCOME_UNKNOWN);
	/* a word that is not known is no no */
	ck_assert_int_eq(outcome_of_verdict(0), OUTCOME_UNKNOWN);
	ck_assert_int_eq(outcome_of_verdict(255), OUTCOME_UNKNOWN);
}
END_TEST

START_TEST(each_outcome_has_its_status_and_tells_what_to_do)
{
	static const struct {
		enum outcome outcome;
		uint16_t status;
		const char *word, *what;
	} rows[] = {{OUTCOME_CHECKED, 200, "CHECKED", NULL},
	    {OUTCOME_ACCEPTED, 201, "ACCEPTED", NULL},
	    {OUTCOME_DUPLICATE, 200, "DUPLICATE", NULL},
	    {OUTCOME_HOSTILE, 400, NULL, "Nothing was kept"},
	    {OUTCOME_RETURNED, 422, NULL, "Nothing was kept"},
	    {OUTCOME_CONFLICT, 409, NULL, "new Id"},
	    {OUTCOME_CLOSED, 503, NULL, "Send the same report again"},
	    {OUTCOME_UNKNOWN, 503, NULL, "Send the same report again"},
	    {OUTCOME_FAILED, 500, NULL, "Do not send it again unchanged"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_uint_eq(answer(rows[i].outcome, LANE_POOL),
		    rows[i].status);
		if (rows[i].word != NULL) {
			ck_assert_str_eq(text("status"), rows[i].word);
			ck_assert_str_eq(text("title"), "");
			continue;
		}
		ck_assert_int_eq(json_integer_value(json_object_get(said,
				     "status")),
		    rows[i].status);
		ck_assert_str_ne(text("title"), "");
		ck_assert_msg(strstr(text("detail"), rows[i].what) != NULL,
		    "%s", text("detail"));
		/* nothing leaves that was not kept */
		ck_assert_ptr_null(json_object_get(said, "forwarding"));
	}
}
END_TEST

START_TEST(a_lane_tells_its_pace_and_the_number_to_call)
{
	ck_assert_uint_eq(answer(OUTCOME_ACCEPTED, LANE_FAST), 201);
	ck_assert_ptr_nonnull(strstr(text("forwarding"), "five minutes"));
	ck_assert_ptr_nonnull(strstr(text("forwarding"), "999"));
	ck_assert_uint_eq(answer(OUTCOME_DUPLICATE, LANE_POOL), 200);
	ck_assert_ptr_nonnull(strstr(text("forwarding"), "five days"));
	ck_assert_ptr_nonnull(strstr(text("forwarding"), "999"));
	/* what was only looked at goes nowhere */
	ck_assert_uint_eq(answer(OUTCOME_CHECKED, LANE_FAST), 200);
	ck_assert_ptr_null(strstr(text("forwarding"), "minutes"));
}
END_TEST

START_TEST(a_session_that_is_gone_is_told)
{
	close(ends[1]);
	ck_assert_int_ne(outcome_send(ends[0], OUTCOME_ACCEPTED, LANE_POOL,
			     NULL),
	    RC_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("screen outcome");
	TCase *t = tcase_create("outcome");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, only_a_commit_is_acceptance);
	tcase_add_test(t, each_outcome_has_its_status_and_tells_what_to_do);
	tcase_add_test(t, a_lane_tells_its_pace_and_the_number_to_call);
	tcase_add_test(t, a_session_that_is_gone_is_told);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
