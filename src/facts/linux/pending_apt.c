/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dpkg's packages against the indexes of APT. */
#include "facts/linux/apt_policy.h"
#include "facts/linux/apt_scan.h"
#include "facts/linux/package_db.h"
#include "facts/linux/pending.h"
#include "facts/linux/repository.h"
#include "vuln/version.h"

#define OFFERS_MAX 1'000'000

struct node {
	struct apt_offer offer;
	struct node *next;
};
struct installed {
	struct str name, arch, version, source, source_version;
	bool hold;
	struct installed *next; /* of the same name */
	struct node *offers;
	size_t n;
};

struct run {
	struct collect *c;
	struct apt_indexes indexes;
	struct apt_policy policy;
	struct installed **list;
	size_t n, cap, offers;
	struct map names; /* of struct installed * */
	size_t index;     /* that is being read */
};

/* A package "all" is one of the machine's own architecture to APT. */
static struct str arch_of(const struct run *run, struct str arch)
{
	return str_eq(arch, STR("all")) ? run->indexes.native : arch;
}

static int add_installed(const struct package *p, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	struct installed *i;
	uint64_t *same;

	if (!p->installed || !str_eq(p->format, STR("deb")))
		return 0;
	i = arena_new(a, struct installed);
	if (!i)
		return -ENOMEM;
	*i = (struct installed){
		.name = arena_str(a, p->name),
		.arch = arena_str(a, p->arch),
		.version = arena_str(a, p->version),
		.source = arena_str(a, p->source),
		.source_version = arena_str(a, p->source_version),
		.hold = p->hold,
	};
	if (!i->name.ptr || !i->arch.ptr || !i->version.ptr || !i->source.ptr ||
	    !i->source_version.ptr)
		return -ENOMEM;
	same = map_get(&run->names, i->name);
	if (same)
		i->next = map_pointer(*same);
	if (map_put(&run->names, i->name, (uintptr_t)i) < 0)
		return -ENOMEM;
	return arena_push(a, run->list, run->n, run->cap, i);
}

/* What is offered is mostly what is installed: its text is there already. */
static struct str share(struct arena *a, struct str s, struct str known)
{
	return str_eq(s, known) ? known : arena_str(a, s);
}

static int add_offer(struct run *run, struct installed *i, const struct apt_stanza *s)
{
	struct arena *a = run->c->arena;
	struct node *n;

	if (++run->offers > OFFERS_MAX)
		return -E2BIG;
	n = arena_new(a, struct node);
	if (!n)
		return -ENOMEM;
	n->offer = (struct apt_offer){
		.version = share(a, s->version, i->version),
		.source = share(a, s->source, i->source),
		.phased = s->phased,
		.index = run->index,
	};
	n->offer.source_version = share(a, s->source_version, n->offer.version);
	if (!n->offer.version.ptr || !n->offer.source.ptr || !n->offer.source_version.ptr)
		return -ENOMEM;
	n->next = i->offers;
	i->offers = n;
	i->n++;
	return 0;
}

static int each_stanza(const struct apt_stanza *s, void *user)
{
	struct run *run = user;
	const uint64_t *first = map_get(&run->names, s->name);
	struct str arch = arch_of(run, s->arch);
	int r = 0;

	for (struct installed *i = first ? map_pointer(*first) : NULL; i && r >= 0; i = i->next)
		if (str_eq(arch_of(run, i->arch), arch))
			r = add_offer(run, i, s);
	return r;
}

static int read_index(struct run *run, const struct apt_index *x)
{
	struct apt_scan scan = { .names = &run->names, .fn = each_stanza, .user = run };
	struct collect *c = run->c;
	own(close_fd) int fd = -1;
	uint64_t size = 0;
	struct stat st;
	int r = root_open_file(c->root, x->path.ptr, &st, &fd);

	if (r < 0) {
		collect_problem(c, r, x->path.ptr, "%s", collect_error(r));
		return 0;
	}
	r = apt_scan_file(&scan, fd, &size);
	if (r == -ENOMEM || r == -E2BIG)
		return r;
	if (r < 0)
		collect_problem(c, r, x->path.ptr,
				r == -EFBIG ? "is longer than any index" : "is damaged or cut off");
	else if (x->size >= 0 && size != (uint64_t)x->size)
		collect_problem(c, EBADMSG, x->path.ptr,
				"has %llu bytes, its release file says %lld",
				(unsigned long long)size, (long long)x->size);
	else if (size && scan.bad == scan.stanzas)
		collect_problem(c, EBADMSG, x->path.ptr, "is no package index");
	else if (scan.bad)
		collect_problem(c, EBADMSG, x->path.ptr, "%zu entries cannot be understood",
				scan.bad);
	return 0;
}

static int newest_first(const void *x, const void *y)
{
	const struct apt_offer *a = x, *b = y;
	int d = version_deb(b->version, a->version);

	return d ? d : (a->index > b->index) - (a->index < b->index);
}

/* The newest version in a security suite, newer than what is installed and at most `most`. */
static const struct apt_offer *security_offer(const struct run *run, const struct apt_package *p,
					      const struct str *most)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct apt_offer *o = &p->offers[i];

		if (version_deb(o->version, p->installed) <= 0)
			break;
		if (run->indexes.list[o->index].security &&
		    (!most || version_deb(o->version, *most) <= 0))
			return o;
	}
	return NULL;
}

/* Of the indexes that have the version: a security suite before all others. */
static const struct apt_index *origin(const struct run *run, const struct apt_package *p,
				      const struct apt_offer *o)
{
	const struct apt_index *best = &run->indexes.list[o->index];
	const struct apt_offer *end = p->offers + p->n;
	struct str version = o->version;

	for (; o < end && version_deb(o->version, version) == 0; o++) {
		const struct apt_index *x = &run->indexes.list[o->index];

		if (x->security && !best->security)
			best = x;
	}
	return best;
}

