/* FNV-1a, 64 bit: a sum that tells a mix-up, not an attack. */
#ifndef CUTOUT_FNV_H
#define CUTOUT_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(14695981039346656037)

/* Goes on with v, which begins as FNV_START. */
static inline uint64_t
fnv(uint64_t v, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		v = (v ^ p[i]) * UINT64_C(1099511628211);
	return v;
}

#endif
