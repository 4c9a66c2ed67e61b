/* The command profile: the strict profile check as a filter. The whole
 * envelope is read and judged before its first byte goes on. */
#include "profile_command.h"

#include <errno.h>
#include <string.h>

#include "complain.h"
#include "file.h"
#include "profile.h"
#include "store.h"

int
desk_profile(int in, int out)
{
	struct buf *envelope = NULL;
	struct profile profile;
	enum rc rc;

	rc = file_read_fd(in, ITEM_MAX, &envelope);
	if (rc == RC_OK) {
		rc = profile_check(buf_data(envelope), buf_len(envelope),
		    &profile);
		if (rc == RC_OK)
			rc = file_write_fd(out, envelope);
		if (rc == RC_IO)
			complain("profile: can not write: %s", strerror(errno));
		else if (rc != RC_OK)
			complain("profile: not an envelope of the form that "
				 "the gateway makes. Do not decrypt it, and "
				 "throw away what the pipeline wrote");
	} else if (rc == RC_LIMIT) {
		complain("profile: longer than any envelope of the gateway; "
			 "nothing was passed on");
	} else {
		complain("profile: can not read: %s",
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	}
	buf_free(envelope);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}
