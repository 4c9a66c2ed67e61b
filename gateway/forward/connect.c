/* connect() of this program. Its socket comes connected, and a way to another
 * place is what it must never open: the filter kills whoever asks the kernel.
 * libcurl 7.88 asks all the same, after CURL_SOCKOPT_ALREADY_CONNECTED too (it
 * was mended in 8.0). This takes the place of the C library's for all libraries
 * here, and says what is true of that socket: no more is to be done but to look
 * whether it has come about, which is what libcurl then does. */
#include <errno.h>

struct sockaddr;

int connect(int fd, const struct sockaddr *address, unsigned int len);
int
connect(int fd, const struct sockaddr *address, unsigned int len)
{
	(void)fd;
	(void)address;
	(void)len;
	errno = EINPROGRESS;
	return -1;
}
