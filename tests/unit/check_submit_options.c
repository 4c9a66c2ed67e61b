/* What the user asked for: the command line counts before the environment, and
 * that before the file; what does not fit is told and never guessed. */
#include <check.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "program.h"

enum { WORDS_MAX = 16 };

static char dir[64], said[8192];
static struct options o;

static void
setup(void)
{
	static const char *const variables[] = {"CUTOUT_URL", "CUTOUT_CA",
	    "CUTOUT_CERT", "CUTOUT_KEY", "CUTOUT_RECEIPTS", "CUTOUT_SCHEMA",
	    "CUTOUT_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"};

	program_folder(dir);
	ck_assert_int_eq(chdir(dir), 0);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		ck_assert_int_eq(unsetenv(variables[i]), 0);
	ck_assert_int_eq(setenv("HOME", dir, 1), 0);
	/* what is told to the user */
	ck_assert_ptr_nonnull(freopen("said", "w+", stderr));
	ck_assert_ptr_nonnull(freopen("printed", "w+", stdout));
}

static void
teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	program_folder_remove(dir);
}

/* The words are parted by one space each. */
static enum rc
read_line(const char *line)
{
	static char text[1024], name[] = "cutout-submit";
	static char *argv[WORDS_MAX];
	int argc = 1;

	(void)snprintf(text, sizeof(text), "%s", line);
	argv[0] = name;
	for (char *p = text; *p != '\0' && argc < WORDS_MAX - 1; argc++) {
		argv[argc] = p;
		p += strcspn(p, " ");
		if (*p == ' ')
			*p++ = '\0';
	}
	argv[argc] = NULL;
	optind = 0; /* getopt begins anew */
	return options_read(argc, argv, &o);
}

