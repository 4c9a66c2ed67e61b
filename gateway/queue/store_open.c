/* Opening and making the databases. Settings that matter, in this order (proven
 * on SQLite 3.40): locking_mode=EXCLUSIVE before the first access, so that WAL
 * needs no shared memory file; WAL; synchronous=FULL, since NORMAL loses
 * acknowledged rows in a power cut; temp_store=MEMORY; no automatic checkpoint,
 * which would run inside a commit. */
#include "store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

enum { PATH_SIZE = 4096, BUSY_MS = 20000, APPLICATION = 0x63746f74 };

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

/* A setting that a promise rests on is looked at, not believed. */
static enum rc
holds(sqlite3 *db, const char *sql, const char *want)
{
	sqlite3_stmt *s = NULL;
	enum rc rc = RC_IO;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		const char *is = (const char *)sqlite3_column_text(s, 0);

		rc = is != NULL && strcmp(is, want) == 0 ? RC_OK : RC_CONFIG;
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
		       "PRAGMA cache_size=-16384;"
		       "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;");
	if (rc == RC_OK)
		rc = holds(*out, "PRAGMA locking_mode", "exclusive");
	if (rc == RC_OK)
		rc = holds(*out, "PRAGMA journal_mode", "wal");
	if (rc == RC_OK)
		rc = holds(*out, "PRAGMA synchronous", "2");
	if (rc != RC_OK)
		return say(*out, name);
	return make_tables(*out, schema);
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

/* --- rows -------------------------------------------------------------------
 */

/* Rows are made in pieces, so that the write-ahead log stays small; each piece
 * is a transaction, and a cut between them is made good by the next start. */
enum { PIECE_BYTES = 8 << 20 };

struct table {
	const char *name;
	void (*make)(uint64_t row, uint8_t *to); /* NULL: zeros */
	size_t bytes;
};

static enum rc
add_piece(struct store *s, const struct table *t, size_t tables, int64_t from,
    int64_t to)
{
	enum rc rc = run(s->db, "BEGIN IMMEDIATE");

	for (size_t i = 0; i < tables && rc == RC_OK; i++)
		rc = add_rows(s->db, t[i].name, (uint64_t)from, (uint64_t)to,
		    t[i].make, t[i].bytes);
	if (rc == RC_OK)
		rc = run(s->db, "COMMIT");
	return rc == RC_OK ? store_checkpoint(s, 0) : rc;
}

/* Brings the rows from first on up to *want in each of the tables, which have
 * the same rows; *want becomes what there is. */
static enum rc
fill(struct store *s, const struct table *t, size_t tables, int64_t first,
    uint64_t *want)
{
	int64_t have = 0, piece, end;
	size_t bytes = 1; /* never nothing: it divides */
	char sql[128];
	enum rc rc;

	for (size_t i = 0; i < tables; i++)
		bytes += t[i].bytes;
	piece = PIECE_BYTES / (int64_t)bytes + 1;
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM %s WHERE place>=%lld AND place<%lld",
	    t[0].name, (long long)first, (long long)(first + STORE_CLASS_ROWS));
	rc = ask(s->db, sql, &have);
	while (rc == RC_OK && have < (int64_t)*want) {
		end = have + piece < (int64_t)*want ? have + piece
						    : (int64_t)*want;
		rc = add_piece(s, t, tables, first + have, first + end);
		have = end;
	}
	*want = (uint64_t)have;
	return rc;
}

static enum rc
make_rows(struct store *s)
{
	const struct table receipt = {"receipt", empty_receipt, RECEIPT_BYTES};
	const struct table entry = {"entry", empty_entry, ENTRY_BYTES};
	enum rc rc = RC_OK;

	for (uint8_t c = 0; c < CLASS_COUNT && rc == RC_OK; c++) {
		const struct table item[] = {{"head", empty_head, HEAD_BYTES},
		    {"body", NULL, store_body_bytes(c)}};

		rc = fill(s, item, 2, (int64_t)c * STORE_CLASS_ROWS,
		    &s->sizes.items[c]);
	}
	if (rc == RC_OK)
		rc = fill(s, &receipt, 1, 0, &s->sizes.receipts);
	if (rc == RC_OK)
		rc = fill(s, &entry, 1, 0, &s->sizes.entries);
	return rc == RC_OK ? RC_OK : say(s->db, "the rows can not be made");
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

/* SQLite opens the folder of a log file with that file's first sync, to sync
 * the folder too: it has to happen before lock-down, and without a write, for
 * the disk may be full. */
static enum rc
sync_wal(sqlite3 *db)
{
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER,
		&f) != SQLITE_OK ||
	    f == NULL || f->pMethods == NULL ||
	    f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) != SQLITE_OK)
		return say(db, "its write-ahead log can not be synced");
	return RC_OK;
}

/* The log file by a descriptor of ours, to take room for it. (Closing one of
 * queue.db itself would drop SQLite's lock.) */
static enum rc
open_wal(struct store *s)
{
	enum rc rc;

	s->wal =
	    openat(s->folder, "queue.db-wal", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (s->wal == -1)
		return say(s->db, "has no write-ahead log");
	rc = sync_wal(s->db);
	if (rc == RC_OK)
		rc = sync_wal(s->log);
	/* what it has is not given back here: the disk may be full */
	if (rc == RC_OK && store_take_room(s) != RC_OK)
		warnx("database: no room on the disk for the write-ahead log");
	return rc;
}

enum rc
store_open(const char *folder, struct store_sizes *sizes, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	enum rc rc;

	if (s == NULL)
		return RC_NOMEM;
	s->sizes = *sizes;
	s->wal = -1;
	s->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->scratch = calloc(1, store_body_bytes(CLASS_COUNT - 1));
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
		rc = prepare(s);
	if (rc == RC_OK)
		rc = open_wal(s);
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
	if (s->wal != -1)
		close(s->wal);
	free(s->scratch);
	free(s);
}
