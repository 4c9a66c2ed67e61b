/* cutout-keys, with the openssl program as the peer that judges what it
 * made. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority.h"
#include "certificate.h"
#include "crl.h"
#include "folder.h"
#include "pair.h"
#include "program.h"
#include "revoked.h"

#define KEYS BIN_DIR "/cutout-keys"
#define VERIFY                                                                 \
	"cd %s/d && openssl verify -x509_strict -crl_check_all -check_ss_sig " \
	"-CAfile %s-authority.crt -CRLfile %s-authority.crl "

static char dir[64], out[65536];

static void
setup_folder(void)
{
	program_folder(dir);
}

static void
setup_demo(void)
{
	setup_folder();
	/* a careless umask must not matter */
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "umask 0; " KEYS " demo %s/d", dir),
	    0);
}

static void
remove_folder(void)
{
	program_folder_remove(dir);
}

/* Runs cutout-keys with these arguments, %s being the folder. */
#define RUN(fmt, ...) program_run(out, sizeof(out), KEYS " " fmt, __VA_ARGS__)
#define SAID(text) ck_assert_msg(strstr(out, text) != NULL, "it said: %s", out)

static unsigned
mode_of(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/d/%s", dir, name);
	ck_assert_msg(lstat(path, &st) == 0, "%s", name);
	return st.st_mode & 07777U;
}

/* One hash over everything in the folder. */
static void
fingerprint(char print[65])
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s/d && find . -type f | sort | "
			     "xargs sha256sum | sha256sum",
			     dir),
	    0);
	memcpy(print, out, 64);
	print[64] = '\0';
}

START_TEST(openssl_takes_what_demo_makes)
{
	static const struct {
		const char *authority, *purpose, *name;
	} good[] = {
	    {"partner", "sslclient", "partners/council.crt"},
	    {"partner", "sslclient", "partners/hospital.crt"},
	    {"partner", "sslclient", "partners/school.crt"},
	    {"partner", "any", "partner-authority.crt"},
	    {"gateway", "sslserver", "tls.crt"},
	    {"gateway", "sslclient", "forward.crt"},
	    {"gateway", "smimesign", "origin.crt"},
	    {"gateway", "any", "gateway-authority.crt"},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(program_run(out, sizeof(out),
				  VERIFY "-purpose %s %s", dir,
				  good[i].authority, good[i].authority,
				  good[i].purpose, good[i].name) == 0,
		    "%s", out);
}
END_TEST

START_TEST(openssl_refuses_the_expired_and_the_revoked)
{
	ck_assert_int_ne(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "partner", "partner", "partners/expired.crt"),
	    0);
	SAID("expired");
	ck_assert_int_ne(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "partner", "partner", "partners/revoked.crt"),
	    0);
	SAID("revoked");
	/* and one authority's for the other */
	ck_assert_int_ne(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "gateway", "gateway", "partners/council.crt"),
	    0);
}
END_TEST

START_TEST(a_partner_is_no_server_and_no_authority)
{
	ck_assert_int_ne(program_run(out, sizeof(out),
			     VERIFY "-purpose sslserver %s", dir, "partner",
			     "partner", "partners/council.crt"),
	    0);
	ck_assert_int_ne(program_run(out, sizeof(out),
			     VERIFY "-purpose sslclient %s", dir, "gateway",
			     "gateway", "tls.crt"),
	    0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "openssl x509 -noout -ext "
			     "basicConstraints,keyUsage"
			     " -in %s/d/partners/council.crt",
			     dir),
	    0);
	SAID("CA:FALSE");
	ck_assert(strstr(out, "Sign,") == NULL);
}
END_TEST

