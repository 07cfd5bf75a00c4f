/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has become of one path, against what was known of it. */
#include <stdio.h>
#include <time.h>

#include "sensor/integrity_work.h"

static int64_t now_micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1000;
}

static int emit(struct fim *f, struct fim_change *c)
{
	c->time = now_micros();
	c->offline = f->offline;
	f->status.changes++;
	return f->fn ? f->fn(f->user, c) : 0;
}

int fim_gap(struct fim *f, const char *action, struct str path, const char *text)
{
	struct fim_change c = { .what = FIM_GAP,
				.class = FIM_SELF,
				.severity = 2,
				.path = path,
				.action = action,
				.subject = path };
	struct arena_mark mark = arena_mark(&f->arena);
	int r;

	c.text = arena_cat(&f->arena, path, path.len ? STR(": ") : STR(""), str_of(text));
	r = c.text.ptr ? emit(f, &c) : -ENOMEM;
	arena_rewind(&f->arena, mark);
	return r;
}

static bool is_regular(const struct fim_state *s) { return S_ISREG(s->mode); }

static bool same_content(const struct fim_state *a, const struct fim_state *b)
{
	if ((a->mode & S_IFMT) != (b->mode & S_IFMT))
		return false;
	if (S_ISDIR(a->mode))
		return true;
	if (a->hashed && b->hashed && a->partly == b->partly)
		return a->size == b->size && !memcmp(a->sha256, b->sha256, sizeof a->sha256);
	return a->size == b->size && a->mtime == b->mtime;
}

static bool same_rights(const struct fim_state *a, const struct fim_state *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid;
}

static bool same_times(const struct fim_state *a, const struct fim_state *b)
{
	return a->inode == b->inode && a->mtime == b->mtime && a->ctime == b->ctime;
}

static bool is_suid(const struct fim_state *s)
{
	return is_regular(s) && s->mode & (S_ISUID | S_ISGID) && s->mode & 0111;
}

