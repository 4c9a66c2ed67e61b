/* The receipts folder: what is in it after each step, for whom, and that a
 * damaged or foreign file does no harm. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store.h"

static char top[64], folder[128];
static struct store *store;

/* The call that fails, counted down; 0: none does. */
static int fsync_fails;

/* Takes the place of the C library's for the whole program. */
int
fsync(int fd)
{
	if (fsync_fails > 0 && --fsync_fails == 0) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static void
setup_folder(void)
{
	snprintf(top, sizeof(top), "/tmp/check-store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/deep/receipts", top);
	ck_assert_int_eq(store_open(folder, &store), RC_OK);
}

static void
empty_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	(void)rmdir(path);
}

static void
teardown_folder(void)
{
	char deep[128];

	store_close(store);
	store = NULL;
	empty_folder(folder);
	snprintf(deep, sizeof(deep), "%s/deep", top);
	(void)rmdir(deep);
	(void)rmdir(top);
}

static struct entry
an_entry(uint8_t source)
{
	struct entry e = {.state = STATE_READY, .name = "report.xml"};

	ck_assert_int_eq(receipt_make(&e.receipt), RC_OK);
	memset(e.source, source, sizeof(e.source));
	return e;
}

static void
expect_body(const struct entry *e, const char *wanted)
{
	struct buf *b = buf_new(1000);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_body(store, e, b), RC_OK);
	ck_assert_uint_eq(buf_len(b), strlen(wanted));
	ck_assert_mem_eq(buf_data(b), wanted, buf_len(b));
	buf_free(b);
}

/* Opens the folder as a new process would. */
static void
reopen(void)
{
	store_close(store);
	ck_assert_int_eq(store_open(folder, &store), RC_OK);
}

START_TEST(what_is_stored_is_there_after_a_restart)
{
	struct entry e = an_entry(1), back;

	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	reopen();
	ck_assert_int_eq(store_find(store, &e.receipt, &back), RC_OK);
	ck_assert_str_eq(back.receipt.symbols, e.receipt.symbols);
	ck_assert_int_eq(back.state, STATE_READY);
	ck_assert_mem_eq(back.source, e.source, SOURCE_HASH);
	ck_assert_str_eq(back.name, "report.xml");
	expect_body(&back, "<R/>");
}
END_TEST

