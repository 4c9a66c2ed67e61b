/* The destinations as queue knows them. */
#include "desks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fnv.h"
#include "journal.h"
#include "log.h"

enum { TO_BYTES = 1024, NUMBER_NAME = 48 };

/* A name as a small number for the database; tells a mix-up, not an attack. */
static int64_t
name_number(const char *name)
{
	return (int64_t)(fnv(FNV_START, name, strlen(name)) >> 2) + 1;
}

/* Each destination's name is what it always was, or is written down now. */
static enum rc
pin_names(struct queue *q, const struct destinations *d)
{
	char key[NUMBER_NAME];
	int64_t before;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < d->count && rc == RC_OK; i++) {
		(void)snprintf(key, sizeof(key), "destination %zu", i);
		rc = store_number(q->store, key, &before);
		if (rc == RC_OK && before == 0) {
			rc = queue_begin(q);
			if (rc == RC_OK)
				rc = store_set_number(q->store, key,
				    name_number(d->place[i].name));
		} else if (rc == RC_OK &&
			   before != name_number(d->place[i].name)) {
			warnx("destination %zu of the configuration has "
			      "another "
			      "name than before; add new ones at the end and "
			      "keep the order",
			    i + 1);
			rc = RC_CONFIG;
		}
	}
	return rc;
}

static enum rc
load(struct queue *q, int fd, struct destinations **out)
{
	struct archive *a = NULL;
	const char *why = "not an archive";
	enum rc rc;

	rc = archive_read(fd, &a);
	if (rc == RC_OK)
		rc = destinations_load(a, q->config.demo != 0, out, &why);
	archive_free(a);
	if (rc != RC_OK)
		warnx("ALARM: the destinations are refused: %s", why);
	return rc;
}

enum rc
desks_load(struct queue *q, int fd)
{
	enum rc rc = load(q, fd, &q->destinations);

	return rc == RC_OK ? pin_names(q, q->destinations) : rc;
}

enum rc
desks_cover(const struct queue *q)
{
	const struct places *p = q->places;

	for (uint64_t i = 0; i < p->item_count; i++) {
		const struct head *h = &p->item[i].head;

		if (h->state == STATE_FREE || h->state == STATE_DONE ||
		    h->destination < q->destinations->count)
			continue;
		warnx("destination %u was taken out of the configuration, but "
		      "reports for it are not delivered yet: put it back where "
		      "it was",
		    h->destination + 1U);
		return RC_CONFIG;
	}
	return RC_OK;
}

static enum rc
tell_one(struct queue *q, const struct place *p)
{
	struct buf *to = buf_new(TO_BYTES);
	enum rc rc = RC_NOMEM;

	if (to != NULL)
		rc = journal_recipients(p->recipients->ski[0],
		    p->recipients->count, to);
	if (rc == RC_OK)
		rc =
		    journal_add(q, "recipients", ",\"destination\":\"%s\",%.*s",
			p->name, (int)buf_len(to), (const char *)buf_data(to));
	buf_free(to);
	return rc;
}

enum rc
desks_tell(struct queue *q)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < q->destinations->count && rc == RC_OK; i++)
		rc = tell_one(q, &q->destinations->place[i]);
	return rc;
}

static int
same_recipients(const struct recipients *a, const struct recipients *b)
{
	return a->count == b->count &&
	       memcmp(a->ski, b->ski, a->count * SKI_LEN) == 0;
}

enum rc
desks_change(struct queue *q, int fd, int again)
{
	struct destinations *new = NULL, *was = q->destinations;
	enum rc rc;

	rc = load(q, fd, &new);
	close(fd);
	if (rc == RC_DENIED)
		q->denied = 1;
	if (rc != RC_OK)
		return RC_OK;
	rc = new->count < was->count ? RC_CONFIG : pin_names(q, new);
	if (rc != RC_OK) {
		destinations_free(new);
		if (rc != RC_CONFIG)
			return RC_IO;
		warnx("ALARM: new destinations are refused");
		return RC_OK;
	}
	if (!again)
		q->denied = 0;
	destinations_free(q->old);
	q->old = was;
	q->destinations = new;
	for (size_t i = 0; i < new->count &&rc == RC_OK; i++) {
		if (i >= was->count ||
		    !same_recipients(new->place[i].recipients,
			was->place[i].recipients))
			rc = tell_one(q, &new->place[i]);
	}
	return rc == RC_OK ? RC_OK : RC_IO;
}

void
desks_drop_old(struct queue *q)
{
	destinations_free(q->old);
	q->old = NULL;
}
