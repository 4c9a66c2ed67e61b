/* What is in the database, kept in memory. */
#include "places.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "fnv.h"
#include "log.h"

/* --- pools -----------------------------------------------------------------
 */

static enum rc
pool_make(struct pool *pool, uint64_t most)
{
	pool->place = calloc(most == 0 ? 1 : most, sizeof(*pool->place));
	return pool->place == NULL ? RC_NOMEM : RC_OK;
}

static void
pool_add(struct pool *pool, uint32_t *at, uint64_t place)
{
	at[place] = (uint32_t)pool->count;
	pool->place[pool->count++] = (uint32_t)place;
}

static void
pool_remove(struct pool *pool, uint32_t *at, uint64_t place)
{
	uint32_t last = pool->place[--pool->count];

	pool->place[at[place]] = last;
	at[last] = at[place];
}

static enum rc
pool_draw(const struct pool *pool, uint64_t *out)
{
	if (pool->count == 0)
		return RC_FULL;
	/* can not overflow: RECEIPTS_MOST and the like are far below */
	*out = pool->place[arc4random_uniform((uint32_t)pool->count)];
	return RC_OK;
}

/* The pool that an item in this state belongs to, or NULL. */
static struct pool *
pool_of(struct places *p, uint8_t class, enum state state)
{
	if (state == STATE_FREE)
		return &p->free_items[class];
	return state == STATE_DONE ? &p->done_items[class] : NULL;
}

static uint8_t
class_of(const struct places *p, uint64_t place)
{
	uint8_t class = 0;

	while (class + 1 < CLASS_COUNT && place >= p->sizes.items[class])
		place -= p->sizes.items[class ++];
	return class;
}

/* --- receipts by k ---------------------------------------------------------
 */

