/* A reader of DER (X.690 section 10) that knows no other form, for formats
 * whose every byte is expected. It allocates nothing and copies nothing. */
#ifndef CUTOUT_DER_H
#define CUTOUT_DER_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

/* The bytes that are left. Reading moves p; p never passes end. */
struct der {
	const uint8_t *p, *end;
};

enum {
	TAG_INTEGER = 0x02,
	TAG_BITS = 0x03,
	TAG_OCTETS = 0x04,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_0 = 0xa0,
	TAG_1 = 0xa1,
	TAG_4 = 0xa4,
	TAG_0_PRIMITIVE = 0x80
};

size_t der_left(const struct der *d);

/* Takes the element with this tag off d; its content goes to inside. RC_BAD,
 * here and below: it is not there, or not in DER; d is then undefined. */
enum rc der_take(struct der *d, uint8_t tag, struct der *inside) MUST_USE;

/* Takes exactly these bytes off d. */
enum rc der_fixed(struct der *d, const uint8_t *want, size_t len) MUST_USE;
#define DER_FIXED(d, want) der_fixed(d, want, sizeof(want))

/* Takes INTEGER value, which fits one byte. */
enum rc der_number(struct der *d, uint8_t value) MUST_USE;

/* Takes an element with this tag and exactly len bytes of content. */
enum rc der_sized(struct der *d, uint8_t tag, size_t len,
    const uint8_t **content) MUST_USE;

/* Nothing is left. */
enum rc der_done(const struct der *d) MUST_USE;

#endif
