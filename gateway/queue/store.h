/* The databases: rows by their places, and transactions around them. */
#ifndef CUTOUT_STORE_H
#define CUTOUT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "rows.h"

/* How many rows of each kind; a database that was made with smaller numbers is
 * grown, never shrunk. */
struct store_sizes {
	uint64_t items[CLASS_COUNT];
	uint64_t receipts;
	uint64_t entries;
};

struct store;

/* The room that queue.db's write-ahead log has from the start. A round's
 * transaction fits in it behind what is not brought back yet, so that rounds
 * without a new report need no free block of the disk. */
#define STORE_WAL_BYTES ((int64_t)32 << 20)

/* Opens (or makes, with all rows) queue.db and log.db in folder. Both are held
 * open: no call below opens a file. The write-ahead log keeps what it holds,
 * and the room that its file has. sizes are what was asked for and become what
 * there is. A cut while rows were made or added is made good. RC_CONFIG: the
 * folder or files can not be used, or hold something else. RC_NOMEM. A line in
 * the log says what was wrong. */
enum rc store_open(const char *folder, struct store_sizes *sizes,
    struct store **out) MUST_USE;
void store_close(struct store *s);

/* Places of items are numbered through all classes: where a class begins. */
uint64_t store_first(const struct store *s, uint8_t class);

/* One transaction at a time. RC_OK of store_commit(): it is on stable storage
 * (synchronous=FULL). RC_UNKNOWN: it may or may not be; the caller exits and
 * recovery decides. Any other call that fails with RC_IO changed nothing that
 * store_rollback() would not undo. store_rollback() failing is RC_UNKNOWN. */
enum rc store_begin(struct store *s) MUST_USE;
enum rc store_commit(struct store *s) MUST_USE;
enum rc store_rollback(struct store *s) MUST_USE;

/* Overwrite one row in place. object NULL: the body becomes zeros. */
enum rc store_head(struct store *s, uint64_t place,
    const struct head *h) MUST_USE;
enum rc store_body(struct store *s, uint64_t place, uint8_t class,
    const struct buf *object) MUST_USE;
enum rc store_receipt(struct store *s, uint64_t place,
    const struct receipt *r) MUST_USE;
enum rc store_entry(struct store *s, uint64_t place,
    const struct entry *e) MUST_USE;

/* Appends the first length bytes of a body to b. RC_NOTFOUND, RC_IO. */
enum rc store_read_body(struct store *s, uint64_t place, size_t length,
    struct buf *b) MUST_USE;
enum rc store_read_entry(struct store *s, uint64_t place,
    struct entry *e) MUST_USE;

/* Calls each() for every row, in order of place. RC_BAD of a damaged row is
 * handed to each() as rc with undefined values. */
enum rc store_each_head(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct head *h),
    void *arg) MUST_USE;
enum rc store_each_receipt(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc,
	const struct receipt *r),
    void *arg) MUST_USE;
enum rc store_each_entry(struct store *s,
    void (*each)(void *arg, uint64_t place, enum rc rc, const struct entry *e),
    void *arg) MUST_USE;

/* Small numbers kept in queue.db ("flush", "day", "paused", "born" and the
 * like), 0 when never set. */
enum rc store_number(struct store *s, const char *name, int64_t *out) MUST_USE;
enum rc store_set_number(struct store *s, const char *name,
    int64_t value) MUST_USE;

/* The second file: lines that are never changed again. store_append() is its
 * own transaction: all lines, the flush number and the day that goes on
 * afterwards, or nothing. RC_UNKNOWN as above. */
enum rc store_append(struct store *s, const struct entry *const *lines,
    size_t count, int64_t flush, int64_t day) MUST_USE;
/* What the last store_append() was given; zeros before the first. */
enum rc store_flushed(struct store *s, int64_t *flush, int64_t *day) MUST_USE;
/* The number of the last line, 0: there is none. */
enum rc store_last_line(struct store *s, int64_t *last) MUST_USE;
/* Appends whole lines from number *next to last (they begin at 1), each with a
 * newline, while there is room in b; *next moves on. RC_EOF: no more lines. */
enum rc store_lines(struct store *s, int64_t *next, int64_t last,
    struct buf *b) MUST_USE;

/* Bytes that the folder's filesystem has left for us. */
enum rc store_space(const struct store *s, uint64_t *bytes) MUST_USE;
/* Brings the write-ahead log back into queue.db when it is longer than pages.
 * Off the commit path. RC_IO: it can be tried again. */
enum rc store_checkpoint(struct store *s, int pages) MUST_USE;
/* Writes something, brings all of the log back, cuts it and takes its room
 * again: what came since the last time leaves no trace of its order, and the
 * files' times are this call's. RC_FULL: the room is not there; the rest is
 * done. RC_IO, RC_UNKNOWN. */
enum rc store_wipe(struct store *s) MUST_USE;
/* The same for log.db, which needs no room put by. RC_IO. */
enum rc store_wipe_log(struct store *s) MUST_USE;

#endif
