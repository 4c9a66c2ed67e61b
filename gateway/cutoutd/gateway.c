/* The running gateway: how each part is started and what it is given. */
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "frame.h"
#include "log.h"
#include "sockets.h"
#include "spawn.h"
#include "wire.h"

uint64_t
now_ms(void)
{
	struct timespec t;

	/* can not fail for this clock */
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct proc *
gateway_find(struct gateway *g, enum part part, enum proc_state state)
{
	struct proc *best = NULL;

	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state != state || p->part != part)
			continue;
		if (best == NULL || p->generation > best->generation)
			best = p;
	}
	return best;
}

/* --- descriptors of a part -------------------------------------------- */

/* What a part starts with. `given` descriptors were made for it alone and are
 * closed here afterwards; the others stay. */
struct kit {
	int fds[SPAWN_FDS];
	int given[SPAWN_FDS];
	size_t count;
};

static void
kit_init(struct kit *k)
{
	for (size_t i = 0; i < SPAWN_FDS; i++) {
		k->fds[i] = -1;
		k->given[i] = 0;
	}
	k->count = 0;
}

static void
kit_put(struct kit *k, size_t number, int fd, int given)
{
	k->fds[number] = fd;
	k->given[number] = given;
	if (number >= k->count)
		k->count = number + 1;
}

static void
kit_close(struct kit *k)
{
	for (size_t i = 0; i < SPAWN_FDS; i++) {
		if (k->given[i] && k->fds[i] != -1)
			close(k->fds[i]);
	}
}

static enum rc
kit_bytes(struct kit *k, size_t number, const struct buf *b)
{
	enum rc rc;
	int fd;

	rc = material_fd(b, &fd);
	if (rc == RC_OK)
		kit_put(k, number, fd, 1);
	return rc;
}

static enum rc
kit_key(struct kit *k, size_t number, const char *path)
{
	const char *why;
	enum rc rc;
	int fd;

	rc = file_open_key(path, &fd, &why);
	if (rc == RC_OK) {
		kit_put(k, number, fd, 1);
		return RC_OK;
	}
	warnx("%s: %s", path, rc == RC_IO ? strerror(errno) : why);
	return RC_CONFIG;
}

/* An end of a pair that goes to one process, once. */
static void
kit_end(struct kit *k, size_t number, int *end)
{
	kit_put(k, number, *end, 1);
	*end = -1;
}

/* A zygote's own channel; the other end goes to the peer that serves it. */
static enum rc
kit_channel(struct gateway *g, struct kit *k, size_t number, enum part peer,
    enum channel_kind kind)
{
	struct proc *p = gateway_find(g, peer, PROC_READY);
	uint8_t byte = (uint8_t)kind;
	int pair[2];
	enum rc rc;

	if (p == NULL)
		return RC_EOF;
	rc = socket_pair(pair, 0);
	if (rc != RC_OK)
		return rc;
	rc = gateway_tell(p, FRAME_CHANNEL, &byte, sizeof(byte), pair[1]);
	close(pair[1]);
	if (rc == RC_OK)
		kit_put(k, number, pair[0], 1);
	else
		close(pair[0]);
	return rc;
}

static enum rc
kit_keyd(struct gateway *g, enum part part, struct kit *k)
{
	const struct config *c = g->config;

	if (part == PART_KEYD_LOG) {
		kit_end(k, FD_KEYD_QUEUE, &g->pairs[PAIR_KEYD_LOG][1]);
		return kit_key(k, FD_KEYD_KEY, c->log_key);
	}
	if (part == PART_KEYD_PROMISE) {
		kit_end(k, FD_KEYD_QUEUE, &g->pairs[PAIR_KEYD_PROMISE][1]);
		return kit_key(k, FD_KEYD_KEY, c->promise_key);
	}
	return kit_key(k, FD_KEYD_KEY, c->tls_key);
}

static enum rc
kit_queue(struct gateway *g, const struct material *m, struct kit *k)
{
	kit_end(k, FD_QUEUE_SIGNER, &g->pairs[PAIR_SIGNER][0]);
	kit_end(k, FD_QUEUE_CTL, &g->pairs[PAIR_CTL][0]);
	kit_end(k, FD_QUEUE_LOG, &g->pairs[PAIR_KEYD_LOG][0]);
	kit_end(k, FD_QUEUE_PROMISE, &g->pairs[PAIR_KEYD_PROMISE][0]);
	return kit_bytes(k, FD_QUEUE_DESKS, m->destinations);
}

