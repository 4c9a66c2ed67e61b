/* Who gets through a handshake and as whom; that every handshake is a full one;
 * and that the server's signatures are keyd's. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "buf.h"
#include "deadline.h"
#include "frame.h"
#include "key.h"
#include "sample.h"
#include "serve.h"
#include "signing.h"
#include "tls.h"
#include "trust.h"
#include "warm.h"
#include "wire.h"

enum { STEPS = 16, PAIR_BYTES = 32768, HOUR_S = 3600 };

static struct sample partners, police, gateway;

/* --- certificates and lists ------------------------------------------- */

struct wanted {
	long from_s, to_s; /* from now */
	long serial;
	const char *usage; /* extendedKeyUsage; NULL: none */
	const char *basic; /* basicConstraints; NULL: none */
};

static const struct wanted usual = {-60, HOUR_S, 100, "clientAuth", "CA:FALSE"};

static void
add(X509 *c, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *x;
	X509V3_CTX ctx;

	if (value == NULL)
		return;
	X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(X509_add_ext(c, x, -1), 1);
	X509_EXTENSION_free(x);
}

static X509 *
issue(const struct wanted *w, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
	X509 *c = X509_new();

	ck_assert_int_eq(X509_set_version(c, X509_VERSION_3), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(c), w->serial),
	    1);
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(X509_get_subject_name(c),
			     "CN", MBSTRING_ASC,
			     (const unsigned char *)"somebody", -1, -1, 0),
	    1);
	ck_assert_int_eq(X509_set_issuer_name(c, X509_get_subject_name(issuer)),
	    1);
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(c),
	    w->from_s));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(c), w->to_s));
	ck_assert_int_eq(X509_set_pubkey(c, key), 1);
	add(c, issuer, NID_basic_constraints, w->basic);
	add(c, issuer, NID_ext_key_usage, w->usage);
	ck_assert_int_ne(X509_sign(c, signer, EVP_sha256()), 0);
	return c;
}

/* A list of s's authority that names serial (0: nobody), to b. */
static void
add_list(struct buf *b, const struct sample *s, long serial, long to_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	BIO *pem = BIO_new(BIO_s_mem());
	struct pem text;

	ck_assert_int_eq(X509_CRL_set_version(crl, 1), 1);
	ck_assert_int_eq(X509_CRL_set_issuer_name(crl,
			     X509_get_subject_name(s->authority)),
	    1);
	ck_assert_ptr_nonnull(X509_gmtime_adj(t, -2L * HOUR_S));
	ck_assert_int_eq(X509_CRL_set1_lastUpdate(crl, t), 1);
	if (serial != 0) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER *n = ASN1_INTEGER_new();

		ck_assert_int_eq(ASN1_INTEGER_set(n, serial), 1);
		ck_assert_int_eq(X509_REVOKED_set_serialNumber(r, n), 1);
		ck_assert_int_eq(X509_REVOKED_set_revocationDate(r, t), 1);
		ck_assert_int_eq(X509_CRL_add0_revoked(crl, r), 1);
		ASN1_INTEGER_free(n);
	}
	ck_assert_ptr_nonnull(X509_gmtime_adj(t, to_s));
	ck_assert_int_eq(X509_CRL_set1_nextUpdate(crl, t), 1);
	ck_assert_int_ne(X509_CRL_sign(crl, s->authority_key, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_bio_X509_CRL(pem, crl), 1);
	text = sample_pem(pem);
	ck_assert_int_eq(buf_add(b, text.text, text.len), RC_OK);
	BIO_free(pem);
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
}

static struct pem
pem_of(const struct buf *b)
{
	return (struct pem){buf_data(b), buf_len(b)};
}

/* Trust in partners and police; the partners' list names serial and lasts for
 * to_s. */
static struct trust *
trust_with(long serial, long to_s)
{
	struct buf *crls = buf_new(65536);
	struct trust *t = NULL;
	const char *why = "";

	add_list(crls, &partners, serial, to_s);
	add_list(crls, &police, 0, HOUR_S);
	ck_assert_int_eq(trust_new(sample_pem(partners.authority_pem),
			     sample_pem(police.authority_pem), pem_of(crls), 1,
			     &t, &why),
	    RC_OK);
	buf_free(crls);
	return t;
}

