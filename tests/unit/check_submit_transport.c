/* One request, with the desk's receiver as a TLS server that this program does
 * not know: what became of the request is told apart, because "not sent" and
 * "not known" are answered differently. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "desk_site.h"
#include "transport.h"

static int port;
static pid_t server;
static char url[64];
static struct answer_raw a;

static void
start(void)
{
	site_make();
	server = site_receive(&port);
	ck_assert_int_eq(setenv("SSLKEYLOGFILE", "/tmp/none", 1), 0);
	/* a proxy that is not there, which is not to be asked */
	ck_assert_int_eq(setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
	ck_assert_int_eq(transport_start(), RC_OK);
	ck_assert_ptr_null(getenv("SSLKEYLOGFILE"));
}

static void
stop(void)
{
	ck_assert_int_eq(site_stop(server, SIGTERM), 0);
	site_remove();
}

static void
setup(void)
{
	ck_assert_int_eq(chdir(site_dir), 0);
	(void)snprintf(url, sizeof(url), "https://localhost:%d", port);
}

static void
teardown(void)
{
	buf_free(a.body);
	a.body = NULL;
	ck_assert_int_eq(chdir("/"), 0);
}

/* The desk takes the gateway's client certificate. */
static struct target
target(void)
{
	return (struct target){.url = url,
	    .ca = "police/authority.crt",
	    .cert = "keys/forward.crt",
	    .key = "keys/forward.key",
	    .seconds = 20};
}

static enum exchange
post(const struct target *t)
{
	buf_free(a.body);
	ck_assert_int_eq(transport_post(t, "/v1/reports", "<x/>", 4, &a),
	    RC_OK);
	if (a.what != EXCHANGE_ANSWERED)
		ck_assert_str_ne(a.why, "");
	return a.what;
}

START_TEST(an_answer_is_handed_on_with_its_status)
{
	struct target t = target();

	ck_assert_msg(post(&t) == EXCHANGE_ANSWERED, "%s", a.why);
	ck_assert_int_eq(a.status, 404);
	ck_assert_int_eq(a.retry_after_s, 0);
	ck_assert_uint_gt(buf_len(a.body), 0);
	/* slashes behind the address are not doubled */
	(void)snprintf(url, sizeof(url), "https://localhost:%d//", port);
	ck_assert_int_eq(post(&t), EXCHANGE_ANSWERED);
	ck_assert_int_eq(a.status, 404);
}
END_TEST

START_TEST(a_server_of_another_authority_gets_nothing)
{
	struct target t = target();

	t.ca = "other/authority.crt";
	ck_assert_int_eq(post(&t), EXCHANGE_UNTRUSTED);
	/* its own word for itself is not enough either */
	t.ca = "police/ack.crt";
	ck_assert_int_eq(post(&t), EXCHANGE_UNTRUSTED);
}
END_TEST

START_TEST(a_certificate_that_is_refused_is_told_so)
{
	struct target t = target();

	t.cert = "police/client.crt";
	t.key = "police/client.key";
	ck_assert_msg(post(&t) == EXCHANGE_REFUSED, "%d: %s", (int)a.what,
	    a.why);
}
END_TEST

START_TEST(nobody_there_is_not_sent)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(a4);
	struct target t = target();

	/* a port that is taken and where nothing listens */
	a4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a4, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a4, &len), 0);
	(void)snprintf(url, sizeof(url), "https://localhost:%d",
	    ntohs(a4.sin_port));
	ck_assert_int_eq(post(&t), EXCHANGE_NOT_SENT);
	ck_assert_uint_eq(buf_len(a.body), 0);
	close(fd);
}
END_TEST

START_TEST(what_can_not_be_used_is_no_outage)
{
	struct target t = target();

	t.url = "http://127.0.0.1:1";
	ck_assert_int_eq(post(&t), EXCHANGE_CONFIG);
	t.url = "file:///etc/passwd";
	ck_assert_int_eq(post(&t), EXCHANGE_CONFIG);
	t.url = url;
	t.ca = "none.crt";
	ck_assert_int_eq(post(&t), EXCHANGE_CONFIG);
	t.ca = "police/authority.crt";
	t.key = "none.key";
	ck_assert_int_eq(post(&t), EXCHANGE_CONFIG);
	/* a key that is not the certificate's */
	t.key = "police/client.key";
	ck_assert_int_eq(post(&t), EXCHANGE_CONFIG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("submit transport");
	TCase *t = tcase_create("transport");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(t, start, stop);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_answer_is_handed_on_with_its_status);
	tcase_add_test(t, a_server_of_another_authority_gets_nothing);
	tcase_add_test(t, a_certificate_that_is_refused_is_told_so);
	tcase_add_test(t, nobody_there_is_not_sent);
	tcase_add_test(t, what_can_not_be_used_is_no_outage);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
