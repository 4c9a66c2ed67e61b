/* cutoutctl: a cut answer never passes for a whole one, a file is there whole
 * or not at all, and every failure says what to do. The gateway here is a
 * process that sends prepared bytes. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer.h"
#include "export.h"
#include "program.h"
#include "show.h"

#define H_64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char folder[64], said[16384];

static void
make_folder(void)
{
	program_folder(folder);
}

static void
remove_folder(void)
{
	program_folder_remove(folder);
}

static int
is_there(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lstat(path, &st) == 0;
}

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wx");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static const char *
file_text(const char *name)
{
	static char text[8192];
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return text;
}

/* --- whole and cut ---------------------------------------------------- */

static enum rc
collect(const void *data, size_t len, void *arg)
{
	return buf_add(arg, data, len);
}

/* Hands over the first len bytes of text, piece by piece. */
static enum rc
take(const char *text, size_t len, size_t piece, struct buf *got, int *ok)
{
	struct answer *a = answer_new(collect, got);
	enum rc rc = RC_OK;

	ck_assert_ptr_nonnull(a);
	buf_clear(got);
	for (size_t at = 0; at < len && rc == RC_OK; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		char *copy = malloc(n); /* its end is the end, for ASan */

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text + at, n);
		rc = answer_feed(a, copy, n);
		free(copy);
	}
	if (rc == RC_OK)
		rc = answer_end(a);
	*ok = rc == RC_OK && answer_refusal(a) == NULL;
	answer_free(a);
	return rc;
}

#define BODY                                                                   \
	"{\"v\":1,\"ev\":\"accepted\"}\n{\"end\":3}\n{\"v\":1,\"ev\":\"done\"" \
	",\"obj\":\"" H_64 "\"}\n"
#define WHOLE "{\"ok\":true}\n" BODY "{\"end\":127}\n"

START_TEST(a_whole_answer_is_whole_in_any_pieces)
{
	struct buf *got = buf_new(4096);
	int ok;

	ck_assert_uint_eq(strlen(BODY), 127);
	for (size_t piece = 1; piece <= strlen(WHOLE); piece++) {
		ck_assert_int_eq(take(WHOLE, strlen(WHOLE), piece, got, &ok),
		    RC_OK);
		ck_assert(ok);
		ck_assert_uint_eq(buf_len(got), strlen(BODY));
		ck_assert_mem_eq(buf_data(got), BODY, strlen(BODY));
	}
	buf_free(got);
}
END_TEST

START_TEST(an_answer_cut_anywhere_is_never_whole)
{
	struct buf *got = buf_new(4096);
	int ok;

	for (size_t len = 0; len < strlen(WHOLE); len++) {
		for (size_t piece = 1; piece < 80; piece += 13)
			ck_assert_int_eq(take(WHOLE, len, piece, got, &ok),
			    len == 0 ? RC_EOF : RC_BAD);
	}
	buf_free(got);
}
END_TEST

static const char *const wrong[] = {
    "{\"ok\":true}\n{\"end\":1}\n",
    "{\"ok\":true}\na\n{\"end\":1}\n",
    "{\"ok\":true}\na\n{\"end\":3}\n",
    "{\"ok\":true}\na\n{\"end\":02}\n",
    "{\"ok\":true}\na\n{\"end\": 2}\n",
    "{\"ok\":true}\na\n{\"end\":2}",
    "{\"ok\":true}\na\n{\"end\":2}\n\n",
    "{\"ok\":true}\na\n{\"end\":18446744073709551618}\n",
    "{\"ok\":true}\n\n",
    "{\"ok\":true }\n{\"end\":0}\n",
    "{\"ok\":1}\n{\"end\":0}\n",
    "{\"ok\":truefalse, and never an end of the line",
    "\n{\"end\":0}\n",
    "HTTP/1.1 400 Bad Request\r\n\r\n",
};

START_TEST(what_is_no_answer_is_never_whole)
{
	struct buf *got = buf_new(4096);
	int ok;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(take(wrong[i], strlen(wrong[i]), 7, got, &ok),
		    RC_BAD);
	buf_free(got);
}
END_TEST

