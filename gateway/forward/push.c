/* Pushing sealed objects to one police desk over one connection that somebody
 * else opened. libcurl would open certificate files when it connects and a
 * resolver when it sees a name; both happen after lock-down, so it gets blobs
 * and a fixed address (DESIGN section 1, traps). */
#include "push.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "hex.h"

enum { FILE_MAX = 256 * 1024, URL_SIZE = 512, HOST_MAX = 253 };

struct blob {
	char *data;
	size_t len;
};

struct push {
	CURL *curl;
	struct curl_slist *addresses, *headers;
	struct blob certificate, key, police, crls;
	char base[URL_SIZE];
	long deadline_s;
	int socket_used;
	const struct buf *sending;
	size_t sent;
	struct buf *answer;
};

/* The whole of one descriptor. */
static enum rc
blob_read(int fd, struct blob *out)
{
	struct stat st;
	size_t done = 0;

	if (fstat(fd, &st) == -1)
		return RC_IO;
	if (st.st_size <= 0 || st.st_size > FILE_MAX)
		return RC_CONFIG;
	out->len = (size_t)st.st_size;
	out->data = malloc(out->len + 1);
	if (out->data == NULL)
		return RC_NOMEM;
	while (done < out->len) {
		ssize_t n =
		    pread(fd, out->data + done, out->len - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return RC_IO;
		done += (size_t)n;
	}
	out->data[out->len] = '\0';
	return RC_OK;
}

static void
blob_free(struct blob *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	free(b->data);
}

/* --- what libcurl calls back -------------------------------------------- */

/* There is one socket, and it serves once: when it breaks the run ends. */
static curl_socket_t
give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct push *p = arg;

	(void)purpose;
	(void)address;
	if (p->socket_used)
		return CURL_SOCKET_BAD;
	p->socket_used = 1;
	return FD_FORWARD_SOCKET;
}

static int
socket_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static size_t
give_object(char *to, size_t size, size_t count, void *arg)
{
	struct push *p = arg;
	size_t n = buf_len(p->sending) - p->sent;

	if (n > size * count)
		n = size * count;
	memcpy(to, buf_data(p->sending) + p->sent, n);
	p->sent += n;
	return n;
}

static size_t
take_answer(char *raw_data, size_t size, size_t count, void *arg)
{
	struct push *p = arg;

	/* any other number than size * count makes libcurl give up */
	return buf_add(p->answer, raw_data, size * count) == RC_OK
		   ? size * count
		   : 0;
}

/* Adds the revocation lists, which libcurl takes from files alone. */
static CURLcode
add_crls(CURL *curl, void *tls, void *arg)
{
	X509_STORE *store = SSL_CTX_get_cert_store(tls);
	const struct push *p = arg;
	CURLcode code = CURLE_SSL_CRL_BADFILE;
	BIO *bio;
	int lists = 0;

	(void)curl;
	bio = BIO_new_mem_buf(p->crls.data, (int)p->crls.len);
	if (bio == NULL)
		return CURLE_OUT_OF_MEMORY;
	for (;;) {
		X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
		int added;

		if (crl == NULL)
			break;
		added = X509_STORE_add_crl(store, crl);
		X509_CRL_free(crl);
		if (added != 1)
			goto out;
		lists++;
	}
	ERR_clear_error(); /* the end of the file is not an error */
	if (lists == 0)
		goto out;
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
					X509_V_FLAG_CRL_CHECK_ALL |
					X509_V_FLAG_X509_STRICT);
	code = CURLE_OK;
out:
	BIO_free(bio);
	return code;
}

/* --- making it ----------------------------------------------------------- */

static enum rc
set_blob(CURL *curl, CURLoption option, const struct blob *b)
{
	struct curl_blob blob = {
	    .data = b->data, .len = b->len, .flags = CURL_BLOB_NOCOPY};

	return curl_easy_setopt(curl, option, &blob) == CURLE_OK ? RC_OK
								 : RC_CONFIG;
}

