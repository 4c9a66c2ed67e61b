/* The prison: the kernel kills what the table does not name and lets through
 * what it names, for every role; filters that are inherited are never stricter
 * than those of the heirs. Each trial is a process that locks itself down. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "sandbox.h"
#include "sandbox_table.h"
#include "wire.h"

enum {
	NOBODY = 65534,
	NO_SUCH = 0x7fffffff, /* no descriptor, process, address or clock */
	NOT_LOCKED = 99,      /* exit status: the lock-down itself failed */
	TRIALS_MAX = 256,
	WAIT_MS = 5000
};

/* The tables that matter are a release's; a sanitizer's are its own, and its
 * processes are slow to fork. */
#if defined(CUTOUT_SANITIZED)
enum { ROLE_FIRST = ROLE_SCREEN, ROLE_LAST = ROLE_SIGNER };
#else
enum { ROLE_FIRST = 0, ROLE_LAST = ROLE_COUNT - 1 };
#endif

/* --- a process in the prison ------------------------------------------ */

/* The role whose zygote becomes this one, or the role itself. */
static enum role
enters_as(enum role role)
{
	for (unsigned int r = 0; r < ROLE_COUNT; r++) {
		if (sandbox_table((enum role)r)->child == role)
			return (enum role)r;
	}
	return role;
}

static void
lock(enum role role)
{
	enum role first = enters_as(role);

	if (sandbox_enter(first) != RC_OK ||
	    (first != role && sandbox_narrow(role) != RC_OK))
		_exit(NOT_LOCKED);
}

struct trial {
	long nr;
	uint64_t args[SYSCALL_ARGS];
};

