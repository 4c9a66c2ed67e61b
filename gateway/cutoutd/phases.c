/* Starting the gateway in order and ending it in order. */
#include "phases.h"

#include <signal.h>

#include "events.h"
#include "log.h"

enum {
	START_MS = 60000, /* warming a schema under a sanitizer takes long */
	TERM_MS = 2000,
	KILL_MS = 2000,
	STEP_MS = 200
};

/* Whoever takes connections comes last, when this process is locked down. */
static const enum part start_order[] = {PART_KEYD_TLS, PART_KEYD_LOG,
    PART_KEYD_PROMISE, PART_QUEUE, PART_SIGNER, PART_COVER_SCREEN, PART_COVER,
    PART_SCREEN, PART_CTL, PART_SESSION};

/* One phase of a clean end: these parts are released together and have so
 * long. Whoever is still there then is killed; the queue's transactions bear
 * that, and a report whose answer is missing is sent again. */
static const struct phase {
	unsigned int parts;
	unsigned int ms;
} stop_order[] = {
    {1U << PART_SESSION, 3000},
    {1U << PART_CTL | 1U << PART_COVER | 1U << PART_FORWARD, 1000},
    {1U << PART_SCREEN | 1U << PART_COVER_SCREEN, 2000},
    {1U << PART_SIGNER, 2000},
    {1U << PART_QUEUE, 5000},
    {1U << PART_KEYD_TLS | 1U << PART_KEYD_LOG | 1U << PART_KEYD_PROMISE, 1000},
};

/* --- starting --------------------------------------------------------- */

static enum rc
wait_ready(struct gateway *g, const struct proc *p)
{
	uint64_t deadline = now_ms() + START_MS;
	enum part part = p->part;
	enum rc rc;

	while (p->state == PROC_STARTING) {
		if (now_ms() >= deadline) {
			warnx("%s: not ready in time", part_name(part));
			return RC_TIMEOUT;
		}
		rc = events_step(g, STEP_MS);
		if (rc != RC_OK)
			return rc;
		if (g->failed || g->stop_wanted)
			return RC_EOF;
	}
	return p->state == PROC_READY ? RC_OK : RC_EOF;
}

static enum rc
start_one(struct gateway *g, enum part part)
{
	struct proc *p;
	enum rc rc;

	rc = gateway_start(g, part, g->current, 0, NULL, &p);
	if (rc != RC_OK) {
		warnx("%s: can not be started: %s", part_name(part),
		    rc_text(rc));
		return rc;
	}
	return wait_ready(g, p);
}

enum rc
phases_start(struct gateway *g, enum rc (*lock)(const struct config *c))
{
	enum rc rc = RC_OK;

	for (size_t i = 0;
	     i < sizeof(start_order) / sizeof(start_order[0]) && rc == RC_OK;
	     i++) {
		if (start_order[i] == PART_SESSION) {
			rc = lock(g->config);
			if (rc != RC_OK)
				warnx("lock-down: %s", rc_text(rc));
		}
		if (rc == RC_OK)
			rc = start_one(g, start_order[i]);
	}
	return rc;
}

/* --- ending ----------------------------------------------------------- */

static size_t
alive(const struct gateway *g, unsigned int parts)
{
	size_t n = 0;

	for (size_t i = 0; i < PROCS_MAX; i++) {
		if (g->procs[i].state != PROC_FREE &&
		    (parts & (1U << g->procs[i].part)) != 0)
			n++;
	}
	return n;
}

static void
wait_gone(struct gateway *g, unsigned int parts, unsigned int ms)
{
	uint64_t deadline = now_ms() + ms;

	while (alive(g, parts) > 0 && now_ms() < deadline) {
		if (events_step(g, STEP_MS) != RC_OK)
			return;
	}
}

static void
signal_all(struct gateway *g, unsigned int parts, int sig)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state == PROC_FREE || (parts & (1U << p->part)) == 0)
			continue;
		p->state = PROC_DRAINING;
		(void)kill(p->pid, sig);
	}
}

static void
stop_phase(struct gateway *g, const struct phase *ph)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		if ((ph->parts & (1U << g->procs[i].part)) != 0)
			gateway_release(&g->procs[i]);
	}
	wait_gone(g, ph->parts, ph->ms);
	if (alive(g, ph->parts) == 0)
		return;
	signal_all(g, ph->parts, SIGKILL);
	wait_gone(g, ph->parts, KILL_MS);
}

void
phases_stop(struct gateway *g)
{
	const unsigned int all = (1U << PART_COUNT) - 1;

	g->stopping = 1;
	g->renewal.parts = 0;
	for (size_t i = 0;
	     i < sizeof(stop_order) / sizeof(stop_order[0]) && !g->failed; i++)
		stop_phase(g, &stop_order[i]);
	if (alive(g, all) == 0)
		return;
	signal_all(g, all, SIGTERM);
	wait_gone(g, all, TERM_MS);
	signal_all(g, all, SIGKILL);
	wait_gone(g, all, KILL_MS);
}
