/* How much each certificate may ask for. A bucket is one number: the time at
 * which it will be full again (the "theoretical arrival time" of GCRA). Taking
 * a token puts it off by the time one token takes to grow, giving one back
 * brings it forward, and a time that has passed is a full bucket, which nobody
 * needs to remember. */
#include "rates.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "deadline.h"

enum {
	KEY_BYTES = 16,
	PLACES = 8192,   /* two zygotes' children, twice over */
	ENTRIES = 32768, /* a power of two */
	WINDOW = 32,     /* entries that one name may have, from its own on */
	SWEEP = 1024,    /* entries looked at when a process ends */
	WHO_BITS = 42,   /* of a name in a place; pids have at most 22 */
	PLACE_RETRY_S = 1
};
#define WHO_MASK ((UINT64_C(1) << WHO_BITS) - 1)

struct entry {
	_Atomic uint64_t who;     /* 0: free */
	_Atomic uint64_t full_ns; /* when the bucket is full again */
};

/* What stands in the memfd. cutoutd makes it (RATES_BYTES, which is more):
 * zeros behind a random key. */
struct table {
	uint8_t key[KEY_BYTES];
	uint8_t unused[64 - KEY_BYTES];
	_Atomic uint64_t place[PLACES]; /* pid and part of a name; 0: free */
	struct entry entry[ENTRIES];
};
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "no locks between processes");

struct rates {
	struct table *table;
	EVP_MAC *mac;
	uint64_t token_ns; /* the time one token takes to grow */
	uint64_t day_ns;   /* ... and all of them */
	uint64_t debt_ns;  /* how far below empty pledges may take it */
	size_t per_certificate, most;
	size_t sweep; /* where the next look begins */
};

/* --- names ------------------------------------------------------------ */

enum rc
rates_who(const struct rates *r, const void *key, size_t len, uint64_t *who)
{
	size_t size = sizeof(*who), got = 0;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
	    OSSL_PARAM_construct_end()};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(r->mac);
	enum rc rc = RC_CRYPTO;
	uint8_t out[sizeof(*who)];

	/* SipHash-2-4 is what the rounds are by default */
	if (ctx != NULL &&
	    EVP_MAC_init(ctx, r->table->key, KEY_BYTES, params) == 1 &&
	    EVP_MAC_update(ctx, key, len) == 1 &&
	    EVP_MAC_final(ctx, out, &got, sizeof(out)) == 1 &&
	    got == sizeof(out)) {
		memcpy(who, out, sizeof(out));
		/* 0 means free */
		if (*who == 0)
			*who = 1;
		rc = RC_OK;
	}
	EVP_MAC_CTX_free(ctx);
	return rc;
}

/* --- places ----------------------------------------------------------- */

static uint64_t
place_word(uint64_t who, pid_t pid)
{
	return (uint64_t)pid << WHO_BITS | (who & WHO_MASK);
}

static bool
place_take(struct table *t, uint64_t word, size_t *out)
{
	size_t first = (size_t)(word >> WHO_BITS) % PLACES;

	for (size_t i = 0; i < PLACES; i++) {
		size_t at = (first + i) % PLACES;
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&t->place[at], &none,
			word)) {
			*out = at;
			return true;
		}
	}
	return false;
}

static void
place_free(struct table *t, size_t at, uint64_t word)
{
	/* only what is still ours */
	(void)atomic_compare_exchange_strong(&t->place[at], &word, 0);
}

/* Counts all places and those of who, the caller's own among them: two that
 * come at once may both be refused, never both let in too many. */
static enum rc
place_judge(const struct rates *r, uint64_t who)
{
	size_t all = 0, own = 0;

	for (size_t i = 0; i < PLACES; i++) {
		uint64_t word = atomic_load_explicit(&r->table->place[i],
		    memory_order_relaxed);

		if (word == 0)
			continue;
		all++;
		own += (word & WHO_MASK) == (who & WHO_MASK) ? 1 : 0;
	}
	if (own > r->per_certificate)
		return RC_LIMIT;
	return all > r->most ? RC_FULL : RC_OK;
}

/* --- buckets ---------------------------------------------------------- */

/* Frees an entry whose bucket is full, with the time in it, which tells when
 * somebody was here. */
static void
entry_forget(struct entry *e, uint64_t who, uint64_t full_ns)
{
	if (atomic_compare_exchange_strong(&e->who, &who, 0))
		(void)atomic_compare_exchange_strong(&e->full_ns, &full_ns, 0);
}

