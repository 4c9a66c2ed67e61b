/* A file that is there whole or not at all, and never instead of another. */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct export
{
	char path[PATH_MAX], part[PATH_MAX];
	int fd;
	int named; /* it has its name: nothing is left to remove */
};

enum rc
export_new(const char *path, struct export **out)
{
	static const char suffix[] = ".part";
	size_t len = strlen(path);
	struct export *e;
	struct stat st;
	enum rc rc;

	if (len == 0 || len + sizeof(suffix) > PATH_MAX)
		return RC_LIMIT;
	if (lstat(path, &st) == 0)
		return RC_DUPLICATE;
	if (errno != ENOENT)
		return RC_IO;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return RC_NOMEM;
	memcpy(e->path, path, len);
	memcpy(e->part, path, len);
	memcpy(e->part + len, suffix, sizeof(suffix));
	/* O_EXCL: neither through a link nor into another export */
	e->fd = open(e->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (e->fd == -1) {
		rc = errno == EEXIST ? RC_CONFLICT : RC_IO;
		free(e);
		return rc;
	}
	*out = e;
	return RC_OK;
}

void
export_free(struct export *e)
{
	int saved = errno;

	if (e == NULL)
		return;
	if (e->fd != -1)
		close(e->fd);
	if (!e->named)
		(void)unlink(e->part);
	free(e);
	errno = saved;
}

enum rc
export_add(const void *data, size_t len, void *arg)
{
	const struct export *e = arg;
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(e->fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return RC_IO;
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

/* Makes the folder remember the new name. */
static enum rc
sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	int fd, got;

	if (slash == NULL) {
		memcpy(folder, ".", 2);
	} else {
		len = len == 0 ? 1 : len; /* "/name" */
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return RC_IO;
	got = fsync(fd);
	close(fd);
	return got == 0 ? RC_OK : RC_IO;
}

/* rename(2) that replaces nothing. */
static int
rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* a file system that can not: link(2) replaces nothing either */
	if (link(from, to) == -1)
		return -1;
	return unlink(from);
}

enum rc
export_finish(struct export *e)
{
	int got;

	/* the bytes before the name: a name never shows half a log */
	if (fsync(e->fd) == -1)
		return RC_IO;
	got = close(e->fd);
	e->fd = -1;
	if (got == -1)
		return RC_IO;
	if (rename_new(e->part, e->path) == -1)
		return errno == EEXIST ? RC_DUPLICATE : RC_IO;
	e->named = 1;
	return sync_folder(e->path);
}
