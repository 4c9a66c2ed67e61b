/* The databases: what was committed is there after anything, what was not is
 * not, and the order of commits leaves no trace. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "hex.h"
#include "program.h"
#include "store_parts.h"

static char folder[64];
static struct store *store;
static const struct store_sizes small = {{16, 3, 2}, 20, 30};
static struct store_sizes sizes;

static void
open_store(void)
{
	sizes = small;
	ck_assert_int_eq(store_open(folder, &sizes, &store), RC_OK);
}

static void
setup(void)
{
	program_folder(folder);
	open_store();
}

static void
close_store(void)
{
	store_close(store);
	store = NULL;
}

static void
teardown(void)
{
	close_store();
	program_folder_remove(folder);
}

static struct buf *
object(size_t len, uint8_t byte)
{
	struct buf *b = buf_new(len);

	ck_assert_int_eq(buf_fill(b, byte, len), RC_OK);
	return b;
}

/* --- opening -----------------------------------------------------------------
 */

struct counts {
	uint64_t heads, receipts, entries, bad, used, next;
};

static void
see_head(void *arg, uint64_t place, enum rc rc, const struct head *h)
{
	struct counts *c = arg;

	ck_assert_uint_eq(place, c->heads++);
	c->bad += rc != RC_OK;
	c->used += rc == RC_OK && h->state != STATE_FREE;
}

static void
see_receipt(void *arg, uint64_t place, enum rc rc, const struct receipt *r)
{
	struct counts *c = arg;

	ck_assert_uint_eq(place, c->receipts++);
	c->bad += rc != RC_OK;
	c->used += rc == RC_OK && r->used;
}

static void
see_entry(void *arg, uint64_t place, enum rc rc, const struct entry *e)
{
	struct counts *c = arg;

	ck_assert_uint_eq(place, c->entries++);
	c->bad += rc != RC_OK;
	c->used += rc == RC_OK && e->used;
}

static struct counts
count_rows(void)
{
	struct counts c = {0};

	ck_assert_int_eq(store_each_head(store, see_head, &c), RC_OK);
	ck_assert_int_eq(store_each_receipt(store, see_receipt, &c), RC_OK);
	ck_assert_int_eq(store_each_entry(store, see_entry, &c), RC_OK);
	return c;
}

START_TEST(all_rows_are_there_from_the_start)
{
	struct counts c = count_rows();

	ck_assert_uint_eq(c.heads, 21);
	ck_assert_uint_eq(c.receipts, 20);
	ck_assert_uint_eq(c.entries, 30);
	ck_assert_uint_eq(c.bad + c.used, 0);
	ck_assert_uint_eq(store_first(store, 0), 0);
	ck_assert_uint_eq(store_first(store, 1), 16);
	ck_assert_uint_eq(store_first(store, 2), 19);
}
END_TEST

START_TEST(a_store_grows_and_keeps_what_it_has)
{
	struct store_sizes more = {{17, 5, 1}, 33, 10};
	struct head h = {.state = STATE_READY, .class = 1, .length = 5};
	struct buf *b = object(5, 'x'), *got = buf_new(10);
	struct counts c;

	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_head(store, 18, &h), RC_OK);
	ck_assert_int_eq(store_body(store, 18, 1, b), RC_OK);
	ck_assert_int_eq(store_commit(store), RC_OK);
	close_store();
	sizes = more;
	ck_assert_int_eq(store_open(folder, &sizes, &store), RC_OK);
	ck_assert_uint_eq(sizes.items[0], 17);
	ck_assert_uint_eq(sizes.items[1], 5);
	ck_assert_uint_eq(sizes.items[2], 2); /* never shrunk */
	ck_assert_uint_eq(sizes.receipts, 33);
	ck_assert_uint_eq(sizes.entries, 30);
	c = count_rows();
	ck_assert_uint_eq(c.heads, 24);
	ck_assert_uint_eq(c.used, 1);
	ck_assert_uint_eq(c.bad, 0);
	/* it moved with its class: 17 + 2 */
	ck_assert_int_eq(store_read_body(store, 19, 5, got), RC_OK);
	ck_assert_mem_eq(buf_data(got), "xxxxx", 5);
	buf_free(b);
	buf_free(got);
}
END_TEST

