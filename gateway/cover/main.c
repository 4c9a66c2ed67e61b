/* Makes dummy reports, so that a watcher can not tell whether there was a
 * real one. It holds the job socket of a screen zygote of its own: the kind
 * COVER follows from that socket, never from anything in a report. It makes
 * none yet (SECURITY.md, "What this version does not do yet"). */
#include <signal.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "result.h"
#include "sandbox.h"
#include "wire.h"

int
main(void)
{
	struct frame f;
	enum rc rc;

	log_init("cover", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	/* its settings are for a cover that makes some */
	close(FD_SETUP);
	rc = sandbox_enter(ROLE_COVER);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	/* cutoutd has no orders for this role: its end is the end */
	rc = frame_read(FD_CONTROL, &f);
	return rc == RC_EOF ? 0 : 1;
}
