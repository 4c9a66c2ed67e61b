/* The settings cutoutd hands to a role: "key value" lines in a memfd. */
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETUP_MAX = 65536 };

struct setup {
	char *text; /* keys and values, each NUL-terminated, in turn */
	size_t len;
};

/* Turns "key value\n" lines into pairs of strings. */
static enum rc
split(struct setup *s)
{
	char *p = s->text, *end = s->text + s->len;

	while (p < end) {
		char *eol = memchr(p, '\n', (size_t)(end - p));
		char *space;

		if (eol == NULL)
			return RC_BAD;
		space = memchr(p, ' ', (size_t)(eol - p));
		if (space == NULL || space == p ||
		    memchr(p, '\0', (size_t)(eol - p)) != NULL)
			return RC_BAD;
		*space = '\0';
		*eol = '\0';
		p = eol + 1;
	}
	return RC_OK;
}

enum rc
setup_parse(const void *text, size_t len, struct setup **out)
{
	struct setup *s;
	enum rc rc;

	if (len > SETUP_MAX)
		return RC_LIMIT;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return RC_NOMEM;
	s->text = malloc(len + 1);
	if (s->text == NULL) {
		setup_free(s);
		return RC_NOMEM;
	}
	if (len > 0)
		memcpy(s->text, text, len);
	s->len = len;
	rc = split(s);
	if (rc != RC_OK) {
		setup_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

enum rc
setup_read(int fd, struct setup **out)
{
	struct stat st;
	char *text;
	size_t done = 0, len;
	enum rc rc = RC_IO;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size < 0 || st.st_size > SETUP_MAX)
		return RC_LIMIT;
	len = (size_t)st.st_size;
	text = malloc(len + 1);
	if (text == NULL)
		return RC_NOMEM;
	while (done < len) {
		ssize_t n = pread(fd, text + done, len - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			goto out;
		done += (size_t)n;
	}
	rc = setup_parse(text, len, out);
out:
	free(text);
	return rc;
}

void
setup_free(struct setup *s)
{
	if (s == NULL)
		return;
	free(s->text);
	free(s);
}

const char *
setup_text(const struct setup *s, const char *key, const char *fallback)
{
	const char *p = s->text, *end = s->text + s->len;

	while (p < end) {
		const char *value = p + strlen(p) + 1;

		if (strcmp(p, key) == 0)
			return value;
		p = value + strlen(value) + 1;
	}
	return fallback;
}

enum rc
setup_number(const struct setup *s, const char *key, int64_t low, int64_t high,
    int64_t *out)
{
	const char *text = setup_text(s, key, NULL);
	char *end;
	long long v;

	if (text == NULL)
		return RC_NOTFOUND;
	/* strtoll() would take leading space and a plus sign as well */
	if (*text != '-' && (*text < '0' || *text > '9'))
		return RC_CONFIG;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || v < low || v > high)
		return RC_CONFIG;
	*out = v;
	return RC_OK;
}

enum rc
setup_add(struct buf *b, const char *key, const char *value)
{
	if (*key == '\0' || strpbrk(key, " \n") != NULL ||
	    strchr(value, '\n') != NULL)
		return RC_BAD;
	return buf_addf(b, "%s %s\n", key, value);
}

enum rc
setup_add_number(struct buf *b, const char *key, int64_t value)
{
	if (*key == '\0' || strpbrk(key, " \n") != NULL)
		return RC_BAD;
	return buf_addf(b, "%s %lld\n", key, (long long)value);
}
