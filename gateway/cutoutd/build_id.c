/* Which build this is: the GNU build id note of the program itself. */
#include "build_id.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "hex.h"

enum { ID_MAX = 32 };

static char text[2 * ID_MAX + 1];

static int
from_note(const uint8_t *p, size_t len)
{
	while (len >= sizeof(ElfW(Nhdr))) {
		ElfW(Nhdr) h;
		size_t name, desc;

		memcpy(&h, p, sizeof(h));
		name = ((size_t)h.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)h.n_descsz + 3) & ~(size_t)3;
		if (name > len - sizeof(h) || desc > len - sizeof(h) - name)
			return 0;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    memcmp(p + sizeof(h), "GNU", 4) == 0 &&
		    h.n_descsz <= ID_MAX) {
			hex_encode(p + sizeof(h) + name, h.n_descsz, text);
			return 1;
		}
		p += sizeof(h) + name + desc;
		len -= sizeof(h) + name + desc;
	}
	return 0;
}

/* The first object is the program. */
static int
first(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + h->p_vaddr;

		if (h->p_type == PT_NOTE &&
		    from_note((const uint8_t *)at, h->p_memsz))
			break;
	}
	return 1;
}

const char *
build_id(void)
{
	if (text[0] == '\0')
		(void)dl_iterate_phdr(first, NULL);
	return text[0] == '\0' ? CUTOUT_VERSION : text;
}
