/* The databases: rows, and transactions around them. */
#include "store_parts.h"

#include <stdio.h>
#include <string.h>

size_t
store_body_bytes(uint8_t class)
{
	return CLASS_BYTES(class) + SEAL_ROOM;
}

uint64_t
store_first(const struct store *s, uint8_t class)
{
	uint64_t first = 0;

	for (uint8_t c = 0; c < class; c++)
		first += s->sizes.items[c];
	return first;
}

int64_t
store_row(const struct store *s, uint64_t place)
{
	for (unsigned int c = 0; c < CLASS_COUNT; c++) {
		if (place < s->sizes.items[c])
			return (int64_t)c * STORE_CLASS_ROWS + (int64_t)place;
		place -= s->sizes.items[c];
	}
	return -1;
}

uint64_t
store_place(const struct store *s, int64_t row)
{
	int64_t class = row / STORE_CLASS_ROWS, at = row % STORE_CLASS_ROWS;

	if (row < 0 || class >= CLASS_COUNT ||
	    (uint64_t)at >= s->sizes.items[class])
		return UINT64_MAX;
	return store_first(s, (uint8_t) class) + (uint64_t)at;
}

/* --- transactions --------------------------------------------------------- */

enum rc
store_step(struct store *s, enum statement which)
{
	int got = sqlite3_step(s->s[which]);

	sqlite3_reset(s->s[which]);
	return got == SQLITE_DONE || got == SQLITE_ROW ? RC_OK : RC_IO;
}

enum rc
store_begin(struct store *s)
{
	return store_step(s, S_BEGIN);
}

enum rc
store_commit(struct store *s)
{
	return store_step(s, S_COMMIT) == RC_OK ? RC_OK : RC_UNKNOWN;
}

enum rc
store_rollback(struct store *s)
{
	/* SQLite may have rolled back by itself */
	if (sqlite3_get_autocommit(s->db))
		return RC_OK;
	return store_step(s, S_ROLLBACK) == RC_OK ? RC_OK : RC_UNKNOWN;
}

/* --- rows ------------------------------------------------------------------
 */

static enum rc
overwrite(struct store *s, enum statement which, int64_t place, const void *row,
    size_t bytes)
{
	enum rc rc;

	sqlite3_bind_int64(s->s[which], 1, place);
	sqlite3_bind_blob(s->s[which], 2, row, (int)bytes, SQLITE_STATIC);
	rc = store_step(s, which);
	/* a place that does not exist would be a lost report */
	if (rc == RC_OK && sqlite3_changes(sqlite3_db_handle(s->s[which])) != 1)
		rc = RC_IO;
	return rc;
}

enum rc
store_head(struct store *s, uint64_t place, const struct head *h)
{
	int64_t at = store_row(s, place);
	uint8_t row[HEAD_BYTES];

	head_encode(h, (uint64_t)at, row);
	return overwrite(s, S_HEAD, at, row, sizeof(row));
}

enum rc
store_body(struct store *s, uint64_t place, uint8_t class,
    const struct buf *object)
{
	size_t len = object == NULL ? 0 : buf_len(object);
	size_t bytes = store_body_bytes(class);

	if (len > bytes)
		return RC_LIMIT;
	if (len > 0)
		memcpy(s->scratch, buf_data(object), len);
	memset(s->scratch + len, 0, bytes - len);
	return overwrite(s, S_BODY, store_row(s, place), s->scratch, bytes);
}

enum rc
store_receipt(struct store *s, uint64_t place, const struct receipt *r)
{
	uint8_t row[RECEIPT_BYTES];

	receipt_encode(r, place, row);
	return overwrite(s, S_RECEIPT, (int64_t)place, row, sizeof(row));
}

enum rc
store_entry(struct store *s, uint64_t place, const struct entry *e)
{
	uint8_t row[ENTRY_BYTES];

	entry_encode(e, place, row);
	return overwrite(s, S_ENTRY, (int64_t)place, row, sizeof(row));
}

