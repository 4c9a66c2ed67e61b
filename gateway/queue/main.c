/* Keeps sealed reports until the police have them: commits them before anybody
 * hears "stored", hands them out, and believes only a desk's own signature. It
 * never sees a plaintext, and holds no key. */
#include <signal.h>
#include <unistd.h>

#include "frame.h"
#include "log.h"
#include "result.h"
#include "sandbox.h"
#include "selftest.h"
#include "settings.h"
#include "setup.h"
#include "start.h"
#include "turn.h"
#include "wire.h"

int
main(void)
{
	static struct queue q; /* large */
	struct setup *setup = NULL;
	struct turn *turn;
	enum rc rc;

	log_init("queue", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	rc = setup_read(FD_SETUP, &setup);
	if (rc == RC_OK)
		rc = settings_read(setup, &q.config);
	if (rc != RC_OK)
		fatal("setup: %s", rc_text(rc));
	setup_free(setup);
	close(FD_SETUP);
	if (crypto_selftest() != RC_OK)
		fatal("this OpenSSL may not be used; install 3.0.22-1~deb12u2 "
		      "or later");
	rc = start_queue(&q);
	if (rc != RC_OK)
		fatal("the queue can not be opened: %s", rc_text(rc));
	turn = turn_new(&q);
	if (turn == NULL)
		fatal("out of memory");
	rc = sandbox_enter(ROLE_QUEUE);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	do
		rc = turn_once(turn);
	while (rc == RC_OK);
	turn_free(turn);
	/* after a failure nothing may be written any more */
	if (rc != RC_EOF)
		return 1;
	rc = start_end(&q);
	settings_free(&q.config);
	return rc == RC_OK ? 0 : 1;
}
