/* cutoutd.conf: every option has the default and the range of its table, what
 * is wrong is named and nothing wrong is taken. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_table.h"
#include "cutoutd_site.h"

/* "limits.spare", as complaints name it */
static const char *
name_of(const struct option_row *r)
{
	static char name[128];
	const char *s = r->section;

	(void)snprintf(name, sizeof(name), "option %s%s%s%s:", s,
	    strcmp(s, "destination") == 0 ? " SYP" : "", *s == '\0' ? "" : ".",
	    r->name);
	return name;
}

static void
taken(const char *text, struct config **out)
{
	enum rc rc = site_parse(text, out);

	ck_assert_msg(rc == RC_OK, "%s", site_said);
	ck_assert_str_eq(site_said, "");
}

static void
refused(const char *text, const char *why)
{
	struct config *c;

	ck_assert_msg(site_parse(text, &c) == RC_CONFIG, "taken: %s", why);
	ck_assert_ptr_null(c);
	ck_assert_msg(strstr(site_said, why) != NULL, "not \"%s\" but %s", why,
	    site_said);
}

/* The text with one option set to a value. */
static const char *
with(const char *section, const char *name, const char *value)
{
	const struct option_value v = {section, name, value};

	return site_text(&v, 1);
}

static const void *
place_of(const struct config *c, const struct option_row *r)
{
	const char *base = (const char *)c;

	if (strcmp(r->section, "destination") == 0)
		base = (const char *)&c->destinations[0];
	return base + r->offset;
}

/* --- the table -------------------------------------------------------- */

START_TEST(an_option_that_is_not_set_has_its_default)
{
	static const struct option_value none[] = {{"", "demo", NULL},
	    {"", "libexec", NULL}, {"", "schema", NULL},
	    {"limits", "spare", NULL}, {"limits", "max_connections", NULL},
	    {"limits", "request_seconds", NULL},
	    {"limits", "connection_seconds", NULL},
	    {"screen", "isolation", NULL}, {"queue", "backoff_base_s", NULL},
	    {"queue", "backoff_cap_s", NULL}};
	struct config *c;

	taken(site_text(none, sizeof(none) / sizeof(none[0])), &c);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		const void *p = place_of(c, r);

		if ((r->flags & OPTION_REQUIRED) != 0)
			continue;
		if (r->kind == OPTION_NUMBER || r->kind == OPTION_BOOL)
			ck_assert_msg(*(const int64_t *)p == r->number, "%s",
			    name_of(r));
		else if (r->kind == OPTION_TEXT)
			ck_assert_str_eq(*(const char *const *)p, r->text);
	}
	/* what the design says, whatever the table says */
	ck_assert_int_eq(c->demo, 0);
	ck_assert_int_eq(c->time_scale, 1);
	ck_assert_int_eq(c->limits.reports_per_connection, 1);
	ck_assert_int_eq(c->limits.per_certificate, 2);
	ck_assert_int_eq(c->limits.reports_per_day, 20);
	ck_assert_int_eq(c->limits.request_seconds, 30);
	ck_assert_int_eq(c->limits.connection_seconds, 120);
	ck_assert_int_eq(c->limits.answer_grid_ms, 250);
	ck_assert_int_eq(c->screen.reports_per_process, 1);
	ck_assert_str_eq(c->screen.isolation, "full");
	ck_assert_int_eq(c->queue.retain_done_days, 7);
	ck_assert_int_eq(c->queue.receipt_days, 60);
	ck_assert_str_eq(c->cover, "full");
	ck_assert_int_eq(c->slots.stock, 12);
	ck_assert_int_eq(c->slots.slot_seconds, 1800);
	ck_assert_int_eq(c->slots.fast_slot_seconds, 300);
	ck_assert_int_eq(c->pool.private_delay_hours, 8);
	ck_assert_int_eq(c->pool.minimum, 12);
	ck_assert_int_eq(c->pool.percent, 60);
	ck_assert_int_eq(c->pool.oldest_hours, 120);
	ck_assert_uint_eq(c->operations.count, 0);
	ck_assert_uint_eq(c->destinations[0].schemes.count, 2);
	ck_assert_str_eq(c->destinations[0].schemes.text[0], "5x5x5");
	ck_assert_str_eq(c->destinations[0].schemes.text[1], "3x5x2");
	config_free(c);
	config_free(NULL);
}
END_TEST

