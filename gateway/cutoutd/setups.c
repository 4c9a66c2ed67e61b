/* The settings each part of the gateway gets from the configuration. Times
 * that gateway time rules are scaled here, and nowhere below. */
#include "setups.h"

#include <stdio.h>

#include "archive.h"
#include "build_id.h"
#include "setup.h"

enum { SETUP_BYTES = 65536, HOUR_S = 3600, DAY_S = 86400 };

static const struct {
	const char *program, *name;
	int zygote;
} parts[PART_COUNT] = {
    [PART_KEYD_TLS] = {"keyd", "keyd tls", 0},
    [PART_KEYD_LOG] = {"keyd", "keyd log", 0},
    [PART_KEYD_PROMISE] = {"keyd", "keyd promise", 0},
    [PART_QUEUE] = {"queue", "queue", 0},
    [PART_SIGNER] = {"signer", "signer", 0},
    [PART_COVER_SCREEN] = {"screen", "screen cover", 1},
    [PART_COVER] = {"cover", "cover", 0},
    [PART_SCREEN] = {"screen", "screen", 1},
    [PART_SESSION] = {"session", "session", 1},
    [PART_CTL] = {"ctl", "ctl", 0},
    [PART_FORWARD] = {"forward", "forward", 0},
};

const char *
part_program(enum part part)
{
	return parts[part].program;
}

const char *
part_name(enum part part)
{
	return parts[part].name;
}

int
part_is_zygote(enum part part)
{
	return parts[part].zygote;
}

/* --- what each is told ------------------------------------------------ */

struct pair {
	const char *key;
	int64_t value;
};

static enum rc
add_pairs(struct buf *b, const struct pair *p, size_t count)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = setup_add_number(b, p[i].key, p[i].value);
	return rc;
}
#define ADD_PAIRS(b, p) add_pairs(b, p, sizeof(p) / sizeof((p)[0]))

static enum rc
session_setup(const struct config *c, struct buf *b)
{
	const struct pair p[] = {
	    {"spare", c->limits.spare},
	    {"max_connections", c->limits.max_connections},
	    {"per_certificate", c->limits.per_certificate},
	    {"reports_per_day", c->limits.reports_per_day},
	    {"reports_per_connection", c->limits.reports_per_connection},
	    {"request_seconds", c->limits.request_seconds},
	    {"connection_seconds", c->limits.connection_seconds},
	    {"answer_grid_ms", c->limits.answer_grid_ms},
	    {"body_max", c->limits.body_max},
	    {"screen_seconds", c->screen.deadline_seconds},
	    {"day_seconds", config_scaled(c, DAY_S)},
	};

	return ADD_PAIRS(b, p);
}

static enum rc
screen_setup(const struct config *c, int cover, struct buf *b)
{
	const struct pair p[] = {
	    /* cover has one job at a time */
	    {"spare", cover ? 1 : c->screen.spare},
	    {"reports_per_process", c->screen.reports_per_process},
	    {"cpu_seconds", c->screen.cpu_seconds},
	    {"deadline_seconds", c->screen.deadline_seconds},
	    {"body_max", c->limits.body_max},
	    {"clock_offset_s", c->clock_offset_s},
	};
	enum rc rc;

	rc = setup_add(b, "kind", cover ? "COVER" : "REPORT");
	if (rc == RC_OK)
		rc = setup_add(b, "isolation", c->screen.isolation);
	if (rc == RC_OK)
		rc = ADD_PAIRS(b, p);
	return rc;
}

/* When slots come and what is in them: queue and cover go by the same. */
static enum rc
slots_setup(const struct config *c, struct buf *b)
{
	const struct pair p[] = {
	    {"slot_ms", config_scaled_ms(c, c->slots.slot_seconds)},
	    /* larger reports are rare: one slot a day */
	    {"large_slot_ms", config_scaled_ms(c, DAY_S)},
	    {"fast_slot_ms", config_scaled_ms(c, c->slots.fast_slot_seconds)},
	    {"slot_batch", c->slots.slot_batch},
	    {"stock", config_stock(c)},
	};

	return ADD_PAIRS(b, p);
}

