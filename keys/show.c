/* The command list: what is here, for what, and how long it still counts. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "complain.h"
#include "crl.h"
#include "revoked.h"

enum { CRL_SOON = 7 };

struct listing {
	struct folder *f;
	const struct call *call;
	struct revoked *lists[3];
	size_t lines, soon;
};

static const char *const purpose_words[] = {
    [PURPOSE_AUTHORITY] = "authority",
    [PURPOSE_CLIENT] = "client",
    [PURPOSE_SERVER] = "server",
    [PURPOSE_SIGNATURE] = "signature",
    [PURPOSE_RECIPIENT] = "recipient",
};

static void
print_line(struct listing *l, const char *name, const char *purpose,
    const char *day, long days, long within, int revoked)
{
	const char *state = "";

	if (revoked)
		state = "REVOKED";
	else if (days < 0)
		state = "EXPIRED";
	else if (days < within)
		state = "SOON";
	if (!revoked && days < within)
		l->soon++;
	if (l->lines++ == 0)
		printf("%-36s %-10s %-10s %6s %s\n", "FILE", "FOR", "UNTIL",
		    "DAYS", "STATE");
	printf("%-36s %-10s %-10s %6ld %s\n", name, purpose, day, days, state);
}

static enum rc
list_certificate(const char *name, void *ctx)
{
	struct listing *l = ctx;
	enum purpose purpose;
	X509 *c = NULL;
	char *serial, day[11];
	int revoked = 0;

	if (certificate_read(l->f, name, &c) != RC_OK) {
		complain("%s/%s: is not a certificate", l->call->dir, name);
		return RC_BAD;
	}
	serial = certificate_serial(c);
	/* serial numbers are random: one of ours is on one list at most */
	for (size_t i = 0; serial != NULL && i < 3; i++)
		revoked |= revoked_has(l->lists[i], serial);
	command_day(X509_get0_notAfter(c), day);
	print_line(l, name,
	    certificate_purpose(c, &purpose) == RC_OK ? purpose_words[purpose]
						      : "?",
	    day, certificate_days_left(c, l->call->now_s), l->call->within,
	    revoked);
	OPENSSL_free(serial);
	X509_free(c);
	return RC_OK;
}

static enum rc
list_crl(const char *name, void *ctx)
{
	struct listing *l = ctx;
	X509_CRL *crl = NULL;
	char day[11];

	if (crl_read(l->f, name, &crl) != RC_OK) {
		complain("%s/%s: is not a revocation list", l->call->dir, name);
		return RC_BAD;
	}
	command_day(X509_CRL_get0_nextUpdate(crl), day);
	/* a list lives for 30 days and is meant to be renewed weekly: that it
	 * has less than 30 days left is no news */
	print_line(l, name, "revoked", day, crl_days_left(crl, l->call->now_s),
	    l->call->within < CRL_SOON ? l->call->within : CRL_SOON, 0);
	X509_CRL_free(crl);
	return RC_OK;
}

static int
run_list(const struct call *typed)
{
	struct call call = *typed;
	struct listing l = {.call = &call};
	enum rc rc;

	if (call.within == 0)
		call.within = DAYS_SOON;
	l.f = command_open(&call);
	if (l.f == NULL)
		return EXIT_FAILED;
	rc = revoked_read(l.f, PARTNER_BASE ".revoked", &l.lists[0]);
	if (rc == RC_OK)
		rc = revoked_read(l.f, GATEWAY_BASE ".revoked", &l.lists[1]);
	if (rc == RC_OK)
		rc = revoked_read(l.f, POLICE_BASE ".revoked", &l.lists[2]);
	if (rc != RC_OK)
		complain("%s: a .revoked list can not be read: %s", call.dir,
		    rc_text(rc));
	if (rc == RC_OK)
		rc = folder_each(l.f, "", ".crt", list_certificate, &l);
	if (rc == RC_OK)
		rc = folder_each(l.f, "partners", ".crt", list_certificate, &l);
	if (rc == RC_OK)
		rc = folder_each(l.f, "", ".crl", list_crl, &l);
	if (rc == RC_OK && l.lines == 0) {
		complain("%s: no certificates here", call.dir);
		rc = RC_NOTFOUND;
	}
	if (rc == RC_OK && l.soon > 0)
		printf("%zu end within %ld days: use `cutout-keys renew`, and "
		       "`cutout-keys crl` for revocation lists\n",
		    l.soon, call.within);
	free(l.lists[0]);
	free(l.lists[1]);
	free(l.lists[2]);
	folder_free(l.f);
	if (rc != RC_OK)
		return EXIT_FAILED;
	return l.soon > 0 ? EXIT_SOON : EXIT_GOOD;
}

const struct command command_list = {"list", "w", 0, 0,
    "list DIR [--within DAYS]",
    "Shows every certificate and revocation list with the days it still\n"
    "counts. Exit 3 when one that is not revoked ends within 30 days "
    "(--within)\n"
    "or has ended: put it into a timer.\n",
    run_list};