START_TEST(private_keys_are_private)
{
	static const char *const keys[] = {"partner-authority.key",
	    "gateway-authority.key", "tls.key", "origin.key", "log.key",
	    "promise.key", "forward.key", "partners/council.key"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		ck_assert_uint_eq(mode_of(keys[i]), 0600);
	ck_assert_uint_eq(mode_of("."), 0700);
	ck_assert_uint_eq(mode_of("partners"), 0700);
	ck_assert_uint_eq(mode_of("tls.crt"), 0644);
	/* nothing half-written stays behind */
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "find %s/d -name '.*' -type f", dir),
	    0);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	char before[65], after[65];

	fingerprint(before);
	ck_assert_int_eq(RUN("demo %s/d", dir), 1);
	SAID("overwritten");
	ck_assert_int_eq(RUN("authority %s/d partner", dir), 1);
	ck_assert_int_eq(RUN("authority %s/d gateway", dir), 1);
	ck_assert_int_eq(RUN("issue %s/d council", dir), 1);
	SAID("renew");
	ck_assert_int_eq(RUN("gateway %s/d --host localhost", dir), 1);
	ck_assert_int_eq(RUN("gateway %s/d log", dir), 1);
	ck_assert_int_eq(RUN("gateway %s/d origin", dir), 1);
	fingerprint(after);
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(demo_says_that_it_is_one)
{
	ck_assert_int_eq(
	    program_run(out, sizeof(out),
		"cd %s/d && for c in *.crt partners/*.crt; do openssl x509 "
		"-noout -subject -in $c | grep -q '%s' || exit 1; done",
		dir, DEMO_UNIT),
	    0);
	/* and so does what a demo authority issues later */
	ck_assert_int_eq(RUN("issue %s/d police-school", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "openssl x509 -noout -subject -in "
			     "%s/d/partners/police-school.crt",
			     dir),
	    0);
	SAID(DEMO_UNIT);
	/* a real one does not */
	ck_assert_int_eq(RUN("authority %s/real partner", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "openssl x509 -noout -subject -in "
			     "%s/real/partner-authority.crt",
			     dir),
	    0);
	ck_assert(strstr(out, "DEMO") == NULL);
}
END_TEST

START_TEST(revoking_counts_for_every_certificate_of_a_name)
{
	ck_assert_int_eq(RUN("renew %s/d council", dir), 0);
	ck_assert_int_eq(RUN("renew %s/d council --new-key", dir), 0);
	ck_assert_int_eq(RUN("revoke %s/d council", dir), 0);
	ck_assert_int_eq(
	    program_run(out, sizeof(out),
		"cd %s/d && for c in partners/council.crt*; do openssl verify "
		"-crl_check -CAfile partner-authority.crt -CRLfile "
		"partner-authority.crl $c 2>&1 | grep -q revoked || exit 1; "
		"echo one; done",
		dir),
	    0);
	ck_assert_str_eq(out, "one\none\none\n");
	/* everybody else is still welcome */
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "partner", "partner", "partners/school.crt"),
	    0);
	/* a prefix of a name is another name */
	ck_assert_int_eq(RUN("revoke %s/d counc", dir), 1);
	/* what is revoked is not made good by a new date */
	ck_assert_int_eq(RUN("renew %s/d council", dir), 1);
	SAID("--new-key");
	/* nor by a request that was made with the same key */
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s/d && openssl req -new -subj /CN=c -key "
			     "partners/council.key -out old.csr && openssl req "
			     "-new -subj /CN=c -newkey ec -pkeyopt "
			     "ec_paramgen_curve:P-256 -nodes -keyout new.key "
			     "-out new.csr",
			     dir),
	    0);
	ck_assert_int_eq(RUN("renew %s/d council --request %s/d/old.csr", dir,
			     dir),
	    1);
	SAID("another key");
	ck_assert_int_eq(RUN("renew %s/d council --request %s/d/new.csr", dir,
			     dir),
	    0);
	ck_assert_int_eq(RUN("renew %s/d council --new-key", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "partner", "partner", "partners/council.crt"),
	    0);
}
END_TEST

START_TEST(lists_are_numbered)
{
	ck_assert_int_eq(RUN("crl %s/d partner", dir), 0);
	ck_assert_int_eq(RUN("crl %s/d", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s/d && openssl crl -noout -crlnumber -in "
			     "partner-authority.crl && openssl crl -noout "
			     "-crlnumber -in gateway-authority.crl",
			     dir),
	    0);
	/* first, revoked, twice here; first, once here */
	ck_assert_str_eq(out, "crlNumber=0x04\ncrlNumber=0x02\n");
	ck_assert_int_eq(RUN("revoke %s/d --certificate %s/d/tls.crt", dir,
			     dir),
	    0);
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "gateway", "gateway", "tls.crt"),
	    2);
	SAID("revoked");
}
END_TEST

START_TEST(renewing_keeps_the_key_and_the_names)
{
	ck_assert_int_eq(
	    program_run(out, sizeof(out),
		"cd %s/d && openssl x509 -noout -pubkey -subject -ext "
		"subjectAltName,keyUsage,extendedKeyUsage -in tls.crt >../a; "
		"openssl x509 -noout -serial -in tls.crt >../sa; " KEYS
		" renew . tls && openssl x509 -noout -pubkey -subject -ext "
		"subjectAltName,keyUsage,extendedKeyUsage -in tls.crt >../b; "
		"openssl x509 -noout -serial -in tls.crt >../sb; "
		"cmp ../a ../b && ! cmp -s ../sa ../sb",
		dir),
	    0);
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "gateway", "gateway", "tls.crt"),
	    0);
	/* a renewed authority stands for what the old one signed */
	ck_assert_int_eq(RUN("renew %s/d gateway-authority", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "gateway", "gateway", "tls.crt"),
	    0);
	ck_assert_int_eq(RUN("renew %s/d origin --new-key", dir), 0);
	ck_assert_int_eq(RUN("check %s/d", dir), 0);
	ck_assert_int_eq(RUN("renew %s/d log", dir), 2);
}
END_TEST

