/* The sealed report: only its recipients open it, its form is checked to the
 * last byte, and an acknowledgement is of one object by one key. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ack.h"
#include "buf.h"
#include "cert.h"
#include "derive.h"
#include "hex.h"
#include "open.h"
#include "origin.h"
#include "profile.h"
#include "recipients.h"
#include "seal.h"
#include "selftest.h"

#define VECTORS SOURCE_DIR "/../shared/vectors/cms/"

static EVP_PKEY *key_a, *key_b, *origin_key;
static X509 *cert_a, *cert_b, *origin_cert;

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static X509 *
certificate(EVP_PKEY *key, const char *usage)
{
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
	    MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	add_extension(cert, NID_subject_key_identifier, "hash");
	add_extension(cert, NID_key_usage, usage);
	ck_assert_int_ne(X509_sign(cert, key, EVP_sha256()), 0);
	return cert;
}

/* An envelope around len bytes for the first count of a and b. */
static struct buf *
envelope(size_t len, size_t count)
{
	X509 *const to[] = {cert_a, cert_b};
	uint8_t *plain = malloc(len);
	struct buf *b = buf_new(len + 8192);

	memset(plain, 'r', len);
	ck_assert_int_eq(seal(plain, len, to, count, b), RC_OK);
	free(plain);
	return b;
}

static struct buf *
object(size_t len, size_t count)
{
	struct buf *inner = envelope(len, count), *b = buf_new(len + 16384);

	ck_assert_int_eq(origin_sign(buf_data(inner), buf_len(inner),
			     origin_cert, origin_key, b),
	    RC_OK);
	buf_free(inner);
	return b;
}

