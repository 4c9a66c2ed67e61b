/* The benchmark's primitives: what one report costs at the least, with the
 * libraries and sizes of the gateway, but without processes, sockets and
 * copies between them.
 *
 *	primitives SCHEMA_DIR REPORT_XML
 *
 * Prints lines of "name microseconds": CPU time for one report, a median. They
 * are parse_validate, rebuild (a new document, padded to 32 KiB), seal (for one
 * recipient), sign (by the origin key), commit (rows on stable storage, in
 * batches of 32) and handshake (the server's side of one connection). Beside
 * them commit_wall: wall time of one COMMIT of such a batch. */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "commit.h"
#include "handshake.h"
#include "material.h"
#include "origin.h"
#include "report.h"
#include "seal.h"
#include "selftest.h"
#include "timing.h"

/* 2026-11-24T12:00:00Z, the day the examples are written for */
#define NOW_S INT64_C(1795521600)

struct bench {
	struct contract *contract;
	struct buf *raw;           /* the report as submitted */
	struct fields *fields;     /* of it, after the rules */
	struct findings *findings; /* that the rules raised */
	struct buf *plain;         /* padded canonical XML */
	struct buf *envelope, *object;
	struct material material;
};

static void
read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		need(buf_add(b, piece, n), path);
	if (ferror(f) || fclose(f) != 0)
		die("a file can not be read");
}

static struct buf *
buffer(size_t max)
{
	struct buf *b = buf_new(max);

	if (b == NULL)
		die("memory");
	return b;
}

static struct contract *
load_contract(const char *folder)
{
	struct contract *contract = NULL;
	const char *why = "the contract";

	need(contract_load_folder(folder, &contract, &why), why);
	return contract;
}

/* From raw XML to judged fields, as screen does it. */
static void
judge(const struct bench *b, struct findings **findings, struct fields **fields)
{
	static const struct rule_destination destination = {
	    .name = "SYP", .takes_5x5x5 = true, .takes_3x5x2 = true};
	static const char *const operation = "Operation Larch";
	static const struct rule_context context = {
	    .now_wall_s = NOW_S,
	    .destinations_known = true,
	    .destinations = &destination,
	    .destination_count = 1,
	    .operations_known = true,
	    .operations = &operation,
	    .operation_count = 1,
	};
	struct buf *dup = buffer(4 * BODY_MAX);

	*findings = findings_new();
	if (*findings == NULL)
		die("memory");
	need(report_read(b->contract, buf_data(b->raw), buf_len(b->raw),
		 *findings, fields),
	    "the report");
	need(report_dup(*fields, dup), "the report's fields");
	need(report_rules(b->contract, *fields, &context, *findings),
	    "the rules");
	buf_free_secret(dup);
}

static void
parse_validate(void *arg)
{
	struct findings *findings = NULL;
	struct fields *fields = NULL;

	judge(arg, &findings, &fields);
	fields_free(fields);
	findings_free(findings);
}

static void
rebuild(void *arg)
{
	struct bench *b = arg;

	/* a new buffer each time, as for a new report */
	buf_free_secret(b->plain);
	b->plain = buffer(CLASS_BYTES(CLASS_COUNT - 1));
	need(report_write(b->contract, b->fields, b->findings, KIND_REPORT,
		 b->plain),
	    "writing the new document");
	need(report_pad(b->plain, 0), "padding to 32 KiB");
}

static void
seal_once(void *arg)
{
	struct bench *b = arg;

	buf_free(b->envelope);
	b->envelope = buffer(CLASS_BYTES(0) + SEAL_ROOM);
	need(seal(buf_data(b->plain), buf_len(b->plain),
		 &b->material.recipient.cert, 1, b->envelope),
	    "sealing");
}

static void
sign_once(void *arg)
{
	struct bench *b = arg;

	buf_free(b->object);
	b->object = buffer(CLASS_BYTES(0) + SEAL_ROOM);
	need(origin_sign(buf_data(b->envelope), buf_len(b->envelope),
		 b->material.origin.cert, b->material.origin.key, b->object),
	    "signing");
}

static void
show(const char *name, double us)
{
	printf("%s %.2f\n", name, us);
	(void)fflush(stdout);
}

static void
bench_free(struct bench *b)
{
	fields_free(b->fields);
	findings_free(b->findings);
	buf_free(b->raw);
	buf_free_secret(b->plain);
	buf_free(b->envelope);
	buf_free(b->object);
	material_free(&b->material);
	contract_free(b->contract);
}

int
main(int argc, char **argv)
{
	struct commit_times times;
	struct bench b = {0};

	if (argc != 3)
		die("usage: primitives SCHEMA_DIR REPORT_XML");
	need(crypto_selftest(), "this OpenSSL");
	b.contract = load_contract(argv[1]);
	b.raw = buffer(BODY_MAX);
	read_file(argv[2], b.raw);
	material_make(&b.material);

	judge(&b, &b.findings, &b.fields);
	if (findings_status(b.findings) != 201)
		die("the report would not be accepted: choose another");
	show("parse_validate", cpu_us(parse_validate, &b));
	show("rebuild", cpu_us(rebuild, &b));
	show("seal", cpu_us(seal_once, &b));
	show("sign", cpu_us(sign_once, &b));
	show("handshake", handshake_us(&b.material));
	commit_measure(b.object, &times);
	show("commit", times.row_us);
	show("commit_wall", times.commit_us);
	bench_free(&b);
	return 0;
}
