/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/apt_index.h"

#include "facts/linux/apt_sources.h"
#include "facts/linux/package_db.h"
#include "facts/linux/repository.h"

#define LISTS "/var/lib/apt/lists/"
#define RELEASE_MAX ((size_t)4 << 20)
#define ARCHS_MAX 16

/* URItoFileName() of apt-pkg: without scheme and password, reserved characters as %xx. */
struct str apt_list_name(struct arena *a, struct str uri)
{
	static const char hex[] = "0123456789abcdef", reserved[] = "\\|{}[]<>\"^~_=!@#$%&*";
	struct str rest = uri_public(a, uri), name;
	size_t n = 0;
	ssize_t colon, literal;
	char *p;

	if (!rest.ptr)
		return (struct str){};
	colon = str_find(rest, ':');
	rest = str_sub(rest, (size_t)(colon + 1), rest.len);
	if (str_starts(rest, STR("//")))
		rest = str_sub(rest, 2, rest.len);
	/* The brackets of an IPv6 address belong to the scheme. */
	literal = rest.len && rest.ptr[0] == '[' ? str_find(rest, ']') : -1;
	p = arena_alloc(a, 3 * rest.len + 1);
	for (size_t i = 0; p && i < rest.len; i++) {
		unsigned char c = (unsigned char)rest.ptr[i];

		if (literal > 0 && (i == 0 || i == (size_t)literal))
			continue;
		if (c <= ' ' || c >= 0x7f || strchr(reserved, c)) {
			p[n++] = '%';
			p[n++] = hex[c >> 4];
			p[n++] = hex[c & 15];
		} else {
			p[n++] = (char)c;
			if (c == '/')
				p[n - 1] = '_';
		}
	}
	name = (struct str){ p, n };
	return name;
}

struct loader {
	struct collect *c;
	struct apt_indexes x;
	/* The release file that was read last. */
	struct str base, text, path;
	struct apt_release release;
	int64_t fetched;
};

static struct str suffixed(struct loader *l, struct str base, struct str name)
{
	struct str list = apt_list_name(l->c->arena, base);

	return list.ptr ? arena_cat(l->c->arena, STR(LISTS), list, name) : (struct str){};
}

/* base: the address of the folder of the release, with a slash behind it. */
static int load_release(struct loader *l, struct str base)
{
	static const struct str names[] = { STR("InRelease"), STR("Release") };
	struct collect *c = l->c;

	if (l->base.ptr && str_eq(l->base, base))
		return 0;
	l->base = base;
	l->path = l->text = (struct str){};
	l->release = (struct apt_release){ .date = FACT_UNKNOWN, .valid_until = FACT_UNKNOWN };
	l->fetched = FACT_UNKNOWN;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct str path = suffixed(l, base, names[i]);
		struct stat st;
		int r = path.ptr
				? root_read(c->root, path.ptr, RELEASE_MAX, c->arena, &l->text, &st)
				: -ENOMEM;

		if (r == -ENOMEM)
			return r;
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0) {
			collect_problem(c, r, path.ptr, "%s", collect_error(r));
			continue;
		}
		l->path = path;
		l->fetched = st.st_mtime;
		if (apt_release_parse(l->text, &l->release) < 0)
			collect_problem(c, EBADMSG, path.ptr, "is no release file");
		break;
	}
	return 0;
}

static bool is_security(const struct apt_index *x)
{
	const struct apt_release *r = &x->release;

	return str_ends(x->suite, STR("-security")) || str_contains(x->suite, STR("/updates")) ||
	       str_ends(r->archive, STR("-security")) || str_ends(r->codename, STR("-security")) ||
	       str_eq(r->label, STR("Debian-Security")) ||
	       str_starts(r->origin, STR("UbuntuESM")) ||
	       str_starts(x->site, STR("security.debian.org"));
}