START_TEST(a_request_gives_its_key_and_nothing_else)
{
	ck_assert_int_eq(
	    program_run(out, sizeof(out),
		"cd %s && openssl req -new -newkey ec -pkeyopt "
		"ec_paramgen_curve:P-256 -nodes -keyout k -subj "
		"'/CN=root/O=Police' -addext basicConstraints=CA:TRUE "
		"-addext subjectAltName=DNS:evil -out r 2>/dev/null && " KEYS
		" issue d york --request r && openssl x509 -noout -text -in "
		"d/partners/york.crt",
		dir),
	    0);
	SAID("CN = york");
	ck_assert(strstr(out, "evil") == NULL && strstr(out, "Police") == NULL);
	ck_assert(strstr(out, "CA:TRUE") == NULL);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "ls %s/d/partners/york.key", dir),
	    2);
	/* another kind of key, and a request that somebody changed */
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && openssl req -new -newkey rsa:2048 "
			     "-nodes -keyout k2 "
			     "-subj /CN=x -out r2 2>/dev/null; " KEYS
			     " issue d rsa --request r2",
			     dir),
	    1);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s && openssl req -in r -outform DER | sed "
			     "'s/Police/Pxlice/' | openssl req -inform DER "
			     "-out r3 && " KEYS " issue d changed --request r3",
			     dir),
	    1);
	SAID("P-256");
}
END_TEST

START_TEST(names_are_what_they_seem)
{
	static const char *const odd[] = {"../x", "a/b", "A", "", "a b", "-x",
	    "tls", "partner-authority",
	    "12345678901234567890123456789012345678901"};
	static const char *const hosts[] = {
	    "a,DNS:evil", "DNS:x", "a b", ".x", "a_b", ""};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		ck_assert_int_eq(RUN("issue %s/d -- '%s'", dir, odd[i]), 2);
	program_run(out, sizeof(out), "rm %s/d/tls.*", dir);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		ck_assert_int_eq(RUN("gateway %s/d tls --host '%s'", dir,
				     hosts[i]),
		    1);
	ck_assert_int_eq(RUN("gateway %s/d tls", dir), 2);
	ck_assert_int_eq(RUN("gateway %s/d tls --host gw.example --host "
			     "192.0.2.7 --host "
			     "2001:db8::1",
			     dir),
	    0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "openssl x509 -noout -ext subjectAltName -in "
			     "%s/d/tls.crt",
			     dir),
	    0);
	SAID("DNS:gw.example, IP Address:192.0.2.7, "
	     "IP Address:2001:DB8:0:0:0:0:0:1");
}
END_TEST

START_TEST(check_finds_what_is_wrong)
{
	static const char *const harm[] = {
	    "chmod 644 tls.key",
	    "cp origin.key tls.key",
	    "cp promise.pub log.pub",
	    "rm gateway-authority.crl",
	    "cp partner-authority.crl gateway-authority.crl",
	    "mv tls.key real.key && ln -s real.key tls.key",
	    "cp partners/council.crt forward.crt",
	    "echo nonsense >origin.crt",
	    "cat tls.crt >>origin.crt",
	    "chmod 644 partners/council.key",
	    "chmod 777 .",
	};

	ck_assert_int_eq(RUN("check %s/d", dir), 0);
	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
		ck_assert_int_eq(program_run(out, sizeof(out),
				     "cp -a %s/d %s/h && cd %s/h && %s", dir,
				     dir, dir, harm[i]),
		    0);
		ck_assert_msg(RUN("check %s/h", dir) == 1, "not seen: %s",
		    harm[i]);
		SAID("WRONG");
		program_run(out, sizeof(out), "rm -rf %s/h", dir);
	}
}
END_TEST

