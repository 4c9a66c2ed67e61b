/* A pool of children forked before their work arrives. Each has its own socket
 * to the zygote: a byte says busy or idle, its end says gone. So a child that
 * was taken over can only lie about itself. */
#include "zygote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "sandbox.h"
#include "wire.h"

enum {
	TICK_MS = 10,   /* between looks while children are used */
	QUIET_MS = 250, /* and at most, while they are not */
	HEARD = 64,     /* bytes that one child may say between two looks */
	BYTE_BUSY = 'b',
	BYTE_IDLE = 'i'
};

struct child {
	pid_t pid;
	int status;
	int busy;
	uint64_t since_ms; /* it is busy */
};

struct pool {
	const struct zygote_plan *plan;
	size_t count;
	struct child children[ZYGOTE_CHILDREN];
	struct pollfd wait[ZYGOTE_CHILDREN];
};

static volatile sig_atomic_t drained;

/* --- in a child --------------------------------------------------------- */

static void
on_term(int signal_number)
{
	(void)signal_number;
	drained = 1;
}

int
zygote_drained(void)
{
	return drained;
}

static void
say(int status, char byte)
{
	/* a zygote that is gone has taken this process along, or is about to */
	if (write(status, &byte, 1) == -1)
		return;
}

void
zygote_busy(int status)
{
	say(status, BYTE_BUSY);
}

void
zygote_idle(int status)
{
	say(status, BYTE_IDLE);
}

/* Everything that is the zygote's or a sibling's is closed. */
static _Noreturn void
become_child(struct pool *p, int status, pid_t zygote)
{
	/* no SA_RESTART: the signal has to end a blocking call */
	struct sigaction term = {.sa_handler = on_term};

	if (sandbox_follow_parent(zygote) != RC_OK)
		_exit(1);
	if (sigaction(SIGTERM, &term, NULL) == -1)
		_exit(1);
	for (size_t i = 0; i < p->count; i++)
		close(p->children[i].status);
	close(FD_CONTROL);
	p->plan->child(p->plan->arg, status);
	_exit(0);
}

/* --- in the zygote ------------------------------------------------------ */

static enum rc
fork_one(struct pool *p)
{
	pid_t zygote = getpid(), pid;
	int pair[2];
	enum rc rc;

	rc = p->plan->prepare(p->plan->arg);
	if (rc != RC_OK)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		pair) == -1) {
		p->plan->release(p->plan->arg);
		return RC_IO;
	}
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		become_child(p, pair[1], zygote);
	}
	p->plan->release(p->plan->arg);
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		return RC_IO;
	}
	p->children[p->count++] = (struct child){.pid = pid, .status = pair[0]};
	return RC_OK;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	/* can not fail for this clock */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static size_t
idle_count(const struct pool *p)
{
	size_t idle = 0;

	for (size_t i = 0; i < p->count; i++)
		idle += p->children[i].busy ? 0 : 1;
	return idle;
}

/* Brings the idle ones up to what is wanted; how many were made. */
static size_t
refill(struct pool *p)
{
	size_t idle = idle_count(p), made = 0;

	while (idle + made < p->plan->spare && p->count < p->plan->most) {
		if (fork_one(p) != RC_OK) {
			warnx("a child could not be made");
			break;
		}
		made++;
	}
	return made;
}

/* The last byte counts; of one that works once, the one that said so. */
static void
hear(const struct zygote_plan *plan, struct child *c, const char *raw, size_t n)
{
	int busy;

	if (plan->once)
		busy = c->busy || memchr(raw, BYTE_BUSY, n) != NULL;
	else
		busy = raw[n - 1] == BYTE_BUSY;
	if (busy && !c->busy)
		c->since_ms = now_ms();
	c->busy = busy;
}

/* Takes what the children said since the last look. Returns how many said
 * something. */
