/* What a screen zygote loads before it is locked down. */
#include "load.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "buf.h"
#include "derive.h"
#include "log.h"
#include "seal.h"
#include "setup.h"
#include "wire.h"

static void
number(const struct setup *setup, const char *key, int64_t low, int64_t high,
    int64_t *out)
{
	if (setup_number(setup, key, low, high, out) != RC_OK)
		fatal("setup: %s is missing or out of range", key);
}

static int64_t
load_setup(struct screen *s)
{
	struct setup *setup = NULL;
	int64_t demo;
	const char *kind;

	if (setup_read(FD_SETUP, &setup) != RC_OK)
		fatal("setup can not be read");
	number(setup, "demo", 0, 1, &demo);
	number(setup, "spare", 1, 1024, &s->spare);
	number(setup, "reports_per_process", 1, INT32_MAX,
	    &s->reports_per_process);
	number(setup, "cpu_seconds", 1, 3600, &s->cpu_seconds);
	number(setup, "deadline_seconds", 1, 3600, &s->deadline_seconds);
	number(setup, "body_max", 1, (int64_t)BODY_MAX, &s->body_max);
	number(setup, "clock_offset_s", INT64_MIN, INT64_MAX,
	    &s->clock_offset_s);
	if (s->clock_offset_s != 0 && !demo)
		fatal("setup: another clock is for demonstrations");
	/* one process then sees more than one report */
	if (s->reports_per_process > 1 &&
	    strcmp(setup_text(setup, "isolation", ""), "reduced") != 0)
		fatal("setup: several reports a process need reduced "
		      "isolation");
	kind = setup_text(setup, "kind", "");
	if (strcmp(kind, "COVER") == 0)
		s->kind = KIND_COVER;
	else if (strcmp(kind, "REPORT") == 0)
		s->kind = KIND_REPORT;
	else
		fatal("setup: no such kind of report");
	setup_free(setup);
	close(FD_SETUP);
	return demo;
}

static struct archive *
load_archive(int fd, const char *what)
{
	struct archive *a = NULL;
	enum rc rc;

	rc = archive_read(fd, &a);
	if (rc != RC_OK)
		fatal("%s: %s", what, rc_text(rc));
	close(fd);
	return a;
}

static void
load_contract(struct screen *s)
{
	struct archive *a = load_archive(FD_SCREEN_SCHEMA, "the schema");
	const char *why = "";

	if (contract_load(a, &s->contract, &why) != RC_OK)
		fatal("the schema: %s", why);
	archive_free(a);
}

static void
load_places(struct screen *s, int demo)
{
	struct archive *a =
	    load_archive(FD_SCREEN_DESTINATIONS, "the destinations");
	const char *why = "";

	if (destinations_load(a, demo, &s->destinations, &why) != RC_OK)
		fatal("the destinations: %s", why);
	archive_free(a);
	for (size_t i = 0; i < s->destinations->count; i++) {
		const struct place *p = &s->destinations->place[i];

		s->rule[i] = (struct rule_destination){.name = p->name,
		    .takes_5x5x5 = p->takes_5x5x5,
		    .takes_3x5x2 = p->takes_3x5x2,
		    .test = p->test};
	}
}

void
load_screen(struct screen *s)
{
	int64_t demo;

	memset(s, 0, sizeof(*s));
	demo = load_setup(s);
	load_contract(s);
	load_places(s, demo != 0);
}

/* A document that is well-formed and breaks the schema in every way. */
static void
warm_reader(const struct screen *s)
{
	static const char raw[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<IntelligenceReport xmlns=\"urn:cutout:report:1\" "
	    "schemaVersion=\"1.0\" profile=\"5x5x5\"><Envelope><Id>x</Id>"
	    "</Envelope><Header><Subject>caf\xc3\xa9</Subject></Header>"
	    "</IntelligenceReport>";
	struct findings *findings = findings_new();
	struct fields *fields = NULL;
	struct buf *b = buf_new(ANSWER_SIZE);
	const struct answer answer = {
	    .http_status = 422, .title = "t", .detail = "d"};
	enum rc rc = RC_NOMEM;

	if (findings != NULL && b != NULL)
		rc = report_read(s->contract, (const uint8_t *)raw,
		    sizeof(raw) - 1, findings, &fields);
	if (rc != RC_OK && rc != RC_DENIED)
		fatal("reading a report does not work: %s", rc_text(rc));
	if (findings_json(findings, &answer, b) != RC_OK)
		fatal("writing an answer does not work");
	fields_free(fields);
	findings_free(findings);
	buf_free(b);
}

void
load_warm(const struct screen *s)
{
	size_t room = CLASS_BYTES(0) + SEAL_ROOM;
	uint8_t zero[HASH_LEN] = {0}, out[HASH_LEN];
	struct buf *plain = buf_new(CLASS_BYTES(0)), *sealed = buf_new(room);
	enum rc rc = RC_NOMEM;

	tzset();
	warm_reader(s);
	if (plain != NULL && sealed != NULL)
		rc = buf_fill(plain, ' ', CLASS_BYTES(0));
	for (size_t i = 0; i < s->destinations->count && rc == RC_OK; i++) {
		const struct recipients *r =
		    s->destinations->place[i].recipients;

		buf_clear(sealed);
		rc = seal(buf_data(plain), buf_len(plain), r->cert, r->count,
		    sealed);
	}
	if (rc == RC_OK)
		rc = derive_dup(zero, "", 0, out);
	if (rc == RC_OK)
		rc = derive_b(zero, out);
	if (rc == RC_OK)
		rc = derive_k(zero, out);
	if (rc != RC_OK)
		fatal("sealing does not work: %s", rc_text(rc));
	buf_free(plain);
	buf_free(sealed);
}
