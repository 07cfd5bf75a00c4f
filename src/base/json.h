/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json: reads documents of hundreds of megabytes (RFC 8259) into a tape of 8-byte nodes.
 *
 * A node is a slice of the text or the number of nodes below it; nothing is copied or converted
 * before it is asked for. A container's nodes follow it: in an object key and value in turn. The
 * text must outlive the document. A value is its index; 0 is the root, which is nobody's member, so
 * that 0 also says "there is none".
 */
#ifndef HF_BASE_JSON_H
#define HF_BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"

/* J_UNKNOWN is never read from a text: only what builds documents makes it (see jbuild). */
enum jtype { J_NULL, J_FALSE, J_TRUE, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT, J_UNKNOWN };

struct jnode {
	uint32_t at; /* offset of the first byte; of a string: behind the quote */
	/* bits 0-2 jtype, 3 whether a string holds escapes, 4-31 bytes or number of nodes below */
	uint32_t info;
};
#define JDOC_TEXT_MAX ((size_t)UINT32_MAX)
#define JDOC_LENGTH_MAX ((size_t)UINT32_MAX >> 4) /* of a string; most nodes, too */
#define JDOC_DEPTH_MAX 256u

struct jdoc {
	struct str text;
	struct jnode *nodes; /* owned */
	size_t n;
	/* Where a built value comes from: offsets in `source`, one a node; NULL: `at`, in text. */
	uint32_t *origin; /* owned */
	struct str source;
	uint32_t
		*lines; /* owned; line feeds before every 4,096th byte, made when first asked for */
};

struct joptions {
	bool comments;        /* accepts // and slash-star comments where blanks may stand */
	bool trailing_commas; /* accepts a comma behind the last member or element */
	bool controls;        /* accepts line feeds and other control characters in strings */
	bool unique_keys;     /* refuses an object that has a key twice; else both are there */
	unsigned max_depth;   /* 0: JDOC_DEPTH_MAX, which is also the most */
	size_t max_nodes; /* 0: a quarter of the text's bytes, so that the tree is at most 2x the
	                         text, but 1 Mi in any case */
};

/*
 * Text as editors and shells save it: without the UTF-8 byte order mark, and UTF-16 that has one
 * (PowerShell's Out-File) as UTF-8, in the arena. -EILSEQ: not UTF-16, -ENOMEM.
 */
[[nodiscard]] int json_utf8(struct str text, struct arena *a, struct str *ret);

/* UTF-8 of a code point; returns its length. */
size_t json_put_rune(unsigned rune, char ret[static 4]);

/*
 * Parses the whole text, which must be UTF-8. *d gets line, column and reason; its file is left to
 * the caller. -EBADMSG: no JSON; -E2BIG: too deep or too many nodes; -EFBIG: 4 GB or a string of
 * 256 MB; -ENOMEM.
 */
[[nodiscard]] int jdoc_parse(struct str text, const struct joptions *o, struct jdoc *ret,
			     struct diag *d);
/* The second of two like keys of one object; *ret 0: there are none such. -ENOMEM. */
[[nodiscard]] int jdoc_repeated(const struct jdoc *d, uint32_t *ret);
void jdoc_release(struct jdoc *d);

static inline enum jtype jdoc_type(const struct jdoc *d, uint32_t v)
{
	return (enum jtype)(d->nodes[v].info & 7);
}
static inline bool jdoc_is(const struct jdoc *d, uint32_t v, enum jtype t)
{
	return jdoc_type(d, v) == t;
}
/* Bytes of a string or number as written, nodes of a container. */
static inline uint32_t jdoc_length(const struct jdoc *d, uint32_t v)
{
	return d->nodes[v].info >> 4;
}
/* First node that is not part of v. */
static inline uint32_t jdoc_after(const struct jdoc *d, uint32_t v)
{
	uint32_t t = d->nodes[v].info & 7;

	return v + 1 + (t == J_ARRAY || t == J_OBJECT ? jdoc_length(d, v) : 0);
}

