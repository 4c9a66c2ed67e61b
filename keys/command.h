/* What the commands of cutout-keys share: the call as it was typed, the names
 * of the files, and the ends of the sentences they say. */
#ifndef CUTOUT_COMMAND_H
#define CUTOUT_COMMAND_H

#include <stddef.h>
#include <time.h>

#include <openssl/x509.h>

#include "authority.h"
#include "folder.h"
#include "result.h"

enum { CALL_ARGS_MAX = 16, CALL_HOSTS_MAX = 16, PARTNER_NAME_MAX = 40 };

/* How long things live unless --days says otherwise. */
enum {
	DAYS_AUTHORITY = 3650,
	DAYS_LEAF = 397,
	DAYS_CRL = 30,
	DAYS_DEMO = 730, /* leaves and lists of a demonstration: 24 months */
	DAYS_DEMO_AUTHORITY = 760,
	DAYS_SOON = 30
};

/* A command line, taken apart. Numbers not given are 0. */
struct call {
	const char *dir;
	const char *args[CALL_ARGS_MAX];
	size_t arg_count;
	const char *hosts[CALL_HOSTS_MAX];
	size_t host_count;
	const char *name, *organisation, *request, *certificate;
	long days, crl_days, within;
	int new_key, help;
	time_t now_s;
};

struct command {
	const char *word;
	const char *options;        /* letters of the options it takes */
	size_t args_low, args_high; /* beyond DIR */
	const char *usage;
	const char *help;
	int (*run)(const struct call *call); /* gives the exit status */
};

extern const struct command command_authority, command_issue, command_revoke,
    command_crl, command_renew, command_gateway, command_list, command_check,
    command_demo;

#define PARTNER_BASE "partner-authority"
#define GATEWAY_BASE "gateway-authority"
/* of the folder that cutout-desk init made, which is kept up here, too */
#define POLICE_BASE "authority"

/* Opens call->dir for changing or reading, or complains and gives NULL. */
struct folder *command_change(const struct call *call);
struct folder *command_open(const struct call *call);

/* Opens an authority that is to sign, or complains and gives NULL. */
struct authority *command_authority_open(struct folder *f, const char *base);

/* Says why name could not be made and what to do; gives EXIT_FAILED. */
int command_failed(const struct folder *f, const char *name, enum rc rc);

/* RC_OK: lower-case letters, digits and dashes, not a name of the gateway's
 * own files. RC_BAD. */
enum rc command_partner_name(const char *name) MUST_USE;

/* A P-256 certificate and, unless order->key is set, its fresh key: writes
 * NAME.key and NAME.crt, neither over another. */
enum rc command_pair(struct folder *f, const char *name,
    struct certificate_order *order) MUST_USE;

/* The public key of a certificate request whose own signature is right.
 * RC_BAD: not a request. RC_DENIED: not signed by its own key, or a key that
 * is not P-256. RC_IO, RC_NOTFOUND. The caller frees *out. */
enum rc command_request_key(const char *path, EVP_PKEY **out) MUST_USE;

/* "2027-12-26" of the end of c; out has room for 11 bytes. */
void command_day(const ASN1_TIME *t, char out[11]);

/* The three gateway keys that have certificates, and the two that have none;
 * in demo.c and gateway.c. */
int command_make_gateway(struct folder *f, const struct authority *a,
    const struct call *call, const char *what);

#endif
