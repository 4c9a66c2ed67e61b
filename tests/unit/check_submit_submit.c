/* What may be concluded from an answer: the bytes of a report stay until the
 * gateway itself said that it has them. The connection is the test's: it gives
 * the answers that a gateway, or something in its place, could give. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "submit.h"

static char folder[64];
static struct store *store;
static struct entry entry;
static const struct options options = {.tries = 1, .longest_s = 1};

static struct {
	enum exchange what;
	long status;
	const char *body;
} next;

/* Fails the calls that remove files, and renames from the given one on. */
static int no_unlink, renames_left = -1;

int
unlinkat(int dir, const char *name, int flags)
{
	if (no_unlink) {
		errno = EACCES;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

/* No test waits, nor for a disk. */
int
fsync(int fd)
{
	(void)fd;
	return 0;
}

int
nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (renames_left == 0) {
		errno = EIO;
		return -1;
	}
	if (renames_left > 0)
		renames_left--;
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

enum rc
transport_post(const struct target *target, const char *path, const void *body,
    size_t len, struct answer_raw *out)
{
	(void)target;
	(void)path;
	(void)body;
	(void)len;
	memset(out, 0, sizeof(*out));
	out->what = next.what;
	out->status = next.status;
	snprintf(out->why, sizeof(out->why), "because");
	if (next.what != EXCHANGE_ANSWERED)
		return RC_OK;
	out->body = buf_new(4096);
	ck_assert_ptr_nonnull(out->body);
	return buf_add_text(out->body, next.body);
}

static void
setup_entry(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check-submit.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(store_open(folder, &store), RC_OK);
	memset(&entry, 0, sizeof(entry));
	ck_assert_int_eq(receipt_make(&entry.receipt), RC_OK);
	entry.state = STATE_READY;
	ck_assert_int_eq(store_add(store, &entry, "<R/>", 4), RC_OK);
}

static void
teardown_entry(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	no_unlink = 0;
	renames_left = -1;
	store_close(store);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	(void)rmdir(folder);
}

static enum outcome
answered(long status, const char *body)
{
	next.what = EXCHANGE_ANSWERED;
	next.status = status;
	next.body = body;
	return submit_entry(&options, store, &entry, "r.xml", NULL);
}

static int
has_bytes(void)
{
	struct buf *b = buf_new(1000);
	enum rc rc = store_body(store, &entry, b);

	buf_free(b);
	return rc == RC_OK;
}

/* The state as another process would read it. */
static enum state
state_on_disk(void)
{
	struct entry back;

	ck_assert_int_eq(store_find(store, &entry.receipt, &back), RC_OK);
	return back.state;
}

START_TEST(only_the_gateways_word_is_an_acceptance)
{
	static const struct {
		long status;
		const char *body;
	} others[] = {{200, "{}"}, {201, "{}"}, {200, "{\"ok\":true}"},
	    {201, "{\"status\":\"CHECKED\"}"}, {201, "{\"status\":201}"},
	    {200, "{\"status\":\"CHECKED\",\"findings\":[]}"},
	    {200, "{\"status\":\"ACCEPTED\"}"},
	    {201, "{\"status\":\"DUPLICATE\"}"},
	    {201, "{\"status\":\"accepted\"}"}, {201, "[]"}, {201, ""}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ck_assert_msg(answered(others[i].status, others[i].body) ==
				  OUTCOME_UNKNOWN,
		    "%ld %s", others[i].status, others[i].body);
		ck_assert_int_eq(state_on_disk(), STATE_UNSURE);
		ck_assert(has_bytes());
	}
	ck_assert_int_eq(answered(201, "{\"status\":\"ACCEPTED\"}"),
	    OUTCOME_ACCEPTED);
	ck_assert_int_eq(state_on_disk(), STATE_ACCEPTED);
	ck_assert(!has_bytes());
}
END_TEST

START_TEST(a_duplicate_is_an_acceptance)
{
	ck_assert_int_eq(answered(200, "{\"status\":\"DUPLICATE\"}"),
	    OUTCOME_ACCEPTED);
	ck_assert_int_eq(state_on_disk(), STATE_ACCEPTED);
	ck_assert(!has_bytes());
}
END_TEST

/* Nothing that comes later makes a report that may be kept one that is not. */
START_TEST(a_doubt_outlasts_every_other_answer)
{
	static const struct {
		long status;
		const char *body;
		enum state state;
	} doubts[] = {{409, "{}", STATE_CONFLICT}, {503, "{}", STATE_UNSURE}};
	static const enum exchange failures[] = {EXCHANGE_NOT_SENT,
	    EXCHANGE_REFUSED, EXCHANGE_UNTRUSTED, EXCHANGE_CONFIG};
	static const long statuses[] = {400, 403, 404, 408, 413, 422, 429};

	for (size_t d = 0; d < 2; d++) {
		(void)answered(doubts[d].status, doubts[d].body);
		ck_assert_int_eq(state_on_disk(), doubts[d].state);
		for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]);
		     i++) {
			next.what = failures[i];
			ck_assert_int_eq(submit_entry(&options, store, &entry,
					     "r.xml", NULL),
			    OUTCOME_UNKNOWN);
			ck_assert_int_eq(state_on_disk(), doubts[d].state);
		}
		for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]);
		     i++) {
			ck_assert_msg(answered(statuses[i], "{}") ==
					  OUTCOME_UNKNOWN,
			    "%ld", statuses[i]);
			ck_assert_int_eq(state_on_disk(), doubts[d].state);
		}
		ck_assert(has_bytes());
	}
	/* not kept, and worse: it made the gateway fail */
	(void)answered(500, "{}");
	ck_assert(has_bytes());
}
END_TEST

