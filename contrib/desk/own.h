/* This desk's recipient keys. There is more than one while keys are changed:
 * old items stay sealed to the old one. */
#ifndef CUTOUT_DESK_OWN_H
#define CUTOUT_DESK_OWN_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "folder.h"
#include "profile.h"
#include "result.h"

enum { OWN_MAX = 16 };

struct own_key {
	char name[FOLDER_NAME_MAX + 1]; /* "recipient.crt" */
	X509 *cert;
	EVP_PKEY *key;
	uint8_t ski[SKI_LEN];
};

/* Owns the keys. */
struct own {
	size_t count;
	struct own_key key[OWN_MAX];
};

/* Loads every recipient*.crt of the folder that has its .key beside it. On
 * failure it was complained about: RC_NOTFOUND: no folder, or no such key;
 * RC_DENIED: others may read a key, or it belongs to another certificate;
 * RC_LIMIT: over OWN_MAX; RC_CONFIG, RC_BAD, RC_IO, RC_NOMEM. */
enum rc own_load(const char *keys_path, struct own *out) MUST_USE;
void own_clear(struct own *own);

/* The next of them from place i on that the envelope is sealed to, or
 * own->count. */
size_t own_find(const struct own *own, const struct profile *envelope,
    size_t i);

#endif
