/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/program.h"

#define MAGIC "\xff Go buildinf:"
#define HEAD 32u
#define FLAG_BIG 1
#define FLAG_INLINE 2
#define GO_VERSION_MAX 256
#define GO_MODULES_MAX ((uint64_t)4 << 20)
#define SEARCH_MAX ((uint64_t)1 << 20)
#define ALIGN 16u

struct build_info {
	unsigned char head[HEAD];
	uint64_t at;
};

static bool is_info(const unsigned char *p) { return !memcmp(p, MAGIC, sizeof MAGIC - 1); }

/* Programs without a table of sections: it stands near the start of the writable data. */
static int search(const struct elf *e, struct arena *a, struct build_info *ret)
{
	struct elf_part data;
	unsigned char *p;
	uint64_t n;
	int r = elf_data(e, &data);

	if (r < 0)
		return r;
	n = MIN(data.bytes, SEARCH_MAX);
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return -ENOMEM;
	r = stretch_read(&e->src, data.at, p, (size_t)n);
	for (uint64_t i = 0; r >= 0 && n >= HEAD && i <= n - HEAD; i += ALIGN) {
		if (!is_info(p + i))
			continue;
		memcpy(ret->head, p + i, HEAD);
		ret->at = data.at + i;
		return 0;
	}
	return r < 0 ? r : -ENOENT;
}

static int find_info(const struct elf *e, struct arena *a, struct build_info *ret)
{
	struct elf_part part;
	int r = elf_section(e, ".go.buildinfo", &part);

	if (r == -ENOENT && !e->n_sections)
		return search(e, a, ret);
	if (r < 0)
		return r;
	if (part.bytes < HEAD)
		return -EBADMSG;
	ret->at = part.at;
	r = stretch_read(&e->src, part.at, ret->head, HEAD);
	return r < 0 ? r : is_info(ret->head) ? 0 : -EBADMSG;
}

static int read_text(const struct elf *e, uint64_t at, uint64_t n, uint64_t max, struct arena *a,
		     struct str *ret)
{
	char *p;
	int r;

	if (n > max)
		return -EBADMSG;
	p = arena_alloc(a, (size_t)n + 1);
	r = p ? stretch_read(&e->src, at, p, (size_t)n) : -ENOMEM;
	if (r >= 0)
		*ret = (struct str){ p, (size_t)n };
	return r;
}

/* Unsigned LEB128, then so many bytes. */
static int read_inline(const struct elf *e, uint64_t *at, uint64_t max, struct arena *a,
		       struct str *ret)
{
	uint64_t n = 0;
	int r;

	for (unsigned shift = 0;; shift += 7) {
		unsigned char byte;

		r = shift > 28 ? -EBADMSG : stretch_read(&e->src, (*at)++, &byte, 1);
		if (r < 0)
			return r;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	r = read_text(e, *at, n, max, a, ret);
	*at += n;
	return r;
}

/* A pointer to Go's string header, which is a pointer and a length. */
static int read_pointer(const struct elf *e, const struct build_info *info, unsigned i,
			uint64_t max, struct arena *a, struct str *ret)
{
	unsigned w = info->head[14];
	bool big = info->head[15] & FLAG_BIG;
	unsigned char p[16];
	uint64_t header, at, text, n;
	int r;

	if (w != 4 && w != 8)
		return -EBADMSG;
	header = big ? read_big(info->head + 16 + (size_t)i * w, w)
		     : read_little(info->head + 16 + (size_t)i * w, w);
	*ret = STR("");
	if (!header)
		return 0;
	r = elf_address(e, header, 2ull * w, &at);
	if (r >= 0)
		r = stretch_read(&e->src, at, p, 2ull * w);
	if (r < 0)
		return r;
	text = big ? read_big(p, w) : read_little(p, w);
	n = big ? read_big(p + w, w) : read_little(p + w, w);
	if (!n)
		return 0;
	r = elf_address(e, text, n, &at);
	return r < 0 ? r : read_text(e, at, n, max, a, ret);
}

static struct str tab(struct str *line) { return line->ptr ? str_cut(line, '\t') : STR(""); }

struct module {
	struct str name, version;
	bool main;
};

static int emit_module(const struct module *m, component_fn *fn, void *user)
{
	struct component x = { .ecosystem = STR("Go"),
			       .kind = m->main ? STR("application") : STR("library"),
			       .name = m->name,
			       .version = m->version,
			       .evidence = STR("go.buildinfo") };

	if (!component_text(x.name))
		return 0;
	/* "v1.2.3" as OSV has it: without the letter; what was built from a work tree has none. */
	if (str_eq(x.version, STR("(devel)")) || !component_text(x.version))
		x.version = STR("");
	if (x.version.len && x.version.ptr[0] == 'v')
		x.version = str_sub(x.version, 1, x.version.len);
	return fn(user, &x);
}

int go_modules(struct str text, component_fn *fn, void *user)
{
	struct module m = {};
	struct str line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str word = tab(&line);
		bool replaced = str_eq(word, STR("=>"));

		if (!replaced && m.name.len) {
			r = emit_module(&m, fn, user);
			m = (struct module){};
		}
		if (!replaced && !str_eq(word, STR("mod")) && !str_eq(word, STR("dep")))
			continue;
		if (replaced && !m.name.len)
			continue;
		m.main |= str_eq(word, STR("mod"));
		word = tab(&line);
		/* A folder instead of the module: it stays that module, in a version of somebody's. */
		if (!replaced || (word.len && word.ptr[0] != '.' && word.ptr[0] != '/'))
			m.name = word;
		m.version = tab(&line);
	}
	return r >= 0 && m.name.len ? emit_module(&m, fn, user) : r;
}

/* "go1.20.3 X:boringcrypto", "devel go1.21-abcdef Mon…" */
static int emit_stdlib(struct str version, component_fn *fn, void *user)
{
	struct component x = { .ecosystem = STR("Go"),
			       .kind = STR("runtime"),
			       .name = STR("stdlib"),
			       .evidence = STR("go.buildinfo") };
	struct str word = str_word(&version);

	if (str_eq(word, STR("devel")))
		word = str_word(&version);
	if (str_starts(word, STR("go")))
		word = str_sub(word, 2, word.len);
	if (!component_text(word) || word.ptr[0] < '0' || word.ptr[0] > '9')
		return 0;
	x.version = word;
	return fn(user, &x);
}

int program_go(const struct elf *e, struct arena *a, component_fn *fn, void *user)
{
	struct str version, modules = STR("");
	struct build_info info;
	int r = find_info(e, a, &info);

	if (r < 0)
		return r;
	if (info.head[15] & FLAG_INLINE) {
		uint64_t at = info.at + HEAD;

		r = read_inline(e, &at, GO_VERSION_MAX, a, &version);
		if (r >= 0)
			r = read_inline(e, &at, GO_MODULES_MAX, a, &modules);
	} else {
		r = read_pointer(e, &info, 0, GO_VERSION_MAX, a, &version);
		if (r >= 0)
			r = read_pointer(e, &info, 1, GO_MODULES_MAX, a, &modules);
	}
	if (r >= 0)
		r = emit_stdlib(version, fn, user);
	/* Marks of 16 bytes stand around the text; without them it is none. */
	if (r >= 0 && modules.len >= 33 && modules.ptr[modules.len - 17] == '\n')
		r = go_modules(str_sub(modules, 16, modules.len - 16), fn, user);
	return r;
}
