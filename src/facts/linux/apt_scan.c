/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/apt_scan.h"

#include "base/unpack.h"

#define CHUNK ((size_t)1 << 20) /* and the longest stanza */
#define INDEX_MAX ((uint64_t)1 << 30)

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

/*
 * The empty line behind a stanza, as the offset of the first of two line feeds; -1. Sixteen places
 * at a time: nearly all of an index is of packages that nobody asked for.
 */
static ssize_t find_gap(const char *p, size_t n)
{
	const bytes16 feed = (bytes16){} + (uint8_t)'\n';
	size_t i = 0;

	for (; i + 17 <= n; i += 16) {
		bytes16 a, b;
		words2 hit;

		memcpy(&a, p + i, sizeof a);
		memcpy(&b, p + i + 1, sizeof b);
		hit = (words2)((a == feed) & (b == feed));
		if (hit[0] | hit[1])
			break;
	}
	for (; i + 1 < n; i++)
		if (p[i] == '\n' && p[i + 1] == '\n')
			return (ssize_t)i;
	return -1;
}

static void set_source(struct apt_stanza *s, struct str value)
{
	s->source = str_word(&value);
	value = str_trim(value);
	if (value.len > 2 && value.ptr[0] == '(' && value.ptr[value.len - 1] == ')')
		s->source_version = str_sub(value, 1, value.len - 1);
}

static void set_field(struct apt_stanza *s, struct str name, struct str value)
{
	int64_t n;

	if (str_ieq(name, STR("Package")))
		s->name = value;
	else if (str_ieq(name, STR("Version")))
		s->version = value;
	else if (str_ieq(name, STR("Architecture")))
		s->arch = value;
	else if (str_ieq(name, STR("Source")))
		set_source(s, value);
	else if (str_ieq(name, STR("Phased-Update-Percentage")) && str_to_int64(value, &n) == 0 &&
		 n >= 0 && n <= 100)
		s->phased = (unsigned)n;
}

static bool parse(struct str text, struct apt_stanza *ret)
{
	struct apt_stanza s = { .phased = 100 };
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct str name;

		if (!line.len || line.ptr[0] == ' ' || line.ptr[0] == '\t')
			continue;
		name = str_cut(&line, ':');
		if (line.ptr)
			set_field(&s, name, str_trim(line));
	}
	if (!s.name.len || !s.version.len || s.version.len > APT_VERSION_MAX || !s.arch.len ||
	    memchr(s.version.ptr, 0, s.version.len))
		return false;
	if (!s.source.len)
		s.source = s.name;
	if (!s.source_version.len)
		s.source_version = s.version;
	*ret = s;
	return true;
}

/* Nearly every stanza begins with its name; those that do not are read as a whole. */
static bool wanted(const struct apt_scan *s, struct str text)
{
	static const struct str field = STR("Package: ");
	struct str line;

	if (!str_starts(text, field))
		return true;
	(void)str_line(&text, &line, NULL);
	return map_get(s->names, str_trim(str_sub(line, field.len, line.len)));
}

static int stanza(struct apt_scan *s, struct str text)
{
	struct apt_stanza st;

	while (text.len && text.ptr[0] == '\n')
		text = str_sub(text, 1, text.len);
	if (!text.len)
		return 0;
	s->stanzas++;
	if (!wanted(s, text))
		return 0;
	if (!parse(text, &st)) {
		s->bad++;
		return 0;
	}
	return map_get(s->names, st.name) ? s->fn(&st, s->user) : 0;
}

int apt_scan_text(struct apt_scan *s, struct str *text, bool last)
{
	int r = 0;

	while (r >= 0 && text->len) {
		ssize_t gap = find_gap(text->ptr, text->len);

		if (gap < 0 && !last)
			break;
		r = stanza(s, str_sub(*text, 0, gap < 0 ? text->len : (size_t)gap));
		*text = gap < 0 ? STR("") : str_sub(*text, (size_t)gap + 2, text->len);
	}
	return MIN(r, 0);
}

static int each_text(struct str *text, bool last, void *user)
{
	return apt_scan_text(user, text, last);
}

int apt_scan_file(struct apt_scan *s, int fd, uint64_t *ret_size)
{
	return unpack_each(fd, INDEX_MAX, CHUNK, each_text, s, ret_size);
}
