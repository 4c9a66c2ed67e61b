/* The graph of a report: BR-47 (ends), BR-48 (loose entities) and BR-56
 * (matters that belong into reports of their own). */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

/* Table 6.2: which kinds a link may join, "from-to" pairs. */
static const struct {
	const char *type;
	const char *ends;
} links[] = {
    {"ASSOCIATE-OF", "PP PU"},
    {"PARENT-OF", "PP"},
    {"PARTNER-OF", "PP"},
    {"EXPLOITS", "PP PU OP OU"},
    {"CONTROLS", "PP OP PL"},
    {"SUPPLIES-TO", "PP PU PO"},
    {"MEMBER-OF", "PO UO"},
    {"HEADS", "PO"},
    {"EMPLOYED-BY", "PO"},
    {"LIVES-AT", "PL UL"},
    {"FREQUENTS", "PL UL OL"},
    {"USES-ADDRESS", "PL OL"},
    {"CUCKOOS", "PL OL"},
    {"KEEPER-OF", "PV"},
    {"DRIVES", "PV UV"},
    {"TRAVELS-IN", "PV UV"},
    {"SEEN-AT", "VL"},
    {"USES-COMMS", "PC UC OC"},
    {"HOLDS", "PB OB LB"},
    {"ACCOUNT-OF", "PA OA"},
    {"INVOLVED-IN", "PE UE OE VE"},
    {"VICTIM-OF", "PE UE"},
    {"SUSPECT-OF", "PE UE"},
    {"OCCURRED-AT", "EL"},
    {"USED-IN", "BE VE CE"},
    {"SAME-AS", "PP UU OO LL VV CC BB AA EE"},
};

static bool
may_join(const char *type, char from, char to)
{
	const char *p;
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (strcmp(links[i].type, type) != 0)
			continue;
		for (p = links[i].ends; *p != '\0'; p++)
			if (p[0] == from && p[1] == to)
				return true;
		return false;
	}
	return false; /* a type that a later code list has */
}

static const struct field *
target(const struct field *parent, enum field_id id)
{
	const struct field *ref = field_child(parent, id);

	return ref == NULL ? NULL : ref->target;
}

static char
kind_or_none(const struct field *entity)
{
	if (entity == NULL)
		return '\0';
	return entity_kind(entity);
}

/* BR-47 for links: both ends are there, of kinds that go together, and not
 * the same. */
static void
check_ends(struct check *k)
{
	const struct field *link, *from, *to;
	char a, b;

	for (link = first(k, FIELD_LINK); link != NULL; link = link->same) {
		from = target(link, FIELD_LINK_FROM);
		to = target(link, FIELD_LINK_TO);
		a = kind_or_none(from);
		b = kind_or_none(to);
		if (a == '\0' || b == '\0' || from == to ||
		    !may_join(field_text(link, FIELD_LINK_TYPE), a, b))
			check_raise(k, "BR-47", link);
	}
}

/* BR-47 for the other references. */
static void
check_targets(struct check *k)
{
	const struct field *f;

	for (f = first(k, FIELD_ENTITY_REF); f != NULL; f = f->same)
		if (f->target == NULL || entity_kind(f->target) == '\0')
			check_raise(k, "BR-47", f);
	for (f = first(k, FIELD_ITEM_REF); f != NULL; f = f->same)
		if (f->target == NULL || f->target->def->id != FIELD_ITEM)
			check_raise(k, "BR-47", f);
}

/* Sets of entities and items that hang together, by union and find over the
 * places of the nodes in the tree. */
struct sets {
	uint32_t *up;
	bool *met; /* some reference or link has it */
	const struct field *base;
};

static uint32_t
find_set(struct sets *s, uint32_t i)
{
	while (s->up[i] != i) {
		s->up[i] = s->up[s->up[i]];
		i = s->up[i];
	}
	return i;
}

static void
join(struct sets *s, const struct field *a, const struct field *b)
{
	uint32_t x, y;

	if (a == NULL || b == NULL)
		return;
	x = find_set(s, (uint32_t)(a - s->base));
	y = find_set(s, (uint32_t)(b - s->base));
	s->up[x > y ? x : y] = x > y ? y : x;
	s->met[a - s->base] = true;
	s->met[b - s->base] = true;
}

static void
join_all(struct check *k, struct sets *s)
{
	const struct field *f, *ref, *from;

	for (f = first(k, FIELD_ENTITY_REF); f != NULL; f = f->same)
		join(s, f->parent, f->target);
	for (f = first(k, FIELD_LINK); f != NULL; f = f->same) {
		from = target(f, FIELD_LINK_FROM);
		join(s, from, target(f, FIELD_LINK_TO));
		for (ref = field_child(f, FIELD_ITEM_REF); ref != NULL;
		     ref = field_next(ref))
			join(s, from, ref->target);
	}
}

/* BR-48 for what nothing mentions, BR-56 when the rest falls apart. */
static void
check_sets(struct check *k, struct sets *s)
{
	const struct field *entities = first(k, FIELD_ENTITIES), *f;
	uint32_t root = UINT32_MAX, at;
	bool apart = false;

	if (entities == NULL)
		return;
	for (f = entities->first; f != NULL; f = f->next) {
		at = (uint32_t)(f - s->base);
		if (!s->met[at]) {
			check_raise(k, "BR-48", f);
			continue;
		}
		at = find_set(s, at);
		apart |= root != UINT32_MAX && root != at;
		root = at;
	}
	if (apart)
		check_raise(k, "BR-56", entities);
}

void
rules_references(struct check *k)
{
	struct sets s = {.base = k->fields->nodes};
	size_t count = k->fields->count;
	uint32_t i;

	check_ends(k);
	check_targets(k);
	s.up = calloc(count, sizeof(*s.up));
	s.met = calloc(count, sizeof(*s.met));
	if (s.up == NULL || s.met == NULL)
		k->failed = true;
	else {
		for (i = 0; i < count; i++)
			s.up[i] = i;
		join_all(k, &s);
		check_sets(k, &s);
	}
	free(s.up);
	free(s.met);
}
