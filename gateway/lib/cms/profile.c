/* The strict form of a sealed envelope, read by a DER reader that knows no
 * other form. Nothing is skipped: each byte is part of something expected. */
#include "profile.h"

#include <string.h>

#include "der.h"

enum {
	NONCE_LEN = 12,
	GCM_TAG_LEN = 16,
	POINT_LEN = 65,
	WRAPPED_LEN = 40,
	RSA_LEAST = 384, /* bytes of an RSA-3072 block */
	RSA_MOST = 1024
};

/* Whole elements whose every byte is fixed. */
static const uint8_t oid_auth_enveloped[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86,
    0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17};
static const uint8_t oid_data[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t oid_aes256_gcm[] = {
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e};
/* originator's algorithm: id-ecPublicKey, with or without NULL behind it */
static const uint8_t ec_public_key[] = {
    0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
/* dhSinglePass-stdDH-sha256kdf-scheme with id-aes256-wrap */
static const uint8_t ecdh_sha256_wrap[] = {0x30, 0x15, 0x06, 0x06, 0x2b, 0x81,
    0x04, 0x01, 0x0b, 0x01, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x01, 0x2d};
static const uint8_t oid_rsaes_oaep[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07};
/* hash [0] SHA-256, mask generation [1] MGF1 with SHA-256, without the NULL
 * parameters: as OpenSSL writes it */
static const uint8_t oaep_sha256[] = {0x30, 0x2b, 0xa0, 0x0d, 0x30, 0x0b, 0x06,
    0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0xa1, 0x1a,
    0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x08, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
    0x02, 0x01};

static void
note_ski(struct profile *out, const uint8_t ski[SKI_LEN])
{
	memcpy(out->ski[out->recipients++], ski, SKI_LEN);
}

/* KeyAgreeRecipientInfo's originator: [0] { [1] { algorithm, point } }. */
static enum rc
check_originator(struct der *d)
{
	struct der outer, key;
	const uint8_t *point;
	enum rc rc;

	rc = der_take(d, TAG_0, &outer);
	if (rc == RC_OK)
		rc = der_take(&outer, TAG_1, &key);
	if (rc == RC_OK)
		rc = DER_FIXED(&key, ec_public_key);
	if (rc == RC_OK)
		rc = der_sized(&key, TAG_BITS, 1 + POINT_LEN, &point);
	if (rc != RC_OK)
		return rc;
	/* no unused bits, uncompressed */
	if (point[0] != 0 || point[1] != 4)
		return RC_BAD;
	rc = der_done(&key);
	return rc == RC_OK ? der_done(&outer) : rc;
}

/* recipientEncryptedKeys: one { [0] { ski }, wrapped key }. */
static enum rc
check_agreed_key(struct der *d, struct profile *out)
{
	struct der list, one, id;
	const uint8_t *ski, *wrapped;
	enum rc rc;

	rc = der_take(d, TAG_SEQUENCE, &list);
	if (rc == RC_OK)
		rc = der_take(&list, TAG_SEQUENCE, &one);
	if (rc == RC_OK)
		rc = der_take(&one, TAG_0, &id);
	if (rc == RC_OK)
		rc = der_sized(&id, TAG_OCTETS, SKI_LEN, &ski);
	if (rc == RC_OK)
		rc = der_done(&id);
	if (rc == RC_OK)
		rc = der_sized(&one, TAG_OCTETS, WRAPPED_LEN, &wrapped);
	if (rc == RC_OK)
		rc = der_done(&one);
	if (rc == RC_OK)
		rc = der_done(&list);
	if (rc == RC_OK)
		note_ski(out, ski);
	return rc;
}

static enum rc
check_agree(struct der *d, struct profile *out)
{
	enum rc rc;

	rc = der_number(d, 3);
	if (rc == RC_OK)
		rc = check_originator(d);
	if (rc == RC_OK)
		rc = DER_FIXED(d, ecdh_sha256_wrap);
	if (rc == RC_OK)
		rc = check_agreed_key(d, out);
	return rc == RC_OK ? der_done(d) : rc;
}

static enum rc
check_transport(struct der *d, struct profile *out)
{
	struct der algorithm, key;
	const uint8_t *ski;
	enum rc rc;

	rc = der_number(d, 2);
	if (rc == RC_OK)
		rc = der_sized(d, TAG_0_PRIMITIVE, SKI_LEN, &ski);
	if (rc == RC_OK)
		rc = der_take(d, TAG_SEQUENCE, &algorithm);
	if (rc == RC_OK)
		rc = DER_FIXED(&algorithm, oid_rsaes_oaep);
	if (rc == RC_OK)
		rc = DER_FIXED(&algorithm, oaep_sha256);
	if (rc == RC_OK)
		rc = der_done(&algorithm);
	if (rc == RC_OK)
		rc = der_take(d, TAG_OCTETS, &key);
	if (rc != RC_OK)
		return rc;
	if (der_left(&key) < RSA_LEAST || der_left(&key) > RSA_MOST)
		return RC_BAD;
	note_ski(out, ski);
	return der_done(d);
}

static enum rc
check_recipient(struct der *set, struct profile *out)
{
	struct der one;
	enum rc rc;

	if (out->recipients + out->others == PROFILE_RECIPIENTS)
		return RC_BAD;
	switch (der_left(set) > 0 ? *set->p : 0) {
	case TAG_1:
		rc = der_take(set, TAG_1, &one);
		return rc == RC_OK ? check_agree(&one, out) : rc;
	case TAG_SEQUENCE:
		rc = der_take(set, TAG_SEQUENCE, &one);
		return rc == RC_OK ? check_transport(&one, out) : rc;
	case TAG_4:
		out->others++;
		return der_take(set, TAG_4, &one);
	default:
		return RC_BAD;
	}
}

static enum rc
check_recipients(struct der *d, struct profile *out)
{
	struct der set;
	enum rc rc;

	rc = der_take(d, TAG_SET, &set);
	while (rc == RC_OK && der_left(&set) > 0)
		rc = check_recipient(&set, out);
	if (rc == RC_OK && out->recipients == 0)
		rc = RC_BAD;
	return rc;
}

/* EncryptedContentInfo { id-data, { aes-256-gcm, { nonce, 16 } }, [0] }. */
static enum rc
check_content(struct der *d, struct profile *out)
{
	struct der info, algorithm, parameters, content;
	const uint8_t *nonce;
	enum rc rc;

	rc = der_take(d, TAG_SEQUENCE, &info);
	if (rc == RC_OK)
		rc = DER_FIXED(&info, oid_data);
	if (rc == RC_OK)
		rc = der_take(&info, TAG_SEQUENCE, &algorithm);
	if (rc == RC_OK)
		rc = DER_FIXED(&algorithm, oid_aes256_gcm);
	if (rc == RC_OK)
		rc = der_take(&algorithm, TAG_SEQUENCE, &parameters);
	if (rc == RC_OK)
		rc = der_done(&algorithm);
	if (rc == RC_OK)
		rc = der_sized(&parameters, TAG_OCTETS, NONCE_LEN, &nonce);
	/* the default is 12: it has to be stated, or the tag may be shorter */
	if (rc == RC_OK)
		rc = der_number(&parameters, GCM_TAG_LEN);
	if (rc == RC_OK)
		rc = der_done(&parameters);
	if (rc == RC_OK)
		rc = der_take(&info, TAG_0_PRIMITIVE, &content);
	if (rc != RC_OK)
		return rc;
	out->ciphertext = der_left(&content);
	return out->ciphertext > 0 ? der_done(&info) : RC_BAD;
}

enum rc
profile_check(const uint8_t *raw, size_t len, struct profile *out)
{
	struct der all = {raw, raw + len}, info, explicit, body;
	const uint8_t *tag;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = der_take(&all, TAG_SEQUENCE, &info);
	if (rc == RC_OK)
		rc = der_done(&all);
	if (rc == RC_OK)
		rc = DER_FIXED(&info, oid_auth_enveloped);
	if (rc == RC_OK)
		rc = der_take(&info, TAG_0, &explicit);
	if (rc == RC_OK)
		rc = der_done(&info);
	if (rc == RC_OK)
		rc = der_take(&explicit, TAG_SEQUENCE, &body);
	if (rc == RC_OK)
		rc = der_done(&explicit);
	if (rc == RC_OK)
		rc = der_number(&body, 0);
	if (rc == RC_OK)
		rc = check_recipients(&body, out);
	if (rc == RC_OK)
		rc = check_content(&body, out);
	if (rc == RC_OK)
		rc = der_sized(&body, TAG_OCTETS, GCM_TAG_LEN, &tag);
	return rc == RC_OK ? der_done(&body) : rc;
}