/* A vector file; NULL where the folder is not there. */
static struct buf *
vector(const char *name)
{
	char path[1024];
	struct buf *b;
	uint8_t piece[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", VECTORS, name);
	f = fopen(path, "re");
	if (f == NULL)
		return NULL;
	b = buf_new(1 << 20);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		ck_assert_int_eq(buf_add(b, piece, n), RC_OK);
	(void)fclose(f);
	return b;
}

START_TEST(this_openssl_may_be_used)
{
	ck_assert_int_eq(crypto_selftest(), RC_OK);
}
END_TEST

START_TEST(what_is_sealed_is_opened_by_each_recipient)
{
	struct buf *sealed = object(32768, 2), *plain = buf_new(1 << 20);
	struct profile p;

	ck_assert_int_eq(open_object(buf_data(sealed), buf_len(sealed),
			     origin_cert, cert_a, key_a, &p, plain),
	    RC_OK);
	ck_assert_uint_eq(buf_len(plain), 32768);
	ck_assert_uint_eq(p.recipients, 2);
	ck_assert_uint_eq(p.ciphertext, 32768);
	buf_clear(plain);
	ck_assert_int_eq(open_object(buf_data(sealed), buf_len(sealed),
			     origin_cert, cert_b, key_b, NULL, plain),
	    RC_OK);
	buf_free(plain);
	buf_free(sealed);
}
END_TEST

START_TEST(nobody_else_opens_it)
{
	struct buf *sealed = object(1000, 1), *plain = buf_new(1 << 20);

	ck_assert_int_eq(open_object(buf_data(sealed), buf_len(sealed),
			     origin_cert, cert_b, key_b, NULL, plain),
	    RC_DENIED);
	ck_assert_uint_eq(buf_len(plain), 0);
	buf_free(plain);
	buf_free(sealed);
}
END_TEST

START_TEST(another_origin_is_refused)
{
	struct buf *sealed = object(1000, 1), *plain = buf_new(1 << 20);

	ck_assert_int_eq(open_object(buf_data(sealed), buf_len(sealed), cert_b,
			     cert_a, key_a, NULL, plain),
	    RC_CRYPTO);
	ck_assert_uint_eq(buf_len(plain), 0);
	buf_free(plain);
	buf_free(sealed);
}
END_TEST

START_TEST(objects_of_a_class_have_one_length)
{
	size_t first = 0;

	for (int i = 0; i < 20; i++) {
		struct buf *sealed = object(32768, 2);

		if (i == 0)
			first = buf_len(sealed);
		ck_assert_uint_eq(buf_len(sealed), first);
		buf_free(sealed);
	}
}
END_TEST

START_TEST(any_flipped_bit_or_cut_of_an_object_is_refused)
{
	struct buf *sealed = object(300, 1), *plain = buf_new(1 << 20);
	size_t len = buf_len(sealed);
	uint8_t *copy = malloc(len + 1);

	for (size_t i = 0; i < len; i++) {
		memcpy(copy, buf_data(sealed), len);
		copy[i] ^= (uint8_t)(1U << (i % 8));
		ck_assert_int_ne(open_object(copy, len, origin_cert, cert_a,
				     key_a, NULL, plain),
		    RC_OK);
		ck_assert_uint_eq(buf_len(plain), 0);
	}
	memcpy(copy, buf_data(sealed), len);
	copy[len] = 0;
	for (size_t cut = 0; cut < len; cut += 7)
		ck_assert_int_ne(open_object(copy, cut, origin_cert, cert_a,
				     key_a, NULL, plain),
		    RC_OK);
	ck_assert_int_ne(open_object(copy, len + 1, origin_cert, cert_a, key_a,
			     NULL, plain),
	    RC_OK);
	free(copy);
	buf_free(plain);
	buf_free(sealed);
}
END_TEST

START_TEST(the_profile_takes_no_cut_and_no_extra_byte)
{
	struct buf *b = envelope(100, 2);
	struct profile p;
	size_t len = buf_len(b);
	uint8_t *copy = malloc(len + 1);

	memcpy(copy, buf_data(b), len);
	copy[len] = 0;
	ck_assert_int_eq(profile_check(copy, len, &p), RC_OK);
	ck_assert_int_eq(profile_check(copy, len + 1, &p), RC_BAD);
	for (size_t cut = 0; cut < len; cut++) {
		/* on its own, so that a sanitizer sees one byte too far */
		uint8_t *short_copy = malloc(cut + 1);

		memcpy(short_copy, copy, cut);
		ck_assert_int_eq(profile_check(short_copy, cut, &p), RC_BAD);
		free(short_copy);
	}
	for (size_t i = 0; i < len * 8; i++) {
		copy[i / 8] ^= (uint8_t)(1U << (i % 8));
		if (profile_check(copy, len, &p) == RC_OK)
			ck_assert_uint_le(p.recipients, PROFILE_RECIPIENTS);
		copy[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	free(copy);
	buf_free(b);
}
END_TEST

START_TEST(the_profile_judges_the_vectors)
{
	static const struct {
		const char *name;
		enum rc want;
	} vectors[] = {
	    {"ok_p1.der", RC_OK},
	    {"ok_3recips_rsa1_p1_rsa2.der", RC_OK},
	    {"ok_unknown_otherrecipientinfo.der", RC_OK},
	    /* right in form: the tag is the decryption's to see */
	    {"bad_tag_flipped.der", RC_OK},
	    {"bad_ct_flipped.der", RC_OK},
	    {"bad_tag1.der", RC_BAD},
	    {"bad_tag4.der", RC_BAD},
	    {"bad_tag8.der", RC_BAD},
	    {"bad_tag12.der", RC_BAD},
	    {"bad_icv16_mac4.der", RC_BAD},
	    {"bad_cbc_downgrade.der", RC_BAD},
	    {"bad_trailing.der", RC_BAD},
	    {"bad_truncated.der", RC_BAD},
	};
	struct profile p;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct buf *b = vector(vectors[i].name);

		if (b == NULL) {
			printf("skipped: no test vectors beside the "
			       "checkout\n");
			return;
		}
		ck_assert_msg(profile_check(buf_data(b), buf_len(b), &p) ==
				  vectors[i].want,
		    "%s", vectors[i].name);
		buf_free(b);
	}
}
END_TEST

START_TEST(an_unknown_recipient_is_never_one_of_ours)
{
	struct recipients r = {.count = 1};
	struct buf *b = envelope(100, 1);
	struct profile p;

	ck_assert_int_eq(cert_ski(cert_a, r.ski[0]), RC_OK);
	ck_assert_int_eq(profile_check(buf_data(b), buf_len(b), &p), RC_OK);
	ck_assert(recipients_match(&r, &p));
	p.others = 1;
	ck_assert(!recipients_match(&r, &p));
	p.others = 0;
	p.recipients = 2;
	ck_assert(!recipients_match(&r, &p));
	p.recipients = 1;
	p.ski[0][3] ^= 1;
	ck_assert(!recipients_match(&r, &p));
	buf_free(b);
}
END_TEST

static void
write_file(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(buf_data(b), 1, buf_len(b), f), buf_len(b));
	(void)fclose(f);
}

static void
write_pem(const char *path, X509 *cert, EVP_PKEY *key)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	if (cert != NULL)
		ck_assert_int_eq(PEM_write_X509(f, cert), 1);
	if (key != NULL)
		ck_assert_int_eq(PEM_write_PrivateKey(f, key, NULL, NULL, 0,
				     NULL, NULL),
		    1);
	(void)fclose(f);
}