START_TEST(what_would_show_reports_needs_demo)
{
	static const struct {
		const char *section, *name, *value, *said;
	} low[] = {{"slots", "slot_seconds", "599", "slots.slot_seconds"},
	    {"slots", "fast_slot_seconds", "299", "slots.fast_slot_seconds"},
	    {"slots", "slot_batch", "1", "slots.slot_batch"},
	    {"slots", "stock", "11", "slots.stock"},
	    {"pool", "private_delay_hours", "3", "pool.private_delay_hours"},
	    {"pool", "minimum", "4", "pool.minimum"},
	    {"pool", "oldest_hours", "85", "pool.oldest_hours"},
	    {"pool", "expected_per_day", "14", "pool.oldest_hours"},
	    {"", "cover", "\"none\"", "option cover"}};

	for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		struct option_value values[] = {{"", "demo", NULL},
		    {low[i].section, low[i].name, low[i].value}};
		struct config *c;

		refused(site_text(values, 2), low[i].said);
		taken(with(low[i].section, low[i].name, low[i].value), &c);
		config_free(c);
	}
}
END_TEST

START_TEST(no_cover_has_to_be_accepted)
{
	static const struct option_value accepted[] = {{"", "demo", NULL},
	    {"", "cover", "\"none\""}, {"", "accept_no_cover", "true"}};
	struct config *c;

	taken(site_text(accepted, 3), &c);
	ck_assert_int_eq(config_stock(c), 0);
	config_free(c);
	refused(with("", "cover", "\"some\""), "option cover");
}
END_TEST

START_TEST(a_number_takes_both_ends_of_its_range_and_nothing_beyond)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		const int64_t good[] = {r->low, r->high};
		const int64_t bad[] = {r->low - 1, r->high + 1};
		char value[32];
		struct config *c;

		if (r->kind != OPTION_NUMBER)
			continue;
		for (int k = 0; k < 2; k++) {
			(void)snprintf(value, sizeof(value), "%lld",
			    (long long)good[k]);
			taken(with(r->section, r->name, value), &c);
			ck_assert_int_eq(*(const int64_t *)place_of(c, r),
			    good[k]);
			config_free(c);
			(void)snprintf(value, sizeof(value), "%lld",
			    (long long)bad[k]);
			refused(with(r->section, r->name, value), name_of(r));
			/* with the value and the range */
			ck_assert_ptr_nonnull(strstr(site_said, value));
			(void)snprintf(value, sizeof(value), "%lld to %lld",
			    (long long)r->low, (long long)r->high);
			ck_assert_ptr_nonnull(strstr(site_said, value));
		}
	}
}
END_TEST

START_TEST(what_is_no_number_or_no_bool_is_refused)
{
	static const char *const numbers[] = {
	    "many", "8x", "1.5", "\"\"", "99999999999999999999"};
	static const char *const bools[] = {"2", "perhaps", "\"\""};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		refused(with("limits", "spare", numbers[i]), "spare");
	for (size_t i = 0; i < sizeof(bools) / sizeof(bools[0]); i++)
		refused(with("", "demo", bools[i]), "demo");
}
END_TEST

START_TEST(a_required_option_that_is_missing_is_named)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];

		if ((r->flags & OPTION_REQUIRED) == 0)
			continue;
		refused(with(r->section, r->name, NULL), name_of(r));
		if (r->kind == OPTION_TEXT)
			refused(with(r->section, r->name, "\"\""), name_of(r));
	}
}
END_TEST

START_TEST(a_path_is_absolute_and_no_text_has_control_characters)
{
	char value[64];
	int many = 0;

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		int list = r->kind == OPTION_LIST;

		if ((r->flags & OPTION_PATH) == 0)
			continue;
		(void)snprintf(value, sizeof(value), "%s\"etc/x\"%s",
		    list ? "{" : "", list ? "}" : "");
		refused(with(r->section, r->name, value), name_of(r));
		ck_assert_ptr_nonnull(strstr(site_said, "absolute"));
		many++;
	}
	ck_assert_int_gt(many, 15);
	/* it would be a second line of a role's settings */
	refused(with("", "data", "\"/x\\nspare 9\""),
	    "option data: has a control character");
	refused(with("", "operations", "{\"a\", \"b\\tc\"}"),
	    "option operations: has a control character");
}
END_TEST

