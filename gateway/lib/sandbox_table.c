/* What each role may ask of the kernel. One block for each role: to give a
 * role a call, add a row to its block and say why. Whatever has no row kills
 * the process. Find what is missing with strace -f, or by the SIGSYS.
 *
 * Comparisons: ARG(n, mask, value) means "argument n & mask must be value".
 *
 * Left out on purpose, everywhere: tgkill and kill (no process may signal
 * another; abort() therefore ends as SIGSYS, which counts as a crash too),
 * mmap and mprotect with PROT_EXEC, ioctl. */
#include "sandbox_table.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "wire.h"

#define CALL(name, why)                                                        \
	{                                                                      \
		SCMP_SYS(name), {{0, 0, 0}}, why                               \
	}
#define CALL1(name, a, why)                                                    \
	{                                                                      \
		SCMP_SYS(name), {a}, why                                       \
	}
#define CALL2(name, a, b, why)                                                 \
	{                                                                      \
		SCMP_SYS(name), {a, b}, why                                    \
	}
#define ARG(n, mask, value)                                                    \
	{                                                                      \
		n, mask, value                                                 \
	}
#define INT_MASK UINT64_C(0xffffffff)
/* Never every command: F_SETOWN and F_SETSIG would signal other processes. */
#define FCNTL(command, why) CALL1(fcntl, ARG(1, INT_MASK, command), why)
#define FCNTL_FLAGS(why) FCNTL(F_GETFL, why), FCNTL(F_SETFL, why)
#define END                                                                    \
	{                                                                      \
		0, {{0, 0, 0}}, NULL                                           \
	}

/* --- every role ------------------------------------------------------- */

static const struct rule common[] = {
    CALL(read, "frames, pipes, connections"),
    CALL(readv, "frame_read()"),
    CALL(write, "logs, frames, connections"),
    CALL(writev, "frame_write()"),
    CALL(close, "give back a descriptor"),
    CALL(exit, "the end of a thread"),
    CALL(exit_group, "the end"),
    CALL(poll, "wait with a deadline"),
    CALL(ppoll, "wait with a deadline"),
    CALL(rt_sigreturn, "leave a signal handler"),
    CALL(rt_sigaction, "set a signal handler"),
    CALL(rt_sigprocmask, "block signals; exit() and abort() do"),
    CALL(brk, "malloc"),
    CALL1(mmap, ARG(2, PROT_EXEC, 0), "malloc; never code"),
    CALL(munmap, "malloc"),
    CALL(mremap, "realloc of large blocks"),
    CALL(madvise, "MADV_DONTDUMP, and malloc giving back"),
    CALL(futex, "locks of the libraries"),
    CALL(getrandom, "random numbers"),
    CALL(clock_gettime, "when the vdso has no clock to read"),
    CALL(gettimeofday, "the same"),
    CALL(time, "the same"),
    CALL(clock_nanosleep, "pauses"),
    CALL(restart_syscall, "goes on after a stop signal"),
    CALL(getpid, "libcrypto reseeds after a fork"),
    CALL(gettid, "libcrypto names its threads"),
    CALL(sysinfo, "qsort() asks how much memory there is"),
    END,
};

/* --- session ---------------------------------------------------------- */

/* one connection, with its client's bytes: the strictest */
static const struct rule session_child[] = {
    CALL(recvfrom, "the client's connection"),
    CALL(sendto, "the client's connection"),
    /* the ways to screen and keyd are its siblings' as well */
    CALL1(shutdown, ARG(0, INT_MASK, FD_SESSION_CONNECTION),
	"end the connection in order"),
    CALL(sendmsg, "send one end of a pair to screen, or to keyd"),
    CALL2(socketpair, ARG(0, INT_MASK, AF_UNIX), ARG(2, INT_MASK, 0),
	"the way of one job, of one signature"),
    END,
};