static struct entry *
entry_find(struct table *t, uint64_t who)
{
	for (size_t i = 0; i < WINDOW; i++) {
		struct entry *e = &t->entry[(who + i) % ENTRIES];

		if (atomic_load(&e->who) == who)
			return e;
	}
	return NULL;
}

/* The entry of who, or one that is free for it. NULL: the window is full. */
static struct entry *
entry_claim(struct table *t, uint64_t who, uint64_t now)
{
	struct entry *first = entry_find(t, who);

	for (size_t i = 0; i < WINDOW && first == NULL; i++) {
		struct entry *e = &t->entry[(who + i) % ENTRIES];
		uint64_t old = atomic_load(&e->who);

		if (old != 0 && atomic_load(&e->full_ns) > now)
			continue;
		if (!atomic_compare_exchange_strong(&e->who, &old, who))
			continue;
		/* another may have claimed an earlier one meanwhile */
		first = entry_find(t, who);
		if (first != e)
			(void)atomic_compare_exchange_strong(&e->who,
			    &(uint64_t){who}, 0);
	}
	return first;
}

/* The time in an entry, made possible: it lies at most a day and the debt
 * ahead, or somebody wrote nonsense and the bucket counts as empty. */
static uint64_t
sane(const struct rates *r, uint64_t full_ns, uint64_t now)
{
	if (full_ns < now)
		return now;
	if (full_ns - now > r->day_ns + r->debt_ns)
		return now + r->day_ns;
	return full_ns;
}

static uint64_t
seconds_up(uint64_t ns)
{
	return ns / SECOND_NS + 1;
}

/* Takes a token from e. RC_AGAIN: e became another's meanwhile. */
static enum rc
token_take(const struct rates *r, struct entry *e, uint64_t who, uint64_t now,
    uint64_t *retry_s)
{
	uint64_t old = atomic_load(&e->full_ns), next;

	do {
		next = sane(r, old, now) + r->token_ns;
		if (next - now > r->day_ns + r->debt_ns) {
			*retry_s =
			    seconds_up(next - now - r->day_ns - r->debt_ns);
			return RC_LIMIT;
		}
	} while (!atomic_compare_exchange_weak(&e->full_ns, &old, next));
	if (atomic_load(&e->who) == who)
		return RC_OK;
	/* it was full and given away between the look and the taking */
	(void)atomic_fetch_sub(&e->full_ns, r->token_ns);
	return RC_AGAIN;
}

static void
token_give(const struct rates *r, struct entry *e, uint64_t who, uint64_t now)
{
	uint64_t old = atomic_load(&e->full_ns), next;

	do {
		/* it has filled by itself, and may be another's by now */
		if (atomic_load(&e->who) != who)
			return;
		if (old <= now)
			break;
		next = sane(r, old, now) - r->token_ns;
	} while (!atomic_compare_exchange_weak(&e->full_ns, &old, next));
	old = atomic_load(&e->full_ns);
	if (old <= now)
		entry_forget(e, who, old);
}

/* Takes a token of who, wherever its entry is. */
static enum rc
pledge(struct rates *r, struct visit *v, uint64_t now, uint64_t *retry_s)
{
	enum rc rc = RC_AGAIN;

	for (int i = 0; i < WINDOW && rc == RC_AGAIN; i++) {
		struct entry *e = entry_claim(r->table, v->who, now);

		if (e == NULL)
			break;
		v->entry = (size_t)(e - r->table->entry);
		rc = token_take(r, e, v->who, now, retry_s);
	}
	v->held = rc == RC_OK;
	return rc == RC_AGAIN ? RC_FULL : rc;
}

/* --- visits ----------------------------------------------------------- */

enum rc
rates_enter(struct rates *r, uint64_t who, pid_t pid, uint64_t now_ns,
    struct visit *v, uint64_t *retry_s)
{
	enum rc rc;

	*v = (struct visit){.who = who, .word = place_word(who, pid)};
	*retry_s = PLACE_RETRY_S;
	if (!place_take(r->table, v->word, &v->place))
		return RC_FULL;
	rc = place_judge(r, who);
	if (rc == RC_OK)
		rc = pledge(r, v, now_ns, retry_s);
	if (rc != RC_OK)
		place_free(r->table, v->place, v->word);
	return rc;
}

