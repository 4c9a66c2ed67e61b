/* How much each certificate may ask for: one table in memory that all sessions
 * share and that nothing outlives the daemon of. It is the one thing computed
 * from who submits (DESIGN section 8), under a key that is new at each start.
 *
 * A certificate has a bucket of reports_per_day tokens that fills evenly over a
 * day, and so many connections (places) at one time. Each connection is one
 * visit: it holds a place and a token as a pledge. A clean end gives both back;
 * after any other the token is lost, and the zygote gives the place back.
 *
 * No lock is ever held: each step is one atomic exchange, so a process may die
 * anywhere. One that was taken over can write the whole table: names, places
 * and buckets of anybody. A time that can not be is read as an empty bucket, so
 * what it makes wrong in a bucket is over after a day; places that it takes in
 * the name of processes that never end are held until the next start. It can
 * read the boot key as well, and so tell who is in the table. SECURITY.md.
 */
#ifndef CUTOUT_RATES_H
#define CUTOUT_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

struct rates_limits {
	uint64_t reports_per_day; /* from 1 */
	uint64_t day_ns;
	size_t per_certificate; /* connections, from 1 */
	size_t most;            /* connections in all */
};

struct rates;

/* Looked at by nobody but rates.c. */
struct visit {
	uint64_t who;
	uint64_t word; /* what stands in its place */
	size_t place;
	size_t entry;
	bool held; /* the pledge is still this visit's */
};

/* Maps the table in fd, which stays the caller's. Once a process, before
 * lock-down. RC_CONFIG: it is smaller than the table, or a limit is out of
 * range. RC_IO, RC_CRYPTO, RC_NOMEM. */
enum rc rates_open(int fd, const struct rates_limits *limits,
    struct rates **out) MUST_USE;
void rates_close(struct rates *r);

/* The name of a public key (DER) in this table: SipHash-2-4 under the boot
 * key. RC_CRYPTO. */
enum rc rates_who(const struct rates *r, const void *key, size_t len,
    uint64_t *who) MUST_USE;

/* Begins the visit of process pid. RC_LIMIT: this certificate has its
 * connections open, or lost so many pledges that its bucket is far below
 * empty. RC_FULL: no place in all, or no room for a name (fails closed). Then
 * *retry_s says when it may come again, and there is nothing to leave. now_ns:
 * the monotonic clock, here and below. */
enum rc rates_enter(struct rates *r, uint64_t who, pid_t pid, uint64_t now_ns,
    struct visit *v, uint64_t *retry_s) MUST_USE;

/* Whether one more report may be accepted. RC_LIMIT: the bucket is empty until
 * *retry_s. */
enum rc rates_may_report(const struct rates *r, const struct visit *v,
    uint64_t now_ns, uint64_t *retry_s) MUST_USE;

/* The pledge is lost, for an accepted report or for a crash, and another is
 * taken. RC_LIMIT: none is left, the visit has to end. */
enum rc rates_spend(struct rates *r, struct visit *v, uint64_t now_ns) MUST_USE;

/* The clean end: gives back place and pledge. A bucket that is full again is
 * forgotten. */
void rates_leave(struct rates *r, struct visit *v, uint64_t now_ns);

/* For the zygote: pid is gone, and so are its places. Looks at some more
 * buckets too, to forget those that have filled by themselves. */
void rates_gone(struct rates *r, pid_t pid, uint64_t now_ns);

/* For a fresh zygote, before lock-down: gives back the places of processes
 * that ended with nobody to tell. */
void rates_gone_all(struct rates *r);

/* How many buckets are not full, and places are taken. */
size_t rates_buckets(const struct rates *r);
size_t rates_places(const struct rates *r);

#endif