/* Killed while rows are made, at any moment. */
START_TEST(a_start_that_is_killed_is_made_good)
{
	struct store_sizes large = {{800, 20, 8}, 5000, 5000};

	close_store();
	for (useconds_t us = 0; us < 60000; us += 4000) {
		pid_t child = fork();

		ck_assert_int_ne(child, -1);
		if (child == 0) {
			sizes = large;
			_exit(store_open(folder, &sizes, &store) == RC_OK ? 0
									  : 1);
		}
		usleep(us);
		(void)kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
	}
	sizes = large;
	ck_assert_int_eq(store_open(folder, &sizes, &store), RC_OK);
	ck_assert_mem_eq(&sizes, &large, sizeof(sizes));
	ck_assert_uint_eq(count_rows().heads, 828);
	ck_assert_uint_eq(count_rows().bad, 0);
}
END_TEST

START_TEST(what_is_not_ours_is_refused)
{
	char path[128];
	struct store *other = NULL;
	sqlite3 *db;
	FILE *f;

	close_store();
	sizes = small;
	ck_assert_int_eq(store_open("/nowhere", &sizes, &other), RC_CONFIG);
	snprintf(path, sizeof(path), "%s/queue.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA application_id=7", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(store_open(folder, &sizes, &other), RC_CONFIG);
	f = fopen(path, "we");
	(void)fputs("this is not a database, and longer than a page's head is, "
		    "so that nobody takes it for an empty one "
		    "...................",
	    f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(store_open(folder, &sizes, &other), RC_CONFIG);
	ck_assert_ptr_null(other);
}
END_TEST

START_TEST(files_are_for_their_owner_alone)
{
	static const char *const names[] = {
	    "queue.db", "queue.db-wal", "log.db", "log.db-wal"};
	char path[128];
	struct stat st;

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(st.st_mode & 0077, 0);
	}
}
END_TEST

/* --- commits
 * ------------------------------------------------------------------ */

static void
write_number(int64_t value)
{
	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_set_number(store, "n", value), RC_OK);
}

static int64_t
number(void)
{
	int64_t n = -1;

	ck_assert_int_eq(store_number(store, "n", &n), RC_OK);
	return n;
}

START_TEST(what_was_rolled_back_or_never_committed_is_not_there)
{
	ck_assert_int_eq(number(), 0);
	write_number(1);
	ck_assert_int_eq(store_rollback(store), RC_OK);
	ck_assert_int_eq(store_rollback(store), RC_OK); /* nothing to do */
	ck_assert_int_eq(number(), 0);
	write_number(2);
	close_store();
	open_store();
	ck_assert_int_eq(number(), 0);
}
END_TEST

/* A child commits on and on and says so; it is killed; what it said is there.
 * Between the commits it checkpoints and wipes. */
static _Noreturn void
commit_for_ever(int said)
{
	struct buf *b = object(40000, 'y');
	struct head h = {.state = STATE_READY, .length = 40000};

	open_store();
	for (int64_t n = number() + 1;; n++) {
		write_number(n);
		if (store_body(store, (uint64_t)n % 16, 0, b) != RC_OK ||
		    store_head(store, (uint64_t)n % 16, &h) != RC_OK ||
		    store_commit(store) != RC_OK ||
		    write(said, &n, sizeof(n)) != (ssize_t)sizeof(n))
			_exit(1);
		if (n % 7 == 0 && store_checkpoint(store, 1) != RC_OK)
			_exit(2);
		if (n % 11 == 0 && store_wipe(store) != RC_OK)
			_exit(3);
	}
}

START_TEST(what_was_committed_is_there_after_a_kill)
{
	close_store();
	for (useconds_t us = 20000; us < 100000; us += 8000) {
		int64_t last = 0, n;
		int p[2], status;
		pid_t child;

		ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
		child = fork();
		ck_assert_int_ne(child, -1);
		if (child == 0)
			commit_for_ever(p[1]);
		close(p[1]);
		ck_assert_int_eq(read(p[0], &last, sizeof(last)), 8);
		usleep(us);
		(void)kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status));
		while (read(p[0], &n, sizeof(n)) == (ssize_t)sizeof(n))
			last = n;
		close(p[0]);
		open_store();
		ck_assert_int_ge(number(), last);
		ck_assert_int_le(number(), last + 1);
		ck_assert_uint_eq(count_rows().bad, 0);
		close_store();
	}
}
END_TEST

