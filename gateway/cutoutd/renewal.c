/* Fresh zygotes: after a crash, and with new material at a reload. The order
 * of a reload is what keeps reports flowing: signer and queue know the new
 * destinations before the first screen seals to them, old zygotes drain only
 * when fresh ones serve, and the old destinations are forgotten last. When the
 * new set does not serve, session still gets whom to trust from it: a partner
 * that was revoked stays out, whatever else is wrong. */
#include "renewal.h"

#include <signal.h>

#include "log.h"
#include "wire.h"

enum {
	START_MS = 30000, /* a zygote is ready by then */
	/* an old one has ended by then: its last connection may take the most
	 * that limits.connection_seconds allows, 12 s for the last answer, and
	 * what the zygote gives a child beyond that */
	DRAIN_MS = 145000,
	PAUSE_MS = 1000, /* at most one fresh zygote of a kind in this time */
	HOUR_MS = 3600000
};

#define ZYGOTES                                                                \
	((1U << PART_SESSION) | (1U << PART_SCREEN) | (1U << PART_COVER_SCREEN))

/* The order they are started in: who takes jobs before who makes them. */
static const enum part order[] = {PART_COVER_SCREEN, PART_SCREEN, PART_SESSION};
enum { ORDER_COUNT = sizeof(order) / sizeof(order[0]) };

static void
alarm_line(const char *sentence)
{
	warnx("ALARM reload: %s", sentence);
}

/* --- telling signer and queue ----------------------------------------- */

enum { DESTINATIONS_NEW, DESTINATIONS_AGAIN };

static void
tell_keepers(struct gateway *g, uint8_t type, const struct buf *destinations,
    uint8_t again)
{
	static const enum part keepers[] = {PART_SIGNER, PART_QUEUE};

	for (size_t i = 0; i < 2; i++) {
		struct proc *p = gateway_find(g, keepers[i], PROC_READY);
		enum rc rc = RC_OK;
		int fd = -1;

		if (p == NULL)
			continue; /* the daemon is about to end */
		if (destinations != NULL)
			rc = material_fd(destinations, &fd);
		if (rc == RC_OK)
			rc = gateway_tell(p, type, &again,
			    destinations != NULL ? 1 : 0, fd);
		if (fd != -1)
			close(fd);
		if (rc != RC_OK) {
			/* it reads no orders any more */
			warnx("%s: %s", part_name(p->part), rc_text(rc));
			g->failed = 1;
		}
	}
}

/* --- the fresh ones --------------------------------------------------- */

/* Zygotes of the renewal are told from the old by their generation: it is
 * higher, for a crash as well. */
static int
is_fresh(const struct gateway *g, const struct proc *p)
{
	return (g->renewal.parts & (1U << p->part)) != 0 &&
	       p->generation == g->generation;
}

static const struct material *
material_now(const struct gateway *g)
{
	return g->renewal.kind == RENEWAL_RELOAD ? g->next : g->current;
}

static void
begin(struct gateway *g, unsigned int parts, enum renewal_kind kind)
{
	uint64_t now = now_ms();

	g->renewal.parts = parts;
	g->renewal.kind = kind;
	g->renewal.deadline_ms = now + START_MS;
	g->renewed_ms = now;
	g->crashed &= ~parts;
	g->generation++;
	for (size_t i = 0; i < ORDER_COUNT; i++) {
		struct proc *p;
		enum rc rc;

		if ((parts & (1U << order[i])) == 0)
			continue;
		rc = gateway_start(g, order[i], material_now(g), 0, NULL, &p);
		if (rc == RC_OK)
			p->generation = g->generation;
		else /* missed by all_ready(), found by broken() */
			warnx("%s: can not be started: %s", part_name(order[i]),
			    rc_text(rc));
	}
}

static struct proc *
fresh_of(struct gateway *g, enum part part)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state != PROC_FREE && p->part == part && is_fresh(g, p))
			return p;
	}
	return NULL;
}

enum outlook { COMING, ALL_READY, BROKEN };

static enum outlook
look(struct gateway *g)
{
	enum outlook o = ALL_READY;

	for (size_t i = 0; i < ORDER_COUNT; i++) {
		const struct proc *p;

		if ((g->renewal.parts & (1U << order[i])) == 0)
			continue;
		p = fresh_of(g, order[i]);
		if (p == NULL || p->state == PROC_DRAINING)
			return BROKEN;
		if (p->state == PROC_STARTING)
			o = COMING;
	}
	if (o == COMING && now_ms() >= g->renewal.deadline_ms)
		return BROKEN;
	return o;
}

