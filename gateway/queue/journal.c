/* The audit log. An entry waits in a random row of the queue's own database, in
 * the same transaction as what it tells of; at the end of the day all of them
 * go, shuffled, to the second file. The two commits are tied by a number. */
#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "log.h"

enum {
	PER_REPORT = 3, /* accepted, forwarded, done */
	SPARE = 64,     /* for starts, pauses and the like */
	GIVE_UP_MOST = 32
};

enum rc
journal_add(struct queue *q, const char *ev, const char *fmt, ...)
{
	struct entry e = {.used = 1};
	char day[DAY_TEXT];
	uint64_t place;
	va_list ap;
	int n, m;
	enum rc rc;

	day_text(q->day, day);
	n = snprintf(e.text, sizeof(e.text),
	    "{\"v\":1,\"ev\":\"%s\",\"day\":\"%s\"", ev, day);
	if (n < 0)
		return RC_LIMIT;
	va_start(ap, fmt);
	m = vsnprintf(e.text + n, sizeof(e.text) - (size_t)n, fmt, ap);
	va_end(ap);
	/* and the closing brace */
	if (m < 0 || (size_t)(n + m) + 1 > ENTRY_MOST)
		return RC_LIMIT;
	e.text[n + m] = '}';
	e.length = (uint16_t)(n + m + 1);
	rc = places_free_entry(q->places, &place);
	if (rc == RC_OK)
		rc = queue_begin(q);
	if (rc == RC_OK)
		rc = store_entry(q->store, place, &e);
	if (rc == RC_OK)
		places_set_entry(q->places, place, 1);
	return rc;
}

enum rc
journal_recipients(const struct recipients *r, struct buf *b)
{
	char ski[2 * SKI_LEN + 1];
	enum rc rc = buf_add_text(b, "\"to\":[");

	for (size_t i = 0; i < r->count && rc == RC_OK; i++) {
		hex_encode(r->ski[i], SKI_LEN, ski);
		rc = buf_addf(b, "%s\"%s\"", i == 0 ? "" : ",", ski);
	}
	return rc == RC_OK ? buf_add_text(b, "]") : rc;
}

int
journal_has_room(const struct queue *q)
{
	const struct places *p = q->places;
	uint64_t waiting = p->count[STATE_READY] + p->count[STATE_LEASED];

	return p->free_entries > PER_REPORT * (waiting + 1) + SPARE;
}

/* --- the end of a day --------------------------------------------------------
 */

struct pending {
	uint64_t *place;
	struct entry *entry;
	const struct entry **line;
	size_t count, size;
};

static void
pending_free(struct pending *p)
{
	free(p->place);
	free(p->entry);
	free(p->line);
}

/* All entries that wait, shuffled. One place more for the day's numbers. */
static enum rc
pending_read(struct queue *q, struct pending *p)
{
	const struct places *places = q->places;
	enum rc rc = RC_OK;

	p->size = (size_t)(places->sizes.entries - places->free_entries);
	p->place = calloc(p->size + 1, sizeof(*p->place));
	p->entry = calloc(p->size + 1, sizeof(*p->entry));
	p->line = calloc(p->size + 1, sizeof(*p->line));
	if (p->place == NULL || p->entry == NULL || p->line == NULL)
		return RC_NOMEM;
	for (uint64_t i = 0; i < places->sizes.entries && rc == RC_OK; i++) {
		if (!places->entry_used[i] || p->count == p->size)
			continue;
		rc = store_read_entry(q->store, i, &p->entry[p->count]);
		if (rc == RC_BAD) { /* damaged: alarmed at start, left alone */
			rc = RC_OK;
			continue;
		}
		p->place[p->count++] = i;
	}
	for (size_t i = 0; i < p->count; i++) {
		size_t k = arc4random_uniform((uint32_t)i + 1);

		p->line[i] = p->line[k];
		p->line[k] = &p->entry[i];
	}
	return rc;
}

/* The rows by state as they are now: what the entries must add up to. */
static void
add_numbers(struct queue *q, struct pending *p)
{
	const uint64_t *count = q->places->count;
	struct entry *e = &p->entry[p->count];
	char day[DAY_TEXT];
	int n;

	day_text(q->day, day);
	n = snprintf(e->text, sizeof(e->text),
	    "{\"v\":1,\"ev\":\"day\",\"day\":\"%s\",\"queued\":%llu,"
	    "\"dead\":%llu,\"done\":%llu}",
	    day, (unsigned long long)(count[STATE_READY] + count[STATE_LEASED]),
	    (unsigned long long)count[STATE_DEAD],
	    (unsigned long long)count[STATE_DONE]);
	e->length = (uint16_t)n;
	p->line[p->count] = e;
}