/* What the databases say of the bytes that are there. */
static int judge(struct fim *f, struct str path, const struct fim_look *l, struct fim_change *c)
{
	const struct fim_digest *d;
	unsigned char got[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int r = fim_packages_refresh(&f->packages, &f->root);

	if (r < 0)
		return r;
	d = l->present && is_regular(&l->state) ? fim_packages_find(&f->packages, path) : NULL;
	if (!d)
		return 0;
	c->package = str_of(fim_package_name(&f->packages, d));
	c->origin = d->conffile ? FIM_ORIGIN_CONFFILE : FIM_ORIGIN_DIFFERS;
	if (d->n == 32 && l->state.hashed && !l->state.partly) {
		if (!memcmp(d->bytes, l->state.sha256, 32))
			c->origin = FIM_ORIGIN_PACKAGE;
		return 0;
	}
	if (fim_digest_path(f, path,
			    d->n == 16   ? f->md5
			    : d->n == 32 ? f->sha256
					 : f->sha1,
			    got, &n) &&
	    n == d->n && !memcmp(got, d->bytes, n))
		c->origin = FIM_ORIGIN_PACKAGE;
	return 0;
}

static unsigned weigh(const struct fim_change *c, const struct fim_pattern *p)
{
	unsigned severity = p->severity >= 0
				    ? (unsigned)p->severity
				    : fim_class_severity(c->class, c->what == FIM_CREATED ||
									   c->what == FIM_MOVED);

	if (c->class == FIM_SCRATCH || c->what == FIM_WRITTEN)
		return 0;
	/* Its rights are not what a package's digest speaks of. */
	if (c->what == FIM_META)
		return c->after && is_suid(c->after) && c->before && !is_suid(c->before)
			       ? MAX(severity, 4U)
			       : MIN(severity, 2U);
	if (c->what == FIM_DELETED && c->class != FIM_PRELOAD)
		return MIN(severity, 2U);
	if (c->origin == FIM_ORIGIN_PACKAGE)
		return 0;
	if (c->origin == FIM_ORIGIN_DIFFERS)
		return MAX(severity, 3U);
	return c->process.manager && severity ? severity - 1 : severity;
}

static int tell_diffs(struct fim *f, const struct fim_change *c, struct str before,
		      struct str after)
{
	struct fim_diff *list = NULL;
	size_t n = 0;
	int r = fim_items_diff(fim_kind_of(c->class, c->path), before, after, c->path, c->account,
			       c->class, &f->arena, &list, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct fim_change one = *c;

		one.what = list[i].what;
		one.action = list[i].action;
		one.severity =
			c->origin == FIM_ORIGIN_PACKAGE
				? 0
				: list[i].severity - (c->process.manager && list[i].severity);
		one.subject = list[i].subject;
		one.text = list[i].text;
		r = emit(f, &one);
	}
	return r;
}

/* Puts what was seen in the place of what was known, and tells the journal. */
static int learn(struct fim *f, struct fim_record *rec, const struct fim_look *l, bool good)
{
	int r;

	if (rec->present && l->present && same_content(&rec->state, &l->state) &&
	    same_rights(&rec->state, &l->state) && same_times(&rec->state, &l->state))
		return 0;
	r = f->started || f->had_base ? fim_record_keep(rec) : 0;
	if (r < 0)
		return r;
	rec->state = l->present ? l->state : rec->state;
	fim_table_present(&f->table, rec, l->present);
	if (good || (rec->accepted && rec->accepted->present == l->present &&
		     (!l->present || (same_content(&rec->accepted->state, &l->state) &&
				      same_rights(&rec->accepted->state, &l->state)))))
		fim_record_accept(rec);
	r = fim_record_set_items(rec, l->present ? l->items : STR(""));
	if (r == 0 && f->base.journal >= 0 && !f->unrecorded && fim_base_append(&f->base, rec) < 0)
		f->status.journal_errors++;
	f->status.files = f->table.present;
	if (!rec->present && !rec->accepted)
		fim_table_remove(&f->table, rec);
	return r;
}

static enum fim_what kind_of_change(const struct fim_visit *v, const struct fim_record *rec,
				    const struct fim_look *l, bool *ret_any)
{
	*ret_any = true;
	if (!l->present)
		return FIM_DELETED;
	if (!rec->present)
		return v->old_path.len ? FIM_MOVED : FIM_CREATED;
	if (!same_content(&rec->state, &l->state))
		return FIM_CHANGED;
	if (!same_rights(&rec->state, &l->state))
		return FIM_META;
	*ret_any = !S_ISDIR(l->state.mode) &&
		   (v->hints & (FIM_HINT_WRITTEN | FIM_HINT_MOVED_HERE | FIM_HINT_CREATED));
	return FIM_WRITTEN;
}

/* A file that came and went between two looks: Sigma's rules may know the name. */
static int tell_fleeting(struct fim *f, const struct fim_visit *v, struct fim_change *c)
{
	int r = 0;

	c->severity = 0;
	if (v->hints & (FIM_HINT_CREATED | FIM_HINT_MOVED_HERE)) {
		c->what = FIM_CREATED;
		r = emit(f, c);
	}
	if (r == 0 && v->hints & (FIM_HINT_DELETED | FIM_HINT_MOVED_AWAY)) {
		c->what = FIM_DELETED;
		r = emit(f, c);
	}
	return r;
}

static bool is_draft(struct str path)
{
	return str_ends(path, STR(".dpkg-new")) || str_ends(path, STR(".dpkg-tmp"));
}

static enum fim_class class_of(const struct fim_pattern *p, const struct fim_look *l)
{
	return l->present && is_suid(&l->state) ? FIM_SUID : (enum fim_class)p->class;
}

/* A folder is no sudoers file: what is put into it will be told. */
static void name_folder(struct fim_change *c)
{
	const struct fim_state *s = c->after ? c->after : c->before;

	if (!s || !S_ISDIR(s->mode) || c->what == FIM_META)
		return;
	if (c->what == FIM_CREATED || c->what == FIM_MOVED)
		c->action = "folder-created";
	else if (c->what == FIM_DELETED)
		c->action = "folder-deleted";
	c->severity = MIN(c->severity, 1U);
}

static int tell(struct fim *f, const struct fim_visit *v, const struct fim_pattern *p,
		struct fim_record *rec, const struct fim_look *l)
{
	struct fim_state before = rec->state;
	struct fim_change c = { .path = v->path,
				.old_path = v->old_path,
				.class = class_of(p, l),
				.before = rec->present ? &before : NULL,
				.after = l->present ? &l->state : NULL,
				.account = fim_key_account(f, v->path) };
	struct str items = rec->n_items
				   ? arena_str(&f->arena, (struct str){ rec->items, rec->n_items })
				   : STR("");
	bool any;
	int r = 0;

	c.what = kind_of_change(v, rec, l, &any);
	if (rec->present && !l->present && is_suid(&before))
		c.class = FIM_SUID;
	c.process.uid = -1;
	if (v->process)
		c.process = *v->process;
	if (any && l->present && c.what != FIM_WRITTEN)
		r = judge(f, v->path, l, &c);
	c.severity = weigh(&c, p);
	if (any)
		name_folder(&c);
	rec->class = (uint8_t)(class_of(p, l) == FIM_SUID ? p->class : c.class);
	if (r == 0)
		r = learn(f, rec, l, c.origin == FIM_ORIGIN_PACKAGE && c.what != FIM_META);
	if (r < 0 || !any)
		return r;
	r = emit(f, &c);
	c.class = (enum fim_class)p->class;
	if (r == 0 && c.what != FIM_META)
		r = tell_diffs(f, &c, items, l->items);
	/* What it leads to counts from now on. */
	if (r == 0 && f->started && l->present && S_ISLNK(l->state.mode))
		r = fim_follow(f, v->path, (enum fim_class)p->class);
	return r;
}

/* What is there at the first look is taken for good, unless a package says otherwise. */
static int take_for_good(struct fim *f, const struct fim_visit *v, struct fim_record *rec,
			 const struct fim_look *l)
{
	struct fim_change c = { .what = FIM_CHANGED,
				.class = (enum fim_class)rec->class,
				.path = v->path,
				.after = &l->state,
				.process.uid = -1 };
	int r = f->packages_only || f->judge_first ? judge(f, v->path, l, &c) : 0;

	if (r == 0)
		r = learn(f, rec, l, true);
	if (r < 0 || c.origin == FIM_ORIGIN_UNKNOWN || c.origin == FIM_ORIGIN_PACKAGE ||
	    (c.origin == FIM_ORIGIN_CONFFILE && !f->packages_only))
		return r;
	c.severity = c.origin == FIM_ORIGIN_CONFFILE ? 1 : 3;
	return emit(f, &c);
}

static const struct fim_pattern *suid_pattern(const struct fim *f, const struct fim_look *l)
{
	static const struct fim_pattern suid = { .class = FIM_SUID, .severity = -1 };

	return f->config->suid && l->present && is_suid(&l->state) ? &suid : NULL;
}

static int look(struct fim *f, const struct fim_visit *v, enum fim_class class,
		const struct fim_record *rec, struct fim_look *ret)
{
	/* A comparison that was asked for does not believe what the times of a file say. */
	bool hash =
		!v->hints || v->hints & (FIM_HINT_WRITTEN | FIM_HINT_CREATED | FIM_HINT_MOVED_HERE);

	return v->dir >= 0 ? fim_look(f, v->dir, v->name, class, v->path, rec, hash, ret)
			   : fim_look_path(f, v->path, class, rec, hash, ret);
}

/* In /tmp and its like: what is new, and what runs as its owner from now on. */
#define SCRATCH_HINTS (FIM_HINT_CREATED | FIM_HINT_MOVED_HERE | FIM_HINT_META)

/* Downloads are told, and not remembered. */
static int tell_scratch(struct fim *f, const struct fim_visit *v, const struct fim_look *l,
			struct fim_change *c)
{
	struct fim_visit only = *v;

	if (!f->started)
		return 0;
	only.hints &= FIM_HINT_CREATED | FIM_HINT_MOVED_HERE;
	c->after = l->present ? &l->state : NULL;
	return tell_fleeting(f, &only, c);
}

/* The baseline is full: who filled it must not have blinded us. Told, and not remembered. */
static int tell_beyond(struct fim *f, const struct fim_visit *v, const struct fim_pattern *p,
		       const struct fim_look *l)
{
	struct fim_record *rec;
	int r = 0;

	if (!f->status.full) {
		f->status.full = true;
		r = fim_gap(f, "full", v->path,
			    "more files than files-max: new ones are told again at every start");
	}
	if (r < 0 || (!f->started && !f->had_base))
		return r;
	r = fim_table_add(&f->table, v->path, (enum fim_class)p->class, &rec);
	if (r < 0)
		return r;
	f->unrecorded = true;
	r = tell(f, v, p, rec, l);
	f->unrecorded = false;
	rec = fim_table_find(&f->table, v->path);
	if (rec)
		fim_table_remove(&f->table, rec);
	return r;
}

/* What was looked at falls under a pattern; rec: NULL where it is not known yet. */
static int tell_look(struct fim *f, const struct fim_visit *v, const struct fim_pattern *p,
		     struct fim_record *rec, const struct fim_look *l)
{
	struct fim_change c = { .path = v->path, .class = (enum fim_class)p->class };
	int r = 0;

	c.process.uid = -1;
	if (v->process)
		c.process = *v->process;
	if (p->class == FIM_SCRATCH && !is_suid(&l->state))
		return tell_scratch(f, v, l, &c);
	/* Drafts of a package manager are nobody's business. */
	if (!l->present && (!rec || !rec->present))
		return v->settled || is_draft(v->path) ? 0 : tell_fleeting(f, v, &c);
	if (!rec && f->table.n >= f->config->files_max)
		return tell_beyond(f, v, p, l);
	if (!rec)
		r = fim_table_add(&f->table, v->path, (enum fim_class)p->class, &rec);
	if (r < 0)
		return r;
	rec->round = f->round;
	return f->started || f->had_base ? tell(f, v, p, rec, l) : take_for_good(f, v, rec, l);
}

static int visit(struct fim *f, const struct fim_visit *v)
{
	const struct fim_pattern *p = fim_patterns_find(&f->patterns, v->path);
	struct fim_record *rec = fim_table_find(&f->table, v->path);
	const struct fim_pattern as_known = { .class = rec ? rec->class : 0, .severity = -1 };
	bool scratch = p && p->class == FIM_SCRATCH;
	struct fim_look l = { .items = STR("") };
	int r;

	if (scratch && !rec && !(v->hints & SCRATCH_HINTS))
		return 0;
	if (((p && !scratch) || rec) && fim_must_wait(f, v))
		return fim_hold_back(f, v);
	r = look(f, v, p ? (enum fim_class)p->class : FIM_SUID, rec, &l);
	if (r < 0 || (l.unreadable && !l.present))
		return r;
	if (l.later && f->status.pending < FIM_WAITING_MAX)
		return fim_hold_back(f, v);
	if (!p && rec)
		p = &as_known;
	if (!p) {
		p = suid_pattern(f, &l);
		if (p && fim_must_wait(f, v))
			return fim_hold_back(f, v);
	}
	return p ? tell_look(f, v, p, rec, &l) : 0;
}

int fim_visit(struct fim *f, const struct fim_visit *v)
{
	struct arena_mark mark = arena_mark(&f->arena);
	struct fim_visit own_path = *v;
	int r;

	/* The record that it may have come from can go. */
	own_path.path = arena_str(&f->arena, v->path);
	r = own_path.path.ptr ? visit(f, &own_path) : -ENOMEM;
	arena_rewind(&f->arena, mark);
	return r;
}
