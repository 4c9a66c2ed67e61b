/* The running gateway: what a role may say and what its death means, the order
 * of start and end, delivery runs, and fresh zygotes. The roles are real
 * processes of a few lines of shell. */
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cutoutd_site.h"
#include "events.h"
#include "frame.h"
#include "gateway.h"
#include "log.h"
#include "phases.h"
#include "renewal.h"
#include "runs.h"
#include "sockets.h"

enum { WAIT_MS = 20000, HOUR_MS = 3600000 };

/* the end of its control socket, whatever frames come before */
#define UNTIL_EOF "cat <&3 >/dev/null\n"
/* says so in the file "order" */
#define SAY_BEGIN "echo +${0##*/} >>${0%/*}/../order\n"
#define SAY_END "echo -${0##*/} >>${0%/*}/../order\n"
/* writes each frame's bytes as numbers to NAME.got */
#define NOTE_FRAMES                                                            \
	"while x=$(dd bs=64 count=1 <&3 2>/dev/null | od -An -tu1) && "        \
	"[ -n \"$x\" ]; do echo $x >>$0.got; done\n"
#define BYTE "printf '\\0%o\\000\\000\\001\\0%o' >&3\n"

static struct gateway g;
static int said, desk;

/* Instead of the lock-down, which is for a process's life. */
static enum rc
lock(const struct config *c)
{
	int fd = open("order", O_WRONLY | O_APPEND | O_CLOEXEC);

	ck_assert_ptr_eq(c, g.config);
	ck_assert_int_eq(write(fd, "lock\n", 5), 5);
	close(fd);
	return RC_OK;
}

static void
fixed_ends(void)
{
	g.devnull = open("/dev/null", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(socket_listen("127.0.0.1", 0, &g.listener), RC_OK);
	ck_assert_int_eq(socket_listen_unix("ctl.sock", &g.ctl_listener),
	    RC_OK);
	ck_assert_int_eq(rates_make(&g.rates), RC_OK);
	for (size_t i = 0; i < PAIR_COUNT; i++)
		ck_assert_int_eq(socket_pair(g.pairs[i], 0), RC_OK);
	g.reload_due_ms = now_ms() + HOUR_MS;
}

static void
signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGCHLD);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	g.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	ck_assert_int_ne(g.signals, -1);
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

/* The desk is a listener of ours, so that runs have where to go. */
static void
configure(void)
{
	struct sockaddr_in a = {0};
	socklen_t len = sizeof(a);
	char url[64];
	const struct option_value values[] = {{"destination", "url", url},
	    {"destination", "address", "\"127.0.0.1\""}};
	enum rc rc;

	ck_assert_int_eq(socket_listen("127.0.0.1", 0, &desk), RC_OK);
	ck_assert_int_eq(getsockname(desk, (struct sockaddr *)(void *)&a, &len),
	    0);
	(void)snprintf(url, sizeof(url), "\"https://desk:%d/\"",
	    (int)ntohs(a.sin_port));
	rc = site_parse(site_text(values, 2), &g.config);
	ck_assert_msg(rc == RC_OK, "%s", site_said);
	site_files();
	rc = material_read(g.config, 0, site_complain, &g.current);
	ck_assert_msg(rc == RC_OK, "%s", site_said);
}

static void
setup(void)
{
	static const char *const programs[] = {
	    "keyd", "queue", "signer", "cover", "ctl"};

	memset(&g, 0, sizeof(g));
	site_make();
	ck_assert_int_eq(chdir(site_dir), 0);
	said = open("said", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ne(said, -1);
	ck_assert_int_ne(dup2(said, STDERR_FILENO), -1);
	log_init("cutoutd", STDERR_FILENO);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		site_role(programs[i], SAY_BEGIN SITE_READY UNTIL_EOF SAY_END);
	site_role("screen", SAY_BEGIN SITE_READY SITE_WAIT SAY_END);
	site_role("session", SAY_BEGIN SITE_READY SITE_WAIT SAY_END);
	configure();
	fixed_ends();
	signals();
}

static void
teardown(void)
{
	g.failed = 1; /* at once */
	phases_stop(&g);
	material_free(g.current);
	material_free(g.next);
	config_free(g.config);
	ck_assert_int_eq(chdir("/"), 0);
	site_remove();
}

/* The whole of a file of the site. */
static const char *
text_of(const char *name)
{
	static char text[8192];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd != -1)
		close(fd);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		uint64_t end_ms = now_ms() + WAIT_MS;                          \
		while (!(condition)) {                                         \
			ck_assert_msg(now_ms() < end_ms, "%s: %s", #condition, \
			    text_of("said"));                                  \
			ck_assert_int_eq(events_step(&g, 20), RC_OK);          \
		}                                                              \
	} while (0)

