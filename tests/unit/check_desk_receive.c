/* cutout-desk receive over real TLS, with curl as the gateway and openssl as
 * the judge of acknowledgements. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "desk_site.h"
#include "program.h"
#include "report_contract.h"

static char out[65536], item[ITEM_TEXT];
static int port;
static pid_t receiver;

#define SAID(text)                                                             \
	ck_assert_msg(strstr(out, text) != NULL, "it said: %.900s", out)

/* curl as the client WHO: prints the body to the file answer, then the status
 * to out. */
#define CURL(who, fmt, ...)                                                    \
	program_run(out, sizeof(out),                                          \
	    "cd %s && curl -sS -m 20 --cacert police/authority.crt --cert "    \
	    "%s.crt --key %s.key -o answer -w '%%{http_code}' " fmt,           \
	    site_dir, who, who, __VA_ARGS__)
#define GATEWAY "keys/forward"
/* A PUT of FILE under NAME as the gateway does it. */
#define PUT(file, name)                                                        \
	CURL(GATEWAY,                                                          \
	    "-H 'Content-Type: application/pkcs7-mime' -T %s "                 \
	    "https://localhost:%d/v1/items/%s",                                \
	    file, port, name)

static void
make_item(void)
{
	struct buf *b;

	site_make();
	b = site_item("smallest.xml");
	site_write(b, "sent", item);
	buf_free(b);
}

static void
start(void)
{
	site_empty_data();
	receiver = site_receive(&port);
}

static void
stop(void)
{
	ck_assert_int_eq(site_stop(receiver, SIGTERM), 0);
}

static void
put_is(const char *file, const char *name, const char *status)
{
	ck_assert_msg(PUT(file, name) == 0, "%.900s", out);
	ck_assert_str_eq(out, status);
}

/* How many files the store holds. */
static int
kept(void)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "ls -A %s/data/items | "
			     "wc -l",
			     site_dir),
	    0);
	return (int)strtol(out, NULL, 10);
}

/* Sends sent/NAME.p7m. */
static int
put_sent(const char *name)
{
	return CURL(GATEWAY,
	    "-H 'Content-Type: application/pkcs7-mime' -T sent/%s.p7m "
	    "https://localhost:%d/v1/items/%s",
	    name, port, name);
}

static void
sent_is(const char *name, const char *status)
{
	ck_assert_msg(put_sent(name) == 0, "%.900s", out);
	ck_assert_str_eq(out, status);
}

static void
send_item(const char *status)
{
	sent_is(item, status);
}

START_TEST(an_item_is_acknowledged_once_it_is_kept)
{
	send_item("201");
	ck_assert_int_eq(kept(), 1);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && cmp sent/%s.p7m data/items/%s.p7m && "
			     "openssl x509 -in police/public/ack.crt -pubkey "
			     "-noout >ack.pub && tail -n 1 answer | base64 -d "
			     ">sig && head -n 1 answer | openssl dgst -sha256 "
			     "-verify ack.pub -signature sig && head -n 1 "
			     "answer && wc -l <answer",
			     site_dir, item, item),
	    0);
	SAID("Verified OK");
	SAID("cutout-ack/v1 ");
	SAID(item);
	SAID("\n2\n");
}
END_TEST

START_TEST(a_duplicate_is_acknowledged_and_kept_once)
{
	send_item("201");
	send_item("200");
	ck_assert_int_eq(program_run(out, sizeof(out), "cat %s/answer",
			     site_dir),
	    0);
	SAID("cutout-ack/v1 ");
	ck_assert_int_eq(kept(), 1);
}
END_TEST

START_TEST(what_is_no_item_is_refused_and_not_kept)
{
	char name[ITEM_TEXT], file[ITEM_TEXT + 32];
	static const char *const desk[] = {"police/recipient.crt", NULL};
	struct buf *b = buf_new(64);

	/* another name than its hash */
	snprintf(file, sizeof(file), "sent/%s.p7m", item);
	memcpy(name, item, sizeof(name));
	name[0] = name[0] == 'a' ? 'b' : 'a';
	put_is(file, name, "422");
	/* nonsense under its right name */
	ck_assert_int_eq(buf_add_text(b, "nonsense"), RC_OK);
	site_write(b, "sent", name);
	buf_free(b);
	sent_is(name, "422");
	/* signed by another key */
	b = site_seal("x", 1, desk, "police/ack");
	site_write(b, "sent", name);
	buf_free(b);
	sent_is(name, "422");
	ck_assert_int_eq(kept(), 0);
	site_wait_log("whose name is not its SHA-256", 1);
	site_wait_log("not of the gateway's form", 1);
	site_wait_log("--origin does not verify", 1);
}
END_TEST

