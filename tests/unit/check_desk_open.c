/* cutout-desk list, open and profile: only what passed every check is shown,
 * the binding things first, and nothing in a report steers a terminal. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_site.h"
#include "program.h"
#include "report_contract.h"

static char out[1 << 20];

#define KEYS " --keys police --origin keys/origin.crt"
#define DATA KEYS " --data data"
#define SCHEMA " --schema " SOURCE_DIR "/schema"
/* Runs cutout-desk in the folder. */
#define DESK(fmt, ...)                                                         \
	program_run(out, sizeof(out), "cd %s && " BIN_DIR "/cutout-desk " fmt, \
	    site_dir, __VA_ARGS__)
#define LIST(options) DESK("list" DATA SCHEMA "%s", options)
#define OPEN(what, options) DESK("open %s" DATA SCHEMA "%s", what, options)
/* Runs a shell command there, which must succeed. */
#define SHELL2(fmt, ...)                                                       \
	ck_assert_msg(program_run(out, sizeof(out), "cd %s && " fmt, site_dir, \
			  __VA_ARGS__) == 0,                                   \
	    "%.3000s", out)
#define SHELL(command) SHELL2("%s", command)
#define SAID(text)                                                             \
	ck_assert_msg(strstr(out, text) != NULL, "it said: %.3000s", out)
#define NOT_SAID(text)                                                         \
	ck_assert_msg(strstr(out, text) == NULL, "it said: %.3000s", out)

static const char *const desk[] = {"police/recipient.crt", NULL};
static const char *const both[] = {
    "other/recipient.crt", "police/recipient.crt", NULL};
static const char *const stranger[] = {"other/recipient.crt", NULL};

/* Puts an object into the store and gives its name. */
static const char *
keep(struct buf *object)
{
	static char name[ITEM_TEXT];

	site_write(object, "data/items", name);
	buf_free(object);
	return name;
}

static const char *
keep_text(const char *xml, int cover, const char *const *to, const char *by)
{
	struct buf *plain = site_report_text(xml, cover);
	const char *name =
	    keep(site_seal(buf_data(plain), buf_len(plain), to, by));

	buf_free(plain);
	return name;
}

START_TEST(an_item_is_listed_and_opened)
{
	const char *name = keep(site_item("council-cuckooing.xml"));

	ck_assert_int_eq(LIST(""), 0);
	SAID("MEDIUM");
	SAID("5x5x5 E41");
	SAID("OFFICIAL-SENSITIVE");
	SAID("CL,CUCK");
	SAID("Possible cuckooing of a flat");
	SAID("1 report, 0 of them HIGH");
	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID("The origin can not be traced");
	SAID("Do not treat two reports");
	SAID("submitter's own claim");
	SAID("Two unknown men have stayed at the flat");
	SAID("Untested source"); /* the meaning beside the code */
	SAID("  recipient.crt, opened with its key");
	SAID(name);
	NOT_SAID("***");
}
END_TEST

START_TEST(an_item_is_found_by_its_first_letters_and_as_a_file)
{
	char name[ITEM_TEXT], copy[ITEM_TEXT + 32];

	memcpy(name, keep(site_item("smallest.xml")), sizeof(name));
	snprintf(copy, sizeof(copy), "data/items/%s.p7m", name);
	ck_assert_int_eq(DESK("open %s" KEYS SCHEMA, copy), 0);
	ck_assert_int_eq(DESK("open %.12s" DATA SCHEMA, name), 0);
	ck_assert_int_eq(DESK("open %.12s" KEYS SCHEMA, name), 5);
	SAID("--data");
	name[0] = name[0] == 'f' ? '0' : 'f';
	ck_assert_int_eq(OPEN(name, ""), 5);
	SAID("no item");
	ck_assert_int_eq(OPEN("./nothing.p7m", ""), 5);
}
END_TEST

START_TEST(a_beginning_of_two_names_opens_neither)
{
	char two[3] = "", names[17][2] = {{0}};

	/* seventeen names: two begin with the same digit */
	for (int i = 0; i < 17 && two[0] == '\0'; i++) {
		names[i][0] = *keep(site_item("smallest.xml"));
		for (int j = 0; j < i; j++)
			if (names[j][0] == names[i][0])
				two[0] = names[i][0];
	}
	ck_assert_int_ne(two[0], '\0');
	ck_assert_int_eq(OPEN(two, ""), 5);
	SAID("more of the name");
	NOT_SAID("Intelligence report");
}
END_TEST