static const struct rule session_zygote[] = {
    CALL(accept4, "an idle child waits for its connection"),
    CALL1(dup3, ARG(1, INT_MASK, FD_SESSION_CONNECTION),
	"the connection where the second filter knows it"),
    CALL(alarm, "the deadline of the connection, set before the second filter"),
    CALL(recvmsg, "orders of cutoutd"),
    CALL1(clone,
	ARG(0, INT_MASK, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD),
	"fork() and nothing else"),
    CALL(set_robust_list, "the first act of a forked child"),
    CALL(wait4, "reap children"),
    CALL(getppid, "a child looks whether its zygote is there"),
    CALL1(kill, ARG(1, INT_MASK, SIGKILL), "end idle children"),
    CALL1(kill, ARG(1, INT_MASK, SIGTERM), "end late children"),
    CALL1(prctl, ARG(0, INT_MASK, PR_SET_PDEATHSIG), "die with the zygote"),
    CALL(prlimit64, "a child lowers its limits"),
    CALL(seccomp, "a child installs its second filter"),
    END,
};

/* --- screen ----------------------------------------------------------- */

/* one report, with its author's bytes: the strictest */
static const struct rule screen_child[] = {
    CALL(sendmsg, "the sealed report on to signer"),
    END,
};

static const struct rule screen_zygote[] = {
    CALL(recvmsg, "an idle child waits for its job; orders of cutoutd"),
    CALL1(clone,
	ARG(0, INT_MASK, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD),
	"fork() and nothing else"),
    CALL(set_robust_list, "the first act of a forked child"),
    CALL(wait4, "reap children"),
    CALL(getppid, "a child looks whether its zygote is there"),
    CALL1(kill, ARG(1, INT_MASK, SIGKILL), "end idle children"),
    CALL1(kill, ARG(1, INT_MASK, SIGTERM), "end late children"),
    CALL1(prctl, ARG(0, INT_MASK, PR_SET_PDEATHSIG), "die with the zygote"),
    CALL(prlimit64, "a child lowers its limits"),
    CALL(seccomp, "a child installs its second filter"),
    CALL2(socketpair, ARG(0, INT_MASK, AF_UNIX), ARG(2, INT_MASK, 0),
	"each child's own channel to signer, made before its fork"),
    CALL(alarm, "the deadline of the report, set before the second filter"),
    END,
};

/* --- signer ----------------------------------------------------------- */

static const struct rule signer[] = {
    CALL(recvmsg, "channels and destinations"),
    CALL(sendmsg, "the answer channel on to queue"),
    FCNTL_FLAGS("non-blocking channels"),
    CALL1(newfstatat, ARG(3, INT_MASK, AT_EMPTY_PATH),
	"the size of new destinations"),
    CALL(pread64, "read new destinations"),
    CALL(lseek, "read new destinations"),
    END,
};

/* --- queue ------------------------------------------------------------ */

static const struct rule queue[] = {
    CALL(recvmsg, "answer channels, runs and destinations"),
    CALL(sendmsg, "frames"),
    FCNTL_FLAGS("non-blocking channels"),
    FCNTL(F_SETLK, "locks of the database"),
    FCNTL(F_GETLK, "locks of the database"),
    CALL(newfstatat, "the size of the database; SQLite looks at its path"),
    CALL(fstat, "the size of the database"),
    CALL(pread64, "read the database"),
    CALL(pwrite64, "write the database"),
    CALL(fdatasync, "commit"),
    CALL(fsync, "commit"),
    CALL(ftruncate, "the write-ahead log after a checkpoint"),
    CALL(fallocate, "room taken before it is needed"),
    CALL(lseek, "the size of the database"),
    CALL(fstatfs, "the disk reserve"),
    CALL(geteuid, "SQLite looks whether it is root"),
    CALL(timerfd_settime, "slots"),
    END,
};

/* --- keyd ------------------------------------------------------------- */

static const struct rule keyd[] = {
    CALL(recvmsg, "channels"),
    CALL(sendmsg, "answers"),
    FCNTL_FLAGS("non-blocking channels"),
    END,
};

/* --- forward ---------------------------------------------------------- */

static const struct rule forward[] = {
    CALL(recvfrom, "the desk's connection"),
    CALL(sendto, "the desk's connection"),
    CALL(recvmsg, "frames"),
    CALL(sendmsg, "frames"),
    CALL(shutdown, "end the connection in order"),
    CALL(getsockopt, "has the connection come about"),
    CALL(setsockopt, "TCP_NODELAY"),
    CALL(getsockname, "libcurl looks at its own end"),
    CALL(getpeername, "libcurl looks at the other end"),
    FCNTL_FLAGS("non-blocking connection"),
    CALL(alarm, "the deadline of the run"),
    CALL(setitimer, "the deadline of the run"),
    CALL2(socketpair, ARG(0, INT_MASK, AF_UNIX), ARG(2, INT_MASK, 0),
	"libcurl's wake-up pair"),
    CALL(pipe2, "libcurl's wake-up pair"),
    END,
};

