/* A start, its rounds and its end, in this process, on the descriptors that
 * cutoutd gives: what a start refuses, and the order within a round. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "disk.h"
#include "journal.h"
#include "queue_site.h"
#include "start.h"
#include "turn.h"

static struct queue q;
static struct turn *turn;
static struct buf *body;

/* The other end of one of the role's descriptors. */
static int
pair_at(int number)
{
	int p[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	ck_assert_int_eq(dup2(p[1], number), number);
	close(p[1]);
	return p[0];
}

/* Everything that start_queue() finds. */
static void
give(const char *const *names, size_t count)
{
	const int keyd[2] = {FD_QUEUE_LOG, FD_QUEUE_PROMISE};
	uint8_t key[32];
	int desks;

	site.control = pair_at(FD_CONTROL);
	site.signer = pair_at(FD_QUEUE_SIGNER);
	site.ctl = pair_at(FD_QUEUE_CTL);
	for (int i = 0; i < 2; i++) {
		site.keyd[i] = pair_at(keyd[i]);
		memset(key, 0x11 * (i + 1), sizeof(key));
		ck_assert_int_eq(frame_send(site.keyd[i], FRAME_KEY, key,
				     sizeof(key), -1),
		    RC_OK);
	}
	desks = site_destinations(names, count);
	ck_assert_int_eq(dup2(desks, FD_QUEUE_DESKS), FD_QUEUE_DESKS);
	close(desks);
}

static void
hang_up(void)
{
	int *const ours[] = {&site.control, &site.signer, &site.ctl,
	    &site.keyd[0], &site.keyd[1]};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (*ours[i] != -1)
			close(*ours[i]);
		*ours[i] = -1;
	}
}

static enum rc
start(const char *extra, size_t destinations)
{
	static const char *const names[] = {"north", "south"};
	enum rc rc;

	memset(&q, 0, sizeof(q));
	site_settings(extra, &q.config);
	give(names, destinations);
	rc = start_queue(&q);
	if (rc != RC_OK)
		return rc;
	turn = turn_new(&q);
	ck_assert_ptr_nonnull(turn);
	return RC_OK;
}

static enum rc
end(void)
{
	enum rc rc;

	turn_free(turn);
	turn = NULL;
	rc = start_end(&q);
	settings_free(&q.config);
	hang_up();
	return rc;
}

/* As a kill: nothing is brought back. */
static void
drop(void)
{
	q.fatal = 1;
	(void)end();
}

static void
setup(void)
{
	site_make();
	body = buf_new(1 << 20);
}

static void
teardown(void)
{
	if (q.store != NULL)
		drop();
	hang_up();
	buf_free(body);
	site_remove();
}

static void
put_item(uint64_t place, enum state state, uint8_t destination)
{
	struct head h = {.state = state, .destination = destination};

	ck_assert_int_eq(queue_set_head(&q, place, &h), RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
}

/* --- a start ---------------------------------------------------------------
 */

START_TEST(a_destination_that_reports_wait_for_may_not_be_taken_out)
{
	static const enum state kept[] = {
	    STATE_READY, STATE_LEASED, STATE_DEAD};

	ck_assert_int_eq(start("", 2), RC_OK);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		put_item(5, kept[i], 1);
		drop();
		ck_assert_int_eq(start("", 1), RC_CONFIG);
		drop();
		/* it is put back, and nothing was lost */
		ck_assert_int_eq(start("", 2), RC_OK);
		ck_assert_int_eq(q.places->item[5].head.state,
		    kept[i] == STATE_DEAD ? STATE_DEAD : STATE_READY);
	}
	/* what was delivered, and what is another's, holds nobody up */
	put_item(5, STATE_DONE, 1);
	put_item(6, STATE_READY, 0);
	drop();
	ck_assert_int_eq(start("", 1), RC_OK);
}
END_TEST

START_TEST(a_start_leaves_the_log_the_room_of_what_waits)
{
	uint64_t had;

	/* the log may not be emptied while the disk is full */
	ck_assert_int_eq(start("", 1), RC_OK);
	put_item(5, STATE_READY, 0);
	while (journal_has_spare(&q, 3))
		ck_assert_int_eq(journal_add(&q, "pause", ",\"on\":true"),
		    RC_OK);
	ck_assert_int_eq(queue_commit(&q), RC_OK);
	had = q.places->free_entries.count;
	drop();
	ck_assert_int_eq(start("disk_reserve_mib 1048576\n", 1), RC_OK);
	ck_assert_uint_eq(q.places->free_entries.count, had - 2);
	drop();
	ck_assert_int_eq(start("disk_reserve_mib 1048576\n", 1), RC_FULL);
	drop();
	/* with room it is emptied first */
	ck_assert_int_eq(start("", 1), RC_OK);
}
END_TEST

/* The last byte of the room that the write-ahead log has: nothing that is
 * written comes so far, and a wipe makes it zero. */
static void
wal_end(uint8_t *byte, int write)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/queue.db-wal", site.folder);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write ? pwrite(fd, byte, 1, STORE_WAL_BYTES - 1)
			       : pread(fd, byte, 1, STORE_WAL_BYTES - 1),
	    1);
	close(fd);
}

/* 0: the disk has room; 1: it is below the reserve. */
START_TEST(on_a_full_disk_a_start_and_an_end_give_back_no_room)
{
	static const char *const extra[] = {"", "disk_reserve_mib 1048576\n"};
	uint8_t mark = 0xa5, is;

	ck_assert_int_eq(start("", 1), RC_OK);
	put_item(5, STATE_READY, 0);
	drop();
	wal_end(&mark, 1);
	ck_assert_int_eq(start(extra[_i], 1), RC_OK);
	ck_assert_int_eq(q.full_disk, _i);
	ck_assert_int_eq(q.places->item[5].head.state, STATE_READY);
	wal_end(&is, 0);
	ck_assert_uint_eq(is, _i == 1 ? mark : 0);
	wal_end(&mark, 1);
	ck_assert_int_eq(end(), RC_OK);
	wal_end(&is, 0);
	ck_assert_uint_eq(is, _i == 1 ? mark : 0);
}
END_TEST

/* ---------------------------------------------------------------------- */

/* The role's numbers are taken before anything else can have them. */
static void
take_numbers(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = FD_CONTROL; i <= FD_QUEUE_DESKS; i++) {
		if (i != null && dup2(null, i) == -1)
			_exit(1);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

int
main(void)
{
	Suite *suite = suite_create("queue turn");
	TCase *t = tcase_create("turn");
	SRunner *runner;
	int failed;

	take_numbers();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t,
	    a_destination_that_reports_wait_for_may_not_be_taken_out);
	tcase_add_test(t, a_start_leaves_the_log_the_room_of_what_waits);
	tcase_add_loop_test(t,
	    on_a_full_disk_a_start_and_an_end_give_back_no_room, 0, 2);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
