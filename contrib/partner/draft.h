/* A report on its way: the file as it is, and as it goes. */
#ifndef CUTOUT_DRAFT_H
#define CUTOUT_DRAFT_H

#include <stdint.h>

#include "buf.h"
#include "receipt.h"
#include "result.h"

struct draft {
	const char *path;
	struct buf *raw;    /* the file */
	struct buf *judged; /* with Id and Blind, and still with Submitter */
	struct buf *body;   /* what is sent */
	struct receipt receipt;
	uint8_t id[RECEIPT_KEY], blind[RECEIPT_KEY];
};

/* A new receipt, and id and blind of it. RC_CRYPTO. */
enum rc draft_receipt(struct draft *d) MUST_USE;

/* Reads the file ("-": standard input) and makes a receipt for it. RC_BAD: it
 * can not be read, told on standard error. RC_NOMEM. The caller calls
 * draft_free() in any case. */
enum rc draft_read(struct draft *d, const char *path) MUST_USE;

/* Fills judged and body. RC_BAD: its elements can not even be found; judged is
 * then the file as it is, so that a check says what is wrong, and body is
 * empty. RC_LIMIT, RC_NOMEM. */
enum rc draft_prepare(struct draft *d) MUST_USE;

void draft_free(struct draft *d);

#endif