static uint64_t
hash(const struct places *p, const uint8_t k[HASH_LEN])
{
	uint64_t v;

	/* k is a hash of a client's random number, but a client may choose it:
	 * seeded, so that nobody can fill one bucket */
	v = fnv(fnv(FNV_START, p->seed, sizeof(p->seed)), k, HASH_LEN);
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

/* Takes a receipt out; those behind it move up, so that no chain is broken. */
static void
index_remove(struct places *p, uint64_t place)
{
	uint64_t mask = p->bucket_mask;
	uint64_t hole = hash(p, p->receipt[place].k) & mask;

	while (p->bucket[hole] != (uint32_t)place + 1) {
		if (p->bucket[hole] == 0)
			bug("a receipt is not in the index");
		hole = (hole + 1) & mask;
	}
	for (uint64_t i = (hole + 1) & mask; p->bucket[i] != 0;
	     i = (i + 1) & mask) {
		uint64_t home = hash(p, p->receipt[p->bucket[i] - 1].k) & mask;

		/* it may not move to before its own bucket */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		p->bucket[hole] = p->bucket[i];
		hole = i;
	}
	p->bucket[hole] = 0;
}

const struct receipt *
places_find(const struct places *p, const uint8_t k[HASH_LEN])
{
	uint64_t i = hash(p, k) & p->bucket_mask;

	while (p->bucket[i] != 0) {
		const struct receipt *r = &p->receipt[p->bucket[i] - 1];

		if (memcmp(r->k, k, HASH_LEN) == 0)
			return r;
		i = (i + 1) & p->bucket_mask;
	}
	return NULL;
}

/* --- scanning --------------------------------------------------------------
 */

static void
scan_head(void *arg, uint64_t place, enum rc rc, const struct head *h)
{
	struct places *p = arg;
	struct pool *pool;
	uint8_t class;

	if (place >= p->item_count)
		return;
	class = class_of(p, place);
	/* a place holds one class alone: another's body would not fit */
	if (rc != RC_OK || (h->state != STATE_FREE && h->class != class)) {
		p->item[place].damaged = 1;
		p->damaged++;
		return;
	}
	p->item[place].head = *h;
	p->item[place].head.class = class;
	p->count[h->state]++;
	pool = pool_of(p, class, h->state);
	if (pool != NULL)
		pool_add(pool, p->item_at, place);
}

static void
scan_receipt(void *arg, uint64_t place, enum rc rc, const struct receipt *r)
{
	struct places *p = arg;

	if (place >= p->sizes.receipts)
		return;
	if (rc != RC_OK) {
		/* used, so that nothing is written over what may be mended */
		p->receipt[place] = (struct receipt){.used = 1, .damaged = 1};
		p->damaged++;
		return;
	}
	p->receipt[place] = *r;
	if (r->used)
		index_add(p, place);
	else
		pool_add(&p->free_receipts, p->receipt_at, place);
}

static void
scan_entry(void *arg, uint64_t place, enum rc rc, const struct entry *e)
{
	struct places *p = arg;

	if (place >= p->sizes.entries)
		return;
	p->entry_used[place] = rc != RC_OK || e->used;
	p->damaged += rc != RC_OK;
	if (!p->entry_used[place])
		pool_add(&p->free_entries, p->entry_at, place);
}

static enum rc
make_pools(struct places *p)
{
	enum rc rc = RC_OK;

	for (int c = 0; c < CLASS_COUNT && rc == RC_OK; c++) {
		rc = pool_make(&p->free_items[c], p->sizes.items[c]);
		if (rc == RC_OK)
			rc = pool_make(&p->done_items[c], p->sizes.items[c]);
	}
	if (rc == RC_OK)
		rc = pool_make(&p->free_receipts, p->sizes.receipts);
	return rc == RC_OK ? pool_make(&p->free_entries, p->sizes.entries) : rc;
}

static enum rc
make_arrays(struct places *p)
{
	uint64_t buckets = 1;

	while (buckets < 2 * p->sizes.receipts)
		buckets *= 2;
	p->bucket_mask = buckets - 1;
	p->item = calloc(p->item_count, sizeof(*p->item));
	p->item_at = calloc(p->item_count, sizeof(*p->item_at));
	p->receipt = calloc(p->sizes.receipts, sizeof(*p->receipt));
	p->receipt_at = calloc(p->sizes.receipts, sizeof(*p->receipt_at));
	p->bucket = calloc(buckets, sizeof(*p->bucket));
	p->entry_used = calloc(p->sizes.entries, 1);
	p->entry_at = calloc(p->sizes.entries, sizeof(*p->entry_at));
	if (p->item == NULL || p->item_at == NULL || p->receipt == NULL ||
	    p->receipt_at == NULL || p->bucket == NULL ||
	    p->entry_used == NULL || p->entry_at == NULL)
		return RC_NOMEM;
	return make_pools(p);
}

static enum rc
places_make(const struct store_sizes *sizes, struct places **out)
{
	struct places *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return RC_NOMEM;
	*out = p;
	p->sizes = *sizes;
	for (int c = 0; c < CLASS_COUNT; c++)
		p->item_count += sizes->items[c];
	if (getrandom(p->seed, sizeof(p->seed), 0) != (ssize_t)sizeof(p->seed))
		return RC_IO;
	return make_arrays(p);
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
	for (int c = 0; c < CLASS_COUNT; c++) {
		free(p->free_items[c].place);
		free(p->done_items[c].place);
	}
	free(p->free_receipts.place);
	free(p->free_entries.place);
	free(p->item);
	free(p->item_at);
	free(p->receipt);
	free(p->receipt_at);
	free(p->bucket);
	free(p->entry_used);
	free(p->entry_at);
	free(p);
}

/* --- free places ------------------------------------------------------------
 */

/* One of those done on the oldest day, from a random one onwards. The day only
 * moves on when its last one is gone, so looking for the next is rare. */
static enum rc
draw_oldest(struct places *p, uint8_t class, uint64_t *out)
{
	const struct pool *pool = &p->done_items[class];
	uint32_t next = UINT32_MAX;
	uint64_t start;

	if (pool->count == 0)
		return RC_FULL;
	start = arc4random_uniform((uint32_t)pool->count);
	for (uint64_t i = 0; i < pool->count; i++) {
		uint64_t place = pool->place[(start + i) % pool->count];
		uint32_t day = p->item[place].head.day;

		if (day < next) {
			next = day;
			*out = place;
		}
		if (day <= p->oldest[class])
			break;
	}
	p->oldest[class] = next;
	return RC_OK;
}

enum rc
places_free_item(struct places *p, uint8_t class, uint64_t *out)
{
	enum rc rc = pool_draw(&p->free_items[class], out);

	return rc == RC_FULL ? draw_oldest(p, class, out) : rc;
}

enum rc
places_free_receipt(const struct places *p, uint64_t *out)
{
	return pool_draw(&p->free_receipts, out);
}

enum rc
places_free_entry(const struct places *p, uint64_t *out)
{
	return pool_draw(&p->free_entries, out);
}

/* --- following ---------------------------------------------------------------
 */

void
places_set_item(struct places *p, uint64_t place, const struct head *h)
{
	struct item *it = &p->item[place];
	uint8_t class = it->head.class;
	struct pool *was = pool_of(p, class, it->head.state);
	struct pool *now = pool_of(p, class, h->state);

	if (was != NULL)
		pool_remove(was, p->item_at, place);
	if (now != NULL)
		pool_add(now, p->item_at, place);
	p->count[it->head.state]--;
	p->count[h->state]++;
	it->head = *h;
	it->head.class = class;
	if (h->state != STATE_READY && h->state != STATE_LEASED) {
		it->released = 0;
		it->due_mono_ms = 0;
	}
}

void
places_set_receipt(struct places *p, uint64_t place, const struct receipt *r)
{
	if (p->receipt[place].used) {
		index_remove(p, place);
		pool_add(&p->free_receipts, p->receipt_at, place);
	}
	p->receipt[place] = *r;
	if (r->used) {
		pool_remove(&p->free_receipts, p->receipt_at, place);
		index_add(p, place);
	}
}

void
places_set_entry(struct places *p, uint64_t place, int used)
{
	if (p->entry_used[place] == (used ? 1 : 0))
		return;
	p->entry_used[place] = used ? 1 : 0;
	if (used)
		pool_remove(&p->free_entries, p->entry_at, place);
	else
		pool_add(&p->free_entries, p->entry_at, place);
}
