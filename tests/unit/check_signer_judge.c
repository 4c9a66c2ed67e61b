/* What gets the origin signature: what screen makes for exactly the configured
 * readers, and nothing that differs from it in any way that can be seen. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>

#include "derive.h"
#include "profile.h"
#include "signer_site.h"

static struct judge j;
static struct buf *object;
static uint8_t head[STORE_LEN];

static void
setup(void)
{
	site_judge(&j);
	object = buf_new(CLASS_BYTES(2) + SEAL_ROOM);
}

static void
teardown(void)
{
	buf_free(object);
	site_judge_free(&j);
}

static struct submission
submission(uint8_t lane, uint8_t class, uint8_t destination)
{
	uint8_t raw[SUBMIT_LEN];
	struct submission s;

	site_submit(lane, class, destination, raw);
	ck_assert_int_eq(submission_read(raw, sizeof(raw), &s), RC_OK);
	return s;
}

static int
b_is_gone(const struct submission *s)
{
	static const uint8_t zeros[HASH_LEN];

	return memcmp(s->b, zeros, HASH_LEN) == 0;
}

/* Takes the envelope. */
static enum rc
judged(struct buf *envelope, uint8_t class, uint8_t destination)
{
	struct submission s = submission(LANE_POOL, class, destination);
	enum rc rc;

	memset(head, 0xee, sizeof(head));
	buf_clear(object);
	rc = judge(&j, &s, envelope, object, head);
	ck_assert(b_is_gone(&s));
	if (rc != RC_OK)
		ck_assert_uint_eq(buf_len(object), 0);
	buf_free(envelope);
	return rc;
}

/* --- the header ------------------------------------------------------- */

START_TEST(a_header_is_read_to_the_byte)
{
	struct submission s = submission(LANE_FAST, 2, 15);
	uint8_t raw[SUBMIT_LEN + 1] = {0};

	ck_assert_int_eq(s.k[0], 'k');
	ck_assert_int_eq(s.dup[31], 'd');
	ck_assert_int_eq(s.b[0], 'b');
	ck_assert_uint_eq(s.lane, LANE_FAST);
	ck_assert_uint_eq(s.class, 2);
	ck_assert_uint_eq(s.destination, 15);
	for (size_t len = 0; len <= sizeof(raw); len++) {
		if (len != SUBMIT_LEN)
			ck_assert_int_eq(submission_read(raw, len, &s), RC_BAD);
	}
}
END_TEST

START_TEST(numbers_that_can_not_be_are_refused)
{
	static const uint8_t bad[][3] = {{LANE_FAST + 1, 0, 0},
	    {0, CLASS_COUNT, 0}, {0, 0, MAX_DESTINATIONS}, {255, 0, 0},
	    {0, 255, 0}, {0, 0, 255}};
	uint8_t raw[SUBMIT_LEN];
	struct submission s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		site_submit(bad[i][0], bad[i][1], bad[i][2], raw);
		ck_assert_int_eq(submission_read(raw, sizeof(raw), &s), RC_BAD);
	}
}
END_TEST

/* --- what is signed --------------------------------------------------- */

