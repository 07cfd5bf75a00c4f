/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_repositories: Where software comes from. */
#include "facts/linux/apt_conf.h"
#include "facts/linux/apt_sources.h"
#include "facts/linux/repository.h"
#include "facts/linux/rpm_repos.h"

#define FACT_ROW package_repositories_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "apt, yum or apk") \
	X(TEXT, uri, "location") \
	X(TEXT, suite, "suite, repository id or branch") \
	X(TEXT, components, "components") \
	X(INT, enabled, "1 or 0") \
	X(INT, verified, "1 when signatures are checked") \
	X(TEXT, signed_by, "key file, ''") \
	X(INT, security, "1 when it carries security updates of the distribution") \
	X(INT, third_party, "1 when it is not of the distribution") \
	X(INT, encrypted, "1 for https") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "package_repositories",
	.doc = "Where software comes from.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

struct run {
	struct collect *c;
	const char *file;
	bool insecure; /* APT takes repositories without signatures */
};

static int damaged(struct collect *c, const char *path, int r, unsigned line)
{
	if (r != -EBADMSG)
		return r;
	collect_problem(c, r, path, "line %u is wrong; the rest of the file does not count", line);
	return 0;
}

/* "https://mirror.example/debian": a mirror's path is that of the distribution itself. */
static bool looks_like_mirror(struct str uri)
{
	static const char *const paths[] = { "/debian",     "/debian-security", "/debian-archive",
					     "/ubuntu",     "/ubuntu-ports",    "/ubuntu-archive",
					     "/pub/debian", "/pub/ubuntu",      "/raspbian" };
	struct str path = uri_path(uri);

	for (size_t i = 0; i < COUNT(paths); i++)
		if (str_eq(path, str_of(paths[i])))
			return true;
	return false;
}

/*
 * What the keys of the distribution sign is of the distribution, wherever it lies; without
 * signed-by only the host, or the usual path of a mirror that APT checks, can tell.
 */
static bool apt_third_party(const struct apt_source *s, struct str uri)
{
	static const char *const keys[] = { "/debian-archive-", "/ubuntu-archive-", "/ubuntu-pro-",
					    "/ubuntu-esm-" };

	if (str_starts(uri, STR("cdrom:")) || host_of_distribution(uri_host(uri)))
		return false;
	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_contains(s->signed_by, str_of(keys[i])))
			return s->trusted;
	return s->signed_by.len || s->trusted || !looks_like_mirror(uri);
}

static bool apt_security(struct str uri, struct str suite)
{
	struct str host = uri_host(uri);

	return str_ends(suite, STR("-security")) || str_contains(suite, STR("/updates")) ||
	       str_starts(host, STR("security.")) || str_starts(host, STR("esm.ubuntu.com")) ||
	       str_ends(uri_path(uri), STR("/debian-security"));
}

static int add_apt(struct run *run, const struct apt_source *s, struct str uri, struct str suite)
{
	bool third_party = apt_third_party(s, uri);
	struct package_repositories_row row = {
		.kind = STR("apt"),
		.uri = uri_public(run->c->arena, uri),
		.suite = suite,
		.components = s->components,
		.enabled = s->enabled,
		.verified = !s->trusted && !s->insecure && !run->insecure,
		.signed_by = s->signed_by,
		.security = !third_party && apt_security(uri, suite),
		.third_party = third_party,
		.encrypted = uri_encrypted(uri),
		.file = str_of(run->file),
		.line = s->line,
	};

	return row.uri.ptr ? collect_row(run->c, &row) : -ENOMEM;
}

/* apt-transport-mirror(1): the file has one address a line, perhaps with tab-separated notes. */
static int add_mirrors(struct run *run, const struct apt_source *s, struct str uri,
		       struct str suite)
{
	const char *path = arena_cstr(run->c->arena, str_sub(uri, strlen("mirror+file:"), uri.len));
	struct str text, line;
	int r = path ? collect_read(run->c, path, &text, NULL) : -ENOMEM, n = 0;

	while (r == 1 && str_line(&text, &line, NULL)) {
		struct str address = str_word(&line);
		int e;

		if (!address.len || address.ptr[0] == '#')
			continue;
		n++;
		e = add_apt(run, s, address, suite);
		if (e < 0)
			return e;
	}
	return r < 0 ? r : n ? 0 : add_apt(run, s, uri, suite);
}