/* The second commit of a flush: the rows are free again. */
static enum rc
clear_entries(struct queue *q, const uint64_t *place, size_t count)
{
	static const struct entry none;
	enum rc rc;

	rc = queue_begin(q);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = store_entry(q->store, place[i], &none);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "flush", q->flush + 1);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "day", q->day);
	if (rc != RC_OK) {
		/* the lines are in the log: only a new start puts this right */
		q->fatal = 1;
		return RC_UNKNOWN;
	}
	rc = queue_commit(q);
	if (rc != RC_OK)
		return rc;
	q->flush++;
	for (size_t i = 0; i < count; i++)
		places_set_entry(q->places, place[i], 0);
	return RC_OK;
}

static enum rc
flush(struct queue *q, int with_numbers)
{
	struct pending p = {0};
	enum rc rc;

	rc = pending_read(q, &p);
	if (rc != RC_OK)
		goto out;
	if (with_numbers)
		add_numbers(q, &p);
	rc = store_append(q->store, p.line, p.count + (with_numbers ? 1 : 0),
	    q->flush + 1);
	if (rc == RC_OK)
		rc = clear_entries(q, p.place, p.count);
	if (rc == RC_UNKNOWN)
		q->fatal = 1;
out:
	pending_free(&p);
	return rc;
}

enum rc
journal_recover(struct queue *q)
{
	struct pending p = {0};
	int64_t appended;
	enum rc rc;

	rc = store_number(q->store, "flush", &q->flush);
	if (rc == RC_OK)
		rc = store_number(q->store, "day", &q->day);
	if (rc == RC_OK)
		rc = store_flushed(q->store, &appended);
	if (rc != RC_OK || appended == q->flush)
		return rc;
	if (appended != q->flush + 1) {
		warnx("ALARM: log.db and queue.db are not of one gateway");
		return RC_CONFIG;
	}
	/* the lines are there, and nothing was written since: the entries that
	 * wait are exactly those */
	rc = pending_read(q, &p);
	if (rc == RC_OK)
		rc = clear_entries(q, p.place, p.count);
	pending_free(&p);
	return rc;
}

/* Items done and receipts that are past their time, a few in a turn so that
 * nobody waits long. */
static enum rc
give_up(struct queue *q)
{
	static const struct head none;
	static const struct receipt no_receipt;
	struct places *p = q->places;
	size_t given = 0;
	enum rc rc = RC_OK;

	for (uint64_t i = 0;
	     i < p->item_count && given < GIVE_UP_MOST && rc == RC_OK; i++) {
		const struct head *h = &p->item[i].head;

		if (p->item[i].damaged || h->state != STATE_DONE ||
		    h->day + q->config.retain_done_days >= q->day)
			continue;
		rc = queue_begin(q);
		if (rc == RC_OK)
			rc = store_body(q->store, i, h->class, NULL);
		if (rc == RC_OK)
			rc = queue_set_head(q, i, &none);
		given++;
	}
	for (uint64_t i = 0; i < p->sizes.receipts && rc == RC_OK &&
			     given < (size_t)GIVE_UP_MOST * 8;
	     i++) {
		if (!p->receipt[i].used ||
		    p->receipt[i].day + q->config.receipt_days >= q->day)
			continue;
		rc = queue_begin(q);
		if (rc == RC_OK)
			rc = store_receipt(q->store, i, &no_receipt);
		if (rc == RC_OK)
			places_set_receipt(p, i, &no_receipt);
		given++;
	}
	if (rc != RC_OK) {
		q->fatal = 1;
		return RC_UNKNOWN;
	}
	return queue_commit(q);
}

enum rc
journal_turn(struct queue *q)
{
	int64_t today = day_of(&q->config.clock, wall_s());
	const struct places *p = q->places;
	enum rc rc;

	if (q->day == 0)
		q->day = today;
	if (today > q->day) {
		rc = flush(q, 1);
		if (rc != RC_OK)
			return rc;
		q->day = today;
		return give_up(q);
	}
	/* rows run low before the day does */
	if (p->free_entries < p->sizes.entries / 8 &&
	    p->free_entries < p->sizes.entries)
		return flush(q, 0);
	return RC_OK;
}
