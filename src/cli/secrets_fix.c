/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets --fix: a change like those of `fix`, in the same journal. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli/fix.h"
#include "cli/secrets.h"

#define MARK "********" /* what stands in a secret's place */

bool secrets_can_rewrite(const struct report_item *i)
{
	return (i->r.flags & FILE_HISTORY) && i->r.len && i->r.mode;
}

/* Only where nobody else has any business: a site's settings may be read by its server's group. */
bool secrets_can_close(const struct report_item *i, uint32_t *ret_mode)
{
	bool key = !strcmp(i->r.kind, "private-key");

	if (!((i->r.flags & FILE_PRIVATE) || (key && str_contains(i->path, STR("/.ssh/")))) ||
	    !(i->r.mode & 077))
		return false;
	*ret_mode = i->r.mode & 07700;
	return true;
}

struct work {
	struct root root;
	struct root_over over;
	struct arena arena;
	struct plan plan;
	size_t failed;
};

static void work_release(struct work *w)
{
	root_over_release(&w->over);
	root_release(&w->root);
	arena_release(&w->arena);
}

/* ---- planning ----------------------------------------------------------------------------------- */

/* It is what was looked at. */
static bool is_same(const struct work *w, const char *path, const struct report_record *r)
{
	struct stat st;

	return root_lstat(&w->root, path, &st) >= 0 && st.st_dev == r->device &&
	       st.st_ino == r->inode && (uint64_t)st.st_size == r->size &&
	       st.st_mtim.tv_sec == r->mtime && st.st_mtim.tv_nsec == r->mtime_ns &&
	       (st.st_mode & 07777) == (r->mode & 07777);
}

/* Secrets are sorted and disjoint. *ret: how many were replaced. */
static int replace(const struct report_item *list, size_t n, struct str old, struct buf *out,
		   size_t *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct report_record *r = &list[i].r;

		if (!secrets_can_rewrite(&list[i]))
			continue;
		if (r->offset < at || r->offset > old.len || r->len > old.len - r->offset)
			return -ESTALE;
		buf_str(out, str_sub(old, at, r->offset));
		buf_puts(out, MARK);
		at = r->offset + r->len;
		++*ret;
	}
	buf_str(out, str_sub(old, at, old.len));
	return out->error;
}

static int rewrite(struct work *w, const char *path, const struct report_item *list, size_t n,
		   uint32_t mode)
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct plan *p = &w->plan;
	struct str old, what;
	size_t count = 0, before = p->n;
	int r = plan_read(p, path, &old, NULL);

	if (r >= 0)
		r = replace(list, n, old, &out, &count);
	if (r < 0)
		return r;
	what = arena_fmt(&w->arena, "rewrite %s: %zu secret%s replaced by " MARK, path, count,
			 count == 1 ? "" : "s");
	r = what.ptr ? plan_file(p, path, buf_view(&out), mode, CHANGE_KEEP, CHANGE_KEEP, what.ptr)
		     : -ENOMEM;
	if (r >= 0 && p->n > before)
		p->list[p->n - 1].grows = true;
	return r;
}

static int close_file(struct work *w, const char *path, uint32_t is, uint32_t mode)
{
	struct str what = arena_fmt(&w->arena, "chmod %04o %s (is %04o)", mode, path, is & 07777);

	return what.ptr ? plan_attributes(&w->plan, path, mode, CHANGE_KEEP, CHANGE_KEEP, what.ptr)
			: -ENOMEM;
}

static int plan_path(struct work *w, const char *path, const struct report_item *list, size_t n)
{
	uint32_t mode = CHANGE_KEEP;
	bool any = false, shut = false;

	for (size_t i = 0; i < n; i++)
		any = any || secrets_can_rewrite(&list[i]);
	for (size_t i = 0; i < n && !shut; i++)
		shut = secrets_can_close(&list[i], &mode);
	if (!any && !shut)
		return 0;
	if (!is_same(w, path, &list->r))
		return -ESTALE;
	return any ? rewrite(w, path, list, n, mode) : close_file(w, path, list->r.mode, mode);
}

