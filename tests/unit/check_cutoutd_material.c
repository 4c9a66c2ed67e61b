/* A generation of what roles load: every configured file in its place, and
 * one that is missing or wrong is named and ends the attempt. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "config_table.h"
#include "cutoutd_site.h"
#include "material.h"

static struct config *c;
static struct material *m;

static void
setup(void)
{
	static const struct option_value values[] = {{"", "time_scale", "60"},
	    {"", "operations", "{\"Larch\", \"B\"}"},
	    {"destination", "schemes", "{3x5x2}"}};

	site_make();
	ck_assert_int_eq(site_parse(site_text(values, 3), &c), RC_OK);
	site_files();
	ck_assert_int_eq(chdir(site_dir), 0);
	m = NULL;
}

static void
teardown(void)
{
	material_free(m);
	config_free(c);
	ck_assert_int_eq(chdir("/"), 0);
	site_remove();
}

static enum rc
make(void)
{
	site_said[0] = '\0';
	return material_read(c, 3, site_complain, &m);
}

static int
has(const struct buf *b, const char *text)
{
	return memmem(buf_data(b), buf_len(b), text, strlen(text)) != NULL;
}

static struct archive *
split(const struct buf *b)
{
	struct archive *a = NULL;
	int fd;

	ck_assert_int_eq(material_fd(b, &fd), RC_OK);
	ck_assert_int_eq(archive_read(fd, &a), RC_OK);
	close(fd);
	return a;
}

static const char *
entry(const struct archive *a, const char *name)
{
	const uint8_t *data;
	size_t len;

	ck_assert_msg(archive_get(a, name, &data, &len) == RC_OK, "%s", name);
	return (const char *)data;
}

START_TEST(every_file_is_where_its_reader_looks)
{
	ck_assert_int_eq(make(), RC_OK);
	ck_assert_str_eq(site_said, "");
	ck_assert_uint_eq(m->generation, 3);
	ck_assert(has(m->certificate, "BEGIN tls_certificate-"));
	ck_assert(has(m->partners, "BEGIN partner_authority-"));
	ck_assert(has(m->police, "BEGIN police_authority-"));
	ck_assert(has(m->partner_crl, "BEGIN partner_crl-"));
	ck_assert(has(m->police_crl, "BEGIN police_crl-"));
	ck_assert(has(m->origin, "BEGIN origin_certificate-"));
	ck_assert(has(m->forward, "BEGIN forward_certificate-"));
	/* partners are no police, and the other way round */
	ck_assert(!has(m->partners, "police"));
	ck_assert(!has(m->police, "partner"));
	ck_assert(!has(m->police_crl, "partner"));
	material_free(NULL);
}
END_TEST

START_TEST(no_key_is_read)
{
	const struct buf *all[8];

	ck_assert_int_eq(make(), RC_OK);
	all[0] = m->certificate;
	all[1] = m->partners;
	all[2] = m->police;
	all[3] = m->partner_crl;
	all[4] = m->destinations;
	all[5] = m->origin;
	all[6] = m->forward;
	all[7] = m->served;
	for (size_t i = 0; i < 8; i++)
		ck_assert(!has(all[i], "_key-"));
}
END_TEST

START_TEST(destinations_are_as_screen_signer_and_queue_read_them)
{
	struct archive *a;

	ck_assert_int_eq(make(), RC_OK);
	a = split(m->destinations);
	ck_assert_uint_eq(archive_count(a), 6);
	ck_assert_str_eq(entry(a, "SYP/settings"), "schemes 3x5x2\ntest 0\n");
	ck_assert_ptr_nonnull(strstr(entry(a, "SYP/recipients.pem"),
	    "BEGIN recipients-"));
	ck_assert_ptr_nonnull(strstr(entry(a, "SYP/ack.pem"), "BEGIN ack-"));
	ck_assert_str_eq(entry(a, "operations"), "Larch\nB\n");
	ck_assert_ptr_nonnull(strstr(entry(a, "police.pem"),
	    "BEGIN police_authority-"));
	ck_assert_ptr_nonnull(strstr(entry(a, "crl.pem"), "BEGIN police_crl-"));
	archive_free(a);
}
END_TEST

START_TEST(the_contract_is_archived_and_served_whole_and_nothing_else_is)
{
	static const char *const contract[] = {"report.xsd", "codes.xsd",
	    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};
	struct archive *a;

	ck_assert_int_eq(make(), RC_OK);
	a = split(m->schema);
	for (size_t i = 0; i < 6; i++)
		ck_assert_str_eq(entry(a, contract[i]), contract[i]);
	ck_assert_uint_eq(archive_count(a), 6);
	archive_free(a);
	a = split(m->served);
	ck_assert_str_eq(entry(a, "openapi.yaml"), "openapi.yaml");
	for (size_t i = 0; i < 6; i++)
		ck_assert_str_eq(entry(a, contract[i]), contract[i]);
	ck_assert_uint_eq(archive_count(a), 7);
	archive_free(a);
}
END_TEST

