/* The commands that change what is there: revoke, crl, renew. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "complain.h"
#include "pair.h"
#include "revoked.h"

enum { DAY_S = 86400, OLD_DIGITS = 16 };

/* NAME as typed, to the file's name without ending: a key of the gateway or of
 * a desk stands in the folder itself, everybody else under partners/. */
static void
base_of(const struct folder *f, const char *name, char out[FOLDER_NAME_MAX])
{
	char crt[FOLDER_NAME_MAX];
	int partner = command_partner_name(name) == RC_OK;

	if (partner) {
		snprintf(crt, sizeof(crt), "%s.crt", name);
		partner = !folder_has(f, crt);
	}
	snprintf(out, FOLDER_NAME_MAX, "%s%s", partner ? "partners/" : "",
	    name);
}

/* A desk's folder has copies in public/ for the gateway's operator: they
 * follow. */
static enum rc
publish(struct folder *f, const char *base, const char *suffix)
{
	char name[FOLDER_NAME_MAX + 8], copy[FOLDER_NAME_MAX + 16];
	struct buf *b = NULL;
	enum rc rc;

	snprintf(name, sizeof(name), "%s.%s", base, suffix);
	snprintf(copy, sizeof(copy), "public/%s", name);
	if (!folder_has(f, copy))
		return RC_OK;
	rc = folder_read(f, name, &b);
	if (rc == RC_OK)
		rc = folder_replace(f, copy, 0644, buf_data(b), buf_len(b));
	buf_free(b);
	return rc;
}

/* Which of the authorities signed c. */
static struct authority *
signer_of(struct folder *f, X509 *c)
{
	static const char *const bases[] = {
	    PARTNER_BASE, GATEWAY_BASE, POLICE_BASE};
	char name[FOLDER_NAME_MAX];
	X509 *issuer = NULL;
	int found = 0;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		snprintf(name, sizeof(name), "%s.crt", bases[i]);
		if (certificate_read(f, name, &issuer) != RC_OK)
			continue;
		found = X509_verify(c, X509_get0_pubkey(issuer)) == 1;
		X509_free(issuer);
		issuer = NULL;
		if (found)
			return command_authority_open(f, bases[i]);
	}
	complain("%s: no authority here issued this certificate",
	    folder_path(f));
	return NULL;
}

struct revoking {
	struct folder *f;
	const struct call *call;
	const char *base;
	size_t done, known;
};

static enum rc
revoke_one(struct revoking *r, X509 *c, const char *label)
{
	struct authority *a = signer_of(r->f, c);
	enum rc rc;

	if (a == NULL)
		return RC_NOTFOUND;
	rc = authority_revoke(r->f, a, c, label, r->call->now_s,
	    r->call->crl_days != 0 ? r->call->crl_days
	    : authority_is_demo(a) ? DAYS_DEMO
				   : DAYS_CRL);
	if (rc == RC_OK || rc == RC_DUPLICATE) {
		enum rc copied = publish(r->f, authority_base(a), "crl");

		rc = copied == RC_OK ? rc : copied;
	}
	authority_free(a);
	if (rc == RC_OK)
		r->done++;
	else if (rc == RC_DUPLICATE)
		r->known++;
	else {
		command_failed(r->f, label, rc);
		return rc;
	}
	return RC_OK;
}

/* The certificate in use and every older one of that name: whoever has the
 * key must get in with none of them. */
static enum rc
revoke_if_named(const char *name, void *ctx)
{
	struct revoking *r = ctx;
	size_t len = strlen(r->base);
	X509 *c = NULL;
	enum rc rc;

	if (strncmp(name, r->base, len) != 0 ||
	    strncmp(name + len, ".crt", 4) != 0)
		return RC_OK;
	if (name[len + 4] != '\0' && strncmp(name + len + 4, ".old-", 5) != 0)
		return RC_OK;
	rc = certificate_read(r->f, name, &c);
	if (rc != RC_OK) {
		command_failed(r->f, name, rc);
		return rc;
	}
	rc = revoke_one(r, c, name);
	X509_free(c);
	return rc;
}

