/* Reading cutoutd.conf: libconfuse does the grammar, the table says what may
 * stand in it, and what the options mean to each other is checked here. */
#include "config.h"

#include <arpa/inet.h>
#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config_table.h"

enum { ROWS_MAX = 128, SENTENCE_MAX = 512, NAME_MAX_LEN = 16 };

/* libconfuse's error callback has no argument of the caller's. */
static config_complain complain_now;

static void __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
	char sentence[SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (complain_now != NULL)
		complain_now(sentence);
}

static void __attribute__((format(printf, 2, 0)))
parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[SENTENCE_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	if (cfg != NULL && cfg->filename != NULL)
		complain("%s, line %d: %s", cfg->filename, cfg->line, text);
	else
		complain("%s", text);
}

/* --- the table as libconfuse wants it --------------------------------- */

/* libconfuse copies these at cfg_init(). */
static cfg_opt_t
option_of(const struct option_row *r)
{
	switch (r->kind) {
	case OPTION_NUMBER: {
		cfg_opt_t o = CFG_INT(r->name, r->number, CFGF_NONE);
		return o;
	}
	case OPTION_BOOL: {
		cfg_opt_t o = CFG_BOOL(r->name,
		    r->number ? cfg_true : cfg_false, CFGF_NONE);
		return o;
	}
	case OPTION_LIST: {
		cfg_opt_t o = CFG_STR_LIST(r->name, (char *)(uintptr_t)r->text,
		    CFGF_NONE);
		return o;
	}
	case OPTION_TEXT:
		break;
	}
	cfg_opt_t o = CFG_STR(r->name, r->text, CFGF_NONE);
	return o;
}

static void
options_of(const char *section, cfg_opt_t *to)
{
	cfg_opt_t end = CFG_END();
	size_t n = 0;

	for (size_t i = 0; i < option_count; i++) {
		if (strcmp(option_table[i].section, section) == 0)
			to[n++] = option_of(&option_table[i]);
	}
	to[n] = end;
}

static cfg_t *
grammar(void)
{
	static cfg_opt_t top[ROWS_MAX], sub[16][ROWS_MAX];
	cfg_opt_t end = CFG_END();
	size_t n = 0;

	options_of("", top);
	while (top[n].name != NULL)
		n++;
	for (size_t i = 1; i < option_section_count; i++) {
		const char *name = option_sections[i];
		int many = strcmp(name, "destination") == 0;
		cfg_opt_t s = CFG_SEC(name, sub[i],
		    many ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES
			 : CFGF_NONE);

		options_of(name, sub[i]);
		top[n++] = s;
	}
	top[n] = end;
	return cfg_init(top, CFGF_NONE);
}

/* --- one option ------------------------------------------------------- */

/* "limits.spare", "destination SYP.url" */
static void
full_name(const struct option_row *r, const char *title, char *out, size_t size)
{
	if (title != NULL)
		(void)snprintf(out, size, "%s %s.%s", r->section, title,
		    r->name);
	else if (*r->section != '\0')
		(void)snprintf(out, size, "%s.%s", r->section, r->name);
	else
		(void)snprintf(out, size, "%s", r->name);
}

/* Values end up in "key value" lines and in archives: no control bytes. */
static enum rc
text_check(const struct option_row *r, const char *name, const char *text)
{
	if (text == NULL || *text == '\0') {
		if ((r->flags & OPTION_EMPTY) != 0)
			return RC_OK;
		complain("option %s: must be set (%s)", name, r->help);
		return RC_CONFIG;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			complain("option %s: has a control character", name);
			return RC_CONFIG;
		}
	}
	if ((r->flags & OPTION_PATH) != 0 && *text != '/') {
		complain("option %s: must be an absolute path", name);
		return RC_CONFIG;
	}
	return RC_OK;
}

static enum rc
take_number(const struct option_row *r, const char *name, long value,
    void *base)
{
	if (value < r->low || value > r->high) {
		complain("option %s: %ld is not in %lld to %lld%s%s", name,
		    value, (long long)r->low, (long long)r->high,
		    *r->unit == '\0' ? "" : " ", r->unit);
		return RC_CONFIG;
	}
	*(int64_t *)((char *)base + r->offset) = value;
	return RC_OK;
}

