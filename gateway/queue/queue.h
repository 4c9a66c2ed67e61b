/* The whole of queue's state, and the one transaction of each round.
 *
 * A round collects whatever is waiting (reports from signer, answers from
 * forward runs, an order from ctl), writes all of it in one transaction, and
 * only when COMMIT has returned tells anybody (group commit without a timer,
 * PERF section 5). */
#ifndef CUTOUT_QUEUE_H
#define CUTOUT_QUEUE_H

#include <stdint.h>

#include "buf.h"
#include "day.h"
#include "destinations.h"
#include "mixing.h"
#include "places.h"
#include "result.h"
#include "store.h"
#include "wire.h"

enum { FULL_RECEIPTS = 1 << CLASS_COUNT };
enum { BATCH_MOST = 64, BATCH_BYTES = 4 << 20 };

/* What leaves in slots of its own: each size of the pool, and the fast lane. */
enum { FLOW_FAST = CLASS_COUNT, FLOWS };

struct queue_config {
	char *data, *build; /* owned */
	struct store_sizes sizes;
	int64_t demo;
	int64_t slot_ms[FLOWS];
	int64_t slot_batch;
	int64_t stock; /* dummies that wait, of each destination and flow */
	struct mixing mixing[CLASS_COUNT];
	int64_t jump_days; /* the day may move on by so many at once */
	int64_t retain_done_days, receipt_days;
	int64_t run_ms; /* a delivery run may last so long */
	int64_t backoff_base_ms, backoff_cap_ms;
	int64_t disk_reserve_bytes;
	struct day_clock clock;
};

/* One report that has arrived whole. */
struct arrival {
	uint8_t k[HASH_LEN], dup[HASH_LEN], c[HASH_LEN], h[HASH_LEN];
	uint8_t lane, class, destination;
	uint8_t cover; /* a dummy */
	int answer;    /* where the verdict goes; closed afterwards */
	struct buf *object;
	uint8_t verdict;
};

struct queue {
	struct queue_config config;
	struct store *store;
	struct places *places;
	struct destinations *destinations, *old;

	int64_t day;    /* never goes back */
	int64_t flush;  /* number of the last flush of entries */
	int64_t paused; /* by the operator: admission is closed */
	int full_disk;
	/* a bit for each class, and FULL_RECEIPTS: a report found no free row
	 * since intake_look() */
	unsigned int full_rows;
	int denied;      /* a recipient does not verify any more */
	int clock_fault; /* the clock is far from the day */
	int in_transaction;
	int fatal; /* a commit failed: exit */

	int64_t tick_mono_ms[FLOWS];      /* next tick */
	int64_t flush_not_before_ms;      /* monotonic, after a failed one */
	int giving_up;                    /* rows past their time are left */
	uint64_t give_item, give_receipt; /* from here on */

	size_t arrival_count, arrival_bytes;
	struct arrival arrival[BATCH_MOST];
};

/* Monotonic milliseconds, and the wall clock. */
int64_t mono_ms(void);
int64_t wall_ms(void);
int64_t wall_s(void);

/* Opens a transaction when none is open. RC_IO. */
enum rc queue_begin(struct queue *q) MUST_USE;

/* Ends the round's transaction, if one is open. RC_UNKNOWN: see store_commit();
 * q->fatal is set. */
enum rc queue_commit(struct queue *q) MUST_USE;

/* Writes one item's head, in the transaction and in memory. */
enum rc queue_set_head(struct queue *q, uint64_t place,
    const struct head *h) MUST_USE;

#endif
