/* The auditor's books: what agrees is said to agree, and every way of not
 * agreeing is noticed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "program.h"

/* Objects are told apart by their last digit. */
#define ID "000000000000000000000000000000000000000000000000000000000000000"
#define SKI "00112233445566778899aabbccddeeff00112233"

#define START                                                                  \
	"{\"v\":1,\"ev\":\"start\",\"day\":\"2026-11-24\",\"build\":\"abc\","  \
	"\"schema\":\"1.0\",\"log_key\":\"" ID "a\",\"promise_key\":\"" ID     \
	"b\"}\n"
#define RECIPIENTS                                                             \
	"{\"v\":1,\"ev\":\"recipients\",\"day\":\"2026-11-24\","               \
	"\"destination\":\"syp\",\"to\":[\"" SKI "\"]}\n"
#define ACCEPTED(day, x)                                                       \
	"{\"v\":1,\"ev\":\"accepted\",\"day\":\"2026-11-" day                  \
	"\",\"c\":\"" ID x "\"}\n"
#define FORWARDED(day, x)                                                      \
	"{\"v\":1,\"ev\":\"forwarded\",\"day\":\"2026-11-" day                 \
	"\",\"obj\":\"" ID x "\",\"slot\":7,\"class\":0,\"to\":[\"" SKI        \
	"\"]}\n"
#define DONE(day, x)                                                           \
	"{\"v\":1,\"ev\":\"done\",\"day\":\"2026-11-" day "\",\"obj\":\"" ID x \
	"\",\"slot\":7,\"ack\":\"AAAA\"}\n"
#define DEAD(day, x)                                                           \
	"{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-" day "\",\"obj\":\"" ID x \
	"\"}\n"
#define RETRY(day, x)                                                          \
	"{\"v\":1,\"ev\":\"retry\",\"day\":\"2026-11-" day                     \
	"\",\"obj\":\"" ID x "\"}\n"
#define DAY(day, queued, dead, done)                                           \
	"{\"v\":1,\"ev\":\"day\",\"day\":\"2026-11-" day                       \
	"\",\"queued\":" queued ",\"dead\":" dead ",\"done\":" done "}\n"

static struct ledger_sums sums;
static char first_fault[256];

static void
remember(const char *what, void *ctx)
{
	(void)ctx;
	if (first_fault[0] == '\0')
		snprintf(first_fault, sizeof(first_fault), "%s", what);
}

/* Reads text as a log; gives the line that was refused, 0 for none. */
static size_t
read_log(const char *text)
{
	struct ledger *l = ledger_new();
	FILE *f = tmpfile();
	char why[ENTRY_WHY_MAX];
	size_t line = 0;
	enum rc rc;

	ck_assert(l != NULL && f != NULL);
	ck_assert_uint_eq(fwrite(text, 1, strlen(text), f), strlen(text));
	rewind(f);
	first_fault[0] = '\0';
	rc = ledger_read(l, f, &line, why);
	ck_assert(rc == RC_OK || rc == RC_BAD);
	if (rc == RC_OK)
		ledger_close(l, &sums, NULL, remember, NULL);
	(void)fclose(f);
	ledger_free(l);
	return rc == RC_OK ? 0 : line;
}

static void
agrees(const char *text)
{
	ck_assert_uint_eq(read_log(text), 0);
	ck_assert_msg(sums.faults == 0, "%s", first_fault);
}

static void
broken(const char *text, const char *part)
{
	ck_assert_uint_eq(read_log(text), 0);
	ck_assert_uint_ge(sums.faults, 1);
	ck_assert_msg(strstr(first_fault, part) != NULL, "%s", first_fault);
}

static void
refused(const char *text, size_t line)
{
	ck_assert_uint_eq(read_log(text), line);
}

