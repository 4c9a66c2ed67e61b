/* ctl: every question reaches queue as numbers or not at all, every answer is
 * whole or visibly cut, and no client costs another one anything. The role
 * runs in a process of its own, here as its library and as the locked-down
 * program; the test is its queue, its cutoutd and its clients. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "frame.h"
#include "program.h"
#include "serve.h"
#include "wire.h"

enum {
	ANSWER = 1 << 20,
	NOBODY = 65534,
	ENDED = 40 /* and the enum rc: no exit status of a sanitizer */
};

static const struct serve_limits limits = {
    .question_ms = 300,
    .stall_ms = 300,
    .answer_ms = 1000,
    .spool_bytes = 65536,
};

static char folder[64], path[100];
static int listener, control[2], queue[2];
static pid_t role;

/* --- the role --------------------------------------------------------- */

static int
listen_at(const char *where)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", where);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	return fd;
}

static void
sockets(void)
{
	program_folder(folder);
	snprintf(path, sizeof(path), "%s/ctl.sock", folder);
	listener = listen_at(path);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     control),
	    0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     queue),
	    0);
	role = -1;
}

static void
hang_up(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* Only the role holds its ends now. */
static void
leave_to_role(void)
{
	hang_up(&listener);
	hang_up(&control[1]);
	hang_up(&queue[1]);
}

static _Noreturn void
run_library(uid_t own)
{
	struct serve *s;
	enum rc rc;

	close(control[0]);
	close(queue[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	s = serve_new(control[1], listener, queue[1], own, &limits);
	if (s == NULL)
		_exit(99);
	do
		rc = serve_once(s);
	while (rc == RC_OK);
	serve_free(s);
	exit(ENDED + (int)rc);
}

/* The exit status is ENDED and the enum rc that ended it. */
static void
start_library_as(uid_t own)
{
	sockets();
	role = fork();
	ck_assert_int_ne(role, -1);
	if (role == 0)
		run_library(own);
	leave_to_role();
}

static void
start_library(void)
{
	start_library_as(getuid());
}

static _Noreturn void
run_program(void)
{
	/* the leak checker stops threads with what the prison refuses */
	static char options[] = "ASAN_OPTIONS=detect_leaks=0";
	static char name[] = ROLES_DIR "/ctl";
	char *argv[] = {name, NULL}, *envp[] = {options, NULL};
	const int from[] = {
	    control[1], open("/dev/null", O_RDONLY), listener, queue[1]};
	int high[4];

	for (int i = 0; i < 4; i++)
		high[i] = fcntl(from[i], F_DUPFD, 100);
	for (int i = 0; i < 4; i++)
		dup2(high[i], FD_CONTROL + i);
	close_range(FD_CTL_QUEUE + 1, ~0U, 0);
	execve(name, argv, envp);
	_exit(98);
}

static void
start_program(void)
{
	struct frame f;

	sockets();
	role = fork();
	ck_assert_int_ne(role, -1);
	if (role == 0)
		run_program();
	leave_to_role();
	ck_assert_int_eq(frame_recv(control[0], &f, 0), RC_OK);
	ck_assert_int_eq(f.type, FRAME_READY);
}

/* Waits for the role's end; gives its exit status, or 128 and the signal. */
static int
role_status(void)
{
	int status;

	ck_assert_int_eq(waitpid(role, &status, 0), role);
	role = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
stop(void)
{
	hang_up(&control[0]);
	if (role != -1)
		ck_assert_int_eq(role_status(), ENDED + RC_EOF);
	hang_up(&queue[0]);
	program_folder_remove(folder);
}

/* --- clients ---------------------------------------------------------- */

static int
client(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void
put(int fd, const void *data, size_t len)
{
	ck_assert_int_eq(send(fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
}

static int
client_asks(const char *line)
{
	int fd = client();

	put(fd, line, strlen(line));
	return fd;
}

/* All that comes to the end, as text; closes fd. */
static const char *
heard(int fd)
{
	static char text[ANSWER + 4096];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, text + len, sizeof(text) - 1 - len, 0)) > 0)
		len += (size_t)n;
	ck_assert(n == 0 || errno == ECONNRESET);
	text[len] = '\0';
	close(fd);
	return text;
}

/* --- queue ------------------------------------------------------------ */

static void
queue_hears(struct frame *f)
{
	ck_assert_int_eq(frame_recv(queue[0], f, 0), RC_OK);
	ck_assert_int_eq(f->type, FRAME_ASK);
	ck_assert_uint_ge(f->len, 1);
}

static void
queue_sends(uint8_t type, const void *data, size_t len)
{
	ck_assert_int_eq(frame_send(queue[0], type, data, len, -1), RC_OK);
}

static void
queue_tells(enum rc told, const char *body)
{
	uint8_t byte = (uint8_t)told;

	queue_sends(FRAME_TELL, &byte, 1);
	ck_assert_int_eq(frame_write_body(queue[0], body, strlen(body)), RC_OK);
}

static int
queue_heard_nothing(void)
{
	struct pollfd p = {.fd = queue[0], .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* One more client is served, and gets the answer to its own question. */
static void
next_is_served(void)
{
	struct frame f;
	int fd = client_asks("{\"verb\":\"status\"}\n");

	queue_hears(&f);
	ck_assert_uint_eq(f.raw_data[0], VERB_STATUS);
	queue_tells(RC_OK, "next\n");
	ck_assert_str_eq(heard(fd), "{\"ok\":true}\nnext\n{\"end\":5}\n");
}

/* --- questions -------------------------------------------------------- */

#define H_64 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static const struct {
	const char *line;
	size_t len;
	uint8_t payload[1 + HASH_LEN];
} good[] = {
    {"{\"verb\":\"status\"}\n", 1, {1}},
    {" { \"verb\" : \"dead-list\" } \r\n", 1, {2}},
    {"{\"verb\":\"dead-retry\",\"all\":true}\n", 1, {3}},
    {"{\"h\":\"" H_64 "\",\"verb\":\"dead-retry\"}\n", 33,
	{3, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
	    0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
	    0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}},
    {"{\"verb\":\"pause\",\"on\":true}\n", 2, {4, 1}},
    {"{\"verb\":\"pause\",\"on\":false}\n", 2, {4, 0}},
    {"{\"verb\":\"log-export\"}\n", 1, {5}},
};
enum { GOOD = sizeof(good) / sizeof(good[0]) };

static void
check_good(size_t i)
{
	int fd = client_asks(good[i].line);
	struct frame f;

	queue_hears(&f);
	ck_assert_uint_eq(f.len, good[i].len);
	ck_assert_mem_eq(f.raw_data, good[i].payload, f.len);
	queue_tells(RC_OK, "{\"a\":1}");
	ck_assert_str_eq(heard(fd), "{\"ok\":true}\n{\"a\":1}\n{\"end\":8}\n");
}

#define LINE(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}
static const struct {
	const char *raw;
	size_t len;
} hostile[] = {
    LINE("\n"),
    LINE("{}\n"),
    LINE("null\n"),
    LINE("[]\n"),
    LINE("\"status\"\n"),
    LINE("status\n"),
    LINE("{\"verb\":1}\n"),
    LINE("{\"verb\":null}\n"),
    LINE("{\"verb\":\"\"}\n"),
    LINE("{\"verb\":\"Status\"}\n"),
    LINE("{\"verb\":\"check\"}\n"),
    LINE("{\"verb\":[\"status\"]}\n"),
    LINE("{\"verb\":\"status\"\n"),
    LINE("{\"verb\":\"status\"}}\n"),
    LINE("{\"verb\":\"status\"} {\"verb\":\"status\"}\n"),
    LINE("{\"verb\":\"status\"}\n{\"verb\":\"status\"}\n"),
    LINE("{\"verb\":\"status\",\"verb\":\"pause\"}\n"),
    LINE("{\"verb\":\"status\",\"more\":1}\n"),
    LINE("{\"verb\":\"log-export\",\"file\":\"/etc/passwd\"}\n"),
    LINE("{\"verb\":\"status\"}\0\n"),
    LINE("{\"verb\":\"sta\0tus\"}\n"),
    LINE("{\"verb\":\"status\\u0000\"}\n"),
    LINE("{\"verb\":\"sta\xff\"}\n"),
    LINE("\xef\xbb\xbf{\"verb\":\"status\"}\n"),
    LINE("{\"verb\":\"pause\"}\n"),
    LINE("{\"verb\":\"pause\",\"on\":1}\n"),
    LINE("{\"verb\":\"pause\",\"on\":\"true\"}\n"),
    LINE("{\"verb\":\"pause\",\"off\":true}\n"),
    LINE("{\"verb\":\"pause\",\"on\":true,\"h\":\"" H_64 "\"}\n"),
    LINE("{\"verb\":\"dead-retry\"}\n"),
    LINE("{\"verb\":\"dead-retry\",\"all\":false}\n"),
    LINE("{\"verb\":\"dead-retry\",\"all\":1}\n"),
    LINE("{\"verb\":\"dead-retry\",\"all\":true,\"h\":\"" H_64 "\"}\n"),
    LINE("{\"verb\":\"dead-retry\",\"h\":\"\"}\n"),
    LINE("{\"verb\":\"dead-retry\",\"h\":\"" H_64 "0\"}\n"),
    LINE("{\"verb\":\"dead-retry\",\"h\":\"g0112233445566778899aabbccddeeff"
	 "00112233445566778899aabbccddeeff\"}\n"),
    LINE("{\"verb\":\"dead-retry\",\"h\":64}\n"),
    LINE("{\"verb\":\"dead-retry\",\"H\":\"" H_64 "\"}\n"),
    LINE("{\"verb\":1e999}\n"),
    LINE("{\"verb\":-99999999999999999999999999}\n"),
};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static void
check_refused(int fd)
{
	const char *text = heard(fd);

	ck_assert_msg(strncmp(text, "{\"ok\":false}\n{\"error\":\"", 23) == 0,
	    "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\"}\n{\"end\":"));
	ck_assert(queue_heard_nothing());
}

static void
check_hostile(size_t i)
{
	int fd = client();

	put(fd, hostile[i].raw, hostile[i].len);
	check_refused(fd);
}

START_TEST(a_question_reaches_queue_as_numbers)
{
	for (size_t i = 0; i < GOOD; i++)
		check_good(i);
}
END_TEST

START_TEST(what_is_not_a_question_is_refused_and_never_reaches_queue)
{
	for (size_t i = 0; i < HOSTILE; i++)
		check_hostile(i);
	next_is_served();
}
END_TEST

START_TEST(a_line_too_long_or_too_deep_is_refused)
{
	char raw[ASK_LINE_MAX + 1];
	int fd;

	/* one byte too many, and the longest line that is one */
	memset(raw, ' ', sizeof(raw));
	raw[ASK_LINE_MAX] = '\n';
	fd = client();
	put(fd, raw, sizeof(raw));
	check_refused(fd);
	memset(raw, '[', sizeof(raw));
	raw[ASK_LINE_MAX - 1] = '\n';
	fd = client();
	put(fd, raw, ASK_LINE_MAX);
	check_refused(fd);
	for (size_t i = 0; i + 5 < ASK_LINE_MAX; i += 5)
		// NOLINTNEXTLINE(bugprone-not-null-terminated-result) bytes
		memcpy(raw + i, "{\"a\":", 5);
	fd = client();
	put(fd, raw, ASK_LINE_MAX);
	check_refused(fd);
	next_is_served();
}
END_TEST

START_TEST(a_line_in_pieces_is_one_line)
{
	static const char line[] = "{\"verb\":\"status\"}\n";
	struct frame f;
	int fd = client();

	for (size_t i = 0; i < sizeof(line) - 1; i++)
		put(fd, line + i, 1);
	queue_hears(&f);
	queue_tells(RC_OK, "");
	ck_assert_str_eq(heard(fd), "{\"ok\":true}\n{\"end\":0}\n");
}
END_TEST

START_TEST(a_line_without_its_end_is_not_acted_on)
{
	int fd = client_asks("{\"verb\":\"dead-retry\",\"all\":true}");

	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	ck_assert_str_eq(heard(fd), "");
	ck_assert(queue_heard_nothing());
	next_is_served();
}
END_TEST

/* --- answers ---------------------------------------------------------- */

START_TEST(a_refusal_of_queue_is_passed_on)
{
	struct frame f;
	int fd = client_asks("{\"verb\":\"dead-retry\",\"h\":\"" H_64 "\"}\n");

	queue_hears(&f);
	queue_tells(RC_NOTFOUND, "");
	ck_assert_str_eq(heard(fd),
	    "{\"ok\":false}\n{\"error\":\"not found\"}\n{\"end\":22}\n");
	fd = client_asks("{\"verb\":\"status\"}\n");
	queue_hears(&f);
	queue_tells(RC_DENIED, "{\"error\":\"no\"}\n");
	ck_assert_str_eq(heard(fd),
	    "{\"ok\":false}\n{\"error\":\"no\"}\n{\"end\":15}\n");
}
END_TEST

/* Sends size bytes of an export, all but its END. */
static void
queue_sends_log(size_t size)
{
	static char line[FRAME_MAX];
	uint8_t ok = RC_OK;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	queue_sends(FRAME_TELL, &ok, 1);
	for (size_t i = 0; i < size; i += sizeof(line))
		queue_sends(FRAME_DATA, line, sizeof(line));
}

static void
queue_sends_end(uint64_t total)
{
	uint8_t number[8];

	put_u64(number, total);
	queue_sends(FRAME_END, number, sizeof(number));
}

START_TEST(an_answer_larger_than_the_spool_comes_whole)
{
	int fd = client_asks("{\"verb\":\"log-export\"}\n");
	const char *text;
	struct frame f;
	pid_t sender;
	size_t len;

	queue_hears(&f);
	/* the answer is larger than what the sockets hold */
	sender = fork();
	ck_assert_int_ne(sender, -1);
	if (sender == 0) {
		queue_sends_log(ANSWER);
		queue_sends_end(ANSWER);
		_exit(0);
	}
	text = heard(fd);
	ck_assert_int_eq(waitpid(sender, NULL, 0), sender);
	len = strlen(text);
	ck_assert_uint_eq(len, 12 + ANSWER + strlen("{\"end\":1048576}\n"));
	ck_assert_str_eq(text + 12 + ANSWER, "{\"end\":1048576}\n");
	ck_assert_int_eq(strspn(text + 12, "x"), FRAME_MAX - 1);
	next_is_served();
}
END_TEST

START_TEST(a_client_that_takes_nothing_costs_only_itself)
{
	int fd = client_asks("{\"verb\":\"log-export\"}\n");
	const char *text;
	struct frame f;

	queue_hears(&f);
	/* blocking: all of it is taken though the client takes nothing */
	queue_sends_log(ANSWER);
	queue_sends_end(ANSWER);
	next_is_served();
	text = heard(fd);
	ck_assert_uint_lt(strlen(text), ANSWER);
	ck_assert_ptr_null(strstr(text, "\"end\""));
}
END_TEST

/* Takes a little at a time, always within stall_ms: only answer_ms can end
 * it. The exit status says whether it was given up. */
static _Noreturn void
drip(int fd)
{
	static char some[32768];
	size_t total = 0;
	ssize_t n;

	while ((n = recv(fd, some, sizeof(some), 0)) > 0) {
		total += (size_t)n;
		poll(NULL, 0, 25);
	}
	_exit(total < (size_t)4 * ANSWER ? 0 : 1);
}

START_TEST(a_client_that_drips_is_given_up_in_the_end)
{
	int fd = client_asks("{\"verb\":\"log-export\"}\n");
	struct frame f;
	pid_t dripper;
	int status;

	queue_hears(&f);
	dripper = fork();
	ck_assert_int_ne(dripper, -1);
	if (dripper == 0)
		drip(fd);
	close(fd);
	queue_sends_log((size_t)4 * ANSWER);
	queue_sends_end((uint64_t)4 * ANSWER);
	next_is_served();
	ck_assert_int_eq(waitpid(dripper, &status, 0), dripper);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_client_that_asks_nothing_costs_only_itself)
{
	int silent = client(), half = client_asks("{\"verb\":");

	next_is_served();
	ck_assert_str_eq(heard(silent), "");
	ck_assert_str_eq(heard(half), "");
}
END_TEST

START_TEST(a_client_that_leaves_costs_only_itself)
{
	struct frame f;
	int fd;

	close(client());
	next_is_served();
	/* before the answer */
	fd = client_asks("{\"verb\":\"log-export\"}\n");
	queue_hears(&f);
	close(fd);
	queue_sends_log(ANSWER);
	queue_sends_end(ANSWER);
	next_is_served();
	/* in the middle of it */
	fd = client_asks("{\"verb\":\"log-export\"}\n");
	queue_hears(&f);
	queue_sends_log(ANSWER / 4);
	close(fd);
	queue_sends_end(ANSWER / 4);
	next_is_served();
}
END_TEST

/* --- strangers -------------------------------------------------------- */

START_TEST(own_user_and_root_may_ask)
{
	ck_assert(serve_may_ask(1000, 1000));
	ck_assert(serve_may_ask(0, 1000));
	ck_assert(serve_may_ask(0, 0));
	ck_assert(!serve_may_ask(1001, 1000));
	ck_assert(!serve_may_ask(1000, 0));
	ck_assert(!serve_may_ask((uid_t)-1, 1000));
}
END_TEST

/* The role may hang up before or after the question is sent: both are right,
 * an answer is not. The exit status: 0 nothing was heard, 1 and 2 the test
 * itself failed, 3 it was heard. */
static _Noreturn void
ask_as_stranger(void)
{
	static const char line[] = "{\"verb\":\"status\"}\n";
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	if (getuid() == 0 && setuid(NOBODY) == -1)
		_exit(1);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		_exit(2);
	if (send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL) == -1 &&
	    errno != EPIPE)
		_exit(2);
	_exit(recv(fd, &byte, 1, 0) > 0 ? 3 : 0);
}

/* As root: another user, let in by wrong modes. As another user: this one is
 * the stranger to a role of somebody else. */
START_TEST(another_user_gets_no_byte)
{
	pid_t child;
	int status;

	start_library_as(getuid() == 0 ? 0 : getuid() + 1);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0)
		ask_as_stranger();
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(queue_heard_nothing());
	if (getuid() == 0)
		next_is_served();
}
END_TEST

/* --- the end ---------------------------------------------------------- */

START_TEST(it_ends_with_cutoutd)
{
	hang_up(&control[0]);
	ck_assert_int_eq(role_status(), ENDED + RC_EOF);
}
END_TEST

START_TEST(it_ends_with_cutoutd_while_a_client_is_there)
{
	int fd = client_asks("{\"verb\":");

	hang_up(&control[0]);
	ck_assert_int_eq(role_status(), ENDED + RC_EOF);
	ck_assert_str_eq(heard(fd), "");
}
END_TEST

START_TEST(it_ends_with_cutoutd_while_queue_thinks)
{
	int fd = client_asks("{\"verb\":\"status\"}\n");
	struct frame f;

	queue_hears(&f);
	hang_up(&control[0]);
	ck_assert_int_eq(role_status(), ENDED + RC_EOF);
	ck_assert_str_eq(heard(fd), "");
}
END_TEST

START_TEST(it_ends_with_queue)
{
	hang_up(&queue[0]);
	ck_assert_int_eq(role_status(), ENDED + RC_EOF);
}
END_TEST

START_TEST(an_order_of_cutoutd_does_not_end_it)
{
	ck_assert_int_eq(frame_send(control[0], FRAME_DRAIN, NULL, 0, -1),
	    RC_OK);
	next_is_served();
}
END_TEST

START_TEST(an_answer_that_queue_cut_is_never_marked_whole)
{
	int fd = client_asks("{\"verb\":\"log-export\"}\n");
	struct frame f;

	queue_hears(&f);
	queue_sends_log(ANSWER / 16);
	hang_up(&queue[0]);
	ck_assert_int_eq(role_status(), ENDED + RC_EOF);
	ck_assert_ptr_null(strstr(heard(fd), "\"end\""));
}
END_TEST

/* Frames of a queue that forgot its protocol, behind a question. */
static const struct {
	uint8_t type[2];
	size_t len[2];
} broken[] = {
    {{FRAME_DATA, 0}, {1, 0}},
    {{FRAME_END, 0}, {8, 0}},
    {{FRAME_ASK, 0}, {1, 0}},
    {{FRAME_TELL, 0}, {0, 0}},
    {{FRAME_TELL, 0}, {2, 0}},
    {{FRAME_TELL, FRAME_TELL}, {1, 1}},
    {{FRAME_TELL, FRAME_DATA}, {1, 0}},
    {{FRAME_TELL, FRAME_END}, {1, 7}},
    {{FRAME_TELL, FRAME_END}, {1, 8}}, /* total is not 0 */
    {{FRAME_TELL, FRAME_VERDICT}, {1, 1}},
};
enum { BROKEN = sizeof(broken) / sizeof(broken[0]) };

START_TEST(a_queue_out_of_form_ends_it)
{
	static const uint8_t ones[8] = {0, 1, 1, 1, 1, 1, 1, 1};
	struct frame f;
	int fd;

	start_library();
	fd = client_asks("{\"verb\":\"status\"}\n");
	queue_hears(&f);
	for (int i = 0; i < 2 && broken[_i].type[i] != 0; i++)
		queue_sends(broken[_i].type[i], ones, broken[_i].len[i]);
	ck_assert_int_eq(role_status(), ENDED + RC_BAD);
	ck_assert_ptr_null(strstr(heard(fd), "\"end\""));
}
END_TEST

START_TEST(a_queue_that_speaks_unasked_ends_it)
{
	uint8_t ok = RC_OK;

	queue_sends(FRAME_TELL, &ok, 1);
	ck_assert_int_eq(role_status(), ENDED + RC_BAD);
}
END_TEST

/* --- the prison ------------------------------------------------------- */

START_TEST(the_locked_role_answers)
{
	for (size_t i = 0; i < GOOD; i++)
		check_good(i);
	for (size_t i = 0; i < HOSTILE; i++)
		check_hostile(i);
	close(client());
	next_is_served();
	hang_up(&control[0]);
	ck_assert_int_eq(role_status(), 0);
}
END_TEST

START_TEST(the_locked_role_drains_for_a_client_that_left)
{
	int fd = client_asks("{\"verb\":\"log-export\"}\n");
	struct frame f;

	queue_hears(&f);
	close(fd);
	queue_sends_log(ANSWER);
	queue_sends_end(ANSWER);
	next_is_served();
	hang_up(&queue[0]);
	ck_assert_int_eq(role_status(), 0);
}
END_TEST

/* ---------------------------------------------------------------------- */

static void
add_questions(TCase *t)
{
	tcase_add_checked_fixture(t, start_library, stop);
	tcase_add_test(t, a_question_reaches_queue_as_numbers);
	tcase_add_test(t,
	    what_is_not_a_question_is_refused_and_never_reaches_queue);
	tcase_add_test(t, a_line_too_long_or_too_deep_is_refused);
	tcase_add_test(t, a_line_in_pieces_is_one_line);
	tcase_add_test(t, a_line_without_its_end_is_not_acted_on);
	tcase_add_test(t, a_refusal_of_queue_is_passed_on);
	tcase_add_test(t, an_answer_larger_than_the_spool_comes_whole);
	tcase_add_test(t, a_client_that_takes_nothing_costs_only_itself);
	tcase_add_test(t, a_client_that_drips_is_given_up_in_the_end);
	tcase_add_test(t, a_client_that_asks_nothing_costs_only_itself);
	tcase_add_test(t, a_client_that_leaves_costs_only_itself);
}

static void
add_ends(TCase *t)
{
	tcase_add_checked_fixture(t, start_library, stop);
	tcase_add_test(t, it_ends_with_cutoutd);
	tcase_add_test(t, it_ends_with_cutoutd_while_a_client_is_there);
	tcase_add_test(t, it_ends_with_cutoutd_while_queue_thinks);
	tcase_add_test(t, it_ends_with_queue);
	tcase_add_test(t, an_order_of_cutoutd_does_not_end_it);
	tcase_add_test(t, an_answer_that_queue_cut_is_never_marked_whole);
	tcase_add_test(t, a_queue_that_speaks_unasked_ends_it);
}

int
main(void)
{
	Suite *suite = suite_create("ctl");
	TCase *questions = tcase_create("questions");
	TCase *ends = tcase_create("ends");
	TCase *alone = tcase_create("alone");
	TCase *prison = tcase_create("prison");
	TCase *users = tcase_create("users");
	SRunner *runner;
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	add_questions(questions);
	add_ends(ends);
	tcase_add_checked_fixture(alone, NULL, stop);
	tcase_add_test(alone, another_user_gets_no_byte);
	tcase_add_loop_test(alone, a_queue_out_of_form_ends_it, 0, BROKEN);
	tcase_add_checked_fixture(prison, start_program, stop);
	tcase_add_test(prison, the_locked_role_answers);
	tcase_add_test(prison, the_locked_role_drains_for_a_client_that_left);
	suite_add_tcase(suite, questions);
	suite_add_tcase(suite, ends);
	suite_add_tcase(suite, alone);
	suite_add_tcase(suite, prison);
	tcase_add_test(users, own_user_and_root_may_ask);
	suite_add_tcase(suite, users);
	tcase_set_timeout(questions, 30);
	tcase_set_timeout(prison, 30);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
