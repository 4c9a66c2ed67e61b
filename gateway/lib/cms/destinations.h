/* The police units that this gateway forwards to, as cutoutd packed them. */
#ifndef CUTOUT_DESTINATIONS_H
#define CUTOUT_DESTINATIONS_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "archive.h"
#include "recipients.h"
#include "result.h"
#include "wire.h"

enum { DESTINATION_NAME = 32, OPERATIONS_MAX = 256 };

struct place {
	char name[DESTINATION_NAME];
	int takes_5x5x5;
	int takes_3x5x2;
	int test; /* takes test reports, and these alone */
	struct recipients *recipients;
	X509 *ack; /* the desk's certificate of acknowledgements */
};

/* Numbered in the order of the configuration: the number on the wire. */
struct destinations {
	size_t count;
	struct place place[MAX_DESTINATIONS];
	X509_STORE *police;
	/* when the first of its certificates and revocation lists ends */
	int64_t valid_until_wall_s;
	size_t operation_count;
	const char *operation[OPERATIONS_MAX]; /* borrowed from text */
	char *text;
};

/* Reads the archive ("NAME/settings", "NAME/recipients.pem", "NAME/ack.pem",
 * "operations", "police.pem", "crl.pem") and checks every certificate in it;
 * see recipients_load(). The acknowledgement's certificate must verify to the
 * police authority too. RC_CONFIG: not of that form, or there is no
 * destination. RC_DENIED: a certificate does not verify, or is demo material
 * while demo is 0. *why as in recipients_load(). RC_NOMEM. */
enum rc destinations_load(const struct archive *a, int demo,
    struct destinations **out, const char **why) MUST_USE;
void destinations_free(struct destinations *d);

/* Whether none of its certificates and revocation lists has ended by now.
 * Cheap enough for each report; all else was verified when it was loaded, and
 * cutoutd loads anew every hour. */
int destinations_hold(const struct destinations *d, int64_t now_wall_s);

#endif