static int
status_of(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Where a process is in its list of trials, seen by its parent too. */
static volatile size_t *at;

static _Noreturn void
make_calls(enum role role, const struct trial *t, size_t count)
{
	lock(role);
	for (; *at < count; (*at)++) {
		const struct trial *now = &t[*at];
		const uint64_t *a = now->args;
		long got = syscall(now->nr, a[0], a[1], a[2], a[3], a[4], a[5]);

		/* a fork was let through: this is its child */
		if (now->nr == SYS_clone && got == 0)
			break;
	}
	_exit(0);
}

/* Makes the calls in processes of this role, as many as it takes, and notes
 * which of them killed. */
static void
try_calls(enum role role, const struct trial *t, size_t count, int *killed)
{
	at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne((const void *)(uintptr_t)at, MAP_FAILED);
	for (*at = 0; *at < count; (*at)++) {
		pid_t pid = fork();
		int status;

		ck_assert_int_ne(pid, -1);
		if (pid == 0)
			make_calls(role, t, count);
		status = status_of(pid);
		ck_assert_msg(!WIFEXITED(status) ||
				  WEXITSTATUS(status) != NOT_LOCKED,
		    "%s can not lock itself down", sandbox_role_name(role));
		if (*at < count)
			killed[*at] =
			    WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	}
	munmap((void *)(uintptr_t)at, sizeof(*at));
}

/* The kernel does what the table says. */
static void
check_trials(enum role role, const struct trial *t, size_t count,
    const char *const *names)
{
	int killed[TRIALS_MAX] = {0};

	ck_assert_uint_le(count, TRIALS_MAX);
	try_calls(role, t, count, killed);
	for (size_t i = 0; i < count; i++) {
		int allowed = sandbox_allows(role, (int)t[i].nr, t[i].args);

		ck_assert_msg(killed[i] == !allowed, "%s (role %d), %s: %s",
		    sandbox_role_name(role), (int)role, names[i],
		    allowed ? "in the table, and killed"
			    : "not in the table, and not killed");
	}
}

/* --- calls that no role may make -------------------------------------- */

#define NR(name)                                                               \
	{                                                                      \
		SYS_##name, #name                                              \
	}
struct named {
	long nr;
	const char *name;
};

/* From roles that see bytes from outside, with no exception. cutoutd, which
 * sees none, starts processes and opens files. */
static const struct named never[] = {
    NR(open),
    NR(openat2),
    NR(creat),
    NR(open_by_handle_at),
    NR(execve),
    NR(execveat),
    NR(fork),
    NR(vfork),
    NR(clone3),
    NR(ptrace),
    NR(process_vm_readv),
    NR(process_vm_writev),
    NR(pidfd_open),
    NR(pidfd_getfd),
    NR(kcmp),
    NR(tkill),
    NR(rt_sigqueueinfo),
    NR(socket),
    NR(connect),
    NR(bind),
    NR(listen),
    NR(ioctl),
    NR(unlink),
    NR(unlinkat),
    NR(rename),
    NR(renameat2),
    NR(link),
    NR(symlink),
    NR(mkdirat),
    NR(rmdir),
    NR(mknod),
    NR(chmod),
    NR(fchmod),
    NR(chown),
    NR(truncate),
    NR(utimensat),
    NR(mount),
    NR(umount2),
    NR(chroot),
    NR(pivot_root),
    NR(chdir),
    NR(setuid),
    NR(setresuid),
    NR(setgroups),
    NR(capset),
    NR(unshare),
    NR(setns),
    NR(bpf),
    NR(perf_event_open),
    NR(userfaultfd),
    NR(io_uring_setup),
    NR(keyctl),
    NR(add_key),
    NR(init_module),
    NR(kexec_load),
    NR(memfd_create),
    NR(dup),
    NR(splice),
    NR(sendmmsg),
    NR(pkey_mprotect),
    NR(shmget),
    NR(msgget),
    NR(inotify_init1),
    NR(getdents64),
    NR(reboot),
#if !defined(CUTOUT_SANITIZED) && !defined(CUTOUT_COVERED)
    /* what the sanitizers and counters of other builds need */
    NR(mprotect),
    NR(tgkill),
    NR(openat),
    NR(mkdir),
    NR(readlink),
    NR(access),
    NR(umask),
#endif
};
enum { NEVER = sizeof(never) / sizeof(never[0]) };

static const struct trial nothing_right = {.args = {NO_SUCH, 0, 0, 0, 0, 0}};

/* One role for each loop of the test. */
START_TEST(a_forbidden_call_kills)
{
	enum role role = (enum role)_i;
	struct trial t[NEVER];
	const char *names[NEVER];

	for (size_t i = 0; i < NEVER; i++) {
		t[i] = nothing_right;
		t[i].nr = never[i].nr;
		names[i] = never[i].name;
		if (role == ROLE_CUTOUTD)
			continue;
		ck_assert_msg(!sandbox_allows_any(role, (int)t[i].nr) &&
				  !sandbox_allows(role, (int)t[i].nr,
				      t[i].args),
		    "%s may %s", sandbox_role_name(role), names[i]);
	}
	check_trials(role, t, NEVER, names);
}
END_TEST

/* --- calls with conditions -------------------------------------------- */

enum { FORK = CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD };

static const struct {
	const char *name;
	struct trial trial;
} conditional[] = {
    {"kill SIGTERM", {SYS_kill, {NO_SUCH, SIGTERM}}},
    {"kill SIGKILL", {SYS_kill, {NO_SUCH, SIGKILL}}},
    {"kill SIGUSR1", {SYS_kill, {NO_SUCH, SIGUSR1}}},
    {"kill with a number too long for a signal",
	{SYS_kill, {NO_SUCH, SIGUSR1 | (UINT64_C(1) << 32)}}},
    {"prctl PDEATHSIG", {SYS_prctl, {PR_SET_PDEATHSIG, SIGKILL}}},
    {"prctl DUMPABLE", {SYS_prctl, {PR_SET_DUMPABLE, 1}}},
    {"prctl SECCOMP", {SYS_prctl, {PR_SET_SECCOMP, 0}}},
    {"fork", {SYS_clone, {FORK}}},
    {"a thread",
	{SYS_clone, {CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FS}}},
    {"a namespace", {SYS_clone, {CLONE_NEWUSER | SIGCHLD}}},
    {"a Unix pair", {SYS_socketpair, {AF_UNIX, SOCK_SEQPACKET, 0, 0}}},
    {"another pair", {SYS_socketpair, {AF_INET, SOCK_STREAM, 0, 0}}},
    {"a pair with a protocol", {SYS_socketpair, {AF_UNIX, SOCK_STREAM, 9, 0}}},
    {"a TCP socket", {SYS_socket, {AF_INET, SOCK_STREAM, 0}}},
    {"a UDP socket", {SYS_socket, {AF_INET, SOCK_DGRAM, 0}}},
    {"a Unix socket", {SYS_socket, {AF_UNIX, SOCK_STREAM, 0}}},
    {"a raw socket", {SYS_socket, {AF_INET, SOCK_RAW, 0}}},
    {"a packet socket", {SYS_socket, {AF_PACKET, SOCK_STREAM, 0}}},
    {"a netlink socket", {SYS_socket, {AF_NETLINK, SOCK_STREAM, 0}}},
    {"who is there",
	{SYS_getsockopt, {NO_SUCH, SOL_SOCKET, SO_PEERCRED, 0, 0}}},
    {"another option", {SYS_getsockopt, {NO_SUCH, SOL_SOCKET, SO_ERROR, 0, 0}}},
    {"memory", {SYS_mmap, {0, 0, PROT_READ | PROT_WRITE, 0, NO_SUCH, 0}}},
    {"code", {SYS_mmap, {0, 0, PROT_READ | PROT_EXEC, 0, NO_SUCH, 0}}},
    {"which file is open", {SYS_newfstatat, {NO_SUCH, 0, 0, AT_EMPTY_PATH}}},
    {"which file is there", {SYS_newfstatat, {AT_FDCWD, 0, 0, 0}}},
    {"an end of the own connection",
	{SYS_shutdown, {FD_SESSION_CONNECTION, NO_SUCH}}},
    {"an end of the way to screen", {SYS_shutdown, {FD_SESSION_JOBS, NO_SUCH}}},
    {"an end of the way to keyd", {SYS_shutdown, {FD_SESSION_KEYD, NO_SUCH}}},
};
enum { CONDITIONAL = sizeof(conditional) / sizeof(conditional[0]) };

START_TEST(conditions_hold_in_the_kernel)
{
	struct trial t[CONDITIONAL];
	const char *names[CONDITIONAL];

	for (size_t i = 0; i < CONDITIONAL; i++) {
		t[i] = conditional[i].trial;
		names[i] = conditional[i].name;
	}
	check_trials((enum role)_i, t, CONDITIONAL, names);
}
END_TEST

static const struct {
	size_t at; /* in conditional[] */
	enum role role;
	int allowed;
} said[] = {
    {0, ROLE_SESSION, 1},
    {2, ROLE_SESSION, 0},
    {0, ROLE_SESSION_CHILD, 0},
    {1, ROLE_SCREEN, 1},
    {5, ROLE_SCREEN, 0},
    {7, ROLE_SCREEN_CHILD, 0},
    {7, ROLE_SESSION, 1},
    {8, ROLE_SESSION, 0},
    {10, ROLE_SESSION_CHILD, 1},
    {11, ROLE_SESSION_CHILD, 0},
    {10, ROLE_SCREEN_CHILD, 0},
    {13, ROLE_CUTOUTD, 1},
    {14, ROLE_CUTOUTD, 0},
    {17, ROLE_CUTOUTD, 0},
    {13, ROLE_FORWARD, 0},
    {19, ROLE_CTL, 1},
    {20, ROLE_CTL, 0},
    {21, ROLE_SIGNER, 1},
    {25, ROLE_SESSION_CHILD, 1},
    {26, ROLE_SESSION_CHILD, 0},
    {27, ROLE_SESSION_CHILD, 0},
};

/* The table itself, where a condition is easily got wrong. */
START_TEST(the_table_says_what_is_meant)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const struct trial *t = &conditional[said[i].at].trial;

		ck_assert_msg(sandbox_allows(said[i].role, (int)t->nr,
				  t->args) == said[i].allowed,
		    "%s, %s", sandbox_role_name(said[i].role),
		    conditional[said[i].at].name);
	}
}
END_TEST

