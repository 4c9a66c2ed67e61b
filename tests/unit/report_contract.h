/* What tests of the report library share: the real contract, and a report
 * taken through it. */
#ifndef CUTOUT_TEST_REPORT_CONTRACT_H
#define CUTOUT_TEST_REPORT_CONTRACT_H

#include "report.h"

/* 2026-11-24T12:00:00Z, the day all examples are written for. */
#define TEST_NOW_S INT64_C(1795521600)

/* The contract from SOURCE_DIR/schema, loaded once; fails the test. */
const struct contract *the_contract(void);
/* A whole file, NUL-terminated; the caller frees it. Fails the test. */
char *read_whole(const char *path, size_t *len);
/* SOURCE_DIR/schema/examples/good/NAME. */
char *read_good(const char *name);

/* The context all examples are written for. */
const struct rule_context *test_context(void);

/* One report on its way. */
struct taken {
	enum rc rc; /* of report_read() */
	struct fields *fields;
	struct findings *findings;
	int status;
	struct buf *written; /* NULL: not accepted */
};

/* Takes a report all the way; take_free() afterwards. */
void take(struct taken *t, const char *raw, size_t len);
void take_text(struct taken *t, const char *raw);
void take_free(struct taken *t);
/* The only rule that was raised; fails when there are none or several. */
const char *only_rule(const struct taken *t);

/* A copy of text with the first old replaced; fails when there is none. */
char *replaced(const char *text, const char *old, const char *new);
/* The same for every old. */
char *replaced_all(const char *text, const char *old, const char *new);

#endif