static const char *
text_of(FILE *from)
{
	size_t n;

	ck_assert_int_eq(fflush(from), 0);
	rewind(from);
	n = fread(said, 1, sizeof(said) - 1, from);
	said[n] = '\0';
	return said;
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(each_command_is_read_with_its_words)
{
	ck_assert_int_eq(read_line("new --scheme 3x5x2 a.xml"), RC_OK);
	ck_assert_int_eq(o.command, COMMAND_NEW);
	ck_assert_str_eq(o.scheme, "3x5x2");
	ck_assert_int_eq(o.word_count, 1);
	ck_assert_str_eq(o.words[0], "a.xml");
	ck_assert_int_eq(read_line("check --online a b"), RC_OK);
	ck_assert_int_eq(o.command, COMMAND_CHECK);
	ck_assert_int_eq(o.online, 1);
	ck_assert_int_eq(o.word_count, 2);
	ck_assert_int_eq(read_line("send --again --no-check --tries 50 "
				   "--longest-wait 0 a"),
	    RC_OK);
	ck_assert_int_eq(o.command, COMMAND_SEND);
	ck_assert(o.again && o.no_check);
	ck_assert_int_eq(o.tries, 50);
	ck_assert_int_eq(o.longest_s, 0);
	ck_assert_int_eq(read_line("resend --pending"), RC_OK);
	ck_assert_int_eq(o.command, COMMAND_RESEND);
	ck_assert_int_eq(read_line("resend CODE"), RC_OK);
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_int_eq(o.command, COMMAND_RECEIPTS);
	ck_assert_int_eq(o.tries, 6);
	ck_assert_int_eq(o.longest_s, 120);
	ck_assert_str_eq(text_of(stderr), "");
}
END_TEST

START_TEST(what_does_not_fit_is_wrong_usage)
{
	static const char *const lines[] = {"", "fly", "check", "send",
	    "new a b", "resend", "resend --pending CODE", "receipts a",
	    "send --online a", "check --pending a", "check --again a",
	    "new --no-check", "send --scheme 5x5x5 a", "send --colour a",
	    "send --tries 0 a", "send --tries 51 a", "send --tries x a",
	    "send --tries 5x a", "send --longest-wait -1 a",
	    "send --longest-wait 86401 a", "send --url"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_msg(read_line(lines[i]) == RC_BAD, "%s", lines[i]);
		ck_assert_msg(*text_of(stderr) != '\0', "%s", lines[i]);
		ck_assert_int_eq(ftruncate(fileno(stderr), 0), 0);
		rewind(stderr);
	}
}
END_TEST

START_TEST(help_and_version_are_printed)
{
	ck_assert_int_eq(read_line("--help"), RC_EOF);
	ck_assert_ptr_nonnull(strstr(text_of(stdout), "usage: cutout-submit"));
	ck_assert_ptr_nonnull(strstr(said, "call 999"));
	ck_assert_int_eq(read_line("--version"), RC_EOF);
	ck_assert_ptr_nonnull(strstr(text_of(stdout),
	    "cutout-submit " CUTOUT_VERSION "\n"));
}
END_TEST

START_TEST(the_command_line_counts_first_then_the_environment_then_the_file)
{
	write_file("conf", "url = \"file-url\"\nca = \"file-ca\"\n"
			   "key = \"file-key\"\nreceipts = \"file-receipts\"\n"
			   "schema = \"file-schema\"\n");
	ck_assert_int_eq(setenv("CUTOUT_URL", "env-url", 1), 0);
	ck_assert_int_eq(setenv("CUTOUT_CA", "env-ca", 1), 0);
	/* an empty one is none */
	ck_assert_int_eq(setenv("CUTOUT_KEY", "", 1), 0);
	ck_assert_int_eq(read_line("receipts --config conf --url line-url"),
	    RC_OK);
	ck_assert_str_eq(o.url, "line-url");
	ck_assert_str_eq(o.ca, "env-ca");
	ck_assert_str_eq(o.key, "file-key");
	ck_assert_ptr_null(o.cert);
	ck_assert_str_eq(o.receipts, "file-receipts");
	ck_assert_str_eq(o.schema, "file-schema");
	/* the environment may name the file */
	ck_assert_int_eq(setenv("CUTOUT_CONFIG", "conf", 1), 0);
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_str_eq(o.key, "file-key");
}
END_TEST

START_TEST(folders_have_their_places_under_home)
{
	char want[128];

	ck_assert_int_eq(read_line("receipts"), RC_OK);
	(void)snprintf(want, sizeof(want), "%s/.local/share/cutout/receipts",
	    dir);
	ck_assert_str_eq(o.receipts, want);
	ck_assert_int_eq(setenv("XDG_DATA_HOME", "/data", 1), 0);
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_str_eq(o.receipts, "/data/cutout/receipts");
	/* a relative one is to be ignored */
	ck_assert_int_eq(setenv("XDG_DATA_HOME", "data", 1), 0);
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_str_eq(o.receipts, want);
	ck_assert_int_eq(mkdir(".config", 0700), 0);
	ck_assert_int_eq(mkdir(".config/cutout", 0700), 0);
	write_file(".config/cutout/submit.conf", "url = \"home-url\"\n");
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_str_eq(o.url, "home-url");
	ck_assert_int_eq(unsetenv("HOME"), 0);
	ck_assert_int_eq(read_line("receipts"), RC_OK);
	ck_assert_ptr_null(o.receipts);
}
END_TEST

START_TEST(a_wrong_file_is_told)
{
	write_file("bad", "\ncolour = 1\n");
	ck_assert_int_eq(read_line("receipts --config bad"), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "bad:2: "));
	ck_assert_int_eq(read_line("receipts --config none"), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "none: No such file"));
	/* what can be opened and not be read */
	ck_assert_int_eq(read_line("receipts --config ."), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), ".: Is a directory"));
}
END_TEST

START_TEST(a_gateway_needs_all_four_and_https)
{
	static const char all[] = "receipts --url https://h --ca f --cert f "
				  "--key f";

	write_file("f", "");
	ck_assert_int_eq(read_line(all), RC_OK);
	ck_assert_int_eq(options_need_gateway(&o), RC_OK);
	o.url = "http://h";
	ck_assert_int_eq(options_need_gateway(&o), RC_CONFIG);
	o.url = NULL;
	ck_assert_int_eq(options_need_gateway(&o), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "CUTOUT_URL"));
	ck_assert_int_eq(read_line(all), RC_OK);
	o.ca = NULL;
	ck_assert_int_eq(options_need_gateway(&o), RC_CONFIG);
	o.ca = "f";
	o.cert = NULL;
	ck_assert_int_eq(options_need_gateway(&o), RC_CONFIG);
	o.cert = "f";
	o.key = "none";
	ck_assert_int_eq(options_need_gateway(&o), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(text_of(stderr), "--key: can not read"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("submit options");
	TCase *t = tcase_create("options");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_command_is_read_with_its_words);
	tcase_add_test(t, what_does_not_fit_is_wrong_usage);
	tcase_add_test(t, help_and_version_are_printed);
	tcase_add_test(t,
	    the_command_line_counts_first_then_the_environment_then_the_file);
	tcase_add_test(t, folders_have_their_places_under_home);
	tcase_add_test(t, a_wrong_file_is_told);
	tcase_add_test(t, a_gateway_needs_all_four_and_https);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
