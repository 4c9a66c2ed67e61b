/* What the commands of cutout-keys share: names that can be no other file's,
 * pairs that overwrite nothing, and requests by who holds the key. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "pair.h"
#include "program.h"

static char dir[64], out[8192];

static void
setup(void)
{
	program_folder(dir);
	ck_assert_int_eq(chdir(dir), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	program_folder_remove(dir);
}

START_TEST(a_partners_name_is_plain_and_not_one_of_ours)
{
	static const char *const good[] = {"council", "a", "north-school-2",
	    "0123456789012345678901234567890123456789"};
	static const char *const bad[] = {"", "Council", "a b", "a/b", "..",
	    "a.crt", "-a", "tls", "origin", "log", "promise", "forward",
	    "partner-authority", "gateway-authority", "authority",
	    "caf\xc3\xa9", "01234567890123456789012345678901234567890", "a\n"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(command_partner_name(good[i]) == RC_OK, "%s",
		    good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(command_partner_name(bad[i]) == RC_BAD, "%s",
		    bad[i]);
}
END_TEST

static struct certificate_order
order(void)
{
	return (struct certificate_order){.purpose = PURPOSE_AUTHORITY,
	    .common = "test",
	    .from_s = 1795521600,
	    .until_s = 1795521600 + 86400};
}

START_TEST(a_pair_is_new_and_overwrites_neither_file)
{
	struct certificate_order o = order();
	struct folder *f = NULL;
	EVP_PKEY *key = NULL;
	struct stat st;
	X509 *c = NULL;
	char day[11];

	ck_assert_int_eq(folder_change("keys", &f), RC_OK);
	ck_assert_int_eq(command_pair(f, "a", &o), RC_OK);
	ck_assert_ptr_null(o.key);
	ck_assert_int_eq(stat("keys/a.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(pair_read_private(f, "a.key", &key), RC_OK);
	ck_assert_int_eq(certificate_read(f, "a.crt", &c), RC_OK);
	ck_assert_int_eq(X509_check_private_key(c, key), 1);
	command_day(X509_get0_notAfter(c), day);
	ck_assert_str_eq(day, "2026-11-25");
	command_day(NULL, day);
	ck_assert_str_eq(day, "?");
	ck_assert_int_eq(command_pair(f, "a", &o), RC_DUPLICATE);
	/* half of one is one */
	ck_assert_int_eq(unlink("keys/a.crt"), 0);
	ck_assert_int_eq(command_pair(f, "a", &o), RC_DUPLICATE);
	ck_assert_int_eq(access("keys/a.crt", F_OK), -1);
	ck_assert_int_eq(command_pair(f, "b", &o), RC_OK);
	ck_assert_int_eq(unlink("keys/b.key"), 0);
	ck_assert_int_eq(command_pair(f, "b", &o), RC_DUPLICATE);
	ck_assert_int_eq(access("keys/b.key", F_OK), -1);
	X509_free(c);
	EVP_PKEY_free(key);
	folder_free(f);
}
END_TEST

START_TEST(a_key_of_somebody_else_is_not_written)
{
	struct certificate_order o = order();
	struct folder *f = NULL;
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(pair_new(PAIR_P256, &key), RC_OK);
	ck_assert_int_eq(folder_change("keys", &f), RC_OK);
	o.key = key;
	ck_assert_int_eq(command_pair(f, "b", &o), RC_OK);
	ck_assert_ptr_eq(o.key, key);
	ck_assert_int_eq(access("keys/b.crt", F_OK), 0);
	ck_assert_int_eq(access("keys/b.key", F_OK), -1);
	EVP_PKEY_free(key);
	folder_free(f);
}
END_TEST

START_TEST(a_request_is_by_who_holds_the_key)
{
	EVP_PKEY *key = NULL;

	ck_assert_msg(program_run(out, sizeof(out),
			  "N='-nodes -subj /CN=x -keyout'; "
			  "R='openssl req -new -newkey'; "
			  "$R ec -pkeyopt ec_paramgen_curve:P-256 $N k.key "
			  "-out good.csr && "
			  "$R ec -pkeyopt ec_paramgen_curve:P-384 $N 384.key "
			  "-out 384.csr && "
			  "openssl req -in good.csr -outform DER | "
			  /* its last byte is one of the signature */
			  "head -c -1 >cut && (cat cut; printf x) | "
			  "openssl req -inform DER -out forged.csr && "
			  "echo nothing >none.csr") == 0,
	    "%s", out);
	ck_assert_int_eq(command_request_key("good.csr", &key), RC_OK);
	ck_assert_int_eq(pair_check_p256(key), RC_OK);
	EVP_PKEY_free(key);
	key = NULL;
	ck_assert_int_eq(command_request_key("forged.csr", &key), RC_DENIED);
	ck_assert_int_eq(command_request_key("384.csr", &key), RC_DENIED);
	ck_assert_int_eq(command_request_key("none.csr", &key), RC_BAD);
	ck_assert_int_eq(command_request_key("k.key", &key), RC_BAD);
	ck_assert_int_eq(command_request_key("missing.csr", &key), RC_IO);
	ck_assert_ptr_null(key);
}
END_TEST

START_TEST(what_can_not_be_opened_is_told)
{
	struct call call = {.dir = "none"};
	struct folder *f;

	ck_assert_ptr_nonnull(freopen("said", "w+", stderr));
	ck_assert_ptr_null(command_open(&call));
	call.dir = "none/deeper";
	ck_assert_ptr_null(command_change(&call));
	call.dir = "keys";
	f = command_change(&call);
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_null(command_authority_open(f, PARTNER_BASE));
	ck_assert_int_ne(command_failed(f, "x.key", RC_DUPLICATE), 0);
	ck_assert_int_ne(command_failed(f, "y.key", RC_FULL), 0);
	folder_free(f);
	ck_assert_int_eq(fflush(stderr), 0);
	rewind(stderr);
	out[fread(out, 1, sizeof(out) - 1, stderr)] = '\0';
	ck_assert_ptr_nonnull(strstr(out, "make one: cutout-keys authority"));
	ck_assert_ptr_nonnull(strstr(out, "none/deeper: can not make"));
	ck_assert_ptr_nonnull(strstr(out,
	    "cutout-keys authority keys partner"));
	ck_assert_ptr_nonnull(strstr(out, "keys/x.key is there already"));
	ck_assert_ptr_nonnull(strstr(out, "keys/y.key: the disk is full"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keys command");
	TCase *t = tcase_create("command");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_partners_name_is_plain_and_not_one_of_ours);
	tcase_add_test(t, a_pair_is_new_and_overwrites_neither_file);
	tcase_add_test(t, a_key_of_somebody_else_is_not_written);
	tcase_add_test(t, a_request_is_by_who_holds_the_key);
	tcase_add_test(t, what_can_not_be_opened_is_told);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
