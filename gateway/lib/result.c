/* The words for each result. */
#include "result.h"

const char *
rc_text(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return "ok";
	case RC_EOF:
		return "the other side closed";
	case RC_AGAIN:
		return "nothing there yet";
	case RC_BAD:
		return "not in the agreed form";
	case RC_LIMIT:
		return "over a limit";
	case RC_DENIED:
		return "refused";
	case RC_DUPLICATE:
		return "stored before";
	case RC_CONFLICT:
		return "stored before with other content";
	case RC_FULL:
		return "no room";
	case RC_NOTFOUND:
		return "not found";
	case RC_TIMEOUT:
		return "too late";
	case RC_IO:
		return "input or output failed";
	case RC_NOMEM:
		return "out of memory";
	case RC_CRYPTO:
		return "cryptographic check failed";
	case RC_CONFIG:
		return "wrong configuration";
	case RC_UNKNOWN:
		return "outcome unknown";
	}
	return "no such result";
}
