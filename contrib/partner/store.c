/* The receipts folder: two files for each report, LABEL.receipt and LABEL.xml,
 * LABEL a hash of the code. Written beside, synced, renamed and the folder
 * synced: after store_add() the report survives a power cut. */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hex.h"
#include "setup.h"

enum { LABEL_BYTES = 12, LABEL_SIZE = 2 * LABEL_BYTES + 1, FILE_SIZE = 64 };

struct store {
	int dir;
	int lock;
};

static const char *const state_words[] = {
    [STATE_READY] = "ready",
    [STATE_UNSURE] = "unsure",
    [STATE_ACCEPTED] = "accepted",
    [STATE_CONFLICT] = "conflict",
};

/* --- the folder --- */

static enum rc
make_folders(const char *dir)
{
	char path[4096];
	size_t len = strlen(dir);

	if (len == 0 || len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return RC_IO;
	}
	memcpy(path, dir, len + 1);
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return RC_IO;
		*p = c;
		if (c == '\0')
			return RC_OK;
	}
}

enum rc
store_open(const char *dir, struct store **out)
{
	struct store *s;
	struct stat st;
	enum rc rc;

	rc = make_folders(dir);
	if (rc != RC_OK)
		return rc;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return RC_NOMEM;
	s->lock = -1;
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1 || fstat(s->dir, &st) == -1) {
		rc = RC_IO;
		goto fail;
	}
	/* codes and reports lie here in clear */
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		rc = RC_DENIED;
		goto fail;
	}
	*out = s;
	return RC_OK;
fail:
	store_close(s);
	return rc;
}

void
store_close(struct store *s)
{
	int saved = errno;

	if (s == NULL)
		return;
	store_unlock(s);
	if (s->dir != -1)
		close(s->dir);
	free(s);
	errno = saved;
}

enum rc
store_lock(struct store *s)
{
	int got;

	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock == -1)
		return RC_IO;
	do
		got = flock(s->lock, LOCK_EX);
	while (got == -1 && errno == EINTR);
	return got == 0 ? RC_OK : RC_IO;
}

void
store_unlock(struct store *s)
{
	if (s->lock != -1)
		close(s->lock);
	s->lock = -1;
}

/* --- files --- */

/* NAME.receipt or NAME.xml of a code. Without randomness nothing was ever
 * made, so the hash failing here is not a case of its own: RC_CRYPTO. */
static enum rc
file_name(const struct receipt *r, const char *ending, char out[FILE_SIZE])
{
	char text[sizeof("receipt-file:") + RECEIPT_SYMBOLS];
	uint8_t hash[EVP_MAX_MD_SIZE];
	char label[LABEL_SIZE];
	enum rc rc = RC_CRYPTO;

	snprintf(text, sizeof(text), "receipt-file:%s", r->symbols);
	if (EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL) ==
	    1) {
		hex_encode(hash, LABEL_BYTES, label);
		snprintf(out, FILE_SIZE, "%s.%s", label, ending);
		rc = RC_OK;
	}
	explicit_bzero(text, sizeof(text));
	return rc;
}

static enum rc
write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return RC_IO;
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

