/* What is in the database, kept in memory: the state of every item, the set of
 * receipts by k, and which rows are free. Rebuilt by a scan at start. */
#ifndef CUTOUT_PLACES_H
#define CUTOUT_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"
#include "rows.h"
#include "store.h"

/* An item beside what is on the disk. Times are monotonic and in memory
 * alone. */
struct item {
	struct head head;
	int damaged;         /* its row does not decode: left alone */
	int released;        /* its slot came: it may leave */
	uint64_t slot;       /* that slot */
	int64_t due_mono_ms; /* not before */
};

/* A set of places that gives a random one at once: where a report is kept must
 * not depend on when it came. */
struct pool {
	uint32_t *place; /* the members, in no order */
	uint64_t count;
};

struct places {
	struct store_sizes sizes;
	uint64_t item_count;
	struct item *item;
	struct pool free_items[CLASS_COUNT], done_items[CLASS_COUNT];
	uint32_t oldest[CLASS_COUNT]; /* no item was done before this day */
	uint32_t *item_at;            /* its position in its pool */
	struct receipt *receipt;
	struct pool free_receipts;
	uint32_t *receipt_at;
	uint32_t *bucket; /* k to receipt: place + 1, open addressing */
	uint64_t bucket_mask;
	uint8_t *entry_used;
	struct pool free_entries;
	uint32_t *entry_at;
	uint64_t count[STATE_DEAD + 1]; /* items by state */
	uint64_t damaged;
	uint8_t seed[16]; /* of the buckets */
};

/* Scans the store. Damaged rows are counted and alarmed in the log. RC_NOMEM,
 * RC_IO. */
enum rc places_load(struct store *s, const struct store_sizes *sizes,
    struct places **out) MUST_USE;
void places_free(struct places *p);

/* The receipt with this k, or NULL. */
const struct receipt *places_find(const struct places *p,
    const uint8_t k[HASH_LEN]);

/* A random free place. RC_FULL: there is none. For an item of a class: when
 * none is free, one of those that have been done for longest, since their
 * bodies may go (never one that is not done). */
enum rc places_free_item(struct places *p, uint8_t class,
    uint64_t *out) MUST_USE;
enum rc places_free_receipt(const struct places *p, uint64_t *out) MUST_USE;
enum rc places_free_entry(const struct places *p, uint64_t *out) MUST_USE;

/* Follow what was written to the store. */
void places_set_item(struct places *p, uint64_t place, const struct head *h);
void places_set_receipt(struct places *p, uint64_t place,
    const struct receipt *r);
void places_set_entry(struct places *p, uint64_t place, int used);

#endif
