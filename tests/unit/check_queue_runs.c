/* Delivery runs: what leaves is logged as what it is, what a desk says moves an
 * item on or leaves it where it was, and nothing is ever held by nobody. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ack.h"
#include "desks.h"
#include "hex.h"
#include "journal.h"
#include "queue_audit.h"
#include "queue_site.h"
#include "runs.h"
#include "store_parts.h"

static struct queue q;
static struct runs *runs;
static int control; /* cutoutd's end; queue's is FD_CONTROL */
static struct buf *got;

static void
setup(void)
{
	site_make();
	site_open(&q, "");
	runs = runs_new();
	got = buf_new(2 << 20);
}

static void
teardown(void)
{
	runs_free(runs);
	buf_free(got);
	site_close(&q);
	site_remove();
}

/* --- both sides ------------------------------------------------------------
 */

/* A report that may leave, with its "accepted". Gives its place. */
static uint64_t
store_one(uint64_t number)
{
	struct buf *object = site_object(number, SITE_OBJECT);
	struct head h = {.state = STATE_READY, .length = SITE_OBJECT};
	uint64_t place;

	put_u64(h.h, number);
	ck_assert_int_eq(places_free_item(q.places, 0, &place), RC_OK);
	ck_assert_int_eq(journal_add(&q, "accepted", ",\"c\":\"%064llx\"",
			     (unsigned long long)number),
	    RC_OK);
	ck_assert_int_eq(store_body(q.store, place, 0, object), RC_OK);
	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	q.places->item[place].released = 1;
	buf_free(object);
	return place;
}

