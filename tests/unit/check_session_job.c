/* What a job on its way through screen comes to, whatever screen does. The test
 * plays screen, on the other end of the job socket. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "frame.h"
#include "job.h"

#define SCREEN_NS (20 * SECOND_NS)

static int jobs[2]; /* session's end (non-blocking), screens' end */
static struct buf *json;

static void
setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, jobs), 0);
	ck_assert_int_eq(fcntl(jobs[0], F_SETFL, O_NONBLOCK), 0);
	json = buf_new(ANSWER_MAX);
	ck_assert_ptr_nonnull(json);
}

static void
teardown(void)
{
	buf_free(json);
	close(jobs[0]);
	close(jobs[1]);
}

static uint64_t
soon(void)
{
	return deadline_now() + 200 * MILLI_NS;
}

static uint64_t
later(void)
{
	return deadline_now() + 10 * SECOND_NS;
}

/* Takes the job as a screen does; gives its channel. */
static int
take(enum job kind)
{
	struct frame f;

	ck_assert_int_eq(frame_recv(jobs[1], &f, 1), RC_OK);
	ck_assert_int_eq(f.type, FRAME_JOB);
	ck_assert_int_eq(f.len, 1);
	ck_assert_int_eq(f.raw_data[0], kind);
	ck_assert_int_ne(f.fd, -1);
	return f.fd;
}

/* One step of what screen says: a letter, a number. */
struct step {
	char what; /* H anded, A nswer, D ata, E nd, X nonsense, . closes */
	uint16_t number;
};

static void
say(int screen, const struct step *step)
{
	static const uint8_t bytes[FRAME_MAX];
	uint8_t number[8];
	enum rc rc = RC_OK;

	put_u64(number, step->number);
	switch (step->what) {
	case 'H':
		rc = frame_write(screen, FRAME_HANDED, bytes, step->number);
		break;
	case 'A':
		rc = frame_write(screen, FRAME_ANSWER, number + 6, 2);
		break;
	case 'D':
		rc = frame_write(screen, FRAME_DATA, bytes, step->number);
		break;
	case 'E':
		rc = frame_write(screen, FRAME_END, number, 8);
		break;
	case 'X':
		ck_assert_int_eq(write(screen, bytes, step->number),
		    step->number);
		break;
	default:
		/* its end of the channel ends; ours can still be written */
		ck_assert_int_eq(shutdown(screen, SHUT_WR), 0);
	}
	ck_assert_int_eq(rc, RC_OK);
}

struct script {
	struct step steps[8];
	enum job_end end;
	uint16_t status;
	size_t len;
};

static const struct script scripts[] = {
    /* answers */
    {{{'H', 0}, {'A', 201}, {'D', 40}, {'E', 40}, {'.', 0}}, JOB_ANSWERED, 201,
	40},
    {{{'H', 0}, {'A', 200}, {'D', 40}, {'E', 40}, {'.', 0}}, JOB_ANSWERED, 200,
	40},
    {{{'H', 0}, {'A', 409}, {'D', 1}, {'E', 1}, {'.', 0}}, JOB_ANSWERED, 409,
	1},
    {{{'H', 0}, {'A', 503}, {'E', 0}, {'.', 0}}, JOB_ANSWERED, 503, 0},
    {{{'A', 422}, {'D', 4096}, {'D', 3904}, {'E', 8000}, {'.', 0}},
	JOB_ANSWERED, 422, 8000},
    {{{'A', 400}, {'D', 9}, {'E', 9}}, JOB_ANSWERED, 400, 9},
    {{{'A', 200}, {'D', 9}, {'E', 9}}, JOB_ANSWERED, 200, 9},
    /* ends before the report was handed over: not kept */
    {{{'.', 0}}, JOB_FAILED, 0, 0},
    {{{'X', 1}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'X', 5}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'H', 1}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'D', 1}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 422}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 422}, {'D', 5}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 422}, {'D', 5}, {'E', 6}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 422}, {'D', 5}, {'H', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 422}, {'D', 4096}, {'D', 3905}, {'E', 8001}, {'.', 0}}, JOB_FAILED,
	0, 0},
    /* kept can not be said of what was not handed over */
    {{{'A', 201}, {'D', 5}, {'E', 5}, {'.', 0}}, JOB_FAILED, 0, 0},
    /* statuses that screen does not have */
    {{{'A', 0}, {'E', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 100}, {'E', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 302}, {'E', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 403}, {'E', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    {{{'A', 65535}, {'E', 0}, {'.', 0}}, JOB_FAILED, 0, 0},
    /* ends after it: nobody here knows */
    {{{'H', 0}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'H', 0}, {'A', 201}, {'E', 0}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'A', 201}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'A', 201}, {'D', 5}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'A', 201}, {'D', 5}, {'E', 4}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'A', 302}, {'E', 0}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
    {{{'H', 0}, {'X', 4}, {'.', 0}}, JOB_UNKNOWN, 0, 0},
};