/* Runs the real openssl in a shell; whether it succeeded. */
static int
shell(const char *command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

START_TEST(openssl_alone_opens_what_was_sealed)
{
	char dir[] = "/tmp/check_cms.XXXXXX";
	struct buf *sealed = object(32768, 2);

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	write_file("o.p7m", sealed);
	write_pem("origin.crt", origin_cert, NULL);
	write_pem("b.crt", cert_b, NULL);
	write_pem("b.key", NULL, key_b);
	ck_assert(shell("openssl cms -verify -binary -inform DER -in o.p7m "
			"-partial_chain -CAfile origin.crt -certfile "
			"origin.crt -nointern -out e.der 2>/dev/null && "
			"openssl cms -decrypt -binary -inform DER -in e.der "
			"-recip b.crt -inkey b.key -out plain && "
			"test $(wc -c <plain) -eq 32768"));
	ck_assert(shell("rm -rf o.p7m origin.crt b.crt b.key e.der plain"));
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	buf_free(sealed);
}
END_TEST

START_TEST(recipients_that_may_not_read_are_refused)
{
	struct buf *pem = buf_new(65536), *crl_text = buf_new(65536);
	X509 *signing_only = certificate(key_b, "digitalSignature");
	X509_STORE *store = X509_STORE_new();
	struct recipients *r = NULL;
	const char *why = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	/* wrong usage, before any chain is looked at */
	PEM_write_bio_X509(bio, signing_only);
	len = BIO_get_mem_data(bio, &text);
	ck_assert_int_eq(recipients_load(text, (size_t)len, store, 1, &r, &why),
	    RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(why, "keyAgreement"));
	/* right usage, but of nobody the police vouch for */
	(void)BIO_reset(bio);
	PEM_write_bio_X509(bio, cert_a);
	len = BIO_get_mem_data(bio, &text);
	ck_assert_int_eq(recipients_load(text, (size_t)len, store, 1, &r, &why),
	    RC_DENIED);
	/* the same twice */
	PEM_write_bio_X509(bio, cert_a);
	len = BIO_get_mem_data(bio, &text);
	ck_assert_int_eq(recipients_load(text, (size_t)len, store, 1, &r, &why),
	    RC_CONFIG);
	ck_assert_int_eq(recipients_load("none", 4, store, 1, &r, &why),
	    RC_CONFIG);
	BIO_free(bio);
	X509_STORE_free(store);
	X509_free(signing_only);
	buf_free(pem);
	buf_free(crl_text);
}
END_TEST

/* Whether a text of two is read as fewer. */
typedef int read_as_fewer(const char *text, size_t len);

static int
fewer_certificates(const char *text, size_t len)
{
	X509 *certs[4];
	size_t count = 0;
	enum rc rc = cert_parse_all(text, len, certs, 4, &count);

	for (size_t i = 0; i < count; i++)
		X509_free(certs[i]);
	return rc == RC_OK && count != 2;
}

static char *authority;
static size_t authority_len;

static int
fewer_lists(const char *text, size_t len)
{
	X509_STORE *store = NULL;
	int lists = 0;

	if (cert_store(authority, authority_len, text, len, &store) != RC_OK)
		return 0;
	for (int i = 0; i < sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
	     i++)
		lists += X509_OBJECT_get_type(sk_X509_OBJECT_value(
			     X509_STORE_get0_objects(store), i)) == X509_LU_CRL;
	X509_STORE_free(store);
	return lists != 2;
}

/* Breaks each byte behind the first block, and cuts the text there. */
static void
break_each(const char *text, size_t len, read_as_fewer *fewer)
{
	const char *behind = memmem(text, len, "-----END", 8);
	char *copy = malloc(len);
	size_t first;

	ck_assert(behind != NULL && copy != NULL);
	ck_assert_int_eq(fewer(text, len), 0);
	first = (size_t)((const char *)memchr(behind, '\n',
			     len - (size_t)(behind - text)) +
			 1 - text);
	/* the first alone is a list of one, if nobody says otherwise */
	ck_assert_int_eq(fewer(text, first), 1);
	for (size_t i = first; i < len; i++) {
		memcpy(copy, text, len);
		copy[i] = '!';
		ck_assert_msg(!fewer(copy, len), "byte %zu", i);
		/* a beginning that is too short to be one says nothing */
		ck_assert_msg(i < first + 10 || !fewer(copy, i), "cut at %zu",
		    i);
	}
	free(copy);
}

static X509_CRL *
revocation_list(long days)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(origin_cert));
	X509_gmtime_adj(t, -60);
	X509_CRL_set1_lastUpdate(crl, t);
	X509_gmtime_adj(t, days * 86400);
	X509_CRL_set1_nextUpdate(crl, t);
	ASN1_TIME_free(t);
	ck_assert_int_ne(X509_CRL_sign(crl, origin_key, EVP_sha256()), 0);
	return crl;
}