/* Makes the root the only element of an array, so that no value of interest is 0. -ENOMEM. */
[[nodiscard]] int jdoc_wrap(struct jdoc *d);

/* Elements of an array (or nothing of what is none). */
#define jdoc_each(d, array, v)                                                         \
	for (uint32_t v = (array) + 1,                                                 \
		      v##_end = jdoc_is(d, array, J_ARRAY) ? jdoc_after(d, array) : 0; \
	     v < v##_end; v = jdoc_after(d, v))
/* Keys of an object (or nothing of what is none); the value is key + 1. */
#define jdoc_each_key(d, object, key)                                                       \
	for (uint32_t key = (object) + 1,                                                   \
		      key##_end = jdoc_is(d, object, J_OBJECT) ? jdoc_after(d, object) : 0; \
	     key < key##_end; key = jdoc_after(d, key + 1))

/* Elements of an array, members of an object. */
size_t jdoc_count(const struct jdoc *d, uint32_t v);

/* A string, number, literal or unknown as written, without quotes; of a container nothing. */
struct str jdoc_raw(const struct jdoc *d, uint32_t v);
static inline bool jdoc_escaped(const struct jdoc *d, uint32_t v) { return d->nodes[v].info & 8; }
/* The text of a string: a slice of the document, or in the arena where it holds escapes. */
[[nodiscard]] int jdoc_text(const struct jdoc *d, uint32_t v, struct arena *a, struct str *ret);
/* -EINVAL: no number or a fraction, -ERANGE. 1e3 and 5.0 are whole numbers. */
[[nodiscard]] int jdoc_int(const struct jdoc *d, uint32_t v, int64_t *ret);
[[nodiscard]] int jdoc_double(const struct jdoc *d, uint32_t v, double *ret);

/* Whether a string is that text, in any case; escapes in it are understood. */
bool jdoc_ieq(const struct jdoc *d, uint32_t v, struct str s);
/* The member of that name in any case, the last of several; 0: none, or no object. */
uint32_t jdoc_get(const struct jdoc *d, uint32_t object, struct str name);

/*
 * Members of many like objects: a key that stands where it stood in the object before costs one
 * comparison.
 */
#define JFIELDS_MAX 48
struct jfields {
	const struct str *names; /* at most JFIELDS_MAX */
	size_t n;
	struct jfields_memory {
		char key[46];
		uint8_t len;   /* 0: nothing yet */
		uint8_t field; /* n: none of the names */
	} memory[JFIELDS_MAX];
};
/*
 * ret[i] = value of names[i] or 0; of several the last. Returns a bit for each name that is there
 * more than once.
 */
uint64_t jdoc_fields(const struct jdoc *d, uint32_t object, struct jfields *f, uint32_t *ret);

/* From 1. */
unsigned jdoc_line(struct jdoc *d, uint32_t v);

/* Makes a document: values in the order of the tape. Errors are kept for one test at the end. */
struct jbuild {
	struct buf text; /* owned; its limit is that of all strings together */
	struct jdoc doc; /* owned */
	size_t cap, max_nodes;
	uint32_t stack[JDOC_DEPTH_MAX];
	unsigned depth;
	uint32_t origin; /* of the values that follow */
	int error;
};
#define JBUILD(max_text, max_nodes_) \
	((struct jbuild){ .text = BUF(max_text), .max_nodes = (max_nodes_) })
void jbuild_open(struct jbuild *b, enum jtype t); /* J_ARRAY, J_OBJECT */
void jbuild_close(struct jbuild *b);
/* s: text of a string or key, digits of a number, what is not known; unused for the others. */
void jbuild_value(struct jbuild *b, enum jtype t, struct str s);
/*
 * Hands the document out; its text is a copy in the arena. source: what the origins are offsets of.
 * -EINVAL where a container is open or there is not one root; otherwise the first error.
 */
[[nodiscard]] int jbuild_finish(struct jbuild *b, struct str source, struct arena *a,
				struct jdoc *ret);
void jbuild_release(struct jbuild *b);

#endif
