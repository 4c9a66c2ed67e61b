/* The pool: each piece of work reaches one child that has nothing of a
 * sibling's, drains lose nothing, and only faults are reported. The zygote is
 * a process of its own; the test is its cutoutd and its source of work. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "wire.h"
#include "zygote.h"

enum {
	WAIT_MS = 10000,
	LOOK_MS = 5,
	FD_JOBS = 5,
	FD_RESULTS = 6,
	FD_HOLD = 7,
	REAPED_TO = 60
};

enum what {
	WORK, /* answer once, and end */
	KEEP, /* as HOLD, but wait for the next instead of ending */
	HOLD, /* answer, wait to be let go, answer again, end */
	TALK, /* to the zygote, as fast as it can, for ever */
	LIE,  /* answer, say that it is idle, and hear nothing any more */
	DIE   /* of the signal number, before an answer */
};
struct piece {
	enum what what;
	int number;
};
/* What a child sees of itself. */
struct result {
	int number;
	pid_t pid;
	int open;    /* descriptors */
	int control; /* cutoutd's socket is there */
	int own;     /* what prepare() made is there */
};

/* What the next pool allows. */
static uint64_t work_ms;
static int once;
static int control, jobs, jobs_far, results, hold;
static pid_t zygote;

/* --- the zygote and its children -------------------------------------- */

struct made {
	int own; /* made by prepare() for the next child */
	int prepared, refuse;
	int reaped_to; /* a pipe that hears of each end */
};

static enum rc
prepare(void *arg)
{
	struct made *m = arg;
	int pair[2];

	/* the first few times it can not */
	if (m->prepared++ < m->refuse)
		return RC_IO;
	if (pipe(pair) == -1)
		return RC_IO;
	close(pair[1]);
	m->own = pair[0];
	return RC_OK;
}

static void
release(void *arg)
{
	struct made *m = arg;

	close(m->own);
	m->own = -1;
}