START_TEST(unknown_options_and_sections_are_refused_by_name)
{
	char text[20000];

	(void)snprintf(text, sizeof(text), "%scolour = 1\n",
	    site_text(NULL, 0));
	refused(text, "colour");
	(void)snprintf(text, sizeof(text), "%slimits { colour = 1 }\n",
	    site_text(NULL, 0));
	refused(text, "colour");
	(void)snprintf(text, sizeof(text), "%scolours { red = 1 }\n",
	    site_text(NULL, 0));
	refused(text, "colours");
	/* an option in the section of another */
	(void)snprintf(text, sizeof(text), "%squeue { spare = 1 }\n",
	    site_text(NULL, 0));
	refused(text, "spare");
}
END_TEST

START_TEST(one_run_names_all_that_is_wrong)
{
	static const struct option_value v[] = {{"", "port", "0"},
	    {"", "data", "\"here\""}, {"limits", "spare", "999"},
	    {"queue", "epoch_hour", "24"}, {"destination", "ack", NULL}};
	struct config *c;

	ck_assert_int_eq(site_parse(site_text(v, 5), &c), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(site_said, "option port: 0 is not in 1 "
						"to 65535\n"));
	ck_assert_ptr_nonnull(strstr(site_said, "option data: "));
	ck_assert_ptr_nonnull(strstr(site_said, "option limits.spare: 999 is "
						"not in 1 to 256 processes\n"));
	ck_assert_ptr_nonnull(strstr(site_said, "option queue.epoch_hour: "));
	ck_assert_ptr_nonnull(strstr(site_said, "option destination SYP.ack"));
}
END_TEST

/* --- destinations ----------------------------------------------------- */

/* A configuration with so many destinations, named after their number. */
static const char *
many_destinations(int count)
{
	static char text[32768];
	const char *one;
	size_t n, head;

	(void)snprintf(text, sizeof(text), "%s", site_text(NULL, 0));
	one = strstr(text, "destination SYP");
	ck_assert_ptr_nonnull(one);
	head = n = (size_t)(one - text);
	for (int i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "destination D%d { url = \"https://h/\" address = "
		    "\"::1\" recipients = {\"/r\"} ack = \"/a\" }\n",
		    i);
	text[n] = '\0';
	ck_assert_uint_ge(n, head);
	return text;
}

START_TEST(there_are_one_to_sixteen_destinations)
{
	struct config *c;

	refused(many_destinations(0), "destination");
	refused(many_destinations(17), "destination");
	taken(many_destinations(16), &c);
	ck_assert_uint_eq(c->destination_count, 16);
	/* in the order of the file: that is their number on the wire */
	ck_assert_str_eq(c->destinations[0].name, "D0");
	ck_assert_str_eq(c->destinations[15].name, "D15");
	config_free(c);
}
END_TEST

START_TEST(a_name_stands_once_and_has_plain_letters)
{
	static const char *const bad[] = {
	    "\"\"", "syp", "\"A B\"", "\"A/B\"", "A_B", "ABCDEFGHIJKLMNOPQ"};
	char text[20000];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "%sdestination %s { url = \"https://h/\" address = "
		    "\"::1\" recipients = {\"/r\"} ack = \"/a\" }\n",
		    site_text(NULL, 0), bad[i]);
		refused(text, "the name must be");
	}
	(void)snprintf(text, sizeof(text), "%sdestination SYP { }\n",
	    site_text(NULL, 0));
	refused(text, "SYP");
}
END_TEST

