/* The audit log. An entry waits in a random row of the queue's own database, in
 * the same transaction as what it tells of; at the end of the day all of them
 * go, shuffled, to the second file. The two commits are tied by a number. */
#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "hex.h"
#include "log.h"

enum {
	PER_REPORT = 3, /* accepted, forwarded, done */
	SPARE = 1024,   /* for starts, pauses and the like */
	PAUSE_MS = 5000 /* after a flush that failed */
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
journal_recipients(const uint8_t *ski, size_t count, struct buf *b)
{
	char text[2 * SKI_LEN + 1];
	enum rc rc = buf_add_text(b, "\"to\":[");

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		hex_encode(ski + i * SKI_LEN, SKI_LEN, text);
		rc = buf_addf(b, "%s\"%s\"", i == 0 ? "" : ",", text);
	}
	return rc == RC_OK ? buf_add_text(b, "]") : rc;
}

static uint64_t
waiting(const struct places *p)
{
	return p->count[STATE_READY] + p->count[STATE_LEASED];
}

int
journal_has_spare(const struct queue *q, uint64_t entries)
{
	const struct places *p = q->places;

	return p->free_entries.count >= PER_REPORT * waiting(p) + entries;
}

int
journal_has_room(const struct queue *q)
{
	const struct places *p = q->places;

	return p->free_entries.count > PER_REPORT * (waiting(p) + 1) + SPARE;
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

	p->size = (size_t)(places->sizes.entries - places->free_entries.count);
	p->place = calloc(p->size + 1, sizeof(*p->place));
	p->entry = calloc(p->size + 1, sizeof(*p->entry));
	/* pointers to entries, to be put in order */
	// NOLINTNEXTLINE(bugprone-sizeof-expression)
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

/* The same numbers for the operator: they stay until the next day's end. */
static enum rc
keep_numbers(struct queue *q)
{
	const uint64_t *count = q->places->count;
	const struct {
		const char *name;
		uint64_t value;
	} kept[] = {
	    {"last day", (uint64_t)q->day},
	    {"last queued", count[STATE_READY] + count[STATE_LEASED]},
	    {"last dead", count[STATE_DEAD]},
	    {"last done", count[STATE_DONE]},
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && rc == RC_OK;
	     i++)
		rc = store_set_number(q->store, kept[i].name,
		    (int64_t)kept[i].value);
	return rc;
}

/* The second commit of a flush: the rows are free again. */
static enum rc
clear_entries(struct queue *q, const uint64_t *place, size_t count,
    int64_t next_day)
{
	static const struct entry none;
	enum rc rc;

	rc = queue_begin(q);
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = store_entry(q->store, place[i], &none);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "flush", q->flush + 1);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "day", next_day);
	if (rc == RC_OK && next_day != q->day)
		rc = keep_numbers(q);
	if (rc != RC_OK) {
		/* the lines are in the log: only a new start puts this right */
		q->fatal = 1;
		return RC_UNKNOWN;
	}
	rc = queue_commit(q);
	if (rc != RC_OK)
		return rc;
	q->flush++;
	q->day = next_day;
	for (size_t i = 0; i < count; i++)
		places_set_entry(q->places, place[i], 0);
	return RC_OK;
}

/* next_day: the day that goes on afterwards; another one closes this day. */
static enum rc
flush(struct queue *q, int64_t next_day)
{
	int closes = next_day != q->day;
	struct pending p = {0};
	enum rc rc;

	rc = pending_read(q, &p);
	if (rc != RC_OK)
		goto out;
	if (closes)
		add_numbers(q, &p);
	rc = store_append(q->store, p.line, p.count + (closes ? 1 : 0),
	    q->flush + 1, next_day);
	if (rc == RC_OK)
		rc = clear_entries(q, p.place, p.count, next_day);
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
	int64_t appended = 0, day = 0;
	enum rc rc;

	rc = store_number(q->store, "flush", &q->flush);
	if (rc == RC_OK)
		rc = store_number(q->store, "day", &q->day);
	if (rc == RC_OK)
		rc = store_flushed(q->store, &appended, &day);
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
		rc = clear_entries(q, p.place, p.count, day);
	pending_free(&p);
	return rc;
}

/* A gateway's first day is written down at once, so that it is closed under its
 * own name even when the gateway is down at its end. */
static enum rc
begin_days(struct queue *q, int64_t today)
{
	enum rc rc;

	q->day = today;
	rc = queue_begin(q);
	if (rc == RC_OK)
		rc = store_set_number(q->store, "day", today);
	return rc == RC_OK ? queue_commit(q) : rc;
}

/* The day that the log may believe. What is kept for so many days would go at
 * once when a wrong clock moves the day, and a day that has come never goes
 * back: beyond a few days it takes the operator's word. */
static int64_t
day_now(struct queue *q)
{
	int64_t today = day_of(&q->config.clock, wall_s());
	int ahead = q->day != 0 && q->config.clock.scale <= 1 &&
		    today > q->day + q->config.jump_days;
	/* an hour that is set back over the end of a day is no fault */
	int behind = today + 1 < q->day;

	if (ahead && q->clock_fault == 0)
		warnx("ALARM: the clock is days ahead of the log's day, which "
		      "stays; if the clock is right, see queue.jump_days");
	if (behind && q->clock_fault == 0)
		warnx("ALARM: the clock is before the log's day, which stays");
	if (!ahead && !behind && q->clock_fault != 0)
		note("the clock and the log's day agree again");
	q->clock_fault = ahead || behind;
	return ahead ? q->day : today;
}

enum rc
journal_turn(struct queue *q)
{
	int64_t today = day_now(q);
	const struct places *p = q->places;
	enum rc rc;

	if (q->day == 0)
		return begin_days(q, today);
	if (today <= q->day) {
		/* do rows run low before the day does? */
		if (p->free_entries.count == p->sizes.entries ||
		    (p->free_entries.count > p->sizes.entries / 8 &&
			journal_has_room(q)))
			return RC_OK;
		today = q->day;
	}
	if (mono_ms() < q->flush_not_before_ms)
		return RC_OK;
	/* log.db grows, and what fails half way ends this process: on a full
	 * disk the day goes on instead, and delivery with it */
	disk_look(q);
	if (q->full_disk) {
		q->flush_not_before_ms = mono_ms() + PAUSE_MS;
		return RC_OK;
	}
	rc = flush(q, today);
	if (rc == RC_OK || rc == RC_UNKNOWN)
		return rc;
	warnx("ALARM: the audit log can not be written; it is tried again");
	q->flush_not_before_ms = mono_ms() + PAUSE_MS;
	return RC_OK;
}
