/* The databases. Settings that matter, in this order (proven on SQLite 3.40):
 * locking_mode=EXCLUSIVE before the first access, so that WAL needs no shared
 * memory file; WAL; synchronous=FULL, since NORMAL loses acknowledged rows in a
 * power cut; temp_store=MEMORY; no automatic checkpoint, which would run inside
 * a commit. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <sqlite3.h>

#include "log.h"

enum { PATH_SIZE = 4096, BUSY_MS = 20000, APPLICATION = 0x63746f74 };

enum statement {
	S_BEGIN,
	S_COMMIT,
	S_ROLLBACK,
	S_HEAD,
	S_BODY,
	S_RECEIPT,
	S_ENTRY,
	S_READ_BODY,
	S_READ_ENTRY,
	S_NUMBER,
	S_SET_NUMBER,
	S_LOG_BEGIN,
	S_LOG_COMMIT,
	S_LOG_ROLLBACK,
	S_LOG_ADD,
	S_LOG_FLUSH,
	S_LOG_FLUSHED,
	S_LOG_LAST,
	S_LOG_LINES,
	S_COUNT
};

static const struct {
	int log;
	const char *sql;
} statements[S_COUNT] = {
    [S_BEGIN] = {0, "BEGIN IMMEDIATE"},
    [S_COMMIT] = {0, "COMMIT"},
    [S_ROLLBACK] = {0, "ROLLBACK"},
    [S_HEAD] = {0, "UPDATE head SET row=?2 WHERE place=?1"},
    [S_BODY] = {0, "UPDATE body SET row=?2 WHERE place=?1"},
    [S_RECEIPT] = {0, "UPDATE receipt SET row=?2 WHERE place=?1"},
    [S_ENTRY] = {0, "UPDATE entry SET row=?2 WHERE place=?1"},
    [S_READ_BODY] = {0, "SELECT row FROM body WHERE place=?1"},
    [S_READ_ENTRY] = {0, "SELECT row FROM entry WHERE place=?1"},
    [S_NUMBER] = {0, "SELECT value FROM number WHERE name=?1"},
    [S_SET_NUMBER] = {0, "INSERT INTO number VALUES(?1,?2) ON CONFLICT(name) "
			 "DO UPDATE SET value=?2"},
    [S_LOG_BEGIN] = {1, "BEGIN IMMEDIATE"},
    [S_LOG_COMMIT] = {1, "COMMIT"},
    [S_LOG_ROLLBACK] = {1, "ROLLBACK"},
    [S_LOG_ADD] = {1, "INSERT INTO line(text) VALUES(?1)"},
    [S_LOG_FLUSH] = {1, "UPDATE flush SET value=?1,day=?2"},
    [S_LOG_FLUSHED] = {1, "SELECT value,day FROM flush"},
    [S_LOG_LAST] = {1, "SELECT max(number) FROM line"},
    [S_LOG_LINES] = {1, "SELECT number,text FROM line WHERE number>=?1 AND "
			"number<=?2 ORDER BY number LIMIT 256"},
};

struct store {
	sqlite3 *db, *log;
	sqlite3_stmt *s[S_COUNT];
	struct store_sizes sizes;
	int folder;
	int wal_pages;
	uint8_t *scratch; /* one body of the largest class */
};

static const char queue_schema[] =
    "CREATE TABLE head(place INTEGER PRIMARY KEY, row BLOB NOT NULL);"
    "CREATE TABLE body(place INTEGER PRIMARY KEY, row BLOB NOT NULL);"
    "CREATE TABLE receipt(place INTEGER PRIMARY KEY, row BLOB NOT NULL);"
    "CREATE TABLE entry(place INTEGER PRIMARY KEY, row BLOB NOT NULL);"
    "CREATE TABLE number(name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
    " WITHOUT ROWID;";
static const char log_schema[] =
    "CREATE TABLE line(number INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE flush(value INTEGER NOT NULL, day INTEGER NOT NULL);"
    "INSERT INTO flush VALUES(0,0);";

