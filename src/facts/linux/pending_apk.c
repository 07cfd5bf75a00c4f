/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apk's packages against the indexes that it has fetched. */
#include "facts/linux/apk_index.h"
#include "facts/linux/package_db.h"
#include "facts/linux/pending.h"
#include "vuln/version.h"

#define OFFERS_MAX 1'000'000
#define WANTS_MAX 65'536

struct offer {
	struct str version, source;
	const struct apk_repo *repo;
	struct offer *next;
};
struct installed {
	struct str name, arch, version, source;
	struct offer *offers;
};

struct run {
	struct collect *c;
	struct apk_repos repos;
	struct installed **list;
	size_t n, cap, offers;
	struct map names; /* of struct installed * */
	struct map wants; /* of struct apk_want * */
	size_t n_wants;
	const struct apk_repo *repo; /* that is being read */
};

static int add_installed(const struct package *p, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	struct installed *i = arena_new(a, struct installed);
	int r;

	if (!i)
		return -ENOMEM;
	*i = (struct installed){ .name = arena_str(a, p->name),
				 .arch = arena_str(a, p->arch),
				 .version = arena_str(a, p->version),
				 .source = arena_str(a, p->source) };
	if (!i->name.ptr || !i->arch.ptr || !i->version.ptr || !i->source.ptr)
		return -ENOMEM;
	r = map_put(&run->names, i->name, (uintptr_t)i);
	return r < 0 ? r : arena_push(a, run->list, run->n, run->cap, i);
}

static int each_offer(const struct apk_offer *o, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	const uint64_t *at = map_get(&run->names, o->name);
	struct installed *i = at ? map_pointer(*at) : NULL;
	struct offer *x;

	if (!i || version_apk(o->version, i->version) <= 0)
		return 0;
	x = arena_new(a, struct offer);
	if (!x)
		return -ENOMEM;
	if (++run->offers > OFFERS_MAX)
		return -E2BIG;
	*x = (struct offer){ .version = arena_str(a, o->version),
			     .source = arena_str(a, o->source),
			     .repo = run->repo,
			     .next = i->offers };
	i->offers = x;
	return x->version.ptr && x->source.ptr ? 0 : -ENOMEM;
}

static int read_index(struct run *run, const struct apk_repo *repo)
{
	struct apk_scan scan = { .names = &run->names, .fn = each_offer, .user = run };
	struct collect *c = run->c;
	own(close_fd) int fd = -1;
	struct stat st;
	int r = root_open_file(c->root, repo->path.ptr, &st, &fd);

	run->repo = repo;
	if (r >= 0)
		r = apk_scan_file(&scan, fd);
	if (r == -ENOMEM || r == -E2BIG)
		return r;
	if (r < 0)
		collect_problem(c, r, repo->path.ptr, "%s",
				r == -EBADMSG ? "is damaged, cut off, or no index of apk 2"
					      : collect_error(r));
	else if (scan.bad)
		collect_problem(c, EBADMSG, repo->path.ptr, "%zu entries cannot be understood",
				scan.bad);
	return 0;
}

static int read_indexes(struct run *run)
{
	size_t present = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < run->repos.n; i++) {
		const struct apk_repo *repo = &run->repos.list[i];

		present += repo->path.ptr != NULL;
		if (repo->path.ptr)
			r = read_index(run, repo);
		else if (!repo->third_party)
			collect_problem(run->c, ENOENT, NULL, "the index of %.*s was never fetched",
					STR_FMT(repo->uri));
	}
	if (r >= 0 && !present)
		collect_problem(run->c, ENOENT, "/var/cache/apk",
				run->repos.n ? "no package index was ever fetched (apk update)"
					     : "no source of packages is configured");
	return r;
}

static int read_world(struct run *run)
{
	struct collect *c = run->c;
	struct str text, word;
	int r = collect_read(c, "/etc/apk/world", &text, NULL);

	if (r != 1)
		return r;
	while (r >= 0 && run->n_wants < WANTS_MAX && (word = str_word(&text)).len) {
		struct apk_want *w = arena_new(c->arena, struct apk_want);

		if (!w)
			return -ENOMEM;
		if (word.ptr[0] == '!' || apk_want_parse(word, w) < 0)
			continue;
		run->n_wants++;
		r = map_put(&run->wants, w->name, (uintptr_t)w);
	}
	return MIN(r, 0);
}

static bool is_newer(const struct offer *o, const struct offer *than)
{
	return !than || version_apk(o->version, than->version) > 0;
}

static int judge(struct run *run, const struct installed *i)
{
	const uint64_t *at = map_get(&run->wants, i->name);
	const struct apk_want *w = at ? map_pointer(*at) : NULL;
	const struct offer *all = NULL, *free = NULL, *o;

	for (o = i->offers; o; o = o->next) {
		/* What a tag brings is there for those alone who ask for it. */
		if (o->repo->tag.len && (!w || !str_eq(w->tag, o->repo->tag)))
			continue;
		if (is_newer(o, all))
			all = o;
		if ((!w || apk_want_allows(w, o->version)) && is_newer(o, free))
			free = o;
	}
	if (!all)
		return 0;
	o = free ? free : all;
	return pending_add(run->c, &(struct pending){
					   .name = i->name,
					   .arch = i->arch,
					   .format = STR("apk"),
					   .source = i->source,
					   .source_version = i->version,
					   .installed = i->version,
					   .candidate = o->version,
					   .source_candidate = o->version,
					   .suite = o->repo->branch,
					   .repository = o->repo->uri,
					   .state = free ? STR("missing") : STR("held"),
					   .security = FACT_UNKNOWN,
					   .issued = FACT_UNKNOWN,
				   });
}

static int run_all(struct run *run, bool *ret_any)
{
	struct collect *c = run->c;
	int r = package_db_of(c, "apk", add_installed, run);

	if (r < 0 || !run->n)
		return r;
	*ret_any = true;
	r = apk_repos_load(c, &run->repos);
	if (r >= 0)
		r = read_world(run);
	if (r >= 0)
		r = read_indexes(run);
	for (size_t i = 0; r >= 0 && i < run->n; i++)
		r = judge(run, run->list[i]);
	return r;
}

int pending_apk(struct collect *c, bool *ret_any)
{
	struct run run = { .c = c };
	int r = run_all(&run, ret_any);

	map_release(&run.names);
	map_release(&run.wants);
	return r;
}

static int count(const struct package *p, void *user)
{
	(void)p;
	++*(size_t *)user;
	return 0;
}

int indexes_apk(struct collect *c, bool *ret_any)
{
	struct apk_repos repos;
	size_t n = 0;
	int r = package_db_of(c, "apk", count, &n);

	if (r < 0 || !n)
		return r;
	*ret_any = true;
	r = apk_repos_load(c, &repos);
	for (size_t i = 0; r >= 0 && i < repos.n; i++) {
		const struct apk_repo *x = &repos.list[i];

		r = package_index_add(c, &(struct package_index){
						 .manager = STR("apk"),
						 .repository = x->uri,
						 .suite = x->branch,
						 .component = x->component,
						 .path = x->path,
						 .present = x->path.ptr != NULL,
						 .security = !x->third_party,
						 .third_party = x->third_party,
						 .date = FACT_UNKNOWN,
						 .valid_until = FACT_UNKNOWN,
						 .fetched = x->fetched,
					 });
	}
	return r;
}
