/* One request to the gateway, by libcurl with everything off that it would
 * take from its surroundings. */
#include "transport.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_MAX = 65536, CONNECT_SECONDS = 20 };

/* The last TLS alert that the peer sent, or 0. A TLS 1.3 server refuses a
 * certificate after the client believes that the handshake is over, so
 * libcurl's error alone can not tell that from a lost answer. */
static int peer_alert;

static void
watch_alerts(const SSL *ssl, int where, int value)
{
	(void)ssl;
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		peer_alert = value & 255;
}

static CURLcode
prepare_tls(CURL *curl, void *ssl_ctx, void *unused)
{
	(void)curl;
	(void)unused;
	SSL_CTX_set_info_callback(ssl_ctx, watch_alerts);
	return CURLE_OK;
}

static int
is_certificate_alert(int alert)
{
	switch (alert) {
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_ACCESS_DENIED:
	case SSL_AD_CERTIFICATE_REQUIRED:
		return 1;
	default:
		return 0;
	}
}

static size_t
collect(char *raw, size_t one, size_t count, void *to)
{
	size_t len = one * count;

	return buf_add(to, raw, len) == RC_OK ? len : 0;
}

enum rc
transport_start(void)
{
	const curl_version_info_data *info;

	/* a debugging aid that would write session keys to a file */
	unsetenv("SSLKEYLOGFILE");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return RC_CONFIG;
	info = curl_version_info(CURLVERSION_NOW);
	return (info->features & CURL_VERSION_SSL) != 0 &&
		       info->ssl_version != NULL &&
		       strncmp(info->ssl_version, "OpenSSL", 7) == 0
		   ? RC_OK
		   : RC_CONFIG;
}

/* What became of the request, from libcurl's point of view. */
static enum exchange
judge(CURL *curl, CURLcode code)
{
	curl_off_t ready = 0;

	switch (code) {
	case CURLE_OK:
		return EXCHANGE_ANSWERED;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return EXCHANGE_UNTRUSTED;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_NOT_BUILT_IN:
		return EXCHANGE_CONFIG;
	default:
		break;
	}
	if (is_certificate_alert(peer_alert))
		return EXCHANGE_REFUSED;
	/* until the TLS connection stood nothing of the report was sent */
	if (curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &ready) ==
		CURLE_OK &&
	    ready == 0)
		return EXCHANGE_NOT_SENT;
	return EXCHANGE_LOST;
}

/* Sets what must hold for every request; CURLE_OK when all of it took. */
static CURLcode
set_options(CURL *curl, const struct target *t, const char *url,
    const void *body, size_t len, struct curl_slist *headers,
    struct answer_raw *out)
{
	CURLcode code = CURLE_OK;

#define SET(option, value)                                                     \
	do {                                                                   \
		if (code == CURLE_OK)                                          \
			code = curl_easy_setopt(curl, option, value);          \
	} while (0)
	SET(CURLOPT_ERRORBUFFER, out->why);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION,
	    (long)(CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3));
	/* only this authority: Debian's libcurl would add /etc/ssl/certs */
	SET(CURLOPT_CAINFO, t->ca);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLCERT, t->cert);
	SET(CURLOPT_SSLKEY, t->key);
	SET(CURLOPT_KEYPASSWD, ""); /* never ask on the terminal */
	SET(CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	/* a resumed session would link two visits */
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	SET(CURLOPT_TIMEOUT, t->seconds);
	/* the same for every agency and version */
	SET(CURLOPT_USERAGENT, "cutout");
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, body);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	SET(CURLOPT_WRITEFUNCTION, collect);
	SET(CURLOPT_WRITEDATA, out->body);
#undef SET
	return code;
}

/* Asks to be let in before the report is sent: a refusal then costs nothing,
 * and the report stays here. */
static struct curl_slist *
request_headers(void)
{
	static const char *const lines[] = {
	    "Content-Type: application/xml", "Expect: 100-continue"};
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct curl_slist *more = curl_slist_append(list, lines[i]);

		if (more == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = more;
	}
	return list;
}

static void
perform(CURL *curl, struct answer_raw *out)
{
	curl_off_t after = 0;
	CURLcode code;

	peer_alert = 0;
	code = curl_easy_perform(curl);
	out->what = judge(curl, code);
	if (code != CURLE_OK && out->why[0] == '\0')
		snprintf(out->why, sizeof(out->why), "%s",
		    curl_easy_strerror(code));
	if (code != CURLE_OK)
		return;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
	if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after) == CURLE_OK)
		out->retry_after_s = after > 0 ? (long)after : 0;
}

enum rc
transport_post(const struct target *target, const char *path, const void *body,
    size_t len, struct answer_raw *out)
{
	struct curl_slist *headers = request_headers();
	CURL *curl = curl_easy_init();
	struct buf *url = buf_new(4096);
	size_t used = strlen(target->url);
	enum rc rc = RC_NOMEM;

	memset(out, 0, sizeof(*out));
	out->body = buf_new(REPLY_MAX);
	if (headers == NULL || curl == NULL || url == NULL || out->body == NULL)
		goto fail;
	while (used > 0 && target->url[used - 1] == '/')
		used--;
	rc = buf_add(url, target->url, used);
	if (rc == RC_OK)
		rc = buf_add_text(url, path);
	if (rc == RC_OK)
		rc = buf_add(url, "", 1);
	if (rc == RC_NOMEM)
		goto fail;
	if (rc != RC_OK ||
	    set_options(curl, target, (const char *)buf_data(url), body, len,
		headers, out) != CURLE_OK) {
		out->what = EXCHANGE_CONFIG;
		snprintf(out->why, sizeof(out->why),
		    "the address or a file name can not be used");
	} else {
		perform(curl, out);
	}
	rc = RC_OK;
fail:
	if (rc != RC_OK) {
		buf_free(out->body);
		out->body = NULL;
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	buf_free(url);
	return rc;
}