START_TEST(a_url_is_https_host_and_port_and_nothing_more)
{
	static const struct {
		const char *url, *host;
		uint16_t port;
	} good[] = {{"\"https://h/\"", "h", 443}, {"\"https://h\"", "h", 443},
	    {"\"https://Desk-1.example:1/\"", "Desk-1.example", 1},
	    {"\"https://desk.example:65535\"", "desk.example", 65535}};
	static const char *const bad[] = {"\"http://h/\"", "\"https://\"",
	    "\"https:///\"", "\"https://h:0/\"", "\"https://h:65536/\"",
	    "\"https://h:/\"", "\"https://h:-1/\"", "\"https://h: 1/\"",
	    "\"https://h:+1/\"", "\"https://h/path\"", "\"https://h?x\"",
	    "\"https://u@h/\"", "\"https://h:1x/\"", "\"HTTPS://h/\"",
	    "\"https://h/ \""};
	struct config *c;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		taken(with("destination", "url", good[i].url), &c);
		ck_assert_str_eq(c->destinations[0].host, good[i].host);
		ck_assert_uint_eq(c->destinations[0].port, good[i].port);
		config_free(c);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(with("destination", "url", bad[i]),
		    "option destination SYP.url");
}
END_TEST

START_TEST(addresses_are_numbers_and_nothing_is_resolved)
{
	static const char *const bad[] = {"\"localhost\"", "\"192.0.2\"",
	    "\"192.0.2.1:80\"", "\"0x7f.1\"", "\"::1%lo\"", "\"\""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused(with("", "listen", bad[i]), "option listen");
		refused(with("destination", "address", bad[i]),
		    "option destination SYP.address");
	}
}
END_TEST

START_TEST(lists_have_no_more_and_no_fewer_than_they_may)
{
	struct config *c;

	refused(with("destination", "recipients", "{}"),
	    "option destination SYP.recipients");
	taken(with("destination", "recipients",
		  "{/1, /2, /3, /4, /5, /6, /7, /8}"),
	    &c);
	ck_assert_uint_eq(c->destinations[0].recipients.count, 8);
	ck_assert_str_eq(c->destinations[0].recipients.text[7], "/8");
	config_free(c);
	refused(with("destination", "recipients",
		    "{/1, /2, /3, /4, /5, /6, /7, /8, /9}"),
	    "option destination SYP.recipients");
	refused(with("destination", "schemes", "{}"),
	    "option destination SYP.schemes");
	refused(with("destination", "schemes", "{5x5x5, 4x4}"),
	    "option destination SYP.schemes");
	taken(with("", "operations", "{\"Operation Larch\", B}"), &c);
	ck_assert_uint_eq(c->operations.count, 2);
	ck_assert_str_eq(c->operations.text[0], "Operation Larch");
	config_free(c);
}
END_TEST

/* --- what options mean to each other ---------------------------------- */

START_TEST(only_a_demonstration_changes_the_clock)
{
	struct option_value v[] = {
	    {"", "demo", "false"}, {"", "time_scale", "2"}};

	refused(site_text(v, 2), "option time_scale: must be 1");
	v[1] = (struct option_value){"", "clock_offset_s", "-1"};
	refused(site_text(v, 2), "option clock_offset_s: must be 0");
}
END_TEST

START_TEST(several_reports_a_process_need_the_word_reduced)
{
	struct option_value v[] = {{"screen", "reports_per_process", "2"},
	    {"screen", "isolation", "\"full\""}};

	refused(site_text(v, 2), "option screen.reports_per_process");
	v[1].value = NULL;
	refused(site_text(v, 2), "option screen.reports_per_process");
	v[1].value = "\"Reduced\"";
	refused(site_text(v, 2), "option screen.isolation");
	v[0].value = "1";
	refused(site_text(v, 2), "option screen.isolation");
}
END_TEST

START_TEST(a_part_is_no_larger_than_its_whole)
{
	struct option_value v[] = {
	    {"limits", "spare", "9"}, {"limits", "max_connections", "8"}};

	refused(site_text(v, 2), "option limits.spare");
	v[0] = (struct option_value){"limits", "request_seconds", "31"};
	v[1] = (struct option_value){"limits", "connection_seconds", "30"};
	refused(site_text(v, 2), "option limits.request_seconds");
	v[0] = (struct option_value){"queue", "backoff_base_s", "61"};
	v[1] = (struct option_value){"queue", "backoff_cap_s", "60"};
	refused(site_text(v, 2), "option queue.backoff_base_s");
}
END_TEST

