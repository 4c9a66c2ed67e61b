/* Delivery runs: cutoutd connects, forward speaks, queue decides. */
#include "runs.h"

#include <signal.h>
#include <unistd.h>

#include "log.h"
#include "sockets.h"
#include "wire.h"

enum { MARGIN_S = 20 };

static int
running(const struct gateway *g, size_t destination)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		const struct proc *p = &g->procs[i];

		if (p->state != PROC_FREE && p->part == PART_FORWARD &&
		    p->destination == destination)
			return 1;
	}
	return 0;
}

/* fd: queue's end of the run channel, or -1. */
static void
answer(struct gateway *g, size_t destination, int fd)
{
	const uint8_t head[2] = {(uint8_t)destination, fd != -1};
	struct proc *queue = gateway_find(g, PART_QUEUE, PROC_READY);

	if (queue == NULL)
		return;
	if (gateway_tell(queue, FRAME_RUN, head, sizeof(head), fd) != RC_OK) {
		warnx("queue takes no orders");
		g->failed = 1;
	}
}

static enum rc
start(struct gateway *g, size_t destination)
{
	const struct destination *d = &g->config->destinations[destination];
	int channel[2], run[2];
	struct proc *p;
	enum rc rc;

	rc = socket_connect(d->address, d->port, &run[1]);
	if (rc != RC_OK)
		return rc;
	rc = socket_pair(channel, 1);
	if (rc != RC_OK) {
		close(run[1]);
		return rc;
	}
	run[0] = channel[1];
	rc = gateway_start(g, PART_FORWARD, g->current, destination, run, &p);
	/* with forward's end closed here, queue sees the end of the run */
	close(run[0]);
	close(run[1]);
	if (rc == RC_OK)
		answer(g, destination, channel[0]);
	close(channel[0]);
	return rc;
}

/* forward ends at its deadline by itself, and queue with it a little later. One
 * that hangs all the same would keep its destination from any other. */
static void
end_overdue(struct gateway *g)
{
	uint64_t most_ms =
	    ((uint64_t)g->config->slots.deadline_seconds + MARGIN_S) * 1000;

	for (size_t i = 0; i < PROCS_MAX; i++) {
		const struct proc *p = &g->procs[i];

		if (p->state != PROC_FREE && p->part == PART_FORWARD &&
		    now_ms() - p->since_ms > most_ms)
			(void)kill(p->pid, SIGKILL);
	}
}

void
runs_turn(struct gateway *g)
{
	end_overdue(g);
	for (size_t i = 0; i < g->config->destination_count; i++) {
		if ((g->run_wanted & (1U << i)) == 0 || running(g, i))
			continue;
		g->run_wanted &= ~(1U << i);
		if (start(g, i) != RC_OK)
			answer(g, i, -1);
	}
}
