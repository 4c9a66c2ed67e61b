/* Where screen keeps reports in clear: whatever asks for memory gets it from
 * the arena, and a deadline leaves none of it behind. */
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

enum { BIG = 200000 };

/* The exit status, or 128 and the signal, of a process that does this. */
static int
in_child(void (*what)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		what();
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void
die_of(int signal_number)
{
	if (memory_watch() != RC_OK)
		_exit(1);
	(void)raise(signal_number);
	_exit(2);
}

static void
late(void)
{
	die_of(SIGALRM);
}

static void
busy(void)
{
	die_of(SIGXCPU);
}

/* It is no crash: that would cost the sender's peers a fresh zygote. */
START_TEST(a_deadline_ends_it_quietly)
{
	ck_assert_int_eq(in_child(late), 0);
	ck_assert_int_eq(in_child(busy), 0);
}
END_TEST

#if !defined(CUTOUT_SANITIZED)

static int
is_wiped(const volatile char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != '\0')
			return 0;
	}
	return 1;
}

/* What a library would keep: blocks of every origin, some freed. */
static void
wipe_all(void)
{
	static const char secret[] = "what was in the report";
	char *before, *text, *big, *gone, *grown, *more, *line = NULL;
	size_t size = 0;
	FILE *to;

	before = strdup(secret);
	memory_warm();
	memory_ahead();
	text = strdup(secret);
	big = malloc(BIG);
	gone = malloc(64);
	grown = calloc(1, 32);
	if (before == NULL || text == NULL || big == NULL || gone == NULL ||
	    grown == NULL)
		_exit(1);
	memset(big, 'x', BIG);
	memset(gone, 'x', 64);
	memset(grown, 'x', 32);
	more = realloc(grown, 5000);
	if (more == NULL || more[31] != 'x')
		_exit(2);
	grown = more;
	free(gone);
	/* the C library's own */
	to = open_memstream(&line, &size);
	if (to == NULL || fputs(secret, to) < 0 || fclose(to) != 0)
		_exit(3);
	memory_wipe();
	if (!is_wiped(text, sizeof(secret)) || !is_wiped(big, BIG) ||
	    !is_wiped(grown, 32) || !is_wiped(line, sizeof(secret) - 1))
		_exit(4);
	/* the zygote's is shared, and holds nothing of a report */
	if (strcmp(before, secret) != 0)
		_exit(5);
	_exit(0);
}

START_TEST(nothing_of_a_report_is_left)
{
	ck_assert_int_eq(in_child(wipe_all), 0);
}
END_TEST

START_TEST(it_is_a_malloc)
{
	volatile size_t huge = SIZE_MAX;
	void *p = NULL, *q;
	char *zeros;

	zeros = calloc(3, 1000);
	ck_assert_ptr_nonnull(zeros);
	ck_assert(is_wiped(zeros, 3000));
	memset(zeros, 'x', 3000);
	free(zeros);
	zeros = calloc(3, 1000);
	ck_assert(is_wiped(zeros, 3000));
	free(zeros);
	errno = 0;
	ck_assert_ptr_null(calloc(huge / 2, 3));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(malloc(huge - 64));
	ck_assert_int_eq(errno, ENOMEM);
	p = malloc(1);
	errno = 0;
	ck_assert_ptr_null(realloc(p, huge - 64));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_ge(malloc_usable_size(p), 1);
	ck_assert_uint_eq((uintptr_t)p % 16, 0);
	free(p);
	free(NULL);
	q = realloc(NULL, 10);
	ck_assert_ptr_nonnull(q);
	free(q);
}
END_TEST

START_TEST(a_request_for_more_alignment_fails_and_does_not_lie)
{
	void *p = NULL;

	ck_assert_int_eq(posix_memalign(&p, 16, 100), 0);
	ck_assert_uint_eq((uintptr_t)p % 16, 0);
	free(p);
	p = NULL;
	ck_assert_int_eq(posix_memalign(&p, 64, 100), EINVAL);
	ck_assert_ptr_null(p);
	errno = 0;
	ck_assert_ptr_null(aligned_alloc(4096, 4096));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(memalign(64, 100));
	p = memalign(8, 100);
	ck_assert_ptr_nonnull(p);
	free(p);
}
END_TEST

#endif

int
main(void)
{
	Suite *suite = suite_create("screen memory");
	TCase *t = tcase_create("memory");
	SRunner *runner;
	int failed;

	tcase_add_test(t, a_deadline_ends_it_quietly);
#if !defined(CUTOUT_SANITIZED)
	tcase_add_test(t, nothing_of_a_report_is_left);
	tcase_add_test(t, it_is_a_malloc);
	tcase_add_test(t, a_request_for_more_alignment_fails_and_does_not_lie);
#endif
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
