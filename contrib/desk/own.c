/* The recipients that this desk knows. */
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "complain.h"
#include "tls.h"

static const char prefix[] = "recipient", certificate[] = ".crt",
		  aside[] = ".old-";

struct loading {
	struct folder *folder;
	struct own *own;
};

/* The name of the key of a certificate: the same with .key in the place of
 * .crt. RC_NOTFOUND: it is not the name of a recipient's certificate. */
static enum rc
key_name_of(const char *name, char key_name[FOLDER_NAME_MAX + 1])
{
	const char *dot = strstr(name, certificate), *rest;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 || dot == NULL ||
	    strlen(name) > FOLDER_NAME_MAX)
		return RC_NOTFOUND;
	rest = dot + sizeof(certificate) - 1;
	if (*rest != '\0' && strncmp(rest, aside, sizeof(aside) - 1) != 0)
		return RC_NOTFOUND;
	/* can not be cut: .key is as long as .crt */
	snprintf(key_name, FOLDER_NAME_MAX + 1, "%.*s.key%s", (int)(dot - name),
	    name, rest);
	return RC_OK;
}

/* The certificate, and its key when it is here. */
static enum rc
load_pair(const struct folder *f, const char *name, const char *key_name,
    struct own_key *k)
{
	enum rc rc;

	snprintf(k->name, sizeof(k->name), "%s", name);
	if (folder_has(f, key_name))
		rc = desk_key(f, name, key_name, &k->cert, &k->key);
	else
		rc = desk_certificate(f, name, &k->cert);
	if (rc != RC_OK)
		return rc;
	rc = cert_ski(k->cert, k->ski);
	if (rc != RC_OK)
		complain("%s/%s: it has no subject key identifier, so nothing "
			 "is sealed to it",
		    folder_path(f), name);
	return rc;
}

static enum rc
load_one(const char *name, void *arg)
{
	const struct loading *l = arg;
	struct own *own = l->own;
	struct own_key *k = &own->key[own->count];
	char key_name[FOLDER_NAME_MAX + 1];
	const struct own_key *same;
	enum rc rc;

	if (key_name_of(name, key_name) != RC_OK)
		return RC_OK;
	if (own->count == OWN_MAX) {
		complain("%s: more than %d recipients' certificates",
		    folder_path(l->folder), OWN_MAX);
		return RC_LIMIT;
	}
	rc = load_pair(l->folder, name, key_name, k);
	same = rc == RC_OK ? own_find(own, k->ski) : NULL;
	/* a renewed certificate has the key and identifier of the old one */
	if (rc == RC_OK && (same == NULL || same->key == NULL)) {
		own->count++;
		return RC_OK;
	}
	X509_free(k->cert);
	EVP_PKEY_free(k->key);
	memset(k, 0, sizeof(*k));
	return rc;
}

static int
has_key(const struct own *own)
{
	for (size_t i = 0; i < own->count; i++) {
		if (own->key[i].key != NULL)
			return 1;
	}
	return 0;
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
	rc = folder_each(l.folder, "", "", load_one, &l);
	if (rc == RC_OK && !has_key(out)) {
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

const struct own_key *
own_find(const struct own *own, const uint8_t ski[SKI_LEN])
{
	const struct own_key *found = NULL;

	for (size_t i = 0; i < own->count; i++) {
		if (memcmp(own->key[i].ski, ski, SKI_LEN) == 0 &&
		    (found == NULL || found->key == NULL))
			found = &own->key[i];
	}
	return found;
}

size_t
own_strangers(const struct own *own, const struct profile *envelope)
{
	size_t count = envelope->others;

	for (size_t i = 0; i < envelope->recipients; i++)
		count += own_find(own, envelope->ski[i]) == NULL;
	return count;
}