START_TEST(nobody_else_may_read_it)
{
	struct entry e = an_entry(1);
	struct dirent *file;
	struct stat st;
	int seen = 0;
	DIR *d;

	umask(0); /* the store does not count on it */
	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	ck_assert_int_eq(stat(folder, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	d = opendir(folder);
	ck_assert_ptr_nonnull(d);
	while ((file = readdir(d)) != NULL) {
		if (file->d_name[0] == '.')
			continue;
		/* nor does a name tell the code */
		ck_assert_ptr_null(strstr(file->d_name, e.receipt.symbols));
		ck_assert_int_eq(fstatat(dirfd(d), file->d_name, &st, 0), 0);
		ck_assert_int_eq(st.st_mode & 0777, 0600);
		seen++;
	}
	closedir(d);
	ck_assert_int_eq(seen, 2);
	/* and a folder that others may read is refused */
	store_close(store);
	store = NULL;
	ck_assert_int_eq(chmod(folder, 0750), 0);
	ck_assert_int_eq(store_open(folder, &store), RC_DENIED);
	ck_assert_ptr_null(store);
	ck_assert_int_eq(chmod(folder, 0700), 0);
}
END_TEST

START_TEST(states_survive_and_accepted_reports_leave_no_text)
{
	static const enum state states[] = {
	    STATE_UNSURE, STATE_READY, STATE_CONFLICT, STATE_UNSURE};
	struct entry e = an_entry(1), back;
	struct buf *b = buf_new(100);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		ck_assert_int_eq(store_state(store, &e, states[i]), RC_OK);
		reopen();
		ck_assert_int_eq(store_find(store, &e.receipt, &back), RC_OK);
		ck_assert_int_eq(back.state, states[i]);
		expect_body(&back, "<R/>");
	}
	ck_assert_int_eq(store_state(store, &e, STATE_ACCEPTED), RC_OK);
	reopen();
	ck_assert_int_eq(store_find(store, &e.receipt, &back), RC_OK);
	ck_assert_int_eq(back.state, STATE_ACCEPTED);
	ck_assert_int_eq(store_body(store, &e, b), RC_NOTFOUND);
	buf_free(b);
}
END_TEST

START_TEST(what_is_removed_is_gone)
{
	struct entry e = an_entry(1), back;
	struct buf *b = buf_new(100);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	ck_assert_int_eq(store_remove(store, &e), RC_OK);
	ck_assert_int_eq(store_find(store, &e.receipt, &back), RC_NOTFOUND);
	ck_assert_int_eq(store_body(store, &e, b), RC_NOTFOUND);
	ck_assert_int_eq(store_remove(store, &e), RC_OK);
	buf_free(b);
}
END_TEST

START_TEST(the_file_that_was_sent_before_is_known)
{
	struct entry one = an_entry(1), two = an_entry(2), again = an_entry(1),
		     back;

	ck_assert_int_eq(store_find_source(store, one.source, &back),
	    RC_NOTFOUND);
	ck_assert_int_eq(store_add(store, &one, "<A/>", 4), RC_OK);
	ck_assert_int_eq(store_add(store, &two, "<B/>", 4), RC_OK);
	ck_assert_int_eq(store_state(store, &one, STATE_ACCEPTED), RC_OK);
	ck_assert_int_eq(store_find_source(store, one.source, &back), RC_OK);
	ck_assert_str_eq(back.receipt.symbols, one.receipt.symbols);
	/* one that is still on its way goes before one that has arrived */
	ck_assert_int_eq(store_add(store, &again, "<A/>", 4), RC_OK);
	ck_assert_int_eq(store_find_source(store, one.source, &back), RC_OK);
	ck_assert_str_eq(back.receipt.symbols, again.receipt.symbols);
}
END_TEST

START_TEST(two_can_not_send_one_report_at_once)
{
	struct entry e = an_entry(1);
	struct store *other = NULL;
	int claim = -1, second = -1;

	ck_assert_int_eq(store_claim(store, &e, &claim), RC_NOTFOUND);
	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	ck_assert_int_eq(store_claim(store, &e, &claim), RC_OK);
	ck_assert_int_eq(store_open(folder, &other), RC_OK);
	ck_assert_int_eq(store_claim(other, &e, &second), RC_AGAIN);
	close(claim);
	ck_assert_int_eq(store_claim(other, &e, &second), RC_OK);
	close(second);
	store_close(other);
}
END_TEST

START_TEST(a_damaged_file_hides_no_other)
{
	static const char *const damages[] = {"", "nonsense",
	    "cutout-receipt 2\n", "cutout-receipt 1\ncode AAAA\n"};
	struct entry e = an_entry(1), *list = NULL;
	size_t count, damaged;
	int d = open(folder, O_RDONLY | O_DIRECTORY);

	ck_assert_int_ne(d, -1);
	ck_assert_int_eq(store_add(store, &e, "<R/>", 4), RC_OK);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		char name[64];
		int fd;

		snprintf(name, sizeof(name), "%024zu.receipt", i);
		fd = openat(d, name, O_WRONLY | O_CREAT, 0600);
		ck_assert_int_ne(fd, -1);
		ck_assert_int_eq(write(fd, damages[i], strlen(damages[i])),
		    (ssize_t)strlen(damages[i]));
		close(fd);
	}
	close(d);
	ck_assert_int_eq(store_list(store, &list, &count, &damaged), RC_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(damaged, 4);
	ck_assert_str_eq(list[0].receipt.symbols, e.receipt.symbols);
	free(list);
}
END_TEST

static size_t
files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t count = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

/* The disk fails at the first sync, the second, and so on: there is all of an
 * entry or nothing of it, and never a receipt without its bytes. */
START_TEST(what_could_not_be_synced_is_not_there)
{
	struct entry e = an_entry(1), back;
	int fails = 0;
	enum rc rc;

	do {
		fsync_fails = ++fails;
		rc = store_add(store, &e, "<R/>", 4);
		fsync_fails = 0;
		if (rc == RC_OK)
			break;
		ck_assert_int_eq(rc, RC_IO);
		ck_assert_int_eq(errno, EIO);
		ck_assert_int_eq(store_find(store, &e.receipt, &back),
		    RC_NOTFOUND);
		ck_assert_uint_eq(files(), 0);
	} while (fails < 100);
	/* bytes, receipt, folder */
	ck_assert_int_eq(fails, 4);
	expect_body(&e, "<R/>");
}
END_TEST

/* The disk is full: a report that could not be stored is not there at all, so
 * nothing is sent that could not be sent again. */
START_TEST(without_room_nothing_is_added)
{
	static char body[8192];
	struct entry e = an_entry(1), *list = NULL;
	struct rlimit little = {4096, 4096};
	size_t count, damaged;

	memset(body, 'x', sizeof(body));
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(store_add(store, &e, body, sizeof(body)), RC_IO);
	ck_assert_int_eq(store_list(store, &list, &count, &damaged), RC_OK);
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(damaged, 0);
	free(list);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_store");
	TCase *t = tcase_create("stores");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup_folder, teardown_folder);
	tcase_add_test(t, what_is_stored_is_there_after_a_restart);
	tcase_add_test(t, nobody_else_may_read_it);
	tcase_add_test(t, states_survive_and_accepted_reports_leave_no_text);
	tcase_add_test(t, what_is_removed_is_gone);
	tcase_add_test(t, the_file_that_was_sent_before_is_known);
	tcase_add_test(t, two_can_not_send_one_report_at_once);
	tcase_add_test(t, a_damaged_file_hides_no_other);
	tcase_add_test(t, what_could_not_be_synced_is_not_there);
	tcase_add_test(t, without_room_nothing_is_added);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