static enum rc
cover_setup(const struct config *c, struct buf *b)
{
	char key[64];
	enum rc rc;

	rc = setup_add_number(b, "clock_offset_s", c->clock_offset_s);
	for (size_t i = 0; i < c->destination_count && rc == RC_OK; i++) {
		const struct destination *d = &c->destinations[i];

		(void)snprintf(key, sizeof(key), "destination_%zu", i);
		rc = setup_add(b, key, d->name);
		(void)snprintf(key, sizeof(key), "scheme_%zu", i);
		if (rc == RC_OK)
			rc = setup_add(b, key, d->schemes.text[0]);
		(void)snprintf(key, sizeof(key), "test_%zu", i);
		if (rc == RC_OK)
			rc = setup_add_number(b, key, d->test != 0);
	}
	return rc == RC_OK ? slots_setup(c, b) : rc;
}

static enum rc
queue_setup(const struct config *c, struct buf *b)
{
	const struct pair p[] = {
	    {"rows32", c->queue.rows32},
	    {"rows256", c->queue.rows256},
	    {"rows1024", c->queue.rows1024},
	    {"receipts", c->queue.receipts},
	    {"private_delay_ms",
		config_scaled_ms(c, c->pool.private_delay_hours * HOUR_S)},
	    {"pool_minimum", c->pool.minimum},
	    {"pool_percent", c->pool.percent},
	    {"oldest_ms", config_scaled_ms(c, c->pool.oldest_hours * HOUR_S)},
	    {"run_seconds", c->slots.deadline_seconds},
	    {"jump_days", c->queue.jump_days},
	    {"retain_done_days", c->queue.retain_done_days},
	    {"receipt_days", c->queue.receipt_days},
	    {"backoff_base_s", config_scaled(c, c->queue.backoff_base_s)},
	    {"backoff_cap_s", config_scaled(c, c->queue.backoff_cap_s)},
	    {"disk_reserve_mib", c->queue.disk_reserve_mib},
	    {"epoch_hour", c->queue.epoch_hour},
	    {"time_scale", c->time_scale},
	};
	enum rc rc;

	rc = setup_add(b, "data", c->data);
	if (rc == RC_OK)
		rc = setup_add(b, "build", build_id());
	if (rc == RC_OK)
		rc = ADD_PAIRS(b, p);
	return rc == RC_OK ? slots_setup(c, b) : rc;
}

static enum rc
forward_setup(const struct config *c, size_t destination, struct buf *b)
{
	const struct destination *d;
	enum rc rc;

	if (destination >= c->destination_count)
		return RC_BAD;
	d = &c->destinations[destination];
	rc = setup_add_number(b, "destination", (int64_t)destination);
	if (rc == RC_OK)
		rc = setup_add(b, "host", d->host);
	if (rc == RC_OK)
		rc = setup_add(b, "address", d->address);
	if (rc == RC_OK)
		rc = setup_add_number(b, "port", d->port);
	if (rc == RC_OK)
		rc = setup_add_number(b, "deadline_seconds",
		    c->slots.deadline_seconds);
	return rc;
}

static enum rc
one_part(const struct config *c, enum part part, size_t destination,
    struct buf *b)
{
	switch (part) {
	case PART_KEYD_TLS:
		return setup_add(b, "kind", "tls");
	case PART_KEYD_LOG:
		return setup_add(b, "kind", "log");
	case PART_KEYD_PROMISE:
		return setup_add(b, "kind", "promise");
	case PART_QUEUE:
		return queue_setup(c, b);
	case PART_COVER_SCREEN:
		return screen_setup(c, 1, b);
	case PART_SCREEN:
		return screen_setup(c, 0, b);
	case PART_SESSION:
		return session_setup(c, b);
	case PART_FORWARD:
		return forward_setup(c, destination, b);
	case PART_SIGNER:
		/* what one child of screen may hand in */
		return setup_add_number(b, "reports_per_process",
		    c->screen.reports_per_process);
	case PART_COVER:
		return cover_setup(c, b);
	case PART_CTL:
		return RC_OK;
	case PART_COUNT:
		break;
	}
	return RC_BAD;
}

enum rc
setup_make(const struct config *c, enum part part, size_t destination, int *out)
{
	struct buf *b = buf_new(SETUP_BYTES);
	enum rc rc;

	if (b == NULL)
		return RC_NOMEM;
	rc = setup_add_number(b, "demo", c->demo);
	if (rc == RC_OK)
		rc = one_part(c, part, destination, b);
	if (rc == RC_OK)
		rc = sealed_memfd("setup", buf_data(b), buf_len(b), out);
	buf_free(b);
	return rc;
}
