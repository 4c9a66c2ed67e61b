/* Answers: one size whatever they say, and a pause that says nothing. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "deadline.h"

/* stream.c pads records to multiples of this */
enum { RECORD_BLOCK = 1024 };

static struct answer a;
static const struct answer_frame closed = {.keep_alive = false};

/* The body, behind the head. */
static const char *
body_of(size_t *len)
{
	const char *end =
	    memmem(a.bytes, a.len, "\r\n\r\n", strlen("\r\n\r\n"));

	ck_assert_ptr_nonnull(end);
	end += 4;
	*len = a.len - (size_t)(end - (const char *)a.bytes);
	return end;
}

static int
has(const char *text)
{
	return memmem(a.bytes, a.len, text, strlen(text)) != NULL;
}

START_TEST(every_answer_has_one_size)
{
	static const int statuses[] = {200, 201, 400, 409, 422, 500, 503};
	static const size_t lens[] = {0, 1, 100, ANSWER_SIZE - 1, ANSWER_SIZE};
	static char json[ANSWER_SIZE];

	memset(json, 'j', sizeof(json));
	for (size_t s = 0; s < sizeof(statuses) / sizeof(statuses[0]); s++) {
		for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++) {
			const char *body;
			size_t len;

			ck_assert_int_eq(answer_json(&a, statuses[s], json,
					     lens[l], &closed),
			    RC_OK);
			body = body_of(&len);
			ck_assert_uint_eq(len, ANSWER_SIZE);
			ck_assert_int_eq(memcmp(body, json, lens[l]), 0);
			for (size_t i = lens[l]; i < len; i++)
				ck_assert_int_eq(body[i], ' ');
			ck_assert(has("Content-Length: 8192\r\n"));
			ck_assert(has("Cache-Control: no-store\r\n"));
		}
	}
}
END_TEST

/* On the wire: the same number of whole blocks, in one record. */
START_TEST(every_answer_fills_the_same_blocks)
{
	struct answer_frame frames[] = {{.keep_alive = true},
	    {.keep_alive = false}, {.allow = "POST"}, {.retry_s = UINT64_MAX},
	    {.retry_s = 1}};
	size_t want = (ANSWER_SIZE + RECORD_BLOCK) / RECORD_BLOCK;

	for (int p = 0; p < PROBLEM_COUNT; p++) {
		for (size_t f = 0; f < sizeof(frames) / sizeof(frames[0]);
		     f++) {
			answer_problem(&a, (enum problem)p, &frames[f]);
			/* one byte more for the type of the record */
			ck_assert_uint_eq((a.len + 1 + RECORD_BLOCK - 1) /
					      RECORD_BLOCK,
			    want);
		}
	}
	for (int status = 200; status < 600; status++) {
		ck_assert_int_eq(answer_json(&a, status, "{}", 2, &frames[0]),
		    RC_OK);
		ck_assert_uint_eq((a.len + 1 + RECORD_BLOCK - 1) / RECORD_BLOCK,
		    want);
	}
}
END_TEST

START_TEST(a_longer_body_is_refused)
{
	static char json[ANSWER_SIZE + 1];

	ck_assert_int_eq(answer_json(&a, 200, json, sizeof(json), &closed),
	    RC_LIMIT);
}
END_TEST

START_TEST(each_problem_says_its_status_and_what_to_do)
{
	for (int p = 0; p < PROBLEM_COUNT; p++) {
		int status = problem_status((enum problem)p);
		char line[64];
		const char *body;
		size_t len;

		answer_problem(&a, (enum problem)p, &closed);
		(void)snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
		ck_assert_int_eq(memcmp(a.bytes, line, strlen(line)), 0);
		ck_assert(has("Content-Type: application/problem+json\r\n"));
		ck_assert(has("Connection: close\r\n"));
		(void)snprintf(line, sizeof(line), "\"status\":%d,", status);
		ck_assert(has(line));
		ck_assert(!has("\"title\":\"\"") && !has("\"detail\":\"\""));
		ck_assert(!has("(null)"));
		body = body_of(&len);
		ck_assert_uint_eq(len, ANSWER_SIZE);
		ck_assert_int_eq(body[0], '{');
		/* nothing in it needs an escape */
		ck_assert_ptr_null(memchr(body, '\\', len));
	}
}
END_TEST

START_TEST(a_reason_phrase_stands_in_every_head)
{
	for (int p = 0; p < PROBLEM_COUNT; p++) {
		answer_problem(&a, (enum problem)p, &closed);
		ck_assert_int_ne(a.bytes[strlen("HTTP/1.1 400 ")], '\r');
	}
}
END_TEST

