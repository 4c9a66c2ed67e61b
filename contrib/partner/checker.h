/* The check on this machine, by the library that the gateway uses: the
 * submitter's names never have to leave for it. */
#ifndef CUTOUT_CHECKER_H
#define CUTOUT_CHECKER_H

#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "receipt.h"
#include "report.h"
#include "result.h"

struct checker;

/* Loads the published contract from a schema folder. RC_CONFIG: a file is
 * missing or wrong; *why says which, in static or caller-lived storage.
 * RC_NOMEM, RC_IO. The caller frees *out. */
enum rc checker_new(const char *folder, struct checker **out,
    const char **why) MUST_USE;
void checker_free(struct checker *c);

/* Reads and judges a document. RC_OK: *findings says what stands against it
 * (findings_status() 201: nothing) and is the caller's. RC_NOMEM. */
enum rc checker_run(const struct checker *c, const void *raw_xml, size_t len,
    struct findings **findings) MUST_USE;

/* Whether what is about to be sent reads, by the report library, as a report
 * with exactly this id and blind and no Submitter. RC_BAD: no. RC_NOMEM. */
enum rc checker_confirm(const struct checker *c, const void *raw_xml,
    size_t len, const uint8_t id[RECEIPT_KEY],
    const uint8_t blind[RECEIPT_KEY]) MUST_USE;

#endif