START_TEST(a_wipe_that_fails_leaves_no_transaction_open)
{
	ck_assert_int_eq(sqlite3_exec(store->db,
			     "CREATE TRIGGER no BEFORE INSERT ON number BEGIN "
			     "SELECT RAISE(FAIL,'no'); END",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(store_wipe(store), RC_IO);
	ck_assert_int_eq(sqlite3_exec(store->db, "DROP TRIGGER no", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	write_number(1);
	ck_assert_int_eq(store_commit(store), RC_OK);
	ck_assert_int_eq(store_wipe(store), RC_OK);
}
END_TEST

/* The same for what comes right behind a wipe: the log file begins anew. */
START_TEST(what_is_committed_behind_a_wipe_is_there)
{
	char copy[160];

	for (int64_t n = 1; n <= 5; n++) {
		ck_assert_int_eq(store_wipe(store), RC_OK);
		write_number(n);
		ck_assert_int_eq(store_commit(store), RC_OK);
		/* the files as a power cut would leave them */
		ck_assert_int_eq(program_run(copy, sizeof(copy),
				     "rm -rf %s/cut && mkdir %s/cut && "
				     "cp %s/*.db* %s/cut/",
				     folder, folder, folder, folder),
		    0);
		{
			struct store_sizes z = small;
			struct store *was = store;
			char cut[80];

			snprintf(cut, sizeof(cut), "%s/cut", folder);
			ck_assert_int_eq(store_open(cut, &z, &store), RC_OK);
			ck_assert_int_eq(number(), n);
			close_store();
			store = was;
		}
	}
}
END_TEST

/* --- rows
 * ---------------------------------------------------------------------- */

START_TEST(a_body_is_read_as_it_was_written_in_every_class)
{
	struct buf *b, *got = buf_new(2 << 20);

	for (unsigned int n = 0; n < CLASS_COUNT; n++) {
		uint8_t c = (uint8_t)n;
		uint64_t place = store_first(store, c) + 1;
		size_t len = CLASS_BYTES(c) + SEAL_ROOM;

		b = object(len, (uint8_t)('a' + c));
		ck_assert_int_eq(store_begin(store), RC_OK);
		ck_assert_int_eq(store_body(store, place, c, b), RC_OK);
		ck_assert_int_eq(store_commit(store), RC_OK);
		buf_clear(got);
		ck_assert_int_eq(store_read_body(store, place, len, got),
		    RC_OK);
		ck_assert_uint_eq(buf_len(got), len);
		ck_assert_mem_eq(buf_data(got), buf_data(b), len);
		/* more than there is */
		buf_clear(got);
		ck_assert_int_ne(store_read_body(store, place, len + 1, got),
		    RC_OK);
		buf_free(b);
	}
	/* a byte too many for its class */
	b = object(CLASS_BYTES(0) + SEAL_ROOM + 1, 'z');
	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_body(store, 0, 0, b), RC_LIMIT);
	ck_assert_int_eq(store_rollback(store), RC_OK);
	buf_free(b);
	buf_free(got);
}
END_TEST

START_TEST(a_place_that_is_not_there_is_never_written)
{
	struct head h = {.state = STATE_READY};
	struct receipt r = {.used = 1};
	struct entry e = {.used = 1};

	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_head(store, 21, &h), RC_IO);
	ck_assert_int_eq(store_body(store, 21, 0, NULL), RC_IO);
	ck_assert_int_eq(store_receipt(store, 20, &r), RC_IO);
	ck_assert_int_eq(store_entry(store, 30, &e), RC_IO);
	ck_assert_int_eq(store_rollback(store), RC_OK);
}
END_TEST

/* --- what the files tell
 * --------------------------------------------------------- */

/* Whether any file of the folder has these bytes in it. */
static int
in_files(const char *text)
{
	char out[256];

	return program_run(out, sizeof(out), "grep -qaF %s %s/*.db*", text,
		   folder) == 0;
}

START_TEST(an_overwritten_body_leaves_no_trace_behind_a_wipe)
{
	struct buf *b = buf_new(64);

	ck_assert_int_eq(buf_add_text(b, "SEALEDMARK"), RC_OK);
	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_body(store, 4, 0, b), RC_OK);
	ck_assert_int_eq(store_commit(store), RC_OK);
	ck_assert(in_files("SEALEDMARK"));
	ck_assert_int_eq(store_begin(store), RC_OK);
	ck_assert_int_eq(store_body(store, 4, 0, NULL), RC_OK);
	ck_assert_int_eq(store_commit(store), RC_OK);
	/* it is in the log file still: that is what a wipe is for */
	ck_assert(in_files("SEALEDMARK"));
	ck_assert_int_eq(store_wipe(store), RC_OK);
	ck_assert(!in_files("SEALEDMARK"));
	buf_free(b);
}
END_TEST

static off_t
size_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

START_TEST(no_commit_needs_a_free_block)
{
	off_t db = size_of("queue.db"), wal = size_of("queue.db-wal");
	struct buf *b = object(40000, 'q');
	struct head h = {.state = STATE_READY, .length = 40000};

	ck_assert_int_eq(wal, STORE_WAL_BYTES);
	for (uint64_t i = 0; i < 2000; i++) {
		ck_assert_int_eq(store_begin(store), RC_OK);
		ck_assert_int_eq(store_body(store, i % 16, 0, b), RC_OK);
		h.slot = i;
		ck_assert_int_eq(store_head(store, i % 16, &h), RC_OK);
		ck_assert_int_eq(store_commit(store), RC_OK);
		ck_assert_int_eq(store_checkpoint(store, 3072), RC_OK);
	}
	ck_assert_int_eq(size_of("queue.db"), db);
	ck_assert_int_eq(size_of("queue.db-wal"), wal);
	ck_assert_int_eq(store_wipe(store), RC_OK);
	ck_assert_int_eq(size_of("queue.db"), db);
	ck_assert_int_eq(size_of("queue.db-wal"), wal);
	buf_free(b);
}
END_TEST

/* Rows are filled in one order of places and in another: afterwards the files
 * are the same but for what a wipe writes by chance. */
static void
fill_in_order(int backwards)
{
	for (uint64_t i = 0; i < 16; i++) {
		uint64_t place = backwards ? 15 - i : i;
		struct buf *b = object(33000, (uint8_t)place);
		struct head h = {.state = STATE_READY, .length = 33000};
		struct receipt r = {.used = 1};

		memset(h.h, (int)place, HASH_LEN);
		memset(r.k, (int)place, HASH_LEN);
		ck_assert_int_eq(store_begin(store), RC_OK);
		ck_assert_int_eq(store_body(store, place, 0, b), RC_OK);
		ck_assert_int_eq(store_head(store, place, &h), RC_OK);
		ck_assert_int_eq(store_receipt(store, place, &r), RC_OK);
		ck_assert_int_eq(store_commit(store), RC_OK);
		buf_free(b);
	}
	ck_assert_int_eq(store_wipe(store), RC_OK);
}

/* All bytes of queue.db but the first page (counters of changes) and those
 * pages that hold small numbers. */
static uint64_t
sum_of_rows(void)
{
	char path[128];
	sqlite3_stmt *s;
	sqlite3 *db;
	uint64_t sum = 0;

	close_store();
	snprintf(path, sizeof(path), "%s/queue.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db,
			     "SELECT rootpage FROM sqlite_schema "
			     "WHERE name='number'",
			     -1, &s, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	{
		int64_t skip = sqlite3_column_int64(s, 0), page = 0;
		uint8_t raw[4096];
		FILE *f = fopen(path, "re");

		while (fread(raw, sizeof(raw), 1, f) == 1) {
			if (++page == 1 || page == skip)
				continue;
			for (size_t i = 0; i < sizeof(raw); i++)
				sum = (sum ^ raw[i]) * UINT64_C(1099511628211);
		}
		(void)fclose(f);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	return sum;
}

START_TEST(the_order_of_coming_is_not_in_the_database)
{
	uint64_t forwards, backwards;

	fill_in_order(0);
	forwards = sum_of_rows();
	program_folder_remove(folder);
	setup();
	fill_in_order(1);
	backwards = sum_of_rows();
	ck_assert_uint_eq(forwards, backwards);
}
END_TEST

/* --- the log
 * ---------------------------------------------------------------------- */

static void
append(const char *const *texts, size_t count, int64_t flush)
{
	struct entry e[8];
	const struct entry *lines[8];

	for (size_t i = 0; i < count; i++) {
		e[i].used = 1;
		e[i].length = (uint16_t)strlen(texts[i]);
		memcpy(e[i].text, texts[i], e[i].length + 1U);
		lines[i] = &e[i];
	}
	ck_assert_int_eq(store_append(store, lines, count, flush, 100 + flush),
	    RC_OK);
}

START_TEST(lines_are_exported_whole_and_in_order)
{
	static const char *const first[] = {"one", "two"};
	static const char *const second[] = {"three", ""};
	struct buf *b = buf_new(9); /* "one\ntwo\n" and a byte */
	int64_t next = 1, last = -1, flush = -1, day = -1;

	ck_assert_int_eq(store_flushed(store, &flush, &day), RC_OK);
	ck_assert_int_eq(flush, 0);
	ck_assert_int_eq(day, 0);
	ck_assert_int_eq(store_last_line(store, &last), RC_OK);
	ck_assert_int_eq(last, 0);
	ck_assert_int_eq(store_lines(store, &next, last, b), RC_EOF);
	append(first, 2, 1);
	ck_assert_int_eq(store_last_line(store, &last), RC_OK);
	append(second, 2, 2);
	/* only up to where it was when it was asked for */
	ck_assert_int_eq(last, 2);
	ck_assert_int_eq(store_lines(store, &next, last, b), RC_OK);
	ck_assert_uint_eq(buf_len(b), 8);
	ck_assert_mem_eq(buf_data(b), "one\ntwo\n", 8);
	ck_assert_int_eq(store_lines(store, &next, last, b), RC_EOF);
	buf_clear(b);
	ck_assert_int_eq(store_last_line(store, &last), RC_OK);
	ck_assert_int_eq(store_lines(store, &next, last, b), RC_OK);
	ck_assert_mem_eq(buf_data(b), "three\n\n", 7);
	ck_assert_int_eq(store_flushed(store, &flush, &day), RC_OK);
	ck_assert_int_eq(flush, 2);
	ck_assert_int_eq(day, 102);
	close_store();
	open_store();
	ck_assert_int_eq(store_last_line(store, &last), RC_OK);
	ck_assert_int_eq(last, 4);
	ck_assert_int_eq(store_wipe_log(store), RC_OK);
	buf_free(b);
}
END_TEST

static void
add_open(TCase *t)
{
	tcase_add_test(t, a_wipe_that_fails_leaves_no_transaction_open);
	tcase_add_test(t, all_rows_are_there_from_the_start);
	tcase_add_test(t, a_store_grows_and_keeps_what_it_has);
	tcase_add_test(t, a_start_that_is_killed_is_made_good);
	tcase_add_test(t, what_is_not_ours_is_refused);
	tcase_add_test(t, files_are_for_their_owner_alone);
}

static void
add_rows(TCase *t)
{
	tcase_add_test(t, what_was_rolled_back_or_never_committed_is_not_there);
	tcase_add_test(t, what_was_committed_is_there_after_a_kill);
	tcase_add_test(t, what_is_committed_behind_a_wipe_is_there);
	tcase_add_test(t, a_body_is_read_as_it_was_written_in_every_class);
	tcase_add_test(t, a_place_that_is_not_there_is_never_written);
	tcase_add_test(t, an_overwritten_body_leaves_no_trace_behind_a_wipe);
	tcase_add_test(t, no_commit_needs_a_free_block);
	tcase_add_test(t, the_order_of_coming_is_not_in_the_database);
	tcase_add_test(t, lines_are_exported_whole_and_in_order);
}

int
main(void)
{
	Suite *suite = suite_create("queue store");
	TCase *opening = tcase_create("open"), *rows = tcase_create("rows");
	SRunner *runner;
	int failed;

	(void)umask(077);
	tcase_add_checked_fixture(opening, setup, teardown);
	tcase_add_checked_fixture(rows, setup, teardown);
	tcase_set_timeout(opening, 60);
	tcase_set_timeout(rows, 60);
	add_open(opening);
	add_rows(rows);
	suite_add_tcase(suite, opening);
	suite_add_tcase(suite, rows);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