static int find_file(struct loader *l, struct str name, struct str *ret)
{
	static const struct str packed[] = { STR(""),    STR(".lz4"), STR(".zst"),
					     STR(".xz"), STR(".gz"),  STR(".bz2") };

	for (size_t i = 0; i < COUNT(packed); i++) {
		struct str path = arena_cat(l->c->arena, name, packed[i], STR(""));
		struct stat st;

		if (!path.ptr)
			return -ENOMEM;
		if (root_stat(l->c->root, path.ptr, &st) < 0)
			continue;
		*ret = path;
		break;
	}
	return 0;
}

/* file: "main/binary-amd64/Packages", or "Packages" of a flat repository. */
static int add(struct loader *l, struct apt_index x, struct str base, struct str file)
{
	struct str full = arena_cat(l->c->arena, base, file, STR(""));
	struct str name = full.ptr ? suffixed(l, full, STR("")) : full;
	int r = name.ptr ? find_file(l, name, &x.path) : -ENOMEM;

	if (r < 0)
		return r;
	x.release_path = l->path;
	x.release = l->release;
	x.fetched = l->fetched;
	x.size = apt_release_size(l->text, file);
	x.site = uri_host(x.uri);
	x.security = is_security(&x);
	/* Optional: repositories without it are no worse. */
	if (str_eq(x.arch, STR("all")) && !x.path.ptr)
		return 0;
	for (size_t i = 0; i < l->x.n; i++)
		if (x.path.ptr && l->x.list[i].path.ptr && str_eq(x.path, l->x.list[i].path))
			return 0;
	if (l->x.n >= APT_INDEXES_MAX)
		return -E2BIG;
	return arena_push(l->c->arena, l->x.list, l->x.n, l->x.cap, x);
}

static struct str without_variable(struct loader *l, struct str s)
{
	static const struct str variable = STR("$(ARCH)");
	const char *p = memmem(s.ptr, s.len, variable.ptr, variable.len);
	size_t at = p ? (size_t)(p - s.ptr) : 0;

	return p ? arena_cat(l->c->arena, str_sub(s, 0, at), l->x.native,
			     str_sub(s, at + variable.len, s.len))
		 : s;
}

static bool listed(struct str list, struct str word)
{
	struct str w;

	while ((w = str_word(&list)).len)
		if (str_eq(w, word))
			return true;
	return false;
}

static size_t architectures(const struct loader *l, const struct apt_source *s,
			    struct str ret[static ARCHS_MAX])
{
	struct str list = s->archs, w;
	size_t n = 0, kept = 0;

	if (!list.len) {
		ret[n++] = l->x.native;
		for (size_t i = 0; i < l->x.n_foreign && n < ARCHS_MAX; i++)
			ret[n++] = l->x.foreign[i];
	}
	while (n < ARCHS_MAX && (w = str_word(&list)).len)
		ret[n++] = w;
	list = s->archs_add;
	while (n < ARCHS_MAX && (w = str_word(&list)).len)
		ret[n++] = w;
	for (size_t i = 0; i < n; i++)
		if (!listed(s->archs_remove, ret[i]))
			ret[kept++] = ret[i];
	return kept;
}

static int add_component(struct loader *l, const struct apt_source *s, struct apt_index x,
			 struct str base)
{
	struct str archs[ARCHS_MAX + 1];
	size_t n = architectures(l, s, archs);
	int r = 0;

	if (l->release.with_all && n && !listed(s->archs_remove, STR("all")))
		archs[n++] = STR("all");
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str file = arena_fmt(l->c->arena, "%.*s/binary-%.*s/Packages",
					    STR_FMT(x.component), STR_FMT(archs[i]));

		x.arch = archs[i];
		r = file.ptr ? add(l, x, base, file) : -ENOMEM;
	}
	return r;
}

/* "http://host/debian/dists/bookworm/"; of a suite that is a folder (flat) without dists. */
static struct str base_of(struct arena *a, struct str uri, struct str suite)
{
	struct str slash = str_ends(uri, STR("/")) ? STR("") : STR("/");

	if (str_eq(suite, STR("/")))
		return arena_cat(a, uri, slash, STR(""));
	if (str_ends(suite, STR("/")))
		return arena_cat(a, uri, slash, suite);
	return arena_fmt(a, "%.*s%.*sdists/%.*s/", STR_FMT(uri), STR_FMT(slash), STR_FMT(suite));
}