/* Runs with a file missing, empty of PEM, and open to be written by all. */
static void
try_without(const char *name, int pem)
{
	char aside[] = "aside", why[160];

	ck_assert_int_eq(rename(name, aside), 0);
	ck_assert_msg(make() == RC_CONFIG, "%s", name);
	(void)snprintf(why, sizeof(why), "%s: No such file", name);
	ck_assert_msg(strstr(site_said, why) != NULL, "%s", site_said);
	if (pem) {
		site_file(name, "nothing\n", 0644);
		ck_assert_msg(make() == RC_CONFIG, "%s", name);
		(void)snprintf(why, sizeof(why), "%s: has no PEM block", name);
		ck_assert_msg(strstr(site_said, why) != NULL, "%s", site_said);
	}
	ck_assert_int_eq(rename(aside, name), 0);
	ck_assert_int_eq(chmod(name, 0646), 0);
	ck_assert_msg(make() == RC_CONFIG, "%s", name);
	ck_assert_ptr_nonnull(strstr(site_said, "anybody may write"));
	ck_assert_int_eq(chmod(name, 0644), 0);
	ck_assert_ptr_null(m);
}

START_TEST(one_file_that_is_wrong_is_named_and_ends_it)
{
	static const char *const schemas[] = {"schema/report.xsd",
	    "schema/codes.xsd", "schema/sealed.xsd", "schema/sealed.tsv",
	    "schema/rules.tsv", "schema/words.tsv", "schema/openapi.yaml"};
	int pems = 0;

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		size_t n = strlen(r->name);

		if ((r->flags & OPTION_REQUIRED) == 0 ||
		    (r->flags & OPTION_PATH) == 0 ||
		    strcmp(r->name, "data") == 0 ||
		    (n > 4 && strcmp(r->name + n - 4, "_key") == 0))
			continue;
		try_without(r->name, 1);
		pems++;
	}
	ck_assert_int_eq(pems, 9);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		try_without(schemas[i], 0);
	ck_assert_int_eq(make(), RC_OK);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused)
{
	FILE *f = fopen("tls_certificate", "ae");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 300 * 1024; i++)
		(void)fputc('x', f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(make(), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(site_said, "tls_certificate: over a "));
}
END_TEST

START_TEST(whom_partners_see_and_are_is_changed_alone)
{
	struct material *old;

	ck_assert_int_eq(make(), RC_OK);
	old = m;
	site_file("partner_crl", "-----BEGIN new-----\n", 0644);
	site_file("tls_certificate", "-----BEGIN new-----\n", 0644);
	site_file("police_crl", "-----BEGIN new-----\n", 0644);
	ck_assert_int_eq(make(), RC_OK);
	material_swap_trust(old, m);
	ck_assert(has(old->partner_crl, "BEGIN new-"));
	ck_assert(has(old->certificate, "BEGIN new-"));
	ck_assert(has(old->police_crl, "BEGIN police_crl-"));
	ck_assert(!has(old->destinations, "BEGIN new-"));
	ck_assert(has(m->partner_crl, "BEGIN partner_crl-"));
	material_free(old);
}
END_TEST

START_TEST(each_reader_has_an_offset_of_its_own)
{
	char text[8];
	int one, two;

	ck_assert_int_eq(make(), RC_OK);
	ck_assert_int_eq(material_fd(m->origin, &one), RC_OK);
	ck_assert_int_eq(material_fd(m->origin, &two), RC_OK);
	ck_assert_int_eq(lseek(one, 4, SEEK_SET), 4);
	ck_assert_int_eq(lseek(two, 0, SEEK_SET), 0);
	ck_assert_int_eq(read(one, text, 1), 1);
	ck_assert_int_eq(read(two, text, 8), 8);
	ck_assert_int_eq(memcmp(text, "-----BEG", 8), 0);
	ck_assert_int_eq(write(two, "x", 1), -1);
	ck_assert_int_eq(fcntl(two, F_GETFD), FD_CLOEXEC);
	close(one);
	close(two);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd material");
	TCase *t = tcase_create("material");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_file_is_where_its_reader_looks);
	tcase_add_test(t, no_key_is_read);
	tcase_add_test(t,
	    destinations_are_as_screen_signer_and_queue_read_them);
	tcase_add_test(t,
	    the_contract_is_archived_and_served_whole_and_nothing_else_is);
	tcase_add_test(t, one_file_that_is_wrong_is_named_and_ends_it);
	tcase_add_test(t, a_file_that_is_too_large_is_refused);
	tcase_add_test(t, whom_partners_see_and_are_is_changed_alone);
	tcase_add_test(t, each_reader_has_an_offset_of_its_own);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