START_TEST(a_damaged_list_is_never_a_shorter_one)
{
	BIO *certs = BIO_new(BIO_s_mem()), *crls = BIO_new(BIO_s_mem());
	BIO *ca = BIO_new(BIO_s_mem());
	char *text;
	long len;

	PEM_write_bio_X509(certs, cert_a);
	PEM_write_bio_X509(certs, cert_b);
	len = BIO_get_mem_data(certs, &text);
	break_each(text, (size_t)len, fewer_certificates);

	PEM_write_bio_X509(ca, origin_cert);
	authority_len = (size_t)BIO_get_mem_data(ca, &authority);
	for (long days = 1; days < 3; days++) {
		X509_CRL *crl = revocation_list(days);

		PEM_write_bio_X509_CRL(crls, crl);
		X509_CRL_free(crl);
	}
	len = BIO_get_mem_data(crls, &text);
	break_each(text, (size_t)len, fewer_lists);
	BIO_free(ca);
	BIO_free(crls);
	BIO_free(certs);
}
END_TEST

START_TEST(an_acknowledgement_is_of_one_object_by_one_key)
{
	uint8_t h[HASH_LEN], other[HASH_LEN];
	struct buf *b = buf_new(ACK_MAX);
	const char *signature;
	size_t len;
	char *copy;

	memset(h, 1, sizeof(h));
	memset(other, 2, sizeof(other));
	ck_assert_int_eq(ack_sign(h, key_a, b), RC_OK);
	ck_assert_int_eq(ack_verify(h, key_a, buf_data(b), buf_len(b),
			     &signature, &len),
	    RC_OK);
	ck_assert_uint_ge(len, 92);
	ck_assert_int_eq(ack_verify(other, key_a, buf_data(b), buf_len(b), NULL,
			     NULL),
	    RC_DENIED);
	ck_assert_int_eq(ack_verify(h, key_b, buf_data(b), buf_len(b), NULL,
			     NULL),
	    RC_CRYPTO);
	copy = malloc(buf_len(b));
	for (size_t i = 0; i < buf_len(b); i++) {
		memcpy(copy, buf_data(b), buf_len(b));
		copy[i] ^= 1;
		ck_assert_int_ne(ack_verify(h, key_a, copy, buf_len(b), NULL,
				     NULL),
		    RC_OK);
		ck_assert_int_ne(ack_verify(h, key_a, buf_data(b), i, NULL,
				     NULL),
		    RC_OK);
	}
	free(copy);
	buf_free(b);
}
END_TEST

