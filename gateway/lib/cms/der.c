/* Reading DER: definite, minimal lengths, nothing skipped. */
#include "der.h"

#include <string.h>

size_t
der_left(const struct der *d)
{
	return (size_t)(d->end - d->p);
}

/* The length octets at d: definite and as short as can be (X.690 10.1). */
static enum rc
read_length(struct der *d, size_t *out)
{
	size_t count, value = 0;

	if (der_left(d) < 1)
		return RC_BAD;
	if (*d->p < 0x80) {
		*out = *d->p++;
		return RC_OK;
	}
	count = *d->p++ & 0x7fU;
	if (count == 0 || count > 4 || der_left(d) < count || *d->p == 0)
		return RC_BAD;
	for (size_t i = 0; i < count; i++)
		value = value << 8 | *d->p++;
	if (value < 0x80)
		return RC_BAD;
	*out = value;
	return RC_OK;
}

enum rc
der_take(struct der *d, uint8_t tag, struct der *inside)
{
	size_t len;
	enum rc rc;

	if (der_left(d) < 2 || *d->p != tag)
		return RC_BAD;
	d->p++;
	rc = read_length(d, &len);
	if (rc != RC_OK)
		return rc;
	if (len > der_left(d))
		return RC_BAD;
	inside->p = d->p;
	inside->end = d->p + len;
	d->p += len;
	return RC_OK;
}

enum rc
der_fixed(struct der *d, const uint8_t *want, size_t len)
{
	if (der_left(d) < len || memcmp(d->p, want, len) != 0)
		return RC_BAD;
	d->p += len;
	return RC_OK;
}

enum rc
der_number(struct der *d, uint8_t value)
{
	const uint8_t want[] = {TAG_INTEGER, 1, value};

	return DER_FIXED(d, want);
}

enum rc
der_sized(struct der *d, uint8_t tag, size_t len, const uint8_t **content)
{
	struct der inside;
	enum rc rc;

	rc = der_take(d, tag, &inside);
	if (rc != RC_OK)
		return rc;
	if (der_left(&inside) != len)
		return RC_BAD;
	*content = inside.p;
	return RC_OK;
}

enum rc
der_done(const struct der *d)
{
	return d->p == d->end ? RC_OK : RC_BAD;
}