static void
reaped(void *arg, pid_t pid)
{
	const struct made *m = arg;

	if (m->reaped_to != -1 &&
	    write(m->reaped_to, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		_exit(90);
}

static int
count_open(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
answer(const struct made *m, int number)
{
	struct result r = {.number = number,
	    .pid = getpid(),
	    .open = count_open(),
	    .control = fcntl(FD_CONTROL, F_GETFD) != -1,
	    .own = fcntl(m->own, F_GETFD) != -1};

	if (send(FD_RESULTS, &r, sizeof(r), MSG_NOSIGNAL) != (ssize_t)sizeof(r))
		_exit(91);
}

static void
take_job(struct piece *j)
{
	for (;;) {
		if (zygote_drained())
			_exit(0);
		if (recv(FD_JOBS, j, sizeof(*j), 0) == (ssize_t)sizeof(*j))
			return;
		if (errno != EINTR)
			_exit(92);
	}
}

static void
be_held(void)
{
	char byte;
	ssize_t n;

	do
		n = read(FD_HOLD, &byte, 1);
	while (n == -1 && errno == EINTR);
}

static _Noreturn void
talk(int status)
{
	struct pollfd room = {.fd = status, .events = POLLOUT};
	char many[4096];

	memset(many, 'b', sizeof(many));
	for (;;) {
		if (write(status, many, sizeof(many)) == -1 && errno == EAGAIN)
			(void)poll(&room, 1, -1);
	}
}

static _Noreturn void
lie(int status)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	zygote_idle(status);
	for (;;)
		(void)poll(NULL, 0, -1);
}

static void
child(void *arg, int status)
{
	struct piece j;

	for (;;) {
		take_job(&j);
		zygote_busy(status);
		if (j.what == DIE) {
			(void)signal(j.number, SIG_DFL);
			(void)raise(j.number);
			_exit(93);
		}
		answer(arg, j.number);
		if (j.what == TALK)
			talk(status);
		if (j.what == LIE)
			lie(status);
		if (j.what == WORK)
			_exit(0);
		be_held();
		/* before the answer: whoever heard it knows that this was said
		 */
		if (j.what == KEEP)
			zygote_idle(status);
		answer(arg, -j.number);
		if (j.what == HOLD)
			_exit(0);
	}
}

static _Noreturn void
be_zygote(size_t spare, size_t most, int refuse, int reaped_to)
{
	struct made made = {
	    .own = -1, .refuse = refuse, .reaped_to = reaped_to};
	struct zygote_plan plan = {.spare = spare,
	    .most = most,
	    .work_ms = work_ms,
	    .once = once,
	    .arg = &made,
	    .prepare = prepare,
	    .release = release,
	    .child = child,
	    .reaped = reaped};

	/* Check's handler would pass it on to the whole test */
	(void)signal(SIGTERM, SIG_DFL);
	exit(zygote_run(&plan));
}

static void
usual(void)
{
	work_ms = 120000;
	once = 0;
}

/* Puts four descriptors in their places, whatever they were. */
static void
place(const int from[4], const int to[4])
{
	int high[4];

	for (int i = 0; i < 4; i++)
		high[i] = fcntl(from[i], F_DUPFD, 100);
	for (int i = 0; i < 4; i++)
		if (dup2(high[i], to[i]) == -1 || close(high[i]) == -1)
			_exit(94);
}

static void
start_all(size_t spare, size_t most, int refuse, int reaped_to)
{
	static const int to[] = {FD_CONTROL, FD_JOBS, FD_RESULTS, FD_HOLD};
	int c[2], j[2], r[2], h[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, c), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, j), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, r), 0);
	ck_assert_int_eq(pipe(h), 0);
	zygote = fork();
	ck_assert_int_ne(zygote, -1);
	if (zygote == 0) {
		const int from[] = {c[1], j[1], r[1], h[0]};

		if (reaped_to != -1)
			reaped_to = fcntl(reaped_to, F_DUPFD, REAPED_TO);
		place(from, to);
		/* the test's ends, and whatever else it had */
		close_range(FD_HOLD + 1, REAPED_TO - 1, 0);
		close_range(REAPED_TO + 1, ~0U, 0);
		close(FD_SETUP);
		be_zygote(spare, most, refuse, reaped_to);
	}
	close(c[1]);
	close(r[1]);
	close(h[0]);
	control = c[0];
	jobs = j[0];
	jobs_far = j[1];
	results = r[0];
	hold = h[1];
}

static void
start(size_t spare, size_t most)
{
	start_all(spare, most, 0, -1);
}

static int
zygote_status(void)
{
	int status;

	ck_assert_int_eq(waitpid(zygote, &status, 0), zygote);
	zygote = -1;
	return status;
}

/* All ends are gone: so is every child. */
static void
stop(void)
{
	close(control);
	if (zygote != -1)
		ck_assert_int_eq(zygote_status(), 1 << 8);
	close(jobs);
	close(jobs_far);
	close(results);
	close(hold);
}

/* --- the test's side -------------------------------------------------- */

static void
give(enum what what, int number)
{
	struct piece j = {what, number};

	ck_assert_int_eq(send(jobs, &j, sizeof(j), MSG_NOSIGNAL),
	    (ssize_t)sizeof(j));
}

/* Whether something can be read (or has ended) within the time. */
static int
comes(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

static struct result
next(void)
{
	struct result r = {0};

	ck_assert(comes(results, WAIT_MS));
	ck_assert_int_eq(recv(results, &r, sizeof(r), 0), (ssize_t)sizeof(r));
	return r;
}

static void
let_go(int count)
{
	while (count-- > 0)
		ck_assert_int_eq(write(hold, "x", 1), 1);
}

/* The zygote's children now. */
static size_t
children(void)
{
	char path[64], text[8192];
	size_t n = 0;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)zygote, (int)zygote);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	len = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < len; i++)
		n += text[i] == ' ';
	return n;
}

