/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm's packages against what dnf, yum or zypper have fetched of their repositories. */
#include "base/buf.h"
#include "facts/linux/package_db.h"
#include "facts/linux/pending.h"
#include "facts/linux/rpm_db.h"
#include "facts/linux/rpm_locks.h"
#include "facts/linux/rpm_modules.h"
#include "facts/linux/rpm_scan.h"
#include "vuln/version.h"

#define OFFERS_MAX 1'000'000
#define WORDS_MAX ((size_t)1 << 20)

struct offer {
	struct str arch, evr, source;
	const struct rpm_repo *repo;
	bool newer, locked, free; /* see choose() */
	struct offer *next;
};
struct fix {
	struct str id, arch, evr, cves;
	int64_t issued;
	struct fix *next;
};
/* Of several versions that are installed side by side (kernels) the newest. */
struct installed {
	struct str name, arch, evr, source, source_version;
	struct installed *next; /* of the same name */
	struct offer *offers;
	struct fix *fixes;
};

struct run {
	struct collect *c;
	struct rpm_repos repos;
	struct rpm_modules modules;
	struct rpm_locks locks;
	struct installed **list;
	size_t n, cap, offers;
	struct map names;            /* of struct installed * */
	const struct rpm_repo *repo; /* that is being read */
	struct str advisory;         /* the last one, and the CVEs in it */
	struct str cves;
};

static bool same_arch(struct str a, struct str b)
{
	return str_eq(a, b) || str_eq(a, STR("noarch")) || str_eq(b, STR("noarch"));
}

static struct installed *find(const struct run *run, struct str name, struct str arch)
{
	const uint64_t *first = map_get(&run->names, name);
	struct installed *i = first ? map_pointer(*first) : NULL;

	while (i && !str_eq(i->arch, arch))
		i = i->next;
	return i;
}

static int fill(struct arena *a, const struct package *p, struct installed *i)
{
	i->evr = arena_str(a, p->version);
	i->source = arena_str(a, p->source);
	i->source_version = arena_str(a, p->source_version);
	return i->evr.ptr && i->source.ptr && i->source_version.ptr ? 0 : -ENOMEM;
}

static int add_installed(const struct package *p, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	struct installed *i;
	uint64_t *same;
	int r;

	/* Keys stand in the database as packages. */
	if (str_eq(p->name, STR("gpg-pubkey")))
		return 0;
	i = find(run, p->name, p->arch);
	if (i)
		return version_rpm(p->version, i->evr) > 0 ? fill(a, p, i) : 0;
	i = arena_new(a, struct installed);
	if (!i)
		return -ENOMEM;
	*i = (struct installed){ .name = arena_str(a, p->name), .arch = arena_str(a, p->arch) };
	r = i->name.ptr && i->arch.ptr ? fill(a, p, i) : -ENOMEM;
	if (r < 0)
		return r;
	same = map_get(&run->names, i->name);
	if (same)
		i->next = map_pointer(*same);
	r = map_put(&run->names, i->name, (uintptr_t)i);
	return r < 0 ? r : arena_push(a, run->list, run->n, run->cap, i);
}

static int add_offer(struct run *run, struct installed *i, const struct offer *offer)
{
	struct offer *o = arena_new(run->c->arena, struct offer);

	if (!o)
		return -ENOMEM;
	if (++run->offers > OFFERS_MAX)
		return -E2BIG;
	*o = *offer;
	o->next = i->offers;
	i->offers = o;
	return 0;
}

/* Older ones count as well: their repository hides others of a lower priority. */
static int each_offer(const struct rpm_offer *o, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	const uint64_t *first = map_get(&run->names, o->name);
	struct offer offer = { .evr = rpm_evr(a, o->epoch, o->version, o->release),
			       .arch = arena_str(a, o->arch),
			       .source = arena_str(a, o->source),
			       .repo = run->repo };
	int r = offer.evr.ptr && offer.arch.ptr && offer.source.ptr ? 0 : -ENOMEM;

	for (struct installed *i = first ? map_pointer(*first) : NULL; r >= 0 && i; i = i->next)
		if (same_arch(i->arch, o->arch))
			r = add_offer(run, i, &offer);
	return r;
}

