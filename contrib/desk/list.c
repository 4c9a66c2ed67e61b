/* The command list. Entries are kept as text until all were opened, because
 * the most urgent comes first; among equals the name decides, which tells
 * nothing. */
#include "list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "entry.h"
#include "file.h"
#include "find.h"

enum { ENTRY_MAX = 65536 };

struct row {
	enum entry_rank rank;
	size_t place; /* in the order of names */
	struct buf *text;
};

struct list {
	const struct opener *op;
	const struct store *store;
	struct row *row;
	size_t count, size;
	size_t ranks[ENTRY_CLOSED + 1]; /* how many of each */
	int cover, status;
};

/* Our own trouble, then what is not the gateway's, then what is not ours. */
static int
worse(int a, int b)
{
	static const int order[] = {EXIT_FAILED, DESK_REFUSED, DESK_NOT_OURS};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i] || b == order[i])
			return order[i];
	}
	return EXIT_GOOD;
}

static enum rc
add_row(struct list *l, const struct opened *item)
{
	struct row row = {.rank = entry_rank(item), .place = l->count};
	enum rc rc;

	l->ranks[row.rank]++;
	l->status = worse(l->status, open_fault_status(item->fault));
	if (row.rank == ENTRY_COVER && !l->cover)
		return RC_OK;
	if (l->count == l->size) {
		size_t size = l->size == 0 ? 64 : 2 * l->size;
		struct row *more = reallocarray(l->row, size, sizeof(*more));

		if (more == NULL)
			return RC_NOMEM;
		l->row = more;
		l->size = size;
	}
	row.text = buf_new(ENTRY_MAX);
	if (row.text == NULL)
		return RC_NOMEM;
	rc = entry_text(opener_contract(l->op), item, row.text);
	if (rc != RC_OK) {
		buf_free_secret(row.text);
		return rc;
	}
	l->row[l->count++] = row;
	return RC_OK;
}

static enum rc
open_one(const uint8_t h[HASH_LEN], void *arg)
{
	struct list *l = arg;
	struct buf *raw = NULL;
	struct opened item;
	enum rc rc;

	rc = store_get(l->store, h, &raw);
	if (rc == RC_OK)
		opener_open(l->op, buf_data(raw), buf_len(raw), &item);
	else
		opener_unread(h,
		    rc == RC_BAD || rc == RC_LIMIT ? OPEN_DISK : OPEN_TROUBLE,
		    &item);
	rc = add_row(l, &item);
	opened_clear(&item);
	buf_free(raw);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* One line about the whole. */
static enum rc
add_sum(const struct list *l, struct buf *b)
{
	size_t urgent = l->ranks[ENTRY_LIFE] + l->ranks[ENTRY_HIGH];
	size_t reports = urgent + l->ranks[ENTRY_MEDIUM] + l->ranks[ENTRY_LOW];
	enum rc rc;

	rc = buf_addf(b, "%zu report%s, %zu of them HIGH", reports,
	    reports == 1 ? "" : "s", urgent);
	if (rc == RC_OK && l->ranks[ENTRY_CLOSED] > 0)
		rc = buf_addf(b, "; %zu item%s did not open",
		    l->ranks[ENTRY_CLOSED],
		    l->ranks[ENTRY_CLOSED] == 1 ? "" : "s");
	return rc == RC_OK ? buf_add_text(b, "\n") : rc;
}

static enum rc
print(struct list *l)
{
	struct buf *sum = buf_new(ENTRY_MAX);
	enum rc rc = sum == NULL ? RC_NOMEM : RC_OK;

	if (l->count > 0)
		qsort(l->row, l->count, sizeof(*l->row), compare);
	for (size_t i = 0; rc == RC_OK && i < l->count; i++)
		rc = file_write_fd(STDOUT_FILENO, l->row[i].text);
	if (rc == RC_OK)
		rc = add_sum(l, sum);
	if (rc == RC_OK)
		rc = file_write_fd(STDOUT_FILENO, sum);
	buf_free(sum);
	return rc;
}

int
desk_list(const struct desk_options *o)
{
	struct list l = {.cover = o->cover, .status = EXIT_GOOD};
	struct opener *op = NULL;
	struct store *store = NULL;
	enum rc rc;

	rc = opener_new(o, &op);
	if (rc == RC_OK)
		rc = find_store(o->data, &store);
	if (rc != RC_OK) {
		opener_free(op);
		return EXIT_FAILED;
	}
	l.op = op;
	l.store = store;
	rc = store_each(store, open_one, &l);
	if (rc == RC_OK)
		rc = print(&l);
	if (rc != RC_OK)
		complain("the list can not be made: %s",
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	for (size_t i = 0; i < l.count; i++)
		buf_free_secret(l.row[i].text);
	free(l.row);
	store_free(store);
	opener_free(op);
	return rc == RC_OK ? l.status : EXIT_FAILED;
}