static size_t
body_bytes(uint8_t class)
{
	return CLASS_BYTES(class) + SEAL_ROOM;
}

/* --- opening ------------------------------------------------------------- */

static enum rc
say(sqlite3 *db, const char *what)
{
	warnx("database: %s: %s", what,
	    db == NULL ? "out of memory" : sqlite3_errmsg(db));
	return RC_CONFIG;
}

static enum rc
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK
								    : RC_IO;
}

/* One small number out of a pragma or table. */
static enum rc
ask(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	enum rc rc = RC_IO;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		rc = RC_OK;
	}
	sqlite3_finalize(s);
	return rc;
}

static int
count_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *s = arg;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

/* A file of ours: the mark is set in the transaction that makes the tables, so
 * a start that was killed half way leaves none, and the next begins anew. */
static enum rc
make_tables(sqlite3 *db, const char *schema)
{
	char mark[64];
	int64_t id = 0;
	enum rc rc;

	rc = ask(db, "PRAGMA application_id", &id);
	if (rc != RC_OK)
		return say(db, "can not be read");
	if (id == APPLICATION)
		return RC_OK;
	if (id != 0) {
		warnx("database: the file is of another program");
		return RC_CONFIG;
	}
	(void)snprintf(mark, sizeof(mark), "PRAGMA application_id=%d",
	    APPLICATION);
	rc = run(db, "BEGIN IMMEDIATE");
	if (rc == RC_OK)
		rc = run(db, schema);
	if (rc == RC_OK)
		rc = run(db, mark);
	if (rc == RC_OK)
		rc = run(db, "COMMIT");
	return rc == RC_OK ? RC_OK : say(db, "can not be made");
}

static enum rc
open_db(const char *folder, const char *name, const char *schema, sqlite3 **out)
{
	char path[PATH_SIZE];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	enum rc rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return RC_CONFIG;
	if (sqlite3_open_v2(path, out,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE,
		NULL) != SQLITE_OK)
		return say(*out, name);
	/* closing must not remove the log file: after lock-down nothing may be
	 * removed */
	(void)sqlite3_file_control(*out, "main", SQLITE_FCNTL_PERSIST_WAL,
	    &(int){1});
	/* the queue of a daemon that was killed may take a moment to end */
	sqlite3_busy_timeout(*out, BUSY_MS);
	rc = run(*out, "PRAGMA locking_mode=EXCLUSIVE;PRAGMA page_size=4096;"
		       "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
		       "PRAGMA temp_store=MEMORY;PRAGMA wal_autocheckpoint=0;"
		       "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;");
	if (rc != RC_OK)
		return say(*out, name);
	return make_tables(*out, schema);
}

static enum rc
count_rows(sqlite3 *db, const char *table, uint64_t *out)
{
	char sql[64];
	int64_t n = 0;
	enum rc rc;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	rc = ask(db, sql, &n);
	*out = (uint64_t)n;
	return rc;
}

/* Adds empty rows of one length to a table, up to count. make() writes one. */
static enum rc
add_rows(sqlite3 *db, const char *table, uint64_t from, uint64_t to,
    void (*make)(uint64_t place, uint8_t *row), size_t bytes)
{
	uint8_t row[ENTRY_BYTES];
	sqlite3_stmt *s = NULL;
	char sql[64];
	enum rc rc = RC_IO;

	(void)snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES(?1,?2)", table);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return RC_IO;
	rc = RC_OK;
	for (uint64_t place = from; place < to && rc == RC_OK; place++) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)place);
		if (make == NULL)
			sqlite3_bind_zeroblob(s, 2, (int)bytes);
		else {
			make(place, row);
			sqlite3_bind_blob(s, 2, row, (int)bytes, SQLITE_STATIC);
		}
		if (sqlite3_step(s) != SQLITE_DONE)
			rc = RC_IO;
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	return rc;
}

