/* For tests of queue. */
#include "queue_site.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ack.h"
#include "archive.h"
#include "destinations.h"
#include "desks.h"
#include "giveup.h"
#include "journal.h"
#include "origin.h"
#include "profile.h"
#include "program.h"
#include "seal.h"
#include "slots.h"

struct site site;

enum { PATIENCE_MS = 20000 };

/* --- certificates ------------------------------------------------------- */

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* Issued by site.authority, or by itself when there is none yet. */
X509 *
site_certificate(EVP_PKEY *key, const char *name, const char *usage)
{
	static long serial = 1;
	X509 *cert = X509_new();
	X509 *issuer = site.authority == NULL ? cert : site.authority;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
	    MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	extend(cert, issuer, NID_basic_constraints,
	    issuer == cert ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(cert, issuer, NID_subject_key_identifier, "hash");
	extend(cert, issuer, NID_authority_key_identifier, "keyid:always");
	extend(cert, issuer, NID_key_usage, usage);
	ck_assert_int_ne(X509_sign(cert,
			     issuer == cert ? key : site.authority_key,
			     EVP_sha256()),
	    0);
	return cert;
}

static X509_CRL *
no_revocations(void)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	AUTHORITY_KEYID *id;

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(site.authority));
	X509_gmtime_adj(t, -60);
	X509_CRL_set1_lastUpdate(crl, t);
	X509_gmtime_adj(t, 86400);
	X509_CRL_set1_nextUpdate(crl, t);
	ASN1_INTEGER_set(number, 1);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	id = AUTHORITY_KEYID_new();
	id->keyid =
	    ASN1_OCTET_STRING_dup(X509_get0_subject_key_id(site.authority));
	X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id, 0, 0);
	AUTHORITY_KEYID_free(id);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(t);
	ck_assert_int_ne(X509_CRL_sign(crl, site.authority_key, EVP_sha256()),
	    0);
	return crl;
}

void
site_make(void)
{
	site.authority_key = EVP_EC_gen("P-256");
	site.ack_key = EVP_EC_gen("P-256");
	site.other_key = EVP_EC_gen("P-256");
	site.recipient_key = EVP_EC_gen("P-256");
	site.authority = site_certificate(site.authority_key, "police",
	    "critical,keyCertSign,cRLSign");
	site.ack =
	    site_certificate(site.ack_key, "ack", "critical,digitalSignature");
	site.recipient = site_certificate(site.recipient_key, "recipient",
	    "critical,keyAgreement");
	site.crl = no_revocations();
	site.role = -1;
	site.control = site.signer = site.ctl = -1;
	site.keyd[0] = site.keyd[1] = -1;
	program_folder(site.folder);
}

void
site_remove(void)
{
	if (site.role != -1)
		site_kill();
	program_folder_remove(site.folder);
	EVP_PKEY_free(site.authority_key);
	EVP_PKEY_free(site.ack_key);
	EVP_PKEY_free(site.other_key);
	EVP_PKEY_free(site.recipient_key);
	X509_free(site.authority);
	X509_free(site.ack);
	X509_free(site.recipient);
	X509_CRL_free(site.crl);
	buf_free(site.sealed);
	memset(&site, 0, sizeof(site));
}

/* --- what it is given ----------------------------------------------------- */

static void
add_pem(struct buf *archive, const char *name, X509 *cert, X509_CRL *crl)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (cert != NULL)
		ck_assert_int_eq(PEM_write_bio_X509(bio, cert), 1);
	if (crl != NULL)
		ck_assert_int_eq(PEM_write_bio_X509_CRL(bio, crl), 1);
	len = BIO_get_mem_data(bio, &text);
	ck_assert_int_eq(archive_add(archive, name, text, (size_t)len), RC_OK);
	BIO_free(bio);
}

