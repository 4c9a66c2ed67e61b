/* For tests: runs a command line and keeps what it said. */
#include "program.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t
collect(int fd, char *out, size_t size)
{
	char rest[512] = {0};
	size_t len = 0;
	ssize_t n;

	for (;;) {
		int full = len + 1 >= size;

		n = read(fd, full ? rest : out + len,
		    full ? sizeof(rest) : size - 1 - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (!full)
			len += (size_t)n;
	}
	return len;
}

int
program_run(char *out, size_t size, const char *fmt, ...)
{
	char command[4096];
	int ends[2], status = 0, n;
	va_list ap;
	pid_t pid;

	va_start(ap, fmt);
	/* clang-tidy 14 is wrong about every file after the first of a run,
	 * and this one is compiled for several tests */
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
	n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	ck_assert(n > 0 && (size_t)n < sizeof(command));
	ck_assert(pipe(ends) == 0);
	pid = fork();
	ck_assert(pid != -1);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	out[collect(ends[0], out, size)] = '\0';
	close(ends[0]);
	ck_assert(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

void
program_folder(char path[64])
{
	snprintf(path, 64, "/tmp/cutout-check.XXXXXX");
	ck_assert(mkdtemp(path) != NULL);
}

void
program_folder_remove(const char *path)
{
	char out[64];

	ck_assert(strncmp(path, "/tmp/cutout-check.", 18) == 0);
	program_run(out, sizeof(out), "rm -rf '%s'", path);
}