START_TEST(gateway_time_is_scaled_and_never_stands_still)
{
	struct config *c;

	taken(with("", "time_scale", "4320"), &c);
	ck_assert_int_eq(config_scaled(c, 86400), 20);
	ck_assert_int_eq(config_scaled(c, 4320), 1);
	ck_assert_int_eq(config_scaled(c, 1), 1);
	config_free(c);
	taken(with("", "time_scale", "1"), &c);
	ck_assert_int_eq(config_scaled(c, 86400), 86400);
	config_free(c);
}
END_TEST

/* --- the file, and the list ------------------------------------------- */

static enum rc
read_file(const char *name, struct config **out)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", site_dir, name);
	*out = NULL;
	site_said[0] = '\0';
	return config_read(path, site_complain, out);
}

START_TEST(a_file_is_read_as_text_is_and_errors_tell_the_line)
{
	struct config *c;

	site_file("good", site_text(NULL, 0), 0600);
	ck_assert_int_eq(read_file("good", &c), RC_OK);
	ck_assert_str_eq(c->destinations[0].host, "desk.example");
	config_free(c);
	site_file("bad", "\n\nport = = 4\n", 0600);
	ck_assert_int_eq(read_file("bad", &c), RC_CONFIG);
	ck_assert_ptr_nonnull(strstr(site_said, "/bad, line 3: "));
	ck_assert_int_eq(read_file("none", &c), RC_IO);
	ck_assert_ptr_nonnull(strstr(site_said, "/none: No such file"));
	/* what can be opened and not be read */
	ck_assert_int_eq(read_file("", &c), RC_IO);
	ck_assert_ptr_nonnull(strstr(site_said, "/: Is a directory"));
	ck_assert_ptr_null(c);
	refused("limits {", "");
	ck_assert_str_ne(site_said, "");
}
END_TEST

START_TEST(options_are_listed_with_default_range_and_meaning)
{
	char *text = NULL, want[128];
	size_t size = 0, lines = 0;
	FILE *to = open_memstream(&text, &size);

	config_print_options(to);
	ck_assert_int_eq(fclose(to), 0);
	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_uint_eq(lines, option_count);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];

		(void)snprintf(want, sizeof(want), "%s%s%s (", r->section,
		    *r->section == '\0' ? "" : ".", r->name);
		ck_assert_msg(strstr(text, want) != NULL, "%s", want);
		ck_assert_ptr_nonnull(strstr(text, r->help));
	}
	ck_assert_ptr_nonnull(strstr(text,
	    "limits.per_certificate (2, 1 to 4096 connections): at one time "
	    "with one certificate\n"));
	ck_assert_ptr_nonnull(strstr(text, "data (required): "));
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd config");
	TCase *t = tcase_create("config");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, site_make, site_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_option_that_is_not_set_has_its_default);
	tcase_add_test(t,
	    a_number_takes_both_ends_of_its_range_and_nothing_beyond);
	tcase_add_test(t, what_would_show_reports_needs_demo);
	tcase_add_test(t, no_cover_has_to_be_accepted);
	tcase_add_test(t, what_is_no_number_or_no_bool_is_refused);
	tcase_add_test(t, a_required_option_that_is_missing_is_named);
	tcase_add_test(t,
	    a_path_is_absolute_and_no_text_has_control_characters);
	tcase_add_test(t, unknown_options_and_sections_are_refused_by_name);
	tcase_add_test(t, one_run_names_all_that_is_wrong);
	tcase_add_test(t, there_are_one_to_sixteen_destinations);
	tcase_add_test(t, a_name_stands_once_and_has_plain_letters);
	tcase_add_test(t, a_url_is_https_host_and_port_and_nothing_more);
	tcase_add_test(t, addresses_are_numbers_and_nothing_is_resolved);
	tcase_add_test(t, lists_have_no_more_and_no_fewer_than_they_may);
	tcase_add_test(t, only_a_demonstration_changes_the_clock);
	tcase_add_test(t, several_reports_a_process_need_the_word_reduced);
	tcase_add_test(t, a_part_is_no_larger_than_its_whole);
	tcase_add_test(t, gateway_time_is_scaled_and_never_stands_still);
	tcase_add_test(t, a_file_is_read_as_text_is_and_errors_tell_the_line);
	tcase_add_test(t, options_are_listed_with_default_range_and_meaning);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
