/* Who the daemon runs as: never root. */
#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

/* All three ids of both kinds are the new ones, and taking root's fails. */
static enum rc
prove(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (getresuid(&r, &e, &s) == -1 || getresgid(&gr, &ge, &gs) == -1)
		return RC_IO;
	if (r != uid || e != uid || s != uid || gr != gid || ge != gid ||
	    gs != gid || getgroups(0, NULL) != 0)
		return RC_DENIED;
	if (setresuid(0, 0, 0) == 0 || setuid(0) == 0 || seteuid(0) == 0 ||
	    setresgid(0, 0, 0) == 0)
		return RC_DENIED;
	return RC_OK;
}

enum rc
identity_drop(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0 && getuid() != 0)
		return RC_OK;
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return RC_NOTFOUND;
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return RC_DENIED;
	/* groups first: without root's uid they could not be set any more */
	if (setgroups(0, NULL) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		return RC_IO;
	return prove(pw->pw_uid, pw->pw_gid);
}
