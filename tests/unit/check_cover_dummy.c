/* Dummy reports: they pass every rule, as what they were made for. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dummy.h"
#include "report_contract.h"

static const struct {
	enum lane lane;
	uint8_t class;
} kinds[] = {{LANE_POOL, 0}, {LANE_POOL, 1}, {LANE_POOL, 2}, {LANE_FAST, 0}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const char *const schemes[] = {"5x5x5", "3x5x2"};

static struct buf *
make(int kind, const char *scheme)
{
	const struct dummy d = {.destination = "SYP",
	    .scheme = scheme,
	    .lane = kinds[kind].lane,
	    .class = kinds[kind].class,
	    .now_wall_s = TEST_NOW_S};
	struct buf *b = buf_new(BODY_MAX);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(dummy_write(&d, b), RC_OK);
	return b;
}

START_TEST(each_kind_passes_every_rule_as_what_it_is)
{
	for (size_t s = 0; s < 2; s++) {
		struct buf *b = make(_i, schemes[s]);
		uint8_t class = 9;
		struct taken t;

		take(&t, (const char *)buf_data(b), buf_len(b));
		ck_assert_msg(t.status == 201, "%s %s",
		    findings_count(t.findings) == 0
			? "?"
			: findings_get(t.findings, 0)->rule,
		    findings_count(t.findings) == 0
			? "?"
			: findings_get(t.findings, 0)->path);
		ck_assert_int_eq(report_lane(t.fields), kinds[_i].lane);
		ck_assert_int_eq(report_class(buf_len(t.written), &class),
		    RC_OK);
		ck_assert_uint_eq(class, kinds[_i].class);
		take_free(&t);
		buf_free(b);
	}
}
END_TEST

START_TEST(no_two_have_one_id)
{
	struct buf *a = make(0, "5x5x5"), *b = make(0, "5x5x5");

	ck_assert_uint_eq(buf_len(a), buf_len(b));
	ck_assert_int_ne(memcmp(buf_data(a), buf_data(b), buf_len(a)), 0);
	buf_free(a);
	buf_free(b);
}
END_TEST

START_TEST(it_never_writes_past_its_buffer)
{
	const struct dummy d = {.destination = "SYP",
	    .scheme = "5x5x5",
	    .lane = LANE_POOL,
	    .now_wall_s = TEST_NOW_S};
	struct buf *whole = make(0, "5x5x5");

	for (size_t room = 1; room < buf_len(whole); room += 97) {
		struct buf *b = buf_new(room);

		ck_assert_int_eq(dummy_write(&d, b), RC_LIMIT);
		buf_free(b);
	}
	buf_free(whole);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cover_dummy");
	TCase *t = tcase_create("dummy");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, each_kind_passes_every_rule_as_what_it_is, 0,
	    KINDS);
	tcase_add_test(t, no_two_have_one_id);
	tcase_add_test(t, it_never_writes_past_its_buffer);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
