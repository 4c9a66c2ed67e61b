/* Pushing to a desk: over the one socket that was given, to the one desk whose
 * certificate the police vouch for. What it answers is handed on as it is;
 * only the desk's signature makes an acknowledgement of it. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "ack.h"
#include "cert.h"
#include "derive.h"
#include "desk_site.h"
#include "hex.h"
#include "push.h"
#include "report_contract.h"

static struct buf *object, *ack;
static uint8_t h[HASH_LEN];
static struct push *push;
static int listener, port;
static pid_t server;

static void
make_site(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	site_make();
	object = site_item("smallest.xml");
	ck_assert_int_eq(derive_h(buf_data(object), buf_len(object), h), RC_OK);
}

static void
remove_site(void)
{
	buf_free(object);
	site_remove();
}

static void
setup(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);

	ck_assert_int_eq(chdir(site_dir), 0);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(listener, 8), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	port = ntohs(a.sin_port);
	ack = buf_new(ACK_MAX);
	server = -1;
	push = NULL;
}

static void
teardown(void)
{
	push_free(push);
	push_free(NULL);
	buf_free(ack);
	close(listener);
	close(FD_FORWARD_SOCKET);
	if (server != -1) {
		(void)kill(server, SIGKILL);
		ck_assert_int_eq(waitpid(server, NULL, 0), server);
	}
	ck_assert_int_eq(chdir("/"), 0);
}

/* --- the gateway's side ----------------------------------------------- */

static void
file_as(const char *name, int fd)
{
	int from = open(name, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(from != -1, "%s", name);
	ck_assert_int_eq(dup2(from, fd), fd);
	close(from);
}

static void
give_files(const char *police, const char *crl)
{
	file_as("keys/forward.crt", FD_FORWARD_CERTIFICATE);
	file_as("keys/forward.key", FD_FORWARD_KEY);
	file_as(police, FD_FORWARD_POLICE);
	file_as(crl, FD_FORWARD_CRLS);
}

static enum rc
make(const char *settings)
{
	struct setup *s = NULL;
	enum rc rc;

	ck_assert_int_eq(setup_parse(settings, strlen(settings), &s), RC_OK);
	rc = push_new(s, &push);
	setup_free(s);
	return rc;
}

/* For a desk of this name; whatever is wrong fails the test. */
static void
make_for(const char *host, int seconds)
{
	char text[256];

	give_files("police/authority.crt", "police/authority.crl");
	(void)snprintf(text, sizeof(text),
	    "host %s\naddress 127.0.0.1\nport %d\ndeadline_seconds %d\n", host,
	    port, seconds);
	ck_assert_int_eq(make(text), RC_OK);
}

/* As cutoutd does it: the socket is still connecting. forward's own connect()
 * goes nowhere. */
static void
dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	(void)syscall(SYS_connect, fd, &a, sizeof(a));
	ck_assert_int_eq(dup2(fd, FD_FORWARD_SOCKET), FD_FORWARD_SOCKET);
	close(fd);
}

static enum rc
put(uint16_t *status)
{
	*status = 0;
	buf_clear(ack);
	return push_put(push, h, object, status, ack);
}

static enum rc
acknowledged(void)
{
	X509 *cert = NULL;
	enum rc rc;
	int fd;

	fd = open("police/ack.crt", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(cert_read(fd, &cert), RC_OK);
	close(fd);
	rc = ack_verify(h, X509_get0_pubkey(cert), buf_data(ack), buf_len(ack),
	    NULL, NULL);
	X509_free(cert);
	return rc;
}

/* --- a desk that says what it is told to ------------------------------ */

struct desk {
	const char *base;  /* of certificate and key */
	const char *reply; /* NULL: none, and the connection stays */
	long tls;          /* the highest version; 0: any */
};

/* Reads one request, whose head becomes the file "request". */
static void
take_request(SSL *ssl)
{
	static char raw[65536];
	size_t len = 0, head = 0, body = 0;

	while (head == 0 || len < head + body) {
		int n = SSL_read(ssl, raw + len, (int)(sizeof(raw) - 1 - len));
		const char *end, *length;

		if (n <= 0)
			_exit(0);
		len += (size_t)n;
		raw[len] = '\0';
		end = head == 0 ? strstr(raw, "\r\n\r\n") : NULL;
		if (end == NULL)
			continue;
		head = (size_t)(end - raw) + 4;
		length = strstr(raw, "Content-Length: ");
		if (length != NULL)
			body = strtoul(length + 16, NULL, 10);
	}
	{
		FILE *f = fopen("request", "ae");

		if (f == NULL || fwrite(raw, 1, head, f) != head ||
		    fclose(f) != 0)
			_exit(1);
	}
}

static _Noreturn void
be_desk(const struct desk *d)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	char crt[64], key[64];
	SSL *ssl;
	int fd;

	(void)snprintf(crt, sizeof(crt), "%s.crt", d->base);
	(void)snprintf(key, sizeof(key), "%s.key", d->base);
	if (tls == NULL || SSL_CTX_use_certificate_chain_file(tls, crt) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		_exit(1);
	(void)SSL_CTX_set_max_proto_version(tls, d->tls);
	fd = accept(listener, NULL, NULL);
	ssl = SSL_new(tls);
	if (fd == -1 || ssl == NULL || SSL_set_fd(ssl, fd) != 1 ||
	    SSL_accept(ssl) != 1)
		_exit(1);
	for (;;) {
		take_request(ssl);
		if (d->reply == NULL)
			(void)pause();
		if (SSL_write(ssl, d->reply, (int)strlen(d->reply)) <= 0)
			break;
		if (strstr(d->reply, "Content-Length: ") == NULL ||
		    strstr(d->reply, "close") != NULL)
			break;
	}
	(void)SSL_shutdown(ssl);
	_exit(0);
}

static void
start_desk(struct desk d)
{
	(void)unlink("request");
	server = fork();
	ck_assert_int_ne(server, -1);
	if (server == 0)
		be_desk(&d);
}

static enum rc
put_to(struct desk d, int seconds, uint16_t *status)
{
	start_desk(d);
	make_for("localhost", seconds);
	dial();
	ck_assert_int_eq(push_connected(push), RC_OK);
	return put(status);
}

/* --- the promises ----------------------------------------------------- */

START_TEST(a_desk_acknowledges_again_and_again_over_one_connection)
{
	uint16_t status;
	pid_t receiver;

	site_empty_data();
	receiver = site_receive(&port);
	make_for("localhost", 20);
	dial();
	ck_assert_int_eq(push_connected(push), RC_OK);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(put(&status), RC_OK);
		ck_assert_uint_eq(status, i == 0 ? 201 : 200);
		ck_assert_int_eq(acknowledged(), RC_OK);
	}
	ck_assert_int_eq(site_stop(receiver, SIGTERM), 0);
}
END_TEST

