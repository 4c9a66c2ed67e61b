/* What cutoutd tells queue: every setting is needed, and none is believed
 * beyond its range. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "queue_site.h"

static struct queue_config c;

static void
setup(void)
{
	site_make();
}

static void
teardown(void)
{
	settings_free(&c);
	site_remove();
}

static enum rc
read_text(const char *text, size_t len)
{
	struct setup *s = NULL;
	enum rc rc;

	settings_free(&c);
	ck_assert_int_eq(setup_parse((const uint8_t *)text, len, &s), RC_OK);
	rc = settings_read(s, &c);
	setup_free(s);
	return rc;
}

/* The usual settings without the line that begins at from. */
static size_t
without(const char *text, size_t len, size_t from, char *out)
{
	const char *end = memchr(text + from, '\n', len - from);
	size_t to = (size_t)(end - text) + 1;

	memcpy(out, text, from);
	memcpy(out + from, text + to, len - to);
	return len - (to - from);
}

START_TEST(each_setting_is_needed)
{
	struct buf *b = site_setup("");
	const char *text = (const char *)buf_data(b);
	size_t len = buf_len(b), lines = 0;
	char less[8192];

	ck_assert_int_eq(read_text(text, len), RC_OK);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && text[i - 1] != '\n')
			continue;
		ck_assert_int_eq(read_text(less, without(text, len, i, less)),
		    RC_CONFIG);
		ck_assert_ptr_null(c.data);
		ck_assert_ptr_null(c.build);
		lines++;
	}
	ck_assert_uint_eq(lines, 25);
	buf_free(b);
}
END_TEST

START_TEST(no_number_is_believed_beyond_its_range)
{
	static const char *const wrong[] = {"demo 2\n", "rows32 0\n",
	    "rows256 -1\n", "rows1024 9999999999\n", "receipts 0\n",
	    "slot_ms 0\n", "large_slot_ms 0\n", "fast_slot_ms x\n",
	    "slot_batch 0\n", "stock -1\n", "private_delay_ms -1\n",
	    "pool_minimum -1\n", "pool_percent 0\n", "pool_percent 101\n",
	    "oldest_ms -1\n", "run_seconds 0\n", "jump_days 0\n",
	    "retain_done_days 0\n", "receipt_days 0\n", "backoff_base_s 0\n",
	    "backoff_cap_s 0\n", "disk_reserve_mib 0\n", "epoch_hour 24\n",
	    "time_scale 0\n"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf *b = site_setup(wrong[i]);

		ck_assert_int_eq(read_text((const char *)buf_data(b),
				     buf_len(b)),
		    RC_CONFIG);
		buf_free(b);
	}
}
END_TEST

START_TEST(numbers_arrive_in_their_units)
{
	struct buf *b = site_setup("slot_ms 1800000\nfast_slot_ms 300000\n"
				   "large_slot_ms 86400000\n"
				   "private_delay_ms 28800000\n"
				   "pool_minimum 12\npool_percent 60\n"
				   "oldest_ms 432000000\n"
				   "run_seconds 30\nbackoff_base_s 60\n"
				   "backoff_cap_s 4000\ndisk_reserve_mib 64\n");

	ck_assert_int_eq(read_text((const char *)buf_data(b), buf_len(b)),
	    RC_OK);
	ck_assert_int_eq(c.slot_ms[0], 1800000);
	ck_assert_int_eq(c.slot_ms[1], 86400000);
	ck_assert_int_eq(c.slot_ms[2], 86400000);
	ck_assert_int_eq(c.slot_ms[FLOW_FAST], 300000);
	ck_assert_double_eq(c.mixing[0].delay_slots, 16);
	ck_assert_double_eq(c.mixing[0].fraction, 0.6);
	ck_assert_uint_eq(c.mixing[0].minimum, 12);
	ck_assert_uint_eq(c.mixing[0].oldest_slots, 240);
	ck_assert_uint_eq(c.mixing[0].round_slots, 48);
	ck_assert_uint_eq(c.mixing[1].oldest_slots, 5);
	ck_assert_int_eq(c.run_ms, 30000);
	ck_assert_int_eq(c.backoff_base_ms, 60000);
	ck_assert_int_eq(c.backoff_cap_ms, 4000000);
	ck_assert_int_eq(c.disk_reserve_bytes, INT64_C(64) << 20);
	ck_assert_str_eq(c.data, site.folder);
	/* four entries for each report that may wait, and some more */
	ck_assert_uint_eq(c.sizes.entries, 4 * (32 + 4 + 2) + 4096);
	buf_free(b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue settings");
	TCase *t = tcase_create("settings");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_setting_is_needed);
	tcase_add_test(t, no_number_is_believed_beyond_its_range);
	tcase_add_test(t, numbers_arrive_in_their_units);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
