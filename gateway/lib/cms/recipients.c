/* Who may read what goes to one destination. CMS_encrypt() seals to expired
 * certificates and to keys that are for something else; so all is checked
 * here, at load and again every hour. */
#include "recipients.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include "cert.h"

enum { RSA_LEAST_BITS = 3072 };

static int
is_p256(const EVP_PKEY *key)
{
	char group[32];
	size_t len;

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
		   group, sizeof(group), &len) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

/* Key and usage fit each other. X509_get_key_usage() says "all" where there is
 * no extension; then it is refused too, since nothing was said. */
static const char *
key_fault(X509 *cert)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	uint32_t usage = X509_get_key_usage(cert);

	if (key == NULL)
		return "a recipient's key can not be read";
	if (usage == UINT32_MAX)
		return "a recipient's certificate has no key usage";
	if (is_p256(key))
		return (usage & KU_KEY_AGREEMENT) != 0
			   ? NULL
			   : "a P-256 recipient needs the key usage "
			     "keyAgreement";
	if (!EVP_PKEY_is_a(key, "RSA"))
		return "a recipient's key must be P-256 or RSA";
	if (EVP_PKEY_get_bits(key) < RSA_LEAST_BITS)
		return "a recipient's RSA key has fewer than 3072 bits";
	return (usage & KU_KEY_ENCIPHERMENT) != 0
		   ? NULL
		   : "an RSA recipient needs the key usage keyEncipherment";
}

static enum rc
check_one(struct recipients *r, size_t i, int demo, const char **why)
{
	*why = key_fault(r->cert[i]);
	if (*why != NULL)
		return RC_CONFIG;
	if (cert_ski(r->cert[i], r->ski[i]) != RC_OK) {
		*why = "a recipient's certificate has no key identifier";
		return RC_CONFIG;
	}
	for (size_t k = 0; k < i; k++) {
		if (memcmp(r->ski[k], r->ski[i], SKI_LEN) == 0) {
			*why = "two recipients have the same key";
			return RC_CONFIG;
		}
	}
	if (cert_is_demo(r->cert[i]) && !demo) {
		*why = "a recipient's key is for demonstrations";
		return RC_DENIED;
	}
	return RC_OK;
}

enum rc
recipients_load(const void *pem, size_t len, X509_STORE *police, int demo,
    struct recipients **out, const char **why)
{
	struct recipients *r = calloc(1, sizeof(*r));
	const char *fault = "the recipients' certificates can not be read";
	enum rc rc;

	if (r == NULL)
		return RC_NOMEM;
	rc = cert_parse_all(pem, len, r->cert, MAX_RECIPIENTS, &r->count);
	for (size_t i = 0; i < r->count && rc == RC_OK; i++)
		rc = check_one(r, i, demo, &fault);
	for (size_t i = 0; i < r->count && rc == RC_OK; i++)
		rc = cert_verify(police, r->cert[i], &fault);
	if (rc != RC_OK) {
		if (why != NULL)
			*why = fault;
		recipients_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

void
recipients_free(struct recipients *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		X509_free(r->cert[i]);
	free(r);
}

int
recipients_match(const struct recipients *r, const struct profile *envelope)
{
	if (envelope->others != 0 || envelope->recipients != r->count)
		return 0;
	/* ours are all different, so finding each of them among as many means
	 * that the sets are the same */
	for (size_t i = 0; i < r->count; i++) {
		size_t k = 0;

		while (k < r->count &&
		       memcmp(r->ski[i], envelope->ski[k], SKI_LEN) != 0)
			k++;
		if (k == r->count)
			return 0;
	}
	return 1;
}
