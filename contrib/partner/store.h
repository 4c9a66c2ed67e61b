/* The receipts folder: for each report the code and, until the gateway is
 * known to have it, the exact bytes that are sent. Written before anything is
 * sent, so that a report can always be sent again as the same report. */
#ifndef CUTOUT_STORE_H
#define CUTOUT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "receipt.h"
#include "result.h"

enum { SOURCE_HASH = 32, SOURCE_NAME = 128 };

enum state {
	STATE_READY,    /* stored here; the gateway does not have it */
	STATE_UNSURE,   /* sent, and not known whether it was kept */
	STATE_ACCEPTED, /* the gateway answered that it has it */
	STATE_CONFLICT  /* the gateway has another report under this id */
};

struct entry {
	struct receipt receipt;
	enum state state;
	uint8_t source[SOURCE_HASH]; /* SHA-256 of the submitter's file */
	char name[SOURCE_NAME];      /* its name without folders */
};

struct store;

/* Opens the folder, and makes it (0700, with its parents) when it is not
 * there. RC_DENIED: it is somebody else's, or others may read it. RC_IO: errno.
 * RC_NOMEM. The caller closes *out. */
enum rc store_open(const char *dir, struct store **out) MUST_USE;
void store_close(struct store *s);

/* Keeps other cutout-submit processes from adding or claiming meanwhile.
 * RC_IO. */
enum rc store_lock(struct store *s) MUST_USE;
void store_unlock(struct store *s);

/* Stores a new report. RC_OK: code and bytes are on stable storage. RC_IO:
 * errno, and nothing was added. */
enum rc store_add(struct store *s, const struct entry *e, const void *body,
    size_t len) MUST_USE;

/* Changes the state on stable storage. Going to STATE_ACCEPTED removes the
 * bytes: from then on only the code is kept. RC_IO: errno; e->state tells
 * whether the state was changed and only the bytes could not be removed. */
enum rc store_state(struct store *s, struct entry *e,
    enum state state) MUST_USE;

/* Appends the stored bytes to b. RC_NOTFOUND: they are gone. RC_IO, RC_LIMIT,
 * RC_NOMEM. */
enum rc store_body(const struct store *s, const struct entry *e,
    struct buf *b) MUST_USE;

/* Forgets a report that the gateway certainly does not have. RC_IO. */
enum rc store_remove(struct store *s, const struct entry *e) MUST_USE;

/* RC_NOTFOUND: no such entry. RC_BAD: its file is damaged. RC_IO. */
enum rc store_find(const struct store *s, const struct receipt *r,
    struct entry *out) MUST_USE;
/* The entry made from a file with this hash; one that is not yet accepted goes
 * before one that is. RC_NOTFOUND, RC_IO. */
enum rc store_find_source(const struct store *s,
    const uint8_t source[SOURCE_HASH], struct entry *out) MUST_USE;

/* All entries, for the caller to free(); in no order. Damaged files are
 * counted in *damaged. RC_IO, RC_NOMEM. */
enum rc store_list(const struct store *s, struct entry **out, size_t *count,
    size_t *damaged) MUST_USE;

/* Claims an entry for sending: RC_AGAIN when another process is at it, else
 * *claim is closed when done. RC_NOTFOUND, RC_IO. */
enum rc store_claim(const struct store *s, const struct entry *e,
    int *claim) MUST_USE;

#endif