/* --- cover ------------------------------------------------------------ */

static const struct rule cover[] = {
    CALL(recvmsg, "frames"),
    CALL(sendmsg, "jobs"),
    CALL2(socketpair, ARG(0, INT_MASK, AF_UNIX), ARG(2, INT_MASK, 0),
	"the way of one job"),
    END,
};

/* --- ctl -------------------------------------------------------------- */

static const struct rule ctl[] = {
    CALL(accept4, "the operator"),
    CALL1(getsockopt, ARG(2, INT_MASK, SO_PEERCRED), "who the operator is"),
    CALL(recvmsg, "frames"),
    CALL(sendmsg, "frames"),
    CALL(recvfrom, "the operator's question"),
    CALL(sendto, "the answer"),
    END,
};

/* --- cutoutd ---------------------------------------------------------- */

/* It goes on starting roles after its own lock-down, and they inherit this
 * filter: so their first steps, from exec to sandbox_enter(), are here too. */
static const struct rule cutoutd[] = {
    CALL(recvmsg, "what the roles report"),
    CALL(sendmsg, "orders and descriptors to the roles"),
    CALL2(socketpair, ARG(0, INT_MASK, AF_UNIX), ARG(2, INT_MASK, 0),
	"channels between roles"),
    CALL(setsockopt, "the size of those channels"),
    CALL2(socket, ARG(0, INT_MASK, AF_INET), ARG(1, 0xf, SOCK_STREAM),
	"a connection to a desk"),
    CALL2(socket, ARG(0, INT_MASK, AF_INET6), ARG(1, 0xf, SOCK_STREAM),
	"a connection to a desk"),
    CALL(connect, "a connection to a desk, to the configured address"),
    CALL(memfd_create, "what is handed to roles, after a reload"),
    FCNTL_FLAGS("its ends of what roles get; roles at their start"),
    FCNTL(F_ADD_SEALS, "seals"),
    FCNTL(F_DUPFD, "descriptors in their places"),
    FCNTL(F_GETFD, "libraries at their start"),
    FCNTL(F_SETFD, "libraries at their start"),
    CALL(dup2, "descriptors in their places"),
    CALL(dup3, "descriptors in their places"),
    CALL(close_range, "nothing else reaches a role"),
    CALL1(clone,
	ARG(0, INT_MASK, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD),
	"fork() and nothing else"),
    CALL(execve, "start a role; Landlock says which files"),
    CALL(wait4, "reap roles"),
    CALL(kill, "end roles"),
    CALL(getppid, "a role looks whether cutoutd is there"),
    CALL(signalfd4, "signals as reads"),
    CALL(umask, "077 for every role"),
    CALL(pread64, "read configured files; ld.so"),
    CALL(openat, "configured files, programs and libraries, by Landlock"),

    CALL(access, "ld.so: /etc/ld.so.preload"),
    CALL(newfstatat, "ld.so; which file was opened"),
    CALL(fstat, "ld.so"),
    CALL(mmap, "ld.so maps code"),
    CALL(mprotect, "ld.so makes relocations read-only"),
    CALL(arch_prctl, "start of a process"),
    CALL(set_tid_address, "start of a process"),
    CALL(set_robust_list, "start of a process"),
    CALL(rseq, "start of a process"),
    CALL(prlimit64, "start of a process, and limits"),
    CALL(prctl, "dumpable, parent death, no_new_privs"),
    CALL(seccomp, "its filter"),
    CALL(landlock_create_ruleset, "its Landlock"),
    CALL(landlock_add_rule, "its Landlock"),
    CALL(landlock_restrict_self, "its Landlock"),
    CALL(lseek, "reading files at the start"),
    CALL(ioctl, "stdio asks whether a file is a terminal"),
    CALL(uname, "libraries look at the kernel"),
    CALL(getuid, "libraries look whether they run with privileges"),
    CALL(geteuid, "the same"),
    CALL(getgid, "the same"),
    CALL(getegid, "the same"),
    CALL(readlink, "libraries look for their own place"),
    CALL(statfs, "libraries look for /sys/fs/selinux"),
    CALL(sched_getaffinity, "how many processors"),
    CALL(eventfd2, "libcurl's wake-up"),
    END,
};

