/* What the commands of cutout-keys share. */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "complain.h"
#include "pair.h"

struct folder *
command_change(const struct call *call)
{
	struct folder *f = NULL;
	enum rc rc = folder_change(call->dir, &f);

	if (rc == RC_OK)
		return f;
	if (rc == RC_AGAIN)
		complain("%s: another program is changing this folder now; "
			 "try again when it is done",
		    call->dir);
	else
		complain("%s: can not make or open this folder: %s", call->dir,
		    strerror(errno));
	return NULL;
}

struct folder *
command_open(const struct call *call)
{
	struct folder *f = NULL;

	if (folder_open(call->dir, &f) == RC_OK)
		return f;
	complain("%s: %s. Give the folder that cutout-keys made, "
		 "or make one: cutout-keys authority DIR partner",
	    call->dir, strerror(errno));
	return NULL;
}

struct authority *
command_authority_open(struct folder *f, const char *base)
{
	struct authority *a = NULL;
	enum rc rc = authority_open(f, base, &a);

	if (rc == RC_OK)
		return a;
	if (rc == RC_NOTFOUND && strcmp(base, POLICE_BASE) == 0)
		complain("%s: %s.crt and %s.key are needed to sign and are not "
			 "both here; bring them from where they are kept",
		    folder_path(f), base, base);
	else if (rc == RC_NOTFOUND)
		complain("%s: %s.crt and %s.key are needed to sign and are not "
			 "both here. Make them: cutout-keys authority %s %s",
		    folder_path(f), base, base, folder_path(f),
		    strcmp(base, PARTNER_BASE) == 0 ? "partner" : "gateway");
	else if (rc == RC_DENIED)
		complain("%s: %s.crt and %s.key do not belong together; bring "
			 "back the right pair from your backup",
		    folder_path(f), base, base);
	else
		complain("%s: %s can not be read: %s", folder_path(f), base,
		    rc_text(rc));
	return NULL;
}

int
command_failed(const struct folder *f, const char *name, enum rc rc)
{
	switch (rc) {
	case RC_DUPLICATE:
		complain("%s/%s is there already and stays as it is. Nothing "
			 "is ever overwritten: use `cutout-keys renew`, or "
			 "move "
			 "the old files away yourself",
		    folder_path(f), name);
		break;
	case RC_FULL:
		complain("%s/%s: the disk is full; make room and try again",
		    folder_path(f), name);
		break;
	case RC_IO:
		complain("%s/%s: %s", folder_path(f), name, strerror(errno));
		break;
	default:
		complain("%s/%s: %s", folder_path(f), name, rc_text(rc));
	}
	return EXIT_FAILED;
}

enum rc
command_partner_name(const char *name)
{
	static const char *const ours[] = {"tls", "origin", "log", "promise",
	    "forward", PARTNER_BASE, GATEWAY_BASE, POLICE_BASE};
	size_t len = strlen(name);

	if (len == 0 || len > PARTNER_NAME_MAX || name[0] == '-' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		return RC_BAD;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (strcmp(name, ours[i]) == 0)
			return RC_BAD;
	}
	return RC_OK;
}

enum rc
command_pair(struct folder *f, const char *name,
    struct certificate_order *order)
{
	char key_name[FOLDER_NAME_MAX], crt_name[FOLDER_NAME_MAX];
	EVP_PKEY *pair = NULL;
	X509 *c = NULL;
	enum rc rc = RC_OK;

	snprintf(key_name, sizeof(key_name), "%s.key", name);
	snprintf(crt_name, sizeof(crt_name), "%s.crt", name);
	if (folder_has(f, key_name) || folder_has(f, crt_name))
		return RC_DUPLICATE;
	if (order->key == NULL) {
		rc = pair_new(PAIR_P256, &pair);
		order->key = pair;
	}
	if (rc == RC_OK)
		rc = certificate_new(order, &c);
	if (rc == RC_OK && pair != NULL)
		rc = pair_write_private(f, key_name, pair, 0);
	if (rc == RC_OK)
		rc = certificate_write(f, crt_name, c, 0);
	if (pair != NULL)
		order->key = NULL;
	EVP_PKEY_free(pair);
	X509_free(c);
	return rc;
}

enum rc
command_request_key(const char *path, EVP_PKEY **out)
{
	BIO *bio = NULL;
	X509_REQ *request = NULL;
	EVP_PKEY *key = NULL;
	enum rc rc = RC_IO;

	bio = BIO_new_file(path, "r");
	if (bio == NULL)
		goto out;
	rc = RC_BAD;
	request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	if (request == NULL)
		goto out;
	rc = RC_DENIED;
	/* proof that who asks has the private key */
	key = X509_REQ_get_pubkey(request);
	if (key == NULL || X509_REQ_verify(request, key) != 1)
		goto out;
	rc = pair_check_p256(key);
	if (rc != RC_OK)
		goto out;
	*out = key;
	key = NULL;
out:
	EVP_PKEY_free(key);
	X509_REQ_free(request);
	BIO_free(bio);
	return rc;
}

void
command_day(const ASN1_TIME *t, char out[11])
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1 ||
	    strftime(out, 11, "%Y-%m-%d", &tm) == 0)
		snprintf(out, 11, "?");
}
