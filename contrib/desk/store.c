/* The desk's items on disk: bytes, file, name and folder are on stable storage
 * before store_put() says so, because what follows is an acknowledgement that
 * makes the gateway forget its own copy. */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "file.h"
#include "hex.h"

enum { NAME_SIZE = STORE_ID_TEXT + 32 };

static const char suffix[] = ".p7m";

struct store {
	int items; /* the folder */
	int lock;  /* DESK_DATA, locked; -1 when only reading */
};

static enum rc
rc_of_errno(void)
{
	switch (errno) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return RC_FULL;
	case ENOENT:
	case ENOTDIR:
		return RC_NOTFOUND;
	default:
		return RC_IO;
	}
}

static void
item_name(const uint8_t h[HASH_LEN], char name[NAME_SIZE])
{
	hex_encode(h, HASH_LEN, name);
	memcpy(name + STORE_ID_TEXT, suffix, sizeof(suffix));
}

static enum rc
item_id(const char *name, uint8_t h[HASH_LEN])
{
	char digits[STORE_ID_TEXT + 1];

	if (strlen(name) != STORE_ID_TEXT + sizeof(suffix) - 1 ||
	    strcmp(name + STORE_ID_TEXT, suffix) != 0)
		return RC_BAD;
	memcpy(digits, name, STORE_ID_TEXT);
	digits[STORE_ID_TEXT] = '\0';
	return hex_decode(digits, h, HASH_LEN);
}

/* A receiver that was killed may have left half an item under a temporary
 * name; nothing of it was acknowledged. */
static enum rc
remove_halves(const struct store *s)
{
	struct dirent *entry;
	DIR *d;
	int fd;

	fd = openat(s->items, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return RC_IO;
	}
	while ((entry = readdir(d)) != NULL) {
		if (strncmp(entry->d_name, ".new-", 5) == 0)
			unlinkat(s->items, entry->d_name, 0);
	}
	closedir(d);
	return RC_OK;
}

enum rc
store_open(const char *desk_data, int receiving, struct store **out)
{
	struct store *s;
	int data = -1;
	enum rc rc;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return RC_NOMEM;
	s->items = s->lock = -1;
	data = open(desk_data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = data == -1 ? rc_of_errno() : RC_OK;
	if (rc == RC_OK && receiving && flock(data, LOCK_EX | LOCK_NB) == -1)
		rc = errno == EWOULDBLOCK ? RC_AGAIN : RC_IO;
	if (rc == RC_OK && receiving && mkdirat(data, "items", 0700) == -1 &&
	    errno != EEXIST)
		rc = rc_of_errno();
	if (rc == RC_OK && receiving && fsync(data) == -1)
		rc = RC_IO;
	if (rc != RC_OK)
		goto out;
	s->items = openat(data, "items",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	rc = s->items == -1 ? rc_of_errno() : RC_OK;
	if (rc == RC_OK && receiving)
		rc = remove_halves(s);
	if (rc != RC_OK)
		goto out;
	if (receiving) {
		s->lock = data;
		data = -1;
	}
	*out = s;
	s = NULL;
out:
	if (data != -1)
		close(data);
	store_free(s);
	return rc;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->items != -1)
		close(s->items);
	if (s->lock != -1)
		close(s->lock);
	free(s);
}

static enum rc
check_hash(const uint8_t h[HASH_LEN], const uint8_t *data, size_t len)
{
	uint8_t is[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(data, len, is, &n, EVP_sha256(), NULL) != 1)
		return RC_CRYPTO;
	return n == HASH_LEN && memcmp(is, h, HASH_LEN) == 0 ? RC_OK : RC_BAD;
}

static enum rc
read_item(int fd, struct buf **out)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return RC_IO;
	return file_read_fd(fd, ITEM_MAX, out);
}

enum rc
store_get(const struct store *s, const uint8_t h[HASH_LEN], struct buf **out)
{
	char name[NAME_SIZE];
	struct buf *b = NULL;
	enum rc rc;
	int fd;

	item_name(h, name);
	fd = openat(s->items, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return rc_of_errno();
	rc = read_item(fd, &b);
	if (rc == RC_OK)
		rc = check_hash(h, buf_data(b), buf_len(b));
	if (rc == RC_OK) {
		*out = b;
		b = NULL;
	}
	buf_free(b);
	close(fd);
	return rc;
}

/* The same bytes under the same name. Whoever wrote them may have been killed
 * before his last fsync(): it is made good here, before the second
 * acknowledgement. */
static enum rc
settle(const struct store *s, const char *name)
{
	enum rc rc = RC_OK;
	int fd;

	fd = openat(s->items, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return rc_of_errno();
	if (fsync(fd) == -1 || fsync(s->items) == -1)
		rc = RC_IO;
	close(fd);
	return rc == RC_OK ? RC_DUPLICATE : rc;
}

static enum rc
write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return rc_of_errno();
		data += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

static enum rc
write_new(const struct store *s, const char *name, const uint8_t *data,
    size_t len)
{
	char half[NAME_SIZE];
	enum rc rc;
	int fd;

	snprintf(half, sizeof(half), ".new-%ld-%.16s", (long)getpid(), name);
	unlinkat(s->items, half, 0);
	fd = openat(s->items, half,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return rc_of_errno();
	rc = write_all(fd, data, len);
	/* the bytes before the name: a name that is there is a whole item */
	if (rc == RC_OK && fsync(fd) == -1)
		rc = rc_of_errno();
	if (close(fd) == -1 && rc == RC_OK)
		rc = rc_of_errno();
	if (rc == RC_OK && renameat(s->items, half, s->items, name) == -1)
		rc = rc_of_errno();
	if (rc != RC_OK) {
		unlinkat(s->items, half, 0);
		return rc;
	}
	/* and the name before the acknowledgement */
	return fsync(s->items) == 0 ? RC_OK : rc_of_errno();
}

enum rc
store_put(struct store *s, const uint8_t h[HASH_LEN], const uint8_t *data,
    size_t len)
{
	char name[NAME_SIZE];
	struct buf *there = NULL;
	enum rc rc;

	rc = check_hash(h, data, len);
	if (rc != RC_OK)
		return rc;
	item_name(h, name);
	rc = store_get(s, h, &there);
	buf_free(there);
	if (rc == RC_OK)
		return settle(s, name);
	/* not there, or damaged since: what came now has the right hash */
	return write_new(s, name, data, len);
}

enum rc
store_each(const struct store *s,
    enum rc (*each)(const uint8_t h[HASH_LEN], void *ctx), void *ctx)
{
	struct dirent **found = NULL;
	uint8_t h[HASH_LEN];
	enum rc rc = RC_OK;
	int n;

	n = scandirat(s->items, ".", &found, NULL, alphasort);
	if (n == -1)
		return errno == ENOMEM ? RC_NOMEM : RC_IO;
	for (int i = 0; i < n; i++) {
		if (rc == RC_OK && item_id(found[i]->d_name, h) == RC_OK)
			rc = each(h, ctx);
		free(found[i]);
	}
	free(found);
	return rc;
}
