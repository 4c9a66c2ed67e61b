/* One generation of everything that roles load. cutoutd looks at none of it
 * beyond "is this PEM": whoever uses a certificate checks it. */
#include "material.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "files.h"

enum {
	PEM_MAX = 256 * 1024,
	DESTINATIONS_MAX = 4 * 1024 * 1024,
	SCHEMA_MAX = 8 * 1024 * 1024,
	SENTENCE_MAX = PATH_MAX + 128
};

static const char *const schema_files[] = {"report.xsd", "codes.xsd",
    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};
static const char *const served_files[] = {"report.xsd", "codes.xsd",
    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv", "openapi.yaml"};

struct reading {
	const struct config *c;
	config_complain complain;
};

static enum rc
say(const struct reading *r, const char *path, enum rc rc)
{
	char sentence[SENTENCE_MAX];
	const char *why = rc_text(rc);

	if (rc == RC_OK || rc == RC_NOMEM)
		return rc;
	if (rc == RC_IO)
		why = strerror(errno);
	else if (rc == RC_DENIED)
		why = "is not a plain file, or anybody may write to it";
	else if (rc == RC_BAD)
		why = "has no PEM block";
	(void)snprintf(sentence, sizeof(sentence), "%s: %s", path, why);
	r->complain(sentence);
	return RC_CONFIG;
}

static enum rc
pem(const struct reading *r, const char *path, struct buf **out)
{
	if (*out == NULL)
		*out = buf_new(PEM_MAX);
	if (*out == NULL)
		return RC_NOMEM;
	return say(r, path, file_add_pem(path, *out));
}

/* Adds one file to an archive under a name of ours. */
static enum rc
archived(const struct reading *r, const char *path, const char *name,
    size_t max, int is_pem, struct buf *archive)
{
	struct buf *bytes = buf_new(max);
	enum rc rc;

	if (bytes == NULL)
		return RC_NOMEM;
	rc = is_pem ? file_add_pem(path, bytes) : file_add(path, bytes);
	if (rc == RC_OK)
		rc =
		    archive_add(archive, name, buf_data(bytes), buf_len(bytes));
	buf_free(bytes);
	return say(r, path, rc);
}

static enum rc
schema_archive(const struct reading *r, const char *const *names, size_t count,
    struct buf **out)
{
	char path[PATH_MAX];
	enum rc rc = RC_OK;

	*out = buf_new(SCHEMA_MAX);
	if (*out == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", r->c->schema,
		    names[i]);

		if (n < 0 || (size_t)n >= sizeof(path))
			return RC_CONFIG;
		rc = archived(r, path, names[i], SCHEMA_MAX, 0, *out);
	}
	return rc;
}

/* --- destinations ----------------------------------------------------- */

static enum rc
settings_text(const struct destination *d, struct buf *to)
{
	enum rc rc = buf_add_text(to, "schemes ");

	for (size_t i = 0; i < d->schemes.count && rc == RC_OK; i++)
		rc =
		    buf_addf(to, "%s%s", i == 0 ? "" : ",", d->schemes.text[i]);
	if (rc == RC_OK)
		rc = buf_addf(to, "\ntest %d\n", d->test != 0);
	return rc;
}

static enum rc
one_destination(const struct reading *r, const struct destination *d,
    struct buf *archive)
{
	struct buf *text = buf_new(4096), *to = buf_new(PEM_MAX);
	char name[64];
	enum rc rc = RC_NOMEM;

	if (text == NULL || to == NULL)
		goto out;
	rc = settings_text(d, text);
	(void)snprintf(name, sizeof(name), "%s/settings", d->name);
	if (rc == RC_OK)
		rc = archive_add(archive, name, buf_data(text), buf_len(text));
	for (size_t i = 0; i < d->recipients.count && rc == RC_OK; i++)
		rc = say(r, d->recipients.text[i],
		    file_add_pem(d->recipients.text[i], to));
	(void)snprintf(name, sizeof(name), "%s/recipients.pem", d->name);
	if (rc == RC_OK)
		rc = archive_add(archive, name, buf_data(to), buf_len(to));
	(void)snprintf(name, sizeof(name), "%s/ack.pem", d->name);
	if (rc == RC_OK)
		rc = archived(r, d->ack, name, PEM_MAX, 1, archive);
out:
	buf_free(text);
	buf_free(to);
	return rc;
}

