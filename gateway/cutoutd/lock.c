/* The supervisor's own prison. A file that is replaced gets a new inode, so
 * for everything that a reload reads anew the folder is named, not the
 * file; and the folder that a link leads to as well, for that is the one that
 * Landlock judges. */
#include "lock.h"

#include <dirent.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox.h"

enum { PATHS_MAX = 128 + 2 * MAX_DESTINATIONS * (MAX_RECIPIENTS + 1) };

/* What the dynamic loader and the libraries of fresh roles read. Those that
 * are not there are left out. */
static const char *const system_paths[] = {
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/etc/ssl/openssl.cnf",
#ifdef CUTOUT_SANITIZED
    "/proc",
#endif
};

struct leaving {
	struct sandbox_path paths[PATHS_MAX];
	char folders[PATHS_MAX][PATH_MAX];
	size_t count;
	uint16_t ports[MAX_DESTINATIONS];
};

static void
leave(struct leaving *l, const char *path, int execute)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->paths[i].path, path) == 0 &&
		    l->paths[i].execute >= execute)
			return;
	}
	if (l->count < PATHS_MAX)
		l->paths[l->count++] = (struct sandbox_path){path, execute};
}

static void
leave_parent(struct leaving *l, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *to;

	if (l->count == PATHS_MAX || slash == NULL ||
	    (size_t)(slash - file) >= PATH_MAX)
		return;
	to = l->folders[l->count];
	memcpy(to, file, (size_t)(slash - file));
	to[slash - file] = '\0';
	leave(l, *to == '\0' ? "/" : to, 0);
}

/* The folder that the file stands in, and the one it really stands in. */
static void
leave_folder(struct leaving *l, const char *file)
{
	char *real = realpath(file, NULL);

	leave_parent(l, file);
	if (real != NULL)
		leave_parent(l, real);
	free(real);
}

/* What a folder's links lead to. */
static void
leave_linked(struct leaving *l, const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char path[PATH_MAX];

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		int n =
		    snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);

		if (e->d_type == DT_LNK && n > 0 && (size_t)n < sizeof(path))
			leave_folder(l, path);
	}
	closedir(d);
}

static void
leave_configured(struct leaving *l, const struct config *c)
{
	const char *const files[] = {c->tls_certificate, c->origin_certificate,
	    c->forward_certificate, c->forward_key, c->partner_authority,
	    c->partner_crl, c->police_authority, c->police_crl};

	leave(l, c->libexec, 1);
	leave(l, c->schema, 0);
	leave_linked(l, c->schema);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		leave_folder(l, files[i]);
	for (size_t i = 0; i < c->destination_count; i++) {
		const struct destination *d = &c->destinations[i];

		leave_folder(l, d->ack);
		for (size_t k = 0; k < d->recipients.count; k++)
			leave_folder(l, d->recipients.text[k]);
		l->ports[i] = d->port;
	}
}

/* The program loader, which is run for every role: the one that runs this
 * program. */
static int
find_loader(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char **out = arg;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*out = (const char *)(uintptr_t)(info->dlpi_addr +
							 info->dlpi_phdr[i]
							     .p_vaddr);
	}
	return 1;
}

enum rc
lock_down(const struct config *c)
{
	struct sandbox_leave names;
	const char *loader = NULL;
	struct leaving *l;
	enum rc rc;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return RC_NOMEM;
	(void)dl_iterate_phdr(find_loader, &loader);
	if (loader != NULL)
		leave(l, loader, 1);
	for (size_t i = 0; i < sizeof(system_paths) / sizeof(system_paths[0]);
	     i++) {
		if (access(system_paths[i], R_OK) == 0)
			leave(l, system_paths[i], 0);
	}
	leave_configured(l, c);
	names = (struct sandbox_leave){.paths = l->paths,
	    .path_count = l->count,
	    .ports = l->ports,
	    .port_count = c->destination_count};
	rc = sandbox_enter_leave(ROLE_CUTOUTD, &names);
	free(l);
	return rc;
}