START_TEST(derivations_have_their_known_answers)
{
	/* computed with openssl kdf, openssl mac and sha256sum */
	uint8_t in[HASH_LEN], out[HASH_LEN];
	char text[2 * HASH_LEN + 1];

	memset(in, 0x11, sizeof(in));
	ck_assert_int_eq(derive_k(in, out), RC_OK);
	hex_encode(out, HASH_LEN, text);
	ck_assert_str_eq(text,
	    "0968fa99a81fa953b52b42fc1e4d00131a97e3e496e7983335d39bbeb5375621");
	ck_assert_int_eq(derive_b(in, out), RC_OK);
	hex_encode(out, HASH_LEN, text);
	ck_assert_str_eq(text,
	    "09d82ae2579540980e71595d612640a880604c64804f0cfaff558d476d47fbb4");
	ck_assert_int_eq(derive_dup(in, "fields", 6, out), RC_OK);
	hex_encode(out, HASH_LEN, text);
	ck_assert_str_eq(text,
	    "cd206530075d5f9cc95410d5c281494ad40b850b568b75c3dcec720864fb7bc6");
	ck_assert_int_eq(derive_c(in, in, out), RC_OK);
	hex_encode(out, HASH_LEN, text);
	ck_assert_str_eq(text,
	    "8083f9b35f7ec4263b5de82ce96901525069b8a822f79cf9de2a4f3856474a0f");
}
END_TEST

static void
make(void)
{
	key_a = EVP_EC_gen("P-256");
	key_b = EVP_EC_gen("P-256");
	origin_key = EVP_EC_gen("P-256");
	cert_a = certificate(key_a, "keyAgreement");
	cert_b = certificate(key_b, "keyAgreement");
	origin_cert = certificate(origin_key, "digitalSignature");
}

int
main(void)
{
	Suite *suite = suite_create("cms");
	TCase *tc = tcase_create("cms");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, make, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, this_openssl_may_be_used);
	tcase_add_test(tc, what_is_sealed_is_opened_by_each_recipient);
	tcase_add_test(tc, nobody_else_opens_it);
	tcase_add_test(tc, another_origin_is_refused);
	tcase_add_test(tc, objects_of_a_class_have_one_length);
	tcase_add_test(tc, any_flipped_bit_or_cut_of_an_object_is_refused);
	tcase_add_test(tc, the_profile_takes_no_cut_and_no_extra_byte);
	tcase_add_test(tc, the_profile_judges_the_vectors);
	tcase_add_test(tc, an_unknown_recipient_is_never_one_of_ours);
	tcase_add_test(tc, openssl_alone_opens_what_was_sealed);
	tcase_add_test(tc, recipients_that_may_not_read_are_refused);
	tcase_add_test(tc, a_damaged_list_is_never_a_shorter_one);
	tcase_add_test(tc, an_acknowledgement_is_of_one_object_by_one_key);
	tcase_add_test(tc, derivations_have_their_known_answers);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
