/* The list of what an authority has revoked, as a text file. */
#include "revoked.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char first_line[] = "cutout-revoked 1";

static int
only(const char *text, const char *allowed, size_t low, size_t high)
{
	size_t n = strlen(text);

	return n >= low && n <= high && strspn(text, allowed) == n;
}

int
revoked_has(const struct revoked *r, const char *serial)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->entries[i].serial, serial) == 0)
			return 1;
	}
	return 0;
}

enum rc
revoked_add(struct revoked *r, const char *serial, const char *when,
    const char *label)
{
	struct revoked_entry *e;

	if (!only(serial, "0123456789ABCDEF", 1, SERIAL_TEXT) ||
	    !only(when, "0123456789Z", WHEN_TEXT, WHEN_TEXT) ||
	    !only(label,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./",
		1, LABEL_TEXT))
		return RC_BAD;
	if (revoked_has(r, serial))
		return RC_DUPLICATE;
	if (r->count == REVOKED_MAX)
		return RC_LIMIT;
	e = &r->entries[r->count++];
	memcpy(e->serial, serial, strlen(serial) + 1);
	memcpy(e->when, when, strlen(when) + 1);
	memcpy(e->label, label, strlen(label) + 1);
	return RC_OK;
}

static enum rc
read_number(const char *line, uint64_t *out)
{
	static const char key[] = "number ";
	const char *digits = line + sizeof(key) - 1;

	if (strncmp(line, key, sizeof(key) - 1) != 0 ||
	    !only(digits, "0123456789", 1, 18))
		return RC_BAD;
	*out = strtoull(digits, NULL, 10);
	return RC_OK;
}

static enum rc
read_entry(char *line, struct revoked *r)
{
	const char *serial = strsep(&line, " ");
	const char *when = strsep(&line, " ");
	const char *label = strsep(&line, " ");

	if (when == NULL || label == NULL || line != NULL)
		return RC_BAD;
	return revoked_add(r, serial, when, label) == RC_OK ? RC_OK : RC_BAD;
}

static enum rc
parse(char *text, struct revoked *r)
{
	char *line, *rest = text;
	enum rc rc = RC_BAD;

	for (size_t n = 0; (line = strsep(&rest, "\n")) != NULL; n++) {
		if (rest == NULL) /* what stands after the last newline */
			return n >= 2 && line[0] == '\0' ? rc : RC_BAD;
		if (n == 0)
			rc = strcmp(line, first_line) == 0 ? RC_OK : RC_BAD;
		else if (n == 1)
			rc = read_number(line, &r->number);
		else
			rc = read_entry(line, r);
		if (rc != RC_OK)
			return rc;
	}
	return rc;
}

enum rc
revoked_read(const struct folder *f, const char *name, struct revoked **out)
{
	struct buf *raw_file = NULL;
	struct revoked *r;
	char *text = NULL;
	enum rc rc;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return RC_NOMEM;
	rc = folder_read(f, name, &raw_file);
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	else if (rc == RC_OK) {
		text = strndup((const char *)buf_data(raw_file),
		    buf_len(raw_file));
		rc = text == NULL ? RC_NOMEM : parse(text, r);
	}
	if (rc == RC_OK) {
		*out = r;
		r = NULL;
	}
	free(text);
	buf_free(raw_file);
	free(r);
	return rc;
}

enum rc
revoked_write(struct folder *f, const char *name, const struct revoked *r)
{
	struct buf *b;
	enum rc rc;

	b = buf_new(KEY_FILE_MAX);
	if (b == NULL)
		return RC_NOMEM;
	rc = buf_addf(b, "%s\nnumber %" PRIu64 "\n", first_line, r->number);
	for (size_t i = 0; rc == RC_OK && i < r->count; i++)
		rc = buf_addf(b, "%s %s %s\n", r->entries[i].serial,
		    r->entries[i].when, r->entries[i].label);
	if (rc == RC_OK)
		rc = folder_replace(f, name, 0644, buf_data(b), buf_len(b));
	buf_free(b);
	return rc;
}
