/* The commands that make new things: authority, issue, gateway. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "pair.h"

enum { DAY_S = 86400 };

static int
run_authority(const struct call *call)
{
	const char *which = call->args[0];
	int partner = strcmp(which, "partner") == 0;
	struct authority_order o = {
	    .base = partner ? PARTNER_BASE : GATEWAY_BASE,
	    .organisation = call->organisation,
	    .common = partner ? "cutout partner authority"
			      : "cutout gateway authority",
	    .days = call->days != 0 ? call->days : DAYS_AUTHORITY,
	    .crl_days = call->crl_days != 0 ? call->crl_days : DAYS_CRL,
	};
	struct authority *a = NULL;
	struct folder *f;
	enum rc rc;

	if (!partner && strcmp(which, "gateway") != 0) {
		complain("authority: say `partner` or `gateway`, not `%s`",
		    which);
		return EXIT_USAGE;
	}
	if (call->name != NULL)
		o.common = call->name;
	f = command_change(call);
	if (f == NULL)
		return EXIT_FAILED;
	rc = authority_make(f, &o, call->now_s, &a);
	if (rc != RC_OK)
		command_failed(f, o.base, rc);
	else {
		printf("made %s/%s.crt, .key and .crl\n", call->dir, o.base);
		printf("Next: copy the key to a safe place off this machine, "
		       "then\n  cutout-keys %s\n",
		    partner ? "issue DIR NAME     for each partner"
			    : "gateway DIR --host NAME     for the gateway's "
			      "own keys");
		printf("The revocation list counts for %ld days: renew it in "
		       "time with `cutout-keys crl %s %s`.\n",
		    o.crl_days, call->dir, which);
	}
	authority_free(a);
	folder_free(f);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_authority = {"authority", "nodc", 1, 1,
    "authority DIR partner|gateway [--name TEXT] [--organisation TEXT]\n"
    "        [--days N] [--crl-days N]",
    "Makes an authority in DIR: a certificate that signs others (10 years),\n"
    "its key, and its revocation list, empty and good for 30 days. The\n"
    "`partner` authority says who may submit; `gateway` signs what the "
    "gateway\n"
    "shows to partners and to the police desk. Keep the partner authority's\n"
    "key off the gateway: it needs only the .crt and the .crl.\n",
    run_authority};

static enum rc
issue_key(const struct call *call, EVP_PKEY **key)
{
	enum rc rc;

	if (call->request == NULL)
		return RC_OK;
	rc = command_request_key(call->request, key);
	if (rc != RC_OK)
		complain("%s: %s", call->request,
		    rc == RC_DENIED
			? "the request must be signed with its own P-256 key "
			  "(openssl ecparam -name prime256v1 -genkey)"
			: "is not a readable certificate request in PEM");
	return rc;
}

static int
run_issue(const struct call *call)
{
	const char *name = call->args[0];
	struct certificate_order o = {
	    .purpose = PURPOSE_CLIENT,
	    .organisation = call->organisation,
	    .common = name,
	    .from_s = call->now_s,
	    .until_s = call->now_s +
		       DAY_S * (call->days != 0 ? call->days : DAYS_LEAF),
	};
	struct authority *a = NULL;
	struct folder *f = NULL;
	EVP_PKEY *key = NULL;
	char file[FOLDER_NAME_MAX];
	int status = EXIT_FAILED;
	enum rc rc;

	if (command_partner_name(name) != RC_OK) {
		complain("issue: a partner's name has 1 to %d of a-z, 0-9 and "
			 "-, and is none of the gateway's own (tls, origin...)",
		    PARTNER_NAME_MAX);
		return EXIT_USAGE;
	}
	snprintf(file, sizeof(file), "partners/%s", name);
	f = command_change(call);
	if (f == NULL)
		goto out;
	a = command_authority_open(f, PARTNER_BASE);
	if (a == NULL || issue_key(call, &key) != RC_OK)
		goto out;
	o.key = key;
	authority_signs(a, &o);
	rc = folder_inside(f, "partners");
	if (rc == RC_OK)
		rc = command_pair(f, file, &o);
	if (rc != RC_OK) {
		command_failed(f, file, rc);
		goto out;
	}
	status = EXIT_GOOD;
	printf("made %s/%s.crt%s\n", call->dir, file,
	    key == NULL ? " and .key" : "");
	if (key == NULL)
		printf("Next: bring both files to the partner by a safe way, "
		       "with %s.crt of the gateway,\nand then delete the .key "
		       "here.\n",
		    GATEWAY_BASE);
	else
		printf("Next: send the .crt to the partner, with %s.crt of the "
		       "gateway.\n",
		    GATEWAY_BASE);
out:
	EVP_PKEY_free(key);
	authority_free(a);
	folder_free(f);
	return status;
}

const struct command command_issue = {"issue", "odr", 1, 1,
    "issue DIR NAME [--organisation TEXT] [--request FILE] [--days N]",
    "Makes DIR/partners/NAME.crt and NAME.key: a client certificate with "
    "which\n"
    "a partner may submit (13 months). With --request the partner made the "
    "key\n"
    "(P-256) and sends a certificate request; only its public key is taken\n"
    "from it, and the private key never leaves the partner: the better way.\n"
    "The name is seen by the gateway's session process alone and is never\n"
    "stored or logged there.\n",
    run_issue};

/* One row for each of the gateway's own keys. */
static const struct {
	const char *what;
	enum purpose purpose;
	const char *common; /* NULL: an Ed25519 pair without certificate */
} gateway_keys[] = {
    {"tls", PURPOSE_SERVER, "cutout gateway"},
    {"origin", PURPOSE_SIGNATURE, "cutout origin"},
    {"log", PURPOSE_SIGNATURE, NULL},
    {"promise", PURPOSE_SIGNATURE, NULL},
    {"forward", PURPOSE_CLIENT, "cutout forward"},
};
enum { GATEWAY_KEYS = sizeof(gateway_keys) / sizeof(gateway_keys[0]) };

