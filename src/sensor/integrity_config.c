/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_config.h"

#include <limits.h>

#define PATTERNS_MAX ((size_t)20'000)
#define SEVERITY_MAX 4

static const struct {
	const char *name, *summary;
	int8_t changed, created;
} classes[] = {
#define X(identifier, name_, changed_, created_, summary_)                                   \
	[FIM_##identifier] = {                                                               \
		.name = name_, .summary = summary_, .changed = changed_, .created = created_ \
	},
	FIM_CLASSES(X)
#undef X
};

static const struct fim_pattern built_in[] = {
#define WATCH(class_, path_) { .path = STR(path_), .class = FIM_##class_, .severity = -1 },
#define IGNORE(path_) { .path = STR(path_), .class = FIM_CUSTOM, .ignore = true, .severity = -1 },
#include "sensor/integrity_patterns.def"
#undef WATCH
#undef IGNORE
};

const struct fim_config fim_config_default = {
	.list = built_in,
	.n = COUNT(built_in),
	.suid = true,
	.hash_max = (uint64_t)64 << 20,
	.files_max = 1'000'000,
};

const char *fim_class_name(enum fim_class c) { return c < FIM_CLASS_N ? classes[c].name : "?"; }
const char *fim_class_summary(enum fim_class c)
{
	return c < FIM_CLASS_N ? classes[c].summary : "";
}

int fim_class_find(struct str name)
{
	for (size_t i = 0; i < COUNT(classes); i++)
		if (str_eq(name, str_of(classes[i].name)))
			return (int)i;
	return -1;
}

unsigned fim_class_severity(enum fim_class c, bool created)
{
	if (c >= FIM_CLASS_N)
		return 0;
	return (unsigned)(created ? classes[c].created : classes[c].changed);
}

/* The next component; ptr == NULL: there is none. */
static struct str component(struct str *path)
{
	while (path->len && path->ptr[0] == '/')
		*path = str_sub(*path, 1, path->len);
	if (!path->len)
		return (struct str){};
	return str_cut(path, '/');
}

static bool is_any(struct str part) { return str_eq(part, STR("**")); }

/*
 * below: the path is a folder, and it is asked whether something in it may match. Backtracks to the
 * last "**" alone, as str_glob() does to the last '*'.
 */
static bool match(struct str pattern, struct str path, bool below)
{
	struct str retry_pattern = {}, retry_path = {};
	bool retry = false;

	for (;;) {
		struct str want = pattern, got = path, p = component(&want), s = component(&got);

		if (p.ptr && is_any(p)) {
			retry = true;
			retry_pattern = want;
			if (!component(&(struct str){ want.ptr, want.len }).ptr)
				return true;
			retry_path = path;
			pattern = want;
			continue;
		}
		if (!s.ptr && (below ? p.ptr != NULL : !p.ptr))
			return true;
		if (p.ptr && s.ptr && str_glob(p, s)) {
			pattern = want;
			path = got;
			continue;
		}
		if (below && retry)
			return true;
		if (!retry || !component(&retry_path).ptr)
			return false;
		pattern = retry_pattern;
		path = retry_path;
	}
}

bool fim_path_match(struct str pattern, struct str path) { return match(pattern, path, false); }

bool fim_path_may_match_below(struct str pattern, struct str folder)
{
	return match(pattern, folder, true);
}

static bool is_wild(struct str part)
{
	return memchr(part.ptr, '*', part.len) || memchr(part.ptr, '?', part.len) ||
	       memchr(part.ptr, '[', part.len);
}

struct str fim_pattern_base(struct str pattern)
{
	struct str rest = pattern, base = str_sub(pattern, 0, 0);

	for (;;) {
		struct str part = component(&rest);

		if (!part.ptr || is_wild(part))
			return base;
		base.len = (size_t)(part.ptr + part.len - pattern.ptr);
	}
}

void fim_patterns_release(struct fim_patterns *p)
{
	arena_release(&p->arena);
	*p = (struct fim_patterns){};
}

static int push(struct fim_patterns *p, struct fim_pattern one)
{
	if (p->n >= PATTERNS_MAX || one.path.len > PATH_MAX)
		return -E2BIG;
	one.base = (uint16_t)fim_pattern_base(one.path).len;
	return arena_push(&p->arena, p->list, p->n, p->cap, one);
}

