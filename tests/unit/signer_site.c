/* For tests of signer: keys, a judge for two destinations, and envelopes. */
#include "signer_site.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "origin.h"
#include "seal.h"

X509 *site_reader[READERS];
static X509 *origin;
static EVP_PKEY *origin_key;

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static X509 *
certificate(EVP_PKEY *key, const char *usage)
{
	X509 *cert = X509_new();

	ck_assert_ptr_nonnull(cert);
	ck_assert_ptr_nonnull(key);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	add_extension(cert, NID_subject_key_identifier, "hash");
	add_extension(cert, NID_key_usage, usage);
	ck_assert_int_ne(X509_sign(cert, key, EVP_sha256()), 0);
	return cert;
}

void
site_make(void)
{
	for (int i = 0; i < READERS; i++) {
		EVP_PKEY *key = EVP_EC_gen("P-256");

		site_reader[i] = certificate(key, "keyAgreement");
		EVP_PKEY_free(key);
	}
	origin_key = EVP_EC_gen("P-256");
	origin = certificate(origin_key, "digitalSignature");
}

static struct recipients *
recipients(const int *readers, size_t count)
{
	struct recipients *r = calloc(1, sizeof(*r));

	ck_assert_ptr_nonnull(r);
	r->count = count;
	for (size_t i = 0; i < count; i++) {
		r->cert[i] = site_reader[readers[i]];
		ck_assert_int_eq(X509_up_ref(r->cert[i]), 1);
		ck_assert_int_eq(cert_ski(r->cert[i], r->ski[i]), RC_OK);
	}
	return r;
}

void
site_judge(struct judge *j)
{
	static const int two[] = {READER_A, READER_B};

	*j = (struct judge){.certificate = origin, .key = origin_key};
	j->current = calloc(1, sizeof(*j->current));
	ck_assert_ptr_nonnull(j->current);
	j->current->count = 2;
	j->current->place[0].recipients = recipients(two, 2);
	j->current->place[1].recipients = recipients(two, 1);
}

void
site_judge_free(struct judge *j)
{
	destinations_free(j->current);
	destinations_free(j->old);
	*j = (struct judge){0};
}

struct buf *
site_envelope(size_t len, const int *readers, size_t count)
{
	X509 *to[READERS];
	uint8_t *plain = malloc(len);
	struct buf *b = buf_new(len + SEAL_ROOM);

	ck_assert(plain != NULL && b != NULL && count <= READERS);
	memset(plain, 'r', len);
	for (size_t i = 0; i < count; i++)
		to[i] = site_reader[readers[i]];
	ck_assert_int_eq(seal(plain, len, to, count, b), RC_OK);
	free(plain);
	return b;
}

struct buf *
site_good(void)
{
	static const int two[] = {READER_A, READER_B};

	return site_envelope(CLASS_BYTES(0), two, 2);
}

void
site_submit(uint8_t lane, uint8_t class, uint8_t destination,
    uint8_t out[SUBMIT_LEN])
{
	memset(out, 'k', HASH_LEN);
	memset(out + HASH_LEN, 'd', HASH_LEN);
	memset(out + 2 * (size_t)HASH_LEN, 'b', HASH_LEN);
	out[SUBMIT_LEN - 3] = lane;
	out[SUBMIT_LEN - 2] = class;
	out[SUBMIT_LEN - 1] = destination;
}

int
site_holds(const struct judge *j, const struct buf *object,
    const struct buf *envelope)
{
	struct buf *inside = buf_new(buf_len(object) + 1);
	int same;

	same = origin_open(buf_data(object), buf_len(object), j->certificate,
		   inside) == RC_OK &&
	       buf_len(inside) == buf_len(envelope) &&
	       memcmp(buf_data(inside), buf_data(envelope),
		   buf_len(envelope)) == 0;
	buf_free(inside);
	return same;
}