START_TEST(only_the_gateways_client_certificate_may_speak)
{
	static const char *const strangers[] = {"police/client",
	    "keys/partners/council", "keys/tls", "keys/origin"};
	char file[ITEM_TEXT + 32];

	snprintf(file, sizeof(file), "sent/%s.p7m", item);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		ck_assert_msg(CURL(strangers[i],
				  "-H 'Content-Type: application/pkcs7-mime' "
				  "-T %s "
				  "https://localhost:%d/v1/items/%s",
				  file, port, item) != 0,
		    "%s got %.900s", strangers[i], out);
	/* and none at all */
	ck_assert_int_ne(program_run(out, sizeof(out),
			     "cd %s && curl -sS -m 20 --cacert "
			     "police/authority.crt -T %s "
			     "https://localhost:%d/v1/items/%s",
			     site_dir, file, port, item),
	    0);
	ck_assert_int_ne(CURL(GATEWAY,
			     "--tls-max 1.2 -T %s "
			     "https://localhost:%d/v1/items/%s",
			     file, port, item),
	    0);
	ck_assert_int_eq(kept(), 0);
}
END_TEST

START_TEST(a_revoked_gateway_is_refused_from_the_next_list_on)
{
	send_item("201");
	ck_assert_msg(program_run(out, sizeof(out),
			  "cd %s && cp keys/gateway-authority.crl before.crl "
			  "&& " BIN_DIR "/cutout-keys revoke keys forward",
			  site_dir) == 0,
	    "%s", out);
	ck_assert_int_eq(kill(receiver, SIGHUP), 0);
	site_wait_log("revocation list again", 1);
	ck_assert_msg(PUT("keys/tls.crt", item) != 0, "%s", out);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && mv before.crl "
			     "keys/gateway-authority.crl",
			     site_dir),
	    0);
	ck_assert_int_eq(kill(receiver, SIGHUP), 0);
	site_wait_log("revocation list again", 2);
	send_item("200");
}
END_TEST

START_TEST(a_list_that_can_not_be_read_changes_nothing)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && mv keys/gateway-authority.crl aside && "
			     "echo nonsense >keys/gateway-authority.crl",
			     site_dir),
	    0);
	ck_assert_int_eq(kill(receiver, SIGHUP), 0);
	site_wait_log("nothing was changed", 1);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && mv aside keys/gateway-authority.crl",
			     site_dir),
	    0);
	send_item("201");
}
END_TEST

START_TEST(there_is_one_route_and_one_method)
{
	static const struct {
		const char *arguments, *status;
	} calls[] = {
	    {"$u/v1/items/$n", "405"},
	    {"-X DELETE $u/v1/items/$n", "405"},
	    {"-d x $u/v1/items/$n", "405"},
	    {"-T keys/tls.crt $u/v1/items/$n", "415"},
	    {"-T keys/tls.crt $u/v1/items/${n}0", "404"},
	    {"-T keys/tls.crt $u/v1/items/$(echo $n | tr a-f A-F)", "404"},
	    {"-T keys/tls.crt $u/v1/items/", "404"},
	    {"-T keys/tls.crt $u/v1/other/$n", "404"},
	    {"-T keys/tls.crt $u/v1/items/$n?x", "404"},
	    {"-T keys/tls.crt --path-as-is $u/v1/items/../$n", "400"},
	    {"-T keys/tls.crt -0 $u/v1/items/$n", "505"},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		(void)program_run(out, sizeof(out),
		    "cd %s && u=https://localhost:%d && n=%s && curl -s -m 20 "
		    "--cacert police/authority.crt --cert keys/forward.crt "
		    "--key keys/forward.key -o answer -w '%%{http_code}' %s",
		    site_dir, port, item, calls[i].arguments);
		ck_assert_msg(strcmp(out, calls[i].status) == 0, "%s: %.900s",
		    calls[i].arguments, out);
	}
	ck_assert_int_eq(kept(), 0);
}
END_TEST

START_TEST(what_is_too_large_is_not_read)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && head -c 2000000 /dev/zero >large",
			     site_dir),
	    0);
	(void)PUT("large", item);
	ck_assert_msg(strncmp(out, "413", 3) == 0 || strstr(out, "413") != NULL,
	    "%s", out);
	/* in chunks, too: nobody has said how much comes */
	(void)CURL(GATEWAY,
	    "-H 'Content-Type: application/pkcs7-mime' -H "
	    "'Transfer-Encoding: chunked' -T large "
	    "https://localhost:%d/v1/items/%s",
	    port, item);
	ck_assert_msg(strstr(out, "413") != NULL, "%s", out);
	ck_assert_int_eq(kept(), 0);
}
END_TEST

