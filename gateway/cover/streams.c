/* When dummies are made. */
#include "streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum { KEY_MOST = 64 };

struct pace {
	int64_t stock, slot_ms[STREAM_KINDS], batch[STREAM_KINDS];
};

/* The fast lane after the sizes of the pool. */
static const struct {
	enum lane lane;
	uint8_t class;
	const char *slot;
} kinds[STREAM_KINDS] = {{LANE_POOL, 0, "slot_ms"},
    {LANE_POOL, 1, "large_slot_ms"}, {LANE_POOL, 2, "large_slot_ms"},
    {LANE_FAST, 0, "fast_slot_ms"}};

static enum rc
number(const struct setup *s, const char *key, int64_t low, int64_t high,
    int64_t *out)
{
	enum rc rc = setup_number(s, key, low, high, out);

	if (rc == RC_OK)
		return rc;
	warnx("setup: %s is missing or wrong", key);
	return RC_CONFIG;
}

static enum rc
read_pace(const struct setup *s, struct pace *p)
{
	enum rc rc = number(s, "stock", 0, 1024, &p->stock);
	int64_t batch = 1;

	if (rc == RC_OK)
		rc = number(s, "slot_batch", 1, 1024, &batch);
	for (size_t i = 0; i < STREAM_KINDS && rc == RC_OK; i++) {
		rc = number(s, kinds[i].slot, 1, INT64_C(1) << 40,
		    &p->slot_ms[i]);
		p->batch[i] = kinds[i].lane == LANE_FAST ? 1 : batch;
	}
	return rc;
}

static enum rc
add_destination(const struct setup *s, const struct pace *p, const char *name,
    size_t number, int64_t now_ms, struct streams *out)
{
	char key[KEY_MOST];
	const char *scheme;
	int64_t test;

	(void)snprintf(key, sizeof(key), "test_%zu", number);
	if (setup_number(s, key, 0, 1, &test) != RC_OK) {
		warnx("setup: %s is missing or wrong", key);
		return RC_CONFIG;
	}
	(void)snprintf(key, sizeof(key), "scheme_%zu", number);
	scheme = setup_text(s, key, "");
	if (strlen(name) >= NAME_MOST ||
	    (strcmp(scheme, "5x5x5") != 0 && strcmp(scheme, "3x5x2") != 0)) {
		warnx("setup: %s is missing or wrong", key);
		return RC_CONFIG;
	}
	for (size_t i = 0; i < STREAM_KINDS; i++) {
		struct stream *t = &out->stream[out->count++];

		*t = (struct stream){
		    .scheme = scheme[0] == '5' ? "5x5x5" : "3x5x2",
		    .test = test != 0,
		    .lane = kinds[i].lane,
		    .class = kinds[i].class,
		    .first = p->stock,
		    .mean_ms = p->slot_ms[i] / (2 * p->batch[i]),
		    .next_ms = now_ms};
		memcpy(t->destination, name, strlen(name));
	}
	return RC_OK;
}

enum rc
streams_read(const struct setup *s, int64_t now_ms, struct streams *out)
{
	struct pace pace;
	enum rc rc = read_pace(s, &pace);

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < MAX_DESTINATIONS && rc == RC_OK; i++) {
		char key[KEY_MOST];
		const char *name;

		(void)snprintf(key, sizeof(key), "destination_%zu", i);
		name = setup_text(s, key, "");
		if (pace.stock == 0 || *name == '\0')
			break;
		rc = add_destination(s, &pace, name, i, now_ms, out);
	}
	return rc;
}

struct stream *
streams_next(struct streams *s)
{
	struct stream *next = NULL;

	for (size_t i = 0; i < s->count; i++) {
		if (next == NULL || s->stream[i].next_ms < next->next_ms)
			next = &s->stream[i];
	}
	return next;
}

/* From nothing to twice the mean. */
void
stream_again(struct stream *s, int64_t now_ms)
{
	uint32_t most = s->mean_ms > UINT32_MAX / 4
			    ? UINT32_MAX / 2
			    : (uint32_t)(2 * s->mean_ms);

	if (s->first > 0) {
		s->first--;
		s->next_ms = now_ms;
		return;
	}
	s->next_ms = now_ms + 1 + arc4random_uniform(most + 1);
}
