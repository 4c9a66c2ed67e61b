/* The check on this machine. */
#include "checker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SCHEMA_MAX = 8 * 1024 * 1024 };

struct checker {
	struct contract *contract;
};

static const char *const contract_files[] = {"report.xsd", "codes.xsd",
    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};

static enum rc
read_file(int folder, const char *name, struct buf *b)
{
	char part[8192];
	enum rc rc = RC_OK;
	ssize_t n;
	int fd;

	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	do {
		n = read(fd, part, sizeof(part));
		if (n == -1 && errno == EINTR)
			continue;
		rc = n == -1 ? RC_IO : buf_add(b, part, (size_t)n);
	} while (rc == RC_OK && n != 0);
	close(fd);
	return rc;
}

static enum rc
pack(int folder, struct buf *archive, const char **why)
{
	for (size_t i = 0;
	     i < sizeof(contract_files) / sizeof(contract_files[0]); i++) {
		struct buf *b = buf_new(SCHEMA_MAX);
		enum rc rc;

		if (b == NULL)
			return RC_NOMEM;
		rc = read_file(folder, contract_files[i], b);
		if (rc == RC_OK)
			rc = archive_add(archive, contract_files[i],
			    buf_data(b), buf_len(b));
		buf_free(b);
		if (rc != RC_OK) {
			*why = contract_files[i];
			return rc == RC_NOMEM ? rc : RC_CONFIG;
		}
	}
	return RC_OK;
}

enum rc
checker_new(const char *folder, struct checker **out, const char **why)
{
	struct buf *packed = buf_new(2 * (size_t)SCHEMA_MAX);
	struct checker *c = calloc(1, sizeof(*c));
	struct archive *archive = NULL;
	int dir = -1, fd = -1;
	enum rc rc = RC_NOMEM;

	*why = "out of memory";
	if (packed == NULL || c == NULL)
		goto out;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		*why = "the folder can not be opened";
		rc = RC_CONFIG;
		goto out;
	}
	rc = pack(dir, packed, why);
	if (rc != RC_OK)
		goto out;
	*why = "the files can not be packed";
	rc = sealed_memfd("schema", buf_data(packed), buf_len(packed), &fd);
	if (rc == RC_OK)
		rc = archive_read(fd, &archive);
	if (rc == RC_OK)
		rc = contract_load(archive, &c->contract, why);
	if (rc != RC_OK)
		goto out;
	*out = c;
	c = NULL;
out:
	if (fd != -1)
		close(fd);
	if (dir != -1)
		close(dir);
	archive_free(archive);
	checker_free(c);
	buf_free(packed);
	return rc;
}

void
checker_free(struct checker *c)
{
	if (c == NULL)
		return;
	contract_free(c->contract);
	free(c);
}

enum rc
checker_run(const struct checker *c, const void *raw_xml, size_t len,
    struct findings **findings)
{
	struct findings *f = findings_new();
	/* which destinations and operations the gateway serves is not known
	 * here: those rules are the gateway's */
	struct rule_context context = {.now_wall_s = time(NULL)};
	struct fields *fields = NULL;
	struct buf *rebuilt = NULL;
	enum rc rc;

	if (f == NULL)
		return RC_NOMEM;
	rc = report_read(c->contract, raw_xml, len, f, &fields);
	if (rc == RC_OK)
		rc = report_rules(c->contract, fields, &context, f);
	if (rc == RC_OK) {
		rebuilt = buf_new(2 * BODY_MAX);
		rc = rebuilt == NULL ? RC_NOMEM : RC_OK;
	}
	if (rc == RC_OK)
		rc = report_write(c->contract, fields, f, KIND_REPORT, rebuilt);
	if (rc == RC_OK || rc == RC_LIMIT) {
		size_t size = rc == RC_LIMIT ? 2 * BODY_MAX : buf_len(rebuilt);

		report_check_size(c->contract, size, report_lane(fields), f);
		rc = RC_OK;
	} else if (rc == RC_DENIED) {
		rc = RC_OK; /* the findings say it */
	}
	buf_free_secret(rebuilt);
	fields_free(fields);
	if (rc == RC_OK)
		*findings = f;
	else
		findings_free(f);
	return rc;
}

enum rc
checker_confirm(const struct checker *c, const void *raw_xml, size_t len,
    const uint8_t id[RECEIPT_KEY], const uint8_t blind[RECEIPT_KEY])
{
	struct findings *f = findings_new();
	struct fields *fields = NULL;
	enum rc rc;

	if (f == NULL)
		return RC_NOMEM;
	rc = report_read(c->contract, raw_xml, len, f, &fields);
	if (rc == RC_OK &&
	    (memcmp(report_id(fields), id, RECEIPT_KEY) != 0 ||
		memcmp(report_blind(fields), blind, RECEIPT_KEY) != 0 ||
		fields_first(fields, FIELD_SUBMITTER) != NULL ||
		fields_first(fields, FIELD_CLIENT_SOFTWARE) != NULL))
		rc = RC_BAD;
	if (rc == RC_DENIED)
		rc = RC_BAD;
	fields_free(fields);
	findings_free(f);
	return rc;
}
