/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evtx_tree: binary XML as a tree of elements whose text is typed values and slots for them.
 * Positions are offsets in the chunk.
 */
#ifndef HF_EVENTS_EVTX_TREE_H
#define HF_EVENTS_EVTX_TREE_H

#include "base/arena.h"
#include "events/evtx.h"
#include "events/evtx_value.h"

#define EVTX_DEPTH_MAX 64  /* elements within elements */
#define EVTX_NESTING_MAX 8 /* templates within templates */

/* A template's definition with the values of its slots. */
struct evtx_instance {
	uint32_t definition;  /* a header of 24 bytes, then binary XML */
	uint32_t id;          /* the first bytes of the definition's GUID */
	uint32_t n;           /* values */
	uint32_t descriptors; /* of 4 bytes: size, type */
	uint32_t end;         /* of the bytes that the values may use */
};

enum evtx_item_kind {
	EVTX_ITEM_ELEMENT,
	EVTX_ITEM_VALUE,    /* raw */
	EVTX_ITEM_SLOT,     /* raw.type is what the template expects */
	EVTX_ITEM_INSTANCE, /* a template within */
};

struct evtx_item {
	struct evtx_item *next;
	enum evtx_item_kind kind;
	bool optional; /* slot: where it is null, what it stands in is left out */
	uint32_t slot;
	union {
		struct evtx_element *element;
		struct evtx_instance *instance;
		struct evtx_raw raw;
	};
};

struct evtx_attribute {
	struct evtx_attribute *next;
	struct str name; /* UTF-8 */
	struct evtx_item *items;
};

struct evtx_element {
	struct str name;       /* UTF-8 */
	struct str head, foot; /* its tags in XML up to what is not constant; ptr NULL: not made */
	bool content;          /* has an end tag, be it empty */
	bool constant;         /* all attributes stand in head */
	bool branch;           /* made, and holds elements alone */
	struct evtx_attribute *attributes;
	struct evtx_item *items;
};

/*
 * Parses from *pos up to the end of the fragment, at most `end`. definition: of a template, whose
 * elements bear one more number. What was read before an error is in *ret. -EBADMSG, -E2BIG (limits),
 * -ENOMEM (also where the arena is full).
 */
[[nodiscard]] int evtx_parse(const struct evtx_chunk *c, uint32_t *pos, uint32_t end,
			     bool definition, struct arena *a, struct evtx_item **ret);
/* Parses what follows the token of an instance, at *pos; *pos is behind its values then. */
[[nodiscard]] int evtx_parse_instance(const struct evtx_chunk *c, uint32_t *pos, uint32_t end,
				      struct evtx_instance *ret);
/* Whether a definition stands where the instance says, and is the one it means. */
bool evtx_is_definition(const struct evtx_chunk *c, const struct evtx_instance *i);
/* The tree of a template, from such a definition. */
[[nodiscard]] int evtx_parse_definition(const struct evtx_chunk *c, uint32_t definition,
					struct arena *a, struct evtx_item **ret);

/* The values of an instance. */
struct evtx_frame {
	const uint8_t *chunk;
	const uint8_t *descriptors;
	const uint32_t *offsets; /* of the values; n + 1 */
	uint32_t n, end;
};

/* A slot that has no value, or one that is cut off, is null. */
static inline struct evtx_raw evtx_frame_value(const struct evtx_frame *f, uint32_t slot)
{
	const uint8_t *d;

	if (!f || slot >= f->n || f->offsets[slot + 1] > f->end)
		return (struct evtx_raw){};
	d = f->descriptors + 4 * (size_t)slot;
	return (struct evtx_raw){
		.type = d[2],
		.bytes = {(const char *)f->chunk + f->offsets[slot], evtx_get16(d)},
	};
}

/* offsets has room for i->n + 1. False where the values are cut off. */
static inline bool evtx_frame_open(const struct evtx_chunk *c, const struct evtx_instance *i,
				   uint32_t *offsets, struct evtx_frame *ret)
{
	const uint8_t *d = c->ptr + i->descriptors;
	uint32_t at = i->descriptors + 4 * i->n;

	/* n is at most a quarter of a chunk and a size less than 64 KiB: no overflow. */
	for (uint32_t k = 0; k < i->n; k++, d += 4) {
		offsets[k] = at;
		at += evtx_get16(d);
	}
	offsets[i->n] = at;
	*ret = (struct evtx_frame){ c->ptr, c->ptr + i->descriptors, offsets, i->n, i->end };
	return at <= i->end;
}

#endif
