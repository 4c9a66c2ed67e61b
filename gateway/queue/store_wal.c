/* The write-ahead log. Its file has all the room it needs from the start, so
 * that what is kept can be delivered, and its states committed, on a disk
 * without a free block. And it holds commits in the order of their coming: at
 * every slot it is brought back and cut, so that neither its content nor the
 * times of the files tell more than the slot. */
#include "store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "log.h"

enum rc
store_space(const struct store *s, uint64_t *bytes)
{
	struct statfs f;

	if (fstatfs(s->folder, &f) == -1)
		return RC_IO;
	*bytes = (uint64_t)f.f_bavail * (uint64_t)f.f_bsize;
	return RC_OK;
}

static enum rc
checkpoint(sqlite3 *db, int mode)
{
	return sqlite3_wal_checkpoint_v2(db, NULL, mode, NULL, NULL) ==
		       SQLITE_OK
		   ? RC_OK
		   : RC_IO;
}

enum rc
store_checkpoint(struct store *s, int pages)
{
	enum rc rc;

	if (s->wal_pages <= pages)
		return RC_OK;
	/* its file keeps its size, and is written again from the front */
	rc = checkpoint(s->db, SQLITE_CHECKPOINT_RESTART);
	if (rc == RC_OK)
		s->wal_pages = 0;
	return rc;
}

/* Something is written at every slot, whether there was a report or not. */
static enum rc
stir(struct store *s)
{
	enum rc rc;

	rc = store_begin(s);
	if (rc == RC_OK)
		rc = store_set_number(s, "stir", (int64_t)arc4random());
	if (rc == RC_OK)
		return store_commit(s);
	/* left open, it would make every later one fail */
	return store_rollback(s) == RC_OK ? rc : RC_UNKNOWN;
}

enum rc
store_take_room(struct store *s)
{
	if (fallocate(s->wal, 0, 0, STORE_WAL_BYTES) == -1) {
		if (errno != EOPNOTSUPP)
			return RC_FULL;
		/* nothing to be done about it here */
	}
	return RC_OK;
}

enum rc
store_wipe(struct store *s)
{
	enum rc rc;

	rc = stir(s);
	if (rc == RC_OK)
		rc = checkpoint(s->db, SQLITE_CHECKPOINT_TRUNCATE);
	if (rc != RC_OK)
		return rc;
	s->wal_pages = 0;
	return store_take_room(s);
}

enum rc
store_wipe_log(struct store *s)
{
	return checkpoint(s->log, SQLITE_CHECKPOINT_TRUNCATE);
}
