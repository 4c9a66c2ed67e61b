/* The published report.xsd as people read it: which element holds which, what
 * must be there, what a value may be. Reads the schema as plain XML; it judges
 * nothing, the report library does that. */
#ifndef CUTOUT_XSD_H
#define CUTOUT_XSD_H

#include <stddef.h>

#include "result.h"

struct xsd;
struct xsd_node; /* an element, attribute or code of the schema; borrowed */

/* Reads report.xsd and codes.xsd of a folder. RC_CONFIG: they are not there or
 * not well-formed. RC_NOMEM. The caller frees *out. */
enum rc xsd_open(const char *folder, struct xsd **out) MUST_USE;
void xsd_free(struct xsd *x);

/* The declaration of the root element IntelligenceReport, or NULL. */
const struct xsd_node *xsd_root(const struct xsd *x);

/* Every attribute of an element, then every element it may hold, in order of
 * the schema; those of a choice one after the other. Stops when each returns
 * not RC_OK and returns that. */
enum rc xsd_children(const struct xsd *x, const struct xsd_node *element,
    enum rc (*each)(void *arg, const struct xsd_node *child),
    void *arg) MUST_USE;

/* The name without prefix, never NULL. */
const char *xsd_name(const struct xsd *x, const struct xsd_node *n);
int xsd_is_attribute(const struct xsd_node *n);
/* How often it may stand; UINT_MAX for unbounded. An element of a choice need
 * not be there; one that a rule asks for (appinfo "asked") must be, though the
 * schema itself lets it be absent. */
unsigned xsd_least(const struct xsd_node *n);
unsigned xsd_most(const struct xsd_node *n);
/* Whether it holds a value itself rather than only elements. */
int xsd_has_value(const struct xsd *x, const struct xsd_node *n);
/* The built-in type its value is made of: "string", "boolean", "date", "ID";
 * "" when it has none. */
const char *xsd_builtin(const struct xsd *x, const struct xsd_node *n);
/* A facet of its value such as "maxLength", the nearest one; NULL: none. */
const char *xsd_facet(const struct xsd *x, const struct xsd_node *n,
    const char *facet);
/* The words of its own xs:documentation, or of its type's; the caller frees
 * with free(). NULL: none. */
char *xsd_documentation(const struct xsd *x, const struct xsd_node *n);

/* Each code it may have, with its meaning ("" when the list gives none). */
enum rc xsd_codes(const struct xsd *x, const struct xsd_node *n,
    enum rc (*each)(void *arg, const char *code, const char *meaning),
    void *arg) MUST_USE;

#endif
