/* For tests of cutout-desk: both sides' keys, sealed reports, a receiver. */
#include "desk_site.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cert.h"
#include "derive.h"
#include "hex.h"
#include "origin.h"
#include "program.h"
#include "report_contract.h"
#include "seal.h"

enum { WAIT_MS = 30000, STEP_MS = 20 };

char site_dir[64];
unsigned long site_file_limit;
static char out[8192];

#define RUN(...) program_run(out, sizeof(out), __VA_ARGS__)

void
site_make(void)
{
	program_folder(site_dir);
	ck_assert_msg(RUN("cd %s && " BIN_DIR "/cutout-keys demo keys && "
			  "" BIN_DIR "/cutout-desk init police --demo && "
			  "" BIN_DIR "/cutout-desk init other --demo && "
			  "mkdir -m 700 data",
			  site_dir) == 0,
	    "%s", out);
}

void
site_remove(void)
{
	program_folder_remove(site_dir);
}

void
site_empty_data(void)
{
	ck_assert_int_eq(RUN("cd %s && rm -rf data log && mkdir -m 700 data",
			     site_dir),
	    0);
}

struct buf *
site_report_text(const char *xml, int cover)
{
	struct buf *b = buf_new(CLASS_BYTES(CLASS_COUNT - 1));
	struct taken t;
	uint8_t class;

	take_text(&t, xml);
	ck_assert_int_eq(t.status, 201);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(report_write(the_contract(), t.fields, t.findings,
			     cover ? KIND_COVER : KIND_REPORT, b),
	    RC_OK);
	ck_assert_int_eq(report_class(buf_len(b), &class), RC_OK);
	ck_assert_int_eq(report_pad(b, class), RC_OK);
	take_free(&t);
	return b;
}

struct buf *
site_report(const char *good)
{
	char *xml = read_good(good);
	struct buf *b = site_report_text(xml, 0);

	free(xml);
	return b;
}

static int
open_in_site(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", site_dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_msg(fd != -1, "%s", path);
	return fd;
}

static X509 *
read_certificate(const char *name)
{
	X509 *cert = NULL;
	int fd = open_in_site(name);

	ck_assert_msg(cert_read(fd, &cert) == RC_OK, "%s", name);
	close(fd);
	return cert;
}

struct buf *
site_seal(const void *plain, size_t len, const char *const *recipients,
    const char *base)
{
	struct buf *inner = buf_new(len + SEAL_ROOM);
	struct buf *object = buf_new(len + SEAL_ROOM);
	X509 *to[MAX_RECIPIENTS], *cert;
	EVP_PKEY *key = NULL;
	char name[128];
	size_t count = 0;
	int fd;

	for (; recipients[count] != NULL; count++)
		to[count] = read_certificate(recipients[count]);
	ck_assert_int_eq(seal(plain, len, to, count, inner), RC_OK);
	snprintf(name, sizeof(name), "%s.crt", base);
	cert = read_certificate(name);
	snprintf(name, sizeof(name), "%s.key", base);
	fd = open_in_site(name);
	ck_assert_int_eq(cert_read_key(fd, &key), RC_OK);
	close(fd);
	ck_assert_int_eq(origin_sign(buf_data(inner), buf_len(inner), cert, key,
			     object),
	    RC_OK);
	while (count > 0)
		X509_free(to[--count]);
	X509_free(cert);
	EVP_PKEY_free(key);
	buf_free(inner);
	return object;
}

struct buf *
site_item(const char *good)
{
	static const char *const desk[] = {"police/recipient.crt", NULL};
	struct buf *plain = site_report(good);
	struct buf *object =
	    site_seal(buf_data(plain), buf_len(plain), desk, "keys/origin");

	buf_free(plain);
	return object;
}

void
site_write(const struct buf *object, const char *folder, char name[ITEM_TEXT])
{
	uint8_t h[HASH_LEN];
	char path[256];
	FILE *f;

	ck_assert_int_eq(derive_h(buf_data(object), buf_len(object), h), RC_OK);
	hex_encode(h, HASH_LEN, name);
	ck_assert_int_eq(RUN("mkdir -p %s/%s", site_dir, folder), 0);
	snprintf(path, sizeof(path), "%s/%s/%s.p7m", site_dir, folder, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(buf_data(object), 1, buf_len(object), f),
	    buf_len(object));
	ck_assert_int_eq(fclose(f), 0);
}

/* A port of 127.0.0.1 that is free now. */
static int
free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static int
count_in_log(const char *text)
{
	char path[128], log[65536];
	int found = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", site_dir);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	n = fread(log, 1, sizeof(log) - 1, f);
	log[n] = '\0';
	(void)fclose(f);
	for (const char *p = log; (p = strstr(p, text)) != NULL; p++)
		found++;
	return found;
}

static void
pause_a_step(void)
{
	struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

	nanosleep(&step, NULL);
}

void
site_wait_log(const char *text, int count)
{
	int steps = 0;

	while (count_in_log(text) < count) {
		ck_assert_msg(++steps < WAIT_MS / STEP_MS,
		    "the log does not hold %d times: %s", count, text);
		pause_a_step();
	}
}

static _Noreturn void
be_receiver(const char *listen)
{
	struct rlimit files = {site_file_limit, site_file_limit};
	int fd;

	if (chdir(site_dir) == -1)
		_exit(126);
	if (site_file_limit > 0 && setrlimit(RLIMIT_FSIZE, &files) == -1)
		_exit(126);
	fd = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1 || dup2(fd, STDERR_FILENO) == -1)
		_exit(126);
	execl(BIN_DIR "/cutout-desk", "cutout-desk", "receive", "--keys",
	    "police", "--origin", "keys/origin.crt", "--gateway-authority",
	    "keys/gateway-authority.crt", "--gateway-crl",
	    "keys/gateway-authority.crl", "--data", "data", "--listen", listen,
	    (char *)NULL);
	_exit(127);
}

pid_t
site_receive(int *port)
{
	int ready = count_in_log(": ready\n");
	char listen[32];
	pid_t pid;

	*port = free_port();
	snprintf(listen, sizeof(listen), "127.0.0.1:%d", *port);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		be_receiver(listen);
	site_wait_log(": ready\n", ready + 1);
	return pid;
}

int
site_stop(pid_t pid, int signal_number)
{
	int status = 0, steps = 0;

	ck_assert_int_eq(kill(pid, signal_number), 0);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (++steps == WAIT_MS / STEP_MS) {
			kill(pid, SIGKILL);
			ck_abort_msg("the receiver did not end");
		}
		pause_a_step();
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