static void
wait_for_children(size_t want)
{
	for (int ms = 0; ms < WAIT_MS; ms += LOOK_MS) {
		if (children() == want)
			return;
		poll(NULL, 0, LOOK_MS);
	}
	ck_abort_msg("%zu children, not %zu", children(), want);
}

static void
drain(void)
{
	ck_assert_int_eq(frame_send(control, FRAME_DRAIN, NULL, 0, -1), RC_OK);
}

/* --- work ------------------------------------------------------------- */

START_TEST(each_piece_of_work_reaches_one_child_of_its_own)
{
	enum { PIECES = 60 };
	pid_t pids[PIECES];
	int seen[PIECES] = {0};

	start(4, 16);
	for (int i = 0; i < PIECES; i++) {
		struct result r;

		give(WORK, i);
		r = next();
		ck_assert_int_eq(r.number, i);
		ck_assert_int_eq(seen[i]++, 0);
		pids[i] = r.pid;
		for (int k = 0; k < i; k++)
			ck_assert_int_ne(pids[k], pids[i]);
	}
	ck_assert(!comes(results, 0));
}
END_TEST

START_TEST(a_burst_is_done_whole)
{
	enum { PIECES = 40 };
	int seen[PIECES] = {0};

	start(2, 8);
	for (int i = 0; i < PIECES; i++)
		give(WORK, i);
	for (int i = 0; i < PIECES; i++) {
		struct result r = next();

		ck_assert(r.number >= 0 && r.number < PIECES);
		ck_assert_int_eq(seen[r.number]++, 0);
	}
}
END_TEST

START_TEST(a_child_has_nothing_of_the_zygote_or_a_sibling)
{
	struct result first, r;

	start(8, 16);
	wait_for_children(8);
	give(WORK, 0);
	first = next();
	for (int i = 1; i < 20; i++) {
		give(WORK, i);
		r = next();
		ck_assert_int_eq(r.control, 0);
		ck_assert_int_eq(r.own, 1);
		/* 0 to 2, jobs, results, hold, its own, its status */
		ck_assert_int_le(r.open, 8);
		ck_assert_int_eq(r.open, first.open);
	}
}
END_TEST

START_TEST(spare_children_are_kept_and_never_more_than_most)
{
	start(3, 5);
	wait_for_children(3);
	give(HOLD, 1);
	ck_assert_int_eq(next().number, 1);
	/* three idle besides the busy one */
	wait_for_children(4);
	for (int i = 2; i <= 5; i++) {
		give(HOLD, i);
		(void)next();
	}
	wait_for_children(5);
	/* there is nobody for the sixth until one ends */
	give(WORK, 6);
	ck_assert(!comes(results, 100));
	ck_assert_uint_eq(children(), 5);
	let_go(1);
	ck_assert_int_lt(next().number, 0);
	ck_assert_int_eq(next().number, 6);
	let_go(4);
	for (int i = 0; i < 4; i++)
		ck_assert_int_lt(next().number, 0);
	wait_for_children(3);
}
END_TEST

START_TEST(a_child_that_is_idle_again_counts_as_one)
{
	start(1, 64);
	wait_for_children(1);
	give(KEEP, 1);
	ck_assert_int_eq(next().number, 1);
	wait_for_children(2);
	let_go(1);
	ck_assert_int_eq(next().number, -1);
	/* now two are idle, and one of them still is when the other works */
	give(KEEP, 2);
	ck_assert_int_eq(next().number, 2);
	poll(NULL, 0, 500);
	ck_assert_uint_eq(children(), 2);
	/* with both at work there is one more again */
	give(KEEP, 3);
	ck_assert_int_eq(next().number, 3);
	wait_for_children(3);
	let_go(2);
}
END_TEST

