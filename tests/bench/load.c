/* Load generator of the benchmark: threads that each submit one report after
 * another over TLS 1.3 with a client certificate, blocking, and time every
 * answer.
 *
 *	load HOST PORT CA CERT KEY REPORT COUNT CONNECTIONS keep|new
 *
 * The report's Id and Blind are replaced by random ones each time. Prints one
 * line of key=value: reports per second, p50 and p99 in milliseconds, the
 * generator's own CPU microseconds per report, and how many were not 201. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum { THREADS_MAX = 256, ANSWER_SIZE = 16384, ID_DIGITS = 64 };

struct load {
	struct sockaddr_in to;
	SSL_CTX *tls;
	const char *host;
	char *body;
	size_t len, id, blind;
	int keep;
	size_t count;
	atomic_size_t next;
	atomic_size_t other; /* answers that were not 201 */
	double *ms;
};

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
random_digits(char *p)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char r[ID_DIGITS];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		die("getrandom");
	for (int i = 0; i < ID_DIGITS; i++)
		p[i] = digits[r[i] & 15];
}

static SSL *
dial(struct load *l)
{
	int fd, one = 1;
	SSL *s;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    connect(fd, (struct sockaddr *)&l->to, sizeof(l->to)) == -1)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s = SSL_new(l->tls);
	if (s == NULL || SSL_set_fd(s, fd) != 1 || SSL_connect(s) != 1)
		die("TLS handshake");
	return s;
}

static void
hang_up(SSL *s)
{
	int fd = SSL_get_fd(s);

	SSL_shutdown(s);
	SSL_free(s);
	close(fd);
}

/* Reads one answer; returns its status, 0 when the connection broke. */
static int
answer(SSL *s)
{
	char raw[ANSWER_SIZE + 1], *body, *length;
	size_t got = 0, want = 0;

	for (;;) {
		int n = SSL_read(s, raw + got, (int)(ANSWER_SIZE - got));

		if (n <= 0)
			return 0;
		got += (size_t)n;
		raw[got] = '\0';
		body = strstr(raw, "\r\n\r\n");
		if (body == NULL)
			continue;
		if (want == 0) {
			length = strcasestr(raw, "\r\ncontent-length:");
			if (length == NULL)
				return 0;
			want = (size_t)(body - raw) + 4 +
			       strtoul(length + 17, NULL, 10);
		}
		if (got >= want)
			return (int)strtol(raw + 9, NULL, 10);
	}
}

static void *
work(void *argument)
{
	struct load *l = argument;
	char head[512], *body;
	SSL *s = NULL;
	int n;

	body = malloc(l->len);
	if (body == NULL)
		die("memory");
	memcpy(body, l->body, l->len);
	n = snprintf(head, sizeof(head),
	    "POST /v1/reports HTTP/1.1\r\nHost: %s\r\n"
	    "Content-Type: application/xml\r\nContent-Length: %zu\r\n\r\n",
	    l->host, l->len);
	for (;;) {
		size_t i = atomic_fetch_add(&l->next, 1);
		double began;

		if (i >= l->count)
			break;
		random_digits(body + l->id);
		random_digits(body + l->blind);
		began = now_ms();
		if (s == NULL)
			s = dial(l);
		if (SSL_write(s, head, n) != n ||
		    SSL_write(s, body, (int)l->len) != (int)l->len ||
		    answer(s) != 201) {
			atomic_fetch_add(&l->other, 1);
			hang_up(s);
			s = NULL;
		}
		l->ms[i] = now_ms() - began;
		if (!l->keep && s != NULL) {
			hang_up(s);
			s = NULL;
		}
	}
	if (s != NULL)
		hang_up(s);
	free(body);
	return NULL;
}

static size_t
place_of(const char *body, const char *tag)
{
	const char *at = strstr(body, tag);

	if (at == NULL)
		die("the report has no Id or Blind");
	return (size_t)(at - body) + strlen(tag);
}

static void
read_report(struct load *l, const char *path)
{
	FILE *f = fopen(path, "re");
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0)
		die("can not read the report");
	rewind(f);
	l->len = (size_t)size;
	l->body = calloc(1, l->len + 1);
	if (l->body == NULL || fread(l->body, 1, l->len, f) != l->len)
		die("can not read the report");
	(void)fclose(f);
	l->id = place_of(l->body, "<Id>");
	l->blind = place_of(l->body, "<Blind>");
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	struct load l = {0};
	struct rusage use;
	size_t connections;
	double began, took, cpu;

	if (argc != 10)
		die("usage: load HOST PORT CA CERT KEY REPORT COUNT "
		    "CONNECTIONS keep|new");
	l.host = argv[1];
	l.to.sin_family = AF_INET;
	l.to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	if (inet_pton(AF_INET, argv[1], &l.to.sin_addr) != 1)
		die("not an IPv4 address");
	l.tls = SSL_CTX_new(TLS_client_method());
	if (l.tls == NULL ||
	    SSL_CTX_load_verify_locations(l.tls, argv[3], NULL) != 1 ||
	    SSL_CTX_use_certificate_file(l.tls, argv[4], SSL_FILETYPE_PEM) !=
		1 ||
	    SSL_CTX_use_PrivateKey_file(l.tls, argv[5], SSL_FILETYPE_PEM) != 1)
		die("certificates");
	SSL_CTX_set_verify(l.tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(l.tls, SSL_MODE_NO_AUTO_CHAIN);
	read_report(&l, argv[6]);
	l.count = strtoul(argv[7], NULL, 10);
	connections = strtoul(argv[8], NULL, 10);
	l.keep = strcmp(argv[9], "keep") == 0;
	l.ms = calloc(l.count, sizeof(*l.ms));
	if (l.ms == NULL || l.count == 0 || connections == 0 ||
	    connections > THREADS_MAX)
		die("count or connections");

	began = now_ms();
	for (size_t i = 0; i < connections; i++) {
		if (pthread_create(&threads[i], NULL, work, &l) != 0)
			die("thread");
	}
	for (size_t i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	took = now_ms() - began;
	getrusage(RUSAGE_SELF, &use);
	cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
	      (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
	qsort(l.ms, l.count, sizeof(*l.ms), by_size);
	printf("rate=%.1f p50=%.2f p99=%.2f generator_us=%.0f other=%zu\n",
	    (double)l.count * 1e3 / took, l.ms[l.count / 2],
	    l.ms[l.count * 99 / 100], cpu / (double)l.count,
	    atomic_load(&l.other));
	return 0;
}
