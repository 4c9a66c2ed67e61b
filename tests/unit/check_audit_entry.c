/* One line of the audit log: each kind has one way to be written, and every
 * other way is refused without a word of the line being repeated. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"

#define ID "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SKI "0102030405060708090a0b0c0d0e0f1011121314"
#define HEAD(ev) "{\"v\":1,\"ev\":\"" ev "\",\"day\":\"2026-11-24\""

static struct entry e;
static char why[ENTRY_WHY_MAX];

static void
good(const char *line, enum entry_kind kind)
{
	ck_assert_msg(entry_read(line, strlen(line), &e, why) == RC_OK,
	    "%s: %s", why, line);
	ck_assert_int_eq(e.kind, kind);
	ck_assert_uint_eq(e.day, 20261124);
}

static void
bad(const char *line, const char *words)
{
	why[0] = '\0';
	ck_assert_msg(entry_read(line, strlen(line), &e, why) == RC_BAD, "%s",
	    line);
	ck_assert_msg(strstr(why, words) != NULL, "not \"%s\" but \"%s\"",
	    words, why);
}

START_TEST(every_kind_is_read)
{
	good(HEAD("start") ",\"build\":\"b\",\"schema\":\"s\",\"log_key\":\"" ID
			   "\",\"promise_key\":\"" ID "\"}",
	    ENTRY_START);
	good(HEAD("recipients") ",\"destination\":\"SYP\",\"to\":[\"" SKI
				"\",\"" SKI "\"]}",
	    ENTRY_RECIPIENTS);
	ck_assert_uint_eq(e.to_count, 2);
	ck_assert_uint_eq(e.to[1][19], 0x14);
	good(HEAD("accepted") ",\"c\":\"" ID "\"}", ENTRY_ACCEPTED);
	ck_assert_uint_eq(e.id[1], 0x11);
	good(HEAD("forwarded") ",\"obj\":\"" ID
			       "\",\"slot\":12,\"class\":0,\"to\":[\"" SKI
			       "\"]}",
	    ENTRY_FORWARDED);
	ck_assert_uint_eq(e.to_count, 1);
	good(HEAD("done") ",\"obj\":\"" ID "\",\"slot\":12,\"ack\":\"QUJD\"}",
	    ENTRY_DONE);
	good(HEAD("dead") ",\"obj\":\"" ID "\"}", ENTRY_DEAD);
	good(HEAD("retry") ",\"obj\":\"" ID "\"}", ENTRY_RETRY);
	good(HEAD("pause") ",\"on\":true}", ENTRY_PAUSE);
	good(HEAD("day") ",\"queued\":3,\"dead\":2,\"done\":1}", ENTRY_DAY);
	ck_assert_uint_eq(e.queued, 3);
	ck_assert_uint_eq(e.dead, 2);
	ck_assert_uint_eq(e.done, 1);
}
END_TEST

START_TEST(a_line_has_one_form)
{
	bad("", "empty or too long");
	bad("[]", "not a JSON object");
	bad("{", "not a JSON object");
	bad(HEAD("pause") ",\"on\":true} ", "agreed form");
	bad(HEAD("pause") ", \"on\":true}", "agreed form");
	bad(HEAD("pause") ",\"\\u006fn\":true}", "agreed form");
	bad(HEAD("pause") ",\"on\":true,\"on\":true}", "not a JSON object");
	bad(HEAD("pause") "}", "missing: on");
	bad(HEAD("pause") ",\"on\":true,\"x\":1}", "a field too many in pause");
	bad("{\"ev\":\"pause\",\"v\":1,\"day\":\"2026-11-24\",\"on\":true}",
	    "expected the field v");
	bad(HEAD("day") ",\"dead\":2,\"queued\":3,\"done\":1}",
	    "expected the field queued");
}
END_TEST

START_TEST(a_line_too_long_is_refused)
{
	static char line[ENTRY_LINE_MAX + 2];

	memset(line, ' ', sizeof(line) - 1);
	line[0] = '{';
	line[1] = '}';
	bad(line, "too long");
}
END_TEST

START_TEST(head_and_values_are_what_they_must_be)
{
	bad("{\"v\":2,\"ev\":\"pause\",\"day\":\"2026-11-24\",\"on\":true}",
	    "version");
	bad(HEAD("colour") ",\"on\":true}", "unknown kind");
	bad("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-13-01\",\"on\":true}",
	    "day");
	bad("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-04-31\",\"on\":true}",
	    "day");
	bad("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026-11-2\",\"on\":true}",
	    "day");
	bad("{\"v\":1,\"ev\":\"pause\",\"day\":\"2026/11/24\",\"on\":true}",
	    "day");
	bad(HEAD("pause") ",\"on\":1}", "wrong value of on");
	bad(HEAD("dead") ",\"obj\":\"00\"}", "wrong value of obj");
	bad(HEAD("accepted") ",\"c\":\"" ID "0\"}", "wrong value of c");
	bad(HEAD("accepted") ",\"c\":\"A0112233445566778899aabbccddeeff"
			     "00112233445566778899aabbccddeeff\"}",
	    "wrong value of c");
	bad(HEAD("day") ",\"queued\":-1,\"dead\":2,\"done\":1}",
	    "wrong value of queued");
	bad(HEAD("day") ",\"queued\":1.0,\"dead\":2,\"done\":1}",
	    "wrong value of queued");
	bad(HEAD("recipients") ",\"destination\":\"S\",\"to\":[]}",
	    "wrong value of to");
	bad(HEAD("recipients") ",\"destination\":\"\",\"to\":[\"" SKI "\"]}",
	    "wrong value of destination");
	bad(HEAD("recipients") ",\"destination\":\"\\u001b\",\"to\":[\"" SKI
			       "\"]}",
	    "wrong value of destination");
	bad(HEAD("done") ",\"obj\":\"" ID "\",\"slot\":1,\"ack\":\"QUJ\"}",
	    "wrong value of ack");
	bad(HEAD("done") ",\"obj\":\"" ID "\",\"slot\":1,\"ack\":\"QU-D\"}",
	    "wrong value of ack");
}
END_TEST

START_TEST(nine_recipients_are_too_many)
{
	char line[1024];
	size_t n;

	n = (size_t)snprintf(line, sizeof(line), "%s",
	    HEAD("recipients") ",\"destination\":\"SYP\",\"to\":[");
	for (int i = 0; i < ENTRY_RECIPIENTS_MAX + 1; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n,
		    "%s\"" SKI "\"", i == 0 ? "" : ",");
	(void)snprintf(line + n, sizeof(line) - n, "]}");
	bad(line, "wrong value of to");
}
END_TEST

/* The reason may be shown to anybody. */
START_TEST(a_reason_repeats_nothing_of_the_line)
{
	bad(HEAD("dead") ",\"obj\":\"a secret\"}", "");
	ck_assert_ptr_null(strstr(why, "secret"));
	bad("{\"v\":1,\"ev\":\"secret\",\"day\":\"2026-11-24\"}", "");
	ck_assert_ptr_null(strstr(why, "secret"));
	bad(HEAD("pause") ",\"secret\":true}", "");
	ck_assert_ptr_null(strstr(why, "secret"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("audit entry");
	TCase *t = tcase_create("entry");
	SRunner *runner;
	int failed;

	tcase_add_test(t, every_kind_is_read);
	tcase_add_test(t, a_line_has_one_form);
	tcase_add_test(t, a_line_too_long_is_refused);
	tcase_add_test(t, head_and_values_are_what_they_must_be);
	tcase_add_test(t, nine_recipients_are_too_many);
	tcase_add_test(t, a_reason_repeats_nothing_of_the_line);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