/* --- calls that a role may make --------------------------------------- */

/* The call of a rule, with its conditions met and nothing else right. */
static struct trial
trial_of(const struct rule *r)
{
	static const struct timespec at_once;
	struct trial t = nothing_right;

	t.nr = r->nr;
	if (r->nr == SYS_ppoll)
		t.args[2] = (uint64_t)(uintptr_t)&at_once;
	for (size_t i = 0; i < RULE_CMPS && r->cmp[i].mask != 0; i++)
		t.args[r->cmp[i].arg] = r->cmp[i].value;
	return t;
}

struct rules {
	size_t count;
	struct trial trial[TRIALS_MAX];
	const char *why[TRIALS_MAX];
};

static enum rc
add_rule(const struct rule *r, void *arg)
{
	struct rules *all = arg;

	ck_assert_uint_lt(all->count, TRIALS_MAX);
	all->trial[all->count] = trial_of(r);
	all->why[all->count++] = r->why;
	return RC_OK;
}

START_TEST(every_rule_lets_its_call_through)
{
	enum role role = (enum role)_i;
	static struct rules all;

	ck_assert_int_eq(sandbox_rules(role, add_rule, &all), RC_OK);
	ck_assert_uint_gt(all.count, 20);
	for (size_t i = 0; i < all.count; i++)
		ck_assert(sandbox_allows(role, (int)all.trial[i].nr,
		    all.trial[i].args));
	check_trials(role, all.trial, all.count, all.why);
}
END_TEST

