/* queue as the locked-down program: what it says is stored is stored, what a
 * desk signed for is done, and everything else stays. */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "queue_site.h"

static struct buf *body;

static void
setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	site_make();
	body = buf_new(1 << 20);
}

static void
teardown(void)
{
	buf_free(body);
	site_remove();
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
	ck_assert(site_told(body, "\"delivery\":\"works\""));
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
	buf_free(object);
}
END_TEST

enum { IN_FLIGHT = 24 };

START_TEST(an_orderly_end_answers_what_signer_handed_over)
{
	int answer[IN_FLIGHT];

	site_start("rows32 64\n");
	for (uint64_t i = 0; i < IN_FLIGHT; i++)
		answer[i] = site_store(i + 1, LANE_POOL, SITE_OBJECT);
	ck_assert_int_eq(site_stop(), 0);
	for (size_t i = 0; i < IN_FLIGHT; i++)
		ck_assert_uint_eq(site_verdict(answer[i]), VERDICT_STORED);
}
END_TEST

START_TEST(half_a_report_is_dropped_at_the_end)
{
	struct buf *object = site_object(1, SITE_OBJECT);
	uint8_t head[STORE_LEN];
	struct frame f;
	int p[2];

	site_start("");
	site_head(1, LANE_POOL, head);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	ck_assert_int_eq(frame_send(site.signer, FRAME_STORE, head, STORE_LEN,
			     p[1]),
	    RC_OK);
	close(p[1]);
	ck_assert_int_eq(frame_send(site.signer, FRAME_DATA, buf_data(object),
			     FRAME_MAX, -1),
	    RC_OK);
	ck_assert_int_eq(site_stop(), 0);
	ck_assert_int_eq(frame_recv(p[0], &f, 0), RC_EOF);
	close(p[0]);
	buf_free(object);
}
END_TEST

/* --- admission ---------------------------------------------------------------
 */

START_TEST(the_same_again_is_a_duplicate_and_another_a_conflict)
{
	struct buf *object = site_object(1, SITE_OBJECT);
	uint8_t head[STORE_LEN];

	site_start("");
	ck_assert_uint_eq(site_again(1), VERDICT_STORED);
	ck_assert_uint_eq(site_again(1), VERDICT_DUPLICATE);
	site_head(1, LANE_POOL, head);
	head[HASH_LEN] ^= 1; /* dup */
	ck_assert_uint_eq(site_verdict(site_store_head(head, object)),
	    VERDICT_CONFLICT);
	/* of one batch or of two: one of them is stored */
	{
		int one = site_store(2, LANE_POOL, SITE_OBJECT);
		int two = site_store(2, LANE_POOL, SITE_OBJECT);

		ck_assert_uint_eq(site_verdict(one), VERDICT_STORED);
		ck_assert_uint_eq(site_verdict(two), VERDICT_DUPLICATE);
	}
	ck_assert_int_eq(site_stop(), 0);
	/* and so it is after a start */
	site_start("");
	ck_assert_uint_eq(site_verdict(site_store_head(head, object)),
	    VERDICT_CONFLICT);
	ck_assert_uint_eq(site_again(2), VERDICT_DUPLICATE);
	ck_assert_int_eq(site_stop(), 0);
	buf_free(object);
}
END_TEST

