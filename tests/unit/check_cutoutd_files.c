/* Files that the configuration names: a key that others can reach is refused,
 * and nothing that is opened can make the daemon wait or take what is not
 * a plain file. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cutoutd_site.h"
#include "files.h"

enum { ANOTHER_USER = 65534 };

static struct buf *to;

static void
setup(void)
{
	site_make();
	ck_assert_int_eq(chdir(site_dir), 0);
	to = buf_new(6000);
	site_file("key", "secret", 0600);
}

static void
teardown(void)
{
	buf_free(to);
	ck_assert_int_eq(chdir("/"), 0);
	site_remove();
}

static void
key_denied(const char *path, const char *want)
{
	const char *why = NULL;
	int fd = -1;

	ck_assert_int_eq(file_open_key(path, &fd, &why), RC_DENIED);
	ck_assert_int_eq(fd, -1);
	ck_assert_msg(strstr(why, want) != NULL, "%s: %s", path, why);
}

START_TEST(a_key_of_this_user_alone_is_opened)
{
	char text[16] = "";
	const char *why;
	int fd;

	ck_assert_int_eq(file_open_key("key", &fd, &why), RC_OK);
	ck_assert_int_eq(read(fd, text, sizeof(text)), 6);
	ck_assert_str_eq(text, "secret");
	/* only the role that is given it has it */
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	ck_assert_int_eq(chmod("key", 0400), 0);
	ck_assert_int_eq(file_open_key("key", &fd, &why), RC_OK);
	close(fd);
}
END_TEST

START_TEST(a_key_that_others_may_touch_is_refused)
{
	static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ck_assert_int_eq(chmod("key", modes[i]), 0);
		key_denied("key", "chmod 600");
	}
	if (geteuid() != 0)
		return; /* only root can give a file away */
	ck_assert_int_eq(chmod("key", 0600), 0);
	ck_assert_int_eq(chown("key", ANOTHER_USER, (gid_t)-1), 0);
	key_denied("key", "another user");
}
END_TEST

START_TEST(a_key_is_a_plain_file_and_no_link)
{
	const char *why;
	int fd = -1;

	ck_assert_int_eq(symlink("key", "link"), 0);
	key_denied("link", "symbolic link");
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	key_denied("fifo", "plain file"); /* and did not wait for a writer */
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	key_denied("folder", "plain file");
	ck_assert_int_eq(file_open_key("none", &fd, &why), RC_IO);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(a_public_file_is_added_whole)
{
	char text[5001];

	memset(text, 'x', 5000);
	text[5000] = '\0';
	site_file("long", text, 0644);
	ck_assert_int_eq(buf_add_text(to, "before "), RC_OK);
	ck_assert_int_eq(file_add("long", to), RC_OK);
	ck_assert_uint_eq(buf_len(to), 5007);
	ck_assert_int_eq(memcmp(buf_data(to), "before xxx", 10), 0);
	/* a second one does not fit */
	ck_assert_int_eq(file_add("long", to), RC_LIMIT);
	/* a link to one is fine: nothing in it is secret */
	buf_clear(to);
	ck_assert_int_eq(symlink("long", "link"), 0);
	ck_assert_int_eq(file_add("link", to), RC_OK);
	ck_assert_uint_eq(buf_len(to), 5000);
}
END_TEST

START_TEST(a_public_file_that_anybody_may_write_is_refused)
{
	site_file("open", "x", 0602);
	ck_assert_int_eq(file_add("open", to), RC_DENIED);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(file_add("fifo", to), RC_DENIED);
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	ck_assert_int_eq(file_add("folder", to), RC_DENIED);
	ck_assert_int_eq(file_add("none", to), RC_IO);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_uint_eq(buf_len(to), 0);
}
END_TEST

START_TEST(pem_files_stand_one_below_the_other)
{
	static const char pem[] = "-----BEGIN A-----\nAAAA\n-----END A-----";

	site_file("a.pem", pem, 0644);
	site_file("none.pem", "-- BEGIN A --\n", 0644);
	ck_assert_int_eq(file_add_pem("a.pem", to), RC_OK);
	ck_assert_int_eq(file_add_pem("a.pem", to), RC_OK);
	ck_assert_uint_eq(buf_len(to), 2 * sizeof(pem));
	ck_assert_int_eq(memcmp(buf_data(to) + sizeof(pem) - 1, "\n-----BEGIN",
			     11),
	    0);
	/* the block of the one before does not count */
	ck_assert_int_eq(file_add_pem("none.pem", to), RC_BAD);
	ck_assert_int_eq(file_add_pem("none", to), RC_IO);
}
END_TEST

START_TEST(the_data_folder_is_closed_to_all_others)
{
	struct stat st;

	(void)umask(0);
	ck_assert_int_eq(folder_private("data"), RC_OK);
	ck_assert_int_eq(stat("data", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(folder_private("data"), RC_OK);
	for (unsigned int bit = 0; bit < 6; bit++) {
		ck_assert_int_eq(chmod("data", 0700 | 1U << bit), 0);
		ck_assert_int_eq(folder_private("data"), RC_DENIED);
	}
	ck_assert_int_eq(folder_private("key"), RC_IO);
	ck_assert_int_eq(errno, ENOTDIR);
	ck_assert_int_eq(folder_private("none/data"), RC_IO);
	ck_assert_int_eq(errno, ENOENT);
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod("data", 0700), 0);
	ck_assert_int_eq(chown("data", ANOTHER_USER, (gid_t)-1), 0);
	ck_assert_int_eq(folder_private("data"), RC_DENIED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd files");
	TCase *t = tcase_create("files");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_key_of_this_user_alone_is_opened);
	tcase_add_test(t, a_key_that_others_may_touch_is_refused);
	tcase_add_test(t, a_key_is_a_plain_file_and_no_link);
	tcase_add_test(t, a_public_file_is_added_whole);
	tcase_add_test(t, a_public_file_that_anybody_may_write_is_refused);
	tcase_add_test(t, pem_files_stand_one_below_the_other);
	tcase_add_test(t, the_data_folder_is_closed_to_all_others);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