static enum rc
take_list(const struct option_row *r, const char *name, cfg_opt_t *o,
    void *base)
{
	struct texts *t = (struct texts *)(void *)((char *)base + r->offset);
	size_t n = cfg_opt_size(o);
	enum rc rc = RC_OK;

	if ((int64_t)n < r->low || (int64_t)n > r->high) {
		complain("option %s: must name %lld to %lld (%s)", name,
		    (long long)r->low, (long long)r->high, r->help);
		return RC_CONFIG;
	}
	t->text = calloc(n + 1, sizeof(*t->text));
	if (t->text == NULL)
		return RC_NOMEM;
	t->count = n;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		t->text[i] = cfg_opt_getnstr(o, (unsigned int)i);
		rc = text_check(r, name, t->text[i]);
	}
	return rc;
}

static enum rc
take_option(const struct option_row *r, cfg_t *cfg, const char *title,
    void *base)
{
	cfg_opt_t *o = cfg_getopt(cfg, r->name);
	char name[128];
	const char *text;
	enum rc rc;

	full_name(r, title, name, sizeof(name));
	switch (r->kind) {
	case OPTION_NUMBER:
		return take_number(r, name, cfg_opt_getnint(o, 0), base);
	case OPTION_BOOL:
		*(int64_t *)((char *)base + r->offset) =
		    cfg_opt_getnbool(o, 0) == cfg_true;
		return RC_OK;
	case OPTION_LIST:
		return take_list(r, name, o, base);
	case OPTION_TEXT:
		break;
	}
	text = cfg_opt_getnstr(o, 0);
	rc = text_check(r, name, text);
	if (rc == RC_OK)
		*(const char **)((char *)base + r->offset) = text;
	return rc;
}

/* Goes on after a wrong option, so that one run names all of them. */
static enum rc
take_section(const char *section, cfg_t *cfg, const char *title, void *base)
{
	enum rc rc = RC_OK, one;

	for (size_t i = 0; i < option_count; i++) {
		if (strcmp(option_table[i].section, section) != 0)
			continue;
		one = take_option(&option_table[i], cfg, title, base);
		if (one != RC_OK)
			rc = one;
	}
	return rc;
}

/* --- destinations ----------------------------------------------------- */

/* Names stand in archives and in reports. */
static enum rc
name_check(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t n = strlen(name);

	if (n >= 1 && n <= NAME_MAX_LEN && strspn(name, letters) == n)
		return RC_OK;
	complain("destination %.40s: the name must be 1 to %d of A to Z, 0 to "
		 "9 and -",
	    name, (int)NAME_MAX_LEN);
	return RC_CONFIG;
}

/* Splits https://host[:port]/ and nothing behind it. */
static enum rc
url_split(struct destination *d)
{
	static const char scheme[] = "https://";
	const char *host, *end, *colon;
	unsigned long port = 443;
	char *stop;
	size_t n;

	if (d->url == NULL || strncmp(d->url, scheme, sizeof(scheme) - 1) != 0)
		goto bad;
	host = d->url + sizeof(scheme) - 1;
	n = strspn(host, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
	end = host + n;
	if (n == 0 || n >= sizeof(d->host))
		goto bad;
	colon = *end == ':' ? end + 1 : NULL;
	if (colon != NULL) {
		if (*colon < '0' || *colon > '9')
			goto bad;
		errno = 0;
		port = strtoul(colon, &stop, 10);
		if (errno != 0 || port == 0 || port > 65535)
			goto bad;
		end = stop;
	}
	if (strcmp(end, "/") != 0 && *end != '\0')
		goto bad;
	memcpy(d->host, host, n);
	d->host[n] = '\0';
	d->port = (uint16_t)port;
	return RC_OK;
bad:
	complain("option destination %s.url: must be https://host[:port]/",
	    d->name);
	return RC_CONFIG;
}

static int
is_address(const char *text)
{
	unsigned char raw_address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, raw_address) == 1 ||
	       inet_pton(AF_INET6, text, raw_address) == 1;
}

static enum rc
destination_check(struct destination *d)
{
	enum rc rc;

	rc = url_split(d);
	if (!is_address(d->address)) {
		complain("option destination %s.address: must be a numeric "
			 "address, 192.0.2.1 or 2001:db8::1",
		    d->name);
		rc = RC_CONFIG;
	}
	for (size_t i = 0; i < d->schemes.count; i++) {
		if (strcmp(d->schemes.text[i], "5x5x5") != 0 &&
		    strcmp(d->schemes.text[i], "3x5x2") != 0) {
			complain("option destination %s.schemes: must be of "
				 "5x5x5, 3x5x2",
			    d->name);
			rc = RC_CONFIG;
		}
	}
	return rc;
}

