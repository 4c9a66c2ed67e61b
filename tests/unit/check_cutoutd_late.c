/* A delivery run that hangs does not hold its destination for ever. */
#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cutoutd_site.h"
#include "gateway.h"
#include "runs.h"

static struct gateway g;
static struct config *c;

static void
setup(void)
{
	ck_assert_int_eq(site_parse(site_text(NULL, 0), &c), RC_OK);
	memset(&g, 0, sizeof(g));
	g.config = c;
}

static void
teardown(void)
{
	config_free(c);
}

/* A process that waits for a signal, which began so long ago. */
static struct proc *
begin(size_t at, enum part part, uint64_t seconds_ago)
{
	struct proc *p = &g.procs[at];

	p->state = PROC_READY;
	p->part = part;
	p->control = -1;
	p->since_ms = now_ms() - seconds_ago * 1000;
	p->pid = fork();
	ck_assert_int_ne(p->pid, -1);
	if (p->pid == 0) {
		(void)pause();
		_exit(0);
	}
	return p;
}

static void
end(const struct proc *p, int want)
{
	int status;

	(void)kill(p->pid, SIGUSR1);
	ck_assert_int_eq(waitpid(p->pid, &status, 0), p->pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), want);
}

START_TEST(a_run_far_past_its_deadline_is_killed_and_nothing_else)
{
	const uint64_t deadline = (uint64_t)c->slots.deadline_seconds;
	const struct proc *young = begin(0, PART_FORWARD, deadline);
	const struct proc *old = begin(1, PART_FORWARD, deadline + 60);
	const struct proc *other = begin(2, PART_KEYD_TLS, deadline + 60);

	runs_turn(&g);
	end(old, SIGKILL);
	end(young, SIGUSR1);
	end(other, SIGUSR1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd late");
	TCase *t = tcase_create("late");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t,
	    a_run_far_past_its_deadline_is_killed_and_nothing_else);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
