/* The sockets and the table that the daemon makes: none of them survives an
 * exec by itself, waits, or lets in whom it should not. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cutoutd_site.h"
#include "sockets.h"

static void
setup(void)
{
	site_make();
	ck_assert_int_eq(chdir(site_dir), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	site_remove();
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in a = {0};
	socklen_t len = sizeof(a);

	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)(void *)&a, &len),
	    0);
	return ntohs(a.sin_port);
}

static int
option_of(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

START_TEST(a_listener_takes_connections_that_send_at_once)
{
	struct pollfd wait = {.events = POLLIN};
	int listener, client, served;

	ck_assert_int_eq(socket_listen("127.0.0.1", 0, &listener), RC_OK);
	ck_assert_int_eq(fcntl(listener, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(socket_connect("127.0.0.1", port_of(listener),
			     &client),
	    RC_OK);
	ck_assert_int_eq(fcntl(client, F_GETFD), FD_CLOEXEC);
	/* it was not waited for */
	ck_assert_int_ne(fcntl(client, F_GETFL) & O_NONBLOCK, 0);
	wait.fd = listener;
	ck_assert_int_eq(poll(&wait, 1, 10000), 1);
	served = accept(listener, NULL, NULL);
	ck_assert_int_ne(served, -1);
	ck_assert_int_ne(option_of(served, IPPROTO_TCP, TCP_NODELAY), 0);
	ck_assert_int_ne(option_of(client, IPPROTO_TCP, TCP_NODELAY), 0);
	close(served);
	close(client);
	close(listener);
}
END_TEST

START_TEST(names_are_no_addresses)
{
	static const char *const names[] = {
	    "localhost", "", "127.1", "127.0.0.1:80", "::1%lo"};
	int fd = -1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(socket_listen(names[i], 0, &fd), RC_BAD);
		ck_assert_int_eq(socket_connect(names[i], 1, &fd), RC_BAD);
	}
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(a_port_that_is_taken_is_told_by_errno)
{
	int listener, second = -1;

	ck_assert_int_eq(socket_listen("127.0.0.1", 0, &listener), RC_OK);
	ck_assert_int_eq(socket_listen("127.0.0.1", port_of(listener), &second),
	    RC_IO);
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(second, -1);
	close(listener);
}
END_TEST

START_TEST(a_refused_connection_is_seen_at_once_or_on_the_socket)
{
	struct pollfd wait = {.events = POLLOUT};
	int listener, fd = -1;
	uint16_t port;
	enum rc rc;

	ck_assert_int_eq(socket_listen("127.0.0.1", 0, &listener), RC_OK);
	port = port_of(listener);
	close(listener);
	rc = socket_connect("127.0.0.1", port, &fd);
	if (rc == RC_IO) {
		ck_assert_int_eq(errno, ECONNREFUSED);
		return;
	}
	ck_assert_int_eq(rc, RC_OK);
	wait.fd = fd;
	ck_assert_int_eq(poll(&wait, 1, 10000), 1);
	ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	close(fd);
}
END_TEST

START_TEST(only_this_user_connects_to_the_unix_socket)
{
	struct stat st;
	int fd;

	(void)umask(0);
	ck_assert_int_eq(socket_listen_unix("ctl.sock", &fd), RC_OK);
	ck_assert_int_eq(stat("ctl.sock", &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	/* the mask is the caller's again */
	ck_assert_uint_eq(umask(0), 0);
	close(fd);
}
END_TEST

START_TEST(a_stale_socket_goes_and_anything_else_stays)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "ctl.sock"};
	int fd, client, other = -1;
	struct stat st;

	ck_assert_int_eq(socket_listen_unix("ctl.sock", &fd), RC_OK);
	close(fd);
	ck_assert_int_eq(socket_listen_unix("ctl.sock", &fd), RC_OK);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)(void *)&a,
			     sizeof(a)),
	    0);
	close(client);
	close(fd);
	site_file("file", "of somebody", 0600);
	ck_assert_int_eq(socket_listen_unix("file", &other), RC_DENIED);
	ck_assert_int_eq(stat("file", &st), 0);
	ck_assert_int_eq(st.st_size, 11);
	/* not through a link either */
	ck_assert_int_eq(symlink("ctl.sock", "link"), 0);
	ck_assert_int_eq(socket_listen_unix("link", &other), RC_DENIED);
	ck_assert_int_eq(lstat("ctl.sock", &st), 0);
	ck_assert_int_eq(socket_listen_unix("none/ctl.sock", &other), RC_IO);
	ck_assert_int_eq(other, -1);
}
END_TEST

