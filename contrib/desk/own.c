/* This desk's recipient keys. */
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "complain.h"
#include "tls.h"

static const char prefix[] = "recipient", suffix[] = ".crt";

struct loading {
	struct folder *folder;
	struct own *own;
};

static enum rc
load_one(const char *name, void *arg)
{
	const struct loading *l = arg;
	struct own_key *k = &l->own->key[l->own->count];
	char base[FOLDER_NAME_MAX + 1], key_name[FOLDER_NAME_MAX + 8];
	enum rc rc;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return RC_OK;
	snprintf(base, sizeof(base), "%.*s",
	    (int)(strlen(name) - (sizeof(suffix) - 1)), name);
	snprintf(key_name, sizeof(key_name), "%s.key", base);
	if (!folder_has(l->folder, key_name))
		return RC_OK; /* of a colleague, say */
	if (l->own->count == OWN_MAX) {
		complain("%s: more than %d recipient keys",
		    folder_path(l->folder), OWN_MAX);
		return RC_LIMIT;
	}
	rc = desk_key(l->folder, base, &k->cert, &k->key);
	if (rc != RC_OK)
		return rc;
	l->own->count++;
	snprintf(k->name, sizeof(k->name), "%s", name);
	rc = cert_ski(k->cert, k->ski);
	if (rc != RC_OK)
		complain("%s/%s: it has no subject key identifier, so nothing "
			 "is sealed to it",
		    folder_path(l->folder), name);
	return rc;
}

enum rc
own_load(const char *keys_path, struct own *out)
{
	struct loading l = {.own = out};
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = folder_open(keys_path, &l.folder);
	if (rc != RC_OK) {
		complain("--keys %s: %s. Give the folder that cutout-desk "
			 "init made",
		    keys_path, strerror(errno));
		return rc;
	}
	rc = folder_each(l.folder, "", suffix, load_one, &l);
	if (rc == RC_OK && out->count == 0) {
		complain("--keys %s: no recipient.crt with its recipient.key "
			 "is there, so no report can be opened",
		    keys_path);
		rc = RC_NOTFOUND;
	}
	folder_free(l.folder);
	if (rc != RC_OK)
		own_clear(out);
	return rc;
}

void
own_clear(struct own *own)
{
	for (size_t i = 0; i < own->count; i++) {
		X509_free(own->key[i].cert);
		EVP_PKEY_free(own->key[i].key);
	}
	memset(own, 0, sizeof(*own));
}

size_t
own_find(const struct own *own, const struct profile *envelope, size_t i)
{
	for (; i < own->count; i++) {
		for (size_t j = 0; j < envelope->recipients; j++) {
			if (memcmp(own->key[i].ski, envelope->ski[j],
				SKI_LEN) == 0)
				return i;
		}
	}
	return i;
}