START_TEST(a_child_that_talks_for_ever_stops_nobody)
{
	start(2, 8);
	for (int i = 0; i < 3; i++) {
		give(TALK, 1);
		ck_assert_int_eq(next().number, 1);
	}
	/* all three count as busy, and there are new ones */
	wait_for_children(5);
	for (int i = 0; i < 20; i++) {
		give(WORK, 2);
		ck_assert_int_eq(next().number, 2);
	}
}
END_TEST

START_TEST(a_fork_that_could_not_be_prepared_is_made_later)
{
	start_all(2, 4, 3, -1);
	wait_for_children(2);
	give(WORK, 1);
	ck_assert_int_eq(next().number, 1);
}
END_TEST

/* The next end that the plan hears of. */
static pid_t
heard(int ends)
{
	pid_t pid;

	ck_assert(comes(ends, WAIT_MS));
	ck_assert_int_eq(read(ends, &pid, sizeof(pid)), (ssize_t)sizeof(pid));
	return pid;
}

START_TEST(a_child_that_hides_from_its_deadline_is_killed)
{
	int ends[2];
	pid_t pid;

	work_ms = 200;
	once = 1;
	ck_assert_int_eq(pipe(ends), 0);
	start_all(1, 4, 0, ends[1]);
	close(ends[1]);
	give(LIE, 1);
	pid = next().pid;
	ck_assert_int_eq(heard(ends[0]), pid);
	/* and none that waits is: this one is older than that */
	poll(NULL, 0, 300);
	ck_assert(!comes(ends[0], 0));
	close(ends[0]);
}
END_TEST

START_TEST(the_plan_hears_of_each_end)
{
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	start_all(1, 4, 0, ends[1]);
	close(ends[1]);
	for (int i = 0; i < 10; i++) {
		give(i % 2 == 0 ? WORK : HOLD, 1 + i);
		pid = next().pid;
		if (i % 2 == 1) {
			let_go(1);
			(void)next();
		}
		ck_assert_int_eq(heard(ends[0]), pid);
	}
	close(ends[0]);
}
END_TEST

/* --- faults ----------------------------------------------------------- */

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
static const int ours[] = {SIGALRM, SIGTERM, SIGKILL};

START_TEST(a_fault_is_reported_by_its_signal)
{
	struct frame f;

	start(2, 4);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		give(DIE, faults[i]);
		ck_assert(comes(control, WAIT_MS));
		ck_assert_int_eq(frame_recv(control, &f, 0), RC_OK);
		ck_assert_int_eq(f.type, FRAME_CRASH);
		ck_assert_int_eq(f.len, 1);
		ck_assert_int_eq(f.raw_data[0], faults[i]);
	}
	/* and the pool goes on */
	give(WORK, 1);
	ck_assert_int_eq(next().number, 1);
}
END_TEST

START_TEST(an_end_by_deadline_or_order_is_no_fault)
{
	start(2, 4);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		give(DIE, ours[i]);
	give(WORK, 1);
	ck_assert_int_eq(next().number, 1);
	/* nothing was said before it, and nothing comes up to the end */
	drain();
	ck_assert_int_eq(zygote_status(), 0);
	ck_assert(comes(control, 0));
	ck_assert_int_eq(recv(control, (char[1]){0}, 1, 0), 0);
}
END_TEST

/* --- the end ---------------------------------------------------------- */

START_TEST(a_drain_lets_the_busy_finish_and_the_idle_go)
{
	start(4, 8);
	wait_for_children(4);
	give(HOLD, 1);
	ck_assert_int_eq(next().number, 1);
	drain();
	wait_for_children(1);
	ck_assert(!comes(results, 50));
	let_go(1);
	ck_assert_int_eq(next().number, -1);
	ck_assert_int_eq(zygote_status(), 0);
}
END_TEST

START_TEST(a_drain_ends_who_does_not_and_tells_the_plan)
{
	int ends[2];
	pid_t pid;

	work_ms = 200;
	ck_assert_int_eq(pipe(ends), 0);
	start_all(1, 4, 0, ends[1]);
	close(ends[1]);
	/* it says that it is idle, and is deaf to the order */
	give(LIE, 1);
	pid = next().pid;
	wait_for_children(1);
	drain();
	ck_assert_int_eq(zygote_status(), 0);
	ck_assert_int_eq(heard(ends[0]), pid);
	close(ends[0]);
}
END_TEST