/* --- inheritance ------------------------------------------------------ */

START_TEST(who_starts_a_role_may_all_that_it_may)
{
	for (unsigned int outer = 0; outer < ROLE_COUNT; outer++) {
		const struct role_table *t = sandbox_table((enum role)outer);

		for (unsigned int inner = 0; inner < ROLE_COUNT; inner++) {
			if (t->child != inner &&
			    (t->heirs & (UINT32_C(1) << inner)) == 0)
				continue;
			ck_assert_msg(sandbox_covers((enum role)outer,
					  (enum role)inner),
			    "%s would kill %s", t->name,
			    sandbox_role_name((enum role)inner));
		}
	}
	/* cutoutd starts these after its lock-down */
	ck_assert(sandbox_covers(ROLE_CUTOUTD, ROLE_SESSION));
	ck_assert(sandbox_covers(ROLE_CUTOUTD, ROLE_SESSION_CHILD));
	ck_assert(sandbox_covers(ROLE_CUTOUTD, ROLE_SCREEN));
	ck_assert(sandbox_covers(ROLE_CUTOUTD, ROLE_SCREEN_CHILD));
	ck_assert(sandbox_covers(ROLE_CUTOUTD, ROLE_FORWARD));
}
END_TEST

START_TEST(a_child_may_less_than_its_zygote)
{
	ck_assert(!sandbox_covers(ROLE_SESSION_CHILD, ROLE_SESSION));
	ck_assert(!sandbox_covers(ROLE_SCREEN_CHILD, ROLE_SCREEN));
	ck_assert(!sandbox_covers(ROLE_SESSION, ROLE_CUTOUTD));
	ck_assert(!sandbox_covers(ROLE_SCREEN_CHILD, ROLE_SESSION_CHILD));
	/* a connection of its own, a job of its own, once */
	ck_assert(sandbox_allows_any(ROLE_SESSION, SYS_accept4));
	ck_assert(!sandbox_allows_any(ROLE_SESSION_CHILD, SYS_accept4));
	ck_assert(!sandbox_allows_any(ROLE_SESSION_CHILD, SYS_accept));
	ck_assert(sandbox_allows_any(ROLE_SCREEN, SYS_recvmsg));
	ck_assert(!sandbox_allows_any(ROLE_SCREEN_CHILD, SYS_recvmsg));
	ck_assert(!sandbox_allows_any(ROLE_SESSION_CHILD, SYS_recvmsg));
	/* whoever narrows can not do it again */
	ck_assert(!sandbox_allows_any(ROLE_SESSION_CHILD, SYS_seccomp));
	ck_assert(!sandbox_allows_any(ROLE_SCREEN_CHILD, SYS_seccomp));
	/* its deadline stays what it was when the work came */
	ck_assert(sandbox_allows_any(ROLE_SESSION, SYS_alarm));
	ck_assert(sandbox_allows_any(ROLE_SCREEN, SYS_alarm));
	for (size_t i = 0; i < 2; i++) {
		static const enum role children[] = {
		    ROLE_SESSION_CHILD, ROLE_SCREEN_CHILD};

		ck_assert(!sandbox_allows_any(children[i], SYS_alarm));
		ck_assert(!sandbox_allows_any(children[i], SYS_setitimer));
		ck_assert(!sandbox_allows_any(children[i], SYS_setsockopt));
	}
}
END_TEST

