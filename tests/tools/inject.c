/* Makes a live process perform one system call, by ptrace, and says what came
 * of it: the prison tests make each forbidden call inside the real release
 * processes with it.
 *
 *	inject PID NUMBER [ARGUMENT...]
 *
 * Prints "killed N" when the process died of signal N, or "returned V" when
 * the call came back; the process then goes on as if nothing had been. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 6, CHUNK = 4096 };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* Finds the bytes of a syscall instruction in one mapping. */
static uint64_t
find_in(int mem, uint64_t from, uint64_t to)
{
	unsigned char piece[CHUNK];

	for (uint64_t at = from; at < to; at += CHUNK) {
		ssize_t n = pread(mem, piece, sizeof(piece), (off_t)at);

		for (ssize_t i = 0; i + 1 < n; i++) {
			if (piece[i] == 0x0f && piece[i + 1] == 0x05)
				return at + (uint64_t)i;
		}
	}
	return 0;
}

/* "from-to perms ...": whether it may be executed. */
static int
executable(const char *line, uint64_t *from, uint64_t *to)
{
	char *end;

	*from = strtoul(line, &end, 16);
	if (*end != '-')
		return 0;
	*to = strtoul(end + 1, &end, 16);
	return strncmp(end, " r-x", 4) == 0 && strstr(line, "vsyscall") == NULL;
}

static uint64_t
find_syscall(pid_t pid)
{
	char path[64], line[512];
	uint64_t from, to, found = 0;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		die(path);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (mem == -1)
		die(path);
	while (found == 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (executable(line, &from, &to))
			found = find_in(mem, from, to);
	}
	(void)fclose(maps);
	close(mem);
	if (found == 0) {
		fprintf(stderr, "inject: no syscall instruction found\n");
		exit(1);
	}
	return found;
}

static void
set_call(struct user_regs_struct *r, uint64_t at, const uint64_t *v)
{
	r->rip = at;
	r->rax = v[0];
	/* or the kernel would restart the call that the stop interrupted */
	r->orig_rax = (unsigned long long)-1;
	r->rdi = v[1];
	r->rsi = v[2];
	r->rdx = v[3];
	r->r10 = v[4];
	r->r8 = v[5];
	r->r9 = v[6];
}

/* Steps until the call was made, or nobody is left to make it. Stops for
 * another reason may come before: the one of the attaching, when a signal was
 * pending. Those signals are dropped. */
static int
make_call(pid_t pid, uint64_t at)
{
	struct user_regs_struct r;
	int status;

	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1 ||
		    waitpid(pid, &status, 0) == -1)
			die("step");
		if (!WIFSTOPPED(status))
			return status;
		/* a kill by the filter may first show as a stop with it */
		if (WSTOPSIG(status) == SIGSYS) {
			if (ptrace(PTRACE_CONT, pid, NULL, SIGSYS) == -1 ||
			    waitpid(pid, &status, 0) == -1)
				die("cont");
			return status;
		}
		if (ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
			die("getregs");
		if (r.rip != at)
			return status;
	}
}

int
main(int argc, char **argv)
{
	struct user_regs_struct saved, r;
	uint64_t v[1 + ARGS_MAX] = {0};
	int status;
	pid_t pid;

	if (argc < 3 || argc > 3 + ARGS_MAX) {
		fprintf(stderr, "usage: inject PID NUMBER [ARGUMENT...]\n");
		return 2;
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	for (int i = 2; i < argc; i++)
		v[i - 2] = (uint64_t)strtoll(argv[i], NULL, 0);

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1)
		die("attach");
	if (waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status))
		die("waitpid");
	if (ptrace(PTRACE_GETREGS, pid, NULL, &saved) == -1)
		die("getregs");
	r = saved;
	set_call(&r, find_syscall(pid), v);
	if (ptrace(PTRACE_SETREGS, pid, NULL, &r) == -1)
		die("setregs");
	status = make_call(pid, r.rip);
	if (WIFSIGNALED(status)) {
		printf("killed %d\n", WTERMSIG(status));
		return 0;
	}
	if (WIFEXITED(status)) {
		printf("exited %d\n", WEXITSTATUS(status));
		return 0;
	}
	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
		die("getregs");
	printf("returned %lld\n", (long long)r.rax);
	if (ptrace(PTRACE_SETREGS, pid, NULL, &saved) == -1 ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL) == -1)
		die("detach");
	return 0;
}
