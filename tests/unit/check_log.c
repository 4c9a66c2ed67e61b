/* Log lines: one write each, named after the process, never longer than a
 * line may be; and the three words do what they say. rc_text() is here too:
 * its words end up in such lines. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "result.h"

enum { LINE_MAX_BYTES = 512 };

/* A pipe of packets: one read gives what one write gave. */
static int log_from, log_to;

static void
log_start(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_DIRECT | O_NONBLOCK | O_CLOEXEC), 0);
	log_from = ends[0];
	log_to = ends[1];
	log_init("screen", log_to);
}

static const char *
line(void)
{
	static char text[4096];
	ssize_t n = read(log_from, text, sizeof(text) - 1);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(a_line_is_one_write)
{
	note("day rejected=%d", 14);
	warnx("a report ends: %s", "why");
	ck_assert_str_eq(line(), "screen: day rejected=14\n");
	ck_assert_str_eq(line(), "screen: warning: a report ends: why\n");
	ck_assert_int_eq(read(log_from, (char[1]){0}, 1), -1);
}
END_TEST

START_TEST(a_long_line_is_cut_and_still_a_line)
{
	char text[2 * LINE_MAX_BYTES];
	const char *got;

	for (size_t n = LINE_MAX_BYTES - 40; n < sizeof(text); n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		note("%s", text);
		got = line();
		ck_assert_uint_le(strlen(got), LINE_MAX_BYTES);
		ck_assert_int_eq(got[strlen(got) - 1], '\n');
		ck_assert_ptr_eq(strchr(got, '\n'), got + strlen(got) - 1);
		ck_assert_int_eq(strncmp(got, "screen: xxx", 11), 0);
		text[0] = '\0';
	}
	ck_assert_int_eq(read(log_from, (char[1]){0}, 1), -1);
}
END_TEST

/* The exit status, or 128 and the signal, of a process that calls this. */
static int
end_of(void (*word)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		word();
		_exit(77);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
say_fatal(void)
{
	fatal("the %s is gone", "disk");
}

static void
say_bug(void)
{
	bug("%d is not %d", 1, 2);
}

START_TEST(fatal_exits_and_bug_aborts)
{
	ck_assert_int_eq(end_of(say_fatal), 1);
	ck_assert_str_eq(line(), "screen: fatal: the disk is gone\n");
	ck_assert_int_eq(end_of(say_bug), 128 + SIGABRT);
	ck_assert_str_eq(line(), "screen: bug: 1 is not 2\n");
}
END_TEST

START_TEST(a_log_that_is_gone_ends_nobody)
{
	(void)signal(SIGPIPE, SIG_IGN);
	close(log_from);
	note("into nothing");
	close(log_to);
	warnx("into nothing at all");
	ck_assert_int_eq(end_of(say_fatal), 1);
}
END_TEST

START_TEST(every_result_has_words_of_its_own)
{
	for (int a = RC_OK; a <= RC_UNKNOWN; a++) {
		ck_assert_ptr_nonnull(rc_text((enum rc)a));
		ck_assert_str_ne(rc_text((enum rc)a), "");
		ck_assert_str_ne(rc_text((enum rc)a), "no such result");
		for (int b = RC_OK; b < a; b++)
			ck_assert_str_ne(rc_text((enum rc)a),
			    rc_text((enum rc)b));
	}
	/* a byte off the wire may be anything */
	ck_assert_str_eq(rc_text((enum rc)200), "no such result");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *t = tcase_create("log");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, log_start, NULL);
	tcase_add_test(t, a_line_is_one_write);
	tcase_add_test(t, a_long_line_is_cut_and_still_a_line);
	tcase_add_test(t, fatal_exits_and_bug_aborts);
	tcase_add_test(t, a_log_that_is_gone_ends_nobody);
	tcase_add_test(t, every_result_has_words_of_its_own);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
