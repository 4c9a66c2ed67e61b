/* Delivery: what forward runs carry, and what the desks' answers mean. */
#ifndef CUTOUT_RUNS_H
#define CUTOUT_RUNS_H

#include <poll.h>

#include "queue.h"
#include "result.h"

struct runs;

/* NULL: out of memory. */
struct runs *runs_new(void) MUST_USE;
void runs_free(struct runs *r);

/* cutoutd's answer to a wish: a run's channel (taken over), or -1: the desk can
 * not be reached. */
void runs_open(struct runs *r, struct queue *q, uint8_t destination, int fd);

/* Takes in what the runs sent, into the round's transaction, and ends a run
 * that is past its deadline. RC_OK; RC_IO: exit. */
enum rc runs_take(struct runs *r, struct queue *q) MUST_USE;

/* After COMMIT: hands out leased objects and says NEXT or STOP. */
void runs_tell(struct runs *r, struct queue *q);

/* Asks cutoutd for a run to each destination that something may leave for.
 * RC_EOF: cutoutd is gone. */
enum rc runs_want(struct runs *r, struct queue *q) MUST_USE;

/* Something may have changed for runs_want(): a slot, a new report's state. */
void runs_look(struct runs *r);

/* Adds to wait what runs wait for; returns how many, at most
 * MAX_DESTINATIONS. */
nfds_t runs_poll(const struct runs *r, struct pollfd *wait);

/* Milliseconds until a destination may be tried again, or -1. */
int64_t runs_wait_ms(const struct runs *r);

/* Whether deliveries to a destination fail at present. */
int runs_fails(const struct runs *r, uint8_t destination);

#endif
