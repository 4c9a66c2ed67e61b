/* One question to a running gateway, over its control socket. */
#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 65536 };

static enum rc
daemon_connect(const char *path, int *out)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd, saved;

	if (strlen(path) >= sizeof(a.sun_path))
		return RC_LIMIT;
	memcpy(a.sun_path, path, strlen(path));
	/* non-blocking: a gateway whose queue of clients is full does not
	 * hold this program up */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return RC_IO;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0) {
		*out = fd;
		return RC_OK;
	}
	saved = errno;
	close(fd);
	errno = saved;
	switch (saved) {
	case ENOENT:
	case ENOTDIR:
	case ENOTSOCK:
	case ECONNREFUSED:
		return RC_NOTFOUND;
	case EACCES:
	case EPERM:
		return RC_DENIED;
	case EAGAIN:
		return RC_TIMEOUT;
	default:
		return RC_IO;
	}
}

static enum rc
ready(int fd, short events, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, wait_ms);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return RC_IO;
	return n == 0 ? RC_TIMEOUT : RC_OK;
}

static enum rc
send_line(int fd, const char *line, int wait_ms)
{
	size_t len = strlen(line);

	while (len > 0) {
		enum rc rc = ready(fd, POLLOUT, wait_ms);
		ssize_t n;

		if (rc != RC_OK)
			return rc;
		n = send(fd, line, len, MSG_NOSIGNAL);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == -1)
			return errno == EPIPE || errno == ECONNRESET ? RC_EOF
								     : RC_IO;
		line += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

static enum rc
receive(int fd, int wait_ms, struct answer *a)
{
	static char raw[PIECE];
	enum rc rc;

	for (;;) {
		ssize_t n;

		rc = ready(fd, POLLIN, wait_ms);
		if (rc != RC_OK)
			return rc;
		n = recv(fd, raw, sizeof(raw), 0);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		/* a reset is an end: the last line tells whether too early */
		if (n == -1 && errno != ECONNRESET)
			return RC_IO;
		if (n <= 0)
			return answer_end(a);
		rc = answer_feed(a, raw, (size_t)n);
		if (rc != RC_OK)
			return rc;
	}
}

enum rc
daemon_ask(const char *path, const char *line, int wait_ms, struct answer *a)
{
	int fd, saved;
	enum rc rc;

	rc = daemon_connect(path, &fd);
	if (rc != RC_OK)
		return rc;
	rc = send_line(fd, line, wait_ms);
	if (rc == RC_OK)
		rc = receive(fd, wait_ms, a);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}