/* Puts a file in place, whole or not at all. The caller syncs the folder. */
static enum rc
put_file(const struct store *s, const char *name, const void *data, size_t len)
{
	char beside[FILE_SIZE + 8];
	enum rc rc;
	int fd, saved;

	snprintf(beside, sizeof(beside), "%s.new", name);
	fd = openat(s->dir, beside,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return RC_IO;
	rc = write_all(fd, data, len);
	/* the bytes before the name: a renamed file is always whole */
	if (rc == RC_OK && fsync(fd) == -1)
		rc = RC_IO;
	saved = errno;
	if (close(fd) == -1 && rc == RC_OK) {
		rc = RC_IO;
		saved = errno;
	}
	errno = saved;
	if (rc == RC_OK && renameat(s->dir, beside, s->dir, name) == -1)
		rc = RC_IO;
	if (rc != RC_OK) {
		saved = errno;
		(void)unlinkat(s->dir, beside, 0);
		errno = saved;
	}
	return rc;
}

static enum rc
sync_folder(const struct store *s)
{
	return fsync(s->dir) == 0 ? RC_OK : RC_IO;
}

static enum rc
put_entry(const struct store *s, const struct entry *e)
{
	char name[FILE_SIZE], hash[2 * SOURCE_HASH + 1];
	struct buf *b = buf_new(1024);
	enum rc rc;

	if (b == NULL)
		return RC_NOMEM;
	hex_encode(e->source, SOURCE_HASH, hash);
	rc = file_name(&e->receipt, "receipt", name);
	if (rc == RC_OK)
		rc = buf_add_text(b, "cutout-receipt 1\n");
	if (rc == RC_OK)
		rc = setup_add(b, "code", e->receipt.symbols);
	if (rc == RC_OK)
		rc = setup_add(b, "state", state_words[e->state]);
	if (rc == RC_OK)
		rc = setup_add(b, "source", hash);
	if (rc == RC_OK)
		rc = setup_add(b, "name", e->name);
	if (rc == RC_OK)
		rc = put_file(s, name, buf_data(b), buf_len(b));
	buf_free_secret(b);
	return rc;
}

/* --- entries --- */

/* The receipt first: bytes alone are no entry. */
static enum rc
unlink_both(const struct store *s, const struct entry *e)
{
	static const char *const endings[] = {"receipt", "xml"};
	char name[FILE_SIZE];
	enum rc rc = RC_OK;

	for (size_t i = 0; i < 2 && rc == RC_OK; i++) {
		rc = file_name(&e->receipt, endings[i], name);
		if (rc == RC_OK && unlinkat(s->dir, name, 0) == -1 &&
		    errno != ENOENT)
			rc = RC_IO;
	}
	return rc;
}

enum rc
store_add(struct store *s, const struct entry *e, const void *body, size_t len)
{
	char name[FILE_SIZE];
	enum rc rc;

	rc = file_name(&e->receipt, "xml", name);
	if (rc != RC_OK)
		return rc;
	/* the bytes first: a receipt without them could not be sent again */
	rc = put_file(s, name, body, len);
	if (rc != RC_OK)
		return rc;
	rc = put_entry(s, e);
	if (rc == RC_OK)
		rc = sync_folder(s);
	if (rc != RC_OK) {
		int saved = errno;

		(void)unlink_both(s, e);
		errno = saved;
	}
	return rc;
}

enum rc
store_state(struct store *s, struct entry *e, enum state state)
{
	enum state before = e->state;
	char name[FILE_SIZE];
	enum rc rc;

	e->state = state;
	rc = put_entry(s, e);
	if (rc == RC_OK)
		rc = sync_folder(s);
	if (rc != RC_OK) {
		e->state = before;
		return rc;
	}
	if (state != STATE_ACCEPTED)
		return RC_OK;
	rc = file_name(&e->receipt, "xml", name);
	if (rc == RC_OK && unlinkat(s->dir, name, 0) == -1 && errno != ENOENT)
		rc = RC_IO;
	return rc;
}

static enum rc
read_file(const struct store *s, const char *name, struct buf *b)
{
	char part[4096];
	enum rc rc = RC_OK;
	ssize_t n;
	int fd;

	fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	do {
		n = read(fd, part, sizeof(part));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			rc = RC_IO;
		else
			rc = buf_add(b, part, (size_t)n);
	} while (rc == RC_OK && n != 0);
	explicit_bzero(part, sizeof(part));
	close(fd);
	return rc;
}

enum rc
store_body(const struct store *s, const struct entry *e, struct buf *b)
{
	char name[FILE_SIZE];
	enum rc rc;

	rc = file_name(&e->receipt, "xml", name);
	return rc == RC_OK ? read_file(s, name, b) : rc;
}

enum rc
store_remove(struct store *s, const struct entry *e)
{
	enum rc rc = unlink_both(s, e);

	return rc == RC_OK ? sync_folder(s) : rc;
}

/* The state of a word. */
static enum rc
state_read(const char *word, enum state *out)
{
	for (size_t i = 0; i < sizeof(state_words) / sizeof(state_words[0]);
	     i++) {
		if (strcmp(word, state_words[i]) == 0) {
			*out = (enum state)i;
			return RC_OK;
		}
	}
	return RC_BAD;
}

static enum rc
entry_parse(const struct setup *lines, struct entry *out)
{
	enum rc rc;

	if (strcmp(setup_text(lines, "cutout-receipt", ""), "1") != 0)
		return RC_BAD;
	rc = receipt_parse(setup_text(lines, "code", ""), &out->receipt);
	if (rc == RC_OK)
		rc = state_read(setup_text(lines, "state", ""), &out->state);
	if (rc == RC_OK)
		rc = hex_decode(setup_text(lines, "source", ""), out->source,
		    SOURCE_HASH);
	if (rc == RC_OK)
		snprintf(out->name, sizeof(out->name), "%s",
		    setup_text(lines, "name", ""));
	return rc;
}

static enum rc
entry_read(const struct store *s, const char *name, struct entry *out)
{
	struct buf *b = buf_new(1024);
	struct setup *lines = NULL;
	enum rc rc;

	if (b == NULL)
		return RC_NOMEM;
	rc = read_file(s, name, b);
	if (rc == RC_OK)
		rc = setup_parse(buf_data(b), buf_len(b), &lines);
	if (rc == RC_OK)
		rc = entry_parse(lines, out);
	if (rc == RC_LIMIT)
		rc = RC_BAD;
	setup_free(lines);
	buf_free_secret(b);
	return rc;
}

enum rc
store_find(const struct store *s, const struct receipt *r, struct entry *out)
{
	char name[FILE_SIZE];
	enum rc rc;

	rc = file_name(r, "receipt", name);
	return rc == RC_OK ? entry_read(s, name, out) : rc;
}

static int
is_receipt(const char *name)
{
	size_t n = strlen(name);

	return n == LABEL_SIZE - 1 + strlen(".receipt") &&
	       strcmp(name + LABEL_SIZE - 1, ".receipt") == 0;
}

enum rc
store_list(const struct store *s, struct entry **out, size_t *count,
    size_t *damaged)
{
	struct entry *list = NULL, *more;
	struct dirent *file;
	enum rc rc = RC_OK;
	DIR *d;
	int fd;

	*count = 0;
	*damaged = 0;
	fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return RC_IO;
	}
	while (rc == RC_OK && (file = readdir(d)) != NULL) {
		enum rc one;

		if (!is_receipt(file->d_name))
			continue;
		more = reallocarray(list, *count + 1, sizeof(*list));
		if (more == NULL) {
			rc = RC_NOMEM;
			break;
		}
		list = more;
		one = entry_read(s, file->d_name, &list[*count]);
		if (one == RC_OK)
			(*count)++;
		else if (one == RC_BAD)
			(*damaged)++;
		else if (one != RC_NOTFOUND) /* removed meanwhile */
			rc = one;
	}
	closedir(d);
	if (rc != RC_OK) {
		free(list);
		return rc;
	}
	*out = list;
	return RC_OK;
}

enum rc
store_find_source(const struct store *s, const uint8_t source[SOURCE_HASH],
    struct entry *out)
{
	struct entry *list = NULL;
	size_t count = 0, damaged;
	enum rc rc, found = RC_NOTFOUND;

	rc = store_list(s, &list, &count, &damaged);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (memcmp(list[i].source, source, SOURCE_HASH) != 0)
			continue;
		if (found == RC_OK && list[i].state == STATE_ACCEPTED)
			continue;
		*out = list[i];
		found = RC_OK;
	}
	if (count > 0)
		explicit_bzero(list, count * sizeof(*list));
	free(list);
	return found;
}

enum rc
store_claim(const struct store *s, const struct entry *e, int *claim)
{
	char name[FILE_SIZE];
	enum rc rc;
	int fd;

	rc = file_name(&e->receipt, "xml", name);
	if (rc != RC_OK)
		return rc;
	fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return errno == ENOENT ? RC_NOTFOUND : RC_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		rc = errno == EWOULDBLOCK ? RC_AGAIN : RC_IO;
		close(fd);
		return rc;
	}
	*claim = fd;
	return RC_OK;
}