START_TEST(one_connection_carries_many_items)
{
	/* the second URL must go over the first one's connection */
	ck_assert_msg(CURL(GATEWAY,
			  "-H 'Content-Type: application/pkcs7-mime' -T "
			  "'{sent/%s.p7m,sent/%s.p7m}' "
			  "https://localhost:%d/v1/items/%s -v 2>&1 | grep "
			  "-c 'Re-using existing connection'",
			  item, item, port, item) == 0,
	    "%s", out);
	ck_assert_int_eq(kept(), 1);
}
END_TEST

START_TEST(a_full_disk_is_not_the_items_fault)
{
	/* a limit on the size of a file is met as a full disk would be */
	stop();
	site_empty_data();
	site_file_limit = 8192;
	receiver = site_receive(&port);
	send_item("503");
	ck_assert_int_eq(kept(), 0);
	site_wait_log("no room", 1);
}
END_TEST

START_TEST(a_folder_that_can_not_be_written_is_not_the_items_fault)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && rmdir data/items && mkdir data/items",
			     site_dir),
	    0);
	/* the receiver holds the folder that was: it is gone */
	send_item("503");
	site_wait_log("could not be kept", 1);
}
END_TEST

/* A connection that says only this. */
static int
mute(const char *text)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

START_TEST(silence_and_noise_hold_nobody_up)
{
	int fd[20];

	for (int i = 0; i < 20; i++)
		fd[i] = mute(i % 2 == 0 ? "" : "GET / HTTP/1.1\r\n\r\n");
	send_item("201");
	/* and nobody holds up the end: stop() follows with them open */
	stop();
	for (int i = 0; i < 20; i++)
		close(fd[i]);
	receiver = site_receive(&port);
}
END_TEST

enum { PLACES = 64 };

/* Far more connections than it has places for say nothing at all; a gateway
 * that comes next is served at once, and not when they have run out of time. */
START_TEST(strangers_without_a_certificate_do_not_fill_the_places)
{
	int silent[PLACES + 8], still = 0;

	for (size_t i = 0; i < PLACES + 8; i++)
		silent[i] = mute("");
	send_item("201");
	for (size_t i = 0; i < PLACES + 8; i++) {
		char byte;

		still += recv(silent[i], &byte, 1, MSG_DONTWAIT) == -1 &&
			 errno == EAGAIN;
		close(silent[i]);
	}
	ck_assert_int_gt(still, PLACES / 2);
	ck_assert_int_le(still, PLACES);
	send_item("200");
}
END_TEST

START_TEST(nothing_that_was_acknowledged_is_lost_by_kill_9)
{
	enum { KILLS = 16 };
	char sent[KILLS][ITEM_TEXT];
	struct timespec before, after;
	int acknowledged = 0;
	long one_us;

	clock_gettime(CLOCK_MONOTONIC, &before);
	send_item("201");
	clock_gettime(CLOCK_MONOTONIC, &after);
	one_us = (after.tv_sec - before.tv_sec) * 1000000 +
		 (after.tv_nsec - before.tv_nsec) / 1000;
	for (int i = 0; i < KILLS; i++) {
		/* up to a little more than a whole push takes */
		long us = one_us * (i + 3) / (KILLS - 2);
		struct timespec later = {
		    .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
		struct buf *b = site_item("smallest.xml");
		int status = 0;
		pid_t pid;

		site_write(b, "sent", sent[i]);
		buf_free(b);
		/* one that pushes, while the receiver is killed somewhere */
		pid = fork();
		ck_assert_int_ne(pid, -1);
		if (pid == 0)
			_exit(put_sent(sent[i]) == 0 && strcmp(out, "201") == 0
				  ? 0
				  : 1);
		nanosleep(&later, NULL);
		ck_assert_int_eq(site_stop(receiver, SIGKILL), 128 + SIGKILL);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		receiver = site_receive(&port);
		ck_assert_int_eq(program_run(out, sizeof(out),
				     "cd %s/data/items && ls -A | grep -c "
				     "'^[.]new-'",
				     site_dir),
		    1);
		ck_assert_int_eq(program_run(out, sizeof(out),
				     "cd %s/data/items && for f in *.p7m; do "
				     "test \"$f\" = '*.p7m' || echo "
				     "\"${f%%.p7m}  $f\"; done | "
				     "sha256sum -c --quiet 2>&1 | grep "
				     "FAILED",
				     site_dir),
		    1);
		if (WEXITSTATUS(status) != 0)
			continue;
		acknowledged++;
		ck_assert_int_eq(program_run(out, sizeof(out),
				     "test -f %s/data/items/%s.p7m", site_dir,
				     sent[i]),
		    0);
	}
	/* what was not acknowledged is sent again, and is there once */
	for (int i = 0; i < KILLS; i++) {
		ck_assert_msg(put_sent(sent[i]) == 0, "%s", out);
		ck_assert_msg(strcmp(out, "200") == 0 ||
				  strcmp(out, "201") == 0,
		    "%s", out);
	}
	ck_assert_int_eq(kept(), KILLS + 1);
	printf("kill -9: %d of %d acknowledged before, all %d kept\n",
	    acknowledged, KILLS, KILLS);
}
END_TEST

START_TEST(a_second_receiver_is_refused)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && " BIN_DIR
			     "/cutout-desk receive --keys police --origin "
			     "keys/origin.crt --gateway-authority "
			     "keys/gateway-authority.crt --gateway-crl "
			     "keys/gateway-authority.crl --data data --listen "
			     "127.0.0.1:1 2>&1",
			     site_dir),
	    1);
	SAID("another receiver");
}
END_TEST