START_TEST(honest_books_agree)
{
	agrees("");
	agrees(START);
	/* order within a day is random: done may stand before accepted */
	agrees(START RECIPIENTS DONE("24", "1") ACCEPTED("24",
	    "1") ACCEPTED("24", "2") FORWARDED("24", "1") DAY("24", "1", "0",
	    "1") FORWARDED("25", "2") DEAD("25", "2") DAY("25", "0", "1", "1")
		RETRY("26", "2") DAY("26", "1", "0", "1") DONE("27", "2")
		    ACCEPTED("27", "3") DAY("27", "1", "0", "0")
			ACCEPTED("28", "4"));
	ck_assert_uint_eq(sums.accepted, 4);
	ck_assert_uint_eq(sums.forwarded, 2);
	ck_assert_uint_eq(sums.objects, 2);
	ck_assert_uint_eq(sums.done, 2);
	ck_assert_uint_eq(sums.dead, 1);
	ck_assert_uint_eq(sums.retries, 1);
	ck_assert_uint_eq(sums.dead_now, 0);
	ck_assert_uint_eq(sums.days, 4);
	ck_assert_uint_eq(sums.open, 2);
}
END_TEST

START_TEST(a_lost_report_is_noticed)
{
	/* two came in, one went out, none waits */
	broken(RECIPIENTS ACCEPTED("24", "1") ACCEPTED("24", "2")
		   FORWARDED("24", "1") DONE("24", "1")
		       DAY("24", "0", "0", "1"),
	    "accepted 2, but done 1");
}
END_TEST

START_TEST(a_made_up_report_is_noticed)
{
	broken(RECIPIENTS ACCEPTED("24", "1") FORWARDED("24", "1")
		   FORWARDED("24", "2") DONE("24", "1") DONE("24", "2"),
	    "more objects left");
}
END_TEST

START_TEST(an_entry_left_out_is_noticed)
{
	const char *const log[] = {RECIPIENTS, ACCEPTED("24", "1"),
	    ACCEPTED("24", "2"), FORWARDED("24", "1"), DONE("24", "1"),
	    FORWARDED("25", "2"), DEAD("25", "2"), DAY("25", "0", "1", "1")};
	char text[8192];

	/* each line but the tally is needed: leave out one after the other */
	for (size_t left_out = 0; left_out < 7; left_out++) {
		text[0] = '\0';
		for (size_t i = 0; i < 8; i++) {
			size_t at = strlen(text);

			if (i != left_out)
				snprintf(text + at, sizeof(text) - at, "%s",
				    log[i]);
		}
		ck_assert_uint_eq(read_log(text), 0);
		ck_assert_msg(sums.faults > 0, "line %zu was not missed",
		    left_out);
	}
}
END_TEST

START_TEST(a_wrong_tally_is_noticed)
{
	broken(ACCEPTED("24", "1") DAY("24", "2", "0", "0"), "2026-11-24");
	broken(ACCEPTED("24", "1") DAY("24", "0", "1", "0"), "2026-11-24");
	broken(ACCEPTED("24", "1") DAY("24", "1", "0", "1"), "2026-11-24");
	/* sums that would only come out right by wrapping round */
	broken(DAY("24", "9223372036854775807", "9223372036854775807", "0"),
	    "2026-11-24");
	broken(DAY("24", "0", "0", "0") DAY("24", "0", "0", "0"),
	    "closed twice");
}
END_TEST

START_TEST(doing_things_twice_is_noticed)
{
	broken(RECIPIENTS ACCEPTED("24", "1") ACCEPTED("24", "2")
		   FORWARDED("24", "1") DONE("24", "1") DONE("25", "1"),
	    "`done` entries repeat");
	broken(ACCEPTED("24", "1") ACCEPTED("25", "1"),
	    "`accepted` entries repeat");
	broken(RECIPIENTS ACCEPTED("24", "1") ACCEPTED("24", "2")
		   FORWARDED("24", "1") FORWARDED("24", "1"),
	    "`forwarded` entries repeat");
	broken(RECIPIENTS ACCEPTED("24", "1") FORWARDED("24", "1")
		   DEAD("24", "1") DEAD("25", "1"),
	    "dead already");
	broken(RECIPIENTS ACCEPTED("24", "1") FORWARDED("24", "1")
		   DEAD("24", "1") DONE("25", "1"),
	    "dead and done");
	broken(RECIPIENTS ACCEPTED("24", "1") FORWARDED("24", "1")
		   RETRY("25", "1"),
	    "not dead");
}
END_TEST

START_TEST(an_unannounced_recipient_is_noticed)
{
	broken(ACCEPTED("24", "1") FORWARDED("24", "1"), "recipient");
	/* announced only on a later day */
	broken(RECIPIENTS ACCEPTED("23", "1") FORWARDED("23", "1"),
	    "recipient");
}
END_TEST