/* Clients look for that word before they make up another Id. */
START_TEST(unknown_and_busy_say_send_the_same)
{
	static const enum problem again[] = {PROBLEM_BUSY, PROBLEM_UNKNOWN,
	    PROBLEM_SLOW, PROBLEM_REPORTS, PROBLEM_CONNECTIONS};

	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		answer_problem(&a, again[i], &closed);
		ck_assert(has("the same report again"));
	}
	answer_problem(&a, PROBLEM_FAILED, &closed);
	ck_assert(has("Do not send it again unchanged"));
}
END_TEST

START_TEST(a_refused_request_gets_the_problem_of_its_status)
{
	static const int given[] = {400, 413, 414, 417, 431, 501, 505};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		ck_assert_int_eq(problem_status(problem_of_status(given[i])),
		    given[i]);
	ck_assert_int_eq(problem_status(problem_of_status(299)), 400);
}
END_TEST

START_TEST(lines_of_405_and_429)
{
	struct answer_frame allow = {.allow = "POST"};
	struct answer_frame retry = {.retry_s = 4298};

	answer_problem(&a, PROBLEM_METHOD, &allow);
	ck_assert(has("\r\nAllow: POST\r\n"));
	answer_problem(&a, PROBLEM_REPORTS, &retry);
	ck_assert(has("\r\nRetry-After: 4298\r\n"));
	answer_problem(&a, PROBLEM_REPORTS, &closed);
	ck_assert(!has("\r\nRetry-After:") && !has("\r\nAllow:"));
}
END_TEST

START_TEST(the_answer_to_a_head_request_has_no_body)
{
	struct answer_frame frame = {.bodiless = true};
	size_t len;

	answer_problem(&a, PROBLEM_METHOD, &frame);
	(void)body_of(&len);
	ck_assert_uint_eq(len, 0);
	ck_assert(has("Content-Length: 8192\r\n"));
}
END_TEST

START_TEST(a_file_has_its_own_length_and_type)
{
	struct answer_frame frame = {.keep_alive = true};
	size_t len;

	ck_assert_int_eq(answer_file(&a, "application/xml", 12345, &frame),
	    RC_OK);
	(void)body_of(&len);
	ck_assert_uint_eq(len, 0);
	ck_assert(has("HTTP/1.1 200 OK\r\n"));
	ck_assert(has("Content-Length: 12345\r\n"));
	ck_assert(has("Content-Type: application/xml\r\n"));
	ck_assert(has("Connection: keep-alive\r\n"));
}
END_TEST

START_TEST(answers_leave_on_the_grid)
{
	const uint64_t start = 7 * SECOND_NS + 123456789, grid = 250;

	for (uint64_t ms = 0; ms <= 1000; ms++) {
		uint64_t now = start + ms * MILLI_NS;
		uint64_t due = answer_due(start, now, grid);

		ck_assert_uint_eq((due - start) % (grid * MILLI_NS), 0);
		ck_assert_uint_ge(due, now);
		/* the next one, and never at once */
		ck_assert_uint_lt(due - now, grid * MILLI_NS + 1);
		ck_assert_uint_gt(due, start);
	}
	/* quick and slower work leave alike */
	ck_assert_uint_eq(answer_due(start, start + 1, grid),
	    answer_due(start, start + 249 * MILLI_NS, grid));
	ck_assert_uint_eq(answer_due(start, start + 250 * MILLI_NS, grid),
	    start + 250 * MILLI_NS);
	ck_assert_uint_eq(answer_due(start, start + 250 * MILLI_NS + 1, grid),
	    start + 500 * MILLI_NS);
}
END_TEST

START_TEST(without_a_grid_answers_leave_at_once)
{
	ck_assert_uint_eq(answer_due(5, 17, 0), 17);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_answer");
	TCase *t = tcase_create("answer");
	SRunner *sr;
	int failed;

	tcase_add_test(t, every_answer_has_one_size);
	tcase_add_test(t, every_answer_fills_the_same_blocks);
	tcase_add_test(t, a_longer_body_is_refused);
	tcase_add_test(t, each_problem_says_its_status_and_what_to_do);
	tcase_add_test(t, a_reason_phrase_stands_in_every_head);
	tcase_add_test(t, unknown_and_busy_say_send_the_same);
	tcase_add_test(t, a_refused_request_gets_the_problem_of_its_status);
	tcase_add_test(t, lines_of_405_and_429);
	tcase_add_test(t, the_answer_to_a_head_request_has_no_body);
	tcase_add_test(t, a_file_has_its_own_length_and_type);
	tcase_add_test(t, answers_leave_on_the_grid);
	tcase_add_test(t, without_a_grid_answers_leave_at_once);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
