/* Every socket and shared table the daemon makes for its roles. */
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TCP_BACKLOG = 1024, CTL_BACKLOG = 8, BODY_BYTES = 4 * 1024 * 1024 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static enum rc
address_of(const char *text, uint16_t port, union address *a, socklen_t *len)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		*len = sizeof(a->v4);
		return RC_OK;
	}
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		*len = sizeof(a->v6);
		return RC_OK;
	}
	return RC_BAD;
}

static enum rc
failed(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return RC_IO;
}

enum rc
socket_listen(const char *address, uint16_t port, int *out)
{
	union address a;
	socklen_t len;
	int fd, on = 1;
	enum rc rc;

	rc = address_of(address, port, &a, &len);
	if (rc != RC_OK)
		return rc;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return RC_IO;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1 ||
	    bind(fd, &a.any, len) == -1 || listen(fd, TCP_BACKLOG) == -1)
		return failed(fd);
	*out = fd;
	return RC_OK;
}

/* Whether somebody listens there. Not blocking: with many waiting it is not
 * waited for either (EAGAIN). */
static int
is_served(const struct sockaddr_un *a)
{
	int fd, served;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return 1;
	served = connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 ||
		 (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return served;
}

static enum rc
remove_stale(const struct sockaddr_un *a)
{
	struct stat st;

	if (lstat(a->sun_path, &st) == -1)
		return errno == ENOENT ? RC_OK : RC_IO;
	if (!S_ISSOCK(st.st_mode))
		return RC_DENIED;
	if (is_served(a)) {
		errno = EADDRINUSE;
		return RC_IO;
	}
	return unlink(a->sun_path) == 0 ? RC_OK : RC_IO;
}

enum rc
socket_listen_unix(const char *path, int *out)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	enum rc rc;
	mode_t mask;
	int fd, got;

	if (strlen(path) >= sizeof(a.sun_path))
		return RC_LIMIT;
	memcpy(a.sun_path, path, strlen(path));
	rc = remove_stale(&a);
	if (rc != RC_OK)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return RC_IO;
	/* 0600 from its first moment on */
	mask = umask(0177);
	got = bind(fd, (const struct sockaddr *)&a, sizeof(a));
	(void)umask(mask);
	if (got == -1 || listen(fd, CTL_BACKLOG) == -1)
		return failed(fd);
	*out = fd;
	return RC_OK;
}

enum rc
socket_pair(int pair[2], int body)
{
	static const int bytes = BODY_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return RC_IO;
	/* the kernel cuts it to what it allows; less is slower, not wrong */
	for (int i = 0; body && i < 2; i++) {
		(void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &bytes,
		    sizeof(bytes));
		(void)setsockopt(pair[i], SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes));
	}
	return RC_OK;
}

enum rc
socket_connect(const char *address, uint16_t port, int *out)
{
	union address a;
	socklen_t len;
	int fd, on = 1;
	enum rc rc;

	rc = address_of(address, port, &a, &len);
	if (rc != RC_OK)
		return rc;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd == -1)
		return RC_IO;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, &a.any, len) == -1 && errno != EINPROGRESS)
		return failed(fd);
	*out = fd;
	return RC_OK;
}

enum rc
rates_make(int *out)
{
	uint8_t key[RATES_KEY_BYTES];
	int fd;

	fd = memfd_create("rates", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return RC_IO;
	arc4random_buf(key, sizeof(key));
	if (ftruncate(fd, RATES_BYTES) == -1 ||
	    pwrite(fd, key, sizeof(key), 0) != (ssize_t)sizeof(key) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		-1) {
		explicit_bzero(key, sizeof(key));
		return failed(fd);
	}
	explicit_bzero(key, sizeof(key));
	*out = fd;
	return RC_OK;
}