static size_t
listen_to_children(struct pool *p)
{
	size_t spoke = 0;

	for (size_t i = 0; i < p->count; i++)
		p->wait[i] = (struct pollfd){
		    .fd = p->children[i].status, .events = POLLIN};
	if (poll(p->wait, p->count, 0) <= 0)
		return 0;
	for (size_t i = 0; i < p->count; i++) {
		char raw[HEARD];
		ssize_t n;

		if ((p->wait[i].revents & POLLIN) == 0)
			continue;
		/* once, for one that was taken over may never stop talking;
		 * EOF is left to the reaping */
		n = read(p->children[i].status, raw, sizeof(raw));
		if (n <= 0)
			continue;
		hear(p->plan, &p->children[i], raw, (size_t)n);
		spoke++;
	}
	return spoke;
}

/* A child has a deadline of its own, which one that was taken over can put
 * off. */
static void
kill_late(const struct pool *p)
{
	uint64_t now = now_ms();

	for (size_t i = 0; i < p->count; i++) {
		const struct child *c = &p->children[i];

		if (c->busy && now - c->since_ms > p->plan->work_ms)
			kill(c->pid, SIGKILL);
	}
}

static int
is_fault(int signal_number)
{
	switch (signal_number) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
	case SIGSYS:
		return 1;
	default:
		return 0; /* ALRM and TERM are ours, KILL the operator's */
	}
}

static void
forget(struct pool *p, pid_t pid)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->children[i].pid != pid)
			continue;
		close(p->children[i].status);
		p->children[i] = p->children[--p->count];
		return;
	}
}

/* options: WNOHANG, or 0 to wait until none is left. */
static size_t
reap(struct pool *p, int options)
{
	size_t gone = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, options)) > 0) {
		forget(p, pid);
		gone++;
		if (p->plan->reaped != NULL)
			p->plan->reaped(p->plan->arg, pid);
		if (WIFSIGNALED(status) && is_fault(WTERMSIG(status))) {
			uint8_t number = (uint8_t)WTERMSIG(status);

			if (frame_send(FD_CONTROL, FRAME_CRASH, &number, 1,
				-1) != RC_OK)
				warnx("a crash could not be reported");
		}
	}
	return gone;
}

/* Waits this long for cutoutd. RC_AGAIN: it said nothing. */
static enum rc
control(int ms)
{
	struct pollfd wait = {.fd = FD_CONTROL, .events = POLLIN};
	struct frame f;
	enum rc rc;

	if (poll(&wait, 1, ms) <= 0)
		return RC_AGAIN;
	rc = frame_recv(FD_CONTROL, &f, 0);
	if (rc == RC_OK && f.type == FRAME_DRAIN)
		return RC_OK;
	return rc == RC_OK || rc == RC_BAD ? RC_AGAIN : RC_EOF;
}

/* Asks every idle child to end, again and again: a signal that comes between
 * a child's look and its wait is not seen. Busy ones get it too and finish. */
static int
drain(struct pool *p)
{
	uint64_t end = now_ms() + p->plan->work_ms;

	while (p->count > 0 && now_ms() < end) {
		for (size_t i = 0; i < p->count; i++)
			kill(p->children[i].pid, SIGTERM);
		if (control(TICK_MS) == RC_EOF)
			return 1;
		reap(p, WNOHANG);
	}
	for (size_t i = 0; i < p->count; i++)
		kill(p->children[i].pid, SIGKILL);
	/* the plan has to hear of these as well */
	reap(p, 0);
	return 0;
}

/* The next wait: short while the pool is used, then longer and longer, with a
 * random part so that it marks no time. */
static int
next_wait(int ms, int used)
{
	if (used)
		return TICK_MS;
	ms = ms * 2 < QUIET_MS ? ms * 2 : QUIET_MS;
	return ms / 2 + (int)arc4random_uniform((uint32_t)ms / 2 + 1);
}

int
zygote_run(const struct zygote_plan *plan)
{
	struct pool *p = calloc(1, sizeof(*p));
	int ms = TICK_MS, code;

	if (p == NULL) {
		warnx("out of memory");
		return 1;
	}
	p->plan = plan;
	for (;;) {
		size_t used;
		enum rc rc;

		used = reap(p, WNOHANG);
		used += listen_to_children(p);
		kill_late(p);
		used += refill(p);
		rc = control(ms);
		if (rc == RC_EOF) {
			code = 1;
			break;
		}
		if (rc == RC_OK) {
			code = drain(p);
			break;
		}
		ms = next_wait(ms, used > 0);
	}
	free(p);
	return code;
}