static bool has(const struct fim_patterns *p, const struct fim_pattern *one)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].ignore == one->ignore && str_eq(p->list[i].path, one->path))
			return true;
	return false;
}

/*
 * /lib is a link to /usr/lib, /var/www may lead to a disk of its own: notices come with the real
 * name, so the pattern gets it, too. The last component may be a link that is itself watched.
 */
static int push_real(struct fim_patterns *p, const struct fim_pattern *one, const struct root *root)
{
	struct str base = fim_pattern_base(one->path), folder = base, real;
	struct fim_pattern copy = *one;
	const char *name;

	if (base.len == one->path.len)
		folder = str_sub(base, 0, (size_t)MAX(str_rfind(base, '/'), 0));
	name = arena_cstr(&p->arena, folder.len ? folder : STR("/"));
	if (!name)
		return -ENOMEM;
	if (root_realpath(root, name, &p->arena, &real) < 0 || str_eq(real, folder) || !folder.len)
		return 0;
	copy.path = arena_cat(&p->arena, str_eq(real, STR("/")) ? STR("") : real,
			      str_sub(one->path, folder.len, one->path.len), STR(""));
	if (!copy.path.ptr)
		return -ENOMEM;
	return has(p, &copy) ? 0 : push(p, copy);
}

int fim_patterns_load(struct fim_patterns *p, const struct fim_config *c, const struct root *root)
{
	for (size_t i = 0; i < c->n; i++) {
		int r = push(p, c->list[i]);

		if (r >= 0)
			r = push_real(p, &c->list[i], root);
		if (r < 0)
			return r;
	}
	return 0;
}

int fim_patterns_add(struct fim_patterns *p, enum fim_class class, struct str path)
{
	struct fim_pattern one = { .path = path, .class = (uint8_t) class, .severity = -1 };
	int r;

	if (has(p, &one))
		return 0;
	one.path = arena_str(&p->arena, path);
	if (!one.path.ptr)
		return -ENOMEM;
	r = push(p, one);
	if (r < 0)
		return r;
	one = p->list[p->n - 1];
	memmove(p->list + 1, p->list, (p->n - 1) * sizeof *p->list);
	p->list[0] = one;
	return 0;
}

/* Neither of them is longer than what they share, and they part at a '/'. */
static inline bool shares(struct str base, struct str path)
{
	size_t n = MIN(base.len, path.len);

	/* The last byte tells most of them apart. */
	if (n && base.ptr[n - 1] != path.ptr[n - 1])
		return false;
	if (memcmp(base.ptr, path.ptr, n) != 0)
		return false;
	return base.len == path.len || !n ||
	       (base.len > n ? base.ptr[n] == '/' : path.ptr[n] == '/');
}

const struct fim_pattern *fim_patterns_find(const struct fim_patterns *p, struct str path)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct fim_pattern *one = &p->list[i];

		if (path.len >= one->base && shares(str_sub(one->path, 0, one->base), path) &&
		    fim_path_match(one->path, path))
			return one->ignore ? NULL : one;
	}
	return NULL;
}

static bool may_match(const struct fim_pattern *one, struct str folder)
{
	return shares(str_sub(one->path, 0, one->base), folder) &&
	       fim_path_may_match_below(one->path, folder);
}

/* The pattern takes everything below the folder. */
static bool takes_all(const struct fim_pattern *one, struct str folder)
{
	struct str path = one->path;

	return str_ends(path, STR("/**")) && folder.len >= one->base &&
	       fim_path_match(path, folder);
}

bool fim_patterns_ignored(const struct fim_patterns *p, struct str folder)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!p->list[i].ignore && may_match(&p->list[i], folder))
			return false;
		if (p->list[i].ignore && takes_all(&p->list[i], folder))
			return true;
	}
	return false;
}

bool fim_patterns_may_match_below(const struct fim_patterns *p, struct str folder, bool scratch)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!p->list[i].ignore && (scratch || p->list[i].class != FIM_SCRATCH) &&
		    may_match(&p->list[i], folder))
			return true;
		if (p->list[i].ignore && takes_all(&p->list[i], folder))
			return false;
	}
	return false;
}
