/* The command receive. One process listens and forks a child for each
 * connection, so that no byte from outside is parsed where the next connection
 * will be served, and a child that hangs or dies costs one connection. All
 * children share the lock on the store: a receiver that was started anew after
 * a kill waits until the last of them is gone. */
#include "receive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certificate.h"
#include "complain.h"
#include "connection.h"
#include "listen.h"
#include "selftest.h"
#include "serve.h"
#include "tell.h"
#include "tls.h"

enum {
	CHILDREN_MAX = 64,
	STOP_MS = 8000,  /* for children that are in the middle of an item */
	LOCK_MS = 10000, /* for the children of a receiver that was killed */
	PAUSE_MS = 50,
	DAYS_SOON = 30
};

/* What files say; SIGHUP makes a new one. */
struct material {
	SSL_CTX *tls;
	struct origins origins;
	EVP_PKEY *ack;
};

/* ready can be read when its peer has shown the gateway's certificate; -1: it
 * has. */
struct child {
	pid_t pid;
	int ready;
};

struct receiver {
	const struct desk_options *o;
	struct store *store;
	struct material material;
	struct tell tell;
	int listener;
	sigset_t open; /* the signals as they are while waiting */
	struct child child[CHILDREN_MAX]; /* the oldest first */
	size_t children;
};

static volatile sig_atomic_t must_stop, must_reload;

static void
note_signal(int signal_number)
{
	if (signal_number == SIGHUP)
		must_reload = 1;
	else if (signal_number != SIGCHLD)
		must_stop = 1;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

/* Signals arrive while waiting and at no other time. */
static enum rc
set_signals(sigset_t *open)
{
	static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	struct sigaction note = {.sa_handler = note_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	must_stop = must_reload = 0;
	sigemptyset(&set);
	sigemptyset(&note.sa_mask);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		sigaddset(&set, ours[i]);
		if (sigaction(ours[i], &note, NULL) == -1)
			return RC_IO;
	}
	/* a peer that is gone, and a file that may not grow, are answers of
	 * calls */
	if (sigaction(SIGPIPE, &ignore, NULL) == -1 ||
	    sigaction(SIGXFSZ, &ignore, NULL) == -1 ||
	    sigprocmask(SIG_BLOCK, &set, open) == -1)
		return RC_IO;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigdelset(open, ours[i]);
	return RC_OK;
}

/* Waits for the listener, unless it is -1, for a signal or for the time. */
static bool
wait_for(const struct receiver *r, int listener, long ms)
{
	struct timespec time = {
	    .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	struct pollfd p = {.fd = listener, .events = POLLIN};

	return ppoll(&p, 1, ms < 0 ? NULL : &time, &r->open) == 1;
}

static void
material_clear(struct material *m)
{
	SSL_CTX_free(m->tls);
	origins_clear(&m->origins);
	EVP_PKEY_free(m->ack);
	memset(m, 0, sizeof(*m));
}

/* A gateway does not speak to a server, nor believe an acknowledgement, whose
 * certificate has ended. */
static void
warn_of_end(const struct folder *keys, const char *base, const X509 *cert)
{
	long days = certificate_days_left(cert, time(NULL));

	if (days < DAYS_SOON)
		complain("%s/%s.crt %s: `cutout-keys renew %s %s`, then send "
			 "SIGHUP",
		    folder_path(keys), base,
		    days < 0 ? "has ended" : "ends within a month",
		    folder_path(keys), base);
}

static enum rc
material_load(const struct desk_options *o, struct material *out)
{
	struct material m = {0};
	struct folder *keys = NULL;
	X509 *ack_cert = NULL;
	enum rc rc;

	rc = folder_open(o->keys, &keys);
	if (rc != RC_OK)
		complain("--keys %s: %s. Make the folder: cutout-desk init",
		    o->keys, strerror(errno));
	if (rc == RC_OK)
		rc = desk_tls(keys, o->authority, o->crl, &m.tls);
	if (rc == RC_OK)
		rc = desk_key(keys, "ack.crt", "ack.key", &ack_cert, &m.ack);
	if (rc == RC_OK)
		rc = origins_load(o->origin, &m.origins);
	if (rc == RC_OK) {
		warn_of_end(keys, "server", SSL_CTX_get0_certificate(m.tls));
		warn_of_end(keys, "ack", ack_cert);
	}
	folder_free(keys);
	X509_free(ack_cert);
	if (rc != RC_OK) {
		material_clear(&m);
		return rc;
	}
	*out = m; /* the caller owns what it points to */
	return RC_OK;
}

static void
signal_children(const struct receiver *r, int signal_number)
{
	for (size_t i = 0; i < r->children; i++)
		kill(r->child[i].pid, signal_number);
}

static void
reload(struct receiver *r)
{
	struct material m;

	must_reload = 0;
	if (material_load(r->o, &m) != RC_OK) {
		complain("nothing was changed: the files read before still "
			 "serve");
		return;
	}
	material_clear(&r->material);
	r->material = m;
	/* a connection from before was judged by the old list */
	signal_children(r, SIGTERM);
	complain("read the keys, certificates and the revocation list again");
}

static void
forget_child(struct receiver *r, pid_t pid)
{
	for (size_t i = 0; i < r->children; i++) {
		if (r->child[i].pid != pid)
			continue;
		if (r->child[i].ready != -1)
			close(r->child[i].ready);
		r->children--;
		memmove(&r->child[i], &r->child[i + 1],
		    (r->children - i) * sizeof(r->child[0]));
		return;
	}
}

static void
tell_end(struct receiver *r, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) < SERVE_ENDS)
		tell(&r->tell, (enum serve_end)WEXITSTATUS(status), now_ms());
	else
		tell(&r->tell, SERVE_TROUBLE, now_ms());
}

