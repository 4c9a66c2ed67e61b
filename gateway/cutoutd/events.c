/* What happens to the gateway. Nothing that a role says is believed beyond its
 * right to say it: who says more is ended. */
#include "events.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "wire.h"

/* at most this many frames of one role before the others get their turn */
enum { FRAMES_A_TURN = 16 };

/* --- frames ----------------------------------------------------------- */

static enum rc
take_frame(struct gateway *g, struct proc *p, const struct frame *f)
{
	switch (f->type) {
	case FRAME_READY:
		if (f->len != 0 || p->state == PROC_READY)
			return RC_BAD;
		if (p->state == PROC_STARTING) {
			p->state = PROC_READY;
			p->since_ms = now_ms();
		}
		return RC_OK;
	case FRAME_CRASH:
		if (f->len != 1 || !part_is_zygote(p->part))
			return RC_BAD;
		g->crashes++;
		/* one that drains is being replaced already */
		if (p->state == PROC_READY)
			g->crashed |= 1U << p->part;
		return RC_OK;
	case FRAME_WANT_RUN:
		if (f->len != 1 || p->part != PART_QUEUE ||
		    f->raw_data[0] >= g->config->destination_count)
			return RC_BAD;
		g->run_wanted |= 1U << f->raw_data[0];
		return RC_OK;
	default:
		return RC_BAD;
	}
}

/* The role closed its control socket or said something it may not. Its death
 * is what counts; see reap(). */
static void
give_up_on(struct proc *p, const char *why)
{
	close(p->control);
	p->control = -1;
	if (p->state == PROC_DRAINING)
		return;
	if (why != NULL)
		warnx("%s: %s", part_name(p->part), why);
	(void)kill(p->pid, SIGKILL);
}

static void
take_frames(struct gateway *g, struct proc *p)
{
	struct frame f;
	enum rc rc = RC_OK;

	for (int i = 0; i < FRAMES_A_TURN && rc == RC_OK; i++) {
		rc = frame_recv(p->control, &f, 0);
		if (rc == RC_OK)
			rc = take_frame(g, p, &f);
	}
	if (rc == RC_OK || rc == RC_AGAIN)
		return;
	give_up_on(p, rc == RC_EOF ? NULL : "broke the protocol");
}

/* --- deaths ----------------------------------------------------------- */

static void
say_death(const struct proc *p, int status)
{
	if (WIFSIGNALED(status))
		warnx("%s ended by signal %d", part_name(p->part),
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		warnx("%s ended with %d", part_name(p->part),
		    WEXITSTATUS(status));
	else
		warnx("%s ended by itself", part_name(p->part));
}

/* No half-alive states: without one of its long-lived parts the daemon ends,
 * and the service manager starts it anew. */
static void
dead(struct gateway *g, struct proc *p, int status)
{
	int clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	/* its last words first */
	if (p->journal.from != -1 &&
	    journal_copy(&p->journal, STDERR_FILENO, now_ms() / 1000) == RC_IO)
		warnx("%s: its log can not be read", part_name(p->part));
	if (p->state == PROC_DRAINING) {
		/* what the queue could not end in order is a failure */
		if (p->part == PART_QUEUE && !clean && !g->failed) {
			say_death(p, status);
			g->failed = 1;
		}
	} else if (p->part == PART_FORWARD) {
		if (!clean)
			say_death(p, status);
	} else if (g->stopping && clean) {
		/* in order: keyd ends with the queue that it serves */
		note("%s ended with its peer", part_name(p->part));
	} else {
		say_death(p, status);
		/* a fresh zygote that does not come up leaves the old serving:
		 * the renewal notices */
		if (p->state != PROC_STARTING ||
		    (g->renewal.parts & (1U << p->part)) == 0)
			g->failed = 1;
	}
	gateway_forget(p);
}

static void
reap(struct gateway *g)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < PROCS_MAX; i++) {
			if (g->procs[i].state != PROC_FREE &&
			    g->procs[i].pid == pid)
				dead(g, &g->procs[i], status);
		}
	}
}

/* --- signals ---------------------------------------------------------- */

static void
take_signals(struct gateway *g)
{
	struct signalfd_siginfo si;

	while (read(g->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGHUP:
			g->reload_wanted = 1;
			break;
		case SIGTERM:
		case SIGINT:
			g->stop_wanted = 1;
			break;
		default:
			break;
		}
	}
}

/* --- waiting ---------------------------------------------------------- */

struct waiting {
	struct pollfd fds[1 + 2 * PROCS_MAX];
	struct proc *who[1 + 2 * PROCS_MAX];
	nfds_t count;
};

static void
add(struct waiting *w, int fd, struct proc *p)
{
	if (fd == -1)
		return;
	w->fds[w->count] = (struct pollfd){.fd = fd, .events = POLLIN};
	w->who[w->count] = p;
	w->count++;
}

static void
copy_log(struct proc *p)
{
	enum rc rc;

	rc = journal_copy(&p->journal, STDERR_FILENO, now_ms() / 1000);
	if (rc != RC_AGAIN)
		journal_end(&p->journal, STDERR_FILENO);
}

/* Log lines come before the death they explain, and deaths last: a process
 * may have said something just before. */
static void
take_all(struct gateway *g, const struct waiting *w)
{
	for (nfds_t i = 1; i < w->count; i++) {
		struct proc *p = w->who[i];

		if (w->fds[i].revents == 0)
			continue;
		if (w->fds[i].fd == p->journal.from)
			copy_log(p);
		else if (w->fds[i].fd == p->control)
			take_frames(g, p);
	}
	if (w->fds[0].revents != 0)
		take_signals(g);
	reap(g);
}

enum rc
events_step(struct gateway *g, int timeout_ms)
{
	struct waiting w;

	memset(&w, 0, sizeof(w));
	add(&w, g->signals, NULL);
	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state == PROC_FREE)
			continue;
		add(&w, p->journal.from, p);
		add(&w, p->control, p);
	}
	if (poll(w.fds, w.count, timeout_ms) == -1 && errno != EINTR)
		return RC_IO;
	take_all(g, &w);
	return RC_OK;
}