int
site_destinations(const char *const *names, size_t count)
{
	static const char settings[] = "schemes 5x5x5,3x5x2\ntest 0\n";
	struct buf *a = buf_new(1 << 20);
	char entry[64];
	int fd;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(entry, sizeof(entry), "%s/settings", names[i]);
		ck_assert_int_eq(archive_add(a, entry, settings,
				     sizeof(settings) - 1),
		    RC_OK);
		(void)snprintf(entry, sizeof(entry), "%s/recipients.pem",
		    names[i]);
		add_pem(a, entry, site.recipient, NULL);
		(void)snprintf(entry, sizeof(entry), "%s/ack.pem", names[i]);
		add_pem(a, entry, site.ack, NULL);
	}
	ck_assert_int_eq(archive_add(a, "operations", "", 0), RC_OK);
	add_pem(a, "police.pem", site.authority, NULL);
	add_pem(a, "crl.pem", NULL, site.crl);
	ck_assert_int_eq(sealed_memfd("material", buf_data(a), buf_len(a), &fd),
	    RC_OK);
	buf_free(a);
	return fd;
}

struct buf *
site_setup(const char *extra)
{
	struct buf *b = buf_new(8192);

	ck_assert_int_eq(buf_addf(b,
			     "%sdemo 0\ndata %s\nbuild 0a0b0c\nrows32 32\n"
			     "rows256 4\nrows1024 2\nreceipts 256\n"
			     "slot_ms 1000\nlarge_slot_ms 1000\n"
			     "fast_slot_ms 1000\nslot_batch 64\nstock 0\n"
			     "private_delay_ms 0\npool_minimum 0\n"
			     "pool_percent 100\noldest_ms 0\n"
			     "run_seconds 300\njump_days 7\n"
			     "retain_done_days 7\nreceipt_days 60\n"
			     "backoff_base_s 1\nbackoff_cap_s 2\n"
			     "disk_reserve_mib 1\nepoch_hour 0\n"
			     "time_scale 1\n",
			     extra, site.folder),
	    RC_OK);
	return b;
}

void
site_settings(const char *extra, struct queue_config *out)
{
	struct buf *b = site_setup(extra);
	struct setup *s = NULL;

	ck_assert_int_eq(setup_parse(buf_data(b), buf_len(b), &s), RC_OK);
	ck_assert_int_eq(settings_read(s, out), RC_OK);
	setup_free(s);
	buf_free(b);
}

void
site_open(struct queue *q, const char *extra)
{
	static const char *const names[] = {"north"};
	int fd = site_destinations(names, 1);

	memset(q, 0, sizeof(*q));
	site_settings(extra, &q->config);
	ck_assert_int_eq(store_open(q->config.data, &q->config.sizes,
			     &q->store),
	    RC_OK);
	ck_assert_int_eq(places_load(q->store, &q->config.sizes, &q->places),
	    RC_OK);
	ck_assert_int_eq(journal_recover(q), RC_OK);
	ck_assert_int_eq(journal_turn(q), RC_OK);
	ck_assert_int_eq(desks_load(q, fd), RC_OK);
	ck_assert_int_eq(queue_commit(q), RC_OK);
	close(fd);
	slots_begin(q);
}

void
site_close(struct queue *q)
{
	places_free(q->places);
	destinations_free(q->destinations);
	destinations_free(q->old);
	store_close(q->store);
	settings_free(&q->config);
}

/* --- the role ---------------------------------------------------------------
 */

enum { FIRST = FD_LOG, LAST = FD_QUEUE_DESKS, FDS = LAST - FIRST + 1 };

static _Noreturn void
run_program(const int from[FDS])
{
	/* the leak checker stops threads with what the prison refuses */
	static char options[] = "ASAN_OPTIONS=detect_leaks=0";
	static char name[] = ROLES_DIR "/queue";
	char *argv[] = {name, NULL}, *envp[] = {options, NULL};
	int high[FDS];

	for (int i = 0; i < FDS; i++)
		high[i] = fcntl(from[i], F_DUPFD, 100);
	for (int i = 0; i < FDS; i++)
		dup2(high[i], FIRST + i);
	close_range(LAST + 1, ~0U, 0);
	execve(name, argv, envp);
	_exit(98);
}

