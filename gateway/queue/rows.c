/* The rows of the database. The first byte is the version, the last eight are
 * a checksum over the kind, the place and all before. It finds damage, not an
 * attacker: who can write the database can compute it. */
#include "rows.h"

#include <string.h>

#include "fnv.h"
#include "frame.h"

enum { VERSION = 2, SUM_LEN = 8 };
enum kind { KIND_HEAD = 'h', KIND_RECEIPT = 'r', KIND_ENTRY = 'e' };

static void
put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)(v >> 16));
	put_u16(p + 2, (uint16_t)v);
}

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

static uint64_t
sum(enum kind kind, uint64_t place, const uint8_t *row, size_t len)
{
	uint8_t start[9];

	start[0] = (uint8_t)kind;
	put_u64(start + 1, place);
	return fnv(fnv(FNV_START, start, sizeof(start)), row, len);
}

static void
finish(enum kind kind, uint64_t place, uint8_t *row, size_t len)
{
	put_u64(row + len - SUM_LEN, sum(kind, place, row, len - SUM_LEN));
}

static enum rc
check(enum kind kind, uint64_t place, const uint8_t *raw, size_t len,
    size_t want)
{
	if (len != want || raw[0] != VERSION ||
	    get_u64(raw + len - SUM_LEN) !=
		sum(kind, place, raw, len - SUM_LEN))
		return RC_BAD;
	return RC_OK;
}

void
head_encode(const struct head *h, uint64_t place, uint8_t out[HEAD_BYTES])
{
	memset(out, 0, HEAD_BYTES);
	out[0] = VERSION;
	if (h->state != STATE_FREE) {
		out[1] = (uint8_t)h->state;
		out[2] = h->class;
		out[3] = h->lane;
		out[4] = h->destination;
		out[5] = h->refusals;
		out[6] = h->told;
		put_u32(out + 8, h->day);
		put_u32(out + 12, h->length);
		put_u64(out + 16, h->slot);
		memcpy(out + 24, h->h, HASH_LEN);
		out[56] = h->cover;
		out[57] = h->wait.ripe;
		out[58] = h->wait.leaves;
		put_u64(out + 64, h->wait.last_slot);
		put_u64(out + 72, h->wait.end_slot);
	}
	finish(KIND_HEAD, place, out, HEAD_BYTES);
}

enum rc
head_decode(const uint8_t *raw, size_t len, uint64_t place, struct head *out)
{
	if (check(KIND_HEAD, place, raw, len, HEAD_BYTES) != RC_OK)
		return RC_BAD;
	if (raw[1] > STATE_DEAD || raw[2] >= CLASS_COUNT ||
	    raw[3] > LANE_FAST || raw[4] >= MAX_DESTINATIONS || raw[56] > 1 ||
	    raw[57] > 1 || raw[58] > 1)
		return RC_BAD;
	out->state = (enum state)raw[1];
	out->class = raw[2];
	out->lane = raw[3];
	out->destination = raw[4];
	out->refusals = raw[5];
	out->told = raw[6];
	out->day = get_u32(raw + 8);
	out->length = get_u32(raw + 12);
	out->slot = get_u64(raw + 16);
	memcpy(out->h, raw + 24, HASH_LEN);
	out->cover = raw[56];
	out->wait.ripe = raw[57];
	out->wait.leaves = raw[58];
	out->wait.last_slot = get_u64(raw + 64);
	out->wait.end_slot = get_u64(raw + 72);
	if (out->length > CLASS_BYTES(out->class) + SEAL_ROOM)
		return RC_BAD;
	return RC_OK;
}

void
receipt_encode(const struct receipt *r, uint64_t place,
    uint8_t out[RECEIPT_BYTES])
{
	memset(out, 0, RECEIPT_BYTES);
	out[0] = VERSION;
	if (r->used) {
		out[1] = 1;
		out[2] = r->class;
		put_u32(out + 4, r->day);
		memcpy(out + 8, r->k, HASH_LEN);
		memcpy(out + 40, r->dup, HASH_LEN);
		memcpy(out + 72, r->c, HASH_LEN);
		memcpy(out + 104, r->h, HASH_LEN);
	}
	finish(KIND_RECEIPT, place, out, RECEIPT_BYTES);
}

enum rc
receipt_decode(const uint8_t *raw, size_t len, uint64_t place,
    struct receipt *out)
{
	if (check(KIND_RECEIPT, place, raw, len, RECEIPT_BYTES) != RC_OK ||
	    raw[1] > 1 || raw[2] >= CLASS_COUNT)
		return RC_BAD;
	out->used = raw[1];
	out->damaged = 0;
	out->class = raw[2];
	out->day = get_u32(raw + 4);
	memcpy(out->k, raw + 8, HASH_LEN);
	memcpy(out->dup, raw + 40, HASH_LEN);
	memcpy(out->c, raw + 72, HASH_LEN);
	memcpy(out->h, raw + 104, HASH_LEN);
	return RC_OK;
}

void
entry_encode(const struct entry *e, uint64_t place, uint8_t out[ENTRY_BYTES])
{
	memset(out, 0, ENTRY_BYTES);
	out[0] = VERSION;
	if (e->used) {
		out[1] = 1;
		put_u16(out + 2, e->length);
		memcpy(out + 8, e->text, e->length);
	}
	finish(KIND_ENTRY, place, out, ENTRY_BYTES);
}

enum rc
entry_decode(const uint8_t *raw, size_t len, uint64_t place, struct entry *out)
{
	if (check(KIND_ENTRY, place, raw, len, ENTRY_BYTES) != RC_OK ||
	    raw[1] > 1)
		return RC_BAD;
	out->used = raw[1];
	out->length = get_u16(raw + 2);
	if (out->length > ENTRY_MOST)
		return RC_BAD;
	memcpy(out->text, raw + 8, out->length);
	out->text[out->length] = '\0';
	return RC_OK;
}
