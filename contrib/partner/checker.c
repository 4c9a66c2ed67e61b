/* The check on this machine. */
#include "checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct checker {
	struct contract *contract;
};

enum rc
checker_new(const char *folder, struct checker **out, const char **why)
{
	struct checker *c = calloc(1, sizeof(*c));
	enum rc rc;

	*why = "out of memory";
	if (c == NULL)
		return RC_NOMEM;
	rc = contract_load_folder(folder, &c->contract, why);
	if (rc != RC_OK) {
		checker_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
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
