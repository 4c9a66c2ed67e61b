/* One line of JSON from the operator, as the frame that asks queue. Whatever
 * is not exactly a known question is refused here: queue sees only numbers. */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "hex.h"

enum takes { TAKES_NOTHING, TAKES_ITEM, TAKES_SWITCH };

static const struct {
	const char *name;
	enum verb verb;
	enum takes takes;
} verbs[] = {
    {"status", VERB_STATUS, TAKES_NOTHING},
    {"dead-list", VERB_DEAD_LIST, TAKES_NOTHING},
    {"dead-retry", VERB_DEAD_RETRY, TAKES_ITEM},
    {"pause", VERB_PAUSE, TAKES_SWITCH},
    {"log-export", VERB_LOG_EXPORT, TAKES_NOTHING},
};
enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

/* One item by its h, or all of them: no hash. Never by a missing key, so that
 * a misspelt "h" does not retry everything. */
static enum rc
item_argument(const json_t *line, struct ask *out, const char **why)
{
	const char *raw_h = json_string_value(json_object_get(line, "h"));

	if (json_is_true(json_object_get(line, "all")))
		return RC_OK;
	*why = "dead-retry takes h, 64 hexadecimal digits, or all, true";
	if (raw_h == NULL)
		return RC_BAD;
	out->len += HASH_LEN;
	return hex_decode(raw_h, out->payload + 1, HASH_LEN);
}

static enum rc
switch_argument(const json_t *line, struct ask *out, const char **why)
{
	const json_t *on = json_object_get(line, "on");

	*why = "pause takes on, true or false";
	if (!json_is_boolean(on))
		return RC_BAD;
	out->payload[out->len++] = json_is_true(on) ? 1 : 0;
	return RC_OK;
}

static enum rc
arguments(const json_t *line, enum takes takes, struct ask *out,
    const char **why)
{
	/* the verb, and at most one more: nothing that is not looked at */
	*why = "more than this verb takes";
	if (json_object_size(line) != (takes == TAKES_NOTHING ? 1 : 2))
		return RC_BAD;
	switch (takes) {
	case TAKES_ITEM:
		return item_argument(line, out, why);
	case TAKES_SWITCH:
		return switch_argument(line, out, why);
	case TAKES_NOTHING:
		break;
	}
	return RC_OK;
}

enum rc
ask_read(const char *raw_line, size_t len, struct ask *out, const char **why)
{
	const char *raw_verb;
	json_error_t error;
	json_t *line;
	enum rc rc = RC_BAD;

	memset(out, 0, sizeof(*out));
	*why = "not one line with a JSON object";
	line = json_loadb(raw_line, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(line))
		goto out;
	*why = "no such verb";
	raw_verb = json_string_value(json_object_get(line, "verb"));
	if (raw_verb == NULL)
		goto out;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, raw_verb) != 0)
			continue;
		out->payload[0] = (uint8_t)verbs[i].verb;
		out->len = 1;
		rc = arguments(line, verbs[i].takes, out, why);
		break;
	}
out:
	json_decref(line);
	return rc;
}

enum rc
ask_warm(void)
{
	static const char text[] = "{\"verb\":\"status\"}";
	const char *why;
	struct ask a;
	size_t seed;

	/* 0 would mean: take it from /dev/urandom */
	do
		arc4random_buf(&seed, sizeof(seed));
	while (seed == 0);
	json_object_seed(seed);
	return ask_read(text, sizeof(text) - 1, &a, &why) == RC_OK ? RC_OK
								   : RC_NOMEM;
}