static enum rc
kit_signer(struct gateway *g, const struct material *m, struct kit *k)
{
	enum rc rc;

	kit_end(k, FD_SIGNER_QUEUE, &g->pairs[PAIR_SIGNER][1]);
	rc = kit_key(k, FD_SIGNER_KEY, g->config->origin_key);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_SIGNER_CERTIFICATE, m->origin);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_SIGNER_DESTINATIONS, m->destinations);
	return rc;
}

/* Old ones that still drain count: signer has a channel to each. */
static size_t
screen_zygotes(const struct gateway *g)
{
	size_t n = 0;

	for (size_t i = 0; i < PROCS_MAX; i++) {
		const struct proc *p = &g->procs[i];

		n += p->state != PROC_FREE &&
		     (p->part == PART_SCREEN || p->part == PART_COVER_SCREEN);
	}
	return n;
}

static enum rc
kit_screen(struct gateway *g, int cover, const struct material *m,
    struct kit *k)
{
	int jobs = g->pairs[cover ? PAIR_COVER_JOBS : PAIR_JOBS][1];
	enum rc rc;

	if (screen_zygotes(g) >= MAX_SCREEN_ZYGOTES)
		return RC_LIMIT;
	kit_put(k, FD_SCREEN_JOBS, jobs, 0);
	rc = kit_channel(g, k, FD_SCREEN_SIGNER, PART_SIGNER,
	    cover ? CHANNEL_COVER : CHANNEL_SCREEN);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_SCREEN_SCHEMA, m->schema);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_SCREEN_DESTINATIONS, m->destinations);
	return rc;
}

static enum rc
kit_crls(const struct material *m, struct kit *k)
{
	size_t room = buf_len(m->partner_crl) + buf_len(m->police_crl);
	struct buf *both = buf_new(room);
	enum rc rc = RC_NOMEM;

	if (both == NULL)
		return rc;
	rc = buf_add(both, buf_data(m->partner_crl), buf_len(m->partner_crl));
	if (rc == RC_OK)
		rc = buf_add(both, buf_data(m->police_crl),
		    buf_len(m->police_crl));
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_SESSION_CRLS, both);
	buf_free(both);
	return rc;
}

static enum rc
kit_session(struct gateway *g, const struct material *m, struct kit *k)
{
	const struct {
		size_t number;
		const struct buf *bytes;
	} files[] = {
	    {FD_SESSION_CERTIFICATE, m->certificate},
	    {FD_SESSION_PARTNERS, m->partners},
	    {FD_SESSION_POLICE, m->police},
	    {FD_SESSION_SERVED, m->served},
	};
	enum rc rc;

	kit_put(k, FD_SESSION_LISTENER, g->listener, 0);
	kit_put(k, FD_SESSION_JOBS, g->pairs[PAIR_JOBS][0], 0);
	kit_put(k, FD_SESSION_RATES, g->rates, 0);
	rc = kit_channel(g, k, FD_SESSION_KEYD, PART_KEYD_TLS, CHANNEL_ZYGOTE);
	if (rc == RC_OK)
		rc = kit_crls(m, k);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && rc == RC_OK;
	     i++)
		rc = kit_bytes(k, files[i].number, files[i].bytes);
	return rc;
}

static enum rc
kit_forward(struct gateway *g, const struct material *m, const int run[2],
    struct kit *k)
{
	enum rc rc;

	kit_put(k, FD_FORWARD_QUEUE, run[0], 0);
	kit_put(k, FD_FORWARD_SOCKET, run[1], 0);
	rc = kit_key(k, FD_FORWARD_KEY, g->config->forward_key);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_FORWARD_CERTIFICATE, m->forward);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_FORWARD_POLICE, m->police);
	if (rc == RC_OK)
		rc = kit_bytes(k, FD_FORWARD_CRLS, m->police_crl);
	return rc;
}

