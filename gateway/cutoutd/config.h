/* The configuration of the daemon: cutoutd.conf as typed, checked values.
 * The table in config_table.c is the single truth about options. */
#ifndef CUTOUT_CONFIG_H
#define CUTOUT_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "result.h"
#include "wire.h"

/* A list of texts; borrowed from the config that holds it. */
struct texts {
	const char **text;
	size_t count;
};

/* One police desk that reports are forwarded to. */
struct destination {
	const char *name;
	const char *url; /* https://host[:port]/ */
	char host[256];
	uint16_t port;
	const char *address; /* numeric; nothing is ever resolved */
	struct texts recipients;
	const char *ack;
	struct texts schemes;
	int64_t test;
};

/* Texts and lists live as long as the config. Times are in gateway time:
 * config_scaled() says how long they really take. */
struct config {
	const char *user, *listen, *data, *log, *libexec, *schema, *pid_file;
	const char *ctl_socket;
	int64_t port;
	const char *cover;
	int64_t demo, accept_no_cover, time_scale, clock_offset_s;

	const char *tls_certificate, *tls_key, *origin_certificate;
	const char *origin_key, *log_key, *promise_key;
	const char *forward_certificate, *forward_key;
	const char *partner_authority, *partner_crl;
	const char *police_authority, *police_crl;
	struct texts operations;

	struct {
		int64_t spare, max_connections, per_certificate;
		int64_t reports_per_day, reports_per_connection;
		int64_t request_seconds, connection_seconds;
		int64_t answer_grid_ms, body_max;
	} limits;
	struct {
		int64_t spare, reports_per_process, cpu_seconds;
		int64_t deadline_seconds;
		const char *isolation;
	} screen;
	struct {
		int64_t rows32, rows256, rows1024, receipts;
		int64_t disk_reserve_mib, retain_done_days, receipt_days;
		int64_t backoff_base_s, backoff_cap_s, epoch_hour, jump_days;
	} queue;
	struct {
		int64_t slot_seconds, fast_slot_seconds, slot_batch;
		int64_t deadline_seconds, stock;
	} slots;
	struct {
		int64_t private_delay_hours, minimum, percent, oldest_hours;
		int64_t expected_per_day;
	} pool;

	size_t destination_count;
	struct destination destinations[MAX_DESTINATIONS];

	void *raw; /* what libconfuse holds */
};

/* Called with one plain sentence for each thing that is wrong. */
typedef void (*config_complain)(const char *sentence);

/* Reads and checks the file. RC_CONFIG: something is wrong with it, and
 * complain was told what, by option name with the allowed range. RC_IO: it can
 * not be read (told as well). RC_NOMEM. On RC_OK the caller frees *out. */
enum rc config_read(const char *path, config_complain complain,
    struct config **out) MUST_USE;
/* The same from memory. */
enum rc config_parse(const char *text, config_complain complain,
    struct config **out) MUST_USE;
void config_free(struct config *c);

/* Real seconds for so many seconds of gateway time: divided by time_scale, and
 * at least 1. */
int64_t config_scaled(const struct config *c, int64_t gateway_s);
/* The same in milliseconds. */
int64_t config_scaled_ms(const struct config *c, int64_t gateway_s);

/* Dummies that wait of each kind: 0 without cover. */
int64_t config_stock(const struct config *c);

/* Writes every option with default, range, unit and meaning, a line each. */
void config_print_options(FILE *to);

#endif
