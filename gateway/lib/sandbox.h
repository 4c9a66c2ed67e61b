/* The prison of each process: limits, Landlock and seccomp, all required.
 * What each role may do stands in sandbox_table.c and nowhere else. */
#ifndef CUTOUT_SANDBOX_H
#define CUTOUT_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

/* One name for each table. A _CHILD is what a zygote's child becomes once it
 * has its connection or its report: sandbox_narrow(). */
enum role {
	ROLE_CUTOUTD,
	ROLE_SESSION,
	ROLE_SESSION_CHILD,
	ROLE_SCREEN,
	ROLE_SCREEN_CHILD,
	ROLE_SIGNER,
	ROLE_QUEUE,
	ROLE_KEYD,     /* the TLS and promise keys */
	ROLE_KEYD_LOG, /* the log key */
	ROLE_FORWARD,
	ROLE_COVER,
	ROLE_CTL,
	ROLE_COUNT
};

/* What stays open to cutoutd, which goes on starting roles: files and folders
 * (with all below them) that may be read, programs that may be run, and
 * TCP ports that may be connected to (where the kernel can tell ports). */
struct sandbox_path {
	const char *path;
	int execute;
};
struct sandbox_leave {
	const struct sandbox_path *paths;
	size_t path_count;
	const uint16_t *ports;
	size_t port_count;
};

/* Locks this process down as role, for ever: dumpable 0, killed when its
 * parent dies (but cutoutd), no_new_privs, resource limits, Landlock (every
 * right denied), seccomp for all threads (whatever is not in the table kills
 * the process). For a zygote it also makes ready what sandbox_narrow() installs
 * later. Open every file, warm every library and start every thread before. Any
 * answer but RC_OK is fatal for the caller, who may be locked down in part:
 * RC_DENIED: this kernel has no Landlock or no seccomp filters, which are
 * required. RC_BAD: no such role. RC_NOMEM, RC_IO (errno tells). */
enum rc sandbox_enter(enum role role) MUST_USE;

/* The same, but what leave names stays open. RC_NOTFOUND: a path of it can not
 * be opened. cutoutd alone calls this. */
enum rc sandbox_enter_leave(enum role role,
    const struct sandbox_leave *leave) MUST_USE;

/* For a zygote's child right after fork(): dies with its parent, whose pid the
 * caller took before the fork. RC_EOF: the parent is gone already. RC_IO. */
enum rc sandbox_follow_parent(pid_t parent) MUST_USE;

/* For a zygote's child: the second, stricter filter and its limits (no fork,
 * CPU seconds). One system call or three, nothing is allocated. role is the
 * _CHILD of the role that sandbox_enter() was given, else RC_DENIED. RC_IO:
 * errno tells. As with sandbox_enter(), failure is fatal. */
enum rc sandbox_narrow(enum role role) MUST_USE;

/* The role's name as it stands in logs and as its program is called. */
const char *sandbox_role_name(enum role role);

#endif
