/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apk-repositories(5), apk-world(5), and where the cache has the indexes. */
#include "facts/linux/apk_index.h"

#include <openssl/sha.h>

#include "facts/linux/repository.h"
#include "vuln/version.h"

struct loader {
	struct collect *c;
	struct apk_repos x;
	struct str arch;
};

static struct str cache_path(struct loader *l, const char *dir, const unsigned char *hash)
{
	return arena_fmt(l->c->arena, "%s/APKINDEX.%02x%02x%02x%02x.tar.gz", dir, hash[0], hash[1],
			 hash[2], hash[3]);
}

/* apk 2 names the file by SHA-1 of the address, apk 3 by SHA-256 of the index's. */
static int find_cached(struct loader *l, struct apk_repo *repo, struct str index)
{
	static const char *const dirs[] = { "/etc/apk/cache", "/var/cache/apk" };
	unsigned char old[SHA_DIGEST_LENGTH], new[SHA256_DIGEST_LENGTH];
	struct stat st;

	SHA1((const unsigned char *)repo->uri.ptr, repo->uri.len, old);
	SHA256((const unsigned char *)index.ptr, index.len, new);
	for (size_t i = 0; i < 2 * COUNT(dirs); i++) {
		struct str path = cache_path(l, dirs[i / 2], i % 2 ? old : new);

		if (!path.ptr)
			return -ENOMEM;
		if (root_stat(l->c->root, path.ptr, &st) < 0 || !S_ISREG(st.st_mode) ||
		    (repo->path.ptr && st.st_mtime <= repo->fetched))
			continue;
		repo->path = path;
		repo->fetched = st.st_mtime;
	}
	return 0;
}

/* A folder of this machine is its own index. */
static int find_local(struct loader *l, struct apk_repo *repo, struct str index)
{
	struct stat st;

	if (str_starts(index, STR("file://")))
		index = str_sub(index, strlen("file://"), index.len);
	if (root_stat(l->c->root, index.ptr, &st) == 0 && S_ISREG(st.st_mode)) {
		repo->path = index;
		repo->fetched = st.st_mtime;
	}
	return 0;
}

static bool is_local(struct str uri)
{
	return str_starts(uri, STR("/")) || str_starts(uri, STR("file:///"));
}

/* ".../alpine/v3.18/main": branch and component are the last two parts. */
static void set_place(struct apk_repo *repo)
{
	struct str path = uri_path(repo->uri);
	ssize_t slash = str_rfind(path, '/');

	repo->branch = repo->component = STR("");
	if (slash > 0) {
		repo->component = str_sub(path, (size_t)slash + 1, path.len);
		repo->branch = str_basename(str_sub(path, 0, (size_t)slash));
	}
	repo->third_party = !host_of_distribution(uri_host(repo->uri)) &&
			    !str_glob(STR("*/alpine/*/main"), path) &&
			    !str_glob(STR("*/alpine/*/community"), path);
}

static int add(struct loader *l, struct str tag, struct str uri)
{
	struct apk_repo repo = { .tag = tag, .fetched = FACT_UNKNOWN };
	struct str slash = str_ends(uri, STR("/")) ? STR("") : STR("/"), index;
	int r;

	if (l->x.n >= APK_REPOS_MAX)
		return -E2BIG;
	repo.uri = arena_str(l->c->arena, uri);
	index = arena_fmt(l->c->arena, "%.*s%.*s%.*s/APKINDEX.tar.gz", STR_FMT(uri), STR_FMT(slash),
			  STR_FMT(l->arch));
	if (!repo.uri.ptr || !index.ptr)
		return -ENOMEM;
	set_place(&repo);
	r = is_local(uri) ? find_local(l, &repo, index) : find_cached(l, &repo, index);
	if (r < 0)
		return r;
	repo.uri = uri_public(l->c->arena, repo.uri);
	return repo.uri.ptr ? arena_push(l->c->arena, l->x.list, l->x.n, l->x.cap, repo) : -ENOMEM;
}

static int read_list(struct collect *c, const char *path, struct str text, void *user)
{
	struct loader *l = user;
	struct str line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str word = str_word(&line), tag = STR("");

		if (word.len && word.ptr[0] == '@') {
			tag = word;
			word = str_word(&line);
		}
		if (word.len && word.ptr[0] != '#' && !memchr(word.ptr, 0, word.len))
			r = add(l, tag, word);
	}
	if (r == -E2BIG) {
		collect_problem(c, r, path, "too many repositories");
		r = 0;
	}
	return r;
}

int apk_repos_load(struct collect *c, struct apk_repos *ret)
{
	static const char path[] = "/etc/apk/repositories";
	struct loader l = { .c = c };
	struct str text;
	int r = collect_read(c, "/etc/apk/arch", &text, NULL);

	l.arch = r == 1 ? str_word(&text) : STR("");
	if (r >= 0 && !l.arch.len)
		l.arch = STR("x86_64");
	if (r >= 0)
		r = collect_read(c, path, &text, NULL);
	if (r == 1)
		r = read_list(c, path, text, &l);
	if (r >= 0)
		r = collect_dropins(c, "/etc/apk/repositories.d", ".list", read_list, &l);
	if (r >= 0)
		*ret = l.x;
	return MIN(r, 0);
}

static bool is_relation(char c) { return c == '<' || c == '>' || c == '=' || c == '~'; }

int apk_want_parse(struct str word, struct apk_want *ret)
{
	struct apk_want w = { .tag = STR(""), .relation = STR(""), .version = STR("") };
	size_t n = 0, k;
	ssize_t at;

	while (n < word.len && !is_relation(word.ptr[n]) && word.ptr[n] != '@')
		n++;
	for (k = n; k < word.len && is_relation(word.ptr[k]);)
		k++;
	w.name = str_sub(word, 0, n);
	w.relation = str_sub(word, n, k);
	w.version = str_sub(word, k, word.len);
	at = str_find(w.version, '@');
	if (at >= 0) {
		w.tag = str_sub(w.version, (size_t)at, w.version.len);
		w.version.len = (size_t)at;
	}
	if (!w.name.len || w.relation.len > 3 || (w.relation.len > 0) != (w.version.len > 0))
		return -EBADMSG;
	*ret = w;
	return 0;
}

bool apk_want_allows(const struct apk_want *w, struct str version)
{
	bool less = str_find(w->relation, '<') >= 0, greater = str_find(w->relation, '>') >= 0;
	bool equal = str_find(w->relation, '=') >= 0, like = str_find(w->relation, '~') >= 0;
	int d;

	if (!w->relation.len)
		return true;
	/* "~1.2" is 1.2 and what begins with it; "><" names one build by its checksum. */
	if (like && str_starts(version, w->version) &&
	    (version.len == w->version.len || strchr(".-_", version.ptr[w->version.len])))
		return true;
	if (less && greater)
		return false;
	d = version_apk(version, w->version);
	return (less && d < 0) || (greater && d > 0) || (equal && d == 0);
}