/* A security update before it ends the wait: IsSecurityUpdate() of apt-pkg/depcache.cc. */
static bool waits(const struct run *run, const struct apt_package *p, const struct apt_offer *o)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct apt_index *x = &run->indexes.list[p->offers[i].index];

		if (version_deb(p->offers[i].version, o->version) < 0 &&
		    version_deb(p->offers[i].version, p->installed) > 0 &&
		    str_ends(x->release.archive, STR("-security")))
			return false;
	}
	/* Of several indexes that have the version, one may not say how many machines get it. */
	for (size_t i = 0; i < p->n; i++)
		if (version_deb(p->offers[i].version, o->version) == 0 &&
		    apt_waits(&run->policy, &p->offers[i]))
			return true;
	return false;
}

static int judge(struct run *run, const struct installed *i)
{
	struct apt_offer *offers = arena_array(run->c->arena, i->n, sizeof *offers);
	struct apt_package p = { i->name, arch_of(run, i->arch), i->version, offers, i->n };
	const struct apt_offer *o, *fix;
	const struct apt_index *x;
	struct pending out = { .name = i->name,
			       .arch = i->arch,
			       .format = STR("deb"),
			       .source = i->source,
			       .source_version = i->source_version,
			       .installed = i->version,
			       .state = STR("missing"),
			       .issued = FACT_UNKNOWN };
	size_t n = 0;

	if (!i->n)
		return 0;
	if (!offers)
		return -ENOMEM;
	for (const struct node *k = i->offers; k; k = k->next)
		offers[n++] = k->offer;
	qsort(offers, n, sizeof *offers, newest_first);
	o = apt_candidate(&run->policy, &p);
	if (o && version_deb(o->version, i->version) <= 0)
		o = NULL;
	fix = security_offer(run, &p, o ? &o->version : NULL);
	if (!o && !fix)
		return 0;
	if (!o)
		out.state = STR("pinned");
	else if (i->hold)
		out.state = STR("held");
	else if (waits(run, &p, o))
		out.state = STR("phased");
	o = o ? o : fix;
	x = origin(run, &p, o);
	out.candidate = o->version;
	out.source_candidate = o->source_version;
	out.suite = x->suite;
	out.repository = uri_public(run->c->arena, x->uri);
	out.security = fix != NULL;
	out.fixed = fix ? fix->version : STR("");
	return out.repository.ptr ? pending_add(run->c, &out) : -ENOMEM;
}

/* What is not there cannot be compared with: of the distribution's own indexes that is a gap. */
static int read_indexes(struct run *run)
{
	size_t present = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < run->indexes.n; i++) {
		const struct apt_index *x = &run->indexes.list[i];

		present += x->path.ptr != NULL;
		if (!x->path.ptr && x->security)
			collect_problem(run->c, ENOENT, NULL,
					"the index of %.*s %.*s was never fetched",
					STR_FMT(x->suite), STR_FMT(x->component));
		run->index = i;
		if (x->path.ptr)
			r = read_index(run, x);
	}
	if (r >= 0 && !present)
		collect_problem(run->c, ENOENT, "/var/lib/apt/lists",
				run->indexes.n ? "no package index was ever fetched (apt update)"
					       : "no source of packages is configured");
	return r;
}

static bool has_apt(struct collect *c)
{
	struct stat st;

	return root_stat(c->root, "/var/lib/dpkg/status", &st) == 0;
}

int pending_apt(struct collect *c, bool *ret_any)
{
	struct run run = { .c = c };
	struct apt_conf conf;
	int r;

	if (!has_apt(c))
		return 0;
	*ret_any = true;
	r = apt_conf_load(c, &conf);
	if (r >= 0)
		r = apt_indexes_load(c, &conf, &run.indexes);
	if (r >= 0)
		r = apt_policy_load(c, &conf, &run.indexes, &run.policy);
	if (r >= 0)
		r = package_db_each(c, add_installed, &run);
	if (r >= 0)
		r = read_indexes(&run);
	map_release(&run.names);
	for (size_t i = 0; r >= 0 && i < run.n; i++)
		r = judge(&run, run.list[i]);
	return r;
}

int indexes_apt(struct collect *c, bool *ret_any)
{
	struct apt_indexes indexes;
	struct apt_policy policy;
	struct apt_conf conf;
	int r;

	if (!has_apt(c))
		return 0;
	*ret_any = true;
	r = apt_conf_load(c, &conf);
	if (r >= 0)
		r = apt_indexes_load(c, &conf, &indexes);
	if (r >= 0)
		r = apt_policy_load(c, &conf, &indexes, &policy);
	for (size_t i = 0; r >= 0 && i < indexes.n; i++) {
		const struct apt_index *x = &indexes.list[i];
		struct package_index row = {
			.manager = STR("apt"),
			.repository = uri_public(c->arena, x->uri),
			.suite = x->suite,
			.component = x->component,
			.arch = x->arch,
			.path = x->path,
			.origin = x->release.origin,
			.label = x->release.label,
			.archive = x->release.archive,
			.codename = x->release.codename,
			.version = x->release.version,
			.security = x->security,
			.third_party = x->site.len && !host_of_distribution(x->site),
			.present = x->path.ptr != NULL,
			.priority = policy.priority[i],
			.date = x->release.date,
			.valid_until = x->check_valid ? x->release.valid_until : FACT_UNKNOWN,
			.fetched = x->fetched,
		};

		r = row.repository.ptr ? package_index_add(c, &row) : -ENOMEM;
	}
	return r;
}
