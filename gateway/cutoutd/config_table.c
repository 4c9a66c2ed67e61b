/* Every option of cutoutd.conf. This table is what is parsed, checked, printed
 * by cutoutd --options and described in cutoutd.conf(5): change it here. */
#include "config_table.h"

#include "config.h"

#ifndef CUTOUT_LIBEXEC
#define CUTOUT_LIBEXEC "/usr/libexec/cutout"
#endif
#ifndef CUTOUT_SCHEMA
#define CUTOUT_SCHEMA "/usr/share/cutout/schema"
#endif

#define AT(field) offsetof(struct config, field)
#define DEST(field) offsetof(struct destination, field)

#define NUMBER(section, name, field, value, low, high, unit, help)             \
	{                                                                      \
		section, name, OPTION_NUMBER, 0, NULL, value, low, high,       \
		    AT(field), unit, help                                      \
	}
#define BOOL(section, name, at, value, help)                                   \
	{                                                                      \
		section, name, OPTION_BOOL, 0, NULL, value, 0, 1, at, "", help \
	}
#define TEXT(section, name, at, flags, value, help)                            \
	{                                                                      \
		section, name, OPTION_TEXT, flags, value, 0, 0, 0, at, "",     \
		    help                                                       \
	}
#define LIST(section, name, at, flags, value, low, high, help)                 \
	{                                                                      \
		section, name, OPTION_LIST, flags, value, 0, low, high, at,    \
		    "", help                                                   \
	}

#define FILE_NEEDED (OPTION_REQUIRED | OPTION_PATH)

