/* X.509 certificates: one table of purposes, one way to make them. */
#include "certificate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { SERIAL_BYTES = 16, DAY_S = 86400, HOST_MAX = 253 };

static const struct {
	const char *constraints, *usage, *extended;
} profiles[] = {
    /* pathlen:0: an authority can not make another one */
    [PURPOSE_AUTHORITY] = {"critical,CA:TRUE,pathlen:0",
	"critical,keyCertSign,cRLSign", NULL},
    [PURPOSE_CLIENT] = {"critical,CA:FALSE", "critical,digitalSignature",
	"clientAuth"},
    [PURPOSE_SERVER] = {"critical,CA:FALSE", "critical,digitalSignature",
	"serverAuth"},
    /* no extended usage: `openssl cms -verify` would ask for e-mail */
    [PURPOSE_SIGNATURE] = {"critical,CA:FALSE", "critical,digitalSignature",
	NULL},
    [PURPOSE_RECIPIENT] = {"critical,CA:FALSE", "critical,keyAgreement", NULL},
};

static enum rc
set_serial(X509 *c)
{
	unsigned char raw[SERIAL_BYTES];
	BIGNUM *number = NULL;
	enum rc rc = RC_CRYPTO;

	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return RC_CRYPTO;
	raw[0] |= 0x40; /* never zero, always the same length... */
	raw[0] &= 0x7f; /* ...and positive without a byte in front */
	number = BN_bin2bn(raw, sizeof(raw), NULL);
	if (number != NULL &&
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c)) != NULL)
		rc = RC_OK;
	BN_free(number);
	return rc;
}

static enum rc
set_times(X509 *c, const struct certificate_order *o)
{
	/* whole days: a certificate does not tell the hour it was made */
	time_t from = o->from_s - o->from_s % DAY_S;
	time_t until = o->until_s - o->until_s % DAY_S + DAY_S - 1;

	if (ASN1_TIME_set(X509_getm_notBefore(c), from) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(c), until) == NULL)
		return RC_CRYPTO;
	/* nothing outlives its authority: it would stop at a date that it does
	 * not show */
	if (o->by != NULL &&
	    ASN1_TIME_compare(X509_get0_notAfter(o->by),
		X509_get0_notAfter(c)) < 0 &&
	    X509_set1_notAfter(c, X509_get0_notAfter(o->by)) != 1)
		return RC_CRYPTO;
	return RC_OK;
}

static enum rc
add_name(X509_NAME *subject, const char *field, const char *text)
{
	size_t len;

	if (text == NULL)
		return RC_OK;
	len = strlen(text);
	if (len == 0 || len > ub_common_name)
		return RC_BAD;
	return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
		   (const unsigned char *)text, (int)len, -1, 0) == 1
		   ? RC_OK
		   : RC_BAD;
}

static enum rc
set_subject(X509 *c, const struct certificate_order *o)
{
	X509_NAME *subject = X509_get_subject_name(c);
	enum rc rc;

	if (o->again != NULL)
		return X509_set_subject_name(c,
			   X509_get_subject_name(o->again)) == 1
			   ? RC_OK
			   : RC_CRYPTO;
	rc = add_name(subject, "O", o->organisation);
	if (rc == RC_OK && o->demo)
		rc = add_name(subject, "OU", DEMO_UNIT);
	if (rc == RC_OK)
		rc = add_name(subject, "CN", o->common);
	return rc;
}

static int
is_dns_name(const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > HOST_MAX || host[0] == '.' || host[0] == '-')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)host[i]) && host[i] != '-' &&
		    host[i] != '.')
			return 0;
	}
	return 1;
}

/* Built as a structure, not as text for the extension parser: a host such as
 * "a,DNS:b" can not add a second name. */
