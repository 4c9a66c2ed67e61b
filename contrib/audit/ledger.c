/* The books of an exported audit log. Entries of one kind lie in one array,
 * sorted when the books are closed: a day's entries come in random order, so
 * nothing may depend on where a line stands. */
#include "ledger.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct mark {
	uint32_t day;
	uint8_t id[ENTRY_ID_LEN];
};

struct marks {
	struct mark *list;
	size_t count, room;
};

struct announced {
	uint32_t day;
	uint8_t ski[ENTRY_SKI_LEN];
};

struct ledger {
	struct marks accepted, forwarded, done, dead, retry;
	struct announced *recipients, *used;
	size_t recipient_count, recipient_room, used_count, used_room;
	struct entry *days;
	size_t day_count, day_room;
};

struct closing {
	void (*fault)(const char *what, void *ctx);
	void *ctx;
	size_t faults;
};

struct ledger *
ledger_new(void)
{
	return calloc(1, sizeof(struct ledger));
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	free(l->accepted.list);
	free(l->forwarded.list);
	free(l->done.list);
	free(l->dead.list);
	free(l->retry.list);
	free(l->recipients);
	free(l->used);
	free(l->days);
	free(l);
}

/* Makes sure that *list has room for one more of size bytes. */
static enum rc
room_for_one(void **list, size_t count, size_t *room, size_t size)
{
	size_t want = *room == 0 ? 64 : *room * 2;
	void *grown;

	if (count < *room)
		return RC_OK;
	grown = reallocarray(*list, want, size);
	if (grown == NULL)
		return RC_NOMEM;
	*list = grown;
	*room = want;
	return RC_OK;
}

static enum rc
add_mark(struct marks *m, const struct entry *e)
{
	void *list = m->list;

	if (room_for_one(&list, m->count, &m->room, sizeof(*m->list)) != RC_OK)
		return RC_NOMEM;
	m->list = list;
	m->list[m->count].day = e->day;
	memcpy(m->list[m->count].id, e->id, ENTRY_ID_LEN);
	m->count++;
	return RC_OK;
}

static enum rc
add_skis(struct announced **list, size_t *count, size_t *room,
    const struct entry *e)
{
	for (size_t i = 0; i < e->to_count; i++) {
		void *grown = *list;

		if (room_for_one(&grown, *count, room, sizeof(**list)) != RC_OK)
			return RC_NOMEM;
		*list = grown;
		(*list)[*count].day = e->day;
		memcpy((*list)[*count].ski, e->to[i], ENTRY_SKI_LEN);
		(*count)++;
	}
	return RC_OK;
}

static enum rc
add_day(struct ledger *l, const struct entry *e)
{
	void *list = l->days;

	if (room_for_one(&list, l->day_count, &l->day_room, sizeof(*l->days)) !=
	    RC_OK)
		return RC_NOMEM;
	l->days = list;
	l->days[l->day_count++] = *e;
	return RC_OK;
}

enum rc
ledger_add(struct ledger *l, const struct entry *e)
{
	enum rc rc;

	switch (e->kind) {
	case ENTRY_ACCEPTED:
		return add_mark(&l->accepted, e);
	case ENTRY_FORWARDED:
		rc = add_mark(&l->forwarded, e);
		return rc != RC_OK ? rc
				   : add_skis(&l->used, &l->used_count,
					 &l->used_room, e);
	case ENTRY_DONE:
		return add_mark(&l->done, e);
	case ENTRY_DEAD:
		return add_mark(&l->dead, e);
	case ENTRY_RETRY:
		return add_mark(&l->retry, e);
	case ENTRY_RECIPIENTS:
		return add_skis(&l->recipients, &l->recipient_count,
		    &l->recipient_room, e);
	case ENTRY_DAY:
		return add_day(l, e);
	case ENTRY_START:
	case ENTRY_PAUSE:
		break;
	}
	return RC_OK;
}