static void
forget_next(struct gateway *g)
{
	material_free(g->next);
	g->next = NULL;
}

static void
succeed(struct gateway *g)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state == PROC_READY && !is_fresh(g, p) &&
		    (g->renewal.parts & (1U << p->part)) != 0)
			gateway_release(p);
	}
	g->renewal.parts = 0;
	switch (g->renewal.kind) {
	case RENEWAL_RELOAD:
		material_free(g->current);
		g->current = g->next;
		g->next = NULL;
		g->drop_owed = 1;
		note("reloaded");
		break;
	case RENEWAL_TRUST:
		forget_next(g);
		note("reloaded: certificates and lists of partners, alone");
		break;
	case RENEWAL_CRASH:
		break;
	}
}

static void
fail(struct gateway *g)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		struct proc *p = &g->procs[i];

		if (p->state == PROC_FREE || !is_fresh(g, p))
			continue;
		if (p->state == PROC_STARTING) {
			gateway_release(p);
			(void)kill(p->pid, SIGKILL);
		} else {
			gateway_release(p);
		}
	}
	switch (g->renewal.kind) {
	case RENEWAL_RELOAD:
		alarm_line("the new files do not serve; the old go on");
		tell_keepers(g, FRAME_DESTINATIONS, g->current->destinations,
		    DESTINATIONS_AGAIN);
		g->drop_owed = 1;
		material_swap_trust(g->current, g->next);
		begin(g, 1U << PART_SESSION, RENEWAL_TRUST);
		return;
	case RENEWAL_TRUST:
		alarm_line("neither do the certificates and lists of partners");
		material_swap_trust(g->current, g->next);
		forget_next(g);
		break;
	case RENEWAL_CRASH:
		/* the old one still serves; try again after the pause */
		g->crashed |= g->renewal.parts;
		break;
	}
	g->renewal.parts = 0;
}

/* --- what is due ------------------------------------------------------ */

static void
reload(struct gateway *g)
{
	uint64_t now = now_ms();
	enum rc rc;

	g->reload_wanted = 0;
	g->reload_due_ms = now + HOUR_MS;
	rc = material_read(g->config, 0, alarm_line, &g->next);
	if (rc != RC_OK) {
		alarm_line("the old files go on");
		return;
	}
	tell_keepers(g, FRAME_DESTINATIONS, g->next->destinations,
	    DESTINATIONS_NEW);
	begin(g, ZYGOTES, RENEWAL_RELOAD);
}

static int
any_draining(const struct gateway *g)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		const struct proc *p = &g->procs[i];

		if (p->state == PROC_DRAINING && part_is_zygote(p->part))
			return 1;
	}
	return 0;
}

/* Ends what drains for longer than any connection may last. */
static void
hurry(struct gateway *g, uint64_t now)
{
	for (size_t i = 0; i < PROCS_MAX; i++) {
		const struct proc *p = &g->procs[i];

		if (p->state == PROC_DRAINING && now - p->since_ms > DRAIN_MS)
			(void)kill(p->pid, SIGKILL);
	}
}

int
renewal_turn(struct gateway *g)
{
	uint64_t now = now_ms();

	hurry(g, now);
	if (g->renewal.parts != 0) {
		enum outlook o = look(g);

		if (o == COMING)
			return 500;
		if (o == ALL_READY)
			succeed(g);
		else
			fail(g);
		/* it may have begun another, later than now */
		if (g->renewal.parts != 0)
			return 500;
	}
	/* one set after the other: signer and queue keep two, not three */
	if (g->drop_owed && !any_draining(g)) {
		tell_keepers(g, FRAME_DROP_OLD, NULL, 0);
		g->drop_owed = 0;
	}
	if (now >= g->reload_due_ms)
		g->reload_wanted = 1;
	if (now - g->renewed_ms < PAUSE_MS)
		return (int)(PAUSE_MS - (now - g->renewed_ms));
	if (g->reload_wanted && !g->drop_owed)
		reload(g);
	else if (g->crashed != 0)
		begin(g, g->crashed & ZYGOTES, RENEWAL_CRASH);
	return g->drop_owed ? 1000 : 5000;
}
