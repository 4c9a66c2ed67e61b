/* Several named files in one descriptor. */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MAX = 256, NAME_SIZE = 64 };
#define ARCHIVE_MAX ((size_t)16 * 1024 * 1024)

struct entry {
	char name[NAME_SIZE];
	const uint8_t *data;
	size_t len;
};

struct archive {
	uint8_t *bytes;
	size_t len;
	size_t count;
	struct entry entries[ENTRIES_MAX];
};

static int
name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' ||
	       c == '-';
}

static enum rc
read_all(int fd, struct archive *a)
{
	struct stat st;
	size_t done = 0;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size < 0 || (uintmax_t)st.st_size > ARCHIVE_MAX)
		return RC_LIMIT;
	a->len = (size_t)st.st_size;
	a->bytes = malloc(a->len + 1);
	if (a->bytes == NULL)
		return RC_NOMEM;
	while (done < a->len) {
		ssize_t n =
		    pread(fd, a->bytes + done, a->len - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return RC_IO;
		done += (size_t)n;
	}
	a->bytes[a->len] = '\0';
	return RC_OK;
}

/* Reads "name length\n" at p; on RC_OK *p stands on the first byte. */
static enum rc
entry_head(uint8_t **p, const uint8_t *end, struct entry *e)
{
	uint8_t *q = *p;
	size_t n = 0, digits = 0;

	while (q < end && name_char((char)*q)) {
		if (n == NAME_SIZE - 1)
			return RC_BAD;
		e->name[n++] = (char)*q++;
	}
	e->name[n] = '\0';
	if (n == 0 || q == end || *q++ != ' ')
		return RC_BAD;
	e->len = 0;
	while (q < end && *q >= '0' && *q <= '9' && digits++ < 9)
		e->len = e->len * 10 + (size_t)(*q++ - '0');
	if (digits == 0 || q == end || *q++ != '\n')
		return RC_BAD;
	*p = q;
	return RC_OK;
}

/* Two entries of one name: two readers might take one each. */
static int
is_known(const struct archive *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->entries[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static enum rc
split(struct archive *a)
{
	uint8_t *p = a->bytes;
	const uint8_t *end = a->bytes + a->len;

	while (p < end) {
		struct entry *e;
		enum rc rc;

		if (a->count == ENTRIES_MAX)
			return RC_LIMIT;
		e = &a->entries[a->count];
		rc = entry_head(&p, end, e);
		if (rc != RC_OK)
			return rc;
		if (is_known(a, e->name))
			return RC_BAD;
		/* the bytes and their closing newline */
		if (e->len >= (size_t)(end - p) || p[e->len] != '\n')
			return RC_BAD;
		e->data = p;
		p += e->len;
		*p++ = '\0';
		a->count++;
	}
	return RC_OK;
}

enum rc
archive_read(int fd, struct archive **out)
{
	struct archive *a;
	enum rc rc;

	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return RC_NOMEM;
	rc = read_all(fd, a);
	if (rc == RC_OK)
		rc = split(a);
	if (rc != RC_OK) {
		archive_free(a);
		return rc;
	}
	*out = a;
	return RC_OK;
}

void
archive_free(struct archive *a)
{
	if (a == NULL)
		return;
	free(a->bytes);
	free(a);
}

enum rc
archive_get(const struct archive *a, const char *name, const uint8_t **data,
    size_t *len)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->entries[i].name, name) == 0) {
			*data = a->entries[i].data;
			*len = a->entries[i].len;
			return RC_OK;
		}
	}
	return RC_NOTFOUND;
}

size_t
archive_count(const struct archive *a)
{
	return a->count;
}

const char *
archive_name(const struct archive *a, size_t i)
{
	return a->entries[i].name;
}

const uint8_t *
archive_data(const struct archive *a, size_t i, size_t *len)
{
	*len = a->entries[i].len;
	return a->entries[i].data;
}

enum rc
archive_add(struct buf *b, const char *name, const void *data, size_t len)
{
	size_t n = strlen(name), before = buf_len(b);
	enum rc rc;

	if (n == 0 || n >= NAME_SIZE)
		return RC_BAD;
	for (size_t i = 0; i < n; i++) {
		if (!name_char(name[i]))
			return RC_BAD;
	}
	rc = buf_addf(b, "%s %zu\n", name, len);
	if (rc == RC_OK)
		rc = buf_add(b, data, len);
	if (rc == RC_OK)
		rc = buf_add(b, "\n", 1);
	if (rc != RC_OK)
		buf_truncate(b, before);
	return rc;
}

enum rc
sealed_memfd(const char *name, const void *data, size_t len, int *out)
{
	const uint8_t *p = data;
	size_t done = 0;
	int fd, saved;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return RC_IO;
	while (done < len) {
		ssize_t n = write(fd, p + done, len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == -1)
		goto fail;
	*out = fd;
	return RC_OK;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return RC_IO;
}
