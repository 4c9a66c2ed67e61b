/* Which item is meant by a word on the command line. */
#include "find.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "complain.h"
#include "file.h"
#include "hex.h"
#include "opener.h"

struct search {
	const char *start;
	size_t len, found;
	uint8_t h[HASH_LEN];
};

enum rc
find_store(const char *desk_data, struct store **out)
{
	enum rc rc = store_open(desk_data, 0, out);

	if (rc == RC_OK)
		return RC_OK;
	if (rc == RC_NOTFOUND)
		complain("--data %s: no items/ is there; give the folder of "
			 "cutout-desk receive",
		    desk_data);
	else
		complain("--data %s: %s", desk_data,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	return RC_CONFIG;
}

static enum rc
match(const uint8_t h[HASH_LEN], void *arg)
{
	char name[STORE_ID_TEXT + 1];
	struct search *s = arg;

	hex_encode(h, HASH_LEN, name);
	if (strncasecmp(name, s->start, s->len) == 0) {
		s->found++;
		memcpy(s->h, h, HASH_LEN);
	}
	return RC_OK;
}

static enum rc
search(const struct store *store, const char *word, uint8_t h[HASH_LEN])
{
	struct search s = {.start = word, .len = strlen(word)};
	enum rc rc = store_each(store, match, &s);

	if (rc != RC_OK) {
		complain("the items can not be searched: %s", rc_text(rc));
		return rc;
	}
	if (s.found != 1) {
		if (s.found == 0)
			complain("%s: no item's name begins so; see "
				 "cutout-desk list",
			    word);
		else
			complain("%s: %zu items' names begin so; give more of "
				 "the name",
			    word, s.found);
		return RC_NOTFOUND;
	}
	memcpy(h, s.h, HASH_LEN);
	return RC_OK;
}

static enum rc
from_store(const char *word, const char *desk_data, struct buf **out)
{
	struct store *store = NULL;
	uint8_t h[HASH_LEN];
	enum rc rc;

	rc = find_store(desk_data, &store);
	if (rc != RC_OK)
		return rc;
	rc = search(store, word, h);
	if (rc == RC_OK) {
		rc = store_get(store, h, out);
		if (rc == RC_BAD)
			complain("%s: %s", word, open_fault_text(OPEN_DISK));
		else if (rc != RC_OK)
			complain("%s: %s", word,
			    rc == RC_IO ? strerror(errno) : rc_text(rc));
	}
	store_free(store);
	return rc;
}

static enum rc
from_file(const char *path, struct buf **out)
{
	enum rc rc = file_read(path, ITEM_MAX, out);

	if (rc == RC_LIMIT)
		complain("%s: larger than any item of the gateway", path);
	else if (rc != RC_OK)
		complain("%s: %s", path,
		    rc == RC_NOMEM ? rc_text(rc) : strerror(errno));
	return rc;
}

enum rc
find_item(const char *word, const char *desk_data, struct buf **out)
{
	size_t len = strlen(word);

	/* everything else than digits, so also what has a slash, is a file */
	if (strspn(word, "0123456789abcdefABCDEF") != len ||
	    len > STORE_ID_TEXT)
		return from_file(word, out);
	if (desk_data != NULL)
		return from_store(word, desk_data, out);
	complain("%s: this is the name of an item; give --data DIR, or a path "
		 "with a slash for a file",
	    word);
	return RC_NOTFOUND;
}
