/* Reading and writing whole files. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 65536 };

enum rc
file_read_fd(int fd, size_t max, struct buf **out)
{
	struct buf *b = buf_new(max);
	uint8_t *part = malloc(PART);
	enum rc rc = b == NULL || part == NULL ? RC_NOMEM : RC_OK;
	ssize_t n = 1;

	while (rc == RC_OK && n != 0) {
		n = read(fd, part, PART);
		if (n == -1)
			rc = errno == EINTR ? RC_OK : RC_IO;
		else
			rc = buf_add(b, part, (size_t)n);
	}
	free(part);
	if (rc == RC_OK)
		*out = b;
	else
		buf_free(b);
	return rc;
}

enum rc
file_read(const char *path, size_t max, struct buf **out)
{
	struct stat st;
	enum rc rc;
	int fd;

	/* O_NONBLOCK: a pipe of this name must not hold us */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	if (fstat(fd, &st) == -1) {
		rc = RC_IO;
	} else if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		rc = RC_IO;
	} else {
		rc = file_read_fd(fd, max, out);
	}
	close(fd);
	return rc;
}

enum rc
file_write_fd(int fd, const struct buf *b)
{
	const uint8_t *data = buf_data(b);
	size_t left = buf_len(b);

	while (left > 0) {
		ssize_t n = write(fd, data, left);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return RC_IO;
		data += n;
		left -= (size_t)n;
	}
	return RC_OK;
}
