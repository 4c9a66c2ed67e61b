/* keyd: one signature for each lent channel, and no key that others can
 * read. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "frame.h"
#include "key.h"
#include "locked.h"
#include "serve.h"
#include "wire.h"

static EVP_PKEY *tls_key, *log_key;

/* A descriptor of a temporary file with this key and mode. */
static int
key_file(EVP_PKEY *key, mode_t mode)
{
	char path[] = "/tmp/check_keyd.XXXXXX";
	int fd = mkstemp(path);
	FILE *f;

	ck_assert_int_ne(fd, -1);
	f = fdopen(dup(fd), "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL,
			     NULL),
	    1);
	(void)fclose(f);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	unlink(path);
	return fd;
}

static struct key *
load(EVP_PKEY *pkey, enum key_kind kind)
{
	int fd = key_file(pkey, 0600);
	struct key *k = NULL;

	ck_assert_int_eq(key_load(fd, kind, &k), RC_OK);
	close(fd);
	return k;
}

static void
pair(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     fds),
	    0);
}

/* Sends a channel of this kind over sock; returns the end that stays. */
static int
lend(int sock, enum channel_kind kind)
{
	uint8_t byte = (uint8_t)kind;
	int fds[2];

	pair(fds);
	ck_assert_int_eq(frame_send(sock, FRAME_CHANNEL, &byte, 1, fds[1]),
	    RC_OK);
	close(fds[1]);
	return fds[0];
}

static int
is_closed(int fd)
{
	struct frame f;

	return frame_recv(fd, &f, 0) == RC_EOF;
}

START_TEST(others_can_not_read_the_key_or_it_is_refused)
{
	static const mode_t modes[] = {0640, 0604, 0666, 0620};
	struct key *k = NULL;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		int fd = key_file(tls_key, modes[i]);

		ck_assert_int_eq(key_load(fd, KEY_TLS, &k), RC_DENIED);
		close(fd);
	}
}
END_TEST

START_TEST(a_key_of_another_kind_is_refused)
{
	struct key *k = NULL;
	int fd = key_file(log_key, 0600);

	ck_assert_int_eq(key_load(fd, KEY_TLS, &k), RC_CONFIG);
	close(fd);
	fd = key_file(tls_key, 0600);
	ck_assert_int_eq(key_load(fd, KEY_LOG, &k), RC_CONFIG);
	close(fd);
}
END_TEST

START_TEST(the_log_key_signs_no_digest)
{
	uint8_t digest[KEY_DIGEST] = {0}, signature[KEY_SIGNATURE];
	struct key *k = load(log_key, KEY_LOG);
	size_t len;

	ck_assert_int_eq(key_sign_digest(k, digest, signature, &len),
	    RC_DENIED);
	key_free(k);
}
END_TEST

START_TEST(a_lent_channel_gives_exactly_one_signature)
{
	uint8_t digest[KEY_DIGEST];
	struct key *k = load(tls_key, KEY_TLS);
	struct serve *s;
	struct frame f;
	EVP_PKEY_CTX *ctx;
	int control[2], zygote, once;

	memset(digest, 7, sizeof(digest));
	pair(control);
	s = serve_new(k, control[1], -1);
	ck_assert_ptr_nonnull(s);
	zygote = lend(control[0], CHANNEL_ZYGOTE);
	ck_assert_int_eq(serve_once(s), RC_OK);
	once = lend(zygote, CHANNEL_ONCE);
	ck_assert_int_eq(serve_once(s), RC_OK);

	ck_assert_int_eq(frame_send(once, FRAME_SIGN, digest, sizeof(digest),
			     -1),
	    RC_OK);
	/* a second question, sent before the first was answered */
	ck_assert_int_eq(frame_send(once, FRAME_SIGN, digest, sizeof(digest),
			     -1),
	    RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);
	ck_assert_int_eq(frame_recv(once, &f, 0), RC_OK);
	ck_assert_int_eq(f.type, FRAME_SIGNED);
	ctx = EVP_PKEY_CTX_new(tls_key, NULL);
	ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_verify(ctx, f.raw_data, f.len, digest,
			     sizeof(digest)),
	    1);
	EVP_PKEY_CTX_free(ctx);
	ck_assert(is_closed(once));

	close(once);
	close(zygote);
	close(control[0]);
	serve_free(s);
	close(control[1]);
	key_free(k);
}
END_TEST

