/* A 64-bit mix for telling things of one report apart (FNV-1a with a final
 * stir). Not for secrets and not for anything an answer depends on beyond a
 * clear finding: an attacker who makes two of their own entities collide only
 * has their own report returned. */
#ifndef CUTOUT_HASH_H
#define CUTOUT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t
hash_byte(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t
hash_bytes(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 0; len--)
		hash = hash_byte(hash, *p++);
	return hash;
}

static inline uint64_t
hash_number(uint64_t hash, uint64_t v)
{
	hash ^= v;
	hash *= UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 29;
}

#endif