static void
empty_head(uint64_t place, uint8_t *row)
{
	static const struct head none;

	head_encode(&none, place, row);
}

static void
empty_receipt(uint64_t place, uint8_t *row)
{
	static const struct receipt none;

	receipt_encode(&none, place, row);
}

static void
empty_entry(uint64_t place, uint8_t *row)
{
	static const struct entry none;

	entry_encode(&none, place, row);
}

/* Where the places of a class begin is fixed when the database is made. */
static enum rc
make_items(struct store *s)
{
	uint64_t first = 0, have = 0;
	enum rc rc;

	rc = count_rows(s->db, "head", &have);
	for (uint8_t c = 0; c < CLASS_COUNT && rc == RC_OK && have == 0; c++) {
		uint64_t end = first + s->sizes.items[c];

		rc =
		    add_rows(s->db, "head", first, end, empty_head, HEAD_BYTES);
		if (rc == RC_OK)
			rc = add_rows(s->db, "body", first, end, NULL,
			    body_bytes(c));
		first = end;
	}
	return rc;
}

static enum rc
make_rows(struct store *s)
{
	uint64_t receipts = 0, entries = 0;
	enum rc rc;

	rc = run(s->db, "BEGIN IMMEDIATE");
	if (rc == RC_OK)
		rc = make_items(s);
	if (rc == RC_OK)
		rc = count_rows(s->db, "receipt", &receipts);
	if (rc == RC_OK)
		rc = add_rows(s->db, "receipt", receipts, s->sizes.receipts,
		    empty_receipt, RECEIPT_BYTES);
	if (rc == RC_OK)
		rc = count_rows(s->db, "entry", &entries);
	if (rc == RC_OK)
		rc = add_rows(s->db, "entry", entries, s->sizes.entries,
		    empty_entry, ENTRY_BYTES);
	if (rc == RC_OK)
		rc = run(s->db, "COMMIT");
	if (rc != RC_OK)
		return say(s->db, "the rows can not be made");
	return RC_OK;
}

/* How many items of each class there really are, by the length of bodies. */
static enum rc
measure(struct store *s)
{
	char sql[96];
	int64_t n = 0;
	enum rc rc = RC_OK;

	for (uint8_t c = 0; c < CLASS_COUNT && rc == RC_OK; c++) {
		(void)snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM body WHERE length(row)=%zu",
		    body_bytes(c));
		rc = ask(s->db, sql, &n);
		s->sizes.items[c] = (uint64_t)n;
	}
	if (rc == RC_OK)
		rc = count_rows(s->db, "receipt", &s->sizes.receipts);
	if (rc == RC_OK)
		rc = count_rows(s->db, "entry", &s->sizes.entries);
	return rc == RC_OK ? RC_OK : say(s->db, "can not be counted");
}

static enum rc
prepare(struct store *s)
{
	for (int i = 0; i < S_COUNT; i++) {
		sqlite3 *db = statements[i].log ? s->log : s->db;

		if (sqlite3_prepare_v3(db, statements[i].sql, -1,
			SQLITE_PREPARE_PERSISTENT, &s->s[i], NULL) != SQLITE_OK)
			return say(db, "is not as expected");
	}
	return RC_OK;
}

