/* What a screen zygote loads: all of it right, or it ends and says what is
 * wrong. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "desk_site.h"
#include "load.h"
#include "log.h"
#include "report_contract.h"

#define SETUP                                                                  \
	"demo 1\nkind REPORT\nisolation full\nspare 4\n"                       \
	"reports_per_process 1\ncpu_seconds 10\ndeadline_seconds 20\n"         \
	"body_max 1048576\nclock_offset_s 0\n"

static struct buf *schema, *places;

static void
add_file(struct buf *to, const char *name, const char *path)
{
	size_t len;
	char *text = read_whole(path, &len);

	ck_assert_int_eq(archive_add(to, name, text, len), RC_OK);
	free(text);
}

static void
make(void)
{
	static const char *const schemas[] = {"report.xsd", "codes.xsd",
	    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};
	static const struct {
		const char *name, *path;
	} files[] = {{"SYP/recipients.pem", "police/recipient.crt"},
	    {"SYP/ack.pem", "police/ack.crt"},
	    {"police.pem", "police/authority.crt"},
	    {"crl.pem", "police/authority.crl"}};
	static const char settings[] = "schemes 3x5x2\ntest 1\n";
	char path[512];

	site_make();
	schema = buf_new((size_t)8 * 1024 * 1024);
	places = buf_new(65536);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/schema/%s", SOURCE_DIR,
		    schemas[i]);
		add_file(schema, schemas[i], path);
	}
	ck_assert_int_eq(archive_add(places, "SYP/settings", settings,
			     sizeof(settings) - 1),
	    RC_OK);
	ck_assert_int_eq(archive_add(places, "operations", "Larch\n", 6),
	    RC_OK);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", site_dir,
		    files[i].path);
		add_file(places, files[i].name, path);
	}
}

static void
remove_all(void)
{
	buf_free(schema);
	buf_free(places);
	site_remove();
}

static void
give(int fd, const void *bytes, size_t len)
{
	int from;

	ck_assert_int_eq(sealed_memfd("test", bytes, len, &from), RC_OK);
	ck_assert_int_eq(dup2(from, fd), fd);
	close(from);
}

static void
give_all(const char *setup)
{
	give(FD_SETUP, setup, strlen(setup));
	give(FD_SCREEN_SCHEMA, buf_data(schema), buf_len(schema));
	give(FD_SCREEN_DESTINATIONS, buf_data(places), buf_len(places));
}

/* Loads in a process that ends with 1 and these words. */
static void
fatal_is(const char *words)
{
	char said[1024] = "";
	int ends[2], status;
	struct screen s;
	pid_t pid;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		log_init("screen", ends[1]);
		load_screen(&s);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_ge(read(ends[0], said, sizeof(said) - 1), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 1, "%s",
	    words);
	ck_assert_msg(strstr(said, words) != NULL, "not \"%s\" but %s", words,
	    said);
}

START_TEST(all_of_it_is_loaded_and_nothing_stays_open)
{
	static struct screen s;

	give_all(SETUP);
	load_screen(&s);
	ck_assert_int_eq(s.kind, KIND_REPORT);
	ck_assert_int_eq(s.spare, 4);
	ck_assert_int_eq(s.cpu_seconds, 10);
	ck_assert_int_eq(s.deadline_seconds, 20);
	ck_assert_int_eq(s.body_max, 1048576);
	ck_assert_uint_eq(s.destinations->count, 1);
	ck_assert_str_eq(s.rule[0].name, "SYP");
	ck_assert(!s.rule[0].takes_5x5x5);
	ck_assert(s.rule[0].takes_3x5x2);
	ck_assert(s.rule[0].test);
	ck_assert_str_eq(s.destinations->operation[0], "Larch");
	ck_assert_int_eq(fcntl(FD_SETUP, F_GETFD), -1);
	ck_assert_int_eq(fcntl(FD_SCREEN_SCHEMA, F_GETFD), -1);
	ck_assert_int_eq(fcntl(FD_SCREEN_DESTINATIONS, F_GETFD), -1);
	/* reading, answering and sealing work */
	load_warm(&s);
	contract_free(s.contract);
	destinations_free(s.destinations);
}
END_TEST

START_TEST(a_setting_that_is_missing_or_wrong_is_named)
{
	static const struct {
		const char *setup, *words;
	} rows[] = {{"", "setup: demo"}, {"demo 2\n", "setup: demo"},
	    {"demo 1\n", "setup: spare"}, {"demo 1\nspare 0\n", "setup: spare"},
	    {"demo 1\nspare 1\n", "setup: reports_per_process"},
	    {"demo 1\nspare 1\nreports_per_process 1\n", "setup: cpu_seconds"},
	    {"demo 1\nspare 1\nreports_per_process 1\ncpu_seconds 1\n",
		"setup: deadline_seconds"},
	    {"demo", "setup can not be read"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		give_all(rows[i].setup);
		fatal_is(rows[i].words);
	}
}
END_TEST

/* The usual setting with one changed. */
static void
give_changed(const char *old, const char *new)
{
	char *setup = replaced(SETUP, old, new);

	give_all(setup);
	free(setup);
}

START_TEST(production_has_the_real_clock_and_one_report_a_process)
{
	give_changed("demo 1\n", "demo 0\nclock_offset_s 5\n");
	fatal_is("another clock is for demonstrations");
	give_changed("process 1\n", "process 2\n");
	fatal_is("several reports a process need reduced isolation");
	give_changed("REPORT", "DUMMY");
	fatal_is("no such kind of report");
	give_changed("body_max 1048576", "body_max 1048577");
	fatal_is("body_max");
}
END_TEST

START_TEST(without_its_schema_it_does_not_start)
{
	struct buf *other = buf_new(1000);

	give_all(SETUP);
	give(FD_SCREEN_SCHEMA, "no archive", 10);
	fatal_is("the schema: ");
	ck_assert_int_eq(archive_add(other, "report.xsd", "<x/>", 4), RC_OK);
	give(FD_SCREEN_SCHEMA, buf_data(other), buf_len(other));
	fatal_is("the schema: ");
	buf_free(other);
}
END_TEST

START_TEST(demo_readers_and_none_are_refused)
{
	give_changed("demo 1", "demo 0");
	fatal_is("the destinations: ");
	give_all(SETUP);
	give(FD_SCREEN_DESTINATIONS, "", 0);
	fatal_is("the destinations: ");
}
END_TEST

/* The descriptors that screen knows by number are taken before Check opens any
 * of its own. */
static void
reserve(void)
{
	for (int fd = STDERR_FILENO + 1; fd <= FD_SCREEN_DESTINATIONS; fd++) {
		if (dup2(STDERR_FILENO, fd) == -1)
			abort();
	}
}

int
main(void)
{
	Suite *suite = suite_create("screen load");
	TCase *t = tcase_create("load");
	SRunner *runner;
	int failed;

	reserve();
	tcase_add_unchecked_fixture(t, make, remove_all);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, all_of_it_is_loaded_and_nothing_stays_open);
	tcase_add_test(t, a_setting_that_is_missing_or_wrong_is_named);
	tcase_add_test(t,
	    production_has_the_real_clock_and_one_report_a_process);
	tcase_add_test(t, without_its_schema_it_does_not_start);
	tcase_add_test(t, demo_readers_and_none_are_refused);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
