/* The gateway's origin certificates that this desk pinned. */
#include "origins.h"

#include <errno.h>
#include <string.h>

#include "cert.h"
#include "complain.h"
#include "file.h"
#include "origin.h"
#include "store.h"

enum { PEM_MAX = 1 << 20 };

enum rc
origins_load(const char *path, struct origins *out)
{
	struct buf *pem = NULL;
	uint8_t ski[SKI_LEN];
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = file_read(path, PEM_MAX, &pem);
	if (rc != RC_OK) {
		complain("--origin %s: %s", path,
		    rc == RC_IO || rc == RC_NOTFOUND ? strerror(errno)
						     : rc_text(rc));
		return rc;
	}
	rc = cert_parse_all(buf_data(pem), buf_len(pem), out->cert, ORIGINS_MAX,
	    &out->count);
	buf_free(pem);
	for (size_t i = 0; rc == RC_OK && i < out->count; i++)
		rc = cert_ski(out->cert[i], ski);
	if (rc == RC_OK)
		return RC_OK;
	complain("--origin %s: 1 to %d certificates in PEM are needed there, "
		 "each with a subject key identifier: the gateway's origin.crt",
	    path, ORIGINS_MAX);
	origins_clear(out);
	return rc;
}

void
origins_clear(struct origins *o)
{
	for (size_t i = 0; i < o->count; i++)
		X509_free(o->cert[i]);
	o->count = 0;
}

enum rc
origins_check(const struct origins *o, const uint8_t *raw, size_t len,
    struct profile *envelope, X509 **by)
{
	struct buf *inner = buf_new(ITEM_MAX);
	enum rc rc = RC_CRYPTO;
	size_t i;

	if (inner == NULL)
		return RC_NOMEM;
	for (i = 0; i < o->count; i++) {
		rc = origin_open(raw, len, o->cert[i], inner);
		if (rc != RC_CRYPTO)
			break;
	}
	if (rc == RC_OK)
		rc = profile_check(buf_data(inner), buf_len(inner), envelope);
	/* what it was sealed in is never longer than the largest item */
	if (rc == RC_LIMIT)
		rc = RC_BAD;
	if (rc == RC_OK && by != NULL)
		*by = o->cert[i];
	buf_free(inner);
	return rc;
}
