/* COMMIT of the rows of accepted reports, with the queue's own store. */
#ifndef CUTOUT_BENCH_COMMIT_H
#define CUTOUT_BENCH_COMMIT_H

#include "buf.h"

struct commit_times {
	/* CPU for one report's rows, its share of COMMIT and of checkpoints
	 * included */
	double row_us;
	/* wall time of one COMMIT of a batch */
	double commit_us;
};

/* Measures in a temporary folder under TMPDIR, which it removes: batches of 32
 * reports with this object, each overwriting random rows in place, and on
 * stable storage with each COMMIT. */
void commit_measure(const struct buf *object, struct commit_times *out);

#endif
