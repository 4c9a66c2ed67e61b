/* A report on its way. */
#include "draft.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "show.h"

/* A file larger than this can not become a report. */
#define FILE_MAX ((size_t)4 * 1024 * 1024)

static enum rc
read_whole(const char *path, struct buf *b)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
					: open(path, O_RDONLY | O_CLOEXEC);
	char part[8192];
	enum rc rc = RC_OK;
	ssize_t n;

	if (fd == -1)
		return RC_IO;
	do {
		n = read(fd, part, sizeof(part));
		if (n == -1 && errno == EINTR)
			continue;
		rc = n == -1 ? RC_IO : buf_add(b, part, (size_t)n);
	} while (rc == RC_OK && n != 0);
	explicit_bzero(part, sizeof(part));
	if (rc != RC_IO)
		errno = 0;
	close(fd);
	return rc;
}

void
draft_free(struct draft *d)
{
	buf_free_secret(d->raw);
	buf_free_secret(d->judged);
	buf_free_secret(d->body);
	explicit_bzero(d, sizeof(*d));
}

enum rc
draft_receipt(struct draft *d)
{
	enum rc rc = receipt_make(&d->receipt);

	if (rc == RC_OK)
		rc = receipt_derive(&d->receipt, "id", d->id);
	if (rc == RC_OK)
		rc = receipt_derive(&d->receipt, "blind", d->blind);
	return rc;
}

enum rc
draft_read(struct draft *d, const char *path)
{
	enum rc rc;

	memset(d, 0, sizeof(*d));
	d->path = path;
	d->raw = buf_new(FILE_MAX);
	d->judged = buf_new(FILE_MAX + 4096);
	d->body = buf_new(FILE_MAX + 4096);
	if (d->raw == NULL || d->judged == NULL || d->body == NULL)
		return RC_NOMEM;
	rc = read_whole(path, d->raw);
	if (rc != RC_OK) {
		show_error("can not read %s: %s", path,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
		return RC_BAD;
	}
	rc = draft_receipt(d);
	if (rc != RC_OK) {
		show_error("can not make a receipt: %s", rc_text(rc));
		return RC_BAD;
	}
	return RC_OK;
}

enum rc
draft_prepare(struct draft *d)
{
	const uint8_t *raw = buf_data(d->raw);
	size_t len = buf_len(d->raw);
	enum rc rc;

	rc = document_prepare(raw, len, d->id, d->blind, 1, d->judged);
	if (rc == RC_OK)
		rc = document_prepare(raw, len, d->id, d->blind, 0, d->body);
	if (rc == RC_OK)
		return RC_OK;
	buf_clear(d->judged);
	buf_clear(d->body);
	if (buf_add(d->judged, raw, len) != RC_OK)
		return RC_NOMEM;
	return rc == RC_NOTFOUND ? RC_BAD : rc;
}