/* --- handshakes ------------------------------------------------------- */

struct both {
	SSL *server, *client;
};

static int tickets; /* that clients were given */

static int
count_ticket(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	tickets++;
	return 0;
}

static SSL_CTX *
client_of(X509 *certificate, EVP_PKEY *key, X509 *between)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	ck_assert_ptr_nonnull(c);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(c, count_ticket);
	if (certificate != NULL) {
		ck_assert_int_eq(SSL_CTX_use_certificate(c, certificate), 1);
		ck_assert_int_eq(SSL_CTX_use_PrivateKey(c, key), 1);
	}
	if (between != NULL)
		ck_assert_int_eq(SSL_CTX_add1_chain_cert(c, between), 1);
	return c;
}

static void
join(struct both *b, SSL_CTX *server, SSL_CTX *client)
{
	BIO *one, *other;

	b->server = SSL_new(server);
	b->client = SSL_new(client);
	ck_assert_int_eq(BIO_new_bio_pair(&one, PAIR_BYTES, &other, PAIR_BYTES),
	    1);
	SSL_set_bio(b->server, one, one);
	SSL_set_bio(b->client, other, other);
	SSL_set_accept_state(b->server);
	SSL_set_connect_state(b->client);
}

static int
shake_hands(const struct both *b)
{
	for (int i = 0; i < STEPS; i++) {
		int c = SSL_do_handshake(b->client);
		int s = SSL_do_handshake(b->server);

		if (c == 1 && s == 1)
			return 1;
	}
	return 0;
}

static void
part(struct both *b)
{
	SSL_free(b->server);
	SSL_free(b->client);
}

/* The party that this client is let in as; 0: it is not. */
static int
let_in(const struct trust *t, SSL_CTX *client)
{
	SSL_CTX *server = NULL;
	enum party party = (enum party)0;
	struct both b;

	ck_assert_int_eq(tls_new(sample_pem(gateway.authority_pem),
			     gateway.authority_key, t, &server),
	    RC_OK);
	join(&b, server, client);
	if (shake_hands(&b))
		ck_assert_int_eq(trust_party(t,
				     SSL_get0_verified_chain(b.server), &party),
		    RC_OK);
	part(&b);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	return (int)party;
}

/* A client of s's authority that differs as w says. */
static int
let_in_as(const struct sample *s, const struct wanted *w, long revoked)
{
	struct trust *t = trust_with(revoked, HOUR_S);
	X509 *c = issue(w, s->client_key, s->authority, s->authority_key);
	int party = let_in(t, client_of(c, s->client_key, NULL));

	X509_free(c);
	trust_free(t);
	return party;
}

static void
setup(void)
{
	ck_assert_int_eq(sample_make(&partners, "partners"), RC_OK);
	ck_assert_int_eq(sample_make(&police, "police"), RC_OK);
	ck_assert_int_eq(sample_make(&gateway, "gateway"), RC_OK);
	tickets = 0;
}

static void
teardown(void)
{
	sample_free(&partners);
	sample_free(&police);
	sample_free(&gateway);
}

START_TEST(the_authority_tells_the_party)
{
	ck_assert_int_eq(let_in_as(&partners, &usual, 0), PARTY_PARTNER);
	ck_assert_int_eq(let_in_as(&police, &usual, 0), PARTY_POLICE);
}
END_TEST

START_TEST(a_certificate_without_extensions_is_a_client_too)
{
	struct wanted w = usual;

	w.usage = w.basic = NULL;
	ck_assert_int_eq(let_in_as(&partners, &w, 0), PARTY_PARTNER);
}
END_TEST

START_TEST(nobody_else_is_let_in)
{
	struct trust *t = trust_with(0, HOUR_S);

	/* no certificate; one of another authority; one that signed itself */
	ck_assert_int_eq(let_in(t, client_of(NULL, NULL, NULL)), 0);
	ck_assert_int_eq(let_in(t, client_of(gateway.client, gateway.client_key,
				       NULL)),
	    0);
	ck_assert_int_eq(let_in(t, client_of(gateway.authority,
				       gateway.authority_key, NULL)),
	    0);
	trust_free(t);
}
END_TEST