enum rc
store_read_body(struct store *s, uint64_t place, size_t length, struct buf *b)
{
	sqlite3_stmt *q = s->s[S_READ_BODY];
	enum rc rc = RC_IO;
	int got;

	sqlite3_bind_int64(q, 1, store_row(s, place));
	got = sqlite3_step(q);
	if (got == SQLITE_ROW) {
		const void *row = sqlite3_column_blob(q, 0);
		size_t bytes = (size_t)sqlite3_column_bytes(q, 0);

		rc = row != NULL && length <= bytes ? buf_add(b, row, length)
						    : RC_IO;
	} else if (got == SQLITE_DONE)
		rc = RC_NOTFOUND;
	sqlite3_reset(q);
	return rc;
}

enum rc
store_read_entry(struct store *s, uint64_t place, struct entry *e)
{
	sqlite3_stmt *q = s->s[S_READ_ENTRY];
	enum rc rc = RC_IO;

	sqlite3_bind_int64(q, 1, (sqlite3_int64)place);
	if (sqlite3_step(q) == SQLITE_ROW)
		rc = entry_decode(sqlite3_column_blob(q, 0),
		    (size_t)sqlite3_column_bytes(q, 0), place, e);
	sqlite3_reset(q);
	return rc;
}

/* Walks one table; the row's bytes live until the next step. */
static enum rc
each_row(struct store *s, const char *table,
    void (*each)(void *arg, int64_t at, const uint8_t *row, size_t len),
    void *arg)
{
	sqlite3_stmt *q = NULL;
	char sql[64];
	int got;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT place,row FROM %s ORDER BY place", table);
	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK)
		return RC_IO;
	while ((got = sqlite3_step(q)) == SQLITE_ROW) {
		const uint8_t *row = sqlite3_column_blob(q, 1);

		each(arg, sqlite3_column_int64(q, 0), row,
		    row == NULL ? 0 : (size_t)sqlite3_column_bytes(q, 1));
	}
	sqlite3_finalize(q);
	return got == SQLITE_DONE ? RC_OK : RC_IO;
}

struct walk {
	const struct store *s;
	void (*head)(void *, uint64_t, enum rc, const struct head *);
	void (*receipt)(void *, uint64_t, enum rc, const struct receipt *);
	void (*entry)(void *, uint64_t, enum rc, const struct entry *);
	void *arg;
};

static void
walk_head(void *arg, int64_t at, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct head h;
	enum rc rc = head_decode(row, len, (uint64_t)at, &h);

	w->head(w->arg, store_place(w->s, at), rc, &h);
}

static void
walk_receipt(void *arg, int64_t at, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct receipt r;
	enum rc rc = receipt_decode(row, len, (uint64_t)at, &r);

	w->receipt(w->arg, (uint64_t)at, rc, &r);
}

static void
walk_entry(void *arg, int64_t at, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct entry e;
	enum rc rc = entry_decode(row, len, (uint64_t)at, &e);

	w->entry(w->arg, (uint64_t)at, rc, &e);
}

enum rc
store_each_head(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct head *h),
    void *arg)
{
	struct walk w = {.s = s, .head = each, .arg = arg};

	return each_row(s, "head", walk_head, &w);
}

enum rc
store_each_receipt(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc,
	const struct receipt *r),
    void *arg)
{
	struct walk w = {.s = s, .receipt = each, .arg = arg};

	return each_row(s, "receipt", walk_receipt, &w);
}

enum rc
store_each_entry(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct entry *e),
    void *arg)
{
	struct walk w = {.s = s, .entry = each, .arg = arg};

	return each_row(s, "entry", walk_entry, &w);
}

enum rc
store_number(struct store *s, const char *name, int64_t *out)
{
	sqlite3_stmt *q = s->s[S_NUMBER];
	int got;

	*out = 0;
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	got = sqlite3_step(q);
	if (got == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return got == SQLITE_ROW || got == SQLITE_DONE ? RC_OK : RC_IO;
}

enum rc
store_set_number(struct store *s, const char *name, int64_t value)
{
	sqlite3_bind_text(s->s[S_SET_NUMBER], 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s->s[S_SET_NUMBER], 2, value);
	return store_step(s, S_SET_NUMBER);
}