static int cves_of(struct run *run, const struct rpm_fix *f)
{
	if (run->advisory.ptr && str_eq(run->advisory, f->id))
		return 0;
	run->advisory = arena_str(run->c->arena, f->id);
	run->cves = rpm_advisory_cves(run->c->arena, f->text);
	return run->advisory.ptr && run->cves.ptr ? 0 : -ENOMEM;
}

static int add_fix(struct run *run, struct installed *i, const struct rpm_fix *f, struct str evr)
{
	struct arena *a = run->c->arena;
	struct fix *x = arena_new(a, struct fix);
	int r = x ? cves_of(run, f) : -ENOMEM;

	if (r < 0)
		return r;
	if (++run->offers > OFFERS_MAX)
		return -E2BIG;
	*x = (struct fix){ .id = run->advisory,
			   .cves = run->cves,
			   .arch = arena_str(a, f->package.arch),
			   .evr = arena_str(a, evr),
			   .issued = f->issued,
			   .next = i->fixes };
	i->fixes = x;
	return x->arch.ptr && x->evr.ptr ? 0 : -ENOMEM;
}

static int each_fix(const struct rpm_fix *f, void *user)
{
	struct run *run = user;
	const uint64_t *first = map_get(&run->names, f->package.name);
	struct arena buffer = { .limit = 64 << 10 };
	struct str evr;
	int r = 0;

	if (!f->security)
		return 0;
	evr = rpm_evr(&buffer, f->package.epoch, f->package.version, f->package.release);
	if (!evr.ptr)
		r = -ENOMEM;
	for (struct installed *i = first ? map_pointer(*first) : NULL; r >= 0 && i; i = i->next)
		if (same_arch(i->arch, f->package.arch) && version_rpm(evr, i->evr) > 0)
			r = add_fix(run, i, f, evr);
	arena_release(&buffer);
	return r;
}

static int report(struct collect *c, const struct rpm_data *d, int r, uint64_t size)
{
	if (r == -ENOMEM || r == -E2BIG)
		return r;
	if (r < 0)
		collect_problem(c, r, d->path.ptr, "%s",
				r == -EFBIG     ? "is longer than any list of packages"
				: r == -EBADMSG ? "is damaged or cut off"
						: collect_error(r));
	else if (d->size >= 0 && size != (uint64_t)d->size)
		collect_problem(c, EBADMSG, d->path.ptr, "has %llu bytes, repomd.xml says %lld",
				(unsigned long long)size, (long long)d->size);
	return 0;
}

static int read_packages(struct run *run, const struct rpm_repo *repo)
{
	struct rpm_scan scan = { .names = &run->names, .fn = each_offer, .user = run };
	bool xml = repo->primary.path.ptr;
	const struct rpm_data *d = xml ? &repo->primary : &repo->database;
	own(close_fd) int fd = -1;
	uint64_t size = 0;
	struct stat st;
	int r = root_open_file(run->c->root, d->path.ptr, &st, &fd);

	run->repo = repo;
	if (r >= 0)
		r = xml ? rpm_scan_file(&scan, fd, &size) : rpm_scan_database(&scan, fd, &size);
	if (scan.bad)
		collect_problem(run->c, EBADMSG, d->path.ptr, "%zu entries cannot be understood",
				scan.bad);
	return report(run->c, d, r, size);
}

static int read_fixes(struct run *run, const struct rpm_repo *repo)
{
	struct rpm_fixes fixes = { .names = &run->names, .fn = each_fix, .user = run };
	const struct rpm_data *d = &repo->advisories;
	own(close_fd) int fd = -1;
	uint64_t size = 0;
	struct stat st;
	int r = root_open_file(run->c->root, d->path.ptr, &st, &fd);

	run->advisory = (struct str){};
	if (r >= 0)
		r = rpm_fixes_file(&fixes, fd, &size);
	if (fixes.bad)
		collect_problem(run->c, EBADMSG, d->path.ptr, "%zu advisories cannot be understood",
				fixes.bad);
	return report(run->c, d, r, size);
}

static bool is_there(const struct rpm_repo *repo)
{
	return repo->primary.path.ptr || repo->database.path.ptr;
}

