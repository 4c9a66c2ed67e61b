/* What is in the database, kept in memory. Free rows are found by trying random
 * ones: the place a report gets must not depend on when it came. */
#include "places.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"

enum { TRIES = 64 };

static uint64_t
hash(const struct places *p, const uint8_t k[HASH_LEN])
{
	uint64_t v = UINT64_C(14695981039346656037);

	/* k is a hash of a client's random number, but a client may choose it:
	 * seeded, so that nobody can fill one bucket */
	for (size_t i = 0; i < sizeof(p->seed); i++)
		v = (v ^ p->seed[i]) * UINT64_C(1099511628211);
	for (size_t i = 0; i < HASH_LEN; i++)
		v = (v ^ k[i]) * UINT64_C(1099511628211);
	return v ^ v >> 29;
}

static void
index_add(struct places *p, uint64_t place)
{
	uint64_t i = hash(p, p->receipt[place].k) & p->bucket_mask;

	while (p->bucket[i] != 0)
		i = (i + 1) & p->bucket_mask;
	p->bucket[i] = (uint32_t)place + 1;
}

const struct receipt *
places_find(const struct places *p, const uint8_t k[HASH_LEN])
{
	uint64_t i = hash(p, k) & p->bucket_mask;

	while (p->bucket[i] != 0) {
		const struct receipt *r = &p->receipt[p->bucket[i] - 1];

		if (r->used && memcmp(r->k, k, HASH_LEN) == 0)
			return r;
		i = (i + 1) & p->bucket_mask;
	}
	return NULL;
}

/* After receipts were given up, chains have holes: the index is made anew. */
static void
index_all(struct places *p)
{
	memset(p->bucket, 0, (p->bucket_mask + 1) * sizeof(*p->bucket));
	for (uint64_t i = 0; i < p->sizes.receipts; i++) {
		if (p->receipt[i].used)
			index_add(p, i);
	}
}

/* --- scanning --------------------------------------------------------------
 */

static void
scan_head(void *arg, uint64_t place, enum rc rc, const struct head *h)
{
	struct places *p = arg;

	if (place >= p->item_count)
		return;
	if (rc != RC_OK) {
		p->item[place].damaged = 1;
		p->damaged++;
		return;
	}
	p->item[place].head = *h;
	p->count[h->state]++;
}

static void
scan_receipt(void *arg, uint64_t place, enum rc rc, const struct receipt *r)
{
	struct places *p = arg;

	if (place >= p->sizes.receipts)
		return;
	if (rc != RC_OK) {
		/* used, so that nothing is written over what may be mended */
		p->receipt[place].used = 1;
		p->damaged++;
		return;
	}
	p->receipt[place] = *r;
	p->free_receipts += r->used ? 0 : 1;
}

static void
scan_entry(void *arg, uint64_t place, enum rc rc, const struct entry *e)
{
	struct places *p = arg;

	if (place >= p->sizes.entries)
		return;
	p->entry_used[place] = rc != RC_OK || e->used;
	p->free_entries += p->entry_used[place] ? 0 : 1;
	p->damaged += rc != RC_OK;
}

static enum rc
places_make(const struct store_sizes *sizes, struct places **out)
{
	struct places *p = calloc(1, sizeof(*p));
	uint64_t buckets = 1;

	if (p == NULL)
		return RC_NOMEM;
	*out = p;
	p->sizes = *sizes;
	for (int c = 0; c < CLASS_COUNT; c++)
		p->item_count += sizes->items[c];
	while (buckets < 2 * sizes->receipts)
		buckets *= 2;
	p->bucket_mask = buckets - 1;
	p->item = calloc(p->item_count, sizeof(*p->item));
	p->receipt = calloc(sizes->receipts, sizeof(*p->receipt));
	p->bucket = calloc(buckets, sizeof(*p->bucket));
	p->entry_used = calloc(sizes->entries, 1);
	if (p->item == NULL || p->receipt == NULL || p->bucket == NULL ||
	    p->entry_used == NULL)
		return RC_NOMEM;
	if (getrandom(p->seed, sizeof(p->seed), 0) != (ssize_t)sizeof(p->seed))
		return RC_IO;
	return RC_OK;
}

