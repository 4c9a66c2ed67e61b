/* From raw XML to typed fields: for submitted and for sealed documents. */
#ifndef CUTOUT_READER_H
#define CUTOUT_READER_H

#include "contract.h"
#include "scan.h"

/* As report_read(), for a document of IN_REPORT or IN_SEALED. */
enum rc document_read(const struct contract *c, int document,
    const uint8_t *raw, size_t len, struct findings *findings,
    struct fields **out) MUST_USE;

/* values.c: sets text and value of a field from the text the parser gave,
 * after it was valid by the schema. RC_BAD: it is none of this type: the
 * schema and fields.def disagree. RC_LIMIT: longer than its row allows.
 * RC_NOMEM. */
enum rc value_set(const struct contract *c, struct fields *fields,
    struct field *field, const char *text, size_t len) MUST_USE;
/* Whether text is in Unicode normal form C; when not, *at counts the code
 * points before the first that differs. */
bool value_is_nfc(const char *text, size_t len, size_t *at,
    uint32_t *codepoint);

/* refs.c: resolves every TYPE_REF to the field that has the id. */
enum rc refs_resolve(struct fields *fields) MUST_USE;

#endif