static enum rc
make_bare(struct folder *f, const char *what)
{
	char key_name[FOLDER_NAME_MAX], pub_name[FOLDER_NAME_MAX];
	EVP_PKEY *pair = NULL;
	enum rc rc;

	snprintf(key_name, sizeof(key_name), "%s.key", what);
	snprintf(pub_name, sizeof(pub_name), "%s.pub", what);
	if (folder_has(f, key_name) || folder_has(f, pub_name))
		return RC_DUPLICATE;
	rc = pair_new(PAIR_ED25519, &pair);
	if (rc == RC_OK)
		rc = pair_write_private(f, key_name, pair, 0);
	if (rc == RC_OK)
		rc = pair_write_public(f, pub_name, pair);
	EVP_PKEY_free(pair);
	return rc;
}

/* The row of a gateway key, or GATEWAY_KEYS when there is none. */
static size_t
gateway_key(const char *what)
{
	size_t i = 0;

	while (i < GATEWAY_KEYS && strcmp(gateway_keys[i].what, what) != 0)
		i++;
	return i;
}

int
command_make_gateway(struct folder *f, const struct authority *a,
    const struct call *call, const char *what)
{
	struct certificate_order o = {
	    .organisation = call->organisation,
	    .from_s = call->now_s,
	    .until_s = call->now_s +
		       DAY_S * (call->days != 0 ? call->days : DAYS_LEAF),
	};
	size_t i = gateway_key(what);
	int bare;
	enum rc rc;

	if (i == GATEWAY_KEYS)
		return EXIT_USAGE;
	bare = gateway_keys[i].common == NULL;
	o.purpose = gateway_keys[i].purpose;
	o.common = gateway_keys[i].common;
	if (o.purpose == PURPOSE_SERVER) {
		o.hosts = call->hosts;
		o.host_count = call->host_count;
	}
	authority_signs(a, &o);
	rc = bare ? make_bare(f, what) : command_pair(f, what, &o);
	if (rc != RC_OK)
		return command_failed(f, what, rc);
	printf("made %s/%s.key and %s.%s\n", folder_path(f), what, what,
	    bare ? "pub" : "crt");
	return EXIT_GOOD;
}

static int
wants(const struct call *call, const char *what)
{
	for (size_t i = 0; i < call->arg_count; i++) {
		if (strcmp(call->args[i], what) == 0)
			return 1;
	}
	return call->arg_count == 0;
}

static int
run_gateway(const struct call *call)
{
	struct authority *a = NULL;
	struct folder *f;
	int status = EXIT_FAILED;

	for (size_t i = 0; i < call->arg_count; i++) {
		if (gateway_key(call->args[i]) == GATEWAY_KEYS) {
			complain("gateway: there is no key `%s`; say tls, "
				 "origin, log, promise or forward",
			    call->args[i]);
			return EXIT_USAGE;
		}
	}
	if (wants(call, "tls") && call->host_count == 0) {
		complain("gateway: give --host NAME (or an address) for each "
			 "name by which partners reach the gateway");
		return EXIT_USAGE;
	}
	f = command_change(call);
	if (f != NULL)
		a = command_authority_open(f, GATEWAY_BASE);
	if (a == NULL)
		goto out;
	status = EXIT_GOOD;
	for (size_t i = 0; i < GATEWAY_KEYS && status == EXIT_GOOD; i++) {
		if (wants(call, gateway_keys[i].what))
			status = command_make_gateway(f, a, call,
			    gateway_keys[i].what);
	}
	if (status == EXIT_GOOD)
		printf("Next: name the files in cutoutd.conf; give origin.crt, "
		       "%s.crt and\n%s.crl to the police desk and log.pub to "
		       "the auditor; then\n  cutout-keys check %s\n",
		    GATEWAY_BASE, GATEWAY_BASE, call->dir);
out:
	authority_free(a);
	folder_free(f);
	return status;
}

const struct command command_gateway = {"gateway", "Hod", 0, 5,
    "gateway DIR [tls|origin|log|promise|forward]... [--host NAME]...\n"
    "        [--organisation TEXT] [--days N]",
    "Makes the gateway's own keys in DIR, all five or those named:\n"
    "  tls      server certificate; --host gives its names and addresses\n"
    "  origin   signs every sealed report; the police desk is given "
    "origin.crt\n"
    "  log      signs the audit log (Ed25519, log.pub has the public half)\n"
    "  promise  signs what submitters are promised (Ed25519, promise.pub)\n"
    "  forward  client certificate with which reports go to the police desk\n"
    "Certificates live 13 months. log and promise have none and are never\n"
    "renewed in place: a new log key begins a new log.\n",
    run_gateway};