/* Whose signal a descriptor sends, and which. */
START_TEST(no_role_signals_by_a_descriptor)
{
	static const int commands[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG};

	if (sandbox_open_world)
		return;
	for (unsigned int r = 0; r < ROLE_COUNT; r++) {
		for (size_t i = 0; i < 3; i++) {
			uint64_t args[SYSCALL_ARGS] = {
			    0, (uint64_t)commands[i]};

			ck_assert_msg(!sandbox_allows((enum role)r, SYS_fcntl,
					  args),
			    "%s", sandbox_role_name((enum role)r));
		}
	}
}
END_TEST

START_TEST(only_the_right_role_is_entered)
{
	ck_assert_int_eq(sandbox_enter(ROLE_COUNT), RC_BAD);
	ck_assert_int_eq(sandbox_narrow(ROLE_SCREEN_CHILD), RC_DENIED);
	ck_assert_ptr_null(sandbox_table(ROLE_COUNT));
	ck_assert_str_eq(sandbox_role_name(ROLE_COUNT), "?");
	ck_assert_int_eq(sandbox_rules(ROLE_COUNT, add_rule, NULL), RC_BAD);
	ck_assert_int_eq(sandbox_follow_parent(getppid()), RC_OK);
	ck_assert_int_eq(sandbox_follow_parent(getpid()), RC_EOF);
}
END_TEST

START_TEST(a_zygote_narrows_to_its_own_child_alone)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		lock(ROLE_SCREEN);
		_exit(sandbox_narrow(ROLE_SESSION_CHILD) == RC_DENIED &&
			      sandbox_narrow(ROLE_SCREEN) == RC_DENIED &&
			      sandbox_narrow(ROLE_SCREEN_CHILD) == RC_OK
			  ? 0
			  : 1);
	}
	ck_assert_int_eq(status_of(pid), 0);
}
END_TEST

/* --- a prisoner seen from outside ------------------------------------- */

struct prisoner {
	pid_t pid;
	int say, hear; /* our ends */
};

/* As an ordinary user, whose processes can be looked into unless they are not
 * dumpable. */
static void
become_ordinary(void)
{
	if ((getuid() == 0 && setuid(NOBODY) == -1) ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1)
		_exit(NOT_LOCKED);
}

/* Says one byte as an ordinary process, hears one, locks itself down, says one
 * more, and waits to be let go. */
static _Noreturn void
be_prisoner(enum role role, int say, int hear)
{
	char byte = 'x';

	become_ordinary();
	if (write(say, &byte, 1) != 1 || read(hear, &byte, 1) != 1)
		_exit(NOT_LOCKED);
	lock(role);
	if (write(say, &byte, 1) != 1 || read(hear, &byte, 1) == -1)
		_exit(NOT_LOCKED);
	_exit(0);
}

static void
prisoner_hear(const struct prisoner *p)
{
	struct pollfd wait = {.fd = p->hear, .events = POLLIN};
	char byte;

	ck_assert_int_eq(poll(&wait, 1, WAIT_MS), 1);
	ck_assert_int_eq(read(p->hear, &byte, 1), 1);
}

static struct prisoner
prisoner_start(enum role role)
{
	int to[2], from[2];
	struct prisoner p;

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	p.pid = fork();
	ck_assert_int_ne(p.pid, -1);
	if (p.pid == 0) {
		close(to[1]);
		close(from[0]);
		be_prisoner(role, from[1], to[0]);
	}
	close(to[0]);
	close(from[1]);
	p.say = to[1];
	p.hear = from[0];
	prisoner_hear(&p);
	return p;
}

static void
prisoner_lock(const struct prisoner *p)
{
	ck_assert_int_eq(write(p->say, "l", 1), 1);
	prisoner_hear(p);
}

static void
prisoner_end(const struct prisoner *p)
{
	close(p->say);
	ck_assert_int_eq(status_of(p->pid), 0);
	close(p->hear);
}

/* A number of /proc/PID/status. */
static long
said_of(pid_t pid, const char *key)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	}
	(void)fclose(f);
	return value;
}

/* What is not dumpable belongs to root here. */
static uid_t
owner_of(pid_t pid)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_uid;
}

START_TEST(nobody_looks_into_a_locked_role)
{
	struct prisoner p = prisoner_start((enum role)_i);

	ck_assert_uint_ne(owner_of(p.pid), 0);
	ck_assert_int_eq(said_of(p.pid, "Seccomp:"), 0);
	prisoner_lock(&p);
	ck_assert_uint_eq(owner_of(p.pid), 0);
	ck_assert_int_eq(said_of(p.pid, "Seccomp:"), 2);
	ck_assert_int_eq(said_of(p.pid, "NoNewPrivs:"), 1);
	prisoner_end(&p);
}
END_TEST

