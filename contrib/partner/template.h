/* A report to fill in, with a comment on every field. */
#ifndef CUTOUT_TEMPLATE_H
#define CUTOUT_TEMPLATE_H

#include <stdio.h>

#include "receipt.h"
#include "result.h"

/* Writes a template for the scheme ("5x5x5", "3x5x2") by what report.xsd and
 * codes.xsd in the schema folder say: which fields there are, which of them
 * must be there, and the codes with their meanings. RC_CONFIG: the folder does
 * not hold a usable schema. RC_NOMEM, RC_IO. */
enum rc template_write(FILE *to, const char *schema_folder, const char *scheme,
    const uint8_t id[RECEIPT_KEY], const uint8_t blind[RECEIPT_KEY]) MUST_USE;

#endif
