/* Starting one role with exactly the descriptors it is meant to have. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* First out of the way of the final numbers, then into place. */
static int
place(const int *fds, size_t count)
{
	int high[SPAWN_FDS];

	for (size_t i = 0; i < count; i++) {
		high[i] = -1;
		if (fds[i] == -1)
			continue;
		high[i] = fcntl(fds[i], F_DUPFD, SPAWN_FDS);
		if (high[i] == -1)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (high[i] == -1)
			(void)close((int)i);
		else if (dup2(high[i], (int)i) == -1)
			return -1;
	}
	return close_range((unsigned int)count, ~0U, 0);
}

/* In the child, between fork and exec. */
static _Noreturn void
become(const char *path, const char *name, const int *fds, size_t count)
{
	static const char sorry[] = "cutoutd: fatal: a role can not be run\n";
	char program[32];
	char *argv[] = {program, NULL}, *env[] = {NULL};
	sigset_t none;

	(void)memset(program, 0, sizeof(program));
	(void)memccpy(program, name, '\0', sizeof(program) - 1);
	(void)umask(077);
	(void)sigemptyset(&none);
	/* a terminal sends the first two to the whole group: they are
	 * cutoutd's, which ends or renews its roles in order */
	if (signal(SIGINT, SIG_IGN) != SIG_ERR &&
	    signal(SIGHUP, SIG_IGN) != SIG_ERR &&
	    signal(SIGPIPE, SIG_IGN) != SIG_ERR && place(fds, count) == 0 &&
	    sigprocmask(SIG_SETMASK, &none, NULL) == 0)
		(void)execve(path, argv, env);
	if (write(STDERR_FILENO, sorry, sizeof(sorry) - 1) == -1)
		_exit(126);
	_exit(127);
}

enum rc
spawn(const char *path, const char *name, const int *fds, size_t count,
    pid_t *out)
{
	pid_t pid;

	if (count > SPAWN_FDS)
		return RC_LIMIT;
	pid = fork();
	if (pid == -1)
		return RC_IO;
	if (pid == 0)
		become(path, name, fds, count);
	*out = pid;
	return RC_OK;
}