START_TEST(what_screen_seals_is_signed_as_it_is)
{
	struct submission s = submission(LANE_FAST, 0, 0);
	struct buf *envelope = site_good();
	uint8_t b[HASH_LEN], h[HASH_LEN], c[HASH_LEN];

	memcpy(b, s.b, HASH_LEN);
	ck_assert_int_eq(judge(&j, &s, envelope, object, head), RC_OK);
	ck_assert(site_holds(&j, object, envelope));
	/* queue learns h and c, and b is nowhere any more */
	ck_assert(b_is_gone(&s));
	ck_assert_int_eq(derive_h(buf_data(object), buf_len(object), h), RC_OK);
	ck_assert_int_eq(derive_c(b, h, c), RC_OK);
	ck_assert_int_eq(memcmp(head, s.k, HASH_LEN), 0);
	ck_assert_int_eq(memcmp(head + HASH_LEN, s.dup, HASH_LEN), 0);
	ck_assert_int_eq(memcmp(head + 2 * (size_t)HASH_LEN, c, HASH_LEN), 0);
	ck_assert_int_eq(memcmp(head + 3 * (size_t)HASH_LEN, h, HASH_LEN), 0);
	ck_assert_uint_eq(head[STORE_LEN - 4], LANE_FAST);
	ck_assert_uint_eq(head[STORE_LEN - 3], 0);
	ck_assert_uint_eq(head[STORE_LEN - 2], 0);
	ck_assert_uint_eq(head[STORE_LEN - 1], 0);
	ck_assert_ptr_null(memmem(head, sizeof(head), b, HASH_LEN));
	buf_free(envelope);
}
END_TEST

START_TEST(the_order_of_readers_does_not_count)
{
	static const int turned[] = {READER_B, READER_A};

	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0), turned, 2), 0, 0),
	    RC_OK);
}
END_TEST

START_TEST(the_set_before_holds_until_it_is_dropped)
{
	static const int c[] = {READER_C};
	struct destinations *now = j.current;
	struct judge before;

	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0), c, 1), 0, 1),
	    RC_DENIED);
	site_judge(&before);
	memcpy(before.current->place[1].recipients->ski[0],
	    (uint8_t[SKI_LEN]){0}, SKI_LEN);
	/* the current one knows A and B, the old one is what is asked for */
	j.current = before.current;
	j.old = now;
	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0),
				    (const int[]){READER_A}, 1),
			     0, 1),
	    RC_OK);
	j.old = NULL;
	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0),
				    (const int[]){READER_A}, 1),
			     0, 1),
	    RC_DENIED);
	destinations_free(now);
}
END_TEST

/* --- what is not ------------------------------------------------------ */

START_TEST(other_readers_are_refused)
{
	static const int sets[][READERS] = {{READER_A, READER_C},
	    {READER_C, READER_B}, {READER_A}, {READER_B}, {READER_C},
	    {READER_A, READER_B, READER_C}, {READER_A, READER_A}};
	static const size_t count[] = {2, 2, 1, 1, 1, 3, 2};

	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0), sets[i],
					    count[i]),
				     0, 0),
		    RC_DENIED);
	/* whichever of them comes first: the order is drawn */
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0), sets[5],
					    3),
				     0, 0),
		    RC_DENIED);
	/* those of another destination are other readers */
	ck_assert_int_eq(judged(site_good(), 0, 1), RC_DENIED);
	/* and there is no third */
	ck_assert_int_eq(judged(site_good(), 0, 2), RC_DENIED);
	ck_assert_int_eq(judged(site_good(), 0, 0), RC_OK);
}
END_TEST

START_TEST(another_length_than_the_classes_is_refused)
{
	static const int two[] = {READER_A, READER_B};

	ck_assert_int_eq(judged(site_good(), 1, 0), RC_DENIED);
	ck_assert_int_eq(judged(site_good(), 2, 0), RC_DENIED);
	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0) - 1, two, 2), 0,
			     0),
	    RC_DENIED);
	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(0) + 1, two, 2), 0,
			     0),
	    RC_DENIED);
	ck_assert_int_eq(judged(site_envelope(CLASS_BYTES(1), two, 2), 1, 0),
	    RC_OK);
}
END_TEST

/* The envelope with one byte changed, or cut to len bytes and one byte
 * appended. */
static struct buf *
changed(const struct buf *from, size_t at)
{
	struct buf *b = buf_new(buf_len(from) + 1);
	uint8_t byte = buf_data(from)[at] ^ 1;

	ck_assert_int_eq(buf_add(b, buf_data(from), at), RC_OK);
	ck_assert_int_eq(buf_add(b, &byte, 1), RC_OK);
	ck_assert_int_eq(buf_add(b, buf_data(from) + at + 1,
			     buf_len(from) - at - 1),
	    RC_OK);
	return b;
}