/* The same name with another key is another authority. */
START_TEST(a_false_authority_of_the_same_name_is_not_it)
{
	struct trust *t = trust_with(0, HOUR_S);
	struct sample false_one;

	ck_assert_int_eq(sample_make(&false_one, "partners"), RC_OK);
	ck_assert_int_eq(let_in(t, client_of(false_one.client,
				       false_one.client_key, NULL)),
	    0);
	sample_free(&false_one);
	trust_free(t);
}
END_TEST

START_TEST(a_revoked_certificate_is_refused)
{
	ck_assert_int_eq(let_in_as(&partners, &usual, usual.serial), 0);
	/* another's revocation does not matter */
	ck_assert_int_eq(let_in_as(&partners, &usual, usual.serial + 1),
	    PARTY_PARTNER);
}
END_TEST

START_TEST(dates_and_purpose_are_looked_at)
{
	struct wanted w = usual;

	w.to_s = -1;
	ck_assert_int_eq(let_in_as(&partners, &w, 0), 0);
	w = usual;
	w.from_s = 600;
	ck_assert_int_eq(let_in_as(&partners, &w, 0), 0);
	w = usual;
	w.usage = "serverAuth";
	ck_assert_int_eq(let_in_as(&partners, &w, 0), 0);
	w.usage = "emailProtection";
	ck_assert_int_eq(let_in_as(&partners, &w, 0), 0);
}
END_TEST

/* Partners' certificates can not make certificates, whatever they say. */
START_TEST(there_are_no_intermediates)
{
	struct trust *t = trust_with(0, HOUR_S);
	struct wanted w = usual;
	X509 *between, *leaf;

	w.basic = "critical,CA:TRUE";
	w.usage = NULL;
	between = issue(&w, police.client_key, partners.authority,
	    partners.authority_key);
	leaf = issue(&usual, partners.client_key, between, police.client_key);
	ck_assert_int_eq(let_in(t,
			     client_of(leaf, partners.client_key, between)),
	    0);
	X509_free(between);
	X509_free(leaf);
	trust_free(t);
}
END_TEST

START_TEST(a_list_that_has_run_out_lets_nobody_in)
{
	struct trust *t = trust_with(0, -HOUR_S);

	ck_assert_int_eq(let_in(t, client_of(partners.client,
				       partners.client_key, NULL)),
	    0);
	/* of that authority */
	ck_assert_int_eq(let_in(t,
			     client_of(police.client, police.client_key, NULL)),
	    PARTY_POLICE);
	trust_free(t);
}
END_TEST

START_TEST(only_tls_1_3_is_spoken)
{
	struct trust *t = trust_with(0, HOUR_S);
	SSL_CTX *c = client_of(partners.client, partners.client_key, NULL);

	ck_assert_int_eq(SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION), 1);
	ck_assert_int_eq(let_in(t, c), 0);
	trust_free(t);
}
END_TEST

/* Resumption would skip the revocation list and link two visits. */
START_TEST(no_handshake_is_resumed)
{
	struct trust *t = trust_with(0, HOUR_S);
	SSL_CTX *client = client_of(partners.client, partners.client_key, NULL);
	SSL_CTX *server = NULL;
	SSL_SESSION *session;
	struct both b;
	uint8_t byte;
	size_t n;

	ck_assert_int_eq(tls_new(sample_pem(gateway.authority_pem),
			     gateway.authority_key, t, &server),
	    RC_OK);
	join(&b, server, client);
	ck_assert_int_eq(shake_hands(&b), 1);
	/* what came with the handshake is read now */
	ck_assert_int_eq(SSL_write_ex(b.server, "x", 1, &n), 1);
	ck_assert_int_eq(SSL_read_ex(b.client, &byte, 1, &n), 1);
	ck_assert_int_eq(tickets, 0);
	session = SSL_get1_session(b.client);
	ck_assert_int_eq(SSL_SESSION_is_resumable(session), 0);
	ck_assert_uint_eq(SSL_SESSION_get_max_early_data(session), 0);
	part(&b);

	/* a client that tries all the same */
	join(&b, server, client);
	(void)SSL_set_session(b.client, session);
	ck_assert_int_eq(shake_hands(&b), 1);
	ck_assert_int_eq(SSL_session_reused(b.server), 0);
	part(&b);
	SSL_SESSION_free(session);
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	trust_free(t);
}
END_TEST

