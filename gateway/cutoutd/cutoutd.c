/* cutoutd, the supervisor: it starts the gateway's processes, gives each what
 * it needs, watches over them and ends them. It parses no byte from outside
 * and holds no key. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "events.h"
#include "files.h"
#include "gateway.h"
#include "identity.h"
#include "lock.h"
#include "log.h"
#include "phases.h"
#include "renewal.h"
#include "runs.h"
#include "sockets.h"

#define DEFAULT_CONFIG "/etc/cutout/cutoutd.conf"

enum {
	EXIT_USAGE = 2,
	HOUR_MS = 3600000,
	DAY_MS = 24 * HOUR_MS,
	FILES_FIXED = 64, /* of a role, besides those that its work brings */
	LISTEN_TRIES = 100,
	LISTEN_PAUSE_NS = 50000000
};

static void
usage(FILE *to)
{
	(void)fputs(
	    "usage: cutoutd [-c FILE] [--check]\n"
	    "       cutoutd --options | --help | --version\n"
	    "\n"
	    "Runs the cutout gateway in the foreground; started as root it "
	    "becomes the\nconfigured user first.\n"
	    "\n"
	    "  -c, --config FILE  configuration (default: " DEFAULT_CONFIG ")\n"
	    "      --check        say whether configuration and files are "
	    "right, and end\n"
	    "      --options      list every option with default and range\n"
	    "\n"
	    "signals: HUP reads certificates, revocation lists, recipients "
	    "and code lists\n         anew; TERM and INT end it in order.\n"
	    "exit: 0 ended in order or check passed, 1 failed, 2 usage or "
	    "configuration\n",
	    to);
}

struct arguments {
	const char *config;
	int check;
};

