/* malloc() of this program: every block of it, of libxml2 and of libcrypto
 * lies in the arena, so that no copy of a report can be forgotten somewhere.
 * Builds with a sanitizer keep the sanitizer's. */
#include "memory.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

/* a 1 MiB report as a tree of nodes takes some 40 MiB */
#define ARENA_SPACE ((size_t)512 * 1024 * 1024)
/* what a report of 4 KiB uses */
#define ARENA_AHEAD ((size_t)768 * 1024)

#if !defined(CUTOUT_SANITIZED)

/* The first request comes before main() does. */
static void *
get(size_t size)
{
	static int is_open;
	void *p;

	if (!is_open) {
		is_open = 1;
		if (arena_open(ARENA_SPACE) != RC_OK)
			return NULL;
	}
	p = arena_alloc(size);
	if (p == NULL)
		errno = ENOMEM;
	return p;
}

void *
malloc(size_t size)
{
	return get(size);
}

void
free(void *p)
{
	arena_free(p);
}

void *
calloc(size_t count, size_t size)
{
	size_t all;
	void *p;

	if (__builtin_mul_overflow(count, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	p = get(all);
	if (p != NULL)
		memset(p, 0, all);
	return p;
}

void *
realloc(void *p, size_t size)
{
	if (p == NULL)
		return get(size);
	p = arena_realloc(p, size);
	if (p == NULL)
		errno = ENOMEM;
	return p;
}

/* Nothing here asks for more than 16 bytes of alignment but by these names;
 * a request for more fails. */
int
posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p;

	if (alignment > 16)
		return EINVAL;
	p = get(size);
	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	void *p = NULL;
	int error = posix_memalign(&p, alignment, size);

	if (error != 0)
		errno = error;
	return p;
}

void *memalign(size_t alignment, size_t size);
void *
memalign(size_t alignment, size_t size)
{
	return aligned_alloc(alignment, size);
}

size_t malloc_usable_size(void *p);
size_t
malloc_usable_size(void *p)
{
	return arena_size(p);
}

#endif

static void
wipe_and_end(int signal_number)
{
	(void)signal_number;
	memory_wipe();
	_exit(0);
}

enum rc
memory_watch(void)
{
	struct sigaction act = {.sa_handler = wipe_and_end};

	if (sigaction(SIGALRM, &act, NULL) == -1 ||
	    sigaction(SIGXCPU, &act, NULL) == -1)
		return RC_IO;
	return RC_OK;
}

void
memory_warm(void)
{
	arena_seal();
}

void
memory_ahead(void)
{
	arena_populate(ARENA_AHEAD);
}

void
memory_wipe(void)
{
	arena_wipe();
}
