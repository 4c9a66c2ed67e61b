/* A growing byte buffer that always has a maximum. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256, PRINT_MAX = 4096 };

struct buf {
	uint8_t *data;
	size_t len;
	size_t size;
	size_t max;
};

static const uint8_t nothing[1];

struct buf *
buf_new(size_t max)
{
	struct buf *b;

	if (max == 0)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b != NULL)
		b->max = max;
	return b;
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	free(b);
}

void
buf_free_secret(struct buf *b)
{
	if (b != NULL && b->data != NULL)
		explicit_bzero(b->data, b->size);
	buf_free(b);
}

/* Makes room for extra more bytes. realloc() would leave a copy of a secret
 * behind, so the old place is cleansed and freed by hand. */
static enum rc
grow(struct buf *b, size_t extra)
{
	size_t want, size;
	uint8_t *data;

	if (extra > b->max - b->len)
		return RC_LIMIT;
	want = b->len + extra;
	if (want <= b->size)
		return RC_OK;
	size = b->size == 0 ? FIRST_SIZE : b->size;
	while (size < want)
		size = size > b->max / 2 ? b->max : size * 2;
	if (size > b->max)
		size = b->max;
	data = malloc(size);
	if (data == NULL)
		return RC_NOMEM;
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	if (b->data != NULL)
		explicit_bzero(b->data, b->size);
	free(b->data);
	b->data = data;
	b->size = size;
	return RC_OK;
}

enum rc
buf_add(struct buf *b, const void *data, size_t len)
{
	enum rc rc;

	if (len == 0)
		return RC_OK;
	rc = grow(b, len);
	if (rc != RC_OK)
		return rc;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	return RC_OK;
}

enum rc
buf_add_text(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

enum rc
buf_addf(struct buf *b, const char *fmt, ...)
{
	char line[PRINT_MAX];
	va_list ap;
	enum rc rc;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line))
		rc = RC_LIMIT;
	else
		rc = buf_add(b, line, (size_t)n);
	explicit_bzero(line, n < 0                      ? sizeof(line)
			     : (size_t)n < sizeof(line) ? (size_t)n
							: sizeof(line));
	return rc;
}

enum rc
buf_fill(struct buf *b, uint8_t byte, size_t count)
{
	enum rc rc;

	if (count == 0)
		return RC_OK;
	rc = grow(b, count);
	if (rc != RC_OK)
		return rc;
	memset(b->data + b->len, byte, count);
	b->len += count;
	return RC_OK;
}

const uint8_t *
buf_data(const struct buf *b)
{
	return b->data == NULL ? nothing : b->data;
}

size_t
buf_len(const struct buf *b)
{
	return b->len;
}

size_t
buf_room(const struct buf *b)
{
	return b->max - b->len;
}

void
buf_clear(struct buf *b)
{
	if (b->len > 0)
		explicit_bzero(b->data, b->len);
	b->len = 0;
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	explicit_bzero(b->data + len, b->len - len);
	b->len = len;
}
