/* What the files of the HTTP reader share; nobody else includes it. */
#ifndef CUTOUT_HTTP_PARTS_H
#define CUTOUT_HTTP_PARTS_H

#include "http.h"

/* What the fields of one head have said so far. Zeroed before the first. */
struct http_fields {
	unsigned seen; /* one bit for each known field */
	bool coding_unknown;
	bool expectation_unknown;
};

/* Takes one byte from the source. HTTP_CLOSED: clean end. HTTP_CUT: failure.
 * Neither is final by itself: the caller says what it means where it stands. */
enum http_result http_next(struct http_reader *r, uint8_t *raw) MUST_USE;

/* As http_next() inside a request, where a clean end is HTTP_CUT too. */
enum http_result http_next_inside(struct http_reader *r, uint8_t *raw) MUST_USE;

/* Makes result, a failure, the last word of this reader; returns it. */
enum http_result http_fail(struct http_reader *r, enum http_result result);

/* Length of the token (RFC 9110, 5.6.2) that s starts with. */
size_t http_token_span(const char *s);

/* Takes one field: name is a token, value has no white space around it. Both
 * are changed in place; *req keeps pointers into value. HTTP_BAD: the known
 * field has no value we accept, or came twice. */
enum http_result http_field(struct http_fields *fields,
    struct http_request *req, char *name, char *value) MUST_USE;

/* Judges the fields together once all are taken. */
enum http_result http_fields_end(const struct http_fields *fields) MUST_USE;

#endif
