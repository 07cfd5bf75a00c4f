/* SPDX-License-Identifier: GPL-3.0-or-later */
/* str: borrowed, length-counted text. Never NUL-terminated by contract, never owned. */
#ifndef HF_BASE_STR_H
#define HF_BASE_STR_H

#include "base/base.h"

struct str {
	const char *ptr;
	size_t len;
};

/* STR("literal"); STR_FMT(s) are the two arguments of "%.*s". */
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_FMT(s) (int)(s).len, (s).ptr ? (s).ptr : ""

static inline struct str str_of(const char *s) { return (struct str){ s, s ? strlen(s) : 0 }; }

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

/* ASCII only, as configuration keywords are; independent of the locale. */
bool str_ieq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_contains(struct str s, struct str needle);
/* memcmp order, the shorter first among equals: for qsort and binary search. */
int str_cmp(struct str a, struct str b);

/* Offset of the first (last) c, or -1. */
ssize_t str_find(struct str s, char c);
ssize_t str_rfind(struct str s, char c);

/* From offset `from` up to offset `to` (both are clipped to the text). */
struct str str_sub(struct str s, size_t from, size_t to);
/* Without blanks (space, \t, \r, \n, \v, \f) at the start and the end. */
struct str str_trim(struct str s);
/* Without one pair of surrounding double or single quotes. */
struct str str_unquote(struct str s);
/* What follows the last '/'. */
struct str str_basename(struct str path);

/* Cuts *s at the first sep: returns the head, leaves the tail (ptr == NULL when exhausted). */
struct str str_cut(struct str *s, char sep);
/* Next line without its "\n" or "\r\n"; false at the end. Counts in *ret_line (may be NULL). */
bool str_line(struct str *s, struct str *ret, unsigned *line);
/* Next run of non-blanks; an empty result with ptr == NULL means the end. */
struct str str_word(struct str *s);
/* Next blank-separated word where "a b" and 'a b' are one (quotes are removed, no escapes). */
struct str str_quoted_word(struct str *s);

/* Whole text must be a number; -EINVAL otherwise, -ERANGE on overflow. */
[[nodiscard]] int str_to_int64(struct str s, int64_t *ret);
/* Unsigned in base 8, 10 or 16 ("0x" is not accepted). */
[[nodiscard]] int str_to_u64(struct str s, unsigned base, uint64_t *ret);
/* yes/no, true/false, on/off, 1/0, enabled/disabled in any case. */
[[nodiscard]] int str_to_bool(struct str s, bool *ret);

/* Next code point of UTF-8 (RFC 3629) of a text that is not empty; -1 for a byte that is not. */
int32_t str_rune(struct str *s);

/*
 * glob(7) pattern: * ? [a-z] [!a-z] and backslash; '/' is an ordinary character. At most
 * |pattern| * |s| steps.
 */
bool str_glob(struct str pattern, struct str s);

#endif
