/* The insides of store.h, shared by its files. */
#ifndef CUTOUT_STORE_PARTS_H
#define CUTOUT_STORE_PARTS_H

#include <sqlite3.h>

#include "store.h"

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

/* Rows of items are numbered by class, with room between, so that each class
 * can grow; places are numbered without gaps. */
#define STORE_CLASS_ROWS (INT64_C(1) << 24)

struct store {
	sqlite3 *db, *log;
	sqlite3_stmt *s[S_COUNT];
	struct store_sizes sizes;
	int folder, wal;
	int wal_pages;
	uint8_t *scratch; /* one body of the largest class */
};

size_t store_body_bytes(uint8_t class);

/* Runs a statement to its end and makes it ready again. RC_IO. */
enum rc store_step(struct store *s, enum statement which) MUST_USE;

/* The row of an item's place, and back; a place or row that is not there gives
 * a place that is none. */
int64_t store_row(const struct store *s, uint64_t place);
uint64_t store_place(const struct store *s, int64_t row);

/* Room for the write-ahead log, as far as its file does not have it yet.
 * RC_FULL: there is none. */
enum rc store_take_room(struct store *s) MUST_USE;

#endif