START_TEST(work_is_answered_or_not_taken_when_a_drain_comes)
{
	enum { PIECES = 64 };
	struct result r;
	struct piece left;
	int answered = 0, not_taken = 0;

	start(4, 64);
	for (int i = 0; i < PIECES; i++) {
		give(WORK, i);
		if (i == PIECES / 2)
			drain();
	}
	ck_assert_int_eq(zygote_status(), 0);
	while (recv(results, &r, sizeof(r), MSG_DONTWAIT) == (ssize_t)sizeof(r))
		answered++;
	while (recv(jobs_far, &left, sizeof(left), MSG_DONTWAIT) ==
	       (ssize_t)sizeof(left))
		not_taken++;
	ck_assert_int_eq(answered + not_taken, PIECES);
	ck_assert_int_gt(not_taken, 0);
}
END_TEST

START_TEST(without_cutoutd_the_zygote_and_its_children_end)
{
	start(4, 8);
	wait_for_children(4);
	give(HOLD, 1);
	ck_assert_int_eq(next().number, 1);
	ck_assert_int_eq(shutdown(control, SHUT_RDWR), 0);
	ck_assert_int_eq(zygote_status(), 1 << 8);
	/* the last end of this socket that is not ours */
	ck_assert(comes(results, WAIT_MS));
	ck_assert_int_eq(recv(results, (char[1]){0}, 1, 0), 0);
}
END_TEST

START_TEST(what_is_no_order_does_not_end_it)
{
	start(2, 4);
	ck_assert_int_eq(frame_send(control, FRAME_READY, NULL, 0, -1), RC_OK);
	ck_assert_int_eq(send(control, "x", 1, MSG_NOSIGNAL), 1);
	give(WORK, 1);
	ck_assert_int_eq(next().number, 1);
	drain();
	ck_assert_int_eq(zygote_status(), 0);
}
END_TEST

/* ---------------------------------------------------------------------- */

int
main(void)
{
	Suite *suite = suite_create("zygote");
	TCase *work = tcase_create("work");
	TCase *ends = tcase_create("ends");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(work, usual, stop);
	tcase_add_test(work, each_piece_of_work_reaches_one_child_of_its_own);
	tcase_add_test(work, a_burst_is_done_whole);
	tcase_add_test(work, a_child_has_nothing_of_the_zygote_or_a_sibling);
	tcase_add_test(work, spare_children_are_kept_and_never_more_than_most);
	tcase_add_test(work, a_child_that_is_idle_again_counts_as_one);
	tcase_add_test(work, a_child_that_talks_for_ever_stops_nobody);
	tcase_add_test(work, a_fork_that_could_not_be_prepared_is_made_later);
	tcase_add_test(work, a_child_that_hides_from_its_deadline_is_killed);
	tcase_add_test(work, the_plan_hears_of_each_end);
	tcase_add_checked_fixture(ends, usual, stop);
	tcase_add_test(ends, a_fault_is_reported_by_its_signal);
	tcase_add_test(ends, an_end_by_deadline_or_order_is_no_fault);
	tcase_add_test(ends, a_drain_lets_the_busy_finish_and_the_idle_go);
	tcase_add_test(ends, a_drain_ends_who_does_not_and_tells_the_plan);
	tcase_add_test(ends, work_is_answered_or_not_taken_when_a_drain_comes);
	tcase_add_test(ends, without_cutoutd_the_zygote_and_its_children_end);
	tcase_add_test(ends, what_is_no_order_does_not_end_it);
	suite_add_tcase(suite, work);
	suite_add_tcase(suite, ends);
	tcase_set_timeout(work, 60);
	tcase_set_timeout(ends, 60);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
