/* A folder of keys on disk. Files appear whole or not at all, survive a power
 * cut once a call has returned, and never take the place of another unless the
 * caller says so by name (folder_replace). Names are relative and may have one
 * folder in front: "partners/council.crt". */
#ifndef CUTOUT_FOLDER_H
#define CUTOUT_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#include "buf.h"
#include "result.h"

struct folder;

enum {
	KEY_FILE_MAX = 65536, /* no key, certificate or list of ours is near */
	FOLDER_NAME_MAX = 127
};

/* Opens the folder at path for reading. RC_NOTFOUND: there is none.
 * RC_IO: errno. The caller frees *out. */
enum rc folder_open(const char *path, struct folder **out) MUST_USE;
/* The same for changing it: makes it (0700, parents must be there) when
 * missing and locks it against a second program until it is freed.
 * RC_AGAIN: another program is changing it now. */
enum rc folder_change(const char *path, struct folder **out) MUST_USE;
void folder_free(struct folder *f);

/* The path it was opened with; borrowed. */
const char *folder_path(const struct folder *f);
/* The open directory itself; stays the folder's. */
int folder_fd(const struct folder *f);

/* Makes a folder inside, 0700; one that is there already is fine. RC_IO. */
enum rc folder_inside(struct folder *f, const char *name) MUST_USE;

/* Whether anything (a broken link, too) has this name. */
int folder_has(const struct folder *f, const char *name);

/* The bytes of a regular file, links are not followed. RC_NOTFOUND;
 * RC_LIMIT: over KEY_FILE_MAX; RC_BAD: not a regular file; RC_IO, RC_NOMEM.
 * The caller frees *out, with buf_free_secret() when it is a key. */
enum rc folder_read(const struct folder *f, const char *name,
    struct buf **out) MUST_USE;

/* Writes a new file. RC_DUPLICATE: something has this name and stays as it
 * was. RC_FULL: the disk is full. RC_IO: errno. */
enum rc folder_add(struct folder *f, const char *name, mode_t mode,
    const void *data, size_t len) MUST_USE;
/* Writes a file in the place of whatever has this name, at once. */
enum rc folder_replace(struct folder *f, const char *name, mode_t mode,
    const void *data, size_t len) MUST_USE;
/* Gives a file a second name, without taking the first away: how an old
 * certificate is kept aside. RC_DUPLICATE, RC_NOTFOUND, RC_IO. */
enum rc folder_keep(struct folder *f, const char *name,
    const char *kept) MUST_USE;

/* Calls each(name, ctx) for the files directly in the folder `inside` ("" for
 * the folder itself) whose name ends in suffix, in the order of the alphabet;
 * stops at the first answer that is not RC_OK and returns it. A missing
 * folder has no files. RC_IO, RC_NOMEM. */
enum rc folder_each(const struct folder *f, const char *inside,
    const char *suffix, enum rc (*each)(const char *name, void *ctx),
    void *ctx) MUST_USE;

#endif
