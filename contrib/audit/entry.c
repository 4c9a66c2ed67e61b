/* One line of the audit log: a table of what each kind of entry holds, in
 * which order, and one reader for all. */
#include "entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "hex.h"

enum { FIELDS_MAX = 6, TEXT_MAX = 128, BASE64_MAX = 4096 };

enum form {
	FORM_NONE,
	FORM_ID,     /* 64 hexadecimal digits, lower case */
	FORM_SKIS,   /* a list of key identifiers, 40 digits each */
	FORM_NUMBER, /* a whole number, not negative */
	FORM_FLAG,   /* true or false */
	FORM_TEXT,   /* printable ASCII */
	FORM_BASE64
};

struct field {
	const char *name;
	enum form form;
};

/* After "v", "ev" and "day", in this order. */
static const struct {
	const char *word;
	struct field fields[FIELDS_MAX];
} kinds[] = {
    [ENTRY_START] = {"start",
	{{"build", FORM_TEXT}, {"schema", FORM_TEXT}, {"log_key", FORM_ID},
	    {"promise_key", FORM_ID}}},
    [ENTRY_RECIPIENTS] = {"recipients",
	{{"destination", FORM_TEXT}, {"to", FORM_SKIS}}},
    [ENTRY_ACCEPTED] = {"accepted", {{"c", FORM_ID}}},
    [ENTRY_FORWARDED] = {"forwarded",
	{{"obj", FORM_ID}, {"slot", FORM_NUMBER}, {"class", FORM_NUMBER},
	    {"to", FORM_SKIS}}},
    [ENTRY_DONE] = {"done",
	{{"obj", FORM_ID}, {"slot", FORM_NUMBER}, {"ack", FORM_BASE64}}},
    [ENTRY_DEAD] = {"dead", {{"obj", FORM_ID}}},
    [ENTRY_RETRY] = {"retry", {{"obj", FORM_ID}}},
    [ENTRY_PAUSE] = {"pause", {{"on", FORM_FLAG}}},
    [ENTRY_DAY] = {"day", {{"queued", FORM_NUMBER}, {"dead", FORM_NUMBER},
			      {"done", FORM_NUMBER}}},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static enum rc
bad(char why[ENTRY_WHY_MAX], const char *what, const char *name)
{
	snprintf(why, ENTRY_WHY_MAX, "%s%s%s", what, name[0] != '\0' ? " " : "",
	    name);
	return RC_BAD;
}

static int
only(const char *text, const char *allowed, size_t low, size_t high)
{
	size_t n = strlen(text);

	return n >= low && n <= high && strspn(text, allowed) == n;
}

static enum rc
read_hex(const json_t *value, uint8_t *out, size_t len)
{
	const char *text = json_string_value(value);

	if (text == NULL || !only(text, "0123456789abcdef", 2 * len, 2 * len))
		return RC_BAD;
	return hex_decode(text, out, len);
}

static enum rc
read_skis(const json_t *value, struct entry *e)
{
	size_t n = json_array_size(value);

	if (!json_is_array(value) || n == 0 || n > ENTRY_RECIPIENTS_MAX)
		return RC_BAD;
	for (size_t i = 0; i < n; i++) {
		if (read_hex(json_array_get(value, i), e->to[i],
			ENTRY_SKI_LEN) != RC_OK)
			return RC_BAD;
	}
	e->to_count = n;
	return RC_OK;
}

static enum rc
read_number(const json_t *value, const char *name, struct entry *e)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0)
		return RC_BAD;
	if (strcmp(name, "queued") == 0)
		e->queued = (uint64_t)n;
	else if (strcmp(name, "dead") == 0)
		e->dead = (uint64_t)n;
	else if (strcmp(name, "done") == 0)
		e->done = (uint64_t)n;
	return RC_OK;
}

static int
is_text(const char *text)
{
	size_t n = 0;

	if (text == NULL)
		return 0;
	for (; text[n] != '\0'; n++) {
		if (text[n] < ' ' || text[n] > '~')
			return 0;
	}
	return n >= 1 && n <= TEXT_MAX;
}

