/* The socket that the gateway connects to. */
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESS_SIZE = 64, PORT_SIZE = 6, BACKLOG = 64 };

/* Takes the text apart at its last colon, without brackets. */
static enum rc
split(const char *text, char address[ADDRESS_SIZE], const char **port)
{
	const char *colon = strrchr(text, ':'), *end = colon;
	size_t len;

	if (colon == NULL)
		return RC_BAD;
	if (text[0] == '[' && colon > text && colon[-1] == ']') {
		text++;
		end--;
	} else if (memchr(text, ':', (size_t)(colon - text)) != NULL) {
		return RC_BAD; /* of which colon is the port? */
	}
	len = (size_t)(end - text);
	if (len == 0 || len >= ADDRESS_SIZE)
		return RC_BAD;
	memcpy(address, text, len);
	address[len] = '\0';
	*port = colon + 1;
	len = strlen(*port);
	return len > 0 && len < PORT_SIZE && strspn(*port, "0123456789") == len
		   ? RC_OK
		   : RC_BAD;
}

static enum rc
open_socket(const struct addrinfo *a, int *out)
{
	int fd, on = 1;

	fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return RC_IO;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, a->ai_addr, a->ai_addrlen) == -1 ||
	    listen(fd, BACKLOG) == -1) {
		int why = errno;

		close(fd);
		errno = why;
		return RC_IO;
	}
	*out = fd;
	return RC_OK;
}

enum rc
listen_on(const char *text, int *out)
{
	struct addrinfo want = {
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	char address[ADDRESS_SIZE];
	struct addrinfo *list = NULL;
	const char *port;
	enum rc rc;

	rc = split(text, address, &port);
	if (rc != RC_OK)
		return rc;
	if (getaddrinfo(address, port, &want, &list) != 0)
		return RC_BAD;
	rc = open_socket(list, out);
	freeaddrinfo(list);
	return rc;
}