static enum rc
add_host(GENERAL_NAMES *names, const char *host)
{
	unsigned char address[16];
	GENERAL_NAME *name = NULL;
	ASN1_STRING *value = NULL;
	int len = 0, type = GEN_IPADD;

	if (inet_pton(AF_INET, host, address) == 1)
		len = 4;
	else if (inet_pton(AF_INET6, host, address) == 1)
		len = 16;
	else if (is_dns_name(host))
		type = GEN_DNS;
	else
		return RC_BAD;

	name = GENERAL_NAME_new();
	value =
	    type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
	if (name == NULL || value == NULL ||
	    ASN1_STRING_set(value,
		type == GEN_DNS ? (const void *)host : (const void *)address,
		type == GEN_DNS ? (int)strlen(host) : len) != 1)
		goto fail;
	GENERAL_NAME_set0_value(name, type, value);
	value = NULL;
	if (sk_GENERAL_NAME_push(names, name) <= 0)
		goto fail;
	return RC_OK;
fail:
	ASN1_STRING_free(value);
	GENERAL_NAME_free(name);
	return RC_CRYPTO;
}

static enum rc
add_hosts(X509 *c, const struct certificate_order *o)
{
	GENERAL_NAMES *names = NULL;
	enum rc rc = RC_CRYPTO;

	if (o->again != NULL)
		names = X509_get_ext_d2i(o->again, NID_subject_alt_name, NULL,
		    NULL);
	else
		names = sk_GENERAL_NAME_new_null();
	if (names == NULL)
		return o->again != NULL ? RC_OK : RC_CRYPTO;
	for (size_t i = 0; o->again == NULL && i < o->host_count; i++) {
		rc = add_host(names, o->hosts[i]);
		if (rc != RC_OK)
			goto out;
	}
	rc = RC_OK;
	if (sk_GENERAL_NAME_num(names) > 0 &&
	    X509_add1_ext_i2d(c, NID_subject_alt_name, names, 0, 0) != 1)
		rc = RC_CRYPTO;
out:
	GENERAL_NAMES_free(names);
	return rc;
}

static enum rc
add_extension(X509 *c, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	enum rc rc = RC_CRYPTO;

	if (value == NULL)
		return RC_OK;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (e != NULL && X509_add_ext(c, e, -1) == 1)
		rc = RC_OK;
	X509_EXTENSION_free(e);
	return rc;
}

static enum rc
add_extensions(X509 *c, const struct certificate_order *o)
{
	X509 *issuer = o->by == NULL ? c : o->by;
	const struct {
		int nid;
		const char *value;
	} list[] = {
	    {NID_basic_constraints, profiles[o->purpose].constraints},
	    {NID_key_usage, profiles[o->purpose].usage},
	    {NID_ext_key_usage, profiles[o->purpose].extended},
	    {NID_subject_key_identifier, "hash"},
	    {NID_authority_key_identifier, "keyid:always"},
	};
	enum rc rc;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		rc = add_extension(c, issuer, list[i].nid, list[i].value);
		if (rc != RC_OK)
			return rc;
	}
	return add_hosts(c, o);
}

enum rc
certificate_new(const struct certificate_order *order, X509 **out)
{
	X509 *c = NULL;
	EVP_PKEY *signer = order->by == NULL ? order->key : order->by_key;
	const X509 *issuer;
	enum rc rc = RC_CRYPTO;

	c = X509_new();
	if (c == NULL || X509_set_version(c, X509_VERSION_3) != 1 ||
	    X509_set_pubkey(c, order->key) != 1)
		goto out;
	rc = set_serial(c);
	if (rc == RC_OK)
		rc = set_times(c, order);
	if (rc == RC_OK)
		rc = set_subject(c, order);
	if (rc != RC_OK)
		goto out;
	issuer = order->by == NULL ? c : order->by;
	rc = RC_CRYPTO;
	if (X509_set_issuer_name(c, X509_get_subject_name(issuer)) != 1)
		goto out;
	rc = add_extensions(c, order);
	if (rc != RC_OK)
		goto out;
	rc = RC_CRYPTO;
	if (X509_sign(c, signer, EVP_sha256()) <= 0)
		goto out;
	*out = c;
	c = NULL;
	rc = RC_OK;
out:
	X509_free(c);
	return rc;
}