START_TEST(a_path_that_does_not_fit_is_refused)
{
	char path[200];
	int fd = -1;

	memset(path, 'x', sizeof(path));
	path[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = '\0';
	ck_assert_int_eq(socket_listen_unix(path, &fd), RC_LIMIT);
	path[strlen(path) - 1] = '\0';
	ck_assert_int_eq(socket_listen_unix(path, &fd), RC_OK);
	close(fd);
}
END_TEST

START_TEST(a_pair_keeps_packets_apart_and_a_body_pair_is_large)
{
	int small[2], large[2];
	char got[16];

	ck_assert_int_eq(socket_pair(small, 0), RC_OK);
	ck_assert_int_eq(socket_pair(large, 1), RC_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(option_of(small[i], SOL_SOCKET, SO_TYPE),
		    SOCK_SEQPACKET);
		ck_assert_int_eq(fcntl(small[i], F_GETFD), FD_CLOEXEC);
		ck_assert_int_ge(option_of(large[i], SOL_SOCKET, SO_SNDBUF),
		    option_of(small[i], SOL_SOCKET, SO_SNDBUF));
	}
	ck_assert_int_eq(write(small[0], "one", 3), 3);
	ck_assert_int_eq(write(small[0], "two", 3), 3);
	ck_assert_int_eq(read(small[1], got, sizeof(got)), 3);
	for (int i = 0; i < 2; i++) {
		close(small[i]);
		close(large[i]);
	}
}
END_TEST

START_TEST(the_table_of_rates_is_a_random_key_and_zeros)
{
	static unsigned char a[RATES_BYTES + 1], b[RATES_KEY_BYTES];
	static const unsigned char zeros[RATES_BYTES];
	int one, two;

	ck_assert_int_eq(rates_make(&one), RC_OK);
	ck_assert_int_eq(rates_make(&two), RC_OK);
	ck_assert_int_eq(pread(one, a, sizeof(a), 0), RATES_BYTES);
	ck_assert_int_eq(pread(two, b, sizeof(b), 0), RATES_KEY_BYTES);
	/* by chance the same once in 2^128 */
	ck_assert_int_ne(memcmp(a, b, sizeof(b)), 0);
	ck_assert_int_eq(memcmp(a + RATES_KEY_BYTES, zeros,
			     RATES_BYTES - RATES_KEY_BYTES),
	    0);
	/* nobody who gets it can pull it away under the others */
	ck_assert_int_eq(ftruncate(one, 0), -1);
	ck_assert_int_eq(ftruncate(one, RATES_BYTES + 1), -1);
	ck_assert_int_eq(fcntl(one, F_ADD_SEALS, F_SEAL_WRITE), -1);
	ck_assert_int_eq(pwrite(one, "x", 1, RATES_BYTES - 1), 1);
	ck_assert_int_eq(fcntl(one, F_GETFD), FD_CLOEXEC);
	close(one);
	close(two);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd sockets");
	TCase *t = tcase_create("sockets");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_listener_takes_connections_that_send_at_once);
	tcase_add_test(t, names_are_no_addresses);
	tcase_add_test(t, a_port_that_is_taken_is_told_by_errno);
	tcase_add_test(t,
	    a_refused_connection_is_seen_at_once_or_on_the_socket);
	tcase_add_test(t, only_this_user_connects_to_the_unix_socket);
	tcase_add_test(t, a_stale_socket_goes_and_anything_else_stays);
	tcase_add_test(t, a_path_that_does_not_fit_is_refused);
	tcase_add_test(t, a_pair_keeps_packets_apart_and_a_body_pair_is_large);
	tcase_add_test(t, the_table_of_rates_is_a_random_key_and_zeros);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
