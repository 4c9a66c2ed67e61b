/* The receipt code: what it is made of, what typing errors do, and that
 * another program derives the same values. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hex.h"
#include "receipt.h"

static const char known[] = "6VVV-MTSV-BS7A-BZXR-WGB5-G54X-QWDC";

static void
derive_hex(const struct receipt *r, const char *info, char out[65])
{
	uint8_t key[RECEIPT_KEY];

	ck_assert_int_eq(receipt_derive(r, info, key), RC_OK);
	hex_encode(key, sizeof(key), out);
}

/* What `openssl kdf` prints for the same code, without its colons. */
static void
derive_elsewhere(const struct receipt *r, const char *info, char out[65])
{
	char key[64], label[64], text[256] = "";
	size_t len = 0, n = 0;
	int pipes[2], status;
	pid_t pid;
	ssize_t got;

	snprintf(key, sizeof(key), "key:%.26s", r->symbols);
	snprintf(label, sizeof(label), "info:%s", info);
	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		execlp("openssl", "openssl", "kdf", "-keylen", "32", "-kdfopt",
		    "digest:SHA256", "-kdfopt", key, "-kdfopt",
		    "salt:cutout-receipt-v1", "-kdfopt", label, "HKDF",
		    (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(pipes[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	for (const char *p = text; *p != '\0' && n < 64; p++) {
		if (*p >= 'A' && *p <= 'F')
			out[n++] = (char)(*p - 'A' + 'a');
		else if (*p >= '0' && *p <= '9')
			out[n++] = *p;
	}
	ck_assert_uint_eq(n, 64);
	out[64] = '\0';
}

START_TEST(a_known_code_gives_known_values)
{
	struct receipt r;
	char hex[65];

	ck_assert_int_eq(receipt_parse(known, &r), RC_OK);
	derive_hex(&r, "id", hex);
	ck_assert_str_eq(hex,
	    "fa55fcfc008dce7575fcae2899a4f809240e422726126b09c1f732f5cb4e"
	    "5575");
	derive_hex(&r, "blind", hex);
	ck_assert_str_eq(hex,
	    "466074947c9c576935ecb491785af1e361fc4174477f525cd2b28ea70075"
	    "a7b9");
}
END_TEST

START_TEST(openssl_kdf_derives_the_same)
{
	static const char *const infos[] = {"id", "blind"};
	char ours[65], theirs[65];
	struct receipt r;

	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(receipt_make(&r), RC_OK);
		for (size_t i = 0; i < 2; i++) {
			derive_hex(&r, infos[i], ours);
			derive_elsewhere(&r, infos[i], theirs);
			ck_assert_str_eq(ours, theirs);
		}
	}
}
END_TEST

START_TEST(a_code_has_its_form_and_reads_back)
{
	char text[RECEIPT_TEXT];
	struct receipt r, back;

	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(receipt_make(&r), RC_OK);
		ck_assert_uint_eq(strlen(r.symbols), 28);
		ck_assert_uint_eq(strspn(r.symbols,
				      "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
		    28);
		receipt_text(&r, text);
		ck_assert_uint_eq(strlen(text), 34);
		for (size_t dash = 4; dash < 34; dash += 5)
			ck_assert_int_eq(text[dash], '-');
		ck_assert_int_eq(receipt_parse(text, &back), RC_OK);
		ck_assert_str_eq(back.symbols, r.symbols);
	}
}
END_TEST

START_TEST(two_codes_are_never_the_same)
{
	struct receipt a, b;

	ck_assert_int_eq(receipt_make(&a), RC_OK);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(receipt_make(&b), RC_OK);
		ck_assert_str_ne(a.symbols, b.symbols);
		a = b;
	}
}
END_TEST

START_TEST(codes_are_read_as_people_type_them)
{
	static const char *const ways[] = {
	    "6vvvmtsvbs7abzxrwgb5g54xqwdc",
	    "6VVV MTSV BS7A BZXR WGB5 G54X QWDC",
	    " 6vvv-MTSV_bs7a.BZXR:wgb5 g54x\tqwdc\n",
	};
	struct receipt r, expected, typed;
	char text[RECEIPT_TEXT];

	ck_assert_int_eq(receipt_parse(known, &expected), RC_OK);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		ck_assert_int_eq(receipt_parse(ways[i], &r), RC_OK);
		ck_assert_str_eq(r.symbols, expected.symbols);
	}
	/* O for 0, I and l for 1 */
	do {
		ck_assert_int_eq(receipt_make(&r), RC_OK);
	} while (strchr(r.symbols, '0') == NULL ||
		 strchr(r.symbols, '1') == NULL);
	receipt_text(&r, text);
	for (char *p = text; *p != '\0'; p++)
		*p = (char)(*p == '0' ? 'O' : *p == '1' ? 'l' : *p);
	ck_assert_int_eq(receipt_parse(text, &typed), RC_OK);
	ck_assert_str_eq(typed.symbols, r.symbols);
}
END_TEST

START_TEST(what_is_no_code_is_refused)
{
	static const char *const wrong[] = {
	    "", "6VVV", "6VVV-MTSV-BS7A-BZXR-WGB5-G54X-QWD", /* one short */
	    "6VVV-MTSV-BS7A-BZXR-WGB5-G54X-QWDCC",           /* one more */
	    "6VVV-MTSV-BS7A-BZXR-WGB5-G54X-QWCD",            /* check symbols */
	    "6VVU-MTSV-BS7A-BZXR-WGB5-G54X-QWDC", /* U is no symbol */
	};
	struct receipt r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(receipt_parse(wrong[i], &r), RC_BAD);
}
END_TEST

/* Two check symbols let 1 of 1024 pass: of 26 * 31 wrong symbols less than
 * one is expected, and more than six would be something else than chance. */
START_TEST(a_wrong_symbol_is_noticed)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct receipt r, typed;
	int passed = 0;

	ck_assert_int_eq(receipt_parse(known, &r), RC_OK);
	for (size_t place = 0; place < 26; place++) {
		for (size_t i = 0; i < 32; i++) {
			struct receipt wrong = r;

			if (wrong.symbols[place] == symbols[i])
				continue;
			wrong.symbols[place] = symbols[i];
			if (receipt_parse(wrong.symbols, &typed) == RC_OK)
				passed++;
		}
	}
	ck_assert_int_le(passed, 6);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("submit_receipt");
	TCase *t = tcase_create("receipts");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_known_code_gives_known_values);
	tcase_add_test(t, openssl_kdf_derives_the_same);
	tcase_add_test(t, a_code_has_its_form_and_reads_back);
	tcase_add_test(t, two_codes_are_never_the_same);
	tcase_add_test(t, codes_are_read_as_people_type_them);
	tcase_add_test(t, what_is_no_code_is_refused);
	tcase_add_test(t, a_wrong_symbol_is_noticed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
