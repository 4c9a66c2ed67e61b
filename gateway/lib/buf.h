/* A growing byte buffer that always has a maximum. */
#ifndef CUTOUT_BUF_H
#define CUTOUT_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

struct buf;

/* A new empty buffer that will never hold more than max bytes.
 * NULL: out of memory, or max is 0. The caller frees it. */
struct buf *buf_new(size_t max) MUST_USE;

/* Frees b; NULL is fine. buf_free_secret() cleanses every byte it ever
 * held first: for plaintext, keys and identity. */
void buf_free(struct buf *b);
void buf_free_secret(struct buf *b);

/* Appends len bytes. RC_LIMIT: would pass the maximum, nothing was added.
 * RC_NOMEM: nothing was added. Growing cleanses the place it left. */
enum rc buf_add(struct buf *b, const void *data, size_t len) MUST_USE;
enum rc buf_add_text(struct buf *b, const char *text) MUST_USE;
/* printf into the buffer; at most 4095 bytes a call, else RC_LIMIT. */
enum rc buf_addf(struct buf *b, const char *fmt, ...) MUST_USE
    __attribute__((format(printf, 2, 3)));
/* Appends count times the byte. */
enum rc buf_fill(struct buf *b, uint8_t byte, size_t count) MUST_USE;

/* Borrowed until the next change of b. buf_data() is never NULL. */
const uint8_t *buf_data(const struct buf *b);
size_t buf_len(const struct buf *b);
/* What still fits before the maximum. */
size_t buf_room(const struct buf *b);

/* Forgets (and cleanses) the content, keeps the memory. */
void buf_clear(struct buf *b);
/* Cuts to len bytes; len beyond the content is a bug and does nothing. */
void buf_truncate(struct buf *b, size_t len);

#endif