enum rc
ledger_read(struct ledger *l, FILE *from, size_t *line, char why[ENTRY_WHY_MAX])
{
	struct entry e;
	char *text = NULL;
	size_t size = 0;
	ssize_t n;
	enum rc rc = RC_OK;

	*line = 0;
	while (rc == RC_OK && (n = getline(&text, &size, from)) != -1) {
		(*line)++;
		if (text[n - 1] != '\n') {
			snprintf(why, ENTRY_WHY_MAX,
			    "has no end: the file was cut off");
			rc = RC_BAD;
			break;
		}
		rc = entry_read(text, (size_t)n - 1, &e, why);
		if (rc == RC_OK)
			rc = ledger_add(l, &e);
	}
	if (rc == RC_OK && ferror(from))
		rc = RC_IO;
	free(text);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	int order = memcmp(x->id, y->id, ENTRY_ID_LEN);

	return order != 0 ? order : (x->day > y->day) - (x->day < y->day);
}

static int
by_day(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static void
sort(void *list, size_t count, size_t size,
    int (*order)(const void *a, const void *b))
{
	if (count > 1)
		qsort(list, count, size, order);
}

static void __attribute__((format(printf, 2, 3)))
fault(struct closing *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	c->faults++;
	if (c->fault == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->fault(text, c->ctx);
}

/* The first mark of this id, or NULL. Sorted by id and then by day. */
static const struct mark *
first_of(const struct marks *m, const uint8_t *id)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(m->list[middle].id, id, ENTRY_ID_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->count || memcmp(m->list[low].id, id, ENTRY_ID_LEN) != 0)
		return NULL;
	return &m->list[low];
}

/* How often this id stands in m up to the end of day. */
static size_t
times_of(const struct marks *m, const uint8_t *id, uint32_t day)
{
	const struct mark *at = first_of(m, id);
	size_t n = 0;

	for (; at != NULL && at < m->list + m->count &&
	       memcmp(at->id, id, ENTRY_ID_LEN) == 0 && at->day <= day;
	     at++)
		n++;
	return n;
}

static size_t
different(const struct marks *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += i == 0 || memcmp(m->list[i].id, m->list[i - 1].id,
				   ENTRY_ID_LEN) != 0;
	return n;
}

static size_t
up_to(const struct marks *m, uint32_t day)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += m->list[i].day <= day;
	return n;
}

static void
check_once(struct closing *c, const struct marks *m, const char *word)
{
	size_t twice = m->count - different(m);

	if (twice > 0)
		fault(c, "%zu `%s` entries repeat one that was there before",
		    twice, word);
}

/* What ended must have left first, on the same day or before. */
static void
check_left_first(struct closing *c, const struct marks *end,
    const struct marks *forwarded, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < end->count; i++) {
		const struct mark *left = first_of(forwarded, end->list[i].id);

		n += left == NULL || left->day > end->list[i].day;
	}
	if (n > 0)
		fault(c,
		    "%zu `%s` entries name an object that was not "
		    "`forwarded` before",
		    n, word);
}

/* An object is taken up again only when it was dead, and is not dead when it
 * is done. */
static void
check_dead(struct closing *c, const struct ledger *l)
{
	size_t alive = 0, both = 0, again = 0;

	for (size_t i = 0; i < l->retry.count; i++) {
		const uint8_t *id = l->retry.list[i].id;

		alive += times_of(&l->retry, id, UINT32_MAX) >
			 times_of(&l->dead, id, UINT32_MAX);
	}
	for (size_t i = 0; i < l->dead.count; i++) {
		const uint8_t *id = l->dead.list[i].id;
		size_t dead = times_of(&l->dead, id, UINT32_MAX);
		size_t retries = times_of(&l->retry, id, UINT32_MAX);

		both += dead > retries && first_of(&l->done, id) != NULL;
		again += dead > retries + 1;
	}
	if (alive > 0)
		fault(c,
		    "%zu `retry` entries are about an object that was "
		    "not dead",
		    alive);
	if (both > 0)
		fault(c, "%zu objects are dead and done at once", both);
	if (again > 0)
		fault(c,
		    "%zu `dead` entries are about an object that was "
		    "dead already",
		    again);
}

/* A recipient that the log did not announce is a new reader nobody was told
 * about. */