static enum rc
take_destinations(struct config *c, cfg_t *cfg)
{
	size_t n = cfg_size(cfg, "destination");
	enum rc rc = RC_OK, one;

	if (n == 0 || n > MAX_DESTINATIONS) {
		complain("destination: there must be 1 to %d sections "
			 "(destination NAME { ... })",
		    (int)MAX_DESTINATIONS);
		return RC_CONFIG;
	}
	c->destination_count = n;
	for (size_t i = 0; i < n; i++) {
		struct destination *d = &c->destinations[i];
		cfg_t *sec = cfg_getnsec(cfg, "destination", (unsigned int)i);

		d->name = cfg_title(sec);
		one = name_check(d->name);
		if (one == RC_OK)
			one = take_section("destination", sec, d->name, d);
		if (one == RC_OK)
			one = destination_check(d);
		if (one != RC_OK)
			rc = one;
	}
	return rc;
}

/* --- what options mean to each other ---------------------------------- */

static enum rc
check_demo(const struct config *c)
{
	enum rc rc = RC_OK;

	if (!c->demo && c->time_scale != 1) {
		complain("option time_scale: must be 1 unless demo = true");
		rc = RC_CONFIG;
	}
	if (!c->demo && c->clock_offset_s != 0) {
		complain("option clock_offset_s: must be 0 unless demo = true");
		rc = RC_CONFIG;
	}
	return rc;
}

static enum rc
check_isolation(const struct config *c)
{
	int reduced = strcmp(c->screen.isolation, "reduced") == 0;

	if (!reduced && strcmp(c->screen.isolation, "full") != 0) {
		complain("option screen.isolation: must be \"full\" or "
			 "\"reduced\"");
		return RC_CONFIG;
	}
	if (!reduced && c->screen.reports_per_process != 1) {
		complain("option screen.reports_per_process: must be 1 unless "
			 "screen.isolation = \"reduced\"");
		return RC_CONFIG;
	}
	return RC_OK;
}

/* Below these a report can be told from others: the figures that SECURITY.md
 * gives do not hold (ANONYMITY section 6). */
static enum rc
check_minima(const struct config *c)
{
	const struct {
		const char *name;
		int64_t value, least;
	} minima[] = {
	    {"slots.slot_seconds", c->slots.slot_seconds, 600},
	    {"slots.fast_slot_seconds", c->slots.fast_slot_seconds, 300},
	    {"slots.slot_batch", c->slots.slot_batch, 2},
	    {"slots.stock", c->slots.stock, 12},
	    {"pool.private_delay_hours", c->pool.private_delay_hours, 4},
	    {"pool.minimum", c->pool.minimum, 5},
	    {"pool.oldest_hours", c->pool.oldest_hours,
		INT64_C(144) * c->pool.minimum / c->pool.expected_per_day},
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(minima) / sizeof(minima[0]); i++) {
		if (minima[i].value >= minima[i].least)
			continue;
		complain("option %s: %lld is the least without demo; below it "
			 "reports can be told from each other",
		    minima[i].name, (long long)minima[i].least);
		rc = RC_CONFIG;
	}
	return rc;
}

static enum rc
check_cover(const struct config *c)
{
	int none = strcmp(c->cover, "none") == 0;

	if (!none && strcmp(c->cover, "full") != 0) {
		complain("option cover: must be \"full\" or \"none\"");
		return RC_CONFIG;
	}
	if (none && !c->demo && !c->accept_no_cover) {
		complain("option cover: \"none\" shows how many reports there "
			 "are; it needs accept_no_cover = true");
		return RC_CONFIG;
	}
	return c->demo ? RC_OK : check_minima(c);
}

static enum rc
check_together(const struct config *c)
{
	enum rc rc, one;

	rc = check_demo(c);
	one = check_cover(c);
	if (one != RC_OK)
		rc = one;
	one = check_isolation(c);
	if (one != RC_OK)
		rc = one;
	if (!is_address(c->listen)) {
		complain("option listen: must be a numeric address, 192.0.2.1 "
			 "or 2001:db8::1");
		rc = RC_CONFIG;
	}
	if (c->limits.spare > c->limits.max_connections) {
		complain("option limits.spare: must be at most "
			 "limits.max_connections");
		rc = RC_CONFIG;
	}
	if (c->limits.request_seconds > c->limits.connection_seconds) {
		complain("option limits.request_seconds: must be at most "
			 "limits.connection_seconds");
		rc = RC_CONFIG;
	}
	if (c->queue.backoff_base_s > c->queue.backoff_cap_s) {
		complain("option queue.backoff_base_s: must be at most "
			 "queue.backoff_cap_s");
		rc = RC_CONFIG;
	}
	return rc;
}