/* Starts one part whose program is this script. */
static struct proc *
start(enum part part, const char *script)
{
	struct proc *p = NULL;

	site_role(part_program(part), script);
	ck_assert_int_eq(gateway_start(&g, part, g.current, 0, NULL, &p),
	    RC_OK);
	ck_assert_int_eq(p->state, PROC_STARTING);
	return p;
}

static size_t
alive(void)
{
	size_t n = 0;

	for (size_t i = 0; i < PROCS_MAX; i++)
		n += g.procs[i].state != PROC_FREE;
	return n;
}

/* --- what a role may say ---------------------------------------------- */

START_TEST(a_role_is_ready_when_it_says_so)
{
	struct proc *p = start(PART_KEYD_TLS, SITE_READY UNTIL_EOF);

	ck_assert_ptr_null(gateway_find(&g, PART_KEYD_TLS, PROC_READY));
	UNTIL(p->state == PROC_READY);
	ck_assert_ptr_eq(gateway_find(&g, PART_KEYD_TLS, PROC_READY), p);
	ck_assert_ptr_null(gateway_find(&g, PART_KEYD_LOG, PROC_READY));
	ck_assert_int_eq(g.failed, 0);
}
END_TEST

/* A role that says what it may not is killed, and that ends the daemon. */
static void
broken_by(enum part part, const char *script)
{
	struct proc *p = start(part, script);

	UNTIL(p->state == PROC_FREE);
	ck_assert_msg(g.failed, "%s", script);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "broke the protocol"));
	ck_assert_ptr_nonnull(strstr(text_of("said"), "ended by signal 9"));
	ck_assert_uint_eq(g.crashed, 0);
	ck_assert_uint_eq(g.run_wanted, 0);
	g.failed = 0;
	ck_assert_int_eq(ftruncate(said, 0), 0);
}

START_TEST(who_says_more_than_it_may_is_ended)
{
	char script[256];

	broken_by(PART_KEYD_TLS, SITE_READY SITE_READY UNTIL_EOF);
	broken_by(PART_KEYD_TLS, "printf 'xyz' >&3\n" UNTIL_EOF);
	(void)snprintf(script, sizeof(script), BYTE UNTIL_EOF, FRAME_READY, 0);
	broken_by(PART_KEYD_TLS, script);
	(void)snprintf(script, sizeof(script), BYTE UNTIL_EOF, FRAME_WANT_RUN,
	    0);
	broken_by(PART_KEYD_TLS, script);
	(void)snprintf(script, sizeof(script), BYTE UNTIL_EOF, FRAME_CRASH, 11);
	broken_by(PART_KEYD_TLS, script);
	/* the queue, of a destination that is none */
	(void)snprintf(script, sizeof(script), BYTE UNTIL_EOF, FRAME_WANT_RUN,
	    1);
	broken_by(PART_QUEUE, script);
	/* what cutoutd says to others */
	(void)snprintf(script, sizeof(script), BYTE UNTIL_EOF, FRAME_RUN, 0);
	broken_by(PART_KEYD_TLS, script);
}
END_TEST

START_TEST(the_words_of_a_role_come_first_and_under_its_name)
{
	struct proc *p = start(PART_CTL,
	    "echo hello >&2; echo 'ctl: fatal: why' >&2; exit 3\n");
	const char *text;

	UNTIL(p->state == PROC_FREE);
	text = text_of("said");
	ck_assert_str_eq(text,
	    "ctl: hello\nctl: fatal: why\ncutoutd: warning: ctl ended with "
	    "3\n");
}
END_TEST

/* --- deaths ----------------------------------------------------------- */

START_TEST(the_death_of_a_part_ends_the_daemon)
{
	struct proc *p = start(PART_CTL, SITE_READY "kill -11 $$\n");

	UNTIL(p->state == PROC_FREE);
	ck_assert_int_eq(g.failed, 1);
	g.failed = 0;
	p = start(PART_SIGNER, "exit 0\n");
	UNTIL(p->state == PROC_FREE);
	ck_assert_int_eq(g.failed, 1);
}
END_TEST