static int add_suite(struct loader *l, const struct apt_source *s, struct str uri, struct str suite)
{
	struct apt_index x = { .check_valid = !s->ignores_valid, .size = -1 };
	struct str components = s->components, base;
	bool flat = str_ends(suite, STR("/"));
	int r;

	x.suite = suite = without_variable(l, suite);
	x.uri = uri = without_variable(l, uri);
	if (!uri.ptr || !suite.ptr)
		return -ENOMEM;
	base = base_of(l->c->arena, uri, suite);
	r = base.ptr ? load_release(l, base) : -ENOMEM;
	if (r >= 0 && flat) {
		x.arch = l->x.native;
		return add(l, x, base, STR("Packages"));
	}
	while (r >= 0 && (x.component = str_word(&components)).len)
		r = add_component(l, s, x, base);
	return r;
}

static int each_source(const struct apt_source *s, void *user)
{
	struct loader *l = user;
	struct str uris = s->uris, uri;
	bool disc = str_starts(uris, STR("cdrom:"));
	int r = 0;

	/* Discs are not what updates come from. */
	if (!s->enabled || disc)
		return 0;
	while (r >= 0 && (uri = str_word(&uris)).len) {
		struct str suites = s->suites, suite;

		while (r >= 0 && (suite = str_word(&suites)).len)
			r = add_suite(l, s, uri, suite);
	}
	return MIN(r, 0);
}

static int read_file(struct loader *l, const char *path)
{
	struct str text;
	unsigned line = 0;
	int r = collect_read(l->c, path, &text, NULL);

	if (r != 1)
		return r;
	r = str_ends(str_of(path), STR(".sources"))
		    ? apt_sources_parse_deb822(l->c->arena, text, each_source, l, &line)
		    : apt_sources_parse_list(l->c->arena, text, each_source, l, &line);
	if (r == -EBADMSG)
		collect_problem(l->c, r, path, "line %u is wrong; the rest does not count", line);
	else if (r == -E2BIG)
		collect_problem(l->c, r, path, "too many sources");
	return r == -ENOMEM ? r : 0;
}

/* dpkg's own architecture is that of the package dpkg. */
static int architecture(struct loader *l, const struct apt_conf *conf)
{
	static const char *const names[] = { "dpkg" };
	const struct apt_setting *set = apt_conf_get(conf, "APT::Architecture");
	struct package dpkg;
	struct str text, word;
	size_t cap = 0;
	int r = package_db_find(l->c, names, 1, &dpkg);

	if (r < 0)
		return r;
	l->x.native = set && set->value.len ? set->value : dpkg.name.ptr ? dpkg.arch : STR("amd64");
	r = collect_read(l->c, "/var/lib/dpkg/arch", &text, NULL);
	while (r == 1 && l->x.n_foreign < ARCHS_MAX && (word = str_word(&text)).len)
		if (!str_eq(word, l->x.native) &&
		    arena_push(l->c->arena, l->x.foreign, l->x.n_foreign, cap, word) < 0)
			return -ENOMEM;
	return MIN(r, 0);
}

int apt_indexes_load(struct collect *c, const struct apt_conf *conf, struct apt_indexes *ret)
{
	static const char *const suffixes[] = { ".list", ".sources" };
	struct loader l = { .c = c };
	struct dir_list parts;
	int r = architecture(&l, conf);

	if (r >= 0)
		r = read_file(&l, "/etc/apt/sources.list");
	if (r < 0)
		return r;
	r = collect_list(c, "/etc/apt/sources.list.d", &parts);
	for (size_t i = 0; r == 1 && i < parts.n; i++) {
		struct str name = str_of(parts.entries[i].name), path;
		int e;

		if (!apt_reads(name, suffixes, COUNT(suffixes)))
			continue;
		path = arena_cat(c->arena, STR("/etc/apt/sources.list.d/"), name, STR(""));
		e = path.ptr ? read_file(&l, path.ptr) : -ENOMEM;
		if (e < 0)
			return e;
	}
	if (r >= 0)
		*ret = l.x;
	return MIN(r, 0);
}
