/* Opening items. */
#include "opener.h"

#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "complain.h"
#include "derive.h"
#include "open.h"
#include "origins.h"
#include "selftest.h"
#include "store.h"

struct opener {
	struct own own;
	struct origins origins;
	struct contract *contract;
};

static enum rc
load_contract(const char *folder, struct contract **out)
{
	const char *why = NULL;
	enum rc rc = contract_load_folder(folder, out, &why);

	if (rc != RC_OK)
		complain("the schema folder %s does not serve: %s; name the "
			 "right one with --schema",
		    folder, why == NULL ? rc_text(rc) : why);
	return rc;
}

enum rc
opener_new(const struct desk_options *o, struct opener **out)
{
	struct opener *op = calloc(1, sizeof(*op));
	enum rc rc;

	if (op == NULL) {
		complain("out of memory");
		return RC_CONFIG;
	}
	rc = crypto_selftest();
	if (rc != RC_OK)
		complain("this OpenSSL accepts forged reports or is too old: "
			 "install Debian's libssl3 3.0.22-1~deb12u2 or newer");
	if (rc == RC_OK)
		rc = own_load(o->keys, &op->own);
	if (rc == RC_OK)
		rc = origins_load(o->origin, &op->origins);
	if (rc == RC_OK)
		rc = load_contract(o->schema == NULL ? desk_default_schema()
						     : o->schema,
		    &op->contract);
	if (rc != RC_OK) {
		opener_free(op);
		return RC_CONFIG;
	}
	*out = op;
	return RC_OK;
}

void
opener_free(struct opener *op)
{
	if (op == NULL)
		return;
	own_clear(&op->own);
	origins_clear(&op->origins);
	contract_free(op->contract);
	free(op);
}

const struct contract *
opener_contract(const struct opener *op)
{
	return op->contract;
}

/* The signature and the form; nothing is decrypted yet. */
static enum open_fault
check(const struct opener *op, const uint8_t *raw, size_t len,
    struct opened *out, X509 **origin)
{
	switch (origins_check(&op->origins, raw, len, &out->envelope, origin)) {
	case RC_OK:
		return cert_ski(*origin, out->origin) == RC_OK ? OPEN_FINE
							       : OPEN_TROUBLE;
	case RC_CRYPTO:
		return OPEN_SIGNATURE;
	case RC_BAD:
		return OPEN_FORM;
	default:
		return OPEN_TROUBLE;
	}
}

/* The next of our keys, from recipient i on, that the envelope names. */
static const struct own_key *
next_key(const struct opener *op, const struct profile *envelope, size_t *i)
{
	while (*i < envelope->recipients) {
		const struct own_key *k =
		    own_find(&op->own, envelope->ski[(*i)++]);

		if (k != NULL && k->key != NULL)
			return k;
	}
	return NULL;
}

static enum open_fault
decrypt(const struct opener *op, const uint8_t *raw, size_t len, X509 *origin,
    struct opened *out)
{
	const struct own_key *k;
	enum rc rc = RC_DENIED;
	size_t i = 0;

	out->plain = buf_new(ITEM_MAX);
	if (out->plain == NULL)
		return OPEN_TROUBLE;
	while ((k = next_key(op, &out->envelope, &i)) != NULL) {
		rc = open_object(raw, len, origin, k->cert, k->key, NULL,
		    out->plain);
		if (rc == RC_OK) {
			out->key = k;
			return OPEN_FINE;
		}
		if (rc == RC_NOMEM)
			return OPEN_TROUBLE;
	}
	return rc == RC_DENIED ? OPEN_NOT_OURS : OPEN_DAMAGED;
}

static enum open_fault
validate(const struct opener *op, struct opened *out)
{
	out->findings = findings_new();
	if (out->findings == NULL)
		return OPEN_TROUBLE;
	switch (sealed_read(op->contract, buf_data(out->plain),
	    buf_len(out->plain), out->findings, &out->fields)) {
	case RC_OK:
		return OPEN_FINE;
	case RC_DENIED:
		return OPEN_INVALID;
	default:
		return OPEN_TROUBLE;
	}
}

void
opener_open(const struct opener *op, const uint8_t *raw, size_t len,
    struct opened *out)
{
	X509 *origin = NULL;

	memset(out, 0, sizeof(*out));
	out->own = &op->own;
	out->fault = OPEN_TROUBLE;
	if (derive_h(raw, len, out->h) != RC_OK)
		return;
	out->fault = check(op, raw, len, out, &origin);
	if (out->fault == OPEN_FINE)
		out->fault = decrypt(op, raw, len, origin, out);
	if (out->fault == OPEN_FINE)
		out->fault = validate(op, out);
}

void
opener_unread(const uint8_t h[HASH_LEN], enum open_fault fault,
    struct opened *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->h, h, HASH_LEN);
	out->fault = fault;
}

void
opened_clear(struct opened *item)
{
	fields_free(item->fields);
	findings_free(item->findings);
	buf_free_secret(item->plain);
	memset(item, 0, sizeof(*item));
}

static const struct {
	const char *text;
	int status;
} faults[] = {
    [OPEN_FINE] = {"opened", EXIT_GOOD},
    [OPEN_DISK] = {"damaged on this disk: its bytes are not those that its "
		   "name says; bring it back from a backup",
	DESK_REFUSED},
    [OPEN_SIGNATURE] = {"no certificate in --origin verifies it: it is not "
			"from this gateway, or was changed, or the gateway has "
			"a new origin key",
	DESK_REFUSED},
    [OPEN_FORM] = {"not of the form that the gateway makes: do not open it "
		   "with other programs",
	DESK_REFUSED},
    [OPEN_NOT_OURS] = {"sealed to other keys than those in --keys",
	DESK_NOT_OURS},
    [OPEN_DAMAGED] = {"sealed to this desk's key, but it does not decrypt: it "
		      "was sealed wrongly or to another key of the same name",
	DESK_REFUSED},
    [OPEN_INVALID] = {"what is inside is not a valid sealed report by this "
		      "desk's schema; if the gateway has a newer one, get it "
		      "and give --schema",
	DESK_REFUSED},
    [OPEN_TROUBLE] =
	{"could not be tried: the disk, memory or a library failed",
	    EXIT_FAILED},
};

const char *
open_fault_text(enum open_fault fault)
{
	return faults[fault].text;
}

int
open_fault_status(enum open_fault fault)
{
	return faults[fault].status;
}