START_TEST(a_wrong_setting_is_told_with_its_name)
{
	static const struct {
		const char *change, *says;
	} wrong[] = {
	    {"--data nowhere", "mkdir"},
	    {"--listen somewhere", "127.0.0.1:8443"},
	    {"--listen ::1:80", "[::1]:8443"},
	    {"--origin keys/log.pub", "origin.crt"},
	    {"--origin nowhere", "No such file"},
	    {"--gateway-crl keys/tls.crt", "revocation list"},
	    {"--keys nowhere", "cutout-desk init"},
	    {"--keys mixed", "do not belong together"},
	};

	stop();
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && cp -a police mixed && cp -a "
			     "police/client.key mixed/ack.key",
			     site_dir),
	    0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(
		    program_run(out, sizeof(out),
			"cd %s && " BIN_DIR
			"/cutout-desk receive --keys police --origin "
			"keys/origin.crt --gateway-authority "
			"keys/gateway-authority.crt --gateway-crl "
			"keys/gateway-authority.crl --data data --listen "
			"127.0.0.1:1 %s 2>&1",
			site_dir, wrong[i].change),
		    1);
		SAID(wrong[i].says);
	}
	receiver = site_receive(&port);
}
END_TEST

START_TEST(a_certificate_that_ends_soon_is_told)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && cp -a police police.before && " BIN_DIR
			     "/cutout-keys renew police server --days 9",
			     site_dir),
	    0);
	ck_assert_int_eq(kill(receiver, SIGHUP), 0);
	site_wait_log("police/server.crt ends within a month", 1);
	/* the new one serves, and the old one is back afterwards */
	send_item("201");
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && rm -rf police && mv police.before "
			     "police",
			     site_dir),
	    0);
}
END_TEST

START_TEST(nothing_it_says_tells_of_one_item_or_peer)
{
	send_item("201");
	send_item("200");
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && cat log && ! grep -q -e %.8s -e "
			     "127.0.0.1 -e council log",
			     site_dir, item),
	    0);
	ck_assert_str_eq(out, "cutout-desk: ready\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("desk_receive");
	TCase *tc = tcase_create("desk_receive");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, make_item, site_remove);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, an_item_is_acknowledged_once_it_is_kept);
	tcase_add_test(tc, a_duplicate_is_acknowledged_and_kept_once);
	tcase_add_test(tc, what_is_no_item_is_refused_and_not_kept);
	tcase_add_test(tc, only_the_gateways_client_certificate_may_speak);
	tcase_add_test(tc, a_revoked_gateway_is_refused_from_the_next_list_on);
	tcase_add_test(tc, a_list_that_can_not_be_read_changes_nothing);
	tcase_add_test(tc, there_is_one_route_and_one_method);
	tcase_add_test(tc, what_is_too_large_is_not_read);
	tcase_add_test(tc, one_connection_carries_many_items);
	tcase_add_test(tc, a_full_disk_is_not_the_items_fault);
	tcase_add_test(tc,
	    a_folder_that_can_not_be_written_is_not_the_items_fault);
	tcase_add_test(tc, silence_and_noise_hold_nobody_up);
	tcase_add_test(tc,
	    strangers_without_a_certificate_do_not_fill_the_places);
	tcase_add_test(tc, nothing_that_was_acknowledged_is_lost_by_kill_9);
	tcase_add_test(tc, a_second_receiver_is_refused);
	tcase_add_test(tc, a_wrong_setting_is_told_with_its_name);
	tcase_add_test(tc, a_certificate_that_ends_soon_is_told);
	tcase_add_test(tc, nothing_it_says_tells_of_one_item_or_peer);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
