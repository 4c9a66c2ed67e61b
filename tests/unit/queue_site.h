/* For tests of queue: a police authority with a desk's keys, and the role
 * started as cutoutd starts it, with the test at the other end of everything.
 */
#ifndef CUTOUT_TEST_QUEUE_SITE_H
#define CUTOUT_TEST_QUEUE_SITE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "frame.h"
#include "result.h"
#include "settings.h"
#include "wire.h"

enum { SITE_OBJECT = 33500 }; /* bytes of a small sealed report */

/* What the tests of one process share. */
struct site {
	char folder[64];
	EVP_PKEY *authority_key, *ack_key, *other_key, *recipient_key;
	X509 *authority, *ack, *recipient;
	X509_CRL *crl;
	struct buf *sealed; /* what site_object() makes others from */
	pid_t role;
	int control, signer, ctl, keyd[2];
};
extern struct site site;

/* Makes keys, certificates and an empty folder; removes all of it. */
void site_make(void);
void site_remove(void);

/* A certificate of the police authority, which the caller frees. */
X509 *site_certificate(EVP_PKEY *key, const char *name, const char *usage);

/* A destinations archive of these names; the caller closes it. */
int site_destinations(const char *const *names, size_t count);

/* A setup text with small numbers and slots of a second; extra lines come first
 * and count. "" for none. */
struct buf *site_setup(const char *extra);

/* The same as a queue's settings, for tests without the role. */
void site_settings(const char *extra, struct queue_config *out);

/* Opens a queue in site's folder in this process, with the destination "north"
 * (as start_queue() does, but for the log entries of a start). */
void site_open(struct queue *q, const char *extra);
/* Drops it as a power cut would: nothing is brought back or closed in order. */
void site_close(struct queue *q);

/* --- the role ----------------------------------------------------------- */

/* Starts the program and waits for READY. */
void site_start(const char *extra);
/* Closes what the role ends with, waits, gives the exit status (128 and the
 * signal when it was killed). */
int site_stop(void);
void site_kill(void);

/* A frame from the role within seconds, or the test fails. */
void site_hears(int sock, struct frame *f, uint8_t type);

/* A report as signer hands it over; number makes k, dup, c, h and the bytes.
 * Gives the answer channel. */
int site_store(uint64_t number, uint8_t lane, size_t len);
/* The same, made up by the caller; of begin the body is still to be sent. */
int site_store_begin(const uint8_t head[STORE_LEN]);
int site_store_head(const uint8_t head[STORE_LEN], const struct buf *object);
void site_head(uint64_t number, uint8_t lane, uint8_t head[STORE_LEN]);
/* Sealed to site.recipient in form; the ciphertext is the number. */
struct buf *site_object(uint64_t number, size_t len);
/* The verdict, or 0 when the channel was closed without one; closes it. */
uint8_t site_verdict(int answer);

/* Sends this number again, or the first time, and takes its verdict. */
uint8_t site_again(uint64_t number);

/* Asks as ctl; the answer's body goes to body, which is cleared first. */
enum rc site_ask(const void *ask, size_t len, struct buf *body);

/* Waits until queue wants a run to destination 0, and opens one. */
int site_run(void);
/* Takes the next object of a run. RC_NOTFOUND: there is none. */
enum rc site_lease(int run, uint8_t h[HASH_LEN], struct buf *object);
/* Hands back a desk's answer; gives FRAME_NEXT or FRAME_STOP. */
uint8_t site_result(int run, const uint8_t h[HASH_LEN], uint16_t status,
    const void *body, size_t len);
/* The same with a right acknowledgement. */
uint8_t site_acknowledge(int run, const uint8_t h[HASH_LEN]);

/* Takes and acknowledges reports, which are what their numbers made, until
 * there were so many; gives how many. */
size_t site_deliver(size_t want);
/* Refuses what there is until an item is dead; gives its h, and the list of the
 * dead in body. */
void site_make_dead(uint8_t h[HASH_LEN], struct buf *body);
/* Orders a pause, or its end. */
enum rc site_pause(uint8_t on);
/* Whether a body has this text in it. */
int site_told(struct buf *body, const char *text);

#endif