static int each_source(const struct apt_source *s, void *user)
{
	struct run *run = user;
	struct str uris = s->uris, uri;
	/* A name of a disc has blanks. */
	bool disc = str_starts(uris, STR("cdrom:"));

	while ((uri = disc ? take(uris) : str_word(&uris)).len) {
		struct str suites = s->suites, suite;

		while ((suite = str_word(&suites)).len) {
			int r = str_starts(uri, STR("mirror+file:"))
					? add_mirrors(run, s, uri, suite)
					: add_apt(run, s, uri, suite);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int read_apt_file(struct run *run, const char *path)
{
	struct str text;
	unsigned line = 0;
	int r = collect_read(run->c, path, &text, NULL);

	if (r != 1)
		return r;
	run->file = path;
	r = str_ends(str_of(path), STR(".sources"))
		    ? apt_sources_parse_deb822(run->c->arena, text, each_source, run, &line)
		    : apt_sources_parse_list(run->c->arena, text, each_source, run, &line);
	return damaged(run->c, path, r, line);
}

static int collect_apt(struct run *run)
{
	static const char *const suffixes[] = { ".list", ".sources" };
	struct apt_conf conf;
	struct dir_list parts;
	int r = apt_conf_load(run->c, &conf);

	if (r < 0)
		return r;
	run->insecure = apt_conf_bool(&conf, "APT::Get::AllowUnauthenticated", false) ||
			apt_conf_bool(&conf, "Acquire::AllowInsecureRepositories", false);
	r = read_apt_file(run, "/etc/apt/sources.list");
	if (r < 0)
		return r;
	r = collect_list(run->c, "/etc/apt/sources.list.d", &parts);
	for (size_t i = 0; r == 1 && i < parts.n; i++) {
		struct str name = str_of(parts.entries[i].name), path;
		int e;

		if (!apt_reads(name, suffixes, COUNT(suffixes)))
			continue;
		path = arena_cat(run->c->arena, STR("/etc/apt/sources.list.d/"), name, STR(""));
		e = path.ptr ? read_apt_file(run, path.ptr) : -ENOMEM;
		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

static int collect_yum(struct run *run)
{
	struct rpm_repos repos;
	int r = rpm_repos_load(run->c, &repos);

	for (size_t i = 0; r >= 0 && i < repos.n; i++) {
		const struct rpm_repo *x = &repos.list[i];

		r = collect_row(run->c, &(struct package_repositories_row){
						.kind = STR("yum"),
						.uri = x->uri,
						.suite = x->id,
						.enabled = x->enabled,
						.verified = x->verified,
						.signed_by = x->signed_by,
						.security = x->security,
						.third_party = x->third_party,
						.encrypted = uri_encrypted(x->uri),
						.file = x->file,
						.line = x->line,
					});
	}
	return r;
}

/* ".../alpine/v3.18/main": branch and component are the last two parts. */
static int add_apk(struct run *run, struct str uri, bool enabled, unsigned line)
{
	struct package_repositories_row row = {
		.kind = STR("apk"),
		.uri = uri_public(run->c->arena, uri),
		.enabled = enabled,
		.verified = !run->insecure,
		.encrypted = uri_encrypted(uri),
		.file = str_of(run->file),
		.line = line,
	};
	struct str path = uri_path(uri);
	ssize_t slash = str_rfind(path, '/');
	bool official;

	if (slash > 0) {
		row.components = str_sub(path, (size_t)slash + 1, path.len);
		row.suite = str_basename(str_sub(path, 0, (size_t)slash));
	}
	official = host_of_distribution(uri_host(uri)) || str_glob(STR("*/alpine/*/main"), path) ||
		   str_glob(STR("*/alpine/*/community"), path);
	row.third_party = !official;
	row.security = official && (str_eq(row.components, STR("main")) ||
				    str_eq(row.components, STR("community")));
	return collect_row(run->c, &row);
}

static int read_apk(struct collect *c, const char *path, struct str text, void *user)
{
	struct run *run = user;
	struct str line, word;
	unsigned at = 0;

	run->file = path;
	while (str_line(&text, &line, &at)) {
		bool enabled = true;
		int r = 0;

		if (line.len && memchr(line.ptr, 0, line.len))
			return damaged(c, path, -EBADMSG, at);
		line = str_trim(line);
		while (line.len && line.ptr[0] == '#') {
			enabled = false;
			line = str_trim(str_sub(line, 1, line.len));
		}
		word = str_word(&line);
		if (word.len && word.ptr[0] == '@') /* a tag: apk-repositories(5) */
			word = str_word(&line);
		if (word.len && (str_contains(word, STR("://")) || (enabled && *word.ptr == '/')))
			r = add_apk(run, word, enabled, at);
		if (r < 0)
			return r;
	}
	return 0;
}

static int collect_apk(struct run *run)
{
	struct str text, line;
	int r = collect_read(run->c, "/etc/apk/config", &text, NULL);

	run->insecure = false;
	while (r == 1 && str_line(&text, &line, NULL))
		run->insecure |= str_eq(str_trim(line), STR("allow-untrusted"));
	if (r < 0)
		return r;
	r = collect_read(run->c, "/etc/apk/repositories", &text, NULL);
	if (r == 1)
		r = read_apk(run->c, "/etc/apk/repositories", text, run);
	if (r < 0)
		return r;
	return collect_dropins(run->c, "/etc/apk/repositories.d", ".list", read_apk, run);
}

static int collect(struct collect *c)
{
	struct run run = { .c = c };
	int r = collect_apt(&run);

	if (r == 0)
		r = collect_yum(&run);
	return r == 0 ? collect_apk(&run) : r;
}

const struct collector collector_package_repositories = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
