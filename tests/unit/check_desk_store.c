/* The desk's store: bytes before name, name before answer; whole or not at
 * all, whatever fails and wherever it is killed. The calls that matter are
 * taken over here: the linker finds these before those of libc. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "derive.h"
#include "hex.h"
#include "program.h"
#include "store.h"

enum { LEN = 100000, CALLS_MAX = 4096 };

static char dir[64], path[256];
static uint8_t data[LEN], h[HASH_LEN];

/* --- the calls --------------------------------------------------------- */

/* Every call that writes, in order: w write, s fsync of a file, d fsync of a
 * folder, r rename. */
static char calls[CALLS_MAX];
static size_t called, act_at; /* act_at 0: never */
static int act_errno;         /* 0: die */

static int
must_fail(char what)
{
	if (called < CALLS_MAX - 1)
		calls[called] = what;
	called++;
	if (called != act_at)
		return 0;
	if (act_errno == 0)
		kill(getpid(), SIGKILL);
	errno = act_errno;
	return 1;
}

int
fsync(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	if (must_fail(S_ISDIR(st.st_mode) ? 'd' : 's'))
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	struct stat st;

	/* what Check writes to its pipes is not counted */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (must_fail('w'))
			return -1;
		if (len > 30000)
			len = 30000; /* writes may always be short */
	}
	return syscall(SYS_write, fd, bytes, len);
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	if (must_fail('r'))
		return -1;
	return (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

static void
act(size_t at, int with_errno)
{
	memset(calls, 0, sizeof(calls));
	called = 0;
	act_at = at;
	act_errno = with_errno;
}

/* --- what is there ------------------------------------------------------- */

static void
make_folder(void)
{
	program_folder(dir);
	for (size_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i * 7);
	ck_assert_int_eq(derive_h(data, LEN, h), RC_OK);
	act(0, 0);
}

static void
remove_folder(void)
{
	program_folder_remove(dir);
}

static struct store *
open_store(void)
{
	struct store *s = NULL;

	ck_assert_int_eq(store_open(dir, 1, &s), RC_OK);
	return s;
}

/* How many files items/ holds whose names begin so. */
static int
count(const char *start)
{
	struct dirent *entry;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/items", dir);
	d = opendir(path);
	ck_assert_ptr_nonnull(d);
	while ((entry = readdir(d)) != NULL)
		n += strcmp(entry->d_name, ".") != 0 &&
		     strcmp(entry->d_name, "..") != 0 &&
		     strncmp(entry->d_name, start, strlen(start)) == 0;
	closedir(d);
	return n;
}

static void
is_kept_whole(const struct store *s)
{
	struct buf *b = NULL;

	ck_assert_int_eq(store_get(s, h, &b), RC_OK);
	ck_assert_uint_eq(buf_len(b), LEN);
	ck_assert_int_eq(memcmp(buf_data(b), data, LEN), 0);
	buf_free(b);
}

/* --- the promises -------------------------------------------------------- */

START_TEST(an_item_is_kept_under_its_hash)
{
	char name[STORE_ID_TEXT + 1];
	struct store *s = open_store();
	struct stat st;

	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	is_kept_whole(s);
	hex_encode(h, HASH_LEN, name);
	snprintf(path, sizeof(path), "%s/items/%s.p7m", dir, name);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777U, 0600);
	ck_assert_int_eq(count(""), 1);
	store_free(s);
}
END_TEST

START_TEST(bytes_are_stable_before_the_name_and_the_name_before_the_answer)
{
	struct store *s = open_store();
	char *last_write;

	act(0, 0);
	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	last_write = strrchr(calls, 'w');
	ck_assert_msg(last_write != NULL, "%s", calls);
	ck_assert_str_eq(last_write, "wsrd");
	ck_assert_ptr_eq(strchr(calls, 's'), last_write + 1);
	store_free(s);
}
END_TEST

START_TEST(a_duplicate_is_made_stable_and_not_written_again)
{
	struct store *s = open_store();

	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	act(0, 0);
	ck_assert_int_eq(store_put(s, h, data, LEN), RC_DUPLICATE);
	/* who wrote it may have been killed before his last fsync() */
	ck_assert_str_eq(calls, "sd");
	ck_assert_int_eq(count(""), 1);
	store_free(s);
}
END_TEST

START_TEST(another_name_than_the_hash_is_not_kept)
{
	struct store *s = open_store();

	h[5] ^= 1;
	act(0, 0);
	ck_assert_int_eq(store_put(s, h, data, LEN), RC_BAD);
	ck_assert_str_eq(calls, "");
	ck_assert_int_eq(count(""), 0);
	store_free(s);
}
END_TEST

START_TEST(a_damaged_item_is_noticed_and_healed)
{
	char name[STORE_ID_TEXT + 1];
	struct store *s = open_store();
	struct buf *b = NULL;

	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	hex_encode(h, HASH_LEN, name);
	snprintf(path, sizeof(path), "%s/items/%s.p7m", dir, name);
	ck_assert_int_eq(truncate(path, LEN - 1), 0);
	ck_assert_int_eq(store_get(s, h, &b), RC_BAD);
	ck_assert_ptr_null(b);
	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	is_kept_whole(s);
	store_free(s);
}
END_TEST