static int read_repo(struct run *run, const struct rpm_repo *repo)
{
	int r;

	if (!is_there(repo)) {
		if (repo->security)
			collect_problem(run->c, ENOENT, NULL,
					"the packages of the repository %.*s were never fetched",
					STR_FMT(repo->id));
		return 0;
	}
	r = rpm_modules_read(&run->modules, repo);
	if (r >= 0)
		r = read_packages(run, repo);
	if (r >= 0 && repo->advisories.path.ptr)
		r = read_fixes(run, repo);
	return r;
}

static int read_repos(struct run *run)
{
	size_t present = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < run->repos.n; i++) {
		const struct rpm_repo *repo = &run->repos.list[i];

		if (!repo->enabled)
			continue;
		present += is_there(repo);
		r = read_repo(run, repo);
	}
	if (r >= 0 && !present)
		collect_problem(run->c, ENOENT, NULL,
				run->repos.n ? "no list of packages was ever fetched (makecache)"
					     : "no source of packages is configured");
	return r;
}

/* Whether dnf looks at it at all: 1, 0; -ENOMEM. */
static int is_shown(const struct run *run, const struct installed *i, const struct offer *o)
{
	struct arena buffer = { .limit = 64 << 10 };
	struct str key = arena_fmt(&buffer, "%.*s %.*s %.*s", STR_FMT(i->name), STR_FMT(o->arch),
				   STR_FMT(o->evr));
	int r = !key.ptr ? -ENOMEM
			 : o->repo->hotfixes || rpm_modules_show(&run->modules, i->name, key);

	arena_release(&buffer);
	return r;
}

static bool is_excluded(const struct run *run, const struct rpm_named *p,
			const struct rpm_repo *repo)
{
	return rpm_named_in(p, run->repos.excludes) || rpm_named_in(p, repo->excludes) ||
	       (repo->includes.len && !rpm_named_in(p, repo->includes));
}

struct choice {
	const struct offer *all;  /* the newest, whatever the owner says */
	const struct offer *free; /* the newest that nothing keeps back */
	bool locked;
};

static void prefer(const struct offer **best, const struct offer *o)
{
	if (!*best || version_rpm(o->evr, (*best)->evr) > 0)
		*best = o;
}

/* Repositories of a better priority hide what others have of a name. */
static int choose(const struct run *run, const struct installed *i, struct choice *ret)
{
	struct choice x = {};
	int64_t best = INT64_MAX;

	for (struct offer *o = i->offers; o; o = o->next) {
		const struct rpm_named p = { i->name, o->arch, o->evr };
		int r = is_shown(run, i, o);

		if (r < 0)
			return r;
		o->newer = version_rpm(o->evr, i->evr) > 0;
		o->locked = rpm_locks_keep(&run->locks, &p);
		o->free = r && !o->locked && !is_excluded(run, &p, o->repo);
		if (o->free)
			best = MIN(best, o->repo->priority);
		if (r && o->newer)
			prefer(&x.all, o);
	}
	for (const struct offer *o = i->offers; o; o = o->next) {
		if (o->newer && o->free && o->repo->priority == best)
			prefer(&x.free, o);
		x.locked |= o == x.all && o->locked;
	}
	*ret = x;
	return 0;
}

/* Words, each once. */
struct words {
	struct buf text;
	struct map seen;
};

static void words_release(struct words *w)
{
	buf_release(&w->text);
	map_release(&w->seen);
}

static int add_word(struct words *w, struct str word)
{
	int r;

	if (map_get(&w->seen, word))
		return 0;
	r = map_put(&w->seen, word, 1);
	if (w->text.len)
		buf_putc(&w->text, ' ');
	buf_str(&w->text, word);
	return r < 0 ? r : w->text.error;
}

/* Advisories on versions up to the candidate's, of its architecture. */
static int add_fixes(struct run *run, const struct installed *i, const struct offer *o,
		     struct pending *out)
{
	own(words_release) struct words ids = { .text = BUF(WORDS_MAX) };
	own(words_release) struct words cves = { .text = BUF(WORDS_MAX) };
	struct arena *a = run->c->arena;
	int r = 0;