static void
check_recipients(struct closing *c, const struct ledger *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->used_count; i++) {
		int found = 0;

		for (size_t j = 0; j < l->recipient_count && !found; j++)
			found = l->recipients[j].day <= l->used[i].day &&
				memcmp(l->recipients[j].ski, l->used[i].ski,
				    ENTRY_SKI_LEN) == 0;
		n += !found;
	}
	if (n > 0)
		fault(c,
		    "%zu times something was forwarded to a recipient "
		    "that no `recipients` entry names",
		    n);
}

static void
check_day(struct closing *c, const struct ledger *l, const struct entry *tally,
    struct ledger_day *d)
{
	size_t dead = up_to(&l->dead, tally->day);
	size_t retries = up_to(&l->retry, tally->day);

	d->day = tally->day;
	d->queued = tally->queued;
	d->dead = tally->dead;
	d->done = tally->done;
	d->accepted = up_to(&l->accepted, tally->day);
	d->log_done = up_to(&l->done, tally->day);
	d->log_dead = dead > retries ? dead - retries : 0;
	/* The tally's done counts the rows that still hold one; their bodies
	 * are overwritten after a while, so it may be less than were done. */
	d->holds = d->dead == d->log_dead && d->done <= d->log_done &&
		   d->queued <= d->accepted && d->dead <= d->accepted &&
		   d->accepted == d->log_done + d->queued + d->dead;
	if (!d->holds)
		fault(c,
		    "day %04u-%02u-%02u: accepted %zu, but done %zu + "
		    "queued %" PRIu64 " + dead %" PRIu64
		    " (by the entries %zu)",
		    d->day / 10000, d->day / 100 % 100, d->day % 100,
		    d->accepted, d->log_done, d->queued, d->dead, d->log_dead);
}

static void
check_days(struct closing *c, struct ledger *l,
    void (*each)(const struct ledger_day *day, void *ctx), void *ctx)
{
	for (size_t i = 0; i < l->day_count; i++) {
		struct ledger_day d;

		if (i > 0 && l->days[i].day == l->days[i - 1].day)
			fault(c, "day %04u-%02u-%02u is closed twice",
			    l->days[i].day / 10000, l->days[i].day / 100 % 100,
			    l->days[i].day % 100);
		check_day(c, l, &l->days[i], &d);
		if (each != NULL)
			each(&d, ctx);
	}
}

void
ledger_close(struct ledger *l, struct ledger_sums *sums,
    void (*each)(const struct ledger_day *day, void *ctx),
    void (*fault_cb)(const char *what, void *ctx), void *ctx)
{
	struct marks *all[] = {
	    &l->accepted, &l->forwarded, &l->done, &l->dead, &l->retry};
	struct closing c = {.fault = fault_cb, .ctx = ctx};
	size_t ended;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sort(all[i]->list, all[i]->count, sizeof(struct mark), by_id);
	sort(l->days, l->day_count, sizeof(*l->days), by_day);

	check_once(&c, &l->accepted, "accepted");
	check_once(&c, &l->forwarded, "forwarded");
	check_once(&c, &l->done, "done");
	check_left_first(&c, &l->done, &l->forwarded, "done");
	check_left_first(&c, &l->dead, &l->forwarded, "dead");
	check_dead(&c, l);
	check_recipients(&c, l);
	check_days(&c, l, each, ctx);

	memset(sums, 0, sizeof(*sums));
	sums->accepted = l->accepted.count;
	sums->forwarded = l->forwarded.count;
	sums->done = l->done.count;
	sums->dead = l->dead.count;
	sums->retries = l->retry.count;
	sums->objects = different(&l->forwarded);
	sums->dead_now =
	    l->dead.count > l->retry.count ? l->dead.count - l->retry.count : 0;
	sums->days = l->day_count;
	ended = sums->done + sums->dead_now;
	if (sums->objects > sums->accepted || ended > sums->accepted)
		fault(&c,
		    "more objects left (%zu) or ended (%zu) than reports "
		    "were accepted (%zu)",
		    sums->objects, ended, sums->accepted);
	else
		sums->open = sums->accepted - ended;
	sums->faults = c.faults;
}
