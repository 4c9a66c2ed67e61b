/* Opening what the configuration names, with suspicion. Everything is checked
 * on the open descriptor, not on the path, which may change in between. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096 };

enum rc
file_open_key(const char *path, int *out, const char **why)
{
	struct stat st;
	int fd;

	*why = "";
	/* not blocking: it might be a fifo */
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ELOOP) {
		*why = "is a symbolic link";
		return RC_DENIED;
	}
	if (fd == -1)
		return RC_IO;
	if (fstat(fd, &st) == -1) {
		close(fd);
		return RC_IO;
	}
	if (!S_ISREG(st.st_mode))
		*why = "is not a plain file";
	else if (st.st_uid != geteuid())
		*why = "belongs to another user";
	else if ((st.st_mode & 077) != 0)
		*why = "is open to others: chmod 600";
	else {
		*out = fd;
		return RC_OK;
	}
	close(fd);
	return RC_DENIED;
}

static enum rc
add_all(int fd, struct buf *to)
{
	char chunk[CHUNK];
	struct stat st;
	enum rc rc = RC_OK;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 002) != 0)
		return RC_DENIED;
	while (rc == RC_OK) {
		n = read(fd, chunk, sizeof(chunk));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return RC_IO;
		if (n == 0)
			return RC_OK;
		rc = buf_add(to, chunk, (size_t)n);
	}
	return rc;
}

enum rc
file_add(const char *path, struct buf *to)
{
	enum rc rc;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return RC_IO;
	rc = add_all(fd, to);
	close(fd);
	return rc;
}

enum rc
file_add_pem(const char *path, struct buf *to)
{
	static const char begin[] = "-----BEGIN ";
	size_t before = buf_len(to);
	enum rc rc;

	rc = file_add(path, to);
	if (rc != RC_OK)
		return rc;
	if (memmem(buf_data(to) + before, buf_len(to) - before, begin,
		sizeof(begin) - 1) == NULL)
		return RC_BAD;
	/* the next one begins on a line of its own */
	return buf_add(to, "\n", 1);
}

enum rc
folder_private(const char *path)
{
	enum rc rc = RC_OK;
	struct stat st;
	int fd;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return RC_IO;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return RC_IO;
	if (fstat(fd, &st) == -1)
		rc = RC_IO;
	else if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		rc = RC_DENIED;
	close(fd);
	return rc;
}