START_TEST(a_frame_out_of_form_closes_that_peer_alone)
{
	uint8_t digest[KEY_DIGEST] = {0};
	struct key *k = load(tls_key, KEY_TLS);
	int control[2], zygote, bad, good;
	struct serve *s;
	struct frame f;

	pair(control);
	s = serve_new(k, control[1], -1);
	zygote = lend(control[0], CHANNEL_ZYGOTE);
	ck_assert_int_eq(serve_once(s), RC_OK);
	bad = lend(zygote, CHANNEL_ONCE);
	good = lend(zygote, CHANNEL_ONCE);
	ck_assert_int_eq(serve_once(s), RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);

	ck_assert_int_eq(frame_send(bad, FRAME_SIGN, digest, 31, -1), RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);
	ck_assert(is_closed(bad));
	ck_assert_int_eq(frame_send(good, FRAME_SIGN, digest, sizeof(digest),
			     -1),
	    RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);
	ck_assert_int_eq(frame_recv(good, &f, 0), RC_OK);
	ck_assert_int_eq(f.type, FRAME_SIGNED);

	/* a child's channel can not pass for a zygote's */
	ck_assert_int_eq(frame_send(zygote, FRAME_WHO, NULL, 0, -1), RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);
	close(control[0]);
	ck_assert_int_eq(serve_once(s), RC_EOF);
	close(bad);
	close(good);
	close(zygote);
	serve_free(s);
	close(control[1]);
	key_free(k);
}
END_TEST

START_TEST(the_log_key_tells_its_public_half_to_queue)
{
	uint8_t want[KEY_PUBLIC];
	size_t len = sizeof(want);
	struct key *k = load(log_key, KEY_LOG);
	int control[2], queue[2];
	struct serve *s;
	struct frame f;

	ck_assert_int_eq(EVP_PKEY_get_raw_public_key(log_key, want, &len), 1);
	pair(control);
	pair(queue);
	s = serve_new(k, control[1], queue[1]);
	ck_assert_int_eq(frame_send(queue[0], FRAME_WHO, NULL, 0, -1), RC_OK);
	ck_assert_int_eq(serve_once(s), RC_OK);
	ck_assert_int_eq(frame_recv(queue[0], &f, 0), RC_OK);
	ck_assert_int_eq(f.type, FRAME_KEY);
	ck_assert_int_eq(f.len, KEY_PUBLIC);
	ck_assert_mem_eq(f.raw_data, want, KEY_PUBLIC);
	close(queue[0]);
	close(control[0]);
	ck_assert_int_eq(serve_once(s), RC_EOF);
	serve_free(s);
	close(queue[1]);
	close(control[1]);
	key_free(k);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keyd");
	TCase *tc = tcase_create("keyd");
	SRunner *runner;
	int failed;

	if (locked_heap() != RC_OK)
		return 1;
	tls_key = EVP_EC_gen("P-256");
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	tcase_add_test(tc, others_can_not_read_the_key_or_it_is_refused);
	tcase_add_test(tc, a_key_of_another_kind_is_refused);
	tcase_add_test(tc, the_log_key_signs_no_digest);
	tcase_add_test(tc, a_lent_channel_gives_exactly_one_signature);
	tcase_add_test(tc, a_frame_out_of_form_closes_that_peer_alone);
	tcase_add_test(tc, the_log_key_tells_its_public_half_to_queue);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	EVP_PKEY_free(tls_key);
	EVP_PKEY_free(log_key);
	return failed == 0 ? 0 : 1;
}