/* A report whose life is at risk. */
static const char *
keep_risk_to_life(void)
{
	char *xml = read_good("fast-lane-threat-with-gun.xml");
	char *risk = replaced(xml, "<ImmediateRiskToLife>false",
	    "<ImmediateRiskToLife>true");
	const char *name = keep_text(risk, 0, desk, "keys/origin");

	free(risk);
	free(xml);
	return name;
}

START_TEST(high_comes_first)
{
	const char *low, *high, *middle;

	keep(site_item("council-cuckooing.xml"));
	keep(site_item("smallest.xml"));
	keep(site_item("fast-lane-missing-child.xml"));
	keep_risk_to_life();
	ck_assert_int_eq(LIST(""), 0);
	SAID("4 reports, 2 of them HIGH");
	ck_assert_msg(strncmp(out, "HIGH ", 5) == 0, "%.3000s", out);
	ck_assert_msg(strstr(out, "RISK TO LIFE") < strchr(out, '\n'),
	    "%.3000s", out);
	high = strstr(out + 1, "HIGH ");
	middle = strstr(out, "MEDIUM ");
	low = strstr(out, "LOW ");
	ck_assert_msg(high != NULL && middle != NULL && low != NULL, "%.3000s",
	    out);
	ck_assert_msg(high < middle && middle < low, "%.3000s", out);
}
END_TEST

START_TEST(conditions_come_before_the_report)
{
	const char *loud, *text;

	ck_assert_int_eq(OPEN(keep(site_item("conditions-on-sharing.xml")), ""),
	    0);
	loud = strstr(out, "not with the firm");
	text = strstr(out, "Intelligence report");
	ck_assert_msg(strncmp(out, "*** ", 4) == 0, "%.3000s", out);
	ck_assert_msg(loud != NULL && text != NULL && loud < text, "%.3000s",
	    out);
	ck_assert_msg(strstr(out, "Consult the originator") < text, "%.3000s",
	    out);
}
END_TEST

START_TEST(handling_code_5_or_c_comes_before_the_report)
{
	static const char *const good[] = {
	    "smallest.xml", "fast-lane-missing-child.xml"}; /* 5, and C */

	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(OPEN(keep(site_item(good[i])), ""), 0);
		ck_assert_msg(strncmp(out, "*** ", 4) == 0, "%.3000s", out);
		ck_assert_msg(strstr(out, "do not pass it on") <
				  strstr(out, "Intelligence report"),
		    "%.3000s", out);
		SAID("***   handling code: ");
	}
	ck_assert_int_eq(LIST(""), 0);
	SAID("[do not pass on]");
}
END_TEST

START_TEST(risk_to_life_comes_before_all)
{
	ck_assert_int_eq(OPEN(keep_risk_to_life(), ""), 0);
	ck_assert_msg(strncmp(out, "*** IMMEDIATE RISK TO LIFE", 26) == 0,
	    "%.3000s", out);
}
END_TEST

START_TEST(xml_is_the_report_alone)
{
	const char *name = keep(site_item("council-cuckooing.xml"));

	ck_assert_int_eq(DESK("open %s" DATA SCHEMA
			      " --xml 2>remarks >x.xml && "
			      "xmllint --noout --schema " SOURCE_DIR
			      "/schema/sealed.xsd x.xml 2>&1 && cat x.xml && "
			      "cat remarks >&2",
			     name),
	    0);
	SAID("<SealedReport");
	SAID("The origin can not be traced");
	NOT_SAID("     \n"); /* the padding is gone */
}
END_TEST

START_TEST(cover_reports_are_listed_only_when_asked_for)
{
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 1, desk, "keys/origin");

	ck_assert_int_eq(LIST(""), 0);
	NOT_SAID("COVER");
	SAID("0 reports");
	ck_assert_int_eq(LIST(" --cover"), 0);
	SAID("COVER");
	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID("Cover report");
	free(xml);
}
END_TEST

