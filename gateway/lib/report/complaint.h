/* What the validator complains of, as a finding in our words. */
#ifndef CUTOUT_COMPLAINT_H
#define CUTOUT_COMPLAINT_H

#include <libxml/xmlerror.h>

#include "scan.h"

/* Raises XSD for one schema error at element number at of the scan (-1: about
 * the whole document). Of libxml2's message, which quotes the report, only
 * names of our own table are taken. */
void complaint_raise(const struct contract *c, const struct scan *scan,
    int document, int32_t at, const xmlError *error, struct findings *findings);

#endif