enum rc
store_open(const char *folder, struct store_sizes *sizes, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	enum rc rc;

	if (s == NULL)
		return RC_NOMEM;
	s->sizes = *sizes;
	s->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->scratch = calloc(1, body_bytes(CLASS_COUNT - 1));
	rc = RC_NOMEM;
	if (s->scratch == NULL)
		goto out;
	rc = RC_CONFIG;
	if (s->folder == -1) {
		warnx("the data folder can not be opened: %s", strerror(errno));
		goto out;
	}
	rc = open_db(folder, "queue.db", queue_schema, &s->db);
	if (rc == RC_OK)
		rc = open_db(folder, "log.db", log_schema, &s->log);
	if (rc != RC_OK)
		goto out;
	sqlite3_wal_hook(s->db, count_wal, s);
	rc = make_rows(s);
	if (rc == RC_OK)
		rc = measure(s);
	if (rc == RC_OK)
		rc = prepare(s);
	if (rc == RC_OK)
		rc = store_checkpoint(s, 0);
	if (rc != RC_OK)
		goto out;

	*sizes = s->sizes;
	*out = s;
	s = NULL;
out:
	store_close(s);
	return rc;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < S_COUNT; i++)
		sqlite3_finalize(s->s[i]);
	sqlite3_close(s->db);
	sqlite3_close(s->log);
	if (s->folder != -1)
		close(s->folder);
	free(s->scratch);
	free(s);
}

uint64_t
store_first(const struct store *s, uint8_t class)
{
	uint64_t first = 0;

	for (uint8_t c = 0; c < class; c++)
		first += s->sizes.items[c];
	return first;
}

/* --- transactions --------------------------------------------------------- */

static enum rc
step(struct store *s, enum statement which)
{
	int got = sqlite3_step(s->s[which]);

	sqlite3_reset(s->s[which]);
	return got == SQLITE_DONE || got == SQLITE_ROW ? RC_OK : RC_IO;
}

enum rc
store_begin(struct store *s)
{
	return step(s, S_BEGIN);
}

enum rc
store_commit(struct store *s)
{
	return step(s, S_COMMIT) == RC_OK ? RC_OK : RC_UNKNOWN;
}

enum rc
store_rollback(struct store *s)
{
	/* SQLite may have rolled back by itself */
	if (sqlite3_get_autocommit(s->db))
		return RC_OK;
	return step(s, S_ROLLBACK) == RC_OK ? RC_OK : RC_UNKNOWN;
}

/* --- rows ------------------------------------------------------------------
 */

static enum rc
overwrite(struct store *s, enum statement which, uint64_t place,
    const void *row, size_t bytes)
{
	enum rc rc;

	sqlite3_bind_int64(s->s[which], 1, (sqlite3_int64)place);
	sqlite3_bind_blob(s->s[which], 2, row, (int)bytes, SQLITE_STATIC);
	rc = step(s, which);
	/* a place that does not exist would be a lost report */
	if (rc == RC_OK && sqlite3_changes(sqlite3_db_handle(s->s[which])) != 1)
		rc = RC_IO;
	return rc;
}

enum rc
store_head(struct store *s, uint64_t place, const struct head *h)
{
	uint8_t row[HEAD_BYTES];

	head_encode(h, place, row);
	return overwrite(s, S_HEAD, place, row, sizeof(row));
}

enum rc
store_body(struct store *s, uint64_t place, uint8_t class,
    const struct buf *object)
{
	size_t len = object == NULL ? 0 : buf_len(object);
	size_t bytes = body_bytes(class);

	if (len > bytes)
		return RC_LIMIT;
	if (len > 0)
		memcpy(s->scratch, buf_data(object), len);
	memset(s->scratch + len, 0, bytes - len);
	return overwrite(s, S_BODY, place, s->scratch, bytes);
}

enum rc
store_receipt(struct store *s, uint64_t place, const struct receipt *r)
{
	uint8_t row[RECEIPT_BYTES];

	receipt_encode(r, place, row);
	return overwrite(s, S_RECEIPT, place, row, sizeof(row));
}

enum rc
store_entry(struct store *s, uint64_t place, const struct entry *e)
{
	uint8_t row[ENTRY_BYTES];

	entry_encode(e, place, row);
	return overwrite(s, S_ENTRY, place, row, sizeof(row));
}