/* What a round does with runs. */
static void
turn(void)
{
	ck_assert_int_eq(runs_take(runs, &q), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	runs_tell(runs, &q);
}

/* Whether a run is wished for now. */
static int
is_wanted(void)
{
	struct frame f;

	ck_assert_int_eq(runs_want(runs, &q), RC_OK);
	if (frame_recv(control, &f, 0) != RC_OK)
		return 0;
	ck_assert_uint_eq(f.type, FRAME_WANT_RUN);
	ck_assert_uint_eq(f.raw_data[0], 0);
	return 1;
}

/* Opens a run; gives forward's end. */
static int
open_run(void)
{
	int p[2];

	ck_assert(is_wanted());
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	runs_open(runs, &q, 0, p[1]);
	return p[0];
}

/* What queue said, or 0: nothing, or it hung up. */
static uint8_t
hears(int run, struct frame *f)
{
	return frame_recv(run, f, 0) == RC_OK ? f->type : 0;
}

/* Asks for an object; gives the answer's type, and takes the object. */
static uint8_t
lease(int run, uint8_t h[HASH_LEN])
{
	struct frame f;
	uint8_t type;
	enum rc rc;

	ck_assert_int_eq(frame_send(run, FRAME_LEASE, NULL, 0, -1), RC_OK);
	turn();
	type = hears(run, &f);
	if (type != FRAME_ITEM)
		return type;
	memcpy(h, f.raw_data, HASH_LEN);
	buf_clear(got);
	do {
		while (frame_recv(run, &f, 0) != RC_OK)
			turn();
		rc = frame_body_step(&f, got);
	} while (rc == RC_AGAIN);
	ck_assert_int_eq(rc, RC_OK);
	turn();
	return type;
}

static uint8_t
result(int run, const uint8_t h[HASH_LEN], uint16_t status, const void *body,
    size_t len)
{
	uint8_t head[HASH_LEN + 2];
	struct frame f;

	memcpy(head, h, HASH_LEN);
	put_u16(head + HASH_LEN, status);
	ck_assert_int_eq(frame_send(run, FRAME_RESULT, head, sizeof(head), -1),
	    RC_OK);
	ck_assert_int_eq(frame_write_body(run, body, len), RC_OK);
	turn();
	return hears(run, &f);
}

static uint8_t
acknowledge(int run, const uint8_t h[HASH_LEN])
{
	struct buf *ack = buf_new(ACK_MAX);
	uint8_t type;

	ck_assert_int_eq(ack_sign(h, site.ack_key, ack), RC_OK);
	type = result(run, h, 201, buf_data(ack), buf_len(ack));
	buf_free(ack);
	return type;
}

static enum state
state(uint64_t place)
{
	return q.places->item[place].head.state;
}

/* The entries of this kind that wait for the day's end; the last in e. */
static size_t
entries(const char *ev, struct entry *e)
{
	char want[64];
	size_t n = 0;

	(void)snprintf(want, sizeof(want), "\"ev\":\"%s\"", ev);
	for (uint64_t i = 0; i < q.places->sizes.entries; i++) {
		struct entry one;

		if (!q.places->entry_used[i])
			continue;
		ck_assert_int_eq(store_read_entry(q.store, i, &one), RC_OK);
		if (strstr(one.text, want) == NULL)
			continue;
		n++;
		*e = one;
	}
	return n;
}

/* Closes the day and reads the log as an auditor does. */
static struct audit
audit(void)
{
	struct buf *b = buf_new(8 << 20);
	int64_t next = 1, last = 0;
	struct audit a;
	enum rc rc;

	q.config.clock =
	    (struct day_clock){.born_s = (q.day + 1) * 86400, .scale = 0};
	ck_assert_int_eq(journal_turn(&q), RC_OK);
	ck_assert_int_eq(store_last_line(q.store, &last), RC_OK);
	do
		rc = store_lines(q.store, &next, last, b);
	while (rc == RC_OK);
	ck_assert_int_eq(rc, RC_EOF);
	audit_read(buf_data(b), buf_len(b), &a);
	buf_free(b);
	return a;
}

/* --- what is told of what leaves -------------------------------------------
 */

/* The desk's unit gets another recipient, as a reload brings it. */
static void
change_recipient(void)
{
	static const char *const names[] = {"north"};
	X509 *before = site.recipient;

	site.recipient = site_certificate(site.other_key, "another",
	    "critical,keyAgreement");
	X509_free(before);
	ck_assert_int_eq(desks_change(&q, site_destinations(names, 1), 0),
	    RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

START_TEST(forwarded_names_those_it_is_sealed_to_and_not_those_of_today)
{
	char ski[2 * SKI_LEN + 1], now[2 * SKI_LEN + 1];
	uint8_t h[HASH_LEN];
	struct entry e;
	uint64_t place;
	int run;

	place = store_one(1);
	hex_encode(q.destinations->place[0].recipients->ski[0], SKI_LEN, ski);
	change_recipient();
	hex_encode(q.destinations->place[0].recipients->ski[0], SKI_LEN, now);
	ck_assert_str_ne(ski, now);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(entries("forwarded", &e), 1);
	ck_assert_ptr_nonnull(strstr(e.text, ski));
	ck_assert_ptr_null(strstr(e.text, now));
	ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
	ck_assert_int_eq(state(place), STATE_DONE);
	close(run);
}
END_TEST

/* 0: the log has the recipients of before; 1: they were never told. */
START_TEST(an_auditor_finds_a_recipient_that_was_never_told)
{
	uint8_t h[HASH_LEN];
	struct audit a;
	int run;

	(void)store_one(1);
	if (_i == 0)
		ck_assert_int_eq(desks_tell(&q), RC_OK);
	change_recipient();
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
	close(run);
	a = audit();
	ck_assert_uint_eq(a.forwarded, 1);
	ck_assert_uint_eq(a.done, 1);
	ck_assert_uint_eq(a.faults, (size_t)_i);
}
END_TEST

START_TEST(forwarded_is_told_once_whatever_becomes_of_it)
{
	uint8_t h[HASH_LEN];
	struct entry e;
	uint64_t place;
	int run;

	place = store_one(1);
	for (int i = 0; i < 3; i++) {
		/* it stands back after a failure, and is tried again at once */
		q.config.backoff_base_ms = q.config.backoff_cap_ms = 0;
		run = open_run();
		ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
		ck_assert_int_eq(state(place), STATE_LEASED);
		close(run);
		turn();
		ck_assert_int_eq(state(place), STATE_READY);
	}
	ck_assert_uint_eq(entries("forwarded", &e), 1);
}
END_TEST

START_TEST(what_can_not_be_read_is_left_alone_and_blocks_nothing)
{
	struct buf *nonsense = buf_new(SITE_OBJECT);
	uint64_t place, other;
	uint8_t h[HASH_LEN];
	struct entry e;
	int run;

	place = store_one(1);
	other = store_one(2);
	ck_assert_int_eq(buf_fill(nonsense, 'x', SITE_OBJECT), RC_OK);
	ck_assert_int_eq(store_body(q.store, place, 0, nonsense), RC_OK);
	buf_free(nonsense);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(get_u64(h), 2);
	ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
	ck_assert_uint_eq(lease(run, h), FRAME_NONE);
	close(run);
	ck_assert_int_eq(state(other), STATE_DONE);
	ck_assert_int_eq(state(place), STATE_READY);
	ck_assert_uint_eq(q.places->damaged, 1);
	ck_assert_uint_eq(entries("forwarded", &e), 1);
	ck_assert(!is_wanted());
}
END_TEST

/* --- what a desk's answer does
 * ------------------------------------------------
 */

static const struct {
	enum state state;
	int signed_well;
	uint16_t status;
	uint8_t then, refusals;
} answers[] = {
    {STATE_DONE, 1, 200, FRAME_NEXT, 0},
    {STATE_DONE, 1, 201, FRAME_NEXT, 0},
    {STATE_READY, 0, 200, FRAME_STOP, 0},
    {STATE_READY, 1, 202, FRAME_STOP, 0},
    {STATE_READY, 0, 302, FRAME_STOP, 0},
    {STATE_READY, 0, 404, FRAME_STOP, 0},
    {STATE_READY, 0, 409, FRAME_NEXT, 1},
    {STATE_READY, 0, 413, FRAME_NEXT, 1},
    {STATE_READY, 0, 415, FRAME_NEXT, 1},
    {STATE_READY, 0, 422, FRAME_NEXT, 1},
    {STATE_READY, 1, 422, FRAME_NEXT, 1},
    {STATE_READY, 1, 503, FRAME_STOP, 0},
    {STATE_READY, 0, 0, FRAME_STOP, 0},
};
enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

/* One after the other with a run of its own each; the same item until it is
 * done. */
START_TEST(only_a_signature_makes_it_done_and_only_a_refusal_counts)
{
	q.config.backoff_base_ms = q.config.backoff_cap_ms = 0;
	for (size_t i = 0; i < ANSWERS; i++) {
		uint64_t place = store_one(i + 1);
		struct buf *ack = buf_new(ACK_MAX);
		uint8_t h[HASH_LEN];
		int run;

		runs_look(runs);
		run = open_run();
		ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
		ck_assert_int_eq(ack_sign(h,
				     answers[i].signed_well ? site.ack_key
							    : site.other_key,
				     ack),
		    RC_OK);
		ck_assert_uint_eq(result(run, h, answers[i].status,
				      buf_data(ack), buf_len(ack)),
		    answers[i].then);
		ck_assert_int_eq(state(place), answers[i].state);
		ck_assert_uint_eq(q.places->item[place].head.refusals,
		    answers[i].refusals);
		ck_assert_int_eq(runs_fails(runs, 0),
		    answers[i].then == FRAME_STOP);
		/* out of the way of the next */
		q.places->item[place].released = 0;
		close(run);
		turn();
		buf_free(ack);
	}
}
END_TEST

START_TEST(the_signature_of_the_set_before_counts_until_it_is_dropped)
{
	static const char *const names[] = {"north"};
	EVP_PKEY *before = site.ack_key;
	X509 *cert = site.ack;
	uint64_t place = store_one(1);
	struct buf *ack = buf_new(ACK_MAX);
	uint8_t h[HASH_LEN];
	int run;

	site.ack_key = EVP_EC_gen("P-256");
	site.ack = site_certificate(site.ack_key, "new ack",
	    "critical,digitalSignature");
	ck_assert_int_eq(desks_change(&q, site_destinations(names, 1), 0),
	    RC_OK);
	if (_i == 1)
		desks_drop_old(&q);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_int_eq(ack_sign(h, before, ack), RC_OK);
	ck_assert_uint_eq(result(run, h, 200, buf_data(ack), buf_len(ack)),
	    _i == 0 ? FRAME_NEXT : FRAME_STOP);
	ck_assert_int_eq(state(place), _i == 0 ? STATE_DONE : STATE_READY);
	close(run);
	buf_free(ack);
	EVP_PKEY_free(before);
	X509_free(cert);
}
END_TEST

START_TEST(the_third_refusal_is_the_last_and_is_told)
{
	uint64_t place = store_one(1);
	uint8_t h[HASH_LEN];
	struct entry e;

	for (int i = 1; i <= 3; i++) {
		int run;

		q.places->item[place].due_mono_ms = 0;
		runs_look(runs);
		run = open_run();
		ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
		ck_assert_uint_eq(result(run, h, 422, "no", 2), FRAME_NEXT);
		/* it stands back, and the run ends in order */
		ck_assert_uint_eq(lease(run, h), FRAME_NONE);
		close(run);
		ck_assert_int_eq(state(place),
		    i < 3 ? STATE_READY : STATE_DEAD);
		ck_assert(!runs_fails(runs, 0));
	}
	ck_assert_uint_eq(entries("dead", &e), 1);
	runs_look(runs);
	ck_assert(!is_wanted());
}
END_TEST

/* Fills the log's rows but for so many. */
static void
fill_log(uint64_t left)
{
	while (q.places->free_entries.count > left)
		ck_assert_int_eq(journal_add(&q, "pause", ",\"on\":true"),
		    RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

/* 0: it would be done; 1: it would be dead. */
START_TEST(without_room_in_the_log_an_item_stays_and_nobody_holds_it)
{
	uint64_t place = store_one(1);
	uint8_t h[HASH_LEN];
	int run;

	q.config.backoff_base_ms = q.config.backoff_cap_ms = 0;
	q.places->item[place].head.refusals = 2;
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	fill_log(0);
	ck_assert_uint_eq(_i == 0 ? acknowledge(run, h)
				  : result(run, h, 422, "no", 2),
	    FRAME_STOP);
	ck_assert_int_eq(state(place), STATE_READY);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 0);
	ck_assert_uint_eq(q.places->item[place].head.refusals, 2);
	close(run);
	/* with room again it goes its way */
	(void)audit();
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(_i == 0 ? acknowledge(run, h)
				  : result(run, h, 422, "no", 2),
	    FRAME_NEXT);
	ck_assert_int_eq(state(place), _i == 0 ? STATE_DONE : STATE_DEAD);
	close(run);
}
END_TEST

START_TEST(without_room_in_the_log_no_more_is_leased_than_it_tells_of)
{
	uint8_t h[HASH_LEN];
	struct entry e;
	int run;

	for (uint64_t i = 1; i <= 3; i++)
		(void)store_one(i);
	fill_log(2);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 2);
	ck_assert_uint_eq(entries("forwarded", &e), 2);
	close(run);
	turn();
	ck_assert_uint_eq(q.places->count[STATE_READY], 3);
}
END_TEST

START_TEST(what_is_about_no_report_leaves_the_room_of_deliveries)
{
	(void)store_one(1);
	(void)store_one(2);
	fill_log(7);
	ck_assert(journal_has_spare(&q, 1));
	ck_assert(!journal_has_spare(&q, 2));
	ck_assert(!journal_has_room(&q));
}
END_TEST

/* 0: the name of another is a mistake of the configuration, and the old set
 * goes on; 1: a name that can not be written down is the disk's. */
START_TEST(new_destinations_are_refused_or_end_queue)
{
	static const char *const names[][2] = {
	    {"south", "north"}, {"north", "south"}};

	if (_i == 1)
		ck_assert_int_eq(sqlite3_exec(q.store->db,
				     "CREATE TRIGGER no BEFORE INSERT ON "
				     "number "
				     "BEGIN SELECT RAISE(FAIL,'no'); END",
				     NULL, NULL, NULL),
		    SQLITE_OK);
	ck_assert_int_eq(desks_change(&q, site_destinations(names[_i], 2), 0),
	    _i == 0 ? RC_OK : RC_IO);
	ck_assert_uint_eq(q.destinations->count, 1);
	ck_assert_str_eq(q.destinations->place[0].name, "north");
}
END_TEST

/* --- what forward may not say ------------------------------------------------
 */

static const struct {
	uint8_t type;
	size_t len;
} wrong[] = {
    {FRAME_LEASE, 1},
    {FRAME_RESULT, HASH_LEN + 2},
    {FRAME_DATA, 4},
    {FRAME_NEXT, 0},
};
enum { WRONG = sizeof(wrong) / sizeof(wrong[0]) };

START_TEST(a_run_out_of_form_ends_and_gives_back_what_it_held)
{
	static const uint8_t zeros[HASH_LEN + 2];
	uint64_t place = store_one(1);

	q.config.backoff_base_ms = q.config.backoff_cap_ms = 0;
	for (size_t i = 0; i < WRONG; i++) {
		uint8_t h[HASH_LEN];
		struct frame f;
		int run = open_run();

		ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
		ck_assert_int_eq(frame_send(run, wrong[i].type, zeros,
				     wrong[i].len, -1),
		    RC_OK);
		turn();
		ck_assert_int_eq(frame_recv(run, &f, 0), RC_EOF);
		ck_assert_int_eq(state(place), STATE_READY);
		ck_assert(runs_fails(runs, 0));
		ck_assert_int_ge(runs_wait_ms(runs), 0);
		close(run);
	}
}
END_TEST

START_TEST(after_a_failure_the_next_run_is_a_probe_of_one)
{
	uint8_t h[HASH_LEN];
	size_t leased = 0;
	int run;

	for (uint64_t i = 1; i <= 5; i++)
		(void)store_one(i);
	q.config.backoff_base_ms = q.config.backoff_cap_ms = 0;
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 5);
	ck_assert_uint_eq(result(run, h, 500, "", 0), FRAME_STOP);
	close(run);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 0);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	leased = q.places->count[STATE_LEASED];
	close(run);
	ck_assert_uint_eq(leased, 1);
}
END_TEST

START_TEST(a_run_past_its_deadline_ends_and_gives_back_what_it_held)
{
	uint64_t place = store_one(1);
	uint8_t h[HASH_LEN];
	struct frame f;
	int run = open_run();

	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	turn();
	ck_assert_int_eq(state(place), STATE_LEASED);
	/* it has been silent for longer than it may: ten seconds are its
	 * margin */
	q.config.run_ms = -3600000;
	turn();
	ck_assert_int_eq(frame_recv(run, &f, 0), RC_EOF);
	ck_assert_int_eq(state(place), STATE_READY);
	ck_assert(runs_fails(runs, 0));
	close(run);
}
END_TEST

/* A desk that takes what it gets, slowly, is no failure. */
START_TEST(a_run_begins_nothing_more_in_its_second_half)
{
	uint8_t h[HASH_LEN];
	int run;

	(void)store_one(1);
	(void)store_one(2);
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	q.config.run_ms = -2;
	ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 1);
	ck_assert_uint_eq(lease(run, h), FRAME_NONE);
	ck_assert_uint_eq(q.places->count[STATE_LEASED], 0);
	ck_assert_uint_eq(q.places->count[STATE_READY], 1);
	ck_assert(!runs_fails(runs, 0));
	close(run);
	/* the rest goes with the next */
	q.config.run_ms = 300000;
	run = open_run();
	ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
	ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
	ck_assert_uint_eq(q.places->count[STATE_DONE], 2);
	close(run);
}
END_TEST

