/* queue as the locked-down program: what it says is stored is stored, what a
 * desk signed for is done, and everything else stays. */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "queue_site.h"
#include "store.h"

static struct buf *body;

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	site_make();
	body = buf_new(1 << 20);
}

static void
teardown(void)
{
	buf_free(body);
	site_remove();
}

static int
told(const char *text)
{
	ck_assert_int_eq(buf_add(body, "", 1), RC_OK);
	return strstr((const char *)buf_data(body), text) != NULL;
}

/* --- a report's way ------------------------------------------------------- */

START_TEST(a_report_passes_through_to_done)
{
	static const uint8_t status[] = {VERB_STATUS};
	struct buf *object = site_object(1, SITE_OBJECT);
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN], head[STORE_LEN];
	int run;

	site_start("");
	ck_assert_uint_eq(site_verdict(site_store(1, LANE_FAST, SITE_OBJECT)),
	    VERDICT_STORED);
	run = site_run();
	ck_assert_int_eq(site_lease(run, h, got), RC_OK);
	site_head(1, LANE_FAST, head);
	ck_assert_mem_eq(h, head + (size_t)3 * HASH_LEN, HASH_LEN);
	ck_assert_uint_eq(buf_len(got), buf_len(object));
	ck_assert_mem_eq(buf_data(got), buf_data(object), buf_len(object));
	ck_assert_uint_eq(site_acknowledge(run, h), FRAME_NEXT);
	ck_assert_int_eq(site_lease(run, h, got), RC_NOTFOUND);
	close(run);
	ck_assert_int_eq(site_ask(status, 1, body), RC_OK);
	ck_assert(told("\"delivery\":\"works\""));
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
	buf_free(object);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("queue role");
	TCase *t = tcase_create("way");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_report_passes_through_to_done);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