/* Fails call 1, 2, 3 ... until nothing fails. */
START_TEST(no_failing_call_leaves_half_an_item_or_a_false_answer)
{
	static const int failures[] = {EIO, ENOSPC};

	for (int i = 0; i < 2; i++) {
		size_t n = 0;
		enum rc rc;

		do {
			struct store *s = open_store();

			act(++n, failures[i]);
			rc = store_put(s, h, data, LEN);
			act(0, 0);
			if (rc != RC_OK)
				ck_assert_int_eq(rc,
				    failures[i] == EIO ? RC_IO : RC_FULL);
			ck_assert_int_eq(count(".new-"), 0);
			if (count("") == 1)
				is_kept_whole(s);
			/* and it can be sent again */
			if (rc != RC_OK)
				ck_assert_int_ne(store_put(s, h, data, LEN),
				    RC_IO);
			is_kept_whole(s);
			store_free(s);
			ck_assert_int_eq(program_run(path, sizeof(path),
					     "rm -rf %s/items", dir),
			    0);
		} while (rc != RC_OK);
		/* four writes, the file, the rename, the folder, then none */
		ck_assert_uint_eq(n, 8);
	}
}
END_TEST

/* Dies at call 1, 2, 3 ... until it is through. */
START_TEST(no_kill_leaves_half_an_item_or_loses_an_answered_one)
{
	size_t n = 0;
	int status;

	do {
		struct store *s;
		pid_t pid = fork();

		ck_assert_int_ne(pid, -1);
		n++;
		if (pid == 0) {
			s = open_store();
			act(n, 0);
			_exit(store_put(s, h, data, LEN) == RC_OK ? 0 : 1);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		/* the next receiver sees it whole or not at all */
		s = open_store();
		ck_assert_int_eq(count(".new-"), 0);
		if (count("") > 0 || !WIFSIGNALED(status))
			is_kept_whole(s);
		store_free(s);
		ck_assert_int_eq(program_run(path, sizeof(path),
				     "rm -rf %s/items", dir),
		    0);
	} while (WIFSIGNALED(status));
	ck_assert_uint_eq(n, 8);
}
END_TEST

START_TEST(leftovers_go_and_nothing_else)
{
	struct store *s = open_store();

	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	store_free(s);
	ck_assert_int_eq(program_run(path, sizeof(path),
			     "cd %s/items && echo half >.new-1-abc && "
			     "echo mine >note",
			     dir),
	    0);
	/* a reader leaves them: the receiver may be writing */
	ck_assert_int_eq(store_open(dir, 0, &s), RC_OK);
	ck_assert_int_eq(count(".new-"), 1);
	store_free(s);
	s = open_store();
	ck_assert_int_eq(count(".new-"), 0);
	ck_assert_int_eq(count(""), 2);
	is_kept_whole(s);
	store_free(s);
}
END_TEST

START_TEST(there_is_one_receiver_and_readers_may_look)
{
	struct store *first = open_store(), *second = NULL;

	ck_assert_int_eq(store_open(dir, 1, &second), RC_AGAIN);
	ck_assert_int_eq(store_open(dir, 0, &second), RC_OK);
	store_free(second);
	store_free(first);
	first = open_store();
	store_free(first);
	ck_assert_int_eq(store_open("/nonexistent", 1, &first), RC_NOTFOUND);
}
END_TEST

static enum rc
only_ours(const uint8_t got[HASH_LEN], void *arg)
{
	ck_assert_int_eq(memcmp(got, h, HASH_LEN), 0);
	++*(int *)arg;
	return RC_OK;
}

START_TEST(only_items_are_listed)
{
	struct store *s = open_store();
	int found = 0;

	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	ck_assert_int_eq(program_run(path, sizeof(path),
			     "cd %s/items && touch note .new-1 x.p7m", dir),
	    0);
	ck_assert_int_eq(store_each(s, only_ours, &found), RC_OK);
	ck_assert_int_eq(found, 1);
	store_free(s);
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	char name[STORE_ID_TEXT + 1];
	struct store *s = open_store();
	struct buf *b = NULL;

	hex_encode(h, HASH_LEN, name);
	ck_assert_int_eq(program_run(path, sizeof(path),
			     "cd %s/items && ln -s /etc/passwd %s.p7m", dir,
			     name),
	    0);
	ck_assert_int_ne(store_get(s, h, &b), RC_OK);
	ck_assert_int_eq(store_put(s, h, data, LEN), RC_OK);
	is_kept_whole(s);
	store_free(s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("desk_store");
	TCase *tc = tcase_create("desk_store");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_item_is_kept_under_its_hash);
	tcase_add_test(tc,
	    bytes_are_stable_before_the_name_and_the_name_before_the_answer);
	tcase_add_test(tc, a_duplicate_is_made_stable_and_not_written_again);
	tcase_add_test(tc, another_name_than_the_hash_is_not_kept);
	tcase_add_test(tc, a_damaged_item_is_noticed_and_healed);
	tcase_add_test(tc,
	    no_failing_call_leaves_half_an_item_or_a_false_answer);
	tcase_add_test(tc,
	    no_kill_leaves_half_an_item_or_loses_an_answered_one);
	tcase_add_test(tc, leftovers_go_and_nothing_else);
	tcase_add_test(tc, there_is_one_receiver_and_readers_may_look);
	tcase_add_test(tc, only_items_are_listed);
	tcase_add_test(tc, a_link_is_not_followed);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