START_TEST(another_origin_does_not_open_and_does_not_stop_the_list)
{
	char *xml = read_good("smallest.xml");
	const char *name;

	keep(site_item("council-cuckooing.xml"));
	name = keep_text(xml, 0, desk, "police/ack");
	ck_assert_int_eq(LIST(""), 3);
	SAID("CLOSED");
	SAID("--origin");
	SAID("Possible cuckooing");
	SAID("1 item did not open");
	ck_assert_int_eq(OPEN(name, ""), 3);
	NOT_SAID("Intelligence report");
	free(xml);
}
END_TEST

START_TEST(an_item_for_others_says_for_whom)
{
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 0, stranger, "keys/origin");

	ck_assert_int_eq(LIST(""), 4);
	SAID("CLOSED");
	ck_assert_int_eq(OPEN(name, ""), 4);
	SAID("other keys");
	SAID("Sealed to 1:");
	SAID("not in --keys");
	free(xml);
}
END_TEST

START_TEST(each_of_two_recipients_opens_it)
{
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 0, both, "keys/origin");

	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID("Sealed to 2:");
	SAID("  recipient.crt, opened with its key");
	ck_assert_int_eq(DESK("open %s --keys other --origin keys/origin.crt "
			      "--data data" SCHEMA,
			     name),
	    0);
	free(xml);
}
END_TEST

START_TEST(a_stranger_among_the_recipients_is_noticed)
{
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 0, both, "keys/origin");

	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID("*** Sealed to a key that this desk does not know");
	SAID("not in --keys");
	ck_assert_int_eq(LIST(""), 0);
	SAID("does not know");
	/* a colleague is no stranger */
	SHELL("cp other/recipient.crt police/recipient-colleague.crt");
	ck_assert_int_eq(OPEN(name, ""), 0);
	NOT_SAID("does not know");
	SAID("  recipient-colleague.crt\n");
	ck_assert_int_eq(LIST(""), 0);
	NOT_SAID("does not know");
	SHELL("rm police/recipient-colleague.crt");
	free(xml);
}
END_TEST

START_TEST(a_key_that_others_may_read_is_not_used)
{
	const char *name = keep(site_item("smallest.xml"));

	SHELL("chmod 640 police/recipient.key");
	ck_assert_int_eq(OPEN(name, ""), 1);
	SAID("chmod 600");
	SHELL("chmod 600 police/recipient.key");
}
END_TEST

START_TEST(a_renewed_desk_still_opens_what_was_sealed_before)
{
	static const char *const renewals[] = {
	    "recipient", "recipient --new-key"};
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 0, desk, "keys/origin");

	SHELL("cp -a police police.before");
	for (size_t i = 0; i < 2; i++) {
		SHELL2(BIN_DIR "/cutout-keys renew police %s", renewals[i]);
		ck_assert_int_eq(OPEN(name, ""), 0);
		SAID(", opened with its key");
	}
	SAID("recipient.crt.old-");
	keep(site_item("smallest.xml"));
	ck_assert_int_eq(LIST(""), 0);
	SAID("2 reports");
	NOT_SAID("does not know");
	SHELL("rm -rf police && mv police.before police");
	free(xml);
}
END_TEST

START_TEST(markings_come_before_the_report)
{
	char *xml = read_good("county-line-whole-network.xml");
	char *marked = replaced(xml, "<EthicalOrLegalIssue>NONE",
	    "<EthicalOrLegalIssue>LPP");
	const char *name = keep_text(marked, 0, desk, "keys/origin");

	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID("*** Marking, before you read on: LPP (");
	ck_assert_msg(strstr(out, "*** Marking") < strstr(out, "Intelligence "),
	    "%.3000s", out);
	ck_assert_int_eq(LIST(""), 0);
	SAID("  !LPP");
	free(marked);
	free(xml);
}
END_TEST

START_TEST(the_gateways_warnings_are_shown)
{
	size_t len;
	char *xml = read_whole(SOURCE_DIR
	    "/schema/examples/warn/BR-04-untested-but-known-to-be-true.xml",
	    &len);
	const char *name = keep_text(xml, 0, desk, "keys/origin");
	const char *help = contract_help(the_contract(), "BR-04");

	ck_assert_int_eq(LIST(""), 0);
	SAID("warning BR-04: ");
	SAID(help);
	ck_assert_int_eq(OPEN(name, ""), 0);
	SAID(help);
	free(xml);
}
END_TEST

