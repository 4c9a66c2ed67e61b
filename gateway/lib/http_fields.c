/* What the fields of an HTTP request mean: the six that the reader knows. All
 * others were judged by their characters alone and mean nothing here. */
#include <string.h>

#include "http.h"
#include "http_parts.h"

/* in ASCII whatever the locale says */
static void
lower(char *s)
{
	for (; *s != '\0'; s++) {
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	}
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* host [":" port] (RFC 9110, 7.2), with a name of letters, digits and "-._" or
 * an address in brackets. Nothing is done with it: two readers that disagree
 * about it are the danger. */
static enum http_result
take_host(struct http_fields *fields, struct http_request *req, char *value)
{
	size_t n;

	(void)fields;
	(void)req;
	lower(value);
	if (*value == '[') {
		n = strspn(++value, "0123456789abcdef:.");
		if (n < 2 || value[n] != ']')
			return HTTP_BAD;
		value += n + 1;
	} else {
		n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-._");
		if (n == 0)
			return HTTP_BAD;
		value += n;
	}
	if (*value == '\0')
		return HTTP_OK;
	if (*value++ != ':')
		return HTTP_BAD;
	n = strspn(value, "0123456789");
	return n >= 1 && n <= 5 && value[n] == '\0' ? HTTP_OK : HTTP_BAD;
}

static enum http_result
take_length(struct http_fields *fields, struct http_request *req, char *value)
{
	uint64_t length = 0;

	(void)fields;
	if (*value == '\0' || (value[0] == '0' && value[1] != '\0'))
		return HTTP_BAD;
	for (; *value != '\0'; value++) {
		uint64_t d = (uint64_t)(*value - '0');

		if (!digit(*value) || length > (UINT64_MAX - d) / 10)
			return HTTP_BAD;
		length = length * 10 + d;
	}
	req->content_length = length;
	req->has_body = length > 0;
	return HTTP_OK;
}

/* Cuts one token off a list; NULL when there is none where one must be. *rest
 * becomes NULL with the last. */
static char *
take_item(char **rest)
{
	char *item = *rest;
	size_t len = http_token_span(item);
	char *after = item + len + strspn(item + len, " \t");

	if (len == 0 || (*after != ',' && *after != '\0'))
		return NULL;
	*rest = *after == '\0' ? NULL : after + 1 + strspn(after + 1, " \t");
	item[len] = '\0';
	return item;
}

/* "chunked" alone. Another coding before it is one we do not know; a list where
 * chunked is not once and last has no sure end (RFC 9112, 6.3). */
static enum http_result
take_coding(struct http_fields *fields, struct http_request *req, char *value)
{
	lower(value);
	while (value != NULL) {
		char *item = take_item(&value);

		if (item == NULL || req->chunked)
			return HTTP_BAD;
		if (strcmp(item, "chunked") == 0)
			req->chunked = true;
		else
			fields->coding_unknown = true;
	}
	req->has_body = true;
	return HTTP_OK;
}

/* One value of a parameter, a token or a quoted-string without quoted-pairs;
 * cut off in place. NULL: neither. */
static char *
take_value(char **rest, char *next)
{
	char *value = *rest;
	size_t len;

	if (*value != '"') {
		len = http_token_span(value);
		*rest = value + len;
	} else {
		len = strcspn(++value, "\"\\");
		if (value[len] != '"')
			return NULL;
		*rest = value + len + 1;
	}
	/* the byte after the value may be the next ";": tell it, then cut */
	*next = **rest;
	value[len] = '\0';
	return len == 0 ? NULL : value;
}

/* Parameters (RFC 9110, 5.6.6), none of them empty; p stands after the
 * subtype. Only charset means something. */
static enum http_result
take_parameters(struct http_request *req, char *p)
{
	char next = *p;
	bool charset = false;

	for (;;) {
		char *name, *value;
		size_t len;

		while (next == ' ' || next == '\t')
			next = *++p;
		if (next == '\0')
			return HTTP_OK;
		if (next != ';')
			return HTTP_BAD;
		p++;
		name = p + strspn(p, " \t");
		len = http_token_span(name);
		if (len == 0 || name[len] != '=')
			return HTTP_BAD;
		name[len] = '\0';
		p = name + len + 1;
		value = take_value(&p, &next);
		if (value == NULL)
			return HTTP_BAD;
		if (strcmp(name, "charset") != 0)
			continue;
		if (charset)
			return HTTP_BAD;
		charset = true;
		req->charset_ok = strcmp(value, "utf-8") == 0;
	}
}

static enum http_result
take_type(struct http_fields *fields, struct http_request *req, char *value)
{
	size_t type = http_token_span(value);
	size_t subtype;
	enum http_result result;

	(void)fields;
	if (type == 0 || value[type] != '/')
		return HTTP_BAD;
	subtype = http_token_span(value + type + 1);
	if (subtype == 0)
		return HTTP_BAD;
	lower(value);
	result = take_parameters(req, value + type + 1 + subtype);
	value[type + 1 + subtype] = '\0';
	req->content_type = value;
	return result;
}

static enum http_result
take_expect(struct http_fields *fields, struct http_request *req, char *value)
{
	lower(value);
	if (strcmp(value, "100-continue") == 0)
		req->expect_continue = true;
	else
		fields->expectation_unknown = true;
	return HTTP_OK;
}

static enum http_result
take_connection(struct http_fields *fields, struct http_request *req,
    char *value)
{
	(void)fields;
	lower(value);
	while (value != NULL) {
		char *item = take_item(&value);

		if (item == NULL)
			return HTTP_BAD;
		if (strcmp(item, "close") == 0)
			req->keep_alive = false;
	}
	return HTTP_OK;
}

enum { HOST, LENGTH, CODING, TYPE, EXPECT, CONNECTION, KNOWN };

static const struct {
	const char *name;
	enum http_result (*take)(struct http_fields *, struct http_request *,
	    char *);
} known[KNOWN] = {
    [HOST] = {"host", take_host},
    [LENGTH] = {"content-length", take_length},
    [CODING] = {"transfer-encoding", take_coding},
    [TYPE] = {"content-type", take_type},
    [EXPECT] = {"expect", take_expect},
    [CONNECTION] = {"connection", take_connection},
};

enum http_result
http_field(struct http_fields *fields, struct http_request *req, char *name,
    char *value)
{
	lower(name);
	for (unsigned i = 0; i < KNOWN; i++) {
		if (strcmp(name, known[i].name) != 0)
			continue;
		if (i != CONNECTION && (fields->seen & (1u << i)) != 0)
			return HTTP_BAD;
		fields->seen |= 1u << i;
		return known[i].take(fields, req, value);
	}
	return HTTP_OK;
}

enum http_result
http_fields_end(const struct http_fields *fields)
{
	const unsigned both = 1u << LENGTH | 1u << CODING;

	if ((fields->seen & 1u << HOST) == 0)
		return HTTP_BAD;
	/* two lengths are how requests are smuggled (RFC 9112, 11.2) */
	if ((fields->seen & both) == both)
		return HTTP_BAD;
	if (fields->coding_unknown)
		return HTTP_NOT_IMPLEMENTED;
	if (fields->expectation_unknown)
		return HTTP_EXPECTATION;
	return HTTP_OK;
}
