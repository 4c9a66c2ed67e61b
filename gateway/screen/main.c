/* The zygote of the processes that read reports: loads schema and recipients,
 * locks itself down and forks one child for each report (or for several, where
 * isolation is reduced). */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "job.h"
#include "load.h"
#include "log.h"
#include "memory.h"
#include "result.h"
#include "sandbox.h"
#include "selftest.h"
#include "wire.h"
#include "zygote.h"

enum { CHILDREN_MORE = 1024 };

/* What the zygote makes for the next child. */
struct state {
	struct screen screen;
	int channel; /* the child's end of its channel to signer */
};

static enum rc
prepare(void *arg)
{
	struct state *st = arg;
	uint8_t kind = CHANNEL_CHILD;
	int pair[2];
	enum rc rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return RC_IO;
	rc = frame_send(FD_SCREEN_SIGNER, FRAME_CHANNEL, &kind, sizeof(kind),
	    pair[1]);
	close(pair[1]);
	if (rc != RC_OK) {
		close(pair[0]);
		return rc;
	}
	st->channel = pair[0];
	return RC_OK;
}

static void
release(void *arg)
{
	struct state *st = arg;

	close(st->channel);
	st->channel = -1;
}

/* Waits for a job. RC_EOF: there will be none. */
static enum rc
next_job(struct frame *f)
{
	enum rc rc;

	do {
		if (zygote_drained())
			return RC_EOF;
		rc = frame_recv_once(FD_SCREEN_JOBS, f, 1);
	} while (rc == RC_AGAIN);
	if (rc != RC_OK)
		return rc;
	if (f->type == FRAME_JOB && f->len == 1 && f->fd != -1 &&
	    (f->raw_data[0] == JOB_REPORT || f->raw_data[0] == JOB_CHECK))
		return RC_OK;
	if (f->fd != -1)
		close(f->fd);
	return RC_BAD;
}

static void
limit_cpu(int64_t seconds)
{
	struct rlimit l = {(rlim_t)seconds, (rlim_t)seconds + 1};

	if (setrlimit(RLIMIT_CPU, &l) == -1)
		_exit(1);
}

/* Ends the process; all that it knew is cleansed first. */
static _Noreturn void
end(int code)
{
	memory_wipe();
	_exit(code);
}

static void
child(void *arg, int status)
{
	struct state *st = arg;
	const struct screen *s = &st->screen;
	struct frame f;
	enum rc rc;

	close(FD_SCREEN_SIGNER);
	if (memory_watch() != RC_OK)
		end(1);
	memory_ahead();
	if (s->reports_per_process == 1)
		limit_cpu(s->cpu_seconds);
	for (int64_t i = 0; i < s->reports_per_process; i++) {
		rc = next_job(&f);
		if (rc != RC_OK)
			end(rc == RC_EOF ? 0 : 1);
		zygote_busy(status);
		alarm((unsigned int)s->deadline_seconds);
		/* one report: nothing more to receive, ever; also not by
		 * read(), which takes a sibling's job off the socket */
		if (s->reports_per_process == 1) {
			close(FD_SCREEN_JOBS);
			if (sandbox_narrow(ROLE_SCREEN_CHILD) != RC_OK)
				end(1);
		}
		rc = job_serve(s, f.fd, f.raw_data[0], st->channel);
		close(f.fd);
		/* a channel that failed half way is of no use any more */
		if (rc != RC_OK)
			end(1);
		if (s->reports_per_process == 1)
			break;
		alarm(0);
		zygote_idle(status);
	}
	end(0);
}

int
main(void)
{
	static struct state st;
	struct zygote_plan plan = {
	    .arg = &st, .prepare = prepare, .release = release, .child = child};
	enum rc rc;

	log_init("screen", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	rc = crypto_selftest();
	if (rc != RC_OK)
		fatal("this OpenSSL may not be used; install 3.0.22-1~deb12u2 "
		      "or later");
	load_screen(&st.screen);
	load_warm(&st.screen);
	memory_warm();
	rc = sandbox_enter(ROLE_SCREEN);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	/* behind the child's own alarm */
	plan.work_ms = (uint64_t)(st.screen.deadline_seconds + 2) * 1000;
	plan.once = st.screen.reports_per_process == 1;
	plan.spare = (size_t)st.screen.spare;
	plan.most = plan.spare + CHILDREN_MORE;
	return zygote_run(&plan);
}