const struct option_row option_table[] = {
    TEXT("", "user", AT(user), 0, "_cutout",
	"the user it becomes when started as root"),
    TEXT("", "listen", AT(listen), 0, "127.0.0.1",
	"numeric address partners connect to"),
    NUMBER("", "port", port, 8443, 1, 65535, "", "TCP port of that address"),
    TEXT("", "data", AT(data), FILE_NEEDED, NULL,
	"folder of the queue's database, mode 0700, made when missing"),
    TEXT("", "log", AT(log), OPTION_PATH | OPTION_EMPTY, "",
	"file that log lines are added to; \"\" is standard error"),
    TEXT("", "libexec", AT(libexec), OPTION_PATH, CUTOUT_LIBEXEC,
	"folder of the daemon's roles"),
    TEXT("", "schema", AT(schema), OPTION_PATH, CUTOUT_SCHEMA,
	"folder of schemas, code lists and rules"),
    TEXT("", "pid_file", AT(pid_file), OPTION_PATH | OPTION_EMPTY, "",
	"file that gets the daemon's process id; \"\" is none"),
    TEXT("", "ctl_socket", AT(ctl_socket), OPTION_PATH | OPTION_EMPTY, "",
	"socket of cutoutctl; \"\" is ctl.sock in the data folder"),
    BOOL("", "demo", AT(demo), 0, "accept demo keys; never in production"),
    TEXT("", "cover", AT(cover), 0, "full",
	"\"full\", or \"none\": no dummies, and every report can be counted"),
    BOOL("", "accept_no_cover", AT(accept_no_cover), 0,
	"with cover = \"none\" in production: this is known and wanted"),
    NUMBER("", "time_scale", time_scale, 1, 1, 86400, "",
	"how many times faster gateway time runs; only with demo"),
    NUMBER("", "clock_offset_s", clock_offset_s, 0, -3155760000, 3155760000,
	"seconds", "added to the clock that dates are checked with; only demo"),

    TEXT("", "tls_certificate", AT(tls_certificate), FILE_NEEDED, NULL,
	"PEM certificate of the partner listener"),
    TEXT("", "tls_key", AT(tls_key), FILE_NEEDED, NULL, "its key, mode 0600"),
    TEXT("", "origin_certificate", AT(origin_certificate), FILE_NEEDED, NULL,
	"PEM certificate of the signature on sealed reports"),
    TEXT("", "origin_key", AT(origin_key), FILE_NEEDED, NULL,
	"its key, mode 0600"),
    TEXT("", "log_key", AT(log_key), FILE_NEEDED, NULL,
	"Ed25519 key of the audit log, mode 0600"),
    TEXT("", "promise_key", AT(promise_key), FILE_NEEDED, NULL,
	"Ed25519 key of promises, mode 0600"),
    TEXT("", "forward_certificate", AT(forward_certificate), FILE_NEEDED, NULL,
	"PEM client certificate shown to the desks"),
    TEXT("", "forward_key", AT(forward_key), FILE_NEEDED, NULL,
	"its key, mode 0600"),
    TEXT("", "partner_authority", AT(partner_authority), FILE_NEEDED, NULL,
	"PEM authority that issues partners' certificates"),
    TEXT("", "partner_crl", AT(partner_crl), FILE_NEEDED, NULL,
	"its revocation list"),
    TEXT("", "police_authority", AT(police_authority), FILE_NEEDED, NULL,
	"PEM authority of the police, pinned"),
    TEXT("", "police_crl", AT(police_crl), FILE_NEEDED, NULL,
	"its revocation list"),
    LIST("", "operations", AT(operations), OPTION_EMPTY, "{}", 0, 256,
	"operation names a report may carry"),

    NUMBER("limits", "spare", limits.spare, 8, 1, 256, "processes",
	"session processes waiting for a connection"),
    NUMBER("limits", "max_connections", limits.max_connections, 128, 1, 4096,
	"connections", "at one time in all"),
    NUMBER("limits", "per_certificate", limits.per_certificate, 2, 1, 4096,
	"connections", "at one time with one certificate"),
    NUMBER("limits", "reports_per_day", limits.reports_per_day, 20, 1, 10000000,
	"reports", "accepted a day from one certificate"),
    NUMBER("limits", "reports_per_connection", limits.reports_per_connection, 1,
	1, 1000000, "reports", "on one connection; a burst is a signature"),
    NUMBER("limits", "request_seconds", limits.request_seconds, 30, 1, 120,
	"real seconds", "for one request"),
    NUMBER("limits", "connection_seconds", limits.connection_seconds, 120, 1,
	120, "real seconds", "for one connection"),
    NUMBER("limits", "answer_grid_ms", limits.answer_grid_ms, 250, 0, 10000,
	"milliseconds", "answers leave on multiples of this; 0 at once"),
    NUMBER("limits", "body_max", limits.body_max, 1048576, 4096, 1048576,
	"bytes", "of a submitted report"),

    NUMBER("screen", "spare", screen.spare, 4, 1, 256, "processes",
	"screen processes waiting for a report"),
    NUMBER("screen", "reports_per_process", screen.reports_per_process, 1, 1,
	1000000, "reports",
	"screened by one process; above 1 needs isolation = \"reduced\""),
    TEXT("screen", "isolation", AT(screen.isolation), 0, "full",
	"\"full\", or \"reduced\": one process sees several reports"),
    NUMBER("screen", "cpu_seconds", screen.cpu_seconds, 10, 1, 600, "seconds",
	"of processor for one screen process"),
    NUMBER("screen", "deadline_seconds", screen.deadline_seconds, 20, 1, 120,
	"real seconds", "for one report"),

    NUMBER("queue", "rows32", queue.rows32, 4096, 16, 1048576, "rows",
	"places for sealed reports of 32 KiB"),
    NUMBER("queue", "rows256", queue.rows256, 256, 4, 65536, "rows",
	"places for sealed reports of 256 KiB"),
    NUMBER("queue", "rows1024", queue.rows1024, 64, 2, 16384, "rows",
	"places for sealed reports of 1 MiB"),
    NUMBER("queue", "receipts", queue.receipts, 65536, 256, 16777216, "rows",
	"reports remembered, to know a second sending"),
    NUMBER("queue", "disk_reserve_mib", queue.disk_reserve_mib, 64, 1, 1048576,
	"MiB", "free space below which admission closes"),
    NUMBER("queue", "retain_done_days", queue.retain_done_days, 7, 1, 365,
	"gateway days", "a delivered report is kept before it is overwritten"),
    NUMBER("queue", "receipt_days", queue.receipt_days, 60, 1, 3650,
	"gateway days", "a second sending is known"),
    NUMBER("queue", "backoff_base_s", queue.backoff_base_s, 60, 1, 86400,
	"gateway seconds", "after a first failed delivery"),
    NUMBER("queue", "backoff_cap_s", queue.backoff_cap_s, 4000, 1, 604800,
	"gateway seconds", "after many failed deliveries"),
    NUMBER("queue", "jump_days", queue.jump_days, 7, 1, 36500, "gateway days",
	"the log's day may move on at once; more needs this to be raised"),
    NUMBER("queue", "epoch_hour", queue.epoch_hour, 3, 0, 23, "hour UTC",
	"at which a day of the audit log closes"),

    NUMBER("slots", "slot_seconds", slots.slot_seconds, 1800, 1, 86400,
	"gateway seconds", "between slots of the pool"),
    NUMBER("slots", "fast_slot_seconds", slots.fast_slot_seconds, 300, 1, 86400,
	"gateway seconds", "between slots of the fast lane"),
    NUMBER("slots", "slot_batch", slots.slot_batch, 4, 1, 1024, "objects",
	"in one slot for one destination"),
    NUMBER("slots", "deadline_seconds", slots.deadline_seconds, 300, 5, 3600,
	"real seconds", "for one delivery run"),
    NUMBER("slots", "stock", slots.stock, 12, 1, 1024, "objects",
	"dummies waiting for each destination, class and lane"),

    NUMBER("pool", "private_delay_hours", pool.private_delay_hours, 8, 0, 240,
	"gateway hours", "mean of the delay of each report by itself"),
    NUMBER("pool", "minimum", pool.minimum, 12, 0, 100000, "reports",
	"that stay in the pool"),
    NUMBER("pool", "percent", pool.percent, 60, 1, 100, "percent",
	"of those above it leave in a slot, on average"),
    NUMBER("pool", "oldest_hours", pool.oldest_hours, 120, 0, 240,
	"gateway hours", "after which a report leaves in any case"),
    NUMBER("pool", "expected_per_day", pool.expected_per_day, 20, 1, 10000000,
	"reports", "expected in all; oldest_hours is checked with it"),

    TEXT("destination", "url", DEST(url), OPTION_REQUIRED, NULL,
	"https://host[:port]/ of the desk"),
    TEXT("destination", "address", DEST(address), OPTION_REQUIRED, NULL,
	"numeric address of that host; nothing is resolved"),
    LIST("destination", "recipients", DEST(recipients), FILE_NEEDED, NULL, 1,
	MAX_RECIPIENTS, "PEM certificates that reports are sealed to"),
    TEXT("destination", "ack", DEST(ack), FILE_NEEDED, NULL,
	"PEM certificate of the desk's acknowledgements"),
    LIST("destination", "schemes", DEST(schemes), 0, "{5x5x5, 3x5x2}", 1, 2,
	"grading schemes taken: 5x5x5, 3x5x2"),
    BOOL("destination", "test", DEST(test), 0,
	"a destination for test reports, and for these alone"),
};
const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

const char *const option_sections[] = {
    "", "limits", "screen", "queue", "slots", "pool", "destination"};
const size_t option_section_count =
    sizeof(option_sections) / sizeof(option_sections[0]);