static enum rc
revoke_file(struct revoking *r, const char *path)
{
	BIO *bio = BIO_new_file(path, "r");
	X509 *c = NULL;
	enum rc rc = RC_BAD;

	if (bio != NULL)
		c = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (c == NULL)
		complain("%s: is not a readable certificate in PEM", path);
	else
		rc = revoke_one(r, c, "by-file");
	X509_free(c);
	BIO_free(bio);
	return rc;
}

static int
run_revoke(const struct call *call)
{
	char base[FOLDER_NAME_MAX];
	struct revoking r = {.call = call, .base = base};
	enum rc rc;

	if ((call->arg_count == 1) == (call->certificate != NULL)) {
		complain("revoke: give NAME or --certificate FILE");
		return EXIT_USAGE;
	}
	r.f = command_change(call);
	if (r.f == NULL)
		return EXIT_FAILED;
	if (call->certificate != NULL)
		rc = revoke_file(&r, call->certificate);
	else {
		base_of(r.f, call->args[0], base);
		rc = folder_each(r.f, strchr(base, '/') ? "partners" : "", "",
		    revoke_if_named, &r);
	}
	if (rc == RC_OK && r.done + r.known == 0) {
		complain("%s/%s.crt is not here. `cutout-keys list %s` shows "
			 "the names; --certificate FILE revokes any file",
		    call->dir, base, call->dir);
		rc = RC_NOTFOUND;
	}
	if (rc == RC_OK) {
		printf("revoked: %zu, revoked before: %zu; the list is signed "
		       "anew\n",
		    r.done, r.known);
		printf("Next: copy the new .crl to the gateway and send "
		       "cutoutd a SIGHUP; it counts from then on.\n");
	}
	folder_free(r.f);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_revoke = {"revoke", "Cc", 0, 1,
    "revoke DIR NAME | revoke DIR --certificate FILE  [--crl-days N]",
    "Puts every certificate of NAME (a partner, tls, origin, forward, or a key "
    "of\n"
    "a desk), old ones too, or the one in FILE, on its authority's revocation "
    "list\n"
    "and signs that anew. The gateway takes it in at SIGHUP, and hourly.\n",
    run_revoke};

static int
run_crl(const struct call *call)
{
	static const char *const words[] = {"partner", "gateway", "police"};
	static const char *const bases[] = {
	    PARTNER_BASE, GATEWAY_BASE, POLICE_BASE};
	const char *only = call->arg_count == 1 ? call->args[0] : NULL;
	struct folder *f;
	size_t done = 0;
	enum rc rc = RC_OK;

	if (only != NULL && strcmp(only, words[0]) != 0 &&
	    strcmp(only, words[1]) != 0 && strcmp(only, words[2]) != 0) {
		complain("crl: say `partner`, `gateway` or `police`, not `%s`",
		    only);
		return EXIT_USAGE;
	}
	f = command_change(call);
	for (size_t i = 0;
	     f != NULL && rc == RC_OK && i < sizeof(bases) / sizeof(bases[0]);
	     i++) {
		char key[FOLDER_NAME_MAX];
		struct authority *a;

		snprintf(key, sizeof(key), "%s.key", bases[i]);
		/* unnamed, an authority that lives elsewhere is no failure */
		if (only != NULL ? strcmp(only, words[i]) != 0
				 : !folder_has(f, key))
			continue;
		a = command_authority_open(f, bases[i]);
		rc = a == NULL ? RC_NOTFOUND
			       : authority_list(f, a, call->now_s,
				     call->crl_days != 0    ? call->crl_days
				     : authority_is_demo(a) ? DAYS_DEMO
							    : DAYS_CRL);
		if (rc == RC_OK)
			rc = publish(f, bases[i], "crl");
		if (a != NULL && rc != RC_OK)
			command_failed(f, bases[i], rc);
		if (rc == RC_OK)
			printf("signed %s/%s.crl\n", call->dir, bases[i]);
		done += rc == RC_OK;
		authority_free(a);
	}
	if (f != NULL && rc == RC_OK && done == 0)
		complain("%s: there is no authority here to sign a list; make "
			 "one: cutout-keys authority %s partner",
		    call->dir, call->dir);
	else if (f != NULL && rc == RC_OK)
		printf("Next: copy the .crl to the gateway (and "
		       "gateway-authority.crl to the desk), then reload.\n");
	folder_free(f);
	return f != NULL && rc == RC_OK && done > 0 ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_crl = {"crl", "c", 0, 1,
    "crl DIR [partner|gateway|police] [--crl-days N]",
    "Signs fresh revocation lists, one number higher, of the authorities "
    "whose\n"
    "key is in DIR. A list counts for 30 days (24 months in a demonstration);\n"
    "when it is older, everything that it covers is refused. Run this weekly, "
    "by\n"
    "a timer. `police` is the authority that cutout-desk init made in DIR.\n",
    run_crl};

/* Names for what is set aside: NAME.crt.old-<first digits of the serial>. */
static enum rc
set_aside(struct folder *f, const char *base, const char *suffix, X509 *old)
{
	char name[FOLDER_NAME_MAX + 8], kept[FOLDER_NAME_MAX + 40];
	char *serial = certificate_serial(old);
	enum rc rc;

	if (serial == NULL)
		return RC_NOMEM;
	snprintf(name, sizeof(name), "%s.%s", base, suffix);
	snprintf(kept, sizeof(kept), "%s.old-%.*s", name, OLD_DIGITS, serial);
	OPENSSL_free(serial);
	rc = folder_keep(f, name, kept);
	/* a run that was cut short may have kept it already */
	return rc == RC_DUPLICATE ? RC_OK : rc;
}

struct renewal {
	struct folder *f;
	const struct call *call;
	char base[FOLDER_NAME_MAX], crt[FOLDER_NAME_MAX + 8],
	    key[FOLDER_NAME_MAX + 8];
	X509 *old;
	EVP_PKEY *pair; /* NULL: the old public key again */
	int pair_is_ours;
};

static enum rc
renewal_key(struct renewal *r)
{
	enum rc rc = RC_OK;

	if (r->call->request != NULL) {
		rc = command_request_key(r->call->request, &r->pair);
		if (rc != RC_OK)
			complain("%s: is not a certificate request signed with "
				 "its own P-256 key",
			    r->call->request);
	} else if (r->call->new_key) {
		rc = pair_new(PAIR_P256, &r->pair);
		r->pair_is_ours = 1;
	}
	return rc;
}

/* Whether the new certificate would carry the old key; a request may, too. */
static int
same_key(const struct renewal *r)
{
	return r->pair == NULL ||
	       EVP_PKEY_eq(r->pair, X509_get0_pubkey(r->old)) == 1;
}

/* An old certificate whose key may be in the wrong hands is not renewed. */
static enum rc
not_revoked(struct renewal *r, const char *authority)
{
	struct revoked *list = NULL;
	char name[FOLDER_NAME_MAX], *serial = certificate_serial(r->old);
	enum rc rc;

	snprintf(name, sizeof(name), "%s.revoked", authority);
	rc = serial == NULL ? RC_NOMEM : revoked_read(r->f, name, &list);
	if (rc == RC_OK && revoked_has(list, serial) && same_key(r)) {
		complain("%s/%s is revoked, and so is its key: say --new-key "
			 "(or --request FILE with another key) to bring it "
			 "back",
		    folder_path(r->f), r->crt);
		rc = RC_DENIED;
	}
	OPENSSL_free(serial);
	free(list);
	return rc;
}

static enum rc
renewal_write(struct renewal *r, X509 *fresh)
{
	int had_key = folder_has(r->f, r->key);
	enum rc rc;

	rc = set_aside(r->f, r->base, "crt", r->old);
	if (rc == RC_OK && r->pair_is_ours && had_key)
		rc = set_aside(r->f, r->base, "key", r->old);
	if (rc == RC_OK && r->pair_is_ours)
		rc = pair_write_private(r->f, r->key, r->pair, 1);
	if (rc == RC_OK)
		rc = certificate_write(r->f, r->crt, fresh, 1);
	if (rc == RC_OK)
		rc = publish(r->f, r->base, "crt");
	if (rc != RC_OK)
		command_failed(r->f, r->crt, rc);
	return rc;
}

static enum rc
renew(struct renewal *r)
{
	struct certificate_order o = {.from_s = r->call->now_s};
	struct authority *a = NULL;
	X509 *fresh = NULL;
	long days = r->call->days;
	char day[11];
	enum rc rc;

	rc = certificate_purpose(r->old, &o.purpose);
	if (rc != RC_OK) {
		complain("%s/%s was not made by cutout-keys", folder_path(r->f),
		    r->crt);
		return rc;
	}
	a = signer_of(r->f, r->old);
	if (a == NULL)
		return RC_NOTFOUND;
	rc = renewal_key(r);
	if (rc == RC_OK)
		rc = not_revoked(r, authority_base(a));
	if (rc != RC_OK)
		goto out;
	if (days == 0)
		days = authority_is_demo(a)             ? DAYS_DEMO
		       : o.purpose == PURPOSE_AUTHORITY ? DAYS_AUTHORITY
							: DAYS_LEAF;
	o.until_s = r->call->now_s + (time_t)days * DAY_S;
	o.again = r->old;
	o.key = r->pair != NULL ? r->pair : X509_get0_pubkey(r->old);
	if (o.purpose == PURPOSE_AUTHORITY)
		o.key = authority_key(a); /* signs itself again */
	else
		authority_signs(a, &o);
	rc = certificate_new(&o, &fresh);
	if (rc != RC_OK)
		command_failed(r->f, r->crt, rc);
	else
		rc = renewal_write(r, fresh);
	if (rc == RC_OK) {
		command_day(X509_get0_notAfter(fresh), day);
		printf("renewed %s/%s until %s%s\n", folder_path(r->f), r->crt,
		    day, r->pair != NULL ? ", with a new key" : "");
	}
out:
	X509_free(fresh);
	authority_free(a);
	return rc;
}

static int
run_renew(const struct call *call)
{
	struct renewal r = {.call = call};
	const char *name = call->args[0];
	int authority = strcmp(name, PARTNER_BASE) == 0 ||
			strcmp(name, GATEWAY_BASE) == 0 ||
			strcmp(name, POLICE_BASE) == 0;
	enum rc rc;

	if (strcmp(name, "log") == 0 || strcmp(name, "promise") == 0) {
		complain("renew: %s has no certificate and does not expire; a "
			 "new log key begins a new log",
		    name);
		return EXIT_USAGE;
	}
	if ((authority && (call->new_key || call->request != NULL)) ||
	    (call->new_key && call->request != NULL)) {
		complain("renew: %s",
		    authority
			? "an authority keeps its key; for a new key make a "
			  "new authority in another folder"
			: "give --new-key or --request, not both");
		return EXIT_USAGE;
	}
	r.f = command_change(call);
	if (r.f == NULL)
		return EXIT_FAILED;
	base_of(r.f, name, r.base);
	snprintf(r.crt, sizeof(r.crt), "%s.crt", r.base);
	snprintf(r.key, sizeof(r.key), "%s.key", r.base);
	rc = certificate_read(r.f, r.crt, &r.old);
	if (rc != RC_OK)
		complain("%s/%s: %s. `cutout-keys list %s` shows the names",
		    call->dir, r.crt, rc_text(rc), call->dir);
	else
		rc = renew(&r);
	if (rc == RC_OK)
		printf("Next: bring the new file where the old one was in "
		       "use. The old one lies beside it, as .old-...\n");
	EVP_PKEY_free(r.pair);
	X509_free(r.old);
	folder_free(r.f);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_renew = {"renew", "dkr", 1, 1,
    "renew DIR NAME [--new-key | --request FILE] [--days N]",
    "Makes a new certificate with the subject, names and purpose of the one "
    "in\n"
    "use. NAME is a partner, tls, origin, forward, partner-authority or\n"
    "gateway-authority; in the folder of a desk recipient, ack, server, client "
    "or\n"
    "authority. The key stays the same unless --new-key (a pair made here) or\n"
    "--request (made by the partner) is given; an authority keeps its key "
    "always.\n"
    "The old files stay beside the new ones as NAME.crt.old-...\n",
    run_renew};