/* --- builds that are never the release -------------------------------- */

#if defined(CUTOUT_SANITIZED)
/* reports of the sanitizers, and their threads' stacks */
static const struct rule extra[] = {
    CALL(mmap, "shadow memory"),
    CALL(mprotect, "shadow memory"),
    CALL(sigaltstack, "stacks for reports"),
    CALL(openat, "maps of the process for a report; Landlock denies it"),
    CALL(newfstatat, "the same"),
    CALL(readlink, "the same"),
    CALL(lseek, "the same"),
    CALL(getrlimit, "limits of stacks"),
    CALL(prlimit64, "limits of stacks"),
    CALL(sched_yield, "locks"),
    CALL(getuid, "names of reports"),
    CALL(personality, "address layout at start"),
    CALL(sched_getaffinity, "how many processors"),
    CALL(tgkill, "abort()"),
    END,
};
#elif defined(CUTOUT_COVERED)
/* counters are written to files at exit */
static const struct rule extra[] = {
    CALL(openat, "counter files"),
    CALL(fcntl, "counter files are locked"),
    CALL(newfstatat, "counter files"),
    CALL(lseek, "counter files"),
    CALL(ftruncate, "counter files"),
    CALL(mkdir, "folders of counter files"),
    CALL(access, "folders of counter files"),
    CALL(umask, "counter files"),
    CALL(fstat, "counter files"),
    END,
};
#elif defined(CUTOUT_TEST_HOLE)
/* a copy with a hole, to show that the prison tests would see one */
static const struct rule extra[] = {
    CALL(openat, "the hole"),
    END,
};
#else
static const struct rule extra[] = {END};
#endif

#if defined(CUTOUT_COVERED)
const int sandbox_open_world = 1;
#else
const int sandbox_open_world = 0;
#endif

/* shadow memory is larger than any limit on address space */
#if defined(CUTOUT_SANITIZED)
#define SCREEN_SPACE LIMIT_NONE
#else
#define SCREEN_SPACE (UINT64_C(1024) * 1024 * 1024)
#endif
#if defined(CUTOUT_COVERED)
#define NO_FILES LIMIT_NONE
#else
#define NO_FILES 0
#endif

/* --- the roles -------------------------------------------------------- */

#define BIT(role) (UINT32_C(1) << (role))