START_TEST(two_origins_in_one_file_both_count)
{
	char *xml = read_good("smallest.xml");
	const char *name = keep_text(xml, 0, desk, "police/ack");

	SHELL("cat keys/origin.crt police/ack.crt >two.crt");
	ck_assert_int_eq(DESK("open %s --keys police --origin two.crt "
			      "--data data" SCHEMA,
			     name),
	    0);
	free(xml);
}
END_TEST

START_TEST(what_is_inside_is_validated_again)
{
	static const char *const bad[] = {
	    "<SealedReport xmlns=\"urn:cutout:sealed:1\"/>",
	    "<!DOCTYPE a [<!ENTITY e SYSTEM \"/etc/passwd\">]><a>&e;</a>",
	    "hello \033]0;owned\007", ""};

	for (size_t i = 0; *bad[i] != '\0'; i++) {
		const char *name = keep(site_seal(bad[i], strlen(bad[i]), desk,
		    "keys/origin"));

		ck_assert_int_eq(OPEN(name, ""), 3);
		SAID("not a valid sealed report");
		NOT_SAID("\033");
		NOT_SAID("root:");
		ck_assert_int_eq(OPEN(name, " --xml"), 3);
		NOT_SAID("\033");
	}
	ck_assert_int_eq(LIST(""), 3);
	NOT_SAID("\033");
}
END_TEST

/* A signed and sealed report, that a gateway taken over could make, with
 * characters that the gateway's rules would never let in. */
START_TEST(nothing_steers_the_terminal)
{
	struct buf *plain = site_report("council-cuckooing.xml");
	char *text = calloc(1, buf_len(plain) + 1), *bad;
	/* C1 CSI, right-to-left override, tab, zero-width no-break space */
	static const char *const odd[] = {
	    "\302\233[31m", "\342\200\256", "\t", "\357\273\277"};

	memcpy(text, buf_data(plain), buf_len(plain));
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		static const char *const options[] = {"", " --xml"};
		char word[64];
		const char *name;

		snprintf(word, sizeof(word), "%s of a flat", odd[i]);
		bad = replaced(text, " of a flat", word);
		name = keep(site_seal(bad, strlen(bad), desk, "keys/origin"));
		for (size_t j = 0; j < 2; j++) {
			(void)OPEN(name, options[j]);
			if (odd[i][0] != '\t')
				NOT_SAID(odd[i]);
		}
		free(bad);
	}
	(void)LIST("");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		NOT_SAID(odd[i]);
	free(text);
	buf_free(plain);
}
END_TEST

START_TEST(a_damaged_file_is_told_apart)
{
	const char *name = keep(site_item("smallest.xml"));

	SHELL2("printf x >>data/items/%s.p7m", name);
	ck_assert_int_eq(OPEN(name, ""), 3);
	SAID("damaged on this disk");
	ck_assert_int_eq(LIST(""), 3);
	SAID("damaged on this disk");
}
END_TEST

START_TEST(an_empty_desk_has_an_empty_list)
{
	ck_assert_int_eq(LIST(""), 1);
	SAID("cutout-desk receive");
	SHELL("mkdir data/items");
	ck_assert_int_eq(LIST(""), 0);
	SAID("0 reports");
}
END_TEST

START_TEST(openssl_and_the_profile_check_alone_open_an_item)
{
	const char *name = keep(site_item("council-cuckooing.xml"));

	SHELL2("openssl cms -verify -binary -inform DER -in "
	       "data/items/%s.p7m -partial_chain -CAfile keys/origin.crt "
	       "-certfile keys/origin.crt -nointern -out e.der && " BIN_DIR
	       "/cutout-desk profile <e.der >checked && cmp e.der checked && "
	       "openssl cms -decrypt -binary -inform DER -recip "
	       "police/recipient.crt -inkey police/recipient.key <checked",
	    name);
	SAID("Possible cuckooing of a flat");
}
END_TEST

