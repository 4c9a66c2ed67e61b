/* The contract from a folder, for the programs that people run: the one file
 * of this library that opens any, and only these six. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "report.h"

enum { FILE_MOST = 8 * 1024 * 1024 };

static enum rc
read_file(int folder, const char *name, struct buf *b)
{
	char part[8192];
	enum rc rc = RC_OK;
	ssize_t n = 1;
	int fd;

	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return RC_CONFIG;
	while (rc == RC_OK && n != 0) {
		n = read(fd, part, sizeof(part));
		if (n == -1)
			rc = errno == EINTR ? RC_OK : RC_CONFIG;
		else
			rc = buf_add(b, part, (size_t)n);
	}
	close(fd);
	return rc;
}

static enum rc
pack(int folder, struct buf *packed, const char **why)
{
	static const char *const names[] = {"report.xsd", "codes.xsd",
	    "sealed.xsd", "sealed.tsv", "rules.tsv", "words.tsv"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf *b = buf_new(FILE_MOST);
		enum rc rc;

		if (b == NULL)
			return RC_NOMEM;
		*why = names[i];
		rc = read_file(folder, names[i], b);
		if (rc == RC_OK)
			rc = archive_add(packed, names[i], buf_data(b),
			    buf_len(b));
		buf_free(b);
		if (rc != RC_OK)
			return rc == RC_NOMEM ? rc : RC_CONFIG;
	}
	return RC_OK;
}

enum rc
contract_load_folder(const char *path, struct contract **out, const char **why)
{
	struct buf *packed = buf_new(2 * (size_t)FILE_MOST);
	struct archive *archive = NULL;
	int folder = -1, fd = -1;
	enum rc rc = RC_NOMEM;

	*why = "out of memory";
	if (packed == NULL)
		goto out;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1) {
		*why = "the folder can not be opened";
		rc = RC_CONFIG;
		goto out;
	}
	rc = pack(folder, packed, why);
	if (rc != RC_OK)
		goto out;
	*why = "the files can not be packed";
	rc = sealed_memfd("schema", buf_data(packed), buf_len(packed), &fd);
	if (rc == RC_OK)
		rc = archive_read(fd, &archive);
	if (rc == RC_OK)
		rc = contract_load(archive, out, why);
out:
	if (fd != -1)
		close(fd);
	if (folder != -1)
		close(folder);
	archive_free(archive);
	buf_free(packed);
	return rc;
}
