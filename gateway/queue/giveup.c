/* What is past its time. */
#include "giveup.h"

#include "log.h"

/* of a turn: rows looked at, and rows overwritten */
enum { LOOK_MOST = 16384, BODIES_MOST = 1 << 20, RECEIPTS_MOST = 128 };

void
giveup_begin(struct queue *q)
{
	q->giving_up = 1;
	q->give_item = 0;
	q->give_receipt = 0;
}

static enum rc
give_items(struct queue *q)
{
	static const struct head none;
	const struct places *p = q->places;
	size_t given = 0, looked = 0;
	enum rc rc = RC_OK;

	for (; q->give_item < p->item_count && given < BODIES_MOST &&
	       looked < LOOK_MOST && rc == RC_OK;
	     q->give_item++, looked++) {
		const struct item *it = &p->item[q->give_item];

		if (it->damaged || it->head.state != STATE_DONE ||
		    it->head.day + q->config.retain_done_days >= q->day)
			continue;
		given += CLASS_BYTES(it->head.class);
		rc = queue_begin(q);
		if (rc == RC_OK)
			rc = store_body(q->store, q->give_item, it->head.class,
			    NULL);
		if (rc == RC_OK)
			rc = queue_set_head(q, q->give_item, &none);
	}
	return rc;
}

static enum rc
give_receipts(struct queue *q)
{
	static const struct receipt none;
	struct places *p = q->places;
	size_t given = 0, looked = 0;
	enum rc rc = RC_OK;

	for (; q->give_receipt < p->sizes.receipts && given < RECEIPTS_MOST &&
	       looked < LOOK_MOST && rc == RC_OK;
	     q->give_receipt++, looked++) {
		const struct receipt *r = &p->receipt[q->give_receipt];

		if (!r->used || r->damaged ||
		    r->day + q->config.receipt_days >= q->day)
			continue;
		given++;
		rc = queue_begin(q);
		if (rc == RC_OK)
			rc = store_receipt(q->store, q->give_receipt, &none);
		if (rc == RC_OK)
			places_set_receipt(p, q->give_receipt, &none);
	}
	return rc;
}

enum rc
giveup_turn(struct queue *q)
{
	enum rc rc;

	rc = give_items(q);
	if (rc == RC_OK)
		rc = give_receipts(q);
	if (rc != RC_OK) {
		warnx("ALARM: the database can not be written");
		q->fatal = 1;
		return RC_UNKNOWN;
	}
	q->giving_up = q->give_item < q->places->item_count ||
		       q->give_receipt < q->places->sizes.receipts;
	return queue_commit(q);
}
