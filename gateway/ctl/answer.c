/* The bytes of ctl's answer, told whole from cut. The last bytes are held
 * back until the end: they may be the line that says it is whole. */
#include "answer.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAD_MAX = 16,    /* {"ok":false} and its newline */
	TRAILER_MAX = 32, /* {"end":, at most 20 digits, } and its newline */
	REFUSAL_MAX = 4096
};

struct answer {
	answer_sink sink;
	void *arg;
	int headed, ok;
	char head[HEAD_MAX];
	size_t head_len;
	char tail[TRAILER_MAX]; /* the latest bytes, not handed on */
	size_t tail_len;
	uint64_t total; /* handed on */
	struct buf *refusal;
};

struct answer *
answer_new(answer_sink sink, void *arg)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->sink = sink;
	a->arg = arg;
	a->refusal = buf_new(REFUSAL_MAX);
	if (a->refusal == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

void
answer_free(struct answer *a)
{
	if (a == NULL)
		return;
	buf_free(a->refusal);
	free(a);
}

const struct buf *
answer_refusal(const struct answer *a)
{
	return a->ok ? NULL : a->refusal;
}

static enum rc
hand_on(struct answer *a, const char *data, size_t len)
{
	if (len == 0)
		return RC_OK;
	a->total += len;
	if (a->ok)
		return a->sink(data, len, a->arg);
	return buf_add(a->refusal, data, len);
}

/* Takes bytes of the first line; *used says how many. */
static enum rc
feed_head(struct answer *a, const char *raw, size_t len, size_t *used)
{
	static const char yes[] = "{\"ok\":true}\n", no[] = "{\"ok\":false}\n";

	for (*used = 0; *used < len && !a->headed;) {
		char c = raw[(*used)++];

		if (a->head_len == HEAD_MAX)
			return RC_BAD;
		a->head[a->head_len++] = c;
		if (c != '\n')
			continue;
		a->headed = 1;
		a->ok = a->head_len == sizeof(yes) - 1 &&
			memcmp(a->head, yes, sizeof(yes) - 1) == 0;
		if (!a->ok && (a->head_len != sizeof(no) - 1 ||
				  memcmp(a->head, no, sizeof(no) - 1) != 0))
			return RC_BAD;
	}
	return RC_OK;
}

enum rc
answer_feed(struct answer *a, const void *raw, size_t len)
{
	const char *p = raw;
	size_t used, out;
	enum rc rc;

	rc = feed_head(a, p, len, &used);
	if (rc != RC_OK)
		return rc;
	p += used;
	len -= used;
	if (len <= TRAILER_MAX - a->tail_len) {
		memcpy(a->tail + a->tail_len, p, len);
		a->tail_len += len;
		return RC_OK;
	}
	/* the oldest go on, the latest TRAILER_MAX stay */
	out = a->tail_len + len - TRAILER_MAX;
	if (out <= a->tail_len) {
		rc = hand_on(a, a->tail, out);
		memmove(a->tail, a->tail + out, a->tail_len - out);
		memcpy(a->tail + a->tail_len - out, p, len);
	} else {
		rc = hand_on(a, a->tail, a->tail_len);
		if (rc == RC_OK)
			rc = hand_on(a, p, out - a->tail_len);
		memcpy(a->tail, p + len - TRAILER_MAX, TRAILER_MAX);
	}
	a->tail_len = TRAILER_MAX;
	return rc;
}

/* Where the last line of the tail begins. */
static size_t
last_line(const struct answer *a)
{
	size_t at = a->tail_len - 1;

	while (at > 0 && a->tail[at - 1] != '\n')
		at--;
	return at;
}

enum rc
answer_end(struct answer *a)
{
	char want[TRAILER_MAX + 16];
	size_t at;
	enum rc rc;
	int n;

	if (a->head_len == 0)
		return RC_EOF;
	if (!a->headed || a->tail_len == 0 || a->tail[a->tail_len - 1] != '\n')
		return RC_BAD;
	at = last_line(a);
	rc = hand_on(a, a->tail, at);
	if (rc != RC_OK)
		return rc;
	/* only this line can be the right one: nothing needs to be parsed */
	n = snprintf(want, sizeof(want), "{\"end\":%" PRIu64 "}\n", a->total);
	if (n < 0 || (size_t)n != a->tail_len - at ||
	    memcmp(want, a->tail + at, (size_t)n) != 0)
		return RC_BAD;
	return RC_OK;
}
