/* What the receiver tells who runs the desk. */
#include "tell.h"

#include <stddef.h>

#include "complain.h"

enum { PAUSE_MS = 60000 };

static const char *const words[SERVE_ENDS] = {
    [SERVE_STRANGER] =
	"closed a connection that showed no client certificate of the gateway "
	"that verifies. If it is the gateway's: get its new "
	"gateway-authority.crt and .crl and send SIGHUP",
    [SERVE_REQUEST] = "refused a request that no gateway makes",
    [SERVE_NAME] = "refused an item whose name is not its SHA-256",
    [SERVE_SIGNATURE] =
	"refused an item that --origin does not verify. If the gateway has a "
	"new origin key: put its certificate into that file, beside the old "
	"one, send SIGHUP, and ask the gateway's operator for `cutoutctl dead "
	"retry`",
    [SERVE_FORM] = "refused an item that is not of the gateway's form",
    [SERVE_CRL] =
	"the gateway's revocation list has ended, so nothing is received: get "
	"its new gateway-authority.crl and send SIGHUP. The gateway keeps "
	"everything until then",
    [SERVE_FULL] =
	"there is no room for an item: make room. The gateway keeps it and "
	"sends it again",
    [SERVE_TROUBLE] =
	"an item could not be kept: look at the disk and the memory. The "
	"gateway keeps it and sends it again",
};

static void
say(struct tell *t, enum serve_end end)
{
	unsigned long more = t->kind[end].more;

	t->kind[end].more = 0;
	if (more > 1)
		complain("%s (%lu times)", words[end], more);
	else
		complain("%s", words[end]);
}

void
tell(struct tell *t, enum serve_end end, int64_t now_ms)
{
	if (words[end] == NULL)
		return;
	t->kind[end].more++;
	if (now_ms < t->kind[end].again_ms)
		return;
	say(t, end);
	t->kind[end].again_ms = now_ms + PAUSE_MS;
}

void
tell_rest(struct tell *t)
{
	for (int i = 0; i < SERVE_ENDS; i++) {
		if (t->kind[i].more > 0)
			say(t, (enum serve_end)i);
	}
}