/* --- what is loaded --------------------------------------------------- */

static enum rc
try_trust(const struct sample *a, const struct sample *b,
    const struct buf *crls, const char **why)
{
	struct trust *t = NULL;
	enum rc rc;

	rc = trust_new(sample_pem(a->authority_pem),
	    sample_pem(b->authority_pem), pem_of(crls), 1, &t, why);
	trust_free(t);
	return rc;
}

START_TEST(every_authority_needs_a_list_that_it_signed)
{
	struct buf *crls = buf_new(65536);
	struct sample false_one;
	const char *why = "";

	ck_assert_int_eq(buf_add_text(crls, "\n"), RC_OK);
	ck_assert_int_eq(try_trust(&partners, &police, crls, &why), RC_CONFIG);
	add_list(crls, &partners, 0, HOUR_S);
	ck_assert_int_eq(try_trust(&partners, &police, crls, &why), RC_CONFIG);
	ck_assert_str_eq(why, "an authority has no revocation list");
	/* one of that name, signed by another */
	ck_assert_int_eq(sample_make(&false_one, "police"), RC_OK);
	add_list(crls, &false_one, 0, HOUR_S);
	ck_assert_int_eq(try_trust(&partners, &police, crls, &why), RC_CONFIG);
	add_list(crls, &police, 0, HOUR_S);
	ck_assert_int_eq(try_trust(&partners, &police, crls, &why), RC_OK);
	sample_free(&false_one);
	buf_free(crls);
}
END_TEST

START_TEST(one_authority_is_not_both)
{
	struct buf *crls = buf_new(65536);
	const char *why = "";

	add_list(crls, &partners, 0, HOUR_S);
	ck_assert_int_eq(try_trust(&partners, &partners, crls, &why),
	    RC_CONFIG);
	ck_assert_str_eq(why,
	    "one authority can not issue for both partners and police");
	buf_free(crls);
}
END_TEST

/* What trust_new() says of partners and one whose certificate is another, and
 * whose name or key is not. */
static enum rc
beside_partners(X509 *other, EVP_PKEY *signer)
{
	struct sample s = police;
	struct buf *crls = buf_new(65536);
	const char *why = "";
	enum rc rc;

	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(other), 77), 1);
	ck_assert_int_gt(X509_sign(other, signer, EVP_sha256()), 0);
	s.authority_pem = BIO_new(BIO_s_mem());
	ck_assert_int_eq(PEM_write_bio_X509(s.authority_pem, other), 1);
	add_list(crls, &partners, 0, HOUR_S);
	rc = try_trust(&partners, &s, crls, &why);
	ck_assert_str_eq(why,
	    "one authority can not issue for both partners and police");
	BIO_free(s.authority_pem);
	buf_free(crls);
	X509_free(other);
	return rc;
}

START_TEST(a_renewed_authority_is_still_the_same)
{
	/* its own next certificate; its key under another name; its name */
	X509 *next = X509_dup(partners.authority);
	X509 *key = X509_dup(police.authority);
	X509 *name = X509_dup(police.authority);

	ck_assert_int_eq(X509_set_pubkey(key, partners.authority_key), 1);
	ck_assert_int_eq(X509_set_subject_name(name,
			     X509_get_subject_name(partners.authority)),
	    1);
	ck_assert_int_eq(beside_partners(next, partners.authority_key),
	    RC_CONFIG);
	ck_assert_int_eq(beside_partners(key, partners.authority_key),
	    RC_CONFIG);
	ck_assert_int_eq(beside_partners(name, police.authority_key),
	    RC_CONFIG);
}
END_TEST

START_TEST(a_list_that_can_not_be_read_is_refused)
{
	struct buf *crls = buf_new(65536);
	const char *why = "";

	add_list(crls, &partners, 0, HOUR_S);
	add_list(crls, &police, 0, HOUR_S);
	ck_assert_int_eq(buf_add_text(crls, "-----BEGIN X509 CRL-----\nAAAA\n"
					    "-----END X509 CRL-----\n"),
	    RC_OK);
	ck_assert_int_eq(try_trust(&partners, &police, crls, &why), RC_CONFIG);
	ck_assert_str_eq(why, "a revocation list can not be read");
	buf_free(crls);
}
END_TEST

