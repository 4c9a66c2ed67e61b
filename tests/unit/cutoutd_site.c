/* For tests of cutoutd: a configuration, its files and its roles. */
#include "cutoutd_site.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config_table.h"
#include "program.h"

char site_dir[64];
char site_said[16384];

void
site_make(void)
{
	char path[96];

	program_folder(site_dir);
	(void)snprintf(path, sizeof(path), "%s/libexec", site_dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
}

void
site_remove(void)
{
	program_folder_remove(site_dir);
}

/* --- the configuration ------------------------------------------------ */

/* What options that limit each other need, so that each has its range. */
static const struct option_value usual[] = {
    {"", "demo", "true"},
    {"limits", "spare", "1"},
    {"limits", "max_connections", "4096"},
    {"limits", "request_seconds", "1"},
    {"limits", "connection_seconds", "120"},
    {"screen", "isolation", "\"reduced\""},
    {"queue", "backoff_base_s", "1"},
    {"queue", "backoff_cap_s", "604800"},
    {"destination", "url", "\"https://desk.example:8444/\""},
    {"destination", "address", "\"192.0.2.7\""},
};

static const struct option_value *
find(const struct option_value *v, size_t count, const struct option_row *r)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(v[i].section, r->section) == 0 &&
		    strcmp(v[i].name, r->name) == 0)
			return &v[i];
	}
	return NULL;
}

static size_t
put_row(const struct option_row *r, const struct option_value *values,
    size_t count, char *out, size_t room)
{
	const struct option_value *v = find(values, count, r);
	int n = 0;

	if (v == NULL)
		v = find(usual, sizeof(usual) / sizeof(usual[0]), r);
	if (v != NULL)
		n = v->value == NULL
			? 0
			: snprintf(out, room, "%s = %s\n", r->name, v->value);
	else if (strcmp(r->name, "libexec") == 0 ||
		 strcmp(r->name, "schema") == 0)
		n = snprintf(out, room, "%s = \"%s/%s\"\n", r->name, site_dir,
		    r->name);
	else if ((r->flags & OPTION_REQUIRED) != 0)
		n = snprintf(out, room,
		    r->kind == OPTION_LIST ? "%s = {\"%s/%s\"}\n"
					   : "%s = \"%s/%s\"\n",
		    r->name, site_dir, r->name);
	ck_assert(n >= 0 && (size_t)n < room);
	return (size_t)n;
}

const char *
site_text(const struct option_value *values, size_t count)
{
	static char text[16384];
	size_t n = 0;

	for (size_t s = 0; s < option_section_count; s++) {
		const char *section = option_sections[s];
		int many = strcmp(section, "destination") == 0;

		if (*section != '\0')
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s {\n", section, many ? " SYP" : "");
		for (size_t i = 0; i < option_count; i++) {
			if (strcmp(option_table[i].section, section) == 0)
				n += put_row(&option_table[i], values, count,
				    text + n, sizeof(text) - n);
		}
		if (*section != '\0')
			n +=
			    (size_t)snprintf(text + n, sizeof(text) - n, "}\n");
	}
	return text;
}

void
site_complain(const char *sentence)
{
	size_t n = strlen(site_said);

	(void)snprintf(site_said + n, sizeof(site_said) - n, "%s\n", sentence);
}

enum rc
site_parse(const char *text, struct config **out)
{
	*out = NULL;
	site_said[0] = '\0';
	return config_parse(text, site_complain, out);
}

/* --- files ------------------------------------------------------------ */

void
site_file(const char *name, const char *content, unsigned int mode)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", site_dir, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(content, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

void
site_files(void)
{
	static const char *const schemas[] = {"report.xsd", "codes.xsd",
	    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv",
	    "openapi.yaml"};
	char path[96], text[128];

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		size_t n = strlen(r->name);

		if ((r->flags & OPTION_REQUIRED) == 0 ||
		    (r->flags & OPTION_PATH) == 0 ||
		    strcmp(r->name, "data") == 0)
			continue;
		(void)snprintf(text, sizeof(text),
		    "-----BEGIN %s-----\nAAAA\n-----END %s-----\n", r->name,
		    r->name);
		site_file(r->name, text,
		    n > 4 && strcmp(r->name + n - 4, "_key") == 0 ? 0600
								  : 0644);
	}
	(void)snprintf(path, sizeof(path), "%s/schema", site_dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		(void)snprintf(path, sizeof(path), "schema/%s", schemas[i]);
		site_file(path, schemas[i], 0644);
	}
}

void
site_role(const char *name, const char *script)
{
	char path[96], text[2048];
	int n;

	(void)snprintf(path, sizeof(path), "libexec/%s", name);
	n = snprintf(text, sizeof(text), "#!/bin/sh\n%s", script);
	ck_assert(n > 0 && (size_t)n < sizeof(text));
	site_file(path, text, 0755);
}