static enum rc
kit_part(struct gateway *g, enum part part, const struct material *m,
    const int run[2], struct kit *k)
{
	switch (part) {
	case PART_KEYD_TLS:
	case PART_KEYD_LOG:
	case PART_KEYD_PROMISE:
		return kit_keyd(g, part, k);
	case PART_QUEUE:
		return kit_queue(g, m, k);
	case PART_SIGNER:
		return kit_signer(g, m, k);
	case PART_COVER_SCREEN:
	case PART_SCREEN:
		return kit_screen(g, part == PART_COVER_SCREEN, m, k);
	case PART_COVER:
		kit_end(k, FD_COVER_JOBS, &g->pairs[PAIR_COVER_JOBS][0]);
		return RC_OK;
	case PART_SESSION:
		return kit_session(g, m, k);
	case PART_CTL:
		kit_end(k, FD_CTL_LISTENER, &g->ctl_listener);
		kit_end(k, FD_CTL_QUEUE, &g->pairs[PAIR_CTL][1]);
		return RC_OK;
	case PART_FORWARD:
		return kit_forward(g, m, run, k);
	case PART_COUNT:
		break;
	}
	return RC_BAD;
}

/* --- starting --------------------------------------------------------- */

static struct proc *
free_place(struct gateway *g)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		if (g->procs[i].state == PROC_FREE)
			return &g->procs[i];
	}
	return NULL;
}

/* Control socket and log pipe: [0] ours, [1] the role's. Only our ends are
 * non-blocking: a role that is stuck must not stop the supervisor. */
static enum rc
lines_of_command(int control[2], int log[2])
{
	if (socket_pair(control, 0) != RC_OK)
		return RC_IO;
	if (pipe2(log, O_CLOEXEC) == -1) {
		close(control[0]);
		close(control[1]);
		return RC_IO;
	}
	if (fcntl(control[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(log[0], F_SETFL, O_NONBLOCK) == -1) {
		close(control[0]);
		close(control[1]);
		close(log[0]);
		close(log[1]);
		return RC_IO;
	}
	return RC_OK;
}

static enum rc
run_role(struct gateway *g, struct proc *p, struct kit *k)
{
	int control[2], log[2];
	char path[PATH_MAX];
	enum rc rc;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", g->config->libexec,
	    part_program(p->part));
	if (n < 0 || (size_t)n >= sizeof(path))
		return RC_LIMIT;
	rc = lines_of_command(control, log);
	if (rc != RC_OK)
		return rc;
	kit_put(k, 0, g->devnull, 0);
	kit_put(k, 1, g->devnull, 0);
	kit_put(k, FD_LOG, log[1], 1);
	kit_put(k, FD_CONTROL, control[1], 1);
	rc = spawn(path, part_program(p->part), k->fds, k->count, &p->pid);
	if (rc != RC_OK) {
		close(control[0]);
		close(log[0]);
		return rc;
	}
	p->control = control[0];
	journal_init(&p->journal, log[0], part_program(p->part));
	return RC_OK;
}

enum rc
gateway_start(struct gateway *g, enum part part, const struct material *m,
    size_t destination, const int run[2], struct proc **out)
{
	struct proc *p = free_place(g);
	struct kit k;
	enum rc rc;
	int setup;

	if (p == NULL)
		return RC_LIMIT;
	memset(p, 0, sizeof(*p));
	p->part = part;
	p->destination = destination;
	p->generation = m->generation;
	p->control = -1;
	p->journal.from = -1;
	kit_init(&k);
	rc = setup_make(g->config, part, destination, &setup);
	if (rc != RC_OK)
		goto out;
	kit_put(&k, FD_SETUP, setup, 1);
	rc = kit_part(g, part, m, run, &k);
	if (rc == RC_OK)
		rc = run_role(g, p, &k);
	if (rc != RC_OK)
		goto out;
	p->state = PROC_STARTING;
	p->since_ms = now_ms();
	*out = p;
out:
	kit_close(&k);
	return rc;
}

/* --- talking and ending ----------------------------------------------- */

enum rc
gateway_tell(struct proc *p, uint8_t type, const void *data, size_t len, int fd)
{
	if (p->control == -1)
		return RC_EOF;
	return frame_send(p->control, type, data, len, fd);
}

static void
hang_up(struct proc *p)
{
	if (p->control != -1)
		close(p->control);
	p->control = -1;
}

void
gateway_release(struct proc *p)
{
	if (p->state == PROC_FREE)
		return;
	p->state = PROC_DRAINING;
	p->since_ms = now_ms();
	/* a zygote that is not ready has nothing to finish */
	if (!part_is_zygote(p->part) ||
	    gateway_tell(p, FRAME_DRAIN, NULL, 0, -1) != RC_OK)
		hang_up(p);
}

void
gateway_forget(struct proc *p)
{
	hang_up(p);
	journal_end(&p->journal, STDERR_FILENO);
	p->state = PROC_FREE;
	p->pid = 0;
}