START_TEST(a_client_certificate_is_no_authority)
{
	struct buf *crls = buf_new(65536);
	BIO *pem = BIO_new(BIO_s_mem());
	struct trust *t = NULL;
	const char *why = "";

	add_list(crls, &partners, 0, HOUR_S);
	add_list(crls, &police, 0, HOUR_S);
	ck_assert_int_eq(PEM_write_bio_X509(pem, partners.client), 1);
	ck_assert_int_eq(trust_new(sample_pem(pem),
			     sample_pem(police.authority_pem), pem_of(crls), 1,
			     &t, &why),
	    RC_CONFIG);
	ck_assert_str_eq(why, "an authority may not issue certificates");
	BIO_free(pem);
	buf_free(crls);
}
END_TEST

START_TEST(certificate_and_key_must_fit)
{
	struct trust *t = trust_with(0, HOUR_S);
	SSL_CTX *server = NULL;

	ck_assert_int_eq(tls_new(sample_pem(gateway.authority_pem),
			     police.authority_key, t, &server),
	    RC_CONFIG);
	ck_assert_int_eq(tls_new((struct pem){"nothing", 7},
			     police.authority_key, t, &server),
	    RC_CONFIG);
	trust_free(t);
}
END_TEST

/* --- keyd signs ------------------------------------------------------- */

struct keyd {
	pid_t pid;
	int control;
	int channel;
};

/* A keyd with this key, in a process of its own, and a channel to it. */
static void
keyd_start(struct keyd *k, EVP_PKEY *pkey)
{
	uint8_t kind = CHANNEL_ZYGOTE;
	int control[2], channel[2];
	BIO *pem = BIO_new(BIO_s_mem());
	struct pem text;
	int fd = memfd_create("key", MFD_CLOEXEC);

	ck_assert_int_eq(PEM_write_bio_PrivateKey(pem, pkey, NULL, NULL, 0,
			     NULL, NULL),
	    1);
	text = sample_pem(pem);
	ck_assert_int_eq(write(fd, text.text, text.len), (int)text.len);
	ck_assert_int_eq(fchmod(fd, 0600), 0);
	BIO_free(pem);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	k->pid = fork();
	ck_assert_int_ne(k->pid, -1);
	if (k->pid == 0) {
		struct key *key = NULL;
		struct serve *serve;

		close(control[0]);
		close(channel[0]);
		close(channel[1]);
		if (key_load(fd, KEY_TLS, &key) != RC_OK)
			_exit(1);
		serve = serve_new(key, control[1], -1);
		if (serve == NULL)
			_exit(1);
		while (serve_once(serve) == RC_OK)
			;
		_exit(0);
	}
	close(fd);
	close(control[1]);
	ck_assert_int_eq(frame_send(control[0], FRAME_CHANNEL, &kind, 1,
			     channel[1]),
	    RC_OK);
	close(channel[1]);
	k->control = control[0];
	k->channel = channel[0];
}

static void
keyd_stop(const struct keyd *k)
{
	int status;

	close(k->control);
	close(k->channel);
	ck_assert_int_eq(waitpid(k->pid, &status, 0), k->pid);
	ck_assert_int_eq(status, 0);
}

static EVP_PKEY *
key_through(int channel)
{
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(signing_key(gateway.authority, channel, &key), RC_OK);
	signing_until(deadline_now() + 20 * SECOND_NS);
	return key;
}

START_TEST(keyd_signs_every_handshake)
{
	struct keyd k;
	EVP_PKEY *key;

	keyd_start(&k, gateway.authority_key);
	key = key_through(k.channel);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(warm_handshake(sample_pem(gateway
							       .authority_pem),
				     key),
		    RC_OK);
	EVP_PKEY_free(key);
	keyd_stop(&k);
}
END_TEST

START_TEST(a_keyd_with_another_key_is_noticed)
{
	struct keyd k;
	EVP_PKEY *key;

	keyd_start(&k, police.authority_key);
	key = key_through(k.channel);
	ck_assert_int_eq(warm_handshake(sample_pem(gateway.authority_pem), key),
	    RC_CRYPTO);
	EVP_PKEY_free(key);
	keyd_stop(&k);
}
END_TEST