START_TEST(odd_lines_are_refused)
{
	static const char *const odd[] = {
	    "\n",
	    "[]\n",
	    "{}\n",
	    "nonsense\n",
	    /* another version, an unknown kind, an impossible day */
	    "{\"v\":2,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\"}\n",
	    "{\"v\":1,\"ev\":\"gone\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-13-24\",\"obj\":\"" ID
	    "1\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24T10\",\"obj\":\"" ID
	    "1\"}\n",
	    /* order, spaces, a field too many, too few, twice */
	    "{\"ev\":\"dead\",\"v\":1,\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\"}\n",
	    "{\"v\":1, \"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\",\"x\":1}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "1\",\"obj\":\"" ID "1\"}\n",
	    /* the id: short, upper case, another type */
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "A\"}\n",
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":1}\n",
	    /* the same character written in another way */
	    "{\"v\":1,\"ev\":\"dead\",\"day\":\"2026-11-24\",\"obj\":\"" ID
	    "\\u0031\"}\n",
	    /* numbers */
	    DAY("24", "-1", "0", "0"),
	    DAY("24", "1.0", "0", "0"),
	    DAY("24", "01", "0", "0"),
	    DAY("24", "99999999999999999999", "0", "0"),
	    DAY("24", "\"1\"", "0", "0"),
	    /* the end is missing */
	    "{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-11-24\",\"on\":true}",
	};
	char text[4096];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s", START, RECIPIENTS,
		    odd[i]);
		ck_assert_msg(read_log(text) == 3, "taken: %s", odd[i]);
	}
	refused("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-11-24\",\"on\":1}\n",
	    1);
	agrees("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-11-24\",\"on\":true}"
	       "\n");
}
END_TEST

/* The program itself: exit status, and the sentence that it proves little. */
static int
run(const char *arguments, const char *log, char *output, size_t size)
{
	char folder[64], path[80];
	FILE *f;
	int status;

	program_folder(folder);
	snprintf(path, sizeof(path), "%s/log", folder);
	f = fopen(path, "w");
	ck_assert(f != NULL);
	(void)fputs(log, f);
	(void)fclose(f);
	status = program_run(output, size, "%s/cutout-audit %s %s", BIN_DIR,
	    arguments, path);
	program_folder_remove(folder);
	return status;
}

START_TEST(exit_status_tells)
{
	char out[8192];

	ck_assert_int_eq(run("counts",
			     ACCEPTED("24", "1") DAY("24", "1", "0", "0"), out,
			     sizeof(out)),
	    0);
	ck_assert(strstr(out, "does not yet prove") != NULL);
	ck_assert(strstr(out, "agrees") != NULL);
	ck_assert_int_eq(run("counts --json",
			     ACCEPTED("24", "1") DAY("24", "1", "0", "0"), out,
			     sizeof(out)),
	    0);
	ck_assert(strstr(out, "\"accepted\": 1") != NULL);
	ck_assert_int_eq(run("counts",
			     ACCEPTED("24", "1") DAY("24", "0", "0", "0"), out,
			     sizeof(out)),
	    1);
	ck_assert(strstr(out, "DOES NOT AGREE") != NULL);
	ck_assert_int_eq(run("counts", START "x\n", out, sizeof(out)), 3);
	ck_assert(strstr(out, ":2:") != NULL);
	/* an answer that nobody got is not "everything agrees" */
	ck_assert_int_eq(run(">/dev/full counts", START, out, sizeof(out)), 3);
	ck_assert_int_eq(run(">/dev/full counts --json", START, out,
			     sizeof(out)),
	    3);
	ck_assert_int_eq(run("", "", out, sizeof(out)), 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("audit");
	TCase *t = tcase_create("books");
	SRunner *r;
	int failed;

	tcase_add_test(t, honest_books_agree);
	tcase_add_test(t, a_lost_report_is_noticed);
	tcase_add_test(t, a_made_up_report_is_noticed);
	tcase_add_test(t, an_entry_left_out_is_noticed);
	tcase_add_test(t, a_wrong_tally_is_noticed);
	tcase_add_test(t, doing_things_twice_is_noticed);
	tcase_add_test(t, an_unannounced_recipient_is_noticed);
	tcase_add_test(t, odd_lines_are_refused);
	tcase_add_test(t, exit_status_tells);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
