/* One question to a gateway: whatever it is that answers, or does not, it is
 * told apart, and only a whole answer is one. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "program.h"

#define QUESTION "{\"verb\":\"status\"}\n"
#define WHOLE "{\"ok\":true}\n{\"a\":1}\n{\"end\":8}\n"

enum { LONG_MS = 20000, SHORT_MS = 50 };

static char dir[64];
static struct buf *got;
static struct answer *answer;
static pid_t server;
static enum rc sink_says;

static enum rc
collect(const void *data, size_t len, void *arg)
{
	(void)arg;
	return sink_says != RC_OK ? sink_says : buf_add(got, data, len);
}

static void
setup(void)
{
	program_folder(dir);
	ck_assert_int_eq(chdir(dir), 0);
	got = buf_new(65536);
	sink_says = RC_OK;
	answer = answer_new(collect, NULL);
	server = -1;
}

static void
teardown(void)
{
	if (server != -1) {
		(void)kill(server, SIGKILL);
		ck_assert_int_eq(waitpid(server, NULL, 0), server);
	}
	answer_free(answer);
	buf_free(got);
	ck_assert_int_eq(chdir("/"), 0);
	program_folder_remove(dir);
}

/* A gateway that reads one line and says this. NULL: nothing, and waits. */
static void
gateway(const char *says)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char line[256];

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	server = fork();
	ck_assert_int_ne(server, -1);
	if (server != 0) {
		close(fd);
		return;
	}
	fd = accept(fd, NULL, NULL);
	if (read(fd, line, sizeof(line)) != (ssize_t)strlen(QUESTION) ||
	    memcmp(line, QUESTION, strlen(QUESTION)) != 0)
		_exit(1);
	while (says == NULL)
		(void)pause();
	if (write(fd, says, strlen(says)) == -1)
		_exit(1);
	_exit(0);
}

static enum rc
ask(int wait_ms)
{
	return daemon_ask("sock", QUESTION, wait_ms, answer);
}

START_TEST(a_whole_answer_is_handed_on)
{
	gateway(WHOLE);
	ck_assert_int_eq(ask(LONG_MS), RC_OK);
	ck_assert_uint_eq(buf_len(got), 8);
	ck_assert_int_eq(memcmp(buf_data(got), "{\"a\":1}\n", 8), 0);
	ck_assert_ptr_null(answer_refusal(answer));
}
END_TEST

START_TEST(a_cut_answer_is_bad)
{
	gateway("{\"ok\":true}\n{\"a\":1}\n");
	ck_assert_int_eq(ask(LONG_MS), RC_BAD);
}
END_TEST

START_TEST(something_else_is_bad)
{
	gateway("HTTP/1.1 400 Bad Request\r\n\r\n");
	ck_assert_int_eq(ask(LONG_MS), RC_BAD);
}
END_TEST

START_TEST(nothing_is_told_from_an_end)
{
	gateway("");
	ck_assert_int_eq(ask(LONG_MS), RC_EOF);
}
END_TEST

START_TEST(silence_has_an_end)
{
	gateway(NULL);
	ck_assert_int_eq(ask(SHORT_MS), RC_TIMEOUT);
}
END_TEST

START_TEST(what_the_sink_says_comes_through)
{
	sink_says = RC_FULL;
	gateway(WHOLE);
	ck_assert_int_eq(ask(LONG_MS), RC_FULL);
}
END_TEST

START_TEST(where_nobody_listens_is_told)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	char path[200];
	FILE *f;
	int fd;

	ck_assert_int_eq(ask(LONG_MS), RC_NOTFOUND);
	ck_assert_int_eq(errno, ENOENT);
	/* left by a gateway that was killed */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	ck_assert_int_eq(ask(LONG_MS), RC_NOTFOUND);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(unlink("sock"), 0);
	f = fopen("sock", "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(ask(LONG_MS), RC_NOTFOUND);
	ck_assert_int_eq(daemon_ask("sock/x", QUESTION, LONG_MS, answer),
	    RC_NOTFOUND);
	memset(path, 'x', sizeof(path));
	path[sizeof(a.sun_path)] = '\0';
	ck_assert_int_eq(daemon_ask(path, QUESTION, LONG_MS, answer), RC_LIMIT);
}
END_TEST

START_TEST(who_may_not_ask_is_told)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(chmod("sock", 0), 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	/* root may do anything */
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(ask(LONG_MS), RC_DENIED);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl daemon");
	TCase *t = tcase_create("daemon");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_whole_answer_is_handed_on);
	tcase_add_test(t, a_cut_answer_is_bad);
	tcase_add_test(t, something_else_is_bad);
	tcase_add_test(t, nothing_is_told_from_an_end);
	tcase_add_test(t, silence_has_an_end);
	tcase_add_test(t, what_the_sink_says_comes_through);
	tcase_add_test(t, where_nobody_listens_is_told);
	tcase_add_test(t, who_may_not_ask_is_told);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