START_TEST(an_expected_end_is_no_failure_but_the_queues)
{
	struct proc *p = start(PART_SIGNER, SITE_READY UNTIL_EOF "exit 1\n");

	UNTIL(p->state == PROC_READY);
	gateway_release(p);
	UNTIL(p->state == PROC_FREE);
	ck_assert_int_eq(g.failed, 0);
	p = start(PART_QUEUE, SITE_READY UNTIL_EOF "exit 1\n");
	UNTIL(p->state == PROC_READY);
	gateway_release(p);
	ck_assert_int_eq(p->state, PROC_DRAINING);
	UNTIL(p->state == PROC_FREE);
	ck_assert_int_eq(g.failed, 1);
}
END_TEST

START_TEST(signals_become_wishes)
{
	ck_assert_int_eq(kill(getpid(), SIGHUP), 0);
	UNTIL(g.reload_wanted);
	ck_assert_int_eq(g.stop_wanted, 0);
	ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
	UNTIL(g.stop_wanted);
}
END_TEST

/* --- start and end ---------------------------------------------------- */

START_TEST(parts_start_after_what_they_lean_on_and_end_before_it)
{
	static const char begun[] = "+keyd\n+keyd\n+keyd\n+queue\n+signer\n"
				    "+screen\n+cover\n+screen\n+ctl\n"
				    "lock\n+session\n";
	static const char *const ended[] = {"-session\n", "-screen\n",
	    "-screen\n", "-signer\n", "-queue\n", "-keyd\n", "-keyd\n",
	    "-keyd\n"};
	const char *text, *at;

	ck_assert_int_eq(phases_start(&g, lock), RC_OK);
	ck_assert_uint_eq(alive(), 10);
	phases_stop(&g);
	ck_assert_uint_eq(alive(), 0);
	ck_assert_int_eq(g.failed, 0);
	text = text_of("order");
	ck_assert_msg(strncmp(text, begun, sizeof(begun) - 1) == 0, "%s", text);
	at = text + sizeof(begun) - 1;
	for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]); i++) {
		const char *found = strstr(at, ended[i]);

		ck_assert_msg(found != NULL, "%s: %s", ended[i], text);
		at = found + strlen(ended[i]);
	}
	/* these two are told in one breath */
	ck_assert(strstr(text, "-ctl\n") < strstr(text, "-screen\n"));
	ck_assert(strstr(text, "-cover\n") < strstr(text, "-screen\n"));
}
END_TEST

START_TEST(a_part_that_does_not_become_ready_ends_the_start)
{
	site_role("signer", "exit 1\n");
	ck_assert_int_eq(phases_start(&g, lock), RC_EOF);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "signer ended with 1"));
	ck_assert_ptr_null(strstr(text_of("order"), "+screen"));
}
END_TEST

START_TEST(a_key_that_others_can_read_ends_the_start)
{
	ck_assert_int_eq(chmod("origin_key", 0644), 0);
	ck_assert_int_eq(phases_start(&g, lock), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of("said"),
	    "origin_key: is open to others"));
	ck_assert_ptr_null(strstr(text_of("order"), "+signer"));
}
END_TEST

START_TEST(a_signal_to_stop_is_heard_while_it_starts)
{
	site_role("signer", "kill $PPID\n" UNTIL_EOF);
	ck_assert_int_eq(phases_start(&g, lock), RC_EOF);
	ck_assert_int_eq(g.stop_wanted, 1);
	phases_stop(&g);
	ck_assert_uint_eq(alive(), 0);
}
END_TEST

/* --- delivery runs ---------------------------------------------------- */

static void
want_run(void)
{
	char script[512];
	struct proc *p;

	(void)snprintf(script, sizeof(script), SITE_READY BYTE NOTE_FRAMES,
	    FRAME_WANT_RUN, 0);
	p = start(PART_QUEUE, script);
	UNTIL(p->state == PROC_READY && g.run_wanted == 1);
}

