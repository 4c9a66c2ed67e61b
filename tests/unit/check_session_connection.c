/* One connection, from the handshake to the last byte: what is answered, that
 * nothing of a cut request is kept, and that a watcher sees one size. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection.h"
#include "deadline.h"
#include "session_site.h"

#define POST(target)                                                           \
	"POST " target " HTTP/1.1\r\nHost: gate.example\r\n"                   \
	"Content-Type: application/xml\r\n"
#define REPORT POST("/v1/reports")

static struct site site;
static char out[65536];

static void
setup(void)
{
	site_make(&site);
}

static void
teardown(void)
{
	site_free(&site);
}

/* The status line's number; 0: no answer. */
static int
status_of(const char *text)
{
	return strncmp(text, "HTTP/1.1 ", 9) == 0
		   ? (int)strtol(text + 9, NULL, 10)
		   : 0;
}

/* One request on a connection of its own. Wire bytes to *wire. */
static int
ask(const struct sample *who, const char *request, size_t len, uint64_t *wire)
{
	struct visitor v;

	visitor_come(&v, &site, who);
	visitor_send(&v, request, len);
	ck_assert_int_ge(visitor_read(&v, out, sizeof(out)), 0);
	if (wire != NULL)
		*wire = visitor_wire(&v);
	ck_assert_int_eq(visitor_leave(&v), 0);
	return status_of(out);
}

static int
ask_text(const struct sample *who, const char *request)
{
	return ask(who, request, strlen(request), NULL);
}

