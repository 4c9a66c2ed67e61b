/* Opening items: verified, of our form, decrypted, and validated again; in
 * this order and never less. */
#ifndef CUTOUT_DESK_OPENER_H
#define CUTOUT_DESK_OPENER_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "options.h"
#include "own.h"
#include "profile.h"
#include "report.h"
#include "result.h"
#include "wire.h"

/* The keys, the pinned origin and the contract. */
struct opener;

/* Loads them. RC_CONFIG: something is missing or wrong, and was complained
 * about. The caller frees *out. */
enum rc opener_new(const struct desk_options *o, struct opener **out) MUST_USE;
void opener_free(struct opener *op);
/* Borrowed. */
const struct contract *opener_contract(const struct opener *op);

/* What stands in the way of opening an item. */
enum open_fault {
	OPEN_FINE,
	OPEN_DISK,      /* its bytes are not those that its name says */
	OPEN_SIGNATURE, /* no pinned origin certificate verifies it */
	OPEN_FORM,      /* not of the form that the gateway makes */
	OPEN_NOT_OURS,  /* sealed to other keys */
	OPEN_DAMAGED,   /* sealed to our key, but it does not decrypt */
	OPEN_INVALID,   /* what was inside is no valid sealed report */
	OPEN_TROUBLE    /* our own: memory, a library */
};

/* An opened item. */
struct opened {
	uint8_t h[HASH_LEN];
	enum open_fault fault;
	struct profile envelope;   /* from OPEN_NOT_OURS on, and OPEN_FINE */
	uint8_t origin[SKI_LEN];   /* of the certificate that verified it */
	const struct own *own;     /* who this desk knows; borrowed */
	const struct own_key *key; /* that opened it; borrowed */
	struct buf *plain;         /* padded XML; a secret */
	struct fields *fields;     /* with OPEN_FINE */
	struct findings *findings; /* with OPEN_INVALID, what is wrong */
};

/* Opens the len bytes; what came of it stands in *out, which the caller clears
 * in every case, before the opener is freed. */
void opener_open(const struct opener *op, const uint8_t *raw, size_t len,
    struct opened *out);
/* An item that could not even be read. */
void opener_unread(const uint8_t h[HASH_LEN], enum open_fault fault,
    struct opened *out);
void opened_clear(struct opened *item);

/* One plain sentence for a fault, and the exit status that tells of it. */
const char *open_fault_text(enum open_fault fault);
int open_fault_status(enum open_fault fault);

#endif