enum rc
places_load(struct store *s, const struct store_sizes *sizes,
    struct places **out)
{
	struct places *p = NULL;
	enum rc rc;

	rc = places_make(sizes, &p);
	if (rc == RC_OK)
		rc = store_each_head(s, scan_head, p);
	if (rc == RC_OK)
		rc = store_each_receipt(s, scan_receipt, p);
	if (rc == RC_OK)
		rc = store_each_entry(s, scan_entry, p);
	if (rc != RC_OK) {
		places_free(p);
		return rc;
	}
	index_all(p);
	if (p->damaged > 0)
		warnx("ALARM: the database has damaged rows; they are left as "
		      "they are");
	*out = p;
	return RC_OK;
}

void
places_free(struct places *p)
{
	if (p == NULL)
		return;
	free(p->item);
	free(p->receipt);
	free(p->bucket);
	free(p->entry_used);
	free(p);
}

/* --- free places ------------------------------------------------------------
 */

static uint64_t
below(uint64_t n)
{
	return n <= UINT32_MAX
		   ? arc4random_uniform((uint32_t)n)
		   : ((uint64_t)arc4random() << 32 | arc4random()) % n;
}

/* A place in [first, first + count) that is free: random tries, then from a
 * random one onwards. */
static enum rc
pick(const struct places *p, uint64_t first, uint64_t count,
    int (*is_free)(const struct places *p, uint64_t place), uint64_t *out)
{
	uint64_t start;

	if (count == 0)
		return RC_FULL;
	for (int i = 0; i < TRIES; i++) {
		*out = first + below(count);
		if (is_free(p, *out))
			return RC_OK;
	}
	start = below(count);
	for (uint64_t i = 0; i < count; i++) {
		*out = first + (start + i) % count;
		if (is_free(p, *out))
			return RC_OK;
	}
	return RC_FULL;
}

static int
item_is_free(const struct places *p, uint64_t place)
{
	return !p->item[place].damaged &&
	       p->item[place].head.state == STATE_FREE;
}

static int
receipt_is_free(const struct places *p, uint64_t place)
{
	return !p->receipt[place].used;
}

static int
entry_is_free(const struct places *p, uint64_t place)
{
	return !p->entry_used[place];
}

enum rc
places_free_item(const struct places *p, uint8_t class, uint64_t *out)
{
	uint64_t first = 0, count = p->sizes.items[class];
	const struct item *oldest = NULL;
	enum rc rc;

	for (uint8_t c = 0; c < class; c++)
		first += p->sizes.items[c];
	rc = pick(p, first, count, item_is_free, out);
	if (rc == RC_OK)
		return rc;
	for (uint64_t i = first; i < first + count; i++) {
		const struct item *it = &p->item[i];

		if (it->damaged || it->head.state != STATE_DONE)
			continue;
		if (oldest == NULL || it->head.day < oldest->head.day) {
			oldest = it;
			*out = i;
		}
	}
	return oldest == NULL ? RC_FULL : RC_OK;
}

enum rc
places_free_receipt(const struct places *p, uint64_t *out)
{
	return pick(p, 0, p->sizes.receipts, receipt_is_free, out);
}

enum rc
places_free_entry(const struct places *p, uint64_t *out)
{
	return pick(p, 0, p->sizes.entries, entry_is_free, out);
}

/* --- following ---------------------------------------------------------------
 */

void
places_set_item(struct places *p, uint64_t place, const struct head *h)
{
	struct item *it = &p->item[place];

	p->count[it->head.state]--;
	p->count[h->state]++;
	it->head = *h;
	if (h->state != STATE_READY && h->state != STATE_LEASED) {
		it->released = 0;
		it->due_mono_ms = 0;
	}
}

void
places_set_receipt(struct places *p, uint64_t place, const struct receipt *r)
{
	int was = p->receipt[place].used;

	p->receipt[place] = *r;
	if (r->used && !was) {
		p->free_receipts--;
		index_add(p, place);
	} else if (was) {
		p->free_receipts += r->used ? 0 : 1;
		index_all(p);
	}
}

void
places_set_entry(struct places *p, uint64_t place, int used)
{
	if (p->entry_used[place] != (used ? 1 : 0))
		p->free_entries += used ? (uint64_t)-1 : 1;
	p->entry_used[place] = used ? 1 : 0;
}