START_TEST(a_desk_that_ends_a_connection_in_order_is_no_outage)
{
	uint8_t h[HASH_LEN];
	int run;

	for (uint64_t i = 1; i <= 3; i++)
		(void)store_one(i);
	for (uint64_t i = 1; i <= 3; i++) {
		run = open_run();
		ck_assert_uint_eq(lease(run, h), FRAME_ITEM);
		ck_assert_uint_eq(acknowledge(run, h), FRAME_NEXT);
		close(run);
		turn();
		ck_assert_uint_eq(q.places->count[STATE_DONE], i);
		ck_assert_uint_eq(q.places->count[STATE_LEASED], 0);
		/* and the next run may come at once */
		ck_assert(!runs_fails(runs, 0));
	}
	/* a run that brings nothing is one */
	(void)store_one(4);
	runs_look(runs);
	close(open_run());
	turn();
	ck_assert(runs_fails(runs, 0));
}
END_TEST

START_TEST(an_unwanted_run_is_closed)
{
	struct frame f;
	int p[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	runs_open(runs, &q, 0, p[1]);
	ck_assert_int_eq(frame_recv(p[0], &f, 0), RC_EOF);
	ck_assert(!runs_fails(runs, 0));
	close(p[0]);
}
END_TEST

START_TEST(a_desk_that_can_not_be_reached_is_a_failure_and_waited_for)
{
	struct pollfd wait[MAX_DESTINATIONS];

	(void)store_one(1);
	q.config.backoff_base_ms = q.config.backoff_cap_ms = 3600000;
	ck_assert_int_eq(runs_wait_ms(runs), -1);
	ck_assert(is_wanted());
	runs_open(runs, &q, 0, -1);
	ck_assert(runs_fails(runs, 0));
	ck_assert(runs_wait_ms(runs) > 1000);
	runs_look(runs);
	ck_assert(!is_wanted());
	ck_assert_uint_eq(runs_poll(runs, wait), 0);
}
END_TEST

/* ---------------------------------------------------------------------- */

/* Before anything else has these numbers. */
static void
take_control_fd(void)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, p) == -1)
		_exit(1);
	control = fcntl(p[0], F_DUPFD, 20);
	if (control == -1 || dup2(p[1], FD_CONTROL) == -1)
		_exit(1);
	if (p[0] != FD_CONTROL)
		close(p[0]);
	if (p[1] != FD_CONTROL)
		close(p[1]);
	(void)signal(SIGPIPE, SIG_IGN);
}

