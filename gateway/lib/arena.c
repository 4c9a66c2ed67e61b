/* Memory for reports in clear. Blocks come in classes, each with a list of
 * its free ones; new ones are cut off the end of what was used so far. */
#include "arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum {
	ALIGN = 16,
	FINE_MOST = 1024, /* up to here classes of 16 bytes */
	FINE = FINE_MOST / ALIGN,
	COARSE = 40, /* then powers of two */
	CLASSES = FINE + COARSE,
	PAGE = 4096
};

/* Before each block, of ALIGN bytes. next is used while it is free. */
struct head {
	size_t size;
	struct head *next;
};
_Static_assert(sizeof(struct head) == ALIGN, "a head keeps the alignment");

static uint8_t *base;
static size_t space, used;
static size_t warm; /* below it lies what was there before any report */
static struct head *spare[CLASSES];

enum rc
arena_open(size_t max)
{
	void *p;

	p = mmap(NULL, max, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return RC_NOMEM;
	/* dumpable 0 forbids dumps already; this holds for a debugger's too */
	if (madvise(p, max, MADV_DONTDUMP) == -1) {
		munmap(p, max);
		return RC_NOMEM;
	}
	base = p;
	space = max;
	return RC_OK;
}

/* The class of a size, and the size that its blocks have. */
static size_t
class_of(size_t size, size_t *block)
{
	size_t class = FINE, power = (size_t)FINE_MOST * 2;

	if (size <= FINE_MOST) {
		class = size == 0 ? 0 : (size - 1) / ALIGN;
		*block = (class + 1) * ALIGN;
		return class;
	}
	while (power < size && class < CLASSES - 1) {
		power *= 2;
		class ++;
	}
	*block = power;
	return class;
}

void *
arena_alloc(size_t size)
{
	size_t block, class;
	struct head *h;

	if (size > space)
		return NULL;
	class = class_of(size, &block);
	h = spare[class];
	if (h != NULL) {
		spare[class] = h->next;
		h->next = NULL;
		return h + 1;
	}
	if (block + sizeof(*h) > space - used)
		return NULL;
	h = (struct head *)(void *)(base + used);
	used += block + sizeof(*h);
	h->size = block;
	h->next = NULL;
	return h + 1;
}

static struct head *
head_of(const void *p)
{
	return (struct head *)(uintptr_t)p - 1;
}

static int
is_warm(const void *p)
{
	return (uintptr_t)p - (uintptr_t)base < warm;
}

void
arena_seal(void)
{
	memset(spare, 0, sizeof(spare));
	used = (used + PAGE - 1) / PAGE * PAGE;
	if (used > space)
		used = space;
	warm = used;
}

size_t
arena_size(const void *p)
{
	return p == NULL ? 0 : head_of(p)->size;
}

void
arena_free(void *p)
{
	size_t block, class;
	struct head *h;

	if (p == NULL)
		return;
	h = head_of(p);
	explicit_bzero(p, h->size);
	/* nothing of a report may come to lie where arena_wipe() does not go */
	if (is_warm(p))
		return;
	class = class_of(h->size, &block);
	h->next = spare[class];
	spare[class] = h;
}

void *
arena_realloc(void *p, size_t size)
{
	size_t old = arena_size(p);
	void *new;

	if (p != NULL && size <= old && !is_warm(p))
		return p;
	new = arena_alloc(size);
	if (new == NULL || p == NULL)
		return new;
	memcpy(new, p, size < old ? size : old);
	arena_free(p);
	return new;
}

void
arena_populate(size_t bytes)
{
	size_t from = (used + PAGE - 1) / PAGE * PAGE;

	if (from > space)
		return;
	if (bytes > space - from)
		bytes = space - from;
	/* an older kernel says no, and faults come one by one */
	if (madvise(base + from, bytes, MADV_POPULATE_WRITE) == -1)
		return;
}

void
arena_wipe(void)
{
	if (base != NULL)
		explicit_bzero(base + warm, used - warm);
}