START_TEST(a_run_gets_a_socket_to_the_desk_and_queue_its_channel)
{
	struct pollfd wait = {.events = POLLIN};
	char got[32] = "";
	int from;

	want_run();
	/* forward: the socket is descriptor 6; its key is for it to read */
	site_role("forward",
	    "head -c 10 <&8 >$0.key; echo to the desk >&6\n" SITE_READY
		UNTIL_EOF);
	runs_turn(&g);
	ck_assert_uint_eq(g.run_wanted, 0);
	wait.fd = desk;
	ck_assert_int_eq(poll(&wait, 1, WAIT_MS), 1);
	from = accept(desk, NULL, NULL);
	ck_assert_int_ne(from, -1);
	ck_assert_int_eq(recv(from, got, 12, MSG_WAITALL), 12);
	ck_assert_str_eq(got, "to the desk\n");
	ck_assert_str_eq(text_of("libexec/forward.key"), "-----BEGIN");
	/* type, zero, length, destination, and that there is a run */
	UNTIL(*text_of("libexec/queue.got") != '\0');
	ck_assert_str_eq(text_of("libexec/queue.got"), "17 0 0 2 0 1\n");
	/* one at a time; the wish is kept until then */
	g.run_wanted = 1;
	runs_turn(&g);
	ck_assert_uint_eq(g.run_wanted, 1);
	UNTIL(gateway_find(&g, PART_FORWARD, PROC_READY) != NULL);
	gateway_release(gateway_find(&g, PART_FORWARD, PROC_READY));
	UNTIL(alive() == 1);
	runs_turn(&g);
	ck_assert_uint_eq(g.run_wanted, 0);
	close(from);
}
END_TEST

START_TEST(a_run_that_can_not_start_is_told_and_a_failed_one_harms_nobody)
{
	want_run();
	site_role("forward", "exit 1\n");
	ck_assert_int_eq(unlink("forward_key"), 0);
	runs_turn(&g);
	UNTIL(*text_of("libexec/queue.got") != '\0');
	ck_assert_str_eq(text_of("libexec/queue.got"), "17 0 0 2 0 0\n");
	ck_assert_int_eq(g.failed, 0);
	site_file("forward_key", "-----BEGIN", 0600);
	g.run_wanted = 1;
	runs_turn(&g);
	UNTIL(alive() == 1);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "forward ended with 1"));
	ck_assert_int_eq(g.failed, 0);
}
END_TEST

/* --- fresh zygotes ---------------------------------------------------- */

/* All parts run; what signer and queue are told is noted. */
static void
run_all(void)
{
	site_role("signer", SITE_READY NOTE_FRAMES);
	site_role("queue", SITE_READY NOTE_FRAMES);
	ck_assert_int_eq(phases_start(&g, lock), RC_OK);
	(void)unlink("libexec/signer.got");
	(void)unlink("libexec/queue.got");
}

#define TURN_UNTIL(condition)                                                  \
	do {                                                                   \
		uint64_t end_ms = now_ms() + WAIT_MS;                          \
		while (!(condition)) {                                         \
			ck_assert_msg(now_ms() < end_ms, "%s: %s", #condition, \
			    text_of("said"));                                  \
			(void)renewal_turn(&g);                                \
			ck_assert_int_eq(events_step(&g, 20), RC_OK);          \
		}                                                              \
	} while (0)

START_TEST(a_crash_brings_a_fresh_zygote_and_the_old_one_drains)
{
	struct proc *old;
	pid_t pid;

	run_all();
	old = gateway_find(&g, PART_SESSION, PROC_READY);
	pid = old->pid;
	g.crashed = 1U << PART_SESSION;
	ck_assert_int_gt(renewal_turn(&g), 0);
	/* it serves until the fresh one does */
	ck_assert_int_eq(old->state, PROC_READY);
	ck_assert_uint_eq(g.crashed, 0);
	TURN_UNTIL(g.renewal.parts == 0);
	ck_assert_int_ne(gateway_find(&g, PART_SESSION, PROC_READY)->pid, pid);
	UNTIL(alive() == 10);
	/* at most one in a second */
	g.crashed = 1U << PART_SESSION;
	ck_assert_int_le(renewal_turn(&g), 1000);
	ck_assert_uint_eq(g.renewal.parts, 0);
	ck_assert_int_eq(g.failed, 0);
	ck_assert_str_eq(text_of("libexec/queue.got"), "");
}
END_TEST

START_TEST(a_reload_tells_the_keepers_before_and_after)
{
	const struct material *before;

	run_all();
	before = g.current;
	g.reload_wanted = 1;
	TURN_UNTIL(g.renewal.parts != 0);
	ck_assert_ptr_eq(g.current, before);
	TURN_UNTIL(g.renewal.parts == 0);
	ck_assert_ptr_null(g.next);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "cutoutd: reloaded\n"));
	/* the old set is forgotten when no old screen is left */
	TURN_UNTIL(!g.drop_owed);
	ck_assert_uint_eq(alive(), 10);
	UNTIL(strstr(text_of("libexec/queue.got"), "15 0 0 0\n") != NULL);
	ck_assert_str_eq(text_of("libexec/queue.got"),
	    "14 0 0 1 0\n15 0 0 0\n");
	ck_assert_int_eq(g.failed, 0);
}
END_TEST

