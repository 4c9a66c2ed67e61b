/* X.509 certificates as cutout makes them (RFC 5280, and clean under
 * X509_V_FLAG_X509_STRICT): version 3, ECDSA with SHA-256, a random 128-bit
 * serial number, subject and authority key identifiers always. */
#ifndef CUTOUT_CERTIFICATE_H
#define CUTOUT_CERTIFICATE_H

#include <stddef.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "folder.h"
#include "result.h"

/* In the subject of everything made for a demonstration; a production gateway
 * refuses it. */
#define DEMO_UNIT "cutout DEMO - not for production"

/* What a certificate is good for; decides its extensions. */
enum purpose {
	PURPOSE_AUTHORITY, /* signs certificates and revocation lists */
	PURPOSE_CLIENT,    /* TLS client: a partner, forward, the police */
	PURPOSE_SERVER,    /* TLS server: the gateway, the desk */
	PURPOSE_SIGNATURE, /* origin signatures, acknowledgements */
	PURPOSE_RECIPIENT  /* key agreement: reports are sealed to it */
};

struct certificate_order {
	enum purpose purpose;
	const char *organisation; /* O of the subject, or NULL */
	const char *common;       /* CN */
	int demo;                 /* add DEMO_UNIT as OU */
	const X509 *again;        /* not NULL: take its subject and its
				     alternative names instead of the above */
	EVP_PKEY *key;            /* the subject's; the public half is enough */
	X509 *by;                 /* who issues; NULL: signs itself */
	EVP_PKEY *by_key;
	/* UTC, both rounded outwards to whole days: a certificate does not
	 * tell the hour it was made. The end is cut to the issuer's own. */
	time_t from_s, until_s;
	const char *const *hosts; /* names or addresses for a server */
	size_t host_count;
};

/* Makes one. RC_BAD: a host is neither a name nor an address, a name is
 * longer than X.509 allows (64 bytes). RC_CRYPTO. The caller frees *out. */
enum rc certificate_new(const struct certificate_order *order,
    X509 **out) MUST_USE;

/* What an existing certificate's extensions say it is for; RC_BAD: nothing
 * that this project makes. */
enum rc certificate_purpose(X509 *c, enum purpose *out) MUST_USE;

/* PEM in a folder, mode 0644; as folder_add() and folder_read(). A file with
 * more than one certificate is RC_BAD. */
enum rc certificate_write(struct folder *f, const char *name, X509 *c,
    int replace) MUST_USE;
enum rc certificate_read(const struct folder *f, const char *name,
    X509 **out) MUST_USE;

/* Whole days from now_s to the end of c, rounded down; negative when it is
 * over. */
long certificate_days_left(const X509 *c, time_t now_s);
/* Whether the subject has DEMO_UNIT. */
int certificate_is_demo(const X509 *c);
/* The serial number in upper-case hexadecimal; the caller frees it with
 * OPENSSL_free. NULL: out of memory. */
char *certificate_serial(const X509 *c);

#endif