START_TEST(without_a_doubt_a_failure_is_what_it_is)
{
	next.what = EXCHANGE_NOT_SENT;
	ck_assert_int_eq(submit_entry(&options, store, &entry, "r.xml", NULL),
	    OUTCOME_NOT_SENT);
	next.what = EXCHANGE_REFUSED;
	ck_assert_int_eq(submit_entry(&options, store, &entry, "r.xml", NULL),
	    OUTCOME_REFUSED);
	next.what = EXCHANGE_CONFIG;
	ck_assert_int_eq(submit_entry(&options, store, &entry, "r.xml", NULL),
	    OUTCOME_FAILED);
	ck_assert_int_eq(state_on_disk(), STATE_READY);
	ck_assert(has_bytes());
	ck_assert_int_eq(answered(422, "{}"), OUTCOME_RETURNED);
	ck_assert(!has_bytes());
}
END_TEST

/* The gateway has it, whatever the folder does then. */
START_TEST(an_acceptance_counts_when_the_folder_fails)
{
	no_unlink = 1;
	ck_assert_int_eq(answered(201, "{\"status\":\"ACCEPTED\"}"),
	    OUTCOME_ACCEPTED);
	no_unlink = 0;
	ck_assert_int_eq(state_on_disk(), STATE_ACCEPTED);
	ck_assert(has_bytes());
}
END_TEST

START_TEST(an_answer_that_can_not_be_noted_leaves_a_doubt)
{
	renames_left = 1; /* "unsure", before anything is sent */
	ck_assert_int_eq(answered(201, "{\"status\":\"ACCEPTED\"}"),
	    OUTCOME_ACCEPTED);
	ck_assert_int_eq(state_on_disk(), STATE_UNSURE);
	ck_assert(has_bytes());
	/* and without even that nothing is sent */
	next.what = EXCHANGE_CONFIG;
	renames_left = 0;
	ck_assert_int_eq(submit_entry(&options, store, &entry, "r.xml", NULL),
	    OUTCOME_UNKNOWN);
}
END_TEST

