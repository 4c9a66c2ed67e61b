/* What each role is told: its own settings in real seconds, nothing of the
 * others, in a memfd that cannot change under it. Also which build it is. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build_id.h"
#include "cutoutd_site.h"
#include "program.h"
#include "setup.h"
#include "setups.h"

static struct config *c;

static void
setup(void)
{
	static const struct option_value values[] = {{"", "time_scale", "4320"},
	    {"", "clock_offset_s", "-5"}, {"queue", "backoff_cap_s", "43200"},
	    {"slots", "stock", "7"}, {"screen", "spare", "6"}};

	site_make();
	ck_assert_int_eq(site_parse(site_text(values, 5), &c), RC_OK);
}

static void
teardown(void)
{
	config_free(c);
	site_remove();
}

/* The settings of a part as text. */
static const char *
text_of(enum part part, size_t destination)
{
	static char text[8192];
	ssize_t n;
	int fd;

	ck_assert_int_eq(setup_make(c, part, destination, &fd), RC_OK);
	n = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static struct setup *
settings(enum part part)
{
	struct setup *s = NULL;
	int fd;

	ck_assert_int_eq(setup_make(c, part, 0, &fd), RC_OK);
	ck_assert_int_eq(setup_read(fd, &s), RC_OK);
	close(fd);
	return s;
}

static void
is(const struct setup *s, const char *key, int64_t want)
{
	int64_t got;

	ck_assert_msg(setup_number(s, key, INT64_MIN, INT64_MAX, &got) == RC_OK,
	    "%s", key);
	ck_assert_msg(got == want, "%s is %lld", key, (long long)got);
}

START_TEST(a_part_is_told_its_own_and_no_more)
{
	ck_assert_str_eq(text_of(PART_KEYD_TLS, 0), "demo 1\nkind tls\n");
	ck_assert_str_eq(text_of(PART_KEYD_LOG, 0), "demo 1\nkind log\n");
	ck_assert_str_eq(text_of(PART_KEYD_PROMISE, 0),
	    "demo 1\nkind promise\n");
	ck_assert_str_eq(text_of(PART_SIGNER, 0),
	    "demo 1\nreports_per_process 1\n");
	ck_assert_str_eq(text_of(PART_CTL, 0), "demo 1\n");
	ck_assert_str_eq(text_of(PART_COVER, 0),
	    "demo 1\nclock_offset_s -5\ndestination_0 SYP\nscheme_0 5x5x5\n"
	    "test_0 0\nslot_ms 416\nlarge_slot_ms 20000\nfast_slot_ms 69\n"
	    "slot_batch 4\nstock 7\n");
	ck_assert_str_eq(text_of(PART_FORWARD, 0),
	    "demo 1\ndestination 0\nhost desk.example\naddress 192.0.2.7\n"
	    "port 8444\ndeadline_seconds 300\n");
	/* no part but queue knows where the data is, and none a key's place */
	for (unsigned int p = 0; p < PART_COUNT; p++) {
		ck_assert_int_eq(strstr(text_of((enum part)p, 0), site_dir) !=
				     NULL,
		    p == PART_QUEUE);
		ck_assert_ptr_null(strstr(text_of((enum part)p, 0), "_key"));
	}
}
END_TEST

START_TEST(times_of_the_gateway_are_scaled_and_real_ones_are_not)
{
	struct setup *s = settings(PART_QUEUE);

	is(s, "slot_ms", 416);
	is(s, "large_slot_ms", 20000);
	is(s, "fast_slot_ms", 69);
	is(s, "private_delay_ms", 6666);
	is(s, "oldest_ms", 100000);
	is(s, "backoff_base_s", 1);
	is(s, "backoff_cap_s", 10);
	is(s, "run_seconds", 300);
	is(s, "jump_days", 7);
	is(s, "retain_done_days", 7);
	is(s, "receipt_days", 60);
	is(s, "time_scale", 4320);
	ck_assert_str_eq(setup_text(s, "build", ""), build_id());
	ck_assert_str_eq(setup_text(s, "data", ""), c->data);
	setup_free(s);
	s = settings(PART_SESSION);
	is(s, "day_seconds", 20);
	is(s, "connection_seconds", 120);
	is(s, "request_seconds", 1);
	is(s, "screen_seconds", 20);
	is(s, "answer_grid_ms", 250);
	is(s, "reports_per_day", 20);
	is(s, "body_max", 1048576);
	setup_free(s);
}
END_TEST

START_TEST(only_covers_screen_makes_cover)
{
	struct setup *s = settings(PART_SCREEN);

	ck_assert_str_eq(setup_text(s, "kind", ""), "REPORT");
	ck_assert_str_eq(setup_text(s, "isolation", ""), "reduced");
	is(s, "spare", 6);
	is(s, "clock_offset_s", -5);
	setup_free(s);
	s = settings(PART_COVER_SCREEN);
	ck_assert_str_eq(setup_text(s, "kind", ""), "COVER");
	is(s, "spare", 1);
	setup_free(s);
}
END_TEST

START_TEST(settings_are_sealed)
{
	int fd;

	ck_assert_int_eq(setup_make(c, PART_SIGNER, 0, &fd), RC_OK);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(write(fd, "x", 1), -1);
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	ck_assert_int_eq(fcntl(fd, F_GET_SEALS) & F_SEAL_SEAL, F_SEAL_SEAL);
	close(fd);
}
END_TEST

START_TEST(there_is_no_part_and_no_destination_but_the_known)
{
	int fd = -1;

	ck_assert_int_eq(setup_make(c, PART_FORWARD, 1, &fd), RC_BAD);
	ck_assert_int_eq(setup_make(c, PART_COUNT, 0, &fd), RC_BAD);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(every_part_has_a_program_and_a_name_of_its_own)
{
	for (unsigned int a = 0; a < PART_COUNT; a++) {
		const char *program = part_program((enum part)a);
		const char *name = part_name((enum part)a);

		ck_assert_uint_gt(strlen(program), 0);
		/* its log lines begin with the program's */
		ck_assert_int_eq(strncmp(name, program, strlen(program)), 0);
		ck_assert_int_eq(part_is_zygote((enum part)a),
		    strcmp(program, "screen") == 0 ||
			strcmp(program, "session") == 0);
		for (unsigned int b = 0; b < a; b++)
			ck_assert_str_ne(name, part_name((enum part)b));
	}
}
END_TEST

START_TEST(the_build_is_named_by_the_linkers_hash)
{
	char out[256];

	ck_assert_int_eq(program_run(out, sizeof(out),
			     "readelf -n /proc/%d/exe | "
			     "sed -n 's/.*Build ID: //p' | tr -d '\\n'",
			     (int)getpid()),
	    0);
	ck_assert_str_eq(build_id(), *out == '\0' ? CUTOUT_VERSION : out);
	ck_assert_ptr_eq(build_id(), build_id());
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd setups");
	TCase *t = tcase_create("setups");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_part_is_told_its_own_and_no_more);
	tcase_add_test(t,
	    times_of_the_gateway_are_scaled_and_real_ones_are_not);
	tcase_add_test(t, only_covers_screen_makes_cover);
	tcase_add_test(t, settings_are_sealed);
	tcase_add_test(t, there_is_no_part_and_no_destination_but_the_known);
	tcase_add_test(t, every_part_has_a_program_and_a_name_of_its_own);
	tcase_add_test(t, the_build_is_named_by_the_linkers_hash);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
