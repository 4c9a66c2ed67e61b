/* The command init: the police make their authority and their keys
 * themselves; the gateway is only given public/. */
#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "authority.h"
#include "complain.h"
#include "pair.h"

enum {
	DAY_S = 86400,
	DAYS_AUTHORITY = 3650,
	DAYS_LEAF = 397,
	DAYS_CRL = 30,
	DAYS_DEMO = 730,
	DAYS_DEMO_AUTHORITY = 760,
	NAME_SIZE = 64
};

static const struct {
	const char *name, *what;
	enum purpose purpose;
} desk_keys[] = {
    {"recipient", "recipient", PURPOSE_RECIPIENT},
    {"ack", "acknowledgements", PURPOSE_SIGNATURE},
    {"server", "desk", PURPOSE_SERVER},
    {"client", "client", PURPOSE_CLIENT},
};

static enum rc
make_one(struct folder *f, const struct authority *a,
    const struct init_order *order, size_t i, time_t now_s)
{
	static const char *const local[] = {"localhost", "127.0.0.1", "::1"};
	char common[NAME_SIZE], file[NAME_SIZE];
	struct certificate_order o = {
	    .purpose = desk_keys[i].purpose,
	    .organisation = order->force,
	    .common = common,
	    .from_s = now_s,
	    .until_s =
		now_s + (time_t)(order->demo ? DAYS_DEMO : DAYS_LEAF) * DAY_S,
	};
	EVP_PKEY *pair = NULL;
	X509 *c = NULL;
	enum rc rc;

	snprintf(common, sizeof(common), "%s %s", order->force,
	    desk_keys[i].what);
	if (o.purpose == PURPOSE_SERVER) {
		o.hosts = order->host_count > 0 ? order->hosts : local;
		o.host_count = order->host_count > 0 ? order->host_count : 3;
	}
	authority_signs(a, &o);
	rc = pair_new(PAIR_P256, &pair);
	o.key = pair;
	if (rc == RC_OK)
		rc = certificate_new(&o, &c);
	snprintf(file, sizeof(file), "%s.key", desk_keys[i].name);
	if (rc == RC_OK)
		rc = pair_write_private(f, file, pair, 0);
	snprintf(file, sizeof(file), "%s.crt", desk_keys[i].name);
	if (rc == RC_OK)
		rc = certificate_write(f, file, c, 0);
	if (rc != RC_OK)
		complain("%s/%s: %s", order->dir, file,
		    rc == RC_BAD ? "a --host is neither a name nor an address"
				 : rc_text(rc));
	EVP_PKEY_free(pair);
	X509_free(c);
	return rc;
}

/* What the gateway gets: certificates and the list, no key. */
static enum rc
make_public(struct folder *f, const char *dir)
{
	static const char *const files[] = {
	    "authority.crt", "authority.crl", "recipient.crt", "ack.crt"};
	char name[NAME_SIZE];
	struct buf *b = NULL;
	enum rc rc;

	rc = folder_inside(f, "public");
	for (size_t i = 0; rc == RC_OK && i < sizeof(files) / sizeof(files[0]);
	     i++) {
		rc = folder_read(f, files[i], &b);
		snprintf(name, sizeof(name), "public/%s", files[i]);
		if (rc == RC_OK)
			rc = folder_add(f, name, 0644, buf_data(b), buf_len(b));
		buf_free(b);
		b = NULL;
	}
	if (rc != RC_OK)
		complain("%s/public: %s", dir, rc_text(rc));
	return rc;
}

static enum rc
nothing_there(const struct folder *f, const char *dir)
{
	static const char *const names[] = {"authority.crt", "authority.key",
	    "authority.crl", "authority.revoked", "recipient.crt",
	    "recipient.key", "ack.crt", "ack.key", "server.crt", "server.key",
	    "client.crt", "client.key", "public"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!folder_has(f, names[i]))
			continue;
		complain("%s/%s is there already and stays as it is. Nothing "
			 "is ever overwritten: choose a new folder",
		    dir, names[i]);
		return RC_DUPLICATE;
	}
	return RC_OK;
}

static void
say_next(const struct init_order *order)
{
	printf("made the police authority and the desk's keys in %s\n"
	       "Next:\n"
	       "  1. Give %s/public/ to the gateway's operator, and read its "
	       "fingerprints to each\n     other: openssl x509 -noout "
	       "-fingerprint -sha256 -in %s/public/recipient.crt\n"
	       "  2. Take %s/authority.key off this machine and keep it safe. "
	       "recipient.key opens\n     every report: make a copy that "
	       "survives this machine.\n"
	       "  3. Get origin.crt, gateway-authority.crt and "
	       "gateway-authority.crl from the\n     gateway, then run "
	       "cutout-desk receive.\n",
	    order->dir, order->dir, order->dir, order->dir);
	if (order->demo)
		printf("This is demo material, marked \"" DEMO_UNIT "\": a "
		       "production gateway\nrefuses it.\n");
}

int
desk_init(const struct init_order *order)
{
	char common[NAME_SIZE];
	struct authority_order o = {
	    .base = "authority",
	    .organisation = order->force,
	    .common = common,
	    .demo = order->demo,
	    .days = order->demo ? DAYS_DEMO_AUTHORITY : DAYS_AUTHORITY,
	    .crl_days = order->demo ? DAYS_DEMO : DAYS_CRL,
	};
	struct authority *a = NULL;
	struct folder *f = NULL;
	time_t now_s = time(NULL);
	enum rc rc;

	snprintf(common, sizeof(common), "%s authority", order->force);
	rc = folder_change(order->dir, &f);
	if (rc != RC_OK) {
		complain("%s: %s", order->dir,
		    rc == RC_AGAIN ? "another program is changing it now"
				   : strerror(errno));
		return EXIT_FAILED;
	}
	rc = nothing_there(f, order->dir);
	if (rc == RC_OK) {
		rc = authority_make(f, &o, now_s, &a);
		if (rc != RC_OK)
			complain("%s/authority: %s", order->dir, rc_text(rc));
	}
	for (size_t i = 0;
	     rc == RC_OK && i < sizeof(desk_keys) / sizeof(desk_keys[0]); i++)
		rc = make_one(f, a, order, i, now_s);
	if (rc == RC_OK)
		rc = make_public(f, order->dir);
	if (rc == RC_OK)
		say_next(order);
	authority_free(a);
	folder_free(f);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}