enum rc
rates_may_report(const struct rates *r, const struct visit *v, uint64_t now_ns,
    uint64_t *retry_s)
{
	struct entry *e = &r->table->entry[v->entry];
	uint64_t ahead;

	*retry_s = PLACE_RETRY_S;
	if (!v->held)
		return RC_LIMIT;
	/* filled by itself and given away: full */
	if (atomic_load(&e->who) != v->who)
		return RC_OK;
	/* the pledge counts as this report's token */
	ahead = sane(r, atomic_load(&e->full_ns), now_ns) - now_ns;
	if (ahead <= r->day_ns)
		return RC_OK;
	*retry_s = seconds_up(ahead - r->day_ns);
	return RC_LIMIT;
}

enum rc
rates_spend(struct rates *r, struct visit *v, uint64_t now_ns)
{
	uint64_t retry_s;

	return pledge(r, v, now_ns, &retry_s);
}

/* Gives back every place of pid; the whole word says which are its own. */
static void
places_of(struct table *t, pid_t pid)
{
	for (size_t i = 0; i < PLACES; i++) {
		uint64_t word =
		    atomic_load_explicit(&t->place[i], memory_order_relaxed);

		if (word != 0 && word >> WHO_BITS == (uint64_t)pid)
			place_free(t, i, word);
	}
}

void
rates_leave(struct rates *r, struct visit *v, uint64_t now_ns)
{
	if (v->held)
		token_give(r, &r->table->entry[v->entry], v->who, now_ns);
	v->held = false;
	place_free(r->table, v->place, v->word);
}

void
rates_gone(struct rates *r, pid_t pid, uint64_t now_ns)
{
	places_of(r->table, pid);
	for (size_t i = 0; i < SWEEP; i++) {
		struct entry *e = &r->table->entry[r->sweep];
		uint64_t who = atomic_load(&e->who);
		uint64_t full_ns = atomic_load(&e->full_ns);

		if (who != 0 && full_ns <= now_ns)
			entry_forget(e, who, full_ns);
		r->sweep = (r->sweep + 1) % ENTRIES;
	}
}

void
rates_gone_all(struct rates *r)
{
	for (size_t i = 0; i < PLACES; i++) {
		uint64_t word = atomic_load(&r->table->place[i]);
		pid_t pid = (pid_t)(word >> WHO_BITS);

		if (pid > 0 && kill(pid, 0) == -1 && errno == ESRCH)
			place_free(r->table, i, word);
	}
}

size_t
rates_buckets(const struct rates *r)
{
	size_t n = 0;

	for (size_t i = 0; i < ENTRIES; i++)
		n += atomic_load(&r->table->entry[i].who) != 0 ? 1 : 0;
	return n;
}

size_t
rates_places(const struct rates *r)
{
	size_t n = 0;

	for (size_t i = 0; i < PLACES; i++)
		n += atomic_load(&r->table->place[i]) != 0 ? 1 : 0;
	return n;
}

/* --- opening ---------------------------------------------------------- */

static enum rc
map(int fd, struct rates *r)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size < 0 || (uintmax_t)st.st_size < sizeof(struct table))
		return RC_CONFIG;
	p = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p == MAP_FAILED)
		return RC_IO;
	r->table = p;
	return madvise(p, sizeof(struct table), MADV_DONTDUMP) == 0 ? RC_OK
								    : RC_IO;
}

enum rc
rates_open(int fd, const struct rates_limits *limits, struct rates **out)
{
	struct rates *r;
	uint64_t who;
	enum rc rc;

	if (limits->reports_per_day == 0 || limits->per_certificate == 0 ||
	    limits->most > PLACES / 2 ||
	    limits->day_ns < limits->reports_per_day)
		return RC_CONFIG;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return RC_NOMEM;
	r->token_ns = limits->day_ns / limits->reports_per_day;
	r->day_ns = r->token_ns * limits->reports_per_day;
	r->per_certificate = limits->per_certificate;
	r->most = limits->most;
	rc = map(fd, r);
	if (rc != RC_OK)
		goto fail;
	rc = RC_CONFIG;
	/* a pledge of each connection must not make an honest one wait */
	if (limits->per_certificate > UINT64_MAX / 4 / r->token_ns)
		goto fail;
	r->debt_ns = r->token_ns * limits->per_certificate;
	r->mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	rc = r->mac == NULL ? RC_CRYPTO : rates_who(r, "", 0, &who);
	if (rc != RC_OK)
		goto fail;
	*out = r;
	return RC_OK;
fail:
	rates_close(r);
	return rc;
}

void
rates_close(struct rates *r)
{
	if (r == NULL)
		return;
	if (r->table != NULL)
		munmap(r->table, sizeof(*r->table));
	EVP_MAC_free(r->mac);
	free(r);
}
