/* The command demo: every key of a gateway that is only shown, marked so that
 * a production gateway refuses each of them. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "complain.h"

enum { DAY_S = 86400, EXPIRED_FROM = 60, EXPIRED_UNTIL = 30 };

static const struct {
	const char *name, *organisation;
} partners[] = {
    {"council", "Demo City Council"},
    {"hospital", "Demo Teaching Hospital"},
    {"school", "Demo Secondary School"},
    {"expired", "Demo Expired Partner"},
    {"revoked", "Demo Revoked Partner"},
};

static enum rc
demo_authority(struct folder *f, const char *base, const char *common,
    time_t now_s, struct authority **out)
{
	struct authority_order o = {
	    .base = base,
	    .common = common,
	    .demo = 1,
	    .days = DAYS_DEMO_AUTHORITY,
	    .crl_days = DAYS_DEMO,
	};

	return authority_make(f, &o, now_s, out);
}

static enum rc
demo_partner(struct folder *f, struct authority *a, const char *name,
    const char *organisation, time_t now_s)
{
	struct certificate_order o = {
	    .purpose = PURPOSE_CLIENT,
	    .organisation = organisation,
	    .common = name,
	    .from_s = now_s,
	    .until_s = now_s + (time_t)DAYS_DEMO * DAY_S,
	};
	char file[FOLDER_NAME_MAX], crt[FOLDER_NAME_MAX + 8];
	X509 *c = NULL;
	enum rc rc;

	if (strcmp(name, "expired") == 0) {
		o.from_s = now_s - (time_t)EXPIRED_FROM * DAY_S;
		o.until_s = now_s - (time_t)EXPIRED_UNTIL * DAY_S;
	}
	authority_signs(a, &o);
	snprintf(file, sizeof(file), "partners/%s", name);
	snprintf(crt, sizeof(crt), "%s.crt", file);
	rc = command_pair(f, file, &o);
	if (rc == RC_OK && strcmp(name, "revoked") == 0) {
		rc = certificate_read(f, crt, &c);
		if (rc == RC_OK)
			rc = authority_revoke(f, a, c, crt, now_s, DAYS_DEMO);
	}
	X509_free(c);
	if (rc != RC_OK)
		command_failed(f, file, rc);
	return rc;
}

static enum rc
demo_gateway(struct folder *f, const struct authority *a, time_t now_s)
{
	static const char *const keys[] = {
	    "tls", "origin", "log", "promise", "forward"};
	const struct call call = {
	    .hosts = {"localhost", "127.0.0.1", "::1"},
	    .host_count = 3,
	    .days = DAYS_DEMO,
	    .now_s = now_s,
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (command_make_gateway(f, a, &call, keys[i]) != EXIT_GOOD)
			return RC_IO;
	}
	return RC_OK;
}

static int
run_demo(const struct call *call)
{
	struct authority *partner = NULL, *gateway = NULL;
	struct folder *f;
	enum rc rc;

	f = command_change(call);
	if (f == NULL)
		return EXIT_FAILED;
	rc = demo_authority(f, PARTNER_BASE, "cutout demo partner authority",
	    call->now_s, &partner);
	if (rc != RC_OK)
		command_failed(f, PARTNER_BASE, rc);
	if (rc == RC_OK) {
		rc = demo_authority(f, GATEWAY_BASE,
		    "cutout demo gateway authority", call->now_s, &gateway);
		if (rc != RC_OK)
			command_failed(f, GATEWAY_BASE, rc);
	}
	if (rc == RC_OK)
		rc = folder_inside(f, "partners");
	for (size_t i = 0;
	     rc == RC_OK && i < sizeof(partners) / sizeof(partners[0]); i++)
		rc = demo_partner(f, partner, partners[i].name,
		    partners[i].organisation, call->now_s);
	if (rc == RC_OK)
		rc = demo_gateway(f, gateway, call->now_s);
	if (rc == RC_OK)
		printf("made demo keys in %s, for 24 months. Every certificate "
		       "says\n\"" DEMO_UNIT "\" and a production gateway "
		       "refuses it.\nNext: cutout-desk init POLICE-DIR "
		       "--demo\n",
		    call->dir);
	authority_free(gateway);
	authority_free(partner);
	folder_free(f);
	return rc == RC_OK ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_demo = {"demo", "", 0, 0, "demo DIR",
    "Makes everything for the quick start in DIR: both authorities, the\n"
    "gateway's keys for localhost, and partners council, hospital and school,\n"
    "beside one that has expired and one that is revoked. All of it is marked\n"
    "\"" DEMO_UNIT "\": a production gateway refuses it.\n",
    run_demo};
