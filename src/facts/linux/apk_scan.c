/* SPDX-License-Identifier: GPL-3.0-or-later */
/* APKINDEX.tar.gz: a signature, a description and the list of packages, in a tape of tar(5). */
#include "base/unpack.h"
#include "facts/linux/apk_index.h"

#define CHUNK ((size_t)1 << 20) /* and the longest entry */
#define INDEX_MAX ((uint64_t)1 << 30)
#define BLOCK ((size_t)512)
#define TEXT_MAX ((size_t)512)

static bool is_text(struct str s)
{
	return s.len <= TEXT_MAX && !(s.len && memchr(s.ptr, 0, s.len));
}

static int entry(struct apk_scan *s, struct str text)
{
	struct apk_offer o = { .source = STR(""), .built = FACT_UNKNOWN };
	struct str line;

	s->packages++;
	while (str_line(&text, &line, NULL)) {
		struct str value = str_sub(line, 2, line.len);

		if (line.len < 2 || line.ptr[1] != ':')
			continue;
		switch (line.ptr[0]) {
		case 'P': o.name = value; break;
		case 'V': o.version = value; break;
		case 'A': o.arch = value; break;
		case 'o': o.source = value; break;
		case 't':
			if (str_to_int64(value, &o.built) < 0)
				o.built = FACT_UNKNOWN;
			break;
		default: break;
		}
	}
	if (!o.name.len || !map_get(s->names, o.name))
		return 0;
	if (!o.version.len || !o.arch.len || !is_text(o.version) || !is_text(o.arch) ||
	    !is_text(o.source)) {
		s->bad++;
		return 0;
	}
	return s->fn(&o, s->user);
}

/* Whole entries off the front of text; an empty line ends each. */
static int entries(struct apk_scan *s, struct str *text, bool last)
{
	int r = 0;

	while (r >= 0 && text->len) {
		const char *gap = memmem(text->ptr, text->len, "\n\n", 2);
		size_t n = gap ? (size_t)(gap - text->ptr) + 1 : text->len;

		if (!gap && !last)
			break;
		if (text->ptr[0] == '\n')
			n = 0;
		else
			r = entry(s, str_sub(*text, 0, n));
		*text = str_sub(*text, gap || !n ? n + 1 : n, text->len);
	}
	return r;
}

/* A header; -EBADMSG. What ends a tape is nothing but zeros. */
static int header(struct apk_scan *s, const char *p)
{
	struct str name = { p, strnlen(p, 100) }, size = { p + 124, strnlen(p + 124, 12) };
	unsigned sum = 8 * ' ';
	uint64_t stated, n;

	if (!p[0] && !memcmp(p, p + 1, BLOCK - 1))
		return 0;
	for (size_t i = 0; i < BLOCK; i++)
		if (i < 148 || i >= 156)
			sum += (unsigned char)p[i];
	if (str_to_u64(str_trim((struct str){ p + 148, strnlen(p + 148, 8) }), 8, &stated) < 0 ||
	    stated != sum || str_to_u64(str_trim(size), 8, &n) < 0 || n > INDEX_MAX)
		return -EBADMSG;
	s->left = n;
	s->padding = -n % BLOCK;
	s->index = str_eq(name, STR("APKINDEX"));
	s->found |= s->index;
	return 0;
}

static void skip(struct str *text, uint64_t *n)
{
	size_t k = MIN(*n, (uint64_t)text->len);

	*text = str_sub(*text, k, text->len);
	*n -= k;
}

/* What is there of the list of packages. */
static int list(struct apk_scan *s, struct str *text)
{
	struct str here = str_sub(*text, 0, MIN(s->left, (uint64_t)text->len));
	bool whole = here.len == s->left;
	size_t before = here.len;
	int r = entries(s, &here, whole);

	s->left -= before - here.len;
	*text = str_sub(*text, before - here.len, text->len);
	return r;
}

int apk_scan_text(struct apk_scan *s, struct str *text, bool last)
{
	int r = 0;

	while (r >= 0 && text->len) {
		size_t before = text->len;

		if (s->left && s->index) {
			r = list(s, text);
		} else if (s->left) {
			skip(text, &s->left);
		} else if (s->padding) {
			skip(text, &s->padding);
		} else if (text->len >= BLOCK) {
			r = header(s, text->ptr);
			*text = str_sub(*text, BLOCK, text->len);
		}
		if (text->len == before)
			break;
	}
	if (r >= 0 && last && (text->len || s->left || s->padding || !s->found))
		return -EBADMSG;
	return r;
}

static int each_text(struct str *text, bool last, void *user)
{
	return apk_scan_text(user, text, last);
}

int apk_scan_file(struct apk_scan *s, int fd)
{
	uint64_t size;

	return unpack_each(fd, INDEX_MAX, CHUNK, each_text, s, &size);
}
