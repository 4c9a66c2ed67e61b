/* Locking a process down, in the order that works: filters are made while
 * memory and descriptors are free, limits come next, Landlock, seccomp last. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox_table.h"

/* BPF_MAXINSNS */
enum { PROGRAM_MAX = 4096 };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short len;
};

/* Static, so that a child's second filter needs no memory of its own; a zygote
 * fills `later` once and its children share the pages. */
static struct program now, later;
static enum role later_role = ROLE_COUNT;

/* --- seccomp ---------------------------------------------------------- */

struct making {
	scmp_filter_ctx ctx;
	enum role role;
};

static enum rc
add_rule(const struct rule *r, void *arg)
{
	const struct making *m = arg;
	struct scmp_arg_cmp cmp[RULE_CMPS];
	unsigned int n = 0;
	int got;

	/* a call that is let through anyway needs no conditions */
	if (r->cmp[0].mask != 0 && sandbox_allows_any(m->role, r->nr))
		return RC_OK;
	while (n < RULE_CMPS && r->cmp[n].mask != 0) {
		cmp[n] = (struct scmp_arg_cmp){r->cmp[n].arg,
		    SCMP_CMP_MASKED_EQ, r->cmp[n].mask, r->cmp[n].value};
		n++;
	}
	got = seccomp_rule_add_array(m->ctx, SCMP_ACT_ALLOW, r->nr, n, cmp);
	/* -EEXIST: two blocks name the same rule */
	return got == 0 || got == -EEXIST ? RC_OK : RC_IO;
}

/* Reads what libseccomp wrote into fd. */
static enum rc
program_read(int fd, struct program *out)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size <= 0 || (size_t)st.st_size > sizeof(out->code) ||
	    (size_t)st.st_size % sizeof(out->code[0]) != 0)
		return RC_LIMIT;
	if (pread(fd, out->code, (size_t)st.st_size, 0) != st.st_size)
		return RC_IO;
	out->len = (unsigned short)((size_t)st.st_size / sizeof(out->code[0]));
	return RC_OK;
}

static enum rc
program_make(enum role role, struct program *out)
{
	struct making m = {.role = role};
	enum rc rc = RC_NOMEM;
	int fd = -1;

	m.ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (m.ctx == NULL)
		goto out;
	rc = RC_IO;
	/* calls of another architecture have other numbers */
	if (seccomp_attr_set(m.ctx, SCMP_FLTATR_ACT_BADARCH,
		SCMP_ACT_KILL_PROCESS) != 0)
		goto out;
	rc = sandbox_rules(role, add_rule, &m);
	if (rc != RC_OK)
		goto out;
	rc = RC_IO;
	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd == -1 || seccomp_export_bpf(m.ctx, fd) != 0)
		goto out;
	rc = program_read(fd, out);
out:
	if (fd != -1)
		close(fd);
	if (m.ctx != NULL)
		seccomp_release(m.ctx);
	return rc;
}

static enum rc
program_install(struct program *p)
{
	struct sock_fprog prog = {.len = p->len, .filter = p->code};
	long got;

	/* TSYNC: for every thread or for none */
	got = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &prog);
	if (got == 0)
		return RC_OK;
	if (got == -1 && (errno == ENOSYS || errno == EINVAL))
		return RC_DENIED;
	return RC_IO;
}

/* --- Landlock --------------------------------------------------------- */

/* This file names all rights itself: the headers of the build machine may be
 * older than the kernel that runs the program. Later rights are handled where
 * the kernel knows them; the first thirteen are required. */
enum {
	RIGHTS_1 = (1 << 13) - 1, /* files and folders */
	RIGHTS_2 = 1 << 13,       /* REFER */
	RIGHTS_3 = 1 << 14,       /* TRUNCATE */
	RIGHTS_5 = 1 << 15,       /* IOCTL_DEV */
	NET_BIND = 1 << 0,
	NET_CONNECT = 1 << 1,
	SCOPE_ABSTRACT = 1 << 0, /* abstract Unix sockets */
	SCOPE_SIGNAL = 1 << 1,
	RULE_PORT = 2
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct port_attr {
	uint64_t allowed, port;
};

/* How much of the struct a kernel of this version knows. */
static size_t
ruleset_size(long abi)
{
	if (abi >= 6)
		return sizeof(struct ruleset_attr);
	return abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static enum rc
leave_path(int ruleset, const struct sandbox_path *p)
{
	struct landlock_path_beneath_attr attr = {0};
	struct stat st;
	enum rc rc = RC_OK;

	attr.parent_fd = open(p->path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd == -1)
		return RC_NOTFOUND;
	attr.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (p->execute)
		attr.allowed_access |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (fstat(attr.parent_fd, &st) == -1) {
		rc = RC_IO;
		goto out;
	}
	if (S_ISDIR(st.st_mode))
		attr.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&attr, 0) != 0)
		rc = RC_IO;
out:
	close(attr.parent_fd);
	return rc;
}