START_TEST(the_profile_filter_passes_nothing_else)
{
	static const char *const spoilt[] = {"head -c -1 e.der",
	    "(cat e.der; printf x)", "printf ''", "head -c 2000000 /dev/zero",
	    /* the cipher relabelled: aes-256-cbc, the tag as it was */
	    "openssl cms -encrypt -binary -aes-256-cbc -outform DER -in "
	    "keys/tls.crt police/recipient.crt",
	    /* named by issuer and serial */
	    "openssl cms -encrypt -binary -aes-256-gcm -outform DER -in "
	    "keys/tls.crt police/recipient.crt"};
	const char *name = keep(site_item("smallest.xml"));

	SHELL2("openssl cms -verify -binary -inform DER -in "
	       "data/items/%s.p7m -partial_chain -CAfile keys/origin.crt "
	       "-certfile keys/origin.crt -nointern -out e.der",
	    name);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		ck_assert_int_eq(program_run(out, sizeof(out),
				     "cd %s && (%s) | " BIN_DIR
				     "/cutout-desk profile >passed; s=$?; "
				     "test ! -s passed && exit $s",
				     site_dir, spoilt[i]),
		    1);
		SAID("cutout-desk: profile: ");
	}
	ck_assert_int_eq(DESK("profile <e.der >/dev/full%s", ""), 1);
	SAID("can not write");
}
END_TEST

START_TEST(every_command_explains_itself)
{
	static const char *const commands[] = {
	    "init", "receive", "list", "open", "profile"};

	ck_assert_int_eq(DESK("--help%s", ""), 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		SAID(commands[i]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		ck_assert_int_eq(DESK("%s --help", commands[i]), 0);
		SAID(commands[i]);
		ck_assert_int_eq(DESK("%s --nonsense", commands[i]), 2);
		SAID("usage: cutout-desk");
	}
	ck_assert_int_eq(DESK("%s", "nonsense"), 2);
	ck_assert_int_eq(DESK("%s", ""), 2);
	ck_assert_int_eq(DESK("list --xml%s", ""), 2);
	ck_assert_int_eq(DESK("open a b" KEYS "%s", ""), 2);
	ck_assert_int_eq(DESK("list --keys police --data data%s", ""), 2);
	SAID("--origin");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("desk_open");
	TCase *tc = tcase_create("desk_open");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, site_make, site_remove);
	tcase_add_checked_fixture(tc, site_empty_data, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_item_is_listed_and_opened);
	tcase_add_test(tc, an_item_is_found_by_its_first_letters_and_as_a_file);
	tcase_add_test(tc, a_beginning_of_two_names_opens_neither);
	tcase_add_test(tc, high_comes_first);
	tcase_add_test(tc, conditions_come_before_the_report);
	tcase_add_test(tc, handling_code_5_or_c_comes_before_the_report);
	tcase_add_test(tc, risk_to_life_comes_before_all);
	tcase_add_test(tc, xml_is_the_report_alone);
	tcase_add_test(tc, cover_reports_are_listed_only_when_asked_for);
	tcase_add_test(tc,
	    another_origin_does_not_open_and_does_not_stop_the_list);
	tcase_add_test(tc, an_item_for_others_says_for_whom);
	tcase_add_test(tc, each_of_two_recipients_opens_it);
	tcase_add_test(tc, a_stranger_among_the_recipients_is_noticed);
	tcase_add_test(tc, a_key_that_others_may_read_is_not_used);
	tcase_add_test(tc, a_renewed_desk_still_opens_what_was_sealed_before);
	tcase_add_test(tc, markings_come_before_the_report);
	tcase_add_test(tc, the_gateways_warnings_are_shown);
	tcase_add_test(tc, two_origins_in_one_file_both_count);
	tcase_add_test(tc, what_is_inside_is_validated_again);
	tcase_add_test(tc, nothing_steers_the_terminal);
	tcase_add_test(tc, a_damaged_file_is_told_apart);
	tcase_add_test(tc, an_empty_desk_has_an_empty_list);
	tcase_add_test(tc, openssl_and_the_profile_check_alone_open_an_item);
	tcase_add_test(tc, the_profile_filter_passes_nothing_else);
	tcase_add_test(tc, every_command_explains_itself);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
