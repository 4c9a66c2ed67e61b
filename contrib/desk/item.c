/* Taking in one item: judged, kept, and only then acknowledged. */
#include "item.h"

#include <string.h>

#include "ack.h"
#include "derive.h"

static const struct {
	int status;
	const char *line;
} refusals[ITEM_ENDS] = {
    [ITEM_NAME] = {422, "the name is not the SHA-256 of the body\n"},
    [ITEM_SIGNATURE] = {422, "the origin signature does not verify\n"},
    [ITEM_FORM] = {422, "not a sealed report of the agreed form\n"},
    [ITEM_FULL] = {503, "no room here now; send it again later\n"},
    [ITEM_TROUBLE] = {503, "a fault of the desk; send it again later\n"},
};

static enum item_end
judge(const struct item_taker *t, const uint8_t h[HASH_LEN], const uint8_t *raw,
    size_t len)
{
	struct profile envelope;
	uint8_t is[HASH_LEN];

	if (derive_h(raw, len, is) != RC_OK)
		return ITEM_TROUBLE;
	if (memcmp(is, h, HASH_LEN) != 0)
		return ITEM_NAME;
	switch (origins_check(t->origins, raw, len, &envelope, NULL)) {
	case RC_OK:
		return ITEM_KEPT;
	case RC_CRYPTO:
		return ITEM_SIGNATURE;
	case RC_BAD:
		return ITEM_FORM;
	default:
		return ITEM_TROUBLE;
	}
}

int
item_take(const struct item_taker *t, const uint8_t h[HASH_LEN],
    const uint8_t *raw, size_t len, struct buf *answer, enum item_end *end)
{
	enum rc rc;

	*end = judge(t, h, raw, len);
	if (*end == ITEM_KEPT) {
		rc = store_put(t->store, h, raw, len);
		if (rc != RC_OK && rc != RC_DUPLICATE)
			*end = rc == RC_FULL ? ITEM_FULL : ITEM_TROUBLE;
		/* stored: from here on it may be acknowledged */
		else if (ack_sign(h, t->ack, answer) == RC_OK)
			return rc == RC_OK ? 201 : 200;
		else
			*end = ITEM_TROUBLE;
	}
	buf_clear(answer);
	if (buf_add_text(answer, refusals[*end].line) != RC_OK)
		buf_clear(answer); /* the status alone says it */
	return refusals[*end].status;
}