START_TEST(without_keyd_a_handshake_fails)
{
	int pair[2];
	EVP_PKEY *key;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	key = key_through(pair[0]);
	close(pair[1]);
	ck_assert_int_eq(warm_handshake(sample_pem(gateway.authority_pem), key),
	    RC_CRYPTO);
	EVP_PKEY_free(key);
	close(pair[0]);
}
END_TEST

START_TEST(a_keyd_that_says_nothing_ends_at_the_deadline)
{
	uint64_t start = deadline_now();
	EVP_PKEY *key;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	key = key_through(pair[0]);
	signing_until(start + 200 * MILLI_NS);
	ck_assert_int_eq(warm_handshake(sample_pem(gateway.authority_pem), key),
	    RC_CRYPTO);
	ck_assert_uint_ge(deadline_now() - start, 200 * MILLI_NS);
	EVP_PKEY_free(key);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

/* One false keyd: answers the one question with these bytes. */
static void
false_keyd(int channel, uint8_t type, size_t len)
{
	static const uint8_t bytes[FRAME_MAX];
	struct frame f;

	if (frame_recv(channel, &f, 1) != RC_OK || f.fd == -1)
		_exit(1);
	if (frame_write(f.fd, type, bytes, len) != RC_OK)
		_exit(1);
	/* until the other side is done with it */
	while (frame_read(f.fd, &f) == RC_OK)
		;
	_exit(0);
}

START_TEST(an_answer_that_is_no_signature_is_refused)
{
	static const struct {
		uint8_t type;
		size_t len;
	} lies[] = {{FRAME_SIGNED, 0}, {FRAME_SIGNED, 1}, {FRAME_SIGNED, 72},
	    {FRAME_SIGNED, 73}, {FRAME_SIGNED, FRAME_MAX}, {FRAME_KEY, 71}};
	int pair[2], status;
	EVP_PKEY *key;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		false_keyd(pair[1], lies[_i].type, lies[_i].len);
	close(pair[1]);
	key = key_through(pair[0]);
	ck_assert_int_eq(warm_handshake(sample_pem(gateway.authority_pem), key),
	    RC_CRYPTO);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	EVP_PKEY_free(key);
	close(pair[0]);
}
END_TEST

START_TEST(only_p_256_is_taken)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *p384 = EVP_EC_gen("P-384"), *key;
	X509 *c =
	    issue(&usual, rsa, partners.authority, partners.authority_key);

	ck_assert_int_eq(signing_key(c, 0, &key), RC_CONFIG);
	X509_free(c);
	c = issue(&usual, p384, partners.authority, partners.authority_key);
	ck_assert_int_eq(signing_key(c, 0, &key), RC_CONFIG);
	X509_free(c);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(p384);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_tls");
	TCase *t = tcase_create("tls");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_authority_tells_the_party);
	tcase_add_test(t, a_certificate_without_extensions_is_a_client_too);
	tcase_add_test(t, nobody_else_is_let_in);
	tcase_add_test(t, a_false_authority_of_the_same_name_is_not_it);
	tcase_add_test(t, a_revoked_certificate_is_refused);
	tcase_add_test(t, dates_and_purpose_are_looked_at);
	tcase_add_test(t, there_are_no_intermediates);
	tcase_add_test(t, a_list_that_has_run_out_lets_nobody_in);
	tcase_add_test(t, only_tls_1_3_is_spoken);
	tcase_add_test(t, no_handshake_is_resumed);
	tcase_add_test(t, every_authority_needs_a_list_that_it_signed);
	tcase_add_test(t, one_authority_is_not_both);
	tcase_add_test(t, a_renewed_authority_is_still_the_same);
	tcase_add_test(t, a_list_that_can_not_be_read_is_refused);
	tcase_add_test(t, a_client_certificate_is_no_authority);
	tcase_add_test(t, certificate_and_key_must_fit);
	tcase_add_test(t, keyd_signs_every_handshake);
	tcase_add_test(t, a_keyd_with_another_key_is_noticed);
	tcase_add_test(t, without_keyd_a_handshake_fails);
	tcase_add_test(t, a_keyd_that_says_nothing_ends_at_the_deadline);
	tcase_add_loop_test(t, an_answer_that_is_no_signature_is_refused, 0, 6);
	tcase_add_test(t, only_p_256_is_taken);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	(void)signal(SIGPIPE, SIG_IGN);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
