/* The desk's small parts: text that steers no terminal, whole files, which item
 * a word means, and whose signature counts. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "derive.h"
#include "desk_site.h"
#include "file.h"
#include "find.h"
#include "hex.h"
#include "origins.h"
#include "plain.h"
#include "program.h"

static struct buf *b;

static void
setup(void)
{
	ck_assert_int_eq(chdir(site_dir), 0);
	ck_assert_ptr_nonnull(freopen("said", "w+", stderr));
	b = buf_new(4096);
}

static void
teardown(void)
{
	buf_free(b);
	ck_assert_int_eq(chdir("/"), 0);
}

static const char *
text_of(const struct buf *from)
{
	static char text[4097];

	memcpy(text, buf_data(from), buf_len(from));
	text[buf_len(from)] = '\0';
	return text;
}

static int
was_said(const char *words)
{
	char text[4096];
	size_t n;

	ck_assert_int_eq(fflush(stderr), 0);
	rewind(stderr);
	n = fread(text, 1, sizeof(text) - 1, stderr);
	text[n] = '\0';
	return strstr(text, words) != NULL;
}

/* --- text ------------------------------------------------------------- */

static void
plain(const char *from, size_t len, const char *want)
{
	buf_clear(b);
	ck_assert_int_eq(plain_text(b, from, len, "|"), RC_OK);
	ck_assert_str_eq(text_of(b), want);
}

START_TEST(text_for_eyes_steers_nothing_and_hides_nothing)
{
	plain("caf\xc3\xa9 \xe2\x82\xac", 9, "caf\xc3\xa9 \xe2\x82\xac");
	plain("a\nb", 3, "a|b");
	plain("\x1b[31m", 5, "<U+001B>[31m");
	plain("a\rb\tc\0d", 7, "a<U+000D>b<U+0009>c<U+0000>d");
	/* right to left, and of no width */
	plain("\xe2\x80\xae", 3, "<U+202E>");
	plain("\xe2\x80\x8b", 3, "<U+200B>");
	/* cut or wrong bytes */
	plain("a\xff\xe2\x82", 4, "a<?><?><?>");
	plain("", 0, "");
}
END_TEST

START_TEST(xml_for_eyes_means_the_same)
{
	ck_assert_int_eq(plain_xml(b, "<a>\n\tx\xe2\x80\xae</a>", 13), RC_OK);
	ck_assert_str_eq(text_of(b), "<a>\n\tx&#x202E;</a>");
	ck_assert_int_eq(plain_xml(b, "\xff", 1), RC_BAD);
}
END_TEST

START_TEST(text_that_does_not_fit_is_told)
{
	struct buf *small = buf_new(3);

	ck_assert_int_eq(plain_text(small, "abcd", 4, "\n"), RC_LIMIT);
	ck_assert_int_eq(plain_xml(small, "abcd", 4), RC_LIMIT);
	buf_free(small);
}
END_TEST

/* --- files ------------------------------------------------------------ */

