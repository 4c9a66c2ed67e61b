/* One connection of the gateway: items, one after the other (PROTOCOL.md,
 * section 5). */
#include "serve.h"

#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "hex.h"
#include "http.h"

enum {
	HANDSHAKE_S = 3, /* a stranger may hold a place for so long */
	IDLE_S = 60,     /* between two items */
	ITEM_S = 60,     /* for one, from its first byte */
	ITEMS = 10000,   /* a connection does not outlive a new list for ever */
	HEAD_SIZE = 512,
	PART = 16384
};

static const char items[] = "/v1/items/";

struct served {
	struct connection *c;
	const struct item_taker *t;
	struct http_reader reader;
	struct buf *body, *answer;
	enum serve_end end;
};

static void
note(struct served *s, enum serve_end end)
{
	if (end > s->end)
		s->end = end;
}

static enum serve_end
end_of_item(enum item_end end)
{
	static const enum serve_end ends[ITEM_ENDS] = {
	    [ITEM_KEPT] = SERVE_GOOD,
	    [ITEM_NAME] = SERVE_NAME,
	    [ITEM_SIGNATURE] = SERVE_SIGNATURE,
	    [ITEM_FORM] = SERVE_FORM,
	    [ITEM_FULL] = SERVE_FULL,
	    [ITEM_TROUBLE] = SERVE_TROUBLE,
	};

	return ends[end];
}

/* Sends the answer in s->answer. False: the connection is over. */
static bool
send_answer(struct served *s, int status, bool keep, const char *extra)
{
	char head[HEAD_SIZE];
	size_t len;

	len = http_head(head, sizeof(head), status, "text/plain",
	    buf_len(s->answer), keep, extra);
	return len > 0 && connection_push(s->c, head, len) &&
	       connection_push(s->c, buf_data(s->answer), buf_len(s->answer)) &&
	       keep;
}

/* Refuses a request whatever its body says; the body stays unread, so the
 * connection ends with it. */
static bool
refuse(struct served *s, int status, const char *extra)
{
	note(s, SERVE_REQUEST);
	buf_clear(s->answer);
	if (buf_addf(s->answer, "%s\n", http_reason(status)) != RC_OK)
		buf_clear(s->answer);
	return send_answer(s, status, false, extra);
}

/* The item's name from /v1/items/NAME; one spelling only. */
static enum rc
read_target(const char *target, uint8_t h[HASH_LEN])
{
	const char *name = target + sizeof(items) - 1;

	if (strncmp(target, items, sizeof(items) - 1) != 0 ||
	    strspn(name, "0123456789abcdef") != STORE_ID_TEXT ||
	    name[STORE_ID_TEXT] != '\0')
		return RC_NOTFOUND;
	return hex_decode(name, h, HASH_LEN);
}

static enum http_result
read_body(struct served *s)
{
	uint8_t raw[PART];
	size_t got = 0;

	buf_clear(s->body);
	do {
		enum http_result result = http_read_body(&s->reader, raw,
		    sizeof(raw), ITEM_MAX, &got);

		if (result != HTTP_OK)
			return result;
		/* can not fail on its size: the reader keeps to ITEM_MAX */
		if (buf_add(s->body, raw, got) != RC_OK)
			return HTTP_CUT;
	} while (got > 0);
	return HTTP_OK;
}

/* Answers what http_read_head() or http_read_body() did not like. */
static bool
refuse_result(struct served *s, enum http_result result)
{
	int status = http_status(result);

	return status == 0 ? false : refuse(s, status, NULL);
}

/* One request. False: the connection is over. */
static bool
serve_one(struct served *s, bool last)
{
	struct http_request req;
	uint8_t h[HASH_LEN];
	enum http_result result;
	enum item_end end;
	int status;

	connection_deadline(s->c, IDLE_S, true);
	result = http_read_head(&s->reader, &req);
	if (result != HTTP_OK)
		return refuse_result(s, result);
	if (read_target(req.target, h) != RC_OK)
		return refuse(s, 404, NULL);
	if (strcmp(req.method, "PUT") != 0)
		return refuse(s, 405, "Allow: PUT\r\n");
	if (strcmp(req.content_type, "application/pkcs7-mime") != 0)
		return refuse(s, 415, NULL);
	connection_deadline(s->c, ITEM_S, false);
	result = read_body(s);
	if (result != HTTP_OK)
		return refuse_result(s, result);
	buf_clear(s->answer);
	status = item_take(s->t, h, buf_data(s->body), buf_len(s->body),
	    s->answer, &end);
	note(s, end_of_item(end));
	connection_deadline(s->c, ITEM_S, false);
	return send_answer(s, status,
	    req.keep_alive && !last && !connection_must_stop(), NULL);
}

static enum serve_end
end_of_handshake(enum rc rc)
{
	switch (rc) {
	case RC_OK:
	case RC_TIMEOUT: /* somebody knocked and said nothing */
	case RC_EOF:
		return SERVE_GOOD;
	case RC_CONFIG:
		return SERVE_CRL;
	case RC_DENIED:
		return SERVE_STRANGER;
	default:
		return SERVE_TROUBLE;
	}
}

enum serve_end
serve(SSL_CTX *tls, int fd, int proven, const struct item_taker *t)
{
	struct served s = {.t = t, .end = SERVE_GOOD};
	enum rc rc;

	rc = connection_new(tls, fd, &s.c);
	if (rc != RC_OK) {
		close(proven);
		return SERVE_TROUBLE;
	}
	rc = connection_handshake(s.c, HANDSHAKE_S);
	if (rc == RC_OK && write(proven, "", 1) != 1)
		note(&s, SERVE_TROUBLE);
	close(proven);
	note(&s, end_of_handshake(rc));
	if (rc != RC_OK)
		goto out;
	s.body = buf_new(ITEM_MAX);
	s.answer = buf_new(ACK_MAX);
	if (s.body == NULL || s.answer == NULL) {
		note(&s, SERVE_TROUBLE);
		goto out;
	}
	http_reader_init(&s.reader, connection_pull, connection_push, s.c);
	for (int i = 1; serve_one(&s, i == ITEMS); i++)
		;
	http_reader_wipe(&s.reader);
out:
	connection_free(s.c);
	buf_free(s.body);
	buf_free(s.answer);
	return s.end;
}
