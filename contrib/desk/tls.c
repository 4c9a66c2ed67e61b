/* What the desk's TLS server is made of. */
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>

#include "cert.h"
#include "certificate.h"
#include "complain.h"
#include "file.h"
#include "pair.h"

enum { PEM_MAX = 1 << 20 };

static const char *
reason(enum rc rc)
{
	return rc == RC_IO || rc == RC_NOTFOUND ? strerror(errno) : rc_text(rc);
}

/* A key that others can read is not a secret any more. */
static enum rc
check_mode(const struct folder *keys, const char *name)
{
	struct stat st;

	if (fstatat(folder_fd(keys), name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	return (st.st_mode & 077) == 0 ? RC_OK : RC_DENIED;
}

static void
complain_of(const struct folder *keys, const char *name, enum rc rc)
{
	complain("%s/%s: %s. The folder is what cutout-desk init made",
	    folder_path(keys), name, reason(rc));
}

enum rc
desk_certificate(const struct folder *keys, const char *name, X509 **cert)
{
	enum rc rc = certificate_read(keys, name, cert);

	if (rc != RC_OK)
		complain_of(keys, name, rc);
	ERR_clear_error();
	return rc;
}

static enum rc
read_key(const struct folder *keys, const char *name, EVP_PKEY **key)
{
	enum rc rc = check_mode(keys, name);

	if (rc == RC_DENIED) {
		complain("%s/%s: others may read this key; make it yours "
			 "alone: chmod 600",
		    folder_path(keys), name);
		return rc;
	}
	if (rc == RC_OK)
		rc = pair_read_private(keys, name, key);
	if (rc != RC_OK)
		complain_of(keys, name, rc);
	ERR_clear_error();
	return rc;
}

enum rc
desk_key(const struct folder *keys, const char *cert_name, const char *key_name,
    X509 **cert, EVP_PKEY **key)
{
	EVP_PKEY *k = NULL;
	X509 *c = NULL;
	enum rc rc;

	rc = desk_certificate(keys, cert_name, &c);
	if (rc == RC_OK)
		rc = read_key(keys, key_name, &k);
	if (rc == RC_OK && X509_check_private_key(c, k) != 1) {
		complain("%s: %s and %s do not belong together; bring back "
			 "the right pair",
		    folder_path(keys), cert_name, key_name);
		rc = RC_DENIED;
	}
	ERR_clear_error();
	if (rc != RC_OK) {
		EVP_PKEY_free(k);
		X509_free(c);
		return rc;
	}
	*cert = c;
	*key = k;
	return RC_OK;
}

/* Who may connect. */
static enum rc
load_store(const char *authority_path, const char *crl_path, X509_STORE **out)
{
	struct buf *authority = NULL, *crl = NULL;
	const char *path = authority_path;
	enum rc rc;

	rc = file_read(authority_path, PEM_MAX, &authority);
	if (rc == RC_OK) {
		path = crl_path;
		rc = file_read(crl_path, PEM_MAX, &crl);
	}
	if (rc != RC_OK)
		complain("%s: %s", path, reason(rc));
	if (rc == RC_OK) {
		rc = cert_store(buf_data(authority), buf_len(authority),
		    buf_data(crl), buf_len(crl), out);
		if (rc != RC_OK)
			complain("%s and %s: an authority's certificate and "
				 "its revocation list are needed there, in PEM",
			    authority_path, crl_path);
	}
	buf_free(authority);
	buf_free(crl);
	return rc;
}

static enum rc
configure(SSL_CTX *tls, X509 *cert, EVP_PKEY *key, X509_STORE *clients)
{
	if (SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_use_certificate(tls, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(tls, key) != 1 ||
	    SSL_CTX_set1_verify_cert_store(tls, clients) != 1 ||
	    SSL_CTX_set_num_tickets(tls, 0) != 1)
		return RC_CRYPTO;
	SSL_CTX_set_verify(tls,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_options(tls, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	return RC_OK;
}

enum rc
desk_tls(const struct folder *keys, const char *authority_path,
    const char *crl_path, SSL_CTX **out)
{
	X509_STORE *clients = NULL;
	EVP_PKEY *key = NULL;
	SSL_CTX *tls = NULL;
	X509 *cert = NULL;
	enum rc rc;

	rc = desk_key(keys, "server.crt", "server.key", &cert, &key);
	if (rc == RC_OK)
		rc = load_store(authority_path, crl_path, &clients);
	if (rc != RC_OK)
		goto out;
	tls = SSL_CTX_new(TLS_server_method());
	rc = tls == NULL ? RC_NOMEM : configure(tls, cert, key, clients);
	if (rc != RC_OK) {
		complain("the TLS server can not be made: %s", rc_text(rc));
		goto out;
	}
	*out = tls;
	tls = NULL;
out:
	SSL_CTX_free(tls);
	X509_STORE_free(clients);
	EVP_PKEY_free(key);
	X509_free(cert);
	ERR_clear_error();
	return rc;
}