START_TEST(a_file_that_is_gone_leaves_the_old_set_and_an_alarm)
{
	const struct material *before;

	run_all();
	before = g.current;
	ck_assert_int_eq(unlink("police_crl"), 0);
	g.reload_wanted = 1;
	(void)renewal_turn(&g);
	ck_assert_uint_eq(g.renewal.parts, 0);
	ck_assert_int_eq(g.reload_wanted, 0);
	ck_assert_ptr_eq(g.current, before);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "ALARM reload: "));
	ck_assert_ptr_nonnull(strstr(text_of("said"), "police_crl: No such"));
	ck_assert_int_eq(g.failed, 0);
	ck_assert_str_eq(text_of("libexec/queue.got"), "");
}
END_TEST

START_TEST(a_set_that_does_not_serve_changes_partners_trust_alone)
{
	pid_t session, screen;

	run_all();
	session = gateway_find(&g, PART_SESSION, PROC_READY)->pid;
	screen = gateway_find(&g, PART_SCREEN, PROC_READY)->pid;
	site_role("screen", "exit 1\n");
	site_file("partner_crl", "-----BEGIN new-----\n", 0644);
	g.reload_wanted = 1;
	TURN_UNTIL(g.renewal.parts != 0);
	ck_assert_int_eq(g.renewal.kind, RENEWAL_RELOAD);
	/* a crash meanwhile has to wait for its turn */
	g.crashed = 1U << PART_COVER_SCREEN;
	TURN_UNTIL(g.renewal.kind != RENEWAL_RELOAD);
	ck_assert_int_eq(g.renewal.kind, RENEWAL_TRUST);
	ck_assert_uint_eq(g.crashed, 1U << PART_COVER_SCREEN);
	g.crashed = 0;
	TURN_UNTIL(g.renewal.parts == 0 && !g.drop_owed);
	ck_assert_ptr_nonnull(strstr(text_of("said"), "the old go on"));
	ck_assert_int_eq(gateway_find(&g, PART_SCREEN, PROC_READY)->pid,
	    screen);
	ck_assert_int_ne(gateway_find(&g, PART_SESSION, PROC_READY)->pid,
	    session);
	ck_assert_ptr_nonnull(memmem(buf_data(g.current->partner_crl),
	    buf_len(g.current->partner_crl), "BEGIN new", 9));
	/* new, the old again, forget the other */
	UNTIL(strstr(text_of("libexec/queue.got"), "15 0 0 0\n") != NULL);
	ck_assert_str_eq(text_of("libexec/queue.got"),
	    "14 0 0 1 0\n14 0 0 1 1\n15 0 0 0\n");
	ck_assert_int_eq(g.failed, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd gateway");
	TCase *t = tcase_create("gateway");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_role_is_ready_when_it_says_so);
	tcase_add_test(t, who_says_more_than_it_may_is_ended);
	tcase_add_test(t, the_words_of_a_role_come_first_and_under_its_name);
	tcase_add_test(t, the_death_of_a_part_ends_the_daemon);
	tcase_add_test(t, an_expected_end_is_no_failure_but_the_queues);
	tcase_add_test(t, signals_become_wishes);
	tcase_add_test(t,
	    parts_start_after_what_they_lean_on_and_end_before_it);
	tcase_add_test(t, a_part_that_does_not_become_ready_ends_the_start);
	tcase_add_test(t, a_key_that_others_can_read_ends_the_start);
	tcase_add_test(t, a_signal_to_stop_is_heard_while_it_starts);
	tcase_add_test(t,
	    a_run_gets_a_socket_to_the_desk_and_queue_its_channel);
	tcase_add_test(t,
	    a_run_that_can_not_start_is_told_and_a_failed_one_harms_nobody);
	tcase_add_test(t, a_crash_brings_a_fresh_zygote_and_the_old_one_drains);
	tcase_add_test(t, a_reload_tells_the_keepers_before_and_after);
	tcase_add_test(t, a_file_that_is_gone_leaves_the_old_set_and_an_alarm);
	tcase_add_test(t,
	    a_set_that_does_not_serve_changes_partners_trust_alone);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