START_TEST(every_end_of_a_job_has_its_meaning)
{
	const struct script *s = &scripts[_i];
	struct errand e;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	screen = take(JOB_REPORT);
	ck_assert_int_eq(job_body(&e, (const uint8_t *)"<x/>", 4, later()),
	    RC_OK);
	for (size_t i = 0; i < 8 && s->steps[i].what != '\0'; i++)
		say(screen, &s->steps[i]);
	ck_assert_int_eq(job_finish(&e, later(), json), s->end);
	ck_assert_int_eq(e.channel, -1);
	ck_assert_uint_eq(buf_len(json), s->len);
	if (s->end == JOB_ANSWERED)
		ck_assert_uint_eq(e.status, s->status);
	close(screen);
}
END_TEST

START_TEST(the_whole_body_reaches_screen_and_then_its_end)
{
	static uint8_t piece[FRAME_MAX];
	struct buf *got = buf_new(BODY_MAX);
	struct errand e;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_CHECK, SCREEN_NS), RC_OK);
	screen = take(JOB_CHECK);
	for (size_t i = 0; i < 5; i++) {
		memset(piece, (int)('a' + i), sizeof(piece));
		ck_assert_int_eq(job_body(&e, piece, i == 4 ? 7 : sizeof(piece),
				     later()),
		    RC_OK);
	}
	say(screen, &(struct step){'.', 0});
	ck_assert_int_eq(job_finish(&e, later(), json), JOB_FAILED);
	ck_assert_int_eq(frame_read_body(screen, got), RC_OK);
	ck_assert_uint_eq(buf_len(got), 4 * (size_t)FRAME_MAX + 7);
	ck_assert_int_eq(buf_data(got)[4 * FRAME_MAX + 6], 'e');
	buf_free(got);
	close(screen);
}
END_TEST

START_TEST(an_empty_body_is_a_body)
{
	struct buf *got = buf_new(BODY_MAX);
	struct errand e;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	screen = take(JOB_REPORT);
	say(screen, &(struct step){'.', 0});
	ck_assert_int_eq(job_finish(&e, later(), json), JOB_FAILED);
	ck_assert_int_eq(frame_read_body(screen, got), RC_OK);
	ck_assert_uint_eq(buf_len(got), 0);
	buf_free(got);
	close(screen);
}
END_TEST

START_TEST(a_dropped_job_has_no_end)
{
	struct buf *got = buf_new(BODY_MAX);
	struct errand e;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	screen = take(JOB_REPORT);
	ck_assert_int_eq(job_body(&e, (const uint8_t *)"<x/>", 4, later()),
	    RC_OK);
	job_drop(&e);
	job_drop(&e);
	ck_assert_int_eq(frame_read_body(screen, got), RC_EOF);
	buf_free(got);
	close(screen);
}
END_TEST