START_TEST(a_200_alone_is_no_acknowledgement)
{
	uint16_t status;

	ck_assert_int_eq(put_to((struct desk){.base = "police/server",
				    .reply = "HTTP/1.1 200 OK\r\n"
					     "Content-Length: 4\r\n\r\nfine"},
			     20, &status),
	    RC_OK);
	ck_assert_uint_eq(status, 200);
	ck_assert_uint_eq(buf_len(ack), 4);
	ck_assert_int_ne(acknowledged(), RC_OK);
}
END_TEST

START_TEST(a_request_has_what_the_desk_needs_and_nothing_else)
{
	char want[512], name[2 * HASH_LEN + 1], *got;
	uint16_t status;
	size_t len;

	hex_encode(h, HASH_LEN, name);
	ck_assert_int_eq(put_to((struct desk){.base = "police/server",
				    .reply = "HTTP/1.1 404 No\r\n"
					     "Content-Length: 0\r\n\r\n"},
			     20, &status),
	    RC_OK);
	ck_assert_uint_eq(status, 404);
	(void)snprintf(want, sizeof(want),
	    "PUT /v1/items/%s HTTP/1.1\r\nHost: localhost:%d\r\n"
	    "Content-Type: application/pkcs7-mime\r\nContent-Length: %zu\r\n"
	    "\r\n",
	    name, port, buf_len(object));
	got = read_whole("request", &len);
	ck_assert_str_eq(got, want);
	free(got);
}
END_TEST

START_TEST(nobody_is_followed_to_another_place)
{
	uint16_t status;
	char *got;
	size_t len;

	ck_assert_int_eq(put_to((struct desk){.base = "police/server",
				    .reply = "HTTP/1.1 302 Found\r\nLocation: "
					     "https://localhost/x\r\n"
					     "Content-Length: 0\r\n\r\n"},
			     20, &status),
	    RC_OK);
	ck_assert_uint_eq(status, 302);
	got = read_whole("request", &len);
	ck_assert_ptr_null(strstr(got + 1, "PUT "));
	free(got);
}
END_TEST

START_TEST(an_answer_too_long_or_not_http_is_bad)
{
	static char reply[ACK_MAX + 128];
	uint16_t status;
	int n;

	n = snprintf(reply, sizeof(reply),
	    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", (int)ACK_MAX + 1);
	memset(reply + n, 'x', ACK_MAX + 1);
	ck_assert_int_eq(put_to((struct desk){.base = "police/server",
				    .reply = reply},
			     20, &status),
	    RC_BAD);
	ck_assert_uint_eq(status, 0);
	teardown();
	setup();
	ck_assert_int_eq(put_to((struct desk){.base = "police/server",
				    .reply = "hello\r\n"},
			     20, &status),
	    RC_BAD);
}
END_TEST

START_TEST(a_connection_that_ends_is_an_outage_and_stays_one)
{
	static const char *const replies[] = {
	    "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nx: close\r\n\r\nab"};
	uint16_t status;

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		ck_assert_int_eq(put_to((struct desk){.base = "police/server",
					    .reply = replies[i]},
				     20, &status),
		    RC_EOF);
		ck_assert_uint_eq(status, 0);
		/* there is one socket, and it has served */
		ck_assert_int_eq(put(&status), RC_EOF);
		teardown();
		setup();
	}
}
END_TEST