/* One file, which `n` findings lie in. What cannot be changed is said, and the others are. */
static int plan_one(struct work *w, const struct report_item *list, size_t n)
{
	char shown[2048], why[600];
	const char *named = arena_cstr(&w->arena, list->path);
	size_t mark = w->over.n;
	struct str path;
	int r;

	if (!named)
		return -ENOMEM;
	/* Where the file is by another name: links in its way are resolved now, not when it is opened. */
	if (root_realpath(&w->root, named, &w->arena, &path) < 0)
		return 0;
	w->plan.cannot = NULL;
	r = plan_path(w, path.ptr, list, n);
	if (r >= 0 || r == -ENOMEM)
		return r;
	root_over_rewind(&w->over, mark);
	w->failed++;
	if (w->plan.cannot)
		cli_error("left as it is: %s", text_safe(str_of(w->plan.cannot), why, sizeof why));
	else
		cli_error("left as it is: %s: %s", text_safe(path, shown, sizeof shown),
			  r == -ESTALE ? "has changed since it was looked at" : strerror(-r));
	w->plan.cannot = NULL;
	return 0;
}

static int make_plan(struct work *w, const struct secrets_list *l)
{
	int r = 0;

	w->arena.limit = FIX_ARENA;
	w->over.arena.limit = FIX_ARENA;
	w->root.over = &w->over;
	w->plan = (struct plan){
		.arena = &w->arena,
		.root = &w->root,
		.check = "secrets",
		.title = "Secrets are taken out of histories, private files are closed to others",
	};
	for (size_t i = 0, n; r >= 0 && i < l->n; i += n) {
		for (n = 1; i + n < l->n && str_eq(l->items[i].path, l->items[i + n].path);)
			n++;
		r = plan_one(w, &l->items[i], n);
	}
	return r;
}

static void show_plan(const struct plan *p, FILE *to)
{
	char shown[4096];

	for (size_t i = 0; i < p->n; i++)
		fprintf(to, "%s\n", text_safe(str_of(p->list[i].what), shown, sizeof shown));
}

/* ---- doing -------------------------------------------------------------------------------------- */

static int apply(struct work *w, const char *root)
{
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct entry e = { .made = time(NULL) };
	struct diag d = {};
	char shown[600];
	int code = fix_open_journal(&w->root, true, &j), r;

	if (code != EXIT_OK)
		return code;
	session_self(&e.session);
	/* What is read from now on is what is there. */
	w->root.over = NULL;
	r = changelog_add(&j, &w->plan, &w->arena, &e, &d);
	if (r >= 0)
		r = entry_apply(&j, &e, &w->arena, &d);
	if (r < 0) {
		cli_error("nothing was changed: %s", diag_text(&d, shown, sizeof shown));
		return EXIT_FAILED;
	}
	fprintf(stderr, "%zu of %zu files changed; undo: holdfast undo %u%s%s\n", w->plan.n,
		w->plan.n + w->failed, e.id, root ? " --root " : "",
		root ? text_safe(str_of(root), shown, sizeof shown) : "");
	return w->failed ? EXIT_FAILED : EXIT_OK;
}

int secrets_fix_all(const struct secrets_fix *f, const struct secrets_list *l)
{
	struct work own(work_release) w = { .root = ROOT_NONE };
	int code = fix_open_root(f->root, &w.root), r;

	if (code != EXIT_OK)
		return code;
	r = make_plan(&w, l);
	if (r < 0) {
		cli_error("secrets: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (!w.plan.n) {
		if (!w.failed)
			fprintf(stderr, "There is nothing that --fix may change.\n");
		return w.failed ? EXIT_FAILED : l->n ? EXIT_FINDINGS : EXIT_OK;
	}
	show_plan(&w.plan, f->json ? stderr : stdout);
	fflush(stdout);
	code = fix_confirm(f->yes, "--fix", "Change this?");
	return code == EXIT_OK ? apply(&w, f->root) : code;
}