enum rc
certificate_purpose(X509 *c, enum purpose *out)
{
	const uint32_t known =
	    KU_KEY_CERT_SIGN | KU_KEY_AGREEMENT | KU_DIGITAL_SIGNATURE;
	uint32_t usage = X509_get_key_usage(c);
	uint32_t extended = X509_get_extended_key_usage(c);

	if (usage == UINT32_MAX || (usage & known) == 0)
		return RC_BAD;
	if (usage & KU_KEY_CERT_SIGN)
		*out = PURPOSE_AUTHORITY;
	else if (usage & KU_KEY_AGREEMENT)
		*out = PURPOSE_RECIPIENT;
	else if (extended == UINT32_MAX)
		*out = PURPOSE_SIGNATURE;
	else if (extended & XKU_SSL_CLIENT)
		*out = PURPOSE_CLIENT;
	else if (extended & XKU_SSL_SERVER)
		*out = PURPOSE_SERVER;
	else
		return RC_BAD;
	return RC_OK;
}

enum rc
certificate_write(struct folder *f, const char *name, X509 *c, int replace)
{
	BIO *bio = NULL;
	char *pem = NULL;
	long len;
	enum rc rc = RC_CRYPTO;

	bio = BIO_new(BIO_s_mem());
	if (bio == NULL || PEM_write_bio_X509(bio, c) != 1)
		goto out;
	len = BIO_get_mem_data(bio, &pem);
	if (len <= 0)
		goto out;
	if (replace)
		rc = folder_replace(f, name, 0644, pem, (size_t)len);
	else
		rc = folder_add(f, name, 0644, pem, (size_t)len);
out:
	BIO_free(bio);
	return rc;
}

enum rc
certificate_read(const struct folder *f, const char *name, X509 **out)
{
	struct buf *pem = NULL;
	BIO *bio = NULL;
	X509 *c = NULL, *second = NULL;
	enum rc rc;

	rc = folder_read(f, name, &pem);
	if (rc != RC_OK)
		return rc;
	rc = RC_NOMEM;
	bio = BIO_new_mem_buf(buf_data(pem), (int)buf_len(pem));
	if (bio == NULL)
		goto out;
	rc = RC_BAD;
	c = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (c == NULL)
		goto out;
	/* two in one file: nobody can tell which one is meant */
	second = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (second != NULL)
		goto out;
	*out = c;
	c = NULL;
	rc = RC_OK;
out:
	X509_free(second);
	X509_free(c);
	BIO_free(bio);
	buf_free(pem);
	return rc;
}

long
certificate_days_left(const X509 *c, time_t now_s)
{
	ASN1_TIME *now = ASN1_TIME_set(NULL, now_s);
	int days = 0, seconds = 0;

	if (now == NULL ||
	    ASN1_TIME_diff(&days, &seconds, now, X509_get0_notAfter(c)) != 1)
		days = -1; /* what can not be read is over */
	else if (seconds < 0)
		days--;
	ASN1_TIME_free(now);
	return days;
}

int
certificate_is_demo(const X509 *c)
{
	const X509_NAME *subject = X509_get_subject_name(c);
	int at = -1;

	for (;;) {
		const ASN1_STRING *unit;

		at = X509_NAME_get_index_by_NID(subject,
		    NID_organizationalUnitName, at);
		if (at < 0)
			return 0;
		unit =
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		if (ASN1_STRING_length(unit) == (int)strlen(DEMO_UNIT) &&
		    memcmp(ASN1_STRING_get0_data(unit), DEMO_UNIT,
			strlen(DEMO_UNIT)) == 0)
			return 1;
	}
}

char *
certificate_serial(const X509 *c)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(c), NULL);
	char *text = NULL;

	if (number != NULL)
		text = BN_bn2hex(number);
	BN_free(number);
	return text;
}