START_TEST(a_desk_that_says_nothing_is_left_at_the_deadline)
{
	uint16_t status;

	ck_assert_int_eq(put_to((struct desk){.base = "police/server"}, 1,
			     &status),
	    RC_TIMEOUT);
	ck_assert_uint_eq(status, 0);
}
END_TEST

/* --- who is spoken to ------------------------------------------------- */

static void
not_spoken_to(struct desk d, const char *host, const char *police,
    const char *crl)
{
	char text[256];
	uint16_t status;

	start_desk(d);
	give_files(police, crl);
	(void)snprintf(text, sizeof(text),
	    "host %s\naddress 127.0.0.1\nport %d\ndeadline_seconds 20\n", host,
	    port);
	ck_assert_int_eq(make(text), RC_OK);
	dial();
	ck_assert_int_eq(push_connected(push), RC_OK);
	ck_assert_int_eq(put(&status), RC_CRYPTO);
	/* it was not even asked */
	ck_assert_int_eq(access("request", F_OK), -1);
	teardown();
	setup();
}

START_TEST(only_the_desk_that_the_police_vouch_for_is_spoken_to)
{
	static const char police[] = "police/authority.crt";
	static const char crl[] = "police/authority.crl";
	const struct desk good = {.base = "police/server", .reply = ""};

	/* of another authority, of another name, without its list, with an old
	 * protocol, and one that is no server */
	not_spoken_to((struct desk){.base = "other/server", .reply = ""},
	    "localhost", police, crl);
	not_spoken_to(good, "desk.example", police, crl);
	not_spoken_to(good, "localhost", police, "other/authority.crl");
	not_spoken_to((struct desk){.base = "police/server",
			  .reply = "",
			  .tls = TLS1_2_VERSION},
	    "localhost", police, crl);
	not_spoken_to((struct desk){.base = "police/ack", .reply = ""},
	    "localhost", police, crl);
}
END_TEST

/* --- before there is a connection ------------------------------------- */

START_TEST(a_refused_connection_is_told_by_errno)
{
	close(listener);
	make_for("localhost", 5);
	dial();
	ck_assert_int_eq(push_connected(push), RC_IO);
	ck_assert_int_eq(errno, ECONNREFUSED);
}
END_TEST

START_TEST(a_wrong_setting_or_file_is_refused)
{
	static const char *const bad[] = {
	    "address 127.0.0.1\nport 1\ndeadline_seconds 5\n",
	    "host h\nport 1\ndeadline_seconds 5\n",
	    "host h\naddress 127.0.0.1\ndeadline_seconds 5\n",
	    "host h\naddress 127.0.0.1\nport 0\ndeadline_seconds 5\n",
	    "host h\naddress 127.0.0.1\nport 65536\ndeadline_seconds 5\n",
	    "host h\naddress 127.0.0.1\nport 1\n",
	    "host h\naddress 127.0.0.1\nport 1\ndeadline_seconds 0\n"};
	static const char good[] =
	    "host h\naddress 127.0.0.1\nport 1\ndeadline_seconds 5\n";
	char text[600];

	give_files("police/authority.crt", "police/authority.crl");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(make(bad[i]) == RC_CONFIG, "%s", bad[i]);
	(void)snprintf(text, sizeof(text), "host %0254d\n%s", 0, good + 7);
	ck_assert_int_eq(make(text), RC_CONFIG);
	/* no revocation list is not an empty one */
	file_as("police/authority.crt", FD_FORWARD_CRLS);
	ck_assert_int_eq(make(good), RC_CONFIG);
	file_as("/dev/null", FD_FORWARD_CRLS);
	ck_assert_int_eq(make(good), RC_CONFIG);
	ck_assert_ptr_null(push);
}
END_TEST

/* The descriptors that forward knows by number are taken before Check opens
 * any of its own. */
static void
reserve(void)
{
	for (int fd = STDERR_FILENO + 1; fd <= FD_FORWARD_CRLS; fd++) {
		if (dup2(STDERR_FILENO, fd) == -1)
			abort();
	}
}

int
main(void)
{
	Suite *suite = suite_create("forward push");
	TCase *t = tcase_create("push");
	SRunner *runner;
	int failed;

	reserve();
	tcase_add_unchecked_fixture(t, make_site, remove_site);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t,
	    a_desk_acknowledges_again_and_again_over_one_connection);
	tcase_add_test(t, a_200_alone_is_no_acknowledgement);
	tcase_add_test(t, a_request_has_what_the_desk_needs_and_nothing_else);
	tcase_add_test(t, nobody_is_followed_to_another_place);
	tcase_add_test(t, an_answer_too_long_or_not_http_is_bad);
	tcase_add_test(t, a_connection_that_ends_is_an_outage_and_stays_one);
	tcase_add_test(t, a_desk_that_says_nothing_is_left_at_the_deadline);
	tcase_add_test(t, only_the_desk_that_the_police_vouch_for_is_spoken_to);
	tcase_add_test(t, a_refused_connection_is_told_by_errno);
	tcase_add_test(t, a_wrong_setting_or_file_is_refused);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