START_TEST(a_file_is_read_whole_or_not_at_all)
{
	struct buf *got = NULL;
	char out[64];

	ck_assert_int_eq(program_run(out, sizeof(out),
			     "head -c 70000 /dev/zero >long; : >empty; "
			     "mkfifo fifo"),
	    0);
	ck_assert_int_eq(file_read("long", 70000, &got), RC_OK);
	ck_assert_uint_eq(buf_len(got), 70000);
	buf_free(got);
	got = NULL;
	ck_assert_int_eq(file_read("long", 69999, &got), RC_LIMIT);
	ck_assert_int_eq(file_read("none", 10, &got), RC_NOTFOUND);
	ck_assert_int_eq(file_read(".", 10, &got), RC_IO);
	/* and does not wait for a writer */
	ck_assert_int_eq(file_read("fifo", 10, &got), RC_IO);
	ck_assert_ptr_null(got);
	ck_assert_int_eq(file_read("empty", 10, &got), RC_OK);
	ck_assert_uint_eq(buf_len(got), 0);
	buf_free(got);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	int fd = open("new", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct buf *got = NULL;

	ck_assert_int_eq(buf_fill(b, 'x', 4096), RC_OK);
	ck_assert_int_eq(file_write_fd(fd, b), RC_OK);
	close(fd);
	ck_assert_int_eq(file_read("new", 4096, &got), RC_OK);
	ck_assert_int_eq(memcmp(buf_data(got), buf_data(b), 4096), 0);
	buf_free(got);
	ck_assert_int_eq(file_write_fd(-1, b), RC_IO);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(file_write_fd(fd, b), RC_IO);
	close(fd);
}
END_TEST

/* --- items ------------------------------------------------------------ */

static void
keep(char name[ITEM_TEXT], const char *text)
{
	uint8_t h[HASH_LEN];
	char path[128];
	FILE *f;

	ck_assert_int_eq(derive_h(text, strlen(text), h), RC_OK);
	hex_encode(h, HASH_LEN, name);
	(void)snprintf(path, sizeof(path), "data/items/%s.p7m", name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_word_means_one_item_or_none)
{
	char one[ITEM_TEXT], word[ITEM_TEXT + 1];
	struct buf *got = NULL;

	site_empty_data();
	ck_assert_int_eq(mkdir("data/items", 0700), 0);
	keep(one, "one");
	for (int i = 0; i < 17; i++) {
		char other[ITEM_TEXT], text[32];

		(void)snprintf(text, sizeof(text), "item %d", i);
		keep(other, text);
	}
	ck_assert_int_eq(find_item(one, "data", &got), RC_OK);
	ck_assert_str_eq(text_of(got), "one");
	buf_free(got);
	got = NULL;
	/* two of eighteen begin with the same 12 digits once in 2^40 */
	(void)snprintf(word, sizeof(word), "%.12s", one);
	for (char *p = word; *p != '\0'; p++) {
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	}
	ck_assert_int_eq(find_item(word, "data", &got), RC_OK);
	buf_free(got);
	got = NULL;
	ck_assert_int_eq(find_item("", "data", &got), RC_NOTFOUND);
	ck_assert(was_said("18 items' names begin so"));
	one[63] = one[63] == '0' ? '1' : '0';
	ck_assert_int_eq(find_item(one, "data", &got), RC_NOTFOUND);
	ck_assert(was_said("no item's name begins so"));
	ck_assert_int_eq(find_item("abc", NULL, &got), RC_NOTFOUND);
	ck_assert(was_said("give --data DIR"));
	ck_assert_int_eq(find_item("abc", "none", &got), RC_CONFIG);
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(a_word_that_is_no_name_is_a_file)
{
	char out[64], name[ITEM_TEXT], path[128];
	struct buf *got = NULL;

	ck_assert_int_eq(program_run(out, sizeof(out),
			     "printf file >abc; printf file >x.p7m"),
	    0);
	ck_assert_int_eq(find_item("./abc", "data", &got), RC_OK);
	ck_assert_str_eq(text_of(got), "file");
	buf_free(got);
	ck_assert_int_eq(find_item("x.p7m", NULL, &got), RC_OK);
	buf_free(got);
	got = NULL;
	ck_assert_int_eq(find_item("none.p7m", "data", &got), RC_NOTFOUND);
	ck_assert(was_said("none.p7m: No such file"));
	/* an item whose bytes changed on the disk is not shown as whole */
	site_empty_data();
	ck_assert_int_eq(mkdir("data/items", 0700), 0);
	keep(name, "one");
	(void)snprintf(path, sizeof(path), "data/items/%s.p7m", name);
	ck_assert_int_eq(truncate(path, 2), 0);
	ck_assert_int_eq(find_item(name, "data", &got), RC_BAD);
	ck_assert_ptr_null(got);
}
END_TEST

/* --- origins ---------------------------------------------------------- */

START_TEST(one_of_the_pinned_keys_verifies_and_no_other)
{
	struct buf *item = site_item("smallest.xml");
	struct profile envelope;
	struct origins o;
	X509 *by = NULL;
	char out[64];

	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cat police/ack.crt keys/origin.crt >two.crt; "
			     "for i in 1 2 3 4 5; do cat two.crt; done "
			     ">ten.crt; : >none.crt"),
	    0);
	ck_assert_int_eq(origins_load("two.crt", &o), RC_OK);
	ck_assert_uint_eq(o.count, 2);
	ck_assert_int_eq(origins_check(&o, buf_data(item), buf_len(item),
			     &envelope, &by),
	    RC_OK);
	ck_assert_ptr_eq(by, o.cert[1]);
	ck_assert_uint_eq(envelope.recipients, 1);
	ck_assert_int_eq(origins_check(&o, buf_data(item), buf_len(item) - 1,
			     &envelope, NULL),
	    RC_BAD);
	origins_clear(&o);
	ck_assert_int_eq(origins_load("police/ack.crt", &o), RC_OK);
	ck_assert_int_eq(origins_check(&o, buf_data(item), buf_len(item),
			     &envelope, NULL),
	    RC_CRYPTO);
	origins_clear(&o);
	ck_assert_int_eq(origins_load("ten.crt", &o), RC_CONFIG);
	ck_assert_int_eq(origins_load("none.crt", &o), RC_CONFIG);
	ck_assert(was_said("--origin none.crt: 1 to 8 certificates"));
	ck_assert_int_eq(origins_load("nothing", &o), RC_NOTFOUND);
	ck_assert_uint_eq(o.count, 0);
	buf_free(item);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("desk files");
	TCase *t = tcase_create("files");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(t, site_make, site_remove);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, text_for_eyes_steers_nothing_and_hides_nothing);
	tcase_add_test(t, xml_for_eyes_means_the_same);
	tcase_add_test(t, text_that_does_not_fit_is_told);
	tcase_add_test(t, a_file_is_read_whole_or_not_at_all);
	tcase_add_test(t, what_is_written_is_read_again);
	tcase_add_test(t, a_word_means_one_item_or_none);
	tcase_add_test(t, a_word_that_is_no_name_is_a_file);
	tcase_add_test(t, one_of_the_pinned_keys_verifies_and_no_other);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