static enum rc
set_files(struct push *p)
{
	enum rc rc;

	rc = set_blob(p->curl, CURLOPT_SSLCERT_BLOB, &p->certificate);
	if (rc == RC_OK)
		rc = set_blob(p->curl, CURLOPT_SSLKEY_BLOB, &p->key);
	if (rc == RC_OK)
		rc = set_blob(p->curl, CURLOPT_CAINFO_BLOB, &p->police);
	return rc;
}

#define SET(option, value)                                                     \
	do {                                                                   \
		if (curl_easy_setopt(p->curl, option, value) != CURLE_OK)      \
			return RC_CONFIG;                                      \
	} while (0)

static enum rc
set_options(struct push *p)
{
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(CURLOPT_SSL_CTX_FUNCTION, add_crls);
	SET(CURLOPT_SSL_CTX_DATA, p);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	/* there is no second address to be tried: it waited 200 ms for one
	 * before it looked at the socket */
	SET(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	SET(CURLOPT_NOPROGRESS, 1L);
	SET(CURLOPT_TIMEOUT, p->deadline_s);
	SET(CURLOPT_RESOLVE, p->addresses);
	SET(CURLOPT_HTTPHEADER, p->headers);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give_object);
	SET(CURLOPT_READDATA, p);
	SET(CURLOPT_WRITEFUNCTION, take_answer);
	SET(CURLOPT_WRITEDATA, p);
	SET(CURLOPT_OPENSOCKETFUNCTION, give_socket);
	SET(CURLOPT_OPENSOCKETDATA, p);
	SET(CURLOPT_SOCKOPTFUNCTION, socket_connected);
	return set_files(p);
}

/* Where to: a name that the certificate must carry, an address that makes
 * any resolver needless. */
static enum rc
set_place(struct push *p, const struct setup *setup)
{
	const char *host = setup_text(setup, "host", NULL);
	const char *address = setup_text(setup, "address", NULL);
	char entry[URL_SIZE];
	int64_t port, seconds;
	enum rc rc;
	int n;

	rc = setup_number(setup, "port", 1, 65535, &port);
	if (rc == RC_OK)
		rc = setup_number(setup, "deadline_seconds", 1, 3600, &seconds);
	if (rc != RC_OK)
		return RC_CONFIG;
	if (host == NULL || address == NULL || strlen(host) > HOST_MAX)
		return RC_CONFIG;
	p->deadline_s = (long)seconds;
	n = snprintf(p->base, sizeof(p->base), "https://%s:%d/v1/items/", host,
	    (int)port);
	if (n < 0 || (size_t)n >= sizeof(p->base))
		return RC_CONFIG;
	n = snprintf(entry, sizeof(entry), "%s:%d:%s", host, (int)port,
	    address);
	if (n < 0 || (size_t)n >= sizeof(entry))
		return RC_CONFIG;
	p->addresses = curl_slist_append(NULL, entry);
	return p->addresses == NULL ? RC_NOMEM : RC_OK;
}

static enum rc
set_headers(struct push *p)
{
	/* no Expect: the desk reads the whole object or nothing */
	static const char *const lines[] = {
	    "Content-Type: application/pkcs7-mime",
	    "Expect:", "User-Agent:", "Accept:"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct curl_slist *more;

		more = curl_slist_append(p->headers, lines[i]);
		if (more == NULL)
			return RC_NOMEM;
		p->headers = more;
	}
	return RC_OK;
}

/* Does once what the first connection would do: algorithms are fetched and
 * the files parsed now, while files may still be opened. */
static enum rc
warm(struct push *p)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	SSL *ssl = tls == NULL ? NULL : SSL_new(tls);
	unsigned char digest[32];
	unsigned int len;
	enum rc rc = RC_CRYPTO;

	tzset(); /* verifying compares times; /etc/localtime is read here */
	if (ssl == NULL)
		goto out;
	if (add_crls(NULL, tls, p) != CURLE_OK) {
		rc = RC_CONFIG;
		goto out;
	}
	if (EVP_Digest("", 0, digest, &len, EVP_sha256(), NULL) != 1)
		goto out;
	rc = RC_OK;