/* What /proc/PID/limits says: "Max processes   0   0   processes". */
static void
check_limit(pid_t pid, const char *what, uint64_t want)
{
	char path[64], line[256], *end;
	uint64_t soft = LIMIT_NONE, hard = LIMIT_NONE;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, what, strlen(what)) != 0)
			continue;
		/* "unlimited" reads as no number: 0 */
		soft = strtoull(line + strlen(what), &end, 10);
		hard = strtoull(end, NULL, 10);
		ck_assert(want == LIMIT_NONE ||
			  strstr(line, "unlimited") == NULL);
	}
	(void)fclose(f);
	ck_assert_msg(soft <= want && hard <= want, "%s", what);
}

START_TEST(limits_of_the_table_hold)
{
	const struct role_table *t = sandbox_table((enum role)_i);
	struct prisoner p = prisoner_start((enum role)_i);

	prisoner_lock(&p);
	check_limit(p.pid, "Max core file size", 0);
	check_limit(p.pid, "Max file size", t->file_bytes);
	check_limit(p.pid, "Max processes", t->processes);
	check_limit(p.pid, "Max address space", t->space_bytes);
	check_limit(p.pid, "Max cpu time", t->cpu_seconds);
	prisoner_end(&p);
}
END_TEST

START_TEST(limits_are_meant)
{
	/* nobody but zygotes and cutoutd makes processes; nobody but queue and
	 * cutoutd grows a file */
	for (unsigned int r = 0; r < ROLE_COUNT; r++) {
		const struct role_table *t = sandbox_table((enum role)r);

		if (t->child == ROLE_COUNT && r != ROLE_CUTOUTD)
			ck_assert_uint_eq(t->processes, 0);
		if (r != ROLE_QUEUE && r != ROLE_CUTOUTD && !sandbox_open_world)
			ck_assert_uint_eq(t->file_bytes, 0);
	}
	ck_assert_uint_ne(sandbox_table(ROLE_SCREEN_CHILD)->cpu_seconds,
	    LIMIT_NONE);
}
END_TEST

/* A role whose parent is gone is gone as well: its end of the pipe closes. */
static void
check_dies_with_parent(enum role role)
{
	struct pollfd wait = {.events = POLLIN};
	int alive[2], never_comes[2];
	pid_t parent;
	char byte;

	ck_assert_int_eq(pipe(alive), 0);
	ck_assert_int_eq(pipe(never_comes), 0);
	parent = fork();
	ck_assert_int_ne(parent, -1);
	if (parent == 0) {
		close(alive[0]);
		if (fork() == 0) {
			lock(role);
			if (write(alive[1], "x", 1) != 1)
				_exit(1);
			_exit(read(never_comes[0], &byte, 1) == 1);
		}
		(void)pause();
		_exit(1);
	}
	close(alive[1]);
	wait.fd = alive[0];
	ck_assert_int_eq(poll(&wait, 1, WAIT_MS), 1);
	ck_assert_int_eq(read(alive[0], &byte, 1), 1);
	ck_assert_int_eq(kill(parent, SIGKILL), 0);
	ck_assert_int_eq(WTERMSIG(status_of(parent)), SIGKILL);
	ck_assert_int_eq(poll(&wait, 1, WAIT_MS), 1);
	ck_assert_int_eq(read(alive[0], &byte, 1), 0);
	close(alive[0]);
	close(never_comes[0]);
	close(never_comes[1]);
}

START_TEST(a_role_dies_with_its_parent)
{
	check_dies_with_parent(ROLE_SIGNER);
	check_dies_with_parent(ROLE_SCREEN);
	check_dies_with_parent(ROLE_FORWARD);
}
END_TEST

/* --- threads ---------------------------------------------------------- */

static void *
wait_and_break(void *arg)
{
	const int *from = arg;
	char byte;

	if (read(*from, &byte, 1) == 1)
		(void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	_exit(0);
}

static _Noreturn void
be_two(void)
{
	pthread_t other;
	int ends[2];

	if (pipe(ends) == -1 ||
	    pthread_create(&other, NULL, wait_and_break, &ends[0]) != 0)
		_exit(NOT_LOCKED);
	lock(ROLE_SIGNER);
	if (write(ends[1], "x", 1) != 1)
		_exit(NOT_LOCKED);
	for (;;)
		(void)poll(NULL, 0, -1);
}

START_TEST(a_thread_from_before_is_locked_as_well)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		be_two();
	status = status_of(pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSYS);
}
END_TEST

