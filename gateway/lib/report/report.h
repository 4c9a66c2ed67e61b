/* The report, from raw XML to typed fields, through the rules, to a new
 * document: what police receive is written from the fields, never copied
 * ("strip by rebuilding", DESIGN section 1). Used by screen, by cutout-submit
 * (which checks on the partner's own machine) and by cutout-desk (which
 * validates what it opened again).
 *
 * In this order:
 *	contract_load()    once, before lock-down
 *	report_read()      raw bytes -> fields, or findings
 *	report_dup()       before report_rules(): of what was submitted
 *	report_rules()     may complete fields (BR-02, BR-23, BR-46)
 *	findings_status()  201: go on
 *	report_write(), report_pad()
 *
 * Nothing here opens a file or a socket, whatever a report says;
 * contract_load_folder() alone opens the six files it names. Memory comes
 * from malloc (libxml2: from xmlMalloc, where a caller may put an arena with
 * xmlMemSetup() before contract_load()). */
#ifndef CUTOUT_REPORT_H
#define CUTOUT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive.h"
#include "buf.h"
#include "fields.h"
#include "findings.h"
#include "result.h"
#include "wire.h"

/* The compiled contract: report.xsd, codes.xsd, sealed.xsd, sealed.tsv,
 * rules.tsv and words.tsv. Read-only once loaded, good for any number of
 * reports, and inherited over fork. */
struct contract;

/* Compiles the contract from an archive with entries of these six names and
 * nothing else around: an include of any other name fails. Copies what it
 * keeps. RC_CONFIG: a file is missing, does not compile, or disagrees with
 * the field table; *why, when not NULL, is then a plain sentence in static
 * storage. RC_NOMEM. */
enum rc contract_load(const struct archive *schema, struct contract **out,
    const char **why) MUST_USE;
/* The same from a folder that holds the six files, for programs that people
 * run. *why is also the name of a file that is missing or too large. */
enum rc contract_load_folder(const char *path, struct contract **out,
    const char **why) MUST_USE;
void contract_free(struct contract *c);
/* What a rule of the contract ("BR-03") says; NULL when there is none.
 * Borrowed. */
const char *contract_help(const struct contract *c, const char *rule);

/* Reads a submitted report. RC_OK: *out are its typed fields and the caller
 * frees them; findings may all the same hold something (BR-51, BR-52).
 * RC_DENIED: no fields; findings say why (XML, BR-53, XSD, BR-51) and
 * findings_status() is 400 or 422. RC_NOMEM. Keeps no pointer into raw. */
enum rc report_read(const struct contract *c, const uint8_t *raw, size_t len,
    struct findings *findings, struct fields **out) MUST_USE;

/* One destination as this gateway is configured, for the rules only. */
struct rule_destination {
	const char *name; /* Header/DestinationForce */
	bool takes_5x5x5;
	bool takes_3x5x2;
	bool test; /* takes test reports, and nothing else */
};

/* What rules need to know besides the report. The lists are NULL with count
 * 0 when they are not known, as on a partner's machine: their rules (CT-02,
 * CT-03, BR-08; CT-04) then raise nothing. known tells an empty list. */
struct rule_context {
	int64_t now_wall_s; /* UTC; dates without time: Europe/London */
	bool destinations_known;
	const struct rule_destination *destinations;
	size_t destination_count;
	bool operations_known;
	const char *const *operations; /* Header/OperationName allowed */
	size_t operation_count;
};

/* Applies every rule of rules.tsv that this library implements. Q findings
 * that Envelope/Confirm names are not raised. Completes the fields: a missing
 * handling code (BR-02), priority HIGH (BR-23), a marking (BR-46). Call
 * report_dup() before. RC_NOMEM is the only failure. */
enum rc report_rules(const struct contract *c, struct fields *fields,
    const struct rule_context *context, struct findings *findings) MUST_USE;

/* Which lane the report takes, after report_rules(), and the place of its
 * destination in context->destinations, or -1. */
enum lane report_lane(const struct fields *fields);
int report_destination(const struct fields *fields,
    const struct rule_context *context);
/* Envelope/Id and Envelope/Blind, 32 bytes each; never NULL for what
 * report_read() returned, and NULL for a sealed document. The caller cleanses
 * its own copies; fields_free() cleanses these. */
const uint8_t *report_id(const struct fields *fields);
const uint8_t *report_blind(const struct fields *fields);

/* Appends the fixed serialisation of the fields as submitted, without
 * Submitter, ClientSoftware, Id and Blind: the message of the HMAC that tells
 * a repetition from a conflict (DESIGN section 3). RC_LIMIT, RC_NOMEM. */
enum rc report_dup(const struct fields *fields, struct buf *b) MUST_USE;

enum report_kind { KIND_REPORT, KIND_COVER };

/* Appends the new canonical document, valid by sealed.xsd: order and
 * generalisation by sealed.tsv, entities renumbered and sorted, only the
 * warnings that may travel. The same report from another serialiser gives the
 * same bytes. RC_LIMIT: b is too small: CT-07. RC_NOMEM. */
enum rc report_write(const struct contract *c, const struct fields *fields,
    const struct findings *findings, enum report_kind kind,
    struct buf *b) MUST_USE;

/* The smallest class (wire.h) that holds len bytes; RC_LIMIT: none. */
enum rc report_class(size_t len, uint8_t *class) MUST_USE;
/* The finding that a rebuilt report is too long: CT-05 in the fast lane, CT-07
 * over the largest class. Nothing when it fits. */
void report_check_size(const struct contract *c, size_t len, enum lane lane,
    struct findings *findings);
/* Appends spaces behind the root element up to the size of the class.
 * RC_LIMIT: b holds more already, or may not hold as much. */
enum rc report_pad(struct buf *b, uint8_t class) MUST_USE;

/* The police side: reads a sealed document again, with the same pre-scan and
 * validation against sealed.xsd. Returns as report_read(). */
enum rc sealed_read(const struct contract *c, const uint8_t *raw, size_t len,
    struct findings *findings, struct fields **out) MUST_USE;
/* Whether it is a cover report, of no meaning. */
bool sealed_is_cover(const struct fields *sealed);
/* Appends the document as plain text with the meaning beside each code.
 * Values are only ever text: control characters are made visible, so that
 * nothing can steer a terminal. RC_LIMIT, RC_NOMEM. */
enum rc report_text(const struct contract *c, const struct fields *sealed,
    struct buf *b) MUST_USE;

#endif