static enum rc
operations_text(const struct config *c, struct buf *archive)
{
	struct buf *text = buf_new(65536);
	enum rc rc = RC_OK;

	if (text == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < c->operations.count && rc == RC_OK; i++)
		rc = buf_addf(text, "%s\n", c->operations.text[i]);
	if (rc == RC_OK)
		rc = archive_add(archive, "operations", buf_data(text),
		    buf_len(text));
	buf_free(text);
	return rc;
}

/* In the order of the configuration: that is their number on the wire. */
static enum rc
destinations_archive(const struct reading *r, struct material *m)
{
	enum rc rc = RC_OK;
	struct buf *a;

	m->destinations = a = buf_new(DESTINATIONS_MAX);
	if (a == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < r->c->destination_count && rc == RC_OK; i++)
		rc = one_destination(r, &r->c->destinations[i], a);
	if (rc == RC_OK)
		rc = operations_text(r->c, a);
	if (rc == RC_OK)
		rc = archive_add(a, "police.pem", buf_data(m->police),
		    buf_len(m->police));
	if (rc == RC_OK)
		rc = archive_add(a, "crl.pem", buf_data(m->police_crl),
		    buf_len(m->police_crl));
	return rc;
}

/* --- all of it -------------------------------------------------------- */

static enum rc
read_pems(const struct reading *r, struct material *m)
{
	const struct config *c = r->c;
	struct {
		const char *path;
		struct buf **to;
	} files[] = {
	    {c->tls_certificate, &m->certificate},
	    {c->partner_authority, &m->partners},
	    {c->police_authority, &m->police},
	    {c->partner_crl, &m->partner_crl},
	    {c->police_crl, &m->police_crl},
	    {c->origin_certificate, &m->origin},
	    {c->forward_certificate, &m->forward},
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && rc == RC_OK;
	     i++)
		rc = pem(r, files[i].path, files[i].to);
	return rc;
}

enum rc
material_read(const struct config *c, uint64_t generation,
    config_complain complain, struct material **out)
{
	struct reading r = {c, complain};
	struct material *m;
	enum rc rc;

	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return RC_NOMEM;
	m->generation = generation;
	rc = read_pems(&r, m);
	if (rc == RC_OK)
		rc = destinations_archive(&r, m);
	if (rc == RC_OK)
		rc = schema_archive(&r, schema_files,
		    sizeof(schema_files) / sizeof(schema_files[0]), &m->schema);
	if (rc == RC_OK)
		rc = schema_archive(&r, served_files,
		    sizeof(served_files) / sizeof(served_files[0]), &m->served);
	if (rc != RC_OK) {
		material_free(m);
		return rc;
	}
	*out = m;
	return RC_OK;
}

void
material_free(struct material *m)
{
	if (m == NULL)
		return;
	buf_free(m->certificate);
	buf_free(m->partners);
	buf_free(m->police);
	buf_free(m->partner_crl);
	buf_free(m->police_crl);
	buf_free(m->served);
	buf_free(m->schema);
	buf_free(m->destinations);
	buf_free(m->origin);
	buf_free(m->forward);
	free(m);
}

static void
swap(struct buf **a, struct buf **b)
{
	struct buf *was = *a;

	*a = *b;
	*b = was;
}

void
material_swap_trust(struct material *a, struct material *b)
{
	swap(&a->certificate, &b->certificate);
	swap(&a->partners, &b->partners);
	swap(&a->partner_crl, &b->partner_crl);
}

enum rc
material_fd(const struct buf *b, int *out)
{
	/* fresh for each taker: a shared one would share its file offset */
	return sealed_memfd("material", buf_data(b), buf_len(b), out);
}
