/* What signer puts the origin signature on. screen may be taken over: its
 * envelope is checked as a stranger's, so that it can not get a signature on
 * anything but one report sealed to the right readers. */
#include "judge.h"

#include <string.h>

#include "derive.h"
#include "origin.h"
#include "profile.h"

enum rc
submission_read(const uint8_t *raw, size_t len, struct submission *out)
{
	const uint8_t *p = raw;

	if (len != SUBMIT_LEN)
		return RC_BAD;
	memcpy(out->k, p, HASH_LEN);
	memcpy(out->dup, p + HASH_LEN, HASH_LEN);
	memcpy(out->b, p + 2 * (size_t)HASH_LEN, HASH_LEN);
	p += 3 * (size_t)HASH_LEN;
	out->lane = p[0];
	out->class = p[1];
	out->destination = p[2];
	out->cover = 0;
	if (out->lane > LANE_FAST || out->class >= CLASS_COUNT ||
	    out->destination >= MAX_DESTINATIONS)
		return RC_BAD;
	return RC_OK;
}

static int
fits(const struct destinations *d, const struct submission *s,
    const struct profile *envelope)
{
	return d != NULL && s->destination < d->count &&
	       recipients_match(d->place[s->destination].recipients, envelope);
}

static enum rc
check(const struct judge *j, const struct submission *s,
    const struct buf *envelope)
{
	struct profile p;

	if (profile_check(buf_data(envelope), buf_len(envelope), &p) != RC_OK)
		return RC_DENIED;
	if (p.ciphertext != CLASS_BYTES(s->class))
		return RC_DENIED;
	return fits(j->current, s, &p) || fits(j->old, s, &p) ? RC_OK
							      : RC_DENIED;
}

enum rc
judge(const struct judge *j, struct submission *s, const struct buf *envelope,
    struct buf *object, uint8_t head[STORE_LEN])
{
	uint8_t h[HASH_LEN], c[HASH_LEN], *p = head;
	enum rc rc;

	rc = check(j, s, envelope);
	if (rc == RC_OK)
		rc = origin_sign(buf_data(envelope), buf_len(envelope),
		    j->certificate, j->key, object);
	if (rc == RC_OK)
		rc = derive_h(buf_data(object), buf_len(object), h);
	if (rc == RC_OK)
		rc = derive_c(s->b, h, c);
	explicit_bzero(s->b, sizeof(s->b));
	if (rc != RC_OK)
		return rc;
	memcpy(p, s->k, HASH_LEN);
	memcpy(p += HASH_LEN, s->dup, HASH_LEN);
	memcpy(p += HASH_LEN, c, HASH_LEN);
	memcpy(p += HASH_LEN, h, HASH_LEN);
	p += HASH_LEN;
	p[0] = s->lane;
	p[1] = s->class;
	p[2] = s->destination;
	p[3] = s->cover;
	return RC_OK;
}
