/* The police units that this gateway forwards to, as cutoutd packed them. */
#include "destinations.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cert.h"
#include "setup.h"

#define SETTINGS "/settings"

static enum rc
get(const struct archive *a, const char *name, const char *entry,
    const uint8_t **data, size_t *len)
{
	char path[64];
	size_t n = strlen(name), m = strlen(entry);

	if (n + m >= sizeof(path))
		return RC_CONFIG;
	memcpy(path, name, n);
	memcpy(path + n, entry, m);
	path[n + m] = '\0';
	return archive_get(a, path, data, len) == RC_OK ? RC_OK : RC_CONFIG;
}

static enum rc
read_settings(const struct archive *a, struct place *p)
{
	struct setup *s = NULL;
	const uint8_t *data;
	const char *schemes;
	int64_t test = 0;
	size_t len;
	enum rc rc;

	rc = get(a, p->name, SETTINGS, &data, &len);
	if (rc == RC_OK)
		rc = setup_parse(data, len, &s);
	if (rc != RC_OK)
		return rc;
	schemes = setup_text(s, "schemes", "");
	p->takes_5x5x5 = strstr(schemes, "5x5x5") != NULL;
	p->takes_3x5x2 = strstr(schemes, "3x5x2") != NULL;
	rc = setup_number(s, "test", 0, 1, &test);
	p->test = test != 0;
	setup_free(s);
	if (rc == RC_OK && !p->takes_5x5x5 && !p->takes_3x5x2)
		rc = RC_CONFIG;
	return rc == RC_NOTFOUND ? RC_CONFIG : rc;
}

static enum rc
read_ack(const struct archive *a, struct place *p, X509_STORE *police, int demo,
    const char **why)
{
	const uint8_t *data;
	size_t len;
	enum rc rc;

	*why = "the acknowledgement's certificate can not be read";
	rc = get(a, p->name, "/ack.pem", &data, &len);
	if (rc == RC_OK)
		rc = cert_parse(data, len, &p->ack);
	if (rc == RC_OK)
		rc = cert_verify(police, p->ack, why);
	if (rc == RC_OK && cert_is_demo(p->ack) && !demo) {
		*why = "the acknowledgement's key is for demonstrations";
		rc = RC_DENIED;
	}
	return rc;
}

static enum rc
read_place(const struct archive *a, struct place *p, X509_STORE *police,
    int demo, const char **why)
{
	const uint8_t *data;
	size_t len;
	enum rc rc;

	*why = "a destination's settings can not be read";
	rc = read_settings(a, p);
	if (rc == RC_OK)
		rc = get(a, p->name, "/recipients.pem", &data, &len);
	if (rc == RC_OK)
		rc = recipients_load(data, len, police, demo, &p->recipients,
		    why);
	return rc == RC_OK ? read_ack(a, p, police, demo, why) : rc;
}

/* Each "NAME/settings" is a destination, in order of appearance. */
static enum rc
read_places(const struct archive *a, struct destinations *d, int demo,
    const char **why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < archive_count(a) && rc == RC_OK; i++) {
		const char *name = archive_name(a, i);
		const char *end = strstr(name, SETTINGS);
		size_t n = end == NULL ? 0 : (size_t)(end - name);

		if (end == NULL || strcmp(end, SETTINGS) != 0)
			continue;
		if (n == 0 || n >= DESTINATION_NAME ||
		    d->count == MAX_DESTINATIONS)
			return RC_CONFIG;
		memcpy(d->place[d->count].name, name, n);
		rc = read_place(a, &d->place[d->count++], d->police, demo, why);
	}
	return rc == RC_OK && d->count == 0 ? RC_CONFIG : rc;
}

/* Lowers the end of validity to this time. */
static enum rc
ends_at(struct destinations *d, const ASN1_TIME *t)
{
	struct tm tm;
	int64_t at;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return RC_CONFIG;
	at = (int64_t)timegm(&tm);
	if (at < d->valid_until_wall_s)
		d->valid_until_wall_s = at;
	return RC_OK;
}

static enum rc
find_end(struct destinations *d)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(d->police);
	enum rc rc = RC_OK;

	d->valid_until_wall_s = INT64_MAX;
	for (int i = 0; i < sk_X509_OBJECT_num(objects) && rc == RC_OK; i++) {
		X509_OBJECT *o = sk_X509_OBJECT_value(objects, i);

		if (X509_OBJECT_get_type(o) == X509_LU_X509)
			rc = ends_at(d,
			    X509_get0_notAfter(X509_OBJECT_get0_X509(o)));
		else
			rc = ends_at(d, X509_CRL_get0_nextUpdate(
					    X509_OBJECT_get0_X509_CRL(o)));
	}
	for (size_t i = 0; i < d->count && rc == RC_OK; i++) {
		const struct recipients *r = d->place[i].recipients;

		for (size_t k = 0; k < r->count && rc == RC_OK; k++)
			rc = ends_at(d, X509_get0_notAfter(r->cert[k]));
		if (rc == RC_OK)
			rc = ends_at(d, X509_get0_notAfter(d->place[i].ack));
	}
	return rc;
}

/* One name a line. */
static enum rc
read_operations(const struct archive *a, struct destinations *d)
{
	const uint8_t *data;
	char *p, *eol;
	size_t len;

	if (archive_get(a, "operations", &data, &len) != RC_OK)
		return RC_OK;
	d->text = malloc(len + 1);
	if (d->text == NULL)
		return RC_NOMEM;
	memcpy(d->text, data, len);
	d->text[len] = '\0';
	for (p = d->text; (eol = strchr(p, '\n')) != NULL; p = eol + 1) {
		*eol = '\0';
		if (d->operation_count == OPERATIONS_MAX)
			return RC_CONFIG;
		d->operation[d->operation_count++] = p;
	}
	return RC_OK;
}

enum rc
destinations_load(const struct archive *a, int demo, struct destinations **out,
    const char **why)
{
	struct destinations *d = calloc(1, sizeof(*d));
	const uint8_t *authority, *crl;
	size_t authority_len, crl_len;
	const char *fault = "the police authority or its list is missing";
	enum rc rc;

	if (d == NULL)
		return RC_NOMEM;
	rc = archive_get(a, "police.pem", &authority, &authority_len);
	if (rc == RC_OK)
		rc = archive_get(a, "crl.pem", &crl, &crl_len);
	if (rc == RC_OK)
		rc = cert_store(authority, authority_len, crl, crl_len,
		    &d->police);
	else
		rc = RC_CONFIG;
	if (rc == RC_OK)
		rc = read_places(a, d, demo, &fault);
	if (rc == RC_OK)
		rc = find_end(d);
	if (rc == RC_OK)
		rc = read_operations(a, d);
	if (rc != RC_OK) {
		if (why != NULL)
			*why = fault;
		destinations_free(d);
		return rc;
	}
	*out = d;
	return RC_OK;
}

void
destinations_free(struct destinations *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->count; i++) {
		recipients_free(d->place[i].recipients);
		X509_free(d->place[i].ack);
	}
	X509_STORE_free(d->police);
	free(d->text);
	free(d);
}

int
destinations_hold(const struct destinations *d, int64_t now_wall_s)
{
	return now_wall_s < d->valid_until_wall_s;
}
