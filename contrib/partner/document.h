/* What becomes of the submitter's file before it is sent: it gets the Id and
 * Blind of its receipt, and what names the submitter stays behind. */
#ifndef CUTOUT_DOCUMENT_H
#define CUTOUT_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "receipt.h"
#include "result.h"

/* Appends the document to out with Envelope/Id and Envelope/Blind put in (in
 * place of any there) and without Submitter, Envelope/ClientSoftware and
 * comments. Line breaks of what goes are kept, so a finding's line is the line
 * of the submitter's own file.
 * keep_submitter: leaves Submitter in, for the check on this machine.
 * RC_BAD: not well-formed enough to find the elements. RC_NOTFOUND: it has no
 * Envelope. RC_LIMIT, RC_NOMEM. out then holds part of it. */
enum rc document_prepare(const void *raw_xml, size_t len,
    const uint8_t id[RECEIPT_KEY], const uint8_t blind[RECEIPT_KEY],
    int keep_submitter, struct buf *out) MUST_USE;

#endif