int
main(void)
{
	Suite *suite = suite_create("queue runs");
	TCase *t = tcase_create("runs");
	SRunner *runner;
	int failed;

	take_control_fd();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t,
	    forwarded_names_those_it_is_sealed_to_and_not_those_of_today);
	tcase_add_loop_test(t, an_auditor_finds_a_recipient_that_was_never_told,
	    0, 2);
	tcase_add_test(t, forwarded_is_told_once_whatever_becomes_of_it);
	tcase_add_test(t,
	    what_can_not_be_read_is_left_alone_and_blocks_nothing);
	tcase_add_test(t,
	    only_a_signature_makes_it_done_and_only_a_refusal_counts);
	tcase_add_loop_test(t,
	    the_signature_of_the_set_before_counts_until_it_is_dropped, 0, 2);
	tcase_add_test(t, the_third_refusal_is_the_last_and_is_told);
	tcase_add_loop_test(t,
	    without_room_in_the_log_an_item_stays_and_nobody_holds_it, 0, 2);
	tcase_add_test(t,
	    without_room_in_the_log_no_more_is_leased_than_it_tells_of);
	tcase_add_test(t,
	    what_is_about_no_report_leaves_the_room_of_deliveries);
	tcase_add_loop_test(t, new_destinations_are_refused_or_end_queue, 0, 2);
	tcase_add_test(t, a_run_out_of_form_ends_and_gives_back_what_it_held);
	tcase_add_test(t, after_a_failure_the_next_run_is_a_probe_of_one);
	tcase_add_test(t,
	    a_run_past_its_deadline_ends_and_gives_back_what_it_held);
	tcase_add_test(t, a_run_begins_nothing_more_in_its_second_half);
	tcase_add_test(t, a_desk_that_ends_a_connection_in_order_is_no_outage);
	tcase_add_test(t, an_unwanted_run_is_closed);
	tcase_add_test(t,
	    a_desk_that_can_not_be_reached_is_a_failure_and_waited_for);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