out:
	SSL_free(ssl);
	SSL_CTX_free(tls);
	return rc;
}

static enum rc
read_files(struct push *p)
{
	enum rc rc;

	rc = blob_read(FD_FORWARD_CERTIFICATE, &p->certificate);
	if (rc == RC_OK)
		rc = blob_read(FD_FORWARD_KEY, &p->key);
	if (rc == RC_OK)
		rc = blob_read(FD_FORWARD_POLICE, &p->police);
	if (rc == RC_OK)
		rc = blob_read(FD_FORWARD_CRLS, &p->crls);
	return rc;
}

enum rc
push_new(const struct setup *setup, struct push **out)
{
	struct push *p;
	enum rc rc;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return RC_NOMEM;
	/* no configuration file of OpenSSL: only what this program says */
	rc = RC_CRYPTO;
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		goto out;
	p->curl = curl_easy_init();
	rc = p->curl == NULL ? RC_NOMEM : read_files(p);
	if (rc == RC_OK)
		rc = set_place(p, setup);
	if (rc == RC_OK)
		rc = set_headers(p);
	if (rc == RC_OK)
		rc = set_options(p);
	if (rc == RC_OK)
		rc = warm(p);
	if (rc != RC_OK)
		goto out;

	*out = p;
	p = NULL;
out:
	push_free(p);
	return rc;
}

void
push_free(struct push *p)
{
	if (p == NULL)
		return;
	if (p->curl != NULL)
		curl_easy_cleanup(p->curl);
	curl_slist_free_all(p->addresses);
	curl_slist_free_all(p->headers);
	blob_free(&p->certificate);
	blob_free(&p->key);
	blob_free(&p->police);
	blob_free(&p->crls);
	free(p);
}

/* --- using it ------------------------------------------------------------ */

enum rc
push_connected(struct push *p)
{
	struct pollfd wait = {.fd = FD_FORWARD_SOCKET, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0, n;

	do
		n = poll(&wait, 1, (int)p->deadline_s * 1000);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		return RC_TIMEOUT;
	if (n == -1 || getsockopt(FD_FORWARD_SOCKET, SOL_SOCKET, SO_ERROR,
			   &error, &len) == -1)
		return RC_IO;
	errno = error;
	return error == 0 ? RC_OK : RC_IO;
}

static enum rc
outage(CURLcode code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return RC_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return RC_CRYPTO;
	case CURLE_WRITE_ERROR:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer without a head */
		return RC_BAD;
	default:
		return RC_EOF;
	}
}

enum rc
push_put(struct push *p, const uint8_t h[HASH_LEN], const struct buf *object,
    uint16_t *status, struct buf *ack)
{
	char url[URL_SIZE + 2 * HASH_LEN + 1], name[2 * HASH_LEN + 1];
	CURLcode code;
	long answer = 0;
	int n;

	hex_encode(h, HASH_LEN, name);
	n = snprintf(url, sizeof(url), "%s%s", p->base, name);
	if (n < 0 || (size_t)n >= sizeof(url))
		return RC_LIMIT;
	p->sending = object;
	p->sent = 0;
	p->answer = ack;
	SET(CURLOPT_URL, url);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)buf_len(object));
	code = curl_easy_perform(p->curl);
	p->sending = NULL;
	p->answer = NULL;
	if (code != CURLE_OK)
		return outage(code);
	SET(CURLOPT_URL, p->base); /* keeps no item's name */
	if (curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &answer) !=
		CURLE_OK ||
	    answer < 100 || answer > 999)
		return RC_BAD;
	*status = (uint16_t)answer;
	return RC_OK;
}

int
push_goes_on(const struct push *p)
{
	struct curl_header *h = NULL;

	return curl_easy_header(p->curl, "Connection", 0, CURLH_HEADER, -1,
		   &h) != CURLHE_OK ||
	       strcasecmp(h->value, "close") != 0;
}
