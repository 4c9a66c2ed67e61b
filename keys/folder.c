/* A folder of keys: whole files or none, on stable storage, never over
 * another. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	int fd;
	char *path;
};

static enum rc
rc_of_errno(void)
{
	switch (errno) {
	case EEXIST:
		return RC_DUPLICATE;
	case ENOENT:
		return RC_NOTFOUND;
	case ENOSPC:
	case EDQUOT:
		return RC_FULL;
	default:
		return RC_IO;
	}
}

enum rc
folder_open(const char *path, struct folder **out)
{
	struct folder *f;

	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return RC_NOMEM;
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->path = strdup(path);
	if (f->fd == -1 || f->path == NULL) {
		enum rc rc = f->fd == -1 ? rc_of_errno() : RC_NOMEM;

		folder_free(f);
		return rc;
	}
	*out = f;
	return RC_OK;
}

enum rc
folder_change(const char *path, struct folder **out)
{
	struct folder *f = NULL;
	enum rc rc;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return rc_of_errno();
	rc = folder_open(path, &f);
	if (rc != RC_OK)
		return rc;
	if (flock(f->fd, LOCK_EX | LOCK_NB) == -1) {
		rc = errno == EWOULDBLOCK ? RC_AGAIN : RC_IO;
		folder_free(f);
		return rc;
	}
	*out = f;
	return RC_OK;
}

void
folder_free(struct folder *f)
{
	if (f == NULL)
		return;
	if (f->fd != -1)
		close(f->fd);
	free(f->path);
	free(f);
}

const char *
folder_path(const struct folder *f)
{
	return f->path;
}

int
folder_fd(const struct folder *f)
{
	return f->fd;
}

enum rc
folder_inside(struct folder *f, const char *name)
{
	if (mkdirat(f->fd, name, 0700) == -1 && errno != EEXIST)
		return rc_of_errno();
	return fsync(f->fd) == 0 ? RC_OK : RC_IO;
}

int
folder_has(const struct folder *f, const char *name)
{
	struct stat st;

	return fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum rc
read_all(int fd, struct buf *b)
{
	uint8_t part[4096];
	ssize_t n;
	enum rc rc = RC_OK;

	for (;;) {
		n = read(fd, part, sizeof(part));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			rc = RC_IO;
		if (n <= 0)
			break;
		rc = buf_add(b, part, (size_t)n);
		if (rc != RC_OK)
			break;
	}
	explicit_bzero(part, sizeof(part)); /* it may have been a key */
	return rc;
}

enum rc
folder_read(const struct folder *f, const char *name, struct buf **out)
{
	struct buf *b = NULL;
	struct stat st;
	enum rc rc = RC_IO;
	int fd;

	/* O_NONBLOCK: a FIFO put here must not hold us up */
	fd =
	    openat(f->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ELOOP ? RC_BAD : rc_of_errno();
	if (fstat(fd, &st) == -1)
		goto out;
	rc = RC_BAD;
	if (!S_ISREG(st.st_mode))
		goto out;
	rc = RC_NOMEM;
	b = buf_new(KEY_FILE_MAX);
	if (b == NULL)
		goto out;
	rc = read_all(fd, b);
	if (rc != RC_OK)
		goto out;
	*out = b;
	b = NULL;
out:
	buf_free_secret(b);
	close(fd);
	return rc;
}

static enum rc
write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return rc_of_errno();
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

/* The folder that holds name, opened, and the bare name in it. */
static int
open_parent(const struct folder *f, const char *name, const char **bare)
{
	const char *slash = strrchr(name, '/');
	char parent[FOLDER_NAME_MAX + 1];

	*bare = slash == NULL ? name : slash + 1;
	if (slash == NULL)
		return openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((size_t)(slash - name) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, name, (size_t)(slash - name));
	parent[slash - name] = '\0';
	return openat(f->fd, parent,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* rename() would take the place of a file that is there, link() fails then:
 * the kernel decides, no gap lies between a look and the act. */
static enum rc
put_in_place(int parent, const char *temporary, const char *bare, int replace)
{
	if (replace) {
		if (renameat(parent, temporary, parent, bare) == -1)
			return rc_of_errno();
	} else {
		if (linkat(parent, temporary, parent, bare, 0) == -1)
			return rc_of_errno();
		if (unlinkat(parent, temporary, 0) == -1)
			return rc_of_errno();
	}
	return RC_OK;
}

static enum rc
place(struct folder *f, const char *name, mode_t mode, const void *data,
    size_t len, int replace)
{
	char temporary[FOLDER_NAME_MAX + 32];
	const char *bare;
	int parent, fd = -1, made = 0;
	enum rc rc;

	parent = open_parent(f, name, &bare);
	if (parent == -1)
		return rc_of_errno();
	rc = RC_LIMIT;
	if (strlen(bare) > FOLDER_NAME_MAX)
		goto out;
	snprintf(temporary, sizeof(temporary), ".%s.%ld", bare, (long)getpid());
	/* what a killed run with our number left behind */
	unlinkat(parent, temporary, 0);
	fd = openat(parent, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	rc = fd == -1 ? rc_of_errno() : RC_OK;
	if (rc != RC_OK)
		goto out;
	made = 1;
	/* exactly this mode whatever the umask says, before there are bytes */
	rc = fchmod(fd, mode) == 0 ? RC_OK : RC_IO;
	if (rc == RC_OK)
		rc = write_all(fd, data, len);
	if (rc == RC_OK && fsync(fd) == -1)
		rc = rc_of_errno();
	if (rc == RC_OK)
		rc = put_in_place(parent, temporary, bare, replace);
	if (rc != RC_OK)
		goto out;
	made = 0;
	/* the name itself is only safe once the folder is */
	if (fsync(parent) == -1)
		rc = RC_IO;
out:
	if (made)
		unlinkat(parent, temporary, 0);
	if (fd != -1)
		close(fd);
	close(parent);
	return rc;
}

enum rc
folder_add(struct folder *f, const char *name, mode_t mode, const void *data,
    size_t len)
{
	return place(f, name, mode, data, len, 0);
}

enum rc
folder_replace(struct folder *f, const char *name, mode_t mode,
    const void *data, size_t len)
{
	return place(f, name, mode, data, len, 1);
}

enum rc
folder_keep(struct folder *f, const char *name, const char *kept)
{
	if (linkat(f->fd, name, f->fd, kept, 0) == -1)
		return rc_of_errno();
	return RC_OK;
}

static int
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n > s && strcmp(name + n - s, suffix) == 0;
}

enum rc
folder_each(const struct folder *f, const char *inside, const char *suffix,
    enum rc (*each)(const char *name, void *ctx), void *ctx)
{
	struct dirent **found = NULL;
	char path[FOLDER_NAME_MAX + 258];
	enum rc rc = RC_OK;
	int n;

	n = scandirat(f->fd, inside[0] == '\0' ? "." : inside, &found, NULL,
	    alphasort);
	if (n == -1)
		return errno == ENOENT ? RC_OK : RC_IO;
	for (int i = 0; i < n; i++) {
		const char *name = found[i]->d_name;

		if (rc == RC_OK && name[0] != '.' && ends_in(name, suffix)) {
			snprintf(path, sizeof(path), "%s%s%s", inside,
			    inside[0] == '\0' ? "" : "/", name);
			rc = each(path, ctx);
		}
		free(found[i]);
	}
	free(found);
	return rc;
}