/* --- reading ---------------------------------------------------------- */

static enum rc
take_all(struct config *c, cfg_t *cfg)
{
	enum rc rc = RC_OK, one;

	for (size_t i = 0; i + 1 < option_section_count; i++) {
		const char *name = option_sections[i];
		cfg_t *sec = *name == '\0' ? cfg : cfg_getsec(cfg, name);

		one = take_section(name, sec, NULL, c);
		if (one != RC_OK)
			rc = one;
	}
	one = take_destinations(c, cfg);
	if (one != RC_OK)
		rc = one;
	return rc == RC_OK ? check_together(c) : rc;
}

/* libconfuse's scanner ends the process when it can not read what it could
 * open: a folder. */
static int
parse(cfg_t *cfg, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return CFG_FILE_ERROR;
	}
	return cfg_parse(cfg, path);
}

/* Exactly one of path and text is set. */
static enum rc
read_either(const char *path, const char *text, struct config **out)
{
	struct config *c;
	enum rc rc = RC_NOMEM;
	cfg_t *cfg;
	int got;

	c = calloc(1, sizeof(*c));
	cfg = grammar();
	if (c == NULL || cfg == NULL)
		goto out;
	c->raw = cfg;
	(void)cfg_set_error_function(cfg, parse_error);
	got = path != NULL ? parse(cfg, path) : cfg_parse_buf(cfg, text);
	if (got == CFG_FILE_ERROR) {
		complain("%s: %s", path, strerror(errno));
		rc = RC_IO;
		goto out;
	}
	rc = RC_CONFIG;
	if (got != CFG_SUCCESS)
		goto out;
	rc = take_all(c, cfg);
	if (rc != RC_OK)
		goto out;
	*out = c;
	c = NULL;
	cfg = NULL;
out:
	if (c != NULL)
		c->raw = NULL;
	config_free(c);
	if (cfg != NULL)
		cfg_free(cfg);
	return rc;
}

enum rc
config_read(const char *path, config_complain to, struct config **out)
{
	complain_now = to;
	return read_either(path, NULL, out);
}

enum rc
config_parse(const char *text, config_complain to, struct config **out)
{
	complain_now = to;
	return read_either(NULL, text, out);
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	free(c->operations.text);
	for (size_t i = 0; i < MAX_DESTINATIONS; i++) {
		free(c->destinations[i].recipients.text);
		free(c->destinations[i].schemes.text);
	}
	if (c->raw != NULL)
		cfg_free(c->raw);
	free(c);
}

int64_t
config_scaled(const struct config *c, int64_t gateway_s)
{
	int64_t real_s = gateway_s / c->time_scale;

	return real_s < 1 ? 1 : real_s;
}

int64_t
config_scaled_ms(const struct config *c, int64_t gateway_s)
{
	int64_t real_ms = gateway_s * 1000 / c->time_scale;

	return real_ms < 1 ? 1 : real_ms;
}

int64_t
config_stock(const struct config *c)
{
	return strcmp(c->cover, "none") == 0 ? 0 : c->slots.stock;
}

/* --- printing --------------------------------------------------------- */

static void
print_value(const struct option_row *r, FILE *to)
{
	if ((r->flags & OPTION_REQUIRED) != 0)
		fprintf(to, "required");
	else if (r->kind == OPTION_NUMBER)
		fprintf(to, "%lld, %lld to %lld%s%s", (long long)r->number,
		    (long long)r->low, (long long)r->high,
		    *r->unit == '\0' ? "" : " ", r->unit);
	else if (r->kind == OPTION_BOOL)
		fprintf(to, "%s", r->number ? "true" : "false");
	else if (r->kind == OPTION_LIST)
		fprintf(to, "%s", r->text);
	else
		fprintf(to, "\"%s\"", r->text);
}

void
config_print_options(FILE *to)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *r = &option_table[i];
		char name[128];

		full_name(r, NULL, name, sizeof(name));
		fprintf(to, "%s (", name);
		print_value(r, to);
		fprintf(to, "): %s\n", r->help);
	}
}