START_TEST(check_finds_a_list_out_of_date)
{
	struct folder *f = NULL;
	struct authority *a = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/d", dir);
	ck_assert_int_eq(folder_change(path, &f), RC_OK);
	ck_assert_int_eq(authority_open(f, "gateway-authority", &a), RC_OK);
	ck_assert_int_eq(authority_list(f, a, time(NULL) - 40L * 86400, 30),
	    RC_OK);
	authority_free(a);
	folder_free(f);
	ck_assert_int_eq(RUN("check %s/d", dir), 1);
	SAID("out of date");
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "gateway", "gateway", "tls.crt"),
	    2);
	ck_assert_int_eq(RUN("crl %s/d gateway", dir), 0);
	ck_assert_int_eq(RUN("check %s/d", dir), 0);
}
END_TEST

START_TEST(list_tells_what_ends_soon)
{
	ck_assert_int_eq(RUN("list %s/d", dir), 3);
	SAID("EXPIRED");
	SAID("REVOKED");
	program_run(out, sizeof(out), "rm %s/d/partners/expired.*", dir);
	ck_assert_int_eq(RUN("list %s/d", dir), 0);
	ck_assert_int_eq(RUN("list %s/d --within 731", dir), 3);
	SAID("SOON");
	ck_assert_int_eq(RUN("issue %s/d brief --days 5", dir), 0);
	ck_assert_int_eq(RUN("list %s/d", dir), 3);
}
END_TEST

START_TEST(nothing_outlives_its_authority)
{
	X509 *c = NULL, *issuer = NULL;
	struct folder *f = NULL;
	char path[128];

	ck_assert_int_eq(RUN("authority %s/d2 partner --days 10", dir), 0);
	ck_assert_int_eq(RUN("issue %s/d2 long --days 3000", dir), 0);
	snprintf(path, sizeof(path), "%s/d2", dir);
	ck_assert_int_eq(folder_open(path, &f), RC_OK);
	ck_assert_int_eq(certificate_read(f, "partners/long.crt", &c), RC_OK);
	ck_assert_int_eq(certificate_read(f, "partner-authority.crt", &issuer),
	    RC_OK);
	ck_assert_int_eq(ASN1_TIME_compare(X509_get0_notAfter(c),
			     X509_get0_notAfter(issuer)),
	    0);
	X509_free(c);
	X509_free(issuer);
	folder_free(f);
}
END_TEST

START_TEST(a_failed_write_leaves_no_trace)
{
	static const char bytes[4096];
	struct rlimit small = {100, 100};
	struct folder *f = NULL;
	struct buf *b = NULL;

	ck_assert_int_eq(folder_change(dir, &f), RC_OK);
	ck_assert_int_eq(folder_add(f, "x", 0600, "old", 3), RC_OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert(setrlimit(RLIMIT_FSIZE, &small) == 0);
	ck_assert_int_eq(folder_add(f, "y", 0600, bytes, sizeof(bytes)), RC_IO);
	ck_assert_int_eq(folder_replace(f, "x", 0600, bytes, sizeof(bytes)),
	    RC_IO);
	ck_assert(!folder_has(f, "y"));
	ck_assert_int_eq(folder_read(f, "x", &b), RC_OK);
	ck_assert_uint_eq(buf_len(b), 3);
	ck_assert_int_eq(rmdir(dir), -1);
	ck_assert_int_eq(unlinkat(folder_fd(f), "x", 0), 0);
	/* only an empty folder can be removed */
	ck_assert_int_eq(rmdir(dir), 0);
	buf_free(b);
	folder_free(f);
}
END_TEST

START_TEST(two_at_once_are_kept_apart)
{
	struct folder *f = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/d", dir);
	ck_assert_int_eq(folder_change(path, &f), RC_OK);
	ck_assert_int_eq(RUN("crl %s/d", dir), 1);
	SAID("another program");
	folder_free(f);
	ck_assert_int_eq(RUN("crl %s/d", dir), 0);
}
END_TEST

START_TEST(a_damaged_revoked_list_is_not_guessed_at)
{
	static const char *const odd[] = {
	    "",
	    "cutout-revoked 2\\nnumber 1\\n",
	    "cutout-revoked 1\\n",
	    "cutout-revoked 1\\nnumber x\\n",
	    "cutout-revoked 1\\nnumber 1\\nAB 20261124000000Z\\n",
	    "cutout-revoked 1\\nnumber 1\\nXY 20261124000000Z a\\n",
	    "cutout-revoked 1\\nnumber 1\\nAB 20261124000000Z a b\\n",
	    "cutout-revoked 1\\nnumber 1\\nAB 20261124000000Z a",
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		program_run(out, sizeof(out),
		    "printf '%s' >%s/d/partner-authority.revoked", odd[i], dir);
		ck_assert_msg(RUN("revoke %s/d council", dir) == 1, "%s",
		    odd[i]);
		ck_assert_int_eq(RUN("crl %s/d partner", dir), 1);
	}
	/* the signed list in use is still the good one */
	ck_assert_int_eq(program_run(out, sizeof(out), VERIFY "%s", dir,
			     "partner", "partner", "partners/revoked.crt"),
	    2);
}
END_TEST

/* The police have cutout-keys for what ends: nothing else could sign a fresh
 * list, and without one the gateway takes in no report. */
START_TEST(a_desk_is_kept_up)
{
	ck_assert_int_eq(program_run(out, sizeof(out),
			     BIN_DIR "/cutout-desk init %s/p", dir),
	    0);
	ck_assert_int_eq(RUN("check %s/p", dir), 0);
	ck_assert_int_eq(RUN("list %s/p", dir), 0);
	ck_assert_int_eq(RUN("crl %s/p police", dir), 0);
	ck_assert_int_eq(RUN("crl %s/p", dir), 0);
	ck_assert_int_eq(RUN("renew %s/p recipient", dir), 0);
	ck_assert_int_eq(RUN("renew %s/p server --new-key", dir), 0);
	ck_assert_int_eq(RUN("renew %s/p authority", dir), 0);
	ck_assert_int_eq(RUN("renew %s/p authority --new-key", dir), 2);
	ck_assert_int_eq(RUN("check %s/p", dir), 0);
	/* what the gateway is given follows */
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s/p && for f in authority.crt authority.crl "
			     "recipient.crt ack.crt; do cmp $f public/$f || "
			     "exit 1; done; ls recipient.crt.old-* && openssl "
			     "crl -noout -crlnumber -in public/authority.crl",
			     dir),
	    0);
	SAID("crlNumber=0x03");
	ck_assert_int_eq(RUN("revoke %s/p recipient", dir), 0);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "cd %s/p && openssl verify -crl_check -CAfile "
			     "public/authority.crt -CRLfile "
			     "public/authority.crl recipient.crt",
			     dir),
	    2);
	SAID("revoked");
	ck_assert_int_eq(RUN("check %s/p", dir), 1);
}
END_TEST