START_TEST(a_flipped_byte_of_a_readers_name_is_refused)
{
	struct buf *good = site_good();

	for (size_t r = 0; r < 2; r++) {
		const uint8_t *ski = j.current->place[0].recipients->ski[r];
		const uint8_t *at =
		    memmem(buf_data(good), buf_len(good), ski, SKI_LEN);

		ck_assert_ptr_nonnull(at);
		for (size_t i = 0; i < SKI_LEN; i++)
			ck_assert_int_eq(judged(changed(good,
						    (size_t)(at -
							     buf_data(good)) +
							i),
					     0, 0),
			    RC_DENIED);
	}
	/* what it is, and how it is enciphered */
	for (size_t i = 0; i < 24; i++)
		ck_assert_int_eq(judged(changed(good, i), 0, 0), RC_DENIED);
	buf_free(good);
}
END_TEST

START_TEST(bytes_behind_or_missing_are_refused)
{
	struct buf *good = site_good(), *b = buf_new(buf_len(good) + 1);

	ck_assert_int_eq(buf_add(b, buf_data(good), buf_len(good)), RC_OK);
	ck_assert_int_eq(buf_add(b, "", 1), RC_OK);
	ck_assert_int_eq(judged(b, 0, 0), RC_DENIED);
	for (size_t cut = 1; cut < 4; cut++) {
		b = buf_new(buf_len(good));
		ck_assert_int_eq(buf_add(b, buf_data(good),
				     buf_len(good) - cut),
		    RC_OK);
		ck_assert_int_eq(judged(b, 0, 0), RC_DENIED);
	}
	ck_assert_int_eq(judged(buf_new(1), 0, 0), RC_DENIED);
	buf_free(good);
}
END_TEST

/* A signed object is no envelope: nothing is signed twice. */
START_TEST(an_object_is_refused_as_an_envelope)
{
	struct buf *again = buf_new(CLASS_BYTES(0) + SEAL_ROOM);

	ck_assert_int_eq(judged(site_good(), 0, 0), RC_OK);
	ck_assert_int_eq(buf_add(again, buf_data(object), buf_len(object)),
	    RC_OK);
	ck_assert_int_eq(judged(again, 0, 0), RC_DENIED);
}
END_TEST

START_TEST(without_room_or_the_right_key_there_is_no_object)
{
	struct submission s = submission(LANE_POOL, 0, 0);
	struct buf *envelope = site_good(), *small = buf_new(1000);
	EVP_PKEY *right = j.key;

	ck_assert_int_eq(judge(&j, &s, envelope, small, head), RC_LIMIT);
	ck_assert_uint_eq(buf_len(small), 0);
	ck_assert(b_is_gone(&s));
	j.key = EVP_EC_gen("P-256");
	ck_assert_int_eq(judged(envelope, 0, 0), RC_CRYPTO);
	EVP_PKEY_free(j.key);
	j.key = right;
	buf_free(small);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("signer judge");
	TCase *t = tcase_create("judge");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(t, site_make, NULL);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_header_is_read_to_the_byte);
	tcase_add_test(t, numbers_that_can_not_be_are_refused);
	tcase_add_test(t, what_screen_seals_is_signed_as_it_is);
	tcase_add_test(t, the_order_of_readers_does_not_count);
	tcase_add_test(t, the_set_before_holds_until_it_is_dropped);
	tcase_add_test(t, other_readers_are_refused);
	tcase_add_test(t, another_length_than_the_classes_is_refused);
	tcase_add_test(t, a_flipped_byte_of_a_readers_name_is_refused);
	tcase_add_test(t, bytes_behind_or_missing_are_refused);
	tcase_add_test(t, an_object_is_refused_as_an_envelope);
	tcase_add_test(t, without_room_or_the_right_key_there_is_no_object);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
