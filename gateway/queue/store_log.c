/* The second file: the lines of the audit log. */
#include "store_parts.h"

static enum rc
add_lines(struct store *s, const struct entry *const *lines, size_t count,
    int64_t flush, int64_t day)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		sqlite3_bind_text(s->s[S_LOG_ADD], 1, lines[i]->text,
		    lines[i]->length, SQLITE_STATIC);
		rc = store_step(s, S_LOG_ADD);
	}
	sqlite3_bind_int64(s->s[S_LOG_FLUSH], 1, flush);
	sqlite3_bind_int64(s->s[S_LOG_FLUSH], 2, day);
	return rc == RC_OK ? store_step(s, S_LOG_FLUSH) : rc;
}

enum rc
store_append(struct store *s, const struct entry *const *lines, size_t count,
    int64_t flush, int64_t day)
{
	enum rc rc;

	rc = store_step(s, S_LOG_BEGIN);
	if (rc != RC_OK)
		return rc;
	rc = add_lines(s, lines, count, flush, day);
	if (rc == RC_OK)
		return store_step(s, S_LOG_COMMIT) == RC_OK ? RC_OK
							    : RC_UNKNOWN;
	if (!sqlite3_get_autocommit(s->log) &&
	    store_step(s, S_LOG_ROLLBACK) != RC_OK)
		return RC_UNKNOWN;
	return rc;
}

enum rc
store_flushed(struct store *s, int64_t *flush, int64_t *day)
{
	sqlite3_stmt *q = s->s[S_LOG_FLUSHED];
	enum rc rc = RC_IO;

	if (sqlite3_step(q) == SQLITE_ROW) {
		*flush = sqlite3_column_int64(q, 0);
		*day = sqlite3_column_int64(q, 1);
		rc = RC_OK;
	}
	sqlite3_reset(q);
	return rc;
}

enum rc
store_last_line(struct store *s, int64_t *last)
{
	sqlite3_stmt *q = s->s[S_LOG_LAST];
	enum rc rc = RC_IO;

	if (sqlite3_step(q) == SQLITE_ROW) {
		*last = sqlite3_column_int64(q, 0); /* NULL is 0 */
		rc = RC_OK;
	}
	sqlite3_reset(q);
	return rc;
}

enum rc
store_lines(struct store *s, int64_t *next, int64_t last, struct buf *b)
{
	sqlite3_stmt *q = s->s[S_LOG_LINES];
	enum rc rc = RC_EOF;
	int got;

	sqlite3_bind_int64(q, 1, *next);
	sqlite3_bind_int64(q, 2, last);
	while ((got = sqlite3_step(q)) == SQLITE_ROW) {
		size_t len = (size_t)sqlite3_column_bytes(q, 1);

		rc = RC_OK;
		if (len + 1 > buf_room(b))
			break;
		rc = buf_add(b, sqlite3_column_text(q, 1), len);
		if (rc == RC_OK)
			rc = buf_add(b, "\n", 1);
		if (rc != RC_OK)
			break;
		*next = sqlite3_column_int64(q, 0) + 1;
	}
	sqlite3_reset(q);
	return got == SQLITE_ROW || got == SQLITE_DONE ? rc : RC_IO;
}