/* What comes out on standard error when the check said to call 999. */
static char *
told(struct options *o, const char *path)
{
	static char text[4096];
	static const char said[] =
	    "{\"status\":\"CHECKED\",\"advice\":[\"999: Call 999 now.\"]}";
	struct reply *r = NULL;
	int saved = dup(STDERR_FILENO), fd;
	ssize_t n;

	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(reply_parse(said, strlen(said), &r), RC_OK);
	ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	(void)submit_entry(o, store, &entry, "r.xml", r);
	ck_assert_int_eq(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	n = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(fd);
	close(saved);
	reply_free(r);
	return text;
}

START_TEST(urgent_advice_is_told_when_nobody_answers)
{
	static const enum exchange silent[] = {EXCHANGE_NOT_SENT, EXCHANGE_LOST,
	    EXCHANGE_REFUSED, EXCHANGE_UNTRUSTED, EXCHANGE_CONFIG};
	static const long statuses[] = {403, 404, 429, 503, 409, 500};
	struct options o = options;
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/stderr", folder);
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		next.what = silent[i];
		text = told(&o, path);
		ck_assert_ptr_nonnull(strstr(text, "*** 999: Call 999 now."));
	}
	next.what = EXCHANGE_ANSWERED;
	next.body = "{\"advice\":[]}";
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		next.status = statuses[i];
		text = told(&o, path);
		ck_assert_msg(strstr(text, "*** 999: Call 999 now.") != NULL,
		    "%ld: %s", statuses[i], text);
	}
}
END_TEST

START_TEST(urgent_advice_is_told_once)
{
	struct options o = options;
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/stderr", folder);
	/* not once for each attempt */
	o.tries = 2;
	next.what = EXCHANGE_NOT_SENT;
	text = told(&o, path);
	text = strstr(text, "999: Call 999 now.");
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_null(strstr(text + 1, "999: Call 999 now."));
	/* and by the gateway, when it does */
	next.what = EXCHANGE_ANSWERED;
	next.status = 201;
	next.body = "{\"status\":\"ACCEPTED\",\"advice\":[\"101: Theirs.\"]}";
	text = told(&o, path);
	ck_assert_ptr_nonnull(strstr(text, "101: Theirs."));
	ck_assert_ptr_null(strstr(text, "999: Call 999 now."));
}
END_TEST

START_TEST(only_the_gateways_word_is_a_check)
{
	next.what = EXCHANGE_ANSWERED;
	next.status = 200;
	next.body = "{\"status\":\"CHECKED\",\"findings\":[]}";
	ck_assert_int_eq(submit_check(&options, "<R/>", 4, "r.xml"),
	    OUTCOME_ACCEPTED);
	next.body = "{\"findings\":[]}";
	ck_assert_int_eq(submit_check(&options, "<R/>", 4, "r.xml"),
	    OUTCOME_NOT_SENT);
	next.status = 201;
	next.body = "{\"status\":\"ACCEPTED\"}";
	ck_assert_int_eq(submit_check(&options, "<R/>", 4, "r.xml"),
	    OUTCOME_NOT_SENT);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_submit");
	TCase *t = tcase_create("answers");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup_entry, teardown_entry);
	tcase_add_test(t, only_the_gateways_word_is_an_acceptance);
	tcase_add_test(t, a_duplicate_is_an_acceptance);
	tcase_add_test(t, a_doubt_outlasts_every_other_answer);
	tcase_add_test(t, without_a_doubt_a_failure_is_what_it_is);
	tcase_add_test(t, an_acceptance_counts_when_the_folder_fails);
	tcase_add_test(t, an_answer_that_can_not_be_noted_leaves_a_doubt);
	tcase_add_test(t, urgent_advice_is_told_when_nobody_answers);
	tcase_add_test(t, urgent_advice_is_told_once);
	tcase_add_test(t, only_the_gateways_word_is_a_check);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