enum rc
store_read_body(struct store *s, uint64_t place, size_t length, struct buf *b)
{
	sqlite3_stmt *q = s->s[S_READ_BODY];
	enum rc rc = RC_IO;
	int got;

	sqlite3_bind_int64(q, 1, (sqlite3_int64)place);
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
    void (*each)(void *arg, uint64_t place, const uint8_t *row, size_t len),
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

		each(arg, (uint64_t)sqlite3_column_int64(q, 0), row,
		    row == NULL ? 0 : (size_t)sqlite3_column_bytes(q, 1));
	}
	sqlite3_finalize(q);
	return got == SQLITE_DONE ? RC_OK : RC_IO;
}

struct walk {
	void (*head)(void *, uint64_t, enum rc, const struct head *);
	void (*receipt)(void *, uint64_t, enum rc, const struct receipt *);
	void (*entry)(void *, uint64_t, enum rc, const struct entry *);
	void *arg;
};

static void
walk_head(void *arg, uint64_t place, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct head h;
	enum rc rc = head_decode(row, len, place, &h);

	w->head(w->arg, place, rc, &h);
}

static void
walk_receipt(void *arg, uint64_t place, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct receipt r;
	enum rc rc = receipt_decode(row, len, place, &r);

	w->receipt(w->arg, place, rc, &r);
}

static void
walk_entry(void *arg, uint64_t place, const uint8_t *row, size_t len)
{
	const struct walk *w = arg;
	struct entry e;
	enum rc rc = entry_decode(row, len, place, &e);

	w->entry(w->arg, place, rc, &e);
}

enum rc
store_each_head(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct head *h),
    void *arg)
{
	struct walk w = {.head = each, .arg = arg};

	return each_row(s, "head", walk_head, &w);
}

enum rc
store_each_receipt(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc,
	const struct receipt *r),
    void *arg)
{
	struct walk w = {.receipt = each, .arg = arg};

	return each_row(s, "receipt", walk_receipt, &w);
}

enum rc
store_each_entry(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct entry *e),
    void *arg)
{
	struct walk w = {.entry = each, .arg = arg};

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
	return step(s, S_SET_NUMBER);
}

/* --- the log ----------------------------------------------------------------
 */

static enum rc
add_lines(struct store *s, const struct entry *const *lines, size_t count,
    int64_t flush, int64_t day)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		sqlite3_bind_text(s->s[S_LOG_ADD], 1, lines[i]->text,
		    lines[i]->length, SQLITE_STATIC);
		rc = step(s, S_LOG_ADD);
	}
	sqlite3_bind_int64(s->s[S_LOG_FLUSH], 1, flush);
	sqlite3_bind_int64(s->s[S_LOG_FLUSH], 2, day);
	return rc == RC_OK ? step(s, S_LOG_FLUSH) : rc;
}

enum rc
store_append(struct store *s, const struct entry *const *lines, size_t count,
    int64_t flush, int64_t day)
{
	enum rc rc;

	rc = step(s, S_LOG_BEGIN);
	if (rc != RC_OK)
		return rc;
	rc = add_lines(s, lines, count, flush, day);
	if (rc == RC_OK)
		return step(s, S_LOG_COMMIT) == RC_OK ? RC_OK : RC_UNKNOWN;
	if (!sqlite3_get_autocommit(s->log) && step(s, S_LOG_ROLLBACK) != RC_OK)
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

/* --- the disk ----------------------------------------------------------------
 */

enum rc
store_space(const struct store *s, uint64_t *bytes)
{
	struct statfs f;

	if (fstatfs(s->folder, &f) == -1)
		return RC_IO;
	*bytes = (uint64_t)f.f_bavail * (uint64_t)f.f_bsize;
	return RC_OK;
}

enum rc
store_checkpoint(struct store *s, int pages)
{
	int mode =
	    pages == 0 ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;

	if (pages != 0 && s->wal_pages < pages)
		return RC_OK;
	if (sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL) !=
	    SQLITE_OK)
		return RC_IO;
	s->wal_pages = 0;
	if (pages == 0 && sqlite3_wal_checkpoint_v2(s->log, NULL, mode, NULL,
			      NULL) != SQLITE_OK)
		return RC_IO;
	return RC_OK;
}