static int
report(const char *body)
{
	char request[1024];

	(void)snprintf(request, sizeof(request),
	    REPORT "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	return ask_text(&site.partners, request);
}

/* --- what is answered ------------------------------------------------- */

START_TEST(a_report_gets_screens_answer)
{
	ck_assert_int_eq(report("<x/>"), 201);
	ck_assert_ptr_nonnull(strstr(out, "\r\n\r\n{\"said\":\"by screen\"}"));
	ck_assert_ptr_nonnull(strstr(out,
	    "Content-Type: application/json\r\n"));
	ck_assert_int_eq(report("returned"), 422);
	ck_assert_ptr_nonnull(strstr(out,
	    "Content-Type: application/problem+json\r\n"));
	ck_assert_uint_eq(site.seen->whole, 2);
}
END_TEST

START_TEST(a_screen_that_dies_before_handing_over_is_500)
{
	ck_assert_int_eq(report("die"), 500);
	ck_assert_ptr_nonnull(strstr(out, "Do not send it again unchanged"));
}
END_TEST

START_TEST(a_screen_that_dies_after_handing_over_is_503)
{
	ck_assert_int_eq(report("lost"), 503);
	ck_assert_ptr_nonnull(strstr(out, "the same report again"));
}
END_TEST

START_TEST(a_screen_that_is_silent_is_503)
{
	site.s.request_seconds = 1;
	ck_assert_int_eq(report("silent"), 503);
	ck_assert_ptr_nonnull(strstr(out, "the same report again"));
}
END_TEST

struct request {
	const char *bytes;
	int status;
};

static const struct request requests[] = {
    {REPORT "Content-Length: 0\r\n\r\n", 201},
    {REPORT "\r\n", 201},
    {REPORT "Transfer-Encoding: chunked\r\n\r\n4\r\n<x/>\r\n0\r\n\r\n", 201},
    {REPORT "Connection: close\r\nContent-Length: 4\r\n\r\n<x/>", 201},
    {POST("/v1/check") "Content-Length: 8\r\n\r\nreturned", 422},
    {"GET /v1/openapi.yaml HTTP/1.1\r\nHost: h\r\n\r\n", 200},
    /* routes */
    {"GET /v1/nothing HTTP/1.1\r\nHost: h\r\n\r\n", 404},
    {POST("/v1/reports?x") "Content-Length: 4\r\n\r\n<x/>", 404},
    {"GET /v1/reports HTTP/1.1\r\nHost: h\r\n\r\n", 405},
    {"PUT /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n<x/>",
	405},
    /* types */
    {"POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n<x/>",
	415},
    {"POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\n"
     "Content-Length: 4\r\n\r\n<x/>",
	415},
    {"POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Type: application/xml; "
     "charset=latin1\r\nContent-Length: 4\r\n\r\n<x/>",
	415},
    /* sizes */
    {REPORT "Content-Length: 1048577\r\n\r\n<x/>", 413},
    {REPORT "Transfer-Encoding: chunked\r\n\r\n100001\r\n<x/>", 413},
    /* odd ones */
    {"GARBAGE\r\n\r\n", 400},
    {"POST /v1/reports HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 400},
    {REPORT "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
    {REPORT "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 400},
    {REPORT "Transfer-Encoding: chunked\r\n\r\nx", 400},
    {REPORT "X: a\r\n b\r\n\r\n", 400},
    {"POST /v1/reports HTTP/1.0\r\nHost: h\r\n\r\n", 505},
    {REPORT "Transfer-Encoding: gzip\r\n\r\nx", 501},
    {REPORT "Expect: tea\r\nContent-Length: 1\r\n\r\nx", 417},
};

START_TEST(each_request_has_its_answer)
{
	const struct request *r = &requests[_i];

	ck_assert_int_eq(ask_text(&site.partners, r->bytes), r->status);
	ck_assert_ptr_nonnull(strstr(out, "\r\nConnection: close\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "\r\nCache-Control: no-store\r\n"));
	ck_assert_uint_eq(rates_places(site.s.rates), 0);
}
END_TEST

START_TEST(police_read_and_do_not_report)
{
	ck_assert_int_eq(ask_text(&site.police,
			     REPORT "Content-Length: 4\r\n\r\n<x/>"),
	    403);
	ck_assert_int_eq(ask_text(&site.police, "GET /v1/schema/report.xsd "
						"HTTP/1.1\r\nHost: h\r\n\r\n"),
	    200);
	ck_assert_ptr_nonnull(strstr(out, "\r\n\r\n/v1/schema/report.xsd"));
	ck_assert_uint_eq(site.seen->whole + site.seen->cut, 0);
}
END_TEST

START_TEST(a_stranger_gets_an_alert_and_no_answer)
{
	struct visitor v;

	visitor_come(&v, &site, &site.gateway);
	ck_assert_int_eq(visitor_read(&v, out, sizeof(out)), -1);
	ck_assert_str_eq(out, "");
	ck_assert_int_eq(visitor_leave(&v), 0);
	visitor_come(&v, &site, NULL);
	ck_assert_int_eq(visitor_read(&v, out, sizeof(out)), -1);
	ck_assert_str_eq(out, "");
	ck_assert_int_eq(visitor_leave(&v), 0);
	/* nobody was charged for it */
	ck_assert_uint_eq(rates_buckets(site.s.rates), 0);
}
END_TEST

START_TEST(expect_100_continue_is_honoured)
{
	static const char head[] =
	    REPORT "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
	struct visitor v;
	size_t n;

	visitor_come(&v, &site, &site.partners);
	visitor_send(&v, head, sizeof(head) - 1);
	ck_assert_int_eq(SSL_read_ex(v.ssl, out, sizeof(out), &n), 1);
	ck_assert_uint_eq(n, strlen("HTTP/1.1 100 Continue\r\n\r\n"));
	visitor_send(&v, "<x/>", 4);
	ck_assert_int_gt(visitor_read(&v, out, sizeof(out)), 0);
	ck_assert_int_eq(status_of(out), 201);
	ck_assert_int_eq(visitor_leave(&v), 0);
}
END_TEST

START_TEST(a_body_of_the_largest_size_goes_through)
{
	static char request[1048576 + 256];
	int n = snprintf(request, sizeof(request),
	    REPORT "Content-Length: 1048576\r\n\r\n");

	memset(request + n, 'a', 1048576);
	ck_assert_int_eq(ask(&site.partners, request, (size_t)n + 1048576,
			     NULL),
	    201);
	ck_assert_uint_eq(site.seen->bytes, 1048576);
}
END_TEST

/* The client still sends when the answer is out: it must hear it. */
START_TEST(a_refused_body_does_not_reset_the_answer)
{
	static char request[3 * 1048576];
	int n = snprintf(request, sizeof(request),
	    REPORT "Content-Length: 3000000\r\n\r\n");

	memset(request + n, 'a', 3000000);
	ck_assert_int_eq(ask(&site.partners, request, (size_t)n + 3000000,
			     NULL),
	    413);
	ck_assert_uint_eq(site.seen->whole + site.seen->cut, 0);
}
END_TEST

/* --- nothing is kept of a part ---------------------------------------- */

/* The stand-in counts a cut body after session has ended. */
static void
wait_cut(unsigned count)
{
	uint64_t end = deadline_now() + 20 * SECOND_NS;

	while (site.seen->cut < count && deadline_now() < end)
		deadline_sleep(deadline_now() + 5 * MILLI_NS);
	ck_assert_uint_eq(site.seen->cut, count);
	ck_assert_uint_eq(site.seen->whole, 0);
}

START_TEST(half_a_body_and_an_orderly_end_is_not_kept)
{
	static const char half[] = REPORT "Content-Length: 10\r\n\r\n12345";
	struct visitor v;

	visitor_come(&v, &site, &site.partners);
	visitor_send(&v, half, sizeof(half) - 1);
	ck_assert_int_eq(SSL_shutdown(v.ssl), 0);
	(void)visitor_read(&v, out, sizeof(out));
	ck_assert_str_eq(out, "");
	ck_assert_int_eq(visitor_leave(&v), 0);
	wait_cut(1);
}
END_TEST

/* All of the body, and then the wire is cut: TLS never said that it ended, and
 * a chunked body that lacks its end is no body. */
START_TEST(a_cut_wire_is_not_an_end)
{
	static const char part[] =
	    REPORT "Transfer-Encoding: chunked\r\n\r\n4\r\n<x/>\r\n";
	struct visitor v;

	visitor_come(&v, &site, &site.partners);
	visitor_send(&v, part, sizeof(part) - 1);
	SSL_set_quiet_shutdown(v.ssl, 1);
	ck_assert_int_eq(visitor_leave(&v), 0);
	wait_cut(1);
}
END_TEST

START_TEST(a_bad_chunk_drops_what_came_before)
{
	ck_assert_int_eq(ask_text(&site.partners,
			     REPORT "Transfer-Encoding: "
				    "chunked\r\n\r\n4\r\n<x/>\r\nzz\r\n"),
	    400);
	wait_cut(1);
}
END_TEST

/* --- several requests ------------------------------------------------- */

static unsigned
count_answers(void)
{
	unsigned n = 0;

	for (const char *p = out; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++)
		n++;
	return n;
}

static const char three[] =
    REPORT "Content-Length: 4\r\n\r\n<x/>" REPORT "Content-Length: 8\r\n\r\n"
	   "returned" REPORT "Content-Length: 4\r\n\r\n<x/>";

START_TEST(one_report_a_connection_is_one)
{
	ck_assert_int_eq(ask_text(&site.partners, three), 201);
	ck_assert_uint_eq(count_answers(), 1);
	ck_assert_uint_eq(site.seen->whole, 1);
}
END_TEST

START_TEST(several_reports_a_connection_are_that_many)
{
	site.s.reports_per_connection = 2;
	ck_assert_int_eq(ask_text(&site.partners, three), 201);
	ck_assert_uint_eq(count_answers(), 2);
	ck_assert_uint_eq(site.seen->whole, 2);
	ck_assert_ptr_nonnull(strstr(out, "HTTP/1.1 422 "));
	ck_assert_ptr_nonnull(strstr(out, "Connection: keep-alive"));
	ck_assert_ptr_nonnull(strstr(out, "Connection: close"));
}
END_TEST

/* What follows a refused request can not be trusted to be the next one. */
START_TEST(after_a_body_that_was_not_read_nothing_more_is)
{
	static const char two[] =
	    POST("/v1/nothing") "Content-Length: 4\r\n\r\n<x/>" REPORT
				"Content-Length: 4\r\n\r\n<x/>";

	site.s.reports_per_connection = 10;
	ck_assert_int_eq(ask_text(&site.partners, two), 404);
	ck_assert_uint_eq(count_answers(), 1);
	ck_assert_uint_eq(site.seen->whole, 0);
}
END_TEST

/* --- rates ------------------------------------------------------------ */

static const struct rates_limits two_a_day = {.reports_per_day = 2,
    .day_ns = 86400 * SECOND_NS,
    .per_certificate = 1,
    .most = 64};

START_TEST(accepted_reports_count_and_others_do_not)
{
	site_rates(&site, &two_a_day);
	ck_assert_int_eq(report("returned"), 422);
	ck_assert_int_eq(report("<x/>"), 201);
	ck_assert_int_eq(report("returned"), 422);
	ck_assert_int_eq(report("<x/>"), 201);
	ck_assert_int_eq(report("<x/>"), 429);
	ck_assert_ptr_nonnull(strstr(out, "\r\nRetry-After: 432"));
	ck_assert_uint_eq(site.seen->whole, 4);
	/* it may still check, and others may report */
	ck_assert_int_eq(ask_text(&site.partners,
			     POST("/v1/check") "Content-Length: 8\r\n\r\n"
					       "returned"),
	    422);
	ck_assert_uint_eq(rates_places(site.s.rates), 0);
}
END_TEST

START_TEST(a_crash_costs_a_report)
{
	site_rates(&site, &two_a_day);
	ck_assert_int_eq(report("die"), 500);
	ck_assert_int_eq(report("broken"), 500);
	ck_assert_int_eq(report("<x/>"), 429);
}
END_TEST

START_TEST(a_second_connection_at_one_time_is_429)
{
	struct visitor v;
	uint64_t end = deadline_now() + 20 * SECOND_NS;

	site_rates(&site, &two_a_day);
	visitor_come(&v, &site, &site.partners);
	while (rates_places(site.s.rates) == 0 && deadline_now() < end)
		deadline_sleep(deadline_now() + 5 * MILLI_NS);
	ck_assert_int_eq(report("<x/>"), 429);
	ck_assert_ptr_nonnull(strstr(out, "\r\nRetry-After: 1\r\n"));
	ck_assert_uint_eq(site.seen->whole, 0);
	ck_assert_int_eq(visitor_leave(&v), 0);
	ck_assert_int_eq(report("<x/>"), 201);
}
END_TEST

START_TEST(without_screens_it_is_503)
{
	int nobody = site.s.jobs;

	site.s.jobs = STDERR_FILENO; /* not a socket at all */
	ck_assert_int_eq(report("<x/>"), 503);
	ck_assert_ptr_nonnull(strstr(out, "the same report again"));
	site.s.jobs = nobody;
}
END_TEST

/* --- time ------------------------------------------------------------- */

START_TEST(a_client_that_is_silent_is_let_go)
{
	uint64_t start = deadline_now();
	struct visitor v;

	site.s.request_seconds = 1;
	visitor_come(&v, &site, &site.partners);
	visitor_send(&v, REPORT, strlen(REPORT));
	ck_assert_int_gt(visitor_read(&v, out, sizeof(out)), 0);
	ck_assert_int_eq(status_of(out), 408);
	ck_assert_uint_ge(deadline_now() - start, 1 * SECOND_NS);
	ck_assert_int_eq(visitor_leave(&v), 0);
}
END_TEST

/* Who shows no certificate holds a place for as short a time as a handshake
 * needs: a few of those must not keep partners out for long. */
START_TEST(who_does_not_even_greet_is_let_go_soon)
{
	uint64_t start = deadline_now();
	struct pollfd wait = {.events = POLLIN};
	int pair[2], status;
	pid_t server;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	server = fork();
	ck_assert_int_ne(server, -1);
	if (server == 0) {
		close(pair[0]);
		if (fcntl(pair[1], F_SETFL, O_NONBLOCK) == -1)
			_exit(1);
		connection_prepare(&site.s);
		connection_serve(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	wait.fd = pair[0];
	/* a part of a record, then silence */
	ck_assert_int_eq(write(pair[0], "\x16\x03\x01", 3), 3);
	ck_assert_int_eq(poll(&wait, 1, 20000), 1);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_lt(deadline_now() - start, 4500 * MILLI_NS);
	close(pair[0]);
}
END_TEST

/* A byte now and then does not put the end off. */
START_TEST(a_client_that_trickles_is_let_go)
{
	uint64_t start = deadline_now(), end = start + 15 * SECOND_NS;
	struct visitor v;
	size_t n;

	site.s.request_seconds = 10;
	site.s.connection_seconds = 1;
	visitor_come(&v, &site, &site.partners);
	visitor_send(&v, "POST /", 6);
	/* the server has ended when a write fails */
	while (deadline_now() < end && SSL_write_ex(v.ssl, "a", 1, &n) == 1)
		deadline_sleep(deadline_now() + 50 * MILLI_NS);
	ck_assert_uint_lt(deadline_now(), end);
	ck_assert_int_eq(visitor_leave(&v), 0);
	ck_assert_uint_eq(rates_places(site.s.rates), 0);
}
END_TEST

START_TEST(answers_wait_for_the_grid)
{
	uint64_t start;

	site.s.answer_grid_ms = 400;
	start = deadline_now();
	ck_assert_int_eq(report("<x/>"), 201);
	ck_assert_uint_ge(deadline_now() - start, 400 * MILLI_NS);
	start = deadline_now();
	ck_assert_int_eq(report("returned"), 422);
	ck_assert_uint_ge(deadline_now() - start, 400 * MILLI_NS);
}
END_TEST

/* --- size ------------------------------------------------------------- */

START_TEST(all_answers_are_alike_on_the_wire)
{
	static const struct request alike[] = {
	    {REPORT "Content-Length: 4\r\n\r\n<x/>", 201},
	    {REPORT "Content-Length: 8\r\n\r\nreturned", 422},
	    {REPORT "Content-Length: 3\r\n\r\ndie", 500},
	    {REPORT "Content-Length: 4\r\n\r\nlost", 503},
	    {POST("/v1/check") "Content-Length: 8\r\n\r\nreturned", 422},
	    {REPORT "Content-Length: 1048577\r\n\r\n", 413},
	    {"GET /v1/reports HTTP/1.1\r\nHost: h\r\n\r\n", 405},
	};
	uint64_t first = 0, wire;

	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
		ck_assert_int_eq(ask(&site.partners, alike[i].bytes,
				     strlen(alike[i].bytes), &wire),
		    alike[i].status);
		if (i == 0)
			first = wire;
		ck_assert_uint_eq(wire, first);
	}
	ck_assert_uint_gt(first, 9216);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_connection");
	TCase *t = tcase_create("connection");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_report_gets_screens_answer);
	tcase_add_test(t, a_screen_that_dies_before_handing_over_is_500);
	tcase_add_test(t, a_screen_that_dies_after_handing_over_is_503);
	tcase_add_test(t, a_screen_that_is_silent_is_503);
	tcase_add_loop_test(t, each_request_has_its_answer, 0,
	    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(t, police_read_and_do_not_report);
	tcase_add_test(t, a_stranger_gets_an_alert_and_no_answer);
	tcase_add_test(t, expect_100_continue_is_honoured);
	tcase_add_test(t, a_body_of_the_largest_size_goes_through);
	tcase_add_test(t, a_refused_body_does_not_reset_the_answer);
	tcase_add_test(t, half_a_body_and_an_orderly_end_is_not_kept);
	tcase_add_test(t, a_cut_wire_is_not_an_end);
	tcase_add_test(t, a_bad_chunk_drops_what_came_before);
	tcase_add_test(t, one_report_a_connection_is_one);
	tcase_add_test(t, several_reports_a_connection_are_that_many);
	tcase_add_test(t, after_a_body_that_was_not_read_nothing_more_is);
	tcase_add_test(t, accepted_reports_count_and_others_do_not);
	tcase_add_test(t, a_crash_costs_a_report);
	tcase_add_test(t, a_second_connection_at_one_time_is_429);
	tcase_add_test(t, without_screens_it_is_503);
	tcase_add_test(t, a_client_that_is_silent_is_let_go);
	tcase_add_test(t, who_does_not_even_greet_is_let_go_soon);
	tcase_add_test(t, a_client_that_trickles_is_let_go);
	tcase_add_test(t, answers_wait_for_the_grid);
	tcase_add_test(t, all_answers_are_alike_on_the_wire);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