/* Returns -1 to go on, else the exit code. */
static int
arguments_read(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check", no_argument, NULL, 'k'},
	    {"options", no_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	int ch;

	while ((ch = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (ch) {
		case 'c':
			a->config = optarg;
			break;
		case 'k':
			a->check = 1;
			break;
		case 'o':
			config_print_options(stdout);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("cutoutd " CUTOUT_VERSION);
			return 0;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static void
complain(const char *sentence)
{
	warnx("%s", sentence);
}

/* --- making ready ----------------------------------------------------- */

static _Noreturn void
stop_at(const char *what, enum rc rc)
{
	fatal("%s: %s", what, rc == RC_IO ? strerror(errno) : rc_text(rc));
}

/* Descriptors 0, 1 and 2 exist from here on, so that none of ours gets one of
 * their numbers, and nothing else was inherited. */
static void
descriptors(struct gateway *g)
{
	int fd;

	/* first, or what is opened here lies above what was inherited */
	if (close_range(STDERR_FILENO + 1, ~0U, 0) == -1)
		fatal("close_range: %s", strerror(errno));
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd == -1)
		_exit(1);
	g->devnull = fd;
}

static void
log_open(const struct config *c)
{
	int fd;

	if (*c->log == '\0')
		return;
	fd = open(c->log,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		fatal("option log: %s: %s", c->log, strerror(errno));
	if (dup2(fd, STDERR_FILENO) == -1)
		fatal("option log: %s", strerror(errno));
	close(fd);
}

static void
signals_block(struct gateway *g)
{
	static const int ours[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		(void)sigaddset(&set, ours[i]);
		/* whoever started this may ignore it: with SIGCHLD ignored
		 * the kernel reaps, and no death is ever seen */
		if (signal(ours[i], SIG_DFL) == SIG_ERR)
			fatal("signals: %s", strerror(errno));
	}
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_SETMASK, &set, NULL) == -1)
		fatal("signals: %s", strerror(errno));
	g->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (g->signals == -1)
		fatal("signalfd: %s", strerror(errno));
}

static void
pid_write(const struct config *c)
{
	char text[32];
	int fd, n;

	if (*c->pid_file == '\0')
		return;
	fd = open(c->pid_file,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (fd == -1 || n < 0 || write(fd, text, (size_t)n) != n)
		fatal("option pid_file: %s: %s", c->pid_file, strerror(errno));
	close(fd);
}

/* Keys are opened to look at them and given to nobody yet. */
static enum rc
keys_check(const struct config *c)
{
	const char *const keys[] = {c->tls_key, c->origin_key, c->log_key,
	    c->promise_key, c->forward_key};
	enum rc rc = RC_OK, one;
	const char *why;
	int fd;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		one = file_open_key(keys[i], &fd, &why);
		if (one == RC_OK) {
			close(fd);
			continue;
		}
		warnx("%s: %s", keys[i], one == RC_IO ? strerror(errno) : why);
		rc = RC_CONFIG;
	}
	return rc;
}

static enum rc
programs_check(const struct config *c)
{
	char path[PATH_MAX];
	enum rc rc = RC_OK;

	for (unsigned int p = 0; p < PART_COUNT; p++) {
		int n = snprintf(path, sizeof(path), "%s/%s", c->libexec,
		    part_program((enum part)p));

		if (n > 0 && (size_t)n < sizeof(path) &&
		    access(path, X_OK) == 0)
			continue;
		warnx("option libexec: %s: %s", path, strerror(errno));
		rc = RC_CONFIG;
	}
	return rc;
}

/* A gateway that was killed leaves its port to its waiting session processes,
 * and the operator's socket to ctl, until the kernel has ended them too: a
 * restart comes a moment too early. ctl_path: of that socket; NULL: the port.
 */
static enum rc
listen_soon(const struct config *c, const char *ctl_path, int *out)
{
	const struct timespec pause = {.tv_nsec = LISTEN_PAUSE_NS};
	enum rc rc = RC_IO;

	for (int i = 0; i < LISTEN_TRIES; i++) {
		rc = ctl_path != NULL
			 ? socket_listen_unix(ctl_path, out)
			 : socket_listen(c->listen, (uint16_t)c->port, out);
		if (rc != RC_IO || errno != EADDRINUSE)
			break;
		(void)nanosleep(&pause, NULL);
		errno = EADDRINUSE;
	}
	return rc;
}

static void
sockets_open(struct gateway *g)
{
	const struct config *c = g->config;
	char path[PATH_MAX];
	enum rc rc;
	int n;

	rc = listen_soon(c, NULL, &g->listener);
	if (rc != RC_OK)
		stop_at("options listen, port", rc);
	if (*c->ctl_socket != '\0')
		n = snprintf(path, sizeof(path), "%s", c->ctl_socket);
	else
		n = snprintf(path, sizeof(path), "%s/ctl.sock", c->data);
	if (n < 0 || (size_t)n >= sizeof(path))
		stop_at("option ctl_socket", RC_LIMIT);
	rc = listen_soon(c, path, &g->ctl_listener);
	if (rc != RC_OK)
		stop_at("option ctl_socket", rc);
	rc = rates_make(&g->rates);
	for (size_t i = 0; i < PAIR_COUNT && rc == RC_OK; i++)
		rc = socket_pair(g->pairs[i], i == PAIR_SIGNER);
	if (rc != RC_OK)
		stop_at("sockets", rc);
}

/* Everything that can be wrong before the first role starts. */
static enum rc
look_at_files(struct gateway *g)
{
	enum rc rc, one;

	rc = material_read(g->config, 0, complain, &g->current);
	one = keys_check(g->config);
	if (one != RC_OK)
		rc = one;
	one = programs_check(g->config);
	return one != RC_OK ? one : rc;
}

/* A connection is a descriptor in its session's zygote, a report one in screen
 * and in signer, and while zygotes are renewed there are two of each. Without
 * them roles would fail under load, so it is said now. */
static enum rc
open_files_check(const struct config *c)
{
	const rlim_t need =
	    FILES_FIXED +
	    2 * (rlim_t)(c->limits.max_connections + c->screen.spare);
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		return RC_IO;
	if (l.rlim_max < need) {
		warnx("option limits.max_connections: needs %llu open files, "
		      "and this process may have %llu (ulimit -Hn)",
		    (unsigned long long)need, (unsigned long long)l.rlim_max);
		return RC_CONFIG;
	}
	l.rlim_cur = l.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &l) == 0 ? RC_OK : RC_IO;
}

/* --- running ---------------------------------------------------------- */

/* A line when a process crashes would be about one report. */
static void
tell_crashes(struct gateway *g, uint64_t *due_ms)
{
	if (now_ms() < *due_ms)
		return;
	*due_ms += DAY_MS;
	if (g->crashes > 0)
		warnx("day crashed=%u", g->crashes);
	g->crashes = 0;
}

static void
supervise(struct gateway *g)
{
	uint64_t due_ms = now_ms() + DAY_MS;

	while (!g->failed && !g->stop_wanted) {
		int wait_ms = renewal_turn(g);

		tell_crashes(g, &due_ms);
		runs_turn(g);
		if (g->failed || events_step(g, wait_ms) != RC_OK)
			g->failed = 1;
	}
}

static int
run(struct gateway *g)
{
	enum rc rc;

	rc = phases_start(g, lock_down);
	if (rc == RC_OK) {
		g->reload_due_ms = now_ms() + HOUR_MS;
		note("ready");
		supervise(g);
	} else if (!g->stop_wanted) {
		g->failed = 1;
	}
	phases_stop(g);
	if (g->failed)
		warnx("stopped: a part failed");
	else
		note("stopped");
	return g->failed ? 1 : 0;
}

static void
gateway_init(struct gateway *g)
{
	g->devnull = g->signals = g->listener = g->ctl_listener = -1;
	g->rates = -1;
}

int
main(int argc, char **argv)
{
	struct arguments a = {.config = DEFAULT_CONFIG};
	static struct gateway g;
	int code;

	log_init("cutoutd", STDERR_FILENO);
	code = arguments_read(argc, argv, &a);
	if (code != -1)
		return code;
	gateway_init(&g);
	descriptors(&g);
	(void)umask(077);
	if (config_read(a.config, complain, &g.config) != RC_OK)
		return EXIT_USAGE;
	/* root's last act */
	switch (identity_drop(g.config->user)) {
	case RC_OK:
		break;
	case RC_NOTFOUND:
		fatal("option user: there is no user %s", g.config->user);
	case RC_DENIED:
		fatal("option user: must be an ordinary user");
	default:
		fatal("option user: %s", strerror(errno));
	}
	if (!a.check)
		log_open(g.config);
	if (look_at_files(&g) != RC_OK)
		return EXIT_USAGE;
	if (a.check) {
		puts("configuration ok");
		return 0;
	}
	if (open_files_check(g.config) != RC_OK)
		return EXIT_USAGE;
	if (chdir("/") == -1)
		fatal("chdir: %s", strerror(errno));
	if (folder_private(g.config->data) != RC_OK)
		fatal("option data: must be a folder of this user, mode 0700");
	signals_block(&g);
	sockets_open(&g);
	pid_write(g.config);
	return run(&g);
}
