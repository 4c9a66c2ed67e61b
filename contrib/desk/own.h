/* The recipients that this desk knows: its own keys, of which there are several
 * while they are changed (old items stay sealed to the old one), and
 * colleagues' certificates, so that a stranger among the recipients of an item
 * is noticed. */
#ifndef CUTOUT_DESK_OWN_H
#define CUTOUT_DESK_OWN_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "folder.h"
#include "profile.h"
#include "result.h"

enum { OWN_MAX = 64 };

struct own_key {
	char name[FOLDER_NAME_MAX + 1]; /* "recipient.crt" */
	X509 *cert;
	EVP_PKEY *key; /* NULL: a colleague's certificate */
	uint8_t ski[SKI_LEN];
};

/* Owns the keys. */
struct own {
	size_t count;
	struct own_key key[OWN_MAX];
};

/* Loads every recipient*.crt of the folder with the .key beside it, if it has
 * one; what cutout-keys renew set aside, recipient.crt.old-..., too. On failure
 * it was complained about: RC_NOTFOUND: no folder, or no key; RC_DENIED: others
 * may read a key, or it belongs to another certificate; RC_LIMIT: over OWN_MAX;
 * RC_CONFIG, RC_BAD, RC_IO, RC_NOMEM. */
enum rc own_load(const char *keys_path, struct own *out) MUST_USE;
void own_clear(struct own *own);

/* The certificate with this identifier, or NULL; borrowed. */
const struct own_key *own_find(const struct own *own,
    const uint8_t ski[SKI_LEN]);

/* How many of those that an envelope is sealed to this desk does not know. */
size_t own_strangers(const struct own *own, const struct profile *envelope);

#endif
