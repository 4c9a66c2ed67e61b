/* Answers the operator: takes one question at a time off the control socket
 * and passes it to queue. It knows counts and the names of sealed reports, and
 * has no key. */
#include <signal.h>
#include <unistd.h>

#include "ask.h"
#include "frame.h"
#include "log.h"
#include "result.h"
#include "sandbox.h"
#include "serve.h"
#include "wire.h"

int
main(void)
{
	struct serve *serve;
	enum rc rc;

	log_init("ctl", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	close(FD_SETUP); /* it has no settings */
	rc = ask_warm();
	if (rc != RC_OK)
		fatal("the parser: %s", rc_text(rc));
	serve = serve_new(FD_CONTROL, FD_CTL_LISTENER, FD_CTL_QUEUE, getuid(),
	    &serve_limits_usual);
	if (serve == NULL)
		fatal("out of memory");
	rc = sandbox_enter(ROLE_CTL);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	do
		rc = serve_once(serve);
	while (rc == RC_OK);
	serve_free(serve);
	return rc == RC_EOF ? 0 : 1;
}