static int
pair(int *ours)
{
	int p[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     p),
	    0);
	*ours = p[0];
	return p[1];
}

void
site_start(const char *extra)
{
	static const char *const names[] = {"north"};
	uint8_t key[32];
	struct buf *setup = site_setup(extra);
	struct frame f;
	int from[FDS];

	from[0] = STDERR_FILENO;
	from[FD_CONTROL - FIRST] = pair(&site.control);
	ck_assert_int_eq(sealed_memfd("setup", buf_data(setup), buf_len(setup),
			     &from[FD_SETUP - FIRST]),
	    RC_OK);
	from[FD_QUEUE_SIGNER - FIRST] = pair(&site.signer);
	from[FD_QUEUE_CTL - FIRST] = pair(&site.ctl);
	from[FD_QUEUE_LOG - FIRST] = pair(&site.keyd[0]);
	from[FD_QUEUE_PROMISE - FIRST] = pair(&site.keyd[1]);
	from[FD_QUEUE_DESKS - FIRST] = site_destinations(names, 1);
	for (int i = 0; i < 2; i++) {
		memset(key, 0x11 * (i + 1), sizeof(key));
		ck_assert_int_eq(frame_send(site.keyd[i], FRAME_KEY, key,
				     sizeof(key), -1),
		    RC_OK);
	}
	site.role = fork();
	ck_assert_int_ne(site.role, -1);
	if (site.role == 0)
		run_program(from);
	for (int i = 1; i < FDS; i++)
		close(from[i]);
	buf_free(setup);
	site_hears(site.control, &f, FRAME_READY);
}