	out->fixed = STR("");
	for (const struct fix *f = i->fixes; r >= 0 && f; f = f->next) {
		struct str list = f->cves, cve;

		if (version_rpm(f->evr, o->evr) > 0 || !str_eq(f->arch, o->arch))
			continue;
		out->security = 1;
		if (!out->fixed.len || version_rpm(f->evr, out->fixed) > 0)
			out->fixed = f->evr;
		if (f->issued != FACT_UNKNOWN &&
		    (out->issued == FACT_UNKNOWN || f->issued < out->issued))
			out->issued = f->issued;
		r = add_word(&ids, f->id);
		while (r >= 0 && (cve = str_word(&list)).len)
			r = add_word(&cves, cve);
	}
	out->advisories = arena_str(a, buf_view(&ids.text));
	out->cves = arena_str(a, buf_view(&cves.text));
	return r < 0 ? r : out->advisories.ptr && out->cves.ptr ? 0 : -ENOMEM;
}

static int judge(struct run *run, const struct installed *i)
{
	struct pending out = { .name = i->name,
			       .arch = i->arch,
			       .format = STR("rpm"),
			       .source = i->source,
			       .source_version = i->source_version,
			       .installed = i->evr,
			       .state = STR("missing"),
			       .issued = FACT_UNKNOWN };
	const struct offer *o;
	struct choice x;
	struct str name;
	int r = choose(run, i, &x);

	if (r < 0 || !x.all)
		return r;
	o = x.free ? x.free : x.all;
	if (!x.free)
		out.state = x.locked ? STR("held") : STR("pinned");
	out.candidate = out.source_candidate = o->evr;
	rpm_split_source(o->source, &name, &out.source_candidate);
	out.suite = o->repo->id;
	out.repository = o->repo->uri;
	/* Without advisories a repository does not say what an update is for. */
	out.security = o->repo->advisories.path.ptr ? 0 : FACT_UNKNOWN;
	r = add_fixes(run, i, o, &out);
	return r < 0 ? r : pending_add(run->c, &out);
}

static int run_all(struct run *run, bool *ret_any)
{
	struct collect *c = run->c;
	int r = package_db_of(c, "rpm", add_installed, run);

	if (r < 0 || !run->n)
		return r;
	*ret_any = true;
	r = rpm_repos_load(c, &run->repos);
	if (r >= 0)
		r = rpm_repos_find(c, &run->repos);
	if (r >= 0)
		r = rpm_locks_load(c, &run->locks);
	if (r >= 0)
		r = read_repos(run);
	if (r >= 0)
		r = rpm_modules_choose(&run->modules);
	for (size_t i = 0; r >= 0 && i < run->n; i++)
		r = judge(run, run->list[i]);
	return r;
}

int pending_rpm(struct collect *c, bool *ret_any)
{
	struct run run = { .c = c, .modules = { .c = c } };
	int r;

	run.modules.names = &run.names;
	r = run_all(&run, ret_any);
	rpm_modules_release(&run.modules);
	map_release(&run.names);
	return r;
}

static int count(const struct package *p, void *user)
{
	(void)p;
	++*(size_t *)user;
	return 0;
}

int indexes_rpm(struct collect *c, bool *ret_any)
{
	struct rpm_repos repos;
	size_t n = 0;
	int r = package_db_of(c, "rpm", count, &n);

	if (r < 0 || !n)
		return r;
	*ret_any = true;
	r = rpm_repos_load(c, &repos);
	if (r >= 0)
		r = rpm_repos_find(c, &repos);
	for (size_t i = 0; r >= 0 && i < repos.n; i++) {
		const struct rpm_repo *x = &repos.list[i];
		struct package_index row = {
			.manager = x->manager,
			.repository = x->uri,
			.suite = x->id,
			.path = x->primary.path.ptr ? x->primary.path : x->database.path,
			.security = x->security,
			.third_party = x->third_party,
			.present = is_there(x),
			.priority = x->priority,
			.date = x->date,
			.valid_until = FACT_UNKNOWN,
			.fetched = x->fetched,
		};

		r = x->enabled ? package_index_add(c, &row) : 0;
	}
	return r;
}
