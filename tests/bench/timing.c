/* Measuring. */
#include "timing.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 15, BLOCK_US = 20000 };

double
clock_us(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) == -1)
		die("the clock");
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_size);
	return values[count / 2];
}

static double
one_block(void (*once)(void *arg), void *arg)
{
	double began = clock_us(CLOCK_THREAD_CPUTIME_ID), took;
	size_t count = 0;

	do {
		once(arg);
		count++;
		took = clock_us(CLOCK_THREAD_CPUTIME_ID) - began;
	} while (took < BLOCK_US);
	return took / (double)count;
}

double
cpu_us(void (*once)(void *arg), void *arg)
{
	double blocks[BLOCKS];

	once(arg); /* what is made on first use is not part of it */
	for (size_t i = 0; i < BLOCKS; i++)
		blocks[i] = one_block(once, arg);
	return median(blocks, BLOCKS);
}

void
die(const char *what)
{
	(void)fprintf(stderr, "primitives: %s\n", what);
	exit(1);
}

void
need(enum rc rc, const char *what)
{
	if (rc == RC_OK)
		return;
	(void)fprintf(stderr, "primitives: %s: %s\n", what, rc_text(rc));
	exit(1);
}

void
need_ssl(long got, const char *what)
{
	if (got != 1)
		die(what);
}