START_TEST(every_command_has_help)
{
	static const char *const words[] = {"authority", "issue", "revoke",
	    "crl", "renew", "gateway", "list", "check", "demo"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		ck_assert_int_eq(RUN("%s --help", words[i]), 0);
		SAID("usage: cutout-keys");
		ck_assert_int_eq(RUN("%s", words[i]), 2);
		ck_assert_int_eq(RUN("%s --nonsense x", words[i]), 2);
	}
	ck_assert_int_eq(RUN("%s", "--help"), 0);
	ck_assert_int_eq(RUN("%s", "--version"), 0);
	ck_assert_int_eq(RUN("%s", "nonsense"), 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("keys");
	TCase *demo = tcase_create("demo"), *bare = tcase_create("bare");
	SRunner *r;
	int failed;

	tcase_set_timeout(demo, 60);
	tcase_add_checked_fixture(demo, setup_demo, remove_folder);
	tcase_add_checked_fixture(bare, setup_folder, remove_folder);
	tcase_add_test(demo, openssl_takes_what_demo_makes);
	tcase_add_test(demo, openssl_refuses_the_expired_and_the_revoked);
	tcase_add_test(demo, a_partner_is_no_server_and_no_authority);
	tcase_add_test(demo, private_keys_are_private);
	tcase_add_test(demo, nothing_is_overwritten);
	tcase_add_test(demo, demo_says_that_it_is_one);
	tcase_add_test(demo, revoking_counts_for_every_certificate_of_a_name);
	tcase_add_test(demo, lists_are_numbered);
	tcase_add_test(demo, renewing_keeps_the_key_and_the_names);
	tcase_add_test(demo, a_request_gives_its_key_and_nothing_else);
	tcase_add_test(demo, names_are_what_they_seem);
	tcase_add_test(demo, check_finds_what_is_wrong);
	tcase_add_test(demo, check_finds_a_list_out_of_date);
	tcase_add_test(demo, list_tells_what_ends_soon);
	tcase_add_test(demo, two_at_once_are_kept_apart);
	tcase_add_test(demo, a_damaged_revoked_list_is_not_guessed_at);
	tcase_add_test(bare, nothing_outlives_its_authority);
	tcase_add_test(bare, a_failed_write_leaves_no_trace);
	tcase_add_test(bare, a_desk_is_kept_up);
	tcase_add_test(bare, every_command_has_help);
	suite_add_tcase(s, demo);
	suite_add_tcase(s, bare);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