START_TEST(a_refusal_never_reaches_the_sink)
{
	static const char text[] =
	    "{\"ok\":false}\n{\"error\":\"no\"}\n{\"end\":15}\n";
	struct buf *got = buf_new(4096);
	int ok;

	for (size_t piece = 1; piece < sizeof(text); piece++) {
		ck_assert_int_eq(take(text, sizeof(text) - 1, piece, got, &ok),
		    RC_OK);
		ck_assert(!ok);
		ck_assert_uint_eq(buf_len(got), 0);
	}
	buf_free(got);
}
END_TEST

START_TEST(what_the_sink_says_ends_the_answer)
{
	struct buf *small = buf_new(8);
	int ok;

	ck_assert_int_eq(take(WHOLE, strlen(WHOLE), 50, small, &ok), RC_LIMIT);
	buf_free(small);
}
END_TEST

/* --- files ------------------------------------------------------------ */

static const char *
in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

START_TEST(a_file_has_its_name_when_it_is_whole)
{
	struct export *e = NULL;
	struct stat st;

	ck_assert_int_eq(export_new(in_folder("log"), &e), RC_OK);
	ck_assert_int_eq(export_add("one ", 4, e), RC_OK);
	ck_assert_int_eq(export_add("two", 3, e), RC_OK);
	ck_assert(!is_there("log"));
	ck_assert(is_there("log.part"));
	ck_assert_int_eq(export_finish(e), RC_OK);
	export_free(e);
	ck_assert_str_eq(file_text("log"), "one two");
	ck_assert(!is_there("log.part"));
	ck_assert_int_eq(stat(in_folder("log"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(an_unfinished_file_leaves_nothing)
{
	struct export *e = NULL;

	ck_assert_int_eq(export_new(in_folder("log"), &e), RC_OK);
	ck_assert_int_eq(export_add("half", 4, e), RC_OK);
	export_free(e);
	ck_assert(!is_there("log"));
	ck_assert(!is_there("log.part"));
}
END_TEST

START_TEST(nothing_is_ever_overwritten)
{
	struct export *e = NULL;

	write_file("log", "old");
	ck_assert_int_eq(export_new(in_folder("log"), &e), RC_DUPLICATE);
	write_file("b.part", "other");
	ck_assert_int_eq(export_new(in_folder("b"), &e), RC_CONFLICT);
	/* not through a link either, wherever it leads */
	ck_assert_int_eq(symlink("nowhere", in_folder("c")), 0);
	ck_assert_int_eq(export_new(in_folder("c"), &e), RC_DUPLICATE);
	ck_assert_int_eq(symlink("nowhere", in_folder("d.part")), 0);
	ck_assert_int_eq(export_new(in_folder("d"), &e), RC_CONFLICT);
	/* a name that was taken meanwhile */
	ck_assert_int_eq(export_new(in_folder("f"), &e), RC_OK);
	write_file("f", "first");
	ck_assert_int_eq(export_finish(e), RC_DUPLICATE);
	export_free(e);
	ck_assert_str_eq(file_text("f"), "first");
	ck_assert(!is_there("f.part"));
	ck_assert_str_eq(file_text("log"), "old");
	ck_assert_str_eq(file_text("b.part"), "other");
	ck_assert(!is_there("nowhere"));
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_said)
{
	struct export *e = NULL;

	ck_assert_int_eq(export_new(in_folder("no/log"), &e), RC_IO);
	ck_assert_int_eq(export_new("", &e), RC_LIMIT);
}
END_TEST

/* --- text ------------------------------------------------------------- */

START_TEST(a_status_is_aligned_text_without_control_characters)
{
	static const char json[] =
	    "{\"day\":\"2026-01-02\",\"paused\":false,\"free_rows\":4090,"
	    "\"bad\":\"a\\u001b[2Jb\",\"list\":[\"x\",\"y\"],\"none\":null,"
	    "\"rate\":0.5,\"empty\":[],\"inner\":{\"aB\":1,\"long name\":2},"
	    "\"desks\":[{\"name\":\"one\",\"dead\":1},"
	    "{\"name\":\"second\",\"dead\":12}]}";
	static const char want[] = "day        2026-01-02\n"
				   "paused     no\n"
				   "free rows  4090\n"
				   "bad        a?[2Jb\n"
				   "list       x, y\n"
				   "none       -\n"
				   "rate       0.5\n"
				   "empty      -\n"
				   "inner\n"
				   "  a b        1\n"
				   "  long name  2\n"
				   "desks\n"
				   "  name    dead\n"
				   "  one        1\n"
				   "  second    12\n";
	json_t *o = json_loads(json, 0, NULL);
	char text[1024] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	ck_assert_ptr_nonnull(o);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(show_object(f, o), RC_OK);
	(void)fclose(f);
	ck_assert_str_eq(text, want);
	json_decref(o);
}
END_TEST

START_TEST(a_status_of_any_form_is_shown_within_bounds)
{
	char deep[4096] = "";
	json_t *o;
	FILE *f = fopen("/dev/null", "w");
	size_t n = 0;

	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(deep + n, sizeof(deep) - n, "{\"a\":");
	n += (size_t)snprintf(deep + n, sizeof(deep) - n, "[{},{}]");
	memset(deep + n, '}', 300);
	deep[n + 300] = '\0';
	o = json_loads(deep, 0, NULL);
	ck_assert_ptr_nonnull(o);
	ck_assert_int_eq(show_object(f, o), RC_OK);
	json_decref(o);
	/* a key and a value longer than any column */
	o = json_object();
	memset(deep, 'A', sizeof(deep) - 1);
	json_object_set_new(o, deep, json_string(deep));
	ck_assert_int_eq(show_object(f, o), RC_OK);
	json_decref(o);
	o = json_array();
	ck_assert_int_eq(show_object(f, o), RC_BAD);
	json_decref(o);
	(void)fclose(f);
}
END_TEST

/* --- the program ------------------------------------------------------ */

static _Noreturn void
gateway(int listener, const char *bytes, const char *question)
{
	int fd = accept(listener, NULL, NULL);
	char raw[512];
	ssize_t n;

	alarm(20);
	n = recv(fd, raw, sizeof(raw) - 1, 0);
	raw[n < 0 ? 0 : n] = '\0';
	if (send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) == -1)
		_exit(2);
	_exit(strcmp(raw, question) == 0 ? 0 : 1);
}

/* Runs cutoutctl with these words against a gateway that must be asked this
 * and answers that. */
static int
run(const char *words, const char *question, const char *bytes)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code, status;
	pid_t pid;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/ctl.sock", folder);
	unlink(a.sun_path);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		gateway(listener, bytes, question);
	close(listener);
	code = program_run(said, sizeof(said),
	    "cd %s && CUTOUT_SOCKET=ctl.sock %s/cutoutctl %s", folder, BIN_DIR,
	    words);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	return code;
}

#define STATUS "{\"verb\":\"status\"}\n"
#define EXPORT "{\"verb\":\"log-export\"}\n"

START_TEST(status_is_text_or_the_document)
{
	static const char answer[] =
	    "{\"ok\":true}\n{\"paused\":false,\"day\":\"x\"}\n{\"end\":27}\n";

	ck_assert_int_eq(run("status", STATUS, answer), 0);
	ck_assert_str_eq(said, "paused  no\nday     x\n");
	ck_assert_int_eq(run("status --json", STATUS, answer), 0);
	ck_assert_str_eq(said, "{\"paused\":false,\"day\":\"x\"}\n");
	ck_assert_int_eq(run("status >/dev/full", STATUS, answer), 1);
	ck_assert_int_eq(run("status", STATUS, "{\"ok\":true}\n{\"end\":0}\n"),
	    1);
}
END_TEST

START_TEST(the_dead_are_listed_and_retried)
{
	ck_assert_int_eq(run("dead list", "{\"verb\":\"dead-list\"}\n",
			     "{\"ok\":true}\n{\"dead\":[{\"h\":\"" H_64
			     "\",\"destination\":\"north\"}]}\n{\"end\":106}"
			     "\n"),
	    0);
	ck_assert_str_eq(said, H_64 "  north\n");
	ck_assert_int_eq(run("dead list", "{\"verb\":\"dead-list\"}\n",
			     "{\"ok\":true}\n{\"dead\":[]}\n{\"end\":12}\n"),
	    0);
	ck_assert_str_eq(said, "no dead items\n");
	ck_assert_int_eq(run("dead retry " H_64,
			     "{\"verb\":\"dead-retry\",\"h\":\"" H_64 "\"}\n",
			     "{\"ok\":true}\n{\"retried\":1}\n{\"end\":14}\n"),
	    0);
	ck_assert_ptr_nonnull(strstr(said, "1 to be sent again"));
	ck_assert_int_eq(run("dead retry --all",
			     "{\"verb\":\"dead-retry\",\"all\":true}\n",
			     "{\"ok\":true}\n{\"retried\":0}\n{\"end\":14}\n"),
	    0);
	ck_assert_int_eq(
	    run("dead retry --all", "{\"verb\":\"dead-retry\",\"all\":true}\n",
		"{\"ok\":false}\n{\"error\":\"not found\"}\n{\"end\":22}\n"),
	    1);
	ck_assert_ptr_nonnull(strstr(said, "not found"));
	ck_assert_ptr_nonnull(strstr(said, "cutoutctl dead list"));
}
END_TEST

START_TEST(pause_says_what_holds_now)
{
	ck_assert_int_eq(run("pause on", "{\"verb\":\"pause\",\"on\":true}\n",
			     "{\"ok\":true}\n{\"paused\":true}\n{\"end\":16}"
			     "\n"),
	    0);
	ck_assert_ptr_nonnull(strstr(said, "delivery goes on"));
	ck_assert_int_eq(run("pause off", "{\"verb\":\"pause\",\"on\":false}\n",
			     "{\"ok\":true}\n{\"paused\":false}\n{\"end\":17}"
			     "\n"),
	    0);
	ck_assert_ptr_nonnull(strstr(said, "not paused"));
}
END_TEST

START_TEST(a_log_is_exported_whole)
{
	ck_assert_int_eq(run("log export f", EXPORT, WHOLE), 0);
	ck_assert_str_eq(said, "");
	ck_assert_str_eq(file_text("f"), BODY);
	ck_assert_int_eq(run("log export", EXPORT, WHOLE), 0);
	ck_assert_str_eq(said, BODY);
	ck_assert_int_eq(run("log export - >/dev/full", EXPORT, WHOLE), 1);
	ck_assert_int_eq(run("log export empty", EXPORT,
			     "{\"ok\":true}\n{\"end\":0}\n"),
	    0);
	ck_assert_str_eq(file_text("empty"), "");
}
END_TEST

START_TEST(a_cut_log_leaves_no_file)
{
	char cut[sizeof(WHOLE)];

	for (size_t len = 12; len < sizeof(WHOLE) - 1; len += 9) {
		memcpy(cut, WHOLE, len);
		cut[len] = '\0';
		ck_assert_int_eq(run("log export f", EXPORT, cut), 1);
		ck_assert_ptr_nonnull(strstr(said, "was cut"));
		ck_assert(!is_there("f"));
		ck_assert(!is_there("f.part"));
		ck_assert_int_eq(run("log export", EXPORT, cut), 1);
	}
	ck_assert_int_eq(run("log export f", EXPORT,
			     "{\"ok\":false}\n{\"error\":\"no\"}\n"
			     "{\"end\":15}\n"),
	    1);
	ck_assert(!is_there("f"));
	ck_assert(!is_there("f.part"));
}
END_TEST

/* Runs it where no gateway must be asked. */
static int
run_alone(const char *words)
{
	return program_run(said, sizeof(said),
	    "cd %s && %s/cutoutctl -s ctl.sock %s", folder, BIN_DIR, words);
}

START_TEST(an_existing_file_is_said_before_the_gateway_is_asked)
{
	write_file("f", "old");
	ck_assert_int_eq(run_alone("log export f"), 1);
	ck_assert_ptr_nonnull(strstr(said, "Give another name"));
	ck_assert_str_eq(file_text("f"), "old");
	write_file("g.part", "");
	ck_assert_int_eq(run_alone("log export g"), 1);
	ck_assert_ptr_nonnull(strstr(said, "remove it"));
}
END_TEST

START_TEST(a_silent_gateway_is_exit_3)
{
	ck_assert_int_eq(run_alone("status"), 3);
	ck_assert_ptr_nonnull(strstr(said, "Is cutoutd running?"));
	ck_assert_int_eq(run_alone("log export f"), 3);
	ck_assert(!is_there("f.part"));
	/* a socket whose gateway is gone, and a file that is none */
	write_file("ctl.sock", "");
	ck_assert_int_eq(run_alone("status"), 3);
	/* one that closes: the user is not the right one */
	ck_assert_int_eq(run("status", STATUS, ""), 3);
	ck_assert_ptr_nonnull(strstr(said, "as root"));
	ck_assert_int_eq(run_alone("status"), 3);
}
END_TEST

static const char *const misused[] = {
    "",
    "sing",
    "status now",
    "status --all",
    "status --sing",
    "dead",
    "dead list --all",
    "dead list it",
    "dead retry",
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma) one command line
    "dead retry --all " H_64,
    "dead retry 0011",
    "dead retry " H_64 "00",
    "dead retry --json --all",
    "pause",
    "pause maybe",
    "pause on off",
    "log",
    "log export a b",
    "log export ''",
    "log export --json",
    "-s",
};

START_TEST(wrong_usage_is_exit_2)
{
	for (size_t i = 0; i < sizeof(misused) / sizeof(misused[0]); i++) {
		ck_assert_msg(run_alone(misused[i]) == 2, "%s", misused[i]);
		ck_assert_ptr_nonnull(strstr(said, "--help"));
	}
}
END_TEST

START_TEST(help_and_version_are_exit_0)
{
	ck_assert_int_eq(run_alone("--help"), 0);
	ck_assert_ptr_nonnull(strstr(said, "once a day"));
	ck_assert_int_eq(run_alone("--version"), 0);
	ck_assert_int_eq(run_alone("--help >/dev/full"), 1);
}
END_TEST

static void
add_parts(TCase *t)
{
	tcase_add_checked_fixture(t, make_folder, remove_folder);
	tcase_add_test(t, a_whole_answer_is_whole_in_any_pieces);
	tcase_add_test(t, an_answer_cut_anywhere_is_never_whole);
	tcase_add_test(t, what_is_no_answer_is_never_whole);
	tcase_add_test(t, a_refusal_never_reaches_the_sink);
	tcase_add_test(t, what_the_sink_says_ends_the_answer);
	tcase_add_test(t, a_file_has_its_name_when_it_is_whole);
	tcase_add_test(t, an_unfinished_file_leaves_nothing);
	tcase_add_test(t, nothing_is_ever_overwritten);
	tcase_add_test(t, a_folder_that_is_not_there_is_said);
	tcase_add_test(t, a_status_is_aligned_text_without_control_characters);
	tcase_add_test(t, a_status_of_any_form_is_shown_within_bounds);
}

static void
add_program(TCase *t)
{
	tcase_add_checked_fixture(t, make_folder, remove_folder);
	tcase_add_test(t, status_is_text_or_the_document);
	tcase_add_test(t, the_dead_are_listed_and_retried);
	tcase_add_test(t, pause_says_what_holds_now);
	tcase_add_test(t, a_log_is_exported_whole);
	tcase_add_test(t, a_cut_log_leaves_no_file);
	tcase_add_test(t, an_existing_file_is_said_before_the_gateway_is_asked);
	tcase_add_test(t, a_silent_gateway_is_exit_3);
	tcase_add_test(t, wrong_usage_is_exit_2);
	tcase_add_test(t, help_and_version_are_exit_0);
}

int
main(void)
{
	Suite *suite = suite_create("cutoutctl");
	TCase *parts = tcase_create("parts");
	TCase *program = tcase_create("program");
	SRunner *runner;
	int failed;

	add_parts(parts);
	add_program(program);
	tcase_set_timeout(program, 60);
	suite_add_tcase(suite, parts);
	suite_add_tcase(suite, program);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