START_TEST(without_a_free_row_admission_is_closed_and_nothing_is_dropped)
{
	site_start("slot_ms 3600000\nfast_slot_ms 3600000\n");
	for (uint64_t i = 1; i <= 32; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	ck_assert_uint_eq(site_again(33), VERDICT_CLOSED);
	ck_assert_int_eq(site_stop(), 0);
	site_start("");
	ck_assert_uint_eq(site_deliver(32), 32);
	/* the rows of what is done may go */
	ck_assert_uint_eq(site_again(33), VERDICT_STORED);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(a_database_grows_and_never_shrinks)
{
	site_start("slot_ms 3600000\nfast_slot_ms 3600000\n");
	for (uint64_t i = 1; i <= 32; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	ck_assert_int_eq(site_stop(), 0);
	site_start("rows32 64\nslot_ms 3600000\nfast_slot_ms 3600000\n");
	for (uint64_t i = 33; i <= 64; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	ck_assert_uint_eq(site_again(65), VERDICT_CLOSED);
	ck_assert_int_eq(site_stop(), 0);
	site_start("rows32 16\n");
	ck_assert_uint_eq(site_deliver(64), 64);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

/* Frames of a signer that forgot its protocol. */
static const struct {
	size_t len;
	int with_fd;
	uint8_t type, lane, class, destination;
} broken[] = {
    {STORE_LEN, 1, FRAME_DATA, 0, 0, 0},
    {STORE_LEN, 0, FRAME_STORE, 0, 0, 0},
    {STORE_LEN - 1, 1, FRAME_STORE, 0, 0, 0},
    {STORE_LEN + 1, 1, FRAME_STORE, 0, 0, 0},
    {STORE_LEN, 1, FRAME_STORE, 2, 0, 0},
    {STORE_LEN, 1, FRAME_STORE, 0, CLASS_COUNT, 0},
    {STORE_LEN, 1, FRAME_STORE, 0, 0, MAX_DESTINATIONS},
    {STORE_LEN, 1, FRAME_SUBMIT, 0, 0, 0},
    {8, 0, FRAME_END, 0, 0, 0},
};
enum { BROKEN = sizeof(broken) / sizeof(broken[0]) };

START_TEST(a_signer_out_of_form_is_hung_up_on)
{
	uint8_t head[STORE_LEN + 1] = {0};
	struct frame f;
	int p[2];

	site_start("");
	head[(size_t)4 * HASH_LEN] = broken[_i].lane;
	head[(size_t)4 * HASH_LEN + 1] = broken[_i].class;
	head[(size_t)4 * HASH_LEN + 2] = broken[_i].destination;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	ck_assert_int_eq(frame_send(site.signer, broken[_i].type, head,
			     broken[_i].len, broken[_i].with_fd ? p[1] : -1),
	    RC_OK);
	close(p[1]);
	ck_assert_int_eq(frame_recv(site.signer, &f, 0), RC_EOF);
	ck_assert_int_eq(frame_recv(p[0], &f, 0), RC_EOF);
	close(p[0]);
	/* it still ends in order */
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(an_object_too_long_for_its_class_is_not_taken)
{
	struct buf *object = site_object(1, CLASS_BYTES(0) + SEAL_ROOM + 1);
	uint8_t head[STORE_LEN];
	struct frame f;
	int answer;
	enum rc rc;

	site_start("");
	site_head(1, LANE_POOL, head);
	answer = site_store_begin(head);
	/* queue may have hung up before the end of it is written */
	rc = frame_write_body(site.signer, buf_data(object), buf_len(object));
	ck_assert(rc == RC_OK || rc == RC_EOF);
	ck_assert_uint_eq(site_verdict(answer), 0);
	ck_assert_int_eq(frame_recv(site.signer, &f, 0), RC_EOF);
	ck_assert_int_eq(site_stop(), 0);
	buf_free(object);
}
END_TEST

/* --- the operator
 * --------------------------------------------------------------
 */

START_TEST(a_pause_closes_admission_until_it_ends)
{
	site_start("");
	ck_assert_int_eq(site_pause(1), RC_OK);
	ck_assert_uint_eq(site_again(1), VERDICT_CLOSED);
	ck_assert_int_eq(site_stop(), 0);
	/* it outlives a start */
	site_start("");
	ck_assert_uint_eq(site_again(1), VERDICT_CLOSED);
	ck_assert_int_eq(site_pause(0), RC_OK);
	ck_assert_uint_eq(site_again(1), VERDICT_STORED);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(three_refusals_make_an_item_dead_and_a_retry_sends_it)
{
	uint8_t ask[1 + HASH_LEN] = {VERB_DEAD_RETRY}, h[HASH_LEN];

	site_start("");
	ck_assert_uint_eq(site_again(5), VERDICT_STORED);
	site_make_dead(h, body);
	ck_assert(site_told(body, "\"destination\":\"north\""));
	/* another one is not it */
	ck_assert_int_eq(site_ask(ask, sizeof(ask), body), RC_NOTFOUND);
	ck_assert_uint_eq(buf_len(body), 0);
	memcpy(ask + 1, h, HASH_LEN);
	ck_assert_int_eq(site_ask(ask, sizeof(ask), body), RC_OK);
	ck_assert(site_told(body, "{\"retried\":1}\n"));
	ck_assert_uint_eq(site_deliver(1), 1);
	ck_assert_int_eq(site_ask(ask, sizeof(ask), body), RC_NOTFOUND);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

START_TEST(all_dead_items_are_retried_at_once)
{
	static const uint8_t all[] = {VERB_DEAD_RETRY};
	uint8_t h[HASH_LEN];

	site_start("");
	ck_assert_int_eq(site_ask(all, 1, body), RC_OK);
	ck_assert(site_told(body, "{\"retried\":0}\n"));
	ck_assert_uint_eq(site_again(5), VERDICT_STORED);
	site_make_dead(h, body);
	site_kill(); /* dead is dead after a start, too */
	site_start("");
	ck_assert_int_eq(site_ask(all, 1, body), RC_OK);
	ck_assert(site_told(body, "{\"retried\":1}\n"));
	ck_assert_uint_eq(site_deliver(1), 1);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

static const struct {
	uint8_t type;
	uint8_t ask[2 + HASH_LEN];
	size_t len;
} questions[] = {
    {FRAME_ASK, {0}, 0},
    {FRAME_ASK, {0}, 1},
    {FRAME_ASK, {6}, 1},
    {FRAME_ASK, {VERB_STATUS}, 2},
    {FRAME_ASK, {VERB_DEAD_LIST}, 2},
    {FRAME_ASK, {VERB_DEAD_RETRY}, HASH_LEN},
    {FRAME_ASK, {VERB_DEAD_RETRY}, 2 + HASH_LEN},
    {FRAME_ASK, {VERB_PAUSE}, 1},
    {FRAME_ASK, {VERB_PAUSE, 2}, 2},
    {FRAME_ASK, {VERB_LOG_EXPORT}, 2},
    {FRAME_TELL, {VERB_STATUS}, 1},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

START_TEST(a_ctl_out_of_form_is_hung_up_on_and_costs_nothing_else)
{
	struct frame f;

	site_start("");
	ck_assert_int_eq(frame_send(site.ctl, questions[_i].type,
			     questions[_i].ask, questions[_i].len, -1),
	    RC_OK);
	ck_assert_int_eq(frame_recv(site.ctl, &f, 0), RC_EOF);
	ck_assert_uint_eq(site_again(1), VERDICT_STORED);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

/* --- desks -------------------------------------------------------------------
 */

/* check_queue_runs.c has every kind of nonsense; this is the whole way. */
START_TEST(a_desk_that_answers_nonsense_is_an_outage)
{
	static const uint8_t list[] = {VERB_DEAD_LIST},
			     status[] = {VERB_STATUS};
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN];
	int run;

	site_start("");
	ck_assert_uint_eq(site_again(9), VERDICT_STORED);
	run = site_run();
	ck_assert_int_eq(site_lease(run, h, got), RC_OK);
	ck_assert_uint_eq(site_result(run, h, 200, "OK", 2), FRAME_STOP);
	close(run);
	ck_assert_int_eq(site_ask(status, 1, body), RC_OK);
	ck_assert(site_told(body, "\"delivery\":\"fails\""));
	ck_assert_int_eq(site_ask(list, 1, body), RC_OK);
	ck_assert(site_told(body, "{\"dead\":[]}\n"));
	ck_assert_uint_eq(site_deliver(1), 1);
	ck_assert_int_eq(site_ask(status, 1, body), RC_OK);
	ck_assert(site_told(body, "\"delivery\":\"works\""));
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
}
END_TEST

START_TEST(one_poisonous_item_does_not_block_the_others)
{
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN];
	size_t done = 0, refused = 0;

	site_start("");
	for (uint64_t i = 1; i <= 8; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	while (done < 7 || refused < 3) {
		int run = site_run();

		while (site_lease(run, h, got) == RC_OK) {
			if (get_u64(h) == 4) {
				refused++;
				ck_assert_uint_eq(site_result(run, h, 422, "",
						      0),
				    FRAME_NEXT);
				continue;
			}
			done++;
			ck_assert_uint_eq(site_acknowledge(run, h), FRAME_NEXT);
		}
		close(run);
	}
	ck_assert_uint_eq(done, 7);
	ck_assert_uint_eq(refused, 3);
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
}
END_TEST

START_TEST(a_run_that_ends_early_gives_back_what_it_held)
{
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN];
	int run;

	site_start("");
	for (uint64_t i = 1; i <= 5; i++)
		ck_assert_uint_eq(site_again(i), VERDICT_STORED);
	run = site_run();
	ck_assert_int_eq(site_lease(run, h, got), RC_OK);
	close(run);
	ck_assert_uint_eq(site_deliver(5), 5);
	ck_assert_int_eq(site_stop(), 0);
	buf_free(got);
}
END_TEST

START_TEST(a_desk_that_can_not_be_reached_is_tried_again)
{
	const uint8_t head[2] = {0, 0};
	struct frame f;

	site_start("");
	ck_assert_uint_eq(site_again(1), VERDICT_STORED);
	for (int i = 0; i < 3; i++) {
		site_hears(site.control, &f, FRAME_WANT_RUN);
		ck_assert_int_eq(frame_send(site.control, FRAME_RUN, head,
				     sizeof(head), -1),
		    RC_OK);
	}
	ck_assert_uint_eq(site_deliver(1), 1);
	ck_assert_int_eq(site_stop(), 0);
}
END_TEST

/* ---------------------------------------------------------------------- */

static void
add_ways(TCase *t)
{
	tcase_add_test(t, a_report_passes_through_to_done);
	tcase_add_test(t, an_orderly_end_answers_what_signer_handed_over);
	tcase_add_test(t, half_a_report_is_dropped_at_the_end);
}

static void
add_admission(TCase *t)
{
	tcase_add_test(t, the_same_again_is_a_duplicate_and_another_a_conflict);
	tcase_add_test(t,
	    without_a_free_row_admission_is_closed_and_nothing_is_dropped);
	tcase_add_test(t, a_database_grows_and_never_shrinks);
	tcase_add_loop_test(t, a_signer_out_of_form_is_hung_up_on, 0, BROKEN);
	tcase_add_test(t, an_object_too_long_for_its_class_is_not_taken);
}

static void
add_operator(TCase *t)
{
	tcase_add_test(t, a_pause_closes_admission_until_it_ends);
	tcase_add_test(t,
	    three_refusals_make_an_item_dead_and_a_retry_sends_it);
	tcase_add_test(t, all_dead_items_are_retried_at_once);
	tcase_add_loop_test(t,
	    a_ctl_out_of_form_is_hung_up_on_and_costs_nothing_else, 0,
	    QUESTIONS);
}

static void
add_desks(TCase *t)
{
	tcase_add_test(t, a_desk_that_answers_nonsense_is_an_outage);
	tcase_add_test(t, one_poisonous_item_does_not_block_the_others);
	tcase_add_test(t, a_run_that_ends_early_gives_back_what_it_held);
	tcase_add_test(t, a_desk_that_can_not_be_reached_is_tried_again);
}

int
main(void)
{
	static void (*const add[])(TCase *) = {
	    add_ways, add_admission, add_operator, add_desks};
	static const char *const names[] = {
	    "ways", "admission", "operator", "desks"};
	Suite *suite = suite_create("queue role");
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < sizeof(add) / sizeof(add[0]); i++) {
		TCase *t = tcase_create(names[i]);

		tcase_add_checked_fixture(t, setup, teardown);
		tcase_set_timeout(t, 60);
		add[i](t);
		suite_add_tcase(suite, t);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
