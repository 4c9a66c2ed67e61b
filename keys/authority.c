/* An authority and everything it signs. */
#include "authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crl.h"
#include "pair.h"
#include "revoked.h"

enum { DAY_S = 86400, NAME_TEXT = AUTHORITY_BASE_MAX + 16 };

struct authority {
	char base[AUTHORITY_BASE_MAX + 1];
	X509 *certificate;
	EVP_PKEY *key;
};

static const char *
file_name(char name[NAME_TEXT], const char *base, const char *suffix)
{
	snprintf(name, NAME_TEXT, "%s.%s", base, suffix);
	return name;
}

static enum rc
authority_new(const char *base, struct authority **out)
{
	struct authority *a;

	if (strlen(base) > AUTHORITY_BASE_MAX)
		return RC_LIMIT;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return RC_NOMEM;
	memcpy(a->base, base, strlen(base) + 1);
	*out = a;
	return RC_OK;
}

void
authority_free(struct authority *a)
{
	if (a == NULL)
		return;
	X509_free(a->certificate);
	EVP_PKEY_free(a->key);
	free(a);
}

/* Every file is looked for before the first one is made: a refusal leaves the
 * folder as it was. */
static enum rc
nothing_there(const struct folder *f, const char *base)
{
	static const char *const suffixes[] = {"key", "crt", "crl", "revoked"};
	char name[NAME_TEXT];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (folder_has(f, file_name(name, base, suffixes[i])))
			return RC_DUPLICATE;
	}
	return RC_OK;
}

enum rc
authority_make(struct folder *f, const struct authority_order *o, time_t now_s,
    struct authority **out)
{
	struct authority *a = NULL;
	struct certificate_order order = {
	    .purpose = PURPOSE_AUTHORITY,
	    .organisation = o->organisation,
	    .common = o->common,
	    .demo = o->demo,
	    .from_s = now_s,
	    .until_s = now_s + (time_t)o->days * DAY_S,
	};
	char name[NAME_TEXT];
	enum rc rc;

	rc = authority_new(o->base, &a);
	if (rc == RC_OK)
		rc = nothing_there(f, a->base);
	if (rc == RC_OK)
		rc = pair_new(PAIR_P256, &a->key);
	if (rc != RC_OK)
		goto out;
	order.key = a->key;
	rc = certificate_new(&order, &a->certificate);
	/* the key first: a certificate without its key would be useless */
	if (rc == RC_OK)
		rc = pair_write_private(f, file_name(name, a->base, "key"),
		    a->key, 0);
	if (rc == RC_OK)
		rc = certificate_write(f, file_name(name, a->base, "crt"),
		    a->certificate, 0);
	if (rc == RC_OK)
		rc = authority_list(f, a, now_s, o->crl_days);
	if (rc != RC_OK)
		goto out;
	*out = a;
	a = NULL;
out:
	authority_free(a);
	return rc;
}

enum rc
authority_open(struct folder *f, const char *base, struct authority **out)
{
	struct authority *a = NULL;
	char name[NAME_TEXT];
	enum rc rc;

	rc = authority_new(base, &a);
	if (rc == RC_OK)
		rc = certificate_read(f, file_name(name, base, "crt"),
		    &a->certificate);
	if (rc == RC_OK)
		rc =
		    pair_read_private(f, file_name(name, base, "key"), &a->key);
	if (rc == RC_OK && X509_check_private_key(a->certificate, a->key) != 1)
		rc = RC_DENIED;
	if (rc == RC_OK) {
		*out = a;
		a = NULL;
	}
	authority_free(a);
	return rc;
}

X509 *
authority_certificate(const struct authority *a)
{
	return a->certificate;
}

EVP_PKEY *
authority_key(const struct authority *a)
{
	return a->key;
}

const char *
authority_base(const struct authority *a)
{
	return a->base;
}

int
authority_is_demo(const struct authority *a)
{
	return certificate_is_demo(a->certificate);
}

void
authority_signs(const struct authority *a, struct certificate_order *o)
{
	o->by = a->certificate;
	o->by_key = a->key;
	o->demo = authority_is_demo(a);
}

/* The text list is on the disk before the signed one: if the second step
 * fails, `cutout-keys crl` makes it again and nothing is forgotten. */
static enum rc
sign_list(struct folder *f, const struct authority *a, struct revoked *list,
    time_t now_s, long crl_days)
{
	char name[NAME_TEXT];
	X509_CRL *crl = NULL;
	enum rc rc;

	list->number++;
	rc = revoked_write(f, file_name(name, a->base, "revoked"), list);
	if (rc == RC_OK)
		rc = crl_new(list, a->certificate, a->key, now_s, crl_days,
		    &crl);
	if (rc == RC_OK)
		rc = crl_write(f, file_name(name, a->base, "crl"), crl);
	X509_CRL_free(crl);
	return rc;
}

enum rc
authority_list(struct folder *f, struct authority *a, time_t now_s,
    long crl_days)
{
	struct revoked *list = NULL;
	char name[NAME_TEXT];
	enum rc rc;

	rc = revoked_read(f, file_name(name, a->base, "revoked"), &list);
	if (rc == RC_OK)
		rc = sign_list(f, a, list, now_s, crl_days);
	free(list);
	return rc;
}

enum rc
authority_revoke(struct folder *f, struct authority *a, const X509 *c,
    const char *label, time_t now_s, long crl_days)
{
	struct revoked *list = NULL;
	char name[NAME_TEXT], when[WHEN_TEXT + 1], *serial = NULL;
	struct tm utc;
	int known;
	enum rc rc = RC_DENIED;

	/* by the signature, not by the name alone */
	if (X509_verify((X509 *)(uintptr_t)c, a->key) != 1)
		goto out;
	rc = revoked_read(f, file_name(name, a->base, "revoked"), &list);
	if (rc != RC_OK)
		goto out;
	rc = RC_NOMEM;
	serial = certificate_serial(c);
	if (serial == NULL || gmtime_r(&now_s, &utc) == NULL ||
	    strftime(when, sizeof(when), "%Y%m%d%H%M%SZ", &utc) != WHEN_TEXT)
		goto out;
	rc = revoked_add(list, serial, when, label);
	known = rc == RC_DUPLICATE;
	if (rc != RC_OK && !known)
		goto out;
	rc = sign_list(f, a, list, now_s, crl_days);
	if (rc == RC_OK && known)
		rc = RC_DUPLICATE;
out:
	OPENSSL_free(serial);
	free(list);
	return rc;
}