static enum rc
read_field(const struct field *field, const json_t *value, struct entry *e)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	const char *text = json_string_value(value);
	uint8_t ignored[ENTRY_ID_LEN];

	switch (field->form) {
	case FORM_ID:
		/* start's keys are looked at and not kept */
		return read_hex(value, e->kind == ENTRY_START ? ignored : e->id,
		    ENTRY_ID_LEN);
	case FORM_SKIS:
		return read_skis(value, e);
	case FORM_NUMBER:
		return read_number(value, field->name, e);
	case FORM_FLAG:
		return json_is_boolean(value) ? RC_OK : RC_BAD;
	case FORM_TEXT:
		return is_text(text) ? RC_OK : RC_BAD;
	case FORM_BASE64:
		return text != NULL && only(text, base64, 4, BASE64_MAX) &&
			       strlen(text) % 4 == 0
			   ? RC_OK
			   : RC_BAD;
	default:
		return RC_BAD;
	}
}

static const int month_days[] = {
    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static enum rc
read_day(const json_t *value, uint32_t *out)
{
	const char *text = json_string_value(value);
	uint32_t digits = 0, month, day;

	if (text == NULL || strlen(text) != 10)
		return RC_BAD;
	for (size_t i = 0; i < 10; i++) {
		int dash = i == 4 || i == 7;

		if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return RC_BAD;
		if (!dash)
			digits = digits * 10 + (uint32_t)(text[i] - '0');
	}
	month = digits / 100 % 100;
	day = digits % 100;
	if (month < 1 || month > 12 || day < 1 ||
	    day > (uint32_t)month_days[month - 1])
		return RC_BAD;
	*out = digits;
	return RC_OK;
}

static enum rc
read_kind(const json_t *value, enum entry_kind *out)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text != NULL && i < KINDS; i++) {
		if (strcmp(text, kinds[i].word) == 0) {
			*out = (enum entry_kind)i;
			return RC_OK;
		}
	}
	return RC_BAD;
}

/* Goes through the object in its own order, which must be the agreed one. */
static enum rc
read_object(json_t *object, struct entry *e, char why[ENTRY_WHY_MAX])
{
	static const char *const head[] = {"v", "ev", "day"};
	const struct field *fields;
	const char *key;
	json_t *value;
	size_t n = 0;
	enum rc rc;

	if (json_integer_value(json_object_get(object, "v")) != 1)
		return bad(why, "version is not 1", "");
	if (read_kind(json_object_get(object, "ev"), &e->kind) != RC_OK)
		return bad(why, "unknown kind of entry", "");
	if (read_day(json_object_get(object, "day"), &e->day) != RC_OK)
		return bad(why, "no right day", "");
	fields = kinds[e->kind].fields;
	json_object_foreach(object, key, value)
	{
		size_t at = n++;
		const char *want;

		if (at < 3) {
			want = head[at];
		} else if (at - 3 < FIELDS_MAX &&
			   fields[at - 3].form != FORM_NONE) {
			want = fields[at - 3].name;
		} else
			return bad(why, "a field too many in",
			    kinds[e->kind].word);
		if (strcmp(key, want) != 0)
			return bad(why, "expected the field", want);
		rc = at < 3 ? RC_OK : read_field(&fields[at - 3], value, e);
		if (rc != RC_OK)
			return bad(why, "wrong value of", want);
	}
	if (n < 3 + FIELDS_MAX && fields[n - 3].form != FORM_NONE)
		return bad(why, "the field is missing:", fields[n - 3].name);
	return RC_OK;
}

enum rc
entry_read(const char *raw_line, size_t len, struct entry *out,
    char why[ENTRY_WHY_MAX])
{
	json_error_t error;
	json_t *object = NULL;
	char *again = NULL;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	if (len == 0 || len > ENTRY_LINE_MAX)
		return bad(why, "is empty or too long", "");
	object = json_loadb(raw_line, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(object)) {
		rc = bad(why, "is not a JSON object", "");
		goto out;
	}
	rc = read_object(object, out, why);
	if (rc != RC_OK)
		goto out;
	/* no spaces, no escapes, no 1e3: the one way to write it */
	again = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (again == NULL)
		rc = RC_NOMEM;
	else if (strlen(again) != len || memcmp(again, raw_line, len) != 0)
		rc = bad(why, "is not written in the agreed form", "");
out:
	free(again);
	json_decref(object);
	return rc;
}
