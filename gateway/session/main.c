/* The zygote of the processes that hold one partner's connection each: loads
 * certificates and lists, locks itself down, and forks children that wait for
 * a connection. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "deadline.h"
#include "frame.h"
#include "load.h"
#include "log.h"
#include "rates.h"
#include "result.h"
#include "sandbox.h"
#include "wire.h"
#include "zygote.h"

static enum rc
prepare(void *arg)
{
	/* all of a child's own comes after its fork */
	(void)arg;
	return RC_OK;
}

static void
release(void *arg)
{
	(void)arg;
}

static void
reaped(void *arg, pid_t pid)
{
	const struct session *s = arg;

	rates_gone(s->rates, pid, deadline_now());
}

static void
on_alarm(int signal_number)
{
	(void)signal_number;
	connection_wipe();
	_exit(0);
}

/* Waits for a connection; who it is from is never asked. RC_EOF: there will be
 * none. */
static enum rc
next_connection(void)
{
	int fd;

	for (;;) {
		if (zygote_drained())
			return RC_EOF;
		fd = accept4(FD_SESSION_LISTENER, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1)
			break;
		if (errno != EINTR && errno != ECONNABORTED)
			return RC_IO;
	}
	/* the one descriptor that the second filter lets be shut down; the
	 * listener is closed by it */
	if (dup3(fd, FD_SESSION_CONNECTION, O_CLOEXEC) == -1)
		return RC_IO;
	close(fd);
	return RC_OK;
}

static void
child(void *arg, int status)
{
	const struct session *s = arg;
	struct sigaction act = {.sa_handler = on_alarm};
	enum rc rc;

	if (sigaction(SIGALRM, &act, NULL) == -1)
		_exit(1);
	connection_prepare(s);
	rc = next_connection();
	if (rc != RC_OK)
		_exit(rc == RC_EOF ? 0 : 1);
	zygote_busy(status);
	/* for a process that does not keep the time by itself */
	alarm(connection_most_s(s) + 1);
	if (sandbox_narrow(ROLE_SESSION_CHILD) != RC_OK)
		_exit(1);
	connection_serve(FD_SESSION_CONNECTION);
	close(FD_SESSION_CONNECTION);
	_exit(0);
}

int
main(void)
{
	static struct session s;
	struct zygote_plan plan = {.arg = &s,
	    .prepare = prepare,
	    .release = release,
	    .child = child,
	    .reaped = reaped};
	enum rc rc;

	log_init("session", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	load_session(&s);
	rc = sandbox_enter(ROLE_SESSION);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	/* behind the child's own alarm */
	plan.work_ms = (uint64_t)(connection_most_s(&s) + 2) * 1000;
	plan.once = 1;
	plan.spare = (size_t)s.spare;
	plan.most = (size_t)s.max_connections;
	return zygote_run(&plan);
}
