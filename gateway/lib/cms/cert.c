/* Certificates, keys and revocation lists as the gateway and the desk take
 * them. Everything is parsed from memory: nothing here opens a file. */
#include "cert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define FILE_MOST ((size_t)1 << 20)

static BIO *
text_bio(const void *pem, size_t len)
{
	return len > FILE_MOST ? NULL : BIO_new_mem_buf(pem, (int)len);
}

/* Nobody is there to be asked. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

enum rc
cert_parse(const void *pem, size_t len, X509 **out)
{
	BIO *bio = text_bio(pem, len);
	X509 *cert;

	if (bio == NULL)
		return RC_NOMEM;
	cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (cert == NULL)
		return RC_CONFIG;
	*out = cert;
	return RC_OK;
}

static size_t
occurrences(const char *p, size_t len, const char *what)
{
	const char *hit, *stop = p + len;
	size_t n = strlen(what), found = 0;

	while ((hit = memmem(p, (size_t)(stop - p), what, n)) != NULL) {
		p = hit + n;
		found++;
	}
	return found;
}

/* After a reader gave NULL: whether that was the end of the text, and not
 * something in it that can not be read. Half of a list is none. A block whose
 * first line is damaged or cut is no block to the reader: but its last line,
 * end, then stands there once more than blocks were read, or is missing. */
static enum rc
at_end(const char *pem, size_t len, const char *end, size_t read)
{
	unsigned long error = ERR_peek_last_error();

	ERR_clear_error();
	if (ERR_GET_LIB(error) != ERR_LIB_PEM ||
	    ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		return RC_CONFIG;
	return occurrences(pem, len, end) > read ||
		       occurrences(pem, len, "-----BEGIN") >
			   occurrences(pem, len, "-----END")
		   ? RC_CONFIG
		   : RC_OK;
}

enum rc
cert_parse_all(const void *pem, size_t len, X509 **out, size_t most,
    size_t *count)
{
	BIO *bio = text_bio(pem, len);
	X509 *cert;
	enum rc rc = RC_OK;

	*count = 0;
	if (bio == NULL)
		return RC_NOMEM;
	ERR_clear_error();
	while ((cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) !=
	       NULL) {
		if (*count == most) {
			X509_free(cert);
			rc = RC_CONFIG;
			break;
		}
		out[(*count)++] = cert;
	}
	BIO_free(bio);
	if (rc == RC_OK)
		rc = at_end(pem, len, "-----END CERTIFICATE-----", *count);
	if (rc == RC_OK && *count > 0)
		return RC_OK;
	while (*count > 0)
		X509_free(out[--*count]);
	return RC_CONFIG;
}

enum rc
cert_parse_key(const void *pem, size_t len, EVP_PKEY **out)
{
	BIO *bio = text_bio(pem, len);
	EVP_PKEY *key;

	if (bio == NULL)
		return RC_NOMEM;
	key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL)
		return RC_CONFIG;
	*out = key;
	return RC_OK;
}

/* The whole of fd. The caller cleanses and frees *out. */
static enum rc
read_whole(int fd, char **out, size_t *len)
{
	struct stat st;
	size_t done = 0;
	char *text;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size < 0 || (uintmax_t)st.st_size > FILE_MOST)
		return RC_LIMIT;
	*len = (size_t)st.st_size;
	text = malloc(*len + 1);
	if (text == NULL)
		return RC_NOMEM;
	while (done < *len) {
		ssize_t n = pread(fd, text + done, *len - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			explicit_bzero(text, done);
			free(text);
			return RC_IO;
		}
		done += (size_t)n;
	}
	*out = text;
	return RC_OK;
}

enum rc
cert_read(int fd, X509 **out)
{
	char *text;
	size_t len;
	enum rc rc;

	rc = read_whole(fd, &text, &len);
	if (rc != RC_OK)
		return rc;
	rc = cert_parse(text, len, out);
	free(text);
	return rc;
}

enum rc
cert_read_key(int fd, EVP_PKEY **out)
{
	struct stat st;
	char *text;
	size_t len;
	enum rc rc;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 ||
	    st.st_uid != geteuid())
		return RC_DENIED;
	rc = read_whole(fd, &text, &len);
	if (rc != RC_OK)
		return rc;
	rc = cert_parse_key(text, len, out);
	explicit_bzero(text, len);
	free(text);
	return rc;
}

/* Adds every revocation list of the text. RC_CONFIG: there is none, or one
 * can not be read: it may be the newest. */
static enum rc
add_crls(X509_STORE *store, const void *pem, size_t len)
{
	BIO *bio = text_bio(pem, len);
	X509_CRL *crl;
	size_t count = 0;
	enum rc rc = RC_OK;

	if (bio == NULL)
		return RC_NOMEM;
	ERR_clear_error();
	while (rc == RC_OK && (crl = PEM_read_bio_X509_CRL(bio, NULL,
				   no_passphrase, NULL)) != NULL) {
		if (X509_STORE_add_crl(store, crl) != 1)
			rc = RC_CONFIG;
		X509_CRL_free(crl);
		count++;
	}
	BIO_free(bio);
	if (rc == RC_OK)
		rc = at_end(pem, len, "-----END X509 CRL-----", count);
	ERR_clear_error();
	return rc == RC_OK && count == 0 ? RC_CONFIG : rc;
}

enum rc
cert_store(const void *authority, size_t authority_len, const void *crls,
    size_t crls_len, X509_STORE **out)
{
	X509_STORE *store = X509_STORE_new();
	X509 *cert = NULL;
	enum rc rc;

	if (store == NULL)
		return RC_NOMEM;
	rc = cert_parse(authority, authority_len, &cert);
	if (rc == RC_OK && X509_STORE_add_cert(store, cert) != 1)
		rc = RC_CONFIG;
	X509_free(cert);
	if (rc == RC_OK)
		rc = add_crls(store, crls, crls_len);
	if (rc == RC_OK &&
	    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
					    X509_V_FLAG_CRL_CHECK_ALL |
					    X509_V_FLAG_X509_STRICT) != 1)
		rc = RC_CRYPTO;
	if (rc != RC_OK) {
		X509_STORE_free(store);
		return rc;
	}
	*out = store;
	return RC_OK;
}

enum rc
cert_verify(X509_STORE *store, X509 *cert, const char **why)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum rc rc = RC_DENIED;

	if (ctx == NULL)
		return RC_NOMEM;
	if (X509_STORE_CTX_init(ctx, store, cert, NULL) != 1)
		rc = RC_CRYPTO;
	else if (X509_verify_cert(ctx) == 1)
		rc = RC_OK;
	if (why != NULL)
		*why = X509_verify_cert_error_string(
		    X509_STORE_CTX_get_error(ctx));
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

enum rc
cert_ski(X509 *cert, uint8_t out[SKI_LEN])
{
	const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(cert);

	if (ski == NULL || ASN1_STRING_length(ski) != SKI_LEN)
		return RC_CONFIG;
	memcpy(out, ASN1_STRING_get0_data(ski), SKI_LEN);
	return RC_OK;
}

int
cert_is_demo(const X509 *cert)
{
	const X509_NAME *name = X509_get_subject_name(cert);
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(name,
		    NID_organizationalUnitName, at)) >= 0) {
		const ASN1_STRING *unit =
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		size_t len = sizeof(CERT_DEMO_UNIT) - 1;

		if ((size_t)ASN1_STRING_length(unit) == len &&
		    memcmp(ASN1_STRING_get0_data(unit), CERT_DEMO_UNIT, len) ==
			0)
			return 1;
	}
	return 0;
}
