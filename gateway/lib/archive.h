/* Several named files in one descriptor, so that a role gets all it loads as
 * one sealed memfd. Form: "name length\n", the bytes, "\n", and so on. */
#ifndef CUTOUT_ARCHIVE_H
#define CUTOUT_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"

struct archive;

/* Reads the whole of fd from offset 0 (fd stays the caller's) and splits it.
 * RC_BAD: not an archive, or two entries of one name. RC_LIMIT: over 16 MiB or
 * 256 entries. RC_IO, RC_NOMEM. On RC_OK the caller frees *out. */
enum rc archive_read(int fd, struct archive **out) MUST_USE;
void archive_free(struct archive *a);

/* Borrowed bytes of the entry with this name; data is NUL-terminated behind
 * len. RC_NOTFOUND: there is none. */
enum rc archive_get(const struct archive *a, const char *name,
    const uint8_t **data, size_t *len) MUST_USE;

/* How many entries, and the name and bytes of entry i (i < count). */
size_t archive_count(const struct archive *a);
const char *archive_name(const struct archive *a, size_t i);
const uint8_t *archive_data(const struct archive *a, size_t i, size_t *len);

/* Appends one entry to b. name: 1 to 63 of [A-Za-z0-9._/-], else RC_BAD.
 * RC_LIMIT, RC_NOMEM. After a failure b is as it was. */
enum rc archive_add(struct buf *b, const char *name, const void *data,
    size_t len) MUST_USE;

/* A sealed, read-only memfd of the bytes; the caller closes it. RC_IO. */
enum rc sealed_memfd(const char *name, const void *data, size_t len,
    int *out) MUST_USE;

#endif