static void
reap(struct receiver *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		forget_child(r, pid);
		tell_end(r, status);
	}
}

/* The oldest child whose peer has shown no certificate yet, or NULL. */
static struct child *
oldest_stranger(struct receiver *r)
{
	for (size_t i = 0; i < r->children; i++) {
		struct child *c = &r->child[i];
		char byte;

		if (c->ready == -1)
			continue;
		if (read(c->ready, &byte, 1) != 1)
			return c;
		close(c->ready);
		c->ready = -1;
	}
	return NULL;
}

/* Strangers may not fill all places: the oldest makes room for the next, which
 * may be the gateway. False: all places are the gateway's. */
static bool
make_room(struct receiver *r)
{
	struct child *c;
	int status = 0;
	pid_t pid;

	if (r->children < CHILDREN_MAX)
		return true;
	c = oldest_stranger(r);
	if (c == NULL)
		return false;
	pid = c->pid;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	forget_child(r, pid);
	if (!WIFSIGNALED(status))
		tell_end(r, status);
	return true;
}

/* A child's whole life. */
static _Noreturn void
be_child(struct receiver *r, int fd, int proven, pid_t parent)
{
	struct item_taker taker = {
	    .store = r->store,
	    .origins = &r->material.origins,
	    .ack = r->material.ack,
	};

	/* it must not hold the lock against the next receiver for long */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent ||
	    connection_stops_on_sigterm() != RC_OK)
		_exit(SERVE_TROUBLE);
	close(r->listener);
	_exit((int)serve(r->material.tls, fd, proven, &taker));
}

static void
take_connection(struct receiver *r)
{
	pid_t parent = getpid(), pid;
	int fd, ready[2];

	fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		/* what does not pass by itself must not make us spin */
		if (errno != EAGAIN && errno != EINTR &&
		    errno != ECONNABORTED) {
			tell(&r->tell, SERVE_TROUBLE, now_ms());
			(void)wait_for(r, -1, PAUSE_MS);
		}
		return;
	}
	if (!make_room(r) || pipe2(ready, O_CLOEXEC | O_NONBLOCK) == -1) {
		close(fd);
		return;
	}
	pid = fork();
	if (pid == 0)
		be_child(r, fd, ready[1], parent);
	if (pid == -1) {
		tell(&r->tell, SERVE_TROUBLE, now_ms());
		close(ready[0]);
	} else
		r->child[r->children++] =
		    (struct child){.pid = pid, .ready = ready[0]};
	close(ready[1]);
	close(fd);
}

static void
run(struct receiver *r)
{
	while (!must_stop) {
		reap(r);
		if (must_reload)
			reload(r);
		/* one more waits in the kernel until a place is free */
		if (wait_for(r,
			r->children < CHILDREN_MAX || oldest_stranger(r) != NULL
			    ? r->listener
			    : -1,
			-1))
			take_connection(r);
	}
}

/* Lets children finish the item that they are taking in. */
static void
stop(struct receiver *r)
{
	int64_t until = now_ms() + STOP_MS;

	signal_children(r, SIGTERM);
	for (reap(r); r->children > 0 && now_ms() < until; reap(r))
		(void)wait_for(r, -1, PAUSE_MS);
	signal_children(r, SIGKILL);
	while (r->children > 0) {
		pid_t pid = waitpid(-1, NULL, 0);

		if (pid > 0)
			forget_child(r, pid);
		else if (errno != EINTR)
			break;
	}
	tell_rest(&r->tell);
}

static enum rc
open_store(struct receiver *r)
{
	int64_t until = now_ms() + LOCK_MS;
	enum rc rc;

	do
		rc = store_open(r->o->data, 1, &r->store);
	while (rc == RC_AGAIN && !must_stop && now_ms() < until &&
	       !wait_for(r, -1, PAUSE_MS));
	if (rc == RC_AGAIN)
		complain("--data %s: another receiver uses this folder; stop "
			 "it first",
		    r->o->data);
	else if (rc == RC_NOTFOUND)
		complain("--data %s: there is no such folder; make it: mkdir "
			 "-m 700 %s",
		    r->o->data, r->o->data);
	else if (rc != RC_OK)
		complain("--data %s: %s", r->o->data,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	return rc;
}

static enum rc
open_listener(struct receiver *r)
{
	enum rc rc = listen_on(r->o->listen, &r->listener);

	if (rc == RC_BAD)
		complain("--listen %s: give an address and a port in numbers: "
			 "127.0.0.1:8443 or [::1]:8443",
		    r->o->listen);
	else if (rc != RC_OK)
		complain("--listen %s: %s", r->o->listen, strerror(errno));
	return rc;
}

int
desk_receive(const struct desk_options *o)
{
	struct receiver r = {.o = o, .listener = -1};
	enum rc rc;

	rc = crypto_selftest();
	if (rc != RC_OK)
		complain("this OpenSSL accepts forged reports or is too old: "
			 "install Debian's libssl3 3.0.22-1~deb12u2 or newer");
	if (rc == RC_OK)
		rc = set_signals(&r.open);
	if (rc == RC_OK)
		rc = material_load(o, &r.material);
	if (rc == RC_OK)
		rc = open_store(&r);
	if (rc == RC_OK)
		rc = open_listener(&r);
	if (rc == RC_OK) {
		complain("ready");
		run(&r);
		close(r.listener);
		stop(&r);
	}
	material_clear(&r.material);
	store_free(r.store);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}
