/* One TLS connection, with a deadline for everything. */
#ifndef CUTOUT_STREAM_H
#define CUTOUT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

#include "result.h"

struct stream {
	SSL *ssl;
	int fd;
	uint64_t read_by_ns;
	uint64_t write_by_ns;
	bool broken; /* nothing may be said on it any more */
	bool late;   /* a read came to its deadline */
};

/* A stream over fd, a connected non-blocking socket that stays the caller's;
 * fd -1: it comes later, with stream_connect(). RC_NOMEM. */
enum rc stream_open(struct stream *s, SSL_CTX *tls) MUST_USE;
enum rc stream_connect(struct stream *s, int fd) MUST_USE;
void stream_close(struct stream *s);

/* The server's side of the handshake, before by_ns. RC_DENIED: there is no
 * client that may go on; an alert says so to it. */
enum rc stream_handshake(struct stream *s, uint64_t by_ns) MUST_USE;

/* For the reader of requests: http_pull and http_push, arg is the stream. A
 * connection that is cut without close_notify is a failure, not an end. */
ssize_t stream_pull(void *arg, uint8_t *raw, size_t size);
bool stream_push(void *arg, const void *bytes, size_t len);

/* Ends the connection in order: close_notify, end of writing, and then reads
 * what the client still sends, until it ends too, is silent for two seconds or
 * has sent a few MiB, but not past by_ns. Without that the kernel would answer
 * late bytes with a reset, which can overtake our answer. Returns at once when
 * no ClientHello ever came: the caller's close() is all that such a peer gets.
 */
void stream_end(struct stream *s, uint64_t by_ns);

#endif