/* --- files ------------------------------------------------------------ */

/* What cutoutd may still open and run when one file and one program are left
 * to it. Exit status 0: exactly these. */
static _Noreturn void
be_supervisor(const char *left)
{
	const struct sandbox_path paths[] = {{left, 0}, {"/usr/bin/true", 1}};
	const struct sandbox_leave leave = {.paths = paths, .path_count = 2};
	char *no_args[] = {NULL};

	if (sandbox_enter_leave(ROLE_CUTOUTD, &leave) != RC_OK)
		_exit(NOT_LOCKED);
	if (open(left, O_RDONLY | O_CLOEXEC) == -1)
		_exit(1);
	if (open(left, O_WRONLY | O_CLOEXEC) != -1 || errno != EACCES)
		_exit(2);
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) != -1 || errno != EACCES)
		_exit(3);
	if (execve("/bin/sh", no_args, no_args) != -1 || errno != EACCES)
		_exit(4);
	if (execve(left, no_args, no_args) != -1 || errno != EACCES)
		_exit(5);
	_exit(0);
}

START_TEST(cutoutd_opens_and_runs_only_what_is_left_to_it)
{
	char folder[64], path[96];
	pid_t pid;
	int fd;

	program_folder(folder);
	(void)snprintf(path, sizeof(path), "%s/left", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	ck_assert_int_ne(fd, -1);
	close(fd);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		be_supervisor(path);
	ck_assert_int_eq(status_of(pid), 0);
	program_folder_remove(folder);
}
END_TEST

START_TEST(a_path_that_is_not_there_ends_the_lock_down)
{
	const struct sandbox_path path = {"/nonexistent/file", 0};
	const struct sandbox_leave leave = {.paths = &path, .path_count = 1};

	ck_assert_int_eq(sandbox_enter_leave(ROLE_CUTOUTD, &leave),
	    RC_NOTFOUND);
}
END_TEST

/* ---------------------------------------------------------------------- */

static void
add_inside(TCase *t)
{
	tcase_add_loop_test(t, a_forbidden_call_kills, ROLE_FIRST,
	    ROLE_LAST + 1);
	tcase_add_loop_test(t, conditions_hold_in_the_kernel, ROLE_FIRST,
	    ROLE_LAST + 1);
	tcase_add_loop_test(t, every_rule_lets_its_call_through, ROLE_FIRST,
	    ROLE_LAST + 1);
	tcase_add_test(t, a_zygote_narrows_to_its_own_child_alone);
	tcase_add_test(t, a_thread_from_before_is_locked_as_well);
	if (!sandbox_open_world) {
		tcase_add_test(t,
		    cutoutd_opens_and_runs_only_what_is_left_to_it);
		tcase_add_test(t, a_path_that_is_not_there_ends_the_lock_down);
	}
	tcase_set_timeout(t, 60);
}

static void
add_outside(TCase *t)
{
	tcase_add_loop_test(t, nobody_looks_into_a_locked_role, 0, ROLE_COUNT);
	tcase_add_loop_test(t, limits_of_the_table_hold, 0, ROLE_COUNT);
	tcase_add_test(t, limits_are_meant);
	tcase_add_test(t, a_role_dies_with_its_parent);
	tcase_set_timeout(t, 30);
}

int
main(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *table = tcase_create("table");
	TCase *inside = tcase_create("inside");
	TCase *outside = tcase_create("outside");
	SRunner *runner;
	int failed;

	tcase_add_test(table, the_table_says_what_is_meant);
	tcase_add_test(table, who_starts_a_role_may_all_that_it_may);
	tcase_add_test(table, a_child_may_less_than_its_zygote);
	tcase_add_test(table, no_role_signals_by_a_descriptor);
	tcase_add_test(table, only_the_right_role_is_entered);
	add_inside(inside);
	add_outside(outside);
	suite_add_tcase(suite, table);
	suite_add_tcase(suite, inside);
	suite_add_tcase(suite, outside);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
