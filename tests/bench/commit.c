/* COMMIT of the rows of accepted reports: what queue writes for each (body,
 * head, receipt, log entry), in batches as group commit makes them. */
#include "commit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "rows.h"
#include "store.h"
#include "timing.h"

enum {
	BATCH = 32,
	BLOCKS = 11,
	BLOCK = 8, /* batches */
	COMMITS = BLOCKS * BLOCK,
	PATH_SIZE = 4096,
	/* as queue does between rounds */
	CHECKPOINT_PAGES = 4096
};

static char folder[PATH_SIZE];

static void
remove_folder(void)
{
	struct dirent *e;
	DIR *d;

	d = opendir(folder);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	closedir(d);
	(void)rmdir(folder);
}

static void
make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(folder, sizeof(folder), "%s/cutout-bench.XXXXXX",
	    tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);

	if (n < 0 || (size_t)n >= sizeof(folder) || mkdtemp(folder) == NULL)
		die("a temporary folder");
	if (atexit(remove_folder) != 0)
		die("atexit");
}

/* One report's rows at random places. */
static enum rc
one_report(struct store *s, const struct store_sizes *sizes,
    const struct buf *object)
{
	struct head head = {
	    .state = STATE_READY, .length = (uint32_t)buf_len(object)};
	struct receipt receipt = {.used = 1, .day = 20000};
	struct entry entry = {.used = 1};
	uint64_t item = arc4random_uniform((uint32_t)sizes->items[0]);
	enum rc rc;

	arc4random_buf(head.h, sizeof(head.h));
	arc4random_buf(receipt.k, sizeof(receipt.k));
	arc4random_buf(receipt.dup, sizeof(receipt.dup));
	memset(entry.text, 'x', 128);
	entry.length = 128;
	rc = store_entry(s, arc4random_uniform((uint32_t)sizes->entries),
	    &entry);
	if (rc == RC_OK)
		rc = store_body(s, item, 0, object);
	if (rc == RC_OK)
		rc = store_head(s, item, &head);
	if (rc == RC_OK)
		rc = store_receipt(s,
		    arc4random_uniform((uint32_t)sizes->receipts), &receipt);
	return rc;
}

/* One batch; returns the wall time of its COMMIT. */
static double
one_batch(struct store *s, const struct store_sizes *sizes,
    const struct buf *object)
{
	double began, took;

	need(store_begin(s), "begin");
	for (int i = 0; i < BATCH; i++)
		need(one_report(s, sizes, object), "rows");
	began = clock_us(CLOCK_MONOTONIC);
	need(store_commit(s), "commit");
	took = clock_us(CLOCK_MONOTONIC) - began;
	need(store_checkpoint(s, CHECKPOINT_PAGES), "checkpoint");
	return took;
}

void
commit_measure(const struct buf *object, struct commit_times *out)
{
	struct store_sizes sizes = {
	    .items = {2048, 4, 2}, .receipts = 65536, .entries = 16384};
	double rows[BLOCKS], commits[COMMITS];
	struct store *s = NULL;
	size_t done = 0;

	log_init("primitives", STDERR_FILENO);
	make_folder();
	need(store_open(folder, &sizes, &s), "the database");
	for (int i = 0; i < BLOCK; i++)
		(void)one_batch(s, &sizes, object);
	for (size_t b = 0; b < BLOCKS; b++) {
		double began = clock_us(CLOCK_PROCESS_CPUTIME_ID);

		for (int i = 0; i < BLOCK; i++)
			commits[done++] = one_batch(s, &sizes, object);
		rows[b] = (clock_us(CLOCK_PROCESS_CPUTIME_ID) - began) /
			  (BLOCK * BATCH);
	}
	store_close(s);
	out->row_us = median(rows, BLOCKS);
	out->commit_us = median(commits, COMMITS);
}
