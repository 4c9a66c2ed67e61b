/* The gateway's JSON answer. */
#include "reply.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "show.h"

struct reply {
	json_t *root;
};

enum rc
reply_parse(const void *raw_json, size_t len, struct reply **out)
{
	struct reply *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return RC_NOMEM;
	/* the padding behind the object is space, which JSON allows */
	r->root = json_loadb(raw_json, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(r->root)) {
		reply_free(r);
		return RC_BAD;
	}
	*out = r;
	return RC_OK;
}

void
reply_free(struct reply *r)
{
	if (r == NULL)
		return;
	json_decref(r->root);
	free(r);
}

static const char *
text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

const char *
reply_word(const struct reply *r)
{
	return r == NULL ? "" : text(r->root, "status");
}

const char *
reply_detail(const struct reply *r)
{
	return r == NULL ? "" : text(r->root, "detail");
}

const char *
reply_forwarding(const struct reply *r)
{
	return r == NULL ? "" : text(r->root, "forwarding");
}

static size_t
length(const struct reply *r, const char *key)
{
	return r == NULL ? 0 : json_array_size(json_object_get(r->root, key));
}

static void
finding(const struct reply *r, size_t i, struct shown *out)
{
	json_t *f = json_array_get(json_object_get(r->root, "findings"), i);
	const char *severity = text(f, "severity");
	json_int_t line = json_integer_value(json_object_get(f, "line"));
	json_t *point = json_object_get(f, "codePoint");

	out->rule = text(f, "rule");
	out->severity = *severity;
	if (*severity == '\0')
		out->severity = '?';
	out->path = text(f, "path");
	out->line = line > 0 && line < UINT32_MAX ? (uint32_t)line : 0;
	out->codepoint = json_string_value(point);
	out->help = text(f, "help");
}

static unsigned long
more(const struct reply *r)
{
	json_int_t n;

	if (r == NULL)
		return 0;
	n = json_integer_value(json_object_get(r->root, "more"));
	return n > 0 ? (unsigned long)n : 0;
}

int
reply_returns(const struct reply *r)
{
	for (size_t i = 0; i < length(r, "findings"); i++) {
		struct shown f;

		finding(r, i, &f);
		if (f.severity == 'R' || f.severity == 'Q')
			return 1;
	}
	return 0;
}

int
reply_has_advice(const struct reply *r)
{
	return length(r, "advice") > 0;
}

int
reply_advise(const struct reply *r)
{
	int urgent = 0;

	for (size_t i = 0; i < length(r, "advice"); i++) {
		json_t *a =
		    json_array_get(json_object_get(r->root, "advice"), i);
		const char *s = json_string_value(a);

		urgent |= show_advice(s == NULL ? "" : s);
	}
	return urgent;
}

int
reply_show(const struct reply *r, const char *name)
{
	int urgent = reply_advise(r);

	for (size_t i = 0; i < length(r, "findings"); i++) {
		struct shown f;

		finding(r, i, &f);
		show_finding(name, &f);
	}
	show_more(name, more(r));
	return urgent;
}