static void
hang_up(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static int
wait_for_end(void)
{
	int status;

	ck_assert_int_eq(waitpid(site.role, &status, 0), site.role);
	site.role = -1;
	hang_up(&site.control);
	hang_up(&site.signer);
	hang_up(&site.ctl);
	hang_up(&site.keyd[0]);
	hang_up(&site.keyd[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
site_stop(void)
{
	/* in the order of cutoutd */
	hang_up(&site.ctl);
	hang_up(&site.signer);
	hang_up(&site.control);
	return wait_for_end();
}

void
site_kill(void)
{
	ck_assert_int_eq(kill(site.role, SIGKILL), 0);
	(void)wait_for_end();
}

void
site_hears(int sock, struct frame *f, uint8_t type)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};

	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	ck_assert_int_eq(frame_recv(sock, f, 0), RC_OK);
	ck_assert_uint_eq(f->type, type);
}

/* --- reports -----------------------------------------------------------------
 */

void
site_head(uint64_t number, uint8_t lane, uint8_t head[STORE_LEN])
{
	memset(head, 0, STORE_LEN);
	for (uint8_t i = 0; i < 4; i++) {
		uint8_t *p = head + (size_t)i * HASH_LEN;

		memset(p, 'k' + i, HASH_LEN);
		put_u64(p, number);
	}
	head[(size_t)4 * HASH_LEN] = lane;
}

/* One report sealed to site.recipient, whose object has len bytes. */
static struct buf *
seal_one(size_t len)
{
	struct buf *plain = buf_new(len), *inner = buf_new(2 * len);
	struct buf *object = buf_new(2 * len);
	size_t text = len;

	ck_assert_int_eq(buf_fill(plain, 'r', len), RC_OK);
	do {
		/* what is around the text has nearly always the same length */
		text -= buf_len(object) == 0 ? 0 : buf_len(object) - len;
		buf_clear(inner);
		buf_clear(object);
		ck_assert_int_eq(seal(buf_data(plain), text, &site.recipient, 1,
				     inner),
		    RC_OK);
		ck_assert_int_eq(origin_sign(buf_data(inner), buf_len(inner),
				     site.ack, site.ack_key, object),
		    RC_OK);
	} while (buf_len(object) != len);
	buf_free(plain);
	buf_free(inner);
	return object;
}

/* Sealing takes longer than storing: one object of a length is sealed, and its
 * ciphertext is the number, over and over. */
struct buf *
site_object(uint64_t number, size_t len)
{
	enum { TAG = 2 + 16 }; /* behind the ciphertext */
	const uint8_t *envelope = NULL, *from;
	size_t envelope_len = 0, at;
	struct profile profile;
	struct buf *b = buf_new(len);
	uint8_t line[8];

	if (site.sealed == NULL || buf_len(site.sealed) != len) {
		buf_free(site.sealed);
		site.sealed = seal_one(len);
	}
	from = buf_data(site.sealed);
	ck_assert_int_eq(origin_find(from, len, &envelope, &envelope_len),
	    RC_OK);
	ck_assert_int_eq(profile_check(envelope, envelope_len, &profile),
	    RC_OK);
	at = (size_t)(envelope - from) + envelope_len - TAG;
	put_u64(line, number);
	ck_assert_int_eq(buf_add(b, from, at - profile.ciphertext), RC_OK);
	while (buf_len(b) < at)
		ck_assert_int_eq(buf_add(b, line,
				     at - buf_len(b) < 8 ? at - buf_len(b) : 8),
		    RC_OK);
	ck_assert_int_eq(buf_add(b, from + at, len - at), RC_OK);
	return b;
}

int
site_store_begin(const uint8_t head[STORE_LEN])
{
	int theirs, ours = -1;

	theirs = pair(&ours);
	ck_assert_int_eq(frame_send(site.signer, FRAME_STORE, head, STORE_LEN,
			     theirs),
	    RC_OK);
	close(theirs);
	return ours;
}

int
site_store_head(const uint8_t head[STORE_LEN], const struct buf *object)
{
	int ours = site_store_begin(head);

	ck_assert_int_eq(frame_write_body(site.signer, buf_data(object),
			     buf_len(object)),
	    RC_OK);
	return ours;
}

int
site_store(uint64_t number, uint8_t lane, size_t len)
{
	struct buf *object = site_object(number, len);
	uint8_t head[STORE_LEN];
	int answer;

	site_head(number, lane, head);
	answer = site_store_head(head, object);
	buf_free(object);
	return answer;
}

uint8_t
site_verdict(int answer)
{
	struct pollfd p = {.fd = answer, .events = POLLIN};
	uint8_t verdict = 0;
	struct frame f;

	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	if (frame_recv(answer, &f, 0) == RC_OK) {
		ck_assert_uint_eq(f.type, FRAME_VERDICT);
		ck_assert_uint_eq(f.len, 1);
		verdict = f.raw_data[0];
	}
	close(answer);
	return verdict;
}

enum rc
site_ask(const void *ask, size_t len, struct buf *body)
{
	struct frame f;
	enum rc rc;

	buf_clear(body);
	ck_assert_int_eq(frame_send(site.ctl, FRAME_ASK, ask, len, -1), RC_OK);
	site_hears(site.ctl, &f, FRAME_TELL);
	ck_assert_uint_eq(f.len, 1);
	rc = (enum rc)f.raw_data[0];
	ck_assert_int_eq(frame_read_body(site.ctl, body), RC_OK);
	return rc;
}

/* --- runs --------------------------------------------------------------------
 */

int
site_run(void)
{
	const uint8_t head[2] = {0, 1};
	struct frame f;
	int theirs, ours = -1;

	site_hears(site.control, &f, FRAME_WANT_RUN);
	ck_assert_uint_eq(f.len, 1);
	ck_assert_uint_eq(f.raw_data[0], 0);
	theirs = pair(&ours);
	ck_assert_int_eq(frame_send(site.control, FRAME_RUN, head, sizeof(head),
			     theirs),
	    RC_OK);
	close(theirs);
	return ours;
}

enum rc
site_lease(int run, uint8_t h[HASH_LEN], struct buf *object)
{
	struct pollfd p = {.fd = run, .events = POLLIN};
	struct frame f;
	enum rc rc;

	buf_clear(object);
	ck_assert_int_eq(frame_send(run, FRAME_LEASE, NULL, 0, -1), RC_OK);
	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	rc = frame_recv(run, &f, 0);
	if (rc != RC_OK)
		return rc;
	if (f.type == FRAME_NONE)
		return RC_NOTFOUND;
	ck_assert_uint_eq(f.type, FRAME_ITEM);
	ck_assert_uint_eq(f.len, HASH_LEN + 1);
	memcpy(h, f.raw_data, HASH_LEN);
	return frame_read_body(run, object);
}

uint8_t
site_result(int run, const uint8_t h[HASH_LEN], uint16_t status,
    const void *body, size_t len)
{
	struct pollfd p = {.fd = run, .events = POLLIN};
	uint8_t head[HASH_LEN + 2];
	struct frame f;

	memcpy(head, h, HASH_LEN);
	put_u16(head + HASH_LEN, status);
	ck_assert_int_eq(frame_send(run, FRAME_RESULT, head, sizeof(head), -1),
	    RC_OK);
	ck_assert_int_eq(frame_write_body(run, body, len), RC_OK);
	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	ck_assert_int_eq(frame_recv(run, &f, 0), RC_OK);
	return f.type;
}

uint8_t
site_acknowledge(int run, const uint8_t h[HASH_LEN])
{
	struct buf *ack = buf_new(ACK_MAX);
	uint8_t told;

	ck_assert_int_eq(ack_sign(h, site.ack_key, ack), RC_OK);
	told = site_result(run, h, 201, buf_data(ack), buf_len(ack));
	buf_free(ack);
	return told;
}

uint8_t
site_again(uint64_t number)
{
	return site_verdict(site_store(number, LANE_POOL, SITE_OBJECT));
}

int
site_told(struct buf *body, const char *text)
{
	ck_assert_int_eq(buf_add(body, "", 1), RC_OK);
	return strstr((const char *)buf_data(body), text) != NULL;
}

size_t
site_deliver(size_t want)
{
	struct buf *got = buf_new(2 << 20);
	uint8_t h[HASH_LEN];
	size_t n = 0;

	while (n < want) {
		int run = site_run();

		while (site_lease(run, h, got) == RC_OK) {
			struct buf *object =
			    site_object(get_u64(h), SITE_OBJECT);

			ck_assert_uint_eq(buf_len(got), SITE_OBJECT);
			ck_assert_mem_eq(buf_data(got), buf_data(object),
			    SITE_OBJECT);
			buf_free(object);
			ck_assert_uint_eq(site_acknowledge(run, h), FRAME_NEXT);
			n++;
		}
		close(run);
	}
	buf_free(got);
	return n;
}

void
site_make_dead(uint8_t h[HASH_LEN], struct buf *body)
{
	static const uint8_t list[] = {VERB_DEAD_LIST};
	struct buf *got = buf_new(2 << 20);

	for (;;) {
		int run;

		ck_assert_int_eq(site_ask(list, 1, body), RC_OK);
		if (!site_told(body, "{\"dead\":[]}\n"))
			break;
		run = site_run();
		while (site_lease(run, h, got) == RC_OK)
			ck_assert_uint_eq(site_result(run, h, 422, "no", 2),
			    FRAME_NEXT);
		close(run);
	}
	buf_free(got);
}

enum rc
site_pause(uint8_t on)
{
	struct buf *body = buf_new(1024);
	enum rc rc;
	const uint8_t ask[] = {VERB_PAUSE, on};

	rc = site_ask(ask, sizeof(ask), body);
	ck_assert(site_told(body,
	    on ? "{\"paused\":true}\n" : "{\"paused\":false}\n"));
	buf_free(body);
	return rc;
}