static const struct role_table tables[ROLE_COUNT] = {
    [ROLE_CUTOUTD] = {.name = "cutoutd",
	.rules = cutoutd,
	.heirs = BIT(ROLE_SESSION) | BIT(ROLE_SCREEN) | BIT(ROLE_FORWARD),
	.child = ROLE_COUNT,
	/* memfds, and the log may be a file */
	.file_bytes = LIMIT_NONE,
	.processes = LIMIT_NONE,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_SESSION] = {.name = "session",
	.rules = session_zygote,
	.heirs = BIT(ROLE_SESSION_CHILD),
	.child = ROLE_SESSION_CHILD,
	.file_bytes = NO_FILES,
	.processes = LIMIT_NONE,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_SESSION_CHILD] = {.name = "session",
	.rules = session_child,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_SCREEN] = {.name = "screen",
	.rules = screen_zygote,
	.heirs = BIT(ROLE_SCREEN_CHILD),
	.child = ROLE_SCREEN_CHILD,
	.file_bytes = NO_FILES,
	.processes = LIMIT_NONE,
	.space_bytes = SCREEN_SPACE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_SCREEN_CHILD] = {.name = "screen",
	.rules = screen_child,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = SCREEN_SPACE,
	/* the role sets a lower one from its setup; this one holds always */
	.cpu_seconds = 600},
    [ROLE_SIGNER] = {.name = "signer",
	.rules = signer,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_QUEUE] = {.name = "queue",
	.rules = queue,
	.child = ROLE_COUNT,
	.file_bytes = LIMIT_NONE,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_KEYD] = {.name = "keyd",
	.rules = keyd,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_KEYD_LOG] = {.name = "keyd",
	.rules = keyd,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_FORWARD] = {.name = "forward",
	.rules = forward,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_COVER] = {.name = "cover",
	.rules = cover,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
    [ROLE_CTL] = {.name = "ctl",
	.rules = ctl,
	.child = ROLE_COUNT,
	.file_bytes = NO_FILES,
	.processes = 0,
	.space_bytes = LIMIT_NONE,
	.cpu_seconds = LIMIT_NONE},
};

/* --- questions -------------------------------------------------------- */

const struct role_table *
sandbox_table(enum role role)
{
	if ((unsigned int)role >= ROLE_COUNT)
		return NULL;
	return &tables[role];
}

const char *
sandbox_role_name(enum role role)
{
	const struct role_table *t = sandbox_table(role);

	return t == NULL ? "?" : t->name;
}

static enum rc
list_each(const struct rule *list,
    enum rc (*each)(const struct rule *r, void *arg), void *arg)
{
	enum rc rc = RC_OK;

	for (; list->why != NULL && rc == RC_OK; list++)
		rc = each(list, arg);
	return rc;
}

/* role, its heirs, their heirs. */
static uint32_t
family(enum role role)
{
	uint32_t all = BIT(role), before = 0;

	while (all != before) {
		before = all;
		for (unsigned int r = 0; r < ROLE_COUNT; r++) {
			if ((all & BIT(r)) != 0)
				all |= tables[r].heirs;
		}
	}
	return all;
}

enum rc
sandbox_rules(enum role role, enum rc (*each)(const struct rule *r, void *arg),
    void *arg)
{
	uint32_t all;
	enum rc rc;

	if (sandbox_table(role) == NULL)
		return RC_BAD;
	rc = list_each(common, each, arg);
	if (rc == RC_OK)
		rc = list_each(extra, each, arg);
	all = family(role);
	for (unsigned int r = 0; r < ROLE_COUNT && rc == RC_OK; r++) {
		if ((all & BIT(r)) != 0)
			rc = list_each(tables[r].rules, each, arg);
	}
	return rc;
}

struct question {
	int nr;
	const uint64_t *args; /* NULL: whatever they are */
	const struct rule *inner;
	enum role outer;
};

static int
holds(const struct rule *r, const uint64_t *args)
{
	for (size_t i = 0; i < RULE_CMPS && r->cmp[i].mask != 0; i++) {
		if (args == NULL ||
		    (args[r->cmp[i].arg] & r->cmp[i].mask) != r->cmp[i].value)
			return 0;
	}
	return 1;
}

/* RC_DUPLICATE stands for "yes" and ends the walk. */
static enum rc
ask(const struct rule *r, void *arg)
{
	const struct question *q = arg;

	return r->nr == q->nr && holds(r, q->args) ? RC_DUPLICATE : RC_OK;
}

int
sandbox_allows(enum role role, int nr, const uint64_t args[SYSCALL_ARGS])
{
	struct question q = {.nr = nr, .args = args};

	return sandbox_rules(role, ask, &q) == RC_DUPLICATE;
}

int
sandbox_allows_any(enum role role, int nr)
{
	struct question q = {.nr = nr};

	return sandbox_rules(role, ask, &q) == RC_DUPLICATE;
}

static int
same_cmps(const struct rule *a, const struct rule *b)
{
	for (size_t i = 0; i < RULE_CMPS; i++) {
		if (a->cmp[i].arg != b->cmp[i].arg ||
		    a->cmp[i].mask != b->cmp[i].mask ||
		    a->cmp[i].value != b->cmp[i].value)
			return 0;
	}
	return 1;
}

static enum rc
covers_one(const struct rule *r, void *arg)
{
	const struct question *q = arg;

	if (r->nr != q->inner->nr)
		return RC_OK;
	if (r->cmp[0].mask == 0 || same_cmps(r, q->inner))
		return RC_DUPLICATE;
	return RC_OK;
}

static enum rc
inner_one(const struct rule *r, void *arg)
{
	struct question q = {
	    .inner = r, .outer = ((const struct question *)arg)->outer};

	if (sandbox_rules(q.outer, covers_one, &q) == RC_DUPLICATE)
		return RC_OK;
	return RC_DENIED;
}

int
sandbox_covers(enum role outer, enum role inner)
{
	struct question q = {.outer = outer};

	return sandbox_rules(inner, inner_one, &q) == RC_OK;
}