START_TEST(a_screen_that_is_gone_is_noticed_while_the_body_comes)
{
	struct errand e;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	close(take(JOB_REPORT));
	ck_assert_int_eq(job_body(&e, (const uint8_t *)"<x/>", 4, later()),
	    RC_EOF);
	job_drop(&e);
}
END_TEST

START_TEST(a_screen_that_does_not_read_ends_at_the_deadline)
{
	static uint8_t piece[FRAME_MAX];
	struct errand e;
	enum rc rc;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	screen = take(JOB_REPORT);
	do
		rc = job_body(&e, piece, sizeof(piece), soon());
	while (rc == RC_OK && e.total < 64 * BODY_MAX);
	ck_assert_int_eq(rc, RC_TIMEOUT);
	job_drop(&e);
	close(screen);
}
END_TEST

/* Not handed over, but nobody knows what screen will do next. */
START_TEST(a_screen_that_says_nothing_is_unknown)
{
	struct errand e;
	int screen;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	screen = take(JOB_REPORT);
	ck_assert_int_eq(job_finish(&e, soon(), json), JOB_UNKNOWN);
	close(screen);
}
END_TEST

START_TEST(a_job_that_no_screen_took_is_unknown)
{
	struct errand e;

	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS), RC_OK);
	ck_assert_int_eq(job_finish(&e, soon(), json), JOB_UNKNOWN);
}
END_TEST

START_TEST(a_full_job_socket_is_busy_at_once)
{
	enum { MOST = 20000 };
	struct errand e;
	int n = 0;
	enum rc rc;

	do {
		rc = job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS);
		job_drop(&e);
	} while (rc == RC_OK && ++n < MOST);
	ck_assert_int_eq(rc, RC_FULL);
	ck_assert_int_eq(e.channel, -1);
}
END_TEST

START_TEST(without_screens_a_job_is_busy)
{
	struct errand e;

	close(jobs[1]);
	ck_assert_int_eq(job_offer(&e, jobs[0], JOB_REPORT, SCREEN_NS),
	    RC_FULL);
	jobs[1] = dup(jobs[0]);
}
END_TEST

/* Screen ends by its own alarm when a client takes that long: this says
 * nothing about the report. */
START_TEST(a_slow_client_is_not_a_report_that_made_screen_fail)
{
	struct errand e = {.screen_ns = 20 * SECOND_NS, .started_ns = 1000};
	uint64_t start = e.started_ns;

	/* still reading */
	ck_assert(!job_was_slow(&e, start + 19 * SECOND_NS));
	ck_assert(job_was_slow(&e, start + 20 * SECOND_NS));
	/* read quickly: screen itself took its whole time */
	e.finished_ns = start + SECOND_NS;
	ck_assert(!job_was_slow(&e, start + 20 * SECOND_NS));
	/* read slowly, and then time was over */
	e.finished_ns = start + 15 * SECOND_NS;
	ck_assert(job_was_slow(&e, start + 20 * SECOND_NS));
	ck_assert(!job_was_slow(&e, start + 16 * SECOND_NS));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_job");
	TCase *t = tcase_create("job");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_end_of_a_job_has_its_meaning, 0,
	    sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(t, the_whole_body_reaches_screen_and_then_its_end);
	tcase_add_test(t, an_empty_body_is_a_body);
	tcase_add_test(t, a_dropped_job_has_no_end);
	tcase_add_test(t,
	    a_screen_that_is_gone_is_noticed_while_the_body_comes);
	tcase_add_test(t, a_screen_that_does_not_read_ends_at_the_deadline);
	tcase_add_test(t, a_screen_that_says_nothing_is_unknown);
	tcase_add_test(t, a_job_that_no_screen_took_is_unknown);
	tcase_add_test(t, a_full_job_socket_is_busy_at_once);
	tcase_add_test(t, without_screens_a_job_is_busy);
	tcase_add_test(t, a_slow_client_is_not_a_report_that_made_screen_fail);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	/* writes to a channel whose screen is gone */
	(void)signal(SIGPIPE, SIG_IGN);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
