/* The receipt code: the one secret of a submission, made by the client and
 * never sent. Everything the gateway sees is derived from it one way. */
#ifndef CUTOUT_RECEIPT_H
#define CUTOUT_RECEIPT_H

#include <stdint.h>

#include "result.h"

enum {
	RECEIPT_RANDOM = 26,  /* symbols of 5 random bits: 130 bits */
	RECEIPT_SYMBOLS = 28, /* with 2 check symbols */
	RECEIPT_TEXT = 35,    /* 7 groups of 4 with dashes and NUL */
	RECEIPT_KEY = 32
};

/* A code: RECEIPT_SYMBOLS upper-case Crockford symbols and NUL. Cleansed by
 * its owner with receipt_wipe(). */
struct receipt {
	char symbols[RECEIPT_SYMBOLS + 1];
};

/* Makes a new code from the private random generator. RC_CRYPTO: there is no
 * randomness. */
enum rc receipt_make(struct receipt *out) MUST_USE;

/* Reads a code as people type it: either case, O for 0, I and L for 1, any
 * other character between the symbols is skipped. RC_BAD: not 28 symbols, or
 * the check symbols are wrong (1 of 1024 typing errors passes). */
enum rc receipt_parse(const char *raw_text, struct receipt *out) MUST_USE;

/* Writes it as people read it: 6VVV-MTSV-... */
void receipt_text(const struct receipt *r, char out[RECEIPT_TEXT]);

/* HKDF-SHA256 of the 26 random symbols with salt "cutout-receipt-v1" and the
 * info given: "id" and "blind" are what Envelope/Id and Envelope/Blind carry.
 * RC_CRYPTO. */
enum rc receipt_derive(const struct receipt *r, const char *info,
    uint8_t out[RECEIPT_KEY]) MUST_USE;

void receipt_wipe(struct receipt *r);

#endif