static enum rc
leave_all(int ruleset, long abi, const struct sandbox_leave *leave)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < leave->path_count && rc == RC_OK; i++)
		rc = leave_path(ruleset, &leave->paths[i]);
	for (size_t i = 0; abi >= 4 && i < leave->port_count && rc == RC_OK;
	     i++) {
		struct port_attr attr = {NET_CONNECT, leave->ports[i]};

		if (syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &attr,
			0) != 0)
			rc = RC_IO;
	}
	return rc;
}

/* Every right, of every kind that the kernel knows. A supervisor still has to
 * signal roles that it started before, which are outside its domain. */
static void
handle_all(long abi, enum role role, struct ruleset_attr *attr)
{
	attr->fs = RIGHTS_1;
	if (abi >= 2)
		attr->fs |= RIGHTS_2;
	if (abi >= 3)
		attr->fs |= RIGHTS_3;
	if (abi >= 4)
		attr->net = NET_BIND | NET_CONNECT;
	if (abi >= 5)
		attr->fs |= RIGHTS_5;
	if (abi >= 6)
		attr->scoped = SCOPE_ABSTRACT;
	if (abi >= 6 && role != ROLE_CUTOUTD)
		attr->scoped |= SCOPE_SIGNAL;
}

static enum rc
landlock_all(enum role role, const struct sandbox_leave *leave)
{
	struct ruleset_attr attr = {0};
	long abi, ruleset;
	enum rc rc;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return RC_DENIED;
	if (sandbox_open_world)
		return RC_OK;
	handle_all(abi, role, &attr);
	ruleset =
	    syscall(SYS_landlock_create_ruleset, &attr, ruleset_size(abi), 0);
	if (ruleset < 0)
		return RC_IO;
	rc = leave_all((int)ruleset, abi, leave);
	if (rc == RC_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		rc = RC_IO;
	close((int)ruleset);
	return rc;
}

/* --- limits ----------------------------------------------------------- */

/* Never raises: an earlier, lower limit stays. */
static enum rc
lower(__rlimit_resource_t what, uint64_t value)
{
	struct rlimit l;

	if (value == LIMIT_NONE)
		return RC_OK;
	if (getrlimit(what, &l) == -1)
		return RC_IO;
	if (l.rlim_max > value)
		l.rlim_max = value;
	if (l.rlim_cur > l.rlim_max)
		l.rlim_cur = l.rlim_max;
	return setrlimit(what, &l) == 0 ? RC_OK : RC_IO;
}

static enum rc
lower_all(const struct role_table *t)
{
	enum rc rc;

	rc = lower(RLIMIT_CORE, 0);
	if (rc == RC_OK)
		rc = lower(RLIMIT_FSIZE, t->file_bytes);
	if (rc == RC_OK)
		rc = lower(RLIMIT_NPROC, t->processes);
	if (rc == RC_OK)
		rc = lower(RLIMIT_AS, t->space_bytes);
	if (rc == RC_OK)
		rc = lower(RLIMIT_CPU, t->cpu_seconds);
	return rc;
}

/* --- entering --------------------------------------------------------- */

static enum rc
make_programs(enum role role, const struct role_table *t)
{
	enum rc rc;

	rc = program_make(role, &now);
	if (rc != RC_OK || t->child == ROLE_COUNT)
		return rc;
	rc = program_make(t->child, &later);
	if (rc == RC_OK)
		later_role = t->child;
	return rc;
}

enum rc
sandbox_enter_leave(enum role role, const struct sandbox_leave *leave)
{
	const struct role_table *t = sandbox_table(role);
	enum rc rc;

	if (t == NULL)
		return RC_BAD;
	/* writes a memfd: before the limit on file sizes */
	rc = make_programs(role, t);
	if (rc != RC_OK)
		return rc;
	/* nobody of the same user may look into this process or trace it */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return RC_IO;
	if (role != ROLE_CUTOUTD &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return RC_IO;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return RC_IO;
	rc = lower_all(t);
	if (rc != RC_OK)
		return rc;
	rc = landlock_all(role, leave);
	if (rc != RC_OK)
		return rc;
	return program_install(&now);
}

enum rc
sandbox_enter(enum role role)
{
	static const struct sandbox_leave nothing;

	return sandbox_enter_leave(role, &nothing);
}

enum rc
sandbox_follow_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return RC_IO;
	/* it may have died before the call: then nobody would tell */
	return getppid() == parent ? RC_OK : RC_EOF;
}

enum rc
sandbox_narrow(enum role role)
{
	enum rc rc;

	if (later_role == ROLE_COUNT || role != later_role)
		return RC_DENIED;
	/* the rest was lowered by the zygote and is inherited */
	rc = lower(RLIMIT_NPROC, sandbox_table(role)->processes);
	if (rc == RC_OK)
		rc = lower(RLIMIT_CPU, sandbox_table(role)->cpu_seconds);
	if (rc != RC_OK)
		return rc;
	return program_install(&later);
}
