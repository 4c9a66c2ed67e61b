/* What cutoutd tells queue at its start: one table of numbers. Times of the
 * gateway come in real seconds, scaled already; days are counted here. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

enum { ROWS_MOST = 1 << 20, RECEIPTS_MOST = 1 << 24, YEAR_S = 31622400 };

struct number {
	const char *key;
	int64_t low, high;
	int64_t *to;
};

static enum rc
read_numbers(const struct setup *s, const struct number *n, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (setup_number(s, n[i].key, n[i].low, n[i].high, n[i].to) !=
		    RC_OK) {
			warnx("setup: %s is missing or wrong", n[i].key);
			return RC_CONFIG;
		}
	}
	return RC_OK;
}

static enum rc
read_text(const struct setup *s, const char *key, char **out)
{
	const char *text = setup_text(s, key, "");

	if (*text == '\0') {
		warnx("setup: %s is missing", key);
		return RC_CONFIG;
	}
	*out = strdup(text);
	return *out == NULL ? RC_NOMEM : RC_OK;
}

/* Log entries wait in rows until their day ends: four for each report that may
 * wait, and some that do not depend on reports (journal_has_room()). */
static uint64_t
entries_for(const struct store_sizes *z)
{
	uint64_t items = 0;

	for (int c = 0; c < CLASS_COUNT; c++)
		items += z->items[c];
	return 4 * items + 4096;
}

enum rc
settings_read(const struct setup *s, struct queue_config *out)
{
	int64_t rows[CLASS_COUNT], receipts, base_s, cap_s, run_s, mib;
	int64_t slot_ms, fast_slot_ms, large_slot_ms;
	int64_t delay_ms, minimum, percent, oldest_ms;
	const struct number numbers[] = {
	    {"demo", 0, 1, &out->demo},
	    {"rows32", 1, ROWS_MOST, &rows[0]},
	    {"rows256", 1, ROWS_MOST, &rows[1]},
	    {"rows1024", 1, ROWS_MOST, &rows[2]},
	    {"receipts", 1, RECEIPTS_MOST, &receipts},
	    {"slot_ms", 1, YEAR_S * 1000LL, &slot_ms},
	    {"large_slot_ms", 1, YEAR_S * 1000LL, &large_slot_ms},
	    {"fast_slot_ms", 1, YEAR_S * 1000LL, &fast_slot_ms},
	    {"stock", 0, 1024, &out->stock},
	    {"private_delay_ms", 0, YEAR_S * 1000LL, &delay_ms},
	    {"pool_minimum", 0, ROWS_MOST, &minimum},
	    {"pool_percent", 1, 100, &percent},
	    {"oldest_ms", 0, YEAR_S * 1000LL, &oldest_ms},
	    {"slot_batch", 1, ROWS_MOST, &out->slot_batch},
	    {"jump_days", 1, 36500, &out->jump_days},
	    {"retain_done_days", 1, 3650, &out->retain_done_days},
	    {"receipt_days", 1, 36500, &out->receipt_days},
	    {"run_seconds", 1, YEAR_S, &run_s},
	    {"backoff_base_s", 1, 86400, &base_s},
	    {"backoff_cap_s", 1, 604800, &cap_s},
	    {"disk_reserve_mib", 1, 1 << 20, &mib},
	    {"epoch_hour", 0, 23, &out->clock.epoch_hour},
	    {"time_scale", 1, 86400, &out->clock.scale},
	};
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = read_numbers(s, numbers, sizeof(numbers) / sizeof(numbers[0]));
	if (rc == RC_OK)
		rc = read_text(s, "data", &out->data);
	if (rc == RC_OK)
		rc = read_text(s, "build", &out->build);
	if (rc != RC_OK) {
		settings_free(out);
		return rc;
	}
	for (int c = 0; c < CLASS_COUNT; c++)
		out->sizes.items[c] = (uint64_t)rows[c];
	out->sizes.receipts = (uint64_t)receipts;
	out->sizes.entries = entries_for(&out->sizes);
	for (int c = 0; c < CLASS_COUNT; c++) {
		int64_t slot = c == 0 ? slot_ms : large_slot_ms;

		out->slot_ms[c] = slot;
		out->mixing[c] = (struct mixing){
		    .delay_slots = (double)delay_ms / (double)slot,
		    .minimum = (uint64_t)minimum,
		    .fraction = (double)percent / 100,
		    .oldest_slots = (uint64_t)(oldest_ms / slot),
		    .round_slots = (uint64_t)(large_slot_ms / slot)};
	}
	out->slot_ms[FLOW_FAST] = fast_slot_ms;
	out->run_ms = run_s * 1000;
	out->backoff_base_ms = base_s * 1000;
	out->backoff_cap_ms = cap_s * 1000;
	out->disk_reserve_bytes = mib << 20;
	return RC_OK;
}

void
settings_free(struct queue_config *c)
{
	free(c->data);
	free(c->build);
	c->data = c->build = NULL;
}
