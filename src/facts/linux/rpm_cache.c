/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What yum, dnf and zypper have fetched: repomd.xml and the files that it names. */
#include "base/xml.h"
#include "facts/linux/rpm_repos.h"

#define REPOMD_MAX ((size_t)4 << 20)

/* "baseos-0123456789abcdef": dnf adds a hash of where it comes from. */
static struct str without_hash(struct str name)
{
	ssize_t dash = str_rfind(name, '-');
	struct str hash = str_sub(name, (size_t)(dash + 1), name.len);

	if (dash <= 0 || hash.len != 16)
		return STR("");
	for (size_t i = 0; i < hash.len; i++)
		if (!hash.ptr[i] || !strchr("0123456789abcdef", hash.ptr[i]))
			return STR("");
	return str_sub(name, 0, (size_t)dash);
}

/* Addresses change, and then there are several; the newest is in use. */
static int note(struct collect *c, struct rpm_repos *repos, struct str id, struct str path)
{
	struct stat st;

	if (!path.ptr)
		return -ENOMEM;
	if (!id.len || root_stat(c->root, path.ptr, &st) < 0)
		return 0;
	for (size_t i = 0; i < repos->n; i++) {
		struct rpm_repo *repo = &repos->list[i];

		if (!str_eq(repo->id, id) || (repo->repomd.ptr && st.st_mtime <= repo->fetched))
			continue;
		repo->repomd = path;
		repo->fetched = st.st_mtime;
	}
	return 0;
}

static int look(struct collect *c, struct rpm_repos *repos, const char *pattern, bool hashed)
{
	struct str *paths;
	size_t n;
	int r = collect_glob(c, pattern, &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str dir = str_sub(paths[i], 0, (size_t)str_rfind(paths[i], '/'));

		if (str_ends(dir, STR("/repodata")))
			dir.len -= strlen("/repodata");
		dir = str_basename(dir);
		r = note(c, repos, hashed ? without_hash(dir) : dir, paths[i]);
	}
	return MIN(r, 0);
}

static struct rpm_data *data_of(struct rpm_repo *repo, struct str type)
{
	if (str_eq(type, STR("primary")))
		return &repo->primary;
	if (str_eq(type, STR("primary_db")))
		return &repo->database;
	if (str_eq(type, STR("updateinfo")))
		return &repo->advisories;
	return str_eq(type, STR("modules")) ? &repo->modules : NULL;
}

/* Names lie beside repomd.xml, whatever folder of the server they are from. */
static int set_path(struct arena *a, const struct xml *x, struct str path, struct rpm_data *d)
{
	struct str dir = str_sub(path, 0, (size_t)(str_rfind(path, '/') + 1)), href;

	if (!xml_attribute(x, STR("href"), &href))
		return 0;
	href = str_basename(xml_unescape(a, href));
	if (!href.len || str_eq(href, STR("..")) || memchr(href.ptr, 0, href.len))
		return -EBADMSG;
	d->path = arena_cat(a, dir, href, STR(""));
	d->named = true;
	return d->path.ptr ? 0 : -ENOMEM;
}

struct repomd {
	struct rpm_data *data; /* of the element <data> that is open */
	struct str element;
};

static int on_open(struct arena *a, struct xml *x, struct str path, struct repomd *m,
		   struct rpm_repo *repo)
{
	struct str type;

	m->element = x->name;
	if (str_eq(x->name, STR("data"))) {
		m->data = xml_attribute(x, STR("type"), &type) ? data_of(repo, type) : NULL;
		if (m->data)
			m->data->size = -1;
	}
	if (m->data && str_eq(x->name, STR("location")))
		return set_path(a, x, path, m->data);
	return 0;
}

static void on_text(const struct xml *x, const struct repomd *m, struct rpm_repo *repo)
{
	int64_t n;

	if (!m->data || str_to_int64(str_trim(x->text), &n) < 0 || n < 0)
		return;
	if (str_eq(m->element, STR("open-size")))
		m->data->size = n;
	else if (str_eq(m->element, STR("timestamp")))
		repo->date = MAX(repo->date, n);
}

int rpm_repomd_parse(struct arena *a, struct str text, struct str path, struct rpm_repo *repo)
{
	struct xml x = { .rest = text };
	struct repomd m = {};
	enum xml_kind kind;
	bool whole = false;
	int r;

	while ((r = xml_next(&x, &kind)) == 0 && kind != XML_END) {
		if (kind == XML_OPEN) {
			r = on_open(a, &x, path, &m, repo);
		} else if (kind == XML_TEXT) {
			on_text(&x, &m, repo);
		} else {
			whole |= str_eq(x.name, STR("repomd"));
			if (str_eq(x.name, STR("data")))
				m.data = NULL;
			m.element = STR("");
		}
		if (r < 0)
			return r;
	}
	return r < 0 ? r : whole ? 0 : -EBADMSG;
}

static bool exists(const struct collect *c, struct str path)
{
	struct stat st;

	return path.ptr && root_stat(c->root, path.ptr, &st) == 0 && S_ISREG(st.st_mode);
}

/* yum keeps the database unpacked in a folder of its own. */
static int find_database(struct collect *c, struct rpm_repo *repo)
{
	struct str dir = str_sub(repo->repomd, 0, (size_t)(str_rfind(repo->repomd, '/') + 1));
	struct str path = arena_cat(c->arena, dir, STR("gen/primary_db.sqlite"), STR(""));

	if (!path.ptr)
		return -ENOMEM;
	if (!exists(c, repo->database.path) && exists(c, path))
		repo->database.path = path;
	return 0;
}

static int read_repomd(struct collect *c, struct rpm_repo *repo)
{
	struct rpm_data *const files[] = { &repo->primary, &repo->database, &repo->advisories,
					   &repo->modules };
	struct str text;
	int r = root_read(c->root, repo->repomd.ptr, REPOMD_MAX, c->arena, &text, NULL);

	if (r == 0)
		r = rpm_repomd_parse(c->arena, text, repo->repomd, repo);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		collect_problem(c, r, repo->repomd.ptr, "%s",
				r == -EBADMSG ? "is damaged or cut off" : collect_error(r));
		for (size_t i = 0; i < COUNT(files); i++)
			*files[i] = (struct rpm_data){};
		return 0;
	}
	r = find_database(c, repo);
	for (size_t i = 0; r >= 0 && i < COUNT(files); i++)
		if (files[i]->path.ptr && !exists(c, files[i]->path))
			files[i]->path = (struct str){};
	return r;
}

int rpm_repos_find(struct collect *c, struct rpm_repos *repos)
{
	static const struct {
		const char *pattern;
		bool hashed;
	} places[] = {
		{"/var/cache/dnf/*/repodata/repomd.xml",       true },
		{ "/var/cache/libdnf5/*/repodata/repomd.xml",  true },
		{ "/var/cache/yum/*/*/*/repomd.xml",           false},
		{ "/var/cache/yum/*/repomd.xml",               false},
		{ "/var/cache/zypp/raw/*/repodata/repomd.xml", false},
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(places); i++)
		r = look(c, repos, places[i].pattern, places[i].hashed);
	for (size_t i = 0; r >= 0 && i < repos->n; i++)
		if (repos->list[i].repomd.ptr)
			r = read_repomd(c, &repos->list[i]);
	return r;
}
